r"""The first reading of A's energy by an ancilla, which leaves the pair its coherence in one number.

An ancilla in (|0> + |1>)/sqrt 2 takes a sign from A if it is excited (H on the ancilla, CZ with A); the pair goes on,
and at the end the ancilla is read in X or in Y beside A and B. With P(r, f) how often the ancilla gave the bit r in X
and the pair the outcome f,

    Re q(r -> f) = P(r, f) + (1/2) [p_f - sum_r' P(r', f)],   Im q(1 -> f) = -<Y P_f>/2 = -Im q(0 -> f),

where r = 1 says that A was excited. **p_f belongs to the circuit without the ancilla**: the CZ dephases A as a reading
does, and with the marginal of its own circuit the first line would be that of two readings, which looks plausible.
Levy and Lostaglio, PRX Quantum 1, 010309 (2020), derive such schemes; this one is derived here and tested by operators.
"""

from __future__ import annotations

import typing

import numpy as np

from protocols.pair.partial_swap import exchanged_amplitudes
from protocols.pauli import outcome_probabilities
from protocols.types import Array

READING = "reading"
"""Wire, register and column of the ancilla."""
REAL, IMAGINARY = "read", "read-phase"
"""Arms in which the ancilla is read in X, and in Y."""
LETTERS: dict[str, typing.Literal["X", "Y"]] = {REAL: "X", IMAGINARY: "Y"}
"""Basis of the ancilla in each arm."""
READING_ARMS = tuple(LETTERS)
_SIGNS = np.array([1.0, 1.0, -1.0, -1.0])
"""Z of A."""


def read_probabilities(psi: Array, x: Array, phi_V: Array, basis: str) -> Array:
    """Exact outcome probabilities of the pair and the ancilla, (points, 8), the bit of the ancilla last.

    The ancilla projected on (|0> +- |1>)/sqrt 2, or on (|0> +- i|1>)/sqrt 2, leaves the pair in (U +- U Z) psi/2, or in
    (U -+ i U Z) psi/2.

    Args:
        psi: The pair before the reading, (points, 4).
        x: 2 Omega t, (points,) [rad].
        phi_V: Phase of the coupling, (points,) [rad].
        basis: Letters of A, B and the ancilla.
    """
    straight, signed = (exchanged_amplitudes(one, x, phi_V) for one in (psi, psi * _SIGNS))
    factor = {"X": 1.0, "Y": -1j}[basis[2]]
    found = []
    for sign in (1, -1):
        left = (straight + sign * factor * signed) / 2
        found.append(outcome_probabilities(left[:, :, None] * left[:, None, :].conj(), basis[:2]))
    return np.stack(found, axis=-1).reshape(len(psi), 8)


def real_part(joint: Array, final: Array) -> Array:
    """Re q(r -> f) of A's first reading, (..., 2, outcomes).

    Args:
        joint: P(r, f) with the ancilla read in X, (..., outcomes, 2).
        final: p_f of the pair whose energy nothing read, (..., outcomes).
    """
    return np.swapaxes(joint, -1, -2) + (final - joint.sum(axis=-1))[..., None, :] / 2


def imaginary_part(joint: Array) -> Array:
    """Im q(r -> f), (..., 2, outcomes).

    Args:
        joint: How often the bit and the outcome came together with the ancilla read in Y, (..., outcomes, 2).
    """
    half = (joint[..., 0] - joint[..., 1]) / 2
    return np.stack([half, -half], axis=-2)
