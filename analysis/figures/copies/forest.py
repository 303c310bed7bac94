"""A forest plot: the judged quantity in every copy, below them their mean, raw and with errors of gates removed."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.copies import Copies
from analysis.figures import style as _style
from analysis.figures.copies.judged import Judged, judged, places
from analysis.figures.panels import pretty
from analysis.figures.style import SMALL
from protocols import Array

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.result import Analysis

ROW = 0.135
"""Height of a copy [inch]."""
MOST_COLUMNS = 3
"""Sweeps that have a panel."""
NARROW, BROAD = 4.6, 7.0
"""Width of the figure of one sweep and of several [inch]."""
_NUMBERS = ("value", "stderr", "low", "high")
RAW, CLEAN, OF_ONE = _style.VERMILLION, _style.BLUE, "#555555"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the plot, from its interval's lower end to its upper one."""

    label: str
    value: float
    stderr: float
    low: float
    high: float


def copies(analysis: Analysis) -> Figure | None:
    """The judged quantity of every copy, at the first sweeps; None where there is one copy.

    Args:
        analysis: What a run says.
    """
    found, shown = analysis.copies, judged(analysis)
    if found is None or not shown:
        return None
    shown = tuple(one for one in shown if one.key == shown[0].key)[:MOST_COLUMNS]
    order = _order(analysis, found)
    # as many lines as there are copies, two of the mean, and the room for labels
    height = ROW * (found.number + 4) + 0.35
    figure, axes = _style.blank(1, len(shown), height, width=NARROW if len(shown) == 1 else BROAD, sharey=True)
    for index, (one, part) in enumerate(zip(shown, axes[0], strict=True)):
        _panel(part, analysis, found, one, order, labelled=index == 0)
    _key(figure, analysis, shown[0])
    return figure


def _order(analysis: Analysis, found: Copies) -> list[int]:
    """Indices of the copies, those of the best place first; as they are numbered where no scores are known."""
    scores = {one["copy"]: one.get("score", 0.0) for one in analysis.record.start["device"].get("placements", [])}
    return sorted(range(found.number), key=lambda index: -scores.get(found.numbers[index], 0.0))


def rows_of(analysis: Analysis, found: Copies, one: Judged, order: Sequence[int]) -> list[Row]:
    """Every copy by itself.

    Args:
        analysis: What a run says.
        found: Its copies.
        one: What is shown of each.
        order: Indices of the copies, from the top.
    """
    qubits = places(analysis)
    numbers = {what: found.of(one.key, what)[:, 0, one.point] for what in _NUMBERS}
    return [
        Row(
            label="\u2013".join(map(str, qubits[number])) if number in qubits else f"copy {number}",
            **{what: float(values[index]) for what, values in numbers.items()},
        )
        for index, number in ((index, found.numbers[index]) for index in order)
    ]


def means_of(found: Copies, one: Judged) -> list[Row]:
    """The mean over the copies, and that with errors of gates removed where there is one.

    Args:
        found: The copies of a run.
        one: What is shown of each.
    """
    named = {"mean": found.pooled, "mean, mitigated": found.pooled_mitigated}
    return [
        Row(
            label=label,
            **{what: float(getattr(pooled[one.key], what)[0, one.point]) for what in _NUMBERS},
        )
        for label, pooled in named.items()
        if one.key in pooled and np.isfinite(pooled[one.key].value[0, one.point])
    ]


def _panel(axes: Axes, analysis: Analysis, found: Copies, one: Judged, order: Sequence[int], *, labelled: bool) -> None:
    """One sweep: copies from the top, the mean at the foot and as a band behind them."""
    each, means = rows_of(analysis, found, one, order), means_of(found, one)
    place = np.arange(len(each), dtype=float)
    _bars(axes, place, each, OF_ONE, "o", 2.6)
    foot = len(each) + 0.7 + 1.3 * np.arange(len(means))
    for row, y, colour in zip(means, foot, (RAW, CLEAN), strict=False):
        axes.axvspan(row.low, row.high, color=colour, alpha=0.13, linewidth=0)
        axes.axvline(row.value, color=colour, linewidth=0.8)
        _bars(axes, np.array([y]), [row], colour, "D", 4.0)
    for value, dash in _exact(analysis, one):
        axes.axvline(value, color="black", linewidth=0.9, linestyle=dash)
    axes.axhline(len(each) - 0.25, color="#999999", linewidth=0.5)
    axes.set_ylim(float(foot[-1]) + 0.8 if len(means) else len(each), -0.8)
    axes.set_xlabel(pretty(f"{one.name} [{one.unit}]" if one.unit != "1" else one.name))
    axes.set_title(one.place, fontsize=SMALL + 1)
    _style.polish(axes)
    if labelled:
        axes.set_yticks([*place, *foot], [row.label for row in (*each, *means)])
        known = bool(places(analysis))
        axes.set_ylabel("copies: physical qubits" if known else "copies")
        axes.yaxis.label.set_fontsize(SMALL + 1)
    axes.tick_params(axis="y", length=0)


def _bars(axes: Axes, place: Array, rows: Sequence[Row], colour: str, marker: str, size: float) -> None:
    """95 % intervals as bars; one that has no end on a side stops at the value there."""
    value, low, high = (np.array([getattr(row, name) for row in rows]) for name in ("value", "low", "high"))
    low, high = (np.where(np.isfinite(end), end, value) for end in (low, high))
    reach = np.maximum([value - low, high - value], 0.0)
    style: dict[str, typing.Any] = {"fmt": marker, "color": colour, "elinewidth": 0.9, "markeredgewidth": 0.0}
    axes.errorbar(value, place, xerr=reach, markersize=size, **style)


def _exact(analysis: Analysis, one: Judged) -> list[tuple[float, typing.Any]]:
    """The exact value and that of the noise model, as far as they are known, with their dashes."""
    predicted = analysis.prediction.quantities.get(one.key) if analysis.prediction is not None else None
    values = [(float(analysis.estimates.quantities[one.key].ideal[0, one.point]), "--")]
    if predicted is not None:
        values.append((float(predicted.ideal[0, one.point]), ":"))
    return [(value, dash) for value, dash in values if np.isfinite(value)]


def _key(figure: Figure, analysis: Analysis, one: Judged) -> None:
    """What points, bands and lines stand for, in one line below."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    found = analysis.copies
    assert found is not None
    mean = Patch(facecolor=RAW, alpha=0.4, label=f"mean of {found.number} {found.noun}, 95 %")
    entries: list[typing.Any] = [Line2D([], [], color=OF_ONE, marker="o", markersize=3, label="one copy, 95 %"), mean]
    if len(means_of(found, one)) > 1:
        entries.append(Patch(facecolor=CLEAN, alpha=0.4, label="mean, errors of gates removed"))
    names = {"--": "exact", ":": "noise model"}
    entries += [
        Line2D([], [], color="black", linewidth=0.9, linestyle=dash, label=names[dash])
        for _, dash in _exact(analysis, one)
    ]
    figure.legend(handles=entries, loc="outside lower center", ncols=2, fontsize=SMALL, frameon=False, handlelength=2.0)
