"""The quantities of a system of two qubits: what each reads and how its interval is made."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from analysis.quantities.state_functions import (
    LN_2,
    coherence_of,
    fidelity_observable,
    of_state,
    profiled_observable,
    state_observable,
)
from analysis.quantities.thermodynamics import changes_of_pair, energies
from protocols import Array, Observable, Sample
from protocols.pair import (
    conditional_entropy_of,
    eigenvalues_of,
    entropy_of,
    mutual_information_of,
    reduced_of,
    root_of_few,
)
from protocols.program import linear
from protocols.quantities import (
    coherence,
    coherence_relative_entropy_gradient,
    discord_gradient,
    discord_majorant,
    entanglement,
    entropy_gradient,
    ergotropy_gradient,
    formation,
    geometric_discord_gradient,
    geometric_discord_majorant,
    mutual_information_gradient,
    overlaps,
    purity_gradient,
    quantum_discord,
    signed_concurrence_gradient,
    thermal,
)
from protocols.units import GAP, Gaps

ROUNDED = 0.005
"""Over which a search rounds the kink of the signed concurrence: well below what a thousand shots resolve."""


def pair_observables(
    qubits: Sequence[str],
    system: str = "",
    heated: Collection[str] = (),
    gaps: Gaps | None = None,
    named: Mapping[str, str] | None = None,
) -> tuple[Observable, ...]:
    """Energies, what was gained, temperatures, entropies, correlations and coherences of two qubits.

    Args:
        qubits: Their names, the left one first.
        system: Subject of what belongs to both; by default their names in a row.
        heated: Subjects whose change of energy is heat.
        gaps: Of the qubits, where they are unequal; the others are of states alone, and gaps are nothing to them.
        named: Qubit -> the parameter that is its gap, where it has one; ergotropies, which are functions of a state
            alone, are left out there.
    """
    both = system or "".join(qubits)
    return (
        *energies(qubits, both, heated, gaps, named),
        *_populations(),
        *changes_of_pair(qubits, both, heated, alike=not named),
        *_entropies(qubits, both),
        *_entanglement(both),
        *_discords(qubits),
        *_coherences(qubits, both),
        *(() if named else _ergotropies(qubits, both, gaps)),
        profiled_observable("purity", both, "1", of_state(overlaps.purity), (0.25, 1), gradient=purity_gradient),
        fidelity_observable(both),
    )


def correlations_of_pair(pair: Sequence[str], qubits: Sequence[str]) -> tuple[Observable, ...]:
    """What two qubits among more share, with the intervals that it has of a pair: mutual information and concurrence.

    Args:
        pair: Their names.
        qubits: Names of all.
    """
    both, places = "".join(pair), (list(qubits).index(pair[0]), list(qubits).index(pair[1]))
    every = (*_entropies(pair, both), *_entanglement(both))
    return tuple(replace(o, pair=places) for o in every if o.name in ("mutual_information", "concurrence"))


def _populations() -> Iterator[Observable]:
    """p_ab = (1 + (-1)^a <ZI> + (-1)^b <IZ> + (-1)^(a+b) <ZZ>)/4: consistent with the energies."""

    def population(a: int, b: int) -> Callable[[Sample], Array]:
        s, t = 1 - 2 * a, 1 - 2 * b
        return lambda x: (1 + s * x.moments["ZI"] + t * x.moments["IZ"] + s * t * x.moments["ZZ"]) / 4

    for a, b in itertools.product((0, 1), repeat=2):
        yield linear("population", f"{a}{b}", ("ZI", "IZ", "ZZ"), population(a, b), unit="1")


def _entropies(qubits: Sequence[str], both: str) -> Iterator[Observable]:
    for index, qubit in enumerate(qubits):
        yield state_observable("entropy", qubit, "nat", partial(entropy_of, index=index), (0, LN_2))
    for index, (known, other) in enumerate(zip(qubits, reversed(qubits), strict=True)):
        of = partial(conditional_entropy_of, given=index)
        yield state_observable("conditional_entropy", f"{other}|{known}", "nat", of, (-LN_2, LN_2))
    yield profiled_observable("entropy", both, "nat", entropy_of, (0, 2 * LN_2), gradient=entropy_gradient)
    yield profiled_observable(
        "mutual_information",
        both,
        "nat",
        mutual_information_of,
        (0, 2 * LN_2),
        gradient=mutual_information_gradient,
        zero_on="product",
    )


def _entanglement(both: str) -> Iterator[Observable]:
    """Three functions of the signed concurrence, each cut at its bound last, and the negativity."""

    def signed(sample: Sample) -> Array:
        return sample.known("concurrence", lambda s: entanglement.signed_concurrence(s.rho, root=root_of_few(s)))

    wootters = partial(
        state_observable,
        of=signed,
        interval="signed-likelihood-ratio",
        gradient=partial(signed_concurrence_gradient, rounded=ROUNDED),
        kinked=True,
        zero_on="product",
    )
    yield wootters("concurrence", both, "1", bounds=(0.0, 1))
    yield wootters("signed_concurrence", both, "1", bounds=(-0.5, 1))
    # a rising function of the concurrence, whose interval has a width even where no draw is entangled
    yield wootters("entanglement_of_formation", both, "ebit", bounds=(0.0, 1), through=formation)
    negative = of_state(entanglement.signed_negativity)
    yield state_observable(
        "negativity", both, "1", negative, (0, 0.5), interval="signed-bootstrap", kinked=True, zero_on="product"
    )


def _discords(qubits: Sequence[str]) -> Iterator[Observable]:
    """Both kinds of discord, for either qubit measured."""
    kinds = (
        ("discord", "nat", LN_2, quantum_discord.discord, discord_gradient, discord_majorant),
        (
            "geometric_discord",
            "1",
            0.5,
            quantum_discord.geometric_discord,
            geometric_discord_gradient,
            geometric_discord_majorant,
        ),
    )
    for name, unit, most, function, gradient, majorant in kinds:
        for side, qubit in enumerate(qubits):
            yield profiled_observable(
                name,
                qubit,
                unit,
                of_state(partial(function, side=side)),
                (0, most),
                kinked=True,
                zero_on="product",
                gradient=partial(gradient, side=side),
                majorant=partial(majorant, side=side),
            )


def _coherences(qubits: Sequence[str], both: str) -> Iterator[Observable]:
    """Those of one qubit need its X and Y measured, which an X state takes as zero."""
    transverse = (("XI", "YI"), ("IX", "IY"))
    norm = partial(state_observable, "coherence_l1", unit="1", kinked=True, norm=True, zero_on="incoherent")
    for index, qubit in enumerate(qubits):
        yield norm(qubit, of=of_state(coherence.coherence_l1, index), bounds=(0, 1), words=transverse[index])
    yield norm(both, of=of_state(coherence.coherence_l1), bounds=(0, 3))
    name = "coherence_relative_entropy"
    for index, qubit in enumerate(qubits):
        yield state_observable(
            name, qubit, "nat", coherence_of(index), (0, LN_2), words=transverse[index], zero_on="incoherent"
        )
    gradient = coherence_relative_entropy_gradient
    yield profiled_observable(name, both, "nat", coherence_of(), (0, 2 * LN_2), gradient=gradient, zero_on="incoherent")


def _ergotropies(qubits: Sequence[str], both: str, gaps: Gaps | None) -> Iterator[Observable]:
    unit, each = (gaps.unit, tuple(gaps.of[qubit] for qubit in qubits)) if gaps else (GAP, (1.0, 1.0))

    def work(sample: Sample, index: int | None = None) -> Array:
        rho, gaps = (sample.rho, each) if index is None else (reduced_of(sample, index), each[index : index + 1])
        return thermal.ergotropy(rho, gaps=gaps, spectrum=eigenvalues_of(sample, index))

    for index, (qubit, gap) in enumerate(zip(qubits, each, strict=True)):
        yield state_observable("ergotropy", qubit, unit, partial(work, index=index), (0, gap))
    of_both = state_observable("ergotropy", both, unit, work, (0, sum(each)), zero_on="passive")
    yield replace(of_both, interval="wider", gradient=partial(ergotropy_gradient, gaps=each))
