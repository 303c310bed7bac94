r"""Energies of qubits, and everything that compares them with their reference: heat, entropy, Clausius.

Energies in units of the gap, or in that of `Gaps` where gaps are unequal; entropies in nats. What a subject gained
since the reference is called `heat` where a protocol declares that it exchanges nothing else, and `energy_change`
elsewhere: the same number, which a gate that does work changes as well. Clausius quantities weigh heat with inverse
temperatures, so only a pair has them both of whose qubits exchange heat.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from protocols import Array, Observable, Sample
from protocols.pair import (
    at_a_pole,
    clausius_slack,
    clausius_sum,
    conditional_entropy_heat,
    distance_from_reference,
    divergence,
    efficiency_of_fuel,
    energy_of,
    entropy_of,
    mutual_information_of,
    nominal_beta,
    pole_of_efficiency,
    reference_beta,
)
from protocols.program import STATE, drawn, linear
from protocols.quantities import effective_beta, effective_temperature
from protocols.units import GAP, Gaps


def energies(
    qubits: Sequence[str],
    system: str,
    heated: Collection[str] = (),
    gaps: Gaps | None = None,
    named: Mapping[str, str] | None = None,
) -> list[Observable]:
    """Energy and what was gained, of two qubits energy difference and balance, linear in the counts; temperatures.

    Args:
        qubits: Their names, leftmost first.
        system: Subject of what belongs to all of them.
        heated: Subjects whose change of energy is heat.
        gaps: Of the qubits, where they are unequal.
        named: Qubit -> the parameter that is its gap, which may be swept; see `gap_parameters`.
    """
    words = ["".join("Z" if i == j else "I" for j in range(len(qubits))) for i in range(len(qubits))]
    unit, of = gaps.unit if gaps else GAP, {**(gaps.of if gaps else {}), **(named or {})}
    each = [(qubit, (word,), _energy(word, of.get(qubit, 1.0))) for qubit, word in zip(qubits, words, strict=True)]
    gained = partial(linear, reference=True, unit=unit)
    return [
        *(linear("energy", qubit, word, E, unit=unit) for qubit, word, E in each),
        *(gained(_gain(qubit, heated), qubit, word, _change(E)) for qubit, word, E in each),
        *(_between(qubits, system, heated, unit, of) if len(qubits) == 2 else ()),
        *(_thermal("effective_beta", q, w, f"1/{unit}", of.get(q, 1.0)) for q, (w,), _ in each),
        *(_thermal("effective_temperature", q, w, f"{unit}/k_B", of.get(q, 1.0)) for q, (w,), _ in each),
    ]


_THERMAL = {"effective_beta": effective_beta, "effective_temperature": effective_temperature}


def _thermal(name: str, qubit: str, word: str, unit: str, gap: float | str) -> Observable:
    """A function of the excited population of one qubit that parameters know better where it is thermal."""
    function = _THERMAL[name]
    if isinstance(gap, str):  # beta goes with 1/gap, temperature with the gap
        factor = (gap, {"effective_beta": -1, "effective_temperature": 1}[name])
        alike = replace(_thermal(name, qubit, word, unit, 1.0), factor=factor)
        known = alike.exactly
        assert known is not None
        return replace(alike, exactly=lambda sample: alike.multiplier(sample.parameters) * known(sample))
    through = function if gap == 1.0 else lambda population: function(gap * population, gap=gap)
    exactly = {"effective_beta": _exact_beta, "effective_temperature": _exact_temperature}[name](word)
    return linear(name, qubit, (word,), _energy(word), unit=unit, through=through, exactly=exactly, domain=(0, 1))


def _gain(subject: str, heated: Collection[str]) -> str:
    """What the change of a subject's energy is called."""
    return "heat" if subject in heated else "energy_change"


def _between(
    qubits: Sequence[str], both: str, heated: Collection[str], unit: str, gaps: Mapping[str, float | str]
) -> list[Observable]:
    """What two qubits gain together, and the difference of their energies; of unequal gaps excitations as well."""
    words = ("ZI", "IZ")
    A, B = (_energy(word, gaps.get(qubit, 1.0)) for word, qubit in zip(words, qubits, strict=True))
    name = "heat" if set(qubits) <= {*heated} else _gain(both, heated)
    found = [
        linear(name, both, words, lambda s: A(s) - A(s.before) + B(s) - B(s.before), reference=True, unit=unit),
        linear("energy_difference", both, words, lambda s: A(s) - B(s), unit=unit),
    ]
    if not gaps:
        return found
    p, q = (_energy(word) for word in words)

    def change(sample: Sample) -> Array:
        return p(sample) - p(sample.before) + q(sample) - q(sample.before)

    return [
        *found,
        linear(
            "excitation_change",
            both,
            words,
            lambda s: p(s) - p(s.before) + q(s) - q(s.before),
            reference=True,
            unit="1",
        ),
        linear("excitation_difference", both, words, lambda s: p(s) - q(s), unit="1"),
    ]


