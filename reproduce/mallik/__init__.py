"""Anomalous heat between two qubits, seen by measurements in the middle of a circuit."""

from reproduce.mallik.paper import PAPER as PAPER
