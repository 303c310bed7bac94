"""Heat, entropy and correlation of two qubits, counted together."""

from reproduce.bera.paper import PAPER as PAPER
