"""A table split into sweeps: one column of a figure for every combination of the parameters that do not run along x."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.figures import style as _style
from analysis.figures.style import SMALL, Pen
from analysis.table import rows_of
from protocols import load
from protocols.program.parameters import parameters
from protocols.program.units import Dimension, Gap

if typing.TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.result import Analysis

MOST_COLUMNS = 4
LONGEST = 42
"""Letters of a label under a panel; what a parameter means may take more, then its name has to do."""
SUMMARY = "fit"
"""Role of rows that summarise a sweep and belong to no point."""
_DIMENSIONS: dict[str, tuple[Dimension, int]] = {
    "gap": ("energy", 0),
    "gap/k_B": ("energy", 1),
    "gap/hbar": ("energy", 2),
    "hbar/gap": ("time", 0),
}


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One sweep along x."""

    title: str
    table: pd.DataFrame
    curves: pd.DataFrame
    """Exact and fine, perhaps empty."""
    prediction: pd.DataFrame
    """The noise model at the points, perhaps empty."""

    def series(self, observable: str, subject: str, arm: str = "main") -> tuple[pd.DataFrame, ...]:
        """Rows of table, curves and prediction."""
        return tuple(rows_of(frame, observable, subject, arm) for frame in (self.table, self.curves, self.prediction))

    def exact(self, observable: str, subject: str, arm: str, x: str) -> tuple[pd.DataFrame, bool]:
        """The ideal as finely as it is known, and whether that is between the points."""
        rows, curve, _ = self.series(observable, subject, arm)
        fine = curve[x].nunique() > 1
        return (curve, True) if fine else (rows, False)


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """The panels of an analysis, and what they share."""

    x: str
    label: str
    unit: str
    panels: tuple[Panel, ...]
    total: int
    """How many sweeps there are; the first four are shown."""
    subjects: tuple[str, ...]
    """What has a pen of its own: the qubits, the system, ancillas and sides."""
    arms: tuple[str, ...]
    gap: Gap | None
    whole: bool = False
    """Whether x counts something."""

    def has(self, observable: str, subject: str) -> bool:
        """Whether anything of it can be drawn."""
        found = [rows_of(panel.table, observable, subject)["value"] for panel in self.panels]
        return any(np.isfinite(values.to_numpy(dtype=float)).any() for values in found)

    def pens(self, subject: str) -> Iterator[tuple[str, Pen]]:
        """Arm and pen of one subject, the main arm last so that it lies on top."""
        which = self.subjects.index(subject)
        for index, arm in reversed(list(enumerate(self.arms[1:]))):
            yield arm, _style.control(index, which)
        yield self.arms[0], _style.SUBJECTS[which % len(_style.SUBJECTS)]


def sweep(analysis: Analysis) -> Sweep:
    """What an analysis has along its axis, or along the other swept parameter if the axis was held."""
    start, reference_only = analysis.record.start, np.flatnonzero(analysis.record.points.reference_only)
    table = analysis.table[analysis.table["role"] != SUMMARY]
    axis, swept = start["axis"], [name for name in table.columns if name in start["points"]["parameters"]]
    own = table[~table["point"].isin(reference_only)]
    x = axis if own[axis].nunique() > 1 else max(swept, key=lambda name: own[name].nunique())
    if not own[x].notna().any():
        x = "point"  # imported without saying where
    others = [name for name in swept if name not in (x, axis)]
    kept = table if x == axis else own  # along anything but the axis, the references would double every x
    frames = [analysis.curves if x == axis else None, analysis.prediction]
    curves, prediction = (table.iloc[:0] if frame is None else frame for frame in frames)
    panels = []
    for values, group in kept.groupby(others, sort=True) if others else [((), kept)]:
        keys = values if isinstance(values, tuple) else (values,)
        where: dict[str, typing.Any] = dict(zip(others, keys, strict=True))
        mine = [_chosen(frame, where) for frame in (curves, prediction)]
        mine[1] = mine[1][mine[1]["point"].isin(group["point"])]
        title = ", ".join(f"{name} = {value:.4g}" for name, value in where.items())
        panels.append(Panel(title=title, table=group, curves=mine[0], prediction=mine[1]))
    meaning = start["columns"].get(x, x)
    unit = re.search(r"\[(.*)\]$", meaning)
    if len(meaning) > LONGEST:
        meaning = f"{x.replace('_', ' ')} {unit[0] if unit else ''}".strip()
    return Sweep(
        x=x,
        label=pretty(meaning),
        unit=unit[1] if unit else "",
        panels=tuple(panels[:MOST_COLUMNS]),
        total=len(panels),
        subjects=tuple(dict.fromkeys((*start["qubits"], analysis.record.system, *_subjects(analysis)))),
        whole=_whole(analysis, x),
        arms=tuple(start["arms"]),
        gap=Gap.parse(start["gap"]) if start.get("gap") else None,
    )


