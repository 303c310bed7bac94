r"""Preparing a correlated pair: as a weighted eigen-ensemble, or purified with ancillas.

With the coherence c = |c| e^{i phi} and tan(theta) = 2|c| / (p01 - p10), the eigenvectors inside {01, 10} are

    |psi+> = cos(theta/2) |01> + sin(theta/2) e^{-i phi} |10>,   |psi-> the same with theta + pi,

and the others are |00> and |11>. All angles here are plain numpy arrays of shape (points,); a template
has them as its free parameters. Circuits verified in tests against the density matrix to 1e-12.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from protocols.pair.correlated import PairState
from protocols.program import Member
from protocols.types import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit

GROUND, PLUS, MINUS, EXCITED = range(4)
"""Members of the eigen-ensemble: |00>, |psi+>, |psi->, |11>."""
EXCHANGED: Mapping[int, Member] = {
    GROUND: Member(excitations=0, two_qubit_gates=2),
    PLUS: Member(excitations=1, two_qubit_gates=3, carrier=0),
    MINUS: Member(excitations=1, two_qubit_gates=3, carrier=0),
    EXCITED: Member(excitations=2, two_qubit_gates=2),
}
"""The same through a partial swap, of two CZ; |psi> takes one to prepare."""

# Eigenvalues below this are roundoff of the rank-2 optimal state, whose smallest ones are exactly 0.
_ROUNDOFF = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class Eigensystem:
    """Weights of the four members and the angles of |psi+>."""

    weights: Array
    """(points, 4) in the order GROUND, PLUS, MINUS, EXCITED."""
    theta: Array
    """(points,) [rad]."""
    phi: Array
    """(points,) [rad]."""

    def amplitudes(self, member: int) -> Array:
        """The pure state of a member, (points, 4)."""
        state = np.zeros((len(self.theta), 4), dtype=complex)
        if member in (GROUND, EXCITED):
            state[:, 0 if member == GROUND else 3] = 1
            return state
        theta = self.theta + (np.pi if member == MINUS else 0)
        state[:, 1] = np.cos(theta / 2)
        state[:, 2] = np.sin(theta / 2) * np.exp(-1j * self.phi)
        return state

    @property
    def present(self) -> tuple[int, ...]:
        """Members with weight at any point: the fixed member list of a sweep."""
        return tuple(int(member) for member in np.flatnonzero((self.weights > 0).any(axis=0)))


def eigensystem(pair: PairState) -> Eigensystem:
    """Diagonalises number-conserving states in closed form.

    The smaller eigenvalue comes from the determinant, which keeps it exact near rank 2.
    """
    p00, p01, p10, p11 = np.moveaxis(pair.populations, -1, 0)
    size = np.abs(pair.coherence)
    larger = (p01 + p10 + np.hypot(p01 - p10, 2 * size)) / 2
    determinant = p01 * p10 - size**2
    smaller = np.divide(determinant, larger, out=np.zeros_like(larger), where=larger > 0)
    weights = np.stack([p00, larger, smaller, p11], axis=-1)
    weights = np.where(weights < _ROUNDOFF, 0.0, weights)
    return Eigensystem(
        weights=weights / weights.sum(axis=-1, keepdims=True),
        theta=np.arctan2(2 * size, p01 - p10),
        phi=np.angle(pair.coherence),
    )


def purification_angles(system: Eigensystem, rank_two: bool) -> dict[str, Array]:
    """Angles that make the ancillas carry the weights: names of the parameters of `purify`.

    Args:
        system: Weights of the members, (points, 4).
        rank_two: Whether |00> and |psi+> are all there is.

    Returns:
        Name -> angles, shape (points,) [rad].
    """
    amplitude = np.sqrt(system.weights)
    if rank_two:
        return {"mixing": 2 * np.arctan2(amplitude[:, PLUS], amplitude[:, GROUND])}
    # [[a00, a01], [a10, a11]] = R(left) diag(s1, s2) R(right)^T with rotations R and s2 of either sign
    a00, a01, a10, a11 = np.moveaxis(amplitude, -1, 0)
    total, difference = np.arctan2(a10 - a01, a00 + a11), np.arctan2(a10 + a01, a00 - a11)
    q, r = np.hypot(a00 + a11, a10 - a01) / 2, np.hypot(a00 - a11, a10 + a01) / 2
    return {
        "schmidt": 2 * np.arctan2(q - r, q + r),
        "left": difference + total,
        "right": difference - total,
    }


def prepare_member(circuit: QuantumCircuit, member: int) -> None:
    """Appends the preparation of one member on wires A, B: at most one two-qubit gate.

    Parameters of psi members: "prepare" = theta (+ pi for psi-), "phase" = -phi.

    Args:
        circuit: With A and B as its first two wires; appended to.
        member: GROUND, PLUS, MINUS or EXCITED.
    """
    from qiskit.circuit import Parameter

    A, B = circuit.qubits[:2]
    if member == EXCITED:
        circuit.x([A, B])
    if member in (PLUS, MINUS):
        circuit.ry(Parameter("prepare"), A)
        circuit.x(B)
        circuit.cx(A, B)
        circuit.p(Parameter("phase"), A)


def purify(circuit: QuantumCircuit, rank_two: bool) -> None:
    """Appends the eigenvalue part of a purification: the mixture of |00>, |01>, |10>, |11> on A, B.

    A partial swap by "prepare" about phi - pi/2 then turns |01>, |10> into psi+, psi-. One ancilla C_B and
    one two-qubit gate at rank two, else C_A, C_B and three.

    Args:
        circuit: With A, B and the ancillas as its first wires; appended to.
        rank_two: Whether one ancilla is enough.
    """
    from qiskit.circuit import Parameter

    A, B = circuit.qubits[:2]
    if rank_two:
        circuit.ry(Parameter("mixing"), B)
        circuit.cx(B, circuit.qubits[2])
        return
    C_A, C_B = circuit.qubits[2:4]
    circuit.ry(Parameter("schmidt"), A)
    circuit.cx(A, B)
    circuit.ry(Parameter("left"), A)
    circuit.ry(Parameter("right"), B)
    circuit.cx(A, C_A)
    circuit.cx(B, C_B)
