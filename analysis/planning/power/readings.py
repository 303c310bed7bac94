"""What the verdict reads of many simulated runs at one time, each number with the error that the run would quote."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.data import LinearErrors
from analysis.planning.effect import Effect
from analysis.planning.expectation import Expectation
from analysis.planning.power.runs import Drawn
from analysis.verdict import Exchange, Valued
from protocols import Array
from protocols.pauli import determines

NUMBER = "ZZ"
"""p01 + p10 = (1 - <ZZ>)/2, which an exchange keeps."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Place:
    """Where and of which qubits the verdict reads."""

    hot: int
    """0 or 1, the qubit of that number."""
    apart: float
    """E_hot - E_cold of the temperatures that are declared."""
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
        hot=experiment.qubits.index(effect.subject),
        apart=effect.apart,
        cells=tuple(int(here[0]) + arm * len(points) for arm in range(len(points.arms))),
        start=int(start[0]) if measured else None,
    )


def words_of(expected: Expectation) -> tuple[str, ...]:
    """Pauli words that the verdict rests on: of both energies, and of the number of excitations where it is read."""
    read = any(determines(basis, NUMBER) for basis in expected.data.bases)
    return ("ZI", "IZ", NUMBER) if read else ("ZI", "IZ")


def readings(drawn: Drawn, expected: Expectation, place: Place) -> Exchange:
    """What simulated runs show at one time, (runs,) each.

    Args:
        drawn: The runs, with all cells of the program.
        expected: What is expected of it.
        place: Where.
    """
    words = words_of(expected)
    found = _Linear(
        expected=expected, moments=drawn.moments(words), errors=drawn.counts.linear_errors(words), words=words
    )
    # an energy is (1 - <Z>)/2
    hot, cold = (-0.5 * (np.array(words) == word) for word in (("ZI", "IZ") if place.hot == 0 else ("IZ", "ZI")))
    main, *controls = place.cells
    certain = Valued(value=place.apart, stderr=0.0)
    return Exchange(
        difference=certain if place.start is None else found.value(hot - cold, place.start),
        hot=found.gained(hot, main),
        cold=found.gained(cold, main),
        balance=found.gained(hot + cold, main),
        declared=place.apart,
        number=found.gained(-0.5 * (np.array(words) == NUMBER), main) if NUMBER in words else None,
        controls=tuple(found.gained(hot, cell) for cell in controls),
    )


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


@dataclass(frozen=True, kw_only=True, eq=False)
class _Linear:
    """Linear functions of the moments of simulated runs."""

    expected: Expectation
    moments: Array
    """(runs, cells, words)."""
    errors: LinearErrors
    """Of all cells, run after run."""
    words: tuple[str, ...]

    def value(self, coefficients: Array, cell: int) -> Valued:
        """A function of one cell, a difference of energies or of populations.

        Args:
            coefficients: (words,).
            cell: Which, in every run.
        """
        return self._valued(self.moments[:, cell] @ coefficients, coefficients, 0 * coefficients, cell, -1)

    def gained(self, coefficients: Array, cell: int) -> Valued:
        """A function of one cell since its reference."""
        home = int(self.expected.view.home[cell])
        moved = self.moments[:, cell] - self._before(home, cell)
        return self._valued(moved @ coefficients, coefficients, -coefficients, cell, home)

    def _before(self, home: int, cell: int) -> Array:
        if home >= 0:
            return self.moments[:, home]
        from protocols.pauli import moments

        before = self.expected.view.before
        assert before is not None
        exact = moments(before[[cell]], self.words)
        return np.array([[exact[word][0] for word in self.words]])

    def _valued(self, value: Array, here: Array, before: Array, cell: int, home: int) -> Valued:
        runs, cells = self.moments.shape[:2]
        first = cells * np.arange(runs)
        chosen = np.concatenate([first + cell, first + home]) if home >= 0 else first + cell
        return Valued(value=value, stderr=np.sqrt(_variance(self.errors, here, before, chosen, home >= 0)))


def _variance(errors: LinearErrors, here: Array, before: Array, chosen: Array, compared: bool) -> Array:
    """Of one function of each run's cell and of its reference, (runs,)."""
    some = LinearErrors(
        words=errors.words,
        shot=errors.shot[chosen],
        shared=errors.shared[chosen],
        gain=errors.gain[chosen],
        per_count=errors.per_count[chosen],
    )
    runs = len(chosen) // 2 if compared else len(chosen)
    home = np.concatenate([np.arange(runs) + runs, np.arange(runs) + runs]) if compared else np.full(runs, -1)
    both = (np.broadcast_to(one, (len(chosen), len(here))) for one in (here, before))
    return some.variance(*both, home)[:runs]
