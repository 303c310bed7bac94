"""The catalogue: every quantity of a run once, of its qubits and of its protocol.

One qubit and a pair have energies and functions of their state; more qubits have energies, and those pairs of them that
their protocol names have what the two share. Quantities of one protocol
alone live in that protocol's file (`Experiment.observables`).
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis.quantities.pair import correlations_of_pair, pair_observables
from analysis.quantities.single_qubit import single_qubit_observables
from analysis.quantities.thermodynamics import energies
from protocols import Experiment, Observable
from protocols.program import ALL_USUAL, gap_parameters, heated_subjects, pairs_of, rows_left_out
from protocols.units import Gaps

MADE_OF = {
    "clausius_sum": ("divergence", "clausius_residual", "conditional_entropy_heat"),
    "entropy": ("conditional_entropy",),
}
"""What has no meaning where a protocol leaves the row out that it is made for."""


def catalogue(
    qubits: Sequence[str],
    system: str,
    own: Sequence[Observable] = (),
    protocol: Experiment | type[Experiment] | None = None,
    gaps: Gaps | None = None,
) -> tuple[Observable, ...]:
    """Every quantity of a run once: of its qubits, then of its protocol, which may have its own of the same name.

    Args:
        qubits: Names of the system's qubits, leftmost first.
        system: Subject of what belongs to all of them.
        own: Quantities of the protocol.
        protocol: What says which subjects exchange heat, and which of the usual rows there are not; None: nothing does.
        gaps: Of a pair, where they are unequal.

    Examples:
        >>> from protocols import load
        >>> [observable.name for observable in catalogue(("A", "B", "C"), "ABC")][:4]
        ['energy', 'energy', 'energy', 'energy_change']
        >>> [observable.name for observable in catalogue(("A", "B"), "AB", (), load("heat-exchange"))][:4]
        ['energy', 'energy', 'heat', 'heat']
    """
    heated, without, named = heated_subjects(protocol), {*rows_left_out(protocol)}, gap_parameters(protocol)
    without |= {part for whole, parts in MADE_OF.items() if whole in without for part in parts}
    if ALL_USUAL in without:
        usual = ()
    elif len(qubits) == 1:
        usual = single_qubit_observables(qubits[0], heated, named)
    elif len(qubits) == 2:
        usual = pair_observables(qubits, system, heated, gaps, named)
    else:
        shared = (o for pair in pairs_of(protocol) for o in correlations_of_pair(pair, qubits))
        usual = (*energies(qubits, system, heated, named=named), *shared)
    taken = {(o.name, o.subject) for o in own}
    kept = (o for o in usual if not without & {o.name, (o.name, o.subject)})
    return (*(o for o in kept if (o.name, o.subject) not in taken), *own)
