"""Which way the heat went between two sides, by the rule in `rule.py`; what has no sides has a goal: `goal.py`.

The place that a claim is read off is that of most heat into the hot side; where none went in, that of most out of it.
Where it is not known which side is hotter, it is the place where most energy changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.estimate_arrays import Estimates
from analysis.sweeps import DriveCheck, Flow, Moment, SweepFit
from analysis.verdict import findings as f
from analysis.verdict.beside import correlated, fluctuations, heat_by_cycle, quality_findings
from analysis.verdict.direction import direction_between, known_direction
from analysis.verdict.exchange import Flows, exchange_at, flows_of, work
from analysis.verdict.goal import goal_verdict
from analysis.verdict.machine import machine_verdict
from analysis.verdict.question import SweepTable, VerdictInputs, sweep_tables
from analysis.verdict.rows import value_at
from analysis.verdict.rule import (
    Exchange,
    Valued,
    apart_from_controls,
    balanced,
    beyond_work,
    flow_sigma,
    side_sigma,
)
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
    found = [_answer(sweep, question) for sweep in sweep_tables(estimates, fits, drives, question)]
    return [replace(one, degrees=estimates.degrees) for one in found]


def _answer(sweep: SweepTable, question: VerdictInputs) -> Verdict:
    if question.sides is not None:
        return heat_verdict(sweep, question.sides)
    if question.goal is not None:
        return goal_verdict(sweep, question.goal)
    if question.machine is not None:
        return machine_verdict(sweep, question.machine)
    measured = f.MeasuredOnly(observables=tuple(sweep.measured))
    return Verdict(where=sweep.where, kind=Kind.MEASURED, claim=measured, findings=())


def heat_verdict(sweep: SweepTable, sides: Sequence[str]) -> Verdict:
    """Which way heat flowed between two sides in one sweep.

    Args:
        sweep: What was measured.
        sides: The two subjects.
    """
    flows = flows_of(sweep, sides)
    seeming = direction_between(sweep, sides)
    if flows is None:
        nothing, kind = f.NothingToCompare(quantity="", axis=sweep.axis), Kind.NOTHING_TO_COMPARE
        beside = (*heat_by_cycle(sweep), *quality_findings(sweep, sides, seeming.hot), *correlated(sweep, sides))
        if seeming.hot is None:
            claim = f.NoDirection(direction=seeming, known=False, side="", most=None)
            return Verdict(where=sweep.where, kind=Kind.NO_DIRECTION, claim=claim, findings=beside, unit=sweep.unit)
        return Verdict(
            where=sweep.where, kind=kind, claim=nothing, findings=(seeming,), hot=seeming.hot, unit=sweep.unit
        )
    if seeming.hot is not None:
        way, place = _way_and_place(flows.of[seeming.hot])
        seen = exchange_at(flows, seeming.hot, place, _difference(sweep, seeming), way)
        direction = known_direction(seeming, seen)
        if direction.hot is not None:
            return _directed(flows, direction, seen, way, place)
        return _undirected(flows, direction)
    return _undirected(flows, seeming)


def _difference(sweep: SweepTable, direction: f.Direction) -> Valued:
    return Valued(value=direction.difference or 0.0, stderr=direction.stderr, degrees=sweep.degrees)


def _way_and_place(flow: Flow) -> tuple[int, float]:
    """1 and the place of most heat into a side; -1 and that of most out of it, where that alone is seen."""
    out_of_it = flow.down_sigma > flow.up_sigma and not flow.up_sigma > f.DIRECTION_SIGMA
    return (-1, flow.lowest[0]) if out_of_it else (1, flow.best[0])


# ---- with a hot side ----


def _directed(flows: Flows, direction: f.Direction, seen: Exchange, way: int, place: float) -> Verdict:
    hot, sweep, flow = direction.first, flows.sweep, flows.of[direction.first]
    kind = kind_of(seen, way)
    forward_first = flow.forward_first and way > 0
    if kind is Kind.REVERSED and forward_first:
        kind = Kind.FORWARD_THEN_REVERSED
    claim, shown = _claim(flows, hot, seen, way, place, kind, direction.per_qubit), _heat(flows, hot, seen.hot, place)
    reverse = kind in (Kind.REVERSED, Kind.FORWARD_THEN_REVERSED)
    # where single points show no flow, a change of sign is noise
    turning = _turning(flow, sweep.axis, reverse) if kind is not Kind.NO_FLOW or flows.fitted else []
    findings = (direction, *turning, *_controls(flows, hot, place), *_common(flows, hot))
    return Verdict(
        where=sweep.where,
        kind=kind,
        claim=claim,
        findings=findings,
        hot=hot,
        heat=shown.value,
        stderr=shown.stderr,
        at=shown.at,
        sigma=float(flow_sigma(seen, way)),
        basis=flow.kind,
        trials=flow.trials,
        turned=flow.turned,
        zero_again=flow.zero_again,
        unit=sweep.unit,
    )


def kind_of(seen: Exchange, way: int) -> Kind:
    """What an exchange at one place comes to, where the hot side is known to be hotter.

    Args:
        seen: Its numbers.
        way: 1: heat into the hot side is asked about; -1: out of it.
    """
    hot = float(side_sigma(seen, "hot", way)) > f.DIRECTION_SIGMA
    lost, gained = (float(side_sigma(seen, "cold", turn * way)) > f.DIRECTION_SIGMA for turn in (-1, 1))
    if not hot:
        return Kind.NO_FLOW
    if not lost:
        # heat of the other sign in the cold side is judged by its own error: the sweep was not searched for it
        same = gained or float(way * seen.cold.sigmas) > f.DIRECTION_SIGMA
        return (Kind.BOTH_GAINED if way > 0 else Kind.BOTH_LOST) if same else Kind.ONE_SIDE
    if not bool(balanced(seen)):
        return Kind.NOT_BALANCED
    if way < 0:
        return Kind.NOT_REVERSED
    if not bool(apart_from_controls(seen)):
        return Kind.UNDECIDED
    if bool(beyond_work(seen)):
        return Kind.REVERSED
    less = seen.excited is not None and float(seen.excited.sigmas) < -f.DIRECTION_SIGMA
    return Kind.PUMPED if less else Kind.UNDECIDED


NO_EXCHANGE = (Kind.BOTH_GAINED, Kind.BOTH_LOST, Kind.ONE_SIDE, Kind.NOT_BALANCED)


def _claim(
    flows: Flows, hot: str, seen: Exchange, way: int, place: float, kind: Kind, per_qubit: bool
) -> f.HeatFlowed | f.NoExchange:
    here, flow = _both_heats(flows, hot, seen, place), flows.of[hot]
    if kind in NO_EXCHANGE:
        return _no_exchange(flows, seen, hot, place, hot_known=True, qubits=not per_qubit)
    before = None
    if kind is Kind.FORWARD_THEN_REVERSED:
        earlier = flows.at(flows.other(hot), flow.lowest[0])
        cold = replace(here.cold, at=flow.lowest[0]) if earlier is None else _value(earlier, flow.lowest[0])
        before = f.BothHeats(hot=_heat_of(flow.lowest), cold=cold)
    told = kind is not Kind.UNDECIDED or bool(apart_from_controls(seen))
    controls = [] if told else _controls(flows, hot, place)
    alike = [one for one in controls if isinstance(one, f.HeatOfControl)]
    claim = f.HeatFlowed(
        hot=hot,
        cold=flows.other(hot),
        here=here,
        before=before,
        hot_sigma=float(side_sigma(seen, "hot", way)),
        cold_sigma=float(side_sigma(seen, "cold", -way)),
        basis=_basis(flows, flow),
        control=max(alike, key=lambda one: one.here.value, default=None),
    )
    return _between_gaps(flows, claim, seen, place)


def _between_gaps(flows: Flows, claim: f.HeatFlowed, seen: Exchange, place: float) -> f.HeatFlowed:
    """The same claim; of unequal gaps with the work that was done, and with what tells it from a reversal."""
    done = work(flows, place)
    if seen.excited is None or done is None:
        return claim
    excited = f.Measured(value=float(seen.excited.value), stderr=float(seen.excited.stderr))
    return f.HeatBetweenGaps(**vars(claim), work=_value(done, place), excited=excited)


def _no_exchange(
    flows: Flows, seen: Exchange, first: str, place: float, *, hot_known: bool, qubits: bool
) -> f.NoExchange:
    number = seen.number if seen.number is not None and _breaks(seen, seen.number) else None
    return f.NoExchange(
        hot=first if hot_known else None,
        first=first,
        second=flows.other(first),
        qubits=qubits,
        here=_both_heats(flows, first, seen, place),
        balance=None if seen.balance is None else _value(seen.balance, place),
        number=None if number is None else _value(number, place),
        basis=_basis(flows, flows.of[first]),
    )


def _breaks(seen: Exchange, number: Valued) -> bool:
    """Whether the number of excitations on one side alone is what an exchange would not have changed."""
    alone = Exchange(difference=seen.difference, hot=seen.hot, cold=seen.cold, balance=number)
    return not bool(balanced(alone))


# ---- without one ----


def _undirected(flows: Flows, direction: f.Direction) -> Verdict:
    """Neither side is known to be hotter: what both gained or lost, or the heat that went over all the same."""
    sweep = flows.sweep
    seen, first, place = _most_changed(flows, direction)
    common, qubits = _common(flows, None), not direction.per_qubit
    for way, kind in ((1, Kind.BOTH_GAINED), (-1, Kind.BOTH_LOST)):
        if all(way * heat.sigmas > f.DIRECTION_SIGMA for heat in (seen.hot, seen.cold)):
            claim = _no_exchange(flows, seen, first, place, hot_known=False, qubits=qubits)
            return Verdict(where=sweep.where, kind=kind, claim=claim, findings=(direction, *common), unit=sweep.unit)
    moved = _moved(flows)
    claim = f.NoDirection(direction=direction, known=True, side=moved[0] if moved else "", most=moved and moved[1])
    return Verdict(where=sweep.where, kind=Kind.NO_DIRECTION, claim=claim, findings=common, unit=sweep.unit)


def _most_changed(flows: Flows, direction: f.Direction) -> tuple[Exchange, str, float]:
    """The exchange where both sides together gained or lost most, the side that was named first as its hot one."""
    first, difference = flows.sides[0], _difference(flows.sweep, direction)
    places = sorted({moment[0] for flow in flows.of.values() for moment in (flow.best, flow.lowest)})
    found = [exchange_at(flows, first, place, difference) for place in places]
    most = int(np.argmax([abs(float(one.hot.value) + float(one.cold.value)) for one in found]))
    return found[most], first, places[most]


def _moved(flows: Flows) -> tuple[str, f.ValueAt] | None:
    """Equal temperatures: the heat that correlations moved all the same, if one side lost what the other gained."""
    most = max(flow.best[1] for flow in flows.of.values())
    # both gain alike, half a period apart: the first one is told
    alike = [(side, flow) for side, flow in flows.of.items() if flow.best[1] >= min(most, most / 2)]
    side, flow = min(alike, key=lambda item: item[1].best[0])
    seen = exchange_at(flows, side, flow.best[0], Valued(value=0.0, stderr=0.0))
    significant = float(flow_sigma(seen)) > f.DIRECTION_SIGMA
    return (side, _heat(flows, side, seen.hot, flow.best[0])) if significant and bool(balanced(seen)) else None


# ---- their parts ----


def _common(flows: Flows, hot: str | None) -> tuple[f.Finding, ...]:
    sweep, sides = flows.sweep, flows.sides
    beside = (*heat_by_cycle(sweep), *quality_findings(sweep, sides, hot), *correlated(sweep, sides))
    return (*beside, *fluctuations(sweep, sides))


def _basis(flows: Flows, flow: Flow) -> f.Basis:
    return f.Basis(kind=flow.kind, number=flow.times, axis=flows.sweep.axis, sweeps=flows.sweep.sweeps)


def _both_heats(flows: Flows, hot: str, seen: Exchange, place: float) -> f.BothHeats:
    """Heat into both sides as energies."""
    cold = flows.other(hot)
    return f.BothHeats(hot=_heat(flows, hot, seen.hot, place), cold=_heat(flows, cold, seen.cold, place))


def _heat(flows: Flows, side: str, excitations: Valued, place: float) -> f.ValueAt:
    """Heat into a side as an energy, of what it gained in units of its gap."""
    gap = flows.sweep.gap_of(side)
    return _value(Valued(value=excitations.value * gap, stderr=excitations.stderr * gap), place)


def _value(found: Valued, place: float) -> f.ValueAt:
    return f.ValueAt(value=float(found.value), stderr=float(found.stderr), at=place)


def _heat_of(moment: Moment) -> f.ValueAt:
    at, value, stderr = moment
    return f.ValueAt(value=value, stderr=stderr, at=at)


def _turning(flow: Flow, axis: str, reverse: bool) -> list[f.Turning]:
    """When the flow turned, and when the net heat is zero again."""
    if flow.turned is None and flow.kind != "fit":
        return []
    positive = flow.turned_low and reverse
    return [f.Turning(turned=flow.turned, zero_again=flow.zero_again, becomes_positive=positive, axis=axis)]


def _controls(flows: Flows, hot: str, at: float) -> list[f.Finding]:
    """Heat into the hot side of every control arm, where the verdict was read off."""
    sweep = flows.sweep
    if sweep.arms == ["main"]:
        return [f.NoControl(of="heat")]
    found: list[f.Finding] = []
    for arm in [name for name in sweep.arms if name != "main"]:
        heat = sweep.gained(hot, arm)
        here = flows.at(hot, at, arm)
        if heat.empty or here is None:
            continue
        low = heat.iloc[int(heat["value"].to_numpy().argmin())]
        lowest = value_at(low, sweep.axis) if abs(float(low[sweep.axis]) - at) > 1e-12 else None
        found.append(f.HeatOfControl(arm=arm, side=hot, here=_value(here, at), lowest=lowest, axis=sweep.axis))
    return found
