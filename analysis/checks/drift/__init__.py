"""Rows of counts.csv from pass to pass, and the columns by which they are told apart."""

from analysis.checks.drift.between_passes import drift as drift
from analysis.checks.drift.columns import bit_columns as bit_columns
from analysis.checks.drift.columns import codes as codes
from analysis.checks.drift.columns import gaps_of as gaps_of
from analysis.checks.drift.columns import swept_columns as swept_columns
from analysis.checks.drift.columns import wires_of as wires_of
