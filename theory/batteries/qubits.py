r"""N cells and M charger qubits, every one coupled to every other: the battery that a circuit can hold.

H = g sum_{b, c} (s_b+ s_c- + h.c.) = g (B+ C- + B- C+) from all chargers excited. Both groups stay symmetric, and |k>
(k cells excited, M - k chargers) is a chain with the couplings

    <k+1|H|k> = g sqrt[(M - k)(k + 1)] sqrt[(k + 1)(N - k)].

M = N = 2 is E = 2 sin^2(sqrt2 g t), the protocol quantum-battery without its steps; M = 1 has E = sin^2(sqrt N g t).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protocols import Array
from theory.batteries.charging import Battery


@dataclass(frozen=True, kw_only=True)
class ChargerQubits(Battery):
    """Charger qubits and cells, all excitations in the chargers at first.

    Examples:
        >>> [round(ChargerQubits(cells=N).advantage(), 6) for N in (2, 3, 4)]
        [1.414214, 1.774159, 2.119272]
    """

    chargers: int | None = None
    """M; as many as cells if None."""

    def hamiltonian(self) -> Array:
        """A chain of min(M, N) + 1 states."""
        M, N = self.loaded, self.cells
        k = np.arange(min(M, N), dtype=float)
        above = np.diag(self.coupling * (k + 1) * np.sqrt((M - k) * (N - k)), 1)
        return above + above.T

    def excited(self) -> Array:
        """k."""
        return np.arange(min(self.loaded, self.cells) + 1, dtype=float)

    def start(self) -> int:
        """No cell is excited."""
        return 0

    @property
    def loaded(self) -> int:
        """Chargers, and excitations."""
        return self.cells if self.chargers is None else self.chargers
