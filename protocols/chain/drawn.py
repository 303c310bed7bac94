r"""Ensembles of 2^N members, drawn shot by shot: of long chains a circuit for each member would be too many.

Every shot has a member of its own, drawn with its weight, so that the counts of all shots together are a sample of the
mixture itself: one multinomial, whose errors are those of any state. Points, settings and arms have draws of their own.

    none                    every site excited with p_i
    bonds                   every mode of C filled with its eigenvalue; the network of the modes follows
    bonds, arm dephased     populations of the Gaussian state, site by site: p(1) = C_ii given what was drawn before,

        C -> C - C_{:i} C_{i:} / C_ii  where site i is excited,   C -> C + C_{:i} C_{i:} / (1 - C_ii)  where it is not

(a determinantal process; the rule is Gaussian elimination of P(b) = det M, see `starts.populations`). One template has
them all: each wire is turned by pi or 0 about X. A member that came n times is run with the powers of two that n is the
sum of, so that few numbers of shots are different, and a simulator has few calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from protocols.chain.starts import filled
from protocols.collisions import Operation, gate
from protocols.types import Array

FLIP = "start_flip"


def flip_steps(wires: Sequence[str]) -> list[Operation]:
    """From |0..0> to a drawn member's computational state.

    Args:
        wires: Along the line.
    """
    return [gate("rx", wire, by=f"{FLIP}_{i}") for i, wire in enumerate(wires)]


def flip_values(bits: Array) -> Mapping[str, Array]:
    """Their angles by name, (rows,) each [rad].

    Args:
        bits: Of the members, shape (rows, N).
    """
    return {f"{FLIP}_{i}": np.pi * column for i, column in enumerate(bits.T.astype(float))}


def drawn_members(
    C: Array, what: Literal["sites", "modes", "populations"], shots: Array, key: Sequence[Sequence[int]]
) -> tuple[Array, Array, Array]:
    """What every shot starts from.

    Args:
        C: Orbital density matrices, shape (points, N, N).
        what: Whether bits are those of sites that are excited by themselves, of filled modes, or of the populations of
            the Gaussian state.
        shots: Of every point, (points,) int.
        key: Names the stream of random numbers of every point.

    Returns:
        Point of every row (rows,), its shots (rows,), a power of two, and its bits (rows, N).
    """
    alone = filled(C)[0] if what == "modes" else np.real(np.diagonal(C, axis1=1, axis2=2))
    rows: list[tuple[Array, Array, Array]] = []
    for point, number in enumerate(shots.tolist()):
        uniform = np.random.default_rng(key[point]).random((number, C.shape[-1]))
        bits = site_by_site(C[point], uniform) if what == "populations" else uniform < alone[point]
        different, count = np.unique(bits, axis=0, return_counts=True)
        which, power = np.nonzero((count[:, None] >> np.arange(31)) & 1)
        rows.append((np.full(len(which), point), 1 << power, different[which]))
    where, repeats, bits = (np.concatenate(columns) for columns in zip(*rows, strict=True))
    return where, repeats, bits


def site_by_site(C: Array, uniform: Array) -> Array:
    """Computational states of a Gaussian state, drawn one site after the other, (shots, N) bool.

    Args:
        C: Orbital density matrix, shape (N, N).
        uniform: Random numbers within 0..1, shape (shots, N).
    """
    left = np.repeat(C[None], len(uniform), axis=0)
    bits = np.zeros(uniform.shape, dtype=bool)
    for i in range(len(C)):
        p = np.clip(np.real(left[:, i, i]), 0.0, 1.0)
        bits[:, i] = uniform[:, i] < p
        share = np.where(bits[:, i], -1 / np.maximum(p, 1e-300), 1 / np.maximum(1 - p, 1e-300))
        left = left + share[:, None, None] * left[:, :, i, None] * left[:, i, None, :]
    return bits
