"""A program divided into jobs that are small enough for a platform, in the order in which they should run."""

from __future__ import annotations

from collections.abc import Sequence

from devices.model import Job, ResultAddress, addresses_of, jobs_of
from protocols import Program

MOST_EXECUTIONS = 5_000_000
"""Of one job: half of what IBM takes (10 M executions a Sampler job)."""
MOST_BYTES = 20_000_000
"""Of the angles in one job; IBM takes 300 MB."""


def jobs_by_pass(program: Program, seed: int) -> tuple[Job, ...]:
    """One job a pass, or several where one would be too large; calibration opens the first and closes the last.

    Args:
        program: With rows of equal shots, spread over passes.
        seed: Of the run; every job has its own child of it.
    """
    groups: list[tuple[ResultAddress, ...]] = []
    passes: dict[int, list[ResultAddress]] = {}
    last = program.passes - 1
    for slot in addresses_of(program):
        calibration = bool(program.blocks[slot.block].prepared)
        # a calibration slot says which end it belongs to, not which pass
        pass_ = last * slot.pass_ if calibration else slot.pass_
        passes.setdefault(pass_, []).append(slot)
    for pass_ in sorted(passes):
        groups += _small_groups(program, passes[pass_])
    return jobs_of(program, seed, groups)


def _small_groups(program: Program, slots: Sequence[ResultAddress]) -> list[tuple[ResultAddress, ...]]:
    """Slots in groups that are small enough for one job each."""
    groups: list[list[ResultAddress]] = [[]]
    executions, size = 0, 0
    for slot in slots:
        bytes_ = 8 * len(program.blocks[slot.block].names) * slot.shots // program.shots_per_row
        if groups[-1] and (executions + slot.shots > MOST_EXECUTIONS or size + bytes_ > MOST_BYTES):
            groups.append([])
            executions, size = 0, 0
        groups[-1].append(slot)
        executions, size = executions + slot.shots, size + bytes_
    return [tuple(group) for group in groups]
