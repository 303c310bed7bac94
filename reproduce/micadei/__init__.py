"""Figures of K. Micadei et al., Nat. Commun. 10, 2456 (2019), redrawn."""

from reproduce.micadei.paper import PAPER as PAPER
