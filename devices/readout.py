"""What calibration says of the readout: is every pattern read mostly as itself, and what two patterns tell of all."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from protocols import Array

MOST_ORDERED = 5
"""Wires of which every order is tried, to name the one that fits."""


@dataclass(frozen=True, kw_only=True)
class Misread:
    """A pattern that was mostly read as another one, and which labels would fit what was read."""

    prepared: str
    read: str
    share: float
    """Of the shots of the pattern, those read so."""
    order: tuple[int, ...] | None = None
    """Label characters in the order of the columns read, where such an order fits; None where none does."""
    inverted: bool = False
    """Whether 0 and 1 have to be exchanged as well, to fit."""

    @property
    def reversed(self) -> bool:
        """Whether the labels fit with their last character first."""
        return self.order is not None and len(self.order) > 1 and self.order == tuple(range(len(self.order)))[::-1]

    @property
    def fact(self) -> str:
        """What happened, as the beginning of a sentence."""
        return f"{self.prepared} was read as {self.read} in {self.share:.0%} of its shots"


def misread(prepared: Array, read: Array, count: Array, qubits: int) -> Misread | None:
    """The worst pattern that is not read mostly as itself; None where all are.

    Patterns of the system are compared as a whole, and every further wire for itself, as calibration is used.

    Args:
        prepared: Bits of the labels, (rows, wires).
        read: Bits as read, (rows, wires).
        count: How often, (rows,).
        qubits: How many of the wires are the system's; they come first.

    Examples:
        >>> labels, bits = np.array([[0, 1], [1, 0]]), np.array([[1, 0], [0, 1]])
        >>> found = misread(labels, bits, np.array([95, 95]), 2)
        >>> found.fact, found.reversed, found.inverted
        ('01 was read as 10 in 100% of its shots', True, False)
    """
    worst = _worst(prepared, read, count, qubits, tied=True)
    if worst is None:
        return None
    wires = prepared.shape[1]
    identity = tuple(range(wires))
    orders = (
        [identity[::-1], *itertools.permutations(identity)] if wires <= MOST_ORDERED else [identity[::-1], identity]
    )
    for inverted in (False, True):
        for order in orders:
            if _worst(prepared[:, order] ^ inverted, read, count, qubits, tied=True) is None:
                return Misread(prepared=worst[0], read=worst[1], share=worst[2], order=order, inverted=inverted)
    worst = _worst(prepared, read, count, qubits, tied=False)  # a tie that no order explains is a bad readout
    return worst and Misread(prepared=worst[0], read=worst[1], share=worst[2])


def _worst(prepared: Array, read: Array, count: Array, qubits: int, *, tied: bool) -> tuple[str, str, float] | None:
    """The pattern most read as another, that one, and its share; with `tied` also if as often as itself."""
    found: list[tuple[float, str, str]] = []
    parts = [slice(0, qubits), *(slice(wire, wire + 1) for wire in range(qubits, prepared.shape[1]))]
    for part in parts:
        tallies: dict[str, dict[str, int]] = {}
        for label, bits, number in zip(prepared[:, part], read[:, part], count.tolist(), strict=True):
            outcomes = tallies.setdefault(_text(label), {})
            outcomes[_text(bits)] = outcomes.get(_text(bits), 0) + number
        for label, outcomes in tallies.items():
            own, total = outcomes.pop(label, 0), sum(outcomes.values())
            likely = max(outcomes, key=lambda bits: outcomes[bits], default=label)
            if (most := outcomes.get(likely, 0)) > own or (tied and most == own > 0):
                found.append((most / (own + total), label, likely))
    if not found:
        return None
    share, label, likely = max(found, key=lambda one: one[0])
    return label, likely, share


def _text(bits: Array) -> str:
    return "".join(str(int(bit)) for bit in bits)


def every_state_prepared(table: Array) -> bool:
    """Whether patterns with shots have every qubit in both of its states, which is what independent errors need.

    Args:
        table: Calibration counts (patterns prepared, outcomes read).
    """
    shots, qubits = table.sum(axis=1), len(table).bit_length() - 1
    patterns = np.flatnonzero(shots > 0)
    return bool(len(patterns)) and all(len(np.unique(patterns >> qubit & 1)) == 2 for qubit in range(qubits))


def completed(table: Array) -> Array:
    r"""A table of all patterns from one of some, where readout errors of the qubits are independent.

    P(read | prepared) is the product of P(read_k | prepared_k) over the qubits k, each of all shots in which qubit k
    was prepared in that state. A shot tells of every pattern that shares the state of a qubit, so patterns are given
    N / 2^(qubits - 1) shots each, N the fewest of a qubit in a state: errors that are drawn for the patterns one by one
    then add up to at least those of the measured rates.

    Args:
        table: Calibration counts (patterns prepared, outcomes read); every qubit was prepared in both of its states.

    Returns:
        The table itself if no pattern is without shots.

    Examples:
        >>> two = np.zeros((4, 4), dtype=int)
        >>> two[0], two[3] = [90, 10, 0, 0], [0, 0, 40, 160]
        >>> (completed(two) / 50).round(2).tolist()[1]
        [0.2, 0.8, 0.0, 0.0]
    """
    if (table.sum(axis=1) > 0).all():
        return table
    size = len(table)
    qubits = size.bit_length() - 1
    bits = (np.arange(size)[:, None] >> np.arange(qubits)[::-1]) & 1
    rates, fewest = np.ones((size, size)), None
    for qubit in range(qubits):
        own = np.zeros((2, 2))
        np.add.at(own, (bits[:, None, qubit], bits[None, :, qubit]), table)
        shots = own.sum(axis=1)
        fewest = shots.min() if fewest is None else min(fewest, shots.min())
        rates *= (own / shots[:, None])[bits[:, None, qubit], bits[None, :, qubit]]
    return rates * max(int(fewest or 0) // 2 ** (qubits - 1), 1)


def read_as_written(labels: Sequence[str]) -> Array:
    """Labels such as 01 as an array of bits, (rows, wires)."""
    return np.array([[int(bit) for bit in label] for label in labels], dtype=np.int64)
