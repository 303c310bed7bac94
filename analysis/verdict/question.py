"""What a run is asked, and what was measured of it, a sweep at a time."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.estimate_arrays import Estimates, Series, split
from analysis.sweeps import DriveCheck, SweepFit
from analysis.verdict.rule import DIRECTION_SIGMA, Valued
from protocols import Array
from protocols.pair import NO_CONTROLS
from protocols.program import Goal, Machine
from protocols.units import GAP, Gaps

if typing.TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class VerdictInputs:
    """What the verdict is about."""

    sides: tuple[str, str] | None
    """Two subjects between which heat flows."""
    closed: bool = False
    """Whether they are two qubits that exchange excitations with each other and with nothing else."""
    goal: Goal | None = None
    machine: Machine | None = None
    apart: Array | None = None
    """Exact energy difference of the sides at the reference of each cell, where it is known."""
    bounds: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    """What each quantity can be at all, by name and subject."""
    gaps: Gaps | None = None
    """Of the sides, where they are unequal."""


@dataclass(frozen=True)
class SweepTable:
    """What was measured in one sweep along the axis."""

    estimates: Estimates
    points: Array
    """Indices of the points of this sweep."""
    fits: Sequence[SweepFit]
    drives: Sequence[DriveCheck]
    where: str
    """Values of the other swept parameters."""
    apart: float | None = None
    """Exact energy difference of the sides at the reference."""
    closed: bool = False
    """Whether two qubits exchange excitations with each other and with nothing else."""
    sweeps: int = 1
    """How many sweeps there are in the run, this one among them."""
    bounds: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    """What each quantity can be at all, by name and subject."""
    gaps: Gaps | None = None
    """Of the sides, where they are unequal; None: all are the unit of energy."""

    @property
    def unit(self) -> str:
        """Of all energies."""
        return self.gaps.unit if self.gaps else GAP

    @property
    def degrees(self) -> float:
        """Of freedom of all errors, where they are Student's t."""
        return self.estimates.degrees

    def valued(self, row: typing.Any, sign: float = 1.0) -> Valued:
        """Value and error of a row.

        Args:
            row: Of any observable.
            sign: What the value is multiplied with.
        """
        return Valued(value=sign * float(row["value"]), stderr=float(row["stderr"]), degrees=self.degrees)

    def gap_of(self, side: str) -> float:
        """Gap of a side in that unit."""
        return self.gaps.of[side] if self.gaps else 1.0

    def inverted(self, sides: Sequence[str]) -> bool:
        """Whether both sides start more excited than not beyond their errors: no temperature above 0 does that."""
        starts = [(self.at_start("energy", side), self.gap_of(side)) for side in sides]
        return all(
            len(rows) > 0 and float(self.valued(rows.iloc[0]).minus(_exactly(gap / 2)).sigmas) > DIRECTION_SIGMA
            for rows, gap in starts
        )

    @property
    def axis(self) -> str:
        """The parameter that the sweep runs along."""
        return self.estimates.axis

    @property
    def arms(self) -> list[str]:
        """The main arm and the controls; not arms that turn the phase, in which heat may flow either way."""
        controls = [arm for arm in self.estimates.arms[1:] if arm not in NO_CONTROLS]
        return ["main", *controls]

    @property
    def measured(self) -> list[str]:
        """Names of the quantities that have a value, those of the earliest cells first."""
        first: list[tuple[int, str]] = []
        for (name, _), one in self.estimates.quantities.items():
            known = np.flatnonzero(~np.isnan(one.value[:, self.points]))
            if len(known):
                first.append((int(known[0]), name))
        return list(dict.fromkeys(name for _, name in sorted(first, key=lambda one: one[0])))

    def subjects(self, observable: str) -> list[str]:
        """Subjects of one observable."""
        return [subject for name, subject in self.estimates.quantities if name == observable]

    def rows(self, observable: str, subject: str, arm: str = "main") -> pd.DataFrame:
        """Rows of one observable in one arm, along the axis.

        Args:
            observable: Name of the quantity.
            subject: Its subject.
            arm: Of which arm.
        """
        import pandas as pd

        series = self._series(observable, subject, arm)
        numbers = {name: getattr(series, name) for name in ("point", "value", "stderr", "low", "high", "ideal")}
        where = {self.axis: series.x} if self.axis in self.estimates.points.parameters else {}
        named = {"observable": observable, "subject": subject, "unit": series.unit}
        rows = pd.DataFrame({**numbers, **where, **named})
        rows = rows[rows["value"].notna()]
        return rows.sort_values(self.axis) if where else rows

    def ideal(self, observable: str, subject: str, arm: str = "main") -> Mapping[int, float]:
        """Exact values of one observable in one arm, by point.

        Args:
            observable: Name of the quantity.
            subject: Its subject.
            arm: Of which arm.
        """
        series = self._series(observable, subject, arm)
        return dict(zip(series.point.tolist(), series.ideal.tolist(), strict=True))

    def _series(self, observable: str, subject: str, arm: str) -> Series:
        x = self.axis if self.axis in self.estimates.points.parameters else "point"
        return self.estimates.series(observable, subject, arm, x, self.points)

    def at_start(self, observable: str, subject: str, arm: str = "main") -> pd.DataFrame:
        """Its rows at 0 of the axis.

        Args:
            observable: Name of the quantity.
            subject: Its subject.
            arm: Of which arm.
        """
        rows = self.rows(observable, subject, arm)
        return rows[rows[self.axis] == 0] if self.axis in rows else rows.iloc[:0]

    def gained(self, subject: str, arm: str = "main") -> pd.DataFrame:
        """What a subject gained since the reference, along the axis: heat, or a change of energy that is not called so.

        Args:
            subject: A side, or both.
            arm: Of which arm.
        """
        rows = self.rows(self.estimates.gain_of(subject), subject, arm)
        return rows if self.axis in rows else rows.iloc[:0]

    def fit_of(self, side: str, arm: str = "main") -> SweepFit | None:
        """The fit of a side's energy, if heat is counted from the fitted start.

        Args:
            side: Whose energy.
            arm: Of which arm.
        """
        rows = self.gained(side, arm)
        found = [f for f in self.fits if (f.subject, f.arm, f.observable) == (side, arm, "energy")]
        # under a nominal reference heat does not start at 0, and the fit knows nothing of that
        start = rows[rows[self.axis] == 0] if len(rows) else rows
        return found[0] if found and len(start) and bool((start["value"].abs() < 1e-12).all()) else None


