"""What checks find, as numbers: what is asked, why it could not be, and one small type for each kind of test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, TypeAlias

from analysis.verdict.findings import CrosstalkFinding, FitQuality, ValueAt

FAR = 0.25
"""Of the swing of an ideal energy: deviations that decoherence, gates and readout of a device do not make."""


class Question(StrEnum):
    """What is asked of a run, as it is called in the report."""

    MEMBERS = "members are states"
    SETTINGS = "settings agree"
    AS_ASKED = "members as asked"
    ONE_OSCILLATION = "sweep is one oscillation"
    SCATTER = "scatter of the counts"
    CALIBRATION = "readout calibration"
    BALANCE = "energy balance"
    FIRST_LAW = "first law of the cycle"
    PARTS = "energy balance of all parts"
    NUMBER = "excitation number"
    LEAKAGE = "leakage"
    CONSERVATION = "number conservation"
    X_FORM = "X form"
    COHERENCE = "locally thermal: coherence"
    TEMPERATURES = "locally thermal: temperatures"
    START = "start as prepared"
    IDEAL = "energies and the ideal"
    NOISE_MODEL = "energies and the noise model"
    SLOPES = "currents and the slope of the energies"
    GAUSSIAN = "Gaussian state"
    SECOND_LAW = "Clausius slack"
    PASSES = "drift between passes"
    READOUT = "drift of the readout"
    ALONE = "copies alone and together"
    INDEPENDENCE = "copies within a shot"
    BESIDE = "readout beside other copies"
    ROTATION = "arms rotated over copies"
    WAITING = "copies that finish early"
    OUTLIER = "one copy unlike the others"


class Missing(StrEnum):
    """Why a question could not be put."""

    STATE = "state"
    LARGE = "large"
    REPEATED_MOMENTS = "repeated moments"
    HEAT = "heat"
    ZZ = "ZZ"
    LOCAL = "local"
    LOCAL_AT_REFERENCE = "local at reference"
    COHERENCE = "coherence"
    X_FORM = "X form"
    REFERENCE = "reference"
    ENERGIES = "energies"
    ENTROPY = "entropy"
    COMMON_CIRCUIT = "common circuit"
    MOTION = "motion"
    ALONE = "alone"
    ONE_BY_ONE = "one by one"
    COINCIDENCES = "coincidences"
    BOTH_PATTERNS = "both patterns"
    MISREADS = "misreads"
    ARMS = "arms"
    WAITS = "waits"
    ALL_EXCITED = "all excited"
    FEW_COPIES = "few copies"


@dataclass(frozen=True, kw_only=True)
class Temperature:
    """Of one qubit at the reference, measured [gap/k_B]."""

    subject: str
    value: float
    low: float
    high: float
    nominal: float


@dataclass(frozen=True, kw_only=True)
class NotTested:
    """The run cannot tell."""

    kind: ClassVar[str] = "not tested"
    why: Missing
    temperatures: tuple[Temperature, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Worst:
    """The most significant single value."""

    label: str
    value: float
    stderr: float
    where: str = ""
    """Values of the swept parameters."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a sentence names beside the numbers of a quantity that ought to vanish."""

    sides: tuple[str, ...] = ()
    closed: bool = False
    """Whether heat flows between the two qubits of the system and nowhere else."""
    words: tuple[str, ...] = ()
    """Pauli words that were measured, where some were not."""
    noisy: bool = False
    """Whether the device is."""
    own: bool = False
    """Whether the circuits were this run's own, so that parameters and labels are what they are declared to be."""
    modelled: bool = False
    """Whether the noise model of the device says what was measured."""
    declared: bool = False
    """Whether what was asked for does not vanish either."""
    temperatures: tuple[Temperature, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Vanishing:
    """Values that ought to be zero."""

    kind: ClassVar[str] = "chi-square"
    chi_square: float
    dof: int
    p: float
    calibrated: bool
    """Whether counts enough make up the variances for a chi-square law."""
    worst: Worst
    context: Context = field(default_factory=Context)
    relative: float | None = None
    """Of values beside expected ones: the largest deviation of more than 3 standard errors, as a fraction of how far
    the expected value itself moves over the sweep, or of a gap where it hardly moves; 0 where there is none."""
    still: bool = False
    """Whether that is a fraction of a gap."""

    @property
    def far(self) -> bool:
        """Whether that is more than what the noise of a device makes of the parameters that were asked for."""
        return self.relative is not None and self.relative > FAR


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A fraction of a qubit that reads 1 in every basis."""

    subject: str
    value: float
    """Not negative."""
    stderr: float
    limit: float
    """It is less than this at 95 %."""
    where: str = ""
    """Values of the swept parameters; empty for the mean of all points."""


@dataclass(frozen=True, kw_only=True)
class Leakage:
    """What leaked of each qubit, tested one-sided: the mean of all points, and the point where most did."""

    kind: ClassVar[str] = "leakage"
    p: float
    """After the trial factor of both tests and both qubits."""
    calibrated: bool
    of_mean: tuple[Leak, ...]
    most: Leak | None
    """The most significant of single points; None: there is one point only."""

    @property
    def worst(self) -> Leak:
        """The most significant of all."""
        return max((*self.of_mean, *([self.most] if self.most else [])), key=lambda leak: leak.value / leak.stderr)


@dataclass(frozen=True, kw_only=True)
class WorstPart:
    """The part of the data that is worst described by any state."""

    member: int | None
    """None: of expectation values, which have no members."""
    where: str
    control: str
    statistic: float
    expected: float
    setting: str


@dataclass(frozen=True, kw_only=True)
class MembersTested:
    """Deviance of every member at every point from its own best state."""

    kind: ClassVar[str] = "deviance"
    statistic: float
    expected: float
    ratio: float
    p: float
    draws: int
    parts: int
    left_out: int
    worst: WorstPart
    exchanged: float | None = None
    """The statistic with the calibrations of the two qubits exchanged, where that is far less."""


@dataclass(frozen=True, kw_only=True)
class Apart:
    """Angles of an exchange (Omega t) by which settings read the pair at other places of its motion."""

    chi_square: float
    """Of one angle for each setting."""
    dof: int
    chi_square_each: float
    """Of one angle for each setting at each point."""
    dof_each: int
    p_run: float
    p_each: float
    setting: str
    angle: float
    """Of that setting, from the mean of all [rad]."""
    stderr: float

    @property
    def least(self) -> float:
        """The smaller of both p-values."""
        return min(self.p_run, self.p_each)


@dataclass(frozen=True, kw_only=True)
class SettingsCompared:
    """Differences of moments that several settings read, summed over the run, and along the motion of an exchange."""

    kind: ClassVar[str] = "contradictions"
    chi_square: float
    dof: int
    p: float
    """Of the smallest of all p-values, after their trial factor."""
    p_summed: float
    """Of the chi-square over the whole run."""
    calibrated: bool
    worst: Worst
    apart: Apart | None = None
    """None: nothing that several settings read moves."""


@dataclass(frozen=True, kw_only=True)
class Scatter:
    """Everything that settings contradict each other in and that an exchange leaves zero, against shot noise."""

    kind: ClassVar[str] = "scatter"
    chi_square: float
    dof: int
    p: float
    settings: tuple[float, int]
    """Chi-square and degrees of freedom of the first."""
    zero: tuple[float, int]
    """And of the second."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Readout errors that the data show, beside the calibrated ones."""

    kind: ClassVar[str] = "readout calibration"
    scale: float
    """Of those of the data over the calibrated ones."""
    stderr: float
    p_scale: float
    """That they are not larger; one-sided."""
    as_labelled: float | None
    """Chi-square of the declared states with the calibration as it is; None: they are not what the device prepares."""
    exchanged: float | None
    """With those of the two qubits exchanged."""
    dof: int
    swapped: bool
    """Whether that is far better."""
    qubits: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MembersAsAsked:
    """Members beside the states asked for."""

    kind: ClassVar[str] = "sum of squares"
    statistic: float
    expected: float
    p: float
    noisy: bool
    fidelity: Mapping[int, float]
    """Member -> mean fidelity of its fitted states."""


@dataclass(frozen=True, kw_only=True)
class OneOscillation:
    """The worst fit of the energies of all sweeps."""

    kind: ClassVar[str] = "fits"
    p: float
    """After the trial factor of all fits."""
    fits: int
    where: Mapping[str, float]
    worst: FitQuality


@dataclass(frozen=True, kw_only=True)
class SecondLaw:
    """The most negative Clausius slack, in sigma, and the greatest fall of the pair's entropy [nat]."""

    kind: ClassVar[str] = "second law"
    slack: ValueAt
    entropy: ValueAt
    falls: bool
    """Whether the entropy falls beyond its errors, so that the slack may be negative."""
    axis: str


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Difference of a mean between two groups of circuits."""

    label: str
    later: str
    earlier: str
    value: float
    stderr: float
    energy: bool
    """Whether it is an energy [gap], before readout correction; else a probability."""


@dataclass(frozen=True, kw_only=True)
class Drift:
    """Two tests of whether circuits gave the same each time: all outcomes pooled, and means that circuits share."""

    kind: ClassVar[str] = "drift"
    groups: int
    statistic: float
    expected: float
    p_pooled: float
    chi_square: float
    dof: int
    """0: every circuit gave one outcome only, each time."""
    p_means: float
    indicative: bool
    worst: Shift | None
    worst_energy: Shift | None = None
    """Where something drifted."""
    moved: float | None = None
    """How far apart energies of different points were moved by it, at most [gap]."""

    @property
    def p(self) -> float:
        """Of the smaller of both p-values, after their trial factor."""
        return min(1.0, 2 * min(self.p_pooled, self.p_means))


CheckFinding: TypeAlias = (
    NotTested
    | Vanishing
    | Leakage
    | MembersTested
    | SettingsCompared
    | Scatter
    | Calibration
    | MembersAsAsked
    | OneOscillation
    | SecondLaw
    | Drift
    | CrosstalkFinding
)
