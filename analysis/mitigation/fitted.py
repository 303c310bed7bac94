"""The heat of a fitted sweep with the errors of gates removed: the same fit through the mitigated energies."""

from __future__ import annotations

import numpy as np

from analysis.intervals import Cells, coefficients
from analysis.intervals.methods import evaluated
from analysis.mitigation.moments import MitigatedMoments
from analysis.sweeps import Oscillation, SweepFit
from protocols import Array, Observable

SLAB = 1000
"""Points whose weights are found at once: all at once would be a matrix of points by points."""


def fitted_gain(
    fitted: SweepFit, moments: MitigatedMoments, cells: Cells, energy: Observable, at: float
) -> tuple[float, float]:
    """What one side gained until some place of the axis, and its statistical error.

    The fit is linear in the energies (to first order where frequency and damping are fitted): its weights are those of
    the raw fit, which any energies may be put through, and the error is that of the weighted sum.

    Args:
        fitted: Of the raw energy of that side along one sweep.
        moments: Mitigated moments of all cells.
        cells: Those cells.
        energy: The energy of that side.
        at: Where on the axis.
    """
    oscillation, place = fitted.oscillation, np.array([at])
    value = evaluated(energy, cells.sample(moments.values, None, {}))
    measured = fitted.cells[np.isfinite(value[fitted.cells])]
    if len(measured) != len(oscillation.series.value):
        return np.nan, np.nan
    gained = float(oscillation.gained_by(value[measured], place)[0])
    weights = _weights(oscillation, place)
    _, here, _ = coefficients(energy, moments.words, cells)
    spread = np.zeros_like(here)
    spread[measured] = weights[:, None] * here[measured]
    return gained, float(np.sqrt(max(moments.variance_of_sum(spread), 0.0)))


def _weights(oscillation: Oscillation, place: Array) -> Array:
    """What a unit more at each point adds to what the fit gained, (points,): point by point, but a slab at once."""
    size, raw = len(oscillation.series.value), oscillation.series.value
    added = [
        oscillation.gained_by(raw + np.eye(min(SLAB, size - first), size, first), place)[:, 0]
        for first in range(0, size, SLAB)
    ]
    return np.concatenate(added) - oscillation.gained(place)[0]
