"""A particle of three sites in Gray code, L = 00, e = 01, R = 11, and its contact with baths of one temperature."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocols.laws import ThermalContact
from protocols.program import Sample
from protocols.types import Array

SITES = {"L": 0b00, "e": 0b01, "R": 0b11}
"""Site -> number of its state."""
WORDS = ("ZI", "IZ", "ZZ")
"""What its populations take."""


def population(sample: Sample, number: int) -> Array:
    """<|ab><ab|> = [1 + (-1)^a <ZI> + (-1)^b <IZ> + (-1)^(a+b) <ZZ>]/4, (..., points).

    Args:
        sample: With the moments of both qubits.
        number: Of the state, 2 a + b.
    """
    a, b = 1 - 2 * (number >> 1), 1 - 2 * (number & 1)
    first, second, both = (sample.moments[word] for word in WORDS)
    return (1 + a * first + b * second + a * b * both) / 4


def _sites(sample: Sample) -> Array:
    """Populations of L, e and R as shares of what is in the code, (..., points, 3)."""
    p = np.stack([population(sample, number) for number in SITES.values()], axis=-1)
    return p / p.sum(axis=-1, keepdims=True)


def one_bath(known: Mapping[str, Array]) -> bool:
    """Whether both baths are as hot anywhere, so that they are one.

    Args:
        known: Temperatures of the left and of the right bath, (points,).
    """
    return bool(np.isfinite(_temperature(known)).any())


def _temperature(known: Mapping[str, Array]) -> Array:
    return np.where(known["T_L"] == known["T_R"], known["T_L"], np.nan)


def _energies(known: Mapping[str, Array]) -> Array:
    """0, 1 and the bias, (points, 3) [gap]."""
    bias = known["bias"]
    return np.stack([0 * bias, 1 + 0 * bias, bias], axis=-1)


PARTICLE = ThermalContact(
    subject="particle", reads=WORDS, populations=_sites, energies=_energies, temperature=_temperature
)
