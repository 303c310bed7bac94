r"""The greatest values of functions of the state over the states that the data do not reject, all searches at once.

A linear function on the region is largest where the likelihood tilted by it, L + nu Tr(G rho), is, a concave problem
for `maximise`; G follows the slope of f (Frank and Wolfe, Nav. Res. Logist. Q. 3, 95 (1956)); the best of several steps
is taken, because a convex f has its minimum inside the region. One quantity at one cell depends on no other: they are
one batch, for most of the time of a small one goes by between the arrays.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.intervals.region import Region, coordinates
from analysis.tomography import Likelihood, matrices, maximise
from protocols import Array
from protocols.quantities import Gradient

STEPS = 16
"""At most."""
NEAR, SETTLED = 0.005, 2
"""An end that moved by no more than this fraction so many times in a row has been found."""
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
class Search:
    """One end of one quantity: the greatest sign * f."""

    of: Callable[[Array], Array]
    gradient: Gradient
    sign: float
    threshold: Array
    """(cells,) twice the fall of the likelihood that is allowed, before it is scaled."""
    cellwise: bool = True
    """Whether f and its slope are functions of a state alone, which can be asked for some of the cells."""
    first: Gradient | None = None
    """What the first slope is taken from."""
    steady: bool = False
    """Of a minimum over measurements: its slope differs from state to state, and of stratified noise along any one of
    them a few shots may tell; the region of a greatest value is then no smaller than along the slope at the estimate.
    """


def greatest(region: Region, searches: Sequence[Search]) -> tuple[Array, Array]:
    """max of sign * f over the region of each threshold, (searches, cells); NaN where nothing is known.

    Args:
        region: Of the data.
        searches: What is sought; those of one function in a row are asked for together.

    Returns:
        The maxima, and what was known of them after the first step of a search with a first slope of its own.
    """
    cells, none = len(region.best), np.full((len(searches), len(region.best)), np.nan)
    if not region.usable.any():
        return none, none
    here = _begun(region, searches)
    first = here
    for step in range(STEPS):
        live = np.flatnonzero(here.usable & (here.settled < SETTLED))
        if not len(live):
            break
        _advance(here, searches, region, live, step)
        if step == 0:
            chosen = here.usable & np.repeat([s.first is not None for s in searches], cells)
            first = replace(here, usable=chosen, r=here.r.copy(), drop=here.drop.copy(), found=here.found.copy())
    last, other = (_finished(one, searches, region).reshape(none.shape) for one in (here, first))
    return last, other


@dataclass(kw_only=True, eq=False)
class _Front:
    """Where the searches are, (searches * cells,) each."""

    likelihood: Likelihood
    cell: Array
    usable: Array
    best: Array
    """(searches * cells, parameters) coordinates of the estimates."""
    top: Array
    """The likelihood there."""
    start: Array
    """sign * f there."""
    r: Array
    """Coordinates of the last states."""
    found: Array
    """The greatest value so far."""
    longer: Array
    """By how much a tilt has to be longer than of a quadratic likelihood."""
    settled: Array
    """How many times in a row the end has hardly moved."""
    drop: Array
    """How far the likelihood may fall [nat]."""
    least: Array
    """How far at least."""


def _begun(region: Region, searches: Sequence[Search]) -> _Front:
    cell = np.tile(np.arange(len(region.best)), len(searches))
    best, basis = region.best[cell], region.likelihood.basis
    start = _values(searches, best, np.arange(len(best)), basis)
    return _Front(
        likelihood=region.likelihood.of(cell),
        cell=cell,
        usable=region.usable[cell],
        best=best,
        top=region.likelihood.value(region.best)[cell],
        start=start,
        r=best.copy(),
        found=start.copy(),
        longer=np.ones(len(best)),
        settled=np.zeros(len(best), dtype=int),
        drop=np.zeros(len(best)),
        least=np.zeros(len(best)),
    )


def _advance(at: _Front, searches: Sequence[Search], region: Region, live: Array, step: int) -> None:
    """One step of the live searches."""
    basis, part, own, cells = region.likelihood.basis, at.likelihood.of(live), at.r[live], len(region.best)
    threshold = np.concatenate([s.threshold for s in searches])[live]
    slope = coordinates(_slopes(searches, at.r, live, basis, step == 0), basis)
    slope[:, 0] = 0.0
    allowed, multiplier = _allowed(region, at.cell[live], slope, threshold)
    if step == 0:
        steady = np.repeat([s.steady and s.sign > 0 for s in searches], cells)[live]
        at.least[live] = np.where(steady, allowed, 0.0)
    drop = at.drop[live] = np.maximum(allowed, at.least[live])
    multiplier *= np.sqrt(np.where(allowed > 0, drop / np.maximum(allowed, 1e-300), 1.0))
    tilt = slope * (multiplier * at.longer[live])[:, None]
    maximal = coordinates(maximise(_Tilted(part, tilt, own), GAP).states, basis)
    there = np.where(np.isfinite(maximal), maximal, own)
    fallen = drop / np.maximum(at.top[live] - part.value(there), 1e-9)
    at.longer[live] *= np.clip(np.sqrt(fallen), *CHANGES)
    there = _back(part, at.best[live], there, at.top[live] - drop, fallen)
    shares = (1.0,) if step < FULL_STEPS else (*SHARES, 2 / (step + 2))
    moved = np.repeat(at.r[None], len(shares), axis=0)
    moved[:, live] += np.multiply.outer(shares, there - own)
    at.r[live], value = _furthest(moved[:, live], _values(searches, moved, live, basis))
    better = np.fmax(at.found[live], value)
    close = better - at.found[live] <= NEAR * (better - at.start[live])
    close &= np.abs(np.log(fallen)) < 0.2
    at.settled[live], at.found[live] = np.where(close, at.settled[live] + 1, 0), better


def _finished(at: _Front, searches: Sequence[Search], region: Region) -> Array:
    """The greatest values, of states of lower rank as well; NaN where nothing was searched."""
    found, basis = at.found, region.likelihood.basis
    if not at.usable.any():
        return np.full(len(found), np.nan)
    for r in _of_lower_rank(np.where(at.usable[:, None], at.r, at.best[at.usable][:1]), basis):
        allowed = np.flatnonzero(at.usable & (at.likelihood.value(r) >= at.top - at.drop - GAP))
        if len(allowed):
            found[allowed] = np.fmax(found[allowed], _values(searches, r, allowed, basis))
    found = np.where(region.vanishing[at.cell] > 0, found + FLOOR * (found - at.start), found)
    return np.where(at.usable, found, np.nan)


def _values(searches: Sequence[Search], r: Array, live: Array, basis: Array) -> Array:
    """sign * f at coordinates r of all, (..., searches * cells, parameters), of the live ones: (..., live)."""
    return _asked(searches, [s.of for s in searches], r, live, basis)


def _slopes(searches: Sequence[Search], r: Array, live: Array, basis: Array, first: bool) -> Array:
    """The same of the slopes, (live, d, d); `first`: of those that a search begins with."""
    return _asked(searches, [(s.first if first else None) or s.gradient for s in searches], r, live, basis)


def _asked(
    searches: Sequence[Search], functions: Sequence[Callable[[Array], Array]], r: Array, live: Array, basis: Array
) -> Array:
    lead, cells = r.shape[:-2], r.shape[-2] // len(searches)
    found, last = [], 0
    for function, group in itertools.groupby(range(len(searches)), key=functions.__getitem__):
        rows = list(group)
        first, last = last, last + len(rows) * cells
        chosen = live[np.searchsorted(live, first) : np.searchsorted(live, last)]
        if not len(chosen):
            continue
        sign = np.repeat([searches[row].sign for row in rows], cells)[chosen - first]
        asked = r[..., chosen, :] if searches[rows[0]].cellwise else r[..., first:last, :]
        states = matrices(asked.reshape(-1, r.shape[-1]), basis)
        if searches[rows[0]].cellwise:
            value = np.asarray(function(states))
        else:  # parameters of their cell are read: all cells, in their order
            value = np.concatenate([function(one) for one in states.reshape(-1, cells, *basis.shape[1:])])
        value = value.reshape(*lead, -1, *value.shape[1:])
        if not searches[rows[0]].cellwise:
            value = value[(*[slice(None)] * len(lead), chosen - first)]
        found.append(sign.reshape(-1, *[1] * (value.ndim - len(lead) - 1)) * value)
    return np.concatenate(found, axis=len(lead))


def _furthest(r: Array, value: Array) -> tuple[Array, Array]:
    """Of several coordinates, (steps, live, parameters), those with the greatest value; and that value."""
    value = np.where(np.isfinite(value), value, -np.inf)
    return r[value.argmax(axis=0), np.arange(r.shape[1])], value.max(axis=0)


def _of_lower_rank(r: Array, basis: Array) -> Iterator[Array]:
    """The same without their least eigenvalues, one, two, ...: a smoothed search never quite loses them."""
    values, vectors = np.linalg.eigh(matrices(r, basis))
    for lost in range(1, values.shape[-1]):
        kept = vectors[..., lost:]
        weight = values[:, lost:] / values[:, lost:].sum(axis=1, keepdims=True)
        yield coordinates((kept * weight[:, None]) @ np.swapaxes(kept.conj(), 1, 2), basis)


def _back(likelihood: Likelihood, best: Array, there: Array, least: Array, share: Array) -> Array:
    """The last states on the way from the maximum to others whose likelihood is at least as wanted.

    It is concave, so that the share of the way lies between that of the wanted fall, where it falls in proportion (as
    on the boundary), and 1.
    """
    low, high, value = np.minimum(share, 1.0), np.ones(len(best)), likelihood.along(best, there - best)
    for _ in range(BISECTIONS):
        middle = np.sqrt(low * high)
        allowed = value(middle) >= least
        low, high = np.where(allowed, middle, low), np.where(allowed, high, middle)
    low = np.where(share >= 1, 1.0, low)
    return best + low[:, None] * (there - best)


def _allowed(region: Region, cell: Array, slope: Array, threshold: Array) -> tuple[Array, Array]:
    """How far the likelihood may fall along a slope [nat], and the tilt that makes a quadratic one fall so far."""
    g = slope[:, None, 1:]
    plain = np.maximum((g @ region.inverse[cell] @ g.swapaxes(1, 2))[:, 0, 0], 1e-30)
    drop = threshold / 2 * (g @ region.covariance[cell] @ g.swapaxes(1, 2))[:, 0, 0] / plain
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

    def gradient(self, r: Array) -> Array:
        return self.base.gradient(r) + self.tilt

    def newton(self, r: Array, tilt: Array | float = 0.0) -> tuple[Array, Array, Array]:
        return self.base.newton(r, self.tilt + tilt)

    def value(self, r: Array) -> Array:
        return self.base.value(r) + (self.tilt * r).sum(axis=1)

    def along(self, r: Array, step: Array) -> Callable[[Array], Array]:
        return lambda share: self.value(r + share[:, None] * step)

    def reach(self, r: Array, step: Array) -> Array:
        return self.base.reach(r, step)
