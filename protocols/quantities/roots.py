r"""Square roots of states."""

from __future__ import annotations

import numpy as np

from protocols.types import Array

ROUNDING = 1e-14
"""Eigenvalues up to this size are rounding (eigh leaves 1e-16, a few matrix products 1e-15). They must not survive into
a square root, which would turn 1e-16 into 1e-8."""


def matrix_root(rho: Array) -> Array:
    r"""A with $A A^\dagger = \rho$; see `root_of`.

    Examples:
        >>> matrix_root(np.diag([0.0, 4.0])).tolist()
        [[0.0, 0.0], [0.0, 2.0]]
    """
    return root_of(*np.linalg.eigh(rho))


def root_of(values: Array, vectors: Array) -> Array:
    r"""A with $A A^\dagger = \rho$ from the eigenvalues and eigenvectors of $\rho$; rounding counts as zero.

    Args:
        values: Eigenvalues, shape (..., d).
        vectors: Eigenvectors as columns, shape (..., d, d).

    Returns:
        Matrices, shape (..., d, d).

    Examples:
        >>> root_of(np.array([0.0, 4.0]), np.eye(2)).tolist()
        [[0.0, 0.0], [0.0, 2.0]]
    """
    return vectors * np.sqrt(np.where(values > ROUNDING, values, 0.0))[..., None, :]
