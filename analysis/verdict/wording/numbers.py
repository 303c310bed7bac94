"""A measured quantity in words: a value with its error, or a limit where its 95 % interval touches what is possible.

An interval [0, h] of mutual information or concurrence says that the quantity is below h, and nothing else; the
estimate in it is as good as any other value. "0 +- 0" is said of nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from protocols import Array, Observable

Bounds = tuple[float, float]
Side = Literal["below", "above", "open", ""]

UNBOUNDED: Bounds = (-math.inf, math.inf)
LEVEL = "95 %"
TOUCHES = 1e-12
"""An end this near a bound is at it."""


def sigmas(z: float) -> str:
    """How far the run is from no such effect; beyond 100 no error is known that well.

    Examples:
        >>> sigmas(3.14159), sigmas(-1.0), sigmas(250.0)
        ('3.1 sigma', '0.0 sigma', 'more than 100 sigma')
    """
    return f"{max(z, 0):.1f} sigma" if z < 100 else "more than 100 sigma"


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
        return f"{value:.6g}"
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

    Args:
        low: Lower end.
        high: Upper end.
        bounds: What the quantity can be at all.

    Examples:
        >>> side(0.0, 0.03, (0, 1)), side(0.98, 1.0, (0, 1)), side(0.1, 0.2, (0, 1)), side(0.0, 1.0, (0, 1))
        ('below', 'above', '', 'open')
    """
    lowest, highest = low <= bounds[0] + TOUCHES, high >= bounds[1] - TOUCHES
    if lowest and highest:
        return "open"
    return "below" if lowest else "above" if highest else ""


def sides(low: Array, high: Array, bounds: Bounds) -> Array:
    """`side` of many intervals, as text; "" where an end is not known.

    Args:
        low: Lower ends, shape (n,).
        high: Upper ends, shape (n,).
        bounds: What the quantity can be at all.
    """
    return np.array([side(a, b, bounds) if a <= b else "" for a, b in zip(low, high, strict=True)], dtype="<U5")


def worded(
    name: str,
    value: float,
    stderr: float,
    low: float,
    high: float,
    unit: str = "1",
    bounds: Bounds = UNBOUNDED,
) -> str:
    """A quantity in words, one-sided where its interval touches a bound.

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
    """
    text = numbered(value, stderr, low, high, bounds)
    unit = "" if unit in ("", "1") else f" {unit}"
    if text in (OPEN, ""):
        return f"{name} is {OPEN}".strip() if name else OPEN
    if text[0] in "<>":
        return f"{name} {text}{unit} at {LEVEL}".strip()
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
        >>> numbered(0.25, 0.0, 0.25, 0.25)
        '0.25 (without an error)'
    """
    if not math.isfinite(value):
        return "" if math.isnan(value) else f"{value:+}"
    known = math.isfinite(low) and math.isfinite(high)
    kind = side(low, high, bounds) if known and low < high else ""
    if kind == "open":
        return OPEN
    if kind == "below":
        return f"< {_rounded(high, bounds[0], up=True)}"
    if kind == "above":
        return f"> {_rounded(low, bounds[1], up=False)}"
    if not (math.isfinite(stderr) and stderr > 0):
        return f"{value:.6g} (without an error)"
    return pm(value, stderr)


def _rounded(end: float, bound: float, *, up: bool) -> str:
    """A limit to two digits of its distance from the bound, away from the interval."""
    distance = abs(end - (bound if math.isfinite(bound) else 0.0))
    digits = max(0, 1 - math.floor(math.log10(distance))) if distance > 0 else 6
    scale = 10.0**digits
    # 1e-9: 0.03 times 100 is a little more than 3
    whole = math.ceil(end * scale - 1e-9) if up else math.floor(end * scale + 1e-9)
    return f"{whole / scale:.{digits}f}"


def bounds_of(observables: Sequence[Observable]) -> Mapping[tuple[str, str], Bounds]:
    """What each quantity can be at all, by name and subject."""
    return {(o.name, o.subject): o.bounds for o in observables}