def changes_of_pair(
    qubits: Sequence[str], both: str, heated: Collection[str] = (), *, alike: bool = True
) -> list[Observable]:
    """Changes of entropy and correlation since the reference; where both exchange heat, the Clausius rows as well.

    Args:
        qubits: Two names, the left one first.
        both: Subject of what belongs to both.
        heated: Subjects whose change of energy is heat.
        alike: Whether both gaps are equal, as the efficiency of the correlations takes them to be.
    """
    of_fuel = efficiency_of_fuel(both, (STATE, "ZI", "IZ"), _drawn_over_temperature, pole_of_efficiency)
    spent = [
        replace(compared("divergence", both, divergence, low=0.0), meaning=_DIVERGENCE),
        replace(compared("clausius_residual", both, _residual), unbounded=at_a_pole, consumes=-1, meaning=_RESIDUAL),
        drawn("clausius_sum", both, ("ZI", "IZ"), clausius_sum, unit="nat", reference=True, unbounded=at_a_pole),
        replace(compared("clausius_slack", both, clausius_slack), unbounded=at_a_pole, consumes=-1),
        *([of_fuel, *_by_conditional_entropy(qubits)] if alike else ()),
    ]
    words = ("ZI", "IZ")
    return [
        *(compared("entropy_change", name, _change(partial(entropy_of, index=i))) for i, name in enumerate(qubits)),
        compared("entropy_change", both, _change(entropy_of)),
        replace(compared("mutual_information_change", both, _change(mutual_information_of)), consumes=1),
        *(
            compared("relative_entropy", name, partial(distance_from_reference, index=i, word=words[i]), low=0.0)
            for i, name in enumerate(qubits)
        ),
        *(spent if set(qubits) <= {*heated} else ()),
    ]


_DIVERGENCE = "relative entropies of both qubits to the reference: what the Clausius sum has beyond correlations"
_RESIDUAL = "Clausius sum less both: the entropy that the pair gained, 0 in a closed exchange"
_INFERRED = "inferred: minus T of the other qubit times the change of its entropy conditional on this one"


def _residual(sample: Sample) -> Array:
    return clausius_slack(sample) - divergence(sample)


def _by_conditional_entropy(qubits: Sequence[str]) -> list[Observable]:
    """Heat of each qubit with the other one as its bath."""
    return [
        replace(
            compared("conditional_entropy_heat", name, partial(conditional_entropy_heat, given=i), unit="gap"),
            meaning=_INFERRED,
        )
        for i, name in enumerate(qubits)
    ]


def _energy(word: str, gap: float | str = 1.0) -> Callable[[Sample], Array]:
    """E = gap (1 - <Z>)/2, zero at the ground state; of gap 1 it is the excited population. A text is a parameter."""
    if isinstance(gap, str):
        return lambda sample: sample.parameters[gap] * energy_of(sample, word)
    return partial(energy_of, name=word) if gap == 1.0 else lambda sample: gap * energy_of(sample, word)


def _exact_beta(word: str) -> Callable[[Sample], Array]:
    return partial(nominal_beta, word=word)


def _exact_temperature(word: str) -> Callable[[Sample], Array]:
    def temperature(sample: Sample) -> Array:
        beta = nominal_beta(sample, word)
        return np.divide(1.0, beta, out=np.full(np.shape(beta), np.inf), where=beta != 0)

    return temperature


def _drawn_over_temperature(sample: Sample) -> Array:
    """beta_A times the heat drawn from B."""
    with np.errstate(all="ignore"):
        return reference_beta(sample, "ZI") * (energy_of(sample.before, "IZ") - energy_of(sample, "IZ"))


def _change(function: Callable[[Sample], Array]) -> Callable[[Sample], Array]:
    return lambda sample: function(sample) - function(sample.before)


def changes_of_qubit(qubit: str) -> list[Observable]:
    """What became of one qubit since the reference."""
    distance = partial(distance_from_reference, index=None, word="Z")
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
