r"""Entanglement of two qubits: Wootters concurrence, entanglement of formation, negativity."""

from __future__ import annotations

import numpy as np

from protocols.quantities.arguments import two_qubits
from protocols.quantities.entropies import spectral_entropy
from protocols.quantities.roots import BATCH, eigenvalues, matrix_root, roots_of_product
from protocols.types import Array

_SIGNS = np.array([-1.0, 1.0, 1.0, -1.0])


def concurrence(rho: Array) -> Array:
    r"""Concurrence, $C = \max(0, \lambda_1-\lambda_2-\lambda_3-\lambda_4)$, see `signed_concurrence`.

    Args:
        rho: Density matrices, shape (..., 4, 4).

    Returns:
        Values in [0, 1], dimensionless, shape (...); positive if and only if entangled.

    Raises:
        ValueError: If the last two axes are not (4, 4).

    Examples:
        >>> bell = np.outer([1, 0, 0, 1], [1, 0, 0, 1]) / 2
        >>> round(float(concurrence(bell)), 6)
        1.0
    """
    return np.maximum(signed_concurrence(rho), 0.0)


def signed_concurrence(rho: Array, *, root: Array | None = None) -> Array:
    r"""Concurrence before the cut at zero, $\lambda_1 - \lambda_2 - \lambda_3 - \lambda_4$.

    The $\lambda_i$ are the decreasing square roots of the eigenvalues of
    $\rho\,(Y\otimes Y)\,\rho^*\,(Y\otimes Y)$ (Wootters, PRL 80, 2245 (1998)).

    Args:
        rho: Density matrices, shape (..., 4, 4).
        root: A with A A^+ = rho, if it is known already: spares an eigendecomposition.

    Returns:
        Values in [-1/2, 1], dimensionless, shape (...).

    Raises:
        ValueError: If the last two axes are not (4, 4).

    Examples:
        >>> round(float(signed_concurrence(np.eye(4) / 4)), 6)
        -0.5
    """
    rho = two_qubits(rho)
    flip = np.fliplr(np.diag(_SIGNS))  # Y x Y
    if root is None and rho.size >= 16 * BATCH:
        turned = rho.conj()[..., ::-1, ::-1] * np.outer(_SIGNS, _SIGNS)  # flip rho* flip
        roots, known = roots_of_product(rho, turned)
        value, rest = _signed(roots), rho[~known]
        value[~known] = signed_concurrence(rest, root=matrix_root(rest))
        return value
    # With rho = A A^dagger the lambda_i are the singular values of A^T (Y x Y) A: no root of an eigenvalue
    # of a non-Hermitian product, which would cost half of the digits where lambda_i vanishes.
    factor = matrix_root(rho) if root is None else root
    return _signed(np.linalg.svd(np.swapaxes(factor, -1, -2) @ flip @ factor, compute_uv=False)[..., ::-1])


def _signed(roots: Array) -> Array:
    return 2 * roots[..., -1] - roots.sum(-1)


def entanglement_of_formation(rho: Array) -> Array:
    r"""Entanglement of formation, $E_F = h\big((1 + \sqrt{1 - C^2})/2\big)$ (Wootters, PRL 80, 2245 (1998)).

    Here $h(x) = -x\log_2 x - (1-x)\log_2(1-x)$ and $C$ is the concurrence.

    Args:
        rho: Density matrices, shape (..., 4, 4).

    Returns:
        Values in [0, 1], in ebits (base-2 logarithm, unlike the entropies), shape (...).

    Raises:
        ValueError: If the last two axes are not (4, 4).

    Examples:
        >>> bell = np.outer([1, 0, 0, 1], [1, 0, 0, 1]) / 2
        >>> round(float(entanglement_of_formation(bell)), 6)
        1.0
    """
    return formation(concurrence(rho))


def formation(concurrence: Array) -> Array:
    r"""Entanglement of formation of two qubits as a function of their concurrence; see `entanglement_of_formation`.

    Args:
        concurrence: Values up to 1, any shape; negative ones count as 0.

    Returns:
        Values in [0, 1], in ebits, the same shape.

    Examples:
        >>> round(float(formation(np.array(0.637295))), 5)
        0.5139
    """
    square = np.clip(concurrence, 0.0, 1.0) ** 2
    minor = square / (2 * (1 + np.sqrt(1 - square)))  # 1 - x, free of the cancellation at small C
    return spectral_entropy(np.stack([1 - minor, minor], axis=-1)) / np.log(2)


def negativity(rho: Array) -> Array:
    r"""Negativity, $N = \sum_{\mu_i<0}|\mu_i|$ over the eigenvalues $\mu_i$ of the partial transpose.

    Vidal & Werner, PRA 65, 032314 (2002).

    Args:
        rho: Density matrices, shape (..., 4, 4).

    Returns:
        Values in [0, 1/2], dimensionless, shape (...); positive if and only if entangled.

    Raises:
        ValueError: If the last two axes are not (4, 4).

    Examples:
        >>> bell = np.outer([1, 0, 0, 1], [1, 0, 0, 1]) / 2
        >>> round(float(negativity(bell)), 6)
        0.5
    """
    return np.maximum(-_transposed_spectrum(rho), 0.0).sum(-1)


def signed_negativity(rho: Array) -> Array:
    r"""Minus the smallest eigenvalue of the partial transpose, $-\mu_{\min}$; see `negativity`.

    Args:
        rho: Density matrices, shape (..., 4, 4).

    Returns:
        Values in [-1/4, 1/2], dimensionless, shape (...).

    Raises:
        ValueError: If the last two axes are not (4, 4).

    Examples:
        >>> round(float(signed_negativity(np.eye(4) / 4)), 6)
        -0.25
    """
    return -_transposed_spectrum(rho)[..., 0]


def _transposed_spectrum(rho: Array) -> Array:
    """Increasing eigenvalues of the transpose over the second qubit."""
    rho = two_qubits(rho)
    tensor = rho.reshape(*rho.shape[:-2], 2, 2, 2, 2)  # row A, row B, column A, column B
    return eigenvalues(np.swapaxes(tensor, -3, -1).reshape(rho.shape))
