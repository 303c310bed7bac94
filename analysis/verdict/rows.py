"""Rows of a sweep as the numbers of findings, and which row of the table a verdict judges."""

from __future__ import annotations

import typing
from collections.abc import Mapping

import numpy as np

from analysis.estimate_arrays import Estimates, Name, split
from analysis.verdict import findings as f
from analysis.verdict.question import in_words
from analysis.verdict.verdict import Verdict
from analysis.verdict.wording.numbers import UNBOUNDED, Bounds


def value_at(row: typing.Any, axis: str) -> f.ValueAt:
    """The value of one row.

    Args:
        row: Of any observable.
        axis: Its column is where the row is.
    """
    return f.ValueAt(value=float(row["value"]), stderr=float(row["stderr"]), at=float(row[axis]))


def quantity_of(
    row: typing.Any, axis: str, bounds: Mapping[tuple[str, str], Bounds], usual: Bounds = UNBOUNDED
) -> f.Quantity:
    """The quantity of one row with its interval.

    Args:
        row: Of any observable.
        axis: Its column is where the row is.
        bounds: What each quantity can be at all, by name and subject.
        usual: The same where that is not known.
    """
    return f.Quantity(
        observable=row["observable"],
        subject=row["subject"],
        value=float(row["value"]),
        stderr=float(row["stderr"]),
        low=float(row["low"]),
        high=float(row["high"]),
        unit=row["unit"],
        bounds=bounds.get((row["observable"], row["subject"]), usual),
        axis=axis,
        at=float(row[axis]),
    )


def judged_row(verdict: Verdict, estimates: Estimates) -> tuple[Name, int] | None:
    """The quantity that is judged and the measured point nearest to where it is; None where nothing is.

    Args:
        verdict: Of one sweep.
        estimates: What was found of every observable.
    """
    found = _quantity_at(verdict.claim, estimates)
    if found is None or found[0] not in estimates.quantities:
        return None
    name, at = found
    others = [one for one in estimates.swept if one != estimates.axis]
    points = next((p for named, p in split(estimates.points, others) if in_words(named) == verdict.where), None)
    if points is None or not len(points):
        return None
    return name, int(points[int(np.nanargmin(np.abs(estimates.x(estimates.axis)[points] - at)))])


def _quantity_at(claim: f.Claim, estimates: Estimates) -> tuple[Name, float] | None:
    match claim:
        case f.HeatFlowed():
            return (estimates.gain_of(claim.hot), claim.hot), claim.here.hot.at
        case f.NoExchange():
            return (estimates.gain_of(claim.first), claim.first), claim.here.hot.at
        case f.NoDirection() if claim.most is not None:
            return (estimates.gain_of(claim.side), claim.side), claim.most.at
        case f.GoalJudged():
            return (claim.best.observable, claim.best.subject), claim.best.at
        case f.MachineJudged():
            work = next((name for name in estimates.quantities if name[0] == "work"), None)
            return None if work is None else (work, claim.work.at)
        case _:
            return None
