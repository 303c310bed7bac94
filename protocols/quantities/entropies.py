r"""Entropy of a state, relative to another state, and of correlation, in nats.

Density matrices are Hermitian of unit trace, all leading axes at once, bounds hold up to rounding. Nothing here repairs
an unphysical estimate: negative eigenvalues count as zero where a logarithm needs them.
"""

from __future__ import annotations

import numpy as np

from protocols.quantities.arguments import matching_pair, square, two_qubits
from protocols.quantities.roots import ROUNDING, eigenvalues
from protocols.quantities.subsystems import reduced
from protocols.types import Array


def entropy(rho: Array) -> Array:
    r"""Von Neumann entropy, $S(\rho) = -\mathrm{Tr}\,\rho\ln\rho$ (Nielsen & Chuang, sec. 11.3).

    Args:
        rho: Density matrices, shape (..., d, d).

    Returns:
        Values in [0, ln d], in nats, shape (...).

    Raises:
        ValueError: If the last two axes are not square.

    Examples:
        >>> round(float(entropy(np.eye(2) / 2)), 6)  # ln 2
        0.693147
    """
    return spectral_entropy(eigenvalues(square(rho)))


def spectral_entropy(values: Array) -> Array:
    r"""Entropy of probabilities or of a state's eigenvalues, $-\sum_i p_i\ln p_i$; negative ones count as zero.

    Args:
        values: Shape (..., d).

    Returns:
        Values in [0, ln d], in nats, shape (...); just below 0 for estimates that have values beyond 1.

    Examples:
        >>> round(float(spectral_entropy(np.array([0.5, 0.5]))), 6)  # ln 2
        0.693147
    """
    return 0.0 - (values * np.log(np.where(values > 0, values, 1.0))).sum(-1)


def binary_entropy(p: Array | float) -> Array:
    r"""Entropy of one bit, $h(p) = -p\ln p - (1-p)\ln(1-p)$; see `spectral_entropy` beyond 0 and 1.

    Args:
        p: Probability of either value, any shape.

    Returns:
        Values in [0, ln 2], in nats, same shape.

    Examples:
        >>> round(float(binary_entropy(0.5)), 6)  # ln 2
        0.693147
    """
    return spectral_entropy(np.stack([p, 1 - np.asarray(p)], axis=-1))


def relative_entropy(rho: Array, sigma: Array, *, tolerance: float = ROUNDING) -> Array:
    r"""Relative entropy, $S(\rho\|\sigma) = \mathrm{Tr}\,\rho(\ln\rho - \ln\sigma)$ (Umegaki, 1962).

    Args:
        rho: Density matrices, shape (..., d, d).
        sigma: Reference states, same d, leading axes that broadcast with those of `rho`.
        tolerance: Eigenvalues of `sigma` up to this size count as zero. The value is infinite if `rho`
            holds more than this weight in any such eigenvector; less weight is neglected.

    Returns:
        Values in [0, inf], in nats, shape (...).

    Raises:
        ValueError: If the last two axes are not square, or the shapes do not match.

    Examples:
        >>> round(float(relative_entropy(np.diag([1.0, 0.0]), np.eye(2) / 2)), 6)  # ln 2
        0.693147
        >>> float(relative_entropy(np.eye(2) / 2, np.diag([1.0, 0.0])))
        inf
    """
    rho, sigma = matching_pair(rho, sigma)
    values, weights = _in_eigenvectors(rho, sigma)
    kernel = values <= tolerance
    cross = (weights * np.log(np.where(kernel, 1.0, values))).sum(-1)
    outside = (kernel & (weights > tolerance)).any(-1)
    return np.where(outside, np.inf, -entropy(rho) - cross)[()]  # a scalar for one pair, as elsewhere


def _in_eigenvectors(rho: Array, sigma: Array) -> tuple[Array, Array]:
    """Ascending eigenvalues of sigma, and <v| rho |v> in its eigenvectors v."""
    if sigma.shape[-1] != 2:
        values, vectors = np.linalg.eigh(sigma)
        return values, np.real((vectors.conj() * (rho @ vectors)).sum(-2))
    # of a qubit (1 -+ n . r)/2, with n along the Bloch vector of sigma and r that of rho
    values = eigenvalues(sigma)
    z, radius = np.real(sigma[..., 0, 0] - sigma[..., 1, 1]), values[..., 1] - values[..., 0]
    along = np.real(rho[..., 0, 0] - rho[..., 1, 1]) * z + 4 * np.real(rho[..., 1, 0] * sigma[..., 1, 0].conj())
    half = along / np.where(radius > 0, radius, 1.0) / 2
    trace = np.real(rho[..., 0, 0] + rho[..., 1, 1]) / 2
    return values, np.stack([trace - half, trace + half], axis=-1)


def conditional_entropy(rho: Array, given: int) -> Array:
    r"""Conditional entropy of two qubits, $S(B|A) = S_{AB} - S_A$: what of the pair its one qubit leaves open.

    It is negative for entangled states alone (Horodecki, Oppenheim & Winter, Nature 436, 673 (2005)). Unlike the
    entropy that a measurement of A leaves of B, which discord is made of, it takes no minimum.

    Args:
        rho: Density matrices, shape (..., 4, 4).
        given: The qubit that is known, 0 being the left one.

    Returns:
        Values in [-ln 2, ln 2], in nats, shape (...).

    Raises:
        ValueError: If the last two axes are not (4, 4), or `given` is not 0 or 1.

    Examples:
        >>> t = np.pi / 8  # cos t |00> + sin t |11>: minus the entropy of one of them
        >>> psi = np.array([np.cos(t), 0, 0, np.sin(t)])
        >>> float(conditional_entropy(np.outer(psi, psi), 1).round(6))
        -0.416496
    """
    rho = two_qubits(rho)
    return entropy(rho) - entropy(reduced(rho, given))


def mutual_information(rho: Array) -> Array:
    r"""Mutual information of two qubits, $I = S_A + S_B - S_{AB}$ (Partovi, PRE 77, 021110 (2008)).

    Args:
        rho: Density matrices, shape (..., 4, 4).

    Returns:
        Values in [0, 2 ln 2], in nats, shape (...).

    Raises:
        ValueError: If the last two axes are not (4, 4).

    Examples:
        >>> round(float(mutual_information(np.diag([0.5, 0, 0, 0.5]))), 6)  # classical bit: ln 2
        0.693147
    """
    rho = two_qubits(rho)
    return entropy(reduced(rho, 0)) + entropy(reduced(rho, 1)) - entropy(rho)
