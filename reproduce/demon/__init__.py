"""A demon that turns knowledge into work, and a bit that is erased at a price."""

from reproduce.demon.paper import PAPER as PAPER
