"""The checks of a run of several copies, each of which raises a false concern with a chance of `CROSSTALK_ALARM`."""

from __future__ import annotations

import typing

import numpy as np

from analysis.checks.crosstalk.alone import alone_or_together
from analysis.checks.crosstalk.independence import independence
from analysis.checks.crosstalk.neighbours import readout_beside_neighbours
from analysis.checks.crosstalk.outlier import outlying_copy
from analysis.checks.crosstalk.rotation import rotation
from analysis.checks.crosstalk.waiting import waiting_copies
from analysis.verdict import Check, Missing, NotTested, Question
from protocols import Array

if typing.TYPE_CHECKING:
    from analysis.copies import Copies
    from analysis.result import Analysis
    from devices import RunRecord


def crosstalk(analysis: Analysis) -> tuple[Check, ...]:
    """Whether copies talk, and whether one of them is unlike the others; nothing is asked of a run of one copy.

    Args:
        analysis: Of any run.
    """
    record = analysis.record
    if analysis.copies is None:
        return ()
    shared = record.within_shots, neighbouring(record), record.bit_columns
    return (
        alone_or_together(record),
        independence(*shared),
        readout_beside_neighbours(*shared),
        rotation(record),
        waiting_copies(record),
        _unlike_the_others(analysis, analysis.copies),
    )


def neighbouring(record: RunRecord) -> Array:
    """Which copies are neighbours on the chip, (copies, copies) bool, symmetric; none where that is not known.

    Args:
        record: Of a run of several copies.
    """
    near = np.zeros((record.copies, record.copies), dtype=bool)
    for a, b in (record.start["device"].get("copies") or {}).get("neighbours") or ():
        near[a, b] = near[b, a] = True
    return near


def _unlike_the_others(analysis: Analysis, copies: Copies) -> Check:
    """Of the heat of the first side, else of the first quantity of the table, where the mean of all is largest."""
    sides = analysis.sides or ()
    wanted = [name for name in (("heat", sides[0]), ("energy", sides[0])) if name in copies.pooled] if sides else []
    names = [*wanted, *copies.pooled]
    size = np.abs(copies.pooled[names[0]].value[0]) if names else np.array([np.nan])
    if not np.isfinite(size).any():
        return Check(question=Question.OUTLIER, passed=None, finding=NotTested(why=Missing.FEW_COPIES))
    name, at = names[0], int(np.nanargmax(size))
    axis = analysis.record.start["axis"]
    label = f"{name[0]} of {name[1]} at {axis} = {analysis.record.points.parameters[axis][at]:.5g}"
    values, stderrs = (copies.of(name, what)[:, 0, at] for what in ("value", "stderr"))
    unit = analysis.energy_unit if name[0] in ("heat", "energy") else ""
    return outlying_copy(label, values, stderrs, unit)
