"""Templates with reads and resets on the way, as one density matrix holds them: evolved once, then sampled.

What the noise model says of operations amid a circuit (Aer's `NoiseModel.from_backend`): a measurement has a readout
error and no relaxation, neither its own nor of the qubits that wait; a reset is perfect, since the relaxation attached
to it acts on |0>. So a qubit read and reset may be replaced by a fresh copy with the same noise, and a measurement
whose result nobody wants is full dephasing.
"""

from __future__ import annotations

import typing
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from qiskit import QuantumCircuit
from qiskit.quantum_info import Kraus

from devices.chip import outcome_of


@dataclass(frozen=True, eq=False)
class Unrolled:
    """A template without measurements, whose last state holds every result, also those read on the way."""

    circuit: QuantumCircuit
    qubit: Mapping[int, int]
    """Outcome -> the qubit that holds it."""

    @property
    def measured(self) -> QuantumCircuit:
        """The circuit with every outcome measured at the end, on classical bit i."""
        circuit = QuantumCircuit(self.circuit.num_qubits, len(self.qubit))
        circuit.compose(self.circuit, circuit.qubits, inplace=True)
        for outcome, qubit in self.qubit.items():
            circuit.measure(qubit, outcome)
        return circuit


def fresh_copies(circuit: QuantumCircuit) -> Counter[int] | None:
    """How many times each qubit is read and then reset; None for a template that one density matrix cannot hold.

    It cannot where gates are conditioned on a result, or where a qubit goes on after a read without a reset.
    """
    number = {qubit: i for i, qubit in enumerate(circuit.qubits)}
    copies: Counter[int] = Counter()
    read: set[int] = set()
    for instruction in circuit.data:
        name, places = instruction.operation.name, {number[q] for q in instruction.qubits}
        if name == "measure" and outcome_of(circuit, instruction) is not None and not places & read:
            read |= places
        elif name == "reset":
            copies.update(places & read)
            read -= places
        elif (instruction.clbits and name != "measure") or (name != "barrier" and places & read):
            return None
    return copies


def unrolled(circuit: QuantumCircuit, extra: Sequence[int]) -> Unrolled:
    """A template with a fresh qubit after every read, and dephasing in place of discarded measurements.

    Args:
        circuit: As executed; `fresh_copies` says that it can be unrolled.
        extra: Qubits beyond those of the circuit, each given as the qubit that it is a copy of.
    """
    wide = QuantumCircuit(circuit.num_qubits + len(extra), global_phase=circuit.global_phase)
    now = {qubit: i for i, qubit in enumerate(circuit.qubits)}
    spare = {i: [circuit.num_qubits + k for k, own in enumerate(extra) if own == i] for i in now.values()}
    first = dict(now)
    held: dict[int, int] = {}
    for instruction in circuit.data:
        operation, qubits = instruction.operation, instruction.qubits
        outcome = outcome_of(circuit, instruction)
        if outcome is not None:
            held[outcome] = now[qubits[0]]
            continue
        if operation.name == "reset" and now[qubits[0]] in held.values():
            now[qubits[0]] = spare[first[qubits[0]]].pop(0)
        dephased = operation.name == "measure"
        wide.append(_dephasing() if dephased else operation, [now[q] for q in qubits])
    return Unrolled(wide, dict(sorted(held.items())))


def _dephasing() -> typing.Any:
    return Kraus(typing.cast("typing.Any", [np.diag([1, 0]), np.diag([0, 1])])).to_instruction()
