"""The covariance of many points that are independent but for a few noise sources that all of them share.

    C = diag(own) + U U^T

Up to `DENSE` points it is a matrix; beyond, whatever is made of it costs as many numbers as there are points times
sources, and no matrix of points times points is ever made (Woodbury).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from protocols import Array

DENSE = 256
"""Points up to which a matrix of points times points is made."""


@dataclass(frozen=True, kw_only=True, eq=False)
class JointCovariance:
    """Of the points of a series."""

    own: Array
    """(points,) variance that no other point shares."""
    shared: Array
    """(points, sources) response U to noise sources of unit variance."""

    @classmethod
    def equal(cls, points: int, variance: float = 1.0) -> JointCovariance:
        """That of independent points with one variance.

        Args:
            points: Their number.
            variance: Of each, in the square of their unit.
        """
        return cls(own=np.full(points, variance), shared=np.zeros((points, 1)))

    def scaled(self, factor: float) -> JointCovariance:
        """The same with all errors multiplied.

        Args:
            factor: Of the errors.
        """
        return JointCovariance(own=factor**2 * self.own, shared=factor * self.shared)

    @property
    def dense(self) -> Array:
        """(points, points)."""
        return np.diag(self.own) + self.shared @ self.shared.T

    @cached_property
    def diagonal(self) -> Array:
        """(points,) variances."""
        return np.diag(self.dense) if self._few else self.own + (self.shared**2).sum(axis=1)

    def whitening(self) -> Array | Whitening:
        """W with W^T W = C^-1, which is multiplied from the left.

        Raises:
            LinAlgError: If the covariance is singular.
        """
        return np.linalg.inv(np.linalg.cholesky(self.dense)) if self._few else self._whitening

    def solve(self, values: Array) -> Array:
        """C^-1 times some columns.

        Args:
            values: (points, columns).
        """
        return np.linalg.solve(self.dense, values) if self._few else self._whitening.twice(values)

    def precision(self) -> Callable[[Array], Array]:
        """What multiplies a vector (points,) with C^-1, or with the pseudo-inverse of a matrix that is singular."""
        if not self._few:
            return self._whitening.twice
        inverse = np.linalg.pinv(self.dense)
        return lambda values: values @ inverse

    @cached_property
    def _whitening(self) -> Whitening:
        if not (self.own > 0).all():
            raise np.linalg.LinAlgError("a point without noise of its own")
        scale = np.sqrt(self.own)
        u, s, _ = np.linalg.svd(self.shared / scale[:, None], full_matrices=False)
        return Whitening(scale=scale, vectors=u, kept=1 / np.sqrt(1 + s**2))

    @property
    def _few(self) -> bool:
        return len(self.own) <= DENSE


@dataclass(frozen=True, kw_only=True, eq=False)
class Whitening:
    """(1 - V (1 - k) V^T) diag(1/scale): symmetric but for the scale."""

    scale: Array
    vectors: Array
    """(points, sources) V, orthonormal columns."""
    kept: Array
    """(sources,) what is left along each of them."""

    def __matmul__(self, values: Array) -> Array:
        scaled = (values.T / self.scale).T
        return scaled - self._along(scaled)

    def twice(self, values: Array) -> Array:
        """W^T W times some columns.

        Args:
            values: (points,) or (points, columns).
        """
        once = self @ values
        return ((once - self._along(once)).T / self.scale).T

    def _along(self, values: Array) -> Array:
        return self.vectors @ (((1 - self.kept) * (self.vectors.T @ values).T).T)
