"""Is a bit read in the same way whatever its neighbours are: calibration of all copies with some of them inverted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from analysis.statistics import holm
from analysis.verdict import CROSSTALK_ALARM, Check, Difference, Missing, NotTested, Question, ReadBesideOthers
from protocols import Array


def readout_beside_neighbours(sums: Mapping[str, Array], near: Array, columns: Sequence[str]) -> Check:
    """P(read 1 | own bit) of every bit where its neighbours are as itself, and where one of them is inverted.

    A Mantel-Haenszel test of each bit and value, over the patterns of its own copy and the calibrations before and
    after (Mantel and Haenszel, J. Natl. Cancer Inst. 22, 719 (1959)): given both margins its moments are exact.

    Args:
        sums: What `devices` keeps of shots that copies shared; empty where they shared none.
        near: (copies, copies) bool, which copies are neighbours on the chip.
        columns: Names of the bits of one copy.
    """
    nothing = Check(question=Question.BESIDE, passed=None, finding=NotTested(why=Missing.BOTH_PATTERNS))
    if not sums or not near.any() or not len(sums["prepared"]):
        return nothing
    inverted = _some_neighbour_inverted(sums["prepared"], near, len(columns))
    labels, found = [], []
    for column in range(sums["prepared"].shape[1]):
        copy, bit = divmod(column, len(columns))
        own = sums["prepared"][:, copy * len(columns) : (copy + 1) * len(columns)]
        for value in (0, 1):
            rows = np.flatnonzero((sums["prepared"][:, column] == value) & (inverted[:, copy] >= 0))
            strata = [(*own[row].tolist(), int(sums["round"][row])) for row in rows]
            one = _mantel_haenszel(strata, inverted[rows, copy] > 0, sums["ones"][rows, column], sums["executed"][rows])
            if one is not None:
                found.append(one)
                labels.append(f"P(1 read | {value} prepared) of {columns[bit]} of copy {copy}")
    if not found:
        return nothing
    difference, stderr, p = np.array(found).T
    p = holm(p)
    least = int(np.argmin(p))
    worst = Difference(
        label=labels[least], value=float(difference[least]), stderr=float(stderr[least]), p=float(p[least])
    )
    finding = ReadBesideOthers(p=worst.p, values=len(found), worst=worst)
    return Check(question=Question.BESIDE, passed=finding.p >= CROSSTALK_ALARM, finding=finding)


def _some_neighbour_inverted(prepared: Array, near: Array, bits: int) -> Array:
    """(rows, copies): 1 where the pattern of some neighbour is the inverse of the own, 0 where of none, -1 unknown."""
    rows, copies = len(prepared), len(near)
    pattern = prepared.reshape(rows, copies, bits)
    read = np.greater_equal(pattern, 0)
    known = np.any(read, axis=2)
    found = np.full((rows, copies), -1)
    for copy in range(copies):
        others = np.flatnonzero(near[copy])
        here = known[:, copy]
        beside = known[:, others] & here[:, None]
        alike = pattern[:, others] == pattern[:, [copy]]
        same = (alike | ~read[:, [copy]]).all(axis=2)
        other = (~alike | ~read[:, [copy]]).all(axis=2)
        found[:, copy] = np.where((beside & other).any(axis=1), 1, np.where((beside & same).any(axis=1), 0, -1))
    return found


def _mantel_haenszel(
    strata: list[tuple[int, ...]], inverted: Array, ones: Array, shots: Array
) -> tuple[float, float, float] | None:
    """Difference of the chance of a 1, its error, and the p-value; None where no pattern was run beside both."""
    from scipy.special import ndtr

    excess = variance = weight = 0.0
    for stratum in set(strata):
        at = np.array([one == stratum for one in strata])
        n1, n0 = float(shots[at & inverted].sum()), float(shots[at & ~inverted].sum())
        a, total = float(ones[at & inverted].sum()), float(ones[at].sum())
        n = n1 + n0
        if not n1 or not n0:
            continue
        excess += a - n1 * total / n
        variance += n1 * n0 * total * (n - total) / (n**2 * (n - 1))
        weight += n1 * n0 / n
    if not variance:
        return None
    # one count less: the law is one of whole numbers
    z = max(abs(excess) - 0.5, 0.0) / np.sqrt(variance)
    return excess / weight, float(np.sqrt(variance)) / weight, float(2 * ndtr(-z))
