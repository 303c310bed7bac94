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
from functools import singledispatch

import numpy as np

from analysis._data import Data
from analysis._expectations import Expectations
from analysis._frequencies import Counts, frequencies
from analysis._gradients import Gradient
from analysis._likelihood import Likelihood, QuasiLikelihood
from analysis._maximum import matrices, maximise
from analysis._moments import calibration_response, stratified_covariance
from analysis._tomography import likelihood_of
from protocols import Array

CHI_SQUARE_95 = 3.841458820694124
"""Of one degree of freedom."""
STEPS = 8
FULL_STEPS = 3
"""The first steps go all the way, then step k goes 2/k."""
GAP = 1e-2
"""Nat; an end of a 95 % interval lies 1.9 nat below the maximum."""
SCALES = (0.02, 10.0)
"""Range of c over 3.84, against slopes of no length."""


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


def region_of(data: Data, states: Array) -> Region:
    """The region around maximum likelihood estimates, (cells, d, d), of counts or expectation values."""
    likelihood = likelihood_of(frequencies(data))
    best = coordinates(states, likelihood.basis)
    _, hessian = likelihood.slopes(best)
    curvature = hessian[:, 1:, 1:]
    # directions without any information get a large, finite variance
    weak = 1e-9 * np.einsum("fii->f", curvature)[:, None, None]
    usable = np.isfinite(curvature).all(axis=(1, 2)) & (weak > 0).all(axis=(1, 2))
    size = curvature.shape[-1]
    inverse = np.full_like(curvature, np.nan)
    inverse[usable] = np.linalg.inv((curvature + weak * np.eye(size))[usable])
    spread = score_covariance(data, likelihood, best)
    return Region(
        likelihood=likelihood,
        best=best,
        inverse=inverse,
        covariance=inverse if spread is None else inverse @ spread @ inverse,
    )


def coordinates(states: Array, basis: Array) -> Array:
    """r_k = Tr(rho B_k), (..., parameters)."""
    return np.einsum("kij,...ji->...k", basis, states).real


@singledispatch
def score_covariance(data: Counts, likelihood: QuasiLikelihood, r: Array) -> Array | None:
    """Covariance of the likelihood's gradient, (cells, parameters - 1, parameters - 1); None: it is the curvature.

    The gradient is linear in the weighted frequencies, sum_so (N_s f_so / p_so) d p_so, so its noise is theirs:
    multinomial in every stratum, and that of the calibration common to all.
    """
    gain = np.moveaxis(likelihood.gain(r)[..., 1:], -1, 1)
    response = calibration_response(data, gain, frequencies(data).corrected())
    return stratified_covariance(data, gain) + response @ np.swapaxes(response, -1, -2)


@score_covariance.register
def _(data: Expectations, likelihood: Likelihood, r: Array) -> None:
    return None


def extremes(region: Region, of: Callable[[Array], Array], gradient: Gradient) -> tuple[Array, Array]:
    """The least and the greatest value of a function of the state that the data do not reject, (cells,) each.

    Args:
        region: Of the data.
        of: The function, (cells, d, d) -> (cells,).
        gradient: Its derivative, (cells, d, d) -> (cells, d, d).
    """
    usable = np.asarray(np.isfinite(region.covariance).all(axis=(1, 2)) & np.isfinite(region.best).all(axis=1))
    ends = [-_greatest(region, of, gradient, usable, -1.0), _greatest(region, of, gradient, usable, 1.0)]
    return ends[0], ends[1]


def _greatest(region: Region, of: Callable[[Array], Array], gradient: Gradient, usable: Array, sign: float) -> Array:
    """max of sign * f over the region, (cells,)."""
    basis, best = region.likelihood.basis, region.best
    top = region.likelihood.value(best)
    here, longer = best.copy(), np.ones(len(best))
    found = sign * of(matrices(best, basis))
    for step in range(STEPS):
        slope = sign * coordinates(gradient(matrices(here, basis)), basis)
        slope[:, 0] = 0.0
        drop, multiplier = _allowed(region, slope)
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
            found = np.fmax(found, sign * of(matrices(r, basis)))
    return np.where(usable, found, np.nan)


def _allowed(region: Region, slope: Array) -> tuple[Array, Array]:
    """How far the likelihood may fall along a slope [nat], and the tilt that makes a quadratic one fall so far."""
    g = slope[:, 1:]
    plain = np.maximum(np.einsum("fk,fkl,fl->f", g, region.inverse, g), 1e-30)
    spread = np.einsum("fk,fkl,fl->f", g, region.covariance, g)
    drop = CHI_SQUARE_95 / 2 * np.clip(spread / plain, *SCALES)
    return drop, np.sqrt(2 * drop / plain)


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
