"""The quantities of a system of one qubit."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from analysis.quantities.state_functions import LN_2, coherence_of, fidelity_observable, of_state, state_observable
from analysis.quantities.thermodynamics import changes_of_qubit, energies
from protocols import Observable
from protocols.pair import entropy_of
from protocols.quantities import coherence, overlaps, thermal


def single_qubit_observables(
    qubit: str, heated: Collection[str] = (), named: Mapping[str, str] | None = None
) -> tuple[Observable, ...]:
    """Energy and what was gained, temperature, entropy and coherence of one qubit.

    Args:
        qubit: Its name.
        heated: Subjects whose change of energy is heat.
        named: The parameter that is its gap, by its name, where it has one; there is no ergotropy there.
    """
    ergotropy = state_observable("ergotropy", qubit, "gap", of_state(thermal.ergotropy), (0, 1))
    return (
        *energies((qubit,), qubit, heated, named=named),
        *changes_of_qubit(qubit),
        state_observable("entropy", qubit, "nat", entropy_of, (0, LN_2)),
        state_observable("coherence_l1", qubit, "1", of_state(coherence.coherence_l1), (0, 1), kinked=True, norm=True),
        state_observable("coherence_relative_entropy", qubit, "nat", coherence_of(), (0, LN_2)),
        *(() if named else (ergotropy,)),
        state_observable("purity", qubit, "1", of_state(overlaps.purity), (0.5, 1)),
        fidelity_observable(qubit),
    )
