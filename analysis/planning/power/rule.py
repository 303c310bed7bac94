"""The conditions of a reversal, of many simulated runs at once."""

from __future__ import annotations

import numpy as np

from analysis.planning.power.readings import Readings
from analysis.verdict import DIRECTION_SIGMA
from protocols import Array

THIRD = 1 / 3
"""Of the effect that the energy balance may miss."""


def conditions(read: Readings, sigma: float) -> dict[str, Array]:
    """Which conditions of "reversed" are met, (runs,) each.

    Args:
        read: What the runs show.
        sigma: Significance of the direction and of both heats.
    """
    (d, d_error), (hot, hot_error), (cold, cold_error) = read.difference, read.hot, read.cold
    balance, balance_error = read.balance
    broken = np.abs(balance) > DIRECTION_SIGMA * balance_error
    own = np.ones(len(hot), dtype=bool)
    for control, error in read.controls:
        own &= (control <= 0) | (hot - control > DIRECTION_SIGMA * np.hypot(hot_error, error))
    known = d > np.abs(d - read.nominal)
    return {
        "direction": (d > sigma * d_error) & known & ~(broken & (np.abs(balance) >= d)),
        "heat": hot > sigma * hot_error,
        "cold side": cold < -sigma * cold_error,
        "balance": ~(broken & (np.abs(balance) > THIRD * (hot - cold) / 2)),
        "control": own,
    }
