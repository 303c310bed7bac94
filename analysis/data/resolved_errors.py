"""Errors of functions of the frequencies of each member: exact to first order, stratum by stratum.

Every member in every setting is a multinomial of its own, so that its covariance is known without drawing. The readout
calibration is common to all of them, and two counts are added to the variance as for every linear quantity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.data.count_table import CountTable
from analysis.data.frequencies import Frequencies
from analysis.data.moments import PSEUDO_COUNTS
from analysis.data.readout_confusion import calibration_root
from protocols import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Slope:
    """How a function of a cell answers to the frequencies of one cell that it reads."""

    of: Array
    """Derivative with respect to the true frequencies, (cells, members, outcomes)."""
    cell: Array
    """Which cell these frequencies are of, (cells,)."""


def resolved_variance(counts: CountTable, measured: Frequencies, setting: int, slopes: Sequence[Slope]) -> Array:
    """Variance of a function of the members' frequencies in one setting, (cells,).

    Args:
        counts: What was observed.
        measured: Its frequencies.
        setting: Index of the setting.
        slopes: Of every cell that the function reads: its own, its reference, the same point in other arms.
    """
    inverse, total, response = np.linalg.pinv(measured.mixing), np.zeros(len(counts.observed)), 0.0
    for one in _each_cell_once(slopes):
        observed, shots = counts.observed[one.cell, :, setting], counts.shots[one.cell, :, setting]
        share = observed / np.maximum(shots, 1)[..., None]
        # in frequencies as they are read
        mixing = inverse if len(inverse) == 1 else inverse[one.cell]
        slope = one.of @ mixing
        spread = (slope**2 * share).sum(axis=-1) - (slope * share).sum(axis=-1) ** 2
        step = np.ptp(slope, axis=-1) / np.maximum(shots, 1)
        total += (spread / np.maximum(shots - 1, 1)).sum(axis=-1) + PSEUDO_COUNTS * step.max(axis=-1) ** 2
        if counts.calibrated:
            true = share @ np.swapaxes(mixing, -1, -2)
            root = calibration_root(counts.calibration)
            root = np.broadcast_to(root, (len(total), *root.shape[-3:]))
            response = response + np.einsum("cmi,cmj,cjik->cjk", slope, true, root, optimize=True)
    return total + np.sum(np.square(response), axis=(-2, -1)) if counts.calibrated else total


def _each_cell_once(slopes: Sequence[Slope]) -> list[Slope]:
    """A point that is its own reference has one set of counts: their slopes add up."""
    merged: list[Slope] = []
    for one in slopes:
        left = one.of
        for index, other in enumerate(merged):
            same = (other.cell == one.cell)[:, None, None]
            merged[index] = Slope(of=other.of + np.where(same, left, 0.0), cell=other.cell)
            left = np.where(same, 0.0, left)
        merged.append(Slope(of=left, cell=one.cell))
    return merged
