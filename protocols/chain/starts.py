r"""Correlated starts of a chain whose sites are all thermal by themselves: C_ii = p_i, and what is beside the diagonal.

    shared  C = v v^+, v_i = sqrt(p_i) e^{i phase_i}: one excitation at most, on all sites at once; needs sum p_i <= 1.
            rho = (1 - sum p)|0..0><0..0| + sum p |W><W|; of two sites the optimal pair of Holdsworth and Kawai
    bonds   C_{i,i+1} = s_i sqrt(p_i p_{i+1}) e^{i phase_i}, nothing between other sites; needs 0 <= C <= 1
    none    C = diag(p)

All three are Gaussian (the other family, `coherent`, is not): modes of C, each filled with the probability of its
eigenvalue and by itself. So an ensemble has a member for every set of filled modes, and a member is prepared by X gates
and the network of the modes. (Constructed here; the pair is PRA 106, 062604, eq. (10).)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from protocols.collisions import Operation, gate, phased_exchange
from protocols.types import Array

EMPTY = 1e-12
"""Modes that are filled with less probability are empty: members of no weight need no circuit."""


def shared(p: Array, phases: Array) -> Array:
    """C of one excitation that all sites share, (points, N, N).

    Args:
        p: Excited populations, shape (points, N).
        phases: Of the amplitudes, shape (points, N) [rad].
    """
    v = np.sqrt(p) * np.exp(1j * phases)
    return v[:, :, None] * v[:, None, :].conj()


def bonded(p: Array, strengths: Array, phases: Array) -> Array:
    """C of sites that are correlated with their neighbours, (points, N, N).

    Args:
        p: Excited populations, shape (points, N).
        strengths: s of every bond, shape (points, N-1).
        phases: Of C_{i,i+1}, shape (points, N-1) [rad].
    """
    return coupled(p, strengths * np.sqrt(p[:, :-1] * p[:, 1:]) * np.exp(1j * phases))


def coupled(p: Array, coherences: Array) -> Array:
    """C of given populations and coherences of neighbours, (points, N, N).

    Args:
        p: Excited populations, shape (points, N).
        coherences: C_{i,i+1}, shape (points, N-1).
    """
    C = p[:, :, None] * np.eye(p.shape[1]) + 0j
    left = np.arange(p.shape[1] - 1)
    C[:, left, left + 1] = coherences
    C[:, left + 1, left] = coherences.conj()
    return C


def neighbours(C: Array) -> Array:
    """C_{i,i+1}, (points, N-1).

    Args:
        C: Orbital density matrices, shape (points, N, N).
    """
    return np.diagonal(C, offset=1, axis1=1, axis2=2)


def strongest(p: Array, strengths: Array | float = 1.0) -> Array:
    """By how much strengths of the bonds may be multiplied until an eigenvalue of C leaves 0..1, (points,).

    C = diag(p) + sqrt(p) S sqrt(p) with S of the strengths: the largest eigenvalue of S must not be above 1, which for
    equal ones is s <= 1/(2 cos(pi/(N+1))), and so must that of S with p/(1-p) in the place of p.

    Args:
        p: Excited populations, shape (points, N).
        strengths: s of every bond, shape (points, N-1); 1: equal ones.

    Examples:
        >>> strongest(np.array([[0.25, 0.25, 0.25], [0.9, 0.9, 0.9]])).round(6).tolist()
        [0.707107, 0.078567]
    """
    left = np.arange(p.shape[1] - 1)
    S = np.zeros((len(p), p.shape[1], p.shape[1]))
    S[:, left, left + 1] = S[:, left + 1, left] = strengths
    root = np.sqrt(p / np.maximum(1 - p, 1e-12))
    largest = [np.linalg.eigvalsh(one)[:, -1] for one in (S, root[:, :, None] * S * root[:, None, :])]
    with np.errstate(divide="ignore"):
        return 1 / np.maximum(*largest)


def filled(C: Array) -> tuple[Array, Array]:
    """Occupations (points, N) and modes (points, N, N, a mode a column) of C, the fullest first.

    Args:
        C: Orbital density matrices, shape (points, N, N).
    """
    occupations, modes = np.linalg.eigh(C)
    filling = np.clip(occupations[:, ::-1], 0.0, 1.0)
    return np.where(filling < EMPTY, 0.0, np.where(filling > 1 - EMPTY, 1.0, filling)), modes[:, :, ::-1]


def occupied(filling: Array) -> Array:
    """Probability of every set of filled orbitals, (points, 2**N), the first orbital most significant.

    Args:
        filling: Probability of each by itself, shape (points, N).

    Examples:
        >>> occupied(np.array([[0.5, 0.25]])).tolist()
        [[0.375, 0.125, 0.375, 0.125]]
    """
    total = np.ones((len(filling), 1))
    for q in filling.T:
        total = (total[:, :, None] * np.stack([1 - q, q], axis=-1)[:, None, :]).reshape(len(filling), -1)
    return total


def populations(C: Array) -> Array:
    r"""Probability of every computational state of a Gaussian state, (points, 2**N): its diagonal.

    $P(b) = \det M$, row i of M being that of C where b_i = 1 and that of 1 - C where b_i = 0.

    Args:
        C: Orbital density matrices, shape (points, N, N).

    Examples:
        >>> populations(np.array([[[0.25, 0.25], [0.25, 0.25]]])).round(6).tolist()
        [[0.5, 0.25, 0.25, 0.0]]
    """
    sites = C.shape[-1]
    bits = (np.arange(2**sites)[:, None] >> np.arange(sites)[::-1]) & 1
    rows = np.where(bits[:, :, None] == 1, C[:, None], np.eye(sites) - C[:, None])
    found = np.clip(np.real(np.linalg.det(rows)), 0.0, 1.0)
    return found / found.sum(axis=1, keepdims=True)


def spread_steps(wires: Sequence[str], name: str) -> list[Operation]:
    """From an excitation on the first wire to one that all share: a partial swap down every bond.

    Args:
        wires: Along the line.
        name: Under which `spread_values` has the angles.
    """
    bonds = range(len(wires) - 1)
    return [gate("x", wires[0])] + [
        phased_exchange(wires[i], wires[i + 1], f"{name}_swap_{i}", f"{name}_axis_{i}") for i in bonds
    ]


def spread_values(v: Array, name: str) -> Mapping[str, Array]:
    """Its angles, (points,) each [rad]: every bond leaves |v_i| of what came and turns the rest to the next phase.

    Args:
        v: Amplitudes, shape (points, N); their norm and common phase do not matter.
        name: As in `spread_steps`.
    """
    size = np.abs(v)
    rest = np.sqrt(np.cumsum(size[:, ::-1] ** 2, axis=1))[:, ::-1]
    angles = np.arctan2(rest[:, 1:], size[:, :-1])
    axes = np.diff(np.angle(v), axis=1) + np.pi / 2
    columns = {"swap": angles, "axis": axes}
    return {f"{name}_{kind}_{i}": column for kind, each in columns.items() for i, column in enumerate(each.T)}
