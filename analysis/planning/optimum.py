"""Shots of least variance, to first order.

The variance of a target, summed over the points of an arm, is lowered by multiplying the shots of each stratum by the
root of what one more of them gains and scaling back to the total (a fixed point of it is the optimum; for heat it is
Neyman's allocation, J. R. Stat. Soc. 97, 558 (1934), after one step). Every stratum keeps `LEAST` of its even share, so
that what the bases determine stays determined, and every arm keeps its total.
"""

from __future__ import annotations

import numpy as np

from analysis.planning.design import Design
from protocols import Array

LEAST = 1 / 8
"""Of its even share that every stratum keeps."""
ITERATIONS = 300


def optimal_shots(design: Design, even: Array, arms: int = 1) -> Array:
    """(cells, members, settings) of least variance to first order, every arm with its total, `LEAST` everywhere."""
    found = np.empty_like(even)
    for cells in np.split(np.arange(len(even)), arms):
        found[cells] = _optimum(design.of(cells), even[cells])
    return found


def _optimum(design: Design, even: Array) -> Array:
    total, floor = float(even.sum()), LEAST * even
    shots = best = even
    least = float(design.variance(even).sum())
    for _ in range(ITERATIONS):
        wanted = shots * np.sqrt(design.gain(shots))
        if not wanted.sum() > 0:
            break
        before, shots = shots, _scaled(wanted, total, floor)
        variance = float(design.variance(shots).sum())
        if variance < least:
            least, best = variance, shots
        if np.abs(shots - before).sum() < 1e-6 * total:
            break
    return best


def _scaled(wanted: Array, total: float, floor: Array) -> Array:
    """Proportional to what is wanted, none below its floor, with a given sum."""
    low = np.zeros(wanted.shape, dtype=bool)
    scaled = wanted
    for _ in range(wanted.size):
        rest = total - floor[low].sum()
        scaled = np.where(low, floor, wanted * (rest / max(wanted[~low].sum(), 1e-300)))
        under = ~low & (scaled < floor)
        if not under.any():
            break
        low |= under
    return scaled
