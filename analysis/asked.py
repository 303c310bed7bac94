"""Which quantities an analysis estimates where only some are asked for: those, and all that cost next to nothing.

What is linear in the counts is propagated and not drawn, so it is always there, and with it what the verdict on the
direction of heat rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from analysis.intervals.methods import LINEAR, STRATIFIED, Methods
from protocols import Observable, RequestError
from protocols.program import Goal

ALL = "all"
"""The word for every quantity, where a run recorded that some were asked for."""
MUTUAL_INFORMATION = "mutual_information"


def parsed_quantities(text: str | None) -> tuple[str, ...] | None:
    """Names of quantities as typed, `heat,mutual_information`; None where nothing was asked.

    Args:
        text: Names with commas between them, or `all`.

    Raises:
        RequestError: If it names nothing.

    Examples:
        >>> parsed_quantities("heat, mutual_information")
        ('heat', 'mutual_information')
    """
    if text is None:
        return None
    names = tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))
    if not names:
        raise RequestError(
            f"Argument `quantities` must name quantities of the table, but is {text!r}. Try heat,mutual_information, "
            "or leave it out for all."
        )
    return names


def check_named(names: Sequence[str], candidates: Sequence[Observable]) -> None:
    """That every name is one of a quantity of the run.

    Args:
        names: As asked for.
        candidates: Every quantity that the run may have.

    Raises:
        RequestError: Otherwise.
    """
    known = {o.name for o in candidates} | {ALL}
    for name in names:
        if name not in known:
            close = next(iter(get_close_matches(name, known, 1)), MUTUAL_INFORMATION)
            raise RequestError(
                f"Argument `quantities` must name quantities of the table (its column `observable`), but has {name!r}. "
                f"Did you mean {close if close in known else ALL}?"
            )


def wanted(candidates: Sequence[Observable], methods: Methods, goal: Goal | None) -> tuple[Observable, ...]:
    """Those of all quantities that are estimated; all where nothing was asked.

    Kept besides those asked for: what is linear in the counts or the frequencies of members, theory, what the verdict
    is about, and the mutual information that a ratio asked for is taken to.

    Args:
        candidates: Every quantity that the run may have.
        methods: With the names that were asked for, and what is propagated.
        goal: What the verdict is about, where that is not the direction of heat.

    Raises:
        RequestError: If there is no quantity of a name.
    """
    asked = {*methods.quantities}
    if not asked:
        return tuple(candidates)
    check_named(methods.quantities, candidates)
    if ALL in asked:
        return tuple(candidates)
    if any(o.consumes for o in candidates if o.name in asked):
        asked.add(MUTUAL_INFORMATION)
    if goal is not None:
        asked |= {goal.observable, goal.limit, *(name for name, _ in (*goal.beside, *goal.balances))}
    return tuple(o for o in candidates if o.name in asked or _cheap(o, methods))


def _cheap(observable: Observable, methods: Methods) -> bool:
    """Whether it needs no draws."""
    return observable.theory or methods.interval_of(observable) in (LINEAR, STRATIFIED)


def left_out(candidates: Sequence[Observable], kept: Sequence[Observable]) -> str:
    """In words, what was not estimated because it was not asked for; empty where that is nothing.

    Args:
        candidates: Every quantity that the run may have.
        kept: What `wanted` gave.
    """
    names = dict.fromkeys(o.name for o in candidates)
    missing = [name for name in names if name not in {o.name for o in kept}]
    if not missing:
        return ""
    return f"not estimated, because only some quantities were asked for: {', '.join(missing)} (--quantities all)"
