"""The heat of a fitted sweep with the errors of gates removed: the same fit through the mitigated energies."""

from __future__ import annotations

import numpy as np

from analysis.intervals import Cells, coefficients
from analysis.intervals.methods import evaluated
from analysis.mitigation.moments import MitigatedMoments
from analysis.sweeps import SweepFit
from protocols import Observable


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
    size = len(measured)
    weights = oscillation.gained_by(oscillation.series.value + np.eye(size), place)[:, 0] - oscillation.gained(place)[0]
    _, here, _ = coefficients(energy, moments.words, cells)
    spread = np.zeros_like(here)
    spread[measured] = weights[:, None] * here[measured]
    return gained, float(np.sqrt(max(moments.variance_of_sum(spread), 0.0)))
