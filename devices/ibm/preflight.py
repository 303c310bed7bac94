"""What is checked before anything is submitted: the client-side sampler checks next to nothing itself.

Refused here are circuits that are not in the instructions of the target on their qubits, angles of rzz outside
0..pi/2, rows of unequal shots, registers without a name that the result can carry, dynamical decoupling of circuits
with control flow, jobs beyond the platform's limits, a backend in maintenance, and too little usage left.
"""

from __future__ import annotations

import keyword
import math
import typing
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from devices.chip.together import REGISTER, items
from devices.ibm.estimate import LONGEST
from devices.model import Cost, Plan
from protocols import Array, RequestError

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target

MOST_EXECUTIONS = 10_000_000
"""Of one job (IBM's documented limit for Sampler jobs)."""
MOST_ROWS = 200_000
"""Executed rows of one job; each takes its share of loading time."""
MOST_TWO_QUBIT_GATES = 5_000_000
"""Of one job (IBM's documented limit)."""
_SLACK = 1e-9
_WAY_OUT = "Take fewer points, settings or shots."
_WAY_OUT_OF_COPIES = "Take fewer copies, points, settings or shots."


def check_plan(plan: Plan, target: Target, options: Mapping[str, str], backend: str) -> None:
    """Refuses a plan that the backend would refuse, or worse, would not.

    Args:
        plan: With circuits on the qubits of the whole chip, or of one copy where there are several.
        target: Instructions of the backend.
        options: Hardware options as text.
        backend: Its name, for errors.

    Raises:
        RequestError: With the template and what is wrong with it.
    """
    for index, circuit in enumerate(plan.executed):
        _check_registers(circuit)
        for place in _places(plan, circuit):
            _check_instructions(circuit, target, backend, place)
        names, values = plan.executed_angles(index)
        _check_angles(circuit, {name: values[:, i] for i, name in enumerate(names)}, backend)
        if options.get("dynamical_decoupling", "off") != "off" and circuit.has_control_flow_op():
            raise RequestError(
                f"Argument `dynamical_decoupling` must be off for circuits with feedback, but {circuit.name} has it. "
                "Take --dynamical-decoupling off."
            )
        if options.get("twirling", "off") in ("measure", "all") and _acts_after_reading(circuit):
            raise RequestError(
                f"Argument `twirling` must be off or gates for circuits that reset or read qubits on the way, but "
                f"{circuit.name} does. Take --twirling gates."
            )
    for job in plan.jobs:
        _check_size(plan, job.index)


def check_backend(name: str, operational: bool, message: str) -> None:
    """Refuses a backend that takes no jobs.

    Args:
        name: Of the backend.
        operational: Whether it takes jobs.
        message: What it says of itself.

    Raises:
        RequestError: With what the backend says of itself.
    """
    if not operational:
        raise RequestError(
            f"Argument `device` must take jobs, but {name} is down ({message or 'no reason given'}): maintenance or an "
            "outage. hotward backends shows which are up."
        )


def check_usage(wanted: Cost) -> None:
    """Refuses a run that costs more than the instance has left.

    Raises:
        RequestError: With both numbers.
    """
    if wanted.seconds_left is not None and wanted.seconds > wanted.seconds_left:
        raise RequestError(
            f"Argument `shots` must fit into the usage that the instance has left, {wanted.seconds_left:.0f} s, but "
            f"the run takes about {wanted.seconds:.0f} s of QPU time. {_WAY_OUT}"
        )


def _acts_after_reading(circuit: QuantumCircuit) -> bool:
    """Whether anything happens to a qubit after it was reset or read, or a qubit is reset at all."""
    read: set[object] = set()
    for instruction in circuit.data:
        name = instruction.operation.name
        if name.startswith("reset") or (name != "barrier" and read & set(instruction.qubits)):
            return True
        if name.startswith("measure"):
            read |= set(instruction.qubits)
    return False


def _check_registers(circuit: QuantumCircuit) -> None:
    names = [register.name for register in circuit.cregs]
    if REGISTER not in names or any(not n.isidentifier() or keyword.iskeyword(n) for n in names):
        raise RequestError(
            f"Argument `protocol`: {circuit.name} must measure into a register called {REGISTER}, beside others "
            f"whose names are words, but has {', '.join(names) or 'none'}. Name them in its template."
        )


