"""Closed forms of the demon of two qubits and of erasure by full swaps; energies in the gap of the qubit."""

from __future__ import annotations

import numpy as np

from protocols import Array
from protocols.quantities import binary_entropy, thermal


def work(T: float, eps: Array) -> Array:
    """W = p - eps, p = 1/(1 + e^{1/T}): the qubit ends excited only where the record was wrong.

    Args:
        T: Temperature of the qubit [gap/k_B].
        eps: Chance of a wrong record.

    Examples:
        >>> float(work(1.0, np.array(0.1)).round(6))
        0.168941
    """
    return thermal.excited_population(T) - np.asarray(eps)


def information(T: float, eps: Array) -> Array:
    """I(s; m) = h(p_m) - h(eps) [nat], p_m = p (1 - eps) + (1 - p) eps.

    Examples:
        >>> float(information(1.0, np.array(0.1)).round(6))
        0.298079
    """
    return binary_entropy(_recorded(T, eps)) - binary_entropy(np.asarray(eps))


def slack(T: float, eps: Array) -> Array:
    """I + S' - S = h(p_m) - h(p) [nat]: what the exact second law with feedback leaves; 0 for a perfect record."""
    return binary_entropy(_recorded(T, eps)) - binary_entropy(thermal.excited_population(T))


def average(T: float, eps: Array) -> Array:
    """<e^{W/T - i}> = sum p(s) p(m) e^{(s - s')/T} over the pairs (s, m) that occur, s' = s xor m.

    It is 1 wherever all four occur; without a wrong record two of them, 1/(1 + e^{1/T}) of it, never do.

    Examples:
        >>> average(1.0, np.array([0.0, 1e-9, 0.3])).round(6).tolist()
        [0.731059, 1.0, 1.0]
    """
    eps = np.asarray(eps, dtype=float)
    p, p_m = thermal.excited_population(T), _recorded(T, eps)
    right = (1 - p) * (1 - p_m) + p * p_m * np.exp(1 / T)
    wrong = (1 - p) * p_m * np.exp(-1 / T) + p * (1 - p_m)
    return np.where(eps < 1, right, 0.0) + np.where(eps > 0, wrong, 0.0)


def spread(T: float, eps: Array) -> Array:
    """Standard deviation of e^{W/T - i} in one shot: its square averages to sum [p(s) p(m)]^2/p(s, m) e^{2(s - s')/T}.

    It grows as 1/sqrt(eps) towards a perfect record, where it is that of the histories that occur.

    Examples:
        >>> spread(0.8, np.array([0.05, 0.15])).round(4).tolist()
        [1.4904, 0.7031]
    """
    eps = np.asarray(eps, dtype=float)
    p, p_m = thermal.excited_population(T), _recorded(T, eps)
    with np.errstate(divide="ignore", invalid="ignore"):
        right = ((1 - p) * (1 - p_m) ** 2 + p * p_m**2 * np.exp(2 / T)) / (1 - eps)
        wrong = ((1 - p) * p_m**2 * np.exp(-2 / T) + p * (1 - p_m) ** 2) / eps
    second = np.where(eps < 1, right, 0.0) + np.where(eps > 0, wrong, 0.0)
    return np.sqrt(np.maximum(second - average(T, eps) ** 2, 0))


def efficacy(T: float, eps: Array) -> Array:
    """<e^{W/T}> = 2 [(1 - eps) + eps x]/(1 + x), x = e^{-1/T}: 1 without feedback.

    Examples:
        >>> float(efficacy(1.0, np.array(0.1)).round(6))
        1.369694
    """
    x = np.exp(-1 / T)
    return 2 * ((1 - np.asarray(eps)) + np.asarray(eps) * x) / (1 + x)


def _recorded(T: float, eps: Array) -> Array:
    p = thermal.excited_population(T)
    return p * (1 - np.asarray(eps)) + (1 - p) * np.asarray(eps)


# ---- erasure ----


def steps(T: float, final: float, number: int) -> tuple[Array, Array]:
    """p_0 .. p_K and the gaps w_1 .. w_K of ancillas that are thermal at T with p_k.

    Args:
        T: Temperature of the bath [gap/k_B].
        final: p_K.
        number: K.
    """
    p = np.linspace(0.5, final, number + 1)
    return p, gap(T, p[1:])


def gap(T: float, p: Array) -> Array:
    """w = T ln((1 - p)/p): that of a qubit that is thermal at T with excited population p."""
    return T * np.log((1 - p) / p)


def heat(T: float, final: float, number: int) -> float:
    """Q_K = sum_k w_k (p_(k-1) - p_k), into the bath.

    Examples:
        >>> round(heat(1.0, 0.01, 4), 6), round(bound(1.0, 0.01), 6)
        (0.98569, 0.637146)
    """
    p, w = steps(T, final, number)
    return float(w @ -np.diff(p))


def bound(T: float, final: float) -> float:
    """T [ln 2 - h(p_K)], the area under w(p) from p_K to 1/2: Landauer's."""
    return float(T * (np.log(2) - binary_entropy(np.array(final))))
