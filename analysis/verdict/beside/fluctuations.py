"""Statistics of heat beside the verdict: negativity, fluctuation theorems, uncertainty, where errors carry most."""

from __future__ import annotations

import math
import typing
from collections.abc import Sequence

import numpy as np

from analysis.statistics import global_sigma, student_sigma
from analysis.verdict import findings as f
from analysis.verdict.findings import Disturbance, FluctuationTheorem, Negativity, Place, Scheme, Uncertainty
from analysis.verdict.question import SweepTable

if typing.TYPE_CHECKING:
    import pandas as pd

INTO_FIRST = ("01->01", "10->01")
"""Which of the values of a quasiprobability, if negative, take heat into the first qubit beyond its bound."""
ONE = 1e-9
"""An ideal average this near 1 is 1."""


def fluctuations(sweep: SweepTable, qubits: Sequence[str]) -> list[f.Finding]:
    """What was found of the statistics of heat; nothing where they were not measured.

    Args:
        sweep: What was measured.
        qubits: The two between which heat flows, the first one first.
    """
    return [
        *_negativity(sweep, qubits),
        *_disturbances(sweep, qubits),
        *_theorems(sweep, "".join(qubits)),
        *_uncertainty(sweep, "".join(qubits)),
    ]


def _negativity(sweep: SweepTable, qubits: Sequence[str]) -> list[f.Finding]:
    """From two arms, or else from a first reading."""
    for name in ("quasiprobability", "quasiprobability (ancilla)", "quasiprobability (measured)"):
        found = [(move, rows) for move in sweep.subjects(name) if len(rows := _rows(sweep, move, name))]
        if found:
            return _most_negative(sweep, found, qubits)
    return []


def _most_negative(
    sweep: SweepTable, found: Sequence[tuple[str, pd.DataFrame]], qubits: Sequence[str]
) -> list[f.Finding]:
    trials = sum(len(rows) for _, rows in found)
    lowest = [(float((rows["value"] / rows["stderr"]).min()), move, rows) for move, rows in found]
    z, move, rows = min(lowest, key=lambda one: one[0])
    row = rows.iloc[int((rows["value"] / rows["stderr"]).to_numpy().argmin())]
    place = _place(row, sweep, -z, trials)
    return [Negativity(lowest=place, move=move, side=qubits[0 if move in INTO_FIRST else 1])]


def _disturbances(sweep: SweepTable, qubits: Sequence[str]) -> list[f.Finding]:
    found: list[f.Finding] = []
    for reading in ("ancilla", "measured"):
        each = [(qubit, _rows(sweep, qubit, f"reading_disturbance ({reading})")) for qubit in qubits]
        each = [
            (qubit, rows, (rows["value"] / rows["stderr"]).to_numpy(dtype=float)) for qubit, rows in each if len(rows)
        ]
        if not each:
            continue
        trials = 2 * sum(len(rows) for _, rows, _ in each)
        qubit, rows, z = max(each, key=lambda one: float(np.abs(one[2]).max()))
        row = rows.iloc[int(np.abs(z).argmax())]
        place = _place(row, sweep, float(np.abs(z).max()), trials)
        found.append(Disturbance(reading=reading, qubit=qubit, farthest=place))
    return found


def _theorems(sweep: SweepTable, both: str) -> list[f.Finding]:
    found: list[f.Finding] = []
    for scheme in typing.get_args(Scheme):
        rows = _rows(sweep, both, f"fluctuation_average ({scheme})")
        rows = rows[rows["ideal"].notna()]
        if rows.empty:
            continue
        off = (rows["value"] - rows["ideal"]).to_numpy(dtype=float) / rows["stderr"].to_numpy(dtype=float)
        row = rows.iloc[int(np.abs(off).argmax())]
        # farther on either side: two chances a point
        place = _place(row, sweep, float(np.abs(off).max()), 2 * len(rows))
        found.append(
            FluctuationTheorem(
                scheme=scheme,
                farthest=place,
                ideal=float(row["ideal"]),
                one=bool((rows["ideal"] - 1).abs().max() < ONE),
                relaxation_lifts=_ground_is_heaviest(sweep),
            )
        )
    return found


def _uncertainty(sweep: SweepTable, both: str) -> list[f.Finding]:
    ratio, bound = (_rows(sweep, both, name) for name in ("uncertainty_ratio", "uncertainty_bound (exchange)"))
    rows = ratio.merge(bound, on=["point", sweep.axis], suffixes=("", "_bound")) if sweep.axis in ratio else ratio[:0]
    if rows.empty:
        return []
    error = np.hypot(rows["stderr"], rows["stderr_bound"])
    z = ((rows["value_bound"] - rows["value"]) / error).to_numpy(dtype=float)
    best = rows.iloc[int(z.argmax())]
    return [
        Uncertainty(
            ratio=_place(best, sweep, float(z.max()), len(rows)),
            bound=float(best["value_bound"]),
            bound_stderr=float(best["stderr_bound"]),
        )
    ]


def _rows(sweep: SweepTable, subject: str, observable: str) -> pd.DataFrame:
    """Rows that have an error and a place on the axis."""
    rows = sweep.rows(observable, subject)
    if sweep.axis not in rows:
        return rows.iloc[:0]
    error = rows["stderr"].to_numpy(dtype=float)
    return rows[np.isfinite(rows["value"].to_numpy(dtype=float)) & np.isfinite(error) & (error > 0)]


def _place(row: typing.Any, sweep: SweepTable, z: float, trials: int) -> Place:
    axis, z = sweep.axis, float(student_sigma(z, sweep.degrees))
    return Place(
        value=float(row["value"]),
        stderr=float(row["stderr"]),
        axis=axis,
        at=float(row[axis]),
        sigma=max(global_sigma(z, trials), 0.0) if math.isfinite(z) else 0.0,
        trials=trials,
    )


def _ground_is_heaviest(sweep: SweepTable) -> bool:
    """By the nominal temperatures: no qubit is inverted."""
    known = [sweep.estimates.points.parameters.get(name) for name in ("T_A", "T_B")]
    return all(values is not None and bool((values[sweep.points] > 0).all()) for values in known)
