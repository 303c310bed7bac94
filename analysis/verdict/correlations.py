"""Correlations in the words of the verdict: how much mutual information went, and whether entanglement was seen."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np

from analysis.statistics.significance import global_sigma
from analysis.sweeps.flow import basis_of_points
from analysis.verdict.question import DIRECTION_SIGMA, SweepTable, sigmas
from analysis.verdict.wording import UNBOUNDED, row_in_words, side

if typing.TYPE_CHECKING:
    import pandas as pd

INFORMATION, CONCURRENCE, SIGNED = "mutual_information", "concurrence", "signed_concurrence"


def correlated(sweep: SweepTable, qubits: Sequence[str]) -> list[str]:
    """Mutual information at the reference and at its lowest, and the evidence of entanglement; what was measured."""
    both = "".join(qubits)
    return [*_information(sweep, both), *_entanglement(sweep, both)]


def _information(sweep: SweepTable, both: str) -> list[str]:
    rows = _known(sweep.rows(INFORMATION, both), sweep.axis)
    start = rows[rows[sweep.axis] == 0] if len(rows) else rows
    if start.empty:
        return []
    bounds = sweep.bounds.get((INFORMATION, both), UNBOUNDED)
    said = f"{row_in_words(start.iloc[0], bounds)} at {sweep.start}"
    lowest = rows.iloc[int(np.argmin(rows["value"]))]
    if lowest["point"] == start.iloc[0]["point"]:
        return [f"{said}, its lowest"]
    return [f"{said}; lowest {_at(lowest, sweep, bounds, named=False)}"]


def _entanglement(sweep: SweepTable, both: str) -> list[str]:
    """By the signed concurrence, which has an error where the concurrence is 0, at its most significant point."""
    rows, signed = (_known(sweep.rows(name, both), sweep.axis) for name in (CONCURRENCE, SIGNED))
    signed = signed[signed["point"].isin(rows["point"])]
    if rows.empty or signed.empty or not (signed["stderr"] > 0).all():
        return []
    bounds = sweep.bounds.get((CONCURRENCE, both), (0.0, 1.0))
    z = (signed["value"] / signed["stderr"]).to_numpy(dtype=float)
    sigma = global_sigma(float(z.max()), len(z))
    best = rows[rows["point"] == signed.iloc[int(z.argmax())]["point"]].iloc[0]
    seen = f"({sigmas(sigma)} {basis_of_points(len(z), sweep.axis)})"
    if sigma > DIRECTION_SIGMA:
        return [f"entangled: {_at(best, sweep, bounds)} {seen}"]
    limit = rows.iloc[int(np.argmax(rows["high"]))]
    most = f"{CONCURRENCE} {both} < {limit['high']:.2g} at 95 % at every point"
    if side(limit["low"], limit["high"], bounds) == "below":
        most = f"{row_in_words(limit, bounds)} at every point"
    return [f"no entanglement seen: {most} {seen}"]


def _known(rows: pd.DataFrame, axis: str) -> pd.DataFrame:
    """Rows that have a place on the axis and an interval."""
    if rows.empty or axis not in rows:
        return rows.iloc[:0]
    return rows[rows["value"].notna() & rows["low"].notna() & rows["high"].notna() & rows[axis].notna()]


def _at(row: typing.Any, sweep: SweepTable, bounds: tuple[float, float], *, named: bool = True) -> str:
    return f"{row_in_words(row, bounds, named=named)} at {sweep.axis} = {row[sweep.axis]:.6g}"
