"""What a sweep shows of an exchange between two sides: the flow into each, and all heats at one place of the axis.

Heats come from the fits of both energies where both describe their data; else from the points, the place that was
picked out carrying its trial factor. A fit that the data reject, or cannot test, says nothing of a significance.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.statistics import ALARM, global_sigma
from analysis.sweeps import Flow, Oscillation, flow_of_fit, flow_of_points
from analysis.verdict.question import SweepTable
from analysis.verdict.rule import Exchange, Valued
from analysis.verdict.unequal_gaps import excited_apart

if typing.TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Flows:
    """Heat into two sides along one sweep."""

    sweep: SweepTable
    sides: tuple[str, str]
    of: Mapping[str, Flow]
    """Side -> its flow."""
    fitted: bool
    """Whether they are those of the fits."""

    @property
    def trials(self) -> int:
        """Places that one was picked from, over all sweeps of the run."""
        return self.sweep.sweeps * max(1, max(flow.trials for flow in self.of.values()))

    def other(self, side: str) -> str:
        """The other side."""
        return next(one for one in self.sides if one != side)

    def at(self, side: str, place: float, arm: str = "main") -> Valued | None:
        """Heat into a side, or into both, at a place; None where it was not measured.

        Args:
            side: One of the sides, or both names in a row.
            place: On the axis; where there is no fit, the nearest point is taken.
            arm: Of which arm.
        """
        fit = self.sweep.fit_of(side, arm) if self.fitted else None
        if fit is not None:
            value, stderr = fit.oscillation.gained(np.array([place]))
            return Valued(value=float(value[0]), stderr=float(stderr[0]), degrees=self.sweep.degrees)
        return _nearest(self.sweep, self.sweep.gained(side, arm), place)

    def sigma_in_sweep(self, side: str, way: int) -> float | None:
        """Significance of heat into a side (way 1) or out of it (-1) anywhere; None where only points were looked at.

        Args:
            side: One of the sides.
            way: 1 or -1.
        """
        flow = self.of[side]
        sigma = flow.up_sigma if way > 0 else flow.down_sigma
        return global_sigma(sigma, self.sweep.sweeps) if self.fitted else None


def flows_of(sweep: SweepTable, sides: Sequence[str]) -> Flows | None:
    """Heat into both sides along a sweep; None where one was measured at the reference only.

    Args:
        sweep: What was measured.
        sides: The two.
    """
    first, second = sides
    fits = [sweep.fit_of(side) for side in sides]
    oscillations = [fit.oscillation for fit in fits if fit is not None and _stands(fit.oscillation)]
    if len(oscillations) == len(fits):
        flows = [flow_of_fit(oscillation, sweep.degrees) for oscillation in oscillations]
        return Flows(sweep=sweep, sides=(first, second), of=dict(zip(sides, flows, strict=True)), fitted=True)
    found = {side: _flow_of_points(sweep.gained(side), sweep) for side in sides}
    known = {side: flow for side, flow in found.items() if flow is not None}
    return Flows(sweep=sweep, sides=(first, second), of=known, fitted=False) if len(known) == len(found) else None


def _stands(fitted: Oscillation) -> bool:
    return fitted.degrees > 0 and fitted.p_value >= ALARM


def exchange_at(flows: Flows, hot: str, place: float, difference: Valued, way: int = 1) -> Exchange:
    """Everything that a claim about an exchange rests on, at one place, in units of each side's gap.

    Args:
        flows: Of both sides.
        hot: The side that counts as hot.
        place: On the axis.
        difference: E_hot - E_cold at the reference; see `Exchange`.
        way: 1: heat into the hot side is asked about; -1: out of it.
    """
    sweep, cold = flows.sweep, flows.other(hot)
    here, there = (_excitations(flows, side, place) for side in (hot, cold))
    nothing = Valued(value=0.0, stderr=np.inf)
    controls = [_excitations(flows, hot, place, arm) for arm in sweep.arms if arm != "main"]
    sign = 1.0 if hot == flows.sides[0] else -1.0
    return Exchange(
        difference=difference,
        hot=here or nothing,
        cold=there or nothing,
        balance=_balance(flows, place, here or nothing, there or nothing),
        declared=np.nan if sweep.apart is None else sign * sweep.apart,
        number=_number(sweep, place) if sweep.closed else None,
        controls=[control for control in controls if control is not None],
        trials=flows.trials,
        hot_in_sweep=flows.sigma_in_sweep(hot, way),
        cold_in_sweep=flows.sigma_in_sweep(cold, -way),
        excited=excited_apart(sweep, hot, cold),
    )


def _excitations(flows: Flows, side: str, place: float, arm: str = "main") -> Valued | None:
    """What a side gained, in units of its gap."""
    gained, gap = flows.at(side, place, arm), flows.sweep.gap_of(side)
    return None if gained is None else replace(gained, value=gained.value / gap, stderr=gained.stderr / gap)


def work(flows: Flows, place: float) -> Valued | None:
    """Energy that both sides gained together, which is work where an exchange is all that moved them.

    Args:
        flows: Of both sides.
        place: On the axis.
    """
    both = [found for side in flows.sides if flows.fitted and (found := flows.at(side, place)) is not None]
    if len(both) == 2:
        return _sum(*both)
    return flows.at("".join(flows.sides), place)


def _balance(flows: Flows, place: float, hot: Valued, cold: Valued) -> Valued | None:
    """Q_hot + Q_cold. Fits of both are taken for independent: excitations that exclude each other scatter less."""
    if flows.fitted:
        return _sum(hot, cold)
    if flows.sweep.gaps is not None:
        rows = flows.sweep.rows("excitation_change", "".join(flows.sides))
        return _nearest(flows.sweep, rows, place)
    return flows.at("".join(flows.sides), place)


def _sum(one: Valued, other: Valued) -> Valued:
    """Of two that do not share their noise."""
    return one.minus(replace(other, value=-other.value))


def _number(sweep: SweepTable, place: float) -> Valued | None:
    """Change of p01 + p10 since the reference; their noise, which excludes each other, is taken for independent."""
    found = [
        (rows, rows[rows[sweep.axis] == 0])
        for rows in (sweep.rows("population", one) for one in ("01", "10"))
        if sweep.axis in rows
    ]
    if len(found) < 2 or any(start.empty for _, start in found):
        return None
    total = Valued(value=0.0, stderr=0.0)
    for rows, start in found:
        here, before = _nearest(sweep, rows, place), sweep.valued(start.iloc[0])
        change = before if here is None else here.minus(before)
        total = _sum(total, change)
    return total


def _nearest(sweep: SweepTable, rows: pd.DataFrame, place: float) -> Valued | None:
    axis = sweep.axis
    later = rows[rows[axis] > 0] if axis in rows else rows.iloc[:0]
    if later.empty:
        return None
    return sweep.valued(later.iloc[int((later[axis] - place).abs().to_numpy().argmin())])


def _flow_of_points(rows: pd.DataFrame, sweep: SweepTable) -> Flow | None:
    axis = sweep.axis
    later = rows[rows[axis] > 0] if axis in rows else rows.iloc[:0]
    if later.empty:
        return None
    return flow_of_points(*(later[name].to_numpy() for name in (axis, "value", "stderr")), degrees=sweep.degrees)
