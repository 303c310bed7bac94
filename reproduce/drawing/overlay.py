"""Measured points of a run, laid over the curves whose parameters it has."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from analysis.table import rows_of
from devices import RunError, RunRecord
from protocols import Array, RequestError
from reproduce.drawing.agreement import PAIRS, agreeing, differences, protocols_of
from reproduce.drawing.figure import Measure

if typing.TYPE_CHECKING:
    import pandas as pd

NEAR = 0.5
"""How far a measured time may be from the only one that is wanted [hbar/gap]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Points:
    """Rows of a run that belong to one measure."""

    measure: Measure
    x: Array
    """Where they are drawn, (rows,), in the unit of the axis."""
    rows: pd.DataFrame
    """Columns value, stderr, low, high, in the unit of the panel."""

    @property
    def value(self) -> Array:
        """Estimates, (rows,)."""
        return self.rows["value"].to_numpy(dtype=float)

    @property
    def stderr(self) -> Array:
        """Standard errors, (rows,)."""
        return self.rows["stderr"].to_numpy(dtype=float)

    @property
    def low(self) -> Array:
        """Lower ends of the 95 % intervals, (rows,)."""
        return self.rows["low"].to_numpy(dtype=float)

    @property
    def high(self) -> Array:
        """Upper ends of the 95 % intervals, (rows,)."""
        return self.rows["high"].to_numpy(dtype=float)


@dataclass(frozen=True, kw_only=True, eq=False)
class Overlay:
    """A finished run and its table."""

    record: RunRecord
    table: pd.DataFrame

    @classmethod
    def open(cls, path: Path, protocols: Sequence[str] = ()) -> Overlay:
        """Opens a run.

        Args:
            path: Its directory.
            protocols: Of which it has to be one; empty: any.

        Raises:
            RequestError: If it is no finished run, is one of another protocol, or was not analysed.
        """
        import pandas as pd

        try:
            record = RunRecord.open(path)
        except RunError as error:
            raise RequestError(f"Argument `overlay` must be a finished run, but {error}") from error
        if protocols and record.start["protocol"] not in protocols:
            raise RequestError(
                f"Argument `overlay` must be a run of {' or '.join(protocols)}, but {path} is one of "
                f"{record.start['protocol'] or 'no protocol'}. Choose another run."
            )
        path_of_table = path / "derived" / "table.csv"
        if not path_of_table.exists():
            raise RequestError(
                f"Argument `overlay` must be an analysed run, but {path_of_table} is missing: hotward analyse {path}"
            )
        try:
            table = pd.read_csv(path_of_table)
            whole = set(table["point"]) >= set(range(len(record.points))) and {"value", "high"} <= set(table.columns)
        except (ValueError, KeyError):  # pandas' errors are ValueErrors
            table, whole = pd.DataFrame(), False
        if not whole:
            raise RequestError(
                f"Argument `overlay` must be an analysed run, but {path_of_table} is damaged: hotward analyse {path}"
            )
        return cls(record=record, table=table)

    @property
    def name(self) -> str:
        """Of the run."""
        return str(self.record.start["run"])

    def points(self, measure: Measure) -> Points | None:
        """What was measured of one curve, or None."""
        found = [self._of_arm(measure, arm) for arm in self.record.start["arms"]]
        found = [one for one in found if one is not None]
        return found[0] if found else None

    def fitting(self, measures: Iterable[Measure]) -> list[Points]:
        """All measures that the run has points for."""
        return [one for one in map(self.points, measures) if one is not None]

    def _of_arm(self, measure: Measure, arm: str) -> Points | None:
        rows = rows_of(self.table, measure.observable, measure.subject, arm)
        rows = rows[rows["scheme"] == measure.scheme] if measure.scheme and "scheme" in rows else rows
        rows = rows[(rows["point"] >= 0) & np.isfinite(rows["value"].to_numpy(dtype=float))]
        rows = rows[agreeing(measure, self.record, arm)[rows["point"].to_numpy(dtype=int)]]
        along = self._along(measure.axis, rows)
        if along is None:
            return None
        if measure.reciprocal:
            rows, along = rows[along != 0], 1 / along[along != 0]
        if rows.empty:
            return None
        if measure.only is not None:
            nearest = [int(np.argmin(np.abs(along - measure.only)))]
            if abs(along[nearest[0]] - measure.only) > NEAR:
                return None
            measure = replace(measure, label=f"{measure.label} of {along[nearest[0]]:.3g}")
            rows, along = rows.iloc[nearest], along[nearest] * 0 + measure.at
        drawn = rows[["value", "stderr", "low", "high"]].astype(float) * measure.factor
        if measure.factor < 0:
            drawn["low"], drawn["high"] = drawn["high"].copy(), drawn["low"].copy()
            drawn["stderr"] = drawn["stderr"].abs()
        return Points(measure=measure, x=along * measure.scale, rows=drawn)

    def _along(self, axis: str, rows: pd.DataFrame) -> Array | None:
        """Where rows lie along a parameter, or along the column `cycle` of a machine."""
        values = self.record.points.parameters.get(axis)
        if values is not None:
            return values[rows["point"].to_numpy(dtype=int)]
        return rows[axis].to_numpy(dtype=float) if axis in rows else None


def checked(path: Path, measures: Sequence[Measure]) -> Overlay:
    """A run that has points for at least one of the measures.

    Args:
        path: Directory of the run.
        measures: What the figures can show of a run.

    Raises:
        RequestError: If it has none.
    """
    known = list(dict.fromkeys(name for one in measures for name in protocols_of(one)))
    if not known:
        raise RequestError(
            "Argument `overlay` needs figures of what a circuit carries out, but of these is none. Leave it out."
        )
    overlay = Overlay.open(path, known)
    if not overlay.fitting(measures):
        raise RequestError(_misfit(path, overlay.record, measures))
    return overlay


def _misfit(path: Path, record: RunRecord, measures: Sequence[Measure]) -> str:
    """Why a run has no points here, and what would have."""
    protocol = record.start["protocol"]
    taken = [one for one in measures if protocol in protocols_of(one)]
    asked = ", ".join(sorted({f"{m.observable} {m.subject}" for m in taken}))
    if protocol in PAIRS:
        return (
            f"Argument `overlay` must start in a state of the figures and have their coupling, but {path} does not "
            f"(looked for {asked}). Run the paper's preset, or choose other figures."
        )
    nearest = min((differences(one, record) for one in taken), key=len)
    if not nearest:
        arms = ", ".join(dict.fromkeys(one.arm for one in taken))
        return (
            f"Argument `overlay` must have rows of the figures ({asked}; arms {arms}), but {path} has none of them "
            "at a point whose parameters agree. Run it with the arms and bases that they take, or choose other figures."
        )
    has = " and ".join(f"{name} is {value}" for name, value, _ in nearest)
    wanted = " ".join(f"--set {name}={value}" for name, _, value in nearest)
    return (
        f"Argument `overlay` must have the parameters of a figure, but in {path} {has}. Run {protocol} with {wanted}, "
        "or choose other figures."
    )
