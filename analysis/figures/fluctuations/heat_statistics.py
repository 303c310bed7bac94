"""Distribution of the heat in three schemes, the quasiprobability, and fluctuation averages beside 1.

A first reading has its values beside those of two arms, open, and the imaginary part in a panel of its own.
"""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from analysis.estimate_arrays import Selection
from analysis.figures import style as _style
from analysis.figures.panels import Panel, Sweep, board, name_axes, sweep
from analysis.figures.series import below, mark, meanings
from analysis.figures.style import SMALL, Pen

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.result import Analysis

JOINT = dict(zip(("two-point", "margenau-hill", "bayesian"), _style.SERIES[:3], strict=True))
"""Schemes of the distribution."""
AVERAGES = dict(zip(("jarzynski-wojcik", "classical-correlation", "quantum"), _style.SERIES[3:], strict=True))
"""Schemes of the averages."""
MOVES = {
    move: Pen(colour=colour, marker=marker, dash=dash)
    for move, colour, marker, dash in zip(
        ("01->01", "01->10", "10->01", "10->10"),
        (_style.GREYS[0], _style.BLUE, _style.VERMILLION, _style.GREYS[1]),
        "vsoP",
        ("--", "-", "-", "-."),
        strict=True,
    )
}
READ = ("ancilla", "measured")
"""Schemes of a first reading."""
HEATS = ("-1", "0", "+1")
APART, WIDE = 0.27, 0.24
"""Between bars of one heat, and how wide each is [gap]."""


def heat_statistics(analysis: Analysis) -> Figure | None:
    """P(q) and the averages where an arm has levels for members, the quasiprobability also of a first reading alone."""
    along = sweep(analysis)
    levels = any(along.has(f"heat_probability ({scheme})", "+1") for scheme in JOINT)
    reading = next((name for name in READ if along.has(f"quasiprobability ({name})", "01->10")), "")
    if not levels and not reading:
        return None
    rows: list[tuple[str, Draw]] = [("P(q)", _distribution)] if levels else []
    rows.append(("Re q(i -> f)", partial(_quasiprobability, reading=reading)))
    rows += [("Im q(i -> f)", partial(_imaginary, reading=reading))] if reading else []
    rows += [("fluctuation averages", _averages)] if levels else []
    figure, placed = _board(along, len(rows), apart=levels)
    for axes, (_, draw) in zip(placed, rows, strict=True):
        for one, panel in zip(axes, along.panels, strict=True):
            draw(one, along, panel)
    name_axes(placed, [label for label, _ in rows], [""] * len(rows), along)
    for one in placed[0] if levels else ():
        one.set_xlabel("heat q of A [gap]")
        one.tick_params(labelbottom=True)
    below(figure, [*_entries(levels, reading), *meanings(ideal=True, modelled=False)])
    return figure


Draw: typing.TypeAlias = "Callable[[Axes, Sweep, Panel], None]"


def _entries(levels: bool, reading: str) -> list[typing.Any]:
    """What bars and marks stand for."""
    from matplotlib.patches import Patch

    bars = [Patch(facecolor=pen.colour, alpha=_SOLID, label=f"P, {name}") for name, pen in JOINT.items()]
    q = "q" if reading else "Re q"
    moves = [mark(pen, f"{q}, {move}", joined=False) for move, pen in MOVES.items()]
    if levels and reading:
        moves.append(mark(_open(_BLACK), f"open: by first reading, {reading}", joined=False))
    averages = [mark(pen, f"average, {name}", joined=False) for name, pen in AVERAGES.items()]
    return [*bars, *moves, *averages] if levels else moves


