"""A job as the sampler takes it, and its result as counts.

Every circuit is one item (pub), with all its rows; a row runs `repeats` times, each with the same number of shots, and
repeats go round and round over the points, so that neighbours in time are different points. A circuit of one copy is
its template; several copies are one circuit of the whole chip (`devices.chip.together`). A circuit without parameters
cannot be broadcast by the client-side sampler, so it is one item for each repeat.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

import numpy as np

from devices.chip.together import (
    REGISTER,
    Item,
    Read,
    apart,
    circuits,
    items,
    parameters_of,
    register_of,
    values_of,
)
from devices.errors import Unintelligible
from devices.model import Job, Plan
from devices.record import Tally
from protocols import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit


def pubs(plan: Plan, job: Job, width: int) -> list[Any]:
    """What the sampler's `run` is given: circuits, with values where there are parameters.

    Args:
        plan: What the run is to do, as it was prepared.
        job: One of its jobs.
        width: Qubits of the chip.
    """
    found: list[Any] = []
    listed = list(items(plan, job))
    for item, circuit in zip(listed, circuits(plan, listed, width), strict=True):
        if parameters_of(plan, item):
            found.append((circuit, values_of(plan, item, circuit)))
        else:
            found += [circuit] * len(item.rows)
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
    return apart(plan, job, shots(plan, job, result))


def shots(plan: Plan, job: Job, result: Any) -> Iterator[Read]:
    """The packed shots of every item of a job, one after the other, checked against what was asked for.

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
    due = [(item, alone) for whole in items(plan, job) for item, alone in _answered(plan, whole)]
    if len(parts) != len(due):
        raise Unintelligible(f"a result with {len(parts)} items in place of {len(due)}")
    for part, (item, alone) in zip(parts, due, strict=True):
        packed = _packed(part, plan, item, () if alone else (len(item.rows),))
        yield Read(item, tuple(bits[None] for bits in packed) if alone else packed)


def registers(plan: Plan) -> set[str]:
    """Names of all classical registers that a result of the plan has."""
    return {name for circuit in plan.executed for copy in range(plan.copies) for _, name in _named(plan, circuit, copy)}


def _answered(plan: Plan, item: Item) -> Iterator[tuple[Item, bool]]:
    """What is answered in one, and whether it is a single execution of a circuit without parameters."""
    if parameters_of(plan, item):
        yield item, False
    else:
        yield from ((Item(item.copies, item.blocks, item.rows[i : i + 1]), True) for i in range(len(item.rows)))


def _named(plan: Plan, circuit: QuantumCircuit, copy: int) -> list[tuple[Any, str]]:
    """Registers of a template, each with its name in the circuit that runs."""
    return [(each, register_of(copy, each.name) if plan.copies > 1 else each.name) for each in circuit.cregs]


def _packed(part: Any, plan: Plan, item: Item, shape: tuple[int, ...]) -> tuple[Array, ...]:
    """The wanted register of each copy in one answer."""
    data, found = getattr(part, "data", None), []
    for copy, block in zip(item.copies, item.blocks, strict=True):
        named = _named(plan, plan.executed[block], copy)
        missing = [name for _, name in named if not hasattr(data, name)]
        if data is None or missing:
            raise Unintelligible(f"a result without register {', '.join(missing) or REGISTER}")
        for register, name in named:
            _check(getattr(data, name), name, register.size, (shape, plan.program.shots_per_row))
        found.append(next(getattr(data, name).array for register, name in named if register.name == REGISTER))
    return tuple(found)


def _check(bits: Any, name: str, size: int, due: tuple[tuple[int, ...], int]) -> None:
    """Refuses a register that is not of the shape, the shots and the bits that were asked for."""
    shape, shots = due
    found = (tuple(bits.shape), bits.num_shots, bits.num_bits)
    if found != (shape, shots, size):
        raise Unintelligible(
            f"a result with shape {found[0]}, {found[1]} shots and {found[2]} bits in place of {shape}, {shots} "
            f"and {size}"
        )
    if size % 8 and np.any(bits.array[..., 0] >> size % 8):
        raise Unintelligible(f"a result in which more than the {size} bits of {name} are set")
