"""Are bits of neighbouring copies independent within a shot, beside those of distant ones: z = r sqrt N of a pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.statistics import gamma_p, skew_tail
from analysis.verdict import CROSSTALK_ALARM, Check, Difference, Independence, Missing, NotTested, Pairs, Question
from protocols import Array

TESTS = 3
"""Of each kind of rows: neighbours together, the worst pair of them, distant copies together."""
RAREST = 0.25
"""Excess kurtosis of a covariance beyond which it is not summed: that of coincidences expected four times."""


def independence(sums: Mapping[str, Array], near: Array, columns: Sequence[str]) -> Check:
    """Covariances of bits of different copies, given every executed row.

    Two bits that are independent have r^2 N = z^2 = 1 on average, exactly known cumulants, and pairs of bits are
    uncorrelated even where they share one. Neighbours are compared with that, and with distant copies, which whatever
    moves the whole chip within a row moves too.

    Args:
        sums: What `devices` keeps of shots that copies shared; empty where they shared none.
        near: (copies, copies) bool, which copies are neighbours on the chip.
        columns: Names of the bits of one copy.
    """
    if not sums or not near.any():
        return Check(question=Question.INDEPENDENCE, passed=None, finding=NotTested(why=Missing.ONE_BY_ONE))
    names = [f"{column} of copy {copy}" for copy in range(len(near)) for column in columns]
    found = [one for kind in (0, 1) if (one := _tested(_Kind.of(sums, kind), near, len(columns), names))]
    if not found:
        return Check(question=Question.INDEPENDENCE, passed=None, finding=NotTested(why=Missing.COINCIDENCES))
    least = min(found, key=lambda one: one.p)
    finding = Independence(
        p=min(1.0, len(found) * least.p),
        shots=least.kind.shots,
        calibration=least.kind.calibration,
        neighbours=least.near,
        distant=least.far,
        nearer=least.near and least.far and _mean_square_above(least.near, least.far),
        worst=least.worst,
    )
    return Check(question=Question.INDEPENDENCE, passed=finding.p >= CROSSTALK_ALARM, finding=finding)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Kind:
    """Sums of one kind of rows, (columns, columns)."""

    calibration: bool
    shots: int
    covariance: Array
    variance: Array
    third: Array
    fourth: Array
    joint: Array
    """(copies bits^2, copies bits^2)."""

    @classmethod
    def of(cls, sums: Mapping[str, Array], kind: int) -> _Kind:
        """Of the measured rows (0) or those of the calibration (1)."""
        parts = {name: sums[name][kind] for name in ("covariance", "variance", "third", "fourth", "joint")}
        return cls(calibration=bool(kind), shots=int(sums["shots"][kind]), **parts)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Tested:
    kind: _Kind
    p: float
    """Of the smallest of three."""
    near: Pairs | None
    far: Pairs | None
    worst: Difference


def _tested(kind: _Kind, near: Array, bits: int, names: Sequence[str]) -> _Tested | None:
    """Both groups of pairs; None where no two bits of neighbours could have come up together."""
    first, second = np.triu_indices(len(names), 1)
    there = (first // bits != second // bits) & (kind.variance[first, second] > 0)
    first, second = first[there], second[there]
    beside = near[first // bits, second // bits]
    if not beside.any():
        return None
    neighbours = _together(kind, first[beside], second[beside], bits)
    distant = _together(kind, first[~beside], second[~beside], bits)
    worst = _worst(kind, first[beside], second[beside], names)
    tests = [worst.p, *(pairs.p for pairs in (neighbours, distant) if pairs)]
    return _Tested(kind=kind, p=min(1.0, len(tests) * min(tests)), near=neighbours, far=distant, worst=worst)


def _together(kind: _Kind, first: Array, second: Array, bits: int) -> Pairs | None:
    """Sum of z^2 over some pairs of bits, against a gamma law with its exact mean and variance.

    Covariances that share one copy at most are uncorrelated: given the shared one, the others are permuted alone.
    Those of the same two copies are correlated as bits within a copy are, which adds 2 rho^2 each.
    """
    kept = kind.fourth[first, second] < RAREST * kind.variance[first, second] ** 2
    first, second = first[kept], second[kept]
    if not len(first) or not kind.joint.size:
        return None
    variance = kind.variance[first, second]
    statistic = float((kind.covariance[first, second] ** 2 / variance).sum())
    spread = float((2 + kind.fourth[first, second] / variance**2).sum())
    joint = kind.joint.reshape(-1, bits, bits, kind.joint.shape[0] // bits**2, bits, bits)
    one, other = first // bits, second // bits
    for a, b in np.unique(np.stack([one, other], axis=1), axis=0):
        at = np.flatnonzero((one == a) & (other == b))
        i, j = first[at] % bits, second[at] % bits
        scale = np.sqrt(variance[at])
        rho = joint[a, i[:, None], i, b, j[:, None], j] / scale[:, None] / scale
        spread += 2 * float((rho**2).sum() - (np.diagonal(rho) ** 2).sum())
    number = len(first)
    return Pairs(number=number, chi_square=statistic, spread=spread, p=gamma_p(statistic, float(number), spread))


def _worst(kind: _Kind, first: Array, second: Array, names: Sequence[str]) -> Difference:
    """The most significant correlation, with the trial factor of all pairs."""
    variance = kind.variance[first, second]
    z = kind.covariance[first, second] / np.sqrt(variance)
    p = _tails(kind, first, second)
    least = int(np.argmin(p))
    return Difference(
        label=f"{names[first[least]]} with {names[second[least]]}",
        value=float(z[least] / np.sqrt(kind.shots)),
        stderr=float(1 / np.sqrt(kind.shots)),
        p=float(min(1.0, len(p) * p[least])),
    )


def _tails(kind: _Kind, first: Array, second: Array) -> Array:
    """Two-sided p-values of single covariances, the larger of what their skewness and their kurtosis make of them.

    Coincidences come in whole numbers, so that half of one is taken off.
    """
    variance = kind.variance[first, second]
    value = kind.covariance[first, second]
    z = np.sign(value) * np.maximum(np.abs(value) - 0.5, 0.0) / np.sqrt(variance)
    kurtosis = np.maximum(kind.fourth[first, second] / variance**2, 0.0)
    heavy = np.array([gamma_p(one, 1.0, 2.0 + more) for one, more in zip(z**2, kurtosis, strict=True)])
    return np.maximum(skew_tail(z, kind.third[first, second] / variance**1.5), heavy)


def _mean_square_above(near: Pairs, far: Pairs) -> float:
    """Chance that neighbours are this much more correlated than distant copies, of an F law."""
    from scipy.special import fdtrc

    return float(fdtrc(near.dof, far.dof, near.ratio / far.ratio)) if far.ratio > 0 else 0.0
