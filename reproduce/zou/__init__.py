"""Heat between two walls, classical and quantum: what arXiv 2509.14027 is about, with models of this project."""

from reproduce.zou.paper import PAPER as PAPER
