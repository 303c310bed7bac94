"""Generalised least squares with a covariance that may join all values: what is left, and with which error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protocols import Array

RANK = 1e-8
"""Directions of a design with less than this of its largest singular value are not determined."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Residuals:
    """What a linear model leaves of some values."""

    chi_square: float
    rank: int
    """Parameters that the values determine."""
    left: Array
    """(n,) values less the model."""
    stderr: Array
    """(n,) its standard errors: smaller than those of the values, for the model has been fitted to them."""


def residuals(value: Array, covariance: Array, design: Array) -> Residuals:
    """The best linear model of some values, by whitening them.

    Args:
        value: Shape (n,).
        covariance: Shape (n, n), positive definite, in the square of the unit of the values.
        design: Shape (n, parameters); of less than full rank it may be.

    Examples:
        >>> found = residuals(np.array([1.0, 3.0]), np.eye(2), np.ones((2, 1)))
        >>> round(found.chi_square, 6), found.rank, found.left.round(6).tolist(), found.stderr.round(6).tolist()
        (2.0, 1, [-1.0, 1.0], [0.707107, 0.707107])
    """
    root = np.linalg.cholesky(covariance)
    white = np.linalg.solve(root, np.concatenate([design, value[:, None]], axis=1))
    across, seen = white[:, :-1], white[:, -1]
    size = np.linalg.norm(across, axis=0)
    u, s, _ = np.linalg.svd(across / np.where(size > 0, size, 1.0), full_matrices=False)
    basis = u[:, s > RANK * s.max(initial=0.0)]
    left = seen - basis @ (basis.T @ seen)
    variance = np.diagonal(covariance) - ((root @ basis) ** 2).sum(axis=1)
    return Residuals(
        chi_square=float(left @ left),
        rank=basis.shape[1],
        left=root @ left,
        stderr=np.sqrt(np.maximum(variance, 0.0)),
    )
