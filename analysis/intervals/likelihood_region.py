r"""Likelihood-ratio intervals: the extremes of a quantity over the states that the data do not reject.

An end of the interval solves max +-f(rho) over states with 2 [L(best) - L(rho)] <= c, the profile likelihood of f
(Wilks, Ann. Math. Stat. 9, 60 (1938); for states Blume-Kohout, arXiv:1202.5270). With the quasi-likelihood of
stratified data c is not 3.84 but c = 3.84 (g^T V g)/(g^T H^-1 g): H is the information in L, V the covariance of the
estimate with the strata's own multinomial noise and the calibration's, both as expected (`expected_information`), g the
slope of f at the end (Rotnitzky and Jewell, Biometrika 77, 485 (1990)). For one member without a calibration c is 3.84.

The search: a linear function on the region is largest where the likelihood tilted by it, L + nu Tr(G rho), is, a
concave problem for `maximise`; G follows the slope of f (Frank and Wolfe, Nav. Res. Logist. Q. 3, 95 (1956)); the best
of several steps is taken, because a convex f has its minimum inside the region.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from analysis.data import Data, LocalCounts
from analysis.intervals.expected_information import expected_information
from analysis.tomography import Likelihood, likelihood_of, matrices, maximise
from protocols import Array
from protocols.quantities import Gradient

CHI_SQUARE_95 = 3.841458820694124
"""Of one degree of freedom."""
DIRECTION_95 = 7.814727903251179
"""Of three: a value, and the direction of the measurement that it was minimised over."""
BLOCK_95 = {
    "smooth": np.array([3.841458820694124, 3.841458820694124, 3.841458820694124, 5.991464547107979]),
    "kinked": np.array([3.841458820694124, 3.841458820694124, 9.487729036781154, 9.487729036781154]),
}
"""By how many eigenvalues of the state vanish: of 1, 1, 1, 2 and of 1, 1, 4, 4 degrees of freedom."""
LARGER_95 = np.array([*[3.841458820694124] * 2, 9.487729036781154, *[12.591587243743977] * 2, *[5.991464547107979] * 2])
"""The same of three qubits, of 1, 1, 4, 6, 6, 2, 2 degrees: where some of many eigenvalues are within noise of 0, noise
pulls all small ones together; nearly pure states, of which most vanish, have little of it (inferred, decision 93)."""
NOISE = 2.0
"""Standard deviations within which an eigenvalue may be 0."""
PLAIN = 0.3
"""Standard deviations beyond which the sign of a bias is plain."""
STEPS = 16
"""At most."""
NEAR, SETTLED = 0.005, 2
"""An end that moved by no more than this fraction so many times in a row has been found."""
RIVAL = 0.1
"""Of the way to the least value found: what another way may lack of it after one step, to be followed."""
FULL_STEPS, SHARES = 2, (1.0, 0.5, 0.2)
"""The first steps go all the way to the next state, the others some share of it: a convex quantity is least inside."""
CHANGES = (0.4, 5.0)
"""Range of the change of a tilt from step to step."""
BISECTIONS = 8
FLOOR = 0.01
"""Of the distance from the estimate: what a search near the boundary may lack, added to the end there."""
GAP = 1e-2
"""Nat; an end of a 95 % interval lies 1.9 nat below the maximum."""


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

    def of(self, chosen: Array) -> Region:
        """Some of its cells."""
        return Region(
            likelihood=self.likelihood.of(chosen),
            best=self.best[chosen],
            inverse=self.inverse[chosen],
            covariance=self.covariance[chosen],
        )


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


def extremes(
    region: Region,
    of: Callable[[Array], Array],
    gradient: Gradient,
    bias: Array | None = None,
    kind: Literal["smooth", "kinked"] = "smooth",
    *,
    cellwise: bool = True,
    downhill: Gradient | None = None,
) -> tuple[Array, Array]:
    """The least and the greatest value of a function of the state that the data do not reject, (cells,) each.

    Args:
        region: Of the data.
        of: The function, (n, d, d) -> (n,), of any states.
        gradient: Its derivative, (n, d, d) -> (n, d, d).
        bias: Of its estimate, in standard deviations, (cells,). It says to which end positivity has moved the
            estimate; the other end, and both where that is not plain, have the threshold of `vanishing` eigenvalues.
            None: both have that of one number.
        kind: "kinked" where the function has kinks where eigenvalues of the state are 0.
        cellwise: Whether function and derivative may be asked for some of the cells; else they get all, in their order.
        downhill: Of a minimum over measurements, whose own slope is that of the measurement which is best now and leads
            to the nearest of several valleys: another slope that the way to the least value may begin with.
    """
    thresholds = np.full((2, len(region.best)), CHI_SQUARE_95)
    if bias is not None:
        table = LARGER_95 if region.likelihood.basis.shape[-1] > 4 else BLOCK_95[kind]
        several = table[np.minimum(vanishing(region), len(table) - 1)]
        thresholds = np.where([bias > -PLAIN, bias < PLAIN], several, thresholds)
    steady = downhill is not None
    low, high = _greatest(region, of, gradient, (-1.0, 1.0), thresholds, cellwise=cellwise, steady=steady)
    if downhill is not None:
        other = partial(_greatest, of=of, gradient=gradient, signs=(-1.0,), cellwise=cellwise, first=downhill)
        begun = other(region, thresholds=thresholds[:1], steps=1)[0]
        deep = np.flatnonzero(begun >= low - RIVAL * (low + of(matrices(region.best, region.likelihood.basis))))
        if len(deep):
            low[deep] = np.fmax(low[deep], other(region.of(deep), thresholds=thresholds[:1, deep])[0])
    return -low, high


def vanishing(region: Region) -> Array:
    """How many eigenvalues of the estimates are within noise of 0, (cells,).

    The noise of an eigenvalue <v|rho|v> is that of the moments, to first order. Where k of them may be 0, the k x k
    block of the state that belongs to them can only grow: k^2 numbers that move an estimate one way (the cone that
    positivity leaves; Self and Liang, J. Am. Stat. Assoc. 82, 605 (1987)), which a profile of one number does not know.
    A signed concurrence, one root of an eigenvalue less the others, has a kink there too. The degrees of freedom in
    `BLOCK_95` are inferred from k^2 and from simulations (docs/statistics.md), not derived.

    Args:
        region: Of the data.
    """
    usable = np.isfinite(region.best).all(axis=1) & np.isfinite(region.covariance).all(axis=(1, 2))
    found = np.zeros(len(region.best), dtype=int)
    values, vectors = np.linalg.eigh(matrices(region.best[usable], region.likelihood.basis))
    for k in range(values.shape[-1]):
        v = vectors[..., k]
        along = coordinates(v[:, :, None] * v[:, None, :].conj(), region.likelihood.basis)[:, 1:]
        variance = np.einsum("fk,fkl,fl->f", along, region.covariance[usable], along)
        found[usable] += values[:, k] < NOISE * np.sqrt(variance)
    return found


def ceiling(region: Region, of: Callable[[Array], Array], gradient: Gradient) -> Array:
    """The greatest value of a majorant, (cells,), whose measurement the same data have chosen.

    The minimum over measurements lies below the truth by the noise in two directions (for X states all measurements
    across z are equally good), which a profile of one number does not know; after Scheffe, Biometrika 40, 87 (1953).

    Args:
        region: Of the data.
        of: The majorant, (cells, d, d) -> (cells,).
        gradient: Its derivative, (cells, d, d) -> (cells, d, d).
    """
    thresholds = np.full((1, len(region.best)), DIRECTION_95)
    return _greatest(region, of, gradient, (1.0,), thresholds, cellwise=False, steady=True)[0]


def _greatest(
    region: Region,
    of: Callable[[Array], Array],
    gradient: Gradient,
    signs: tuple[float, ...],
    thresholds: Array,
    *,
    cellwise: bool = True,
    first: Gradient | None = None,
    steady: bool = False,
    steps: int = STEPS,
) -> Array:
    """max of sign * f over the regions of thresholds, (signs, cells) like the result: one batch for all signs.

    `cellwise`: whether f is a function of a state alone, so that it can be asked for some of the cells. `first`: what
    the first slope is taken from. `steady`, of a minimum over measurements: its slope differs from state to state, and
    of stratified noise along any one of them a few shots may tell; the region of a greatest value is then no smaller
    than along the slope at the estimate.
    """
    signed = partial(_signed, basis=region.likelihood.basis, signs=signs, cellwise=cellwise)
    region, cells = _repeated(region, len(signs)), len(region.best)
    usable = np.asarray(np.isfinite(region.covariance).all(axis=(1, 2)) & np.isfinite(region.best).all(axis=1))
    if not usable.any():
        return np.full((len(signs), cells), np.nan)
    every, best, basis = np.arange(len(region.best)), region.best, region.likelihood.basis
    top = region.likelihood.value(best)
    here, longer, settled = best.copy(), np.ones(len(best)), np.zeros(len(best), dtype=int)
    start, drop, least = signed(of, best, every), np.zeros(len(best)), np.zeros(len(best))
    found, sign = start.copy(), np.repeat(signs, cells)
    for step in range(steps):
        live = np.flatnonzero(usable & (settled < SETTLED))
        if not len(live):
            break
        part, own = region.likelihood.of(live), here[live]
        slope = coordinates(signed((first if step == 0 else None) or gradient, here, live), basis)
        slope[:, 0] = 0.0
        allowed, multiplier = _allowed(region.of(live), slope, thresholds.ravel()[live])
        if step == 0 and steady:
            least[live] = np.where(sign[live] > 0, allowed, 0.0)
        drop[live] = np.maximum(allowed, least[live])
        multiplier *= np.sqrt(np.where(allowed > 0, drop[live] / np.maximum(allowed, 1e-300), 1.0))
        tilt = slope * (multiplier * longer[live])[:, None]
        maximal = coordinates(maximise(_Tilted(part, tilt, own), GAP).states, basis)
        there = np.where(np.isfinite(maximal), maximal, own)
        fallen = drop[live] / np.maximum(top[live] - part.value(there), 1e-9)
        longer[live] *= np.clip(np.sqrt(fallen), *CHANGES)
        there = _back(part, best[live], there, top[live] - drop[live], fallen)
        shares = (1.0,) if step < FULL_STEPS else (*SHARES, 2 / (step + 2))
        here[live], value = _furthest(signed, of, here, live, [share * (there - own) for share in shares])
        better = np.fmax(found[live], value)
        close = better - found[live] <= NEAR * (better - start[live])
        close &= np.abs(np.log(fallen)) < 0.2
        settled[live], found[live] = np.where(close, settled[live] + 1, 0), better
    for r in _of_lower_rank(np.where(usable[:, None], here, best[usable][:1]), basis):
        allowed = usable & (region.likelihood.value(r) >= top - drop - GAP)
        chosen = np.flatnonzero(allowed)
        found[chosen] = np.fmax(found[chosen], signed(of, r, chosen))
    found = np.where(vanishing(region) > 0, found + FLOOR * (found - start), found)
    return np.where(usable, found, np.nan).reshape(len(signs), cells)


def _signed(
    function: Callable[[Array], Array],
    r: Array,
    chosen: Array,
    *,
    basis: Array,
    signs: tuple[float, ...],
    cellwise: bool,
) -> Array:
    """sign * function of the states of some cells of (signs, cells), at coordinates r of all, (..., cells, parameters).

    One call of the function has all those states, as far as it takes states in any order.
    """
    sign, size = np.repeat(signs, r.shape[-2] // len(signs))[chosen], r.shape[-1]
    if cellwise:
        asked = r[..., chosen, :]
        value = np.asarray(function(matrices(asked.reshape(-1, size), basis)))
        value = value.reshape(*asked.shape[:-1], *value.shape[1:])
    else:
        states = matrices(r.reshape(-1, size), basis).reshape(-1, r.shape[-2] // len(signs), *basis.shape[1:])
        value = np.array([function(one) for one in states])
        value = value.reshape(*r.shape[:-1], *value.shape[2:])[(..., chosen, *[slice(None)] * (value.ndim - 2))]
    return sign.reshape(-1, *[1] * (value.ndim - r.ndim + 1)) * value


def _furthest(
    signed: Callable[..., Array], of: Callable[[Array], Array], here: Array, live: Array, steps: Sequence[Array]
) -> tuple[Array, Array]:
    """Of several steps of the live cells that with the greatest value: the coordinates after it, and the value."""
    r = np.repeat(here[None], len(steps), axis=0)
    r[:, live] += np.array(steps)
    value = signed(of, r, live)
    value = np.where(np.isfinite(value), value, -np.inf)
    return r[value.argmax(axis=0), live], value.max(axis=0)


def _of_lower_rank(r: Array, basis: Array) -> Iterator[Array]:
    """The same without their least eigenvalues, one, two, ...: a smoothed search never quite loses them."""
    values, vectors = np.linalg.eigh(matrices(r, basis))
    for lost in range(1, values.shape[-1]):
        kept = vectors[..., lost:]
        rho = (kept * (values[:, lost:] / values[:, lost:].sum(axis=1, keepdims=True))[:, None]) @ np.swapaxes(
            kept.conj(), 1, 2
        )
        yield coordinates(rho, basis)


def _back(likelihood: Likelihood, best: Array, there: Array, least: Array, share: Array) -> Array:
    """The last states on the way from the maximum to others whose likelihood is at least as wanted.

    It is concave, so that the share of the way lies between that of the wanted fall, where it falls in proportion (as
    on the boundary), and 1.
    """
    low, high = np.minimum(share, 1.0), np.ones(len(best))
    for _ in range(BISECTIONS):
        middle = np.sqrt(low * high)
        allowed = likelihood.value(best + middle[:, None] * (there - best)) >= least
        low, high = np.where(allowed, middle, low), np.where(allowed, high, middle)
    low = np.where(share >= 1, 1.0, low)
    return best + low[:, None] * (there - best)


def _repeated(region: Region, times: int) -> Region:
    """Its cells several times over."""
    return region.of(np.tile(np.arange(len(region.best)), times))


def _allowed(region: Region, slope: Array, threshold: Array) -> tuple[Array, Array]:
    """How far the likelihood may fall along a slope [nat], and the tilt that makes a quadratic one fall so far."""
    g = slope[:, 1:]
    plain = np.maximum(np.einsum("fk,fkl,fl->f", g, region.inverse, g), 1e-30)
    drop = threshold / 2 * np.einsum("fk,fkl,fl->f", g, region.covariance, g) / plain
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
