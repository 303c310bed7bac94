"""What settings or Pauli words determine: the family that the state is taken from, and which words it has."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from protocols.pauli.words import words
from protocols.types import Array

FAMILIES = ("full", "x-state", "minimal")
"""From the largest: all states, X states, X states that conserve the number of excitations."""
MANY = 6
"""Above so many qubits, of which there are 4^N words, only words of neighbours are looked at."""
X_WORDS = ("IZ", "ZI", "ZZ", "XX", "YY", "XY", "YX")
# rho_{00,11} = 0 makes these pairs of moments equal or opposite
CONSERVED = {"YY": ("XX", 1.0), "YX": ("XY", -1.0)}


def assumption(bases: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """What the settings determine: the family the state is taken from, and its Pauli words.

    Returns:
        "full" and all words; "x-state" (7 parameters, the other words are taken as zero); "minimal" (5, also
        rho_{00,11} = 0); or "none" and no words, where the settings determine no state.

    Examples:
        >>> assumption(["ZZ", "XX", "XY"])[0]
        'minimal'
    """
    return _assumption(tuple(bases))


@cache
def _assumption(bases: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    return assumption_of_words(measured_words(bases))


def assumption_of_words(over: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The same for expectation values given word by word.

    Examples:
        >>> assumption_of_words(["ZI", "IZ", "ZZ", "XX", "XY"])[0]
        'minimal'
    """
    qubits = len(over[0]) if over else 0
    for family in FAMILIES:
        needed = needed_words(family, qubits)
        if needed and set(needed) <= set(over):
            return family, needed if family == "full" else X_WORDS
    return "none", ()


def needed_words(family: str, qubits: int) -> tuple[str, ...]:
    """Pauli words without which a family is not determined; none for what is no family of so many qubits.

    Args:
        family: One of `FAMILIES`, or "none".
        qubits: How many.

    Examples:
        >>> needed_words("minimal", 2)
        ('IZ', 'ZI', 'ZZ', 'XX', 'XY')
    """
    if family == "full":
        return words(qubits)
    if family in FAMILIES and qubits == 2:
        return tuple(word for word in X_WORDS if family == "x-state" or word not in CONSERVED)
    return ()


def measured_words(bases: Sequence[str]) -> tuple[str, ...]:
    """Pauli words that at least one setting determines; of many qubits those of one and of neighbours."""
    return _measured_words(tuple(bases))


@cache
def _measured_words(bases: tuple[str, ...]) -> tuple[str, ...]:
    if not bases:
        return ()
    every = words(len(bases[0])) if len(bases[0]) <= MANY else local_words(len(bases[0]))
    return tuple(word for word in every if any(determines(b, word) for b in bases))


def local_words(qubits: int) -> tuple[str, ...]:
    """Words of one qubit, and of two that are neighbours.

    Args:
        qubits: How many.

    Examples:
        >>> len(local_words(12)), local_words(3)[:4]
        (135, ('XII', 'YII', 'ZII', 'IXI'))
    """
    one = [(i, letter) for i in range(qubits) for letter in "XYZ"]
    two = [(i, a + b) for i in range(qubits - 1) for a in "XYZ" for b in "XYZ"]
    return tuple("I" * i + letters + "I" * (qubits - i - len(letters)) for i, letters in (*one, *two))


def determines(basis: str, word: str) -> bool:
    """Whether reading in a basis gives the expectation value of a Pauli word.

    Args:
        basis: One letter X, Y, Z a qubit; I where it was not read.
        word: One letter I, X, Y, Z a qubit.

    Examples:
        >>> determines("XZ", "IZ"), determines("XZ", "ZI"), determines("ZI", "ZZ")
        (True, False, False)
    """
    return all(letter in ("I", measured) for letter, measured in zip(word, basis, strict=True))


def parity(bits: Array, word: str) -> Array:
    """The +-1 outcome of a Pauli word for outcomes with these bits, (outcomes,).

    Args:
        bits: Of the outcomes, shape (outcomes, qubits).
        word: One letter I, X, Y, Z a qubit.

    Examples:
        >>> parity(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), "ZZ").tolist()
        [1, -1, -1, 1]
    """
    return np.prod([1 - 2 * bits[:, i] for i, letter in enumerate(word) if letter != "I"], axis=0)


def with_twins(values: dict[str, Array], family: str) -> dict[str, Array]:
    """Adds <YY> = <XX> and <YX> = -<XY> where the minimal family implies them.

    Args:
        values: Pauli word -> expectation values.
        family: One of `FAMILIES`.
    """
    if family != "minimal":
        return values
    implied = {word: sign * values[twin] for word, (twin, sign) in CONSERVED.items() if word not in values}
    return {**values, **implied}
