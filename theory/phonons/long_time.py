r"""What an isolated system does in the long run, from its eigenstates alone.

    <A>(t) = sum_kl rho_kl A_lk e^{-i (E_k - E_l) t}

Over all times it has the mean of the terms with E_k = E_l and the variance sum_G |sum_{E_k - E_l = G} rho_kl A_lk|^2
over all gaps G that are not 0. Where no gap occurs twice, an observable between -1 and 1 obeys

    variance <= 1/d_eff,    d_eff = 1/sum_E (Tr P_E rho)^2

(Reimann, Linden et al., Short; from memory): a system that takes part in many eigenstates fluctuates little. Where gaps
occur D times, D times that much is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protocols import Array, RequestError

SAME = 1e-11
"""Energies and gaps that differ by less are one, times the largest energy (1 at least): above what rounding does to
them, and so small that few of 10^5 gaps fall together by chance."""
UNTOUCHED = 1e-9
"""Weight of a level that the state does not take part in."""


@dataclass(frozen=True, kw_only=True)
class LongTime:
    """Of one observable, over all times."""

    mean: float
    variance: float
    effective_dimension: float
    """d_eff: how many energies the state takes part in."""
    degeneracy: int
    """How often the commonest gap but 0 occurs, among the energies that the state takes part in."""

    @property
    def bound(self) -> float:
        """Of the variance of an observable between -1 and 1."""
        return self.degeneracy / self.effective_dimension


def long_time(H: Array, rho: Array, observable: Array) -> LongTime:
    """Mean and variance over all times, whatever is degenerate.

    Args:
        H: Hamiltonian, shape (d, d).
        rho: State at any time, shape (d, d).
        observable: Hermitian, shape (d, d).

    Examples:
        >>> qubit = long_time(np.diag([0.0, 1.0]), np.full((2, 2), 0.5), np.array([[0, 1.0], [1.0, 0]]))
        >>> round(qubit.mean, 12), round(qubit.variance, 12), round(qubit.effective_dimension, 12)
        (0.0, 0.5, 2.0)
    """
    energies, state, seen = _turned(H, rho, observable)
    terms = (state * seen.T).ravel()
    levels = _levels(energies)
    weights = np.bincount(levels, weights=np.real(np.diag(state)))
    gaps = np.subtract.outer(levels, levels).ravel()
    still = gaps == 0
    # a gap is between two levels: between the middles of what rounding has spread
    middle = np.bincount(levels, weights=energies) / np.bincount(levels)
    size = np.subtract.outer(middle[levels], middle[levels]).ravel()
    moving, size = terms[~still], size[~still]
    order = np.argsort(size, kind="stable")
    group = np.cumsum(np.diff(size[order], prepend=size[order][:1]) > _tolerance(energies))
    summed = np.zeros(group[-1] + 1 if group.size else 1, dtype=complex)
    np.add.at(summed, group, moving[order])
    return LongTime(
        mean=float(terms[still].sum().real),
        variance=float((np.abs(summed) ** 2).sum()),
        effective_dimension=float(1 / (weights**2).sum()),
        degeneracy=_commonest(middle[weights > UNTOUCHED], _tolerance(energies)),
    )


def expectation(H: Array, rho: Array, observable: Array, times: Array) -> Array:
    """<A> along time, (times,).

    Args:
        H: Hamiltonian, shape (d, d).
        rho: State at time 0, shape (d, d).
        observable: Hermitian, shape (d, d).
        times: Shape (times,).
    """
    energies, state, seen = _turned(H, rho, observable)
    terms = state * seen.T
    turned = np.exp(-1j * np.multiply.outer(np.asarray(times, dtype=float), energies))
    return np.real(np.einsum("tk,tk->t", turned @ terms, turned.conj()))


def canonical(H: Array, rho: Array, observable: Array) -> tuple[float, float]:
    """<A> of the thermal state that has the energy of `rho`, and its inverse temperature.

    Args:
        H: Hamiltonian, shape (d, d).
        rho: State, shape (d, d).
        observable: Hermitian, shape (d, d).

    Raises:
        RequestError: For a state at the lowest or highest energy.
    """
    from scipy.optimize import root_scalar

    energies, state, seen = _turned(H, rho, observable)
    wanted, width = float(np.real(np.diag(state)) @ energies), energies[-1] - energies[0]
    if not energies[0] + UNTOUCHED * width < wanted < energies[-1] - UNTOUCHED * width:
        raise RequestError(f"Argument `rho` must have an energy that a temperature can have, but it is {wanted:.6g}.")

    def weights(beta: float) -> Array:
        exponents = -beta * energies
        found = np.exp(exponents - exponents.max())
        return found / found.sum()

    most = 1.0 / width
    while (weights(most) @ energies - wanted) * (weights(-most) @ energies - wanted) > 0:
        most *= 2
    beta = float(root_scalar(lambda b: weights(b) @ energies - wanted, bracket=(-most, most), xtol=1e-13).root)
    return float(weights(beta) @ np.real(np.diag(seen))), beta


def _turned(H: Array, rho: Array, observable: Array) -> tuple[Array, Array, Array]:
    """Energies, and state and observable between eigenstates."""
    energies, vectors = np.linalg.eigh(H)
    return energies, vectors.conj().T @ rho @ vectors, vectors.conj().T @ observable @ vectors


def _levels(energies: Array) -> Array:
    """Number of the level of each eigenstate, (d,)."""
    return np.append(0, np.cumsum(np.diff(energies) > _tolerance(energies)))


def _tolerance(energies: Array) -> float:
    return SAME * max(1.0, float(np.abs(energies).max()))


def _commonest(levels: Array, tolerance: float) -> int:
    """How often the commonest positive gap between levels occurs."""
    gaps = np.sort(np.subtract.outer(levels, levels)[np.tril_indices(len(levels), -1)])
    if not gaps.size:
        return 1
    return int(np.bincount(np.append(0, np.cumsum(np.diff(gaps) > tolerance))).max())
