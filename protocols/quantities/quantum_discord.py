r"""Quantum discord of two qubits: the correlation that a measurement of one of them cannot reveal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from protocols.quantities.arguments import two_qubits
from protocols.quantities.bloch_pairs import SIGMA, TINY, in_slabs, length, measured_first, slabs_of
from protocols.quantities.conditional_entropy import expansion, frame_of, least_conditional_entropy, outcome_entropy
from protocols.quantities.entropies import entropy
from protocols.quantities.gradients import matrix_logarithm
from protocols.quantities.roots import two_smaller
from protocols.types import Array

_CUT = 1e-12  # nat; a discord between -_CUT and 0 is the rounding of four entropies


def discord(rho: Array, side: int) -> Array:
    r"""Quantum discord, $D = I - \max J$ with $J = S_{other} - \sum_k p_k S_{other|k}$ over projective measurements.

    $I$ is the mutual information, $k$ the outcome on the measured qubit (Ollivier & Zurek, PRL 88, 017901 (2001);
    Henderson & Vedral, J. Phys. A 34, 6899 (2001)). For states of rank 2 projective measurements are as good as
    any; for others a POVM may reveal slightly more.

    The maximum is numerical, to 1e-9 nat, because the closed form for X states of Ali, Rau & Alber, PRA 81, 042105
    (2010), is not exact for all of them (Lu et al., PRA 83, 012327 (2011); Huang, PRA 88, 014302 (2013)). A rival
    maximum can be missed where two nearly tie, and the value is then too high by their difference: seen in 1 of
    1000 states built to tie, by up to 4e-4 nat, and in none of 10^5 random ones.

    Args:
        rho: Density matrices, shape (..., 4, 4).
        side: The qubit that is measured; 0 is the left one.

    Returns:
        Values in [0, ln 2], in nats, shape (...); 0 if and only if some measurement of `side` disturbs nothing.

    Raises:
        ValueError: If the last two axes are not (4, 4), or `side` is not 0 or 1.

    Examples:
        >>> classical, bell = np.diag([0.5, 0, 0, 0.5]), np.outer([1, 0, 0, 1], [1, 0, 0, 1]) / 2
        >>> discord(np.stack([classical, bell]), 0).round(6).tolist()  # 0 and ln 2
        [0.0, 0.693147]
    """
    rho = two_qubits(rho)
    parts = [
        2 * outcome_entropy(1.0, length(pair.x)) - entropy(states) + least_conditional_entropy(pair)[0]
        for states, pair in in_slabs(rho, side)
    ]
    value = np.concatenate([np.empty(0), *parts])
    return np.where(np.abs(value) < _CUT, np.maximum(value, 0.0), value).reshape(rho.shape[:-2])[()]


def geometric_discord(rho: Array, side: int) -> Array:
    r"""Geometric discord, $D_G = (|x|^2 + |T|^2 - k_{\max})/4$, the least squared distance to zero discord.

    $x$ is the Bloch vector of the measured qubit, $T$ the correlation matrix with that qubit's index first and
    $k_{\max}$ the largest eigenvalue of $x x^t + T T^t$ (Dakic, Vedral & Brukner, PRL 105, 190502 (2010), in
    their normalisation, without the factor 2 that later authors add).

    Args:
        rho: Density matrices, shape (..., 4, 4).
        side: The qubit that is measured; 0 is the left one.

    Returns:
        Values in [0, 1/2], dimensionless, shape (...).

    Raises:
        ValueError: If the last two axes are not (4, 4), or `side` is not 0 or 1.

    Examples:
        >>> bell = np.outer([1, 0, 0, 1], [1, 0, 0, 1]) / 2
        >>> float(geometric_discord(bell, 0).round(6))
        0.5
    """
    rho = two_qubits(rho)
    parts = []
    for _, pair in in_slabs(rho, side):
        # |x|^2 + |T|^2 is the trace: the sum of the two smaller eigenvalues
        parts.append(two_smaller(pair.x[:, None] * pair.x + (pair.T[:, None] * pair.T).sum(axis=2)) / 4)
    return np.maximum(np.concatenate([np.empty(0), *parts]), 0.0).reshape(rho.shape[:-2])[()]


def discord_gradient(rho: Array, side: int) -> Array:
    """Derivative of the discord with respect to the state, up to a multiple of 1.

    The best direction is held fixed (the envelope theorem: the value is stationary in it); see `discord_majorant`.

    Args:
        rho: Density matrices, shape (..., 4, 4).
        side: The qubit that is measured; 0 is the left one.

    Returns:
        Hermitian matrices G, shape (..., 4, 4), dD = Tr(G d rho) for changes of no trace.
    """
    return discord_majorant(rho, side)[1](rho)


def discord_majorant(rho: Array, side: int) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
    r"""The discord with the measurement that is best for given states: no less than the discord of any other state.

    With measured qubit A and $n$ fixed its derivative is
    $\ln\rho - \ln\rho_A\otimes 1 - \sum_\pm \Pi_\pm\otimes\ln\rho_{B|\pm}$, up to a multiple of 1.

    Args:
        rho: Density matrices, shape (states, 4, 4), or (..., 4, 4) for one use with states of the same shape.
        side: The qubit that is measured; 0 is the left one.

    Returns:
        The function and its derivative, of as many states in the same order.
    """
    n = np.concatenate([least_conditional_entropy(pair)[1] for _, pair in in_slabs(two_qubits(rho), side)], axis=1)
    frame, projectors = frame_of(n), [(np.eye(2) + s * np.einsum("kf,kab->fab", n, SIGMA)) / 2 for s in (1, -1)]

    def of(state: Array) -> Array:
        return np.concatenate(
            [
                2 * outcome_entropy(1.0, length(pair.x)) - entropy(part) + expansion(pair, frame[:, :, at])[0]
                for at, (part, pair) in zip(slabs_of(n.shape[1]), in_slabs(state, side), strict=True)
            ]
        ).reshape(state.shape[:-2])

    def gradient(state: Array) -> Array:
        parts = measured_first(state, side)
        local = matrix_logarithm(np.einsum("fajbj->fab", parts))
        found = measured_first(matrix_logarithm(state), side) - np.einsum("fab,jk->fajbk", local, np.eye(2))
        for projector in projectors:
            left = np.einsum("fba,fajbk->fjk", projector, parts)
            left = left / np.maximum(np.einsum("fjj->f", left).real, TINY)[:, None, None]
            found = found - np.einsum("fab,fjk->fajbk", projector, matrix_logarithm(left))
        return measured_first(found, side).reshape(state.shape)

    return of, gradient


def geometric_discord_gradient(rho: Array, side: int) -> Array:
    """Derivative of the geometric discord, with the eigenvector of k_max held fixed.

    Args:
        rho: Density matrices, shape (..., 4, 4).
        side: The qubit that is measured; 0 is the left one.

    Returns:
        Hermitian matrices G, shape (..., 4, 4), dD_G = Tr(G d rho).
    """
    return geometric_discord_majorant(rho, side)[1](rho)


def geometric_discord_majorant(rho: Array, side: int) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
    r"""The same as `discord_majorant` for the geometric discord, with $n$ the eigenvector of $k_{\max}$.

    $\frac14(|x - n\,n\!\cdot\!x|^2 + |T - n\,n^tT|^2)$, with the derivative
    $\frac12\sum_i (x - n\,n\!\cdot\!x)_i\,\sigma_i\otimes 1$ plus
    $\frac12\sum_{ij}(T - n\,n^tT)_{ij}\,\sigma_i\otimes\sigma_j$.

    Args:
        rho: Density matrices, shape (..., 4, 4).
        side: The qubit that is measured; 0 is the left one.

    Returns:
        The function and its derivative, of as many states in the same order.
    """
    directions = []
    for _, pair in in_slabs(two_qubits(rho), side):
        spread = pair.x[:, None] * pair.x + np.einsum("ijl,kjl->ikl", pair.T, pair.T)
        directions.append(np.linalg.eigh(np.moveaxis(spread, -1, 0))[1][:, :, -1].T)
    n = np.concatenate(directions, axis=1)

    def across(state: Array) -> Iterator[tuple[Array, Array]]:
        for at, (_, pair) in zip(slabs_of(n.shape[1]), in_slabs(state, side), strict=True):
            m = n[:, at]
            yield pair.x - m * (m * pair.x).sum(0), pair.T - m[:, None] * np.einsum("il,ijl->jl", m, pair.T)

    def of(state: Array) -> Array:
        found = np.concatenate([((x**2).sum(0) + (T**2).sum((0, 1))) / 4 for x, T in across(state)])
        return found.reshape(state.shape[:-2])

    def gradient(state: Array) -> Array:
        parts = [
            np.einsum("il,iab,jk->lajbk", x, SIGMA, np.eye(2)) + np.einsum("ijl,iab,jcd->lacbd", T, SIGMA, SIGMA)
            for x, T in across(state)
        ]
        return measured_first(np.concatenate(parts) / 2, side).reshape(state.shape)

    return of, gradient
