"""Least squares of a few parameters within bounds: what one needs of scipy.optimize, without the time of its import."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from protocols import Array

STEP = 1e-7
"""Of the differences that make the slopes: a root of the precision of numbers, for parameters of order 1."""
ENOUGH = 1e-10
"""Relative change of the sum of squares, or change of the parameters, below which the search ends."""
MOST = 100
"""Steps; a search of two parameters takes about ten."""


def least_squares(residuals: Callable[[Array], Array], start: Array, low: Array, high: Array) -> Array:
    """The parameters of least sum of squared residuals in a box, by Levenberg's and Marquardt's damped steps.

    Marquardt, J. Soc. Indust. Appl. Math. 11, 431 (1963). A parameter at a bound that the step would leave is held.

    Args:
        residuals: Parameters (k,) -> residuals (n,).
        start: Where the search begins, (k,), of order 1 in scale.
        low: Lower bounds, (k,).
        high: Upper bounds, (k,).

    Examples:
        >>> x = np.linspace(0, 1, 5)
        >>> found = least_squares(lambda u: np.exp(-u[0] * x) - np.exp(-0.7 * x), np.zeros(1), np.zeros(1), np.ones(1))
        >>> found.round(6).tolist()
        [0.7]
    """
    here, damping = np.clip(start, low, high), 1e-3
    left = residuals(here)
    for _ in range(MOST):
        slopes = _slopes(residuals, here, left, high)
        downhill = -slopes.T @ left
        free = ~(((here <= low) & (downhill < 0)) | ((here >= high) & (downhill > 0)))
        if not free.any():
            break
        curvature = slopes[:, free].T @ slopes[:, free]
        while damping < 1e12:
            step = np.zeros(len(here))
            damped = curvature + damping * np.diag(np.diag(curvature) + 1e-12)
            step[free] = np.linalg.solve(damped, downhill[free])
            there = np.clip(here + step, low, high)
            new = residuals(there)
            if new @ new <= left @ left:
                break
            damping *= 4
        else:
            break
        gained, moved = left @ left - new @ new, float(np.abs(there - here).max())
        here, left, damping = there, new, max(damping / 10, 1e-12)
        if moved < ENOUGH or gained <= ENOUGH**2 * (new @ new):
            break
    return here


def _slopes(residuals: Callable[[Array], Array], here: Array, left: Array, high: Array) -> Array:
    """Differences, away from the upper bound, (n, k)."""
    columns = []
    for k in range(len(here)):
        step = np.zeros(len(here))
        step[k] = STEP if here[k] + STEP <= high[k] else -STEP
        columns.append((residuals(here + step) - left) / step[k])
    return np.stack(columns, axis=1)
