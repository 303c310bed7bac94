"""How often a run will name its regime: simulated runs through the rule of the verdict, with the joint covariance."""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.intervals import coefficients
from analysis.verdict import Verdict
from analysis.verdict.machine import Control, Cycle, beyond_controls, conserving, lawful, signs_of
from analysis.verdict.rule import DIRECTION_SIGMA, Valued
from protocols import Array
from protocols.program import Machine

if typing.TYPE_CHECKING:
    from analysis.planning.expectation import Expectation

LEVELS = (3.0, 5.0)
RUNS = 2000
"""Simulated: a share is known to 0.011 at worst."""
PROMISED = 0.9
MOST_TIMES = 1e6
"""Of the shots asked for; what needs more is not to be had by shots."""


@dataclass(frozen=True, kw_only=True)
class Naming:
    """One sweep of a plan."""

    where: Mapping[str, float]
    regime: str
    """What it is expected to be, by the signs of its exact flows; empty: nothing."""
    power: Mapping[float, float]
    """Significance asked of every sign -> how often the regime is named with the shots that were asked for."""
    shots: Mapping[float, int | None]
    """The same -> shots of each setting and point with which it is named in 90 % of runs; None: no number."""


def namings(asked: Expectation, machine: Machine) -> tuple[Naming, ...]:
    """Of every sweep, at its last point.

    Args:
        asked: The run as it was asked for.
        machine: Where its rows are.
    """
    return tuple(_naming(asked, machine, verdict, index) for index, verdict in enumerate(asked.verdicts))


def _naming(asked: Expectation, machine: Machine, verdict: Verdict, index: int) -> Naming:
    from analysis.estimate_arrays import split

    found = asked.estimates
    where, points = split(found.points, [name for name in found.swept if name != found.axis])[index]
    point = int(points[np.argmax(found.points.parameters[found.axis][points])])
    arms = [_flows(asked, machine, arm, point) for arm in range(len(found.arms))]
    hotter = float(machine.hotter(found.points.parameters)[point])
    certain = _cycle(arms[0].value[None], 1e-9 * np.ones(len(arms[0].value)), hotter)
    regime = str(signs_of(certain)[0])
    if not regime:
        return Naming(where=where, regime="", power=dict.fromkeys(LEVELS, 0.0), shots=dict.fromkeys(LEVELS, None))

    def share(times: float, sigma: float) -> float:
        runs = _drawn(arms, times, hotter)
        passed = conserving(runs) & lawful(runs) & beyond_controls(runs, DIRECTION_SIGMA)
        return float(np.mean(passed & (signs_of(runs, _of_one(sigma, len(asked.verdicts))) == regime)))

    shots = asked.program.shots
    needed = {sigma: _times_needed(lambda times, sigma=sigma: share(times, sigma)) for sigma in LEVELS}
    return Naming(
        where=where,
        regime=regime,
        power={sigma: share(1.0, sigma) for sigma in LEVELS},
        shots={sigma: None if times is None else math.ceil(times * shots) for sigma, times in needed.items()},
    )


def _of_one(sigma: float, trials: int) -> float:
    """Significance of one of several sweeps that is left with `sigma` after their trial factor."""
    from scipy.special import ndtr, ndtri

    return float(-ndtri(-math.expm1(math.log1p(-ndtr(-sigma)) / trials)))


def _times_needed(share: typing.Callable[[float], float]) -> float | None:
    """The smallest multiple of the shots that keeps the promise, to 3 %."""
    if share(MOST_TIMES) < PROMISED:
        return None
    low, high = 1e-3, MOST_TIMES
    if share(low) >= PROMISED:
        return low
    while high > 1.03 * low:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if share(middle) >= PROMISED else (middle, high)
    return high


@dataclass(frozen=True, kw_only=True, eq=False)
class _Flows:
    """Expected values of what the rule asks of one point in one arm, with their covariance."""

    value: Array
    covariance: Array


def _flows(asked: Expectation, machine: Machine, arm: int, point: int) -> _Flows:
    keys = [
        ("heat", machine.hot),
        ("heat", machine.cold),
        ("work", machine.work),
        *(("work_by_side", side) for side in machine.sides),
        ("first_law_residual", machine.work),
        ("entropy_production", "baths"),
    ]
    known = {o.key: o for o in asked.observables}
    chosen = [known[key] for key in keys]
    errors = asked.data.linear_errors(sorted({word for o in chosen for word in o.reads}))
    each = [coefficients(o, errors.words, asked.view)[1:] for o in chosen]
    home, cell = asked.view.home, arm * len(asked.estimates.points) + point

    def variance(i: int, j: int) -> float:
        """Of the sum of two; of four times one where they are the same."""
        return float(errors.variance(each[i][0] + each[j][0], each[i][1] + each[j][1], home)[cell])

    own = np.array([variance(i, i) / 4 for i in range(len(keys))])
    size = range(len(keys))
    both = np.array([[own[i] if i == j else (variance(i, j) - own[i] - own[j]) / 2 for j in size] for i in size])
    found = asked.estimates.quantities
    return _Flows(value=np.array([found[key].value[arm, point] for key in keys]), covariance=both)


def _drawn(arms: Sequence[_Flows], times: float, hotter: float) -> Cycle:
    """Simulated runs with so many times the shots, always of the same noise."""
    rng = np.random.default_rng(0)
    cycles = []
    for arm in arms:
        size, vectors = np.linalg.eigh(arm.covariance / times)
        noise = rng.standard_normal((RUNS, len(size))) * np.sqrt(np.maximum(size, 0))
        values = arm.value + noise @ vectors.T
        cycles.append(_cycle(values, np.sqrt(np.diag(arm.covariance) / times), hotter))
    controls = [Control(work=one.work, by_side=one.by_side, residual=one.residual) for one in cycles[1:]]
    return replace(cycles[0], controls=tuple(controls))


def _cycle(values: Array, errors: Array, hotter: float) -> Cycle:
    """By which bath is the hotter one: 1 that called hot, -1 that called cold, 0 neither."""
    hot, cold, work, left, reached, residual, production = (
        Valued(value=values[:, i], stderr=np.full(len(values), error)) for i, error in enumerate(errors)
    )
    hot, cold = (cold, hot) if hotter < 0 else (hot, cold)
    return Cycle(
        hot=hot,
        cold=cold,
        work=work,
        by_side=(left, reached),
        residual=residual,
        production=production,
        unequal=hotter != 0,
    )
