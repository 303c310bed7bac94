"""Exact probabilities member by member: what resolved frequencies are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.data import Columns
from analysis.intervals.cells import Cells
from protocols import Array, Experiment, Observable, Points
from protocols.program import ResolvedFrequencies, Setting


def with_exact_members(
    cells: Cells,
    experiment: Experiment | None,
    points: Points,
    bases: Sequence[str],
    observables: Sequence[Observable],
    white: float = 0.0,
) -> Cells:
    """Cells with the exact frequencies that observables ask for, unless they have closed forms of their own.

    Args:
        cells: Of the points.
        experiment: The protocol with its fields; None: nothing is known.
        points: Its sweep, with options that may lack how circuits were made.
        bases: Settings of the system.
        observables: `resolved` says which columns, `exactly` that they need none.
        white: Fraction of white noise in every state.
    """
    wanted = {o.resolved for o in observables if o.resolved is not None and o.exactly is None}
    if experiment is None or not wanted:
        return cells
    usual = {name: known[0] for name, known in experiment.offers.items() if known}
    whole = replace(points, options={"preparation": "ensemble", "ancillas": "fresh", **usual, **points.options})
    exact = {columns: exact_resolved(experiment, whole, bases, columns) for columns in sorted(wanted)}
    return replace(cells, resolved={columns: _mixed(one, white) for columns, one in exact.items()})


def _mixed(exact: ResolvedFrequencies, white: float) -> ResolvedFrequencies:
    size = exact.frequency.shape[-2] * exact.frequency.shape[-1]
    return replace(exact, frequency=(1 - white) * exact.frequency + white / size) if white else exact


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
