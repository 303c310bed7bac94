"""Energies by site and time beside their ideal, what flows over the bonds, and what all sites share."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np

from analysis.figures import style as _style
from analysis.figures.panels import Sweep, name_axes, pretty, sweep, units
from analysis.figures.series import draw_series, legend
from analysis.figures.style import SMALL
from protocols import Array, load
from protocols.program import on_a_line

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.result import Analysis

IN_SITES = ("bond_current", "total_correlation")
"""Quantities that have a panel here."""
FEWEST_TIMES = 3
MOST_LINES = 5
"""Bonds whose currents are drawn as lines; those of more are a map."""
MOST_NAMED = 8
"""Sites of which each has its name on the ordinate."""
Name = tuple[str, str]


def sites(analysis: Analysis) -> Figure | None:
    """Of the first sweep; None where there is no map."""
    return _drawn(analysis, sweep(analysis), _energies(analysis)) if mapped(analysis) else None


def mapped(analysis: Analysis) -> bool:
    """Whether the qubits are a line of three and more, measured at three times and more.

    Args:
        analysis: What a run says.
    """
    protocol, along = analysis.record.start["protocol"], sweep(analysis)
    qubits = list(analysis.record.start["qubits"])
    # columns q1 .. qN of a file are sites, whatever was done to them
    line = on_a_line(load(protocol)) if protocol else qubits == [f"q{i + 1}" for i in range(len(qubits))]
    if not line or along.x != analysis.estimates.axis:
        return False
    found = _map(along, _energies(analysis))
    return found is not None and len(found[1]) > 2 and len(found[0]) >= FEWEST_TIMES


def _energies(analysis: Analysis) -> list[Name]:
    return [("energy", qubit) for qubit in analysis.record.start["qubits"]]


def _drawn(analysis: Analysis, along: Sweep, energies: Sequence[Name]) -> Figure:
    currents = [o.key for o in analysis.own if o.name == "bond_current" and along.has(*o.key)]
    shared = [o.key for o in analysis.own if o.name == "total_correlation" and along.has(*o.key)]
    shared = [key for key in shared if "full" in key[0]] or shared
    maps = [("energy", energies, "cividis")]
    if len(currents) > MOST_LINES:
        maps.append(("current to the right", currents, "RdBu_r"))
    lines = [("bond current", currents)] if 0 < len(currents) <= MOST_LINES else []
    lines += [("total correlation", shared)] if shared else []
    figure, placed = _style.blank(len(maps) + bool(lines), 2, 2.0)
    for axes, (label, names, colours) in zip(placed, maps, strict=False):
        _maps(figure, axes, along, (label, names, colours), analysis)
    if lines:
        _lines(figure, placed[-1], along, lines)
    return figure


# ---- maps ----


def _map(along: Sweep, names: Sequence[Name], *, ideal: bool = False) -> tuple[Array, Array] | None:
    """Times of the first sweep, rising and each once, and values (names, times); None where there are none."""
    panel, arm = along.panels[0], along.arms[0]
    series = [panel.exact(*one, arm)[0] if ideal else panel.table.series(*one, arm) for one in names]
    times, first = np.unique(series[0].x, return_index=True)
    values = np.stack([(one.ideal if ideal else one.value)[first] for one in series])
    known = np.isfinite(times) & np.isfinite(values).any(axis=0)
    return (times[known], values[:, known]) if known.any() else None


def _maps(
    figure: Figure, axes: Sequence[Axes], along: Sweep, what: tuple[str, Sequence[Name], str], analysis: Analysis
) -> None:
    """Measured on the left, the ideal on the right where there is one, on one scale of colours."""
    label, names, colours = what
    found = {"measured": _map(along, names), "ideal": _map(along, names, ideal=True)}
    shown = {name: one for name, one in found.items() if one is not None}
    most = max(float(np.nanmax(np.abs(values))) for _, values in shown.values())
    low = 0.0 if label == "energy" else -most
    edges = [_edges(times) for times, _ in shown.values()]
    ends = min(one[0] for one in edges), max(one[-1] for one in edges)
    style = {"cmap": colours, "vmin": low, "vmax": most, "rasterized": True}
    meshes = []
    for one, (name, (times, values)) in zip(axes, shown.items(), strict=False):
        meshes.append(one.pcolormesh(_edges(times), np.arange(len(names) + 1) + 0.5, values, **style))
        one.set_xlim(*ends)
        one.set_title(name, fontsize=SMALL + 1)
        _ticks(one, [subject for _, subject in names])
        one.set_xlabel(along.label, fontsize=SMALL + 1)
        units(one, "top", along.unit, along.gap)
    if len(shown) == 1:
        _alone(axes)
    unit = analysis.estimates.quantities[names[0]].observable.unit
    bar = figure.colorbar(meshes[0], ax=list(axes[: len(shown)]), pad=0.02)
    bar.set_label(pretty(f"{label} [{unit}]"), fontsize=SMALL + 1)
    bar.ax.tick_params(labelsize=SMALL, width=0.6, length=2.5)


def _edges(times: Array) -> Array:
    """Every column reaches half way to its neighbours."""
    between = (times[1:] + times[:-1]) / 2
    return np.concatenate([[times[0] - (between[0] - times[0])], between, [2 * times[-1] - between[-1]]])


def _ticks(axes: Axes, names: Sequence[str]) -> None:
    """First site on top, as in a circuit."""
    step = -(-len(names) // MOST_NAMED)
    axes.set_yticks(np.arange(0, len(names), step) + 1, names[::step])
    axes.invert_yaxis()


# ---- lines ----


def _lines(figure: Figure, axes: Sequence[Axes], along: Sweep, lines: Sequence[tuple[str, Sequence[Name]]]) -> None:
    """Currents and the total correlation of the first sweep; one alone has both places."""
    panel, used = along.panels[0], list(axes[: len(lines)])
    if len(lines) == 1:
        _alone(axes)
    labels, kinds = [], []
    for one, (label, names) in zip(used, lines, strict=True):
        least = 0.0 if label == "total correlation" else -np.inf
        if not np.isfinite(least):
            one.axhline(0, color="black", linewidth=0.6)
        for observable, subject in names:
            draw_series(one, along, panel, observable, subject, least)
        known = panel.table.estimates.quantities[names[0]].observable
        name = known.key[0].replace("_", " ").replace(" (", "\n(")
        labels.append(pretty(f"{name} [{known.unit}]"))
        kinds.append(known.unit)
    name_axes([[one] for one in used], labels, kinds, along)
    subjects = list(dict.fromkeys(subject for _, names in lines for _, subject in names))
    every = [one for _, names in lines for one in names]
    modelled = any(len(panel.prediction.series(*one, along.arms[0])) for one in every)
    legend(figure, along, subjects, ideal=panel.table.predicted, modelled=modelled, limits={})


def _alone(axes: Sequence[Axes]) -> None:
    """The first of two panels has the place of both."""
    place = axes[0].get_subplotspec()
    assert place is not None
    axes[0].set_subplotspec(place.get_gridspec()[place.rowspan.start, :])
    axes[1].remove()
