"""What copies of one experiment say: each by itself, and their mean with what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from analysis.copies.apart import Apart
from analysis.estimate_arrays import Estimates, Name
from analysis.mitigation import Mitigated
from protocols import Array, Observable

How = Literal["estimates", "summed counts"]
"""Whether the estimates of all copies were pooled, or their counts were summed and estimated once."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Pooled:
    """One quantity over all copies, (arms, points) each; NaN where nothing was measured."""

    observable: Observable
    how: How
    """Decided by the bias of one copy beside the error of the mean, never by the result: see `BIAS`."""
    value: Array
    """The mean over the copies; of summed counts the quantity of their mean state."""
    stderr: Array
    """In Student's t of `degrees`."""
    low: Array
    """Lower end of the 95 % interval."""
    high: Array
    degrees: Array
    """Copies with a value, less one."""
    tau: Array
    """Spread between copies beyond their own errors, in the unit of the quantity; NaN of mapped quantities. Of summed
    counts: what the delete-one jackknife has more than the shots."""
    Q: Array
    """Sum of squares about their mean, in their variances; NaN of summed counts."""
    p: Array
    """Chance of at least this Q of copies that are all alike: chi-square of `degrees`; NaN of summed counts."""
    lowest: Array
    """Least mean with any one copy left out."""
    highest: Array
    """Greatest mean with any one copy left out."""
    systematic: Array | None = None
    """Of mitigated quantities: what copies share does not average."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Copies:
    """Every copy by itself, and the mean of all."""

    numbers: tuple[int, ...]
    """Of the copies, as in the column `copy` of counts.csv."""
    noun: str
    """What the mean is of: "couplers" of a chip, or "copies"."""
    apart: Apart
    """Every copy by itself: its run, its counts and what they say."""
    pooled: Mapping[Name, Pooled]
    """By observable and subject, of everything that was measured."""
    mitigated: tuple[Mitigated, ...] = ()
    """The same with the errors of gates removed in each copy that allows it."""
    mitigated_numbers: tuple[int, ...] = ()
    """Which these are."""
    pooled_mitigated: Mapping[Name, Pooled] = field(default_factory=dict)
    """Their mean."""

    @property
    def each(self) -> tuple[Estimates, ...]:
        """What was found of each copy by itself, in the order of `numbers`, over the same arms and points."""
        return tuple(one.estimates for one in self.apart.found)

    @property
    def number(self) -> int:
        """How many."""
        return len(self.numbers)

    def of(self, name: Name, what: str = "value") -> Array:
        """One quantity of every copy, (copies, arms, points): for a forest plot.

        Args:
            name: Observable and subject.
            what: "value", "stderr", "low" or "high".
        """
        return np.stack([getattr(one.quantities[name], what) for one in self.each])

    def of_mitigated(self, name: Name, what: str = "value") -> Array:
        """The same with the errors of gates removed, (copies that allow it, arms, points).

        Args:
            name: Observable and subject.
            what: "value", "stderr", "low" or "high".
        """
        return np.stack([getattr(one.rows[name].estimated, what) for one in self.mitigated])
