r"""Which of two qubits of unequal gaps is hotter: the one of smaller beta, which may be the less excited one.

Neither energies nor populations can be compared there. What can is the population p of one qubit with the one that it
would have at the temperature of the other, p' = 1/(1 + exp(beta gap)): they differ by nothing where both are equally
hot, and for equal gaps p' is the population of the other. Errors are propagated to first order with the covariance of
both populations; of the two comparisons that there are the less significant one counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.verdict import findings as f
from analysis.verdict.question import SweepTable
from analysis.verdict.rule import DIRECTION_SIGMA, Valued

LARGEST = 500.0
"""Of beta gap, so that its exponential is a number."""


@dataclass(frozen=True, kw_only=True)
class Thermometer:
    """A qubit at the reference."""

    gap: float
    odds: float
    """ln((1-p)/p), which is beta times the gap; where no excitation was seen, that of half of one."""
    error: float
    """Standard error of the population."""

    @property
    def excited(self) -> float:
        """The population p of the excited state."""
        return 1 / (1 + math.exp(self.odds))

    @property
    def width(self) -> float:
        """p (1 - p), by which errors of p become those of the odds."""
        return self.excited * (1 - self.excited)

    @property
    def beta(self) -> f.Measured:
        """Inverse temperature, in one over the unit of the gap."""
        return f.Measured(value=self.odds / self.gap, stderr=self.error / self.width / self.gap)


def thermometer(sweep: SweepTable, side: str) -> Thermometer | None:
    """A qubit at the reference; None where it was not measured there.

    Args:
        sweep: What was measured.
        side: The qubit.
    """
    energy, beta = (sweep.at_start(name, side) for name in ("energy", "effective_beta"))
    if energy.empty or beta.empty:
        return None
    gap = sweep.gap_of(side)
    odds = max(-LARGEST, min(float(beta["value"].iloc[0]) * gap, LARGEST))
    return Thermometer(gap=gap, odds=odds, error=float(energy["stderr"].iloc[0]) / gap)


def direction_by_temperature(sweep: SweepTable, sides: Sequence[str]) -> f.Direction:
    """The qubit of smaller beta at the reference.

    Args:
        sweep: What was measured, of unequal gaps.
        sides: The two qubits.
    """
    a, b = (thermometer(sweep, side) for side in sides)
    apart = excited_apart(sweep, *sides)
    if a is None or b is None or apart is None:
        first, second = sides
        nothing = {"difference": None, "stderr": 0.0, "per_qubit": False, "axis": sweep.axis}
        return f.Direction(hot=None, first=first, second=second, **nothing, why="not measured")
    excess, (first, second) = excess_of(a, b, _covariance(a, b, float(apart.stderr))), sides
    if excess.value < 0:
        (first, second), (a, b), apart = (second, first), (b, a), replace(apart, value=-apart.value)
    size, stderr = abs(float(excess.value)), float(excess.stderr)
    inverted = sweep.inverted(sides)
    sure = Valued(value=size, stderr=stderr, degrees=sweep.degrees).sigmas > DIRECTION_SIGMA
    known = bool(sure) and not inverted
    return f.DirectionByTemperature(
        hot=first if known else None,
        first=first,
        second=second,
        difference=size,
        stderr=stderr,
        per_qubit=False,
        axis=sweep.axis,
        why="" if known else "inverted" if inverted else "errors",
        betas=(a.beta, b.beta),
        excited=f.Measured(value=float(apart.value), stderr=float(apart.stderr)),
    )


def excited_apart(sweep: SweepTable, hot: str, cold: str) -> Valued | None:
    """Excited population of the hot qubit minus that of the cold one at the reference; None where gaps are equal.

    Args:
        sweep: What was measured.
        hot: The qubit that counts as hot.
        cold: The other one.
    """
    if sweep.gaps is None:
        return None
    for pair, sign in (((hot, cold), 1), ((cold, hot), -1)):
        rows = sweep.at_start("excitation_difference", "".join(pair))
        if len(rows):
            return sweep.valued(rows.iloc[0], sign)
    return None


def _covariance(a: Thermometer, b: Thermometer, error_of_difference: float) -> float:
    """Of both populations."""
    return (a.error**2 + b.error**2 - error_of_difference**2) / 2


def excess_of(a: Thermometer, b: Thermometer, covariance: float) -> Valued:
    """What `a` has of excited population beyond that of equal temperatures; negative where it is the colder one.

    Args:
        a: A qubit.
        b: The other one.
        covariance: Of both populations.

    Returns:
        The less significant of the two comparisons that there are: `a` at the temperature of `b`, and `b` at that of
        `a` with its sign turned. Of qubits that are equally hot either alone exceeds 3 sigma up to three times too
        often where its gap is the larger one and excitations are few; both together never do more than they should.

    Examples:
        >>> alike = [Thermometer(gap=gap, odds=0.5 * gap, error=0.01) for gap in (1.0, 0.75)]
        >>> round(float(excess_of(*alike, 0.0).value), 9) + 0.0
        0.0
    """
    there = _excess(b, a, covariance)
    return min(
        (_excess(a, b, covariance), Valued(value=-there.value, stderr=there.stderr)), key=lambda one: abs(one.sigmas)
    )


def _excess(one: Thermometer, other: Thermometer, covariance: float) -> Valued:
    """What a qubit has of excited population beyond that which it would have at the temperature of the other."""
    ratio = one.gap / other.gap
    alike = Thermometer(gap=one.gap, odds=max(-LARGEST, min(other.odds * ratio, LARGEST)), error=0.0)
    slope = ratio * alike.width / other.width
    variance = one.error**2 + slope**2 * other.error**2 - 2 * slope * covariance
    least = (one.error - slope * other.error) ** 2  # rounding may take it below what any covariance leaves
    return Valued(value=one.excited - alike.excited, stderr=math.sqrt(max(variance, least)))
