"""Correlations beside the verdict: how much mutual information went, and whether entanglement was seen."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np

from analysis.statistics import global_sigma, student_sigma
from analysis.verdict import findings as f
from analysis.verdict.question import SweepTable
from analysis.verdict.rows import quantity_of

if typing.TYPE_CHECKING:
    import pandas as pd

INFORMATION, CONCURRENCE, SIGNED = "mutual_information", "concurrence", "signed_concurrence"


def correlated(sweep: SweepTable, qubits: Sequence[str]) -> list[f.Finding]:
    """Mutual information at the reference and at its lowest, and the evidence of entanglement; what was measured.

    Args:
        sweep: What was measured.
        qubits: The two between which heat flows.
    """
    both = "".join(qubits)
    return [*_information(sweep, both), *_entanglement(sweep, both)]


def _information(sweep: SweepTable, both: str) -> list[f.Information]:
    rows = _with_interval(sweep.rows(INFORMATION, both), sweep.axis)
    start = rows[rows[sweep.axis] == 0] if len(rows) else rows
    if start.empty:
        return []
    first, lowest = start.iloc[0], rows.iloc[int(np.argmin(rows["value"]))]
    fell = lowest["point"] != first["point"]
    return [
        f.Information(
            start=quantity_of(first, sweep.axis, sweep.bounds),
            lowest=quantity_of(lowest, sweep.axis, sweep.bounds) if fell else None,
        )
    ]


def _entanglement(sweep: SweepTable, both: str) -> list[f.Entanglement]:
    """By the signed concurrence, which has an error where the concurrence is 0, at its most significant point."""
    rows, signed = (_with_interval(sweep.rows(name, both), sweep.axis) for name in (CONCURRENCE, SIGNED))
    signed = signed[signed["point"].isin(rows["point"])]
    if rows.empty or signed.empty or not (signed["stderr"] > 0).all():
        return []
    z = student_sigma((signed["value"] / signed["stderr"]).to_numpy(dtype=float), sweep.degrees)
    sigma = global_sigma(float(z.max()), len(z))
    best = rows[rows["point"] == signed.iloc[int(z.argmax())]["point"]].iloc[0]
    limit = rows.iloc[int(np.argmax(rows["high"]))]
    return [
        f.Entanglement(
            seen=sigma > f.DIRECTION_SIGMA,
            sigma=sigma,
            basis=f.Basis(kind="best point" if len(z) > 1 else "point", number=len(z), axis=sweep.axis),
            best=quantity_of(best, sweep.axis, sweep.bounds, (0.0, 1.0)),
            limit=quantity_of(limit, sweep.axis, sweep.bounds, (0.0, 1.0)),
        )
    ]


def _with_interval(rows: pd.DataFrame, axis: str) -> pd.DataFrame:
    """Rows that have a place on the axis and an interval."""
    if rows.empty or axis not in rows:
        return rows.iloc[:0]
    return rows[rows["value"].notna() & rows["low"].notna() & rows["high"].notna() & rows[axis].notna()]
