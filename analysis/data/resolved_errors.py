"""Errors of functions of the frequencies of each member: exact to first order, stratum by stratum.

Every member in every setting is a multinomial of its own, over outcomes of the system and, where they are counted
jointly, patterns of ancillas; its covariance is known without drawing. The readout calibration is common to all of
them, and two counts are added to the variance as for every linear quantity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from analysis.data.ancillas import Ancillas
from analysis.data.count_table import CountTable
from analysis.data.frequencies import Frequencies
from analysis.data.moments import PSEUDO_COUNTS
from analysis.data.readout_confusion import calibration_root
from analysis.data.resolved import Columns, observed_jointly
from protocols import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Slope:
    """How a function of a cell answers to the frequencies of one cell that it reads."""

    of: Array
    """Derivative with respect to the true frequencies, (cells, members, patterns, outcomes)."""
    cell: Array
    """Which cell these frequencies are of, (cells,)."""
    columns: Columns = ()
    """Of which ancillas the patterns are; none: of the system alone, with one pattern."""


def resolved_variance(counts: CountTable, measured: Frequencies, setting: int, slopes: Sequence[Slope]) -> Array:
    """Variance of a function of the members' frequencies in one setting, (cells,).

    Args:
        counts: What was observed.
        measured: Its frequencies.
        setting: Index of the setting.
        slopes: Of every cell that the function reads: its own, its reference, the same point in other arms. A cell is
            read with one choice of columns.
    """
    inverse = np.linalg.pinv(measured.mixing)
    total, system, wires = np.zeros(len(counts.observed)), 0.0, 0.0
    for one in _each_cell_once(slopes):
        share = _shares(counts, one, setting)
        mixing = inverse if len(inverse) == 1 else inverse[one.cell]
        patterns = _pattern_inverse(counts.ancillas, one.columns)
        # in frequencies as they are read: of the system, then of the ancillas too
        partly = (_flat(one.of) @ mixing).reshape(one.of.shape)
        slope = np.einsum("cmpo,pq->cmqo", partly, patterns) if one.columns else partly
        total += _of_shots(slope, share, counts.shots[one.cell, :, setting])
        true = np.einsum("pq,cmqo->cmpo", patterns, share) if one.columns else share
        true = _flat(true) @ np.swapaxes(mixing, -1, -2)
        if counts.calibrated:
            root = calibration_root(counts.calibration)
            root = np.broadcast_to(root, (len(total), *root.shape[-3:]))
            system = system + np.einsum("cmi,cmj,cjik->cjk", _flat(partly), true, root, optimize=True)
        if counts.ancillas is not None and one.columns:
            wires = wires + _of_wires(counts.ancillas, one, true.reshape(one.of.shape))
    return total + sum(np.sum(np.square(one), axis=(-2, -1)) for one in (system, wires) if np.ndim(one))


def _shares(counts: CountTable, slope: Slope, setting: int) -> Array:
    """Frequencies as read, (cells, members, patterns, outcomes)."""
    shots = np.maximum(counts.shots[slope.cell, :, setting], 1)
    return np.swapaxes(observed_jointly(counts, slope.columns)[slope.cell, :, setting], -1, -2) / shots[..., None, None]


def _of_shots(slope: Array, share: Array, shots: Array) -> Array:
    """Variance from the multinomial noise of every member, and from two counts more, (cells,)."""
    slope, share = (array.reshape(*shots.shape, -1) for array in (slope, share))
    spread = (slope**2 * share).sum(axis=-1) - (slope * share).sum(axis=-1) ** 2
    step = np.ptp(slope, axis=-1) / np.maximum(shots, 1)
    return (spread / np.maximum(shots - 1, 1)).sum(axis=-1) + PSEUDO_COUNTS * step.max(axis=-1) ** 2


def _flat(array: Array) -> Array:
    """(cells, members, patterns, outcomes) -> (cells, members times patterns, outcomes)."""
    return array.reshape(len(array), -1, array.shape[-1])


def _pattern_inverse(ancillas: Ancillas | None, columns: Columns) -> Array:
    """True patterns from patterns as they are read, (patterns, patterns)."""
    if ancillas is None or not ancillas.calibration.any():
        return np.eye(2 ** len(columns))
    return reduce(np.kron, [_inverse_of(ancillas, name) for name in columns], np.eye(1))


def _inverse_of(ancillas: Ancillas, column: str) -> Array:
    """The inverted confusion of the wire that a column is read from, (true, read)."""
    counted = ancillas.calibration[ancillas.wire[ancillas.columns.index(column)]]
    return np.linalg.pinv((counted / counted.sum(axis=-1, keepdims=True)).T)


def _of_wires(ancillas: Ancillas, slope: Slope, true: Array) -> Array:
    """What one standard deviation of either rate of each wire changes, (cells, wires, 2).

    With S the inverse of a wire's confusion M, dS = -S dM S, and a rate P(1|b) moves the column b of M by (-1, 1).
    """
    found = np.zeros((len(true), len(ancillas.calibration), 2))
    if not ancillas.calibration.any():
        return found
    often = ancillas.calibration.sum(axis=-1)
    rates = ancillas.calibration[:, :, 1] / often
    noise = np.sqrt(rates * (1 - rates) / often)
    for index, name in enumerate(slope.columns):
        wire = ancillas.wire[ancillas.columns.index(name)]
        of, frequency = (array.reshape(*array.shape[:2], 2**index, 2, -1) for array in (slope.of, true))
        read = np.einsum("cmaib,ij->cmajb", of, _inverse_of(ancillas, name))
        moved = read[..., 1, :] - read[..., 0, :]
        found[:, wire] -= np.einsum("cmab,cmazb->cz", moved, frequency) * noise[wire]
    return found


def _each_cell_once(slopes: Sequence[Slope]) -> list[Slope]:
    """A point that is its own reference has one set of counts: their slopes add up."""
    merged: list[Slope] = []
    for one in slopes:
        left = one.of
        for index, other in enumerate(merged):
            if other.columns != one.columns:
                continue
            same = (other.cell == one.cell)[:, None, None, None]
            merged[index] = Slope(of=other.of + np.where(same, left, 0.0), cell=other.cell, columns=one.columns)
            left = np.where(same, 0.0, left)
        merged.append(Slope(of=left, cell=one.cell, columns=one.columns))
    return merged
