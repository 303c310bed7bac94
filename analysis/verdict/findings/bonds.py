"""What a verdict finds on the bonds of a chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from analysis.verdict.findings.found import Quantity


@dataclass(frozen=True, kw_only=True)
class BondAtGoal:
    """What has passed a bond until the point of the verdict, and what flows over it there."""

    kind: ClassVar[str] = "bond"
    passed: Quantity
    current: Quantity | None
    """None where X and Y were not measured."""


@dataclass(frozen=True, kw_only=True)
class Preference:
    """By how much more came to a site over one of its two bonds."""

    kind: ClassVar[str] = "preferential pumping"
    excess: Quantity
    """Left bond less right bond."""
    left: str
    right: str

    @property
    def sigma(self) -> float:
        """Standard errors of the excess from 0, with its sign."""
        return self.excess.value / self.excess.stderr