def sweep_tables(
    estimates: Estimates, fits: Sequence[SweepFit], drives: Sequence[DriveCheck], inputs: VerdictInputs
) -> list[SweepTable]:
    """One for every combination of the swept parameters other than the axis.

    Args:
        estimates: What was found of every observable.
        fits: Of every sweep and arm.
        drives: Checks of tomography against dynamics.
        inputs: What the verdict is about.
    """
    others = [name for name in estimates.swept if name != estimates.axis]
    found, parts = [], split(estimates.points, others)
    for named, points in parts:
        found.append(
            SweepTable(
                estimates=estimates,
                points=points,
                fits=[one for one in fits if _is_of(one.where, named)],
                drives=[one for one in drives if _is_of(one.where, named)],
                where=in_words(named),
                apart=None if inputs.apart is None else float(inputs.apart[points[0]]),
                closed=inputs.closed,
                sweeps=len(parts),
                bounds=inputs.bounds,
                gaps=inputs.gaps,
            )
        )
    return found


def _exactly(value: float) -> Valued:
    return Valued(value=value, stderr=0.0)


def in_words(named: Mapping[str, float]) -> str:
    """Values of swept parameters, as verdicts tell them.

    Args:
        named: Parameter -> value.

    Examples:
        >>> in_words({"T_A": 2.0, "coupling": 0.1})
        'T_A = 2, coupling = 0.1'
    """
    return ", ".join(f"{name} = {value:.6g}" for name, value in named.items())


def _is_of(where: Mapping[str, float], named: Mapping[str, float]) -> bool:
    return all(where[name] == value for name, value in named.items())
