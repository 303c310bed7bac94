"""A row of the table from the values and intervals of all its runs: does the interval do what it says?

An interval *holds* the truth when the truth lies in it. Where its lower end is above its upper end it is the complement
of what lies between, "above 8 or below -40"; where an end is infinite it is one-sided. An interval is *shown* unless it
is missing or excludes nothing at all. Coverage is counted among those shown, for a reader sees no others; intervals
that appear only where they look significant do not pass.

A row covers too seldom ("under") or too often ("over") when the 99.9 % binomial interval of its coverage (Clopper and
Pearson, Biometrika 26, 404 (1934)) lies outside 92 .. 98.5 %. Of 1000 runs that means 889 or fewer, 997 or more; a row
that is exactly on a limit is named in one of 2000. Too often is allowed where the truth is at a bound of the quantity,
as a mutual information of zero is, and where no run differs from another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import betaincinv

from protocols import Array

BAND = (0.92, 0.985)
ROUNDING = 1e-9
"""What rounding may take from an interval."""
STILL = 1e-9
"""Estimates that differ by less do not scatter."""
NEAR = 2.0
"""Standard deviations from a bound within which many estimates are cut off."""
MOSTLY = 0.9
"""Share of intervals with two ends from which on a width is given."""
AT = 1e-6
"""From a bound: a concurrence of 0 is known to the root of what rounding leaves of an eigenvalue."""
HAIRLINE = 0.01
"""Of the width: a miss by less is one of numerics, and counted all the same."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Intervals:
    """What every run says of one quantity, (runs,) each."""

    value: Array
    stderr: Array
    low: Array
    high: Array
    corrected: Array

    @property
    def shown(self) -> Array:
        """Where there is an interval that excludes something."""
        missing = np.isnan(self.low) | np.isnan(self.high)
        return ~missing & ~(np.isneginf(self.low) & np.isposinf(self.high))

    @property
    def complement(self) -> Array:
        """Where it is what lies outside its ends."""
        return self.low > self.high + ROUNDING

    @property
    def two_sided(self) -> Array:
        """Where it has a width."""
        return self.shown & np.isfinite(self.low) & np.isfinite(self.high) & ~self.complement

    def limits(self, least: float, most: float) -> Array:
        """Where an end is that of the quantity itself: an upper limit, or a lower one."""
        return (self.low <= least + ROUNDING) | (self.high >= most - ROUNDING)

    def holds(self, truth: float, tolerance: Array | float = ROUNDING) -> Array:
        """Whether the truth is in each, ends moved outwards by a tolerance; meaningful where it is shown."""
        above, below = truth >= self.low - tolerance, truth <= self.high + tolerance
        return np.where(self.complement, above | below, above & below)

    def narrowed(self, factor: float) -> Intervals:
        """Planted faults: every end at that fraction of its distance from the value."""
        if factor == 1:
            return self
        low, high = (self.value + factor * (end - self.value) for end in (self.low, self.high))
        return replace(self, low=low, high=high)


def judged(found: Intervals, truth: float, bounds: tuple[float, float] = (-np.inf, np.inf)) -> dict[str, Any]:
    """Columns of a row.

    Args:
        found: Of all runs.
        truth: The exact value.
        bounds: Least and greatest possible value of the quantity.
    """
    shown = found.shown
    holds = found.holds(truth) & shown
    runs, number, covered = len(shown), int(shown.sum()), int(holds.sum())
    below, above = clopper_pearson(covered, number) if number else (0.0, 1.0)
    bound = _bound(found.value, truth, bounds)
    # where the truth is far from bounds, one that reaches to them has no width; nor has one down to a value below 0
    signed = -np.inf < bounds[0] < 0
    two_sided = found.two_sided & ~(found.limits(*bounds) & (signed or bound == ""))
    with np.errstate(all="ignore"):
        width = np.where(two_sided, found.high - found.low, 0.0)
        hairline = int((shown & found.holds(truth, HAIRLINE * width + ROUNDING)).sum())
        outside = shown & ~holds & ~found.complement
        return {
            "runs": runs,
            "shown": number,
            "two_sided": int(two_sided.sum()),
            "truth": f"{truth:.6g}",
            "bound": bound,
            "coverage": f"{covered / number:.4f}" if number else "",
            "coverage_all": f"{(covered + runs - number) / runs:.4f}",
            "at_least": f"{below:.4f}",
            "at_most": f"{above:.4f}",
            "verdict": _verdict(below, above, number, bound),
            "hairline": f"{hairline / number:.4f}" if number else "",
            "misses_below": int((outside & (truth > found.high)).sum()),
            "misses_above": int((outside & (truth < found.low)).sum()),
            **_sizes(found, truth, bound, two_sided),
        }


def _bound(value: Array, truth: float, bounds: tuple[float, float]) -> str:
    """ "at" a bound, "near" one, "still" where runs do not differ; empty elsewhere."""
    distance = min(abs(truth - bound) for bound in bounds)
    if distance < AT:
        return "at"
    if np.isfinite(value).all() and np.ptp(value) < STILL:
        return "still"
    return "near" if distance < NEAR * np.nanstd(value) else ""


def _verdict(below: float, above: float, shown: int, bound: str) -> str:
    if not shown:
        return "none"
    if above < BAND[0]:
        return "under"
    return "over" if below > BAND[1] and bound not in ("at", "still") else "covers"


def _sizes(found: Intervals, truth: float, bound: str, two_sided: Array) -> dict[str, str]:
    """Widths beside those of an oracle, standard errors beside true ones, biases."""
    value = found.value[np.isfinite(found.value)]
    error = value - truth
    rms, sd = np.sqrt(np.mean(error**2)), value.std(ddof=1)
    low, high = np.quantile(found.value, [0.025, 0.975]) if len(value) == len(found.value) else (np.nan, np.nan)
    widths = (found.high - found.low)[two_sided]
    usual = two_sided.mean() >= MOSTLY and bound != "at" and high - low > STILL
    median = np.median(widths) if len(widths) else np.nan
    stderr = np.nanmedian(found.stderr) / rms if usual and rms > STILL else np.nan
    return {
        "width": _number(median),
        "width_oracle": _number(median / (high - low) if usual else np.nan),
        "stderr_rms": _number(stderr),
        "bias": _number(np.mean(error)),
        "corrected_bias": _number(np.nanmean(found.corrected[np.isfinite(found.corrected)]) - truth),
        "rms": _number(rms),
        "sd": _number(sd),
    }


def _number(value: float) -> str:
    return f"{value:.4g}" if np.isfinite(value) else ""


def clopper_pearson(covered: int, of: int, level: float = 0.999) -> tuple[float, float]:
    """Exact binomial interval of a fraction.

    Examples:
        >>> [round(end, 4) for end in clopper_pearson(997, 1000)]
        [0.9861, 0.9999]
    """
    tail = (1 - level) / 2
    low = 0.0 if covered == 0 else float(betaincinv(covered, of - covered + 1, tail))
    high = 1.0 if covered == of else float(betaincinv(covered + 1, of - covered, 1 - tail))
    return low, high
