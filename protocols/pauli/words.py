"""Pauli words and measurement bases of n qubits, first letter = first (left) qubit, |0> = +1 = ground.

numpy only; the circuits that realise these bases are in `protocols/program/circuits.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from protocols.types import Array, RequestError

_MATRIX = {
    "I": np.eye(2, dtype=complex),
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1.0 + 0j, -1.0]),
}
# rows: the +1 and the -1 eigenvector, conjugated, so that R @ state has the outcome amplitudes
_ROTATION = {
    "X": np.array([[1, 1], [1, -1]], dtype=complex) / np.sqrt(2),
    "Y": np.array([[1, -1j], [1, 1j]]) / np.sqrt(2),
    "Z": np.eye(2, dtype=complex),
    "I": np.eye(2, dtype=complex),
}
FEW_QUBITS = 4
"""Up to so many, moments are computed word by word."""
X_STATE = ("ZZ", "XX", "YY", "XY", "YX")
MINIMAL = ("ZZ", "XX", "XY")


@cache
def pauli_matrix(word: str) -> Array:
    """The matrix of a Pauli word, "ZI" being Z on the first qubit, shape (2**n, 2**n)."""
    matrix = np.eye(1, dtype=complex)
    for letter in word:
        matrix = np.kron(matrix, _MATRIX[letter])
    return matrix


@cache
def words(qubits: int) -> tuple[str, ...]:
    """Every Pauli word but the identity: "IX", "IY", ... "ZZ"."""
    return tuple("".join(letters) for letters in itertools.product("IXYZ", repeat=qubits))[1:]


def outcome_bits(qubits: int) -> Array:
    """Bits of every outcome in the order of `outcome_probabilities`, first qubit first, shape (2**n, n), int.

    Examples:
        >>> outcome_bits(2).tolist()
        [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    return (np.arange(2**qubits)[:, None] >> np.arange(qubits)[::-1]) & 1


def moments(rho: Array, over: Sequence[str]) -> dict[str, Array]:
    """Expectation values Tr(rho P) of states of shape (..., d, d), one entry of shape (...) a word.

    Args:
        rho: Density matrices, shape (..., d, d).
        over: Pauli words.

    Examples:
        >>> ground = np.diag([1.0, 0, 0, 0])
        >>> {word: float(value) for word, value in moments(ground, ["ZI", "XX"]).items()}
        {'ZI': 1.0, 'XX': 0.0}
    """
    if len(over) and len(over[0]) > FEW_QUBITS:
        every = _all_moments(rho)
        place = {letter: digit for digit, letter in enumerate("IXYZ")}
        return {word: every[(..., *(place[letter] for letter in word))] for word in over}
    return {word: np.einsum("...ij,ji->...", rho, pauli_matrix(word)).real for word in over}


def _all_moments(rho: Array) -> Array:
    """Of every word at once, (..., 4, 4, ..), qubit by qubit: d^2 log d operations where word by word takes d^4."""
    lead, qubits = rho.shape[:-2], int(rho.shape[-1]).bit_length() - 1
    tensor = rho.reshape(*lead, *(2,) * (2 * qubits))
    of_one = np.array([matrix.T.ravel() for matrix in _MATRIX.values()])
    first = len(lead)
    for qubit in range(qubits):
        # rows of the qubits that are left come first, then their columns, then letters
        tensor = np.moveaxis(tensor, (first, first + qubits - qubit), (-2, -1))
        tensor = tensor.reshape(*tensor.shape[:-2], 4) @ of_one.T
    return np.real(tensor)


def state(values: Mapping[str, Array]) -> Array:
    """The Hermitian matrix of unit trace with these moments, all others zero, shape (..., d, d)."""
    qubits = len(next(iter(values)))
    d = 2**qubits
    stack = np.stack([np.asarray(value) for value in values.values()], axis=-1)
    table = np.array([pauli_matrix(word) for word in values])
    return (np.eye(d) + np.tensordot(stack, table, axes=1)) / d


def outcome_probabilities(rho: Array, basis: str) -> Array:
    """Probability of every outcome when each qubit is read in its basis, shape (..., 2**n).

    Outcome k has the bits of k, first qubit first; 0 is the +1 eigenvalue.

    Args:
        rho: Density matrices of n qubits, shape (..., 2**n, 2**n).
        basis: One letter X, Y, Z a qubit; I where it was not read, whose bit is then 0.

    Examples:
        >>> bell = np.array([[1, 0, 0, 1], [0] * 4, [0] * 4, [1, 0, 0, 1]]) / 2
        >>> outcome_probabilities(bell, "XX").round(6).tolist()
        [0.5, 0.0, 0.0, 0.5]
        >>> outcome_probabilities(bell, "XI").round(6).tolist()
        [0.5, 0.0, 0.5, 0.0]
    """
    rotation = np.eye(1, dtype=complex)
    for letter in basis:
        rotation = np.kron(rotation, _ROTATION[letter])
    rotated = rotation @ rho @ rotation.conj().T
    every = np.clip(np.real(np.diagonal(rotated, axis1=-2, axis2=-1)), 0, 1)
    return every @ unread(basis) if "I" in basis else every


@cache
def unread(basis: str) -> Array:
    """What becomes of outcomes of all qubits where only some are read, (outcomes, outcomes): the others' bits are 0.

    Args:
        basis: One letter X, Y, Z a qubit that is read, I for every other.

    Examples:
        >>> unread("ZI").tolist()
        [[1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0]]
    """
    found = np.eye(1)
    for letter in basis:
        found = np.kron(found, np.array([[1.0, 0.0], [1.0, 0.0]]) if letter == "I" else np.eye(2))
    return found


def full(qubits: int) -> tuple[str, ...]:
    """Every basis of n qubits: "XX", "XY" .. "ZZ"."""
    return tuple("".join(letters) for letters in itertools.product("XYZ", repeat=qubits))


PAIR: Mapping[str, tuple[str, ...]] = {"full": full(2), "x-state": X_STATE, "minimal": MINIMAL}
"""Named sets of bases of two qubits."""


def parse_bases(
    text: str, qubits: int, named: Mapping[str, tuple[str, ...]] = PAIR, letters: str = "XYZ"
) -> tuple[str, ...]:
    """Measurement bases by name ("full", "x-state", "minimal") or as a list ("ZZ,XX").

    Args:
        text: What --bases was given.
        qubits: Number of letters of each basis.
        named: The names there are.
        letters: Of a basis; with I where qubits may be left unread.

    Raises:
        RequestError: For anything else.
    """
    if text in named:
        return named[text]
    bases = tuple(part.strip().upper() for part in text.split(","))
    if len(set(bases)) != len(bases) or any(
        len(b) != qubits or set(b) - set(letters) or b == "I" * qubits for b in bases
    ):
        raise RequestError(
            f"Argument `bases` must be {', '.join(named)} or a list of different words of {qubits} "
            f"letters {' '.join(letters)}, but is {text!r}. Try --bases {next(iter(named))}."
        )
    return bases
