r"""Newton's equations of counts, which are sparse, solved for many data sets at once.

The information of counts is H = sum_s C_s^T diag(n_s/p_s^2) C_s, where C_s has the outcomes of setting s as functions
of the few moments that it reads: of nine settings of two qubits each reads three, two of single qubits and the
correlation of both, which no other one does. Two parameters that no setting reads together have no element of H in
common. Of 105 pairs of 15 parameters 27 have one, and Gauss's elimination, H = L D L^T with the parameter of fewest
neighbours first (Tinney and Walker, Proc. IEEE 55, 1801 (1967)), makes three more. Every one of its few operations is
one of long rows, a number for each data set; LAPACK takes the matrices one by one, and full.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from protocols import Array

SAFE = 1e-13
"""Of the largest curvature, added to all: directions without any information stay where they are."""
MOST = 300
"""Operations from which on LAPACK is faster: three qubits."""


@dataclass(frozen=True)
class Step:
    """One parameter eliminated."""

    pivot: int
    others: tuple[int, ...]
    """The parameters that share an element with it."""
    rows: tuple[int, ...]
    """Of those elements."""
    updates: tuple[tuple[int, int, int], ...]
    """Row of an element of two of the others, and which two."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Elimination:
    """In which order parameters are eliminated, and the tables that make elements of H from the weights of outcomes."""

    steps: tuple[Step, ...]
    """None where LAPACK is faster: the elements are then those of whole matrices."""
    by_outcome: Array
    """(settings * outcomes, elements): H = weights @ table, weights n_so/p_so^2, the diagonal first."""
    by_pair: Array
    """(settings * outcomes * outcomes, elements): of weights M_s^T diag(n_s/p_s^2) M_s, with a readout confusion M."""

    def solved(self, weights: Array, gradient: Array) -> Array:
        """H^-1 gradient, of the parameters after the first.

        Args:
            weights: (fits, rows of one of the tables).
            gradient: (fits, parameters - 1).
        """
        size = gradient.shape[1]
        table = self.by_outcome if weights.shape[1] == len(self.by_outcome) else self.by_pair
        if not self.steps:
            return solved((weights @ table).reshape(-1, size, size), gradient)
        H, g, shares = table.T @ weights.T, gradient.T.copy(), []
        H[:size] += SAFE * H[:size].max(axis=0)
        for step in self.steps:
            inverse = 1 / H[step.pivot]
            share = [H[row] * inverse for row in step.rows]
            for row, one, other in step.updates:
                H[row] -= share[one] * H[step.rows[other]]
            for part, other in zip(share, step.others, strict=True):
                g[other] -= part * g[step.pivot]
            g[step.pivot] *= inverse
            shares.append(share)
        for step, share in zip(reversed(self.steps), reversed(shares), strict=True):
            for part, other in zip(share, step.others, strict=True):
                g[step.pivot] -= part * g[other]
        return g.T


def elimination(design: Array) -> Elimination:
    """The order for a design.

    Args:
        design: Tr(E_so B_k), (settings, outcomes, parameters), whose first parameter is fixed by the trace.

    Examples:
        >>> from analysis.tomography import setting_design
        >>> pair = elimination(setting_design(("XX", "XY", "XZ", "YX", "YY", "YZ", "ZX", "ZY", "ZZ"))[1])
        >>> [len(step.others) for step in pair.steps]
        [2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 2, 1, 0]
    """
    return _elimination(design.shape, design.tobytes())


@lru_cache(maxsize=32)
def _elimination(shape: tuple[int, int, int], design: bytes) -> Elimination:
    table = np.frombuffer(design).reshape(shape)[:, :, 1:]
    size = table.shape[2]
    steps, pairs = _ordered(np.abs(table).max(axis=1) > 1e-12)
    if sum(len(step.updates) for step in steps) > MOST:
        steps, pairs = (), list(itertools.product(range(size), repeat=2))
    left, right = np.array(pairs).T
    by_pair = table[:, :, None, left] * table[:, None, :, right]
    return Elimination(
        steps=steps,
        by_outcome=(table[..., left] * table[..., right]).reshape(shape[0] * shape[1], -1),
        by_pair=by_pair.reshape(shape[0] * shape[1] ** 2, -1),
    )


def _ordered(read: Array) -> tuple[tuple[Step, ...], list[tuple[int, int]]]:
    """The steps for what each setting reads, (settings, parameters), and the elements of H that they take."""
    size = read.shape[1]
    near = {k: {int(j) for s in read if s[k] for j in np.flatnonzero(s)} - {k} for k in range(size)}
    pairs = [(k, k) for k in range(size)]
    pairs += sorted({(min(k, j), max(k, j)) for k, others in near.items() for j in others})
    row = {pair: i for i, pair in enumerate(pairs)}

    def element(one: int, other: int) -> int:
        pair = min(one, other), max(one, other)
        if pair not in row:  # one that was 0 until now
            row[pair] = len(pairs)
            pairs.append(pair)
        return row[pair]

    steps = []
    while near:
        pivot = min(near, key=lambda k: (len(near[k]), k))
        others = tuple(sorted(near.pop(pivot)))
        rows = tuple(element(pivot, k) for k in others)
        both = list(itertools.combinations_with_replacement(range(len(others)), 2))
        updates = tuple((element(others[a], others[b]), a, b) for a, b in both)
        steps.append(Step(pivot=pivot, others=others, rows=rows, updates=updates))
        for k in others:
            near[k] = (near[k] | set(others)) - {k, pivot}
    return tuple(steps), pairs


def solved(matrix: Array, right: Array) -> Array:
    """The same of any matrices, (fits, n, n), with right sides (fits, n)."""
    solvable = matrix.copy()
    diagonal = np.einsum("fii->fi", solvable)
    diagonal += SAFE * np.abs(diagonal).max(axis=1, keepdims=True)
    return np.linalg.solve(solvable, right[..., None])[..., 0]
