"""The cheapest way to bring the gates of templates to neighbours on one line of wires.

All wires start in |0>, so every template may choose where each qubit starts; all end with the qubits that are read
on the same wires, for readout is calibrated wire by wire. Between, qubits move by swaps, alone or right after a
gate on the same two wires, where both together may cost less. The least sum of costs is found exactly, by dynamic
programming over (steps done, order on the line).
"""

from __future__ import annotations

import functools
import heapq
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from protocols import Array

MOST_WIRES = 7
"""Wires a line may have: 7! = 5040 orders."""
SWAP = 3
"""CX of a swap alone."""
_NEVER = 1 << 20


@dataclass(frozen=True)
class Step:
    """An operation whose place in the sequence matters beyond its own wire."""

    kind: Literal["gate", "read", "free"]
    wires: tuple[int, ...]
    cost: int
    swapped: int
    """CX of the gate and a swap of its two wires."""
    after: int
    """Steps that come first, one bit each."""


@dataclass(frozen=True)
class Skeleton:
    """What routing sees of a template; the templates of all bases share it."""

    steps: tuple[Step, ...]
    last: tuple[int, ...]
    """Wires read at the end."""

    @property
    def kept(self) -> tuple[int, ...]:
        """Wires read before the end: each is back on its own wire whenever it is read."""
        return tuple(sorted({step.wires[0] for step in self.steps if step.kind == "read"}))

    @property
    def settled(self) -> tuple[int, ...]:
        """Wires whose place at the end is given."""
        return tuple(sorted({*self.kept, *self.last}))

    def with_free_steps(self, done: int) -> int:
        """Steps done, with every one that has become possible and needs no particular place."""
        for index, step in enumerate(self.steps):
            if step.kind == "free" and not done >> index & 1 and not step.after & ~done:
                done |= 1 << index
        return done

    def possible_steps(self, done: int) -> Iterator[int]:
        """Gates and reads whose predecessors are done."""
        for index, step in enumerate(self.steps):
            if not done >> index & 1 and not step.after & ~done:
                yield index


@dataclass(frozen=True)
class Move:
    """One entry of a route: a swap of places `at`, `at` + 1, or a step, merged with a swap or not."""

    step: int = -1
    at: int = -1


@dataclass(frozen=True)
class Route:
    """Where the wires start, and what happens in which order."""

    start: tuple[int, ...]
    moves: tuple[Move, ...]
    cost: int


@functools.lru_cache(maxsize=16)
def routes(skeletons: tuple[Skeleton, ...], size: int) -> tuple[tuple[int, ...], tuple[Route, ...]]:
    """The common order on the line, and a cheapest route of every skeleton.

    The order has the least sum of costs; of several, the least in the costliest skeleton, then the first in the order
    of the wires.

    Args:
        skeletons: Each one once, with wires 0 to size - 1.
        size: Wires on the line, `MOST_WIRES` at most.

    Returns:
        Which wire is read at each place, and the routes in the order of the skeletons.

    Three CX in a ring, in any order: one of them takes a swap along.

        >>> ring = [Step("gate", wires, cost=1, swapped=2, after=0) for wires in [(0, 1), (1, 2), (0, 2)]]
        >>> line, (route,) = routes((Skeleton(tuple(ring), last=()),), 3)
        >>> line, route.cost
        ((0, 1, 2), 4)
    """
    orders = _orders(size)
    solved = [_costs_by_kept_places(skeleton, size) for skeleton in skeletons]
    each = np.stack([least for _, least in solved])
    line = int(np.lexsort((each.max(axis=0), each.sum(axis=0)))[0])
    cheapest = []
    for skeleton, (found, _) in zip(skeletons, solved, strict=True):
        costs = found[tuple(orders.place[line, list(skeleton.kept)].tolist())]
        key = orders.key_of(skeleton.settled)
        ends = np.flatnonzero(key == key[line])
        cheapest.append(costs.route(int(ends[np.argmin(costs.total[ends])])))
    return tuple(orders.wires[line].tolist()), tuple(cheapest)


def _costs_by_kept_places(skeleton: Skeleton, size: int) -> tuple[dict[tuple[int, ...], _Costs], Array]:
    """Costs by the places of the wires read before the end, and the least of each order on the line."""
    orders = _orders(size)
    key = orders.key_of(skeleton.settled)
    least, found = np.full(len(key), _NEVER), {}
    for places in itertools.permutations(range(size), len(skeleton.kept)):
        found[places] = _costs(skeleton, size, dict(zip(skeleton.kept, places, strict=True)))
        best = np.full(int(key.max()) + 1, _NEVER)
        np.minimum.at(best, key, found[places].total)
        here = (orders.place[:, list(skeleton.kept)] == np.array(places)).all(axis=1)
        least[here] = best[key[here]]
    return found, least


@dataclass(frozen=True, eq=False)
class _Orders:
    """All orders of n wires on a line."""

    wires: Array
    """(n!, n): which wire is at each place."""
    place: Array
    """(n!, n): where each wire is."""
    swapped: Array
    """(n - 1, n!): the order after swapping places i, i + 1."""

    def key_of(self, wires: Sequence[int]) -> Array:
        """(n!,) numbers that are equal where the given wires are at the same places."""
        size = self.wires.shape[1]
        return self.place[:, list(wires)] @ (size ** np.arange(len(wires)))


