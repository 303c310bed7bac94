"""A number of ours beside a published or reference one, and to how many digits both agree."""

from __future__ import annotations

import math
import typing
from collections.abc import Sequence
from dataclasses import dataclass

REFERENCE = "the reference computation"
"""The numbers that this project was founded on, from two independent routes each."""
PAPER = "the paper"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One line of the page.

    Examples:
        >>> Comparison(quantity="SED", ours=0.64648222, reference="0.646482", source=REFERENCE).agreement
        'all 6 digits'
        >>> Comparison(quantity="efficiency", ours=0.18509, reference="0.186", source=PAPER).agreement
        'to one unit of the last of 3 digits'
    """

    quantity: str
    ours: float
    reference: str
    """As printed; "low..high" is a range."""
    source: str
    status: str = "exact"
    """Of our number: exact, converged, not converged."""

    @property
    def agrees(self) -> bool:
        """Whether all printed digits are ours, or the number lies within the range."""
        if math.isnan(self.ours) or self.reference == "none":
            return math.isnan(self.ours) and self.reference == "none"
        if ".." in self.reference:
            low, high = self.reference.split("..")
            return float(low) - _half(low) <= self.ours <= float(high) + _half(high)
        return abs(self.ours - float(self.reference)) <= _half(self.reference)

    @property
    def agreement(self) -> str:
        """In words."""
        if ".." in self.reference or self.reference == "none" or math.isnan(self.ours):
            return "yes" if self.agrees else "no"
        if self.agrees and self.reference == "0":
            return "yes"
        if self.agrees:
            return f"all {_digits(self.reference)} digits"
        value = float(self.reference)
        if self.shared == _digits(self.reference):
            return f"to one unit of the last of {self.shared} digits"
        return f"{self.shared} of {_digits(self.reference)} digits, {100 * (self.ours / value - 1):+.2g} %"

    @property
    def shared(self) -> int:
        """Leading digits of the reference that agree, each to within half a unit."""
        value, off = float(self.reference), abs(self.ours - float(self.reference)) - _half(self.reference)
        lead = math.floor(math.log10(abs(value))) if value else 0
        found = [n for n in range(_digits(self.reference) + 1) if off <= 0.5 * 10.0 ** (lead + 1 - n)]
        return max(found, default=0)


def compared(lines: Sequence[tuple[str, typing.SupportsFloat, str]]) -> tuple[Comparison, ...]:
    """Numbers beside those that this project was founded on.

    Args:
        lines: What each is, ours, and the other one as printed.

    Examples:
        >>> [one.agrees for one in compared([("SED", 0.64648222, "0.646482"), ("SED", 0.65, "0.646482")])]
        [True, False]
    """
    return tuple(Comparison(quantity=q, ours=float(v), reference=r, source=REFERENCE) for q, v, r in lines)


def _digits(text: str) -> int:
    """Significant digits of a printed number; decimals where it is zero."""
    mantissa = text.lower().split("e")[0].lstrip("+-").replace(".", "")
    return len(mantissa.lstrip("0")) or len(text.partition(".")[2]) or 1


def _half(text: str) -> float:
    """Half a unit of the last printed digit, and rounding of binary numbers."""
    if text == "0":  # exactly zero, to rounding
        return 1e-9
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - decimals) * (1 + 1e-9)
