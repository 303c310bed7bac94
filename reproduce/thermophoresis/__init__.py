"""A particle in a temperature gradient, after Matos, Werlang and Valente."""

from reproduce.thermophoresis.paper import PAPER as PAPER
