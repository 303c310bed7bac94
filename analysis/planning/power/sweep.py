"""The power of a run as it was asked for, a whole sweep: simulated runs go through the fits that the run will have.

Energies of the drawn counts are fitted with the frequency, the damping and the covariance that are expected, which
makes the fit of every run one matrix product; those of the reference and their errors are each run's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.planning.effect import Effect
from analysis.planning.expectation import Expectation
from analysis.planning.power.linear import ENERGY, Linear, linear, words_of
from analysis.planning.power.needed import Power, power_of
from analysis.planning.power.readings import Place, difference, readings
from analysis.planning.power.runs import draw_runs
from analysis.statistics import cone_sigma, global_sigma
from analysis.sweeps import Oscillation, SweepFit
from analysis.verdict import DIRECTION_SIGMA, Exchange, Valued
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
        sweep, usable = _simulated(expected, effect, np.flatnonzero(group == group[row]), len(found))
        if not (sweep.time > 0).any():
            return ()
        seen = _of_fits(sweep) if sweep.fitted else _of_points(sweep)
        powers.append(power_of(seen, usable, expected.program.shots, sigmas))
    return tuple(powers)


def power_by_time(expected: Expectation, effect: Effect) -> Array:
    """How often a run of each time alone, beside time 0, says "reversed" at 3 sigma, (times,); NaN at time 0.

    Args:
        expected: What is expected of a single sweep.
        effect: Its effect.
    """
    sweep, usable = _simulated(expected, effect, np.arange(len(expected.program.points)), 1)
    return np.array(
        [
            power_of(seen, usable, expected.program.shots, (DIRECTION_SIGMA,)).verdict[DIRECTION_SIGMA]
            if seen is not None
            else np.nan
            for seen in (_at_point(sweep, point) if time > 0 else None for point, time in enumerate(sweep.time))
        ]
    )


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


def _simulated(expected: Expectation, effect: Effect, own: Array, number: int) -> tuple[_Sweep, Array]:
    """Runs of a sweep, and which of them can be analysed."""
    points, experiment = expected.program.points, expected.program.experiment
    arms = len(points.arms)
    chosen = np.concatenate([own + arm * len(points) for arm in range(arms)])
    runs = int(np.clip(CELLS // len(chosen), *RUNS))
    drawn = draw_runs(expected, words_of(expected.data.bases), expected.program.shots, runs, chosen=chosen)
    time = points.parameters[experiment.axis][own]
    start = np.flatnonzero(time == 0)
    measured = len(start) > 0 and bool((points.reference[own] >= 0).all())
    hot = experiment.qubits.index(effect.subject)
    sweep = _Sweep(
        expected=expected,
        found=linear(drawn, expected, chosen),
        time=time,
        place=Place(hot=hot, apart=effect.apart, cells=(), start=int(start[0]) if measured else None),
        fits=[one for one in expected.fits if one.observable == "energy" and np.isin(one.cells, chosen).all()],
        chosen=chosen,
        trials=number,
    )
    return sweep, drawn.usable


def _at_point(sweep: _Sweep, point: int) -> Exchange:
    size = len(sweep.time)
    return readings(sweep.found, replace(sweep.place, cells=tuple(range(point, len(sweep.chosen), size))))


def _of_points(sweep: _Sweep) -> Exchange:
    """At the point of most heat into the hot side, which is one of many."""
    later = np.flatnonzero(sweep.time > 0)
    each = [_at_point(sweep, int(point)) for point in later]
    best = np.argmax(np.array([one.hot.value for one in each]), axis=0)

    def at_best(values: Sequence[Valued]) -> Valued:
        runs = np.arange(len(best))
        pairs = (np.array([getattr(one, name) for one in values]) for name in ("value", "stderr"))
        value, stderr = (one[best, runs] for one in pairs)
        return Valued(value=value, stderr=stderr)

    counted = [one.number for one in each if one.number is not None]
    return replace(
        each[0],
        hot=at_best([one.hot for one in each]),
        cold=at_best([one.cold for one in each]),
        balance=at_best([one.balance for one in each if one.balance is not None]),
        number=at_best(counted) if counted else None,
        controls=tuple(at_best([one.controls[arm] for one in each]) for arm in range(len(each[0].controls))),
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
    value, stderr = np.asarray(heat.value), np.asarray(heat.stderr)
    return Valued(value=value[np.arange(len(best)), best], stderr=stderr[best])


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
