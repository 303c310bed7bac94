"""Figures of T. Holdsworth and R. Kawai, Phys. Rev. A 106, 062604 (2022), redrawn: one file a figure."""

from reproduce.holdsworth_kawai.memoryless import apart as apart
from reproduce.holdsworth_kawai.memoryless import memoryless as memoryless
from reproduce.holdsworth_kawai.paper import PAPER as PAPER
from reproduce.holdsworth_kawai.transients import numbers as numbers
from reproduce.holdsworth_kawai.transients import sampled as sampled
from reproduce.holdsworth_kawai.transients import transient as transient
