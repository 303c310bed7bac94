"""Rows of a sweep as the numbers of findings."""

from __future__ import annotations

import typing
from collections.abc import Mapping

from analysis.verdict import findings as f
from analysis.verdict.wording.numbers import UNBOUNDED, Bounds


def value_at(row: typing.Any, axis: str) -> f.ValueAt:
    """The value of one row.

    Args:
        row: Of any observable.
        axis: Its column is where the row is.
    """
    return f.ValueAt(value=float(row["value"]), stderr=float(row["stderr"]), at=float(row[axis]))


def quantity_of(
    row: typing.Any, axis: str, bounds: Mapping[tuple[str, str], Bounds], usual: Bounds = UNBOUNDED
) -> f.Quantity:
    """The quantity of one row with its interval.

    Args:
        row: Of any observable.
        axis: Its column is where the row is.
        bounds: What each quantity can be at all, by name and subject.
        usual: The same where that is not known.
    """
    return f.Quantity(
        observable=row["observable"],
        subject=row["subject"],
        value=float(row["value"]),
        stderr=float(row["stderr"]),
        low=float(row["low"]),
        high=float(row["high"]),
        unit=row["unit"],
        bounds=bounds.get((row["observable"], row["subject"]), usual),
        axis=axis,
        at=float(row[axis]),
    )
