"""Batteries whose cells share a charger, after Ferraro et al."""

from reproduce.ferraro.paper import PAPER as PAPER
