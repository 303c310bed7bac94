r"""Operations of a collision: each one a matrix and a piece of circuit, checked against each other in tests.

|0> ground; tensors are most significant first, the first wire leftmost. With s- = |0><1|:

    exchange        exp[-i phi (s+ s- + h.c.)], an excitation moves with probability sin^2 phi
    phased_exchange exp[-i phi (e^{i beta} s- s+ + h.c.)] with s- of the first wire: a partial swap about another axis
    pairs           exp[-i psi (s+ s+ + h.c.)], a pair is created with probability sin^2 psi
    both            the two on one pair of wires, which commute: exp[-i (a XX + b YY)/2], a, b = phi +- psi
    controlled_*    exchange or pairs where a third wire has a given bit: five entangling gates on a line
    swap_states     two computational states exchanged, up to phases of computational states
    gate            a plain gate, see there
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from protocols.collisions.controlled import append_transposition, transposition
from protocols.collisions.gates import KINDS
from protocols.program import angle
from protocols.types import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Qubit

KNOWN = ("swap_states", "barrier", *KINDS)
"""What the kind of an operation may be."""

Angles = Mapping[str, Array]
"""Name -> (points,) [rad]."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A unitary on named wires, with named angles."""

    kind: str
    wires: tuple[str, ...]
    angles: tuple[str, ...] = ()
    states: tuple[str, str] = ("", "")
    """Of `swap_states`: the two bit strings, which differ in the first wire."""

    def matrix(self, angles: Angles) -> Array:
        """The unitary, (points, d, d) or (d, d) where it has no angle."""
        if self.kind == "swap_states":
            return transposition(*self.states)
        if self.kind == "barrier":
            return np.eye(2 ** len(self.wires), dtype=complex)
        return KINDS[self.kind].matrix(*(angles[name] for name in self.angles))

    def append(self, circuit: QuantumCircuit, wire: Callable[[str], Qubit]) -> None:
        """Appends it to a circuit, with its angles as free parameters."""
        qubits = [wire(name) for name in self.wires]
        if self.kind == "swap_states":
            append_transposition(circuit, qubits, *self.states)
        elif self.kind == "barrier":
            circuit.barrier(*qubits)
        else:
            KINDS[self.kind].append(circuit, qubits, *(angle(circuit, name) for name in self.angles))


def exchange(a: str, b: str, phi: str) -> Operation:
    """Partial swap: an excitation moves with probability sin^2 of the angle.

    Args:
        a: A wire.
        b: Another wire.
        phi: Name of the angle.
    """
    return Operation(kind="exchange", wires=(a, b), angles=(phi,))


def phased_exchange(a: str, b: str, phi: str, beta: str) -> Operation:
    """Partial swap by V = e^{i beta} |01><10| + h.c., a leftmost.

    Args:
        a: The left wire.
        b: The right wire.
        phi: Name of the swap's angle.
        beta: Name of the coupling's phase.
    """
    return Operation(kind="phased_exchange", wires=(a, b), angles=(phi, beta))


def pairs(a: str, b: str, psi: str) -> Operation:
    """Pair gate: both excitations are created or removed with probability sin^2 of the angle.

    Args:
        a: A wire.
        b: Another wire.
        psi: Name of the angle.
    """
    return Operation(kind="pairs", wires=(a, b), angles=(psi,))


def both(a: str, b: str, phi: str, psi: str) -> Operation:
    """Partial swap and pair gate on the same wires, two entangling gates in all.

    Args:
        a: A wire.
        b: Another wire.
        phi: Name of the angle of the partial swap.
        psi: Name of the angle of the pair gate.
    """
    return Operation(kind="both", wires=(a, b), angles=(phi, psi))


def controlled_exchange(control: str, a: str, b: str, phi: str, *, when: int) -> Operation:
    """Partial swap of a and b where a control has a given bit; nothing elsewhere.

    Five entangling gates, each with a: on a line the wires are control - a - b.

    Args:
        control: The wire that decides.
        a: A wire.
        b: Another wire.
        phi: Name of the angle.
        when: Bit of the control, 0 or 1.
    """
    return Operation(kind=f"exchange_if_{when}", wires=(control, a, b), angles=(phi,))


def controlled_pairs(control: str, a: str, b: str, psi: str, *, when: int) -> Operation:
    """Pair gate of a and b where a control has a given bit; nothing elsewhere.

    Five entangling gates, each with a: on a line the wires are control - a - b.

    Args:
        control: The wire that decides.
        a: A wire.
        b: Another wire.
        psi: Name of the angle.
        when: Bit of the control, 0 or 1.
    """
    return Operation(kind=f"pairs_if_{when}", wires=(control, a, b), angles=(psi,))


def swap_states(wires: Sequence[str], first: str, second: str) -> Operation:
    """Exchanges two computational states and leaves the others.

    Phases of computational states are free (Margolus' three-gate form of the Toffoli gate): no reading in Z of a
    mixture of computational states sees them.

    Args:
        wires: Their names.
        first: A state, one bit a wire: "100".
        second: The other one.
    """
    lead = next(i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b)
    order = [lead, *(i for i in range(len(wires)) if i != lead)]
    states = ("".join(bits[i] for i in order) for bits in (first, second))
    return Operation(kind="swap_states", wires=tuple(wires[i] for i in order), states=(next(states), next(states)))


def gate(kind: str, *wires: str, by: str = "") -> Operation:
    r"""A plain gate, or a barrier.

    One wire: x, z, h; rx, ry, rz by an angle, exp(-i theta P/2); phase, diag(1, e^{i theta}). Two wires: cx and cz,
    the control first, and so ch, crx, cry, crz, cphase; swap. Three: rccx, Margolus' form of the Toffoli gate in three
    CX onto the last wire, exact but for the sign of |101>. Any number of wires: barrier, which no compiler merges gates
    across.

    Args:
        kind: Its name.
        wires: What it acts on.
        by: Name of its angle, if it has one.
    """
    return Operation(kind=kind, wires=wires, angles=(by,) if by else ())


def computational(member: int, wires: Sequence[str]) -> list[Operation]:
    """From |0..0> to the computational state of that number, first wire most significant.

    Args:
        member: Number of the state, 0 .. 2**wires - 1.
        wires: Their names.

    Examples:
        >>> [operation.wires for operation in computational(2, ("A", "B"))]
        [('A',)]
    """
    return [gate("x", wire) for wire, bit in zip(wires, f"{member:0{len(wires)}b}", strict=True) if bit == "1"]


def act(operation: Array, rho: Array, places: Sequence[int], qubits: int) -> Array:
    """U rho U^dagger with U on some of the qubits.

    Args:
        operation: (..., d, d) with d = 2**len(places).
        rho: (..., 2**qubits, 2**qubits).
        places: Index of each wire of the operation, first qubit leftmost.
        qubits: Of rho.
    """
    once = _left(operation, rho, places, qubits)
    return _left(operation, once.conj().swapaxes(-1, -2), places, qubits).conj().swapaxes(-1, -2)


def _left(operation: Array, matrix: Array, places: Sequence[int], qubits: int) -> Array:
    lead, columns = matrix.shape[:-2], matrix.shape[-1]
    tensor = matrix.reshape(*lead, *(2,) * qubits, columns)
    at = [len(lead) + place for place in places]
    front = list(range(len(lead), len(lead) + len(places)))
    moved = np.moveaxis(tensor, at, front)
    shape = moved.shape
    done = operation @ moved.reshape(*lead, operation.shape[-1], -1)
    return np.moveaxis(done.reshape(shape), front, at).reshape(*lead, 2**qubits, columns)
