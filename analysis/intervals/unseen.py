"""Estimates with a count more: what may have gone unseen in every outcome, and one more of a single outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.data import Frequencies, Reading
from analysis.intervals.cells import Cells
from analysis.intervals.methods import evaluated
from protocols import Array, Observable, Sample
from protocols.pauli import outcome_bits, parity


def with_one_unseen_count(sample: Sample, view: Cells, reading: Reading) -> Sample:
    """The same with a fraction of 1/d in every state, of half excitation in every ancilla.

    Args:
        sample: The estimates, and those of their references.
        view: The cells.
        reading: What one count is of the shots.
    """
    fraction = reading.unseen
    full = reading.full if isinstance(reading, Frequencies) else {}
    moments = {
        word: (1 - fraction) * value + fraction * full.get(word, 0.0) / 2 for word, value in sample.moments.items()
    }
    resolved = {columns: one.with_unseen() for columns, one in sample.resolved.items()}
    if sample.states is None:
        return view.sample(moments, None, resolved, reading.resolution)
    w, d = fraction[:, None, None], sample.states.shape[-1]
    return view.sample(moments, (1 - w) * sample.states + w * np.eye(d) / d, resolved, reading.resolution)


def with_one_count_more(sample: Sample, view: Cells, reading: Reading) -> tuple[list[Sample], list[Sample]]:
    """The same with one count more in each outcome of the populations: at every cell; at every reference.

    Args:
        sample: The estimates, and those of their references.
        view: The cells.
        reading: What one count is of the shots.

    Returns:
        Samples of all outcomes, along a leading axis; one by one where members are resolved, which have no such axis.
    """
    diagonal = [word for word in sample.moments if set(word) <= {"I", "Z"}]
    bits = outcome_bits(len(diagonal[0])) if diagonal else np.zeros((0, 0), dtype=int)
    own, before = [], []
    for some in np.split(bits, len(bits)) if sample.resolved else [bits][: len(bits)]:
        moved = _moved(sample, view, reading, some, diagonal)
        own.append(replace(moved, reference=sample.reference, memory={}))
        if sample.reference is not None and moved.reference is not None:
            before.append(replace(sample, reference=replace(moved.reference, memory={}), memory={}))
    return own, before


def _moved(sample: Sample, view: Cells, reading: Reading, bits: Array, diagonal: Sequence[str]) -> Sample:
    """One count more in each of some outcomes, (outcomes, qubits) bits, along a leading axis."""
    share, shape = reading.resolution, (len(bits), len(view.home))
    moments = {
        word: (1 - share) * value + np.multiply.outer(parity(bits, word), share)
        if word in diagonal
        else np.broadcast_to(value, shape)
        for word, value in sample.moments.items()
    }
    states = sample.states
    if states is not None:
        there = np.zeros((len(bits), 1, *states.shape[-2:]))
        outcome = bits @ (1 << np.arange(bits.shape[1])[::-1])
        there[np.arange(len(bits)), 0, outcome, outcome] = 1.0
        states = (1 - share)[:, None, None] * states + share[:, None, None] * there
    return view.sample(moments, states, sample.resolved, reading.resolution)


def with_a_count_of_each_member(observable: Observable, sample: Sample) -> Sample:
    """The same with one count more in every stratum, for quantities whose `reach_of_one_count` is added anyhow.

    Args:
        observable: With `resolved`.
        sample: The estimates.
    """
    assert observable.resolved is not None
    seen = sample.resolved[observable.resolved].with_unseen(1)
    return replace(sample, resolved={**sample.resolved, observable.resolved: seen}, memory={})


def reach_of_one_count(observable: Observable, sample: Sample) -> Array:
    """How far one count of a member, in one outcome or another, moves a quantity: the most of any member, (cells,).

    Mixing all members at once may cancel: where each gave one outcome, as many flips go up as down.

    Args:
        observable: With `resolved`.
        sample: The estimates.
    """
    assert observable.resolved is not None
    seen = sample.resolved[observable.resolved]
    if seen.shots is None:
        return np.zeros(len(seen.weight))
    share = (1 / np.maximum(seen.shots, 1))[..., None, None]
    members, _, outcomes, patterns = seen.frequency.shape[1:]
    ends = []
    for pattern in np.ndindex(outcomes, patterns):
        count = np.zeros((outcomes, patterns))
        count[pattern] = 1.0
        # each member by itself, along a leading axis
        own = np.eye(members)[:, None, :, None, None, None] * share
        moved = replace(seen, frequency=(1 - own) * seen.frequency + own * count)
        ends.append(evaluated(observable, replace(sample, resolved={observable.resolved: moved}, memory={})))
    return np.nan_to_num(np.ptp(ends, axis=0).max(axis=0))
