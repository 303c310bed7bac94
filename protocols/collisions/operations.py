r"""Operations of a collision: each one a matrix and a piece of circuit, checked against each other in tests.

|0> ground; tensors are most significant first, the first wire leftmost. With s- = |0><1|:

    exchange        exp[-i phi (s+ s- + h.c.)], an excitation moves with probability sin^2 phi
    phased_exchange exp[-i phi (e^{i beta} s- s+ + h.c.)] with s- of the first wire: a partial swap about another axis
    pairs           exp[-i psi (s+ s+ + h.c.)], a pair is created with probability sin^2 psi
    both            the two on one pair of wires, which commute: exp[-i (a XX + b YY)/2], a, b = phi +- psi
    swap_states     two computational states exchanged, up to phases of computational states
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from protocols.pauli import pauli_matrix
from protocols.program import angle
from protocols.types import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Qubit

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
            return _transposition(*self.states)
        return KINDS[self.kind].matrix(*(angles[name] for name in self.angles))

    def append(self, circuit: QuantumCircuit, wire: Callable[[str], Qubit]) -> None:
        """Appends it to a circuit, with its angles as free parameters."""
        qubits = [wire(name) for name in self.wires]
        if self.kind == "swap_states":
            _append_transposition(circuit, qubits, *self.states)
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
    """A plain gate: x, z, h, rx, ry, phase, and under control cx, cz, ch, crx, cry, cphase; a barrier, which no compiler merges gates across.

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


@dataclass(frozen=True)
class _Kind:
    matrix: Callable[..., Array]
    append: Callable[..., None]


def _turn(word: str) -> Callable[[Array], Array]:
    """exp(-i theta P/2)."""

    def matrix(theta: Array) -> Array:
        half = np.asarray(theta)[..., None, None] / 2
        P = pauli_matrix(word)
        return np.cos(half) * np.eye(len(P)) - 1j * np.sin(half) * P

    return matrix


def _both(phi: Array, psi: Array) -> Array:
    return _turn("XX")(np.add(phi, psi)) @ _turn("YY")(np.subtract(phi, psi))


def _phase(theta: Array) -> Array:
    one = np.ones_like(np.asarray(theta), dtype=complex)
    return one[..., None, None] * np.diag([1, 0]) + np.exp(1j * np.asarray(theta))[..., None, None] * np.diag([0, 1])


def _under_control(matrix: Callable[..., Array]) -> Callable[..., Array]:
    """|0><0| x 1 + |1><1| x U."""

    def controlled(*angles: Array) -> Array:
        U = matrix(*angles)
        found = np.zeros((*U.shape[:-2], 4, 4), dtype=complex)
        found[..., :2, :2], found[..., 2:, 2:] = np.eye(2), U
        return found

    return controlled


def _append_exchange(circuit: QuantumCircuit, qubits: Sequence[Qubit], phi: typing.Any) -> None:
    from qiskit.circuit.library import XXPlusYYGate

    circuit.append(XXPlusYYGate(2 * phi, 0), qubits)


def _phased_exchange(phi: Array, beta: Array) -> Array:
    """P(-beta) on the first wire after, P(beta) before."""
    turn = np.kron(_phase(np.asarray(beta)), np.eye(2))
    return turn.conj() @ _both(phi, np.zeros_like(phi)) @ turn


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


KINDS = {
    "exchange": _Kind(lambda phi: _both(phi, np.zeros_like(phi)), _append_exchange),
    "phased_exchange": _Kind(_phased_exchange, _append_phased_exchange),
    "pairs": _Kind(lambda psi: _both(np.zeros_like(psi), psi), _append_pairs),
    "both": _Kind(_both, _append_both),
    "x": _Kind(lambda: pauli_matrix("X"), _plain("x")),
    "z": _Kind(lambda: pauli_matrix("Z"), _plain("z")),
    "h": _Kind(lambda: (pauli_matrix("X") + pauli_matrix("Z")) / np.sqrt(2), _plain("h")),
    "rx": _Kind(_turn("X"), _plain("rx")),
    "ry": _Kind(_turn("Y"), _plain("ry")),
    "phase": _Kind(_phase, _plain("p")),
    "cx": _Kind(lambda: np.eye(4)[[0, 1, 3, 2]].astype(complex), _plain("cx")),
    "cz": _Kind(lambda: np.diag([1, 1, 1, -1]).astype(complex), _plain("cz")),
    "ch": _Kind(_under_control(lambda: (pauli_matrix("X") + pauli_matrix("Z")) / np.sqrt(2)), _plain("ch")),
    "crx": _Kind(_under_control(_turn("X")), _plain("crx")),
    "cry": _Kind(_under_control(_turn("Y")), _plain("cry")),
    "cphase": _Kind(_under_control(_phase), _plain("cp")),
    "barrier": _Kind(lambda: np.eye(4, dtype=complex), _plain("barrier")),
}


def _transposition(first: str, second: str) -> Array:
    order = list(range(2 ** len(first)))
    a, b = int(first, 2), int(second, 2)
    order[a], order[b] = b, a
    return np.eye(len(order))[order].astype(complex)


def _append_transposition(circuit: QuantumCircuit, qubits: Sequence[Qubit], first: str, second: str) -> None:
    """CNOTs from the first wire make both states differ there only; a controlled NOT exchanges them; CNOTs undo."""
    target, controls = qubits[0], qubits[1:]
    base = first if first[0] == "0" else second
    spread = [control for i, control in enumerate(controls, 1) if first[i] != second[i]]
    for control in spread:
        circuit.cx(target, control)
    closed = [control for i, control in enumerate(controls, 1) if base[i] == "0"]
    for control in closed:
        circuit.x(control)
    _append_controlled_not(circuit, controls, target)
    for control in closed:
        circuit.x(control)
    for control in reversed(spread):
        circuit.cx(target, control)


def _append_controlled_not(circuit: QuantumCircuit, controls: Sequence[Qubit], target: Qubit) -> None:
    """NOT under all controls, up to phases of computational states; every CNOT is onto the target for two controls."""
    from qiskit.circuit.library import RC3XGate

    if len(controls) == 1:
        circuit.cx(controls[0], target)
    elif len(controls) == 2:  # Margolus
        quarter = np.pi / 4
        for control, sign in ((controls[1], 1), (controls[0], 1), (controls[1], -1)):
            circuit.ry(sign * quarter, target)
            circuit.cx(control, target)
        circuit.ry(-quarter, target)
    elif len(controls) == 3:
        circuit.compose(typing.cast("QuantumCircuit", RC3XGate().definition), [*controls, target], inplace=True)
    else:
        raise ValueError(f"A controlled NOT of {len(controls)} controls is not needed by any protocol here.")
