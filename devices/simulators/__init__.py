"""Devices of this machine: exact probabilities, and Aer with or without noise."""

from devices.simulators.exact import Exact as Exact
from devices.simulators.expected import expected_counts as expected_counts
from devices.simulators.expected import known_probabilities as known_probabilities
from devices.simulators.expected import whole_counts as whole_counts
