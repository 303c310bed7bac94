"""A figure as matplotlib draws it."""

from __future__ import annotations

import re
import typing
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.figures import below, mark, style
from reproduce.drawing.figure import Curve, Figure, Panel
from reproduce.drawing.overlay import Points

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure as Drawn

HEIGHTS, TALL, WIDE = (2.3, 1.7), (3.6, 3.0), 5.2
"""Of a panel in a single and in one of several rows, the same with its own legend; width of a single one [inch]."""
NEVER_NEGATIVE = ("concurrence", "mutual_information", "geometric_discord")
BELOW = 0.36
"""What the abscissa's numbers and label take below a panel [inch]."""
SYMBOLS = {
    "hbar": "\u0127", "Sigma_0": "\u03a3\u2080", "Sigma": "\u03a3", "kappa_A": "\u03ba$_A$", "kappa_B": "\u03ba$_B$",
    "delta": "\u03b4", "Delta ": "\u0394", "-pi/2": "\u2212\u03c0/2", "pi/2": "\u03c0/2",
    "E_A": "E$_A$", "E_B": "E$_B$", "Q_A": "Q$_A$",
    "Q_B": "Q$_B$", "T_A": "T$_A$", "T_B": "T$_B$", "beta_A": "\u03b2$_A$", "beta_B": "\u03b2$_B$", ">=": "\u2265",
    "<V>": "\u27e8V\u27e9", "- E": "\u2212 E",
}  # fmt: skip


def draw(figure: Figure, measured: Sequence[Points]) -> Drawn:
    """All panels, measured points over their curves; one legend where all panels have the same lines, else one each.

    Args:
        figure: As computed.
        measured: Points of a run, laid over its curves.
    """
    columns = max(len(row) for row in figure.panels)
    every = [panel for row in figure.panels for panel in row]
    shared = len({tuple(c.label for c in panel.curves) for panel in every}) == 1 and len(every) > 1
    height = (HEIGHTS if shared else TALL)[len(figure.panels) > 1]
    sharey = "row" if figure.level else False
    drawn, axes = style.blank(
        len(figure.panels), columns, height, width=WIDE if columns == 1 else None, sharex=True, sharey=sharey
    )
    entries: dict[str, typing.Any] = {}
    for i, row in enumerate(figure.panels):
        for j, panel in enumerate(row):
            here = [p for p in measured if p.measure.panel == panel.name]
            own = _panel(axes[i, j], panel, here, figure)
            _name(axes[i, j], figure, panel, first=j == 0 or panel.label != row[0].label, last=row == figure.panels[-1])
            if not shared:
                _legend(axes[i, j], list(own.values()), columns, last=row == figure.panels[-1])
            entries = {**own, **entries}
    if shared:
        below(drawn, list(entries.values()))
    return drawn


def _name(axes: Axes, figure: Figure, panel: Panel, *, first: bool, last: bool) -> None:
    """Labels, title, and the part of the abscissa that is shown."""
    size = style.SMALL + 1
    axes.set_title(spelled(panel.title), fontsize=size)
    if first:
        axes.set_ylabel(spelled(panel.label), fontsize=size)
    if last:
        axes.set_xlabel(spelled(figure.abscissa), fontsize=size)
    if figure.shown is not None:
        low, high = figure.shown
        room = 0.0 if figure.logarithmic else (high - low) / 60
        axes.set_xlim(low - room, high + room)


def _legend(axes: Axes, entries: Sequence[typing.Any], columns: int, *, last: bool) -> None:
    """Below one panel; that of the last row is below its abscissa."""
    from matplotlib.transforms import ScaledTranslation

    figure = axes.get_figure(root=True)
    assert figure is not None
    down = ScaledTranslation(0, -(BELOW if last else 0.06), figure.dpi_scale_trans)
    axes.legend(
        handles=entries,
        loc="upper center",
        bbox_to_anchor=(0.5, 0),
        bbox_transform=axes.transAxes + down,
        ncols=1 if columns > 1 else 2,
        fontsize=style.SMALL,
        frameon=False,
        handlelength=2.4,
    )


def _panel(axes: Axes, panel: Panel, measured: Sequence[Points], figure: Figure) -> dict[str, typing.Any]:
    """Draws a panel; returns the entries of its legend."""
    entries: dict[str, typing.Any] = {}
    if figure.logarithmic:
        axes.set_xscale("log")
    if panel.logarithmic:
        axes.set_yscale("log")
    elif panel.zero:
        axes.axhline(0, color="black", linewidth=0.5)
    for curve in panel.curves:
        _line(axes, curve, figure.shown or (-np.inf, np.inf))
        if curve.label:
            entries.setdefault(curve.label, _entry(curve))
    for points in measured:
        floor = 0.0 if points.measure.observable in NEVER_NEGATIVE else -np.inf
        style.points(axes, points.x, points, points.measure.pen, floor)
        said = f"measured: {points.measure.label}"
        entries.setdefault(said, mark(points.measure.pen, spelled(said), joined=False))
    for axis, logarithmic in ((axes.xaxis, figure.logarithmic), (axes.yaxis, panel.logarithmic)):
        if logarithmic:
            _plain_numbers(axis)
    return entries


def _plain_numbers(axis: Axis) -> None:
    """1, 2, 5, 10 where a logarithmic axis spans little: its own numbers there, 2 x 10^0, run into each other."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axis.set_minor_formatter(NullFormatter())
    low, high = sorted(axis.get_view_interval())
    if high < 50 * low:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:g}")


def _line(axes: Axes, curve: Curve, between: tuple[float, float]) -> None:
    shown = (curve.x >= between[0]) & (curve.x <= between[1])
    x, y = curve.x[shown], curve.y[shown]
    if curve.dots:
        # open, for measured points of the same pen are filled
        axes.plot(x, y, curve.pen.marker, color=curve.pen.colour, markerfacecolor="white", markersize=4.5)
    elif curve.faint:
        dots: dict[str, typing.Any] = {"linestyle": (0, (1, 1.4)), "linewidth": 0.8, "alpha": 0.75, "zorder": 1}
        axes.plot(x, y, color=curve.pen.colour, **dots)
    else:
        style.line(axes, x, y, curve.pen, fine=True)


def _entry(curve: Curve) -> typing.Any:
    if curve.dots:
        return mark(replace(curve.pen, filled=False), spelled(_said(curve)), joined=False)
    dash = (0, (1, 1.4)) if curve.faint else curve.pen.dash
    entry = mark(replace(curve.pen, marker="", dash=dash), spelled(_said(curve)), joined=True)
    if curve.faint:
        entry.set_linewidth(0.8)
    return entry


def _said(curve: Curve) -> str:
    return f"{curve.label} (not converged)" if curve.status == "not converged" else curve.label


def spelled(text: str) -> str:
    r"""Signs in place of their names; what is typeset already stays.

    Examples:
        >>> spelled("phase pi"), spelled(r"$\pi$/6")
        ('phase π', '$\\pi$/6')
    """
    text = re.sub(r"(?<!\\)\beps\b", "\u03b5", text)
    for name, sign in SYMBOLS.items():
        text = text.replace(name, sign)
    return re.sub(r"(?<!\\)\bpi\b", "\u03c0", text)
