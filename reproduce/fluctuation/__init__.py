"""Heat as a distribution: the numbers of this project, which no paper prints."""

from reproduce.fluctuation.paper import PAPER as PAPER
