"""How often a run says "reversed", and the shots of a setting and point at which it does so nearly always."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.planning.expectation import Expectation
from analysis.planning.power.linear import linear, words_of
from analysis.planning.power.readings import Place, mean_of_copies, readings, scaled
from analysis.planning.power.runs import draw_runs, fewest_shots
from analysis.verdict import Exchange, apart_from_controls, balanced, hotter, reversed_heat, side_sigma
from protocols import Array

PLANNED = 0.97
"""Power that shots are planned for, where 90 % is what is promised of them: 50 runs at 97 % say it 45 times or more in
996 of 1000 cases, 50 runs at 90 % in 616."""
RUNS = 4000
"""Simulated runs of one power, which is known to 0.8 % by them and at `PLANNED` to 0.3 %."""
FEWEST_RUNS = 500
"""Of many copies: at `PLANNED` known to 0.8 %."""
MOST = 10**9
"""Shots of a setting and point beyond which no more are thought of."""
TRIALS = 12
NEAR = 0.02
"""Of the shots, to which they are found."""


@dataclass(frozen=True, kw_only=True)
class Power:
    """How often a run of so many shots comes to a verdict."""

    shots: int
    verdict: Mapping[float, float]
    """Significance -> probability that the run says "reversed", all of it at that significance."""
    conditions: Mapping[float, Mapping[str, float]]
    """Significance -> that of each condition of the verdict by itself."""

    def limited_by(self, sigma: float) -> str | None:
        """The condition that fails most often; None where none does."""
        name, probability = min(self.conditions[sigma].items(), key=lambda one: one[1])
        return name if probability < 1 else None


@dataclass(frozen=True, kw_only=True, eq=False)
class Rehearsal:
    """A run whose verdict is read at one time, simulated with any number of shots."""

    expected: Expectation
    place: Place
    calibration_follows: bool
    simulated: dict[int, tuple[Exchange, Array]] = field(default_factory=dict)
    """Shots -> what many runs show, and which of them can be analysed at all: made once."""

    def power(self, shots: int, sigmas: Sequence[float]) -> Power:
        """How often runs of so many shots say "reversed".

        Args:
            shots: Of each setting and point.
            sigmas: Significances of a verdict.
        """
        return power_of(*self._runs(shots), shots, sigmas)

    def shots_for(self, sigma: float) -> int | None:
        """Shots of a setting and point at which `PLANNED` of the runs come to a verdict; None: no number does.

        Runs of other shots are those of one simulation with deviations and errors scaled, which leads near; there they
        are simulated again, until the shots stay.
        """
        if _share(*self._runs(MOST), sigma) < PLANNED:
            return None
        low, high = fewest_shots(self.expected), MOST
        shots = max(self.expected.program.shots, low)
        for _ in range(TRIALS):
            seen, usable = self._runs(shots)
            enough = _share(seen, usable, sigma) >= PLANNED
            low, high = (low, min(high, shots)) if enough else (max(low, shots), high)
            found = min(max(_scaled_root(seen, usable, sigma, shots), low), high)
            if abs(math.log(found / shots)) < NEAR or high <= low + 1:
                return found
            shots = found
        return high

    def reason(self, sigma: float) -> str | None:
        """The condition that no number of shots meets; None where some number does."""
        power = self.power(MOST, (sigma,))
        return power.limited_by(sigma) if power.verdict[sigma] < PLANNED else None

    def _runs(self, shots: int) -> tuple[Exchange, Array]:
        """Runs of so many shots: what they show, and which of them can be analysed."""
        if shots not in self.simulated:
            each = [self._runs_of(copy, shots) for copy in range(self.expected.copies)]
            seen = each[0][0] if len(each) == 1 else mean_of_copies([one for one, _ in each])
            self.simulated[shots] = seen, np.logical_and.reduce([usable for _, usable in each])
        return self.simulated[shots]

    def _runs_of(self, copy: int, shots: int) -> tuple[Exchange, Array]:
        expected, number = self.expected.of_copy(copy), self.expected.copies
        runs = RUNS if number == 1 else max(FEWEST_RUNS, RUNS // number)
        words, follows = words_of(expected.data.bases), self.calibration_follows
        (drawn,) = draw_runs(expected, words, shots, runs, calibration_follows=follows, together=runs)
        everything = np.arange(len(expected.data.weight))
        return readings(linear(drawn, expected, everything), self.place), drawn.usable


def power_of(seen: Exchange, usable: Array, shots: int, sigmas: Sequence[float]) -> Power:
    """How often simulated runs come to a verdict.

    Args:
        seen: What they show, (runs,) each.
        usable: Which of them can be analysed at all, (runs,).
        shots: Of each setting and point.
        sigmas: Significances of a verdict.
    """
    return Power(
        shots=shots,
        verdict={sigma: _share(seen, usable, sigma) for sigma in sigmas},
        conditions={sigma: _conditions(seen, sigma) for sigma in sigmas},
    )


def pooled(parts: Sequence[tuple[int, Power]]) -> Power:
    """The power of runs that were simulated in parts.

    Args:
        parts: How many runs each has, and its power.
    """
    (runs, first), *others = parts
    if not others:
        return first
    share = np.array([runs, *(one for one, _ in others)]) / sum(one for one, _ in parts)

    def mean(values: Sequence[float]) -> float:
        return float(share @ np.array(values))

    return Power(
        shots=first.shots,
        verdict={sigma: mean([power.verdict[sigma] for _, power in parts]) for sigma in first.verdict},
        conditions={
            sigma: {name: mean([power.conditions[sigma][name] for _, power in parts]) for name in conditions}
            for sigma, conditions in first.conditions.items()
        },
    )


def _conditions(seen: Exchange, sigma: float) -> dict[str, float]:
    """How often each condition of the verdict is met, by itself."""
    met = {
        "direction": hotter(seen, sigma),
        "heat": side_sigma(seen, "hot", 1) > sigma,
        "cold side": side_sigma(seen, "cold", -1) > sigma,
        "balance": balanced(seen),
        "control": apart_from_controls(seen, sigma),
    }
    return {name: float(np.mean(one)) for name, one in met.items()}


def _share(seen: Exchange, usable: Array, sigma: float) -> float:
    return float(np.mean(reversed_heat(seen, sigma) & usable))


def _scaled_root(seen: Exchange, usable: Array, sigma: float, shots: int) -> int:
    """Shots at which enough of the runs would come to a verdict if all deviations shrank with the root of the shots."""
    low, high = math.log(1 / shots), math.log(MOST / shots)
    while high - low > NEAR / 10:
        middle = (low + high) / 2
        enough = _share(scaled(seen, math.exp(middle)), usable, sigma) >= PLANNED
        low, high = (low, middle) if enough else (middle, high)
    return math.ceil(shots * math.exp(high))
