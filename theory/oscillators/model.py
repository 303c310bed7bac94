r"""A target oscillator, cooled through a driven coupling to a damped one, whose own pairs heat it.

In the frame of the drive (Freitas and Paz, arXiv:1607.04234, 1710.11554: abstracts only were read; this model is
derived here)

    H = omega a^+a + Omega b^+b + g (a + a^+)(b + b^+),    b damped into the vacuum at rate kappa.

a b^+ moves excitations from the target to the damped mode, in resonance at Omega = omega. a^+b^+ creates pairs, off
resonance by omega + Omega. In second order in g the target is cooled and heated at the rates

    A_-+ = g^2 kappa/[(kappa/2)^2 + (Omega -+ omega)^2],
    n -> A_+/(A_- - A_+) = [(kappa/2)^2 + (Omega - omega)^2]/(4 omega Omega),

which is kappa^2/(16 omega^2) in resonance: the floor of resolved-sideband cooling. The target may have a bath of its
own, damping gamma at the occupation N.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from protocols import Array, RequestError
from theory.arguments import positive


@dataclass(frozen=True, kw_only=True)
class CooledOscillator:
    """Frequencies and rates in units of the target's frequency, unless it is set.

    Raises:
        RequestError: For a frequency or damping that is not positive, a negative coupling or rate, or one so strong
            that the oscillators have no ground state.

    Examples:
        >>> round(CooledOscillator(damping=0.4).floor, 9)
        0.01
    """

    damping: float
    """kappa of the mode that takes the energy away."""
    coupling: float = 1e-4
    """g"""
    frequency: float = 1.0
    """omega of the target, in the frame of the drive."""
    partner: float | None = None
    """Omega of the damped mode; None: omega, resonance."""
    bath_rate: float = 0.0
    """gamma of the target's own bath."""
    bath_occupation: float = 0.0
    """N of that bath."""
    pairs: bool = True
    """Whether the coupling creates pairs; without, it is g (a b^+ + a^+b)."""

    def __post_init__(self) -> None:
        for name, value in {"damping": self.damping, "frequency": self.frequency, "partner": self.resonance}.items():
            positive(name, value)
        others = {"coupling": self.coupling, "bath_rate": self.bath_rate, "bath_occupation": self.bath_occupation}
        for name, value in others.items():
            if not (math.isfinite(value) and value >= 0):
                raise RequestError(f"Argument `{name}` must be a number >= 0, but is {value}. Give e.g. 0.1.")
        least = math.sqrt(self.frequency * self.resonance) / 2
        if self.pairs and self.coupling >= least:
            raise RequestError(
                f"Argument `coupling` must be below sqrt(omega Omega)/2 = {least:.6g}, where the oscillators lose "
                f"their ground state, but is {self.coupling}."
            )

    @property
    def resonance(self) -> float:
        """Omega."""
        return self.frequency if self.partner is None else self.partner

    @property
    def rates(self) -> tuple[float, float]:
        """A_- and A_+ in second order in g."""
        cool, heat = (
            self.coupling**2 * self.damping / ((self.damping / 2) ** 2 + (self.resonance + sign * self.frequency) ** 2)
            for sign in (-1, 1)
        )
        return cool, heat if self.pairs else 0.0

    @property
    def floor(self) -> float:
        """Occupation that a vanishing coupling reaches without a bath of the target's own."""
        if not self.pairs:
            return 0.0
        detuned = (self.damping / 2) ** 2 + (self.resonance - self.frequency) ** 2
        return detuned / (4 * self.frequency * self.resonance)

    @property
    def weak(self) -> float:
        """Occupation in second order in g: (gamma N + A_+)/(gamma + A_- - A_+)."""
        cool, heat = self.rates
        return (self.bath_rate * self.bath_occupation + heat) / (self.bath_rate + cool - heat)

    @property
    def best(self) -> CooledOscillator:
        """The same with the partner's frequency that makes the floor lowest, sqrt(omega^2 + kappa^2/4)."""
        return replace(self, partner=math.hypot(self.frequency, self.damping / 2))

    @property
    def drift(self) -> Array:
        """A of dr/dt = A r for the means of r = (x_a, p_a, x_b, p_b), a = (x_a + i p_a)/sqrt 2, (4, 4)."""
        A = np.zeros((4, 4))
        for k, (w, rate) in enumerate(((self.frequency, self.bath_rate), (self.resonance, self.damping))):
            A[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = [[-rate / 2, w], [-w, -rate / 2]]
        if self.pairs:
            # g (a + a^+)(b + b^+) = 2 g x_a x_b
            A[1, 2] = A[3, 0] = -2 * self.coupling
        else:
            # g (a b^+ + a^+b) = g (x_a x_b + p_a p_b)
            A[1, 2] = A[3, 0] = -self.coupling
            A[0, 3] = A[2, 1] = self.coupling
        return A

    @property
    def diffusion(self) -> Array:
        """D of dS/dt = A S + S A^T + D for the covariance S = <{r, r^T}>/2, (4, 4)."""
        noise = (self.bath_rate * (self.bath_occupation + 0.5), self.damping * 0.5)
        return np.diag(np.repeat(noise, 2))
