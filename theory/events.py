"""Times at which something happens on a curve that is known at points."""

from __future__ import annotations

import math

import numpy as np

from protocols import Array


def crossings(times: Array, values: Array, *, after: float = 0.0) -> Array:
    """Times at which a curve changes its sign, by a cubic spline through its points.

    Args:
        times: Increasing, shape (times,).
        values: Of the curve, shape (times,).
        after: Only later ones, in the unit of the times.

    Examples:
        >>> t = np.linspace(0, 10, 101)
        >>> crossings(t, np.cos(t)).round(5).tolist()
        [1.5708, 4.71239, 7.85398]
    """
    from scipy.interpolate import CubicSpline

    signs = np.sign(values)
    found = []
    for i in np.flatnonzero(signs[:-1] * signs[1:] < 0):
        low, high = max(i - 3, 0), min(i + 5, len(times))
        roots = np.asarray(CubicSpline(times[low:high], values[low:high]).roots(extrapolate=False))
        inside = roots[(roots >= times[i]) & (roots <= times[i + 1])]
        found += inside[:1].tolist()
    return np.array([t for t in found if t > after])


def peak(times: Array, values: Array) -> tuple[float, float]:
    """Time and height of the highest point, by a parabola through its neighbours.

    Args:
        times: Increasing, shape (times,).
        values: Of the curve, shape (times,).

    Examples:
        >>> t = np.linspace(0, 3, 31)
        >>> tuple(round(x, 4) for x in peak(t, np.sin(t)))
        (1.5708, 1.0)
    """
    i = int(np.argmax(values))
    if i in (0, len(values) - 1):
        return float(times[i]), float(values[i])
    a, b, c = np.polyfit(times[i - 1 : i + 2] - times[i], values[i - 1 : i + 2], 2)
    return float(times[i] - b / (2 * a)), float(c - b**2 / (4 * a))


def first(found: Array, index: int = 0) -> float:
    """One of some times; nan where there are not that many.

    Args:
        found: Times, in order.
        index: Which one, counted from 0.

    Examples:
        >>> first(np.array([1.5, 3.0]), 1), first(np.array([]))
        (3.0, nan)
    """
    return float(found[index]) if len(found) > index else math.nan
