r"""A spin that a laser couples to the vibrations of an ion crystal.

    H = (w_z/2) Z + (Omega/2) (s+ exp(i sum_j eta_j (a_j + a_j^+)) + h.c.) + sum_j w_j a_j^+ a_j

(form from memory: Porras et al., arXiv:0710.5145 and Clos et al., PRL 117, 170401, abstracts only were read). Every
mode is cut off at so many number states, and exp(i eta (a + a^+)) is the exponential of the truncated matrix, so that H
is exactly hermitian and the spin flip exactly unitary at any cut-off. Start: spin up (Z = 1), every mode thermal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from protocols import Array, RequestError

MOST = 2000
"""States beyond which a matrix takes too long to diagonalise."""


@dataclass(frozen=True, kw_only=True)
class SpinPhonon:
    """A spin and its modes; energies in units of the first mode's frequency, unless it is set.

    Raises:
        RequestError: For numbers of modes that do not match, a cut-off below 2, or more than 2000 states.

    Examples:
        >>> SpinPhonon(frequencies=(1.0,), couplings=(0.8,), cutoffs=(12,)).dimension
        24
    """

    frequencies: tuple[float, ...]
    """w_j"""
    couplings: tuple[float, ...]
    """eta_j, the Lamb-Dicke parameters."""
    cutoffs: tuple[int, ...]
    """Number states kept of each mode."""
    splitting: float = 1.0
    """w_z"""
    drive: float = 1.0
    """Omega"""
    occupation: float = 0.5
    """n-bar of every mode at the start, before it is cut off."""

    def __post_init__(self) -> None:
        modes = len(self.frequencies)
        if not modes or len(self.couplings) != modes or len(self.cutoffs) != modes:
            raise RequestError(
                f"Arguments `frequencies`, `couplings` and `cutoffs` must have as many numbers each, at least one, but "
                f"have {modes}, {len(self.couplings)} and {len(self.cutoffs)}."
            )
        if min(self.cutoffs) < 2 or self.dimension > MOST:
            raise RequestError(
                f"Argument `cutoffs` must be at least 2 each and leave at most {MOST} states, but is {self.cutoffs} "
                f"with {self.dimension}."
            )
        if not (math.isfinite(self.occupation) and self.occupation >= 0):
            raise RequestError(f"Argument `occupation` must be a number >= 0, but is {self.occupation}. Give e.g. 0.5.")

    @property
    def dimension(self) -> int:
        """Number of states, 2 prod_j cutoffs_j."""
        return 2 * math.prod(self.cutoffs)

    def deeper(self) -> SpinPhonon:
        """The same with one number state more in every mode."""
        return replace(self, cutoffs=tuple(n + 1 for n in self.cutoffs))

    @property
    def hamiltonian(self) -> Array:
        """H, (dimension, dimension), the spin first and up first."""
        kick, energies = np.ones((1, 1), dtype=complex), np.zeros(1)
        for w, eta, n in zip(self.frequencies, self.couplings, self.cutoffs, strict=True):
            kick = np.kron(kick, _displacement(eta, n))
            energies = np.add.outer(energies, w * np.arange(n)).ravel()
        up, down = np.diag([1.0, 0.0]), np.diag([0.0, 1.0])
        raised = np.kron([[0, 1], [0, 0]], kick)  # s+ exp(i sum eta (a + a^+)), |up><down|
        return (
            self.splitting / 2 * np.kron(up - down, np.eye(len(energies)))
            + np.kron(np.eye(2), np.diag(energies))
            + self.drive / 2 * (raised + raised.conj().T)
        )

    @property
    def start(self) -> Array:
        """Spin up and thermal modes, (dimension, dimension), diagonal."""
        populations = np.ones(1)
        ratio = self.occupation / (1 + self.occupation)
        for n in self.cutoffs:
            own = ratio ** np.arange(n)
            populations = np.outer(populations, own / own.sum()).ravel()
        return np.diag(np.append(populations, np.zeros_like(populations)))

    @property
    def spin(self) -> Array:
        """Z, (dimension, dimension)."""
        half = self.dimension // 2
        return np.diag(np.repeat([1.0, -1.0], half))


def _displacement(eta: float, n: int) -> Array:
    """exp(i eta (a + a^+)) of n number states, by the eigenvectors of the truncated position."""
    positions, states = np.linalg.eigh(np.diag(np.sqrt(np.arange(1, n)), 1) + np.diag(np.sqrt(np.arange(1, n)), -1))
    return (states * np.exp(1j * eta * positions)) @ states.T