@functools.lru_cache(maxsize=MOST_WIRES)
def _orders(size: int) -> _Orders:
    wires = np.array(list(itertools.permutations(range(size))))
    key = wires @ (size ** np.arange(size))
    by_key = np.argsort(key)
    swapped = []
    for at in range(size - 1):
        other = wires.copy()
        other[:, [at, at + 1]] = wires[:, [at + 1, at]]
        swapped.append(by_key[np.searchsorted(key[by_key], other @ (size ** np.arange(size)))])
    return _Orders(wires, np.argsort(wires, axis=1), np.array(swapped, dtype=int).reshape(size - 1, len(wires)))


@dataclass(frozen=True, eq=False)
class _Costs:
    """Least costs of a skeleton over (steps done, order), with the wires in `kept` read at given places."""

    skeleton: Skeleton
    orders: _Orders
    own: Mapping[int, int]
    """Wire read before the end -> its place then."""
    reached: dict[int, Array]
    """Steps done -> (n!,) least cost right after one of them."""
    moved: dict[int, Array]
    """The same after any swaps that follow."""

    @property
    def total(self) -> Array:
        """(n!,) least cost of the whole template that ends in each order."""
        return self.moved[(1 << len(self.skeleton.steps)) - 1]

    def route(self, order: int) -> Route:
        """A cheapest route that ends in an order, followed backwards."""
        done, moves = (1 << len(self.skeleton.steps)) - 1, []
        cost, begin = int(self.total[order]), self.skeleton.with_free_steps(0)
        while done != begin or self.reached[done][order] != self.moved[done][order]:
            if self.reached[done][order] == self.moved[done][order]:
                done, order, move = self._before(done, order)
            else:
                least = self.moved[done][order] - SWAP
                at = next(i for i, other in enumerate(self.orders.swapped) if self.moved[done][other[order]] == least)
                order, move = int(self.orders.swapped[at][order]), Move(at=at)
            moves.append(move)
        return Route(tuple(self.orders.wires[order].tolist()), tuple(moves[::-1]), cost)

    def _before(self, done: int, order: int) -> tuple[int, int, Move]:
        """The last step of a cheapest way here, and from where it was made."""
        cost, steps = self.reached[done][order], self.skeleton.steps
        for index, step in enumerate(steps):
            for earlier in self.moved if done >> index & 1 and step.kind != "free" else ():
                if earlier >> index & 1 or step.after & ~earlier:
                    continue
                if self.skeleton.with_free_steps(earlier | 1 << index) != done:
                    continue
                if not self._possible(step, order):
                    continue
                if self.moved[earlier][order] + step.cost == cost:
                    return earlier, order, Move(step=index)
                if step.kind == "gate":
                    at = int(self.orders.place[order, list(step.wires)].min())
                    other = int(self.orders.swapped[at][order])
                    if self.moved[earlier][other] + step.swapped == cost:
                        return earlier, other, Move(step=index, at=at)
        raise AssertionError("no way back")

    def _possible(self, step: Step, order: int) -> bool:
        """Whether a step can be made in an order."""
        places = self.orders.place[order, list(step.wires)].tolist()
        return places[0] == self.own[step.wires[0]] if step.kind == "read" else abs(places[0] - places[1]) == 1


def _costs(skeleton: Skeleton, size: int, own: Mapping[int, int]) -> _Costs:
    """Least costs when each wire read before the end is read at the place `own` gives it."""
    orders, full = _orders(size), (1 << len(skeleton.steps)) - 1
    begin = skeleton.with_free_steps(0)
    reached: dict[int, Array] = {begin: np.zeros(len(orders.wires), dtype=int)}
    moved: dict[int, Array] = {}
    queue = [(begin.bit_count(), begin)]
    while queue:
        _, done = heapq.heappop(queue)
        moved[done] = _cost_after_swaps(orders, reached[done])
        for index in skeleton.possible_steps(done) if done != full else ():
            following = skeleton.with_free_steps(done | 1 << index)
            cost = _cost_after_step(orders, skeleton.steps[index], moved[done], own)
            if following not in reached:
                heapq.heappush(queue, (following.bit_count(), following))
            reached[following] = np.minimum(reached.get(following, _NEVER), cost)
    return _Costs(skeleton, orders, own, reached, moved)


def _cost_after_swaps(orders: _Orders, cost: Array) -> Array:
    while True:
        less = functools.reduce(np.minimum, (cost[other] + SWAP for other in orders.swapped), cost)
        if (less == cost).all():
            return cost
        cost = less


def _cost_after_step(orders: _Orders, step: Step, cost: Array, own: Mapping[int, int]) -> Array:
    places = orders.place[:, list(step.wires)]
    if step.kind == "read":
        return np.where(places[:, 0] == own[step.wires[0]], cost, _NEVER)
    adjacent = np.flatnonzero(np.abs(places[:, 0] - places[:, 1]) == 1)
    done = np.full(len(cost), _NEVER)
    done[adjacent] = cost[adjacent] + step.cost
    swapped = orders.swapped[places[adjacent].min(axis=1), adjacent]
    done[swapped] = np.minimum(done[swapped], cost[adjacent] + step.swapped)
    return done
