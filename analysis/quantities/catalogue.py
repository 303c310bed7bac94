"""The quantities that qubits have whatever the protocol: what each reads and how its interval is made.

One qubit and a pair have energies and functions of their state, more qubits have energies. Quantities of one protocol
alone live in that protocol's file (`Experiment.observables`); those that compare with the reference are in
`_thermodynamics.py`.
"""

from __future__ import annotations

import itertools
import math
import typing
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from analysis.quantities.thermodynamics import STATE, energies, entropy, exchanged, mutual_information, single
from protocols import Array, Observable, Sample
from protocols.quantities import discord
from protocols.quantities import gradients as _gradients
from protocols.quantities import states as quantities

LN_2 = math.log(2)


def catalogue(qubits: Sequence[str], system: str, own: Sequence[Observable] = ()) -> tuple[Observable, ...]:
    """Every quantity of a run once: of its qubits, then of its protocol, which may have its own of the same name.

    Args:
        qubits: Of the system.
        system: Subject of what belongs to all of them.
        own: Of the protocol.
    """
    general = {1: lambda: alone(qubits[0]), 2: lambda: pair(qubits, system)}
    usual = general.get(len(qubits), lambda: tuple(energies(qubits, system)))()
    taken = {(o.name, o.subject) for o in own}
    return (*(o for o in usual if (o.name, o.subject) not in taken), *own)


def alone(qubit: str) -> tuple[Observable, ...]:
    """Energy, heat, temperature, entropy and coherence of one qubit."""
    return (
        *energies((qubit,), qubit),
        *single(qubit),
        _measured("entropy", qubit, "nat", entropy, (0, LN_2)),
        _measured("coherence_l1", qubit, "1", _of(quantities.coherence_l1), (0, 1), kinked=True, norm=True),
        _measured("coherence_relative_entropy", qubit, "nat", _coherence(None), (0, LN_2)),
        _measured("ergotropy", qubit, "gap", _of(quantities.ergotropy), (0, 1)),
        _measured("purity", qubit, "1", _of(quantities.purity), (0.5, 1)),
        Observable(name="fidelity", subject=qubit, unit="1", reads=(STATE,), of=_fidelity, ideal=True, bounds=(0, 1)),
    )


def pair(qubits: Sequence[str], system: str = "") -> tuple[Observable, ...]:
    """Energies, heat, temperatures, entropies, correlations and coherences of two named qubits of equal gap."""
    both = system or "".join(qubits)
    return (
        *energies(qubits, both),
        *_populations(),
        *exchanged(qubits, both),
        *(_measured("entropy", name, "nat", partial(entropy, index=i), (0, LN_2)) for i, name in enumerate(qubits)),
        _profiled("entropy", both, "nat", entropy, (0, 2 * LN_2), gradient=_gradients.entropy),
        _profiled(
            "mutual_information",
            both,
            "nat",
            mutual_information,
            (0, 2 * LN_2),
            gradient=_gradients.mutual_information,
            correlation=True,
        ),
        _entanglement("concurrence", both, "1"),
        _entanglement("signed_concurrence", both, "1", least=-0.5),
        # a rising function of the concurrence, whose interval has a width even where no draw is entangled
        replace(_entanglement("entanglement_of_formation", both, "ebit"), through=quantities.formation),
        _measured(
            "negativity",
            both,
            "1",
            _of(quantities.signed_negativity),
            (0, 0.5),
            interval="signed-bootstrap",
            kinked=True,
        ),
        *(
            _profiled(
                name,
                qubit,
                unit,
                _of(partial(function, side=side)),
                (0, most),
                kinked=True,
                correlation=True,
                gradient=partial(gradient, side=side),
                majorant=partial(majorant, side=side),
            )
            for name, unit, most, function, gradient, majorant in (
                ("discord", "nat", LN_2, discord.discord, discord.discord_gradient, discord.discord_majorant),
                (
                    "geometric_discord",
                    "1",
                    0.5,
                    discord.geometric_discord,
                    discord.geometric_discord_gradient,
                    discord.geometric_discord_majorant,
                ),
            )
            for side, qubit in enumerate(qubits)
        ),
        *_each(
            "coherence_l1",
            (*qubits, both),
            "1",
            quantities.coherence_l1,
            (1, 3),
            transverse=True,
            kinked=True,
            norm=True,
        ),
        *(
            _measured("coherence_relative_entropy", name, "nat", _coherence(i), (0, LN_2), words=_transverse(i))
            for i, name in enumerate(qubits)
        ),
        _profiled(
            "coherence_relative_entropy",
            both,
            "nat",
            _coherence(None),
            (0, 2 * LN_2),
            gradient=_gradients.coherence_relative_entropy,
        ),
        *(
            replace(o, interval="wider", gradient=_gradients.ergotropy) if o.subject == both else o
            for o in _each("ergotropy", (*qubits, both), "gap", quantities.ergotropy, (1, 2))
        ),
        _profiled("purity", both, "1", _of(quantities.purity), (0.25, 1), gradient=_gradients.purity),
        Observable(name="fidelity", subject=both, unit="1", reads=(STATE,), of=_fidelity, ideal=True, bounds=(0, 1)),
    )


