r"""When a machine is said to be an engine, a refrigerator, an accelerator or a heater: the one rule, for run and plan.

With Q_h, Q_c drawn from the hot and the cold bath in one cycle and W extracted,

    engine +-+,   refrigerator -+-,   accelerator +--,   heater ---    are the signs of (Q_h, Q_c, W).

Hot is the bath of the higher nominal temperature, whatever it is called; where both have the same, neither is the
colder one, and only a heater has a name. Other signs break the first or the second law in a closed cycle and name
nothing. A regime is named where

1. each of the three signs is carried by its own error, at 3 sigma after the trial factor of several sweeps;
2. the work has this sign by either side alone: what left the hot side and what reached the cold one. Losses or gains of
   one kind on both sides (relaxation, depolarisation) make these differ in sign where nothing is swapped;
3. both agree, to a third of the work: the first law. Gates that depolarise create excitations on both sides, and do so
   in a control as well: where one was run, what both sides do beyond it may agree instead;
4. the baths' entropy does not fall beyond errors: the second law;
5. every control does less of that work, beyond errors: an environment that takes from one side and gives to the other
   looks like a work stroke, and only an arm without one tells.

**Significance.** The nearest point at which one of the signs is another lies, in the metric of the full covariance, at
the least of the z-values: the distance of a point to the half-space x_i <= 0 is x_i/sigma_i whatever the correlations.
So the joint significance is that of the least certain sign, and no false sign is claimed more often than its own error
allows: where W = 0, a regime is named in at most 2 Phi(-3) = 0.27 % of runs (an intersection-union test, R. L. Berger,
Technometrics 24, 295 (1982)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.statistics import global_sigma
from analysis.verdict.rule import DIRECTION_SIGMA, SIZEABLE, Valued
from protocols import Array

REGIMES = {"engine": (1, -1, 1), "refrigerator": (-1, 1, -1), "accelerator": (1, -1, -1), "heater": (-1, -1, -1)}
"""Signs of Q_h, Q_c and W."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Control:
    """The same cycle in an arm without work strokes."""

    work: Valued
    by_side: tuple[Valued, Valued]
    residual: Valued


@dataclass(frozen=True, kw_only=True, eq=False)
class Cycle:
    """What is known of one cycle; numbers, or arrays of repetitions."""

    hot: Valued
    """Heat drawn from the hotter bath."""
    cold: Valued
    work: Valued
    """Extracted."""
    by_side: tuple[Valued, Valued]
    """Work by what left the hot side, and by what reached the cold one."""
    residual: Valued
    """Of the first law."""
    production: Valued
    """Entropy that both baths gained."""
    controls: Sequence[Control] = field(default_factory=tuple)
    """Every control arm."""
    trials: int = 1
    """Sweeps of the run."""
    unequal: bool = True
    """Whether one of the baths is the hotter one."""


def regime_sigma(seen: Cycle, regime: str) -> Array:
    """Significance of a regime: that of the least certain sign, after the trial factor; negative where one is another.

    Args:
        seen: One cycle.
        regime: Which.

    Examples:
        >>> def valued(value):
        ...     return Valued(value=value, stderr=0.01)
        >>> seen = Cycle(hot=valued(0.2), cold=valued(-0.1), work=valued(0.08), by_side=(valued(0.08), valued(0.07)),
        ...     residual=valued(0.0), production=valued(0.1))
        >>> [round(float(regime_sigma(seen, name)), 3) for name in REGIMES]
        [7.0, -20.0, -8.0, -20.0]
    """
    hot, cold, work = REGIMES[regime]
    signed = [(hot, seen.hot), (cold, seen.cold), *((work, one) for one in seen.by_side)]
    least = np.min([sign * one.sigmas for sign, one in signed], axis=0)
    return least if seen.trials == 1 else np.vectorize(global_sigma, otypes=[float])(least, seen.trials)


def signs_of(seen: Cycle, sigma: float = DIRECTION_SIGMA) -> Array:
    """The regime whose signs are carried, as text; empty where there is none.

    Args:
        seen: One cycle.
        sigma: Significance asked for.
    """
    allowed = [seen.unequal or hot == cold for hot, cold, _ in REGIMES.values()]
    carried = [(regime_sigma(seen, name) > sigma) & one for name, one in zip(REGIMES, allowed, strict=True)]
    return np.select(carried, [np.array(name) for name in REGIMES], np.array(""))


def conserving(seen: Cycle) -> Array:
    """Whether both sides say the same work, to a third of it or within errors; or do so beyond every control."""
    own = _agree(seen, seen.by_side, seen.residual)
    beyond = [_agree(seen, _beyond(seen, one), seen.residual.minus(one.residual)) for one in seen.controls]
    return own | np.all(beyond, axis=0) if beyond else own


def _beyond(seen: Cycle, control: Control) -> tuple[Valued, Valued]:
    """What both sides do more than in a control."""
    left, reached = (one.minus(other) for one, other in zip(seen.by_side, control.by_side, strict=True))
    return left, reached


def _agree(seen: Cycle, by_side: tuple[Valued, Valued], residual: Valued) -> Array:
    apart = np.abs(np.asarray(by_side[0].value) - np.asarray(by_side[1].value))
    broken = np.abs(residual.sigmas) > DIRECTION_SIGMA
    return ~(broken & (apart > SIZEABLE * np.abs(np.asarray(seen.work.value))))


def lawful(seen: Cycle) -> Array:
    """Whether the entropy of the baths does not fall beyond errors."""
    return seen.production.sigmas > -DIRECTION_SIGMA


def beyond_controls(seen: Cycle, sigma: float = DIRECTION_SIGMA) -> Array:
    """Whether every control did significantly less work of that sign.

    Args:
        seen: One cycle.
        sigma: Significance asked for.
    """
    sign, apart = np.sign(np.asarray(seen.work.value)), np.ones(np.shape(seen.work.value), dtype=bool)
    for control in seen.controls:
        apart = apart & (sign * seen.work.minus(control.work).sigmas > sigma)
    return apart


def named(seen: Cycle, sigma: float = DIRECTION_SIGMA) -> Array:
    """The regime that is named, as text; empty where none is.

    Args:
        seen: One cycle.
        sigma: Significance asked for.
    """
    rest = conserving(seen) & lawful(seen) & beyond_controls(seen, sigma)
    return np.where(rest, signs_of(seen, sigma), "")
