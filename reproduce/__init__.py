"""Figures of Holdsworth and Kawai and of Micadei et al., redrawn with our numbers beside the published ones."""

from reproduce.papers import PAPERS as PAPERS
from reproduce.papers import chosen as chosen
from reproduce.papers import paper as paper
from reproduce.redrawing import Reproduction as Reproduction
from reproduce.redrawing import reproduce as reproduce

__all__ = ["PAPERS", "Reproduction", "chosen", "paper", "reproduce"]

__part_of__ = "hotward"
"""By this `hotward.packages` tells it from a package of this name that another distribution brought."""
