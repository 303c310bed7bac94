r"""Coherence between energy levels."""

from __future__ import annotations

import numpy as np

from protocols.quantities.arguments import square
from protocols.quantities.entropies import entropy, spectral_entropy
from protocols.quantities.thermal import populations
from protocols.types import Array


def coherence_l1(rho: Array) -> Array:
    r"""Coherence in the energy basis, $\sum_{i\neq j}|\rho_{ij}|$ (Baumgratz et al., PRL 113, 140401 (2014)).

    Args:
        rho: Density matrices, shape (..., d, d).

    Returns:
        Values in [0, d - 1], dimensionless, shape (...).

    Raises:
        ValueError: If the last two axes are not square.

    Examples:
        >>> float(coherence_l1(np.full((2, 2), 0.5)))
        1.0
    """
    rho = square(rho)
    return np.abs(rho * (1 - np.eye(rho.shape[-1]))).sum((-2, -1))


def coherence_relative_entropy(rho: Array) -> Array:
    r"""Coherence in the energy basis, $S(\mathrm{diag}\,\rho) - S(\rho)$ (Baumgratz et al., PRL 113, 140401).

    Args:
        rho: Density matrices, shape (..., d, d).

    Returns:
        Values in [0, ln d], in nats, shape (...).

    Raises:
        ValueError: If the last two axes are not square.

    Examples:
        >>> round(float(coherence_relative_entropy(np.full((2, 2), 0.5))), 6)  # ln 2
        0.693147
    """
    return diagonal_entropy(rho) - entropy(rho)


def diagonal_entropy(rho: Array) -> Array:
    r"""Entropy of the energy levels' occupation, $-\sum_i \rho_{ii}\ln\rho_{ii}$: that of the dephased state.

    Args:
        rho: Density matrices, shape (..., d, d).

    Returns:
        Values in [0, ln d], in nats, shape (...).

    Raises:
        ValueError: If the last two axes are not square.

    Examples:
        >>> round(float(diagonal_entropy(np.full((2, 2), 0.5))), 6)  # ln 2
        0.693147
    """
    return spectral_entropy(populations(rho))
