"""The plan of a run in one figure: the effect over a period, and how significant every time would be by itself."""

from __future__ import annotations

import typing

import numpy as np

from analysis.figures import DOUBLE, GREYS, SERIES, SMALL
from analysis.figures import style as _style
from analysis.statistics import student_threshold

if typing.TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.planning.plan import Planned
    from analysis.planning.proposal import Proposal

MOST = len(SERIES)
"""Combinations that one figure tells apart."""
LEVELS = (3.0, 5.0)


def plan(planned: Planned) -> Figure | None:
    """Heat into the hot qubit, exact and as expected on the device, and its significance, along the axis.

    Args:
        planned: A plan.

    Returns:
        None where no best time was searched.
    """
    shown = planned.proposals[:MOST]
    if not shown:
        return None
    figure, axes = _style.blank(1, 2, 2.5, width=DOUBLE)
    left, right = axes[0]
    for index, proposal in enumerate(shown):
        rows = _rows(planned, proposal)
        _effect(left, rows, proposal, index, several=len(shown) > 1)
        _significance(right, rows, proposal, index)
    axis = planned.program.experiment.axis
    for one in (left, right):
        one.set_xlabel(f"{axis} [hbar/gap]" if axis == "time" else axis, fontsize=SMALL + 1)
        one.axhline(0, color="black", linewidth=0.6)
    left.set_ylabel("net heat into the hot qubit [gap]", fontsize=SMALL + 1)
    errors = "significance of one time [sigma]" if planned.copies == 1 else "heat of one time [standard errors]"
    right.set_ylabel(errors, fontsize=SMALL + 1)
    _levels(right, planned.copies)
    entries = [one.get_legend_handles_labels() for one in (left, right)]
    handles, labels = ([*left_ones, *right_ones] for left_ones, right_ones in zip(*entries, strict=True))
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=SMALL, frameon=False)
    said = [] if planned.copies == 1 else [copies_title(planned)]
    if len(planned.proposals) > MOST:
        said.append(f"first {MOST} of {len(planned.proposals)} combinations; all are in the table")
    if said:
        figure.suptitle("\n".join(said), fontsize=SMALL)
    return figure


def _levels(axes: Axes, copies: int) -> None:
    """Where 3 and 5 sigma are: of few copies many standard errors, which may be off the plot."""
    shown = axes.get_ylim()[1]
    named = " and ".join(f"{one:g}" for one in LEVELS) + (" sigma" if copies == 1 else " sigma in Student's t")
    for level in LEVELS:
        height = level if copies == 1 else student_threshold(level, copies - 1)
        if copies == 1 or height < shown:
            axes.axhline(height, color=GREYS[0], linewidth=0.7, linestyle=(0, (2, 2)), label=named)
            named = None if level == LEVELS[0] else named


def copies_title(planned: Planned) -> str:
    """What the figure is of, where that is the mean of several copies.

    Args:
        planned: Of two or more.
    """
    plan = planned.asked.plan
    gain = float(typing.cast("float", plan.packing["gain"]))
    first = "-".join(map(str, plan.placements[0].physical.values()))
    last = "-".join(map(str, plan.placements[-1].physical.values()))
    return (
        f"mean of {planned.copies} copies on {planned.device.name}, qubits {first} (best) to {last}, with "
        f"{planned.program.shots} shots each, worth {gain:.1f} of the best"
    )


def _rows(planned: Planned, proposal: Proposal) -> pd.DataFrame:
    rows = planned.sweep
    for name, value in proposal.where.items():
        rows = rows[rows[name] == value]
    return rows


def _effect(axes: Axes, rows: pd.DataFrame, proposal: Proposal, index: int, *, several: bool) -> None:
    pen, effect = SERIES[index], proposal.effect
    fine = np.linspace(0, effect.period, 401)
    named = ", ".join(f"{name} = {value:.4g}" for name, value in proposal.where.items())
    axes.plot(fine, effect.heat(fine), color=pen.colour, linewidth=0.9, label=named or "exact")
    time, value, stderr = (rows[name].to_numpy(dtype=float) for name in (_axis(rows), "expected", "stderr"))
    axes.errorbar(
        time,
        value,
        np.where(np.isfinite(stderr), stderr, 0.0),
        fmt=pen.marker,
        color=pen.colour,
        markersize=2.2,
        elinewidth=0.7,
        label=None if several else "expected, with the errors of a run",
    )
    for column in [name for name in rows.columns if name.startswith("control_")]:
        label = None if several else f"control {column.removeprefix('control_')}"
        axes.plot(time, rows[column], color=GREYS[0], linewidth=0.8, linestyle="--", label=label)
    if effect.forward_until is not None and not several:
        axes.axvspan(0, effect.forward_until, color=GREYS[1], alpha=0.15, linewidth=0, label="forward first")
    axes.plot(
        [proposal.time],
        [effect.available],
        marker="*",
        color=pen.colour,
        markersize=8,
        markeredgecolor="black",
        markeredgewidth=0.5,
        linestyle="none",
        label=None if several else f"best: {effect.available:.4g} at {proposal.time:.4g}",
    )
    for asked, _ in proposal.asked[:_FEW]:
        axes.axvline(asked, color=pen.colour, linewidth=0.6, linestyle=":")


_FEW = 8


def _significance(axes: Axes, rows: pd.DataFrame, proposal: Proposal, index: int) -> None:
    pen = SERIES[index]
    time, sigma = rows[_axis(rows)].to_numpy(dtype=float), rows["sigma"].to_numpy(dtype=float)
    axes.plot(time, sigma, color=pen.colour, marker=pen.marker, markersize=2.2, linewidth=0.8)
    axes.plot([proposal.time], [proposal.sigma], marker="*", color=pen.colour, markersize=8, markeredgecolor="black")
    for asked, _ in proposal.asked[:_FEW]:
        axes.axvline(asked, color=pen.colour, linewidth=0.6, linestyle=":")


def _axis(rows: pd.DataFrame) -> str:
    """The column before `heat`."""
    return str(rows.columns[list(rows.columns).index("heat") - 1])
