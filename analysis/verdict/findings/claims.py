"""The verdict itself, as numbers: what is claimed of heat, or of the goal of a protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from analysis.verdict.findings import found
from analysis.verdict.findings.bonds import BondAtGoal, Preference
from analysis.verdict.findings.copies import OverCopies
from analysis.verdict.findings.found import Basis, Direction, GoalOfControl, HeatOfControl, Measured, Quantity, ValueAt
from analysis.verdict.findings.machine import MachineJudged, OfMachine


@dataclass(frozen=True, kw_only=True)
class BothHeats:
    """Heat into both sides at one place of the axis."""

    hot: ValueAt
    cold: ValueAt


@dataclass(frozen=True, kw_only=True)
class HeatFlowed:
    """Heat went over between the two sides, or none was seen to."""

    hot: str
    cold: str
    here: BothHeats
    """Where most heat went into the hot side; where most went out of it, if none went in."""
    before: BothHeats | None
    """Where most had gone out of it before, if the flow went forward first."""
    hot_sigma: float
    """Significance of the heat of the hot side, after every trial factor; by the whole sweep where there is a fit."""
    cold_sigma: float
    basis: Basis
    control: HeatOfControl | None = None
    """That which the heat is not told apart from."""

    @property
    def sigma(self) -> float:
        """Of the less significant of both."""
        return min(self.hot_sigma, self.cold_sigma)


@dataclass(frozen=True, kw_only=True)
class HeatBetweenGaps(HeatFlowed):
    """The same between unequal gaps, where an exchange of excitations takes or gives work."""

    work: ValueAt
    """Energy that both gained together."""
    excited: Measured
    """Excited population of the hot side minus that of the cold one at the reference."""


@dataclass(frozen=True, kw_only=True)
class NoExchange:
    """Energies changed in a way that no exchange between the two sides changes them."""

    hot: str | None
    """None: neither is known to be hotter."""
    first: str
    second: str
    qubits: bool
    """Whether the sides are single qubits."""
    here: BothHeats
    """The first side in the place of the hot one."""
    balance: ValueAt | None
    """What both gained together: energy; of unequal gaps excitations."""
    number: ValueAt | None
    """Change of p01 + p10, where that is what an exchange would have kept."""
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class NoDirection:
    """There is no hot side: the heat that correlations moved all the same."""

    direction: Direction
    known: bool
    """Whether any heat was measured."""
    side: str
    most: ValueAt | None
    """Most heat into that side; None: no more than 3 sigma."""


@dataclass(frozen=True, kw_only=True)
class NothingToCompare:
    """Only the reference was measured, or no point at which the goal means anything."""

    quantity: str
    """Of a goal; empty for heat."""
    axis: str
    why: str = ""
    """Why the goal means nothing at any point; empty: only the reference was measured."""


@dataclass(frozen=True, kw_only=True)
class GoalJudged:
    """A quantity beside the limit that a protocol sets out to pass."""

    said: str
    """What the protocol says of it; empty: beyond the limit, but not told apart from a control."""
    quantity: str
    best: Quantity
    limit: float
    sigma: float
    """By which it is beyond."""
    basis: Basis
    below: bool = False
    """Whether beyond is below."""
    controls: tuple[GoalOfControl, ...] = ()
    """Those that are beyond the limit as well: what is claimed is what exceeds them."""


@dataclass(frozen=True, kw_only=True)
class MeasuredOnly:
    """Quantities were measured of which nothing is asked."""

    observables: tuple[str, ...]


Claim: TypeAlias = HeatFlowed | NoExchange | NoDirection | NothingToCompare | GoalJudged | MachineJudged | MeasuredOnly

Finding: TypeAlias = found.Finding | BondAtGoal | Preference | OfMachine | OverCopies
