"""Frequencies -> states. Estimators are exchangeable: each maps `Frequencies` to density matrices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis._frequencies import Frequencies
from analysis._likelihood import QuasiLikelihood, setting_design
from analysis._maximum import Fitted, maximise
from analysis._moments import assumption, moments
from protocols import Array, RequestError
from protocols._pauli import state

Estimator = Callable[[Frequencies], Array]

DRAWN_GAP = 1e-3
"""Certified likelihood gap of every draw [nat]: far below the 1/2 nat of one standard error."""
POINT_GAP = 1e-9
"""The same of the estimates themselves, which are compared with other solvers."""


def maximum_likelihood(frequencies: Frequencies) -> Array:
    """States of greatest quasi-likelihood, in the family that the settings determine.

    The readout confusion is in the effects, the weighted frequencies count as 1 / sum_m w_m^2 / N_m shots; see
    `QuasiLikelihood` and `maximise`. Unlike projected linear inversion it weighs every outcome by its own noise,
    so that outcomes never seen count for what they are.

    Returns:
        (..., cells, d, d); NaN in cells that lack a setting.

    Raises:
        RequestError: If the settings determine no state.
    """
    fitted = fit(frequencies)
    return fitted.states.reshape(*frequencies.read.shape[:-2], *fitted.states.shape[1:])


def fit(frequencies: Frequencies) -> Fitted:
    """Maximum likelihood with its certificate, (draws * cells) in one row."""
    counts = frequencies.shots[:, :, None] * frequencies.read
    counts = np.where((frequencies.shots > 0).all(axis=1)[:, None, None], counts, np.nan)
    drawn = counts.ndim > 3
    return maximise(_likelihood(frequencies, counts), DRAWN_GAP if drawn else POINT_GAP)


def per_member(frequencies: Frequencies) -> Array:
    """sum_m w_m rho_m with every member fitted alone: the maximum of the product likelihood over members.

    Members are nearly pure, so each fit is on the boundary, and a member of few shots is badly biased: an option,
    never the default.

    Returns:
        (..., cells, d, d); NaN in cells that lack a setting.

    Raises:
        RequestError: If the settings determine no state.
    """
    strata, weight = frequencies.strata, frequencies.weight
    measured = (strata.sum(axis=-1) > 0).all(axis=-1)
    share = np.where(measured, weight, 0.0)
    usable = (frequencies.shots > 0).all(axis=1)[..., None]
    share = np.where(usable, share / share.sum(axis=-1, keepdims=True), np.nan)
    states = 0
    for member in range(strata.shape[-3]):
        counts = np.where(measured[..., member, None, None], strata[..., member, :, :], np.nan)
        gap = DRAWN_GAP if counts.ndim > 3 else POINT_GAP
        found = maximise(_likelihood(frequencies, counts), gap).states
        found = found.reshape(*counts.shape[:-2], *found.shape[1:])
        part = share[..., member, None, None]
        states = states + np.where(part == 0, 0, part * found)
    return np.asarray(states)


def _likelihood(frequencies: Frequencies, counts: Array) -> QuasiLikelihood:
    """The quasi-likelihood of counts (..., cells, settings, outcomes)."""
    _check(frequencies.bases)
    basis, design, inversion = setting_design(frequencies.bases)
    confusion = frequencies.confusion
    perfect = np.array_equal(confusion, np.broadcast_to(np.eye(confusion.shape[-1]), confusion.shape))
    per_fit = np.repeat(confusion, counts.shape[-3], axis=0) if confusion.ndim > 2 else confusion[None]
    return QuasiLikelihood(
        basis=basis,
        design=design,
        inversion=inversion,
        counts=counts.reshape(-1, *counts.shape[-2:]),
        confusion=None if perfect else per_fit,
    )


def _check(bases: tuple[str, ...]) -> None:
    if assumption(bases)[0] == "none":
        raise RequestError(
            f"Argument `bases` must determine a state, but {','.join(bases)} does not. Use --bases full."
        )


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
    _check(frequencies.bases)
    known = moments(frequencies)
    return nearest_state(state({word: known[word] for word in assumption(frequencies.bases)[1]}))


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


ESTIMATORS: dict[str, Estimator] = {
    "maximum-likelihood": maximum_likelihood,
    "linear-inversion": linear_inversion,
    "per-member": per_member,
}
