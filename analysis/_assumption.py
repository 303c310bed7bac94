"""What settings or Pauli words determine: the family that the state is taken from, and which words it has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from protocols import Array
from protocols._pauli import MINIMAL, X_STATE, words

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
    qubits = len(bases[0])
    if set(words(qubits)) <= set(measured_words(bases)):
        return "full", words(qubits)
    if set(X_STATE) <= set(bases):
        return "x-state", X_WORDS
    if set(MINIMAL) <= set(bases):
        return "minimal", X_WORDS
    return "none", ()


def assumption_of_words(over: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The same for expectation values given word by word.

    Examples:
        >>> assumption_of_words(["ZI", "IZ", "ZZ", "XX", "XY"])[0]
        'minimal'
    """
    known = set(over)
    if known and set(words(len(over[0]))) <= known:
        return "full", words(len(over[0]))
    if set(X_WORDS) <= known:
        return "x-state", X_WORDS
    if set(X_WORDS) - set(CONSERVED) <= known:
        return "minimal", X_WORDS
    return "none", ()


def measured_words(bases: Sequence[str]) -> tuple[str, ...]:
    """Pauli words that at least one setting determines."""
    return tuple(word for word in words(len(bases[0])) if any(determines(basis, word) for basis in bases))


def determines(basis: str, word: str) -> bool:
    """Whether reading in a basis gives the expectation value of a Pauli word."""
    return all(letter in ("I", measured) for letter, measured in zip(word, basis, strict=True))


def parity(bits: Array, word: str) -> Array:
    """The +-1 outcome of a Pauli word for outcomes with these bits, (outcomes,)."""
    return np.prod([1 - 2 * bits[:, i] for i, letter in enumerate(word) if letter != "I"], axis=0)


def with_twins(values: dict[str, Array], family: str) -> dict[str, Array]:
    """Adds <YY> = <XX> and <YX> = -<XY> where the minimal family implies them."""
    if family != "minimal":
        return values
    implied = {word: sign * values[twin] for word, (twin, sign) in CONSERVED.items() if word not in values}
    return {**values, **implied}
