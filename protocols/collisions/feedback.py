r"""Feedback: a wire is measured, and where it is found excited something is done at once.

Two forms (option "feedback"), which agree whenever nothing later happens to the wire that does not commute with Z:

    deferred   the operation is controlled by the wire itself, |0><0| x 1 + |1><1| x U: no bit is written
    measured   the wire is read amid the circuit into a bit that is kept, and a device tests it (`if_test`)

With P_m the projectors of the wire both give sum_m U^m P_m rho P_m U^{-m} for all other wires (deferred measurement:
Nielsen and Chuang, section 4.4). On a device they differ: reading takes long, and what is read may be wrong. The bit
that acted is then the record, wrong or not, so it is never corrected for readout (`Outcome.as_read`).
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from protocols.collisions.operations import Operation, act
from protocols.types import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Clbit, Qubit

FEEDBACKS = ("deferred", "measured")
CONTROLLED = {
    "x": "cx",
    "z": "cz",
    "h": "ch",
    "rx": "crx",
    "ry": "cry",
    "rz": "crz",
    "phase": "cphase",
    "exchange": "exchange_if_1",
    "pairs": "pairs_if_1",
}
"""What may be done on a condition -> the same under control."""
_PROJECTORS = (np.diag([1.0, 0.0]), np.diag([0.0, 1.0]))


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """A wire is measured in Z; where it is found excited, operations follow."""

    wire: str
    then: tuple[Operation, ...]
    """In time; none: the wire is read and nothing depends on it."""
    register: str = "record"
    """Of the bit, where it is kept."""

    @property
    def deferred(self) -> tuple[Operation, ...]:
        """The same without a measurement.

        Examples:
            >>> from protocols.collisions.operations import gate
            >>> [(one.kind, one.wires) for one in Feedback(wire="M", then=(gate("x", "S"),)).deferred]
            [('cx', ('M', 'S'))]
        """
        return tuple(
            Operation(kind=CONTROLLED[one.kind], wires=(self.wire, *one.wires), angles=one.angles) for one in self.then
        )

    def branches(self, rho: Array, wires: list[str], values: Mapping[str, Array], *, idle: bool = False) -> Array:
        """Both results, neither normalised, (points, branches, 2, d, d).

        Args:
            rho: Before, (points, branches, d, d).
            wires: Their names, first leftmost.
            values: Angles by name, (points,) [rad].
            idle: Whether the wire is read only.
        """
        read = [act(P, rho, [wires.index(self.wire)], len(wires)) for P in _PROJECTORS]
        for one in () if idle else self.then:
            matrix = one.matrix(values)
            matrix = matrix[:, None] if matrix.ndim == 3 else matrix
            read[1] = act(matrix, read[1], [wires.index(name) for name in one.wires], len(wires))
        return np.stack(read, axis=2)

    def append(self, circuit: QuantumCircuit, find: Callable[[str], Qubit], bit: Clbit, *, idle: bool = False) -> None:
        """Reads the wire into a bit, and acts if it is 1.

        Args:
            circuit: Where.
            find: A wire by its name.
            bit: Where the result is kept.
            idle: Whether the wire is read only.
        """
        from qiskit import QuantumCircuit

        circuit.measure(find(self.wire), bit)
        if idle or not self.then:
            return
        qubits = list(dict.fromkeys(find(name) for one in self.then for name in one.wires))
        body = QuantumCircuit(qubits, [bit])
        for one in self.then:
            one.append(body, find)
        # an angle that is in use already has one parameter in the whole circuit
        known = {parameter.name: parameter for parameter in circuit.parameters}
        shared = {own: known[own.name] for own in body.parameters if own.name in known}
        circuit.if_test((bit, 1), body.assign_parameters(shared), qubits, [bit])


def in_one_form(steps: Iterable[typing.Any], *, measured: bool) -> list[typing.Any]:
    """Steps with their feedback as it is wanted.

    Args:
        steps: Of one collision.
        measured: False: every feedback becomes its controlled operations.
    """
    if measured:
        return list(steps)
    return [one for step in steps for one in (step.deferred if isinstance(step, Feedback) else (step,))]


def acting_of(steps: Iterable[object]) -> list[Operation]:
    """Every operation among some steps, those on a condition included."""
    found: list[Operation] = []
    for step in steps:
        found += step.then if isinstance(step, Feedback) else [step] if isinstance(step, Operation) else []
    return found
