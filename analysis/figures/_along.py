"""Quantities against the axis of the sweep: measured, ideal, noise model and control, in one way for all figures."""

from __future__ import annotations

import math
import typing
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.figures import _style
from analysis.figures._style import SMALL, Pen
from analysis.figures._sweep import Panel, Sweep, board, name_axes, sweep

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis._analyse import Analysis


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One row of a figure: quantities that share an ordinate."""

    label: str
    unit: str
    drawn: tuple[tuple[str, str], ...]
    """Observable and subject of each series."""
    zero: bool = False
    """Whether zero means something: it gets a line."""
    least: float = -math.inf
    """What the quantities cannot be below."""


def draw(analysis: Analysis, quantities: Sequence[Quantity]) -> Figure | None:
    """One figure of the quantities that the run has; None if it has none of them."""
    along = sweep(analysis)
    shown = [q for q in quantities if any(along.has(*one) for one in q.drawn)]
    if not shown:
        return None
    figure, placed = board(len(shown), along)
    for quantity, axes in zip(shown, placed, strict=True):
        for one, panel in zip(axes, along.panels, strict=True):
            if quantity.zero:
                one.axhline(0, color="black", linewidth=0.6)
            for observable, subject in quantity.drawn:
                _series(one, along, panel, observable, subject, quantity.least)
        if math.isfinite(quantity.least):
            _lift(axes)
    labels = [f"{q.label} [{q.unit}]" if q.unit else q.label for q in shown]
    name_axes(placed, labels, [q.unit for q in shown], along)
    subjects = list(dict.fromkeys(subject for q in shown for _, subject in q.drawn))
    modelled = any(len(panel.prediction) for panel in along.panels)
    legend(figure, along, subjects, ideal=_predicted(along), modelled=modelled)
    return figure


def legend(figure: Figure, along: Sweep, subjects: Sequence[str], *, ideal: bool, modelled: bool) -> None:
    """What markers, lines and bars stand for, below the panels."""
    entries: list[typing.Any] = []
    for subject in subjects:
        for arm, pen in reversed(list(along.pens(subject))):
            name = subject if arm == along.arms[0] else f"{subject}, control {arm}"
            entries.append(mark(pen, name, joined=ideal))
    below(figure, [*entries, *meanings(ideal=ideal, modelled=modelled)])


def meanings(*, ideal: bool, modelled: bool) -> list[typing.Any]:
    """What bars and lines stand for."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries: list[typing.Any] = [Patch(facecolor="#888888", alpha=0.4, label="95 % interval")]
    if ideal:
        entries.append(Line2D([], [], color="black", linewidth=1, label="line: ideal"))
    if modelled:
        entries.append(
            Line2D([], [], color="black", linewidth=1, linestyle=_style.DOTTED["-"], label="dotted: noise model")
        )
    return entries


def below(figure: Figure, entries: Sequence[typing.Any]) -> None:
    """A legend under the panels, in as many columns as fit."""
    widest = 0.6 + 0.055 * max(len(entry.get_label()) for entry in entries)
    figure.legend(
        handles=entries,
        loc="outside lower center",
        ncols=max(1, min(len(entries), int(figure.get_figwidth() / widest))),
        fontsize=SMALL,
        frameon=False,
        handlelength=2.4,
        columnspacing=1.4,
    )


def mark(pen: Pen, name: str, *, joined: bool) -> typing.Any:
    from matplotlib.lines import Line2D

    return Line2D(
        [],
        [],
        color=pen.colour,
        linestyle=pen.dash if joined else "none",
        linewidth=1,
        marker=pen.marker,
        markersize=3.5,
        markerfacecolor=pen.face,
        markeredgewidth=0.6,
        label=name,
    )


def _series(axes: Axes, along: Sweep, panel: Panel, observable: str, subject: str, least: float) -> None:
    for arm, pen in along.pens(subject):
        rows, _, model = panel.series(observable, subject, arm)
        exact, fine = panel.exact(observable, subject, arm, along.x)
        _style.line(axes, exact[along.x].to_numpy(), exact["ideal"].to_numpy(dtype=float), pen, fine=fine)
        if arm == along.arms[0]:
            _style.line(axes, model[along.x].to_numpy(), model["ideal"].to_numpy(dtype=float), pen, model=True)
        _style.points(axes, rows[along.x].to_numpy(), rows, pen, least)


def _lift(axes: Sequence[Axes]) -> None:
    """Zero at the foot of the panel, and a scale on which nothing looks like nothing."""
    top = max(0.05, *(one.get_ylim()[1] for one in axes))
    for one in axes:
        one.set_ylim(-0.05 * top, top)


def _predicted(along: Sweep) -> bool:
    return any(panel.table["ideal"].notna().any() for panel in along.panels)