def _board(along: Sweep, rows: int, *, apart: bool) -> tuple[Figure, list[list[Axes]]]:
    """Rows over the panels; apart: the abscissa of the first is heat, so that none is shared."""
    if len(along.panels) == 1 or not apart:
        return board(rows, along, wrap=2 if rows == 4 else 3)
    figure, axes = _style.blank(rows, len(along.panels), 1.75, sharey="row")
    for one, panel in zip(axes[0], along.panels, strict=True):
        one.set_title(panel.title, fontsize=SMALL + 1)
    if along.total > len(along.panels):
        figure.suptitle(f"first {len(along.panels)} of {along.total} sweeps; all are in table.csv", fontsize=SMALL)
    return figure, [list(row) for row in axes]


def shown_at(selection: Selection) -> int | None:
    """Index of the point whose distribution is drawn: that of the lowest Margenau-Hill value; None: nothing is known.

    Args:
        selection: Points of one sweep.
    """
    lowest: list[tuple[float, int]] = []
    for subject in HEATS:
        series = selection.series("heat_probability (margenau-hill)", subject)
        known = np.isfinite(series.value)
        if known.any():
            best = int(np.argmin(np.where(known, series.value, np.inf)))
            lowest.append((float(series.value[best]), int(series.point[best])))
    return min(lowest)[1] if lowest else None


def _distribution(axes: Axes, along: Sweep, panel: Panel) -> None:
    """Bars with standard errors, black where the ideal is; at one point."""
    point = shown_at(panel.table)
    axes.axhline(0, color="black", linewidth=0.6)
    if point is None:
        return
    for index, (scheme, pen) in enumerate(JOINT.items()):
        at = np.arange(-1.0, 2.0) + (index - 1) * APART
        found = [panel.table.series(f"heat_probability ({scheme})", subject) for subject in HEATS]
        here = [series.at(series.point == point) for series in found]
        value, stderr, ideal = (np.array([getattr(one, name)[0] for one in here]) for name in _NUMBERS)
        axes.bar(at, value, WIDE, color=pen.colour, alpha=_SOLID, yerr=stderr, error_kw={"elinewidth": 0.8})
        axes.plot(at, ideal, "_", color="black", markersize=9, markeredgewidth=0.9)
    axes.set_xticks([-1, 0, 1])
    x = panel.table.estimates.x(along.x)[point]
    above = f"{axes.get_title()}\n" if axes.get_title() else ""
    axes.set_title(f"{above}{along.x} = {x:.4g}", fontsize=SMALL)


_NUMBERS = ("value", "stderr", "ideal")
_SOLID = 0.75
_BLACK = Pen(colour="black", marker="o")


def _quasiprobability(axes: Axes, along: Sweep, panel: Panel, reading: str) -> None:
    axes.axhline(0, color="black", linewidth=0.6)
    by_arms = any(along.has("quasiprobability", move) for move in MOVES)
    for move, pen in MOVES.items():
        if by_arms:
            _along(axes, along, panel, ("quasiprobability", move), pen)
        if reading:
            _along(axes, along, panel, (f"quasiprobability ({reading})", move), _open(pen) if by_arms else pen)


def _imaginary(axes: Axes, along: Sweep, panel: Panel, reading: str) -> None:
    axes.axhline(0, color="black", linewidth=0.6)
    for move, pen in MOVES.items():
        _along(axes, along, panel, (f"quasiprobability_imaginary ({reading})", move), pen)


def _open(pen: Pen) -> Pen:
    return replace(pen, filled=False)


def _averages(axes: Axes, along: Sweep, panel: Panel) -> None:
    axes.axhline(1, color="black", linewidth=0.6, linestyle=(0, (4, 2)))
    for scheme, pen in AVERAGES.items():
        _along(axes, along, panel, (f"fluctuation_average ({scheme})", "AB"), pen)


def _along(axes: Axes, along: Sweep, panel: Panel, drawn: tuple[str, str], pen: Pen) -> None:
    exact, fine = panel.exact(*drawn, along.arms[0])
    _style.line(axes, exact.x, exact.ideal, pen, fine=fine)
    measured = panel.table.series(*drawn)
    _style.points(axes, measured.x, measured, pen)
