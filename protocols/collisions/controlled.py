r"""Gates of three and more wires, in few entangling gates on a line.

A partial swap of a and b under the control of c is, with CX from a onto b marking the states that it turns,

    CX(a, b) . RX_a(2 phi if b = 1 and c = v) . CX(a, b),

and a pair gate the same with b = 0. The rotation with two controls is RX(t1) CZ(c) RX(t2) CZ(b) RX(t3) CZ(c) RX(t4)
CZ(b): CZ turns the sign of what follows, so that the angle is t1 + s_c t2 + s_c s_b t3 + s_b t4 with s = +1, -1 for
0, 1. Its last CZ and the closing CX are one controlled -iY: five entangling gates, all with a, on the line c - a - b.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np

from protocols.types import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Qubit


def controlled(matrix: Array, when: int) -> Array:
    """|v><v| x U + |1-v><1-v| x 1, (..., 2d, 2d), the control leftmost.

    Args:
        matrix: U, (..., d, d).
        when: v, the bit of the control.
    """
    d = matrix.shape[-1]
    whole = np.zeros((*matrix.shape[:-2], 2 * d, 2 * d), dtype=complex)
    acting, resting = (slice(0, d), slice(d, 2 * d))[:: 1 if when == 0 else -1]
    whole[..., acting, acting] = matrix
    whole[..., resting, resting] = np.eye(d)
    return whole


def append_controlled_turn(
    circuit: QuantumCircuit, qubits: Sequence[Qubit], phi: typing.Any, *, when: int, marked: int
) -> None:
    """The partial swap (marked 1) or the pair gate (marked 0) of the last two qubits under the control of the first.

    Args:
        circuit: Where.
        qubits: Control c, a and b; on a line a is between the others.
        phi: Angle of the two-qubit gate [rad].
        when: Bit of the control at which it acts.
        marked: Bit of b, after the first CX, of the states that are turned.
    """
    c, a, b = qubits
    by_c, by_b = 1 - 2 * when, 1 - 2 * marked  # (1 + by_c s_c)(1 + by_b s_b)/4 is 1 where the gate acts, 0 elsewhere
    circuit.cx(a, b)
    for sign, control in ((1, c), (by_c, b), (by_c * by_b, c)):
        circuit.rx(sign * phi / 2, a)
        circuit.cz(control, a)
    circuit.rx(by_b * phi / 2, a)
    circuit.sdg(b)
    circuit.cx(a, b)
    circuit.s(b)
    circuit.sdg(a)


def margolus() -> Array:
    """The Toffoli gate in three CX, two controls first: exact but for the sign of |101>, (8, 8)."""
    signs = np.array([1, 1, 1, 1, 1, -1, 1, 1])
    return (np.eye(8)[[0, 1, 2, 3, 4, 5, 7, 6]] * signs).astype(complex)


def append_margolus(circuit: QuantumCircuit, qubits: Sequence[Qubit]) -> None:
    """Its circuit; every CX is onto the target, which is last and on a line in the middle.

    Args:
        circuit: Where.
        qubits: Two controls and the target.
    """
    first, second, target = qubits
    quarter = np.pi / 4
    for control, sign in ((second, 1), (first, 1), (second, -1)):
        circuit.ry(sign * quarter, target)
        circuit.cx(control, target)
    circuit.ry(-quarter, target)


def transposition(first: str, second: str) -> Array:
    """Two computational states exchanged, (d, d).

    Args:
        first: A state, one bit a wire.
        second: The other one.
    """
    order = list(range(2 ** len(first)))
    a, b = int(first, 2), int(second, 2)
    order[a], order[b] = b, a
    return np.eye(len(order))[order].astype(complex)


def append_transposition(circuit: QuantumCircuit, qubits: Sequence[Qubit], first: str, second: str) -> None:
    """The same up to phases of computational states.

    CNOTs from the first wire make both states differ there only; a controlled NOT exchanges them; CNOTs undo.

    Args:
        circuit: Where.
        qubits: The wires.
        first: A state, one bit a wire.
        second: Another one, which differs in the first wire.
    """
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
    elif len(controls) == 2:
        append_margolus(circuit, [*controls, target])
    elif len(controls) == 3:
        circuit.compose(typing.cast("QuantumCircuit", RC3XGate().definition), [*controls, target], inplace=True)
    else:
        raise ValueError(f"A controlled NOT of {len(controls)} controls is not needed by any protocol here.")
