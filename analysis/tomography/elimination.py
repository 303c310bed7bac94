r"""Newton's equations of counts, solved setting by setting.

The information of counts is H = sum_s C_s^T diag(n_s/p_s^2) C_s, where C_s has the outcomes of setting s as functions
of the few moments that it reads. Of nine settings of two qubits each reads three: two of single qubits, that other
settings read as well, and the correlation of both, which no other one does. Two parameters that no setting reads
together have no element of H in common, so that those of one setting alone, one of each, form a diagonal block D:

    H = (L    C)    S = L - C D^-1 C^T,   S x = g - C D^-1 h,   y = D^-1 (h - C^T x),
        (C^T  D)

and what has to be solved is S, of 6 instead of 15 parameters (Schur's complement; Zhang, The Schur Complement and Its
Applications, 2005, sec. 1.1). X states leave 2 of 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from protocols import Array

SAFE = 1e-13
"""Of the largest curvature, added to all: directions without any information stay where they are."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Elimination:
    """Which parameters are eliminated first, and the tables that make the parts of H from the weights of outcomes."""

    shared: Array
    """Indices of the parameters that are solved for, of those after the first."""
    private: Array
    """Of those that one setting alone reads, one a setting."""
    by_outcome: Array
    """(settings * outcomes, elements of L, C and D): H = weights @ table, weights n_so/p_so^2."""
    by_pair: Array
    """(settings * outcomes * outcomes, the same): of weights M_s^T diag(n_s/p_s^2) M_s, with a readout confusion M."""

    def solved(self, elements: Array, gradient: Array) -> Array:
        """H^-1 gradient, of the parameters after the first.

        Args:
            elements: Of L, C and D, (fits, elements): weights times one of the tables.
            gradient: (fits, parameters - 1).
        """
        fits, a, b = len(elements), len(self.shared), len(self.private)
        L, C = elements[:, : a * a].reshape(fits, a, a), elements[:, a * a : a * (a + b)].reshape(fits, a, b)
        D, diagonal = elements[:, a * (a + b) :], np.einsum("fii->fi", L)
        least = SAFE * np.maximum(diagonal.max(axis=1, initial=0.0), D.max(axis=1, initial=0.0))[:, None]
        D, diagonal[...] = D + least, diagonal + least
        g, h, step = gradient[:, self.shared], gradient[:, self.private], np.empty_like(gradient)
        if a:
            share = C / D[:, None]
            rest = np.linalg.solve(L - share @ C.swapaxes(1, 2), (g[..., None] - share @ h[..., None]))
            step[:, self.shared], h = rest[..., 0], h - (rest.swapaxes(1, 2) @ C)[:, 0]
        step[:, self.private] = h / D
        return step


def elimination(design: Array) -> Elimination:
    """The order for a design.

    Args:
        design: Tr(E_so B_k), (settings, outcomes, parameters), whose first parameter is fixed by the trace.

    Examples:
        >>> from analysis.tomography import setting_design
        >>> pair = elimination(setting_design(("XX", "XY", "XZ", "YX", "YY", "YZ", "ZX", "ZY", "ZZ"))[1])
        >>> len(pair.shared), len(pair.private)
        (6, 9)
    """
    return _elimination(design.shape, design.tobytes())


@lru_cache(maxsize=32)
def _elimination(shape: tuple[int, int, int], design: bytes) -> Elimination:
    table = np.frombuffer(design).reshape(shape)[:, :, 1:]
    read = np.abs(table).max(axis=1) > 1e-12  # (settings, parameters)
    alone = read & (read.sum(axis=0) == 1)
    private = np.array(sorted(np.flatnonzero(one)[-1] for one in alone if one.any()), dtype=int)
    shared = np.setdiff1d(np.arange(shape[2] - 1), private)

    def elements(left: Array, right: Array) -> Array:
        """Of L, C and D as products of two outcomes' rows, (..., elements)."""
        L, C = (left[..., shared, None] * right[..., None, one] for one in (shared, private))
        D = left[..., private] * right[..., private]
        return np.concatenate([L.reshape(*D.shape[:-1], -1), C.reshape(*D.shape[:-1], -1), D], axis=-1)

    by_pair = elements(table[:, :, None], table[:, None])
    return Elimination(
        shared=shared,
        private=private,
        by_outcome=elements(table, table).reshape(shape[0] * shape[1], -1),
        by_pair=by_pair.reshape(shape[0] * shape[1] ** 2, -1),
    )


def solved(matrix: Array, right: Array) -> Array:
    """The same of any matrices, (fits, n, n), with right sides (fits, n)."""
    solvable = matrix.copy()
    diagonal = np.einsum("fii->fi", solvable)
    diagonal += SAFE * np.abs(diagonal).max(axis=1, keepdims=True)
    return np.linalg.solve(solvable, right[..., None])[..., 0]
