"""All copies in one circuit: which copy runs what when, the circuit of the whole chip, and its results taken apart.

Every copy runs every execution of a job, each in an order of its own. Of A offsets, copy c in pass p begins at

    ((c + p) mod A) len / A

of the list that the program gives and goes round: a Latin square, so that arms and members meet all moments, and
neighbours that run others of them, on every copy alike. The list is sorted by template, so that few combinations of
templates occur; each is one circuit with many rows.

Calibration opens the first pass with one pattern on all copies. It closes the last one with every second copy inverted
(counted along the chip by their lowest qubit): what a qubit reads can then be compared with what its neighbours hold.
"""

from __future__ import annotations

import itertools
import typing
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from devices.chip.side_by_side import name_of, side_by_side
from devices.model import Job, Plan, ResultAddress
from devices.record import Tally
from protocols import Array, Program

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True, eq=False)
class Item:
    """One circuit of a job."""

    blocks: tuple[int, ...]
    """Index of the template that each copy runs."""
    rows: Array
    """Row of its template that each copy runs, in executed order, (executions, copies)."""


@dataclass(frozen=True, eq=False)
class Read:
    """The shots of one item."""

    item: Item
    packed: tuple[Array, ...]
    """Of each copy the register of its outcomes, (executions, shots, bytes) of uint8.

    As in a `BitArray` of qiskit: outcome 0 is the lowest bit of the last byte. `unpacked` gives the bits.
    """


def items(plan: Plan, job: Job) -> Iterator[Item]:
    """The circuits of a job in order.

    Args:
        plan: What the run is to do, as it was prepared.
        job: One of its jobs.
    """
    order = np.stack([_executions(plan, job, copy) for copy in range(len(plan.placements))], axis=1)
    changes = np.flatnonzero((order[1:, :, 0] != order[:-1, :, 0]).any(axis=1)) + 1
    for part in np.split(order, changes):
        yield Item(tuple(part[0, :, 0].tolist()), part[:, :, 1])


def circuits(plan: Plan, found: Iterable[Item], width: int) -> Iterator[QuantumCircuit]:
    """The circuit of each item on the qubits of the whole chip; of one copy alone, its template as it is.

    Args:
        plan: With templates that are on the qubits of a placement alone, where there are several copies.
        found: Some of its items.
        width: Qubits of the chip.
    """
    places = [tuple(placement.physical.values()) for placement in plan.placements]
    for item in found:
        templates = [plan.executed[block] for block in item.blocks]
        yield side_by_side(templates, places, width) if len(places) > 1 else templates[0]


def parameters_of(plan: Plan, item: Item) -> bool:
    """Whether any template of an item has free angles."""
    return any(plan.executed_angles(block)[0] for block in item.blocks)


def values_of(plan: Plan, item: Item, circuit: QuantumCircuit) -> Array:
    """Angles of all copies, in the order of the parameters of the item's circuit.

    Args:
        plan: With the angles of every template.
        item: One of its items.
        circuit: Of that item.

    Returns:
        Shape (executions, parameters) [rad].
    """
    column = {}
    for copy, block in enumerate(item.blocks):
        names, values = plan.executed_angles(block)
        own = values[item.rows[:, copy]]
        alone = len(item.blocks) == 1
        column |= {name if alone else name_of(copy, name): own[:, i] for i, name in enumerate(names)}
    return np.stack([column[parameter.name] for parameter in circuit.parameters], axis=1)


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
        for copy, block in enumerate(one.item.blocks):
            bits = len(plan.program.blocks[block].setting.outcomes)
            rows, places = np.unique(one.item.rows[:, copy], return_inverse=True)
            for place, outcome, count in _counts(one.packed[copy], bits, places):
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


# -- which copy runs what when


def _executions(plan: Plan, job: Job, copy: int) -> Array:
    """Template and row of everything that a copy runs, in order, (executions, 2)."""
    # all copies have the same rows with the same shots, in the order of the program
    own = [slot for slot in job.slots if slot.copy == 0]
    parts = []
    for calibration, group in itertools.groupby(own, lambda slot: _calibration(plan, slot)):
        slots = list(group)
        listed = np.concatenate([*_turns(plan.program, slots)])
        if len(plan.placements) > 1:
            listed = _inverted(plan, listed, copy) if calibration == 1 else listed
            if calibration is None:
                turn = (copy + slots[0].pass_) % offsets(plan.program)
                listed = np.roll(listed, -(turn * len(listed) // offsets(plan.program)), axis=0)
        parts.append(listed)
    return np.concatenate(parts)


def _calibration(plan: Plan, slot: ResultAddress) -> int | None:
    """0 for the calibration that opens a run, 1 for the one that closes it, None for what is measured between."""
    return slot.pass_ if plan.program.blocks[slot.block].prepared else None


def _turns(program: Program, slots: Sequence[ResultAddress]) -> Iterator[Array]:
    """Repeats of each template in turns, so that neighbours in time are different points."""
    for block, group in itertools.groupby(slots, lambda slot: slot.block):
        own = list(group)
        repeats = np.array([slot.shots // program.shots_per_row for slot in own])
        rows = np.array([slot.block_row for slot in own], dtype=np.int32)
        turns = np.concatenate([rows[repeats > turn] for turn in range(int(repeats.max()))])
        yield np.stack([np.full_like(turns, block), turns], axis=1)


def offsets(program: Program) -> int:
    """Moments of the list at which copies begin: arms times members, or the passes where these are fewer.

    Over as many passes as there are offsets every copy has had every one; more of them would only make more circuits.
    """
    settings = [block.setting for block in program.blocks if not block.prepared]
    arms = len({setting.arm for setting in settings})
    return max(1, min(len({(setting.arm, setting.member) for setting in settings}), max(arms, program.passes)))


def odd_copies(plan: Plan) -> frozenset[int]:
    """Every second copy along the chip, by their lowest qubits: those that the closing calibration inverts."""
    lowest = [min(placement.physical.values()) for placement in plan.placements]
    return frozenset(np.argsort(lowest)[1::2].tolist())


def _inverted(plan: Plan, listed: Array, copy: int) -> Array:
    """Calibration with every pattern in the place of its opposite on odd copies, where that one is run as often."""
    if copy not in odd_copies(plan):
        return listed
    blocks = {plan.program.blocks[block].prepared: block for block in np.unique(listed[:, 0]).tolist()}
    flipped = str.maketrans("01", "10")
    other = {block: blocks.get(prepared.translate(flipped), block) for prepared, block in blocks.items()}
    own = {block: listed[listed[:, 0] == block] for block in blocks.values()}
    if any(len(own[block]) != len(own[other[block]]) for block in own):
        return listed
    return np.concatenate([own[other[block]] for block in dict.fromkeys(listed[:, 0].tolist())])


# -- results


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
