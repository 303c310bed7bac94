"""Two qubits, their exchange, and the two baths that they are coupled to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from protocols import Array, RequestError
from protocols.pauli import pauli_matrix

NUMBER = np.diag([0.0, 1.0])
"""|1><1|: energy of one qubit [gap]."""


@dataclass(frozen=True, kw_only=True)
class Bath:
    r"""A bath of oscillators, coupled to one qubit by operator x B.

    Spectral density of Drude and Lorentz, $J(\omega) = 2 \lambda \gamma \omega / (\omega^2 + \gamma^2)$ with
    $\lambda = \mathrm{ratio} \cdot \kappa$, and correlation function
    $C(t) = (1/\pi) \int_0^\infty J(\omega) [\coth(\omega/2T) \cos \omega t - i \sin \omega t] d\omega$.

    Raises:
        RequestError: For a temperature or cut-off that is not positive, or a negative coupling.

    Examples:
        >>> bath = Bath(temperature=1.0, coupling=0.01, cutoff=0.2)
        >>> round(bath.spectral_density(1.0), 6)
        0.003846
    """

    temperature: float
    """[gap/k_B]"""
    coupling: float
    """kappa [gap]."""
    cutoff: float
    """gamma [gap/hbar]."""
    ratio: float = 1.0
    """lambda/kappa."""
    operator: Literal["X", "Y", "Z"] = "X"
    """Of the qubit. Z commutes with its energy: pure dephasing."""

    def __post_init__(self) -> None:
        _positive("temperature", self.temperature)
        _positive("cutoff", self.cutoff)
        _positive("ratio", self.ratio)
        if not (math.isfinite(self.coupling) and self.coupling >= 0):
            raise RequestError(f"Argument `coupling` must be a number >= 0, but is {self.coupling}. Give e.g. 0.01.")
        if self.operator not in ("X", "Y", "Z"):
            raise RequestError(f"Argument `operator` must be X, Y or Z, but is {self.operator!r}. Take X.")

    @property
    def reorganisation(self) -> float:
        """lambda = ratio kappa [gap]."""
        return self.ratio * self.coupling

    def spectral_density(self, frequency: float) -> float:
        """J at a frequency [gap]."""
        return 2 * self.reorganisation * self.cutoff * frequency / (frequency**2 + self.cutoff**2)


@dataclass(frozen=True, kw_only=True)
class Expansion:
    """How the hierarchy is cut off.

    Raises:
        RequestError: For a depth below 1, fewer than 0 terms, or an unknown method.
    """

    depth: int = 3
    """Levels of auxiliary operators that are kept."""
    terms: int = 1
    """Thermal exponents of a bath beside that of its cut-off (QuTiP's Nk)."""
    method: Literal["pade", "matsubara"] = "pade"
    terminator: bool = True
    """Whether the exponents that are left out act as white noise (Ishizaki and Tanimura)."""

    def __post_init__(self) -> None:
        for name, value, least in (("depth", self.depth, 1), ("terms", self.terms, 0)):
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise RequestError(f"Argument `{name}` must be a whole number >= {least}, but is {value!r}.")
        if self.method not in ("pade", "matsubara"):
            raise RequestError(f"Argument `method` must be pade or matsubara, but is {self.method!r}. Take pade.")


@dataclass(frozen=True, kw_only=True)
class OpenPair:
    r"""Qubits A and B with equal gaps, exchange V, and a bath each.

    $H_S = n_A + n_B + \Omega (e^{i \phi_V} |01\rangle\langle 10| + h.c.)$ in units of the gap.
    """

    bath_A: Bath
    bath_B: Bath
    coupling: float = 0.1
    """Omega [gap/hbar]; 0 switches the exchange off."""
    coupling_phase: float = 0.0
    """phi_V [rad]."""
    expansion: Expansion = field(default_factory=Expansion)
    tolerance: float = 1e-8
    """Relative tolerance of the integrator."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.coupling) and self.coupling >= 0):
            raise RequestError(f"Argument `coupling` must be a number >= 0, but is {self.coupling}. Give e.g. 0.1.")
        if not 1e-13 <= self.tolerance <= 1e-3:
            raise RequestError(f"Argument `tolerance` must be within 1e-13..1e-3, but is {self.tolerance}. Take 1e-8.")

    @property
    def baths(self) -> tuple[Bath, Bath]:
        """Of A and of B."""
        return self.bath_A, self.bath_B

    @property
    def temperatures(self) -> Array:
        """Of both baths, (2,) [gap/k_B]."""
        return np.array([bath.temperature for bath in self.baths])

    @property
    def interaction(self) -> Array:
        """V, (4, 4)."""
        V = np.zeros((4, 4), dtype=complex)
        V[1, 2] = self.coupling * np.exp(1j * self.coupling_phase)
        return V + V.conj().T

    @property
    def hamiltonian(self) -> Array:
        """H_A + H_B + V, (4, 4)."""
        return np.kron(NUMBER, np.eye(2)) + np.kron(np.eye(2), NUMBER) + self.interaction

    @property
    def operators(self) -> tuple[Array, Array]:
        """What the baths of A and B act on, (4, 4) each."""
        a, b = (pauli_matrix(bath.operator) for bath in self.baths)
        return np.kron(a, np.eye(2)), np.kron(np.eye(2), b)

    def apart(self) -> OpenPair:
        """The same with the exchange switched off."""
        return replace(self, coupling=0.0)

    def expanded(self, *, deeper: int = 0, more: int = 0) -> OpenPair:
        """The same with more levels of the hierarchy, or more exponents."""
        e = self.expansion
        return replace(self, expansion=replace(e, depth=e.depth + deeper, terms=e.terms + more))


def _positive(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise RequestError(f"Argument `{name}` must be a positive number, but is {value}. Give e.g. 1.")
