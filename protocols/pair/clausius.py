r"""The Clausius sum of a pair, and the inverse temperatures it is made of.

Entropies in nats. Each $\beta$ is in units of one over the gap of its own qubit, each heat in those gaps: their
products, which are all that matters here, hold for unequal gaps too. The identity behind the slack, exact when the
reference's qubits are diagonal (core of Jennings and Rudolph, PRE 81, 061130 (2010); Micadei et al. 2019, eq. (2)):

    beta_A Q_A + beta_B Q_B - Delta I = S(rho_A'||rho_A) + S(rho_B'||rho_B) + Delta S_AB,

so the slack is non-negative whenever the pair's own entropy does not fall, as in a closed exchange. Every inverse
temperature is that of the reference: measured, by its energy; exact, as the parameters say.
"""

from __future__ import annotations

import numpy as np

from protocols.pair.information import conditional_entropy_of, entropy_of, mutual_information_of, reduced_of
from protocols.program import Sample
from protocols.quantities import effective_beta, entropies
from protocols.types import Array

_BOTH = ("ZI", "IZ")


def clausius_sum(sample: Sample) -> Array:
    """beta_A Q_A + beta_B Q_B with the inverse temperatures of the reference, (..., points) [nat]."""
    return sample.known("clausius_sum", _weighed)


def _weighed(sample: Sample) -> Array:
    total = np.zeros(())
    with np.errstate(invalid="ignore"):  # an estimate at or below the ground state has beta = inf: no number
        for word in _BOTH:
            gained = energy_of(sample, word) - energy_of(sample.before, word)
            total = total + reference_beta(sample, word) * gained
    return total


def clausius_slack(sample: Sample) -> Array:
    """beta_A Q_A + beta_B Q_B - Delta I, (..., points) [nat]."""
    return clausius_sum(sample) - (mutual_information_of(sample) - mutual_information_of(sample.before))


def energy_of(sample: Sample, name: str) -> Array:
    """E = (1 - <Z>)/2 of a qubit, zero at the ground state, or the mean energy of a register's ancillas [gap].

    Args:
        sample: With the moments.
        name: A Pauli word with one Z, or a register.
    """
    moment = sample.moments[name]
    return (1 - moment) / 2 if set(name) <= {"I", "Z"} else moment


def reference_beta(sample: Sample, name: str) -> Array:
    """Inverse temperature of a qubit or of a register's ancillas at the reference [1/gap].

    Measured, it is that of the energy; where no excitation was seen, that of half of one. Of an exact thermal reference
    it is the parameter: at T = 0.001 gap the population, e^-1000, is 0 in floating point.

    Args:
        sample: With its reference.
        name: A Pauli word with one Z, or a register of ancillas of gap 1.

    Returns:
        Values in [-inf, inf], (..., points).

    Examples:
        >>> cold = {"ZI": np.array([1.0])}
        >>> [reference_beta(Sample(parameters={}, moments=cold, reference=Sample(parameters={}, moments=cold, betas=b)),
        ...                 "ZI").tolist() for b in ({}, {"ZI": np.array([1000.0])})]
        [[inf], [1000.0]]
    """
    before = sample.before
    if ("beta", name) not in before.memory:
        energy = energy_of(before, name)
        before.memory["beta", name] = effective_beta(energy, resolution=before.resolution)
    measured, known = before.memory["beta", name], before.betas.get(name)
    return measured if known is None else np.where(np.isnan(known), measured, known)


def at_a_pole(sample: Sample) -> Array:
    """1 where an inverse temperature of the reference has no limit and its qubit has moved since, (..., points).

    From the ground state a qubit can only gain energy, from the excited one only lose it: beta Q has no upper limit.
    """
    moved = [energy_of(sample, word) != energy_of(sample.before, word) for word in _BOTH]
    return np.maximum(*(_bottomless(sample, word) * one for word, one in zip(_BOTH, moved, strict=True)))


