"""Simulated runs of exact probabilities: what raw and mitigated values say, run by run and in the mean."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis import Methods
from analysis.data import Counts
from analysis.evaluation import evaluate, ideal_values, setup_of
from analysis.intervals import view
from analysis.mitigation import Members, Mitigation, removed
from analysis.quantities import catalogue
from mitigation_study.noise import Outcomes
from protocols import Array, Program, RequestError, compile
from protocols.heat_exchange import HeatExchange
from protocols.pair.preparation import EXCHANGED
from protocols.program import STATE

MANY = 10**10
"""Shots whose frequencies are the probabilities."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """One quantity at one point by one way of mitigation ("none" is raw), (runs,) each."""

    value: Array
    stderr: Array
    """Statistical."""
    systematic: Array
    low: Array
    high: Array
    refused: Array
    """How many runs it was refused in, which are not among the others; (1,)."""

    def coverage(self, truth: float) -> float:
        """How often the interval holds the truth."""
        return float(((self.low <= truth) & (truth <= self.high)).mean())

    def statistical_coverage(self, truth: float) -> float:
        """The same of the statistical error alone."""
        return float((np.abs(self.value - truth) <= 1.959964 * self.stderr).mean())


class Question:
    """One quantity of heat-exchange at one time."""

    def __init__(self, experiment: HeatExchange, bases: str, observable: str, subject: str) -> None:
        self.experiment, self.points = experiment, experiment.points({"control": ""})
        self.program: Program = compile(experiment, self.points, shots=100, bases=bases)
        states, before = experiment.state(self.points), experiment.reference_state(self.points)
        self.cells = view(self.points, 1, states[None], before[None])
        # no curve is fitted to two points
        self.setup = replace(setup_of(experiment, self.points, ("main",), "time", ("A", "B")), oscillates=False)
        every = catalogue(("A", "B"), "AB", (), experiment)
        (self.observable,) = (o for o in every if (o.name, o.subject) == (observable, subject))
        self.truth = float(ideal_values([self.observable], self.cells)[0][0])
        self.ways: tuple[Mitigation, ...] = ("survival",)
        if STATE not in self.observable.reads:
            self.ways = ("symmetry", "survival", "both")

    def means(self, found: Outcomes) -> dict[str, float]:
        """Way -> what infinitely many shots say, less the truth."""
        share = np.rint(found.read * MANY).astype(np.int64)
        calibration = np.rint(found.confusion.T * MANY).astype(np.int64)
        return {way: float(one.value[0]) - self.truth for way, one in self.said(found, [(share, calibration)]).items()}

    def runs(self, found: Outcomes, shots: int, number: int, seed: int) -> dict[str, Judged]:
        """Runs with counts and a readout calibration of their own.

        Args:
            found: Exact probabilities.
            shots: Of a setting and point, and of each pattern of the calibration.
            number: How many runs.
            seed: Of all of them.
        """
        return self.said(found, list(itertools.islice(_drawn(found, shots, seed), number)))

    def said(self, found: Outcomes, drawn: Sequence[tuple[Array, Array]]) -> dict[str, Judged]:
        """What the analysis says of counts, each with its calibration."""
        numbers = tuple(sorted({block.setting.member for block in self.program.blocks}))
        members = Members(
            numbers=numbers,
            excitations=np.array([EXCHANGED[number].excitations for number in numbers]),
            gates=np.tile(found.gates, (len(found.read), 1)),
            carriers=tuple(EXCHANGED[number].carrier for number in numbers),
            unmoved=0,
        )
        of_state = STATE in self.observable.reads
        methods, key = Methods(), (self.observable.name, self.observable.subject)
        rows: dict[str, list[tuple[float, ...]]] = {way: [] for way in ("none", *self.ways)}
        refused = dict.fromkeys(rows, 0)
        for observed, calibration in drawn:
            data = Counts(bases=self.program.bases, observed=observed, weight=found.weight, calibration=calibration)
            said = evaluate(data, self.cells, self.setup, [self.observable], methods, keep_states=of_state).estimates
            raw = said.quantities[key]
            names = ("value", "stderr", "low", "high")
            rows["none"].append((*(float(getattr(raw, name)[0, 0]) for name in names), 0.0))
            for way in self.ways:
                try:
                    row = removed(data, members, self.cells, said, way, methods if of_state else None).rows[key]
                except RequestError:
                    refused[way] += 1
                    continue
                numbers_of = (float(getattr(row.estimated, name)[0, 0]) for name in names)
                rows[way].append((*numbers_of, float(row.systematic[0, 0])))
        made = {way: np.array(values).T for way, values in rows.items()}
        return {
            way: Judged(
                value=value, stderr=stderr, systematic=systematic, low=low, high=high, refused=np.array([refused[way]])
            )
            for way, (value, stderr, low, high, systematic) in made.items()
        }


def _drawn(found: Outcomes, shots: int, seed: int) -> Iterator[tuple[Array, Array]]:
    """Counts and calibrations without end."""
    generator = np.random.default_rng(seed)
    each = np.rint(found.weight * shots).astype(np.int64)[..., None]
    each = np.broadcast_to(each, found.read.shape[:3])
    p = found.read / found.read.sum(axis=-1, keepdims=True)
    while True:
        yield generator.multinomial(each, p), generator.multinomial(shots, found.confusion.T)
