"""Devices of this machine: exact probabilities, and Aer with or without noise."""
