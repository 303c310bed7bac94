"""What the verdict at one time reads of many simulated runs, each number with the error that the run would quote."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.intervals import coefficients
from analysis.planning.effect import Effect
from analysis.planning.expectation import Expectation
from analysis.planning.power.runs import Drawn
from protocols import Array, Observable

Value = tuple[Array, Array]
"""Values and their standard errors, (runs,) each [gap]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Readings:
    """Simulated runs as the rule of the verdict sees them."""

    difference: Value
    """E_hot - E_cold at the reference; without an error where the reference is nominal."""
    nominal: float
    """The same of the temperatures that were declared."""
    hot: Value
    """Net heat into the hot side."""
    cold: Value
    """Into the cold side."""
    balance: Value
    """Into both together."""
    controls: tuple[Value, ...]
    """Into the hot side in every control arm."""
    usable: Array
    """(runs,) whether the run could be analysed at all."""

    def scaled(self, expected: Readings, factor: float) -> Readings:
        """The same runs with so many times the shots: deviations and errors shrink with the root.

        Args:
            expected: Values without noise.
            factor: Of the shots.
        """
        root = factor**-0.5

        def moved(value: Value, exact: Value) -> Value:
            return exact[0] + (value[0] - exact[0]) * root, value[1] * root

        return Readings(
            difference=moved(self.difference, expected.difference),
            nominal=self.nominal,
            hot=moved(self.hot, expected.hot),
            cold=moved(self.cold, expected.cold),
            balance=moved(self.balance, expected.balance),
            controls=tuple(moved(a, b) for a, b in zip(self.controls, expected.controls, strict=True)),
            usable=self.usable,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Place:
    """Where and of which qubits the verdict reads."""

    hot: str
    cold: str
    nominal: float
    cells: tuple[int, ...]
    """Of the main arm and of every control, at the time of the verdict."""
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
        hot=effect.subject,
        cold=next(qubit for qubit in experiment.qubits if qubit != effect.subject),
        nominal=effect.apart,
        cells=tuple(int(here[0]) + arm * len(points) for arm in range(len(points.arms))),
        start=int(start[0]) if measured else None,
    )


def words_of(expected: Expectation) -> tuple[str, ...]:
    """Pauli words of the energies."""
    both = "".join(expected.program.experiment.qubits)
    return tuple(sorted(_observable(expected, "energy_difference", both).reads))


def readings(drawn: Drawn, expected: Expectation, place: Place) -> Readings:
    """What simulated runs show at one time.

    Args:
        drawn: The runs, with all cells of the program.
        expected: What is expected of it.
        place: Where.
    """
    both = "".join(expected.program.experiment.qubits)
    hot = _linear(drawn, expected, "heat", place.hot)
    main, *controls = place.cells
    at = {cell: (hot[0][:, cell], hot[1][:, cell]) for cell in place.cells}
    cold, balance = (_linear(drawn, expected, "heat", subject) for subject in (place.cold, both))
    nothing = np.zeros(drawn.runs)
    difference = (nothing + place.nominal, nothing)
    if place.start is not None:
        value, stderr = _linear(drawn, expected, "energy_difference", both)
        sign = 1.0 if both.startswith(place.hot) else -1.0
        difference = (sign * value[:, place.start], stderr[:, place.start])
    return Readings(
        difference=difference,
        nominal=place.nominal,
        hot=at[main],
        cold=(cold[0][:, main], cold[1][:, main]),
        balance=(balance[0][:, main], balance[1][:, main]),
        controls=tuple(at[cell] for cell in controls),
        usable=drawn.usable,
    )


def exact_readings(expected: Expectation, place: Place) -> Readings:
    """The same of the expected counts, one run long; errors are left out."""
    both = "".join(expected.program.experiment.qubits)
    found = expected.estimates.quantities
    zero = np.zeros(1)

    def at(name: str, subject: str, cell: int) -> Value:
        return found[name, subject].value.ravel()[[cell]], zero

    difference = (zero + place.nominal, zero)
    if place.start is not None:
        value, _ = at("energy_difference", both, place.start)
        difference = ((1.0 if both.startswith(place.hot) else -1.0) * value, zero)
    main, *controls = place.cells
    return Readings(
        difference=difference,
        nominal=place.nominal,
        hot=at("heat", place.hot, main),
        cold=at("heat", place.cold, main),
        balance=at("heat", both, main),
        controls=tuple(at("heat", place.hot, cell) for cell in controls),
        usable=np.ones(1, dtype=bool),
    )


def _linear(drawn: Drawn, expected: Expectation, name: str, subject: str) -> Value:
    """One linear quantity in every cell of every run, (runs, cells): counted from what is expected of it."""
    observable, words = _observable(expected, name, subject), words_of(expected)
    _, here, before = coefficients(observable, words, expected.view)
    home = expected.view.home
    known = np.stack([expected.data.moments[word] for word in words], axis=1)
    off = drawn.moments(words) - known
    moved = np.einsum("cw,rcw->rc", here, off)
    moved += np.where(home >= 0, np.einsum("cw,rcw->rc", before, off[:, home]), 0.0)
    value = expected.estimates.quantities[name, subject].value.ravel() + moved
    runs, cells = drawn.runs, len(home)
    homes = np.where(home < 0, -1, home + np.arange(runs)[:, None] * cells).ravel()
    errors = drawn.counts.linear_errors(words)
    variance = errors.variance(np.tile(here, (runs, 1)), np.tile(before, (runs, 1)), homes)
    return value, np.sqrt(variance).reshape(runs, cells)


def _observable(expected: Expectation, name: str, subject: str) -> Observable:
    return next(o for o in expected.observables if (o.name, o.subject) == (name, subject))
