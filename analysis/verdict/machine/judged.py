"""The verdict of a machine: the last cycle of a sweep by the rule, with what stands beside it."""

from __future__ import annotations

import typing

import numpy as np

from analysis.verdict import findings as f
from analysis.verdict.machine.rule import (
    REGIMES,
    Control,
    Cycle,
    beyond_controls,
    conserving,
    lawful,
    named,
    regime_sigma,
    signs_of,
)
from analysis.verdict.question import SweepTable
from analysis.verdict.rows import quantity_of, value_at
from analysis.verdict.rule import Valued
from analysis.verdict.verdict import Kind, Verdict
from protocols.program import Machine

if typing.TYPE_CHECKING:
    import pandas as pd

RATIOS = {"engine": "efficiency", "refrigerator": "coefficient_of_performance"}
"""What a regime is judged by beside Carnot's."""


def machine_verdict(sweep: SweepTable, machine: Machine) -> Verdict:
    """The regime of the last cycle in one sweep.

    Args:
        sweep: What was measured.
        machine: Where its rows are.
    """
    last = _last_point(sweep, machine)
    if last is None:
        nothing = f.NothingToCompare(quantity=f"work {machine.work}", axis=sweep.axis)
        return Verdict(where=sweep.where, kind=Kind.NOTHING_TO_COMPARE, claim=nothing, findings=())
    seen = cycle_at(sweep, machine, last)
    claim = _claim(sweep, machine, last, seen)
    return Verdict(
        where=sweep.where,
        kind=_kind_of(claim),
        claim=claim,
        findings=_beside(sweep, machine, last, claim),
        stderr=claim.work.stderr,
        at=claim.work.at,
        sigma=claim.sigma,
        basis="point",
        trials=sweep.sweeps if sweep.sweeps > 1 else 0,
        value=claim.work.value,
    )


def _last_point(sweep: SweepTable, machine: Machine) -> int | None:
    """The point farthest on the axis where work was measured; None beside the reference."""
    rows = sweep.rows("work", machine.work)
    rows = rows[rows[sweep.axis] > 0]
    return None if rows.empty else int(rows["point"].iloc[-1])


def cycle_at(sweep: SweepTable, machine: Machine, point: int) -> Cycle:
    """Everything that the rule asks of one point.

    Args:
        sweep: What was measured.
        machine: Where its rows are.
        point: Which point.
    """

    def valued(observable: str, subject: str, arm: str = "main") -> Valued:
        row = _row(sweep, observable, subject, point, arm)
        return Valued(value=np.nan, stderr=np.nan) if row is None else sweep.valued(row)

    def by_side(arm: str = "main") -> tuple[Valued, Valued]:
        left, reached = (valued("work_by_side", side, arm) for side in machine.sides)
        return left, reached

    controls = [
        Control(
            work=valued("work", machine.work, arm),
            by_side=by_side(arm),
            residual=valued("first_law_residual", machine.work, arm),
        )
        for arm in sweep.arms[1:]
        if _row(sweep, "work", machine.work, point, arm) is not None
    ]
    hotter = hotter_at(sweep, machine, point)
    hot, cold = (machine.cold, machine.hot) if hotter < 0 else (machine.hot, machine.cold)
    return Cycle(
        hot=valued("heat", hot),
        cold=valued("heat", cold),
        work=valued("work", machine.work),
        by_side=by_side(),
        residual=valued("first_law_residual", machine.work),
        production=valued("entropy_production", "baths"),
        controls=tuple(controls),
        trials=sweep.sweeps,
        unequal=hotter != 0,
    )


def hotter_at(sweep: SweepTable, machine: Machine, point: int) -> int:
    """1 where the bath called hot is the hotter one by nominal temperatures, -1 where the other is, 0 where neither.

    Args:
        sweep: What was measured.
        machine: Which parameters these are.
        point: Which point.
    """
    return int(machine.hotter({name: sweep.estimates.x(name)[point] for name in machine.temperatures}))


