r"""Energies of qubits, and everything that compares them with their reference: heat, entropy, Clausius.

Equal gaps, energies in units of the gap, $\beta$ in 1/gap, entropies in nats. Heat is energy *gained* since the
reference. The identity behind the Clausius rows, exact when the reference's qubits are diagonal (core of Jennings
and Rudolph, PRE 81, 061130 (2010); Micadei et al. 2019, eq. (2)):

    beta_A Q_A + beta_B Q_B - Delta I = S(rho_A'||rho_A) + S(rho_B'||rho_B) + Delta S_AB,

so the slack is non-negative whenever the pair's own entropy does not fall, as in a closed exchange.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from protocols import Array, Observable, Sample
from protocols.pair import efficiency_of_fuel, entropy_of, mutual_information_of
from protocols.program import STATE, drawn, linear
from protocols.quantities import effective_beta, effective_temperature, reduced, relative_entropy


def energies(qubits: Sequence[str], system: str) -> list[Observable]:
    """Energy, heat, of two qubits energy difference and balance, linear in the counts; inverse temperatures.

    Args:
        qubits: Their names, leftmost first.
        system: Subject of what belongs to all of them.
    """
    words = ["".join("Z" if i == j else "I" for j in range(len(qubits))) for i in range(len(qubits))]
    each = [(qubit, (word,), _energy(word)) for qubit, word in zip(qubits, words, strict=True)]
    return [
        *(linear("energy", qubit, word, E) for qubit, word, E in each),
        *(linear("heat", qubit, word, _change(E), reference=True) for qubit, word, E in each),
        *(_between(system) if len(qubits) == 2 else ()),
        *(linear("effective_beta", *one, unit="1/gap", through=effective_beta, domain=(0, 1)) for one in each),
        *(
            linear("effective_temperature", *one, unit="gap/k_B", through=effective_temperature, domain=(0, 1))
            for one in each
        ),
    ]


def _between(both: str) -> list[Observable]:
    """What two qubits gain together, and the difference of their energies."""
    A, B, words = _energy("ZI"), _energy("IZ"), ("ZI", "IZ")
    return [
        linear("heat", both, words, lambda s: A(s) - A(s.before) + B(s) - B(s.before), reference=True),
        linear("energy_difference", both, words, lambda s: A(s) - B(s)),
    ]


def changes_of_pair(qubits: Sequence[str], both: str) -> list[Observable]:
    """Changes of entropy and correlation since the reference, the Clausius sum, its slack, the efficiency.

    Args:
        qubits: Two names, the left one first.
        both: Subject of what belongs to both.
    """
    return [
        *(compared("entropy_change", name, _change(partial(entropy_of, index=i))) for i, name in enumerate(qubits)),
        compared("entropy_change", both, _change(entropy_of)),
        compared("mutual_information_change", both, _change(mutual_information_of)),
        *(compared("relative_entropy", name, _distance(i), low=0.0) for i, name in enumerate(qubits)),
        drawn("clausius_sum", both, ("ZI", "IZ"), clausius_sum, unit="nat", reference=True, unbounded=_at_a_pole),
        replace(compared("clausius_slack", both, _slack), unbounded=_at_a_pole),
        efficiency_of_fuel(both, (STATE, "ZI", "IZ"), _drawn_over_temperature, _pole_of_efficiency),
    ]


def clausius_sum(sample: Sample) -> Array:
    """beta_A Q_A + beta_B Q_B with the inverse temperatures of the reference [nat]."""
    total = np.zeros(())
    with np.errstate(invalid="ignore"):  # exact states at or below the ground state have beta = inf: no number
        for energy in (_energy("ZI"), _energy("IZ")):
            total = total + _beta_before(sample, energy) * (energy(sample) - energy(sample.before))
    return total


def _beta_before(sample: Sample, energy: Callable[[Sample], Array]) -> Array:
    """Inverse temperature of the reference; of one that was never seen excited, that of half an excitation."""
    return effective_beta(energy(sample.before), resolution=sample.before.resolution)


def _at_a_pole(sample: Sample) -> Array:
    """1 where an inverse temperature of the reference has no limit and its qubit has moved since, (..., points).

    From the ground state a qubit can only gain energy, from the excited one only lose it: beta Q has no upper limit.
    """
    qubits = (_energy("ZI"), _energy("IZ"))
    return np.maximum(*(_bottomless(E(sample.before)) * (E(sample) != E(sample.before)) for E in qubits))


def _pole_of_efficiency(sample: Sample) -> Array:
    """The sign of the efficiency where the inverse temperature of A has no limit, (..., points)."""
    A, B = _energy("ZI"), _energy("IZ")
    beta = np.sign(0.5 - A(sample.before))
    return _bottomless(A(sample.before)) * beta * np.sign(B(sample.before) - B(sample))


def _bottomless(energy: Array) -> Array:
    return ((energy <= 0) | (energy >= 1)).astype(float)


def _energy(word: str) -> Callable[[Sample], Array]:
    """E = (1 - <Z>)/2 in units of the gap, zero at the ground state."""
    return lambda sample: (1 - sample.moments[word]) / 2


def _slack(sample: Sample) -> Array:
    return clausius_sum(sample) - _change(mutual_information_of)(sample)


def _drawn_over_temperature(sample: Sample) -> Array:
    """beta_A times the heat drawn from B."""
    A, B = _energy("ZI"), _energy("IZ")
    with np.errstate(all="ignore"):
        return _beta_before(sample, A) * (B(sample.before) - B(sample))


def _change(function: Callable[[Sample], Array]) -> Callable[[Sample], Array]:
    return lambda sample: function(sample) - function(sample.before)


def _distance(index: int) -> Callable[[Sample], Array]:
    """S(rho_i' || rho_i), to the same qubit at the reference."""
    return lambda s: relative_entropy(reduced(s.rho, index), reduced(s.before.rho, index))


def changes_of_qubit(qubit: str) -> list[Observable]:
    """What became of one qubit since the reference."""

    def distance(s: Sample) -> Array:
        return relative_entropy(s.rho, s.before.rho)

    return [
        compared("entropy_change", qubit, _change(entropy_of), words=("Z",)),
        compared("relative_entropy", qubit, distance, low=0.0, words=("Z",)),
    ]


def compared(
    name: str,
    subject: str,
    of: Callable[[Sample], Array],
    *,
    unit: str = "nat",
    low: float = -math.inf,
    words: tuple[str, ...] = ("ZI", "IZ"),
) -> Observable:
    """A function of the state and of that at the reference.

    Args:
        name: Of the observable.
        subject: What it is a property of.
        of: Sample -> values, (..., points).
        unit: Of its values.
        low: The least value that is possible.
        words: Pauli words that have to be measured beside the state.
    """
    return drawn(name, subject, (STATE, *words), of, unit=unit, reference=True, bounds=(low, math.inf))
