"""The power of a run as it was asked for, a whole sweep: simulated runs go through the fits that the run will have.

Energies of the drawn counts are fitted with the frequency, the damping and the covariance that are expected, which
makes the fit of every run one matrix product; those of the reference and their errors are each run's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.planning.effect import Effect
from analysis.planning.expectation import Expectation
from analysis.planning.power.linear import ENERGY, Linear, linear, words_of
from analysis.planning.power.needed import Power, pooled, power_of
from analysis.planning.power.readings import Place, difference, readings
from analysis.planning.power.runs import draw_runs
from analysis.statistics import cone_sigma, global_sigma
from analysis.sweeps import Oscillation, SweepFit
from analysis.verdict import DIRECTION_SIGMA, Exchange, Valued, reversed_heat
from protocols import Array
from protocols.program import sweeps

RUNS = (200, 1000)
"""Simulated runs of a sweep, at least and at most: a power of a half is known to 3.5 % and 1.6 %."""
CELLS = 40_000
"""Cells of simulated runs of a sweep, if that leaves enough runs."""
FINE = 401
"""Times at which fitted curves are looked at."""


def asked_power(expected: Expectation, found: Sequence[Effect], sigmas: Sequence[float]) -> tuple[Power, ...]:
    """How often the run says "reversed", sweep by sweep.

    Args:
        expected: What is expected of the run as it was asked for.
        found: The effect of every sweep, in the order of the points.
        sigmas: Significances of a verdict.
    """
    if not found:
        return ()
    points, axis = expected.program.points, expected.program.experiment.axis
    first, group = sweeps(points.parameters, axis)
    powers = []
    for effect, row in zip(found, np.sort(first), strict=True):
        own = np.flatnonzero(group == group[row])
        if not (points.parameters[axis][own] > 0).any():
            return ()
        parts = []
        for sweep, usable in _simulated(expected, effect, own, len(found)):
            seen = _of_fits(sweep) if sweep.fitted else _of_points(sweep)
            parts.append((len(usable), power_of(seen, usable, expected.program.shots, sigmas)))
        powers.append(pooled(parts))
    return tuple(powers)


def power_by_time(expected: Expectation, effect: Effect) -> Array:
    """How often a run of each time alone, beside time 0, says "reversed" at 3 sigma, (times,); NaN at time 0.

    Args:
        expected: What is expected of a single sweep.
        effect: Its effect.
    """
    points = expected.program.points
    later = np.flatnonzero(points.parameters[expected.program.experiment.axis] > 0)
    often, runs = np.zeros(len(later)), 0
    for sweep, usable in _simulated(expected, effect, np.arange(len(points)), 1):
        seen = _at_points(sweep, later)
        often += (reversed_heat(seen, DIRECTION_SIGMA) & usable[:, None]).sum(axis=0)
        runs += len(usable)
    power = np.full(len(points), np.nan)
    power[later] = often / runs
    return power


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sweep:
    """Simulated runs of one sweep."""

    expected: Expectation
    found: Linear
    time: Array
    """Of its points, (points,)."""
    place: Place
    fits: Sequence[SweepFit]
    """Of both energies in every arm, as expected."""
    chosen: Array
    """Its cells, arm by arm."""
    trials: int
    """Sweeps of the run."""

    def fit(self, qubit: int, arm: int) -> Oscillation | None:
        """Of an energy in an arm."""
        program = self.expected.program
        wanted = (program.experiment.qubits[qubit], program.points.arms[arm])
        return next((one.oscillation for one in self.fits if (one.subject, one.arm) == wanted), None)

    @property
    def fitted(self) -> bool:
        """Whether the verdict will be read off the fits of both energies, which have to be tested by the points."""
        main = [self.fit(qubit, 0) for qubit in (0, 1)]
        return self.place.start is not None and all(one is not None and one.degrees > 0 for one in main)


def _simulated(expected: Expectation, effect: Effect, own: Array, number: int) -> Iterator[tuple[_Sweep, Array]]:
    """Runs of a sweep, some at a time, and which of them can be analysed."""
    points, experiment = expected.program.points, expected.program.experiment
    arms = len(points.arms)
    chosen = np.concatenate([own + arm * len(points) for arm in range(arms)])
    runs = int(np.clip(CELLS // len(chosen), *RUNS))
    time = points.parameters[experiment.axis][own]
    start = np.flatnonzero(time == 0)
    measured = len(start) > 0 and bool((points.reference[own] >= 0).all())
    hot = experiment.qubits.index(effect.subject)
    place = Place(hot=hot, apart=effect.apart, cells=(), start=int(start[0]) if measured else None)
    fits = [one for one in expected.fits if one.observable == "energy" and np.isin(one.cells, chosen).all()]
    words, shots = words_of(expected.data.bases), expected.program.shots
    for drawn in draw_runs(expected, words, shots, runs, chosen=chosen):
        found = linear(drawn, expected, chosen)
        sweep = _Sweep(expected=expected, found=found, time=time, place=place, fits=fits, chosen=chosen, trials=number)
        yield sweep, drawn.usable


def _at_points(sweep: _Sweep, points: Array) -> Exchange:
    """What every point shows by itself, (runs, points) each."""
    arms = range(len(sweep.chosen) // len(sweep.time))
    seen = readings(sweep.found, replace(sweep.place, cells=[points + arm * len(sweep.time) for arm in arms]))
    start = seen.difference
    stderr = np.broadcast_to(start.stderr, np.shape(start.value))
    return replace(seen, difference=Valued(value=np.asarray(start.value)[:, None], stderr=stderr[:, None]))


def _of_points(sweep: _Sweep) -> Exchange:
    """At the point of most heat into the hot side, which is one of many."""
    later = np.flatnonzero(sweep.time > 0)
    each = _at_points(sweep, later)
    best = np.argmax(np.asarray(each.hot.value), axis=1)
    return replace(
        each,
        difference=difference(sweep.found, sweep.place),
        hot=_at(each.hot, best),
        cold=_at(each.cold, best),
        balance=None if each.balance is None else _at(each.balance, best),
        number=None if each.number is None else _at(each.number, best),
        controls=[_at(one, best) for one in each.controls],
        trials=sweep.trials * len(later),
    )


def _of_fits(sweep: _Sweep) -> Exchange:
    """At the time of most heat into the hot side by the fit, (runs,) each."""
    place, found = sweep.place, sweep.found
    hot, cold = sweep.fit(place.hot, 0), sweep.fit(1 - place.hot, 0)
    assert hot is not None
    assert cold is not None
    grid = np.linspace(0, float(sweep.time.max()), FINE)[1:]
    into, out = (_heat(sweep, fit, qubit, 0, grid) for fit, qubit in ((hot, place.hot), (cold, 1 - place.hot)))
    best = np.argmax(into.value, axis=1)
    here, there = (_at(one, best) for one in (into, out))
    later = np.flatnonzero(sweep.time > 0)
    nearest = int(later[np.abs(sweep.time[later] - np.median(grid[best])).argmin()])
    arms = range(1, len(sweep.expected.program.points.arms))
    return Exchange(
        difference=difference(found, place),
        hot=here,
        cold=there,
        balance=Valued(value=here.value + there.value, stderr=np.hypot(here.stderr, there.stderr)),
        declared=place.apart,
        number=found.number(nearest),
        controls=[_control(sweep, arm, grid, best, nearest) for arm in arms],
        hot_in_sweep=_in_sweep(hot, into, grid, 1, sweep.trials),
        cold_in_sweep=_in_sweep(cold, out, grid, -1, sweep.trials),
    )


def _control(sweep: _Sweep, arm: int, grid: Array, best: Array, nearest: int) -> Valued:
    """Heat into the hot side in a control, by its fit or else at the nearest point."""
    fit = sweep.fit(sweep.place.hot, arm)
    if fit is None:
        return sweep.found.gained(ENERGY[sweep.place.hot], nearest + arm * len(sweep.time))
    return _at(_heat(sweep, fit, sweep.place.hot, arm, grid), best)


def _heat(sweep: _Sweep, fit: Oscillation, qubit: int, arm: int, grid: Array) -> Valued:
    """Into a qubit by the fit of every run, (runs, times), and its errors, (times,)."""
    cells = np.arange(len(sweep.time)) + arm * len(sweep.time)
    word = words_of(sweep.expected.data.bases)[qubit]
    off = sweep.found.moments[:, cells, qubit] - sweep.expected.data.moments[word][sweep.chosen[cells]]
    return Valued(value=fit.gained_by(fit.series.value - 0.5 * off, grid), stderr=fit.gained(grid)[1])


def _at(heat: Valued, best: Array) -> Valued:
    """At one of the places, another in every run, (runs,)."""
    value = np.asarray(heat.value)
    runs = np.arange(len(best))
    return Valued(value=value[runs, best], stderr=np.broadcast_to(heat.stderr, value.shape)[runs, best])


def _in_sweep(fit: Oscillation, heat: Valued, grid: Array, way: int, trials: int) -> Array:
    """Significance of heat anywhere in the sweep, (runs,): the distance from the cone of none is the largest ratio.

    The nearest point of a cone in the plane lies in the direction of one of its outward normals, and every time gives
    one: its ratio of heat to error is the length along it (see `analysis/sweeps/flow.py`).
    """
    ratio = (way * np.asarray(heat.value) / np.asarray(heat.stderr)).max(axis=1)
    _, _, _, omega, gamma = fit.theta
    decay = np.exp(-gamma * grid)
    normals = np.stack([decay * np.cos(omega * grid) - 1, decay * np.sin(omega * grid)])
    edges = np.linalg.cholesky(fit.covariance[1:3, 1:3]).T @ normals
    spread = float(np.ptp(np.unwrap(np.arctan2(edges[1], edges[0]))))

    def sigma(one: float) -> float:
        return global_sigma(cone_sigma(one, spread) if one > 0 else one, trials)

    return np.array([sigma(one) for one in ratio.tolist()])
