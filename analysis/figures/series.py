"""Quantities against the axis of the sweep: measured, ideal, noise model and control, in one way for all figures."""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.figures import style as _style
from analysis.figures.panels import Panel, Sweep, board, name_axes, pretty, sweep
from analysis.figures.style import SMALL, Pen

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.result import Analysis


LIMITS = ("--", ":", "-.", (0, (6, 1.5, 1, 1.5, 1, 1.5)))
"""Dashes of what theory compares with, always black."""
ROOM = 4
"""Lines of a legend that a figure has room for."""


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One row of a figure: quantities that share an ordinate."""

    label: str
    unit: str
    drawn: tuple[tuple[str, str], ...]
    """Observable and subject of each series."""
    zero: bool | None = False
    """Whether zero means something: it gets a line. None: it does where it is in view."""
    least: float = -math.inf
    """What the quantities cannot be below."""
    limits: tuple[tuple[str, str], ...] = ()
    """Observable and subject of what theory compares them with."""
    against: tuple[str, str] | None = None
    """What stands on the abscissa instead of the axis of the sweep: this, at the reference of each point."""


def draw_quantities(analysis: Analysis, quantities: Sequence[Quantity]) -> Figure | None:
    """One figure of the quantities that the run has; None if it has none of them.

    Args:
        analysis: What a run says.
        quantities: Rows of the figure; those of which the run has nothing are left out.
    """
    from matplotlib.ticker import AutoLocator

    along = sweep(analysis)
    shown = [q for q in quantities if any(along.has(*one) for one in q.drawn)]
    if not shown:
        return None
    figure, placed = board(len(shown), along)
    limits = list(dict.fromkeys(limit for q in shown for limit in q.limits))
    dashes = {limit: LIMITS[i % len(LIMITS)] for i, limit in enumerate(limits)}
    for quantity, axes in zip(shown, placed, strict=True):
        for one, panel in zip(axes, along.panels, strict=True):
            if quantity.zero:
                one.axhline(0, color="black", linewidth=0.6)
            if quantity.against:
                _against(one, analysis, along, panel, quantity)
                continue
            for limit in quantity.limits:
                _limit(one, along, panel, *limit, dash=dashes[limit])
            for observable, subject in quantity.drawn:
                draw_series(one, along, panel, observable, subject, quantity.least)
            # a quantity that has no number at some points still stands where it belongs
            one.dataLim.update_from_data_x(panel.table.estimates.x(along.x)[panel.table.points], ignore=False)
            one.autoscale_view(scaley=False)
            if quantity.zero is None and np.prod(one.get_ylim()) < 0:
                one.axhline(0, color="black", linewidth=0.6)
        if math.isfinite(quantity.least):
            _lift(axes)
    labels = [pretty(f"{q.label} [{q.unit}]" if q.unit else q.label) for q in shown]
    name_axes(placed, labels, [q.unit for q in shown], along)
    for quantity, axes in zip(shown, placed, strict=True):
        if quantity.against:
            axes[0].set_xlabel(f"{quantity.against[0].replace('_', ' ')} {quantity.against[1]} at the reference")
            axes[0].xaxis.set_major_locator(AutoLocator())
    series = [one for q in shown for one in q.drawn if along.has(*one)]
    modelled = any(_modelled(panel, *one) for panel in along.panels for one in series)
    named = {f"{o.replace('_', ' ')} {s}": dash for (o, s), dash in dashes.items()}
    subjects = list(dict.fromkeys(subject for _, subject in series))
    bars = any(_limited(along, q) for q in shown)
    legend(figure, along, subjects, ideal=_predicted(along), modelled=modelled, limits=named, limited=bars)
    return figure


def legend(
    figure: Figure,
    along: Sweep,
    subjects: Sequence[str],
    *,
    ideal: bool,
    modelled: bool,
    limits: Mapping[str, typing.Any],
    limited: bool = False,
) -> None:
    """What markers, lines and bars stand for, below the panels.

    Args:
        figure: That it is drawn below.
        along: The panels.
        subjects: That have series.
        ideal: Whether exact lines are drawn.
        modelled: Whether the noise model is drawn.
        limits: Name -> dash of what theory compares with.
        limited: Whether upper limits are drawn.
    """
    entries: list[typing.Any] = []
    for subject in subjects:
        for arm, pen in reversed(list(along.pens(subject))):
            name = subject if arm == along.arms[0] else f"{subject}, control {arm}"
            entries.append(mark(pen, name, joined=ideal))
    from matplotlib.lines import Line2D

    lines = [Line2D([], [], color="black", linewidth=1, linestyle=dash, label=name) for name, dash in limits.items()]
    below(figure, [*entries, *lines, *meanings(ideal=ideal, modelled=modelled, limited=limited)])


def meanings(*, ideal: bool, modelled: bool, limited: bool = False) -> list[typing.Any]:
    """What bars and lines stand for.

    Args:
        ideal: Whether exact lines are drawn.
        modelled: Whether the noise model is drawn.
        limited: Whether upper limits are drawn.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries: list[typing.Any] = [Patch(facecolor="#888888", alpha=0.4, label="95 % interval")]
    if limited:
        style = {"color": "black", "markersize": 11, "markeredgewidth": 0.9, "linestyle": "none"}
        entries.append(Line2D([], [], marker=_style.limit_mark(), label="95 % upper limit", **style))
    if ideal:
        entries.append(Line2D([], [], color="black", linewidth=1, label="line: ideal"))
    if modelled:
        entries.append(
            Line2D([], [], color="black", linewidth=1, linestyle=_style.DOTTED["-"], label="dotted: noise model")
        )
    return entries


