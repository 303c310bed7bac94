r"""Derivatives of quantities with respect to the state: G with df = Tr(G d rho), Hermitian, up to a multiple of 1.

They steer a search along the boundary of a confidence region. Logarithms of eigenvalues below `LEAST` are cut, where
the slope of an entropy grows without bound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from protocols.pauli import outcome_bits
from protocols.quantities.roots import matrix_root
from protocols.quantities.subsystems import reduced
from protocols.quantities.thermal import populations
from protocols.types import Array

Gradient = Callable[[Array], Array]
LEAST = 1e-12


def entropy_gradient(rho: Array) -> Array:
    """Of S = -Tr rho ln rho: -ln rho.

    Examples:
        >>> (entropy_gradient(np.eye(2) / 2).real.round(6) + 0).tolist()
        [[0.693147, 0.0], [0.0, 0.693147]]
    """
    return -matrix_logarithm(rho)


def mutual_information_gradient(rho: Array) -> Array:
    """Of S_A + S_B - S_AB: ln rho - ln rho_A x 1 - 1 x ln rho_B."""
    one = np.eye(2)
    local = [matrix_logarithm(reduced(rho, qubit)) for qubit in (0, 1)]
    return matrix_logarithm(rho) - _product(local[0], one) - _product(one, local[1])


def coherence_relative_entropy_gradient(rho: Array) -> Array:
    """Of S(diagonal) - S: ln rho - ln diagonal."""
    diagonal = np.maximum(populations(rho), LEAST)
    return matrix_logarithm(rho) - np.log(diagonal)[..., None] * np.eye(rho.shape[-1])


def purity_gradient(rho: Array) -> Array:
    """Of Tr rho^2: 2 rho."""
    return 2 * rho


def ergotropy_gradient(rho: Array, *, gaps: Sequence[float] | None = None) -> Array:
    """Of Tr rho H - Tr passive H: H - sum_k e_k |k><k|, the larger weight at the lower level e_k.

    Args:
        rho: Density matrices, shape (..., d, d).
        gaps: Level spacings of the qubits, leftmost first; all 1 if not given.
    """
    qubits = rho.shape[-1].bit_length() - 1
    levels = outcome_bits(qubits) @ np.asarray((1.0,) * qubits if gaps is None else gaps)
    _, vectors = np.linalg.eigh(rho)
    passive = (vectors * np.sort(levels)[::-1]) @ np.swapaxes(vectors.conj(), -1, -2)
    return np.diag(levels) - passive


def signed_concurrence_gradient(rho: Array, rounded: float = 0.0) -> Array:
    """Of l1 - l2 - l3 - l4: sum of +-|w~><w~|/l over Wootters' states w, <w_i|w~_j> = l_i delta_ij.

    rho = sum |w><w| (PRL 80, 2245 (1998)), so that d l_i = <w~_i| d rho |w~_i>/l_i. Values l below 1e-4 are cut: there
    the slope grows without bound. Where the largest are alike (all four of a product state may be) the largest has a
    kink, at which one of many slopes would lead a search astray.

    Args:
        rho: Density matrices, shape (..., 4, 4).
        rounded: Differences of l over which the kink is rounded; 0: not at all.
    """
    factor = matrix_root(rho)
    flip = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))  # Y x Y
    left, values, _ = np.linalg.svd(np.swapaxes(factor, -1, -2) @ flip @ factor)
    tilde = flip @ factor.conj() @ left
    share = np.exp((values - values[..., :1]) / max(rounded, 1e-300))
    weight = (2 * share / share.sum(axis=-1, keepdims=True) - 1) / np.maximum(values, 1e-4)
    return (tilde * weight[..., None, :]) @ np.swapaxes(tilde.conj(), -1, -2)


def gradient_by_differences(function: Callable[[Array], Array], basis: Array, step: float = 1e-4) -> Gradient:
    """Of any other function, (k, cells, d, d) -> (k, cells), by central differences along a basis, (k, d, d).

    Args:
        function: Density matrices, shape (k, cells, d, d) -> values, shape (k, cells).
        basis: Hermitian matrices to step along, shape (k, d, d).
        step: Size of half a difference, dimensionless.
    """

    def gradient(rho: Array) -> Array:
        moved = step * basis[:, None]
        with np.errstate(all="ignore"):
            slope = (function(rho + moved) - function(rho - moved)) / (2 * step)
        return np.einsum("kf,kij->fij", np.nan_to_num(slope), basis)

    return gradient


def matrix_logarithm(rho: Array) -> Array:
    """ln rho, eigenvalues cut at `LEAST`."""
    values, vectors = np.linalg.eigh(rho)
    return (vectors * np.log(np.maximum(values, LEAST))[..., None, :]) @ np.swapaxes(vectors.conj(), -1, -2)


def _product(left: Array, right: Array) -> Array:
    both = np.einsum("...ik,...jl->...ijkl", left, right)
    return both.reshape(*both.shape[:-4], 4, 4)
