"""Readings -> states. Estimators are exchangeable: each maps frequencies (or expectation values) to states."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from analysis.data import Expectations, Frequencies, StateReading
from analysis.tomography.likelihood import GaussianLikelihood, Likelihood, QuasiLikelihood, setting_design, word_design
from analysis.tomography.maximum import FITS_PER_SLAB, Fitted, maximise
from protocols import Array, RequestError
from protocols.pauli import state

Estimator = Callable[[StateReading], Array]

DRAWN_GAP = 9e-4
"""Certified likelihood gap of every draw [nat]: far below the 1/2 nat of one standard error."""
POINT_GAP = 1e-9
"""The same of the estimates themselves, which are compared with other solvers."""


@dataclass(frozen=True, kw_only=True, eq=False)
class StateFit:
    """Estimated states with their certificate."""

    states: Array
    """(..., cells, d, d); NaN in cells that lack a setting."""
    gap: Array | None
    """(..., cells) proven bound on what the likelihood lacks of its maximum [nat]; None: the estimator has none."""

    @property
    def largest_gap(self) -> float | None:
        """Over all cells; None where it is not known."""
        return None if self.gap is None else float(np.nanmax(self.gap, initial=0.0))


def estimate_states(reading: StateReading, estimator: str) -> StateFit:
    """States with their certificate, by any estimator.

    Args:
        reading: What they are estimated from.
        estimator: A key of `ESTIMATORS`.
    """
    if ESTIMATORS[estimator] is not maximum_likelihood:
        return StateFit(states=ESTIMATORS[estimator](reading), gap=None)
    fitted = fit(reading)
    states = fitted.states.reshape(*reading.leading, *fitted.states.shape[1:])
    return StateFit(states=states, gap=fitted.gap.reshape(reading.leading))


def maximum_likelihood(reading: StateReading) -> Array:
    """States of greatest quasi-likelihood, in the family that the settings determine.

    The readout confusion is in the effects, the weighted frequencies count as 1 / sum_m w_m^2 / N_m shots; see
    `QuasiLikelihood` and `maximise`. Unlike projected linear inversion it weighs every outcome by its own noise.

    Returns:
        (..., cells, d, d); NaN in cells that lack a setting.

    Raises:
        RequestError: If the settings determine no state.
    """
    return estimate_states(reading, "maximum-likelihood").states


def fit(reading: StateReading) -> Fitted:
    """Maximum likelihood with its certificate, draws and cells in one row."""
    _check_family(reading)
    drawn = len(reading.leading) > 1
    return maximise(likelihood_of(reading), DRAWN_GAP if drawn else POINT_GAP)


def likelihood_of(reading: StateReading) -> Likelihood:
    """The likelihood of every draw and cell, in one row: a quasi-likelihood of counts, Gaussian of values."""
    if not isinstance(reading, Frequencies):
        return _gaussian_likelihood(reading)
    counts = reading.shots[:, :, None] * reading.read
    whole = np.all(reading.shots > 0, axis=1, keepdims=True)[..., None]
    return quasi_likelihood_of(reading, np.where(whole, counts, np.nan))


def _gaussian_likelihood(data: Expectations) -> GaussianLikelihood:
    basis, design = word_design(data.words, data.family[0])
    flat = data.value.reshape(-1, len(data.words))
    stderr = np.broadcast_to(data.stderr, data.value.shape).reshape(flat.shape)
    return GaussianLikelihood(basis=basis, design=design, measured=flat, stderr=stderr)


def per_member(reading: StateReading) -> Array:
    """sum_m w_m rho_m with every member fitted alone: the maximum of the product likelihood over members.

    Members are nearly pure, so each fit is on the boundary, and a member of few shots is badly biased: an option,
    never the default.

    Returns:
        (..., cells, d, d); NaN in cells that lack a setting.

    Raises:
        RequestError: If the settings determine no state, or there are no members.
    """
    _check_family(reading)
    if not isinstance(reading, Frequencies):
        raise RequestError("Argument `estimator` per-member needs counts of members, but these are expectation values.")
    strata, weight = reading.strata, reading.weight
    measured = (strata.sum(axis=-1) > 0).all(axis=-1)
    share = np.where(measured, weight, 0.0)
    total = np.where((reading.shots > 0).all(axis=1), share.sum(axis=-1), np.nan)
    share = share / total[..., None]
    states = np.zeros(())
    for member in range(strata.shape[-3]):
        counts = np.where(measured[..., member, None, None], strata[..., member, :, :], np.nan)
        gap = DRAWN_GAP if counts.ndim > 3 else POINT_GAP
        found = maximise(quasi_likelihood_of(reading, counts), gap).states
        found = found.reshape(*counts.shape[:-2], *found.shape[1:])
        part = share[..., member, None, None]
        states = states + np.where(part == 0, 0, part * found)
    return states


def quasi_likelihood_of(reading: Frequencies, counts: Array) -> QuasiLikelihood:
    """The quasi-likelihood of counts, every draw and cell a data set of its own, in one row.

    Args:
        reading: Gives the settings, and the readout confusion that the counts passed through.
        counts: Weighted frequencies times effective shots, or the counts of one member, with the leading axes of the
            reading: (..., cells, settings, outcomes); NaN where a cell is not to be fitted.
    """
    basis, design, inversion = setting_design(reading.bases)
    confusion = reading.confusion
    perfect = np.array_equal(confusion, np.broadcast_to(np.eye(confusion.shape[-1]), confusion.shape))
    if confusion.ndim == 2:
        per_fit = confusion[None]
    elif confusion.ndim == counts.ndim:  # every cell its own
        per_fit = confusion.reshape(-1, *confusion.shape[-2:])
    else:
        per_fit = np.repeat(confusion, counts.shape[-3], axis=0)
    return QuasiLikelihood(
        basis=basis,
        design=design,
        inversion=inversion,
        counts=counts.reshape(-1, *counts.shape[-2:]),
        confusion=None if perfect else per_fit,
    )


def _check_family(reading: StateReading) -> None:
    if reading.family[0] == "none":
        measured = reading.bases if isinstance(reading, Frequencies) else reading.words
        raise RequestError(
            f"Argument `bases` must determine a state, but {','.join(measured)} does not. Use --bases full."
        )


def linear_inversion(reading: StateReading) -> Array:
    """States by linear inversion with readout correction, projected to the nearest physical state.

    rho = (1 + sum_P <P> P) / d with the moments that the settings determine, the others being zero by the
    declared assumption; then `nearest_state`. Fast; biased at the boundary of state space, where the projection
    acts (core values: mutual information of the rank-2 optimal state at 4096 shots by about -0.01 nat).

    Done in slabs of about `FITS_PER_SLAB`, so that a million fits need little beside their data and their states.

    Returns:
        (..., cells, d, d).

    Raises:
        RequestError: If the settings determine no state.
    """
    _check_family(reading)
    over = reading.family[1]
    d = 2 ** len(over[0])
    states = np.empty((*reading.leading, d, d), dtype=complex)
    for chosen, slab in _slabs(reading):
        known = slab.moments
        states[chosen] = nearest_state(state({word: known[word] for word in over}))
    return states


def _slabs(reading: StateReading) -> Iterator[tuple[slice, StateReading]]:
    """A reading cut along its first axis: draws, or cells where nothing was drawn."""
    first, *inner = reading.leading
    step = max(1, FITS_PER_SLAB // max(1, math.prod(inner)))
    for start in range(0, first, step):
        chosen = slice(start, start + step)
        yield chosen, _cut(reading, chosen, slice(None) if inner else chosen)


def _cut(reading: StateReading, chosen: slice, cells: slice) -> StateReading:
    """Some of a reading without the ancillas' energies: `chosen` along the first axis, `cells` of what has no draws."""
    if not isinstance(reading, Frequencies):
        return replace(reading, value=reading.value[chosen], stderr=reading.stderr[cells])
    return replace(
        reading,
        read=reading.read[chosen],
        confusion=reading.confusion[chosen] if reading.confusion.ndim > 2 else reading.confusion,
        shots=reading.shots[cells],
        strata=reading.strata[chosen],
        weight=reading.weight[chosen if reading.weight.ndim > 2 else cells],
        energies={},
        full={},
    )


def some_draws(reading: StateReading, chosen: slice) -> StateReading:
    """Some of the draws of a block, without the ancillas' energies: what their states are estimated from.

    Args:
        reading: Draws of all cells.
        chosen: Which draws.
    """
    return _cut(reading, chosen, slice(None))


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
