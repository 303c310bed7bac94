"""What the verdict of a run at one time reads of many simulated runs, each number with the error that a run quotes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.planning.effect import Effect
from analysis.planning.expectation import Expectation
from analysis.planning.power.linear import ENERGY, Linear
from analysis.statistics import random_effects
from analysis.verdict import Exchange, Valued
from protocols import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Place:
    """Where and of which qubits the verdict reads."""

    hot: int
    """0 or 1, the qubit of that number."""
    apart: float
    """E_hot - E_cold of the temperatures that are declared."""
    cells: Sequence[int | Array]
    """Of the main arm and of every control, at the time of the verdict; or at n times, (n,) each."""
    start: int | None
    """Of the main arm at the reference; None: it is nominal."""


def place_of(expected: Expectation, effect: Effect, time: float) -> Place:
    """Where the verdict is read off at one time.

    Args:
        expected: What is expected of the program.
        effect: Its effect, which names the hot qubit.
        time: One of its times.
    """
    points, experiment = expected.program.points, expected.program.experiment
    axis = points.parameters[experiment.axis]
    here, start = np.flatnonzero(axis == time), np.flatnonzero(axis == 0)
    measured = len(start) > 0 and bool((points.reference >= 0).all())
    return Place(
        hot=experiment.qubits.index(effect.subject),
        apart=effect.apart,
        cells=tuple(int(here[0]) + arm * len(points) for arm in range(len(points.arms))),
        start=int(start[0]) if measured else None,
    )


def readings(found: Linear, place: Place) -> Exchange:
    """What simulated runs show at one time, (runs,) each; at n times (runs, n), but for the difference at the start.

    Args:
        found: Their moments.
        place: Where.
    """
    hot, cold = ENERGY[place.hot], ENERGY[1 - place.hot]
    main, *controls = place.cells
    return Exchange(
        difference=difference(found, place),
        hot=found.gained(hot, main),
        cold=found.gained(cold, main),
        balance=found.gained(hot + cold, main),
        declared=place.apart,
        number=found.number(main),
        controls=tuple(found.gained(hot, cell) for cell in controls),
    )


def difference(found: Linear, place: Place) -> Valued:
    """E_hot - E_cold at the reference, (runs,); that of the temperatures, without an error, where it is nominal.

    Args:
        found: Moments of the runs.
        place: Where.
    """
    if place.start is None:
        return Valued(value=np.full(len(found.moments), place.apart), stderr=0.0)
    return found.value(ENERGY[place.hot] - ENERGY[1 - place.hot], place.start)


def scaled(seen: Exchange, factor: float) -> Exchange:
    """The same runs with so many times the shots: deviations from the mean and errors shrink with the root.

    Args:
        seen: Of many runs.
        factor: Of the shots.
    """
    root = factor**-0.5

    def moved(one: Sequence[Valued]) -> Valued:
        mean = np.mean(one[0].value)
        return replace(one[0], value=mean + (one[0].value - mean) * root, stderr=one[0].stderr * root)

    return _combined([seen], moved)


def mean_of_copies(each: Sequence[Exchange]) -> Exchange:
    """What runs of several copies show: the random-effects mean of each number, as their analysis pools it.

    Args:
        each: What every copy shows by itself, of many runs.
    """

    def mean(ones: Sequence[Valued]) -> Valued:
        value = np.stack([np.asarray(one.value, dtype=float) for one in ones])
        noise = np.stack([np.broadcast_to(one.stderr, value.shape[1:]) for one in ones]) ** 2
        # one variance for all: a proportion goes up and down with its own, and would weigh itself
        found = random_effects(value, np.broadcast_to(noise.mean(axis=0), value.shape))
        return Valued(value=found.value, stderr=found.stderr, degrees=len(ones) - 1)

    return _combined(each, mean)


def _combined(each: Sequence[Exchange], how: Callable[[Sequence[Valued]], Valued]) -> Exchange:
    """Exchanges as one, number by number."""
    first = each[0]

    def of(name: str) -> Valued | None:
        return None if getattr(first, name) is None else how([getattr(one, name) for one in each])

    return replace(
        first,
        difference=how([one.difference for one in each]),
        hot=how([one.hot for one in each]),
        cold=how([one.cold for one in each]),
        balance=of("balance"),
        number=of("number"),
        controls=tuple(how(ones) for ones in zip(*(one.controls for one in each), strict=True)),
    )
