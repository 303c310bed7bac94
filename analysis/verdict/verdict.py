"""The answer of a run, a sweep at a time: its kind, its numbers, and what they rest on. Sentences are made of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analysis.verdict import findings as f
from analysis.verdict.numbers import numbers_of
from analysis.verdict.wording.headline import headline_of, over_sweeps
from analysis.verdict.wording.verdict import sentence
from protocols.units import GAP


class Kind(StrEnum):
    """What a verdict comes to."""

    REVERSED = "reversed"
    FORWARD_THEN_REVERSED = "forward first, then reversed"
    PUMPED = "pumped"
    NOT_REVERSED = "not reversed"
    NO_FLOW = "no flow seen"
    BOTH_GAINED = "both gained"
    BOTH_LOST = "both lost"
    ONE_SIDE = "not resolved"
    NOT_BALANCED = "not balanced"
    NO_DIRECTION = "no direction"
    GOAL_REACHED = "goal reached"
    GOAL_MISSED = "goal missed"
    ENGINE = "engine"
    REFRIGERATOR = "refrigerator"
    ACCELERATOR = "accelerator"
    HEATER = "heater"
    NO_REGIME = "no regime"
    UNDECIDED = "undecided"
    NOTHING_TO_COMPARE = "nothing to compare"
    MEASURED = "measured"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one sweep along the axis shows."""

    where: str
    """Values of the other swept parameters, empty if there are none."""
    kind: Kind
    claim: f.Claim
    """The verdict in numbers."""
    findings: tuple[f.Finding, ...]
    """What stands beside it."""
    hot: str | None = None
    """The hotter side at the reference; None if that is left open, or there are no sides."""
    heat: float | None = None
    """Net heat into the hot side at its best time; at its worst where it only lost [gap]."""
    stderr: float | None = None
    """Of the heat, or of the value."""
    at: float | None = None
    """Where on the axis."""
    sigma: float | None = None
    """One significance for the run: that of the less significant of both heats, after every trial factor."""
    basis: str = ""
    """"fit" (of the whole sweep), "point" (the only one), "best point" (with its trial factor)."""
    trials: int = 0
    """Points that were looked at, where no fit was possible."""
    turned: float | None = None
    """When the flow turned."""
    zero_again: float | None = None
    """When the net heat was zero again."""
    quantity: str = ""
    """What is judged where it is not heat, with its subject."""
    value: float | None = None
    limit: float | None = None
    unit: str = GAP
    """Of heat: the gap, or another one where gaps are unequal."""
    degrees: float = math.inf
    """Of freedom of all errors, where they are Student's t; all significances are those of a normal law."""
    over: f.OverCopies | None = None
    """The mean over copies that all of this is said of; None: there is one copy."""

    @property
    def reversed(self) -> bool | None:
        """Whether heat went from the cold side into the hot one; None without a direction."""
        if isinstance(self.claim, (f.HeatFlowed, f.NoExchange)) and self.hot is not None:
            return self.kind in (Kind.REVERSED, Kind.FORWARD_THEN_REVERSED)
        return None

    @property
    def reached(self) -> bool | None:
        """Whether a quantity passed the limit that the protocol sets out to pass; None where heat is what is judged."""
        return self.kind is Kind.GOAL_REACHED if isinstance(self.claim, f.GoalJudged) else None

    @property
    def regime(self) -> str | None:
        """What a machine is: "engine", ..., or "none" where nothing is named; None where no machine is judged."""
        if not isinstance(self.claim, f.MachineJudged):
            return None
        return "none" if self.claim.why else self.claim.regime

    @property
    def headline(self) -> str:
        """One sentence."""
        text = headline_of(self.claim, self.kind, self.unit, self.degrees)
        text = f"{self.over.words}: {text}" if self.over else text
        return f"{self.where}: {text}" if self.where and self.kind is not Kind.MEASURED else text

    @property
    def details(self) -> tuple[str, ...]:
        """The rest, one sentence each."""
        return tuple(sentence(one, self.unit, self.degrees) for one in self.findings)

    def as_dict(self) -> dict[str, object]:
        """For verdict.json and --json: sentences, and the numbers that they are made of, the verdict's own first."""
        before = ("where", "hot", "reversed", "headline", "details")
        after = ("heat", "stderr", "at", "sigma", "basis", "trials", "turned", "zero_again")
        goal = ("reached", "quantity", "value", "limit")
        words: dict[str, object] = {name: getattr(self, name) for name in (*before, *after, *goal)}
        numbers = [numbers_of(self.claim, self.kind), *(numbers_of(found, found.kind) for found in self.findings)]
        other = {} if self.unit == GAP else {"unit": self.unit}
        other |= {} if self.regime is None else {"regime": self.regime}
        if self.over is not None:
            other |= {"copies": numbers_of(self.over, self.over.kind)}
        return {**words, **other, "kind": self.kind.value, "findings": numbers}


def headline(found: Sequence[Verdict]) -> str:
    """One sentence over several sweeps; none is singled out, so there is nothing to correct for."""
    if len(found) == 1:
        return found[0].headline
    over = found[0].over
    told = _over_all(found)
    return f"{over.words}: {told}" if over else told


def _over_all(found: Sequence[Verdict]) -> str:
    goals = [bool(v.reached) for v in found if v.quantity]
    if goals:
        return over_sweeps(len(found), {"above the limit": sum(goals), "not": len(goals) - sum(goals)})
    counted = Counter(_over_sweeps(kind) for kind in Kind for v in found if v.kind is kind)
    return over_sweeps(len(found), counted)


def _over_sweeps(kind: Kind) -> str:
    """What several sweeps of one kind are called together."""
    named = {Kind.FORWARD_THEN_REVERSED: Kind.REVERSED.value, Kind.NO_DIRECTION: "without a direction"}
    return named.get(kind, kind.value)
