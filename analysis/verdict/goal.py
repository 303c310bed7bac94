"""Whether a quantity exceeds the limit that a protocol sets out to exceed: the verdict of what has no two sides."""

from __future__ import annotations

import typing

import numpy as np

from analysis.sweeps.flow import basis_of_points, global_sigma
from analysis.table import rows_of
from analysis.verdict.question import DIRECTION_SIGMA, SweepTable, Verdict, pm, sigmas
from analysis.verdict.wording import UNBOUNDED, row_in_words
from protocols.program.observable import Goal

if typing.TYPE_CHECKING:
    import pandas as pd


def goal_verdict(sweep: SweepTable, goal: Goal) -> Verdict:
    """The goal at its most significant point after the reference, with a trial factor for the others."""
    prefix = f"{sweep.where}: " if sweep.where else ""
    named = f"{goal.observable.replace('_', ' ')} {goal.subject}"
    rows = _with_limit(sweep, goal, "main")
    later = rows[rows[sweep.axis] > 0]
    if later.empty:
        text = f"nothing to compare: {named} was not measured beyond {sweep.start}"
        return Verdict(
            where=sweep.where, hot=None, reversed=None, headline=prefix + text, details=(), reached=None, quantity=named
        )
    beyond = _beyond(later)
    best = later.iloc[int(np.argmax(beyond))]
    sigma = global_sigma(float(beyond.max()), len(later))
    # what the same device does without the effect is no proof of it
    controls = [_excess(best, rows) for rows in _controls(sweep, goal).values()]
    reached = sigma > DIRECTION_SIGMA and all(excess[2] > DIRECTION_SIGMA for excess in controls)
    claim = goal.reached if reached else goal.missed
    if sigma > DIRECTION_SIGMA and not reached:
        claim = "undecided: beyond the limit, but not told apart from the control"
    said = _said(best, sweep)
    text = f"{claim}: {named} {'' if said[0] in '<>' else '= '}{said}, limit {best['limit']:.6g} "
    text += f"({sigmas(sigma)} above it {basis_of_points(len(later), sweep.axis)})"
    return Verdict(
        where=sweep.where,
        hot=None,
        reversed=None,
        headline=prefix + text,
        details=tuple(_beside(sweep, goal, best)),
        stderr=float(best["stderr"]),
        at=float(best[sweep.axis]),
        sigma=sigma,
        basis="best point" if len(later) > 1 else "point",
        trials=len(later),
        reached=reached,
        quantity=named,
        value=float(best["value"]),
        limit=float(best["limit"]),
    )


def _with_limit(sweep: SweepTable, goal: Goal, arm: str) -> pd.DataFrame:
    """Rows of the quantity that have an error, along the axis, with their limit."""
    rows = sweep.rows(goal.observable, goal.subject, arm)
    limits = rows_of(sweep.table, goal.limit, goal.subject, arm).set_index("point")["ideal"]
    rows = rows.assign(limit=rows["point"].map(limits).astype(float))
    kept = np.isfinite(rows["limit"]) & (rows["stderr"] > 0) & np.isfinite(rows["stderr"])
    return rows[kept]


def _beyond(rows: pd.DataFrame) -> np.ndarray:
    """Standard errors above the limit."""
    return ((rows["value"] - rows["limit"]) / rows["stderr"]).to_numpy(dtype=float)


def _controls(sweep: SweepTable, goal: Goal) -> dict[str, pd.DataFrame]:
    """Arm -> its rows of the quantity, of the controls that were run."""
    found = {arm: _with_limit(sweep, goal, arm) for arm in sweep.arms if arm != "main"}
    return {arm: rows for arm, rows in found.items() if not rows.empty}


def _excess(best: typing.Any, rows: pd.DataFrame) -> tuple[float, float, float]:
    """By how much the main arm exceeds a control at the same point, with error and in standard errors."""
    here = rows[rows["point"] == best["point"]]
    if here.empty:
        return np.nan, np.nan, np.inf
    other = here.iloc[0]
    excess, error = float(best["value"] - other["value"]), float(np.hypot(best["stderr"], other["stderr"]))
    return excess, error, excess / error


def _beside(sweep: SweepTable, goal: Goal, best: typing.Any) -> list[str]:
    """The same quantity at the reference and in the control arms."""
    start = sweep.at_start(goal.observable, goal.subject)
    found = [f"at the reference: {_said(start.iloc[0], sweep)}"] if len(start) else []
    if sweep.arms == ["main"]:
        return [*found, "no control was run: imperfections of the device may look the same"]
    for arm, rows in _controls(sweep, goal).items():
        here = rows[rows["point"] == best["point"]]
        if here.empty:
            continue
        passed = "above" if float(_beyond(here)[0]) > DIRECTION_SIGMA else "not above"
        excess, error, z = _excess(best, rows)
        beside = f"{pm(excess, error)} below the main arm ({sigmas(z)})" if z > 0 else "not below the main arm"
        found.append(f"control {arm}: {_said(here.iloc[0], sweep)}, {passed} the limit and {beside}")
    return found


def _said(row: typing.Any, sweep: SweepTable) -> str:
    bounds = sweep.bounds.get((row["observable"], row["subject"]), UNBOUNDED)
    return f"{row_in_words(row, bounds, named=False)} at {sweep.axis} = {row[sweep.axis]:.6g}"
