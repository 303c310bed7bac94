r"""The likelihood of every cell around its maximum: what a search for the ends of an interval starts from.

Curvature and covariance are as data of the estimated state are expected to have them.

Observed curvature and observed variances say nothing of an outcome that was never seen: their ratio, which scales the
threshold of a quasi-likelihood, is then noise over noise. Expected ones do (Efron and Hinkley, Biometrika 65, 457
(1978), compare the two): probabilities are those of the estimate and the frequencies of members, with two counts added
to every setting as energies have them. A member's share of the added counts is its weight, so that one member and many
alike members give the same.

One member without a calibration has a likelihood proper: there the covariance is the inverse information, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.data import PSEUDO_COUNTS, Counts, Data, LocalCounts, calibration_response
from analysis.tomography import Likelihood, QuasiLikelihood, likelihood_of, matrices
from protocols import Array

NOISE = 2.0
"""Standard deviations within which an eigenvalue may be 0."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Region:
    """The likelihood of every cell around its maximum."""

    likelihood: Likelihood
    best: Array
    """(cells, parameters) coordinates of the estimates."""
    inverse: Array
    """(cells, parameters - 1, parameters - 1): H^-1, of the coordinates after the first."""
    covariance: Array
    """The same of the estimate: V."""

    @property
    def usable(self) -> Array:
        """(cells,) whether there are an estimate and its covariance."""
        return np.asarray(np.isfinite(self.covariance).all(axis=(1, 2)) & np.isfinite(self.best).all(axis=1))

    @cached_property
    def vanishing(self) -> Array:
        """How many eigenvalues of the estimates are within noise of 0, (cells,).

        The noise of an eigenvalue <v|rho|v> is that of the moments, to first order. Where k of them may be 0, the k x k
        block of the state that belongs to them can only grow: k^2 numbers that move an estimate one way (the cone that
        positivity leaves; Self and Liang, J. Am. Stat. Assoc. 82, 605 (1987)), which a profile of one number does not
        know. A signed concurrence, one root of an eigenvalue less the others, has a kink there too. The degrees of
        freedom in `likelihood_region.BLOCK_95` are inferred from k^2 and from simulations (docs/statistics.md), not
        derived.
        """
        usable, basis = self.usable, self.likelihood.basis
        found = np.zeros(len(self.best), dtype=int)
        values, vectors = np.linalg.eigh(matrices(self.best[usable], basis))
        v = np.swapaxes(vectors, 1, 2)
        along = coordinates(v[..., :, None] * v[..., None, :].conj(), basis)[..., 1:]
        variance = ((along @ self.covariance[usable]) * along).sum(axis=-1)
        found[usable] = (values < NOISE * np.sqrt(variance)).sum(axis=-1)
        return found


def region_of(data: Data, states: Array) -> Region:
    """The region around maximum likelihood estimates.

    Args:
        data: Counts or expectation values.
        states: The maximum likelihood estimates from these data, (cells, d, d); NaN in cells that lack a setting.
    """
    reading = data.reading
    assert not isinstance(reading, LocalCounts)  # of so many qubits no state is estimated
    likelihood = likelihood_of(reading)
    best = coordinates(states, likelihood.basis)
    inverse, covariance = expected_information(data, likelihood, best)
    return Region(likelihood=likelihood, best=best, inverse=inverse, covariance=covariance)


def coordinates(states: Array, basis: Array) -> Array:
    """r_k = Tr(rho B_k), (..., parameters).

    Args:
        states: Hermitian matrices rho, (..., d, d): states, or derivatives of a function of the state.
        basis: Orthonormal Hermitian B_k, (parameters, d, d); see `family_basis`.

    Examples:
        >>> from analysis.tomography import family_basis
        >>> coordinates(np.diag([1.0, 0.0]), family_basis("full", 1)).round(3).tolist()
        [0.707, 0.0, 0.0, 0.707]
    """
    return np.einsum("kij,...ji->...k", basis, states).real


def expected_information(data: Data, likelihood: Likelihood, best: Array) -> tuple[Array, Array]:
    """Inverse information and covariance of the estimates, of the coordinates after the first.

    Args:
        data: What was measured.
        likelihood: Its likelihood.
        best: Coordinates of the estimates, (cells, parameters).

    Returns:
        H^-1 and V, (cells, parameters - 1, parameters - 1); NaN in cells without data. V = H^-1 where there is no
        noise but that of a likelihood proper, V >= H^-1 for one member with a calibration.
    """
    if not (isinstance(data, Counts) and isinstance(likelihood, QuasiLikelihood)):
        inverse = _inverted(likelihood.slopes(best)[1][:, 1:, 1:])
        return inverse, inverse  # expectation values come with their errors, which make the curvature
    gain, information = likelihood.expected(best, PSEUDO_COUNTS / 4)
    gain, information = np.moveaxis(gain[..., 1:], -1, 1), information[:, 1:, 1:]
    inverse = _inverted(information)
    alone = (data.member_weight_as_measured > 0).sum(axis=1).max(axis=1) <= 1
    if alone.all() and not data.calibrated:
        return inverse, inverse
    strata = np.where(alone[:, None, None], inverse, inverse @ _stratified(data, gain) @ inverse)
    response = inverse @ calibration_response(data, gain, data.frequencies.corrected())
    return inverse, strata + response @ np.swapaxes(response, -1, -2)


def _stratified(data: Counts, gain: Array) -> Array:
    """Covariance of the likelihood's gradient, linear in the frequencies, from the multinomial noise of every member.

    With weights w_m and N_m shots it is sum_m w_m^2 / N_m (diag f_m - f_m f_m^T), between the gains.
    """
    weight, shots = data.member_weight_as_measured, data.shots
    added = weight * PSEUDO_COUNTS
    share = (data.observed + added[..., None] / data.observed.shape[-1]) / np.maximum(shots + added, 1e-300)[..., None]
    scale = weight**2 / np.maximum(shots, 1)
    second = np.einsum("cms,cmso->cso", scale, share)
    covariance = np.einsum("cwso,cso,cvso->cwv", gain, second, gain, optimize=True)
    first = np.sqrt(scale)[..., None] * np.einsum("cwso,cmso->cmsw", gain, share)
    first = first.reshape(len(first), -1, first.shape[-1])
    return covariance - np.swapaxes(first, 1, 2) @ first


def _inverted(curvature: Array) -> Array:
    """H^-1; directions without any information get a large, finite variance, cells without data NaN."""
    weak = 1e-9 * np.einsum("fii->f", curvature)[:, None, None]
    usable = np.isfinite(curvature).all(axis=(1, 2)) & (weak > 0).all(axis=(1, 2))
    inverse = np.full_like(curvature, np.nan)
    inverse[usable] = np.linalg.inv((curvature + weak * np.eye(curvature.shape[-1]))[usable])
    return inverse