def _populations() -> list[Observable]:
    """p_ab = (1 + (-1)^a <ZI> + (-1)^b <IZ> + (-1)^(a+b) <ZZ>)/4: consistent with the energies."""

    def population(a: int, b: int) -> Callable[[Sample], Array]:
        s, t = 1 - 2 * a, 1 - 2 * b
        return lambda x: (1 + s * x.moments["ZI"] + t * x.moments["IZ"] + s * t * x.moments["ZZ"]) / 4

    return [
        Observable(
            name="population",
            subject=f"{a}{b}",
            unit="1",
            reads=("ZI", "IZ", "ZZ"),
            of=population(a, b),
            interval="multinomial",
        )
        for a, b in itertools.product((0, 1), repeat=2)
    ]


def _concurrence(sample: Sample) -> Array:
    """Signed; its bounds clip it last."""

    def signed(s: Sample) -> Array:
        return quantities.signed_concurrence(s.rho, root=quantities.root_of(*s.spectrum))

    return sample.known("concurrence", signed)


def _coherence(index: int | None) -> Callable[[Sample], Array]:
    """Entropy of the populations minus entropy, of one qubit or of the pair."""

    def of(sample: Sample) -> Array:
        rho = sample.rho if index is None else quantities.reduced(sample.rho, index)
        return quantities.diagonal_entropy(rho) - entropy(sample, index)

    return of


def _transverse(index: int) -> tuple[str, ...]:
    """The X and Y of one qubit, which an X state takes as zero."""
    return tuple("".join(letter if i == index else "I" for i in range(2)) for letter in "XY")


def _fidelity(sample: Sample) -> Array:
    """To the ideal state."""
    assert sample.ideal is not None
    return quantities.fidelity(sample.rho, sample.ideal, root=quantities.root_of(*sample.spectrum))


def _of(function: Callable[[Array], Array]) -> Callable[[Sample], Array]:
    return lambda sample: function(sample.rho)


def _each(
    name: str,
    subjects: Sequence[str],
    unit: str,
    function: Callable[[Array], Array],
    most: tuple[float, float],
    *,
    transverse: bool = False,
    **more: typing.Any,
) -> list[Observable]:
    """The same function of both qubits, which may need their X and Y measured, and of the pair."""
    found = []
    for index, qubit in enumerate(subjects[:2]):
        words = _transverse(index) if transverse else ()
        local = _of(lambda rho, index=index: function(quantities.reduced(rho, index)))
        found.append(_measured(name, qubit, unit, local, (0, most[0]), words=words, **more))
    return [*found, _measured(name, subjects[2], unit, _of(function), (0, most[1]), **more)]


def _measured(
    name: str,
    subject: str,
    unit: str,
    of: Callable[[Sample], Array],
    bounds: tuple[float, float],
    *,
    words: tuple[str, ...] = (),
    **more: typing.Any,
) -> Observable:
    """Read off the state, its errors drawn."""
    return Observable(name=name, subject=subject, unit=unit, reads=(STATE, *words), of=of, bounds=bounds, **more)


_profiled = partial(_measured, interval="likelihood-ratio")


def _entanglement(name: str, subject: str, unit: str, least: float = 0.0) -> Observable:
    """The signed concurrence, cut at a bound last."""
    gradient = _gradients.signed_concurrence
    return _measured(
        name, subject, unit, _concurrence, (least, 1), interval="signed-wider", gradient=gradient, kinked=True
    )
