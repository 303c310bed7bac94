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

Between unequal gaps all of this is said of excitations, energies over gaps, which an exchange keeps there while the
energy changes by the work done; hotter is by temperature. A sixth thing has to hold: beta_hot Q_hot + beta_cold Q_cold
is below zero beyond its errors. It is Delta S_AB + Delta I + S(rho_hot'||rho_hot) + S(rho_cold'||rho_cold) whatever is
done to two thermal qubits (`protocols.pair.clausius`), so that work alone, as of a refrigerator, never makes it
negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.statistics import global_sigma
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

    @property
    def sigmas(self) -> Array:
        """Value over error; infinite where nothing scatters, 0 where there is nothing."""
        value, stderr = np.asarray(self.value, dtype=float), np.asarray(self.stderr, dtype=float)
        certain = np.where(value == 0, 0.0, np.copysign(np.inf, value))
        return np.divide(
            value, stderr, out=np.broadcast_to(certain, np.broadcast(value, stderr).shape).copy(), where=stderr > 0
        )

    def minus(self, other: Valued) -> Valued:
        """The difference of two that do not share their noise."""
        return Valued(value=self.value - other.value, stderr=np.hypot(self.stderr, other.stderr))


@dataclass(frozen=True, kw_only=True, eq=False)
class Odds:
    """beta times gap of both sides at the reference, ln((1-p)/p), where gaps are unequal."""

    hot: Valued
    cold: Valued
    covariance: Number
    gaps: tuple[float, float]
    """Of the hot and of the cold side."""


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
    odds: Odds | None = None
    """Where gaps are unequal; None: they are not."""


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
    if seen.balance is None:
        return np.asarray(True)
    unseen = np.abs(seen.balance.sigmas) > DIRECTION_SIGMA
    return ~unseen | (np.asarray(seen.difference.value) > np.abs(seen.balance.value))


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


def clausius(seen: Exchange) -> Valued | None:
    """beta_hot Q_hot + beta_cold Q_cold [nat], where gaps are unequal.

    Its error is that of the heats plus that of the temperatures, each with the covariance of both sides: whatever the
    heats share with the reference that they are counted from, it is not larger.

    Examples:
        >>> A, B = Valued(value=0.5, stderr=0.02), Valued(value=0.75, stderr=0.0)
        >>> seen = Exchange(difference=Valued(value=0.1, stderr=0.01), hot=Valued(value=0.2, stderr=0.01),
        ...     cold=Valued(value=-0.2, stderr=0.0), odds=Odds(hot=A, cold=B, covariance=0.0, gaps=(1.0, 0.75)))
        >>> found = clausius(seen)
        >>> round(float(found.value), 6), round(float(found.stderr), 6)
        (-0.05, 0.009)
    """
    if seen.odds is None:
        return None
    hot, cold, odds = seen.hot, seen.cold, seen.odds
    of_heats = _error((odds.hot.value, odds.cold.value), (hot, cold), _shared(seen))
    of_odds = _error((hot.value, cold.value), (odds.hot, odds.cold), odds.covariance)
    return Valued(value=odds.hot.value * hot.value + odds.cold.value * cold.value, stderr=of_heats + of_odds)


def work(seen: Exchange) -> Valued | None:
    """Energy that both sides gained together, in the unit of their gaps, where these are unequal.

    Args:
        seen: At one place.
    """
    if seen.odds is None:
        return None
    value = sum(gap * heat.value for gap, heat in zip(seen.odds.gaps, (seen.hot, seen.cold), strict=True))
    return Valued(value=value, stderr=_error(seen.odds.gaps, (seen.hot, seen.cold), _shared(seen)))


def _shared(seen: Exchange) -> Array:
    """Covariance of both heats, by the error of their sum; fits of both are taken for independent."""
    common = np.hypot(seen.hot.stderr, seen.cold.stderr) if seen.balance is None else seen.balance.stderr
    return (np.square(common) - np.square(seen.hot.stderr) - np.square(seen.cold.stderr)) / 2


def _error(weights: tuple[Number, Number], of: tuple[Valued, Valued], covariance: Number) -> Array:
    """Of a weighted sum of two numbers."""
    (u, v), (a, b) = weights, of
    variance = np.square(u * a.stderr) + np.square(v * b.stderr) + 2 * np.multiply(u, v) * covariance
    least = np.square(np.abs(u * a.stderr) - np.abs(v * b.stderr))  # rounding may take it below
    return np.sqrt(np.maximum(variance, least))


def beyond_work(seen: Exchange, sigma: float = DIRECTION_SIGMA) -> Array:
    """Whether heat went into the hot side as no work done on uncorrelated sides makes it go.

    Args:
        seen: At one place.
        sigma: Significance asked for.
    """
    found = clausius(seen)
    return np.asarray(True) if found is None else np.asarray(found.sigmas < -sigma)


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
