"""Heat of every cycle of a machine between baths, in words."""

from __future__ import annotations

import typing

from analysis.verdict.question import SweepTable, pm, sigmas

if typing.TYPE_CHECKING:
    import pandas as pd

MOST = 6
"""Cycles that are told one by one."""


def heat_by_cycle(sweep: SweepTable) -> list[str]:
    """A sentence for each bath: what left it in every cycle, the least significant one, and its control.

    Baths have heat that adds up over cycles and are no qubits of the system, whose energy a Pauli word gives.
    """
    named = sweep.subjects("cumulative_heat")
    return [said for bath in named if bath.startswith("bath") and (said := _of_bath(sweep, bath))]


def _of_bath(sweep: SweepTable, bath: str) -> str:
    rows = _later(sweep, bath, "main")
    if rows.empty:
        return ""
    each = [pm(value, stderr) for value, stderr in zip(rows["value"], rows["stderr"], strict=True)]
    said = f"heat out of {bath} by cycle: {', '.join(each[:MOST])}{', ...' if len(each) > MOST else ''} gap"
    if len(rows) > 1:
        signs = {value > 0 for value in rows["value"]}
        least = float((rows["value"].abs() / rows["stderr"]).min())
        said += f", all of one sign, the least at {sigmas(least)}" if len(signs) == 1 else ", of both signs"
    for arm in sweep.arms:
        control = _later(sweep, bath, arm) if arm != "main" else rows.iloc[:0]
        if len(control):
            ends = [
                pm(control["value"].iloc[i], control["stderr"].iloc[i])
                for i in (control["value"].argmin(), control["value"].argmax())
            ]
            said += f"; control {arm}: {' to '.join(dict.fromkeys(ends))}"
    return said


def _later(sweep: SweepTable, bath: str, arm: str) -> pd.DataFrame:
    """Its rows after the reference."""
    rows = sweep.rows("heat", bath, arm)
    return rows[(rows[sweep.axis] > 0) & (rows["stderr"] > 0)] if sweep.axis in rows else rows.iloc[:0]
