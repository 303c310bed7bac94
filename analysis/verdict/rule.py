r"""When heat is said to have flowed from one side into the other: the one rule, for a run and for the plan of one.

A claim that heat went from a cold side into a hot one rests on five things, each with its own error:

1. the hot side is hotter at the reference, beyond the errors, beyond what preparation missed the declared difference
   by, and beyond the energy that both sides gained from elsewhere;
2. the hot side gained heat, by itself and, where a place was picked out, in the whole sweep;
3. the cold side lost heat, likewise;
4. what one gained the other lost, to a third of what went over, and the number of excitations that sit on one of the
   two alone stayed what it was, likewise: an exchange keeps both (Holdsworth and Kawai, PRA 106, 062604, section II).
   If unseen energy enters both sides, at least the smaller of both heats still went over;
5. every control gained no heat, or significantly less.

Between unequal gaps all of this is said of excitations, energies over gaps: an exchange keeps these, while the energy
changes by the work that is done. Hotter is by temperature there, and a sixth thing has to hold: the hot side is the
more excited one as well. Of n excitations that go over, beta_hot Q_hot + beta_cold Q_cold is n (x_hot - x_cold) with
x = beta gap = ln((1-p)/p), and whatever work is done on two uncorrelated thermal qubits, it is not negative
(`protocols.pair.clausius`). So work can take excitations from the more excited side into a hotter, less excited one,
as a refrigerator does, and never the other way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.statistics import global_sigma, student_sigma
from protocols import Array

DIRECTION_SIGMA = 3.0
"""Significance below which one side does not count as hotter, a flow not as seen, a limit not as passed."""
SIZEABLE = 1 / 3
"""Of what went over: imbalance above it is no exchange (chosen here: gates of today's chips leave a tenth or less)."""

Number = float | Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Valued:
    """A value with its standard error; numbers, or arrays of repetitions."""

    value: Number
    stderr: Number
    degrees: float = math.inf
    """Of freedom of the error, where it is Student's t."""

    @property
    def sigmas(self) -> Array:
        """Value over error, as that of a normal law; infinite where nothing scatters, 0 where there is nothing."""
        value, stderr = np.asarray(self.value, dtype=float), np.asarray(self.stderr, dtype=float)
        certain = np.where(value == 0, 0.0, np.copysign(np.inf, value))
        ratio = np.divide(
            value, stderr, out=np.broadcast_to(certain, np.broadcast(value, stderr).shape).copy(), where=stderr > 0
        )
        return ratio if math.isinf(self.degrees) else student_sigma(ratio, self.degrees)

    def minus(self, other: Valued) -> Valued:
        """The difference of two that do not share their noise."""
        degrees = min(self.degrees, other.degrees)
        return Valued(value=self.value - other.value, stderr=np.hypot(self.stderr, other.stderr), degrees=degrees)


@dataclass(frozen=True, kw_only=True, eq=False)
class Exchange:
    """What is known of an exchange at one place of the axis, since the reference; heat in units of each side's gap."""

    difference: Valued
    """E_hot - E_cold at the reference; of unequal gaps the excitations of the hot side beyond those that it would have
    at the temperature of the cold one."""
    hot: Valued
    """Heat into the hot side."""
    cold: Valued
    """Heat into the cold side."""
    balance: Valued | None = None
    """Of both together."""
    declared: Number = np.nan
    """E_hot - E_cold that preparation aimed at; NaN where nothing was declared."""
    number: Valued | None = None
    """Change of p01 + p10; None where it was not measured."""
    controls: Sequence[Valued] = field(default_factory=tuple)
    """Heat into the hot side in every control arm."""
    trials: int = 1
    """Places that this one was picked from."""
    hot_in_sweep: Number | None = None
    """Significance of heat into the hot side anywhere in the sweep, where a fit gives one."""
    cold_in_sweep: Number | None = None
    """The same of heat out of the cold side."""
    excited: Valued | None = None
    """Excited population of the hot side minus that of the cold one at the reference; None where gaps are equal."""


def hotter(seen: Exchange, sigma: float = DIRECTION_SIGMA) -> Array:
    """Whether the hot side was hotter at the reference beyond its errors, as declared, and beyond unseen energy.

    Args:
        seen: At one place.
        sigma: Significance asked for.
    """
    return (seen.difference.sigmas > sigma) & as_declared(seen) & beyond_unseen_energy(seen)


def as_declared(seen: Exchange) -> Array:
    """Whether the difference at the reference is larger than what it misses the declared one by.

    Examples:
        >>> nothing = Valued(value=0.0, stderr=0.0)
        >>> [bool(as_declared(Exchange(difference=Valued(value=0.1, stderr=0.01), declared=aim, hot=nothing,
        ...     cold=nothing))) for aim in (0.11, 0.0, -0.11, np.nan)]
        [True, False, False, True]
    """
    found, aim = np.asarray(seen.difference.value), np.asarray(seen.declared)
    return np.isnan(aim) | (np.abs(found - aim) < np.abs(found))


def beyond_unseen_energy(seen: Exchange) -> Array:
    """Whether the difference at the reference is larger than the energy that both sides gained or lost together."""
    return _beyond_unseen(seen.difference, seen.balance)


def _beyond_unseen(difference: Valued, balance: Valued | None) -> Array:
    if balance is None:
        return np.asarray(True)
    unseen = np.abs(balance.sigmas) > DIRECTION_SIGMA
    return ~unseen | (np.asarray(difference.value) > np.abs(balance.value))


def flow_sigma(seen: Exchange, way: int = 1) -> Array:
    """Significance of heat from the cold side into the hot one: that of the less significant of both heats.

    Args:
        seen: At one place.
        way: 1; -1: from the hot side into the cold one.
    """
    return np.minimum(side_sigma(seen, "hot", way), side_sigma(seen, "cold", -way))


def side_sigma(seen: Exchange, side: str, way: int) -> Array:
    """Significance of heat into a side (way 1) or out of it (-1), by its own error and in the whole sweep.

    Args:
        seen: At one place.
        side: "hot" or "cold".
        way: 1 or -1.
    """
    heat: Valued = getattr(seen, side)
    in_sweep: Number | None = getattr(seen, f"{side}_in_sweep")
    own = way * heat.sigmas
    if in_sweep is not None:
        return np.minimum(own, in_sweep)
    return own if seen.trials == 1 else np.vectorize(global_sigma, otypes=[float])(own, seen.trials)


def balanced(seen: Exchange) -> Array:
    """Whether nothing that an exchange keeps has changed by a sizeable part of what went over."""
    went_over = np.abs(np.asarray(seen.hot.value) - np.asarray(seen.cold.value)) / 2
    kept = [one for one in (seen.balance, seen.number) if one is not None]
    broken = np.zeros(np.shape(went_over), dtype=bool)
    for one in kept:
        seen_to_change = np.abs(one.sigmas) > DIRECTION_SIGMA
        broken = broken | (seen_to_change & (np.abs(np.asarray(one.value)) > SIZEABLE * went_over))
    return ~broken


def apart_from_controls(seen: Exchange, sigma: float = DIRECTION_SIGMA) -> Array:
    """Whether every control gained no heat in its hot side, or significantly less.

    Args:
        seen: At one place.
        sigma: Significance asked for.
    """
    apart = np.ones(np.shape(seen.hot.value), dtype=bool)
    for control in seen.controls:
        apart = apart & ((np.asarray(control.value) <= 0) | (seen.hot.minus(control).sigmas > sigma))
    return apart


def beyond_work(seen: Exchange, sigma: float = DIRECTION_SIGMA) -> Array:
    """Whether excitations went from the less excited side into the more excited one, where gaps are unequal.

    Args:
        seen: At one place, where heat went into the hot side.
        sigma: Significance asked for.

    Examples:
        >>> heat = {"hot": Valued(value=0.1, stderr=0.01), "cold": Valued(value=-0.1, stderr=0.01)}
        >>> apart = Valued(value=0.3, stderr=0.01)
        >>> [bool(beyond_work(Exchange(difference=apart, excited=Valued(value=p, stderr=0.01), **heat)))
        ...  for p in (0.1, 0.02, -0.1)]
        [True, False, False]
        >>> bool(beyond_work(Exchange(difference=apart, **heat)))
        True
    """
    if seen.excited is None:
        return np.asarray(True)
    return (seen.excited.sigmas > sigma) & _beyond_unseen(seen.excited, seen.balance)


def reversed_heat(seen: Exchange, sigma: float = DIRECTION_SIGMA) -> Array:
    """Whether heat is said to have gone from the cold side into the hot one.

    Args:
        seen: At one place.
        sigma: Significance asked of direction and heats.

    Examples:
        >>> def pair(Q_cold):
        ...     return Exchange(difference=Valued(value=0.11, stderr=0.01), hot=Valued(value=0.27, stderr=0.01),
        ...         cold=Valued(value=Q_cold, stderr=0.01), balance=Valued(value=0.27 + Q_cold, stderr=0.01))
        >>> [bool(reversed_heat(pair(Q))) for Q in (-0.26, -0.1, 0.25)]
        [True, False, False]
    """
    moved = (flow_sigma(seen) > sigma) & balanced(seen)
    return hotter(seen, sigma) & moved & apart_from_controls(seen, sigma) & beyond_work(seen, sigma)
