"""Circuit pieces every protocol shares: named wires, basis change and readout, calibration.

qiskit is imported inside the functions, so that reading a protocol does not need it.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence

from protocols.program.setting import Outcome

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit


def wires(names: Sequence[str], outcomes: int, title: str) -> QuantumCircuit:
    """An empty circuit with one register a named wire and `outcomes` classical bits.

    Args:
        names: Of the wires, first leftmost.
        outcomes: How many classical bits.
        title: Name of the circuit.
    """
    from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister

    return QuantumCircuit(*(QuantumRegister(1, name) for name in names), ClassicalRegister(outcomes, "c"), name=title)


def outcomes_of(qubits: Sequence[str], basis: str) -> tuple[Outcome, ...]:
    """Each qubit read at the end, in the basis of its letter.

    Args:
        qubits: Their names.
        basis: One letter a qubit.

    Examples:
        >>> [outcome.column for outcome in outcomes_of(("A", "B"), "XY")]
        ['A', 'B']
    """
    letters = typing.cast("Sequence[typing.Literal['X', 'Y', 'Z']]", basis)
    return tuple(Outcome(qubit=qubit, basis=letter) for qubit, letter in zip(qubits, letters, strict=True))


def angle(circuit: QuantumCircuit, name: str) -> typing.Any:
    """The free parameter of this name: a circuit may use one angle many times.

    Args:
        circuit: Where it may be in use already.
        name: Of the parameter.
    """
    from qiskit.circuit import Parameter

    known = {parameter.name: parameter for parameter in circuit.parameters}
    return known.get(name) or Parameter(name)


def read(circuit: QuantumCircuit, outcomes: Sequence[Outcome]) -> None:
    """Reads each outcome in its basis at the end of the circuit: classical bit i is outcomes[i].

    Outcomes of an earlier moment were read then and are left out.

    Args:
        circuit: Appended to.
        outcomes: What is read, in the order of the classical bits.
    """
    wire = {register.name: register[0] for register in circuit.qregs}
    final = {bit: outcome for bit, outcome in enumerate(outcomes) if outcome.moment is None}
    for outcome in final.values():
        if outcome.basis == "Y":
            circuit.sdg(wire[outcome.qubit])
        if outcome.basis in "XY":
            circuit.h(wire[outcome.qubit])
    circuit.barrier()
    for bit, outcome in final.items():
        circuit.measure(wire[outcome.qubit], bit)


def calibration(outcomes: Sequence[Outcome], prepared: str) -> QuantumCircuit:
    """Prepares one computational pattern and reads it: a column of the readout confusion matrix.

    Args:
        outcomes: What is read.
        prepared: One bit an outcome: "01".
    """
    circuit = wires([outcome.qubit for outcome in outcomes], len(outcomes), f"calibration-{prepared}")
    for index, bit in enumerate(prepared):
        if bit == "1":
            circuit.x(index)
    read(circuit, outcomes)
    return circuit
