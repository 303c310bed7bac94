"""Settings that stand in a file several times: with the same counts, or with others than one state would give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from protocols import Array

UNLIKELY = 1e-4
"""Chance below which repetitions are said to differ."""
FEWEST_OUTCOMES = 2
"""Of different outcomes with shots: fewer agree too easily."""


def repeated(keys: Sequence[object], outcomes: Sequence[object], counts: Sequence[int], lines: Sequence[int]) -> str:
    """A note about settings of which every outcome is there several times; empty where there are none.

    Args:
        keys: Setting of each row: its point, arm, member, copy, pass and basis.
        outcomes: Bits of each row.
        counts: How often.
        lines: Of each row in the file.

    Examples:
        >>> twice = repeated(["ZZ"] * 4, ["00", "11"] * 2, [503, 487] * 2, [2, 3, 4, 5])
        >>> twice.partition(":")[0]
        '1 of 1 settings and points have every count several times (row 4 repeats row 2)'
        >>> repeated(["ZZ"] * 4, ["00", "11"] * 2, [503, 487, 488, 502], [2, 3, 4, 5])
        '1 of 1 settings and points are in the file several times; they are added up as shots of one state'
    """
    settings: dict[object, dict[object, list[tuple[int, int]]]] = {}
    for key, outcome, count, line in zip(keys, outcomes, counts, lines, strict=True):
        settings.setdefault(key, {}).setdefault(outcome, []).append((count, line))
    alike: list[list[tuple[int, int]]] = []
    blocks: list[Array] = []
    if set(counts) == {1}:  # one row a shot
        return ""
    for tallies in settings.values():
        seen = [rows for rows in tallies.values() if any(count for count, _ in rows)]
        sizes = {len(rows) for rows in seen}
        if len(seen) < FEWEST_OUTCOMES or len(sizes) > 1 or sizes == {1}:
            continue
        if all(len({count for count, _ in rows}) == 1 for rows in seen):
            alike.append(seen[0])
        blocks.append(np.array([[count for count, _ in rows] for rows in seen], dtype=float).T)
    if not blocks:
        return ""
    if len(alike) == len(blocks):
        return _copied(alike[0], len(alike), len(settings))
    also = f"; {len(alike)} of them have every count several times" if alike else ""
    return _pooled(blocks, len(settings)) + also


def _copied(rows: Sequence[tuple[int, int]], found: int, settings: int) -> str:
    (_, first), (_, again) = rows[:2]
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
