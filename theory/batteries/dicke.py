r"""N cells and a cavity with counter-rotating terms: the Dicke battery of Ferraro et al.

H = a'a + J_z + 2 lambda J_x (a + a') (gap = photon energy = 1), from n = N photons and all cells in their ground state;
E = <J_z> - <J_z>_0 [form: a public re-implementation, and memory]. With 2 J_x = J+ + J-, lambda is the g of Tavis and
Cummings, to which it goes for lambda -> 0. Excitations are not conserved, only their parity, and the photons need a
cut-off: `leaked` tells what reaches its last two states, which has to be negligible at all times asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protocols import Array
from theory.batteries.charging import Battery


@dataclass(frozen=True, kw_only=True)
class Dicke(Battery):
    """Cells in a cavity, `coupling` is lambda.

    Examples:
        >>> one = Dicke(cells=1, coupling=0.05, cutoff=12)
        >>> round(one.most_power().value / 0.05, 3)
        0.723
    """

    photons: int | None = None
    """n at the start; as many as cells if None."""
    cutoff: int = 40
    """The largest number of photons kept."""

    def __post_init__(self) -> None:
        if self.loaded + 2 > self.cutoff:
            raise ValueError(
                f"a Dicke battery must keep more photons than it starts with, but starts with {self.loaded} and "
                f"`cutoff` is {self.cutoff}; set it to {2 * self.loaded + 20} or more."
            )

    def hamiltonian(self) -> Array:
        """States |k cells excited> x |m photons>, m running fast."""
        k, m = np.arange(self.cells, dtype=float), np.arange(1, self.cutoff + 1, dtype=float)
        up = np.diag(np.sqrt((k + 1) * (self.cells - k)), 1)
        photon = np.diag(np.sqrt(m), 1)
        cells, photons = np.eye(self.cells + 1), np.eye(self.cutoff + 1)
        free = np.kron(np.diag(np.arange(self.cells + 1.0)), photons) + np.kron(cells, np.diag([0.0, *m]))
        return free + self.coupling * np.kron(up + up.T, photon + photon.T)

    def excited(self) -> Array:
        """k."""
        return np.repeat(np.arange(self.cells + 1.0), self.cutoff + 1)

    def start(self) -> int:
        """No cell is excited."""
        return self.loaded

    def leaked(self, times: Array) -> float:
        """The largest population of the last two photon numbers at times: an error of the cut-off.

        Args:
            times: Of charging [hbar/gap], (times,).
        """
        kept = self.populations(times).reshape(-1, self.cells + 1, self.cutoff + 1)
        return float(kept[:, :, -2:].sum(axis=(1, 2)).max())

    @property
    def loaded(self) -> int:
        """Photons at the start."""
        return self.cells if self.photons is None else self.photons
