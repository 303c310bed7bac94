"""Frequencies -> states. Estimators are exchangeable: each maps `Frequencies` to density matrices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis._frequencies import Frequencies
from analysis._moments import assumption, moments
from protocols import Array, RequestError
from protocols._pauli import state

Estimator = Callable[[Frequencies], Array]


def linear_inversion(frequencies: Frequencies) -> Array:
    """States by linear inversion with readout correction, projected to the nearest physical state.

    rho = (1 + sum_P <P> P) / d with the moments that the settings determine, the others being zero by the
    declared assumption; then `nearest_state`. Fast; biased at the boundary of state space, where the projection
    acts (core values: mutual information of the rank-2 optimal state at 4096 shots by about -0.01 nat).

    Returns:
        (..., cells, d, d).

    Raises:
        RequestError: If the settings determine no state.
    """
    family, over = assumption(frequencies.bases)
    if family == "none":
        raise RequestError(
            f"Argument `bases` must determine a state, but {','.join(frequencies.bases)} does not. Use --bases full."
        )
    known = moments(frequencies)
    return nearest_state(state({word: known[word] for word in over}))


def nearest_state(matrix: Array) -> Array:
    """The density matrix nearest in Frobenius norm to Hermitian matrices of unit trace.

    The spectrum is projected onto the simplex, the eigenvectors are kept (Smolin, Gambetta and Smith,
    PRL 108, 070502 (2012)).

    Args:
        matrix: Shape (..., d, d).

    Examples:
        >>> nearest_state(np.diag([1.2, -0.2])).round(6).tolist()
        [[1.0, 0.0], [0.0, 0.0]]
    """
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * _simplex(values)[..., None, :]) @ np.swapaxes(vectors.conj(), -1, -2)


def _simplex(values: Array) -> Array:
    """Nearest point of the probability simplex, for ascending values along the last axis."""
    descending = values[..., ::-1]
    excess = np.cumsum(descending, axis=-1) - 1
    rank = np.arange(1, values.shape[-1] + 1)
    kept = (descending * rank > excess).sum(axis=-1, keepdims=True)
    shift = np.take_along_axis(excess, kept - 1, axis=-1) / kept
    return np.clip(values - shift, 0, None)


ESTIMATORS: dict[str, Estimator] = {"linear-inversion": linear_inversion}
