"""What a referee asks: is the model true, does what ought to vanish vanish, did anything drift."""

from analysis.checks.drift import drift as drift
from analysis.checks.every_check import checks as checks
from analysis.checks.linear import Linear as Linear
from analysis.checks.main_arm import moments_of_main_arm as moments_of_main_arm
from analysis.checks.warnings import warnings as warnings
