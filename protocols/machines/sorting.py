"""Sorting populations: the compression of algorithmic cooling (Schulman, Mor and Weinstein's partner pairing).

A sort is a permutation of computational states; it is named by its rank among all permutations, a whole number, and
carried out by exchanging two states at a time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from protocols.collisions import Operation, swap_states
from protocols.types import Array


def sorting(populations: Array) -> tuple[int, ...]:
    """Which state comes to each place so that populations fall; equal ones stay where they are.

    Examples:
        >>> sorting(np.array([0.4, 0.1, 0.1, 0.4]))
        (0, 3, 2, 1)
    """
    wanted = np.sort(populations)[::-1]
    stays = np.isclose(populations, wanted, rtol=1e-9, atol=0)
    free = list(np.flatnonzero(~stays))
    order = list(range(len(populations)))
    for place in np.flatnonzero(~stays):
        chosen = next(i for i in free if np.isclose(populations[i], wanted[place], rtol=1e-9, atol=0))
        free.remove(chosen)
        order[place] = int(chosen)
    return tuple(order)


def rank(order: Sequence[int]) -> int:
    """Number of a permutation in lexicographic order.

    Examples:
        >>> rank((0, 1, 2)), rank((2, 1, 0))
        (0, 5)
    """
    left, number = list(range(len(order))), 0
    for state in order:
        number += left.index(state) * math.factorial(len(left) - 1)
        left.remove(state)
    return number


def unrank(number: int, size: int) -> tuple[int, ...]:
    """The permutation of that number.

    Args:
        number: Rank of the permutation, 0 .. size! - 1.
        size: How many things are permuted.

    Examples:
        >>> unrank(5, 3)
        (2, 1, 0)
    """
    left, order = list(range(size)), []
    for remaining in range(size - 1, -1, -1):
        place, number = divmod(number, math.factorial(remaining))
        order.append(left.pop(place))
    return tuple(order)


def exchanges(wires: Sequence[str], order: Sequence[int]) -> list[Operation]:
    """The permutation as exchanges of two states, at most one for every state that moves.

    Args:
        wires: Names, first most significant.
        order: Which state comes to each place, 2**wires numbers.
    """
    found, there = [], list(range(len(order)))
    for place, state in enumerate(order):
        if there[place] != state:
            other = there.index(state)
            there[place], there[other] = there[other], there[place]
            found.append(swap_states(wires, *(f"{k:0{len(wires)}b}" for k in (place, other))))
    return found


def sorts(excited: Array, qubits: int, rounds: Array) -> Array:
    """Ranks of the sorts of every point, (points, most rounds), 0 after its last round.

    Args:
        excited: Thermal population of every qubit at first, and of the last one in every round, (points,).
        qubits: How many are sorted.
        rounds: Of each point, (points,).
    """
    most = int(rounds.max(initial=0))
    known = {p: _schedule(p, qubits, most) for p in np.unique(excited).tolist()}
    table = np.array([known[p] for p in excited.tolist()], dtype=int).reshape(len(rounds), most)
    return np.where(np.arange(most) < rounds[:, None], table, 0)


def _schedule(excited: float, qubits: int, rounds: int) -> list[int]:
    one = np.array([1 - excited, excited])
    kept, found = np.ones(1), []
    for _ in range(qubits - 1):
        kept = np.kron(kept, one)
    for _ in range(rounds):
        everything = np.kron(kept, one)
        order = sorting(everything)
        found.append(rank(order))
        kept = everything[list(order)].reshape(-1, 2).sum(axis=1)
    return found
