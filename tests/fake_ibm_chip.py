"""The processors of the local IBM platform: stored snapshots, and what they refuse."""

from __future__ import annotations

import functools
import json
import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from qiskit.circuit import ControlFlowOp, ParameterExpression, QuantumCircuit
from qiskit.transpiler import Target
from qiskit_ibm_runtime import fake_provider


@dataclass(frozen=True, eq=False)
class Chip:
    """One processor."""

    name: str
    configuration: dict[str, typing.Any]
    """As served; a test may change it before the client asks."""
    properties: dict[str, typing.Any]
    """As served, likewise."""
    target: Target
    """What jobs are checked against, and whose calibration is the noise."""


def chip_of(name: str, snapshot: str) -> Chip:
    """A processor of any name with the stored calibration of one of the client's fake provider.

    Args:
        name: As offered: "ibm_fez".
        snapshot: Class of the provider: "FakeFez".
    """
    *stored, target = _stored(snapshot)
    configuration, properties = map(json.loads, stored)
    configuration["backend_name"] = properties["backend_name"] = name
    configuration.setdefault("supported_features", ["qasm3"])
    return Chip(name, configuration, properties, target)


@functools.cache
def _stored(snapshot: str) -> tuple[str, str, Target]:
    """Configuration and properties in JSON, and what the client makes of them."""
    fake = getattr(fake_provider, snapshot)()
    directory = Path(fake.dirname)
    return (directory / fake.conf_filename).read_text(), (directory / fake.props_filename).read_text(), fake.target


def check(circuit: QuantumCircuit, values: np.ndarray, target: Target) -> None:
    """Refuses what the hardware would: operations that it has not, angles of rzz outside 0..pi/2.

    Args:
        circuit: As submitted.
        values: Parameters in the order of `circuit.parameters`, (rows, parameters).
        target: Of the processor.

    Raises:
        ValueError: With the reason.
    """
    if circuit.num_qubits > (target.num_qubits or 0):
        raise ValueError(f"the circuit has {circuit.num_qubits} qubits and the backend {target.num_qubits}")
    for operation, qubits in _operations(circuit, range(circuit.num_qubits)):
        if operation.name not in {"barrier", "store"} and not target.instruction_supported(operation.name, qubits):
            raise ValueError(f"not an ISA circuit: {operation.name} on qubits {qubits} is not in the target")
        if operation.name == "rzz":
            angles = _angles(operation.params[0], circuit, values)
            # as in the client, a rounding error above pi/2 is let through; NaN is not
            if not np.all((angles >= 0) & (angles <= np.pi / 2 + 1e-10)):
                given = f"{angles.min()} to {angles.max()}"
                raise ValueError(f"rzz on qubits {qubits} takes angles from 0 to pi/2, but was given {given}")


def _operations(circuit: QuantumCircuit, places: Sequence[int]) -> Iterator[tuple[typing.Any, tuple[int, ...]]]:
    """Every operation with its physical qubits, those within control flow too."""
    at = dict(zip(circuit.qubits, places, strict=True))
    for instruction in circuit.data:
        qubits = tuple(at[qubit] for qubit in instruction.qubits)
        yield instruction.operation, qubits
        if isinstance(instruction.operation, ControlFlowOp):
            for block in instruction.operation.blocks:
                yield from _operations(block, qubits)


def _angles(angle: ParameterExpression | float, circuit: QuantumCircuit, values: np.ndarray) -> np.ndarray:
    """All that one angle becomes."""
    if not isinstance(angle, ParameterExpression):
        return np.array([float(angle)])
    columns = {i: parameter for i, parameter in enumerate(circuit.parameters) if parameter in angle.parameters}
    rows = np.unique(values[:, list(columns)], axis=0).tolist()
    return np.array([float(angle.bind(dict(zip(columns.values(), row, strict=True)))) for row in rows])
