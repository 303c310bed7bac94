"""The fit of each sweep: net heat with its band over the measured points, and what is left in sigma."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any

import numpy as np

from analysis.figures import style as _style
from analysis.figures.panels import MOST_COLUMNS, Sweep, pretty, sweep, units
from analysis.figures.series import below, mark
from analysis.figures.style import SMALL, Pen
from analysis.intervals import NORMAL_95

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.result import Analysis

FINE = 201


def fit(analysis: Analysis) -> Figure | None:
    """Fitted net heat above, residuals below, one column a sweep; None where nothing was fitted.

    Everything is counted from the fitted energy at time 0, so that the point measured there is a point like others.
    """
    along = sweep(analysis)
    hot = analysis.verdict.hot or along.subjects[0]
    fits = [f for f in analysis.fits if f.observable == "energy" and f.subject == hot]
    if not fits or along.x != analysis.record.start["axis"]:
        return None
    wheres: list[Mapping[str, float]] = []
    for one in fits:
        if dict(one.where) not in wheres:
            wheres.append(dict(one.where))
    shown = wheres[:MOST_COLUMNS]
    ratios = {"height_ratios": [2.4, 1.0]}
    wide = 4.6 if len(shown) == 1 else _style.DOUBLE
    figure, axes = _style.blank(2, len(shown), 1.7, width=wide, sharex="col", sharey="row", gridspec_kw=ratios)
    for (above, under), where in zip(axes.T, shown, strict=True):
        above.axhline(0, color="black", linewidth=0.6)
        _style.sigmas(under)
        for one in reversed([f for f in fits if dict(f.where) == where]):
            _column(above, under, one, _pen(along, one))
        above.set_title(", ".join(f"{name} = {value:.4g}" for name, value in where.items()), fontsize=SMALL + 1)
        under.set_xlabel(along.label)
        units(above, "top", along.unit, along.gap)
    name = "heat into" if analysis.estimates.gain_of(hot) == "heat" else "energy gained by"
    axes[0, 0].set_ylabel(f"net {name} {hot} [{pretty(analysis.energy_unit)}]")
    axes[1, 0].set_ylabel("residual [\u03c3]")
    units(axes[0, -1], "right", analysis.energy_unit, along.gap)
    arms = {f.arm: _pen(along, f) for f in fits}
    names = {arm: "measured" if arm == along.arms[0] else f"control {arm}" for arm in arms}
    below(figure, [*(mark(pen, names[arm], joined=True) for arm, pen in arms.items()), *_key()])
    if len(wheres) > len(shown):
        figure.suptitle(f"first {len(shown)} of {len(wheres)} sweeps", fontsize=SMALL)
    return figure


def _column(above: Axes, under: Axes, one: Any, pen: Pen) -> None:
    series, curve = one.oscillation.series, one.oscillation
    times = np.linspace(series.time.min(), series.time.max(), FINE)
    value, stderr = curve.gained(times)
    reach = NORMAL_95 * stderr
    above.fill_between(times, value - reach, value + reach, color=pen.colour, alpha=0.25, linewidth=0)
    many = len(series.time) > _style.TOO_MANY
    # a curve amid thousands of points is drawn above them
    line: dict[str, Any] = {"color": "black", "zorder": 3} if many else {"color": pen.colour}
    above.plot(times, value, linestyle=pen.dash, linewidth=1.1, **line)
    style: dict[str, Any] = {
        "color": pen.colour,
        "markerfacecolor": pen.face,
        "markersize": 2.8,
        "markeredgewidth": 0.6,
    }
    if many:
        style |= {"markersize": 0.8, "rasterized": True}
    measured = series.value - curve.curve(np.zeros(1))
    errors = np.sqrt(series.covariance.diagonal)
    above.errorbar(series.time, measured, errors, fmt=pen.marker, elinewidth=0.7, linestyle="none", **style)
    under.plot(series.time, one.residuals, pen.marker, **style)


def _pen(along: Sweep, one: Any) -> Pen:
    return dict(along.pens(one.subject))[one.arm]


def _key() -> list[Any]:
    from matplotlib.patches import Patch

    return [Patch(facecolor="#888888", alpha=0.4, label="95 % band of the fit")]
