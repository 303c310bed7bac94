"""What a run is asked, and how its answers look: a verdict a sweep, values with errors as text."""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analysis.sweeps.fits import DriveCheck, SweepFit
from analysis.sweeps.flow import Flow, flow_of_fit, flow_of_points
from analysis.table import rows_of
from protocols import Array
from protocols.program.observable import Goal

if typing.TYPE_CHECKING:
    import pandas as pd

DIRECTION_SIGMA = 3.0
"""Significance below which one side does not count as hotter, a flow not as seen, a limit not as passed."""


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


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one sweep along the axis shows."""

    where: str
    """Values of the other swept parameters, empty if there are none."""
    hot: str | None
    """The hotter side at the reference; None if they cannot be told apart by 3 sigma, or there are no sides."""
    reversed: bool | None
    """Whether heat went into the hot side; None without a direction."""
    headline: str
    """One sentence."""
    details: tuple[str, ...]
    """The rest, one sentence each."""
    heat: float | None = None
    """Net heat into the hot side at its best time; at its worst where nothing was reversed [gap]."""
    stderr: float | None = None
    """Of the heat, or of the value."""
    at: float | None = None
    """Where on the axis."""
    sigma: float | None = None
    """One significance for the run."""
    basis: str = ""
    """"fit" (of the whole sweep), "point" (the only one), "best point" (with its trial factor)."""
    trials: int = 0
    """Points that were looked at, where no fit was possible."""
    turned: float | None = None
    """When the flow turned."""
    zero_again: float | None = None
    """When the net heat was zero again."""
    reached: bool | None = None
    """Whether a quantity passed the limit that the protocol sets out to pass; None where heat is what is judged."""
    quantity: str = ""
    """Which, with its subject."""
    value: float | None = None
    limit: float | None = None

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return dataclasses.asdict(self)


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
    def start(self) -> str:
        """Where on the axis the reference is."""
        return "time 0" if self.axis == "time" else f"{self.axis} = 0"

    @property
    def arms(self) -> list[str]:
        """The main arm and the controls."""
        return list(self.table["arm"].unique()) if "arm" in self.table else ["main"]

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
        return flow_of_points(*columns, axis=self.axis) if len(later) else None


def sigmas(z: float) -> str:
    """How far the run is from no such effect; beyond 100 no error is known that well."""
    return f"{max(z, 0):.1f} sigma" if z < 100 else "more than 100 sigma"


def pm(value: float, stderr: float) -> str:
    """Value and error to two digits of the error: "0.2689 +- 0.0043".

    Examples:
        >>> pm(0.26894, 0.00432)
        '0.2689 +- 0.0043'
    """
    if not (math.isfinite(stderr) and stderr > 0):
        return f"{value:.6g}"
    digits = max(0, 1 - math.floor(math.log10(stderr)))
    value = round(value, digits) + 0.0  # no negative zero
    return f"{value:.{digits}f} +- {stderr:.{digits}f}"
