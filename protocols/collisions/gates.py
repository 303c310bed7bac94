r"""Every kind of gate that operations know: its matrix and its circuit.

Rotations are exp(-i theta P/2) with P = X, Y, Z; `phase` is diag(1, e^{i theta}). Matrices are exact, phases included.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from protocols.collisions.controlled import append_controlled_turn, append_margolus, controlled, margolus
from protocols.pauli import pauli_matrix
from protocols.types import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Qubit


@dataclass(frozen=True)
class Kind:
    """A gate as a matrix of its angles, and as what is appended to a circuit."""

    matrix: Callable[..., Array]
    """Angles, (points,) each -> (points, d, d); (d, d) of a gate without angles."""
    append: Callable[..., None]
    """Of the circuit, the qubits and the angles."""


def _turn(word: str) -> Callable[[Array], Array]:
    """exp(-i theta P/2)."""

    def matrix(theta: Array) -> Array:
        half = np.asarray(theta)[..., None, None] / 2
        P = pauli_matrix(word)
        return np.cos(half) * np.eye(len(P)) - 1j * np.sin(half) * P

    return matrix


def _both(phi: Array, psi: Array) -> Array:
    return _turn("XX")(np.add(phi, psi)) @ _turn("YY")(np.subtract(phi, psi))


def _exchange(phi: Array) -> Array:
    return _both(phi, np.zeros_like(phi))


def _pairs(psi: Array) -> Array:
    return _both(np.zeros_like(psi), psi)


def _phase(theta: Array) -> Array:
    one = np.ones_like(np.asarray(theta), dtype=complex)
    return one[..., None, None] * np.diag([1, 0]) + np.exp(1j * np.asarray(theta))[..., None, None] * np.diag([0, 1])


def _append_exchange(circuit: QuantumCircuit, qubits: Sequence[Qubit], phi: typing.Any) -> None:
    from qiskit.circuit.library import XXPlusYYGate

    circuit.append(XXPlusYYGate(2 * phi, 0), qubits)


def _phased_exchange(phi: Array, beta: Array) -> Array:
    """P(-beta) on the first wire after, P(beta) before."""
    turn = np.kron(_phase(np.asarray(beta)), np.eye(2))
    return turn.conj() @ _exchange(phi) @ turn


def _append_phased_exchange(
    circuit: QuantumCircuit, qubits: Sequence[Qubit], phi: typing.Any, beta: typing.Any
) -> None:
    from qiskit.circuit.library import XXPlusYYGate

    circuit.append(XXPlusYYGate(2 * phi, beta), qubits)


def _append_pairs(circuit: QuantumCircuit, qubits: Sequence[Qubit], psi: typing.Any) -> None:
    from qiskit.circuit.library import XXMinusYYGate

    circuit.append(XXMinusYYGate(2 * psi, 0), qubits)


def _append_both(circuit: QuantumCircuit, qubits: Sequence[Qubit], phi: typing.Any, psi: typing.Any) -> None:
    """CX turns X of the first and Z of the second wire into XX and ZZ; a quarter turn makes YY of ZZ."""
    first, second = qubits
    circuit.rx(np.pi / 2, [first, second])
    circuit.cx(first, second)
    circuit.rx(phi + psi, first)
    circuit.rz(phi - psi, second)
    circuit.cx(first, second)
    circuit.rx(-np.pi / 2, [first, second])


def _plain(name: str) -> Callable[..., None]:
    def append(circuit: QuantumCircuit, qubits: Sequence[Qubit], *angles: typing.Any) -> None:
        getattr(circuit, name)(*angles, *qubits)

    return append


def _controlled(two: Callable[[Array], Array], when: int, marked: int) -> Kind:
    """A gate of two wires under the control of a third one, which comes first."""
    return Kind(lambda phi: controlled(two(phi), when), partial(append_controlled_turn, when=when, marked=marked))


def _hadamard() -> Array:
    return (pauli_matrix("X") + pauli_matrix("Z")) / np.sqrt(2)


KINDS = {
    "exchange": Kind(_exchange, _append_exchange),
    "phased_exchange": Kind(_phased_exchange, _append_phased_exchange),
    "pairs": Kind(_pairs, _append_pairs),
    "both": Kind(_both, _append_both),
    "exchange_if_0": _controlled(_exchange, 0, marked=1),
    "exchange_if_1": _controlled(_exchange, 1, marked=1),
    "pairs_if_0": _controlled(_pairs, 0, marked=0),
    "pairs_if_1": _controlled(_pairs, 1, marked=0),
    "x": Kind(lambda: pauli_matrix("X"), _plain("x")),
    "z": Kind(lambda: pauli_matrix("Z"), _plain("z")),
    "h": Kind(_hadamard, _plain("h")),
    "rx": Kind(_turn("X"), _plain("rx")),
    "ry": Kind(_turn("Y"), _plain("ry")),
    "rz": Kind(_turn("Z"), _plain("rz")),
    "phase": Kind(_phase, _plain("p")),
    "cx": Kind(lambda: np.eye(4)[[0, 1, 3, 2]].astype(complex), _plain("cx")),
    "cz": Kind(lambda: np.diag([1, 1, 1, -1]).astype(complex), _plain("cz")),
    "ch": Kind(lambda: controlled(_hadamard(), 1), _plain("ch")),
    "crx": Kind(lambda theta: controlled(_turn("X")(theta), 1), _plain("crx")),
    "cry": Kind(lambda theta: controlled(_turn("Y")(theta), 1), _plain("cry")),
    "crz": Kind(lambda theta: controlled(_turn("Z")(theta), 1), _plain("crz")),
    "cphase": Kind(lambda theta: controlled(_phase(theta), 1), _plain("cp")),
    "swap": Kind(lambda: np.eye(4)[[0, 2, 1, 3]].astype(complex), _plain("swap")),
    "rccx": Kind(margolus, append_margolus),
}
