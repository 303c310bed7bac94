"""The catalogue: every quantity of a run once, of its qubits and of its protocol.

One qubit and a pair have energies and functions of their state, more qubits have energies. Quantities of one protocol
alone live in that protocol's file (`Experiment.observables`).
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis.quantities.pair import pair_observables
from analysis.quantities.single_qubit import single_qubit_observables
from analysis.quantities.thermodynamics import energies
from protocols import Observable


def catalogue(qubits: Sequence[str], system: str, own: Sequence[Observable] = ()) -> tuple[Observable, ...]:
    """Every quantity of a run once: of its qubits, then of its protocol, which may have its own of the same name.

    Args:
        qubits: Names of the system's qubits, leftmost first.
        system: Subject of what belongs to all of them.
        own: Quantities of the protocol.

    Examples:
        >>> [observable.name for observable in catalogue(("A", "B", "C"), "ABC")][:4]
        ['energy', 'energy', 'energy', 'heat']
    """
    general = {1: lambda: single_qubit_observables(qubits[0]), 2: lambda: pair_observables(qubits, system)}
    usual = general.get(len(qubits), lambda: tuple(energies(qubits, system)))()
    taken = {(o.name, o.subject) for o in own}
    return (*(o for o in usual if (o.name, o.subject) not in taken), *own)
