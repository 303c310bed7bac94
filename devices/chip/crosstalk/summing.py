"""Sums within shots formed on the way, while the results of circuits of many copies are taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from devices.chip.crosstalk.within_shots import WithinShots
from devices.chip.together import Read, apart, unpacked
from devices.model import Job, Plan
from devices.record import Tally, bit_columns


def apart_and_summed(plan: Plan, job: Job, shots: Iterable[Read]) -> tuple[list[Tally], WithinShots]:
    """Counts of every slot of a job, and how bits of different copies went together in its shots.

    Rows of passes in which some copies ran alone are not summed: they have few of the pairs, or none.

    Args:
        plan: What the run is to do, as it was prepared.
        job: One of its jobs.
        shots: Of each of its items; they are taken one after the other and not kept.
    """
    total = WithinShots.none(plan.copies, len(bit_columns(plan.program)))

    def passed_on() -> Iterator[Read]:
        nonlocal total
        for read in shots:
            if len(read.item.copies) == plan.copies:
                total = summed(plan, read, total)
            yield read

    tallies = apart(plan, job, passed_on())
    return tallies, total


def summed(plan: Plan, read: Read, total: WithinShots) -> WithinShots:
    """Sums with the shots of one circuit.

    Args:
        plan: What the run is to do, as it was prepared.
        read: The shots of one item.
        total: The sums so far.
    """
    program, columns = plan.program, bit_columns(plan.program)
    blocks = [program.blocks[block] for block in read.item.blocks]
    at = [
        copy * len(columns) + columns.index(outcome.column)
        for copy, block in zip(read.item.copies, blocks, strict=True)
        for outcome in block.setting.outcomes
    ]
    bits = np.concatenate(
        [unpacked(own, len(b.setting.outcomes)) for own, b in zip(read.packed, blocks, strict=True)], axis=-1
    )
    if not blocks[0].prepared:
        return total.with_rows(bits, np.array(at))
    prepared = np.array([int(bit) for block in blocks for bit in block.prepared])
    return total.with_calibration(bits, np.array(at), np.tile(prepared, (len(bits), 1)), read.item.rows[:, 0])
