"""An analysis split into sweeps: a column of a figure for every combination of what does not run along x."""

from __future__ import annotations

import functools
import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.estimate_arrays import Estimates, Selection, Series, split
from analysis.figures import style as _style
from analysis.figures.style import SMALL, Pen
from protocols import Array, load
from protocols.program import parameters
from protocols.units import Dimension, Gap

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.result import Analysis

MOST_COLUMNS = 4
LONGEST = 42
"""Letters of a label under a panel; what a parameter means may take more, then its name has to do."""
_DIMENSIONS: dict[str, tuple[Dimension, int]] = {
    "gap": ("energy", 0),
    "gap/k_B": ("energy", 1),
    "gap/hbar": ("energy", 2),
    "hbar/gap": ("time", 0),
}
_OF_ONE = re.compile(r"gap_\w+")
"""The gap of one qubit, as the unit of all energies."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """One sweep along x."""

    title: str
    table: Selection
    """What was measured, with exact values at the points."""
    curves: Selection
    """Exact values on a fine grid, perhaps of no points."""
    prediction: Selection
    """The noise model at the points, perhaps of no points."""

    def exact(self, observable: str, subject: str, arm: str) -> tuple[Series, bool]:
        """The ideal as finely as it is known, and whether that is between the points.

        Args:
            observable: Name of the quantity.
            subject: Its subject.
            arm: Of which arm.
        """
        if self.curves.places > 1 and len(curve := self.curves.series(observable, subject, arm)):
            return curve, True
        return self.table.series(observable, subject, arm), False


@dataclass(frozen=True, kw_only=True, eq=False)
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
        """Whether anything of it can be drawn.

        Args:
            observable: Name of the quantity.
            subject: Its subject.
        """
        return any(np.isfinite(panel.table.series(observable, subject).value).any() for panel in self.panels)

    def pens(self, subject: str) -> Iterator[tuple[str, Pen]]:
        """Arm and pen of one subject, the main arm last so that it lies on top."""
        which = self.subjects.index(subject)
        for index, arm in reversed(list(enumerate(self.arms[1:]))):
            yield arm, _style.control(index, which)
        yield self.arms[0], _style.SUBJECTS[which % len(_style.SUBJECTS)]


@functools.lru_cache(maxsize=4)
def sweep(analysis: Analysis) -> Sweep:
    """What an analysis has along its axis, or along the other swept parameter if the axis was held; split once."""
    start, estimates = analysis.record.start, analysis.estimates
    x = _abscissa(estimates)
    panels = _panels(analysis, x)
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
        arms=estimates.arms,
        gap=Gap.parse(start["gap"]) if start.get("gap") else None,
    )


def matched(first: Series, second: Series) -> tuple[Series, Series]:
    """Two quantities at the points that both have, in the order of the first.

    Args:
        first: Its order is kept.
        second: Of the same sweep.
    """
    shared = first.at(np.isin(first.point, second.point))
    places = {point: i for i, point in enumerate(second.point.tolist())}
    return shared, second.at(np.array([places[point] for point in shared.point.tolist()], dtype=int))


def _abscissa(estimates: Estimates) -> str:
    """The axis where it takes several values, or else the parameter that takes most."""
    own = np.flatnonzero(~estimates.points.reference_only)

    def places(name: str) -> int:
        return Selection(estimates=estimates, points=own, x=name).places

    x = estimates.axis if places(estimates.axis) > 1 else max(estimates.swept, key=places)
    return x if places(x) else "point"  # imported without saying where


def _panels(analysis: Analysis, x: str) -> list[Panel]:
    """One for every combination of the swept parameters that are neither the axis nor x."""
    estimates, fine = analysis.estimates, analysis.curves
    along_axis = x == estimates.axis
    others = [name for name in estimates.swept if name not in (x, estimates.axis)]
    # along anything but the axis, the references would double every x
    kept = np.full(len(estimates.points), True) if along_axis else ~estimates.points.reference_only
    nothing = Selection(estimates=estimates.only([]), points=np.arange(0), x=x)
    found = []
    for where, chosen in split(estimates.points, others):
        points = chosen[kept[chosen]]
        if not len(points):
            continue
        curves = prediction = nothing
        if fine is not None and along_axis:
            curves = Selection(estimates=fine, points=_where(fine, where), x=x)
        if analysis.prediction is not None:
            prediction = Selection(estimates=analysis.prediction, points=points, x=x)
        found.append(
            Panel(
                title=", ".join(f"{name} = {value:.4g}" for name, value in where.items()),
                table=Selection(estimates=estimates, points=points, x=x),
                curves=curves,
                prediction=prediction,
            )
        )
    return found


def _where(fine: Estimates, where: Mapping[str, float]) -> Array:
    """Indices of the points of the fine grid with these values, of what varies there."""
    chosen = np.full(len(fine.points), True)
    for name, value in where.items():
        if name in fine.swept:
            chosen &= fine.points.parameters[name] == value
    return np.flatnonzero(chosen)


def _subjects(analysis: Analysis) -> list[str]:
    """Subjects of the protocol's quantities and its sides, as far as they are none of the qubits."""
    energies = [o.subject for o in analysis.observables if o.name == "energy"]
    return [*energies, *(analysis.sides or ()), *(o.subject for o in analysis.observables)]


def _whole(analysis: Analysis, x: str) -> bool:
    protocol = analysis.record.start["protocol"]
    return protocol is not None and any(spec.name == x and spec.whole for spec in parameters(load(protocol)))


def pretty(label: str) -> str:
    """A label as printed: no unit for pure numbers, hbar as a letter, whose gap it is below the line."""
    label = re.sub(r"\bgap_(\w+)", r"gap$_\\mathrm{\1}$", label)
    return label.replace("hbar", "ħ").replace("^2", "²").replace("k_B", "$k_B$").replace(" [1]", "")


def units(axes: Axes, side: typing.Literal["top", "right"], unit: str, gap: Gap | None) -> None:
    """A second axis in physical units, where the gap is known and the quantity has one.

    Args:
        axes: That get a second axis.
        side: Where it stands.
        unit: Natural unit of the axis beside it.
        gap: The physical gap, of the first qubit where gaps are unequal; None: it is not known.
    """
    natural = _OF_ONE.sub("gap", unit)
    if gap is None or natural not in _DIMENSIONS:
        return
    dimension, which = _DIMENSIONS[natural]
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
    """Axes by quantity and panel: rows of quantities over columns of panels; side by side for one panel.

    Args:
        quantities: How many rows of panels.
        along: The sweeps: one column each.
        height: Of a row [inch].
        wrap: How many panels of a single sweep stand side by side.
    """
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
    """Labels, with physical units on top and on the right: once a row and column where panels are shared.

    Args:
        placed: Axes by quantity and panel.
        labels: Of the ordinates.
        kinds: Natural units of the ordinates.
        along: The sweeps.
    """
    single = len(along.panels) == 1
    for row, (axes, label, unit) in enumerate(zip(placed, labels, kinds, strict=True)):
        axes[0].set_ylabel(label)
        units(axes[-1], "right", unit, along.gap)
        for one in axes:
            one.locator_params(axis="x", nbins=6)
            if along.whole:
                one.locator_params(axis="x", integer=True)
                low, high = one.get_xlim()
                if high - low < 1:  # one number alone: no ticks beside it that no number can have
                    one.set_xlim(np.floor(low), np.ceil(high))
            if single or row == len(placed) - 1:
                one.set_xlabel(along.label)
            if single or row == 0:
                units(one, "top", along.unit, along.gap)