def _row(sweep: SweepTable, observable: str, subject: str, point: int, arm: str = "main") -> typing.Any:
    """The row of one quantity at a point; None where it was not measured."""
    rows: pd.DataFrame = sweep.rows(observable, subject, arm)
    rows = rows[rows["point"] == point]
    return None if rows.empty else rows.iloc[0]


def _claim(sweep: SweepTable, machine: Machine, point: int, seen: Cycle) -> f.MachineJudged:
    place = float(sweep.estimates.x(sweep.axis)[point])
    nearest = max(REGIMES, key=lambda name: float(regime_sigma(seen, name)))
    carried = str(signs_of(seen))
    ratio = _row(sweep, RATIOS[carried], machine.work, point) if carried in RATIOS else None
    carnot = sweep.ideal(f"carnot_{RATIOS[carried]}", machine.work)[point] if carried in RATIOS else np.nan
    return f.MachineJudged(
        regime=carried,
        why="" if str(named(seen)) else _why(seen, carried),
        hot=_at(seen.hot, place),
        cold=_at(seen.cold, place),
        work=_at(seen.work, place),
        by_side=(_at(seen.by_side[0], place), _at(seen.by_side[1], place)),
        sigma=float(regime_sigma(seen, nearest)),
        cycle=int(sweep.estimates.x(machine.cycle)[point]),
        told=f"{machine.cycle} = " not in sweep.where,
        sweeps=sweep.sweeps,
        ratio=None if ratio is None else quantity_of(ratio, sweep.axis, sweep.bounds),
        carnot=float(carnot) if np.isfinite(carnot) else None,
        hotter=hotter_at(sweep, machine, point),
    )


def _at(found: Valued, place: float) -> f.ValueAt:
    return f.ValueAt(value=float(found.value), stderr=float(found.stderr), at=place)


def _why(
    seen: Cycle, carried: str
) -> typing.Literal["not run", "signs", "no machine", "equal baths", "not balanced", "second law", "control"]:
    """The first condition that does not hold, of a cycle without a name."""
    if not carried:
        every = (seen.hot, seen.cold, *seen.by_side)
        if not all(abs(float(one.sigmas)) > f.DIRECTION_SIGMA for one in every):
            return "signs"
        return "no machine" if seen.unequal else "equal baths"
    if not bool(conserving(seen)):
        return "not balanced"
    if not bool(lawful(seen)):
        return "second law"
    assert not bool(beyond_controls(seen))
    return "control"


def _kind_of(claim: f.MachineJudged) -> Kind:
    if not claim.why:
        return Kind(claim.regime)
    return {"not balanced": Kind.NOT_BALANCED, "control": Kind.UNDECIDED}.get(claim.why, Kind.NO_REGIME)


def _beside(sweep: SweepTable, machine: Machine, point: int, claim: f.MachineJudged) -> tuple[f.Finding, ...]:
    """Which bath is the hotter one where names do not say it, both laws, and the controls."""
    found: list[f.Finding] = []
    if claim.hotter < 1:
        T_h, T_c = (float(sweep.estimates.x(name)[point]) for name in machine.temperatures)
        found.append(f.NamesOfBaths(parameters=machine.temperatures, temperatures=(T_h, T_c)))
    residual = _row(sweep, "first_law_residual", machine.work, point)
    if residual is not None:
        found.append(f.FirstLaw(residual=value_at(residual, sweep.axis), by_side=claim.by_side))
    produced = _row(sweep, "entropy_production", "baths", point)
    if produced is not None:
        change = _row(sweep, sweep.estimates.gain_of(machine.work), machine.work, point)
        inside = None if change is None else value_at(change, sweep.axis)
        found.append(f.EntropyOfBaths(production=value_at(produced, sweep.axis), change=inside))
    if len(sweep.arms) == 1:
        return (*found, f.NoControl(of="machine"))
    for arm in sweep.arms[1:]:
        row = _row(sweep, "work", machine.work, point, arm)
        if row is not None:
            residual = _row(sweep, "first_law_residual", machine.work, point, arm)
            missing = None if residual is None else value_at(residual, sweep.axis)
            found.append(f.WorkOfControl(arm=arm, work=value_at(row, sweep.axis), residual=missing))
    return tuple(found)
