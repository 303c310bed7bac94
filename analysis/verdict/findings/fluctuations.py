"""What the statistics of heat show beside the verdict, as numbers; wording makes sentences of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from analysis.verdict.rule import DIRECTION_SIGMA

Scheme = Literal["jarzynski-wojcik", "classical-correlation", "quantum"]
"""Of `fluctuation_average`."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A value at the point that was chosen for it, among so many that were looked at."""

    value: float
    stderr: float
    axis: str
    at: float
    sigma: float
    """By how much it is beyond what it is compared with, after the trial factor."""
    trials: int

    @property
    def seen(self) -> bool:
        """Whether that is more than errors carry."""
        return self.sigma > DIRECTION_SIGMA


@dataclass(frozen=True, kw_only=True)
class Negativity:
    """The most significantly negative quasiprobability of heat, and the heat beyond the semiclassical bound.

    That bound is what values that are not negative allow; heat is beyond it by minus twice the value.
    """

    kind: ClassVar[str] = "quasiprobability"
    lowest: Place
    move: str
    """"10->01": bits of A and B before and after."""
    side: str
    """Whose heat is beyond its bound."""


@dataclass(frozen=True, kw_only=True)
class FluctuationTheorem:
    """One average of e^{-sigma}, where it is farthest from what the exchange without noise gives."""

    kind: ClassVar[str] = "fluctuation theorem"
    scheme: Scheme
    farthest: Place
    ideal: float
    """There."""
    one: bool
    """Whether the ideal is 1 at every point."""
    relaxation_lifts: bool
    """Whether |00> has the largest thermal weight, so that relaxation makes it larger."""


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """Var(q)/Q^2, where it is most significantly below what an exchange without correlation needs."""

    kind: ClassVar[str] = "uncertainty"
    ratio: Place
    bound: float
    bound_stderr: float


@dataclass(frozen=True, kw_only=True)
class Disturbance:
    """What a first reading did to the energies beyond taking the coherence, where that is most significant."""

    kind: ClassVar[str] = "first reading"
    reading: str
    """"ancilla" or "measured"."""
    qubit: str
    farthest: Place
    """Its energy after the reading minus that of a pair dephased without one [gap]."""
