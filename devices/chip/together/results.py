"""Shots of circuits that hold all copies, and the counts of each copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from devices.chip.together.order import Item
from devices.model import Job, Plan
from devices.record import Tally
from protocols import Array


@dataclass(frozen=True, eq=False)
class Read:
    """The shots of one item."""

    item: Item
    packed: tuple[Array, ...]
    """Of each copy the register of its outcomes, (executions, shots, bytes) of uint8.

    As in a `BitArray` of qiskit: outcome 0 is the lowest bit of the last byte. `unpacked` gives the bits.
    """


def apart(plan: Plan, job: Job, shots: Iterable[Read]) -> list[Tally]:
    """Counts of every slot of a job from the shots of its items.

    The shots are taken one item after the other and not kept: whoever wants sums over what different copies read in
    one shot hands over an iterator that forms them on the way.

    Args:
        plan: What the run is to do, as it was prepared.
        job: One of its jobs.
        shots: Of each of its items.
    """
    counted: dict[tuple[int, int, int], Counter[str]] = {}
    for one in shots:
        for copy, block, executed, packed in zip(
            one.item.copies, one.item.blocks, one.item.rows.T, one.packed, strict=True
        ):
            bits = len(plan.program.blocks[block].setting.outcomes)
            rows, places = np.unique(executed, return_inverse=True)
            for place, outcome, count in _counts(packed, bits, places):
                counted.setdefault((copy, block, int(rows[place])), Counter())[outcome] += count
    return [dict(counted[slot.copy, slot.block, slot.block_row]) for slot in job.slots]


def unpacked(packed: Array, bits: int) -> Array:
    """Bits of packed outcomes, the first outcome first.

    Args:
        packed: Shape (..., bytes) of uint8, as in `Read`.
        bits: How many outcomes there are.

    Returns:
        Shape (..., bits) of uint8.

    Examples:
        >>> unpacked(np.array([[0b0000_0010, 0b0000_0101]], dtype=np.uint8), 10).tolist()
        [[1, 0, 1, 0, 0, 0, 0, 0, 0, 1]]
    """
    return np.unpackbits(packed, axis=-1)[..., ::-1][..., :bits]


def _counts(packed: Array, bits: int, places: Array) -> Iterator[tuple[int, str, int]]:
    """Place, outcome (its first bit first) and count of what one copy read, (executions, shots, bytes)."""
    if bits + len(places).bit_length() > 62:
        for place in np.unique(places).tolist():
            own = packed[places == place].reshape(-1, packed.shape[-1])
            outcomes, numbers = np.unique(own, axis=0, return_counts=True)
            for outcome, number in zip(unpacked(outcomes, bits), numbers.tolist(), strict=True):
                yield place, "".join(map(str, outcome.tolist())), number
        return
    code = np.zeros(packed.shape[:-1], dtype=np.int64)
    for byte in range(packed.shape[-1]):
        code = (code << 8) | packed[..., byte]
    code += places[:, None].astype(np.int64) << bits
    for key, number in zip(*_tallied(code.ravel()), strict=True):
        yield key >> bits, f"{key & ((1 << bits) - 1):0{bits}b}"[::-1], number


def _tallied(codes: Array) -> tuple[list[int], list[int]]:
    """Distinct codes and how often each occurs; few different ones are counted without sorting."""
    if codes.size and codes.max() <= 4 * codes.size:
        numbers = np.bincount(codes)
        found = np.flatnonzero(numbers)
        return found.tolist(), numbers[found].tolist()
    found, numbers = np.unique(codes, return_counts=True)
    return found.tolist(), numbers.tolist()
