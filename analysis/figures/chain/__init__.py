"""A chain along its sites: what of it is where, and when."""

from analysis.figures.chain.sites import IN_SITES as IN_SITES
from analysis.figures.chain.sites import mapped as mapped
from analysis.figures.chain.sites import sites as sites
