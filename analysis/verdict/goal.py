"""Whether a quantity passes the limit that a protocol sets out to pass: the verdict of what has no two sides."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence

import numpy as np

from analysis.statistics import global_sigma, student_sigma
from analysis.verdict import findings as f
from analysis.verdict.question import SweepTable
from analysis.verdict.rows import quantity_of
from analysis.verdict.verdict import Kind, Verdict
from protocols.program import Goal

if typing.TYPE_CHECKING:
    import pandas as pd


def goal_verdict(sweep: SweepTable, goal: Goal) -> Verdict:
    """The goal at its most significant point after the reference, with a trial factor for the others.

    Args:
        sweep: What was measured.
        goal: The quantity, its limit, and what the protocol says of reaching it.
    """
    named = f"{goal.observable.replace('_', ' ')} {goal.subject}"
    rows = _with_limit(sweep, goal, "main")
    later = rows if goal.everywhere else rows[rows[sweep.axis] > 0]
    if later.empty:
        why = "" if goal.where is None or np.asarray(goal.where)[sweep.points].any() else goal.nowhere
        nothing, kind = f.NothingToCompare(quantity=named, axis=sweep.axis, why=why), Kind.NOTHING_TO_COMPARE
        return Verdict(where=sweep.where, kind=kind, claim=nothing, findings=(), quantity=named)
    beyond = _sigmas_beyond(sweep, later, goal)
    best = later.iloc[int(np.argmax(beyond))]
    sigma, controls = global_sigma(float(beyond.max()), len(later)), _controls(sweep, goal)
    kind = _kind_of(sweep, sigma, best, controls, goal)
    alone = sweep.arms == ["main"]
    basis = f.Basis(kind="best point" if len(later) > 1 else "point", number=len(later), axis=sweep.axis)
    beside = _of_controls(sweep, goal, best, controls)
    claim = f.GoalJudged(
        said={Kind.GOAL_REACHED: goal.reached, Kind.GOAL_MISSED: goal.missed}.get(kind, ""),
        quantity=named,
        best=quantity_of(best, sweep.axis, sweep.bounds),
        limit=float(best["limit"]),
        sigma=sigma,
        basis=basis,
        below=goal.below,
        controls=tuple(one for one in beside if one.beyond_limit),
    )
    return Verdict(
        where=sweep.where,
        kind=kind,
        claim=claim,
        findings=(*_beside(sweep, goal, best), *(beside or ((f.NoControl(of="goal"),) if alone else ()))),
        stderr=claim.best.stderr,
        at=claim.best.at,
        sigma=sigma,
        basis=basis.kind,
        trials=basis.number,
        quantity=named,
        value=claim.best.value,
        limit=claim.limit,
    )


def _kind_of(
    sweep: SweepTable, sigma: float, best: typing.Any, controls: Mapping[str, pd.DataFrame], goal: Goal
) -> Kind:
    if not sigma > f.DIRECTION_SIGMA:
        return Kind.GOAL_MISSED
    # what the same device does without the effect is no proof of it
    apart = all(_excess(sweep, best, rows, goal)[2] > f.DIRECTION_SIGMA for rows in controls.values())
    return Kind.GOAL_REACHED if apart else Kind.UNDECIDED


def _with_limit(sweep: SweepTable, goal: Goal, arm: str) -> pd.DataFrame:
    """Rows of the quantity that have an error, along the axis, with their limit."""
    rows = sweep.rows(goal.observable, goal.subject, arm)
    rows = rows.assign(limit=rows["point"].map(sweep.ideal(goal.limit, goal.subject, arm)).astype(float))
    if goal.where is not None:
        rows = rows[np.asarray(goal.where)[rows["point"].to_numpy(dtype=int)]]
    kept = np.isfinite(rows["limit"]) & (rows["stderr"] > 0) & np.isfinite(rows["stderr"])
    return rows[kept]


def _sigmas_beyond(sweep: SweepTable, rows: pd.DataFrame, goal: Goal) -> np.ndarray:
    """Standard errors beyond the limit, as those of a normal law."""
    beyond = (_sign(goal) * (rows["value"] - rows["limit"]) / rows["stderr"]).to_numpy(dtype=float)
    return student_sigma(beyond, sweep.degrees)


def _sign(goal: Goal) -> int:
    return -1 if goal.below else 1


def _controls(sweep: SweepTable, goal: Goal) -> dict[str, pd.DataFrame]:
    """Arm -> its rows of the quantity, of the controls that were run."""
    found = {arm: _with_limit(sweep, goal, arm) for arm in sweep.arms if arm != "main"}
    return {arm: rows for arm, rows in found.items() if not rows.empty}


def _excess(sweep: SweepTable, best: typing.Any, rows: pd.DataFrame, goal: Goal) -> tuple[float, float, float]:
    """By how much the main arm is beyond a control at the same point, with error and in standard errors."""
    here = rows[rows["point"] == best["point"]]
    if here.empty:
        return np.nan, np.nan, np.inf
    other = here.iloc[0]
    excess, error = (
        _sign(goal) * float(best["value"] - other["value"]),
        float(np.hypot(best["stderr"], other["stderr"])),
    )
    return excess, error, float(student_sigma(excess / error, sweep.degrees))


def _beside(sweep: SweepTable, goal: Goal, best: typing.Any) -> list[f.Finding]:
    """What must not be below 0, what must be 0, and the same quantity at the reference."""
    start = sweep.at_start(goal.observable, goal.subject)
    found: list[f.Finding] = [f.GoalBeside(found=one) for one in _second_conditions(sweep, goal.beside, best)]
    found += [f.GoalBalance(found=one) for one in _second_conditions(sweep, goal.balances, best)]
    found += _of_bonds(sweep, goal, best)
    # what is 0 by definition says nothing
    known = len(start) and float(start["stderr"].iloc[0]) > 0 and float(start["value"].iloc[0]) != 0
    if known and not goal.everywhere:
        found.append(f.GoalAtReference(found=quantity_of(start.iloc[0], sweep.axis, sweep.bounds)))
    return found


def _of_controls(
    sweep: SweepTable, goal: Goal, best: typing.Any, controls: Mapping[str, pd.DataFrame]
) -> list[f.GoalOfControl]:
    """The same quantity in the control arms that have it at the same point."""
    found = []
    for arm, rows in controls.items():
        here = rows[rows["point"] == best["point"]]
        if here.empty:
            continue
        excess, stderr, sigma = _excess(sweep, best, rows, goal)
        found.append(
            f.GoalOfControl(
                arm=arm,
                found=quantity_of(here.iloc[0], sweep.axis, sweep.bounds),
                beyond_limit=bool(_sigmas_beyond(sweep, here, goal)[0] > f.DIRECTION_SIGMA),
                excess=excess,
                stderr=stderr,
                sigma=sigma,
                below=goal.below,
            )
        )
    return found


def _of_bonds(sweep: SweepTable, goal: Goal, best: typing.Any) -> list[f.Finding]:
    """What passed every bond until the point of the verdict, and over which of its bonds more came to the subject."""

    def here(observable: str, subject: str) -> f.Quantity | None:
        rows = sweep.rows(observable, subject, "main")
        rows = rows[(rows["point"] == best["point"]) & (rows["stderr"] > 0) & np.isfinite(rows["stderr"])]
        return None if rows.empty else quantity_of(rows.iloc[0], sweep.axis, sweep.bounds)

    found: list[f.Finding] = []
    for bond in goal.bonds:
        if passed := here("transferred_energy", bond):
            found.append(f.BondAtGoal(passed=passed, current=here("bond_current", bond)))
    excess = here("preferential_pumping", goal.subject)
    if excess and goal.bonds:
        left = next(bond for bond in goal.bonds if bond.endswith(goal.subject))
        right = next(bond for bond in goal.bonds if bond.startswith(goal.subject))
        found.append(f.Preference(excess=excess, left=left, right=right))
    return found


def _second_conditions(sweep: SweepTable, named: Sequence[tuple[str, str]], best: typing.Any) -> list[f.Quantity]:
    """At the point of the verdict, those that were measured."""
    found = []
    for observable, subject in named:
        rows = sweep.rows(observable, subject, "main")
        here = rows[(rows["point"] == best["point"]) & np.isfinite(rows["stderr"])]
        found += [quantity_of(row, sweep.axis, sweep.bounds) for _, row in here.iterrows()]
    return found
