"""Several runs in one figure: the three phases of Holdsworth and Kawai, Fig. 1, or Micadei with and without."""

from __future__ import annotations

import typing
from collections.abc import Sequence

from analysis.figures import _style
from analysis.figures._along import below, mark, meanings
from analysis.figures._style import SMALL, Pen
from analysis.figures._sweep import Panel, Sweep, sweep

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis._analyse import Analysis

DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 2)))
MOST_SERIES = len(_style.SERIES)


def compare(analyses: Sequence[Analysis], labels: Sequence[str]) -> Figure:
    """Heat into the first qubit, energy difference, mutual information and concurrence of the main arms.

    Args:
        analyses: One a run, with the same axis and qubits.
        labels: What tells each run from the others.
    """
    found = [(along, panel, label) for along, panel, label in _sweeps(analyses, labels)]
    first = found[0][0]
    a, b = first.qubits
    drawn = (
        ("heat", a, f"heat into {a} [gap]", -float("inf")),
        ("energy_difference", a + b, rf"$E_{{{a}}}-E_{{{b}}}$ [gap]", -float("inf")),
        ("mutual_information", a + b, "mutual information [nat]", 0.0),
        ("concurrence", a + b, "concurrence", 0.0),
    )
    figure, axes = _style.blank(2, 2, 2.1)
    entries = []
    for index, (along, panel, label) in enumerate(found[:MOST_SERIES]):
        entries.append(mark(_pen(index), label, joined=True))
        for one, (observable, subject, _, least) in zip(axes.flat, drawn, strict=True):
            _series(one, along, panel, observable, subject, _pen(index), least)
    for one, (observable, _, name, _) in zip(axes.flat, drawn, strict=True):
        one.set_ylabel(name, fontsize=SMALL + 1)
        one.set_xlabel(first.label, fontsize=SMALL + 1)
        if observable in ("heat", "energy_difference"):
            one.axhline(0, color="black", linewidth=0.6)
        if not one.lines:
            one.annotate("not measured", (0.5, 0.5), xycoords="axes fraction", ha="center", fontsize=SMALL)
    if len(found) > MOST_SERIES:
        figure.suptitle(f"first {MOST_SERIES} of {len(found)} sweeps; all are in the table", fontsize=SMALL)
    below(figure, [*entries, *meanings(ideal=True, modelled=False)])
    return figure


def _sweeps(analyses: Sequence[Analysis], labels: Sequence[str]) -> typing.Iterator[tuple[Sweep, Panel, str]]:
    """Every sweep of every run: a series each."""
    for analysis, label in zip(analyses, labels, strict=True):
        along = sweep(analysis)
        for panel in along.panels:
            yield along, panel, f"{label}; {panel.title}" if panel.title else label


def _pen(index: int) -> Pen:
    base = _style.SERIES[index]
    return Pen(colour=base.colour, marker=base.marker, dash=DASHES[index])


def _series(axes: Axes, along: Sweep, panel: Panel, observable: str, subject: str, pen: Pen, least: float) -> None:
    rows, _, _ = panel.series(observable, subject, along.arms[0])
    if rows.empty:
        return
    exact, fine = panel.exact(observable, subject, along.arms[0], along.x)
    _style.line(axes, exact[along.x].to_numpy(), exact["ideal"].to_numpy(dtype=float), pen, fine=fine)
    _style.points(axes, rows[along.x].to_numpy(), rows, pen, least)
