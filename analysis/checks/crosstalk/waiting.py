"""Do copies that finish early lose excitations before they are read: survival of |1...1> against their wait."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np

from analysis.checks.drift import bit_columns
from analysis.verdict import CROSSTALK_ALARM, Check, Missing, NotTested, Question, WaitingCopies
from protocols import Array, RequestError, load
from protocols.program import members_of

if typing.TYPE_CHECKING:
    import pandas as pd

    from devices import RunRecord

FEWEST = 4
"""Copies, for a line to have a slope with a known error."""
LEAST_WAIT = 1e-9
"""Seconds between the longest and the shortest circuit below which no copy finishes early."""


def waiting_copies(record: RunRecord) -> Check:
    r"""The slope of ln S over the wait, S = P(1...1 read | member of all excitations)/P(1...1 read | 1...1 calibrated).

    An exchange leaves |1...1> as it is, so that S is what gates and relaxation left; a copy that is done early relaxes
    by e^(-wait (1/T_1A + 1/T_1B)) more than it would alone. Copies differ in their gates as well: the error of the
    slope is from the scatter about the line, where that is more than shot noise.

    Args:
        record: Of a run of several copies.
    """
    durations = (record.start["device"].get("copies") or {}).get("durations")
    if not durations or max(durations) - min(durations) < LEAST_WAIT:
        return Check(question=Question.WAITING, passed=None, finding=NotTested(why=Missing.WAITS))
    wait = 1e6 * (max(durations) - np.array(durations, dtype=float))
    excited = _all_excited(record)
    survival, variance = _survivals(record, excited) if excited else (np.full(len(wait), np.nan),) * 2
    known = np.isfinite(survival) & np.isfinite(variance) & (survival > 0)
    if known.sum() < FEWEST or np.ptp(wait[known]) <= 0:
        return Check(question=Question.WAITING, passed=None, finding=NotTested(why=Missing.ALL_EXCITED))
    slope, stderr, p = _falls(wait[known], np.log(survival[known]), variance[known])
    finding = WaitingCopies(
        p=p,
        slope=slope,
        stderr=stderr,
        longest=float(wait.max()),
        least=float(survival[known].min()),
        most=float(survival[known].max()),
    )
    return Check(question=Question.WAITING, passed=p >= CROSSTALK_ALARM, finding=finding)


def _all_excited(record: RunRecord) -> Sequence[int]:
    """Numbers of the members in which every qubit of the system is excited from start to end."""
    try:
        members = members_of(load(record.start["protocol"]))
    except RequestError:
        return ()
    return [number for number, one in members.items() if one.excitations == len(record.start["qubits"])]


def _survivals(record: RunRecord, excited: Sequence[int]) -> tuple[Array, Array]:
    """S of every copy and the variance of ln S; NaN where it was not measured."""
    counts, qubits = record.counts(), list(record.start["qubits"])
    bits = bit_columns(counts)
    at = [bits.index(qubit) for qubit in qubits]
    calibration = counts["basis"] == "cal"
    read_z = counts["basis"].map(lambda basis: str(basis) != "cal" and all(str(basis)[i] == "Z" for i in at))
    measured = counts[read_z & counts["member"].isin(excited)]
    prepared = counts[calibration & counts["prepared"].map(lambda text: isinstance(text, str) and set(text) == {"1"})]
    found = [_share_of_ones(rows, qubits, record.copies) for rows in (measured, prepared)]
    with np.errstate(invalid="ignore", divide="ignore"):
        return found[0][0] / found[1][0], found[0][1] + found[1][1]


def _share_of_ones(rows: pd.DataFrame, qubits: Sequence[str], copies: int) -> tuple[Array, Array]:
    """P(1...1) of every copy, and the variance of its logarithm, (1 - P)/(N P)."""
    ones = (rows[list(qubits)] == 1).all(axis=1).to_numpy(dtype=float)
    copy, count = rows["copy"].to_numpy(dtype=int), rows["count"].to_numpy(dtype=float)
    number, yes = np.bincount(copy, count, copies), np.bincount(copy, ones * count, copies)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = yes / number
        return share, (number - yes + 0.5) / (number * yes)  # half a count: all may have survived


def _falls(wait: Array, logarithm: Array, variance: Array) -> tuple[float, float, float]:
    """Slope of a weighted line, its error, and the chance of one at least as steep downwards."""
    from scipy.special import stdtr

    w = 1 / variance
    centre = (w * wait).sum() / w.sum()
    spread = (w * (wait - centre) ** 2).sum()
    level = (w * logarithm).sum() / w.sum()
    slope = float((w * (wait - centre) * (logarithm - level)).sum() / spread)
    left = (w * (logarithm - level - slope * (wait - centre)) ** 2).sum() / (len(wait) - 2)
    stderr = float(np.sqrt(max(1.0, left) / spread))
    return slope, stderr, float(stdtr(len(wait) - 2, slope / stderr))
