"""Many copies of an experiment on one chip: as many good places as fit beside each other, none near another.

Copies are a weighted set packing: of all places choose those with the greatest sum of scores, so that any two are
further apart than `spacing` couplers on the way. What is near is written as cliques: all places that touch one ball of
the chip's graph exclude each other, and every two places that are too near touch one such ball. For an even spacing
2 r the balls have a qubit in the middle and the radius r, for an odd one, 2 r + 1, a coupler.

The choice among cliques is an integer program. HiGHS proves its optimum in seconds on heavy-hex chips; for lines of
three and more qubits on a square lattice it does not within minutes, and what it has found by then is improved one
neighbourhood at a time, each of which is chosen anew while the rest of the chip stays as it is.
"""

from __future__ import annotations

import time
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from devices.model import Placement
from protocols import Array

FLOOR = 0.9
"""Of the best score: number is given up before quality."""
SPACING = 1
"""Idle qubits between copies: no coupler joins two of them."""
SECONDS = 10.0
"""Given to the search, which takes a hundredth of it for pairs on 156 qubits."""
SHARE = 0.3
"""Of that time, for the proof; the rest improves what was found without one."""
RADIUS = 3
"""Of the neighbourhoods that are chosen anew [couplers]: a fifth of a chip of today, ten milliseconds."""
NOISE = 0.03
"""Of the scores that they are chosen by: as much as good places differ."""

