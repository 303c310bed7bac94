"""A program divided into jobs that are small enough for a platform, in the order in which they should run."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

from devices.model import Job, ResultAddress, addresses_of, jobs_of
from protocols import Program

MOST_EXECUTIONS = 5_000_000
"""Of one job: half of what IBM takes (10 M executions a Sampler job)."""
MOST_BYTES = 20_000_000
"""Of the angles in one job; IBM takes 300 MB."""
MOST_BITS = 100_000_000
"""That all copies read in one job: a million shots of 96 bits are decoded within 1 GB of memory and some seconds."""


def jobs_by_pass(
    program: Program, seed: int, copies: Sequence[int] = (0,), alone: Sequence[Collection[int]] = ()
) -> tuple[Job, ...]:
    """One job a pass, or several where one would be too large; calibration opens the first and closes the last.

    Passes in which some copies run alone stand between the others, so that drift does not look like crosstalk.

    Args:
        program: With rows of equal shots, spread over passes.
        seed: Of the run; every job has its own child of it.
        copies: Numbers of the copies that run each execution side by side.
        alone: Those that run in each pass in which all others idle.
    """
    groups: list[tuple[ResultAddress, ...]] = []
    passes: dict[tuple[float, int], list[ResultAddress]] = {}
    last = program.passes - 1
    for slot in addresses_of(program, copies, alone):
        calibration = bool(program.blocks[slot.block].prepared)
        # a calibration slot says which end it belongs to, not which pass
        pass_ = last * slot.pass_ if calibration else slot.pass_
        when = float(pass_)
        if pass_ > last:
            when = (pass_ - last - 0.5) * program.passes / len(alone) - 0.5
        passes.setdefault((when, pass_), []).append(slot)
    for pass_ in sorted(passes):
        groups += _small_groups(program, passes[pass_])
    return jobs_of(program, seed, groups)


def _small_groups(program: Program, slots: Sequence[ResultAddress]) -> list[tuple[ResultAddress, ...]]:
    """Slots in groups that are small enough for one job each; what copies run side by side stays together."""
    groups: list[list[ResultAddress]] = [[]]
    executions, values, bits = 0, 0, 0
    for (block, _), same in itertools.groupby(slots, lambda slot: (slot.block, slot.block_row)):
        together = list(same)
        shots, own = together[0].shots, program.blocks[block]
        more = 8 * len(own.names) * shots // program.shots_per_row * len(together)
        # what one copy reads is bounded by the executions
        read = shots * len(own.setting.outcomes) * len(together) if len(together) > 1 else 0
        full = executions + shots > MOST_EXECUTIONS or values + more > MOST_BYTES or bits + read > MOST_BITS
        if groups[-1] and full:
            groups.append([])
            executions, values, bits = 0, 0, 0
        groups[-1] += together
        executions, values, bits = executions + shots, values + more, bits + read
    return [tuple(group) for group in groups]
