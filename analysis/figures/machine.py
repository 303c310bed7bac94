"""A machine at a glance: its heats and work by cycle, or along a swept parameter; its last cycle, or its efficiency."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np

from analysis.estimate_arrays import Estimates, Name, Series, split
from analysis.figures import style as _style
from analysis.figures.panels import pretty
from analysis.figures.series import below, mark
from analysis.figures.style import BLUE, GREEN, ORANGE, PURPLE, SMALL, VERMILLION, Pen
from protocols import Array
from protocols.program import Machine

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.result import Analysis

HOT, COLD, WORK = (Pen(colour=c, marker=m) for c, m in ((VERMILLION, "o"), (BLUE, "s"), (GREEN, "D")))
RATIOS = {"efficiency": Pen(colour=ORANGE, marker="^"), "coefficient_of_performance": Pen(colour=PURPLE, marker="v")}
MOST_RATIO = 20.0
"""Beyond it a ratio has nothing under it, and would flatten all others."""


def machine(analysis: Analysis) -> Figure | None:
    """Two panels; None where the run is no machine between two baths, or nothing of it was measured."""
    kind, found = analysis.machine, analysis.estimates
    measured = {key for key, one in found.quantities.items() if np.isfinite(one.value).any()}
    if kind is None or not {key for key, _ in _flows(kind)} <= measured:
        return None
    others = [name for name in found.swept if name != found.axis]
    x = np.zeros(0)
    figure, placed = _style.blank(1, 2, 2.4)
    left, right = placed[0]
    if others:
        x, points = _swept(found, others)
        drawn = [(_cells(found, [(key, p) for p in points], x), pen) for key, pen in _flows(kind)]
        controls = [_cells(found, [(("work", kind.work), p) for p in points], x, arm) for arm in found.arms[1:]]
        _ratios(right, found, kind, (x, points))
        right.set_xlabel(pretty(others[0].replace("_", " ")), fontsize=SMALL + 1)
    else:
        drawn, controls = _by_cycle(found, kind)
        _last_cycle(right, analysis, kind)
    for series, pen in drawn:
        _draw(left, series, pen)
    for index, series in enumerate(controls):
        _style.points(left, series.x, series, _style.control(index, 2))
    if not others or (x == np.rint(x)).all():
        for axes in placed[0][: 1 + bool(others)]:
            axes.xaxis.get_major_locator().set_params(integer=True)
    left.axhline(0, color="black", linewidth=0.6)
    left.set_xlabel(pretty(others[0].replace("_", " ")) if others else "cycle", fontsize=SMALL + 1)
    left.set_ylabel("energy of one cycle [gap]", fontsize=SMALL + 1)
    named = bool((kind.hotter(found.points.parameters) > 0).all())
    _legend(figure, found, tuple(RATIOS) if others else (), named=named)
    return figure


def _flows(kind: Machine) -> tuple[tuple[Name, Pen], ...]:
    return ((("heat", kind.hot), HOT), (("heat", kind.cold), COLD), (("work", kind.work), WORK))


def _cells(found: Estimates, cells: Sequence[tuple[Name, int]], x: Array, arm: str = "main") -> Series:
    """Some quantities at a point each."""
    which = found.arms.index(arm) if arm in found.arms else 0
    arrays = {
        name: np.array([getattr(found.quantities[key], name)[which, point] for key, point in cells])
        for name in ("value", "stderr", "low", "high", "ideal")
    }
    return Series(observable="", subject="", unit="gap", point=np.array([p for _, p in cells]), x=x, **arrays)


def _draw(axes: Axes, series: Series, pen: Pen) -> None:
    """Measured values with errors and intervals, the ideal as short lines."""
    axes.plot(
        series.x, series.ideal, linestyle="none", marker="_", markersize=10, markeredgewidth=1.1, color=pen.colour
    )
    _style.points(axes, series.x, series, pen)


def _swept(found: Estimates, others: Sequence[str]) -> tuple[Array, list[int]]:
    """Values of the first of some parameters, the others at their first ones, with the last point of each."""
    parts = split(found.points, others)
    kept = [(one, p) for one, p in parts if all(one[name] == parts[0][0][name] for name in others[1:])]
    axis = found.points.parameters[found.axis]
    return np.array([one[others[0]] for one, _ in kept]), [int(p[np.argmax(axis[p])]) for _, p in kept]


def _by_cycle(found: Estimates, kind: Machine) -> tuple[list[tuple[Series, Pen]], list[Series]]:
    """Every cycle of the last point: heats as read, work as read and before it as it ideally was; work of controls."""
    point = int(np.argmax(found.points.parameters[found.axis]))
    last = float(found.points.parameters[kind.cycle][point])
    drawn = []
    for shift, (key, pen) in zip((-0.15, 0.0, 0.15), _flows(kind), strict=True):
        each = [o for o in found.quantities.values() if (o.observable.name, o.observable.subject) == key]
        cycle = [last if isinstance(o.observable.cycle, str) else o.observable.cycle for o in each]
        cells = [(o.observable.key, point) for o in each]
        drawn.append((_cells(found, cells, np.array(cycle, dtype=float) + shift), pen))
    place = np.array([last + 0.3])
    return drawn, [_cells(found, [(("work", kind.work), point)], place, arm) for arm in found.arms[1:]]


def _last_cycle(axes: Axes, analysis: Analysis, kind: Machine) -> None:
    """Bars of the last cycle with standard errors, black lines where the ideal is."""
    found = analysis.estimates
    point = int(np.argmax(found.points.parameters[found.axis]))
    bars: tuple[tuple[str, Name, Pen], ...] = (
        ("$Q_h$", ("heat", kind.hot), HOT),
        ("$Q_c$", ("heat", kind.cold), COLD),
        ("$W$", ("work", kind.work), WORK),
        ("$W$ left\nhot side", ("work_by_side", kind.sides[0]), WORK),
        ("$W$ reached\ncold side", ("work_by_side", kind.sides[1]), WORK),
        ("first-law\nresidual", ("first_law_residual", kind.work), Pen(colour=_style.GREYS[1], marker="o")),
    )
    x = np.arange(len(bars), dtype=float)
    series = _cells(found, [(key, point) for _, key, _ in bars], x)
    solid = [1.0, 1.0, 1.0, 0.45, 0.45, 1.0]
    for i, (_, _, pen) in enumerate(bars):
        axes.bar(x[i], series.value[i], width=0.7, color=pen.colour, alpha=solid[i])
    axes.errorbar(x, series.value, series.stderr, fmt="none", ecolor="black", elinewidth=0.8, capsize=2)
    axes.hlines(series.ideal, x - 0.42, x + 0.42, color="black", linewidth=1.1)
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set_xticks(x, [label for label, _, _ in bars], fontsize=SMALL - 1)
    verdict = analysis.verdict
    cycle = f"cycle {found.points.parameters[kind.cycle][point]:g}"
    axes.set_title(cycle if verdict.regime is None else f"{cycle}: {verdict.kind.value}", fontsize=SMALL + 1)


def _ratios(axes: Axes, found: Estimates, kind: Machine, where: tuple[Array, list[int]]) -> None:
    """Efficiency and coefficient of performance beside Carnot's, each where it is one."""
    x, points = where
    for name, pen in RATIOS.items():
        series = _cells(found, [((name, kind.work), p) for p in points], x)
        mine = np.isfinite(series.value) | np.isfinite(series.ideal)
        mine &= np.abs(np.nan_to_num(series.value)) < MOST_RATIO
        _draw(axes, series.at(np.flatnonzero(mine)), pen)
        carnot = _cells(found, [((f"carnot_{name}", kind.work), p) for p in points], x).at(np.flatnonzero(mine))
        axes.plot(carnot.x, carnot.ideal, linestyle="none", marker="x", markersize=4, color="black")
    axes.set_ylabel("efficiency, or COP", fontsize=SMALL + 1)
    axes.set_ylim(bottom=0)
    margin = 0.05 * (x.max() - x.min() or 1.0)
    axes.set_xlim(x.min() - margin, x.max() + margin)


def _legend(figure: Figure, found: Estimates, ratios: Sequence[str], *, named: bool) -> None:
    """Baths by their names; as called so where the one called hot is not the hotter one throughout."""
    from matplotlib.lines import Line2D

    hot, cold = ("hot bath", "cold bath") if named else ("bath called hot", "bath called cold")
    flows = ((f"heat drawn from {hot}", HOT), (f"heat drawn from {cold}", COLD), ("work extracted", WORK))
    entries = [mark(pen, name, joined=False) for name, pen in flows]
    entries += [
        mark(_style.control(i, 2), f"work, control {arm}", joined=False) for i, arm in enumerate(found.arms[1:])
    ]
    entries += [mark(RATIOS[name], name.replace("_", " "), joined=False) for name in ratios]
    entries.append(Line2D([], [], color="black", linestyle="none", marker="_", markersize=10, label="ideal"))
    if ratios:
        entries.append(Line2D([], [], color="black", linestyle="none", marker="x", markersize=4, label="Carnot"))
    below(figure, entries)
