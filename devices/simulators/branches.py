"""Templates that test a result, without control flow: one circuit for every result that something depends on.

A result is written into a fresh qubit, its *flag*, by the channel of a measurement with the errors of its readout,

    K_mr = sqrt(P(r|m)) |m><m| x X^r,

and the gates on the condition r = 1 are in the circuits of that branch or are not. At the end each branch counts where
its flags are what it supposed. What was tested is thus the bit as it was read. Flags hold what is read before a reset
or a further read, too; those bits have no errors yet.
"""

from __future__ import annotations

import itertools
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from qiskit import QuantumCircuit
from qiskit.quantum_info import Kraus

from devices.chip import outcome_of
from protocols import Array

MOST_TESTED = 4
"""Results that something depends on, of one template: each doubles its circuits."""
_PERFECT = np.eye(2)


@dataclass(frozen=True, eq=False)
class Branch:
    """One circuit, and where its results are."""

    circuit: QuantumCircuit
    """Without measurements."""
    qubit: Mapping[int, int]
    """Outcome -> the qubit that holds it at the end."""
    supposed: Mapping[int, int]
    """Outcome -> the bit that was supposed of it."""

    def kept(self, probabilities: Array) -> Array:
        """Probabilities of all outcomes, (rows, 2**outcomes), with 0 where the flags are not what was supposed."""
        tensor = probabilities.reshape(-1, *(2,) * len(self.qubit)).copy()
        for outcome, bit in self.supposed.items():
            np.moveaxis(tensor, 1 + outcome, 0)[1 - bit] = 0
        return tensor.reshape(len(probabilities), -1)


def tested_outcomes(circuit: QuantumCircuit) -> list[int]:
    """Outcomes of a template that something depends on.

    Args:
        circuit: As executed.
    """
    number = {bit: index for register in circuit.cregs if register.name == "c" for index, bit in enumerate(register)}
    tested = {bit for one in circuit.data if one.operation.name == "if_else" for bit in one.clbits}
    return sorted(number[bit] for bit in tested if bit in number)


def branches_of(circuit: QuantumCircuit, errors: Sequence[Array]) -> list[Branch] | None:
    """Circuits without control flow that give together what a template gives.

    Args:
        circuit: As executed.
        errors: P(read | true) of each outcome, (2, 2) [read, true]; those of what is tested are used.

    Returns:
        None where that cannot be done: tests of several bits at once, or of bits that nobody reads, or too many.
    """
    tested = tested_outcomes(circuit)
    conditions = [one.operation.condition for one in circuit.data if one.operation.name == "if_else"]
    known = {bit for one in circuit.data if outcome_of(circuit, one) is not None for bit in one.clbits}
    if len(tested) > MOST_TESTED or any(not isinstance(c, tuple) or c[0] not in known for c in conditions):
        return None
    found = []
    for bits in itertools.product((0, 1), repeat=len(tested)):
        made = _Writing(circuit, dict(zip(tested, bits, strict=True)), errors)
        for index, instruction in enumerate(circuit.data):
            if not made.append(index, instruction):
                return None
        found.append(Branch(made.written, dict(sorted(made.held.items())), made.supposed))
    return found


@dataclass(eq=False)
class _Writing:
    """A branch while it is written."""

    circuit: QuantumCircuit
    supposed: Mapping[int, int]
    errors: Sequence[Array]
    held: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        last = {q: i for i, one in enumerate(self.circuit.data) if one.operation.name != "barrier" for q in one.qubits}
        reads = [(outcome_of(self.circuit, one), i, one.qubits) for i, one in enumerate(self.circuit.data)]
        flags = [o for o, i, qubits in reads if o is not None and (o in self.supposed or last[qubits[0]] > i)]
        width = self.circuit.num_qubits
        self.flag = {outcome: width + k for k, outcome in enumerate(flags)}
        self.written = QuantumCircuit(width + len(flags), global_phase=self.circuit.global_phase)

    def append(self, index: int, instruction: typing.Any) -> bool:
        """The next instruction; False if it cannot be written."""
        places = [self.circuit.find_bit(q).index for q in instruction.qubits]
        name, outcome = instruction.operation.name, outcome_of(self.circuit, instruction)
        if outcome is not None and outcome in self.flag:
            error = self.errors[outcome] if outcome in self.supposed else _PERFECT
            self.written.append(_reading(error), [places[0], self.flag[outcome]])
            self.held[outcome] = self.flag[outcome]
        elif outcome is not None:
            self.held[outcome] = places[0]
        elif name == "measure":
            self.written.append(_kraus([np.diag([1, 0]), np.diag([0, 1])]), places)
        elif name == "if_else":
            return self._append_block(instruction.operation, places)
        elif getattr(instruction.operation, "blocks", ()):
            return False
        else:
            self.written.append(instruction.operation, places)
        return True

    def _append_block(self, operation: typing.Any, places: Sequence[int]) -> bool:
        bit, value = operation.condition
        register = next(one for one in self.circuit.cregs if one.name == "c")
        blocks = operation.blocks
        taken = 0 if self.supposed[list(register).index(bit)] == int(value) else 1
        for one in blocks[taken].data if taken < len(blocks) else ():
            if one.clbits or getattr(one.operation, "blocks", ()):
                return False
            self.written.append(one.operation, [places[blocks[taken].find_bit(q).index] for q in one.qubits])
        return True


def _reading(error: Array) -> typing.Any:
    """Of a qubit and its flag, first qubit least significant as qiskit has it."""
    flips, projectors = (np.eye(2), np.eye(2)[::-1]), (np.diag([1, 0]), np.diag([0, 1]))
    return _kraus(
        [np.sqrt(error[r, m]) * np.kron(flips[r], projectors[m]) for r in (0, 1) for m in (0, 1) if error[r, m] > 0]
    )


def _kraus(operators: Sequence[Array]) -> typing.Any:
    return Kraus(typing.cast("typing.Any", list(operators))).to_instruction()
