"""Which of two sides is hotter at the reference, and what may leave that open."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.verdict import findings as f
from analysis.verdict.question import SweepTable
from analysis.verdict.rule import DIRECTION_SIGMA, Exchange, Valued, as_declared, beyond_unseen_energy
from analysis.verdict.unequal_gaps import direction_by_temperature

NOTHING = 1e-12
"""A difference of exact energies below it is rounding."""


def direction_between(sweep: SweepTable, sides: Sequence[str]) -> f.Direction:
    """The side that is hotter by what was measured at the reference: of equal gaps the one with more energy.

    Args:
        sweep: What was measured.
        sides: The two.
    """
    if sweep.gaps is not None:
        return direction_by_temperature(sweep, sides)
    first, second = sides
    rows = sweep.at_start("energy_difference", first + second)
    difference, stderr = None, 0.0
    if len(rows):
        difference, stderr = float(rows["value"].iloc[0]), float(rows["stderr"].iloc[0])
    elif sweep.apart is not None and not sweep.gained(first).empty:
        difference = sweep.apart  # heat is counted from the nominal state then
    turned = difference is not None and math.isfinite(difference) and difference < 0
    if turned:
        first, second = second, first
    size = None if difference is None or not math.isfinite(difference) else abs(difference)
    sure = size is not None and Valued(value=size, stderr=stderr, degrees=sweep.degrees).sigmas > DIRECTION_SIGMA
    known = size is not None and bool(sure) and size >= NOTHING
    why = "not measured" if size is None else "" if known else "errors"
    if known and sweep.apart is None and sweep.inverted(sides):
        known, why = False, "inverted"
    return f.Direction(
        hot=first if known else None,
        first=first,
        second=second,
        difference=size,
        stderr=stderr,
        # a side of several qubits has its energy per qubit, which is no row of the table
        per_qubit=any(sweep.rows("energy", side).empty for side in sides),
        axis=sweep.axis,
        why=why,
        declared=None if sweep.apart is None else (-sweep.apart if turned else sweep.apart) + 0.0,
    )


def known_direction(seeming: f.Direction, seen: Exchange) -> f.Direction:
    """The same direction, open where what was declared or unseen energy leaves it open.

    Args:
        seeming: By what was measured at the reference.
        seen: The exchange of that hot side.
    """
    declared = seeming.declared
    if declared is not None and not bool(as_declared(seen)):
        return replace(seeming, hot=None, why="contradicts" if declared < -NOTHING else "preparation")
    if seen.balance is not None and not bool(beyond_unseen_energy(seen)):
        return replace(seeming, hot=None, why="unseen energy", unseen=float(np.asarray(seen.balance.value)))
    return seeming
