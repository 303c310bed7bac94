"""Two qubits as they are: thermal states, an exchange, baths; and what they are taken for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from protocols import Array

OMEGA = 0.1


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """A pair as it is, and what its data are taken for."""

    times: Array
    """(points,) the first is 0."""
    states: Mapping[str, Array]
    """Arm -> (points, 4, 4), as the qubits are when they are read."""
    settings: tuple[str, ...]
    shots: int
    declared: Mapping[str, str] | None = None
    """Parameters of heat-exchange that the user believes in; None: imported without a protocol."""
    inverted: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Setting -> qubits whose bits are upside down in it."""
    swapped: tuple[str, ...] = ()
    """Settings whose two columns are exchanged."""
    misread: Array | None = None
    """(points, 4, 4) P(read | true), which no calibration knows of."""
    unit: float = 1.0
    """By which the times of the file are off."""


def thermal_pair(T_A: float, T_B: float, coherence: complex = 0.0) -> Array:
    """Gibbs states of two qubits of gap 1, with rho_{01,10} = coherence."""
    p = [1 / (1 + np.exp(1 / T)) for T in (T_A, T_B)]
    rho = np.kron(np.diag([1 - p[0], p[0]]), np.diag([1 - p[1], p[1]])).astype(complex)
    rho[1, 2], rho[2, 1] = coherence, np.conj(coherence)
    return rho


def exchanged(rho: Array, times: Array) -> Array:
    """U(t) rho U(t)^+ under V = Omega(|01><10| + h.c.), core of Holdsworth and Kawai, PRA 106, 062604."""
    c, s = np.cos(OMEGA * times), np.sin(OMEGA * times)
    U = np.tile(np.eye(4, dtype=complex), (len(times), 1, 1))
    U[:, 1, 1], U[:, 2, 2], U[:, 1, 2], U[:, 2, 1] = c, c, -1j * s, -1j * s
    return U @ rho @ np.swapaxes(U.conj(), 1, 2)


def relaxed(states: Array, toward: tuple[float, float], gone: Array) -> Array:
    """Each qubit in contact with a bath of its own: generalised amplitude damping.

    Args:
        states: (points, 4, 4).
        toward: Excited population of each bath.
        gone: Fraction of the way, (points, 2).
    """
    found = states
    for qubit, p in enumerate(toward):
        g = gone[:, qubit, None, None]
        root = np.sqrt(1 - g)
        kraus = [
            np.sqrt(1 - p) * (np.diag([1.0, 0.0]) + root * np.diag([0.0, 1.0])),
            np.sqrt(1 - p) * np.sqrt(g) * np.array([[0.0, 1.0], [0.0, 0.0]]),
            np.sqrt(p) * (root * np.diag([1.0, 0.0]) + np.diag([0.0, 1.0])),
            np.sqrt(p) * np.sqrt(g) * np.array([[0.0, 0.0], [1.0, 0.0]]),
        ]
        whole = [_on(qubit, K) for K in kraus]
        found = sum((K @ found @ np.swapaxes(K, 1, 2) for K in whole), np.zeros(()))
    return found


def _on(qubit: int, K: Array) -> Array:
    one = np.eye(2)[None]
    left, right = (K, one) if qubit == 0 else (one, K)
    return np.einsum("nij,mkl->nmikjl", left, right).reshape(-1, 4, 4)


def strongest_coherence(T_A: float, T_B: float) -> float:
    """Of the coherence of a pair whose other moments are those of the product: sqrt(lambda_2 lambda_3)."""
    rho = thermal_pair(T_A, T_B).real
    return float(np.sqrt(rho[1, 1] * rho[2, 2]))
