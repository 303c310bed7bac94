"""Heat flow reversed by the coherence of several spins, as an experiment in cascade measured it."""

from reproduce.huang.paper import PAPER as PAPER
