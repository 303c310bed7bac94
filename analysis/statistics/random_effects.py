r"""The mean of several measurements of one quantity that differ by more than their own errors.

Copy c gives y_c = theta_c + noise of variance v_c, and theta_c scatters around the mean mu with the spread tau: the
random-effects model. DerSimonian and Laird, Control. Clin. Trials 7, 177 (1986), estimate tau by moments,

    Q = sum w_c (y_c - ybar)^2,   tau^2 = max(0, (Q - (K - 1)) / (sum w - sum w^2 / sum w)),   w_c = 1/v_c,

and weigh with w*_c = 1/(v_c + tau^2). The error of the mean is that of Hartung and Knapp, Stat. Med. 20, 3875 (2001):
(sum w*)^(-1/2) times max(1, sqrt(sum w* (y - mu)^2 / (K - 1))), in Student's t of K - 1 degrees of freedom. The factor
is never below 1, so that copies that happen to agree claim no less than their own noise. The method never depends on
the outcome of the test of homogeneity, Q against chi-square of K - 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.statistics.student import student_quantile
from protocols import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class PooledMean:
    """The mean over copies, (...) each; NaN where no copy has a value."""

    value: Array
    stderr: Array
    """In Student's t of `degrees`; of one copy alone its own, whose interval has no ends."""
    tau: Array
    """Spread between copies, beyond their own errors."""
    Q: Array
    """Sum of squares about the mean of fixed weights, in the variances of the copies."""
    p: Array
    """Chance of at least this Q of copies that are all alike; NaN where there is nothing to compare."""
    degrees: Array
    """Copies with a value, less one."""
    lowest: Array
    """Least mean with any one copy left out."""
    highest: Array
    """Greatest mean with any one copy left out."""

    @property
    def low(self) -> Array:
        """Lower end of the 95 % interval."""
        return self.value - student_quantile(self.degrees) * self.stderr

    @property
    def high(self) -> Array:
        """Upper end of the 95 % interval."""
        return self.value + student_quantile(self.degrees) * self.stderr


def random_effects(value: Array, variance: Array) -> PooledMean:
    """The random-effects mean over copies.

    Args:
        value: Of each copy, (copies, ...); NaN where a copy has none.
        variance: Of its noise, the same shape; 0 where there is none, as of heat at its own reference.

    Returns:
        (...) in the unit of the value.

    Examples:
        Unequal by more than their errors, so that Q - 1 = 1 is what they differ by:

        >>> found = random_effects(np.array([0.0, 2.0]), np.array([1.0, 1.0]))
        >>> [round(float(x), 6) for x in (found.value, found.tau, found.Q, found.stderr)]
        [1.0, 1.0, 2.0, 1.0]
    """
    there = np.isfinite(value) & np.isfinite(variance)
    number = there.sum(axis=0)
    y, v = np.where(there, value, 0.0), np.where(there, variance, 1.0)
    certain = there & (v <= 0)
    # what has no noise at all is compared without weights
    exact = certain.any(axis=0)
    v = np.where(exact, 1.0, v)
    w = there / v
    Q, tau_squared = _moments(y, w, number)
    tau_squared = np.where(exact, _scatter(y, there, number), tau_squared)
    spread = np.where(exact, 0.0, v) + tau_squared
    weights = np.where(there, 1 / np.where(spread > 0, spread, 1.0), 0.0)
    mu = _weighted(y, weights)
    about = (weights * (y - mu) ** 2).sum(axis=0) / np.maximum(number - 1, 1)
    factor = np.sqrt(np.maximum(1.0, np.where(number > 1, about, 1.0)))
    nothing = exact & (tau_squared <= 0)
    stderr = np.where(nothing, 0.0, factor / np.sqrt(np.maximum(weights.sum(axis=0), 1e-300)))
    without = _without_each(y, weights, there)
    none = number == 0
    alone = number < 2
    return PooledMean(
        value=np.where(none, np.nan, mu),
        stderr=np.where(none, np.nan, stderr),
        tau=np.where(alone, np.nan, np.sqrt(tau_squared)),
        Q=np.where(alone | exact, np.nan, Q),
        p=np.where(alone | exact, np.nan, _tail(Q, number - 1)),
        degrees=np.maximum(number - 1, 0),
        lowest=np.where(alone, np.nan, without.min(axis=0)),
        highest=np.where(alone, np.nan, without.max(axis=0, where=np.isfinite(without), initial=-np.inf)),
    )


def _moments(y: Array, w: Array, number: Array) -> tuple[Array, Array]:
    """Q about the mean of fixed weights, and tau squared."""
    Q = (w * (y - _weighted(y, w)) ** 2).sum(axis=0)
    total = w.sum(axis=0)
    room = total - (w**2).sum(axis=0) / np.where(total > 0, total, 1.0)
    return Q, np.maximum(0.0, (Q - (number - 1)) / np.where(room > 0, room, np.inf))


def _weighted(y: Array, w: Array) -> Array:
    total = w.sum(axis=0)
    return (w * y).sum(axis=0) / np.where(total > 0, total, 1.0)


def _scatter(y: Array, there: Array, number: Array) -> Array:
    """Variance between values without noise."""
    mean = _weighted(y, there.astype(float))
    return (there * (y - mean) ** 2).sum(axis=0) / np.maximum(number - 1, 1)


def _without_each(y: Array, weights: Array, there: Array) -> Array:
    """The mean with each copy left out, at the weights of all; infinite where that copy has no value."""
    total, rest = (weights * y).sum(axis=0), weights.sum(axis=0) - weights
    return np.where(there & (rest > 0), (total - weights * y) / np.where(rest > 0, rest, 1.0), np.inf)


def _tail(Q: Array, degrees: Array) -> Array:
    from scipy.special import chdtrc

    return np.asarray(chdtrc(np.maximum(degrees, 1), Q))
