"""Runs from files measured elsewhere."""
