"""Residuals: measured less ideal and less the noise model, in sigma; raw and mitigated less ideal, in energy."""

from __future__ import annotations

import typing

import numpy as np

from analysis.figures import style as _style
from analysis.figures.panels import Panel, Sweep, board, matched, name_axes, sweep
from analysis.figures.series import below, mark
from analysis.figures.style import PURPLE, SMALL, Pen
from protocols import Array

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.mitigation import Mitigated
    from analysis.result import Analysis

TALL = 5.0
"""The least that the ordinate spans either way [sigma]."""


def residuals(analysis: Analysis) -> Figure | None:
    """(value - expected)/stderr of energies and correlations; None where nothing is expected."""
    along = sweep(analysis)
    both = analysis.record.system
    subjects = [o.subject for o in analysis.observables if o.name == "energy"]
    pens = [dict(along.pens(subject))[along.arms[0]] for subject in subjects]
    groups = (
        ("energies", tuple(("energy", subject, pen) for subject, pen in zip(subjects, pens, strict=True))),
        (
            "correlations",
            (
                ("mutual_information", both, _style.PAIR),
                ("signed_concurrence", both, Pen(colour=PURPLE, marker="v")),
            ),
        ),
    )
    rows = []
    for against in ("ideal", "noise model"):
        for name, drawn in groups:
            if any(len(pulls(along, panel, against, *d[:2])[0]) for panel in along.panels for d in drawn):
                rows.append((against, name, drawn))
    if not rows:
        return None
    figure, placed = board(len(rows), along, height=1.35, wrap=2)
    for (against, _, drawn), axes in zip(rows, placed, strict=True):
        for one, panel in zip(axes, along.panels, strict=True):
            _panel(one, along, panel, against, drawn)
        for one in axes:  # the ordinate may be shared: as wide as the widest needs it
            most = max(float(np.abs(other.get_ylim()).max()) for other in axes)
            one.set_ylim(-most, most)
    name_axes(placed, [f"{name}, from\n{against} [\u03c3]" for against, name, _ in rows], [""] * len(rows), along)
    drawn = dict.fromkeys((observable, subject, pen) for _, _, g in rows for observable, subject, pen in g)
    below(figure, [mark(pen, f"{o.replace('_', ' ')} {s}", joined=False) for o, s, pen in drawn])
    return figure


def pulls(along: Sweep, panel: Panel, against: str, observable: str, subject: str) -> tuple[Array, Array]:
    """Where on x, and how many standard errors the main arm is away from what is expected there.

    Args:
        along: The panels of the analysis.
        panel: One of them.
        against: "ideal" or "noise model".
        observable: Name of the quantity.
        subject: Its subject.
    """
    measured = panel.table.series(observable, subject, along.arms[0])
    expected = measured
    if against != "ideal":
        measured, expected = matched(measured, panel.prediction.series(observable, subject, along.arms[0]))
    with np.errstate(invalid="ignore", divide="ignore"):
        pull = (measured.value - expected.ideal) / measured.stderr
    kept = np.isfinite(pull)
    return measured.x[kept], pull[kept]


def _panel(axes: Axes, along: Sweep, panel: Panel, against: str, drawn: typing.Iterable[tuple[str, str, Pen]]) -> None:
    _style.sigmas(axes)
    largest, squares, count = TALL, 0.0, 0
    for observable, subject, pen in drawn:
        x, pull = pulls(along, panel, against, observable, subject)
        axes.plot(
            x,
            pull,
            pen.marker,
            color=pen.colour,
            markersize=1.6 if len(x) > _style.MANY else 3.0,
            rasterized=len(x) > _style.TOO_MANY,
        )
        largest = max(largest, 1.1 * float(np.abs(pull).max(initial=0)))
        squares, count = squares + float((pull**2).sum()), count + len(pull)
    axes.set_ylim(-largest, largest)
    if count:
        above = f"{axes.get_title()}\n" if axes.get_title() else ""
        axes.set_title(f"{above}\u03c7\u00b2/value = {round(squares / count, 6):.3g} ({count} values)", fontsize=SMALL)


# ---- raw and mitigated, in units of energy ----

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
    labels = [f"{name.replace('_', ' ')} {subject} - ideal [{analysis.energy_unit}]" for name, subject in shown]
    name_axes(placed, labels, [analysis.energy_unit] * len(shown), along)
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
