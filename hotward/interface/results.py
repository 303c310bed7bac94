"""What a run, a plan and a prediction show of themselves, in a terminal and in a notebook."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from hotward.interface.html import Page, displayed, shown
from protocols import Array, RequestError

if typing.TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure

    from analysis import Analysis, Verdict
    from analysis.planning import Planned
    from analysis.report import Comparison
    from devices import RunRecord

HEAT = ("cumulative_heat", "energies")
"""Figures in which heat is drawn; the first that the run has."""


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """A finished run and what it says. It is analysed when something of it is first asked for, and then kept.

    Examples:
        >>> import hotward as hw, tempfile
        >>> directory = tempfile.TemporaryDirectory()
        >>> result = hw.run("heat-exchange", device="exact", time=[0, 7.01], shots=256, seed=1, runs=directory.name)
        >>> result.path.is_dir()
        True
        >>> directory.cleanup()
    """

    path: Path
    """The run directory."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """How it is analysed: keywords of `analysis.analyse`; what is not given is as the run recorded it."""

    @cached_property
    def record(self) -> RunRecord:
        """The run as it was recorded: what was asked, counts, jobs."""
        from devices import RunRecord

        return RunRecord.open(self.path)

    @cached_property
    def analysis(self) -> Analysis:
        """Everything that was found, as arrays."""
        from analysis import analyse

        return analyse(self.record, **self.options)

    @property
    def table(self) -> pd.DataFrame:
        """One row a point, observable and subject: `value`, `stderr`, `low`, `high` (95 %), `ideal`, `unit`."""
        return self.analysis.table

    @property
    def states(self) -> Array | None:
        """Estimated density matrices, (arms, points, d, d); None where the settings determine none."""
        return self.analysis.states

    @property
    def verdict(self) -> Verdict:
        """The verdict of the first sweep: the only one unless other parameters than the axis are swept."""
        return self.analysis.verdict

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One for every combination of the swept parameters other than the axis."""
        return self.analysis.verdicts

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures that this run has, as in its report."""
        from analysis.figures import FIGURES

        return tuple(name for name, draw in FIGURES.items() if draw(self.analysis) is not None)

    def plot(self, name: str = "heat") -> Figure:
        """A figure of the report.

        Args:
            name: As in the report: "energies", "quantities", "states" ..; "heat": that in which heat is drawn, with
                its error bars beside the exact curve.

        Raises:
            RequestError: For a name that no figure has, or that this run has not.
        """
        from analysis.figures import FIGURES

        for one in HEAT if name == "heat" else (name,):
            figure = FIGURES[one](self.analysis) if one in FIGURES else None
            if figure is not None:
                return displayed(figure)
        known = ("heat", *self.figures)
        near = difflib.get_close_matches(name, known, 1, 0.6)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise RequestError(
            f"Argument `name` must be a figure of this run, one of {', '.join(known)}, but is {name!r}.{meant}"
        )

    def report(self) -> Path:
        """Writes table, figures and report into the run directory, as `hotward report` does; the path of the page."""
        from analysis import write

        return write(self.analysis) / "report.html"

    def to_xarray(self) -> xr.Dataset:
        """The rows of all points as an xarray.Dataset, over roles, swept parameters, arms, observables and subjects.

        What was not measured is NaN. Rows of fits through the whole sweep stand in `table` alone.

        Raises:
            RequestError: Where xarray is not installed.
        """
        try:
            import xarray  # noqa: F401, pandas imports it itself and would say less
        except ImportError:
            raise RequestError("xarray is not installed, which to_xarray() needs. Say: pip install xarray") from None
        # rows of fits belong to no point: they have no place along the axis
        table, numbers = self.table.query("point >= 0"), ["value", "stderr", "low", "high", "ideal"]
        keys = [name for name in table.columns[: table.columns.get_loc("value")] if name not in ("point", "systematic")]
        words = {key: table[key].astype(str) for key in keys if table[key].dtype.kind not in "fiu"}
        return table.assign(**words).set_index(keys)[numbers].to_xarray()

    def __repr__(self) -> str:
        return f"<run {self.path.name}: {self.analysis.headline}>"

    def _repr_html_(self) -> str:
        from analysis.figures import FIGURES
        from analysis.report import short_table

        table, start = short_table(self.analysis), self.record.start
        where = f"{start['protocol'] or 'import'} on {start['device']['name']}, {self.path}"
        head = [f"{name} [{unit}]" if unit else name for name, unit in table["head"]]
        return shown(
            Page(
                headline=self.analysis.headline,
                lines=(where, *self.analysis.beside, *(f"warning: {one}" for one in self.analysis.warnings)),
                figure=next((one for draw in FIGURES.values() if (one := draw(self.analysis)) is not None), None),
                head=head,
                rows=table["lines"],
            )
        )


@dataclass(frozen=True, repr=False)
class Unfinished:
    """A run that has no results yet: its jobs are on a platform, or it was interrupted or failed."""

    path: Path
    """The run directory."""
    state: str
    """"pending", "unfinished" or "failed"."""
    says: str
    """One sentence about it, with what to do."""

    def __repr__(self) -> str:
        return f"<run {self.path.name}, {self.state}: {self.says}>"

    def _repr_html_(self) -> str:
        return shown(Page(headline=f"{self.state}: {self.path.name}", lines=(self.says,)))


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """What a run will show before any shot."""

    planned: Planned
    """The plan as arrays and numbers."""
    commands: tuple[str, ...]
    """What to type for the runs that are proposed."""

    @property
    def table(self) -> pd.DataFrame:
        """Along the axis: exact and expected heat, its significance."""
        return self.planned.sweep

    @property
    def document(self) -> dict[str, Any]:
        """Everything as plain data, as `hotward plan --json` prints it."""
        from analysis.planning import document

        return {**document(self.planned), "commands": list(self.commands)}

    def plot(self) -> Figure | None:
        """Heat and significance along the axis; None where no best time is searched."""
        from analysis.planning.figure import plan

        figure = plan(self.planned)
        return None if figure is None else displayed(figure)

    def __repr__(self) -> str:
        return f"<plan: {self.planned.headline}; {'; '.join(self.commands)}>"

    def _repr_html_(self) -> str:
        warnings = (f"warning: {one}" for one in self.planned.warnings)
        return shown(Page(headline=self.planned.headline, lines=(*self.commands, *warnings), figure=self.plot()))


@dataclass(frozen=True, eq=False, repr=False)
class Prediction:
    """Exact values without a device."""

    protocol: str
    table: pd.DataFrame
    """As that of a run, with `ideal` filled and no measured value."""
    extrema: tuple[Mapping[str, Any], ...]
    """Largest and smallest values in continuous time: `observable`, `subject`, `kind`, `time`, `value`, `unit`."""

    def __repr__(self) -> str:
        return f"<prediction of {self.protocol}: {len(self.table)} exact values>"

    def _repr_html_(self) -> str:
        swept = list(self.table.columns[: self.table.columns.get_loc("observable")])
        columns = [*swept, "observable", "subject", "ideal", "unit"]
        rows = [
            [f"{v:.6g}" if isinstance(v, float) else str(v) for v in row] for row in self.table[columns].values[:12]
        ]
        said = [f"{e['kind']} of {e['observable']} {e['subject']}: {e['value']:.6f} {e['unit']}" for e in self.extrema]
        left = f"{len(self.table) - len(rows)} more rows: .table"
        return shown(Page(headline=f"{self.protocol}: exact values", lines=(*said, left), head=columns, rows=rows))


@dataclass(frozen=True, eq=False, repr=False)
class Compared:
    """Several runs side by side."""

    comparison: Comparison

    @property
    def table(self) -> pd.DataFrame:
        """The tables of all runs under a leading column `run`."""
        return self.comparison.table

    def plot(self) -> Figure:
        """What the first side gained, and correlations, of every run."""
        from analysis.report import draw_comparison

        return displayed(draw_comparison(self.comparison.analyses, self.comparison.labels))

    def _said(self) -> tuple[str, ...]:
        pairs = zip(self.comparison.labels, self.comparison.analyses, strict=True)
        return tuple(f"{label}: {one.headline}" for label, one in pairs)

    def __repr__(self) -> str:
        return "<" + "\n ".join(self._said()) + ">"

    def _repr_html_(self) -> str:
        count = f"{len(self.comparison.labels)} runs"
        return shown(Page(headline=count, lines=self._said(), figure=self.plot()))
