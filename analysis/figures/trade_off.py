"""What the heat costs: heat against the change of mutual information, and the Clausius sum against the same.

beta_A Q_A + beta_B Q_B >= Delta I wherever the entropy of the pair does not fall; the line is equality.
"""

from __future__ import annotations

import typing

import numpy as np

from analysis.estimate_arrays import Selection
from analysis.figures import style as _style
from analysis.figures.panels import Panel, Sweep, board, matched, sweep, units
from analysis.figures.series import below, mark
from analysis.figures.style import SMALL, Pen
from protocols import Array

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.result import Analysis

FUEL = "mutual_information_change"
SPENT = "clausius_sum"
NOTHING = 1e-9
"""Change of mutual information below which all points are their own references [nat]."""


def trade_off(analysis: Analysis) -> Figure | None:
    """Heat into the hot qubit, and the Clausius sum, against Delta I; None without states, references or heat."""
    along, qubits = sweep(analysis), analysis.record.start["qubits"]
    both = analysis.record.system
    # what the line bounds is an exchange of heat between the two qubits alone
    if not analysis.closed or (SPENT, both) not in analysis.estimates.quantities:
        return None
    changes = [_most(panel.table.series(FUEL, both).value) for panel in along.panels]
    if not max(changes, default=0.0) > NOTHING:
        return None
    hot = analysis.verdict.hot or qubits[0]
    rows = [("heat", hot), (SPENT, both)]
    rows = [row for row in rows if along.has(*row)]
    figure, placed = board(len(rows), along, height=2.1)
    for (observable, subject), axes in zip(rows, placed, strict=True):
        for one, panel in zip(axes, along.panels, strict=True):
            for arm, pen in along.pens(both):
                _series(one, along, panel, (observable, subject), (FUEL, both), arm, pen)
    for axes in placed:
        for one in axes:
            one.axvline(0, color="black", linewidth=0.6)
            one.axhline(0, color="black", linewidth=0.6)
    for (observable, _), axes in zip(rows, placed, strict=True):
        if observable == SPENT:
            for one in axes:
                _allowed(one)
    _label(placed, rows, along, hot)
    _legend(figure, along, both)
    return figure


def _series(
    axes: Axes, along: Sweep, panel: Panel, above: tuple[str, str], below: tuple[str, str], arm: str, pen: Pen
) -> None:
    fine = panel.curves.places > 1
    _path(axes, panel.curves if fine else panel.table, above, below, arm, pen, "-" if fine else "none")
    if pen.filled:
        dash = _style.DOTTED["-"] if panel.prediction.places >= _style.FEW else "none"
        _path(axes, panel.prediction, above, below, arm, pen, dash)
    y, x = matched(panel.table.series(*above, arm), panel.table.series(*below, arm))
    many = len(x) > _style.MANY
    axes.errorbar(
        _finite(x.value),
        _finite(y.value),
        xerr=_error(x.stderr),
        yerr=_error(y.stderr),
        fmt=pen.marker,
        color=pen.colour,
        markerfacecolor=pen.face,
        markersize=1.8 if many else 3.2,
        markeredgewidth=0.6,
        elinewidth=0.3 if many else 0.7,
        linestyle="none",
        rasterized=len(x) > _style.TOO_MANY,
    )


def _path(
    axes: Axes,
    shown: Selection,
    above: tuple[str, str],
    below: tuple[str, str],
    arm: str,
    pen: Pen,
    dash: typing.Any,
) -> None:
    """A prediction in the order of the sweep; crosses where it is known at few points only."""
    y, x = matched(shown.series(*above, arm), shown.series(*below, arm))
    order = np.argsort(y.x, kind="stable")
    marker = "x" if dash == "none" else "none"
    path = x.ideal[order], y.ideal[order]
    axes.plot(*path, linestyle=dash, marker=marker, markersize=4, color=pen.colour, linewidth=1.0, alpha=0.85)


def _most(values: Array) -> float:
    """The largest size of what is known; 0 where nothing is."""
    return float(np.abs(values[~np.isnan(values)]).max(initial=0.0))


def _finite(values: Array) -> Array:
    return np.where(np.isfinite(values), values, np.nan)


def _error(values: Array) -> Array:
    return np.nan_to_num(_finite(values), nan=0.0)


def _allowed(axes: Axes) -> None:
    """The line of no slack, and the side of it that a closed exchange stays on."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    # the line has to cross the panel, else there is nothing to compare with
    left, high = min(left, low), max(high, 0.0)
    low = min(low, left)
    edge = np.array([left, right])
    axes.plot(edge, edge, color="black", linewidth=0.9, linestyle="--")
    axes.fill_between(edge, edge, max(high, right), color=_style.SKY, alpha=0.15, linewidth=0)
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)


def _label(placed: list[list[Axes]], rows: list[tuple[str, str]], along: Sweep, hot: str) -> None:
    labels = {"heat": f"heat into {hot} [gap]", SPENT: r"$\beta_AQ_A+\beta_BQ_B$ [nat]"}
    labels[SPENT] = labels[SPENT].replace("_AQ_A", f"_{{{along.subjects[0]}}}Q_{{{along.subjects[0]}}}")
    labels[SPENT] = labels[SPENT].replace("_BQ_B", f"_{{{along.subjects[1]}}}Q_{{{along.subjects[1]}}}")
    for row, ((observable, _), axes) in enumerate(zip(rows, placed, strict=True)):
        axes[0].set_ylabel(labels[observable], fontsize=SMALL + 1)
        if observable == "heat":
            units(axes[-1], "right", "gap", along.gap)
        for one in axes:
            if len(along.panels) == 1 or row == len(placed) - 1:
                one.set_xlabel("change of mutual information \u0394I [nat]", fontsize=SMALL + 1)


def _legend(figure: Figure, along: Sweep, both: str) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries: list[typing.Any] = []
    for arm, pen in reversed(list(along.pens(both))):
        entries.append(mark(pen, "measured" if arm == along.arms[0] else f"control {arm}", joined=True))
    if any(len(panel.prediction.points) for panel in along.panels):
        entries.append(Line2D([], [], color="black", linewidth=1, linestyle=_style.DOTTED["-"], label="noise model"))
    if along.has(SPENT, both):
        entries.append(Line2D([], [], color="black", linewidth=0.9, linestyle="--", label="no slack"))
        entries.append(Patch(facecolor=_style.SKY, alpha=0.15, label="slack \u2265 0"))
    below(figure, entries)
