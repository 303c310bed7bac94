"""Observables that are functions of the fitted state: how each is made, and those that one qubit and a pair share."""

from __future__ import annotations

import math
import typing
from collections.abc import Callable
from functools import partial

from protocols import Array, Observable, Sample
from protocols.pair import entropy_of, reduced_of, root_of_few
from protocols.program import STATE, drawn
from protocols.quantities import diagonal_entropy, overlaps

LN_2 = math.log(2)


def state_observable(
    name: str,
    subject: str,
    unit: str,
    of: Callable[[Sample], Array],
    bounds: tuple[float, float],
    *,
    words: tuple[str, ...] = (),
    **more: typing.Any,
) -> Observable:
    """A quantity read off the state, its errors drawn.

    Args:
        name: Of the observable.
        subject: What it is a property of.
        unit: Of its values.
        of: Sample -> values, (..., points).
        bounds: Values that are possible at all.
        words: Pauli words that have to be measured, whatever the state's family takes as zero.
        more: Further fields of `Observable`.
    """
    return drawn(name, subject, (STATE, *words), of, unit=unit, bounds=bounds, **more)


profiled_observable = partial(state_observable, interval="likelihood-ratio")
"""The same with an interval from the likelihood."""


def of_state(function: Callable[[Array], Array], index: int | None = None) -> Callable[[Sample], Array]:
    """A function of density matrices as one of samples.

    Args:
        function: (..., d, d) -> (...).
        index: The qubit whose state it is applied to; None: that of all qubits.
    """
    if index is None:
        return lambda sample: function(sample.rho)
    return lambda sample: function(reduced_of(sample, index))


def coherence_of(index: int | None = None) -> Callable[[Sample], Array]:
    """Entropy of the populations minus entropy, of one qubit or of all together [nat]."""

    def coherence(sample: Sample) -> Array:
        rho = sample.rho if index is None else reduced_of(sample, index)
        return diagonal_entropy(rho) - entropy_of(sample, index)

    return coherence


def fidelity_observable(subject: str) -> Observable:
    """Fidelity to the ideal state."""

    def to_ideal(sample: Sample) -> Array:
        assert sample.ideal is not None
        return overlaps.fidelity(sample.rho, sample.ideal, root=root_of_few(sample))

    return drawn("fidelity", subject, (STATE,), to_ideal, ideal=True, bounds=(0, 1))
