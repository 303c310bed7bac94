r"""The greatest values of functions of the state over the states that the data do not reject, all searches at once.

A linear function on the region is largest where the likelihood tilted by it, L + nu Tr(G rho), is, a concave problem
for `maximise`; G follows the slope of f (Frank and Wolfe, Nav. Res. Logist. Q. 3, 95 (1956)); the best of several steps
is taken, because a convex f has its minimum inside the region. One quantity at one cell depends on no other: they are
one batch, for most of the time of a small one goes by between the arrays.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

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
    steps: int = STEPS
    where: Array | None = None
    """(cells,) which of them are searched; None: all."""


def greatest(region: Region, searches: Sequence[Search]) -> Array:
    """max of sign * f over the region of each threshold, (searches, cells); NaN where nothing is known.

    Args:
        region: Of the data.
        searches: What is sought; those of one function in a row are asked for together.
    """
    cells, basis = len(region.best), region.likelihood.basis
    cell = np.tile(np.arange(cells), len(searches))
    usable = np.concatenate([region.usable if s.where is None else region.usable & s.where for s in searches])
    if not usable.any():
        return np.full((len(searches), cells), np.nan)
    likelihood, best = region.likelihood.of(cell), region.best[cell]
    sign, steps, steady = (
        np.repeat([getattr(s, name) for s in searches], cells) for name in ("sign", "steps", "steady")
    )
    threshold, top = np.concatenate([s.threshold for s in searches]), region.likelihood.value(region.best)[cell]
    here, longer, settled = best.copy(), np.ones(len(best)), np.zeros(len(best), dtype=int)
    start = _values(searches, best, np.arange(len(best)), basis)
    found, drop, least = start.copy(), np.zeros(len(best)), np.zeros(len(best))
    for step in range(max(s.steps for s in searches)):
        live = np.flatnonzero(usable & (settled < SETTLED) & (step < steps))
        if not len(live):
            break
        part, own = likelihood.of(live), here[live]
        slope = coordinates(_slopes(searches, here, live, basis, step == 0), basis)
        slope[:, 0] = 0.0
        allowed, multiplier = _allowed(region, cell[live], slope, threshold[live])
        if step == 0:
            least[live] = np.where(steady[live] & (sign[live] > 0), allowed, 0.0)
        drop[live] = np.maximum(allowed, least[live])
        multiplier *= np.sqrt(np.where(allowed > 0, drop[live] / np.maximum(allowed, 1e-300), 1.0))
        tilt = slope * (multiplier * longer[live])[:, None]
        maximal = coordinates(maximise(_Tilted(part, tilt, own), GAP).states, basis)
        there = np.where(np.isfinite(maximal), maximal, own)
        fallen = drop[live] / np.maximum(top[live] - part.value(there), 1e-9)
        longer[live] *= np.clip(np.sqrt(fallen), *CHANGES)
        there = _back(part, best[live], there, top[live] - drop[live], fallen)
        shares = (1.0,) if step < FULL_STEPS else (*SHARES, 2 / (step + 2))
        moved = np.repeat(here[None], len(shares), axis=0)
        moved[:, live] += np.multiply.outer(shares, there - own)
        here[live], value = _furthest(moved[:, live], _values(searches, moved, live, basis))
        better = np.fmax(found[live], value)
        close = better - found[live] <= NEAR * (better - start[live])
        close &= np.abs(np.log(fallen)) < 0.2
        settled[live], found[live] = np.where(close, settled[live] + 1, 0), better
    for r in _of_lower_rank(np.where(usable[:, None], here, best[usable][:1]), basis):
        chosen = np.flatnonzero(usable & (likelihood.value(r) >= top - drop - GAP))
        if len(chosen):
            found[chosen] = np.fmax(found[chosen], _values(searches, r, chosen, basis))
    found = np.where(region.vanishing[cell] > 0, found + FLOOR * (found - start), found)
    return np.where(usable, found, np.nan).reshape(len(searches), cells)


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
