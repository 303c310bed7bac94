"""Polarisations round by round, from populations alone, and energy teleportation from matrices.

The bath gives qubits of polarisation eps = p_0 - p_1 = tanh(1/2T), xi = artanh eps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protocols import Array

Y, Z = np.array([[0, -1j], [1j, 0]]), np.diag([1.0, -1.0])
X, ONE = np.array([[0.0, 1], [1, 0]]), np.eye(2)


def hbac(eps: float, number: int) -> Array:
    """(a) Target and two fresh qubits, populations of |1,00> and |0,11> exchanged: after 0, 1, .. rounds.

    eps_n = e_inf + (eps - e_inf) ((1 - eps^2)/2)^n, e_inf = 2 eps/(1 + eps^2).

    Examples:
        >>> hbac(0.5, 4).round(6).tolist()
        [0.5, 0.6875, 0.757812, 0.78418, 0.794067]
    """
    limit = 2 * eps / (1 + eps**2)
    return limit + (eps - limit) * ((1 - eps**2) / 2) ** np.arange(number + 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Sorted:
    """What became of sorting and resetting, after 0, 1, .. sorts, (sorts + 1,) each."""

    polarisation: Array
    """Of the first qubit, behind a sort and before the reset."""
    heat: Array
    """Energy that the resets gave the bath so far; the last sort's is counted, for its qubit is renewed [gap]."""
    work: Array
    """Paid for the sorts so far [gap]."""


def sorted_and_reset(eps: float, qubits: int, number: int) -> Sorted:
    """(b) All populations are sorted, then the last qubit is renewed.

    Args:
        eps: Polarisation of the bath.
        qubits: How many are sorted, the one that is renewed included.
        number: Of sorts.

    Examples:
        >>> sorted_and_reset(0.5, 3, 3).polarisation.round(6).tolist()
        [0.5, 0.6875, 0.6875, 0.757812]
    """
    fresh = np.array([1 + eps, 1 - eps]) / 2
    excitations = np.array([bin(state).count("1") for state in range(2**qubits)])
    p = np.prod([fresh[[(state >> bit) & 1 for bit in range(qubits)]] for state in range(2**qubits)], axis=1)
    found = [(eps, 0.0, 0.0)]
    for _ in range(number):
        sorted_p = np.sort(p)[::-1]
        half = len(p) // 2
        work = found[-1][2] + float(excitations @ (sorted_p - p))
        heat = found[-1][1] + float(sorted_p[1::2].sum() - fresh[1])
        found.append((float(sorted_p[:half].sum() - sorted_p[half:].sum()), heat, work))
        p = np.kron(sorted_p.reshape(-1, 2).sum(axis=1), fresh)
    polarisation, dumped, paid = np.array(found).T
    return Sorted(polarisation=polarisation, heat=dumped, work=paid)


def joint(eps: float, number: int) -> Array:
    """(c) A reset that acts on |00> and |11> alone, then the second spin is saturated: T_n = (tanh 2 xi + T_{n-1})/2.

    Examples:
        >>> joint(0.5, 4).round(6).tolist()
        [0.5, 0.65, 0.725, 0.7625, 0.78125]
    """
    limit = np.tanh(2 * np.arctanh(eps))
    return limit + (eps - limit) * 0.5 ** np.arange(number + 1)


def limit(method: str, eps: Array, qubits: int = 0) -> Array:
    """After infinitely many rounds: 2 eps/(1 + eps^2), tanh(2^(n-2) xi), tanh 2 xi.

    Args:
        method: "hbac", "ppa" or "overhauser".
        eps: Polarisation of the bath.
        qubits: n of ppa, the fresh one included.
    """
    xi = np.arctanh(eps)
    return {"hbac": 2 * eps / (1 + eps**2), "ppa": np.tanh(2.0 ** (qubits - 2) * xi), "overhauser": np.tanh(2 * xi)}[
        method
    ]


# ---- energy teleportation ----


def hamiltonian(k: float) -> Array:
    """-Z x 1 - 1 x Z + 2 k X x X [gap/2], target first; |0> is the ground state of a qubit alone."""
    return -np.kron(Z, ONE) - np.kron(ONE, Z) + 2 * k * np.kron(X, X)


def teleported(k: float, turns: Array) -> tuple[float, Array]:
    """Energy that measuring X of the helper brings in, and change of energy when the target turns by -+f after it.

    From the ground state, projected on X = +-1 of the helper; the target then turns by exp(-+i f Y).

    Args:
        k: Interaction.
        turns: f [rad], any shape.

    Returns:
        E_A, and E_B of every f [gap/2].

    Examples:
        >>> E_A, E_B = teleported(1.0, np.array([0.160875]))
        >>> round(E_A, 6), E_B.round(6).tolist()
        (0.707107, [-0.114748])
    """
    H = hamiltonian(k)
    energies, states = np.linalg.eigh(H)
    ground = states[:, 0]
    projected = [np.kron(ONE, (ONE + sign * X) / 2) @ ground for sign in (1, -1)]
    injected = sum(float(np.real(one.conj() @ H @ one)) for one in projected) - float(energies[0])

    def gained(f: float) -> float:
        turned = [np.kron(_turn(sign * f), ONE) @ one for sign, one in zip((1, -1), projected, strict=True)]
        return sum(float(np.real(one.conj() @ H @ one)) for one in turned) - float(energies[0]) - injected

    return injected, np.vectorize(gained)(turns)


def _turn(f: float) -> Array:
    """exp(i f Y)."""
    return np.cos(f) * ONE + 1j * np.sin(f) * Y


def teleported_closed(k: float, turns: Array) -> Array:
    """E_B = -[k sin 2f - (1 + 2 k^2)(1 - cos 2f)]/sqrt(1 + k^2) [gap/2]; lowest at tan 2f = k/(1 + 2 k^2)."""
    f = np.asarray(turns)
    return -(k * np.sin(2 * f) - (1 + 2 * k**2) * (1 - np.cos(2 * f))) / np.sqrt(1 + k**2)


def best_turn(k: float) -> float:
    """f of the lowest E_B [rad]."""
    return float(np.arctan2(k, 1 + 2 * k**2) / 2)
