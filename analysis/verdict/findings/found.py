"""What stands beside a verdict, as numbers: one small type for each thing that can be found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from analysis.verdict.findings.fluctuations import Disturbance, FluctuationTheorem, Negativity, Uncertainty


@dataclass(frozen=True, kw_only=True)
class ValueAt:
    """A value, such as heat, at a place of the axis."""

    value: float
    stderr: float
    at: float


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A value at the reference."""

    value: float
    stderr: float


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """An estimate with its 95 % interval, at a place of the axis."""

    observable: str
    subject: str
    value: float
    stderr: float
    low: float
    high: float
    unit: str
    bounds: tuple[float, float]
    """What it can be at all."""
    axis: str
    at: float


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What a significance rests on."""

    kind: str
    """"fit" (of the whole sweep), "point" (the only one), "best point" (with its trial factor)."""
    number: int
    """Times of the fit, or points that were looked at."""
    axis: str
    sweeps: int = 1
    """Sweeps of the run, which are trials too."""


# ---- findings: beside the verdict ----


@dataclass(frozen=True, kw_only=True)
class Direction:
    """Which of two sides is hotter at the reference."""

    kind: ClassVar[str] = "direction"
    hot: str | None
    """None: they cannot be told apart, see `why`."""
    first: str
    """The hot side where there is one, else the one that seems hotter."""
    second: str
    difference: float | None
    """Energy of the first minus that of the second; None: nothing was measured at the reference."""
    stderr: float
    """0: the difference is that of the nominal temperatures."""
    per_qubit: bool
    """Whether the energies are per qubit, as those of sides of several qubits are."""
    axis: str
    why: Literal["", "not measured", "errors", "contradicts", "preparation", "unseen energy", "inverted"] = ""
    """What leaves open which side is hotter; empty where nothing does."""
    declared: float | None = None
    """The difference that preparation aimed at."""
    unseen: float | None = None
    """Energy that both sides gained together, where that is more than the difference."""


@dataclass(frozen=True, kw_only=True)
class DirectionByTemperature(Direction):
    """The same of unequal gaps: `difference` is the population of one beyond that at the temperature of the other."""

    betas: tuple[Measured, Measured]
    """Of the first and of the second."""
    excited: Measured
    """Excited population of the first minus that of the second."""


@dataclass(frozen=True, kw_only=True)
class Turning:
    """When the flow turned."""

    kind: ClassVar[str] = "turning"
    turned: float | None
    """None: not within the sweep."""
    zero_again: float | None
    """When the net heat was zero again; None: not within the sweep."""
    becomes_positive: bool
    """Whether the net heat was negative until then."""
    axis: str


@dataclass(frozen=True, kw_only=True)
class HeatOfControl:
    """Heat into the hot side in a control arm."""

    kind: ClassVar[str] = "control"
    arm: str
    side: str
    here: ValueAt
    """Where the verdict was read off, or nearest to it."""
    lowest: ValueAt | None
    """Its lowest, where that is elsewhere."""
    axis: str


@dataclass(frozen=True, kw_only=True)
class NoControl:
    """No control arm was run."""

    kind: ClassVar[str] = "no control"
    of: Literal["heat", "goal", "machine"]


@dataclass(frozen=True, kw_only=True)
class HeatByCycle:
    """Heat out of a bath in every cycle."""

    kind: ClassVar[str] = "heat by cycle"
    bath: str
    heats: tuple[ValueAt, ...]
    controls: tuple[RangeOfControl, ...]

    @property
    def one_sign(self) -> bool:
        """Whether it goes one way in all cycles."""
        return len({heat.value > 0 for heat in self.heats}) == 1

    @property
    def least_sigma(self) -> float:
        """Significance of the least significant cycle."""
        return min(abs(heat.value) / heat.stderr for heat in self.heats)


@dataclass(frozen=True, kw_only=True)
class RangeOfControl:
    """The lowest and the highest heat of a control arm."""

    arm: str
    lowest: ValueAt
    highest: ValueAt


@dataclass(frozen=True, kw_only=True)
class FitQuality:
    """How well one oscillation goes through an energy along the sweep."""

    kind: ClassVar[str] = "fit"
    subject: str
    fitted_freely: bool
    """Whether frequency and damping were fitted in the fit to go by."""
    chi_square: float
    degrees: int
    p: float
    frequency: tuple[float, float] | None
    """With its standard error, fitted freely; None where the points do not determine it."""
    damping: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class InvertedLabels:
    """Both qubits are more excited than not at the reference, which no temperature above 0 does."""

    kind: ClassVar[str] = "inverted"
    drive: bool
    """Whether the motion of the energies was seen, and does not contradict tomography."""


@dataclass(frozen=True, kw_only=True)
class CoherenceRatio:
    """Coherence from tomography over that which the motion of the energies demands."""

    kind: ClassVar[str] = "coherence ratio"
    ratio: float
    stderr: float
    judged: Literal["agrees", "differs", "wrong sign"]
    inverted: bool
    """Whether both qubits start more excited than not."""


@dataclass(frozen=True, kw_only=True)
class EnergyBalance:
    """Heat into both sides together, which is zero where nothing else takes energy up."""

    kind: ClassVar[str] = "energy balance"
    sides: tuple[str, str]
    mean: float
    """Of all points, without an error."""
    worst: ValueAt
    """The most significant one."""
    points: int
    axis: str


@dataclass(frozen=True, kw_only=True)
class ExcitationBalance:
    """What both gained together, of unequal gaps: excitations, which an exchange keeps, and energy, then work."""

    kind: ClassVar[str] = "excitation balance"
    sides: tuple[str, str]
    excitations: ValueAt
    """Change of both excited populations together, where it is most significant."""
    work: ValueAt
    """Energy that both gained together, likewise."""
    points: int
    axis: str


@dataclass(frozen=True, kw_only=True)
class Information:
    """Mutual information at the reference and at its lowest."""

    kind: ClassVar[str] = "mutual information"
    start: Quantity
    lowest: Quantity | None
    """None: it is lowest at the reference."""


@dataclass(frozen=True, kw_only=True)
class Entanglement:
    """Whether entanglement was seen at the most significant point."""

    kind: ClassVar[str] = "entanglement"
    seen: bool
    sigma: float
    basis: Basis
    best: Quantity
    limit: Quantity
    """Of greatest upper end."""


@dataclass(frozen=True, kw_only=True)
class GoalAtReference:
    """The quantity of a goal at the reference."""

    kind: ClassVar[str] = "goal at the reference"
    found: Quantity


@dataclass(frozen=True, kw_only=True)
class GoalOfControl:
    """The same quantity in a control arm, at the point of the verdict."""

    kind: ClassVar[str] = "control"
    arm: str
    found: Quantity
    beyond_limit: bool
    excess: float
    """By how much the main arm is further beyond the limit."""
    stderr: float
    sigma: float
    below: bool = False
    """Whether beyond is below."""


@dataclass(frozen=True, kw_only=True)
class GoalBeside:
    """A quantity that must not be below 0 whatever the goal, at the point of the verdict."""

    kind: ClassVar[str] = "second condition"
    found: Quantity


@dataclass(frozen=True, kw_only=True)
class GoalBalance:
    """A sum of energies that no error leaves 0, at the point of the verdict."""

    kind: ClassVar[str] = "energy balance of all parts"
    found: Quantity


Finding: TypeAlias = (
    Direction
    | Turning
    | HeatOfControl
    | NoControl
    | HeatByCycle
    | FitQuality
    | InvertedLabels
    | CoherenceRatio
    | EnergyBalance
    | ExcitationBalance
    | Information
    | Entanglement
    | GoalAtReference
    | GoalOfControl
    | GoalBeside
    | GoalBalance
    | Negativity
    | Disturbance
    | FluctuationTheorem
    | Uncertainty
)
