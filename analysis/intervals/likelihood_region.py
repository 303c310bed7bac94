r"""Likelihood-ratio intervals: the extremes of a quantity over the states that the data do not reject.

An end of the interval solves max +-f(rho) over states with 2 [L(best) - L(rho)] <= c, the profile likelihood of f
(Wilks, Ann. Math. Stat. 9, 60 (1938); for states Blume-Kohout, arXiv:1202.5270). With the quasi-likelihood of
stratified data c is not 3.84 but c = 3.84 (g^T V g)/(g^T H^-1 g): H is the curvature of L, V the covariance of the
estimate with the strata's own multinomial noise and the calibration's, g the slope of f at the end (Rotnitzky and
Jewell, Biometrika 77, 485 (1990)).

The search: a linear function on the region is largest where the likelihood tilted by it, L + nu Tr(G rho), is, a
concave problem for `maximise`; G follows the slope of f (Frank and Wolfe, Nav. Res. Logist. Q. 3, 95 (1956), with
shrinking steps, because a convex f has its minimum inside the region).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.data import Counts, Data, calibration_response, stratified_covariance
from analysis.tomography import Likelihood, QuasiLikelihood, likelihood_of, matrices, maximise
from protocols import Array
from protocols.quantities import Gradient

CHI_SQUARE_95 = 3.841458820694124
"""Of one degree of freedom."""
DIRECTION_95 = 7.814727903251179
"""Of three: a value, and the direction of the measurement that it was minimised over."""
STEPS = 8
FULL_STEPS = 3
"""The first steps go all the way, then step k goes 2/k."""
GAP = 1e-2
"""Nat; an end of a 95 % interval lies 1.9 nat below the maximum."""
SCALES = (0.02, 10.0)
"""Range of c over its chi-square, against slopes of no length."""
MEANINGLESS = 0.2
"""Of the same: seen on the boundary in families of 7 and 5 parameters, where one setting reads all populations."""
ON_BOUNDARY = 1e-6
"""Eigenvalues below it are zero."""


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
    inverse_with_positivity: tuple[Array, Array]
    """`inverse` and `covariance` once more, with the curvature of positivity added to H."""


def region_of(data: Data, states: Array) -> Region:
    """The region around maximum likelihood estimates.

    Args:
        data: Counts or expectation values.
        states: The maximum likelihood estimates from these data, (cells, d, d); NaN in cells that lack a setting.
    """
    likelihood = likelihood_of(data.reading)
    best = coordinates(states, likelihood.basis)
    gradient, hessian = likelihood.slopes(best)
    spread = score_covariance(data, likelihood, best)
    plain = _inverted(hessian[:, 1:, 1:])
    inverse_with_positivity = _inverted(hessian[:, 1:, 1:] + _constraint(states, gradient, likelihood.basis)[:, 1:, 1:])
    covariance, covariance_with_positivity = (
        inverse if spread is None else inverse @ spread @ inverse for inverse in (plain, inverse_with_positivity)
    )
    return Region(
        likelihood=likelihood,
        best=best,
        inverse=plain,
        covariance=covariance,
        inverse_with_positivity=(inverse_with_positivity, covariance_with_positivity),
    )


def _inverted(curvature: Array) -> Array:
    """H^-1; directions without any information get a large, finite variance, cells without data NaN."""
    weak = 1e-9 * np.einsum("fii->f", curvature)[:, None, None]
    usable = np.isfinite(curvature).all(axis=(1, 2)) & (weak > 0).all(axis=(1, 2))
    inverse = np.full_like(curvature, np.nan)
    inverse[usable] = np.linalg.inv((curvature + weak * np.eye(curvature.shape[-1]))[usable])
    return inverse


def _constraint(states: Array, gradient: Array, basis: Array) -> Array:
    """Curvature of positivity at estimates on the boundary, (cells, parameters, parameters); 0 inside.

    With the multiplier Z = lambda_max(G) - G of rho >= 0, a weight p in a direction that Z forbids costs z p, an
    exponential of variance 1/z^2: Tr(Z d Z d). A coherence c with a direction of weight l needs the weight |c|^2/l
    there: 2 Tr(Z d rho^+ d).
    """
    known = np.asarray(np.isfinite(states).all(axis=(1, 2)) & np.isfinite(gradient).all(axis=1))
    found = np.zeros((len(states), len(basis), len(basis)))
    rho, slope = states[known], matrices(gradient[known], basis)
    d = rho.shape[-1]
    Z = np.linalg.eigvalsh(slope)[:, -1, None, None] * np.eye(d) - slope
    values, vectors = np.linalg.eigh(rho)
    weight = np.where(values > ON_BOUNDARY, 1 / np.maximum(values, ON_BOUNDARY), 0.0)
    inverse = (vectors * weight[:, None, :]) @ np.swapaxes(vectors.conj(), 1, 2)
    left, right = (np.einsum("fij,kjl->fkil", matrix, basis) for matrix in (Z, inverse))
    forbidden = np.einsum("fkil,fmli->fkm", left, left).real + 2 * np.einsum("fkil,fmli->fkm", left, right).real
    found[known] = (forbidden + np.swapaxes(forbidden, 1, 2)) / 2
    return found


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


def score_covariance(data: Data, likelihood: Likelihood, r: Array) -> Array | None:
    """Covariance of the likelihood's gradient, (cells, parameters - 1, parameters - 1); None: it is the curvature.

    The gradient is linear in the weighted frequencies, sum_so (N_s f_so / p_so) d p_so, so its noise is theirs:
    multinomial in every stratum, and that of the calibration common to all. Expectation values come with their errors,
    which make the curvature.

    Args:
        data: What was measured.
        likelihood: Its likelihood.
        r: Coordinates of the estimates, (cells, parameters).
    """
    if not (isinstance(data, Counts) and isinstance(likelihood, QuasiLikelihood)):
        return None
    gain = np.moveaxis(likelihood.gain(r)[..., 1:], -1, 1)
    response = calibration_response(data, gain, data.frequencies.corrected())
    return stratified_covariance(data, gain) + response @ np.swapaxes(response, -1, -2)


def extremes(region: Region, of: Callable[[Array], Array], gradient: Gradient) -> tuple[Array, Array]:
    """The least and the greatest value of a function of the state that the data do not reject, (cells,) each.

    Args:
        region: Of the data.
        of: The function, (cells, d, d) -> (cells,).
        gradient: Its derivative, (cells, d, d) -> (cells, d, d).
    """
    low, high = _greatest(region, of, gradient, (-1.0, 1.0), CHI_SQUARE_95)
    return -low, high


def ceiling(region: Region, of: Callable[[Array], Array], gradient: Gradient) -> Array:
    """The greatest value of a majorant, (cells,), whose measurement the same data have chosen.

    The minimum over measurements lies below the truth by the noise in two directions (for X states all measurements
    across z are equally good), which a profile of one number does not know; after Scheffe, Biometrika 40, 87 (1953).

    Args:
        region: Of the data.
        of: The majorant, (cells, d, d) -> (cells,).
        gradient: Its derivative, (cells, d, d) -> (cells, d, d).
    """
    return _greatest(region, of, gradient, (1.0,), DIRECTION_95)[0]


def _greatest(
    region: Region, of: Callable[[Array], Array], gradient: Gradient, signs: tuple[float, ...], threshold: float
) -> Array:
    """max of sign * f over the region of a threshold, (signs, cells): one batch for all signs."""
    region, cells = _repeated(region, len(signs)), len(region.best)
    usable = np.asarray(np.isfinite(region.covariance).all(axis=(1, 2)) & np.isfinite(region.best).all(axis=1))
    basis, best = region.likelihood.basis, region.best

    def signed(function: Callable[[Array], Array], r: Array) -> Array:
        states = matrices(r, basis).reshape(len(signs), cells, *basis.shape[1:])
        return np.concatenate([sign * function(one) for sign, one in zip(signs, states, strict=True)])

    top = region.likelihood.value(best)
    here, longer = best.copy(), np.ones(len(best))
    found = signed(of, best)
    for step in range(STEPS):
        slope = coordinates(signed(gradient, here), basis)
        slope[:, 0] = 0.0
        drop, multiplier = _allowed(region, slope, threshold)
        tilted = _Tilted(region.likelihood, np.where(usable[:, None], slope * (multiplier * longer)[:, None], 0), here)
        there = coordinates(maximise(tilted, GAP).states, basis)
        there = np.where(np.isfinite(there), there, here)
        fallen = np.maximum(top - region.likelihood.value(there), 1e-9)
        reach = np.sqrt(drop / fallen)
        longer *= np.clip(reach, 0.5, 2.0)
        # the likelihood is concave, so the segment back to its maximum falls at most by what is allowed
        there = best + np.minimum(reach, 1.0)[:, None] * (there - best)
        here = here + (1.0 if step < FULL_STEPS else 2 / step) * (there - here)
        for r in (there, here):
            found = np.fmax(found, signed(of, r))
    return np.where(usable, found, np.nan).reshape(len(signs), cells)


def _repeated(region: Region, times: int) -> Region:
    """Its cells several times over."""
    every = np.tile(np.arange(len(region.best)), times)
    inverse_with_positivity, covariance_with_positivity = region.inverse_with_positivity
    return Region(
        likelihood=region.likelihood.of(every),
        best=region.best[every],
        inverse=region.inverse[every],
        covariance=region.covariance[every],
        inverse_with_positivity=(inverse_with_positivity[every], covariance_with_positivity[every]),
    )


def _allowed(region: Region, slope: Array, threshold: float) -> tuple[Array, Array]:
    """How far the likelihood may fall along a slope [nat], and the tilt that makes a quadratic one fall so far.

    On the boundary H may know next to nothing of a direction that positivity forbids and that no stratum scatters in:
    the ratio of V to H^-1 is then one of two meaningless numbers, and is taken with the constraint in H instead.
    """
    g = slope[:, 1:]
    plain, ratio = _ratio(g, region.inverse, region.covariance)
    ratio = np.where(ratio < MEANINGLESS, np.maximum(ratio, _ratio(g, *region.inverse_with_positivity)[1]), ratio)
    drop = threshold / 2 * np.clip(ratio, *SCALES)
    return drop, np.sqrt(2 * drop / plain)


def _ratio(g: Array, inverse: Array, covariance: Array) -> tuple[Array, Array]:
    plain = np.maximum(np.einsum("fk,fkl,fl->f", g, inverse, g), 1e-30)
    return plain, np.einsum("fk,fkl,fl->f", g, covariance, g) / plain


@dataclass(frozen=True, eq=False)
class _Tilted:
    """A likelihood plus a linear function, sought from given coordinates."""

    base: Likelihood
    tilt: Array
    begin: Array

    @property
    def basis(self) -> Array:
        return self.base.basis

    @property
    def weight(self) -> Array:
        return self.base.weight

    def start(self) -> Array:
        return self.begin

    def of(self, chosen: Array) -> _Tilted:
        return _Tilted(self.base.of(chosen), self.tilt[chosen], self.begin[chosen])

    def slopes(self, r: Array) -> tuple[Array, Array]:
        gradient, hessian = self.base.slopes(r)
        return gradient + self.tilt, hessian

    def value(self, r: Array) -> Array:
        return self.base.value(r) + (self.tilt * r).sum(axis=1)

    def reach(self, r: Array, step: Array) -> Array:
        return self.base.reach(r, step)
