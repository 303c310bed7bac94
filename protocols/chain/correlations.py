r"""Correlation of all sites of a chain: total correlation, and of three sites the tripartite information.

Of three sites in all 27 settings they are functions of the estimated state (scheme `full`), as those of a pair are.

Who pays for a reversal: with beta of every site at the reference, where each is thermal by itself, and a chain whose
entropy does not change,

    sum_i beta_i Q_i - Delta TC = sum_i D(rho_i' || tau_i) >= 0

(of two sites Jennings and Rudolph, PRE 81, 061130 (2010); the same with more terms).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from protocols.pair import energy_of, reference_beta
from protocols.program import STATE, Observable, Sample, drawn
from protocols.quantities import entropy, entropy_gradient, reduced
from protocols.types import Array

PAIRS = ((0, 1), (0, 2), (1, 2))


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
    return odd - np.sum([entropy(reduced(rho, pair)) for pair in PAIRS], axis=0)


def total_correlation_gradient(rho: Array) -> Array:
    r"""$\ln\rho - \sum_i \ln\rho_i$, (..., d, d), up to a multiple of 1.

    Args:
        rho: Density matrices of all sites, shape (..., d, d).
    """
    sites = range(int(rho.shape[-1]).bit_length() - 1)
    return np.sum([_of_part(rho, (i,)) for i in sites], axis=0) - entropy_gradient(rho)


def tripartite_information_gradient(rho: Array) -> Array:
    """Of three sites, (..., 8, 8), up to a multiple of 1.

    Args:
        rho: Density matrices, shape (..., 8, 8).
    """
    odd = entropy_gradient(rho) + np.sum([_of_part(rho, (i,)) for i in range(3)], axis=0)
    return odd - np.sum([_of_part(rho, pair) for pair in PAIRS], axis=0)


def correlation_observables(sites: Sequence[str]) -> tuple[Observable, ...]:
    """Total correlation of three sites and more; of three also the tripartite information.

    Args:
        sites: Names along the line.
    """
    both, most = "".join(sites), np.log(2)
    total = drawn(
        "total_correlation",
        both,
        (STATE,),
        lambda s: total_correlation_of(s.rho),
        unit="nat",
        interval="likelihood-ratio",
        bounds=(0.0, len(sites) * most),
        gradient=total_correlation_gradient,
        scheme="full",
    )
    three = drawn(
        "tripartite_information",
        both,
        (STATE,),
        lambda s: tripartite_information_of(s.rho),
        unit="nat",
        interval="likelihood-ratio",
        bounds=(-2 * most, 2 * most),
        gradient=tripartite_information_gradient,
        scheme="full",
    )
    return {2: (), 3: (total, three)}.get(len(sites), (total,))


def clausius_observables(sites: Sequence[str]) -> tuple[Observable, ...]:
    """The sum; of the state also the slack, and the entropy that has to stay as it is.

    Args:
        sites: Names along the line, three and more.
    """
    both = "".join(sites)
    words = tuple("I" * i + "Z" + "I" * (len(sites) - i - 1) for i in range(len(sites)))

    def total(s: Sample) -> Array:
        with np.errstate(invalid="ignore"):  # of a site that was never excited, or always, beta has no limit
            each = [reference_beta(s, word) * (energy_of(s, word) - energy_of(s.before, word)) for word in words]
        return np.sum(each, axis=0)

    def slack(s: Sample) -> Array:
        return total(s) - total_correlation_of(s.rho) + total_correlation_of(s.before.rho)

    def pole(s: Sample) -> Array:
        """1 where a site has moved that was never or always excited at the reference."""
        before = [energy_of(s.before, word) for word in words]
        bare = [((e <= 0) | (e >= 1)) & (energy_of(s, word) != e) for e, word in zip(before, words, strict=True)]
        return np.any(bare, axis=0).astype(float)

    return (
        drawn("clausius_sum", both, words, total, unit="nat", reference=True, unbounded=pole),
        drawn("clausius_slack", both, (STATE, *words), slack, unit="nat", reference=True, unbounded=pole),
        drawn(
            "entropy_change",
            both,
            (STATE, *words),
            lambda s: entropy(s.rho) - entropy(s.before.rho),
            unit="nat",
            reference=True,
        ),
    )


def _of_part(rho: Array, part: tuple[int, ...]) -> Array:
    """-ln of the state of some sites, in their order, times 1 of the others, (..., d, d)."""
    sites = int(rho.shape[-1]).bit_length() - 1
    own = entropy_gradient(reduced(rho, part)).reshape(*rho.shape[:-2], *(2,) * (2 * len(part)))
    rows, columns = "abcdef"[:sites], "ghijkl"[:sites]
    parts = ["..." + "".join(row_or[i] for row_or in (rows, columns) for i in part)]
    parts += [rows[i] + columns[i] for i in range(sites) if i not in part]
    found = np.einsum(f"{','.join(parts)}->...{rows}{columns}", own, *[np.eye(2)] * (sites - len(part)))
    return found.reshape(rho.shape)
