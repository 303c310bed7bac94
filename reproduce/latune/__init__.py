"""Heat that turns by internal coherence, after Latune, Sinayskiy and Petruccione."""

from reproduce.latune.paper import PAPER as PAPER
