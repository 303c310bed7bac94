"""A pair of qubits along time, its heats, and what follows from both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np

from protocols import Array
from protocols.quantities import entanglement, entropies, reduced, thermal

HeatDefinition = Literal["bath", "system"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Trajectory:
    r"""States and heats at some times; energies in gaps, entropies in nat, times in hbar/gap.

    Heat is energy that *leaves* a bath. Definition "bath": $-\Delta \langle H_{B_k} \rangle$; "system":
    $-i \int \langle [H_S, X_k] B_k \rangle dt$, what arrives at the qubits. They differ by the change of the coupling
    energy $\langle X_k B_k \rangle$.
    """

    times: Array
    """(times,)"""
    states: Array
    """(times, 4, 4)"""
    heat_system: Array
    """From A's and from B's bath to the qubits, (times, 2)."""
    coupling_energy: Array
    """<X_k B_k>, (times, 2)."""
    temperatures: Array
    """Of the baths, (2,)."""
    hamiltonian: Array
    """H_S with V, (4, 4)."""
    interaction: Array
    """V, (4, 4)."""

    @property
    def heat_bath(self) -> Array:
        """-(energy that each bath gained), (times, 2)."""
        return self.heat_system + self.coupling_energy - self.coupling_energy[0]

    def heat(self, definition: HeatDefinition) -> Array:
        """From each bath by one of the definitions, (times, 2)."""
        return self.heat_bath if definition == "bath" else self.heat_system

    @property
    def energies(self) -> Array:
        """Of A and B, zero at the ground state, (times, 2)."""
        return np.stack([thermal.energy(self.states, k) for k in (0, 1)], axis=-1)

    @property
    def energy_difference(self) -> Array:
        """E_A - E_B (the paper's SED), (times,)."""
        return self.energies[:, 0] - self.energies[:, 1]

    @property
    def system_energy(self) -> Array:
        """<H_A + H_B + V>, (times,)."""
        return np.einsum("ij,tji->t", self.hamiltonian, self.states).real

    @property
    def interaction_energy(self) -> Array:
        """<V>, (times,)."""
        return np.einsum("ij,tji->t", self.interaction, self.states).real

    @property
    def concurrence(self) -> Array:
        """Wootters' concurrence, (times,)."""
        return entanglement.concurrence(self.states)

    @property
    def signed_concurrence(self) -> Array:
        """Wootters' difference before it is cut at 0, (times,)."""
        return entanglement.signed_concurrence(self.states)

    @property
    def mutual_information(self) -> Array:
        """S_A + S_B - S_AB, (times,) [nat]."""
        return entropies.mutual_information(self.states)

    def entropy_production(self, definition: HeatDefinition = "bath") -> Array:
        r"""$\Sigma = \Delta S_{AB} - Q_A/T_A - Q_B/T_B$, (times,) [nat] (eq. (15) with the signs of (17) and (C4))."""
        return _change(entropies.entropy(self.states)) - self._flow(definition)

    def local_entropy_production(self, definition: HeatDefinition = "bath") -> Array:
        r"""$\Sigma_0 = \Delta S_A + \Delta S_B - Q_A/T_A - Q_B/T_B$, (times,) [nat] (eq. (14), same signs)."""
        local = sum(entropies.entropy(reduced(self.states, k)) for k in (0, 1))
        return _change(np.asarray(local)) - self._flow(definition)

    def _flow(self, definition: HeatDefinition) -> Array:
        return self.heat(definition) @ (1 / self.temperatures)

    @property
    def arrays(self) -> Mapping[str, Array]:
        """Every field by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def _change(values: Array) -> Array:
    return values - values[0]
