"""What a run is asked, and what was measured of it, a sweep at a time."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from analysis.sweeps.fits import DriveCheck, SweepFit
from analysis.sweeps.flow import Flow, flow_of_fit, flow_of_points
from analysis.table import rows_of
from protocols import Array
from protocols.program.observable import Goal

if typing.TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class VerdictInputs:
    """What the verdict is about."""

    axis: str
    others: tuple[str, ...]
    """The other swept parameters: there is one verdict for every combination of their values."""
    sides: tuple[str, ...] | None
    """Two subjects between which heat flows."""
    goal: Goal | None = None
    apart: Array | None = None
    """Exact energy difference of the sides at the reference of each cell, where it is known."""
    bounds: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    """What each quantity can be at all, by name and subject."""


@dataclass(frozen=True)
class SweepTable:
    """What was measured in one sweep along the axis."""

    table: pd.DataFrame
    fits: Sequence[SweepFit]
    drives: Sequence[DriveCheck]
    axis: str
    where: str
    """Values of the other swept parameters."""
    apart: float | None = None
    """Exact energy difference of the sides at the reference."""
    bounds: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    """What each quantity can be at all, by name and subject."""

    @property
    def arms(self) -> list[str]:
        """The main arm and the controls."""
        return list(self.table["arm"].unique()) if "arm" in self.table else ["main"]

    @property
    def measured(self) -> list[str]:
        """Names of the quantities that have a value."""
        return list(self.table.loc[self.table["value"].notna(), "observable"].unique())

    def subjects(self, observable: str) -> list[str]:
        """Subjects of one observable."""
        return list(self.table.loc[self.table["observable"] == observable, "subject"].unique())

    def ideal(self, observable: str, subject: str, arm: str = "main") -> pd.Series:
        """Exact values of one observable in one arm, by point."""
        return rows_of(self.table, observable, subject, arm).set_index("point")["ideal"]

    def rows(self, observable: str, subject: str, arm: str = "main") -> pd.DataFrame:
        """Rows of one observable in one arm, along the axis."""
        chosen = rows_of(self.table, observable, subject, arm)
        chosen = chosen[chosen["value"].notna()]
        return chosen.sort_values(self.axis) if self.axis in chosen else chosen

    def at_start(self, observable: str, subject: str, arm: str = "main") -> pd.DataFrame:
        """Its rows at 0 of the axis."""
        rows = self.rows(observable, subject, arm)
        return rows[rows[self.axis] == 0] if self.axis in rows else rows.iloc[:0]

    def flow(self, qubit: str, arm: str = "main") -> Flow | None:
        """Net heat into a side along the axis; from the fit if heat is counted from the fitted start."""
        heat = self.rows("heat", qubit, arm)
        if heat.empty or self.axis not in heat:
            return None
        found = [f for f in self.fits if (f.subject, f.arm, f.observable) == (qubit, arm, "energy")]
        # under a nominal reference heat does not start at 0, and the fit knows nothing of that
        measured = heat[heat[self.axis] == 0]
        if found and len(measured) and (measured["value"].abs() < 1e-12).all():
            return flow_of_fit(found[0].oscillation)
        later = heat[heat[self.axis] > 0]
        columns = [later[name].to_numpy() for name in (self.axis, "value", "stderr")]
        return flow_of_points(*columns) if len(later) else None


def sweep_tables(
    table: pd.DataFrame, fits: Sequence[SweepFit], drives: Sequence[DriveCheck], question: VerdictInputs
) -> Iterator[SweepTable]:
    """One for every combination of the swept parameters other than the axis.

    Args:
        table: As written to table.csv, with measured values, without the rows of fits.
        fits: Of every sweep and arm.
        drives: Checks of tomography against dynamics.
        question: What is asked.
    """
    others = list(question.others)
    for values, group in table.groupby(others, sort=True) if others else [((), table)]:
        keys = values if isinstance(values, tuple) else (values,)
        named: dict[str, typing.Any] = dict(zip(others, keys, strict=True))
        yield SweepTable(
            table=group,
            fits=[fit for fit in fits if _is_there(fit.where, named)],
            drives=[drive for drive in drives if _is_there(drive.where, named)],
            axis=question.axis,
            where=", ".join(f"{name} = {value:.6g}" for name, value in named.items()),
            apart=None if question.apart is None else float(question.apart[int(group["point"].iloc[0])]),
            bounds=question.bounds,
        )


def _is_there(where: Mapping[str, float], named: Mapping[str, float]) -> bool:
    return all(where[name] == value for name, value in named.items())
