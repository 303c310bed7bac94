"""What a machine between two baths did in one cycle, as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from analysis.verdict.findings.found import Quantity, ValueAt


@dataclass(frozen=True, kw_only=True)
class MachineJudged:
    """A cycle beside the regimes that there are."""

    regime: str
    """"engine", "refrigerator", "accelerator" or "heater": that whose signs are carried; empty: none is."""
    why: Literal["", "not run", "signs", "no machine", "equal baths", "not balanced", "second law", "control"]
    """Why it is not named; empty where it is."""
    hot: ValueAt
    """Drawn from the hotter bath."""
    cold: ValueAt
    work: ValueAt
    """Extracted."""
    by_side: tuple[ValueAt, ValueAt]
    """Work by what left the hot side, and by what reached the cold one."""
    sigma: float
    """Of the least certain sign, after the trial factor; of a regime that is not carried, that nearest to it."""
    cycle: int
    told: bool
    """Whether the headline says which cycle it was."""
    sweeps: int
    """Of the run, which are trials."""
    ratio: Quantity | None
    """Efficiency of an engine, coefficient of performance of a refrigerator; None: neither."""
    carnot: float | None
    """Carnot's of the same."""
    hotter: int = 1
    """1: the bath called hot is the hotter one; -1: that called cold is; 0: neither."""


@dataclass(frozen=True, kw_only=True)
class NamesOfBaths:
    """The bath called hot is not the hotter one."""

    kind: ClassVar[str] = "names of the baths"
    parameters: tuple[str, str]
    """Of the bath called hot, of that called cold."""
    temperatures: tuple[float, float]
    """Nominal ones."""


@dataclass(frozen=True, kw_only=True)
class FirstLaw:
    """Q_h + Q_c - W - dE: energy that came out of the baths and is nowhere."""

    kind: ClassVar[str] = "first law"
    residual: ValueAt
    by_side: tuple[ValueAt, ValueAt]


@dataclass(frozen=True, kw_only=True)
class EntropyOfBaths:
    """-Q_h/T_h - Q_c/T_c [nat], and by how much the machine's own energy changed over the cycle."""

    kind: ClassVar[str] = "entropy of the baths"
    production: ValueAt
    change: ValueAt | None
    """None: it was not measured."""


@dataclass(frozen=True, kw_only=True)
class WorkOfControl:
    """Work of a control arm at the same point."""

    kind: ClassVar[str] = "control"
    arm: str
    work: ValueAt
    residual: ValueAt | None
    """Of the first law there: what the device does by itself."""


OfMachine: TypeAlias = NamesOfBaths | FirstLaw | EntropyOfBaths | WorkOfControl
