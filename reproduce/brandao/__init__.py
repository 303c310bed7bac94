"""A second law for every order: what a thermal contact may do to a small system."""

from reproduce.brandao.paper import PAPER as PAPER
