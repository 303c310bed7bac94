"""Placed templates in a chip's own gates: each transpiled once, for all its rows."""

from __future__ import annotations

import typing
from collections.abc import Sequence

from qiskit import transpile
from qiskit.circuit.library import CXGate, CZGate, ECRGate
from qiskit.transpiler import PassManager
from qiskit.transpiler.passes import InverseCancellation

from devices.chip.fractional import fold
from protocols import Array, Program, RequestError

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target

Angles: typing.TypeAlias = tuple[tuple[str, ...], Array]
"""Names of the free angles of a template, and their values, (rows, names) [rad]."""


def executable(circuits: Sequence[QuantumCircuit], target: Target, wires: Sequence[str]) -> tuple[QuantumCircuit, ...]:
    """Transpiles each template onto its placed wires, all templates of one wiring in one call.

    Args:
        circuits: Templates on named one-qubit registers.
        target: The qubits of the placement alone.
        wires: Name of the wire on each of them.
    """
    executed: dict[int, QuantumCircuit] = {}
    wirings: dict[tuple[int, ...], list[int]] = {}
    for index, circuit in enumerate(circuits):
        layout = tuple(wires.index(register.name) for register in circuit.qregs)
        wirings.setdefault(layout, []).append(index)
    for layout, members in wirings.items():
        transpiled = transpile(
            [circuits[index] for index in members],
            target=target,
            initial_layout=list(layout),
            optimization_level=1,
            seed_transpiler=0,
        )
        executed |= dict(zip(members, transpiled, strict=True))
    for index, circuit in enumerate(circuits):
        layout = executed[index].layout
        if layout is not None and layout.routing_permutation() != list(range(executed[index].num_qubits)):
            raise RequestError(f"{circuit.name} needs swaps where it was placed; choose another device.")
    # in the device's own gates neighbours may undo each other that did not as written
    undone = PassManager([InverseCancellation([CZGate(), CXGate(), ECRGate()])])
    return tuple(undone.run([executed[index] for index in range(len(circuits))]))


def folded(
    program: Program, circuits: Sequence[QuantumCircuit], target: Target, wires: Sequence[str]
) -> tuple[tuple[QuantumCircuit, ...], dict[int, Angles]]:
    """Templates with rzz within its bounds, and the angles of those that have others than the program.

    Args:
        program: With the angles of every template.
        circuits: Its templates, as written or as routed.
        target: The qubits of the placement alone.
        wires: Name of the wire on each of them.

    Returns:
        Executed templates, and block -> names and values, (rows, names) [rad].
    """
    written = [
        fold(circuit, block.names, block.values) for circuit, block in zip(circuits, program.blocks, strict=True)
    ]
    executed = executable([circuit for circuit, _, _ in written], target, wires)
    # transpiling may have made rzz of other gates
    last = [fold(circuit, names, values) for circuit, (_, names, values) in zip(executed, written, strict=True)]
    angles = {
        index: (names, values) for index, (_, names, values) in enumerate(last) if names != program.blocks[index].names
    }
    return tuple(circuit for circuit, _, _ in last), angles
