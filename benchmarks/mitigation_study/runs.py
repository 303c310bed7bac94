"""Simulated runs of exact probabilities: what raw and mitigated heat say, run by run and in the mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis import Methods
from analysis.data import Counts
from analysis.evaluation import SweepSetup, evaluate
from analysis.intervals import Cells
from analysis.mitigation import WAYS, Members, removed
from mitigation_study.noise import Outcomes
from protocols import Array, Observable

MANY = 10**10
"""Shots whose frequencies are the probabilities."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """One quantity at one point, by way of mitigation ("none" is raw)."""

    way: str
    value: Array
    """(runs,)."""
    stderr: Array
    """Statistical."""
    systematic: Array
    low: Array
    high: Array


def judged_means(found: Outcomes, cells: Cells, setup: SweepSetup, o: Observable, at: int) -> dict[str, float]:
    """Exact means: way -> the quantity of infinitely many shots."""
    share = np.rint(found.read * MANY).astype(np.int64)
    calibration = np.rint(found.confusion.T * MANY).astype(np.int64)
    return {one.way: float(one.value[0]) for one in _said(found, [(share, calibration)], cells, setup, o, at)}


def judged_runs(
    found: Outcomes, cells: Cells, setup: SweepSetup, o: Observable, at: int, shots: int, runs: int, seed: int
) -> list[Judged]:
    """Runs with counts and a readout calibration of their own.

    Args:
        found: Exact probabilities.
        cells: Of the two points.
        setup: Likewise.
        o: The quantity.
        at: Index of the cell.
        shots: Of a setting and point, and of each pattern of the calibration.
        runs: How many.
        seed: Of all of them.
    """
    generator = np.random.default_rng(seed)
    per_member = np.rint(found.weight * shots).astype(np.int64)[..., None]
    per_member = np.broadcast_to(per_member, found.read.shape[:3])
    p = found.read / found.read.sum(axis=-1, keepdims=True)
    drawn = [
        (generator.multinomial(per_member, p), generator.multinomial(shots, found.confusion.T)) for _ in range(runs)
    ]
    return _said(found, drawn, cells, setup, o, at)


def _said(
    found: Outcomes, drawn: Sequence[tuple[Array, Array]], cells: Cells, setup: SweepSetup, o: Observable, at: int
) -> list[Judged]:
    bases = {1: ("ZZ",), 9: None}[found.read.shape[2]] or tuple(a + b for a in "XYZ" for b in "XYZ")
    excitations = np.array([0, 1, 1, 2] if len(found.gates) == 4 else [0, 1])
    gates = np.tile(found.gates, (len(found.read), 1))
    members = Members(numbers=tuple(range(len(excitations))), excitations=excitations, gates=gates, unmoved=0)
    rows: dict[str, list[tuple[float, ...]]] = {way: [] for way in WAYS}
    for observed, calibration in drawn:
        data = Counts(bases=bases, observed=observed, weight=found.weight, calibration=calibration)
        said = evaluate(data, cells, setup, [o], Methods(draws=2), keep_states=False).estimates
        raw = said.quantities[o.name, o.subject]
        rows["none"].append(tuple(float(getattr(raw, n).ravel()[at]) for n in ("value", "stderr", "low", "high")))
        rows["none"][-1] = (*rows["none"][-1], 0.0)
        for way in WAYS[1:]:
            row = removed(data, members, cells, said, way).rows[o.name, o.subject]
            numbers = (getattr(row.estimated, n).ravel()[at] for n in ("value", "stderr", "low", "high"))
            rows[way].append((*(float(number) for number in numbers), float(row.systematic.ravel()[at])))
    judged = []
    for way, values in rows.items():
        value, stderr, low, high, systematic = np.array(values).T
        judged.append(Judged(way=way, value=value, stderr=stderr, systematic=systematic, low=low, high=high))
    return judged
