r"""The check arm: the same quantity from circuits one, three, ... times as long, extrapolated to none.

With scales s_i the straight line of least squares has at s = 0

    y_0 = sum_i w_i y_i,   w_i = 1/n - mean(s) (s_i - mean(s)) / sum_j (s_j - mean(s))^2,

3/2 y_1 - 1/2 y_3 for two scales. It is read beside the value of the members, with which the main arm is common: the
error of their difference has the covariance of both through its counts and through the calibration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.data import Counts
from analysis.intervals import Cells, coefficients
from analysis.intervals.methods import evaluated
from analysis.mitigation.moments import MitigatedMoments
from protocols import Array, Observable


@dataclass(frozen=True, kw_only=True)
class Folded:
    """One quantity at one point, extrapolated, and how far that is from the value of the members."""

    at: float
    """Where on the axis."""
    scales: tuple[int, ...]
    values: tuple[float, ...]
    """Raw, of every scale."""
    value: float
    """Extrapolated."""
    stderr: float
    difference: float
    """Extrapolated less mitigated."""
    difference_stderr: float
    """Statistical."""
    sigma: float
    """The difference over its error, in which the systematic error of the mitigated value is as well."""


def line_weights(scales: Sequence[int]) -> Array:
    """What every scale contributes to the line's value at none, (scales,).

    Examples:
        >>> line_weights([1, 3]).tolist()
        [1.5, -0.5]
        >>> [round(12 * w) for w in line_weights([1, 3, 5])]
        [13, 4, -5]
    """
    s = np.asarray(scales, dtype=float)
    off = s - s.mean()
    return 1 / len(s) - s.mean() * off / (off**2).sum()


def folded_value(
    data: Counts,
    arms: Sequence[tuple[int, Counts]],
    cells: Cells,
    o: Observable,
    point: int,
    moments: MitigatedMoments,
    mitigated: tuple[float, float, float],
    at: float = np.nan,
) -> Folded:
    """A linear quantity of the main arm at one point, extrapolated from folded arms.

    Args:
        data: What was measured in the main arm, first, and in controls.
        arms: Scale and counts of the main arm, first, and of every folded one; all with the same points.
        cells: Those of the main arm.
        o: The quantity, linear in moments of Z.
        point: Which one.
        moments: Mitigated moments of the same cells as the data.
        mitigated: Value by the members at that point, its statistical and its systematic error.
        at: Where on the axis that is.
    """
    words, scales = moments.words, [scale for scale, _ in arms]
    weights = line_weights(scales)
    _, here, before = coefficients(o, words, cells)
    places = _places(point, int(cells.home[point]), here[point], before[point])
    values, alone, shared = [], 0.0, np.zeros(1)
    for weight, (_, counts) in zip(weights, arms, strict=True):
        values.append(float(evaluated(o, cells.sample(counts.moments, None, {}))[point]))
        errors = counts.linear_errors(words)
        alone += weight**2 * sum(float(u @ errors.shot[at] @ u) for at, u in places)
        shared = shared + weight * np.sum([u @ errors.shared[at] for at, u in places], axis=0)
    value, variance = float(weights @ values), alone + float((shared**2).sum())
    common = weights[0] * sum(float(u @ _joint(data, moments, at) @ u) for at, u in places)
    cleaned = np.sum([u @ moments.shared[at] for at, u in places], axis=0)
    common += float(shared @ cleaned)
    clean, stderr, systematic = mitigated
    difference = max(variance + stderr**2 - 2 * common, 0.0)
    return Folded(
        at=at,
        scales=tuple(scales),
        values=tuple(values),
        value=value,
        stderr=float(np.sqrt(variance)),
        difference=value - clean,
        difference_stderr=float(np.sqrt(difference)),
        sigma=float((value - clean) / max(np.hypot(np.sqrt(difference), systematic), 1e-300)),
    )


def _places(point: int, home: int, here: Array, before: Array) -> list[tuple[int, Array]]:
    """Cells that a quantity reads, each with its coefficients: the point and its measured reference."""
    if home < 0:
        return [(point, here)]
    return [(point, here + before)] if home == point else [(point, here), (home, before)]


def _joint(data: Counts, moments: MitigatedMoments, cell: int) -> Array:
    """Covariance of raw with mitigated moments of one cell through its counts, (words, words).

    What the counts add to the pooled survival is left out: one cell is a small part of it.
    """
    shots = np.maximum(data.shots[cell], 1)
    share = data.observed[cell] / shots[..., None]
    raw = data.linear_errors(moments.words).gain[cell]
    weight = data.member_weight_as_measured[cell]
    # (words, strata, outcomes) per count -> (members, settings, words, outcomes) per frequency
    clean = moments.step[cell].reshape(len(moments.words), *shots.shape, -1) * shots[..., None]
    scale = weight / np.maximum(data.shots[cell] - 1, 1)
    product = np.einsum("ms,wso,vmso,mso->wv", scale, raw, clean, share)
    first = np.einsum("wso,mso->wms", raw, share), np.einsum("vmso,mso->vms", clean, share)
    return product - np.einsum("ms,wms,vms->wv", scale, *first)
