"""How often a run says "reversed", and the shots of a setting and point at which it does so nearly always."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from analysis.planning.expectation import Expectation
from analysis.planning.power.readings import Place, Readings, exact_readings, readings, words_of
from analysis.planning.power.rule import conditions
from analysis.planning.power.runs import draw_runs, fewest_shots

PLANNED = 0.97
"""Power that shots are planned for, where 90 % is what is promised of them: 50 runs at 97 % say it 45 times or more in
996 of 1000 cases, 50 runs at 90 % in 616."""
RUNS = 4000
"""Simulated runs of one power, which is known to 0.8 % by them and at `PLANNED` to 0.3 %."""
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
    simulated: dict[int, Readings] = field(default_factory=dict)
    """By shots: made once."""

    def runs(self, shots: int) -> Readings:
        """What many runs of so many shots show."""
        if shots not in self.simulated:
            words, follows = words_of(self.expected), self.calibration_follows
            drawn = draw_runs(self.expected, words, shots, RUNS, calibration_follows=follows)
            self.simulated[shots] = readings(drawn, self.expected, self.place)
        return self.simulated[shots]

    def power(self, shots: int, sigmas: tuple[float, ...]) -> Power:
        """How often runs of so many shots say "reversed".

        Args:
            shots: Of each setting and point.
            sigmas: Significances of a verdict.
        """
        found = {sigma: conditions(self.runs(shots), sigma) for sigma in sigmas}
        return Power(
            shots=shots,
            verdict={sigma: _share(self.runs(shots), sigma) for sigma in sigmas},
            conditions={s: {name: float(met.mean()) for name, met in one.items()} for s, one in found.items()},
        )

    def shots_for(self, sigma: float) -> int | None:
        """Shots of a setting and point at which `PLANNED` of the runs come to a verdict; None: no number does.

        Runs of other shots are those of one simulation with deviations and errors scaled, which leads near; there they
        are simulated again, until the shots stay.
        """
        if _share(self.runs(MOST), sigma) < PLANNED:
            return None
        exact, least = exact_readings(self.expected, self.place), fewest_shots(self.expected)
        low, high, shots = least, MOST, max(self.expected.program.shots, least)
        for _ in range(TRIALS):
            enough = _share(self.runs(shots), sigma) >= PLANNED
            low, high = (low, min(high, shots)) if enough else (max(low, shots), high)
            found = int(np.clip(_scaled_root(self.runs(shots), exact, sigma, shots), low, high))
            if abs(math.log(found / shots)) < NEAR or high <= low + 1:
                return max(found, least)
            shots = found
        return high


def _share(read: Readings, sigma: float) -> float:
    return float((np.logical_and.reduce([*conditions(read, sigma).values()]) & read.usable).mean())


def _scaled_root(read: Readings, exact: Readings, sigma: float, shots: int) -> int:
    """Shots at which enough of the runs would come to a verdict if all deviations shrank with the root of the shots."""
    low, high = math.log(1 / shots), math.log(MOST / shots)
    while high - low > NEAR / 10:
        middle = (low + high) / 2
        enough = _share(read.scaled(exact, math.exp(middle)), sigma) >= PLANNED
        low, high = (low, middle) if enough else (middle, high)
    return math.ceil(shots * math.exp(high))
