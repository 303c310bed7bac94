"""Generalised Caldeira-Leggett models: transport of a classical particle in a temperature field."""

from reproduce.valente.paper import PAPER as PAPER
