"""What each side gained, with the errors of gates removed beside the raw points."""

from __future__ import annotations

import typing

import numpy as np

from analysis.figures import style as _style
from analysis.figures.panels import board, name_axes, sweep
from analysis.figures.series import below, mark
from analysis.figures.style import Pen

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.figures.panels import Panel
    from analysis.mitigation import Mitigated
    from analysis.result import Analysis

APART = 0.008
"""Of the abscissa: how far to either side of a point the two stand."""


def mitigated(analysis: Analysis) -> Figure | None:
    """Difference to the ideal of every side's gain, raw and mitigated; None where no mitigation was asked for."""
    found, sides = analysis.mitigated, analysis.sides
    gains = [(analysis.estimates.gain_of(side), side) for side in sides or ()]
    along = sweep(analysis)
    shown = [one for one in gains if found is not None and one in found.rows and along.has(*one)]
    if found is None or not shown or not any(panel.table.predicted for panel in along.panels):
        return None
    figure, placed = board(len(shown), along)
    for one, axes in zip(shown, placed, strict=True):
        for part, panel in zip(axes, along.panels, strict=True):
            part.axhline(0, color="black", linewidth=0.6)
            _both(part, panel, found, one)
    labels = [f"{name.replace('_', ' ')} {subject} - ideal [gap]" for name, subject in shown]
    name_axes(placed, labels, ["gap"] * len(shown), along)
    below(figure, [mark(_RAW, "raw", joined=False), mark(_MITIGATED, f"mitigated ({found.way})", joined=False)])
    return figure


_RAW = Pen(colour="#888888", marker="o", filled=False)
_MITIGATED = Pen(colour=_style.BLUE, marker="s")


def _both(axes: Axes, panel: Panel, found: Mitigated, one: tuple[str, str]) -> None:
    """95 % intervals as bars, the statistical error of the mitigated ones as a thicker part of theirs."""
    measured = panel.table.series(*one)
    row = found.rows[one]
    shift = APART * (np.ptp(measured.x) or 1.0)
    clean = {name: getattr(row.estimated, name)[0, measured.point] for name in ("value", "stderr", "low", "high")}
    for pen, side, numbers in (
        (_RAW, -1, {name: getattr(measured, name) for name in ("value", "stderr", "low", "high")}),
        (_MITIGATED, 1, clean),
    ):
        value, x = numbers["value"], measured.x + side * shift
        reach = np.maximum([value - numbers["low"], numbers["high"] - value], 0)
        off = value - measured.ideal
        style: dict[str, typing.Any] = {"fmt": "none", "ecolor": pen.colour}
        axes.errorbar(x, off, yerr=reach, elinewidth=0.7, **style)
        axes.errorbar(x, off, yerr=numbers["stderr"], elinewidth=2.0, **style)
        axes.plot(x, off, pen.marker, color=pen.colour, markerfacecolor=pen.face, markersize=3.5, markeredgewidth=0.6)
