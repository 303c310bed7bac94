r"""A Brownian particle whose surroundings have a temperature at every place.

Model II of the generalised Caldeira-Leggett models (arXiv:2603.26980, abstract only was read) couples the particle to
a patchwork of baths of their own temperatures through functions g_j(x). Its white-noise limit, derived here, is

    M x'' = -V'(x) - eta(x) x' + noise,   eta(x) = eta sum_j g_j'(x)^2,   T(x) = sum_j g_j'^2 T_j / sum_j g_j'^2,

the noise of strength 2 eta(x) T(x). Without inertia the probability flows with

    J = -(1/eta(x)) [(V' - F) P + (T P)'] :

beside the force -V' + F there is a thermophoretic one, -dT/dx, towards the cold. F(x) is model I in its least form: the
noise stays as it is, and the drive of the bath adds a force that depends on the place. What the paper's drive looks
like is not known, so F is given by whoever asks. k_B = 1, and eta = 1 unless it is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from protocols import Array, RequestError
from theory.arguments import positive

Field = Callable[[Array], Array]
"""A quantity at places, (places,) -> (places,)."""
CHECKED = 401
"""Places between the walls where a temperature and a friction must be positive."""


@dataclass(frozen=True, kw_only=True)
class Gradient:
    """T(x) = T_0 + slope x.

    Examples:
        >>> Gradient(slope=0.5)(np.array([-1.0, 1.0])).tolist()
        [0.5, 1.5]
    """

    slope: float
    """dT/dx."""
    middle: float = 1.0
    """T_0, the temperature at x = 0."""

    def __call__(self, x: Array) -> Array:
        """T at places, (places,)."""
        return self.middle + self.slope * np.asarray(x, dtype=float)


@dataclass(frozen=True, kw_only=True)
class Patches:
    r"""Baths that each reach a Gaussian patch: g_j'^2 = exp(-(x - x_j)^2/2 s^2).

    Two at +-a give T(x) = (T_1 + T_2)/2 - (T_1 - T_2)/2 tanh(a x/s^2), T_1 that of the left one.

    Raises:
        RequestError: For a width or temperature that is not positive, or a temperature missing.

    Examples:
        >>> two = Patches(centres=(-0.6, 0.6), temperatures=(1.5, 0.5), width=0.6)
        >>> float(two.temperature(np.array([0.6]))[0].round(6)), round(1 - 0.5 * math.tanh(1), 6)
        (0.619203, 0.619203)
    """

    centres: tuple[float, ...]
    """x_j"""
    temperatures: tuple[float, ...]
    """T_j"""
    width: float
    """s, the same of all patches."""

    def __post_init__(self) -> None:
        positive("width", self.width, "0.6")
        if len(self.centres) != len(self.temperatures) or not all(T > 0 for T in self.temperatures):
            raise RequestError(
                f"Argument `temperatures` must be positive, one for each of {len(self.centres)} patches, but is "
                f"{self.temperatures}."
            )

    def temperature(self, x: Array) -> Array:
        """T(x), (places,); far from all patches that of the nearest one."""
        weights = self._weights(x)
        return np.asarray(self.temperatures) @ weights / weights.sum(axis=0)

    def friction(self, x: Array) -> Array:
        """eta(x) of eta = 1, (places,)."""
        return np.exp(self._exponents(x)).sum(axis=0)

    def _exponents(self, x: Array) -> Array:
        return -((np.asarray(x, dtype=float) - np.asarray(self.centres)[:, None]) ** 2) / (2 * self.width**2)

    def _weights(self, x: Array) -> Array:
        exponents = self._exponents(x)
        return np.exp(exponents - exponents.max(axis=0))  # their ratio does not underflow


@dataclass(frozen=True, kw_only=True, eq=False)
class Particle:
    """A particle between two reflecting walls.

    A trap is one whose walls are where it never is.

    Raises:
        RequestError: For walls in the wrong order, or a temperature or friction that is not positive between them.
    """

    temperature: Field
    """T(x)."""
    left: float = -1.0
    right: float = 1.0
    """Walls."""
    stiffness: float = 0.0
    """k of the trap V = k x^2/2."""
    drive: Field | None = None
    """F(x) of model I; None: no drive."""
    friction: Field | None = None
    """eta(x); None: 1 everywhere."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.left) and math.isfinite(self.right) and self.left < self.right):
            raise RequestError(
                f"Argument `left` must be a place left of the other wall {self.right}, but is {self.left}. Give "
                "e.g. -1."
            )
        places = np.linspace(self.left, self.right, CHECKED)
        for name, values in (("temperature", self.temperature(places)), ("friction", self.eta(places))):
            if not np.all(np.isfinite(values) & (values > 0)):
                where = places[np.argmin(np.where(np.isfinite(values), values, -np.inf))]
                raise RequestError(
                    f"Argument `{name}` must be positive between the walls {self.left} and {self.right}, but is not at "
                    f"x = {where:.4g}. Move the walls together, or change it there."
                )

    def force(self, x: Array) -> Array:
        """F - V', (places,)."""
        x = np.asarray(x, dtype=float)
        return -self.stiffness * x + (0.0 if self.drive is None else self.drive(x))

    def eta(self, x: Array) -> Array:
        """Friction, (places,)."""
        return np.ones_like(x, dtype=float) if self.friction is None else self.friction(x)
