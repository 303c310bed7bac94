"""Copies of one experiment on one chip: each estimated by itself, and their mean."""

from analysis.copies.apart import Apart as Apart
from analysis.copies.apart import estimated as estimated
from analysis.copies.apart import methods_of_each as methods_of_each
from analysis.copies.apart import told_apart as told_apart
from analysis.copies.apart import why_summed as why_summed
from analysis.copies.copies import Copies as Copies
from analysis.copies.copies import How as How
from analysis.copies.copies import Pooled as Pooled
from analysis.copies.expected import CopiesMean as CopiesMean
from analysis.copies.expected import copies_mean as copies_mean
from analysis.copies.expected import expected_linear as expected_linear
from analysis.copies.expected import expected_mean as expected_mean
from analysis.copies.expected import expected_over_copies as expected_over_copies
from analysis.copies.expected import summed_counts as summed_counts
from analysis.copies.linear import OneCopy as OneCopy
from analysis.copies.linear import linear_of as linear_of
from analysis.copies.linear import smoothed as smoothed
from analysis.copies.mean import over_copies as over_copies
from analysis.copies.mitigated import MitigatedMean as MitigatedMean
from analysis.copies.mitigated import fitted_mean as fitted_mean
from analysis.copies.mitigated import mean_of_mitigated as mean_of_mitigated
from analysis.copies.mitigated import with_mitigated as with_mitigated
from analysis.copies.pooling import pooled_estimates as pooled_estimates
from analysis.copies.rows import tidy_copies as tidy_copies
from analysis.copies.summed import with_own_readout as with_own_readout
