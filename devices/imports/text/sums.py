"""Rows that differ in their counts alone, added up: what a file has for each shot becomes what it has for each outcome.

Nothing is lost by it: points, settings, members, passes and copies are columns, and rows that agree in all of them are
further shots of the same kind. How often each was there, and with which counts, is kept beside the sums.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from devices.imports.text.coded import CodedColumn
from devices.imports.text.numbers import MOST_COUNTS, whole_number
from protocols import Array

MANY = 2**17
"""Rows of a file that are added up as soon as they are read; a run of fewer keeps the rows of its file."""
_COUNTS = ("count", "counts")
_INDEX = re.compile(r"|unnamed: ?\d+|index|row", re.IGNORECASE)
_HALF = 31
_NARROW = 2**31 - 1
"""Combinations that are numbered in 32 bits."""
_SLAB = 2**18
"""Rows that are added up at a time."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Tallies:
    """What the rows of a file were before they were added up."""

    group: Array
    """(rows,) which sum each row is in."""
    count: Array
    """(rows,) int64."""
    line: Array
    """(rows,) number of its line in the file."""

    def among(self, sums: Sequence[int]) -> Tallies:
        """The rows of some of the sums, which are numbered anew.

        Args:
            sums: Their numbers, each once.
        """
        place = np.full(int(self.group.max()) + 1, -1)
        place[np.asarray(sums)] = np.arange(len(sums))
        group = place[self.group]
        kept = group >= 0
        if kept.all():
            return Tallies(group=group, count=self.count, line=self.line)
        return Tallies(group=group[kept], count=self.count[kept], line=self.line[kept])


@dataclass(frozen=True, kw_only=True, eq=False)
class AddedUp:
    """Rows of which no two differ in their counts alone, in the order in which they first appear."""

    columns: dict[str, Sequence[str]]
    lines: Array
    """Of the first row of each sum."""
    tallies: Tallies
    notes: tuple[str, ...]


def added_up(columns: dict[str, CodedColumn], lines: Array) -> AddedUp | None:
    """The rows added up; None where they are few, or have no column of counts, or hardly any agree.

    A cell of counts that is no number of counts stays as it is, in a row of its own: it is refused later, by its line.

    Args:
        columns: By name.
        lines: Of each row, (rows,).
    """
    named = [name for name in columns if name.lower() in _COUNTS]
    if len(lines) < MANY or len(named) != 1:
        return None
    numbering = [name for name, column in columns.items() if _INDEX.fullmatch(name) and column.numbers_rows]
    labels = [name for name in columns if name not in (*numbering, named[0])]
    counts = columns[named[0]]
    known = [whole_number(text) for text in counts.texts]
    usable = np.array([value is not None and 0 <= value <= MOST_COUNTS for value in known], dtype=bool)
    value = np.array([one if fits else 0 for one, fits in zip(known, usable, strict=True)], dtype=np.int64)
    own = np.where(usable, 0, np.arange(1, len(known) + 1)).astype(np.int32)
    first, group = _grouped([columns[name] for name in labels], own[counts.codes])
    if 2 * len(first) > len(lines):
        return None
    count = value[counts.codes]
    sums = _sums(group, count, len(first))
    odd = ~usable[counts.codes[first]]
    cells: dict[str, Sequence[str]] = {name: list(columns[name].taken(first)) for name in labels}
    of_first: list[int] = counts.codes[first].tolist()
    cells[named[0]] = [
        counts.texts[code] if wrong else str(total)
        for code, wrong, total in zip(of_first, odd.tolist(), sums, strict=True)
    ]
    said = f"{len(lines)} rows are added up to {len(first)}, which differ in more than their counts"
    return AddedUp(
        columns={name: cells[name] for name in columns if name in cells},
        lines=lines[first],
        tallies=Tallies(group=group, count=count, line=lines),
        notes=(*(f"the column `{name}` numbers the rows and is not read" for name in numbering), said),
    )


def _grouped(labels: Sequence[CodedColumn], own: Array) -> tuple[Array, Array]:
    """First row of every combination, in the order of first appearance, and the number of that of each row.

    The numbers of combinations are made in place of `own`, and are as narrow as they may be: there are millions.
    """
    key, size = own, int(own.max()) + 1
    for column in labels:
        different = max(len(column.texts), int(column.codes.max()) + 1)
        if size * different > MOST_COUNTS:
            key, size = _numbered(key)
        size *= different
        key = key.astype(np.int64, copy=False) if size > _NARROW else key
        key *= different
        key += column.codes
    if size <= len(key):  # fewer combinations than rows: nothing has to be sorted
        first = np.full(size, -1)
        # of equal places the last one stays, the first row
        first[key[::-1]] = np.arange(len(key) - 1, -1, -1, dtype=np.int32)
        order = np.flatnonzero(first >= 0)
        order = order[np.argsort(first[order])]
        place = np.empty(size, dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        return first[order], place[key]
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return first[order], place[group]


def _numbered(key: Array) -> tuple[Array, int]:
    found, number = np.unique(key, return_inverse=True)
    return number.astype(np.int64), len(found)


def _sums(group: Array, count: Array, size: int) -> list[int]:
    """Sums of counts, which may be larger than what 64 bits hold."""
    highs, lows = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for start in range(0, len(group), _SLAB):
        rows = slice(start, start + _SLAB)
        np.add.at(highs, group[rows], count[rows] >> _HALF)
        np.add.at(lows, group[rows], count[rows] & (2**_HALF - 1))
    return [(high << _HALF) + low for high, low in zip(highs.tolist(), lows.tolist(), strict=True)]
