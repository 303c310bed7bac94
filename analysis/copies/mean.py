"""From the sum of all counts and every copy by itself to the mean over copies: estimates, fits and verdicts."""

from __future__ import annotations

import typing
from dataclasses import replace

import numpy as np

from analysis.copies.apart import Apart
from analysis.copies.copies import Copies, Pooled
from analysis.copies.fits import pooled_drives, pooled_fits
from analysis.copies.pooling import pooled_estimates
from analysis.data import DataSet
from analysis.estimate_arrays import Estimates
from analysis.evaluation import Evaluation, SweepSetup, verdict_inputs
from analysis.intervals import Cells, Methods
from analysis.verdict import Verdict, judged_row
from analysis.verdict import findings as f
from analysis.verdict.heat import verdicts

if typing.TYPE_CHECKING:
    from devices import RunRecord


def over_copies(
    record: RunRecord,
    summed: Evaluation,
    data: DataSet,
    apart: Apart,
    cells: Cells,
    setup: SweepSetup,
    methods: Methods,
) -> tuple[Evaluation, Copies]:
    """What the mean of all copies says.

    Args:
        record: The run.
        summed: What the sum of all counts says.
        data: That sum.
        apart: Every copy by itself.
        cells: The cells and their references.
        setup: What was swept.
        methods: Estimators and intervals.
    """
    estimates, pooled = pooled_estimates(summed.estimates, data, apart, cells, methods)
    fits, drives = pooled_fits(summed.fits, apart, setup), pooled_drives(summed.drives, apart)
    copies = Copies(
        numbers=apart.numbers,
        noun=noun_of(record),
        apart=apart,
        pooled=pooled,
    )
    judged = verdicts(estimates, fits, drives, verdict_inputs(summed.observables, data, cells, setup))
    told = tuple(_told(one, estimates, copies) for one in judged)
    return replace(summed, estimates=estimates, fits=fits, drives=drives, verdicts=told), copies


def noun_of(record: RunRecord) -> str:
    """What the mean is of: "couplers" where every copy is a pair on a chip, else "copies".

    Args:
        record: The run.
    """
    placements = record.start["device"].get("placements") or []
    pairs = bool(placements) and all(len(one["physical"]) == 2 for one in placements)
    return "couplers" if pairs and not record.start.get("imported") else "copies"


def _told(verdict: Verdict, estimates: Estimates, copies: Copies) -> Verdict:
    """The verdict of a mean, with how much the copies differ in what it judges."""
    place = judged_row(verdict, estimates)
    pooled = None if place is None else copies.pooled.get(place[0])
    spread = None if place is None or pooled is None else _spread(pooled, place[1], estimates)
    found = f.OverCopies(number=copies.number, noun=copies.noun, spread=spread)
    return replace(verdict, over=found, findings=(found, *verdict.findings))


def _spread(pooled: Pooled, point: int, estimates: Estimates) -> f.SpreadOfCopies | None:
    tau, Q = float(pooled.tau[0, point]), float(pooled.Q[0, point])
    if not np.isfinite(tau):
        return None
    return f.SpreadOfCopies(
        quantity=pooled.observable.name,
        subject=pooled.observable.subject,
        axis=estimates.axis,
        at=float(estimates.x(estimates.axis)[point]),
        unit=pooled.observable.unit,
        pooling=pooled.how,
        value=float(pooled.value[0, point]),
        stderr=float(pooled.stderr[0, point]),
        low=float(pooled.low[0, point]),
        high=float(pooled.high[0, point]),
        tau=tau,
        Q=Q,
        dof=int(pooled.degrees[0, point]),
        p=float(pooled.p[0, point]),
        lowest=float(pooled.lowest[0, point]),
        highest=float(pooled.highest[0, point]),
    )
