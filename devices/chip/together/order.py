"""Which copy runs what when, in circuits that hold all copies of a job.

Every copy runs every execution of a job, each in an order of its own. Of A offsets, copy c in pass p begins at

    ((c + p) mod A) len / A

of the list that the program gives and goes round: a Latin square, so that arms and members meet all moments, and
neighbours that run others of them, on every copy alike. The list is sorted by template, so that few combinations of
templates occur; each is one circuit with many rows.

Calibration opens the first pass and closes the last one. In the second half of its repeats about half of the copies
have the opposite pattern, most neighbours on different sides: what a qubit reads can be compared with what its
neighbours hold. Where a pattern is repeated once, all copies have the same one first and opposite ones last.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from devices.model import Job, Plan, ResultAddress
from protocols import Array, Program


@dataclass(frozen=True, eq=False)
class Item:
    """One circuit of a job."""

    copies: tuple[int, ...]
    """Which run in it: all that the job has slots of. Others idle."""
    blocks: tuple[int, ...]
    """Index of the template that each of them runs."""
    rows: Array
    """Row of its template that each of them runs, in executed order, (executions, copies)."""


def items(plan: Plan, job: Job) -> Iterator[Item]:
    """The circuits of a job in order.

    Args:
        plan: What the run is to do, as it was prepared.
        job: One of its jobs.
    """
    slots: dict[int, list[ResultAddress]] = {}
    for slot in job.slots:
        slots.setdefault(slot.copy, []).append(slot)
    copies = tuple(slots)
    order = np.stack([_executions(plan, copy, own) for copy, own in slots.items()], axis=1)
    changes = np.flatnonzero((order[1:, :, 0] != order[:-1, :, 0]).any(axis=1)) + 1
    for part in np.split(order, changes):
        yield Item(copies, tuple(part[0, :, 0].tolist()), part[:, :, 1])


def _executions(plan: Plan, copy: int, own: Sequence[ResultAddress]) -> Array:
    """Template and row of everything that a copy runs of its slots, in order, (executions, 2)."""
    parts = []
    for calibration, group in itertools.groupby(own, lambda slot: _calibration(plan, slot)):
        slots = list(group)
        listed = np.concatenate([*_turns(plan.program, slots)])
        if plan.copies > 1:
            if calibration is not None:
                listed = _inverted(plan, listed, copy, calibration)
            else:
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


def odd_copies(plan: Plan, round_: int = 1) -> frozenset[int]:
    """Copies whose calibration is inverted beside that of the others, so that most neighbours are on different sides.

    From neighbour to neighbour a copy takes the side with fewer of its own, which parts all of them where no ring of
    neighbours is odd. Without neighbours sides alternate along the chip, by lowest qubits. Pairs that are on one side
    in the calibration after the measurement are the only ones that count in that before it: it parts most of these.

    Args:
        plan: With the places of all copies, and which of them are neighbours.
        round_: 0 for the calibration before the measurement, 1 for that after it.
    """
    pairs = list(plan.packing.get("neighbours", ()))
    if round_ == 0:
        last = odd_copies(plan)
        pairs = [(one, other) for one, other in pairs if (one in last) == (other in last)]
    beside: dict[int, list[int]] = {copy: [] for copy in range(plan.copies)}
    for one, other in pairs:
        beside[one].append(other)
        beside[other].append(one)
    sides: tuple[set[int], set[int]] = (set(), set())
    odd = 1
    for first in np.argsort([min(placement.physical.values()) for placement in plan.placements]).tolist():
        waiting = [first]
        for copy in waiting:
            if copy in sides[0] | sides[1]:
                continue
            on_even, on_odd = (len(side.intersection(beside[copy])) for side in sides)
            odd = 1 - odd if on_even == on_odd else int(on_even > on_odd)
            sides[odd].add(copy)
            waiting += beside[copy]
    return frozenset(sides[1])


def _inverted(plan: Plan, listed: Array, copy: int, round_: int) -> Array:
    """Calibration with the second half of the repeats of a pattern in the place of its opposite on odd copies.

    As it is where the opposite is not run as often: each pattern has its shots in any case.
    """
    if copy not in odd_copies(plan, round_):
        return listed
    blocks = {plan.program.blocks[block].prepared: block for block in np.unique(listed[:, 0]).tolist()}
    flipped = str.maketrans("01", "10")
    other = {block: blocks.get(prepared.translate(flipped), block) for prepared, block in blocks.items()}
    own = {block: listed[listed[:, 0] == block] for block in blocks.values()}
    if any(len(own[block]) != len(own[other[block]]) for block in own):
        return listed
    found = []
    for block in dict.fromkeys(listed[:, 0].tolist()):
        half = (len(own[block]) + 1 - round_) // 2
        found += [own[block][:half], own[other[block]][half:]]
    return np.concatenate(found)
