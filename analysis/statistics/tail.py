"""How improbable a statistic is, judged by the same statistic of draws from the model that it tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protocols import Array


@dataclass(frozen=True, kw_only=True)
class Tail:
    """One statistic, and what it should have been."""

    statistic: float
    expected: float
    """Mean over the draws: the degrees of freedom, where counts are many and no state is on the boundary."""
    p: float

    @property
    def ratio(self) -> float:
        """Statistic over its expectation; 1 where nothing was expected."""
        return self.statistic / self.expected if self.expected > 0 else 1.0


def gamma_tail(statistic: float, drawn: Array) -> Tail:
    """Upper tail of a non-negative statistic by a gamma law with the mean and the variance of some draws.

    The two moments are themselves known from B draws only. So the normal deviate z of the gamma law is taken for a
    prediction from B normal numbers, t = z / sqrt(1 + 1/B) with B - 1 degrees of freedom, which is exact where the
    statistic is nearly normal, as a sum over many strata is, and keeps p from being too small.

    Args:
        statistic: Of the data.
        drawn: Of the draws, shape (draws,), at least 3.

    Examples:
        >>> drawn = np.random.default_rng(0).chisquare(12, 4000)
        >>> round(gamma_tail(21.03, drawn).p, 2), round(gamma_tail(32.91, drawn).p, 3)
        (0.05, 0.001)
    """
    from scipy.special import gammaincc, ndtri, stdtr

    mean, variance, number = float(drawn.mean()), float(drawn.var(ddof=1)), len(drawn)
    if variance <= 0 or mean <= 0:
        return Tail(statistic=statistic, expected=mean, p=1.0 if statistic <= mean + 1e-9 else 0.0)
    z = -float(ndtri(gammaincc(mean**2 / variance, max(statistic, 0.0) * mean / variance)))
    return Tail(statistic=statistic, expected=mean, p=float(stdtr(number - 1, -z / np.sqrt(1 + 1 / number))))
