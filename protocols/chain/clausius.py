r"""Who pays for a reversal in a chain: the Clausius sum, and its slack, without the change of total correlation.

With beta of every site at the reference, where each is thermal by itself, and a chain whose entropy does not change,

    sum_i beta_i Q_i - Delta TC = sum_i D(rho_i' || tau_i) >= 0

(of two sites Jennings and Rudolph, PRE 81, 061130 (2010); the same with more terms).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from protocols.chain.correlations import total_correlation_of
from protocols.pair import energy_of, reference_beta
from protocols.program import STATE, Observable, Sample, drawn
from protocols.quantities import entropy
from protocols.types import Array


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
