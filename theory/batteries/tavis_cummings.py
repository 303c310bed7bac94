r"""N cells and a cavity that exchange excitations: the Tavis-Cummings battery.

H = g (a J+ + a' J-) in resonance, from n photons and all cells in their ground state. The number of excitations is
conserved, so that |k> (k cells excited in the symmetric state, n - k photons) is a chain with the couplings

    <k+1|H|k> = g sqrt[(n - k)(k + 1)(N - k)].

With n = N: one cell has E = sin^2(g t), two have (2/3) sin^2(sqrt6 g t) + (4/9)(1 - cos(sqrt6 g t))^2. At short times
E = N n (g t)^2: photons and cells count alike. (arXiv 2603.10415 [abstract] has the same law with g = 2 lambda/sqrt N.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protocols import Array
from theory.batteries.charging import Battery


@dataclass(frozen=True, kw_only=True)
class TavisCummings(Battery):
    """Cells in a cavity, without counter-rotating terms.

    Examples:
        >>> [round(TavisCummings(cells=N).advantage(), 6) for N in (1, 2, 3)]
        [1.0, 1.22365, 1.454641]
    """

    photons: int | None = None
    """n at the start; as many as cells if None."""

    def hamiltonian(self) -> Array:
        """A chain of min(n, N) + 1 states."""
        n, N = self.loaded, self.cells
        k = np.arange(min(n, N), dtype=float)
        above = np.diag(self.coupling * np.sqrt((n - k) * (k + 1) * (N - k)), 1)
        return above + above.T

    def excited(self) -> Array:
        """k."""
        return np.arange(min(self.loaded, self.cells) + 1, dtype=float)

    def start(self) -> int:
        """All excitations are photons."""
        return 0

    @property
    def loaded(self) -> int:
        """Photons at the start."""
        return self.cells if self.photons is None else self.photons
