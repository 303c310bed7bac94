r"""What estimators can know before any shot: Fisher information, and the covariance of the quasi-likelihood estimate.

States are written in the coordinates of `family_basis` without B_0, rho = 1/d + sum_k r_k B_k. Pooled data, each
setting s read N_s times from the whole mixture, have the information

    F = sum_s N_s D_s^T M^T diag(1/q_s) M D_s,    q_s = M p_s = M D_s r,

and no unbiased estimate has a smaller covariance than F^-1 (Cramer, 1946; Rao, 1945). Stratified data have members of
weight w_m read n_sm times each: f_s = sum_m w_m n_sm / N_sm varies less than a multinomial. The estimate still
maximises the pooled likelihood with N_s = 1 / sum_m w_m^2 / n_sm, so that its covariance is the sandwich F^-1 J F^-1
with J that of the score (White, Econometrica 50, 1 (1982)). A readout calibration is shared by all cells.

At the boundary of state space the bound does not apply: estimates there are biased and vary less, gradients of
entropies diverge. Functions of such states get NaN; energies, which are linear, have theirs from `expected_counts`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.data import Counts, calibration_root
from analysis.planning import Strata, gradient, score_response, unit_information
from analysis.tomography import setting_design
from protocols import Array
from protocols.pauli import outcome_probabilities


@dataclass(frozen=True, kw_only=True, eq=False)
class Precision:
    """Covariance of the estimated coordinates of every cell."""

    basis: Array
    """(1 + parameters, d, d): the B_k, B_0 first."""
    covariance: Array
    """(cells, parameters, parameters) from the shots of the cell."""
    shared: Array
    """(cells, parameters, sources) response to the unit-variance noise of the calibration, common to all cells."""


def fisher_information(
    states: Array, bases: Sequence[str], shots: Array | float, confusion: Array | None = None
) -> Array:
    """Fisher information of pooled data in the coordinates of the family that the settings determine.

    Outcomes of probability 0 are left out: there the information diverges, and the bound does not apply.

    Args:
        states: Density matrices, (cells, d, d).
        bases: Settings; together they determine a family of states.
        shots: Of each setting: one number, (settings,) or (cells, settings).
        confusion: P(read | true), (outcomes, outcomes); None: perfect readout.

    Returns:
        (cells, parameters, parameters), without B_0.

    Examples:
        >>> half = np.diag([0.5, 0.5]) + 0j
        >>> np.diag(fisher_information(half[None], ["X", "Y", "Z"], 100)[0]).round(6).tolist()
        [200.0, 200.0, 200.0]
    """
    _, design, _ = setting_design(tuple(bases))
    p = np.stack([outcome_probabilities(states, basis) for basis in bases], axis=-2)
    effective = np.broadcast_to(np.asarray(shots, dtype=float), p.shape[:2])
    return np.einsum("cs,csij->cij", effective, unit_information(p, design[:, :, 1:], confusion))


def cramer_rao(
    states: Array,
    bases: Sequence[str],
    shots: Array | float,
    confusion: Array | None = None,
    calibration_shots: int = 0,
) -> Precision:
    """The Cramer-Rao bound of pooled data; with a calibration, what its noise adds to it.

    Args:
        states: Density matrices, (cells, d, d).
        bases: Settings; together they determine a family of states.
        shots: Of each setting: one number, (settings,) or (cells, settings).
        confusion: P(read | true), (outcomes, outcomes); None: perfect readout.
        calibration_shots: Of each prepared pattern; 0: the confusion is known.
    """
    whole = Strata(
        bases=tuple(bases),
        weight=np.ones((len(states), 1)),
        probabilities=np.stack([outcome_probabilities(states, basis) for basis in bases], axis=-2)[:, None],
        shots=np.broadcast_to(np.asarray(shots, dtype=float), (len(states), len(bases)))[:, None],
        confusion=confusion,
        calibration_shots=calibration_shots,
    )
    return stratified_precision(whole)


def stratified_precision(strata: Strata) -> Precision:
    """The sandwich covariance F^-1 J F^-1 of the quasi-maximum-likelihood estimate; pooled data have F^-1."""
    basis, design, _ = setting_design(strata.bases)
    design, p, effective = design[:, :, 1:], strata.pooled, strata.effective
    information = np.einsum("cs,csij->cij", effective, unit_information(p, design, strata.confusion))
    response = effective[..., None, None] * score_response(p, design, strata.confusion)
    inverse = np.linalg.pinv(information, hermitian=True)
    score = np.einsum("cski,csij,cslj->ckl", response, frequency_covariance(strata), response, optimize=True)
    shared = -np.einsum("cski,csj,jil->ckjl", response, p, _calibration_root(strata), optimize=True)
    shared = shared.reshape(*shared.shape[:2], -1)
    return Precision(basis=basis, covariance=inverse @ score @ inverse, shared=inverse @ shared)


def frequency_covariance(strata: Strata) -> Array:
    """Covariance of the weighted frequencies as read, sum_m w_m^2/n_sm (diag q - q q^T), (cells, settings, o, o)."""
    read, share = strata.read, np.where(np.isfinite(strata.share), strata.share, 0.0)
    diagonal = np.einsum("cms,cmso->cso", share, read)
    outer = np.einsum("cms,cmsi,cmsj->csij", share, read, read, optimize=True)
    return diagonal[..., None] * np.eye(diagonal.shape[-1]) - outer


def _calibration_root(strata: Strata) -> Array:
    """Roots of the covariance of the calibration that is to be measured, (true, read, sources); zero without one."""
    size = strata.probabilities.shape[-1]
    if strata.confusion is None or not strata.calibration_shots:
        return np.zeros((size, size, 1))
    return calibration_root(strata.confusion.T * strata.calibration_shots)


def standard_deviation(
    of: Callable[..., Array], states: Array, precision: Precision, home: Array | None = None
) -> Array:
    """Standard deviation of a function of the state, to first order; NaN on the boundary.

    Args:
        of: states (n, d, d) -> (n,); with a reference, (states, states of the reference) -> (n,).
        states: Exact states, (cells, d, d).
        precision: Of all cells.
        home: Index of the measured reference of each cell, (cells,), a cell of its own; -1: an exact one, which is
            then the cell's own state. None: `of` compares with nothing.

    Returns:
        (cells,).
    """
    if home is None:
        return np.sqrt(np.maximum(_variance(gradient(of, states, precision.basis), precision), 0))
    before = states[np.where(home < 0, np.arange(len(home)), home)]
    repeated = len(precision.basis) - 1

    def many(fixed: Array) -> Array:
        return np.repeat(fixed, repeated, axis=0)

    own = gradient(lambda moved: of(moved, many(before)), states, precision.basis)
    other = gradient(lambda moved: of(many(states), moved), before, precision.basis)
    itself = home == np.arange(len(home))
    own = np.where(itself[:, None], own + other, own)
    other = np.where((itself | (home < 0))[:, None], 0.0, other)
    shared = np.einsum("ck,ckl->cl", own, precision.shared)
    shared = shared + np.einsum("ck,ckl->cl", other, precision.shared[home])
    shot = np.einsum("ci,cij,cj->c", own, precision.covariance, own)
    shot = shot + np.einsum("ci,cij,cj->c", other, precision.covariance[home], other)
    return np.sqrt(np.maximum(shot + (shared**2).sum(axis=1), 0))


def expected_counts(strata: Strata) -> Counts:
    """The counts that are expected, not rounded: what `linear_errors` makes of them are the errors of the table.

    Energies and every other linear quantity are estimated from weighted frequencies, not from the fitted state, so
    that their errors exist on the boundary too.
    """
    size = strata.probabilities.shape[-1]
    confusion = np.eye(size) if strata.confusion is None else strata.confusion
    return Counts(
        bases=strata.bases,
        observed=strata.read * strata.shots[..., None],
        weight=strata.weight,
        calibration=confusion.T * strata.calibration_shots,
    )


def _variance(slopes: Array, precision: Precision) -> Array:
    shared = np.einsum("ck,ckl->cl", slopes, precision.shared)
    return np.einsum("ci,cij,cj->c", slopes, precision.covariance, slopes) + (shared**2).sum(axis=1)
