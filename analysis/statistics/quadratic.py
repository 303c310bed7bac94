"""The chi-square of a vector whose covariance may be singular."""

from __future__ import annotations

import numpy as np

from protocols import Array

RANK = 1e-9
"""Directions of less relative variance are not there."""


def chi_square_and_rank(value: Array, covariance: Array) -> tuple[float, int]:
    """Chi-square of a vector against zero, in the directions in which it has a variance, and how many these are.

    Args:
        value: Shape (n,).
        covariance: Shape (n, n), in the square of the unit of the value; it may be singular.

    Returns:
        Chi-square and the rank of the covariance, which are its degrees of freedom.

    Examples:
        >>> chi_square, rank = chi_square_and_rank(np.array([3.0, 3.0]), np.ones((2, 2)))
        >>> round(chi_square, 6), rank
        (9.0, 1)
    """
    scale = np.sqrt(np.diagonal(covariance))
    scale = np.where(scale > 0, scale, np.inf)
    eigenvalues, vectors = np.linalg.eigh(covariance / scale[:, None] / scale[None, :])
    there = eigenvalues > RANK * max(eigenvalues.max(initial=0.0), 1e-300)
    along = (value / scale) @ vectors[:, there]
    return float((along**2 / eigenvalues[there]).sum()), int(there.sum())
