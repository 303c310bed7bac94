"""Algorithmic cooling: a qubit colder than its bath, by compression, by correlations, and by teleported energy."""

from reproduce.rodriguez_briones.paper import PAPER as PAPER