def _instructions(circuit: QuantumCircuit, places: Sequence[int]) -> Iterator[tuple[typing.Any, list[int]]]:
    """Every instruction with the qubits of the chip that it acts on, those within control flow after it."""
    for instruction in circuit.data:
        qubits = [places[circuit.find_bit(qubit).index] for qubit in instruction.qubits]
        yield instruction, qubits
        for block in getattr(instruction.operation, "blocks", ()):
            yield from _instructions(block, qubits)


def _places(plan: Plan, circuit: QuantumCircuit) -> list[Sequence[int]]:
    """Qubits of the chip under those of a template: of one copy the same, of several those of each copy."""
    if plan.copies == 1:
        return [range(circuit.num_qubits)]
    return [tuple(placement.physical.values()) for placement in plan.placements]


def _check_instructions(circuit: QuantumCircuit, target: Target, backend: str, under: Sequence[int]) -> None:
    """Every instruction is one of the target on its qubits, those on a condition too."""
    for instruction, qubits in _instructions(circuit, under):
        name, place = instruction.operation.name, tuple(qubits)
        flow = name in target and isinstance(target.operation_from_name(name), type)
        if name != "barrier" and not flow and not target.instruction_supported(name, place):
            raise RequestError(
                f"Argument `device` must offer every instruction of the circuits, but {backend} has no {name} on "
                f"qubits {', '.join(map(str, place))}, which {circuit.name} needs. Choose another device or qubits."
            )


def _check_angles(circuit: QuantumCircuit, values: Mapping[str, Array], backend: str) -> None:
    """rzz is calibrated from 0 to pi/2, and the platform runs what is outside without a word."""
    for instruction in circuit.data:
        if instruction.operation.name != "rzz":
            continue
        angle = instruction.operation.params[0]
        free = sorted(getattr(angle, "parameters", ()), key=lambda p: p.name)
        rows = len(values[free[0].name]) if free else 1
        bound = [
            float(angle.bind({p: values[p.name][row] for p in free})) if free else float(angle) for row in range(rows)
        ]
        low, high = np.min(bound), np.max(bound)
        if low < -_SLACK or high > math.pi / 2 + _SLACK:
            raise RequestError(
                f"Argument `fractional` needs rzz angles from 0 to pi/2 on {backend}, but {circuit.name} has "
                f"{low if low < 0 else high:.6g}. Drop --fractional."
            )


def _check_size(plan: Plan, index: int) -> None:
    job = plan.jobs[index]
    if not job.slots:
        raise RequestError(f"Argument `shots` must give every job something to do, but job {index} is empty.")
    listed = list(items(plan, job))
    rows = sum(len(item.rows) for item in listed)
    of_block = [circuit.num_nonlocal_gates() for circuit in plan.executed]
    gates = sum(of_block[block] * len(item.rows) for item in listed for block in item.blocks)
    if any(slot.shots % plan.program.shots_per_row for slot in job.slots):
        raise RequestError(
            f"Argument `shots_per_row` must divide the shots of every row, but is {plan.program.shots_per_row}."
        )
    if job.shots > MOST_EXECUTIONS:
        raise RequestError(
            f"Argument `shots` must give jobs of at most {MOST_EXECUTIONS} executions, but job {index} has "
            f"{job.shots}. {_WAY_OUT}"
        )
    if rows > MOST_ROWS:
        raise RequestError(
            f"Argument `shots` must give jobs of at most {MOST_ROWS} executed rows, but job {index} has {rows} of "
            f"{plan.program.shots_per_row} shots each. {_WAY_OUT}"
        )
    if gates > MOST_TWO_QUBIT_GATES:
        raise RequestError(
            f"Argument `shots` must give jobs of at most {MOST_TWO_QUBIT_GATES} two-qubit gates over all rows, but job "
            f"{index} has {gates}. {_WAY_OUT if plan.copies == 1 else _WAY_OUT_OF_COPIES}"
        )


def check_limit(seconds: float) -> None:
    """Refuses a job that the platform would stop.

    Raises:
        RequestError: Beyond three hours.
    """
    if seconds > LONGEST:
        raise RequestError(
            f"Argument `shots` must give jobs of at most {LONGEST} s, but one takes about {seconds:.0f} s. {_WAY_OUT}"
        )
