"""Palette, sizes and pens: print-ready at 3.4 or 7 inches, told apart by marker and dash without any colour."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.verdict import TOUCHES
from protocols import Array

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette, distinguishable with any colour vision
VERMILLION, BLUE, GREEN, ORANGE, SKY, PURPLE = "#D55E00", "#0072B2", "#009E73", "#E69F00", "#56B4E9", "#CC79A7"
GREYS = ("#6E6E6E", "#A0A0A0")
SINGLE, DOUBLE = 3.4, 7.0
"""Widths of one and of two columns of a journal [inch]."""
SMALL = 7.0
"""The smallest font [pt]."""
DOTS_PER_INCH = 160
MANY, TOO_MANY = 60, 1500
"""Points of one series beyond which intervals become bands, and beyond which points become pixels in the svg."""
FEW = 10
"""Points below which predictions at the points are not joined."""
DOTTED: Mapping[Any, Any] = {"-": (0, (1, 1.2)), "--": (0, (5, 1.5, 1, 1.5)), "-.": (0, (1, 1.2))}
"""Dash of the noise model beside the dash of the ideal."""


@dataclass(frozen=True, kw_only=True)
class Pen:
    """How one series is drawn."""

    colour: str
    marker: str
    dash: typing.Any = "-"
    filled: bool = True

    @property
    def face(self) -> str:
        """Colour inside the marker: controls are open."""
        return self.colour if self.filled else "white"


MAIN = (Pen(colour=VERMILLION, marker="o"), Pen(colour=BLUE, marker="s", dash="--"))
"""The first and the second qubit."""
PAIR = Pen(colour=GREEN, marker="D")
"""What belongs to both."""
SUBJECTS = (
    *MAIN,
    PAIR,
    Pen(colour=PURPLE, marker="v", dash="-."),
    Pen(colour=ORANGE, marker="^", dash="--"),
    Pen(colour=SKY, marker="P"),
)
"""Subjects in the order of a run; more of them start again."""
SERIES = tuple(
    Pen(colour=colour, marker=marker)
    for colour, marker in zip((VERMILLION, BLUE, GREEN, PURPLE, ORANGE, SKY), "osDv^P", strict=True)
)
"""Runs side by side."""


def control(index: int, which: int) -> Pen:
    """The pen of a control arm: grey and open, the subject (first, second, both, ...) told by dash and marker.

    Args:
        index: Number of the control arm.
        which: Number of the subject.
    """
    marker = ("^vdhX8", "<>pHP*")[index % 2][which % len(SUBJECTS)]
    return Pen(colour=GREYS[index % 2], marker=marker, dash="--" if which == 1 else "-", filled=False)


def blank(rows: int, columns: int, height: float, *, width: float | None = None, **shared: Any) -> tuple[Figure, Any]:
    """An empty figure of one or two journal columns and its axes, (rows, columns).

    Args:
        rows: Of panels.
        columns: Of panels.
        height: Of a row [inch].
        width: Of the figure [inch]; one or two columns of a journal by default.
        shared: Passed on to matplotlib.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    wide = width or (SINGLE if columns == 1 else DOUBLE)
    figure = Figure(figsize=(wide, height * rows + 0.45), layout="constrained", dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)  # one renderer for its layout and its png: text is measured once
    axes = figure.subplots(rows, columns, squeeze=False, **shared)
    for one in axes.flat:
        polish(one)
    return figure, axes


def polish(axes: Any) -> None:
    """Thin spines, small ticks."""
    axes.tick_params(labelsize=SMALL, width=0.6, length=2.5, pad=2)
    for spine in axes.spines.values():
        spine.set_linewidth(0.6)
    for text in (axes.xaxis.label, axes.yaxis.label, axes.title):
        text.set_fontsize(SMALL + 1)


class Bars(typing.Protocol):
    """Values with what is known of their errors, (points,) each."""

    @property
    def value(self) -> Array:
        """Estimates."""
        ...

    @property
    def stderr(self) -> Array:
        """Standard errors."""
        ...

    @property
    def low(self) -> Array:
        """Lower ends of the 95 % intervals."""
        ...

    @property
    def high(self) -> Array:
        """Upper ends."""
        ...


