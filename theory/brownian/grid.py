r"""The Fokker-Planck equation of a Brownian particle on a grid: a chain of cells between which probability hops.

dP/dt = -dJ/dx, J = (1/eta) [(F - V') P - (T P)'], with P and T at the middles of n cells of width h, force and friction
at the faces between them, and no J at the walls:

    J_{i+1/2} = [f (P_i + P_{i+1})/2 - (T_{i+1} P_{i+1} - T_i P_i)/h]/eta.

Second order in h, and nothing of the closed form is in it. No hop has a negative rate where |f| h <= 2 T.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from protocols import Array, RequestError
from theory.brownian.model import Particle


@dataclass(frozen=True, kw_only=True, eq=False)
class Relaxation:
    """Cells and the rates between neighbours."""

    x: Array
    """Middles of the cells, (cells,)."""
    right: Array
    """Rate from each cell to the next one, (cells-1,)."""
    left: Array
    """Rate from each cell but the first to the one before, (cells-1,)."""

    @property
    def width(self) -> float:
        """Of a cell, h."""
        return float(self.x[1] - self.x[0])

    @property
    def generator(self) -> Array:
        """dP/dt of the probabilities of the cells, (cells, cells); its columns sum to 0."""
        kept = -np.append(self.right, 0.0) - np.append(0.0, self.left)
        return np.diag(kept) + np.diag(self.right, -1) + np.diag(self.left, 1)

    @property
    def steady(self) -> Array:
        """Density in the long run, (cells,): no flow between any two cells."""
        weights = np.exp(self._logarithm)
        return weights / (weights.sum() * self.width)

    @property
    def mean(self) -> float:
        """<x> in the long run."""
        return float(self.x @ self.steady * self.width)

    @property
    def time(self) -> float:
        """Of the slowest decay."""
        return float(-1 / self._modes[0][-2])

    def densities(self, start: Array, times: Array) -> Array:
        """P(x, t), (times, cells).

        Args:
            start: Density at time 0, shape (cells,).
            times: Shape (times,).
        """
        rates, vectors = self._modes
        root = np.sqrt(self.steady)
        content = vectors.T @ (np.asarray(start, dtype=float) / root)
        return root * ((np.exp(np.multiply.outer(np.asarray(times, dtype=float), rates)) * content) @ vectors.T)

    @cached_property
    def _logarithm(self) -> Array:
        steps = np.append(0.0, np.cumsum(np.log(self.right / self.left)))
        return steps - steps.max()

    @cached_property
    def _modes(self) -> tuple[Array, Array]:
        """Decay rates (cells,) and orthonormal modes: detailed balance makes the generator symmetric by sqrt(P)."""
        from scipy.linalg import eigh_tridiagonal

        kept = -np.append(self.right, 0.0) - np.append(0.0, self.left)
        rates, vectors = eigh_tridiagonal(kept, np.sqrt(self.right * self.left))
        return rates, vectors


def relaxation(particle: Particle, cells: int = 400) -> Relaxation:
    """A particle on a grid.

    Args:
        particle: Whose steady state is above e^-600 of its largest value everywhere.
        cells: How many, at least 3.

    Raises:
        RequestError: For too few cells, so few that a rate would be negative.

    Examples:
        >>> from theory.brownian import Gradient
        >>> round(relaxation(Particle(temperature=Gradient(slope=0.5))).mean, 4)
        -0.1795
    """
    if isinstance(cells, bool) or not isinstance(cells, int) or cells < 3:
        raise RequestError(f"Argument `cells` must be a whole number >= 3, but is {cells!r}. Give e.g. 400.")
    edges = np.linspace(particle.left, particle.right, cells + 1)
    h, faces, x = edges[1] - edges[0], edges[1:-1], (edges[1:] + edges[:-1]) / 2
    T, f, eta = particle.temperature(x), particle.force(faces), particle.eta(faces)
    right, left = (T[:-1] / h + f / 2) / (eta * h), (T[1:] / h - f / 2) / (eta * h)
    if min(right.min(), left.min()) <= 0:
        # a tenth more, for the coldest cell of a finer grid is colder
        most = 1.1 * np.max(np.abs(f) / (2 * np.minimum(T[:-1], T[1:])))
        enough = int(np.ceil(most * (particle.right - particle.left)))
        raise RequestError(
            f"Argument `cells` must be so many that no force moves a particle further in a cell than its temperature "
            f"does, but is {cells}. Give {enough} or more."
        )
    return Relaxation(x=x, right=right, left=left)
