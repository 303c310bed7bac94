r"""The steady state of a Brownian particle by quadrature.

Between reflecting walls nothing flows, (T P)' = (F - V') P, whatever the friction:

    P(x) ~ (1/T(x)) exp( int (F - V')/T dx ).

In a box with T = 1 + g x the mean is 2/ln((1+g)/(1-g)) - 1/g over (-1, 1): towards the cold. In a trap T_0 + g x the
mean stays exactly where it is, for nothing flows and so <V'> = 0; its mode is what moves, by -g/k, and y = 1 + g x
has a gamma distribution of shape k/g^2 (T_0 = 1) and variance g^2/k. (Derived here; the friction's absence is
the known property of noise that is read by Ito, M. Smoluchowski's equation with (T P)'.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from protocols import Array
from theory.brownian.model import Field, Particle

NODES = 256
"""Of Gauss and Legendre, and degree of the interpolated exponent: 1e-14 for a field that is smooth on a tenth of the
distance between the walls."""
DIFFERENCE = 1e-5
"""Distance over which T is differentiated, of that between the walls."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SteadyState:
    """P(x) and its averages."""

    particle: Particle

    def density(self, x: Array) -> Array:
        """P at places between the walls, (places,); its integral is 1."""
        return np.exp(self._logarithm(np.asarray(x, dtype=float)) - self._norm)

    def average(self, quantity: Field) -> float:
        """<f(x)>."""
        x, weights = self._nodes
        return float(weights @ (self.density(x) * quantity(x)))

    @property
    def mean(self) -> float:
        """The mean place <x>."""
        return self.average(lambda x: x)

    @property
    def variance(self) -> float:
        """How far it spreads, <x^2> - <x>^2."""
        mean = self.mean
        return self.average(lambda x: (x - mean) ** 2)

    @property
    def mode(self) -> float:
        """Where P is largest; a wall if it grows up to there."""
        from scipy.optimize import root_scalar

        one, x = self.particle, np.linspace(self.particle.left, self.particle.right, 2001)
        best, h = int(np.argmax(self._logarithm(x))), DIFFERENCE * (x[-1] - x[0])
        if best in (0, len(x) - 1):
            return float(x[best])

        def push(place: float) -> float:
            """T times the slope of ln P: the force F - V' - dT/dx."""
            near = np.array([place - h, place, place + h])
            cold, _, hot = one.temperature(near)
            return float(one.force(near)[1] - (hot - cold) / (2 * h))

        return float(root_scalar(push, bracket=(x[best - 1], x[best + 1]), xtol=1e-13).root)

    def _logarithm(self, x: Array) -> Array:
        """ln P without its norm."""
        return self._exponent(x) - np.log(self.particle.temperature(x))

    @cached_property
    def _exponent(self) -> Field:
        """int (F - V')/T from the left wall, a polynomial."""
        from numpy.polynomial import Chebyshev

        one = self.particle
        slope = Chebyshev.interpolate(lambda x: one.force(x) / one.temperature(x), NODES, domain=[one.left, one.right])
        return slope.integ(lbnd=one.left)

    @cached_property
    def _nodes(self) -> tuple[Array, Array]:
        x, weights = np.polynomial.legendre.leggauss(NODES)
        half = (self.particle.right - self.particle.left) / 2
        return self.particle.left + half * (x + 1), half * weights

    @cached_property
    def _norm(self) -> float:
        x, weights = self._nodes
        logarithm = self._logarithm(x)
        largest = logarithm.max()
        return float(largest + np.log(weights @ np.exp(logarithm - largest)))


def steady_state(particle: Particle) -> SteadyState:
    """Where the particle is in the long run.

    Args:
        particle: With fields that are smooth between its walls.

    Examples:
        >>> from theory.brownian import Gradient
        >>> round(steady_state(Particle(temperature=Gradient(slope=0.5))).mean, 6)
        -0.179522
    """
    return SteadyState(particle=particle)


def box_mean(slope: Array | float) -> Array:
    r"""<x> between walls at -1 and 1 where T = 1 + g x: $2/\ln\frac{1+g}{1-g} - 1/g$, (...,).

    Args:
        slope: g, shape (...,), between -1 and 1.

    Examples:
        >>> box_mean(0.4).round(7)
        np.float64(-0.139555)
    """
    g = np.asarray(slope, dtype=float)
    small = np.abs(g) < 1e-3  # both terms grow like 1/g there; their difference is -g/3 - 4 g^3/45
    safe = np.where(small, 0.5, g)
    return np.where(small, -g / 3 - 4 * g**3 / 45, 1 / np.arctanh(safe) - 1 / safe)
