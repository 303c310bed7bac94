"""Exact probabilities member by member: what resolved frequencies are compared with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.data import Columns
from protocols import Array, Experiment, Points
from protocols.program import ResolvedFrequencies, Setting


def exact_resolved(
    experiment: Experiment, points: Points, bases: Sequence[str], columns: Columns
) -> ResolvedFrequencies:
    """Exact probabilities of each member, cells arm-major as in `Cells`.

    Args:
        experiment: The protocol with its fields.
        points: Its sweep.
        bases: Settings of the system.
        columns: Columns of ancillas whose bits are wanted jointly; () for the system alone. Cells that do not read one
            of them are NaN.
    """
    settings, qubits = experiment.settings(points, bases), len(experiment.qubits)
    members = sorted({setting.member for setting in settings})
    cells = len(points.arms) * len(points)
    frequency = np.full((cells, len(members), len(bases), 2**qubits, 2 ** len(columns)), np.nan)
    weight = np.zeros((cells, len(members)))
    for setting in settings:
        rows = np.flatnonzero(experiment.applies(setting, points))
        own, member = points.at(rows), members.index(setting.member)
        cell = rows + points.arms.index(setting.arm) * len(points)
        weight[cell, member] = experiment.weights(setting, own)
        found = _marginal(experiment.exact(setting, own), setting, qubits, columns)
        if found is not None:
            frequency[cell, member, list(bases).index(setting.basis[:qubits])] = found
    return ResolvedFrequencies(bases=tuple(bases), frequency=frequency, weight=weight, numbers=tuple(members))


def _marginal(probabilities: Array, setting: Setting, qubits: int, columns: Columns) -> Array | None:
    """Of the system and some ancillas, (points, outcomes, patterns); None where one of them is not read."""
    names = [outcome.column for outcome in setting.outcomes]
    if not set(columns) <= set(names):
        return None
    bits = probabilities.reshape(-1, *[2] * len(names))
    kept = [*range(qubits), *(names.index(name) for name in columns)]
    others = tuple(1 + axis for axis in range(len(names)) if axis not in kept)
    left = [axis for axis in range(len(names)) if axis in kept]
    ordered = np.moveaxis(bits.sum(axis=others), [1 + left.index(axis) for axis in kept], range(1, 1 + len(kept)))
    return ordered.reshape(len(probabilities), 2**qubits, 2 ** len(columns))
