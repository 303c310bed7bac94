"""Copies of one experiment on one chip: each estimated by itself, and their mean."""

from analysis.copies.copies import Copies as Copies
from analysis.copies.copies import How as How
from analysis.copies.copies import Pooled as Pooled
from analysis.copies.expected import CopiesMean as CopiesMean
from analysis.copies.expected import copies_mean as copies_mean
from analysis.copies.expected import expected_linear as expected_linear
from analysis.copies.expected import expected_mean as expected_mean
from analysis.copies.expected import summed_counts as summed_counts
