"""The sentence of a verdict over copies: what they differ by, and what their mean does not average."""

from __future__ import annotations

import math

from analysis.statistics import student_threshold
from analysis.verdict import findings as f
from analysis.verdict.wording.numbers import probability

ALIKE = 0.05
"""p of Q from which on a spread between copies is not called shown; the mean is the same either way."""


def said_of_copies(found: f.OverCopies) -> str:
    """How much the copies differ in what is judged.

    Args:
        found: In numbers.
    """
    common = f"errors that all {found.noun} share do not average out"
    one = found.spread
    if one is None:
        return f"{found.words}: {_law(found.number - 1)}; {common}"
    named = f"{one.quantity.replace('_', ' ')} {one.subject} at {one.axis} = {one.at:.6g}"
    unit = "" if one.unit == "1" else f" {one.unit}"
    differ = _differing(one, unit)
    alike = ""
    if math.isfinite(one.p):
        alike = f" (Q = {one.Q:.1f} for {one.dof} degrees of freedom, p {probability(one.p)})"
    return (
        f"{found.words}: {named} differs between them {differ}{alike}; without any one of them the mean is "
        f"{_range(one)}; {_law(found.number - 1)}; {common}"
    )


def _differing(one: f.SpreadOfCopies, unit: str) -> str:
    """What tau says: a spread that is shown, one that noise may have made, or none."""
    if not one.tau > 0:
        return "by no more than their own errors"
    if one.p < ALIKE:
        return f"beyond their own errors by tau = {one.tau:.2g}{unit}"
    tested = "not shown beyond their own errors" if math.isfinite(one.p) else "not tested against their own errors"
    return f"by an estimated tau = {one.tau:.2g}{unit}, which is {tested}"


def _law(degrees: int) -> str:
    """How many standard errors significances of a normal law take.

    Examples:
        >>> _law(43)
        "errors are Student's t of 43 degrees of freedom, in which 3 sigma are 3.18 standard errors"
    """
    far = f"{f.DIRECTION_SIGMA:g} sigma are {student_threshold(f.DIRECTION_SIGMA, degrees):.3g} standard errors"
    return f"errors are Student's t of {degrees} degree{'s' * (degrees > 1)} of freedom, in which {far}"


def _range(one: f.SpreadOfCopies) -> str:
    digits = f"{one.stderr:.0e}".partition("e")[2]
    places = max(0, 1 - int(digits)) if one.stderr > 0 else 6
    return f"{one.lowest:.{places}f} to {one.highest:.{places}f}"
