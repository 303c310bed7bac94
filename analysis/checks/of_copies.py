"""Checks of a run with several copies: of the sum of all counts, and of each copy, whose worst is one of so many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.statistics import ALARM
from analysis.verdict import Check, Question

BOTH = 2
"""Trials of a question that is put to the sum and to the worst copy."""


@dataclass(frozen=True, kw_only=True)
class ChecksOfCopy:
    """What one copy answers."""

    number: int
    checks: tuple[Check, ...]


def with_worst_copies(summed: Sequence[Check], each: Sequence[ChecksOfCopy]) -> tuple[Check, ...]:
    """The checks of the sum, each replaced by that of its worst copy where that is the less likely of the two.

    What all copies share shows in the sum, what one of them has alone in that copy. Of K copies the least p counts K
    times, and the smaller of both twice, so that a question still raises a concern by chance as rarely as of one copy.
    What error bars rest on is asked of single copies alone: those of a mean have what copies differ by, and the shot
    noise of the sum, which has nothing else, is no bar of any row.

    Args:
        summed: Of the sum of all counts.
        each: Of every copy.

    Returns:
        As many, in the same order; what has no p-value, or is not asked of single copies, is that of the sum.
    """
    found = []
    for place, one in enumerate(summed):
        order = sum(other.question is one.question for other in summed[:place])
        same = [(copy.number, check) for copy in each if (check := _same(copy.checks, one.question, order)) is not None]
        found.append(_worse(one, same))
    return tuple(found)


def _same(checks: Sequence[Check], question: Question, order: int) -> Check | None:
    of = [check for check in checks if check.question is question]
    return of[order] if order < len(of) else None


def _worse(summed: Check, each: Sequence[tuple[int, Check]]) -> Check:
    known = [(number, check) for number, check in each if check.passed is not None and _p(check) is not None]
    p = _p(summed)
    if summed.passed is None or p is None or not known:
        return summed
    number, worst = min(known, key=lambda one: _p(one[1]) or 0.0)
    of_worst, trials = min(1.0, len(known) * (_p(worst) or 0.0)), 1 if summed.about == "bars" else BOTH
    if of_worst < p or trials == 1:
        told = f"copy {number}, the worst of {len(known)}"
        return replace(_with_p(worst, min(1.0, trials * of_worst)), of=told)
    return _with_p(summed, min(1.0, BOTH * p))


def _p(check: Check) -> float | None:
    """Its p-value, where it is one number that its finding holds."""
    value = vars(check.finding).get("p")
    return value if isinstance(value, float) else None


def _with_p(check: Check, p: float) -> Check:
    finding: Any = check.finding
    return replace(check, passed=p >= ALARM, finding=replace(finding, p=p))
