"""The line beside a verdict whose heat is that of a fit: the same fit through mitigated energies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from analysis.data import Counts, Data
from analysis.estimate_arrays import Estimates
from analysis.intervals import Cells
from analysis.mitigation import SYSTEMATIC, Mitigated, fitted_gain, mitigated_moments
from analysis.sweeps import SweepFit
from analysis.verdict.verdict import Verdict
from analysis.verdict.wording.mitigated import MitigatedHeat
from protocols import Observable


def as_fitted(
    heat: MitigatedHeat,
    verdicts: Sequence[Verdict],
    fits: Sequence[SweepFit],
    data: Data,
    cells: Cells,
    found: Mitigated,
    raw: Estimates,
    scale: float = 1.0,
    gain: Callable[[SweepFit, Observable, float], tuple[float, float]] | None = None,
) -> MitigatedHeat:
    """The heat at the best place of the fit, where the verdict has that; else as it is.

    Args:
        heat: At a measured point.
        verdicts: Of all sweeps.
        fits: Of every sweep and arm.
        data: What was measured.
        cells: The cells and their references.
        found: The quantities with the errors of gates removed, by both ways.
        raw: What was found of every observable.
        scale: By which statistical errors are multiplied.
        gain: What that side gained until a place by the fit, and its error, where that is a mean over copies; None: it
            is that of the data.
    """
    verdict = next((one for one in verdicts if one.where == heat.where), None)
    name = raw.arms[0], "energy", heat.subject
    own = [fit for fit in fits if (fit.arm, fit.observable, fit.subject) == name and heat.point in fit.cells]
    if verdict is None or verdict.basis != "fit" or not own or not isinstance(data, Counts):
        return heat
    if verdict.at is None or verdict.heat is None or verdict.stderr is None:
        return heat
    energy = raw.quantities["energy", heat.subject].observable
    if gain is None:
        moments = mitigated_moments(data, found.members, "both", found.survival, energy.reads)
        value, stderr = fitted_gain(own[0], moments, cells, energy, verdict.at)
    else:
        value, stderr = gain(own[0], energy, verdict.at)
    if not np.isfinite(value):
        return heat
    return replace(
        heat,
        at=verdict.at,
        fitted=len(own[0].oscillation.series.value),
        value=value,
        stderr=scale * stderr,
        systematic=SYSTEMATIC * abs(value - verdict.heat),
        raw=verdict.heat,
        raw_stderr=verdict.stderr,
    )
