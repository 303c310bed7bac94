"""Student's t: of values whose standard errors come from few copies. Infinite degrees of freedom: the normal law."""

from __future__ import annotations

import math

import numpy as np

from protocols import Array

TWO_SIDED = 0.975
"""The quantile that ends a 95 % interval."""


def student_quantile(degrees: Array | float, probability: float = TWO_SIDED) -> Array:
    """Quantile of Student's t, (...) like the degrees of freedom; infinite without any.

    Args:
        degrees: Of freedom; infinite: the normal law.
        probability: Of being below.

    Examples:
        >>> student_quantile(np.array([0, 1, 4, 43, np.inf])).round(4).tolist()
        [inf, 12.7062, 2.7764, 2.0167, 1.96]
    """
    from scipy.special import ndtri, stdtrit

    degrees = np.asarray(degrees, dtype=float)
    usable = np.isfinite(degrees) & (degrees > 0)
    found = np.where(usable, stdtrit(np.where(usable, degrees, 1.0), probability), ndtri(probability))
    return np.where(degrees > 0, found, np.inf)


def student_threshold(sigma: float, degrees: float) -> float:
    """How many standard errors are as rare as so many of a normal law, in one tail.

    Args:
        sigma: Of the normal law.
        degrees: Of freedom of the errors; infinite: they are of that law.

    Examples:
        >>> student_threshold(3.0, math.inf), [round(student_threshold(3.0, m), 1) for m in (1, 2, 7, 43)]
        (3.0, [235.8, 19.2, 4.5, 3.2])
    """
    from scipy.special import ndtr

    return sigma if math.isinf(degrees) else -float(student_quantile(degrees, float(ndtr(-sigma))))


def student_sigma(t: Array | float, degrees: Array | float = np.inf) -> Array:
    """What a value in its standard errors is worth in those of a normal law: the z with the same tail, (...).

    Args:
        t: Value over standard error.
        degrees: Of freedom of that error; infinite: it is worth itself. Without any it is worth nothing.

    Examples:
        Three copies, ten standard errors from 0: 0.5 % in one tail.

        >>> student_sigma(np.array([10.0, -10.0, 0.0]), 2.0).round(3).tolist()
        [2.581, -2.581, 0.0]
        >>> student_sigma(3.0).item(), student_sigma(3.0, 0).item()
        (3.0, 0.0)
    """
    from scipy.special import ndtri_exp, stdtr

    t, degrees = np.broadcast_arrays(np.asarray(t, dtype=float), np.asarray(degrees, dtype=float))
    if np.isinf(degrees).all():
        return t.copy()
    usable = np.isfinite(degrees) & (degrees > 0)
    m, size = np.where(usable, degrees, 1.0), np.abs(t)
    tail = stdtr(m, -size)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = -ndtri_exp(np.log(tail))
        # beyond what a float holds: Wallace, Ann. Math. Stat. 30, 1124 (1959)
        far = (8 * m + 1) / (8 * m + 3) * np.sqrt(m * np.log1p(size**2 / m))
    z = np.where(tail > 0, z, far)
    z = np.where(np.isinf(size), np.inf, np.where(size == 0, 0.0, z))
    return np.where(usable, np.copysign(z, t), np.where(np.isinf(degrees), t, 0.0))
