"""Curves, comparisons and overlays of a figure; its picture, its files, the page of a paper."""
