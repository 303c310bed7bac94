"""95 % intervals of functions of the state, from draws. Methods are exchangeable, per observable.

The `multinomial` interval of quantities linear in the counts needs no draws; it is in `_table.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from protocols import Array

NORMAL_95 = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""

Method = Callable[[Array, Array], tuple[Array, Array]]


def bootstrap(value: Array, draws: Array) -> tuple[Array, Array]:
    """The union of the percentile and the basic bootstrap interval.

    Near zero mutual information the percentile interval covers almost never, near the edge of state space the
    basic one; their union covered 94..100 % in every case measured, at 1.15 to 1.4 times the width.

    Args:
        value: Estimates, shape (cells,).
        draws: Shape (draws, cells).

    Returns:
        Lower and upper ends, shape (cells,).
    """
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    return np.minimum(low, 2 * value - high), np.maximum(high, 2 * value - low)


INTERVALS: dict[str, Method] = {
    "bootstrap": bootstrap,
    # the observable is the signed, unclipped quantity; its bounds clip it last
    "signed-bootstrap": bootstrap,
}
