r"""Three levels between a hot and a cold bath: where the particle ends, in closed form.

`lambda`: two sites |L> at 0 and |R> at eps share an excited level |e> at omega. `vee`: two excited sites |L> at omega
and |R> at omega + eps share a ground level |e>. The left bath drives L <-> e, the right one R <-> e. There is one way
from L to R and no way round (the graph is a tree), so that at rest each leg is in equilibrium with its own bath,
whatever the rates are:

    lambda   p_L : p_e : p_R = e^{omega/T_L} : 1 : e^{(omega - eps)/T_R}
    vee      p_L : p_e : p_R = e^{-omega/T_L} : 1 : e^{-(omega + eps)/T_R}

A lambda particle is found at the cold side, for a hot bath lets it go more often; a vee particle at the hot one, which
lifts it: negative thermophoresis. ln(p_R/p_L) = +-omega (1/T_R - 1/T_L) without bias, which for a small difference is
-+ S_T (T_R - T_L), S_T = omega/T^2 the Soret coefficient. The bias at which p_L = p_R is **omega (1 - T_R/T_L)**, the
Carnot factor of the gap, and minus that of a vee; the suite takes F = stall/(2 x_0), L and R at -x_0 and +x_0, as the
thermophoretic force. arXiv 2404.12346 [abstract] finds a force on a lambda configuration in closed form; its rates and
its definition of the force could not be read: this is the model of this suite. hbar = k_B = 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protocols import Array

KINDS = ("lambda", "vee")


@dataclass(frozen=True, kw_only=True)
class Particle:
    """Levels L, e, R and two baths, in this order everywhere.

    Examples:
        >>> Particle(T_L=1.0, T_R=0.5).populations.round(6).tolist()
        [0.244728, 0.090031, 0.665241]
        >>> round(Particle(T_L=1.0, T_R=0.5, kind="vee").displacement, 6)
        -0.154698
    """

    T_L: float
    """Temperature of the left bath."""
    T_R: float
    """Temperature of the right bath."""
    bias: float = 0.0
    """Energy eps of R above that of L."""
    gap: float = 1.0
    """omega, between L and e."""
    kind: str = "lambda"
    """lambda or vee."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS or min(self.T_L, self.T_R) <= 0 or min(*self.gaps) <= 0:
            raise ValueError(
                f"a particle must be lambda or vee with temperatures > 0 and both gaps > 0, but is {self.kind} with "
                f"T_L = {self.T_L:g}, T_R = {self.T_R:g} and gaps {self.gaps[0]:g}, {self.gaps[1]:g}; set a bias "
                "that leaves e above (lambda) or below (vee) both sites."
            )

    @property
    def gaps(self) -> tuple[float, float]:
        """Between e and L, and e and R."""
        return self.gap, self.gap - self.bias if self.kind == "lambda" else self.gap + self.bias

    @property
    def populations(self) -> Array:
        """At rest, of L, e and R, (3,)."""
        sign = 1 if self.kind == "lambda" else -1
        exponents = np.array([sign * self.gaps[0] / self.T_L, 0.0, sign * self.gaps[1] / self.T_R])
        weights = np.exp(exponents - exponents.max())
        return weights / weights.sum()

    @property
    def displacement(self) -> float:
        """<x>/x_0 = p_R - p_L at rest."""
        return float(self.populations[2] - self.populations[0])

    @property
    def stall(self) -> float:
        """The bias at which L and R are as likely, whatever the bias is now."""
        carnot = self.gap * (1 - self.T_R / self.T_L)
        return carnot if self.kind == "lambda" else -carnot

    @property
    def soret(self) -> float:
        """S_T = omega/T^2 at the mean temperature; negative of a vee."""
        coefficient = self.gap / ((self.T_L + self.T_R) / 2) ** 2
        return coefficient if self.kind == "lambda" else -coefficient
