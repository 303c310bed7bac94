r"""Energies of two qubits, and everything that compares them with their reference: heat, entropy, Clausius.

Equal gaps, energies in units of the gap, $\beta$ in 1/gap, entropies in nats. Heat is energy *gained* since the
reference. The identity behind the Clausius rows, exact when the reference's qubits are diagonal (core of Jennings
and Rudolph, PRE 81, 061130 (2010); Micadei et al. 2019, eq. (2)):

    beta_A Q_A + beta_B Q_B - Delta I = S(rho_A'||rho_A) + S(rho_B'||rho_B) + Delta S_AB,

so the slack is non-negative whenever the pair's own entropy does not fall, as in a closed exchange.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from analysis import quantities
from protocols import Array, Observable, Sample

STATE = "*"
"""In `reads`: the whole state, whose remaining moments the declared assumption supplies."""


def energies(qubits: Sequence[str]) -> list[Observable]:
    """Energy, heat, energy difference and balance, linear in the counts; inverse temperature and temperature."""
    A, B = _energy("ZI"), _energy("IZ")
    first, second, both = ("ZI",), ("IZ",), ("ZI", "IZ")
    a, b = qubits
    return [
        _linear("energy", a, first, A),
        _linear("energy", b, second, B),
        _linear("heat", a, first, lambda s: A(s) - A(s.before), reference=True),
        _linear("heat", b, second, lambda s: B(s) - B(s.before), reference=True),
        _linear("heat", a + b, both, lambda s: A(s) - A(s.before) + B(s) - B(s.before), reference=True),
        _linear("energy_difference", a + b, both, lambda s: A(s) - B(s)),
        _linear("effective_beta", a, first, A, unit="1/gap", through=quantities.effective_beta),
        _linear("effective_beta", b, second, B, unit="1/gap", through=quantities.effective_beta),
        _linear("effective_temperature", a, first, A, unit="gap/k_B", through=quantities.effective_temperature),
        _linear("effective_temperature", b, second, B, unit="gap/k_B", through=quantities.effective_temperature),
    ]


def exchanged(qubits: Sequence[str]) -> list[Observable]:
    """Changes of entropy and correlation since the reference, the Clausius sum, its slack, the efficiency."""
    both = "".join(qubits)
    return [
        *(_compared("entropy_change", name, _change(partial(entropy, index=i))) for i, name in enumerate(qubits)),
        _compared("entropy_change", both, _change(entropy)),
        _compared("mutual_information_change", both, _change(mutual_information)),
        *(_compared("relative_entropy", name, _distance(i), low=0.0) for i, name in enumerate(qubits)),
        Observable(name="clausius_sum", subject=both, unit="nat", reads=("ZI", "IZ"), of=clausius_sum, reference=True),
        _compared("clausius_slack", both, _slack),
        _compared("efficiency", both, _efficiency, unit="1"),
    ]


def clausius_sum(sample: Sample) -> Array:
    """beta_A Q_A + beta_B Q_B with the inverse temperatures of the reference [nat]."""
    total = np.zeros(())
    with np.errstate(invalid="ignore"):  # an estimate at or below the ground state has beta = inf: no number
        for energy in (_energy("ZI"), _energy("IZ")):
            before = energy(sample.before)
            total = total + quantities.effective_beta(before) * (energy(sample) - before)
    return total


def _energy(word: str) -> Callable[[Sample], Array]:
    """E = (1 - <Z>)/2 in units of the gap, zero at the ground state."""
    return lambda sample: (1 - sample.moments[word]) / 2


def entropy(sample: Sample, index: int | None = None) -> Array:
    """Of one qubit, or of the pair."""
    if index is None:
        return sample.known("entropy", lambda s: quantities.spectral_entropy(s.spectrum[0]))
    return sample.known(("entropy", index), lambda s: quantities.entropy(quantities.reduced(s.rho, index)))


def mutual_information(sample: Sample) -> Array:
    """S_A + S_B - S_AB."""
    return entropy(sample, 0) + entropy(sample, 1) - entropy(sample)


def _slack(sample: Sample) -> Array:
    return clausius_sum(sample) - _change(mutual_information)(sample)


def _efficiency(sample: Sample) -> Array:
    """Heat drawn from B over T_A I_0 (Holdsworth and Kawai, eq. (16)); undefined without correlations."""
    A, B = _energy("ZI"), _energy("IZ")
    drawn = B(sample.before) - B(sample)
    fuel = mutual_information(sample.before)
    with np.errstate(all="ignore"):
        return np.where(fuel > 1e-12, quantities.effective_beta(A(sample.before)) * drawn / fuel, np.nan)


def _change(function: Callable[[Sample], Array]) -> Callable[[Sample], Array]:
    return lambda sample: function(sample) - function(sample.before)


def _distance(index: int) -> Callable[[Sample], Array]:
    """S(rho_i' || rho_i), to the same qubit at the reference."""
    return lambda s: quantities.relative_entropy(
        quantities.reduced(s.rho, index), quantities.reduced(s.before.rho, index)
    )


def _compared(
    name: str, subject: str, of: Callable[[Sample], Array], *, unit: str = "nat", low: float = -math.inf
) -> Observable:
    return Observable(
        name=name,
        subject=subject,
        unit=unit,
        reads=(STATE, "ZI", "IZ"),
        of=of,
        reference=True,
        bounds=(low, math.inf),
    )


def _linear(
    name: str,
    subject: str,
    reads: tuple[str, ...],
    of: Callable[[Sample], Array],
    *,
    unit: str = "gap",
    reference: bool = False,
    through: Callable[[Array], Array] | None = None,
) -> Observable:
    return Observable(
        name=name,
        subject=subject,
        unit=unit,
        reads=reads,
        of=of,
        interval="multinomial",
        reference=reference,
        through=through,
    )