def _subjects(analysis: Analysis) -> list[str]:
    """Subjects of the protocol's quantities and its sides, as far as they are none of the qubits."""
    energies = [o.subject for o in analysis.observables if o.name == "energy"]
    return [*energies, *(analysis.sides or ()), *(o.subject for o in analysis.observables)]


def _whole(analysis: Analysis, x: str) -> bool:
    protocol = analysis.record.start["protocol"]
    return protocol is not None and any(spec.name == x and spec.whole for spec in parameters(load(protocol)))


def pretty(label: str) -> str:
    """A label as printed: no unit for pure numbers, hbar as a letter."""
    return label.replace("hbar", "ħ").replace("k_B", "$k_B$").replace(" [1]", "")


def units(axes: Axes, side: typing.Literal["top", "right"], unit: str, gap: Gap | None) -> None:
    """A second axis in physical units, where the gap is known and the quantity has one."""
    if gap is None or unit not in _DIMENSIONS:
        return
    dimension, which = _DIMENSIONS[unit]
    shown = gap.units(dimension)[which]
    factor = gap.display(1.0, dimension, shown)
    both = (lambda v: np.asarray(v) * factor, lambda v: np.asarray(v) / factor)
    other = (
        axes.secondary_xaxis("top", functions=both) if side == "top" else axes.secondary_yaxis("right", functions=both)
    )
    other.tick_params(labelsize=SMALL, width=0.6, length=2.5, pad=2)
    label = f"[{shown.replace('u', 'µ')}]"
    (other.set_xlabel if side == "top" else other.set_ylabel)(label, fontsize=SMALL)


def board(quantities: int, along: Sweep, height: float = 1.75, wrap: int = 3) -> tuple[Figure, list[list[Axes]]]:
    """Axes by quantity and panel: rows of quantities over columns of panels; side by side for one panel."""
    columns = len(along.panels)
    if columns == 1:
        wide = min(quantities, wrap)
        figure, axes = _style.blank(-(-quantities // wide), wide, height + 0.35)
        flat = list(axes.flat)
        for spare in flat[quantities:]:
            spare.remove()
        placed = [[one] for one in flat[:quantities]]
    else:
        figure, axes = _style.blank(quantities, columns, height, sharex="col", sharey="row")
        placed = [list(row) for row in axes]
        for one, panel in zip(placed[0], along.panels, strict=True):
            one.set_title(panel.title, fontsize=SMALL + 1)
    if along.total > columns:
        figure.suptitle(f"first {columns} of {along.total} sweeps; all are in table.csv", fontsize=SMALL)
    return figure, placed


def name_axes(placed: Sequence[Sequence[Axes]], labels: Sequence[str], kinds: Sequence[str], along: Sweep) -> None:
    """Labels, with physical units on top and on the right: once a row and column where panels are shared."""
    single = len(along.panels) == 1
    for row, (axes, label, unit) in enumerate(zip(placed, labels, kinds, strict=True)):
        axes[0].set_ylabel(label)
        units(axes[-1], "right", unit, along.gap)
        for one in axes:
            one.locator_params(axis="x", nbins=6)
            if along.whole:
                one.locator_params(axis="x", integer=True)
            if single or row == len(placed) - 1:
                one.set_xlabel(along.label)
            if single or row == 0:
                units(one, "top", along.unit, along.gap)


def _chosen(frame: pd.DataFrame, where: dict[str, float]) -> pd.DataFrame:
    for name, value in where.items():
        frame = frame[frame[name] == value] if name in frame else frame
    return frame
