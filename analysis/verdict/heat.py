"""Which way the heat went: from the fit of the whole sweep where there is one, else from its best point.

Hot is the side that is hotter at the reference by 3 sigma. Reversed means net heat *into the hot side* above 0. The fit
gives one number for the run: how far the oscillation is from every one that never heats the hot side within the
sweep. A best-of-many point carries its trial factor instead. What has no sides has a goal: `goal.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from analysis.estimate_arrays import Estimates
from analysis.sweeps import DriveCheck, Flow, Moment, SweepFit
from analysis.verdict import findings as f
from analysis.verdict.correlations import correlated
from analysis.verdict.cycles import heat_by_cycle
from analysis.verdict.goal import goal_verdict
from analysis.verdict.quality import quality
from analysis.verdict.question import SweepTable, VerdictInputs, sweep_tables
from analysis.verdict.rows import value_at
from analysis.verdict.verdict import Kind, Verdict


def verdicts(
    estimates: Estimates, fits: Sequence[SweepFit], drives: Sequence[DriveCheck], question: VerdictInputs
) -> list[Verdict]:
    """One verdict for every combination of the swept parameters other than the axis.

    Args:
        estimates: What was found of every observable.
        fits: Of every sweep and arm.
        drives: Checks of tomography against dynamics.
        question: What is asked.
    """
    return [_answer(sweep, question) for sweep in sweep_tables(estimates, fits, drives, question)]


def _answer(sweep: SweepTable, question: VerdictInputs) -> Verdict:
    if question.sides is not None:
        return heat_verdict(sweep, question.sides)
    if question.goal is not None:
        return goal_verdict(sweep, question.goal)
    measured = f.MeasuredOnly(observables=tuple(sweep.measured))
    return Verdict(where=sweep.where, kind=Kind.MEASURED, claim=measured, findings=())


def heat_verdict(sweep: SweepTable, sides: Sequence[str]) -> Verdict:
    """Which way heat flowed between two sides in one sweep.

    Args:
        sweep: What was measured.
        sides: The two subjects.
    """
    direction, where = _direction(sweep, sides), sweep.where
    flows = {side: sweep.flow(side) for side in sides}
    common = (*heat_by_cycle(sweep), *quality(sweep, sides, direction.hot), *correlated(sweep, sides))
    if direction.hot is None:
        claim = _moved_without_direction(direction, flows)
        return Verdict(where=where, kind=Kind.NO_DIRECTION, claim=claim, findings=common)
    flow = flows[direction.hot]
    if flow is None:
        nothing, kind = f.NothingToCompare(quantity="", axis=sweep.axis), Kind.NOTHING_TO_COMPARE
        return Verdict(where=where, kind=kind, claim=nothing, findings=(direction,), hot=direction.hot)
    kind = _kind_of(flow)
    reverse = kind in (Kind.REVERSED, Kind.FORWARD_THEN_REVERSED)
    claim = _claim(flow, direction.hot, sweep.axis)
    shown = claim.lowest if kind is Kind.NOT_REVERSED else claim.best
    # where single points show no flow, a change of sign is noise
    turning = _turning(flow, sweep.axis, reverse) if kind is not Kind.NO_FLOW or flow.kind == "fit" else []
    return Verdict(
        where=where,
        kind=kind,
        claim=claim,
        findings=(direction, *turning, *_controls(sweep, direction.hot, shown.at), *common),
        hot=direction.hot,
        heat=shown.value,
        stderr=shown.stderr,
        at=shown.at,
        sigma=flow.down_sigma if kind is Kind.NOT_REVERSED else flow.up_sigma,
        basis=flow.kind,
        trials=flow.trials,
        turned=flow.turned,
        zero_again=flow.zero_again,
    )


def _kind_of(flow: Flow) -> Kind:
    if flow.up_sigma > f.DIRECTION_SIGMA:
        return Kind.FORWARD_THEN_REVERSED if flow.forward_first else Kind.REVERSED
    return Kind.NOT_REVERSED if flow.down_sigma > f.DIRECTION_SIGMA else Kind.NO_FLOW


def _claim(flow: Flow, hot: str, axis: str) -> f.HeatFlowed:
    return f.HeatFlowed(
        hot=hot,
        best=_heat_of(flow.best),
        lowest=_heat_of(flow.lowest),
        up_sigma=flow.up_sigma,
        down_sigma=flow.down_sigma,
        forward_first=flow.forward_first,
        basis=f.Basis(kind=flow.kind, number=flow.times, axis=axis),
    )


def _heat_of(moment: Moment) -> f.ValueAt:
    at, value, stderr = moment
    return f.ValueAt(value=value, stderr=stderr, at=at)


def _direction(sweep: SweepTable, sides: Sequence[str]) -> f.Direction:
    """The hotter side, by measurement at the reference (equal gaps: the one with more energy), and how it is known."""
    first, second = sides
    rows = sweep.at_start("energy_difference", first + second)
    # a side of several qubits has its energy per qubit, which is no row of the table
    per_qubit = any(sweep.rows("energy", side).empty for side in sides)
    difference, stderr = None, 0.0
    if len(rows):
        difference, stderr = float(rows["value"].iloc[0]), float(rows["stderr"].iloc[0])
    elif sweep.apart is not None and not sweep.gained(first).empty:
        difference = sweep.apart  # heat is counted from the nominal state then
    hot = None
    if difference is not None and math.isfinite(difference):
        known = abs(difference) > f.DIRECTION_SIGMA * stderr and abs(difference) >= 1e-12
        hot = (first if difference > 0 else second) if known else None
    if hot is not None:
        first, second = (first, second) if hot == first else (second, first)
    return f.Direction(
        hot=hot,
        first=first,
        second=second,
        difference=difference if hot is None or difference is None else abs(difference),
        stderr=stderr,
        per_qubit=per_qubit,
        axis=sweep.axis,
    )


def _moved_without_direction(direction: f.Direction, flows: Mapping[str, Flow | None]) -> f.NoDirection:
    """Equal temperatures: the heat that correlations moved all the same."""
    known = {side: flow for side, flow in flows.items() if flow is not None}
    if not known:
        return f.NoDirection(direction=direction, known=False, side="", most=None)
    most = max(flow.best[1] for flow in known.values())
    # both gain alike, half a period apart: the first one is told
    alike = [(side, flow) for side, flow in known.items() if flow.best[1] >= min(most, most / 2)]
    side, flow = min(alike, key=lambda item: item[1].best[0])
    heat = _heat_of(flow.best)
    seen = heat.value > f.DIRECTION_SIGMA * heat.stderr
    return f.NoDirection(direction=direction, known=True, side=side, most=heat if seen else None)


def _turning(flow: Flow, axis: str, reverse: bool) -> list[f.Turning]:
    """When the flow turned, and when the net heat is zero again."""
    if flow.turned is None and flow.kind != "fit":
        return []
    positive = flow.turned_low and reverse
    return [f.Turning(turned=flow.turned, zero_again=flow.zero_again, becomes_positive=positive, axis=axis)]


def _controls(sweep: SweepTable, hot: str, at: float) -> list[f.Finding]:
    """Heat into the hot side of every control arm, where the verdict was read off."""
    if sweep.arms == ["main"]:
        return [f.NoControl(of="heat")]
    found: list[f.Finding] = []
    for arm in [name for name in sweep.arms if name != "main"]:
        heat = sweep.gained(hot, arm)
        if heat.empty:
            continue
        here = heat.iloc[int((heat[sweep.axis] - at).abs().to_numpy().argmin())]
        low = heat.iloc[int(heat["value"].to_numpy().argmin())]
        lowest = value_at(low, sweep.axis) if here["point"] != low["point"] else None
        found.append(
            f.HeatOfControl(arm=arm, side=hot, here=value_at(here, sweep.axis), lowest=lowest, axis=sweep.axis)
        )
    return found
