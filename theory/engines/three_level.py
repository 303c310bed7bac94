r"""An engine of three levels: a hot bath between 1 and 3, a cold one between 2 and 3, a resonant drive between 1 and 2.

Scovil and Schulz-DuBois, Phys. Rev. Lett. 2, 262 (1959); as an engine of strokes in Uzdin, Levy and Kosloff, Phys. Rev.
X 5, 031044 (2015). In the frame that turns with the levels

$$ L_w\rho = -i\epsilon\,[\,|1\rangle\langle 2| + |2\rangle\langle 1|,\rho\,], \qquad
   L_b = \Gamma(n_b + 1)\,D[\,|i_b\rangle\langle 3|\,] + \Gamma n_b\,D[\,|3\rangle\langle i_b|\,], $$

with $i_h = 1$, $i_c = 2$, $n_b = 1/(e^{\omega_b/T_b} - 1)$. Every quantum $\omega_h$ of the hot bath leaves as
$\omega_c$ into the cold one and $\omega_h - \omega_c$ into the drive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from protocols import Array, RequestError
from theory.arguments import positive

LEVELS = 3


@dataclass(frozen=True, kw_only=True)
class ThreeLevelEngine:
    """Gaps, temperatures, and how fast baths and drive are.

    Raises:
        RequestError: For a number that is not positive, or a hot gap that is not the larger one.

    Examples:
        >>> engine = ThreeLevelEngine()
        >>> engine.efficiency, engine.carnot, round(engine.inversion, 6)
        (0.5, 0.9, 3.320117)
    """

    gap_hot: float = 3.0
    """omega_h, E_3 - E_1."""
    gap_cold: float = 1.5
    """omega_c, E_3 - E_2."""
    T_h: float = 10.0
    T_c: float = 1.0
    rate: float = 0.3
    """Gamma of either bath."""
    drive: float = 0.3
    """epsilon, half the Rabi frequency."""

    def __post_init__(self) -> None:
        for name in ("gap_hot", "gap_cold", "T_h", "T_c", "rate", "drive"):
            positive(name, getattr(self, name))
        if self.gap_hot <= self.gap_cold:
            raise RequestError(
                f"Argument `gap_hot` must be above gap_cold = {self.gap_cold:g}, but is {self.gap_hot:g}. "
                "Exchange them."
            )

    @property
    def gap_work(self) -> float:
        """omega_h - omega_c: the quantum of the drive."""
        return self.gap_hot - self.gap_cold

    @property
    def energies(self) -> Array:
        """Of levels 1, 2, 3, (3,)."""
        return np.array([0.0, self.gap_work, self.gap_hot])

    @property
    def efficiency(self) -> float:
        """1 - omega_c/omega_h, of every form of this engine."""
        return 1 - self.gap_cold / self.gap_hot

    @property
    def carnot(self) -> float:
        """1 - T_c/T_h."""
        return 1 - self.T_c / self.T_h

    @property
    def inversion(self) -> float:
        """p_2/p_1 that both baths make without a drive; above 1 the drive gains."""
        with np.errstate(over="ignore"):
            return float(np.exp(self.gap_cold / self.T_c - self.gap_hot / self.T_h))

    def liouvillians(self) -> Mapping[str, Array]:
        """Generators of "hot", "cold" and "work" by QuTiP, (9, 9) each, on density matrices stacked by columns."""
        import qutip

        def moves(to: int, of: int) -> qutip.Qobj:
            return qutip.projection(LEVELS, to, of)

        def bath(level: int, gap: float, T: float) -> Array:
            n = np.exp(-gap / T) / -np.expm1(-gap / T)  # does not overflow where the bath is cold
            down, up = np.sqrt(self.rate * (n + 1)), np.sqrt(self.rate * n)
            jumps = [down * moves(level, 2), up * moves(2, level)]
            return qutip.liouvillian(None, jumps).full()  # pyright: ignore[reportCallIssue]

        drive = self.drive * (moves(0, 1) + moves(1, 0))
        return {
            "hot": bath(0, self.gap_hot, self.T_h),
            "cold": bath(1, self.gap_cold, self.T_c),
            "work": qutip.liouvillian(drive).full(),  # pyright: ignore[reportCallIssue]
        }
