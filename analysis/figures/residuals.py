"""Residuals in sigma: how far the measured values are from the ideal, and from the device's own noise model."""

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
