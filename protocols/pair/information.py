r"""Entropy and correlation of a sample's states, computed once for all observables that need them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from protocols.program import Observable, Sample, drawn
from protocols.quantities import BATCH, eigenvalues, reduced, root_of, spectral_entropy
from protocols.types import Array


def entropy_of(sample: Sample, index: int | None = None) -> Array:
    """Von Neumann entropy of a sample's states.

    Args:
        sample: Of states, (..., points, d, d).
        index: The qubit, 0 being the leftmost; None: of all qubits together.

    Returns:
        Values in nats, (..., points).
    """
    if index is None:
        return sample.known("entropy", lambda s: spectral_entropy(eigenvalues_of(s)))
    return sample.known(("entropy", index), lambda s: spectral_entropy(eigenvalues_of(s, index)))


def reduced_of(sample: Sample, index: int) -> Array:
    """States of one qubit of a sample's, (..., points, 2, 2), computed once.

    Args:
        sample: Of states.
        index: The qubit, 0 being the leftmost.
    """
    key = "reduced", index
    if key not in sample.memory:
        sample.memory[key] = reduced(sample.rho, index)
    return sample.memory[key]


def eigenvalues_of(sample: Sample, index: int | None = None) -> Array:
    """Ascending eigenvalues of a sample's states, (..., points, d), computed once.

    Args:
        sample: Of states.
        index: The qubit, 0 being the leftmost; None: of all qubits together.
    """
    if index is None and root_of_few(sample) is not None:
        return sample.spectrum[0]
    key = "eigenvalues", index
    if key not in sample.memory:
        sample.memory[key] = eigenvalues(sample.rho if index is None else reduced_of(sample, index))
    return sample.memory[key]


def root_of_few(sample: Sample) -> Array | None:
    """A with A A^+ = rho of a sample of few states, computed once; None of many, for which there are closed forms."""
    if sample.rho.shape[-1] == 4 and sample.rho.size >= 16 * BATCH:
        return None
    if "root" not in sample.memory:
        sample.memory["root"] = root_of(*sample.spectrum)
    return sample.memory["root"]


def local_entropy_of(sample: Sample) -> Array:
    """S_A + S_B of two qubits, (..., points) [nat]."""
    return entropy_of(sample, 0) + entropy_of(sample, 1)


def mutual_information_of(sample: Sample) -> Array:
    """S_A + S_B - S_AB of two qubits, (..., points) [nat]."""
    return local_entropy_of(sample) - entropy_of(sample)


def conditional_entropy_of(sample: Sample, given: int) -> Array:
    """S_AB minus the entropy of the qubit that is known, 0 being the left one, (..., points) [nat]."""
    return entropy_of(sample) - entropy_of(sample, given)


def fuel_of(sample: Sample) -> Array:
    """I_0, the mutual information at the reference, (..., points) [nat]."""
    return mutual_information_of(sample.before)


def efficiency_of_fuel(
    subject: str,
    reads: Sequence[str],
    drawn_heat: Callable[[Sample], Array],
    unbounded: Callable[[Sample], Array] | None = None,
) -> Observable:
    """Q_B/(T_A I_0): what was drawn from the cold side for the correlations consumed (PRA 106, 062604, eq. (16)).

    Args:
        subject: Of the observable.
        reads: Pauli words and registers that the heat takes, and the state.
        drawn_heat: Q_B/T_A of a sample, (..., points) [nat].
        unbounded: Where Q_B/T_A is at a pole; see `Observable`.

    Returns:
        The observable "efficiency", which has no number where there is no fuel.
    """

    def efficiency(sample: Sample) -> Array:
        fuel = fuel_of(sample)
        with np.errstate(all="ignore"):
            return np.where(fuel > 1e-12, drawn_heat(sample) / fuel, np.nan)

    return drawn(
        "efficiency",
        subject,
        reads,
        efficiency,
        reference=True,
        interval="fieller",
        ratio=(drawn_heat, fuel_of),
        consumes=-1,
        unbounded=unbounded,
    )


def conserving_entropy_of(sample: Sample) -> Array:
    """Entropy of two qubits without coherence between different numbers of excitations, from moments [nat].

    Eigenvalues p00, p11 and (p01 + p10)/2 +- sqrt((p01 - p10)^2/4 + |rho_{01,10}|^2).
    """
    m = sample.moments
    p00, p11 = (1 + m["ZI"] + m["IZ"] + m["ZZ"]) / 4, (1 - m["ZI"] - m["IZ"] + m["ZZ"]) / 4
    middle, half = (1 - m["ZZ"]) / 4, (m["ZI"] - m["IZ"]) / 4
    size = np.hypot((m["XX"] + m["YY"]) / 4, (m["XY"] - m["YX"]) / 4)
    split = np.hypot(half, size)
    return spectral_entropy(np.stack(np.broadcast_arrays(p00, middle + split, middle - split, p11), axis=-1))
