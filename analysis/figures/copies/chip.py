"""The chip with its couplers and the copies on it, coloured by how far each is from the mean."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence

import numpy as np

from analysis.figures import style as _style
from analysis.figures.copies.judged import judged, places
from analysis.figures.style import SMALL
from protocols import Array

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.result import Analysis

FURTHEST = 3.0
"""Standard errors at which the colours end."""
LONGEST = 2.0
"""Rows and columns that a coupler may reach in a drawing by rows."""
DISC, DOT = 235.0, 9.0
"""Areas of a qubit in use and of an idle one [pt^2]."""
PITCH = 0.44, 0.27
"""Of columns and rows [inch]."""
Couplers = Sequence[tuple[int, int]]


def chip(analysis: Analysis) -> Figure | None:
    """All qubits and couplers, copies in colour; None where there is one copy, or the couplers are not known.

    Args:
        analysis: What a run says.
    """
    found = analysis.copies
    listed = analysis.record.start["device"].get("copies", {}).get("couplers", [])
    if found is None or not listed:
        return None
    couplers = [(int(a), int(b)) for a, b in listed]
    where = positions(couplers)
    across, down = (float(np.ptp(along)) + 1 for along in zip(*where.values(), strict=True))
    width = min(_style.DOUBLE, max(_style.SINGLE, PITCH[0] * across))
    figure, axes = _style.blank(1, 1, 0.6 + PITCH[1] * down, width=width)
    _draw(figure, axes[0, 0], analysis, couplers, where)
    return figure


def positions(couplers: Couplers) -> dict[int, tuple[float, float]]:
    """Where qubits are drawn, (column, row).

    Neighbours in number that are coupled stand in one row, as they do on chips of rows and bridges and on square ones;
    any other chip is drawn as its distances along couplers ask for.

    Args:
        couplers: Pairs of qubits.

    Examples:
        >>> positions([(0, 1), (1, 2), (2, 3), (3, 4)])[4]
        (4.0, 0.0)
    """
    found = _by_rows(couplers)
    apart = [np.abs(np.subtract(found[a], found[b])).max() for a, b in couplers]
    if max(apart) <= LONGEST and len(set(found.values())) == len(found):
        return found
    return _by_distances(couplers)


def _by_rows(couplers: Couplers) -> dict[int, tuple[float, float]]:
    """Rows of numbers that follow each other, each below the row that a coupler joins it to."""
    joined = {(min(pair), max(pair)) for pair in couplers}
    qubits = sorted({qubit for pair in joined for qubit in pair})
    rows: list[list[int]] = []
    for qubit in qubits:
        if rows and (rows[-1][-1], qubit) in joined and rows[-1][-1] + 1 == qubit:
            rows[-1].append(qubit)
        else:
            rows.append([qubit])
    found: dict[int, tuple[float, float]] = {}
    for row in rows:
        bridge = next(((i, other) for i, one in enumerate(row) for other in found if (other, one) in joined), None)
        first, level = (0.0, max((y for _, y in found.values()), default=-2.0) + 2)
        if bridge is not None:
            x, y = found[bridge[1]]
            first, level = x - bridge[0], y + 1
        found |= {qubit: (float(first + i), float(level)) for i, qubit in enumerate(row)}
    return found


def _by_distances(couplers: Couplers) -> dict[int, tuple[float, float]]:
    """Classical scaling (Torgerson, Psychometrika 17, 401 (1952)) of the distances along couplers."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import shortest_path

    qubits = sorted({qubit for pair in couplers for qubit in pair})
    index = {qubit: i for i, qubit in enumerate(qubits)}
    ends = np.array([[index[a], index[b]] for a, b in couplers]).T
    graph = coo_array((np.ones(len(couplers)), (ends[0], ends[1])), shape=(len(qubits),) * 2)
    distance = shortest_path(graph, directed=False, unweighted=True)
    distance = np.where(np.isfinite(distance), distance, distance[np.isfinite(distance)].max() + 2)
    centred = distance**2 - (distance**2).mean(axis=0)
    values, vectors = np.linalg.eigh(-(centred - centred.mean(axis=1, keepdims=True)) / 2)
    placed = vectors[:, [-1, -2]] * np.sqrt(np.maximum(values[[-1, -2]], 0))
    return {qubit: (float(placed[i, 0]), float(placed[i, 1])) for i, qubit in enumerate(qubits)}


def pulls(analysis: Analysis) -> tuple[str, dict[int, float]]:
    """Name of the judged quantity, and how far every copy is from the mean in its own standard errors.

    Args:
        analysis: What a run says, with copies.
    """
    found, shown = analysis.copies, judged(analysis)
    if found is None or not shown or shown[0].key not in found.pooled:
        return "", {}
    one = shown[0]
    value, stderr = (found.of(one.key, what)[:, 0, one.point] for what in ("value", "stderr"))
    mean = found.pooled[one.key].value[0, one.point]
    off = (value - mean) / np.where(stderr > 0, stderr, np.nan)
    return one.name, {number: float(pull) for number, pull in zip(found.numbers, off, strict=True)}


def _draw(
    figure: Figure, axes: Axes, analysis: Analysis, couplers: Couplers, where: Mapping[int, tuple[float, float]]
) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    name, off = pulls(analysis)
    colours = ScalarMappable(Normalize(-FURTHEST, FURTHEST), "RdBu_r")
    for pair in couplers:
        axes.plot(*_ends(where, pair), color="#CCCCCC", linewidth=0.8, zorder=1)
    used = places(analysis)
    idle = np.array([where[qubit] for qubit in where if not any(qubit in own for own in used.values())])
    if len(idle):
        axes.scatter(idle[:, 0], idle[:, 1], s=DOT, color="#AAAAAA", linewidth=0, zorder=2)
    for copy, qubits in used.items():
        colour = colours.to_rgba(np.asarray(off[copy])) if np.isfinite(off.get(copy, np.nan)) else "white"
        for pair in couplers:
            if set(pair) <= set(qubits):
                axes.plot(*_ends(where, pair), color="#333333", linewidth=2.2, zorder=2)
        at = np.array([where[qubit] for qubit in qubits])
        axes.scatter(at[:, 0], at[:, 1], s=DISC, color=[colour], edgecolor="#333333", linewidth=0.7, zorder=3)
        dark = abs(off.get(copy, 0.0)) > 0.6 * FURTHEST
        for qubit in qubits:
            ink = "white" if dark else "black"
            axes.text(*where[qubit], str(qubit), ha="center", va="center", fontsize=SMALL, color=ink, zorder=4)
    across, down = (np.array(along) for along in zip(*where.values(), strict=True))
    axes.set_xlim(across.min() - 0.4, across.max() + 0.4)
    axes.set_ylim(down.max() + 0.6, down.min() - 0.6)
    axes.set_axis_off()
    if off:
        bar = figure.colorbar(colours, ax=axes, location="bottom", fraction=0.04, pad=0.02, shrink=0.5, extend="both")
        wide = figure.get_figwidth() > _style.SINGLE
        bar.set_ticks(np.arange(-FURTHEST, FURTHEST + 1, 1 if wide else FURTHEST).tolist())
        bar.set_label(f"{name}: copy less mean, in standard errors of the copy", fontsize=SMALL + 1)
        bar.ax.tick_params(labelsize=SMALL, width=0.6, length=2.5)


def _ends(where: Mapping[int, tuple[float, float]], pair: tuple[int, int]) -> tuple[Array, Array]:
    ends = np.array([where[qubit] for qubit in pair])
    return ends[:, 0], ends[:, 1]
