"""What several copies on one chip do to each other, as numbers: one small type for each check of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

CROSSTALK_ALARM = 5e-3
"""Chance that one of these checks raises a concern though copies do not talk: of all of them together, at most 3 %."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One value beside another one that it ought to equal, or beside zero."""

    label: str
    value: float
    stderr: float
    p: float
    """After the trial factor of all values of its kind."""


@dataclass(frozen=True, kw_only=True)
class AloneOrTogether:
    """Energies of copies that ran with all others idle, less those of the same copies with all others running."""

    kind: ClassVar[str] = "alone or together"
    p: float
    """Of the least probable copy, after the trial factor of all."""
    copies: tuple[int, ...]
    """Those that ran alone."""
    apart: tuple[int, ...]
    """Those of them that differ, by Holm's correction."""
    worst: int
    """The least probable copy."""
    chi_square: float
    """Of its energies at every point."""
    dof: int
    heat: Difference | None
    """Of the heat at the point where most flows; None: nothing that was measured has a reference."""
    energy: Difference
    """The most significant single energy of that copy."""


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Covariances within a shot of some pairs of bits."""

    number: int
    chi_square: float
    spread: float
    """Variance of the chi-square: twice the number, but where bits are rare."""
    p: float
    """That they are this large together."""

    @property
    def dof(self) -> float:
        """Degrees of freedom of the law with that variance."""
        return 2 * self.number**2 / self.spread

    @property
    def ratio(self) -> float:
        """Of the mean square over what independent bits have."""
        return self.chi_square / self.number


@dataclass(frozen=True, kw_only=True)
class Independence:
    """Bits of neighbouring copies within a shot, and of distant ones."""

    kind: ClassVar[str] = "independence within a shot"
    p: float
    """Of the smallest of all p-values, after their trial factor."""
    shots: int
    calibration: bool
    """Whether the least probable is of calibration rows, where nothing but the readout joins copies."""
    neighbours: Pairs | None
    """None: bits come up together too rarely for more than single pairs to be tested."""
    distant: Pairs | None
    """None: for the same reason, or because all copies are neighbours."""
    nearer: float | None
    """That neighbours are no more correlated than distant copies; None without both."""
    worst: Difference
    """The correlation of the most significant pair of bits of neighbouring copies."""


@dataclass(frozen=True, kw_only=True)
class ReadBesideOthers:
    """P(read 1 | own bit) where a bit of a neighbouring copy is 1, less that where it is 0."""

    kind: ClassVar[str] = "readout beside other bits"
    p: float
    """Of the least probable, by Holm's correction."""
    values: int
    worst: Difference
    rounds: bool
    """Whether the calibration before the measurement had to be compared with that after it, so that drift is in it."""


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """How evenly the copies share the circuits."""

    kind: ClassVar[str] = "rotation of the arms"
    share: float
    """Largest deviation of a copy's share of its shots on one arm from that of all copies."""
    arm: str
    copy: int
    apart: float
    """Between the mean scores of the copies that ran the arms, weighted by shots."""


@dataclass(frozen=True, kw_only=True)
class WaitingCopies:
    """Survival of |1...1> against the time that a copy waits for the others before it is read."""

    kind: ClassVar[str] = "waiting copies"
    p: float
    """That it does not fall with the wait; one-sided."""
    slope: float
    """Of the logarithm of the survival [1/us]."""
    stderr: float
    longest: float
    """Longest wait [us]."""
    least: float
    """Survival of the worst copy, of what readout leaves of it."""
    most: float


@dataclass(frozen=True, kw_only=True)
class OutlyingCopy:
    """The copy that is furthest from all others."""

    kind: ClassVar[str] = "outlying copy"
    p: float
    """Of its studentised residual, after Holm's correction."""
    copy: int
    copies: int
    label: str
    """What was compared."""
    unit: str
    """Of it."""
    value: float
    stderr: float
    others: float
    """Pooled value of all others, with its error."""
    others_stderr: float
    residual: float
    """Student's t of it, with copies - 2 degrees of freedom."""
    Q: float
    Q_without: float
    out: tuple[int, ...]
    """All copies that Holm's correction leaves out."""


CrosstalkFinding = AloneOrTogether | Independence | ReadBesideOthers | Rotation | WaitingCopies | OutlyingCopy
