"""Many tests at once, of numbers that may be skew: Holm's correction, and tails by two or three exact moments."""

from __future__ import annotations

import numpy as np

from protocols import Array


def holm(p: Array) -> Array:
    """p-values after Holm's correction: whatever is below a level is below it for all tests together.

    Holm, Scand. J. Stat. 6, 65 (1979). The i-th smallest of n is multiplied by n - i + 1, none is below one before it.

    Args:
        p: (tests,) of single tests, dependent or not.

    Examples:
        >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
        [0.03, 0.06, 0.06]
    """
    order = np.argsort(p)
    factors = len(p) - np.arange(len(p))
    found = np.empty(len(p))
    found[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return found


def skew_tail(z: Array, skewness: Array) -> Array:
    """Two-sided p-values of standardised numbers of a skew law: twice the smaller tail of a gamma law (Pearson III).

    A sum of rare coincidences is nearly a Poisson number, for which a normal law calls two of them improbable.

    Args:
        z: (tests,) mean 0 and variance 1.
        skewness: (tests,) third moments of the same; where it is 0 the law is normal.

    Examples:
        >>> skew_tail(np.array([1.959964, 3.0, 3.0]), np.array([0.0, 0.0, 1.0])).round(4).tolist()
        [0.05, 0.0027, 0.0207]
    """
    from scipy.special import gammainc, gammaincc, ndtr

    z, sign = np.where(skewness < 0, -z, z), np.abs(skewness)
    shape = 4 / np.maximum(sign, 1e-4) ** 2
    at = np.maximum(shape + z * np.sqrt(shape), 0.0)
    skew = np.minimum(gammainc(shape, at), gammaincc(shape, at))
    return np.minimum(2 * np.where(sign > 1e-3, skew, ndtr(-np.abs(z))), 1.0)


def gamma_p(statistic: float, mean: float, variance: float) -> float:
    """Chance of at least this value of a non-negative number, by a gamma law: a chi-square law, if variance = 2 mean.

    Args:
        statistic: A sum of squares.
        mean: What it should be.
        variance: Of it.

    Examples:
        >>> round(gamma_p(3.84, 1.0, 2.0), 3)
        0.05
    """
    from scipy.special import chdtrc

    return float(chdtrc(2 * mean**2 / variance, 2 * mean * statistic / variance)) if mean > 0 and variance > 0 else 1.0