def pole_of_efficiency(sample: Sample) -> Array:
    """The sign of the efficiency where the inverse temperature of A has no limit, (..., points)."""
    beta = np.sign(0.5 - energy_of(sample.before, "ZI"))
    drawn = np.sign(energy_of(sample.before, "IZ") - energy_of(sample, "IZ"))
    return _bottomless(sample, "ZI") * beta * drawn


def _bottomless(sample: Sample, word: str) -> Array:
    energy = energy_of(sample.before, word)
    return ((energy <= 0) | (energy >= 1)).astype(float)


def distance_from_reference(sample: Sample, index: int | None, word: str) -> Array:
    r"""S(rho'||rho) of one qubit to itself at the reference, (..., points) [nat].

    To a thermal state it is $\beta E' + \ln(1 + e^{-\beta}) - S(\rho')$, which needs no logarithm of a population.

    Args:
        sample: With states, its own and those of its reference.
        index: The qubit, 0 being the leftmost; None: there is only one.
        word: The Pauli word of its energy.
    """
    return sample.known(("distance", index), lambda s: _distance(s, index, word))


def _distance(sample: Sample, index: int | None, word: str) -> Array:
    rho, before = (s.rho if index is None else reduced_of(s, index) for s in (sample, sample.before))
    known = sample.before.betas.get(word)
    found = entropies.relative_entropy(rho, before)
    if known is None:
        return found
    # ln(1 + e^-beta) without overflow, for inverted qubits too
    thermal = known * energy_of(sample, word) + np.logaddexp(0.0, -known) - entropy_of(sample, index)
    return np.where(np.isnan(known), found, np.maximum(thermal, 0.0))


def divergence(sample: Sample) -> Array:
    """S(rho_A'||rho_A) + S(rho_B'||rho_B), how far both qubits went from the reference, (..., points) [nat].

    With it the Clausius sum closes: beta_A Q_A + beta_B Q_B = Delta I + this + Delta S_AB (Bera et al., Nat. Commun. 8,
    2180 (2017), whose laws count correlations in; derived here from the identity at the head of this file).
    """
    return sum((distance_from_reference(sample, index, word) for index, word in enumerate(_BOTH)), np.zeros(()))


def conditional_entropy_heat(sample: Sample, given: int) -> Array:
    """Heat that a qubit takes in by the conditional entropy of the other, which is its bath: -T_B Delta S(B|A) [gap].

    **Inferred**: that heat is T times a change of conditional entropy is said in the abstract of Bera et al., Nat.
    Commun. 8, 2180 (2017); that T is the other qubit's at the reference, and the sign, are from memory. A closed pair
    has Delta S(B|A) = -Delta S(A), so that it is T_B times the entropy that A gained.

    Args:
        sample: With states, its own and those of its reference.
        given: The qubit that takes the heat, 0 being the left one; the other one is its bath.
    """
    beta = reference_beta(sample, _BOTH[1 - given])
    gained = conditional_entropy_of(sample, given) - conditional_entropy_of(sample.before, given)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(beta == 0, np.nan, -gained / beta)


def nominal_beta(sample: Sample, word: str) -> Array:
    """Inverse temperature of a qubit of an exact sample by its energy [1/gap].

    Where rounding cannot tell its energy from that of a qubit at the reference, its own first, it has the temperature
    of that one, which is a parameter.

    Args:
        sample: Exact, with its reference if it has one.
        word: The Pauli word of the qubit's energy.
    """
    energy = energy_of(sample, word)
    found = effective_beta(energy)
    if sample.reference is None:
        return found
    known = sample.reference.betas
    for name in sorted(known, key=lambda one: one == word):
        if set(name) <= {"I", "Z"}:
            same = np.abs(energy - energy_of(sample.before, name)) <= _ROUNDING
            found = np.where(same & ~np.isnan(known[name]), known[name], found)
    return found


_ROUNDING = 4 * np.finfo(float).eps
