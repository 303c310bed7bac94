"""Settings that stand in a file several times: with the same counts, or with others than one state would give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from devices.imports.text import Tallies
from protocols import Array

UNLIKELY = 1e-4
"""Chance below which repetitions are said to differ."""
FEWEST_OUTCOMES = 2
"""Of different outcomes with shots: fewer agree too easily."""


def repeated(keys: Sequence[object], outcomes: Sequence[object], rows: Tallies) -> str:
    """A note about settings of which every outcome is there several times; empty where there are none.

    Args:
        keys: Setting of each sum of rows: its point, arm, member, copy, pass and basis.
        outcomes: Bits of each sum of rows.
        rows: Those of the file, and which sum each is in.

    Examples:
        >>> def rows(*counts: int) -> Tallies:
        ...     return Tallies(group=np.arange(4), count=np.array(counts), line=np.arange(2, 6))
        >>> twice = repeated(["ZZ"] * 4, ["00", "11"] * 2, rows(503, 487, 503, 487))
        >>> twice.partition(":")[0]
        '1 of 1 settings and points have every count several times (row 4 repeats row 2)'
        >>> repeated(["ZZ"] * 4, ["00", "11"] * 2, rows(503, 487, 488, 502))
        '1 of 1 settings and points are in the file several times; they are added up as shots of one state'
    """
    if (rows.count == 1).all():  # one row a shot
        return ""
    order = np.argsort(rows.group, kind="stable")
    number = np.bincount(rows.group, minlength=len(keys))
    total = np.bincount(rows.group, weights=rows.count, minlength=len(keys))
    settings: dict[object, dict[object, list[int]]] = {}
    for one, (key, outcome) in enumerate(zip(keys, outcomes, strict=True)):
        settings.setdefault(key, {}).setdefault(outcome, []).append(one)
    ends, numbers, totals = np.cumsum(number), number.tolist(), total.tolist()
    alike: list[Array] = []
    blocks: list[Array] = []
    for tallies in settings.values():
        seen = [sums for sums in tallies.values() if any(totals[one] for one in sums)]
        sizes = {sum(numbers[one] for one in sums) for sums in seen}
        if len(seen) < FEWEST_OUTCOMES or len(sizes) > 1 or sizes == {1}:
            continue
        places = [np.concatenate([order[ends[one] - numbers[one] : ends[one]] for one in sums]) for sums in seen]
        block = np.array([rows.count[place] for place in places])
        if (block == block[:, :1]).all():
            alike.append(rows.line[places[0]])
        blocks.append(block.T.astype(float))
    if not blocks:
        return ""
    if len(alike) == len(blocks):
        return _copied(alike[0], len(alike), len(settings))
    also = f"; {len(alike)} of them have every count several times" if alike else ""
    return _pooled(blocks, len(settings)) + also


def _copied(lines: Array, found: int, settings: int) -> str:
    first, again = lines[:2].tolist()
    return (
        f"{found} of {settings} settings and points have every count several times (row {again} repeats row "
        f"{first}): added up as further shots; if they are one measurement that is in the file several times, errors "
        "are too small, and the file should have it once"
    )


def _pooled(blocks: Sequence[Array], settings: int) -> str:
    """What is added up, and whether the repetitions differ by more than shots of one state would."""
    from scipy.special import chdtrc

    chi_square, dof = 0.0, 0
    for block in blocks:
        shots = block.sum(axis=1, keepdims=True)
        if (shots == 0).any():
            continue
        expected = shots * block.sum(axis=0) / shots.sum()
        chi_square += float(((block - expected) ** 2 / expected).sum())
        dof += (block.shape[0] - 1) * (block.shape[1] - 1)
    p = float(chdtrc(dof, chi_square)) if dof else 1.0
    note = f"{len(blocks)} of {settings} settings and points are in the file several times; they are added up"
    if p >= UNLIKELY:
        return f"{note} as shots of one state"
    return (
        f"{note}, but differ by more than shots of one state do (chi-square {chi_square:.0f} for {dof}, p = {p:.1g}): "
        "what was changed between them should be a column, or they should be files of their own"
    )
