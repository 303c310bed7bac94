"""How many shots reach a significance."""

from __future__ import annotations

import math

import numpy as np

from analysis.planning.expectation import Expectation

MOST = 10**9


def shots_for(sigma: float, expected: Expectation, subject: str, cell: int, *, calibration_follows: bool) -> int | None:
    """Shots of a setting and point at which the net heat of a cell is so many standard errors above 0.

    Args:
        sigma: Wanted.
        expected: What the program says with its own shots.
        subject: The qubit whose heat it is.
        cell: Which cell.
        calibration_follows: Whether the calibration gets more shots alike.

    Returns:
        None where no number of shots does: no net heat, or an error that stays.
    """
    shots = expected.program.shots

    def reached(log: float) -> bool:
        factor = math.exp(log)
        value, stderr = expected.heat(subject, factor, None if calibration_follows else 1.0)
        return bool(value[cell] >= sigma * stderr[cell])

    low, high = math.log(1 / shots), math.log(MOST / shots)
    if not reached(high):
        return None
    if reached(low):
        return 1
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return int(np.ceil(shots * math.exp(high)))
