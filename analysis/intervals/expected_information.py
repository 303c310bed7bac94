r"""Curvature of the likelihood and covariance of its maximum, as data of the estimated state are expected to have them.

Observed curvature and observed variances say nothing of an outcome that was never seen: their ratio, which scales the
threshold of a quasi-likelihood, is then noise over noise. Expected ones do (Efron and Hinkley, Biometrika 65, 457
(1978), compare the two): probabilities are those of the estimate and the frequencies of members, with two counts added
to every setting as energies have them. A member's share of the added counts is its weight, so that one member and many
alike members give the same.

One member without a calibration has a likelihood proper: there the covariance is the inverse information, exactly.
"""

from __future__ import annotations

import numpy as np

from analysis.data import PSEUDO_COUNTS, Counts, Data, calibration_response
from analysis.tomography import Likelihood, QuasiLikelihood
from protocols import Array


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
