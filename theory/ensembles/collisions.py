r"""Spins that meet fresh thermal qubits of a bath: all at once (star), or one after the other (cascade).

Star: U = exp[-i theta (A b+ + A' b-)]. Cascade: U = U_N ... U_1, U_k = exp[-i phi (s_k- b+ + h.c.)]. Both conserve the
number of excitations, so that heat into the spins is what the bath's qubit loses. Entropy production is
Sigma = S(rho') - S(rho) - Q/T_B = I(spins : qubit) + D(qubit' || tau_B) >= 0, whatever coherence the spins had.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from protocols import Array
from protocols.quantities import excited_population
from theory.ensembles.states import LOWER, excitations, jump


@dataclass(frozen=True, kw_only=True, eq=False)
class Collision:
    """One meeting with one bath qubit."""

    rho: Array
    """State of the spins afterwards, (2**N, 2**N)."""
    heat: float
    """Energy that the spins gained [gap]."""
    bath: float
    """Energy that the bath qubit gained, minus the heat [gap]."""
    entropy_production: float
    """Sigma [nat]."""


def unitary(size: int, angle: float, contact: str) -> Array:
    """Of the spins and, rightmost, the bath qubit, (2**(N+1), 2**(N+1)).

    Args:
        size: Number of spins N.
        angle: Of each contact [rad].
        contact: "star" or "cascade".
    """
    return _unitary(size, float(angle), contact)


def collide(rho: Array, T_B: float, angle: float, contact: str = "cascade") -> Collision:
    """Spins after one collision, their heat and the entropy that it produced.

    Args:
        rho: State of the spins, (2**N, 2**N).
        T_B: Temperature of the bath [gap/k_B], not zero.
        angle: Of each contact [rad].
        contact: "star" or "cascade".

    Examples:
        >>> from theory.ensembles import pair
        >>> p = 1 / (1 + np.e)
        >>> [round(collide(pair(p, chi * p * (1 - p)), 1.25, 0.3).heat, 7) for chi in (0, 1, -1)]
        [0.0068626, -0.0056025, 0.0193277]
    """
    p_B, dimension = float(excited_population(T_B)), len(rho)
    U = unitary(dimension.bit_length() - 1, angle, contact)
    joint = (U @ np.kron(rho, np.diag([1 - p_B, p_B])) @ U.conj().T).reshape(dimension, 2, dimension, 2)
    after, qubit = np.einsum("iaja->ij", joint), np.einsum("iaib->ab", joint)
    heat = excitations(after) - excitations(rho)
    produced = _entropy(after) - _entropy(rho) - heat / T_B
    return Collision(rho=after, heat=heat, bath=qubit[1, 1].real - p_B, entropy_production=produced)


def repeated(rho: Array, T_B: float, angle: float, number: int, contact: str = "cascade") -> list[Collision]:
    """So many collisions in a row, each with a fresh qubit.

    Args:
        rho: State of the spins at the start, (2**N, 2**N).
        T_B: Temperature of the bath [gap/k_B].
        angle: Of each contact [rad].
        number: How many.
        contact: "star" or "cascade".
    """
    found: list[Collision] = []
    for _ in range(number):
        found.append(collide(found[-1].rho if found else rho, T_B, angle, contact))
    return found


@lru_cache(maxsize=64)
def _unitary(size: int, angle: float, contact: str) -> Array:
    if contact == "star":
        return _exchange(jump(size), angle)
    if contact != "cascade":
        raise ValueError(f"`contact` must be star or cascade, but is {contact!r}.")
    U = np.eye(2 ** (size + 1), dtype=complex)
    for k in range(size):
        lowered = np.kron(np.kron(np.eye(2**k), LOWER), np.eye(2 ** (size - 1 - k)))
        U = _exchange(lowered, angle) @ U
    return U


def _exchange(lowered: Array, angle: float) -> Array:
    """exp[-i angle (lowered b+ + h.c.)] by the eigenvectors of a real symmetric matrix."""
    given = np.kron(lowered, LOWER.T)
    values, vectors = np.linalg.eigh(given + given.T)
    return (vectors * np.exp(-1j * angle * values)) @ vectors.T


def _entropy(rho: Array) -> float:
    from scipy.special import xlogy

    p = np.clip(np.linalg.eigvalsh(rho), 0, None)
    return -float(xlogy(p, p).sum())
