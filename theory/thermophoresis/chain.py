r"""N sites with a bath each: the particle is trapped at a site, or mobile in a band above.

Site i has a trapped level g_i at 0 and a mobile one e_i at omega; mobile levels hop, H = omega sum |e_i><e_i| + J sum
(|e_i><e_{i+1}| + h.c.); the bath of site i at T_i drives g_i <-> e_i. Two descriptions of the same chain:

* *local* rates (|g_i><e_i| down, its adjoint up, n at omega): for J != 0 and any N the state of rest is a product of
  Boltzmann factors with one common mobile population, **P_i proportional to 1 + e^{omega/T_i}**, and no heat flows;
* *global* (band) rates between g_i and the modes k of the band, |u_ik|^2 (n(E_k, T_i) + 1) down and n up: the particle
  carries heat from hot to cold, J matters, and segregation is weaker.

Global rates belong to hopping much faster than relaxation, local ones to hopping much slower (from memory). arXiv
2404.12346 [abstract] has N sites coupled to first neighbours with local baths; whether they are these is not known.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from protocols import Array

if typing.TYPE_CHECKING:
    import qutip


@dataclass(frozen=True, kw_only=True, eq=False)
class Rest:
    """A chain at rest."""

    sites: Array
    """P_i: the particle at site i, trapped or mobile, (N,)."""
    heats: Array
    """Energy that flows from bath i into the chain, per time, (N,)."""


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Sites with their baths.

    Examples:
        >>> Chain(temperatures=(1.0, 0.75, 0.5)).sites.round(6).tolist()
        [0.220004, 0.283632, 0.496364]
        >>> rest = Chain(temperatures=(1.0, 0.5), hopping=0.2).under_band_rates()
        >>> rest.sites.round(6).tolist(), round(float(rest.heats[0]), 7)
        ([0.321371, 0.678629], 0.0021011)
    """

    temperatures: Sequence[float]
    """T_i > 0 of every site."""
    hopping: float = 0.2
    """J; the band stays above 0 for 2 J < omega."""
    gap: float = 1.0
    """omega."""
    rate: float = 1.0
    """Of every bath."""

    def __post_init__(self) -> None:
        if min(self.temperatures) <= 0 or self.band[0].min() <= 0:
            raise ValueError(
                f"a chain must have temperatures > 0 and a band above 0, but has {tuple(self.temperatures)} and its "
                f"lowest mode at {self.band[0].min():g}; take less hopping."
            )

    @property
    def sites(self) -> Array:
        """P_i under local rates, (N,), in closed form."""
        exponents = self.gap / np.array(self.temperatures, dtype=float)
        weights = np.exp(-exponents.max()) + np.exp(exponents - exponents.max())
        return weights / weights.sum()

    @property
    def band(self) -> tuple[Array, Array]:
        """Energies of the modes, (N,), and their amplitudes, (sites, modes)."""
        size = len(self.temperatures)
        hops = self.hopping * np.eye(size, k=1)
        energies, modes = np.linalg.eigh(self.gap * np.eye(size) + hops + hops.T)
        return energies, modes

    def under_band_rates(self) -> Rest:
        """At rest under global rates: populations of 2 N levels, by their rate equation."""
        energies, modes = self.band
        size = len(energies)
        n = 1 / np.expm1(energies / np.array(self.temperatures, dtype=float)[:, None])
        up, down = self.rate * modes**2 * n, self.rate * modes**2 * (n + 1)
        rates = np.zeros((2 * size, 2 * size))
        rates[size:, :size], rates[:size, size:] = up.T, down
        rates -= np.diag(rates.sum(axis=0))
        # the state of rest: the kernel, with all populations adding up to 1
        system = np.vstack([rates, np.ones(2 * size)])
        populations = np.linalg.lstsq(system, np.eye(2 * size + 1)[-1], rcond=None)[0]
        trapped, mobile = populations[:size], populations[size:]
        heats = ((up * trapped[:, None] - down * mobile) * energies).sum(axis=1)
        return Rest(sites=trapped + modes**2 @ mobile, heats=heats)

    def under_local_rates(self) -> Rest:
        """At rest under local rates, by QuTiP in all 2 N levels."""
        import qutip

        H, jumps = self._hamiltonian(), self._jumps()
        rho = qutip.steadystate(H, [one for pair in jumps for one in pair])
        make: typing.Any = qutip.liouvillian
        heats = np.array([np.trace(H.full() @ make(None, list(pair))(rho).full()).real for pair in jumps])
        populations = np.real(np.diagonal(rho.full()))
        return Rest(sites=populations.reshape(2, -1).sum(axis=0), heats=heats)

    def _hamiltonian(self) -> qutip.Qobj:
        import qutip

        size = len(self.temperatures)
        hops = self.hopping * np.eye(size, k=1)
        return qutip.Qobj(np.kron(np.diag([0.0, 1.0]), self.gap * np.eye(size) + hops + hops.T))

    def _jumps(self) -> list[tuple[qutip.Qobj, qutip.Qobj]]:
        """Down and up, of each bath."""
        import qutip

        size, found = len(self.temperatures), []
        for i, T in enumerate(self.temperatures):
            down = qutip.projection(2 * size, i, size + i)
            n = 1 / np.expm1(self.gap / T)
            found.append((np.sqrt(self.rate * (n + 1)) * down, np.sqrt(self.rate * n) * down.dag()))
        return found
