"""A job as the sampler takes it, and its result as counts.

Every template is one item (pub) of a pass, with all its rows; a row runs `repeats` times, each with the same number
of shots, and repeats go round and round over the points, so that neighbours in time are different points. A template
without parameters cannot be broadcast by the client-side sampler, so it is one item for each repeat.
"""

from __future__ import annotations

import itertools
import typing
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from devices.errors import Unintelligible
from devices.model import Job, Plan
from devices.record import Tally
from protocols import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit

REGISTER = "c"
"""Classical register with the outcomes that are wanted; others hold what is discarded."""


@dataclass(frozen=True, eq=False)
class Item:
    """One template in a job."""

    block: int
    rows: Array
    """Block rows in executed order, one for each repeat."""


def pubs(plan: Plan, job: Job) -> list[Any]:
    """What the sampler's `run` is given: circuits, with values where there are parameters.

    Args:
        plan: What the run is to do, as it was prepared.
        job: One of its jobs.
    """
    found: list[Any] = []
    for item in items(plan, job):
        circuit = plan.executed[item.block]
        names, values = plan.executed_angles(item.block)
        if not names:
            found += [circuit] * len(item.rows)
            continue
        column = {name: values[item.rows, i] for i, name in enumerate(names)}
        found.append((circuit, np.stack([column[p.name] for p in circuit.parameters], axis=1)))
    return found


def tallies(plan: Plan, job: Job, result: Any) -> list[Tally]:
    """Counts of every slot of a job from the sampler's result, checked against what was asked for.

    Args:
        plan: What the run is to do, as it was prepared.
        job: One of its jobs.
        result: What the client's decoders made of the raw text: a sequence of items, or anything.

    Raises:
        Unintelligible: If number, registers, shapes or shots are not those of the job.
    """
    try:
        parts = list(result)
    except TypeError:
        raise Unintelligible(f"a result of type {type(result).__name__}") from None
    waiting = iter(parts)
    due = sum(len(item.rows) if not plan.executed_angles(item.block)[0] else 1 for item in items(plan, job))
    if len(parts) != due:
        raise Unintelligible(f"a result with {len(parts)} items in place of {due}")
    counted: dict[tuple[int, int], Counter[str]] = {}
    for item in items(plan, job):
        circuit, shots_per_row = plan.executed[item.block], plan.program.shots_per_row
        alone = not plan.executed_angles(item.block)[0]
        for rows in [item.rows[i : i + 1] for i in range(len(item.rows))] if alone else [item.rows]:
            bits = _bits(next(waiting), circuit, shots_per_row, () if alone else (len(rows),))
            for place, row in enumerate(rows.tolist()):
                tally = counted.setdefault((item.block, row), Counter())
                tally.update(_tally(bits, None if alone else place))
    return [dict(counted[slot.block, slot.block_row]) for slot in job.slots]


def items(plan: Plan, job: Job) -> Iterator[Item]:
    """The templates of a job in order, each with its rows as executed.

    Args:
        plan: What the run is to do, as it was prepared.
        job: One of its jobs.
    """
    for block, group in itertools.groupby(job.slots, lambda slot: slot.block):
        own = list(group)
        repeats = np.array([slot.shots // plan.program.shots_per_row for slot in own])
        rows = np.array([slot.block_row for slot in own])
        yield Item(block, np.concatenate([rows[repeats > turn] for turn in range(int(repeats.max()))]))


def _bits(part: Any, circuit: QuantumCircuit, shots: int, shape: tuple[int, ...]) -> Any:
    """The wanted register of one item."""
    data = getattr(part, "data", None)
    missing = [register.name for register in circuit.cregs if not hasattr(data, register.name)]
    if data is None or missing:
        raise Unintelligible(f"a result without register {', '.join(missing) or REGISTER}")
    for register in circuit.cregs:
        bits = getattr(data, register.name)
        found = (tuple(bits.shape), bits.num_shots, bits.num_bits)
        if found != (shape, shots, register.size):
            raise Unintelligible(
                f"a result with shape {found[0]}, {found[1]} shots and {found[2]} bits in place of {shape}, {shots} "
                f"and {register.size}"
            )
        if register.size % 8 and np.any(bits.array[..., 0] >> register.size % 8):
            raise Unintelligible(f"a result in which more than the {register.size} bits of {register.name} are set")
    return getattr(data, REGISTER)


def _tally(bits: Any, place: int | None) -> dict[str, int]:
    """Counts of one row, first outcome first: qiskit has the last bit first."""
    return {text[::-1]: count for text, count in bits.get_counts(place).items()}