def below(figure: Figure, entries: Sequence[typing.Any]) -> None:
    """A legend under the panels, in as many columns as fit.

    Args:
        figure: That it is drawn below.
        entries: Handles with their labels.
    """
    widest = 0.6 + 0.055 * max(len(entry.get_label()) for entry in entries)
    columns = max(1, min(len(entries), int(figure.get_figwidth() / widest)))
    lines = -(-len(entries) // columns)
    if lines > ROOM:  # a long legend is not to take the panels' height
        figure.set_figheight(figure.get_figheight() + 0.16 * (lines - ROOM))
    figure.legend(
        handles=entries,
        loc="outside lower center",
        ncols=columns,
        fontsize=SMALL,
        frameon=False,
        handlelength=2.4,
        columnspacing=1.4,
    )


def mark(pen: Pen, name: str, *, joined: bool) -> typing.Any:
    """The entry of a legend for what one pen draws.

    Args:
        pen: How the series is drawn.
        name: As the legend calls it.
        joined: Whether a line joins its points.
    """
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


def draw_series(axes: Axes, along: Sweep, panel: Panel, observable: str, subject: str, least: float) -> None:
    """One quantity of one subject in every arm: points with errors, lines of what is exact and of the noise model.

    Args:
        axes: Where.
        along: The sweeps.
        panel: The one that is drawn.
        observable: Name of the quantity.
        subject: Its subject.
        least: What it cannot be below.
    """
    known = panel.table.estimates.quantities.get((observable, subject))
    of_all = known is not None and known.observable.arms is not None
    for arm, pen in along.pens(subject):
        if of_all and arm != along.arms[0]:
            continue  # one number of all arms together
        measured = panel.table.series(observable, subject, arm)
        exact, fine = panel.exact(observable, subject, arm)
        main = panel.table.series(observable, subject)
        if arm != along.arms[0] and np.isnan(measured.ideal).all() and not np.isnan(main.ideal).all():
            continue  # undefined there, as the efficiency of a control without a fuel is
        _style.line(axes, exact.x, exact.ideal, pen, fine=fine)
        if arm == along.arms[0]:
            model = panel.prediction.series(observable, subject, arm)
            _style.line(axes, model.x, model.ideal, pen, model=True)
        _style.points(axes, measured.x, measured, pen, least)


def _limit(axes: Axes, along: Sweep, panel: Panel, observable: str, subject: str, dash: typing.Any) -> None:
    """A limit of theory: across the panel where it is one number."""
    exact, _ = panel.exact(observable, subject, along.arms[0])
    exact = exact.at(np.isfinite(exact.ideal))
    exact = exact.at(np.argsort(exact.x, kind="stable"))
    values = exact.ideal
    style: dict[str, typing.Any] = {"color": "black", "linewidth": 0.9, "linestyle": dash}
    if len(values) and np.ptp(values) <= 1e-12 * np.abs(values).max():
        axes.axhline(values[0], **style)
    elif len(values):
        axes.plot(exact.x, values, **style)


def _limited(along: Sweep, quantity: Quantity) -> bool:
    """Whether anything of it is drawn as an upper limit."""
    return any(
        _style.limited(panel.table.series(*one, arm), quantity.least).any()
        for panel in along.panels
        for one in quantity.drawn
        for arm in along.arms
    )


def _modelled(panel: Panel, observable: str, subject: str) -> bool:
    return len(panel.prediction.series(observable, subject)) > 0


def _against(axes: Axes, analysis: Analysis, along: Sweep, panel: Panel, quantity: Quantity) -> None:
    """A quantity over what another one was at the reference of each point, and the threshold of that."""
    assert quantity.against
    home, abscissa = analysis.record.points.reference, quantity.against
    for observable, subject in quantity.drawn:
        for arm, pen in along.pens(subject):
            ordinate = panel.table.series(observable, subject, arm)
            start = analysis.estimates.series(*abscissa, arm, along.x, home[ordinate.point])
            order = np.argsort(start.ideal)
            path = start.ideal[order], ordinate.ideal[order]
            axes.plot(*path, color=pen.colour, linestyle=pen.dash, lw=1)
            _style.points(axes, start.value, ordinate, pen)
            crossed = {"fmt": "none", "ecolor": pen.colour, "elinewidth": 0.8}
            axes.errorbar(start.value, ordinate.value, xerr=start.stderr, **crossed)
    axes.axhline(0, color="black", linewidth=0.6)
    for limit, dash in zip(quantity.limits, LIMITS, strict=False):
        at = panel.table.series(*limit, along.arms[0]).ideal
        if len(at) and np.ptp(at) <= 1e-12 * np.abs(at).max():
            axes.axvline(at[0], color="black", linewidth=0.9, linestyle=dash)


def _lift(axes: Sequence[Axes]) -> None:
    """Zero at the foot of the panel, and a scale on which nothing looks like nothing."""
    top = max(0.05, *(one.get_ylim()[1] for one in axes))
    for one in axes:
        one.set_ylim(-0.05 * top, top)


def _predicted(along: Sweep) -> bool:
    return any(panel.table.predicted for panel in along.panels)
