"""Free energies of all orders before and after, and the curves of thermo-majorisation."""

from __future__ import annotations

import typing

import numpy as np

from analysis.figures import style as _style
from analysis.figures.panels import sweep
from analysis.figures.series import below, mark, meanings
from analysis.figures.style import Pen
from analysis.laws import SecondLaws, second_laws_of
from protocols import Array
from protocols.laws import CHANGE, ORDERS, thermo_majorisation_curve

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.result import Analysis

BEFORE, AFTER = Pen(colour=_style.GREYS[0], marker="o", dash="--", filled=False), _style.SERIES[1]
LABELS = {"0": "0", "1/2": "½", "1": "1", "2": "2", "inf": "∞"}
"""Orders as they are printed."""


def second_laws(analysis: Analysis) -> Figure | None:
    """F_alpha and the curves at the last point; along a sweep the changes too. None where no bath is known."""
    found = second_laws_of(analysis)
    if not found:
        return None
    along = sweep(analysis)
    swept = len(along.panels) == 1 and along.panels[0].table.places > 2
    figure, axes = _style.blank(len(found), 3 if swept else 2, 2.3, width=_style.DOUBLE)
    for one, row in zip(found, axes, strict=True):
        _orders(row[0], one)
        _curves(row[1], one)
        if swept:
            _changes(row[2], analysis, one.subject)
    known = found[0].ideal is not None
    entries = [mark(BEFORE, "before", joined=True), mark(AFTER, "after", joined=True)]
    if swept:
        entries += [mark(pen, f"change, α = {LABELS[name]}", joined=False) for name, pen in _pens().items()]
    below(figure, [*entries, *_thermal(), *meanings(ideal=known, modelled=False)])
    return figure


def _pens() -> dict[str, Pen]:
    """Of the orders whose changes are drawn: order 0 jumps, and has no interval to be drawn with."""
    return dict(zip([name for name in ORDERS if name != "0"], _style.SERIES[2:], strict=True))


def _thermal() -> list[typing.Any]:
    from matplotlib.lines import Line2D

    return [Line2D([], [], color="black", linewidth=0.9, linestyle=":", label="thermal")]


def _orders(axes: Axes, one: SecondLaws) -> None:
    """Before and after, order by order."""
    places = np.arange(len(one.orders), dtype=float)
    before = np.array([order.before for order in one.orders])
    after = {name: np.array([getattr(order.after, name) for order in one.orders]) for name in _NAMES}
    hollow: dict[str, typing.Any] = {
        "marker": BEFORE.marker,
        "color": BEFORE.colour,
        "markerfacecolor": BEFORE.face,
        "linestyle": "none",
    }
    axes.plot(places - 0.12, before, **hollow, markersize=3.5, markeredgewidth=0.7)
    _style.points(axes, places + 0.12, _Bars(**after), AFTER)
    axes.plot(places + 0.12, [order.after.ideal for order in one.orders], "_", color=AFTER.colour, markersize=10)
    axes.set_xticks(places, [LABELS[order.name] for order in one.orders])
    axes.set_xlim(-0.5, len(places) - 0.5)
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.set_xlabel("order α")
    axes.set_ylabel(f"free energy of {one.subject} [gap]")
    _style.polish(axes)


_NAMES = ("value", "stderr", "low", "high")


class _Bars(typing.NamedTuple):
    value: Array
    stderr: Array
    low: Array
    high: Array


def _curves(axes: Axes, one: SecondLaws) -> None:
    """Measured with marks at the kinks, exact as thin lines."""
    axes.plot([0, 1], [0, 1], color="black", linewidth=0.9, linestyle=":")
    exact = one.ideal or (None, None)
    for pen, p, ideal in ((BEFORE, one.before, exact[0]), (AFTER, one.after, exact[1])):
        axes.plot(*thermo_majorisation_curve(p, one.gibbs), linestyle=pen.dash, color=pen.colour, linewidth=1.2,
                  marker=pen.marker, markersize=3.2, markerfacecolor=pen.face, markeredgewidth=0.6)  # fmt: skip
        if ideal is not None:
            axes.plot(*thermo_majorisation_curve(ideal, one.gibbs), color=pen.colour, linewidth=0.5)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.03)
    axes.set_xlabel("sum of thermal populations")
    axes.set_ylabel("sum of populations")
    _style.polish(axes)


def _changes(axes: Axes, analysis: Analysis, subject: str) -> None:
    """Of every order along the sweep."""
    along = sweep(analysis)
    panel = along.panels[0]
    axes.axhline(0, color="black", linewidth=0.6)
    for name, pen in _pens().items():
        series = panel.table.series(f"{CHANGE} (alpha {name})", subject)
        own = analysis.estimates.points.reference[series.point] != series.point
        series = series.at(own & np.isfinite(series.value))
        exact, fine = panel.exact(f"{CHANGE} (alpha {name})", subject, along.arms[0])
        _style.line(axes, exact.x, exact.ideal, pen, fine=fine)
        _style.points(axes, series.x, series, pen)
    axes.set_xlabel(along.label)
    axes.set_ylabel("change of free energy [gap]")
    axes.locator_params(axis="x", nbins=6, integer=along.whole)
    _style.polish(axes)