def points(axes: Axes, x: Array, bars: Bars, pen: Pen, floor: float = -np.inf) -> None:
    """Measured values with standard errors, and their 95 % intervals as broad bars, or as a band where there are many.

    Values that are not finite are left out. An interval without an end on one side is drawn to the value, one of two
    pieces (its lower end above its upper one) is not drawn, and neither is the standard error there: a ratio to what
    may be 0 has none. Where an interval reaches the floor, below which the
    quantity cannot be, its upper end is drawn as a limit and the value is not.

    Args:
        axes: Where.
        x: Abscissa of every point, (points,).
        bars: Values, errors and intervals, (points,) each.
        pen: How they are drawn.
        floor: What the quantity cannot be below.
    """
    value = bars.value
    low, high = (np.where(np.isinf(end), value, end) for end in (bars.low, bars.high))
    here = np.isfinite(x) & np.isfinite(value)
    drawn = here & (low <= high)
    many, pixels = int(here.sum()) > MANY, int(here.sum()) > TOO_MANY
    limit = drawn & limited(bars, floor)
    if many:
        order = np.argsort(x[drawn], kind="stable")
        across, bottom, top = (a[drawn][order] for a in (x, low, high))
        axes.fill_between(across, bottom, top, color=pen.colour, alpha=0.22, linewidth=0, rasterized=pixels)
    elif drawn.any():
        # as broad as the spacing allows
        broad = min(4.5, 45 * axes.get_window_extent().width / _dpi(axes) / int(drawn.sum()))
        axes.vlines(x[drawn], low[drawn], high[drawn], color=pen.colour, alpha=0.25, linewidth=broad)
    _limits(axes, x[limit], high[limit], pen, small=many)
    here &= ~limit
    stderr = bars.stderr[here]
    stderr = np.where(np.isfinite(stderr) & (not many) & ~(low > high)[here], stderr, 0.0)
    axes.errorbar(
        x[here],
        value[here],
        [np.minimum(stderr, np.maximum(value[here] - floor, 0.0)), stderr],
        fmt=pen.marker,
        color=pen.colour,
        markerfacecolor=pen.face,
        markersize=1.6 if many else 3.2 if pen.filled else 2.8,
        markeredgewidth=0.6,
        elinewidth=0.4 if many else 0.8,
        capsize=0,
        linestyle="none",
        rasterized=pixels,
    )


def limited(bars: Bars, floor: float) -> Array:
    """Which values are upper limits: their interval reaches the floor, (points,) bool.

    Args:
        bars: Intervals, (points,) each.
        floor: What the quantity cannot be below.
    """
    return np.isfinite(floor) & (bars.low <= floor + TOUCHES) & (bars.high > bars.low)


def limit_mark() -> Any:
    """Marker of an upper limit: a bar there, from which an arrow hangs."""
    from matplotlib.path import Path

    strokes = (((-0.7, 0), (0.7, 0)), ((0, 0), (0, -2)), ((-0.5, -1.3), (0, -2)), ((0.5, -1.3), (0, -2)))
    return Path([end for stroke in strokes for end in stroke], [Path.MOVETO, Path.LINETO] * len(strokes))


def _limits(axes: Axes, x: Array, high: Array, pen: Pen, *, small: bool) -> None:
    """Upper ends as limits."""
    axes.plot(
        x,
        high,
        marker=limit_mark(),
        markersize=5 if small else 11,
        color=pen.colour,
        markeredgewidth=0.5 if small else 0.9,
        linestyle="none",
    )


def line(axes: Axes, x: Array, y: Array, pen: Pen, *, model: bool = False, fine: bool = False) -> None:
    """The ideal prediction, or the noise model dotted; few values known at the points only are dashes, not joined.

    Args:
        axes: Where.
        x: Abscissa, (points,), in any order.
        y: Ordinate, (points,).
        pen: How it is drawn.
        model: Whether it is the noise model.
        fine: Whether it is known between the points, or the points are all there is; two alone are not joined either:
            nothing lies between before and after.
    """
    here = np.isfinite(x) & np.isfinite(y)
    order = np.argsort(x[here], kind="stable")
    x, y = x[here][order], y[here][order]
    if len(np.unique(x)) < (3 if fine else FEW):
        axes.plot(x, y, "_", color=pen.colour, markersize=7 if model else 10, markeredgewidth=0.9)
        return
    style = DOTTED[pen.dash] if model else pen.dash
    width = 1.1 if model or pen.filled else 0.9
    axes.plot(x, y, linestyle=style, color=pen.colour, linewidth=width, alpha=1 if model else 0.85)


def sigmas(axes: Axes) -> None:
    """Bands of one and two standard errors."""
    axes.axhspan(-2, 2, color="#DDDDDD", linewidth=0, alpha=0.6)
    axes.axhspan(-1, 1, color="#BBBBBB", linewidth=0, alpha=0.6)
    axes.axhline(0, color="black", linewidth=0.6)


def _dpi(axes: Axes) -> float:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure.dpi
