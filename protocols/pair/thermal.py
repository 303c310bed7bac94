r"""Thermal numbers of a qubit in units of its gap, and of a pair from its moments."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from protocols.program.sample import Sample
from protocols.types.arrays import Array


def excitation(temperature: Array | float, gap: float = 1.0) -> Array:
    """Excited population p = 1/(1 + e^{gap/T}).

    Examples:
        >>> float(excitation(1.0).round(6))
        0.268941
    """
    return expit(-gap / np.asarray(temperature))


def binary_entropy(p: Array) -> Array:
    """-p ln p - (1-p) ln(1-p), 0 outside of 0..1 [nat].

    Examples:
        >>> float(binary_entropy(np.array(0.5)).round(6))
        0.693147
    """
    return entropy_of(np.stack([p, 1 - np.asarray(p)], axis=-1))


def entropy_of(probabilities: Array) -> Array:
    """-sum p ln p over the last axis; what is not positive counts as 0 [nat]."""
    p = np.maximum(probabilities, 0.0)
    return -np.sum(np.where(p > 0, p * np.log(np.where(p > 0, p, 1.0)), 0.0), axis=-1)


def entropy_of_pair(sample: Sample) -> Array:
    """Entropy of two qubits without coherence between different numbers of excitations, from moments [nat].

    Eigenvalues p00, p11 and (p01 + p10)/2 +- sqrt((p01 - p10)^2/4 + |rho_{01,10}|^2).
    """
    m = sample.moments
    p00, p11 = (1 + m["ZI"] + m["IZ"] + m["ZZ"]) / 4, (1 - m["ZI"] - m["IZ"] + m["ZZ"]) / 4
    middle, half = (1 - m["ZZ"]) / 4, (m["ZI"] - m["IZ"]) / 4
    size = np.hypot((m["XX"] + m["YY"]) / 4, (m["XY"] - m["YX"]) / 4)
    split = np.hypot(half, size)
    return entropy_of(np.stack(np.broadcast_arrays(p00, middle + split, middle - split, p11), axis=-1))
