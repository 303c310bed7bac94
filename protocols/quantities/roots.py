r"""Eigenvalues of states and square roots of them, many at once.

A characteristic polynomial of degree 4 has its roots in closed form (Euler's solution of the quartic, with the cosines
of the resolvent cubic; Tignol, Galois' Theory of Algebraic Equations, 2016, ch. 3), which takes numpy a quarter of the
time that LAPACK takes for matrices one by one. It loses digits where eigenvalues lie together: by how many follows from
the polynomial's slope at each root, and the matrices that lose too many go to LAPACK.
"""

from __future__ import annotations

import numpy as np

from protocols.types import Array

ROUNDING = 1e-14
"""Eigenvalues up to this size are rounding (eigh leaves 1e-16, a few matrix products 1e-15). They must not survive into
a square root, which would turn 1e-16 into 1e-8."""
BATCH = 100
"""Matrices from which on closed forms are faster."""
EXACT = 1e-12
"""What closed forms may lose; matrices that may lose more are diagonalised."""
UNIT = 1e-15
"""Rounding of a polynomial of degree 4 and of its coefficients, in units of the largest eigenvalue to the fourth."""


def matrix_root(rho: Array) -> Array:
    r"""A with $A A^\dagger = \rho$; see `root_of`.

    Examples:
        >>> matrix_root(np.diag([0.0, 4.0])).tolist()
        [[0.0, 0.0], [0.0, 2.0]]
    """
    return root_of(*np.linalg.eigh(rho))


def root_of(values: Array, vectors: Array) -> Array:
    r"""A with $A A^\dagger = \rho$ from the eigenvalues and eigenvectors of $\rho$; rounding counts as zero.

    Args:
        values: Eigenvalues, shape (..., d).
        vectors: Eigenvectors as columns, shape (..., d, d).

    Returns:
        Matrices, shape (..., d, d).

    Examples:
        >>> root_of(np.array([0.0, 4.0]), np.eye(2)).tolist()
        [[0.0, 0.0], [0.0, 2.0]]
    """
    return vectors * np.sqrt(np.where(values > ROUNDING, values, 0.0))[..., None, :]


def eigenvalues(matrix: Array) -> Array:
    """Ascending eigenvalues of Hermitian matrices.

    Args:
        matrix: Shape (..., d, d); many of d = 2 or 4 have closed forms.

    Examples:
        >>> eigenvalues(np.array([[0.5, 0.25], [0.25, 0.5]])).tolist()
        [0.25, 0.75]
        >>> bell = np.outer([1, 0, 0, 1], [1, 0, 0, 1]) / 2
        >>> many = np.broadcast_to(0.9 * bell + 0.1 * np.diag([0.1, 0.2, 0.3, 0.4]), (1000, 4, 4))
        >>> bool(np.abs(eigenvalues(many) - np.linalg.eigvalsh(many)).max() < 1e-12)
        True
    """
    size = matrix.shape[-1]
    if size == 2:
        a, b = np.real(matrix[..., 0, 0]), np.real(matrix[..., 1, 1])
        half, off = np.abs(a - b) / 2, np.abs(matrix[..., 1, 0])
        # by how much they lie outside of the diagonal: not at all, to the last digit, where there is nothing beside it
        beyond = off**2 / np.maximum(half + np.hypot(half, off), 1e-300)
        return np.stack([np.minimum(a, b) - beyond, np.maximum(a, b) + beyond], axis=-1)
    if size != 4 or matrix.size < 16 * BATCH:
        return np.linalg.eigvalsh(matrix)
    flat = matrix.reshape(-1, 4, 4)
    values, loss = _quartic(flat, hermitian=True)
    lost = ~(loss.max(axis=0) < EXACT)
    if lost.any():
        values[:, lost] = np.linalg.eigvalsh(flat[lost]).T
    return np.moveaxis(values, 0, -1).reshape(matrix.shape[:-1])


def roots_of_product(rho: Array, sigma: Array) -> tuple[Array, Array]:
    r"""Ascending square roots of the eigenvalues of $\rho\sigma$, which are those of $\sqrt\rho\sigma\sqrt\rho$.

    Args:
        rho: States of two qubits, shape (..., 4, 4).
        sigma: Others, leading axes that broadcast.

    Returns:
        Roots, shape (..., 4), and where they are known to `EXACT`, shape (...): not where an eigenvalue is nearly 0,
        where they are 0 here.

    Examples:
        >>> half = np.diag([0.4, 0.3, 0.2, 0.1])
        >>> roots_of_product(half, half)[0].round(6).tolist()
        [0.1, 0.2, 0.3, 0.4]
    """
    product = rho @ sigma
    values, loss = _quartic(product.reshape(-1, 4, 4), hermitian=False)
    with np.errstate(divide="ignore", invalid="ignore"):
        roots = np.sqrt(np.maximum(values, 0.0))
        known = (loss / roots).max(axis=0) < EXACT  # d sqrt(x) = dx / (2 sqrt x)
    roots = np.where(known, roots, 0.0)
    return np.moveaxis(roots, 0, -1).reshape(product.shape[:-1]), known.reshape(product.shape[:-2])