Graph = Mapping[int, frozenset[int]]
"""Qubit -> the qubits that a coupler, whether it is usable or not, joins to it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Packing:
    """Copies that run at once, and how good that choice is."""

    placements: tuple[Placement, ...]
    """The best first; the copy is its place in the line."""
    spacing: int
    floor: float
    """Lowest score of a place that was allowed, as a fraction of the best."""
    allowed: int
    """Places that were."""
    gain: float
    """Information of a shot over that of the best place alone: sum of the scores over the best score.

    A shot with an error carries next to nothing, so a copy counts by the probability that it runs without one.
    """
    bound: float
    """No choice has a greater gain."""
    greedy: int
    """Copies that taking the best place that is left, again and again, would give."""
    greedy_gain: float
    exact: bool
    """Whether the time was enough to prove that nothing better exists."""

    def explained(self) -> dict[str, object]:
        """For the run record."""
        return {
            "number": len(self.placements),
            "spacing": self.spacing,
            "floor": self.floor,
            "allowed": self.allowed,
            "gain": self.gain,
            "bound": self.bound,
            "greedy": {"number": self.greedy, "gain": self.greedy_gain},
            "exact": self.exact,
        }


def pack(
    places: Sequence[Placement],
    graph: Graph,
    *,
    spacing: int = SPACING,
    floor: float = FLOOR,
    most: int | None = None,
    seconds: float = SECONDS,
) -> Packing:
    """The copies with the greatest sum of scores; the greedy choice where the time does not yield a better one.

    Args:
        places: Candidates, at least one, the best first.
        graph: The couplers of the chip.
        spacing: Idle qubits between copies at least; 0: copies may be neighbours.
        floor: Least score of a copy, as a fraction of the best.
        most: Copies at most; None: as many as fit.
        seconds: For the search.
    """
    allowed = [place for place in places if place.score >= floor * places[0].score]
    scores = np.array([place.score for place in allowed])
    cliques = _cliques([frozenset(place.physical.values()) for place in allowed], graph, spacing)
    greedy = _greedy(scores, cliques)[:most]
    started = time.monotonic()
    chosen, bound, exact = _exact(scores, cliques, SHARE * seconds, most)
    if not exact:
        chosen = max(chosen, greedy, key=lambda one: scores[one].sum())
        chosen = _improved(chosen, scores, cliques, allowed, graph, started + seconds, most)
    ordered = sorted(chosen, key=lambda index: -scores[index])
    return Packing(
        placements=tuple(
            Placement(copy=copy, physical=allowed[index].physical, score=allowed[index].score)
            for copy, index in enumerate(ordered)
        ),
        spacing=spacing,
        floor=floor,
        allowed=len(allowed),
        gain=float(scores[chosen].sum() / scores[0]),
        bound=max(bound, float(scores[chosen].sum())) / float(scores[0]),
        greedy=len(greedy),
        greedy_gain=float(scores[greedy].sum() / scores[0]),
        exact=exact,
    )


def near(qubits: Iterable[int], graph: Graph, distance: int) -> frozenset[int]:
    """The qubits within a number of couplers of any of some qubits, those themselves among them.

    Examples:
        >>> line = {0: frozenset({1}), 1: frozenset({0, 2}), 2: frozenset({1})}
        >>> sorted(near([0], line, 1))
        [0, 1]
    """
    reached = frozenset(qubits)
    for _ in range(distance):
        reached |= frozenset(other for qubit in reached for other in graph[qubit])
    return reached


def _cliques(places: Sequence[frozenset[int]], graph: Graph, spacing: int) -> list[list[int]]:
    """Places of which one at most may be chosen, one list a ball; each list once, and none within another."""
    by_qubit: dict[int, set[int]] = {qubit: set() for qubit in graph}
    for index, place in enumerate(places):
        for qubit in place:
            by_qubit[qubit].add(index)
    middles: Iterable[tuple[int, ...]] = ((qubit,) for qubit in graph)
    if spacing % 2:
        # a qubit without couplers is no end of one: its places exclude each other all the same
        lonely = [(qubit,) for qubit, others in graph.items() if not others]
        middles = [*((a, b) for a, others in graph.items() for b in others if a < b), *lonely]
    balls = (near(middle, graph, spacing // 2) for middle in middles)
    found = {frozenset().union(*(by_qubit[qubit] for qubit in ball)) for ball in balls}
    ranked = sorted((clique for clique in found if len(clique) > 1), key=len, reverse=True)
    kept: list[frozenset[int]] = []
    for clique in ranked:
        if not any(clique < other for other in kept):
            kept.append(clique)
    return [sorted(clique) for clique in kept]


def _greedy(scores: Array, cliques: Sequence[Sequence[int]]) -> list[int]:
    """The best place, then the best of those that it leaves, and so on."""
    barred: dict[int, list[int]] = {}
    for number, clique in enumerate(cliques):
        for index in clique:
            barred.setdefault(index, []).append(number)
    taken: set[int] = set()
    chosen = []
    for index in np.argsort(-scores, kind="stable").tolist():
        own = barred.get(index, [])
        if taken.isdisjoint(own):
            taken.update(own)
            chosen.append(index)
    return chosen


def _exact(
    scores: Array, cliques: Sequence[Sequence[int]], seconds: float, most: int | None = None
) -> tuple[list[int], float, bool]:
    """The greatest sum of scores: places, an upper bound of the sum, and whether both meet."""
    from scipy.optimize import LinearConstraint, milp
    from scipy.sparse import csr_array

    everything = list(range(len(scores)))
    limits = [*((clique, 1) for clique in cliques), *([] if most is None else [(everything, most)])]
    if not limits or not everything:
        return everything, float(scores.sum()), True
    rows = np.repeat(np.arange(len(limits)), [len(some) for some, _ in limits])
    columns = np.concatenate([np.asarray(some) for some, _ in limits])
    matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(limits), len(scores)))
    found = milp(
        -scores,
        integrality=np.ones(len(scores)),
        bounds=(0, 1),
        constraints=LinearConstraint(matrix, -np.inf, typing.cast("typing.Any", [number for _, number in limits])),
        options={"time_limit": seconds, "mip_rel_gap": 1e-6},
    )
    bound = -float(found.mip_dual_bound) if found.mip_dual_bound is not None else float(scores.sum())
    if found.x is None:
        return [], bound, False
    return np.flatnonzero(found.x > 0.5).tolist(), bound, bool(found.status == 0)


def _improved(
    chosen: Sequence[int],
    scores: Array,
    cliques: Sequence[Sequence[int]],
    places: Sequence[Placement],
    graph: Graph,
    until: float,
    most: int | None,
) -> list[int]:
    """The best choice on a walk that chooses one neighbourhood of the chip after another anew.

    Every choice there is by scores with some noise, and the walk goes on from anything that is worse than the best by
    less than one place: where a place more fits only if many others move, each step by itself gains nothing.

    Args:
        chosen: Where to begin.
        scores: Of the places.
        cliques: Places of which one at most may be chosen.
        places: Themselves.
        graph: The couplers of the chip.
        until: When to end, by the monotonic clock.
        most: Places at most.
    """
    excluded: list[set[int]] = [set() for _ in places]
    limiting: list[list[int]] = [[] for _ in places]
    for number, clique in enumerate(cliques):
        for index in clique:
            excluded[index].update(clique)
            limiting[index].append(number)
    generator, middles = np.random.default_rng(0), sorted(graph)
    current, best = set(chosen), set(chosen)
    while time.monotonic() < until:
        around = near([middles[generator.integers(len(middles))]], graph, RADIUS)
        kept = {index for index in current if around.isdisjoint(places[index].physical.values())}
        barred = kept.union(*(excluded[index] for index in kept))
        free = [index for index in range(len(places)) if index not in barred]
        if not free:
            continue
        there = {index: i for i, index in enumerate(free)}
        numbers = {number for index in free for number in limiting[index]}
        inside = {tuple(there[index] for index in cliques[number] if index in there) for number in numbers}
        limits = [list(clique) for clique in sorted(inside) if len(clique) > 1]
        left = None if most is None else most - len(kept)
        noisy = scores[free] * (1 + NOISE * generator.standard_normal(len(free)))
        found, _, _ = _exact(noisy, limits, max(until - time.monotonic(), 0.1), left)
        again = kept.union(free[i] for i in found)
        worth, record = scores[list(again)].sum(), scores[list(best)].sum()
        if worth > min(record - scores.max(), scores[list(current)].sum()):
            current = again
        if worth > record + 1e-9:
            best = again
    return sorted(best)
