r"""Thermo-majorisation: which populations one bath can take to which others, and which not.

Order the levels by falling p_i/g_i. The curve of p joins (0, 0) with the points (sum g_i, sum p_i) in that order; it is
concave and ends at (1, 1). A thermal contact that conserves energy takes p to q exactly where the curve of p is nowhere
below that of q (Horodecki and Oppenheim, Nat. Commun. 4, 2059 (2013); Brandao et al., PNAS 112, 3275 (2015), who let a
catalyst help, so that the free energies of all orders decide instead). Levels of equal energy make it majorisation.
"""

from __future__ import annotations

import itertools

import numpy as np

from protocols.types import Array

_COLDEST = 1e-300
"""Of thermal populations, so that one that leaves floating point can still be divided by."""


def thermo_majorisation_curve(p: Array, g: Array) -> tuple[Array, Array]:
    """The curve of populations, from (0, 0) to (1, 1).

    Args:
        p: Populations of the levels, (d,).
        g: Their thermal populations, (d,).

    Returns:
        Abscissas and ordinates of its d + 1 kinks.

    Examples:
        >>> x, y = thermo_majorisation_curve(np.array([0.05, 0.4, 0.55]), np.ones(3) / 3)
        >>> y.round(6).tolist()
        [0.0, 0.55, 0.95, 1.0]
    """
    p, g = np.asarray(p, dtype=float), np.maximum(np.asarray(g, dtype=float), _COLDEST)
    order = np.argsort(-p / g, kind="stable")
    return np.concatenate([[0.0], np.cumsum(g[order])]), np.concatenate([[0.0], np.cumsum(p[order])])


def majorisation_margin(p: Array, q: Array, g: Array) -> Array:
    """How far the curve of p stays above that of q, where it comes nearest: not below 0 where p may become q.

    Both curves are compared at the sums of the g_i of every set of levels but none and all. Among them are all kinks of
    the curve of q, between which the curve of p, being concave, can come no nearer; and as they do not depend on
    the order of the levels, the margin is a continuous function of p and q.

    Args:
        p: Populations before, (..., d).
        q: Populations after, (..., d).
        g: Thermal populations, shape that broadcasts.

    Returns:
        Values in [-1, 1], (...).

    Examples:
        >>> flat = np.ones(3) / 3
        >>> float(majorisation_margin(np.array([0.55, 0.4, 0.05]), np.array([0.7, 0.16, 0.14]), flat).round(6))
        -0.15
    """
    p, q, g = np.broadcast_arrays(*(np.asarray(one, dtype=float) for one in (p, q, np.maximum(g, _COLDEST))))
    d = g.shape[-1]
    sets = np.array([kept for kept in itertools.product((0.0, 1.0), repeat=d) if 0 < sum(kept) < d])
    x = g @ sets.T
    return (_height(p, g, x) - _height(q, g, x)).min(axis=-1)[()]


def _height(p: Array, g: Array, x: Array) -> Array:
    """The curves of populations, (..., d), at abscissas, (..., places)."""
    order = np.argsort(-p / g, axis=-1, kind="stable")
    p, g = (np.take_along_axis(one, order, axis=-1) for one in (p, g))
    begins = np.cumsum(g, axis=-1) - g
    covered = np.clip((x[..., :, None] - begins[..., None, :]) / g[..., None, :], 0.0, 1.0)
    return (covered * p[..., None, :]).sum(axis=-1)
