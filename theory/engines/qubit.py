r"""The qubit engine of the protocol coherent-engine, cycle by cycle from any start and with any share of its coherence.

Before a collision the fluid has $\langle Y\rangle, \langle Z\rangle$. A partial swap phi with an ancilla of excited
population q, a loss of coherence, and a rotation $R_x(\theta)$ make

$$ Z \to \cos^2\!\varphi\,Z + \sin^2\!\varphi\,(1 - 2q), \quad Y \to \kappa\cos\varphi\,Y, \qquad
   (Y, Z) \to (Y\cos\theta - Z\sin\theta,\; Y\sin\theta + Z\cos\theta). $$

The work of a cycle is what the rotation takes: half the change of $\langle Z\rangle$ in it. $\kappa = 1$ is the
coherent engine, 0 the dephased one; on a device it is what decoherence leaves between two strokes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protocols import Array
from theory.arguments import counting, within


@dataclass(frozen=True, kw_only=True)
class QubitEngine:
    """One qubit, fresh ancillas, and a stroke a cycle; energies in units of the gap.

    Raises:
        RequestError: For a population or a share outside 0..1.

    Examples:
        >>> QubitEngine(angle=np.pi / 6, drive=0.2, excitation=0.8).works(4).round(6).tolist()
        [0.001495, 0.005158, 0.009987, 0.015258]
    """

    angle: float = 0.6
    """phi of the partial swap [rad]."""
    drive: float = 0.25
    """theta of the stroke [rad]."""
    excitation: float = 0.75
    """q of the ancillas."""
    kept: float = 1.0
    """kappa, the share of the coherence that lasts from the collision to the stroke."""

    def __post_init__(self) -> None:
        within("excitation", self.excitation, 0.0, 1.0)
        within("kept", self.kept, 0.0, 1.0)

    def works(self, cycles: int, start: tuple[float, float] = (0.0, 0.0)) -> Array:
        """Work of each cycle.

        Args:
            cycles: How many.
            start: <Y>, <Z> of the fluid before the first collision; the mixed state if not given.

        Returns:
            (cycles,) [gap].
        """
        counting("cycles", cycles, 1)
        state, found = np.asarray(start, dtype=float), []
        for _ in range(cycles):
            before = self._collided(state)
            state = self._turn @ before
            found.append((state[1] - before[1]) / 2)
        return np.array(found)

    @property
    def steady(self) -> Array:
        """<Y>, <Z> before a collision that a cycle leaves as they were, (2,); the mixed state where all are."""
        rest = np.eye(2) - self._turn @ np.diag(self._shares)
        given = self._turn @ self._collided(np.zeros(2))
        return np.linalg.lstsq(rest, given, rcond=1e-14)[0]

    @property
    def work(self) -> float:
        """Work of a cycle in the steady state [gap]."""
        Y, Z = self.steady
        return float(self.works(1, (Y, Z))[0])

    @property
    def _shares(self) -> Array:
        """What a collision leaves of <Y>, <Z>."""
        return np.array([self.kept * np.cos(self.angle), np.cos(self.angle) ** 2])

    @property
    def _turn(self) -> Array:
        c, s = np.cos(self.drive), np.sin(self.drive)
        return np.array([[c, -s], [s, c]])

    def _collided(self, state: Array) -> Array:
        return self._shares * state + np.array([0.0, np.sin(self.angle) ** 2 * (1 - 2 * self.excitation)])
