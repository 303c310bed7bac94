"""Density matrices at the start, at the best heat and at the end: estimated beside ideal, real and imaginary parts."""

from __future__ import annotations

import itertools
import typing
from dataclasses import dataclass

import numpy as np

from analysis.figures import style as _style
from analysis.figures.panels import sweep
from analysis.figures.style import SMALL
from protocols import Array

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.result import Analysis


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A point whose state is shown, and why."""

    point: int
    why: str


def states(analysis: Analysis) -> Figure | None:
    """States of the main arm at up to three points of the first sweep; None where the settings determine none."""
    if analysis.states is None or analysis.states.shape[-1] != 4:
        return None
    found = [one for one in chosen(analysis) if np.isfinite(analysis.states[0, one.point]).all()]
    if not found:
        return None
    sources = {"estimated": analysis.states[0]}
    if analysis.ideal_states is not None:
        sources["ideal"] = analysis.ideal_states[0]
    columns = [(part, source) for part in ("Re", "Im") for source in sources]
    wide = _style.DOUBLE if len(columns) > 2 else _style.SINGLE + 0.6
    figure, axes = _style.blank(len(found), len(columns), 0.9 * wide / len(columns), width=wide)
    for line, one in zip(axes, found, strict=True):
        line[0].set_ylabel(one.why, fontsize=SMALL + 1)
        for each, (part, source) in zip(line, columns, strict=True):
            rho = sources[source][one.point]
            _matrix(each, rho.real if part == "Re" else rho.imag)
    for each, (part, source) in zip(axes[0], columns, strict=True):
        each.set_title(f"{part} \u03c1, {source}", fontsize=SMALL + 1)
    return figure


def chosen(analysis: Analysis) -> list[Chosen]:
    """Start, best heat and end of the first sweep, each point once."""
    along = sweep(analysis)
    points = along.panels[0].table.points
    x = analysis.estimates.x(along.x)[points].astype(float)
    order = np.argsort(x, kind="stable")
    points, x = points[order], x[order]
    best = analysis.verdict.at
    wanted = [("start", 0), ("end", len(points) - 1)]
    if best is not None and along.x == analysis.record.start["axis"]:
        wanted.insert(1, ("largest heat", int(np.nanargmin(np.abs(x - best)))))
    found: dict[int, str] = {}
    for why, index in wanted:
        found.setdefault(index, why)
    return [Chosen(point=int(points[i]), why=f"{why}, {along.x} = {x[i]:.4g}") for i, why in found.items()]


def _matrix(axes: Axes, values: Array) -> None:
    size = len(values)
    # a mesh, not an image, so that the svg is vectors throughout
    axes.pcolormesh(values, cmap="RdBu_r", vmin=-0.75, vmax=0.75)
    axes.set_aspect("equal")
    axes.invert_yaxis()
    for row, column in itertools.product(range(size), repeat=2):
        value = values[row, column]
        text = "0" if abs(value) < 5e-4 else f"{value:.3f}".replace("0.", ".").replace("-", "−")
        ink = "white" if abs(value) > 0.45 else "black"
        axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=SMALL, color=ink)
    names = ["".join(bits) for bits in itertools.product("01", repeat=size.bit_length() - 1)]
    axes.set_xticks(np.arange(size) + 0.5, names)
    axes.set_yticks(np.arange(size) + 0.5, names)
