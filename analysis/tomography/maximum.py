r"""Maximum of a concave likelihood over density matrices, for many data sets at once, with a certificate.

Two ways, both Newton's:

* inside state space the positivity constraint is idle, and an interior stationary point of the unconstrained
  likelihood is the maximum;
* anywhere, smoothed complementarity. The optimum has a Z >= 0 with grad L + Z = nu 1 and rho Z = 0. Writing
  W = rho - Z/sigma turns both into equations for W alone, with rho = (W + sqrt(W^2 + 4 mu/sigma))/2: for mu > 0 rho
  is positive and rho Z = mu 1, for mu -> 0 rho is the positive part of W. mu is lowered tenfold a step (Chen and
  Harker, SIAM J. Optim. 7, 403 (1997), for the smoothing; Kanzow, SIAM J. Matrix Anal. Appl. 17, 851 (1996)).

Certificate: L concave gives L(best) - L(rho) <= max over states of Tr G (rho' - rho) = lambda_max(G) - Tr G rho with
G the gradient (for counts, N (lambda_max(R) - 1) of Glancy, Knill and Girard, New J. Phys. 14, 095017 (2012)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.tomography.elimination import solved
from analysis.tomography.likelihood import Likelihood
from protocols import Array

FITS_PER_SLAB = 1200
"""Bounds the memory of one step; one fit holds about 20 kB. Fifty draws of 22 points are one slab."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Fitted:
    """States of greatest likelihood."""

    states: Array
    """(fits, d, d)."""
    gap: Array
    """(fits,) proven bound on what the likelihood lacks of its maximum [nat]."""


@dataclass(frozen=True)
class _Pace:
    """How the smoothing is lowered: start [nat], factor a step, steps at most."""

    start: float
    factor: float
    steps: int


# the first does nearly all; the others start far out and follow the path closely
_PACES = (_Pace(10.0, 0.1, 25), _Pace(300.0, 0.3, 120), _Pace(1e4, 0.6, 400))


def maximise(likelihood: Likelihood, tolerance: float = 1e-3) -> Fitted:
    """The states of greatest likelihood.

    Args:
        likelihood: Of all data sets; those whose data are not finite get NaN.
        tolerance: Wanted bound on the gap [nat]; not below what rounding allows.
    """
    start, weight = likelihood.start(), likelihood.weight
    d, fits = likelihood.basis.shape[-1], len(start)
    states, gap = np.full((fits, d, d), np.nan, dtype=complex), np.full(fits, np.nan)
    usable = np.flatnonzero(np.isfinite(start).all(axis=1) & (weight > 0))
    for first in range(0, len(usable), FITS_PER_SLAB):
        chosen = usable[first : first + FITS_PER_SLAB]
        # 1e-13: a sum of N terms of order 1 is known no better
        wanted = np.maximum(tolerance, 1e-13 * weight[chosen])
        r, gap[chosen] = _maximise(likelihood.of(chosen), start[chosen], wanted)
        states[chosen] = matrices(r, likelihood.basis)
    return Fitted(states=states, gap=gap)


def matrices(r: Array, basis: Array) -> Array:
    """rho = sum_k r_k B_k, (fits, d, d).

    Args:
        r: Coordinates of every fit, (fits, parameters).
        basis: The B_k, (parameters, d, d); see `family_basis`.

    Examples:
        >>> from analysis.tomography import family_basis
        >>> matrices(np.array([[1.0, 0.0, 0.0, 0.5]]) / np.sqrt(2), family_basis("full", 1)).real.round(6).tolist()
        [[[0.75, 0.0], [0.0, 0.25]]]
    """
    return (r @ basis.reshape(len(basis), -1)).reshape(len(r), *basis.shape[1:])


def _maximise(likelihood: Likelihood, start: Array, wanted: Array) -> tuple[Array, Array]:
    r, gap = np.zeros_like(start), np.full(len(start), np.inf)
    inside = np.flatnonzero(positive_definite(matrices(start, likelihood.basis)))
    if len(inside):
        r[inside], gap[inside] = _unconstrained(likelihood.of(inside), start[inside], wanted[inside])
    for pace in _PACES:
        left = np.flatnonzero(~(gap <= wanted))
        if not len(left):
            break
        found, bound = _smoothed(likelihood.of(left), start[left], wanted[left], pace)
        better = bound < gap[left]
        r[left[better]], gap[left[better]] = found[better], bound[better]
    return r, gap


def _gap(r: Array, gradient: Array, basis: Array) -> Array:
    """lambda_max(G) - Tr G rho for rho of unit trace; infinite where rho is no state."""
    top = np.linalg.eigvalsh(matrices(gradient, basis))[:, -1]
    return top - (gradient * r).sum(axis=1)


def _gap_by_norm(r: Array, gradient: Array, basis: Array) -> Array:
    """No less than `_gap`, without eigenvalues: lambda_max(H) <= sqrt((d - 1)/d) |H| for a traceless H."""
    d, traceless = basis.shape[-1], gradient[:, 1:]
    return np.sqrt((d - 1) / d * (traceless**2).sum(axis=1)) - (traceless * r[:, 1:]).sum(axis=1)


