"""Whether numbers of a hierarchy would stay as they are if it were larger."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from protocols import RequestError
from theory.model import OpenPair

FLOOR = 0.1
"""Magnitude below which a difference is judged against this number instead of the value."""


@dataclass(frozen=True, kw_only=True)
class Convergence:
    """Numbers of a hierarchy, and of the two next larger ones."""

    values: Mapping[str, float]
    """As asked for."""
    deeper: Mapping[str, float]
    """With one more level."""
    finer: Mapping[str, float]
    """With one more exponent in each bath."""
    tolerance: float
    """Relative to the value, or to 0.1 where it is smaller."""

    @property
    def differences(self) -> Mapping[str, float]:
        """The larger of both relative differences, by name; infinite where a number is missing in one of them."""
        return {
            name: max(difference(value, self.deeper[name]), difference(value, self.finer[name]))
            for name, value in self.values.items()
        }

    def known_to(self, name: str) -> float:
        """By how much a number changes at most, in its own unit."""
        value = self.values[name]
        return max(abs(other[name] - value) for other in (self.deeper, self.finer))

    @property
    def worst(self) -> tuple[str, float]:
        """Name and difference of what changes most."""
        return max(self.differences.items(), key=lambda one: one[1])

    @property
    def converged(self) -> bool:
        """Whether nothing changes by more than the tolerance."""
        return all(one <= self.tolerance for one in self.differences.values())

    def required(self) -> Mapping[str, float]:
        """The numbers, if they are converged.

        Raises:
            RequestError: If they are not.
        """
        if not self.converged:
            name, change = self.worst
            raise RequestError(
                f"Argument `expansion` must be converged to {self.tolerance:g}, but {name} changes by {change:.2g} "
                "with one more level or exponent. Raise depth or terms, or loosen the tolerance."
            )
        return self.values


def converge(
    numbers: Callable[[OpenPair], Mapping[str, float]], pair: OpenPair, *, tolerance: float = 2e-3
) -> Convergence:
    """Computes numbers as asked for, with one level more, and with one exponent more in each bath.

    Args:
        numbers: What is reported of a pair, by name.
        pair: Its baths and expansion.
        tolerance: What may change, relative to the value (to 0.1 where the value is smaller).

    Raises:
        RequestError: For a tolerance that is not positive.
    """
    if not (math.isfinite(tolerance) and tolerance > 0):
        raise RequestError(f"Argument `tolerance` must be positive, but is {tolerance}. Give e.g. 0.002.")
    values, deeper, finer = (numbers(one) for one in larger(pair))
    return Convergence(values=values, deeper=deeper, finer=finer, tolerance=tolerance)


def larger(pair: OpenPair) -> tuple[OpenPair, OpenPair, OpenPair]:
    """A pair as asked for, with one level more, and with one exponent more in each bath.

    Args:
        pair: Its baths and expansion.
    """
    return pair, pair.expanded(deeper=1), pair.expanded(more=1)


def difference(value: float, other: float) -> float:
    """Relative difference of two numbers.

    Args:
        value: The number that is reported.
        other: The same from a larger computation.

    Examples:
        >>> difference(2.0, 2.002).__round__(6), difference(0.0, 1e-3), difference(1.0, math.nan)
        (0.001, 0.01, inf)
    """
    if math.isnan(value) or math.isnan(other):
        return 0.0 if math.isnan(value) and math.isnan(other) else math.inf
    return abs(other - value) / max(abs(value), FLOOR)
