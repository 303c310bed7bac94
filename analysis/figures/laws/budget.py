"""The Clausius sum of a pair as a stack of what it is made of, and the conditional entropies beside it."""

from __future__ import annotations

import typing

import numpy as np

from analysis.figures import style as _style
from analysis.figures.panels import Panel, board, name_axes, sweep
from analysis.figures.series import below, mark, meanings
from analysis.figures.style import Pen
from analysis.laws import Budget, budget_of
from protocols import Array

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.result import Analysis

COLOURS = (_style.SKY, _style.ORANGE, _style.PURPLE, _style.GREYS[1])
HATCHES = ("", "//", "\\\\", "..")
TOTAL = Pen(colour="black", marker="o")
GIVEN = (_style.SERIES[0], _style.SERIES[1])


def budget(analysis: Analysis) -> Figure | None:
    """Bars above and below zero that add up to the Clausius sum; None without a pair that exchanges heat."""
    along, qubits = sweep(analysis), analysis.record.start["qubits"]
    found = [budget_of(analysis, panel.table) for panel in along.panels]
    if not any(found):
        return None
    figure, placed = board(2, along, height=2.1)
    for axes, one in zip(placed[0], found, strict=True):
        axes.axhline(0, color="black", linewidth=0.6)
        if one is not None:
            _stack(axes, one)
            _style.points(axes, one.total.x, one.total, TOTAL)
    given = [(f"{qubits[1]}|{qubits[0]}", GIVEN[0]), (f"{qubits[0]}|{qubits[1]}", GIVEN[1])]
    for axes, panel in zip(placed[1], along.panels, strict=True):
        axes.axhline(0, color="black", linewidth=0.6)
        for subject, pen in given:
            _entropy(axes, panel, subject, pen, along.arms[0])
    name_axes(placed, ["Clausius sum [nat]", "conditional entropy [nat]"], ["nat", "nat"], along)
    parts = next(one for one in found if one is not None).parts
    bars = [_patch(name, *style) for name, style in zip(parts, zip(COLOURS, HATCHES, strict=True), strict=True)]
    entropies = [mark(pen, f"S({subject})", joined=True) for subject, pen in given]
    below(figure, [mark(TOTAL, "Clausius sum", joined=False), *bars, *entropies, *meanings(ideal=True, modelled=False)])
    return figure


def _stack(axes: Axes, one: Budget) -> None:
    """What is above zero upwards, what is below zero downwards."""
    x = one.total.x
    broad = _broad(x)
    ends = {True: np.zeros(len(x)), False: np.zeros(len(x))}
    for series, colour, hatch in zip(one.parts.values(), COLOURS, HATCHES, strict=True):
        value = np.nan_to_num(series.value)
        up = value >= 0
        base = np.where(up, ends[True], ends[False])
        drawn = {"color": colour, "hatch": hatch, "linewidth": 0, "alpha": 0.75, "edgecolor": "white"}
        if len(x) > _style.TOO_MANY:  # bars narrower than a pixel, each an object of its own: one area instead
            order = np.argsort(x, kind="stable")
            axes.fill_between(x[order], base[order], (base + value)[order], step="mid", rasterized=True, **drawn)
        else:
            axes.bar(x, value, broad, base, **drawn)
        ends = {side: end + np.where(up == side, value, 0.0) for side, end in ends.items()}


def _broad(x: Array) -> float:
    """Of a bar: most of the least distance between two."""
    steps = np.diff(np.unique(x))
    return float(0.8 * steps.min()) if len(steps) else 0.1


def _entropy(axes: Axes, panel: Panel, subject: str, pen: Pen, arm: str) -> None:
    exact, fine = panel.exact("conditional_entropy", subject, arm)
    _style.line(axes, exact.x, exact.ideal, pen, fine=fine)
    series = panel.table.series("conditional_entropy", subject)
    _style.points(axes, series.x, series, pen)


def _patch(name: str, colour: str, hatch: str) -> typing.Any:
    from matplotlib.patches import Patch

    return Patch(facecolor=colour, hatch=hatch, edgecolor="white", alpha=0.75, label=name)
