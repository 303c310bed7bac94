"""The quantities of a tomographed pair, whatever the protocol: what each reads and how its interval is made.

Quantities of one protocol alone live in that protocol's file (`Experiment.observables`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

from analysis import quantities
from protocols import Array, Observable, Sample

STATE = "*"
"""In `reads`: the whole state, whose remaining moments the declared assumption supplies."""


def pair(qubits: Sequence[str]) -> tuple[Observable, ...]:
    """Energies, heat, entropies, correlations and coherences of two named qubits of equal gap."""
    both = "".join(qubits)
    return (
        *_energies(qubits),
        *_populations(qubits),
        *(_entropy(name, i) for i, name in enumerate(qubits)),
        _of_state("entropy", both, "nat", quantities.entropy, (0, 2 * math.log(2))),
        _of_state("mutual_information", both, "nat", quantities.mutual_information, (0, 2 * math.log(2))),
        _of_state("concurrence", both, "1", quantities.signed_concurrence, (0, 1), signed=True),
        _of_state("signed_concurrence", both, "1", quantities.signed_concurrence, (-0.5, 1), signed=True),
        _of_state("entanglement_of_formation", both, "ebit", quantities.entanglement_of_formation, (0, 1)),
        _of_state("negativity", both, "1", quantities.signed_negativity, (0, 0.5), signed=True),
        *(_local_coherence(name, i) for i, name in enumerate(qubits)),
        _of_state("coherence_l1", both, "1", quantities.coherence_l1, (0, 3)),
        _of_state(
            "coherence_relative_entropy",
            both,
            "nat",
            quantities.coherence_relative_entropy,
            (0, 2 * math.log(2)),
        ),
        _of_state("purity", both, "1", quantities.purity, (0.25, 1)),
        _of_state("fidelity", both, "1", None, (0, 1)),
    )


def _word(qubits: Sequence[str], index: int) -> str:
    return "".join("Z" if i == index else "I" for i in range(len(qubits)))


def _energy(word: str) -> Callable[[Sample], Array]:
    """E = (1 - <Z>)/2 in units of the gap, zero at the ground state."""
    return lambda sample: (1 - sample.moments[word]) / 2


def _energies(qubits: Sequence[str]) -> list[Observable]:
    """Energy, heat = energy gained since the reference, their difference and the energy balance."""
    energy = [_energy(_word(qubits, i)) for i in range(2)]
    reads = [(_word(qubits, 0),), (_word(qubits, 1),), (_word(qubits, 0), _word(qubits, 1))]
    A, B = energy

    def linear(name: str, subject: str, read: tuple[str, ...], of: Callable[[Sample], Array]) -> Observable:
        return Observable(
            name=name,
            subject=subject,
            unit="gap",
            reads=read,
            of=of,
            interval="multinomial",
            reference=name == "heat",
        )

    return [
        linear("energy", qubits[0], reads[0], A),
        linear("energy", qubits[1], reads[1], B),
        linear("heat", qubits[0], reads[0], lambda s: A(s) - A(s.before)),
        linear("heat", qubits[1], reads[1], lambda s: B(s) - B(s.before)),
        linear("heat", "".join(qubits), reads[2], lambda s: A(s) - A(s.before) + B(s) - B(s.before)),
        linear("energy_difference", "".join(qubits), reads[2], lambda s: A(s) - B(s)),
    ]


def _populations(qubits: Sequence[str]) -> list[Observable]:
    """p_ab = (1 + (-1)^a <ZI> + (-1)^b <IZ> + (-1)^(a+b) <ZZ>)/4: consistent with the energies."""
    first, second = _word(qubits, 0), _word(qubits, 1)

    def population(a: int, b: int) -> Callable[[Sample], Array]:
        s, t = 1 - 2 * a, 1 - 2 * b
        return lambda x: (1 + s * x.moments[first] + t * x.moments[second] + s * t * x.moments["ZZ"]) / 4

    return [
        Observable(
            name="population",
            subject=f"{a}{b}",
            unit="1",
            reads=(first, second, "ZZ"),
            of=population(a, b),
            interval="multinomial",
        )
        for a, b in itertools.product((0, 1), repeat=2)
    ]


def _of_state(
    name: str,
    subject: str,
    unit: str,
    function: Callable[[Array], Array] | None,
    bounds: tuple[float, float],
    signed: bool = False,
) -> Observable:
    """A function of the whole state; None stands for the fidelity to the ideal state."""

    def of(sample: Sample) -> Array:
        if function is None:
            assert sample.ideal is not None
            return quantities.fidelity(sample.rho, sample.ideal)
        return function(sample.rho)

    return Observable(
        name=name,
        subject=subject,
        unit=unit,
        reads=(STATE,),
        of=of,
        interval="signed-bootstrap" if signed else "bootstrap",
        bounds=bounds,
    )


def _entropy(name: str, index: int) -> Observable:
    return Observable(
        name="entropy",
        subject=name,
        unit="nat",
        reads=(STATE,),
        of=lambda sample: quantities.entropy(quantities.reduced(sample.rho, index)),
        bounds=(0, math.log(2)),
    )


def _local_coherence(name: str, index: int) -> Observable:
    """Shows whether a qubit is locally thermal; needs its X and Y, which an X state takes as zero."""
    words = tuple("".join(letter if i == index else "I" for i in range(2)) for letter in "XY")
    return Observable(
        name="coherence_l1",
        subject=name,
        unit="1",
        reads=(STATE, *words),
        of=lambda sample: quantities.coherence_l1(quantities.reduced(sample.rho, index)),
        bounds=(0, 1),
    )
