"""Heat of every cycle of a machine between baths."""

from __future__ import annotations

import typing

from analysis.verdict import findings as f
from analysis.verdict.question import SweepTable
from analysis.verdict.rows import value_at

if typing.TYPE_CHECKING:
    import pandas as pd


def heat_by_cycle(sweep: SweepTable) -> list[f.HeatByCycle]:
    """For each bath: what left it in every cycle, and in the controls.

    Baths have heat that adds up over cycles and are no qubits of the system, whose energy a Pauli word gives.
    """
    baths = [subject for subject in sweep.subjects("cumulative_heat") if subject.startswith("bath")]
    return [found for bath in baths if (found := _of_bath(sweep, bath))]


def _of_bath(sweep: SweepTable, bath: str) -> f.HeatByCycle | None:
    rows = _after_reference(sweep, bath, "main")
    if rows.empty:
        return None
    controls = []
    for arm in [name for name in sweep.arms if name != "main"]:
        control = _after_reference(sweep, bath, arm)
        if len(control):
            ends = (control["value"].argmin(), control["value"].argmax())
            lowest, highest = (value_at(control.iloc[i], sweep.axis) for i in ends)
            controls.append(f.RangeOfControl(arm=arm, lowest=lowest, highest=highest))
    heats = tuple(value_at(row, sweep.axis) for _, row in rows.iterrows())
    return f.HeatByCycle(bath=bath, heats=heats, controls=tuple(controls))


def _after_reference(sweep: SweepTable, bath: str, arm: str) -> pd.DataFrame:
    rows = sweep.rows("heat", bath, arm)
    return rows[(rows[sweep.axis] > 0) & (rows["stderr"] > 0)] if sweep.axis in rows else rows.iloc[:0]
