"""Counts -> states: likelihood, its maximum with a certificate, other estimators."""
