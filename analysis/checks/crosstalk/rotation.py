"""Does no arm own good couplers: every copy has to spend the same share of its shots on each arm."""

from __future__ import annotations

import typing

import numpy as np

from analysis.verdict import Check, Missing, NotTested, Question, Rotation

if typing.TYPE_CHECKING:
    from devices import RunRecord

EVEN = 0.02
"""Share of its shots by which a copy may have more or less of an arm than all copies: whole repeats are shared out."""


def rotation(record: RunRecord) -> Check:
    """Shares of the arms of every copy; nothing here is random, and nothing is told by chance.

    Args:
        record: Of a run of several copies.
    """
    counts = record.counts()
    measured = counts[counts["basis"] != "cal"]
    arms = list(record.start["arms"])
    if len(arms) < 2:
        return Check(question=Question.ROTATION, passed=None, finding=NotTested(why=Missing.ARMS))
    shots = np.zeros((len(arms), record.copies))
    where = {arm: i for i, arm in enumerate(arms)}
    np.add.at(shots, (measured["arm"].map(where).to_numpy(), measured["copy"].to_numpy()), measured["count"].to_numpy())
    own = shots / np.maximum(shots.sum(axis=0), 1)
    all_copies = shots.sum(axis=1) / shots.sum()
    apart = np.abs(own - all_copies[:, None])
    arm, copy = np.unravel_index(int(np.argmax(apart)), apart.shape)
    placements = record.start["device"].get("placements") or []
    score = np.array([float(one["score"]) for one in placements]) if len(placements) == record.copies else None
    means = (shots @ score) / np.maximum(shots.sum(axis=1), 1) if score is not None else np.zeros(len(arms))
    finding = Rotation(
        share=float(apart[arm, copy]), arm=arms[int(arm)], copy=int(copy), apart=float(means.max() - means.min())
    )
    return Check(question=Question.ROTATION, passed=finding.share <= EVEN, finding=finding)
