"""An isolated spin that relaxes, fluctuates and revives: a chain that runs are laid over, and a spin among phonons."""

from reproduce.clos.paper import PAPER as PAPER
