"""Correlation of all sites of a chain, as functions of its whole state.

States of more than two qubits are not estimated from counts, so these rows have an exact value and no measured one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from protocols.program import STATE, Observable, drawn
from protocols.quantities import entropy, reduced
from protocols.types import Array


def total_correlation_of(rho: Array) -> Array:
    r"""$\sum_i S_i - S$, (...,) [nat].

    Args:
        rho: Density matrices of all sites, shape (..., d, d).
    """
    sites = range(int(rho.shape[-1]).bit_length() - 1)
    return np.maximum(np.sum([entropy(reduced(rho, i)) for i in sites], axis=0) - entropy(rho), 0.0)


def tripartite_information_of(rho: Array) -> Array:
    """I(1:2) + I(1:3) - I(1:23) of three sites, of either sign, (...,) [nat].

    Args:
        rho: Density matrices, shape (..., 8, 8).
    """
    odd = np.sum([entropy(reduced(rho, i)) for i in range(3)], axis=0) + entropy(rho)
    return odd - np.sum([entropy(reduced(rho, pair)) for pair in ((0, 1), (0, 2), (1, 2))], axis=0)


def correlation_observables(sites: Sequence[str]) -> tuple[Observable, ...]:
    """Total correlation of three sites and more, and the tripartite information of three.

    Args:
        sites: Names along the line.
    """
    both = "".join(sites)
    total = drawn("total_correlation", both, (STATE,), lambda s: total_correlation_of(s.rho), unit="nat")
    three = drawn("tripartite_information", both, (STATE,), lambda s: tripartite_information_of(s.rho), unit="nat")
    return {2: (), 3: (total, three)}.get(len(sites), (total,))
