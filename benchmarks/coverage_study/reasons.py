"""Why rows fail, one sentence each, where we know."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

REASONS: tuple[tuple[Mapping[str, Collection[str]], str], ...] = (
    (
        {"observable": ("signed_concurrence",), "verdict": ("over",)},
        "What is not shown to be above 0 is an upper limit: it has no lower end that could miss, and its upper end has "
        "the threshold of two eigenvalues that tie at 0.",
    ),
    (
        {"bound": ("near",), "verdict": ("over",)},
        "Within two standard deviations of a bound one of the two ends is the bound itself, which cannot miss.",
    ),
    (
        {"preparation": ("ensemble",), "verdict": ("over",)},
        "Members that nearly always read the same hardly scatter, and most of the interval is what two counts that "
        "were not seen might be: without them, members that did not scatter at all would have no error.",
    ),
    (
        {"state": ("pure",), "verdict": ("over",)},
        "One count that was not seen weighs more than all that was: the entropy of a pure state has an infinite slope, "
        "and its coherence and ergotropy are as large as positivity allows.",
    ),
    (
        {"observable": ("discord", "geometric_discord"), "verdict": ("over",)},
        "The upper end goes part of the way to that of the measurement that the same data have chosen, for the minimum "
        "over measurements lies below the truth by noise that a single state need not have.",
    ),
    (
        {"shots": ("40", "100", "200"), "verdict": ("over",)},
        "At 200 shots and fewer one count more in an outcome, which an interval of what is drawn has to allow, moves "
        "the quantity as far as it scatters.",
    ),
    (
        {"state": ("holdsworth reversed",), "verdict": ("over",)},
        "B is left in its ground state, whose entropy has an infinite slope, and the start has as much coherence as "
        "positivity allows, so that noise hardly makes the norm longer.",
    ),
)
"""Columns with their values -> a sentence, the special ones first:
`({"observable": ("discord",), "state": ("hot entangled",), "verdict": ("under",)}, "Because ...")`."""


def reason_of(row: Mapping[str, Any], reasons: Collection[tuple[Mapping[str, Collection[str]], str]] = REASONS) -> str:
    """The first sentence whose columns are those of a failing row; empty where there is none yet.

    Args:
        row: Of the table, values by column.
        reasons: Where to look.

    Examples:
        >>> known = [({"observable": ("discord",), "shots": ("100", "200")}, "It is hard.")]
        >>> reason_of({"observable": "discord", "shots": 200}, known)
        'It is hard.'
    """
    for where, sentence in reasons:
        if all(str(row[column]) in values for column, values in where.items()):
            return sentence
    return ""
