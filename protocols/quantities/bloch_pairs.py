r"""Two-qubit states in Bloch form, in slabs of bounded size, the qubit that is measured first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from protocols.pauli import pauli_matrix
from protocols.types import Array

SLAB = 1152
"""States a pass: arrays of (directions, SLAB) stay in cache, whatever the size of the batch."""
TINY = 1e-30
"""Keeps quotients and logarithms finite where an outcome or an eigenvalue has probability 0."""
SIGMA = np.array([pauli_matrix(letter) for letter in "XYZ"])

# Columns that turn a flattened matrix into its moments, II, IX, ... ZZ: Tr(rho P) = sum_ij rho_ij P_ji
_READ = np.stack([pauli_matrix(a + b).T.reshape(16) for a in "IXYZ" for b in "IXYZ"], axis=-1)
_READ_REAL, _READ_IMAG = np.real(_READ), np.imag(_READ)


@dataclass(frozen=True, eq=False)
class BlochPair:
    """Two-qubit states in Bloch form, one a column; the measured qubit comes first."""

    x: Array
    """(3, states) Bloch vector of the measured qubit."""
    y: Array
    """(3, states) Bloch vector of the other."""
    T: Array
    """(3, 3, states) correlation matrix, row index on the measured side."""

    @property
    def mixedness(self) -> Array:
        """sqrt(1 - |x|^2), (states,)."""
        return np.sqrt(np.maximum(1 - (self.x**2).sum(0), TINY))

    def __getitem__(self, index: Array) -> BlochPair:
        return BlochPair(self.x[:, index], self.y[:, index], self.T[:, :, index])


def in_slabs(rho: Array, side: int) -> Iterator[tuple[Array, BlochPair]]:
    """The states in pieces of bounded size, and the same in Bloch form.

    Args:
        rho: Density matrices, shape (..., 4, 4).
        side: The qubit that is measured; 0 is the left one.
    """
    if side not in (0, 1):
        raise ValueError(f"Argument `side` must be 0 or 1, but is {side}. Name the measured qubit; 0 is the left one.")
    flat = rho.reshape(-1, 16)
    for start in range(0, len(flat), SLAB):
        part = flat[start : start + SLAB]
        moments = (np.real(part) @ _READ_REAL - np.imag(part) @ _READ_IMAG).T.reshape(4, 4, -1)
        moments = np.ascontiguousarray(moments if side == 0 else moments.swapaxes(0, 1))
        yield part.reshape(-1, 4, 4), BlochPair(moments[1:, 0], moments[0, 1:], moments[1:, 1:])


def slabs_of(states: int) -> list[slice]:
    """The slabs of `in_slabs`."""
    return [slice(start, start + SLAB) for start in range(0, states, SLAB)]


def measured_first(rho: Array, side: int) -> Array:
    """(states, a, j, b, k): rows and columns of the measured qubit, then of the other; undoes itself.

    Args:
        rho: Density matrices, of any shape with 16 entries a state.
        side: The qubit that is measured; 0 is the left one.
    """
    split = rho.reshape(-1, 2, 2, 2, 2)
    return split if side == 0 else split.transpose(0, 2, 1, 4, 3)


def length(vector: Array) -> Array:
    """Euclidean length over the first axis."""
    return np.sqrt(np.einsum("i...,i...->...", vector, vector))
