"""The papers of the field redrawn, with our numbers beside the published ones."""

from reproduce.papers import PAPERS as PAPERS
from reproduce.papers import chosen as chosen
from reproduce.papers import paper as paper
from reproduce.redrawing import Collection as Collection
from reproduce.redrawing import Reproduction as Reproduction
from reproduce.redrawing import reproduce as reproduce
from reproduce.redrawing import reproduce_all as reproduce_all

__all__ = ["PAPERS", "Collection", "Reproduction", "chosen", "paper", "reproduce", "reproduce_all"]

__part_of__ = "hotward"
"""By this `hotward.packages` tells it from a package of this name that another distribution brought."""
