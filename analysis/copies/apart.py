"""Every copy of a run by itself: its counts with its own readout, estimated like a run of its own."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.data import DataSet, read
from analysis.evaluation import Evaluation, SweepSetup, evaluate
from analysis.intervals import Cells, Methods
from protocols import Observable

if typing.TYPE_CHECKING:
    import pandas as pd

    from devices import RunRecord

MANY = 200
"""Cells of all copies together from which on intervals of single copies are drawn, not searched for."""
DRAWS = 50
"""Of each copy there: their bias is averaged over all copies, so that few show it."""
SEARCHED = ("likelihood-ratio", "signed-likelihood-ratio", "signed-bootstrap", "wider")
"""Intervals that look for the states that the likelihood allows."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Apart:
    """Every copy by itself."""

    records: tuple[RunRecord, ...]
    data: tuple[DataSet, ...]
    found: tuple[Evaluation, ...] = ()
    """What each says; empty until `estimated`."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """Of the copies, as in counts.csv."""
        return tuple(record.copy or 0 for record in self.records)


def why_summed(record: RunRecord) -> str | None:
    """Why copies cannot be told apart: one lacks what the others have. None: they can; empty: there is only one.

    Args:
        record: A complete run.
    """
    if record.copy is not None or record.expectations() is not None:
        return ""
    rows = record.counts()
    number = rows["copy"].nunique()
    if number < 2:
        return ""
    calibration = rows["basis"] == "cal"
    if calibration.any() and rows.loc[calibration, "copy"].nunique() < number:
        lacking = sorted({*rows["copy"].tolist()} - {*rows.loc[calibration, "copy"].tolist()})
        return f"copy {lacking[0]} has no readout calibration of its own"
    swept = [name for name in record.points.parameters if name in rows.columns]
    setting = [*swept, "arm", "basis"]
    measured = rows[~calibration & (rows["count"] > 0)]
    short = measured.groupby(setting, dropna=False, sort=False)["copy"].nunique()
    return _first_lacking(measured, setting) if (short < number).any() else None


def _first_lacking(measured: pd.DataFrame, setting: Sequence[str]) -> str:
    """The first copy and what it lacks."""
    every = {*measured["copy"].tolist()}
    for where, rows in measured.groupby(list(setting), dropna=False, sort=False):
        if lacking := sorted(every - {*rows["copy"].tolist()}):
            named = dict(zip(setting, where if isinstance(where, tuple) else (where,), strict=True))
            at = ", ".join(f"{name} = {value}" for name, value in named.items() if name != "basis")
            return f"copy {lacking[0]} has no counts in {named['basis']} at {at}"
    return "a copy lacks a setting"


def told_apart(record: RunRecord, data: DataSet) -> Apart:
    """The counts of every copy by itself.

    Args:
        record: The run.
        data: The counts of all copies together, which say whether readout is corrected and what is counted jointly.
    """
    records = record.apart()
    joint = sorted(getattr(data, "joint", {}))
    each = tuple(read(one, readout_correction=data.calibrated, joint=joint) for one in records)
    return Apart(records=records, data=each)


def estimated(
    apart: Apart, cells: Cells, setup: SweepSetup, observables: Sequence[Observable], methods: Methods
) -> Apart:
    """The same with what each copy says.

    Args:
        apart: Every copy by itself.
        cells: What is known without measuring, the same of every copy.
        setup: What was swept.
        observables: What is estimated.
        methods: As asked for; of many cells intervals of single copies are drawn.
    """
    own = methods_of_each(methods, observables, len(apart.data) * len(cells.home))
    found = tuple(evaluate(one, cells, setup, observables, own, keep_states=False) for one in apart.data)
    return replace(apart, found=found)


def methods_of_each(methods: Methods, observables: Sequence[Observable], cells: int) -> Methods:
    """How each copy is estimated.

    Args:
        methods: As asked for.
        observables: What is estimated.
        cells: Of all copies together.
    """
    if cells <= MANY:
        return methods
    searched = {o.name for o in observables if methods.interval_of(o) in SEARCHED}
    intervals = {**methods.intervals, **dict.fromkeys(searched, "bootstrap")}
    return replace(methods, draws=min(methods.draws, DRAWS), intervals=intervals)
