"""A measured quantity in words: a value with its error, or a limit where its 95 % interval touches what is possible.

An interval [0, h] of mutual information or concurrence says that the quantity is below h, and nothing else; the
estimate in it is as good as any other value. "0 +- 0" is said of nothing. An end at infinity is no limit: an inverse
temperature in [3.1, inf) is above 3.1. Where the lower end is above the upper one, the interval is what lies outside
of them: a temperature above 8 or below -40.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from analysis.statistics import student_sigma
from analysis.verdict import findings as f
from protocols import Array, Observable

Bounds = tuple[float, float]
Side = Literal["below", "above", "open", "outside", ""]

UNBOUNDED: Bounds = (-math.inf, math.inf)
LEVEL = "95 %"
LEAST_SAID = 0.05
"""Sigmas below it would be said as none."""
TOUCHES = 1e-12
"""An end this near a bound is at it."""


def sigmas(z: float) -> str:
    """How far the run is from no such effect; beyond 100 no error is known that well.

    Examples:
        >>> sigmas(3.14159), sigmas(-1.0), sigmas(250.0)
        ('3.1 sigma', 'less than 0.1 sigma', 'more than 100 sigma')
    """
    if z >= 100:
        return "more than 100 sigma"
    return "less than 0.1 sigma" if z < 0.1 else f"{z:.1f} sigma"


def significance(value: float, stderr: float, degrees: float = math.inf) -> float:
    """A value over its error as that of a normal law; 0 where there is no error.

    Args:
        value: In any unit.
        stderr: In the same.
        degrees: Of freedom, where the error is Student's t.

    Examples:
        >>> significance(1.0, 0.1), round(significance(1.0, 0.1, 4), 1)
        (10.0, 3.4)
    """
    return float(student_sigma(value / stderr, degrees)) if stderr > 0 else 0.0


def pm(value: float, stderr: float) -> str:
    """Value and error to two digits of the error: "0.2689 +- 0.0043".

    Args:
        value: In any unit.
        stderr: In the same; the value alone is said where it is not known.

    Examples:
        >>> pm(0.26894, 0.00432)
        '0.2689 +- 0.0043'
    """
    if not (math.isfinite(stderr) and stderr > 0):
        return _plain(value)
    digits = max(0, 1 - math.floor(math.log10(stderr)))
    value = round(value, digits) + 0.0  # no negative zero
    return f"{value:.{digits}f} +- {stderr:.{digits}f}"


def probability(p: float) -> str:
    """A p-value in words: "= 0.05".

    Examples:
        >>> probability(0.0512), probability(1e-9)
        ('= 0.051', '< 0.0001')
    """
    return f"= {p:.2g}" if p >= 1e-4 else "< 0.0001"


def typeset(text: str) -> str:
    """A sentence for the page, with the signs that plain text stands in for.

    Sentences, captions and cells are made once, of the characters that every terminal has; the page differs from them
    in these signs and in nothing else.

    Examples:
        >>> typeset("chi-square 3 +- 1")
        'χ² 3 ± 1'
    """
    return text.replace("+-", "±").replace(">=", "≥").replace("chi-square", "χ²").replace("hbar", "ħ")


def side(low: float, high: float, bounds: Bounds) -> Side:
    """Which way an interval is a limit: "below" its upper end, "above" its lower one, "open" both ways, "" neither.

    It is "outside" where the lower end is above the upper one: above the one or below the other.

    Args:
        low: Lower end.
        high: Upper end.
        bounds: What the quantity can be at all.

    Examples:
        >>> side(0.0, 0.03, (0, 1)), side(0.98, 1.0, (0, 1)), side(0.1, 0.2, (0, 1)), side(0.0, 1.0, (0, 1))
        ('below', 'above', '', 'open')
        >>> side(3.1, math.inf, UNBOUNDED), side(8.0, -40.0, UNBOUNDED)
        ('above', 'outside')
    """
    if low > high:
        return "outside"
    lowest, highest = low <= bounds[0] + TOUCHES, high >= bounds[1] - TOUCHES
    if lowest and highest:
        return "open"
    return "below" if lowest else "above" if highest else ""


def sides(low: Array, high: Array, bounds: Bounds) -> Array:
    """`side` of many intervals, as text; "" where an end is not a number.

    Args:
        low: Lower ends, shape (n,).
        high: Upper ends, shape (n,).
        bounds: What the quantity can be at all.
    """
    known = ~(np.isnan(low) | np.isnan(high))
    found = [side(a, b, bounds) if is_known else "" for a, b, is_known in zip(low, high, known, strict=True)]
    return np.array(found, dtype="<U7")


def worded(
    name: str,
    value: float,
    stderr: float,
    low: float,
    high: float,
    unit: str = "1",
    bounds: Bounds = UNBOUNDED,
) -> str:
    """A quantity in words, one-sided where its interval touches a bound or infinity.

    Args:
        name: As it is to be called; empty for the number alone.
        value: Estimate.
        stderr: Its standard error.
        low: Lower end of the 95 % interval.
        high: Upper end.
        unit: "1" or empty for pure numbers.
        bounds: What the quantity can be at all.

    Examples:
        >>> worded("concurrence AB", 0.0, 0.01, 0.0, 0.0287, "1", (0, 1))
        'concurrence AB < 0.029 at 95 %'
        >>> worded("heat into A", 0.26894, 0.00432, 0.2605, 0.2774, "gap")
        'heat into A = 0.2689 +- 0.0043 gap'
        >>> worded("purity AB", 0.9995, 0.001, 0.9971, 1.0, "1", (0.25, 1))
        'purity AB > 0.9971 at 95 %'
        >>> worded("discord A", 0.2, 0.3, 0.0, 1.0, "nat", (0, 1))
        'discord A is not determined'
        >>> worded("T", 19.0, 12.0, 8.0, -40.0, "gap/k_B"), worded("beta", 5.3, 2.1, 3.14, math.inf)
        ('T > 8.0 gap/k_B or T < -40 gap/k_B at 95 %', 'beta > 3.1 at 95 %')
        >>> worded("T", 0.17, 0.08, 0.0, 0.318, "gap/k_B")
        'T in 0 .. 0.32 gap/k_B at 95 %'
    """
    text = numbered(value, stderr, low, high, bounds)
    unit = "" if unit in ("", "1") else f" {unit}"
    if text in (OPEN, ""):
        return f"{name} is {OPEN}".strip() if name else OPEN
    if text[0] in "<>":
        ends = (f"{name} {end}{unit}".strip() for end in text.split(" or "))
        return f"{' or '.join(ends)} at {LEVEL}"
    if text.startswith("0 .."):
        return f"{name} in {text}{unit} at {LEVEL}" if name else f"{text}{unit} at {LEVEL}"
    return f"{name} = {text}{unit}" if name else f"{text}{unit}"


OPEN = "not determined"


def numbered(value: float, stderr: float, low: float, high: float, bounds: Bounds = UNBOUNDED) -> str:
    """The number alone: "0.2689 +- 0.0043", "< 0.029", "> 0.98", "not determined", or "" where there is none.

    Limits are rounded away from the interval, so that what is said is never stronger than what was found.

    Args:
        value: Estimate.
        stderr: Its standard error.
        low: Lower end of the 95 % interval.
        high: Upper end.
        bounds: What the quantity can be at all.

    Examples:
        >>> numbered(0.012, 0.01, 0.0, 0.03001, (0, 1))
        '< 0.031'
        >>> numbered(-0.0, 0.0, 0.0, 0.0)
        '0'
        >>> numbered(19.0, 12.0, 8.0, -40.0), numbered(5.3, 2.1, 3.14, math.inf), numbered(0.17, 0.08, 0.0, 0.318)
        ('> 8.0 or < -40', '> 3.1', '0 .. 0.32')
    """
    if math.isnan(value):
        return ""
    kind = side(low, high, bounds) if low != high else ""
    if kind == "outside":
        return f"> {_rounded(low, 0.0, up=False)} or < {_rounded(high, 0.0, up=True)}"
    if kind == "open":
        return OPEN
    if kind == "below":  # a limit that rounds to what is possible at most says nothing
        limit = _rounded(high, bounds[0], up=True)
        return OPEN if float(limit) >= bounds[1] else f"< {limit}"
    if kind == "above":
        limit = _rounded(low, bounds[1], up=False)
        return OPEN if float(limit) <= bounds[0] else f"> {limit}"
    if not math.isfinite(value):
        return f"{value:+}"
    if bounds == UNBOUNDED and low == 0 < high and math.isfinite(high):  # of a temperature, beta has no upper limit
        return f"0 .. {_rounded(high, 0.0, up=True)}"
    return pm(value, stderr)


def _plain(value: float) -> str:
    """A number without an error, and without a negative zero."""
    return f"{value + 0.0:.6g}"


def _rounded(end: float, bound: float, *, up: bool) -> str:
    """A limit to two digits of its distance from the bound, away from the interval."""
    if end == 0:
        return "0"
    distance = abs(end - (bound if math.isfinite(bound) else 0.0))
    digits = max(0, 1 - math.floor(math.log10(distance))) if distance > 0 else 6
    scale = 10.0**digits
    # 1e-9: 0.03 times 100 is a little more than 3
    whole = math.ceil(end * scale - 1e-9) if up else math.floor(end * scale + 1e-9)
    return f"{whole / scale + 0.0:.{digits}f}"


def bounds_of(observables: Sequence[Observable]) -> Mapping[tuple[str, str], Bounds]:
    """What each quantity can be at all, by name and subject."""
    return {(o.name, o.subject): o.bounds for o in observables}


def trials_in_words(basis: f.Basis) -> str:
    """Over how many places a significance was searched, or what it was fitted to."""
    if basis.kind == "fit":
        return f"from a fit of {basis.number} times"
    if basis.number > 1:
        return f"after a trial factor of {basis.number}"
    return f"at the one {basis.axis if basis.axis == 'time' else 'point'} measured"


def quantity_in_words(found: f.Quantity, *, named: bool = True, placed: bool = True) -> str:
    """A quantity with its interval, and where it was found."""
    name = f"{found.observable.replace('_', ' ')} {found.subject}" if named else ""
    text = worded(name, found.value, found.stderr, found.low, found.high, found.unit, found.bounds)
    return f"{text} at {found.axis} = {found.at:.6g}" if placed else text
