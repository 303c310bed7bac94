"""What the verdict of a run at one time reads of many simulated runs, each number with the error that a run quotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.planning.effect import Effect
from analysis.planning.expectation import Expectation
from analysis.planning.power.linear import ENERGY, Linear
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

    def moved(one: Valued) -> Valued:
        mean = np.mean(one.value)
        return Valued(value=mean + (one.value - mean) * root, stderr=one.stderr * root)

    return replace(
        seen,
        difference=moved(seen.difference),
        hot=moved(seen.hot),
        cold=moved(seen.cold),
        balance=None if seen.balance is None else moved(seen.balance),
        number=None if seen.number is None else moved(seen.number),
        controls=tuple(moved(one) for one in seen.controls),
    )
