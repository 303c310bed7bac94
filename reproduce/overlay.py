"""Measured points of a run, laid over the curves that start in the same state."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from analysis.table import rows_of
from devices import RunError, RunRecord
from protocols import Array, RequestError
from reproduce import closed as _closed
from reproduce.figure import Measure

if typing.TYPE_CHECKING:
    import pandas as pd

PROTOCOLS = ("heat-exchange", "heat-pump")
NEAR = 0.5
"""How far a measured time may be from the one that is wanted [hbar/gap]."""
SAME = 1e-6
"""Initial states and couplings that differ by less are the same."""


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
    ideal: dict[str, Array]

    @classmethod
    def open(cls, path: Path) -> Overlay:
        """Opens a run.

        Raises:
            RequestError: If it is no finished run of a pair that the papers have, or was not analysed.
        """
        import pandas as pd

        try:
            record = RunRecord.open(path)
        except RunError as error:
            raise RequestError(f"Argument `overlay` must be a finished run, but {error}") from error
        if record.start["protocol"] not in PROTOCOLS:
            raise RequestError(
                f"Argument `overlay` must be a run of {' or '.join(PROTOCOLS)}, but {path} is one of "
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
        return cls(record=record, table=table, ideal=record.ideal())

    @property
    def name(self) -> str:
        """Of the run."""
        return str(self.record.start["run"])

    def points(self, measure: Measure) -> Points | None:
        """What was measured of one curve, or None."""
        found = [self._of_arm(measure, k, arm) for k, arm in enumerate(self.record.start["arms"])]
        found = [one for one in found if one is not None]
        return found[0] if found else None

    def fitting(self, measures: Iterable[Measure]) -> list[Points]:
        """All measures that the run has points for."""
        return [one for one in map(self.points, measures) if one is not None]

    def _of_arm(self, measure: Measure, index: int, arm: str) -> Points | None:
        along = self.record.points.parameters.get(measure.axis)
        if along is None:
            return None
        rows = rows_of(self.table, measure.observable, measure.subject, arm)
        rows = rows[(rows["point"] >= 0) & np.isfinite(rows["value"].to_numpy(dtype=float))]
        rows = rows[self._same(measure, index)[rows["point"].to_numpy(dtype=int)]]
        if rows.empty:
            return None
        time = along[rows["point"].to_numpy(dtype=int)]
        if measure.only is not None:
            nearest = [int(np.argmin(np.abs(time - measure.only)))]
            if abs(time[nearest[0]] - measure.only) > NEAR:
                return None
            measure = replace(measure, label=f"{measure.label} of {time[nearest[0]]:.3g}")
            rows, time = rows.iloc[nearest], time[nearest] * 0 + measure.at
        drawn = rows[["value", "stderr", "low", "high"]].astype(float) * measure.factor
        if measure.factor < 0:
            drawn["low"], drawn["high"] = drawn["high"].copy(), drawn["low"].copy()
            drawn["stderr"] = drawn["stderr"].abs()
        return Points(measure=measure, x=time * measure.scale, rows=drawn)

    def _same(self, measure: Measure, arm: int) -> Array:
        """Which points start in the state of a measure and have its coupling, (points,) bool."""
        mine = self.record.points.parameters
        points = measure.experiment.points({}, reference="nominal")
        rho = _turned(_closed.initial(measure.experiment), points.parameters["coupling_phase"][0])
        theirs = _turned(self.ideal["reference_state"][arm], mine["coupling_phase"])
        close = np.abs(theirs - rho).max(axis=(-2, -1)) < SAME
        coupling = points.parameters["coupling"][0]
        return close & (np.abs(mine["coupling"] - coupling) < SAME * coupling)


def _turned(rho: Array, phi_V: Array | float) -> Array:
    """A state with A's phase turned so that the exchange is the XY coupling."""
    phase = np.exp(1j * np.asarray(phi_V))
    turn = np.ones((*phase.shape, 4), dtype=complex)
    # rho_{01,10} -> e^{-i phi_V} rho_{01,10}
    turn[..., 2] = phase
    return turn[..., :, None] * rho * turn[..., None, :].conj()


def checked(path: Path, measures: Sequence[Measure]) -> Overlay:
    """A run that has points for at least one of the measures.

    Raises:
        RequestError: If it has none.
    """
    overlay = Overlay.open(path)
    if not overlay.fitting(measures):
        asked = sorted({f"{m.observable} {m.subject}" for m in measures})
        raise RequestError(
            f"Argument `overlay` must start in a state of the figures and have their coupling, but {path} does not "
            "(looked "
            f"for {', '.join(asked)}). Run the paper's preset, or choose other figures."
        )
    return overlay
