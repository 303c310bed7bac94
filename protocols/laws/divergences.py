r"""Renyi divergences from a thermal distribution, and the free energies that they are.

A small system in contact with one bath obeys a law for every order: with g the thermal populations at the bath's T,

    F_alpha(p) - F_eq = T D_alpha(p || g),   D_alpha = ln(sum_i p_i^alpha g_i^(1 - alpha))/(alpha - 1),

does not rise (Brandao et al., PNAS 112, 3275 (2015); that these orders are all is from memory). alpha = 1 is the usual
free energy, T D = E - T S + T ln Z, the only one that large systems know. Natural logarithms throughout.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocols.types import Array

ORDERS: Mapping[str, float] = {"0": 0.0, "1/2": 0.5, "1": 1.0, "2": 2.0, "inf": np.inf}
"""The orders that tables show, by the name that they have there."""
_EMPTY = 1e-12
"""Of order 0, populations up to this are none: what rounding leaves of an empty level."""
_NEAR_ONE = 1e-7
"""Orders this close to 1 are 1: what the limit lacks there is less than what rounding takes away."""


def renyi_divergence(p: Array, g: Array, alpha: float) -> Array:
    r"""Renyi divergence, $D_\alpha(p\|g) = \frac{1}{\alpha-1}\ln\sum_i p_i^\alpha g_i^{1-\alpha}$, of order 0 to inf.

    The limits are $D_0 = -\ln\sum_{p_i>0} g_i$, $D_1 = \sum_i p_i\ln(p_i/g_i)$ and $D_\infty = \ln\max_i p_i/g_i$ (van
    Erven and Harremoes, IEEE Trans. Inf. Theory 60, 3797 (2014)). $D_0$ jumps where a population becomes 0.

    Args:
        p: Populations, (..., d); negative ones, which estimates may have, count as 0 and the others as their shares.
        g: What they are compared with, shape that broadcasts.
        alpha: The order, 0 to inf.

    Returns:
        Values in [0, inf], in nats, (...); NaN where a population is.

    Raises:
        ValueError: For an order below 0.

    Examples:
        >>> flat = np.ones(3) / 3
        >>> [float(renyi_divergence(np.array([0.7, 0.15, 0.15]), flat, order).round(6)) for order in (1, 2, np.inf)]
        [0.279804, 0.473124, 0.741937]
    """
    with np.errstate(divide="ignore"):
        return _from_logarithms(np.asarray(p, dtype=float), np.log(np.asarray(g, dtype=float)), alpha)


def renyi_free_energy(p: Array, energies: Array, T: Array | float, alpha: float) -> Array:
    r"""Free energy of one order above equilibrium, $F_\alpha - F_{eq} = T D_\alpha(p\|g)$, $g_i = e^{-E_i/T}/Z$.

    Args:
        p: Populations of the levels, (..., d).
        energies: Of the levels, (d,) or any shape that broadcasts.
        T: Temperature of the bath in the unit of the energies over $k_B$; (...) or a shape that broadcasts.
        alpha: The order, 0 to inf.

    Returns:
        Values of at least 0, in the unit of the energies, (...); NaN where T is not above 0 and finite.

    Examples:
        >>> before, after = np.array([0.1, 0.9]), np.array([0.9566293, 0.0433707])  # a ladder of four levels
        >>> [float((renyi_free_energy(p, np.array([0.0, 1.0]), 0.8, 2) / 0.8).round(6)) for p in (before, after)]
        [1.294739, 0.170399]
    """
    T = np.where((np.asarray(T) > 0) & np.isfinite(T), T, np.nan)
    # by the lowest level, so that no bath is too cold for floating point
    over = -np.asarray(energies, dtype=float) / T[..., None]
    return T * _from_logarithms(np.asarray(p, dtype=float), over - _log_sum(over)[..., None], alpha)


def gibbs_populations(energies: Array, T: Array | float) -> Array:
    r"""Thermal populations of any levels, $g_i = e^{-E_i/T}/Z$.

    Args:
        energies: Of the levels, (d,) or any shape that broadcasts.
        T: Temperature, not 0, (...).

    Examples:
        >>> gibbs_populations(np.array([0.0, 1.0, 2.0]), 0.8).round(6).tolist()
        [0.730679, 0.209343, 0.059978]
    """
    over = -np.asarray(energies, dtype=float) / np.asarray(T, dtype=float)[..., None]
    return np.exp(over - _log_sum(over)[..., None])


def _from_logarithms(p: Array, log_g: Array, alpha: float) -> Array:
    """The same from ln g, which floating point does not lose."""
    if not alpha >= 0:
        raise ValueError(f"Argument `alpha` must be 0 or more, but is {alpha}. Take one of 0..inf.")
    p, log_g = np.broadcast_arrays(np.maximum(p, 0.0), log_g)
    p = p / p.sum(axis=-1, keepdims=True)
    seen = p > (_EMPTY if alpha == 0 else 0)
    log_p = np.log(np.where(seen, p, 1.0))
    unknown = np.isnan(p).any(axis=-1)
    if alpha == 0:
        found = -_log_sum(np.where(seen, log_g, -np.inf))
    elif abs(alpha - 1) < _NEAR_ONE:
        found = np.where(seen, p * (log_p - np.where(seen, log_g, 0.0)), 0.0).sum(axis=-1)
    elif np.isinf(alpha):
        found = np.where(seen, log_p - np.where(seen, log_g, 0.0), -np.inf).max(axis=-1)
    else:
        terms = alpha * log_p + (1 - alpha) * np.where(seen, log_g, 0.0)
        found = _log_sum(np.where(seen, terms, -np.inf)) / (alpha - 1)
    return np.where(unknown, np.nan, np.maximum(found, 0.0))[()]


def _log_sum(terms: Array) -> Array:
    """ln sum e^term over the last axis."""
    most = terms.max(axis=-1)
    level = np.where(np.isfinite(most), most, 0.0)
    with np.errstate(divide="ignore"):
        return level + np.log(np.exp(terms - level[..., None]).sum(axis=-1))
