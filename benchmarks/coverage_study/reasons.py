"""Why rows fail, one sentence each, where we know."""

from __future__ import annotations

REASONS: dict[tuple[str, ...], str] = {}
"""(quantity,), (quantity, verdict) or (quantity, state) -> a sentence; the most special one counts."""


def reason_of(quantity: str, verdict: str, state: str) -> str:
    """The sentence that explains a failing row; empty where there is none yet.

    Args:
        quantity: Name of the observable.
        verdict: "under", "over" or "none".
        state: Of the case.
    """
    for key in ((quantity, state, verdict), (quantity, state), (quantity, verdict), (quantity,)):
        if key in REASONS:
            return REASONS[key]
    return ""
