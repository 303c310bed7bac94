"""Sentences on the bonds of a chain: what passed each, and over which more came."""

from __future__ import annotations

import math

from analysis.verdict import findings as f
from analysis.verdict.wording.numbers import pm, significance


def said_of_bond(found: f.BondAtGoal) -> str:
    """Energy that has passed, and the current; to the right is from the first site of the bond to the second."""
    passed = found.passed
    text = f"bond {passed.subject}: {_with_direction(passed)} until {passed.axis} = {passed.at:.6g}"
    return text if found.current is None else f"{text}, current {_with_direction(found.current)} then"


def _with_direction(found: f.Quantity) -> str:
    side = "right" if found.value >= 0 else "left"
    return f"{pm(abs(found.value), found.stderr)} {found.unit} to the {side}"


def said_of_preference(found: f.Preference, degrees: float = math.inf) -> str:
    """Over which bond more came, where the error tells."""
    excess, sigma = found.excess, significance(abs(found.excess.value), found.excess.stderr, degrees)
    size = f"{pm(abs(excess.value), excess.stderr)} {excess.unit}"
    more, less = (found.left, found.right) if excess.value > 0 else (found.right, found.left)
    here = f"at {excess.axis} = {excess.at:.6g}"
    if sigma > f.DIRECTION_SIGMA:
        text = f"preferential pumping: {size} more came to {excess.subject} over {more} than over {less}"
        return f"{text} {here} ({sigma:.1f} sigma)"
    return (
        f"no preferential pumping is shown: what came to {excess.subject} over {more} and over {less} differs by "
        f"{size} {here} ({sigma:.1f} sigma)"
    )
