"""Several runs in one figure: the three phases of Holdsworth and Kawai, Fig. 1, or Micadei with and without."""

from __future__ import annotations

import typing
from collections.abc import Sequence

from analysis.figures import ELSEWHERE, SMALL, Panel, Pen, Sweep, below, mark, meanings, pretty, sweep
from analysis.figures import style as _style

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.result import Analysis

DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 2)))
MOST_SERIES = len(_style.SERIES)


def draw_comparison(analyses: Sequence[Analysis], labels: Sequence[str]) -> Figure:
    """What the first side gained, energy difference, mutual information and concurrence of the main arms.

    Where heat flows elsewhere than between two qubits, quantities of the protocol instead of correlations.

    Args:
        analyses: One a run, with the same axis and qubits.
        labels: What tells each run from the others.
    """
    found = [(along, panel, label) for along, panel, label in _sweeps(analyses, labels)]
    first = found[0][0]
    drawn = _drawn(analyses[0])
    figure, axes = _style.blank(2, 2, 2.1)
    entries = []
    for index, (along, panel, label) in enumerate(found[:MOST_SERIES]):
        entries.append(mark(_pen(index), label, joined=True))
        for one, (observable, subject, _, least) in zip(axes.flat, drawn, strict=False):
            _series(one, along, panel, observable, subject, _pen(index), least)
    for one, (observable, _, name, _) in zip(axes.flat, drawn, strict=False):
        one.set_ylabel(name, fontsize=SMALL + 1)
        one.set_xlabel(first.label, fontsize=SMALL + 1)
        if observable in ("heat", "energy_change", "energy_difference"):
            one.axhline(0, color="black", linewidth=0.6)
        if not one.lines:
            one.annotate("not measured", (0.5, 0.5), xycoords="axes fraction", ha="center", fontsize=SMALL)
    if len(found) > MOST_SERIES:
        figure.suptitle(f"first {MOST_SERIES} of {len(found)} sweeps; all are in the table", fontsize=SMALL)
    limited = any(
        _style.limited(panel.table.series(observable, subject, along.arms[0]), least).any()
        for along, panel, _ in found[:MOST_SERIES]
        for observable, subject, _, least in drawn
    )
    below(figure, [*entries, *meanings(ideal=True, modelled=False, limited=limited)])
    return figure


def _drawn(analysis: Analysis) -> tuple[tuple[str, str, str, float], ...]:
    """Observable, subject, label and least value of four panels."""
    sides, infinite = analysis.sides, float("inf")
    found: list[tuple[str, str, str, float]] = []
    if sides is not None:
        a, b = sides
        unit = pretty(analysis.energy_unit)
        named = rf"$E_{{{a}}}-E_{{{b}}}$ [{unit}]" if analysis.closed else f"energy {a} - {b} [{unit}]"
        gain = analysis.estimates.gain_of(a)
        gained = f"heat into {a} [{unit}]" if gain == "heat" else f"energy gained by {a} [{unit}]"
        found = [(gain, a, gained, -infinite), ("energy_difference", a + b, named, -infinite)]
    if analysis.closed:
        both = analysis.record.system
        found += [("mutual_information", both, "mutual information [nat]", 0.0)]
        return (*found, ("concurrence", both, "concurrence", 0.0))
    if analysis.machine is not None:
        kind = analysis.machine
        heats = [("heat", bath, f"heat drawn from {bath} bath [gap]", -infinite) for bath in (kind.hot, kind.cold)]
        flows = [*heats, ("work", kind.work, "work extracted [gap]", -infinite)]
        return (*flows, ("first_law_residual", kind.work, "first-law residual [gap]", -infinite))
    both = "".join(sides or ())
    taken = {one[:2] for one in found} | {("heat", both), ("energy_change", both)}
    others = [o for o in analysis.observables if not o.theory and (o.name, o.subject) not in taken]
    # what the protocol is about before energies
    others.sort(key=lambda o: (o not in analysis.own, o.name in ELSEWHERE))
    for o in others:
        unit = "" if o.unit == "1" else f" [{o.unit}]"
        found.append((o.name, o.subject, f"{o.name.replace('_', ' ')} {o.subject}{unit}", -infinite))
    return tuple(found[:4])


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
    measured = panel.table.series(observable, subject, along.arms[0])
    if not len(measured):
        return
    exact, fine = panel.exact(observable, subject, along.arms[0])
    _style.line(axes, exact.x, exact.ideal, pen, fine=fine)
    _style.points(axes, measured.x, measured, pen, least)
