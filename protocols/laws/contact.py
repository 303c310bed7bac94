r"""What a protocol says of a system that one bath thermalises, and the rows that follow: many second laws.

Rows of the contact's subject, in natural units:

    free_energy (alpha 0, 1/2, 1, 2, inf)         F_alpha - F_eq = T D_alpha(p || g) at every point
    free_energy_change (the same)                 since the reference: not above 0 for a thermal contact alone
    thermo_majorisation                           margin of the curves, see `majorisation_margin`: not below 0 for it

Where populations are those of one qubit, F_alpha falls with its excited population to the thermal value and rises
from there, so that an interval of the population has one of F_alpha for its image; others are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from protocols.laws.divergences import ORDERS, gibbs_populations, renyi_free_energy
from protocols.laws.majorisation import majorisation_margin
from protocols.program import Observable, Sample, drawn
from protocols.types import Array

FREE_ENERGY, CHANGE, MARGIN = "free_energy", "free_energy_change", "thermo_majorisation"
Numbers = Mapping[str, Array]


@dataclass(frozen=True, kw_only=True, eq=False)
class ThermalContact:
    """A system whose energy populations one bath could only change by a thermal contact."""

    subject: str
    reads: tuple[str, ...]
    """Pauli words that the populations take."""
    populations: Callable[[Sample], Array]
    """Of each level, (..., points, levels)."""
    energies: Callable[[Numbers], Array]
    """Parameters -> those of the levels, (levels,) or (points, levels) [gap]."""
    temperature: Callable[[Numbers], Array]
    """Parameters -> that of the bath, (points,) [gap/k_B]; NaN where there is no single one."""

    def gibbs(self, parameters: Numbers) -> Array:
        """Thermal populations, (points, levels); NaN where the bath has no temperature between 0 and infinity."""
        T = self.temperature(parameters)
        return gibbs_populations(self.energies(parameters), np.where((T > 0) & np.isfinite(T), T, np.nan))

    def free_energy(self, sample: Sample, alpha: float) -> Array:
        """T D_alpha of a sample, (..., points) [gap]; computed once for its row and for that of its change."""
        return sample.known((FREE_ENERGY, self.subject, alpha), lambda s: self._free_energy(s, alpha))

    def change(self, sample: Sample, alpha: float) -> Array:
        """What it gained since the reference, at the temperature of the point, (..., points) [gap]."""
        return self.free_energy(sample, alpha) - self._free_energy(sample.before, alpha)

    def _free_energy(self, sample: Sample, alpha: float) -> Array:
        p, T = self.populations(sample), self.temperature(sample.parameters)
        return renyi_free_energy(p, self.energies(sample.parameters), T, alpha)


def qubit_contact(subject: str, word: str, temperature: Callable[[Numbers], Array]) -> ThermalContact:
    """The contact of one qubit of gap 1.

    Args:
        subject: Of its rows.
        word: The Pauli word of its energy.
        temperature: Parameters -> that of its bath, (points,) [gap/k_B].
    """

    def populations(sample: Sample) -> Array:
        Z = sample.moments[word]
        return np.stack([(1 + Z) / 2, (1 - Z) / 2], axis=-1)

    return ThermalContact(
        subject=subject,
        reads=(word,),
        populations=populations,
        energies=lambda known: np.array([0.0, 1.0]),
        temperature=temperature,
    )


@dataclass(frozen=True, eq=False)
class Margin:
    """Sample -> how far the curve of its reference stays above its own, (..., points); it knows of what contact."""

    contact: ThermalContact

    def __call__(self, sample: Sample) -> Array:
        """The margin of a sample with its reference."""
        p, q = self.contact.populations(sample.before), self.contact.populations(sample)
        return majorisation_margin(p, q, self.contact.gibbs(sample.parameters))


def second_laws(contact: ThermalContact) -> tuple[Observable, ...]:
    """Free energies of all orders, their changes since the reference, and the margin of the curves.

    Args:
        contact: Of which system, with which bath.
    """
    made: list[Observable] = []
    for name, alpha in ORDERS.items():
        # the greatest of several ratios has kinks, and what counts levels that are occupied jumps
        interval = "one-count" if alpha == 0 else "bootstrap"
        more = {"unit": "gap", "scheme": f"alpha {name}", "kinked": alpha == np.inf, "interval": interval}
        free, change = partial(contact.free_energy, alpha=alpha), partial(contact.change, alpha=alpha)
        made += [
            drawn(FREE_ENERGY, contact.subject, contact.reads, free, bounds=(0.0, np.inf), **more),
            drawn(CHANGE, contact.subject, contact.reads, change, reference=True, **more),
        ]
    margin = Margin(contact)
    return (*made, drawn(MARGIN, contact.subject, contact.reads, margin, kinked=True, reference=True, meaning=_MARGIN))


_MARGIN = "least distance of the curve before over the curve after; below 0 no thermal contact alone leads there"
