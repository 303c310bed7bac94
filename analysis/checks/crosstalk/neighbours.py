"""Is a bit read in the same way whatever its neighbours are: calibration with copies prepared alike and opposite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from analysis.statistics import holm
from analysis.verdict import CROSSTALK_ALARM, Check, Difference, Missing, NotTested, Question, ReadBesideOthers
from protocols import Array


def readout_beside_neighbours(sums: Mapping[str, Array], near: Array, columns: Sequence[str]) -> Check:
    """P(read 1 | own bit) of every bit, where a bit of a neighbouring copy is 1 and where it is 0.

    A Mantel-Haenszel test of each own bit and value with each bit of a neighbour, over the patterns of the own copy and
    the calibrations before and after (Mantel and Haenszel, J. Natl. Cancer Inst. 22, 719 (1959)): given both margins
    its moments are exact. Where no round has both, the rounds are compared, and drift looks the same.

    Args:
        sums: What `devices` keeps of shots that copies shared; empty where they shared none.
        near: (copies, copies) bool, which copies are neighbours on the chip.
        columns: Names of the bits of one copy.
    """
    nothing = Check(question=Question.BESIDE, passed=None, finding=NotTested(why=Missing.BOTH_PATTERNS))
    if not sums or not near.any() or not len(sums["prepared"]):
        return nothing
    if not (sums["ones"] - (sums["prepared"] == 1) * sums["executed"][:, None]).any():
        return Check(question=Question.BESIDE, passed=None, finding=NotTested(why=Missing.MISREADS))
    found: dict[str, tuple[float, float, float]] = {}
    rounds = True
    for same_round in (True, False):
        rounds = same_round
        for copy in range(len(near)):
            found |= _of_copy(sums, copy, near, columns, same_round)
        if found:
            break
    if not found:
        return nothing
    difference, stderr, p = np.array(list(found.values())).T
    p = holm(p)
    least = int(np.argmin(p))
    worst = Difference(
        label=list(found)[least], value=float(difference[least]), stderr=float(stderr[least]), p=float(p[least])
    )
    finding = ReadBesideOthers(p=worst.p, values=len(found), worst=worst, rounds=not rounds)
    return Check(question=Question.BESIDE, passed=finding.p >= CROSSTALK_ALARM, finding=finding)


def _of_copy(
    sums: Mapping[str, Array], copy: int, near: Array, columns: Sequence[str], same_round: bool
) -> dict[str, tuple[float, float, float]]:
    """Every bit and value of one copy beside every bit of its neighbours: difference, its error and p-value."""
    bits = len(columns)
    own = sums["prepared"][:, copy * bits : (copy + 1) * bits]
    keys = np.column_stack([own, sums["round"]]) if same_round else own
    stratum = np.unique(keys, axis=0, return_inverse=True)[1].ravel()
    found = {}
    for bit in range(bits):
        for other in np.flatnonzero(near[copy]).tolist():
            for beside in range(bits):
                held = sums["prepared"][:, other * bits + beside]
                for value in (0, 1):
                    rows = np.flatnonzero((own[:, bit] == value) & (held >= 0))
                    ones = sums["ones"][rows, copy * bits + bit]
                    one = _mantel_haenszel(stratum[rows], held[rows] == 1, ones, sums["executed"][rows])
                    if one is not None:
                        label = f"P(1 read | {value} prepared) of {columns[bit]} of copy {copy} with "
                        found[f"{label}{columns[beside]} of copy {other}"] = one
    return found


def _mantel_haenszel(stratum: Array, group: Array, ones: Array, shots: Array) -> tuple[float, float, float] | None:
    """Difference of the chance of a 1, its error, and the p-value; None where no stratum has both groups."""
    from scipy.special import ndtr

    if not len(stratum):
        return None
    table = np.zeros((int(stratum.max()) + 1, 2, 2))
    read = table.reshape(-1, 2)
    at = 2 * stratum.astype(int) + group.astype(int)
    np.add.at(read[:, 1], at, ones)
    np.add.at(read[:, 0], at, shots - ones)
    sizes = table.sum(axis=2)
    both = (sizes > 0).all(axis=1)
    n0, n1 = sizes[both].T
    number, total = n0 + n1, table[both, :, 1].sum(axis=1)
    variance = float((n1 * n0 * total * (number - total) / (number**2 * np.maximum(number - 1, 1))).sum())
    if not variance:
        return None
    excess = float((table[both, 1, 1] - n1 * total / number).sum())
    # half a count less: the law is one of whole numbers
    z = max(abs(excess) - 0.5, 0.0) / np.sqrt(variance)
    weight = float((n1 * n0 / number).sum())
    return excess / weight, float(np.sqrt(variance)) / weight, float(2 * ndtr(-z))
