"""Figures of Holdsworth and Kawai and of Micadei et al., redrawn with our numbers beside the published ones."""

from theory.reproduce._papers import PAPERS as PAPERS
from theory.reproduce._papers import chosen as chosen
from theory.reproduce._papers import paper as paper
from theory.reproduce._reproduce import Reproduction as Reproduction
from theory.reproduce._reproduce import reproduce as reproduce

__all__ = ["PAPERS", "Reproduction", "chosen", "paper", "reproduce"]
