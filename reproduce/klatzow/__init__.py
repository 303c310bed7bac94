"""Engines that coherence makes stronger: a qubit that collides, and three levels in strokes."""

from reproduce.klatzow.paper import PAPER as PAPER
