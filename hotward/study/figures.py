"""Each study as one figure."""

from __future__ import annotations

import typing

import numpy as np

from hotward.study.summaries import LEVEL, STANDS_OUT, Summary

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(study: str, summary: Summary) -> Figure:
    """The figure of a study.

    Args:
        study: "coverage", "pulls" or "power".
        summary: Of that study.
    """
    if study == "power":
        return _power(summary)
    names = list(dict.fromkeys(zip(summary.table["observable"], summary.table["subject"], strict=True)))
    figure, axes = _wide(len(names))
    of_row = {name: place for place, name in enumerate(names)}
    x = np.array([of_row[name] for name in zip(summary.table["observable"], summary.table["subject"], strict=True)])
    (_coverage if study == "coverage" else _pulls)(axes, x, summary)
    axes.set_xticks(range(len(names)), [f"{observable} {subject}" for observable, subject in names], rotation=90)
    axes.tick_params(labelsize=7)
    axes.set_xlim(-0.7, len(names) - 0.3)
    return figure


def _wide(columns: int) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(max(4.5, 1.2 + 0.18 * columns), 4.0), layout="constrained")
    return figure, figure.subplots()


def _coverage(axes: Axes, x: np.ndarray, summary: Summary) -> None:
    from analysis.figures import BLUE, GREYS, VERMILLION

    table, seldom = summary.table, summary.figure["seldom"]
    runs = int(table["runs"].max())
    noise = 1.96 * np.sqrt(LEVEL * (1 - LEVEL) / max(runs, 1))
    axes.axhspan(LEVEL - noise, min(1.0, LEVEL + noise), color=GREYS[1], alpha=0.25, linewidth=0)
    axes.axhline(LEVEL, color="black", linewidth=0.8)
    axes.plot(x[~seldom], table["coverage"][~seldom], "o", color=BLUE, markersize=3, alpha=0.6, label="a point")
    if seldom.any():
        axes.plot(x[seldom], table["coverage"][seldom], "v", color=VERMILLION, markersize=4, label="too seldom")
        axes.legend(fontsize=7, frameon=False, loc="lower right")
    axes.set_ylabel("coverage of 95 % intervals", fontsize=8)
    axes.set_title(f"{runs} runs; grey: what chance makes of 95 % in a row", fontsize=8)


def _pulls(axes: Axes, x: np.ndarray, summary: Summary) -> None:
    from analysis.figures import BLUE, GREYS, VERMILLION

    table, judged = summary.table, summary.figure["judged"]
    axes.axhline(0, color="black", linewidth=0.8)
    axes.axhline(1, color=GREYS[0], linewidth=0.8, linestyle="--")
    axes.plot(x[judged] - 0.12, table["mean"][judged], "o", color=BLUE, markersize=3, alpha=0.6, label="mean (0)")
    high = np.minimum(table["variance"][judged], 4.0)
    axes.plot(x[judged] + 0.12, high, "s", color=VERMILLION, markersize=3, alpha=0.6, label="variance (1), at most 4")
    axes.legend(fontsize=7, frameon=False)
    axes.set_ylabel("(value - truth) / standard error", fontsize=8)
    axes.set_title(f"pulls of {int(table['runs'].max())} runs; a marker a point", fontsize=8)


def _power(summary: Summary) -> Figure:
    from matplotlib.figure import Figure

    from analysis.figures import BLUE, GREYS

    table = summary.table
    figure = Figure(figsize=(7.0, max(2.6, 0.8 + 0.3 * len(table))), layout="constrained")
    left, right = figure.subplots(1, 2)
    labels = [f"{row['where']} {row['verdict']}".strip() for _, row in table.iterrows()]
    y = np.arange(len(table))
    error = [table["fraction"] - table["fraction_low"], table["fraction_high"] - table["fraction"]]
    left.barh(y, table["fraction"], color=BLUE, height=0.6)
    left.errorbar(table["fraction"], y, xerr=error, fmt="none", ecolor="black", elinewidth=0.8, capsize=2)
    left.set_yticks(y, labels, fontsize=7)
    left.invert_yaxis()
    left.set_xlim(0, 1.05)
    left.set_xlabel("fraction of runs", fontsize=8)
    for name, sigma in summary.figure["sigma"].items():
        known = sigma[np.isfinite(sigma)]
        if len(known):
            right.hist(known, bins=min(30, max(5, len(known) // 5)), histtype="step", label=name or None)
    for level in STANDS_OUT:
        right.axvline(level, color=GREYS[0], linestyle=":", linewidth=0.8)
    right.set_xlabel("significance of the verdict [sigma]", fontsize=8)
    right.set_ylabel("runs", fontsize=8)
    if any(summary.figure["sigma"]):
        right.legend(fontsize=7, frameon=False)
    for axes in (left, right):
        axes.tick_params(labelsize=7)
    return figure