def _quartic(matrix: Array, *, hermitian: bool) -> tuple[Array, Array]:
    """Ascending eigenvalues, all of them real, of (n, 4, 4), and what each may have lost; (4, n) both.

    With K the traceless part and p_k = Tr K^k they solve x^4 + P x^2 + Q x + R = 0 with P = -p_2/2, Q = -p_3/3 and
    R = p_2^2/8 - p_4/4 (Newton's identities). x = u +- (v + w) and -u +- (v - w) with uvw = -Q/8, where u^2, v^2 and
    w^2, falling, solve z^3 + P/2 z^2 + (P^2 - 4R)/16 z - Q^2/64 = 0; a step of Newton removes rounding of the cosine.
    """
    K = np.array(matrix, dtype=complex, order="C")
    middle = np.real(np.einsum("nii->n", K)) / 4
    for i in range(4):
        K[:, i, i] -= middle
    p_2, p_3, p_4 = _powers(K, K @ K, hermitian)
    P, Q, R = -p_2 / 2, -p_3 / 3, p_2**2 / 8 - p_4 / 4
    with np.errstate(divide="ignore", invalid="ignore"):  # degenerate ones are told by their loss
        # t^3 - 3 m^2 t - 2 n = 0 with z = t - P/6
        m = np.sqrt(np.maximum((P**2 + 12 * R) / 144, 0.0))
        n = (2 * P**3 - 72 * P * R + 27 * Q**2) / 3456
        first = 2 * m * np.cos(np.arccos(np.clip(n / m**3, -1, 1)) / 3) - P / 6
        u, rest = np.sqrt(np.maximum(first, 0.0)), -P / 2 - first  # v^2 + w^2, without the cosines of close roots
        twice = -Q / (4 * u)
        plus, minus = np.sqrt(np.maximum(rest + twice, 0.0)), np.sqrt(np.maximum(rest - twice, 0.0))
        x = np.stack([-u - minus, minus - u, u - plus, u + plus])
        slope = (4 * x**2 + 2 * P) * x + Q
        x -= (((x**2 + P) * x + Q) * x + R) / slope
        return x + middle, UNIT * p_2**2 / np.abs(slope)


def _powers(K: Array, square: Array, hermitian: bool) -> tuple[Array, ...]:
    """Traces of K^2, K^3 and K^4, (n,) each."""
    pairs = (K, K), (K, square), (square, square)
    if not hermitian:
        return tuple(np.real(np.einsum("nij,nji->n", left, right)) for left, right in pairs)
    # Tr AB = sum_ij A_ij B_ij^* of Hermitian ones, a product of rows of 32 real numbers
    return tuple(
        np.vecdot(left.reshape(-1, 16).view(float), right.reshape(-1, 16).view(float)) for left, right in pairs
    )


def two_smaller(matrix: Array) -> Array:
    """Sum of the two smaller eigenvalues of positive symmetric matrices, shape (3, 3, n).

    The largest is q + 2p cos(angle/3) (Smith, Commun. ACM 4, 168 (1961)); where it is nearly double, digits of it are
    lost and the matrices are diagonalised.

    Args:
        matrix: The matrices last: every step is one of long rows.

    Examples:
        >>> two_smaller(np.repeat(np.diag([1.0, 2.0, 4.0])[..., None], 1000, axis=2))[:2].round(6).tolist()
        [3.0, 3.0]
    """
    if matrix.shape[-1] < 4 * BATCH:
        return np.linalg.eigvalsh(np.moveaxis(matrix, -1, 0))[:, :2].sum(-1)
    (a, d, e), (_, b, f), (_, _, c) = matrix
    q = (a + b + c) / 3
    off = d**2 + e**2 + f**2
    a, b, c = a - q, b - q, c - q
    p = np.sqrt((a**2 + b**2 + c**2 + 2 * off) / 6)
    half = (a * (b * c - f**2) - d * (d * c - e * f) + e * (d * f - b * e)) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = half / p**3
        smaller = 2 * q - 2 * p * np.cos(np.arccos(np.clip(cosine, -1, 1)) / 3)
    lost = ~(cosine > -0.999999)
    smaller[lost] = np.linalg.eigvalsh(np.moveaxis(matrix[..., lost], -1, 0))[:, :2].sum(-1)
    return smaller
