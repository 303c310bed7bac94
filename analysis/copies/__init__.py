"""Copies of one experiment on one chip: each estimated by itself, and their mean."""

from analysis.copies.copies import Copies as Copies
from analysis.copies.copies import How as How
from analysis.copies.copies import Pooled as Pooled