def positive_definite(matrix: Array) -> Array:
    """Whether Hermitian matrices are positive definite: all pivots are, found for all at once."""
    # the matrices last: every step is one of long rows
    left, positive = np.ascontiguousarray(np.moveaxis(matrix, 0, -1)), np.ones(len(matrix), dtype=bool)
    with np.errstate(over="ignore", invalid="ignore"):  # a pivot too small leaves a later one below 0 or NaN
        for k in range(len(left)):
            pivot, column = np.real(left[k, k]), left[k + 1 :, k]
            positive &= pivot > 0
            share = column / np.where(pivot > 0, pivot, 1.0)
            left[k + 1 :, k + 1 :] -= share[:, None] * column.conj()
    return positive


def _unconstrained(likelihood: Likelihood, start: Array, wanted: Array) -> tuple[Array, Array]:
    """Newton without the constraint; infinite gap where that leads out of state space."""
    r, live = start.copy(), np.arange(len(start))
    # the gap is first order in the gradient, the decrement second: |G|^2 ~ weight * decrement; and a step squares the
    # decrement (from 1e-5 to 1e-12 or less at hundreds of counts), so that the last one need not be followed by another
    enough = np.where(wanted > 1e-6, 1e-5, wanted**2 / (10 * likelihood.weight))
    here = likelihood
    for _ in range(12):
        gradient, step, reach = here.newton(r[live])
        sane = reach > 1.05
        r[live[sane]] += step[sane]
        further = sane & ((gradient * step).sum(axis=1) > enough[live])
        if not further.any():
            break
        if not further.all():
            live, here = live[further], here.of(further)
    gap = np.full(len(r), np.inf)
    positive = np.flatnonzero(positive_definite(matrices(r, likelihood.basis)))
    if len(positive):
        gradient = likelihood.of(positive).gradient(r[positive])
        gap[positive] = _gap_by_norm(r[positive], gradient, likelihood.basis)
        loose = gap[positive] > wanted[positive]
        if loose.any():
            gap[positive[loose]] = _gap(r[positive[loose]], gradient[loose], likelihood.basis)
    return r, gap


def _smoothed(likelihood: Likelihood, start: Array, wanted: Array, pace: _Pace) -> tuple[Array, Array]:
    """Newton on the smoothed optimality conditions, from linear inversion."""
    basis, d = likelihood.basis, likelihood.basis.shape[-1]
    sigma = 3 * likelihood.weight
    W, mu, least = start.copy(), np.full(len(start), pace.start), wanted / (2 * d)
    best, gap, live = np.zeros_like(start), np.full(len(start), np.inf), np.arange(len(start))
    for _ in range(pace.steps):
        scale = sigma[live, None]
        r, S = _smooth_positive_part(W[live], mu[live] / sigma[live], basis)
        gradient, hessian = likelihood.of(live).slopes(r)
        trace = r[:, :1] * np.sqrt(d)
        # likelihoods of counts are homogeneous, so the certificate may use the state of unit trace
        unit = r / trace
        bound = np.full(len(live), np.inf)
        late = mu[live] < 30 * least[live]
        if late.any():
            exact = likelihood.of(live[late]).gradient(unit[late])
            bound[late] = _gap(unit[late], exact, basis)
        better = bound < gap[live]
        best[live[better]], gap[live[better]] = unit[better], bound[better]
        open_ = gap[live] > wanted[live]
        if not open_.any():
            break
        live, S, r, hessian, scale = live[open_], S[open_], r[open_], hessian[open_], scale[open_]
        residual = gradient[open_] + scale * (r - W[live])
        residual[:, 0] = scale[:, 0] * (1 / np.sqrt(d) - r[:, 0])
        jacobian = hessian @ S + scale[..., None] * (np.eye(len(basis)) - S)
        jacobian[:, 0] = scale * S[:, 0]
        step = solved(jacobian, residual)
        reach = likelihood.of(live).reach(r, (S @ step[..., None])[..., 0])
        fraction = np.minimum(1, 0.9 * reach)
        W[live] += fraction[:, None] * step
        lowered = np.maximum(mu[live] * pace.factor, least[live])
        mu[live] = np.where(fraction > 0.3, lowered, mu[live])
    return best, gap


def _smooth_positive_part(W: Array, mu: Array, basis: Array) -> tuple[Array, Array]:
    """Coordinates of (W + sqrt(W^2 + 4 mu))/2 and their derivative with respect to those of W.

    With eigenvalues l_i and roots s_i = sqrt(l_i^2 + 4 mu), the derivative multiplies the (i, j) element in the
    eigenbasis by (1 + (l_i + l_j)/(s_i + s_j))/2.
    """
    size, d = basis.shape[:2]
    values, vectors = np.linalg.eigh(matrices(W, basis))
    roots = np.sqrt(values**2 + 4 * mu[:, None])
    # no cancellation for negative eigenvalues
    positive = np.where(values > 0, (values + roots) / 2, 2 * mu[:, None] / (roots - np.minimum(values, 0)))
    # <v_i| B_k |v_j>
    units = (vectors.conj()[:, :, None, :, None] * vectors[:, None, :, None, :]).reshape(len(W), d * d, d * d)
    elements = (np.swapaxes(units, 1, 2).reshape(-1, d * d) @ basis.reshape(size, -1).T).reshape(len(W), d * d, size)
    slopes = (1 + (values[:, :, None] + values[:, None, :]) / (roots[:, :, None] + roots[:, None, :])) / 2
    real = np.concatenate([np.real(elements), np.imag(elements)], axis=1)
    weighted = np.concatenate([slopes.reshape(len(W), -1)] * 2, axis=1)[..., None] * real
    diagonal = real[:, : d * d : d + 1]
    return (positive[:, None, :] @ diagonal)[:, 0], np.swapaxes(real, 1, 2) @ weighted
