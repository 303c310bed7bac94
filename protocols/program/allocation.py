"""The same program with its shots divided otherwise: over settings, members and points.

Weights stay exact, and every row keeps at least one repeat where its member has any: what is measured stays the same,
only how well each part is known changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from protocols.program.program import Program
from protocols.types import Array

STEPS = 128
"""Shots are given in this fraction of those of a setting and point: a simulator makes one call for each number."""


def reallocated(program: Program, repeats: Sequence[Array]) -> Program:
    """The program with other repeats in its measuring blocks; calibration stays.

    Args:
        program: As compiled.
        repeats: Of the rows of each block that is not calibration, in the order of the blocks.

    Raises:
        ValueError: If a row of a member with weight would get no shot, or the total of an arm changed.
    """
    measuring = [block for block in program.blocks if not block.prepared]
    totals: dict[str, int] = {}
    for block, given in zip(measuring, repeats, strict=True):
        if given.shape != block.repeats.shape or ((given < 1) & (block.repeats > 0)).any():
            raise ValueError(f"block {block.setting} would lose rows")
        arm = block.setting.arm
        totals[arm] = totals.get(arm, 0) + int(given.sum() - block.repeats.sum())
    if any(totals.values()):
        raise ValueError(f"the totals of the arms change by {totals}")
    new = iter(repeats)
    blocks = tuple(block if block.prepared else replace(block, repeats=next(new)) for block in program.blocks)
    return replace(program, blocks=blocks)


def apportioned(wanted: Array, total: int, step: int) -> Array:
    """Whole numbers near what is wanted, with a given sum, at least 1 where anything is wanted.

    Args:
        wanted: Real numbers >= 0 of any shape, which sum to the total.
        total: Of all.
        step: Numbers above it are multiples of it, but for one that takes the rest.

    Examples:
        >>> apportioned(np.array([100.4, 20.3, 0.3, 0.0]), 121, 10).tolist()
        [100, 20, 1, 0]
    """
    counts = np.where(wanted >= step, np.rint(wanted / step) * step, np.maximum(np.rint(wanted), 1))
    counts = np.where(wanted > 0, counts, 0).astype(np.int64)
    return settled(counts.ravel(), total).reshape(counts.shape)


def largest_remainder(wanted: Array, total: int, *, least: int = 0) -> Array:
    """Whole numbers with a given sum, each the floor of what is wanted or one more, where the remainder is largest.

    Args:
        wanted: Real numbers >= 0, shape (..., parts), which sum to the total over the last axis.
        total: Sum over the last axis.
        least: Where anything is wanted, at least this; the largest parts pay for it.

    Returns:
        Shape (..., parts), int.

    Examples:
        >>> largest_remainder(np.array([3.5, 2.1, 1.4]), 7).tolist()
        [4, 2, 1]
        >>> largest_remainder(np.array([6.9, 0.1, 0.0]), 7, least=1).tolist()
        [6, 1, 0]
    """
    present = wanted > 0
    counts = np.maximum(np.floor(wanted), least * present).astype(np.int64)
    missing = total - counts.sum(axis=-1, keepdims=True)
    order = np.argsort(np.where(present, counts - wanted, np.inf), axis=-1, kind="stable")
    rank = np.argsort(order, axis=-1, kind="stable")
    counts += (rank < missing) & present
    rows = counts.reshape(-1, counts.shape[-1])
    for row in np.flatnonzero(rows.sum(axis=-1) != total):
        rows[row] = settled(rows[row], total)
    return counts


def settled(counts: Array, total: int) -> Array:
    """Whole numbers that miss their sum, mended at the largest ones.

    Args:
        counts: Shape (parts,), int.
        total: The sum they ought to have.

    Examples:
        >>> settled(np.array([100, 20, 2]), 120).tolist()
        [98, 20, 2]
    """
    counts = counts.copy()
    while (excess := int(counts.sum()) - total) != 0:
        heaviest = int(counts.argmax())
        counts[heaviest] -= min(excess, max(int(counts[heaviest]) // 2, 1))
    return counts
