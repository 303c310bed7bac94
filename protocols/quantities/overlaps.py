r"""How near states are to each other, and to a pure one: fidelity and purity."""

from __future__ import annotations

import numpy as np

from protocols.quantities.arguments import matching_pair, square
from protocols.quantities.roots import BATCH, matrix_root, roots_of_product
from protocols.types import Array


def purity(rho: Array) -> Array:
    r"""Purity, $\mathrm{Tr}\,\rho^2$ (Nielsen & Chuang, sec. 2.4).

    Args:
        rho: Density matrices, shape (..., d, d).

    Returns:
        Values in [1/d, 1], dimensionless, shape (...).

    Raises:
        ValueError: If the last two axes are not square.

    Examples:
        >>> float(purity(np.eye(4) / 4))
        0.25
    """
    return (np.abs(square(rho)) ** 2).sum((-2, -1))


def fidelity(rho: Array, sigma: Array, *, root: Array | None = None) -> Array:
    r"""Fidelity, squared: $F = \big(\mathrm{Tr}\sqrt{\sqrt\rho\,\sigma\sqrt\rho}\big)^2$.

    Uhlmann, Rep. Math. Phys. 9, 273 (1976); for pure states the squared overlap.

    Args:
        rho: Density matrices, shape (..., d, d).
        sigma: Density matrices, same d, leading axes that broadcast with those of `rho`.
        root: A with A A^+ = rho, if it is known already: spares an eigendecomposition.

    Returns:
        Values in [0, 1], dimensionless, shape (...); 1 if and only if equal.

    Raises:
        ValueError: If the last two axes are not square, or the shapes do not match.

    Examples:
        >>> round(float(fidelity(np.diag([1.0, 0.0]), np.eye(2) / 2)), 6)
        0.5
    """
    rho, sigma = matching_pair(rho, sigma)
    if root is None and rho.shape[-1] == 4 and rho.size >= 16 * BATCH:
        roots, known = roots_of_product(rho, sigma)
        value = roots.sum(-1) ** 2
        left, right = (np.broadcast_to(one, (*value.shape, 4, 4))[~known] for one in (rho, sigma))
        value[~known] = fidelity(left, right, root=matrix_root(left))
        return value
    left = matrix_root(rho) if root is None else root
    overlap = np.swapaxes(left.conj(), -1, -2) @ matrix_root(sigma)
    return np.linalg.svd(overlap, compute_uv=False).sum(-1) ** 2
