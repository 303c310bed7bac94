"""A CSV file of somebody else as columns of text, and errors that name its row and column."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from devices.imports.dialect import read_table
from devices.imports.text import (
    MOST_COUNTS,
    REAL,
    THOUSANDS,
    CodedColumn,
    Tallies,
    Told,
    added_up,
    silent,
    whole_number,
)
from protocols import Array, RequestError
from protocols.program import Parameter

LIKE = 0.8
"""How alike two names are, of 1, of which one is a misspelling of the other."""
_ENDLESS = ("inf", "+inf", "-inf", "infinity", "∞")
"""A temperature of equal populations, from either side."""
SHARES = ("prob", "freq", "quasi")
"""How columns begin that hold shares of the shots."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheet:
    """The cells of a file, without surrounding blanks."""

    name: str
    cells: Mapping[str, Sequence[str]]
    """Column -> text of every row, in the order of the header."""
    lines: Sequence[int]
    """Number of each row's line in the file; the header is line 1."""
    notes: tuple[str, ...] = ()
    """What was understood on the way from the file to these cells, for the record."""
    traced: bool = False
    """Whether further bits were traced out: rows of one outcome are then expected, and no repetitions."""
    tallies: Tallies | None = None
    """What these rows are the sums of; None where they are as they were in the file."""

    @classmethod
    def of(cls, columns: Mapping[str, Sequence[object]], name: str, notes: Sequence[str] = ()) -> Sheet:
        """Rows in memory, as if they had been read from a file.

        Args:
            columns: Column -> value of every row: texts, or numbers, which keep all their digits.
            name: For errors and the record.
            notes: What was understood on the way to these rows, for the record.

        Examples:
            >>> Sheet.of({"basis": ["ZZ"], "A": [0], "B": [1], "count": [38]}, "counts").cells["count"]
            ['38']
        """
        cells = {column: [str(value).strip() for value in values] for column, values in columns.items()}
        sizes = {len(values) for values in cells.values()}
        if sizes in (set(), {0}):
            raise RequestError(f"{name} has no rows. Give at least one row of counts.")
        if len(sizes) > 1:
            listed = ", ".join(f"{column}: {len(values)}" for column, values in cells.items())
            raise RequestError(f"{name}: all columns must have as many rows, but have {listed}. Give every cell.")
        return cls(name=name, cells=cells, lines=range(1, sizes.pop() + 1), notes=tuple(notes))

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def rows_read(self) -> int:
        """Rows that the file had."""
        return len(self) if self.tallies is None else len(self.tallies.line)

    def wrong(self, row: int, column: str, rule: str) -> RequestError:
        """What to raise for one cell: `rule` is what it must be, what it is and the repair."""
        return RequestError(f"{self.name}, row {self.lines[row]}, column `{column}`: {rule}")

    def text(self, column: str, rows: Sequence[int], default: str) -> list[str]:
        """Text of some rows; the default where the column is missing."""
        if column not in self.cells:
            return [default] * len(rows)
        return [self.cells[column][row] for row in rows]

    def whole(self, column: str, rows: Sequence[int], default: int | None = None, most: int = MOST_COUNTS) -> list[int]:
        """Whole numbers from 0 to `most`.

        Args:
            column: Name of the column.
            rows: Which rows.
            default: Where the column is missing.
            most: The largest that is allowed.
        """
        if column not in self.cells and default is not None:
            return [default] * len(rows)
        known: dict[str, int] = {}
        found = []
        for row in rows:
            text = self.cells[column][row]
            if text not in known:
                value = whole_number(text)
                if value is None or not 0 <= value <= most:
                    raise self.wrong(row, column, _not_whole(text, value, most))
                known[text] = value
            found.append(known[text])
        return found

    def real(self, column: str, rows: Iterable[int], declared: Sequence[Parameter] = ()) -> list[float]:
        """Finite numbers (or inf, where a temperature may be), within the domain of one of the declared parameters."""
        known: dict[str, float] = {}
        found = []
        for row in rows:
            text = self.cells[column][row]
            if text not in known:
                endless = text.lower() in _ENDLESS and any(spec.inverted for spec in declared)
                value = math.inf if endless else float(text) if REAL.fullmatch(text) else math.nan
                if not (math.isfinite(value) or endless):
                    raise self.wrong(row, column, f"must be a finite number, but is {_shown(text)}. Correct the row.")
                if declared and not any(spec.allows(np.array(value)) for spec in declared):
                    domain, unit = declared[0].domain, declared[0].unit
                    unit = f" [{unit}]" if unit else ""
                    raise self.wrong(
                        row, column, f"must be {domain}{unit}, but is {text}. It is the {declared[0].meaning}."
                    )
                known[text] = value + 0.0  # no negative zero
            found.append(known[text])
        return found


def read_sheet(content: bytes, name: str, told: Told = silent) -> Sheet:
    r"""Cells of a table of text; see `read_table` for what it may look like.

    Args:
        content: Of the file; its first row that is neither empty nor a comment is the header.
        name: Of the file, for errors.
        told: Told how far the reading of a large file is.

    Raises:
        RequestError: If it is not such a file; row (line of the file) and column are named.

    Examples:
        >>> sheet = read_sheet(b"basis, A, count\n\nZ, 0, 7\n", "counts.csv")
        >>> sheet.cells, sheet.lines
        ({'basis': ['Z'], 'A': ['0'], 'count': ['7']}, [3])
    """
    table = read_table(content, name, told)
    for index, column in enumerate(table.header):
        if column in table.header[:index]:
            raise RequestError(f"{name}, row 1: the column `{column}` appears twice. Name each after what it holds.")
    return sheet_of_columns(dict(zip(table.header, table.columns, strict=True)), table.lines, name, table.notes)


def sheet_of_columns(columns: dict[str, CodedColumn], lines: Array, name: str, notes: Sequence[str] = ()) -> Sheet:
    """The rows of a file; many that differ in their counts alone are added up.

    Args:
        columns: By name.
        lines: Of each row in the file, (rows,).
        name: Of the file, for errors.
        notes: What was understood on the way to these rows, for the record.
    """
    sums = added_up(columns, lines)
    if sums is None:
        cells = {column: list(coded) for column, coded in columns.items()}
        return Sheet(name=name, cells=cells, lines=lines.tolist(), notes=tuple(notes))
    said = (*notes, *sums.notes)
    return Sheet(name=name, cells=sums.columns, lines=sums.lines.tolist(), notes=said, tallies=sums.tallies)


def check_columns(sheet: Sheet, required: Sequence[str], known: Sequence[str]) -> None:
    """Refuses columns that are unknown or missing.

    Args:
        sheet: The file.
        required: Columns that it must have.
        known: Columns that it may have, the required ones among them.

    Raises:
        RequestError: Naming the column and the nearest known one.
    """
    shares = [column for column in sheet.cells if column.lower().startswith(SHARES)]
    if shares and "count" in required and "count" not in sheet.cells:
        raise RequestError(
            f"{sheet.name}, row 1: `{shares[0]}` says how likely outcomes are, but counts are needed: their number "
            "gives the errors. Write count = probability times shots, as whole numbers, in its place."
        )
    missing = [name for name in required if name not in sheet.cells]
    others = [column for column in sheet.cells if column not in known]
    if missing and len(sheet.cells) == 1:
        raise RequestError(
            f"{sheet.name}, row 1: there is one column, `{next(iter(sheet.cells))[:60]}`. Separate cells by commas, "
            "semicolons or tabs."
        )
    words = [column for column in sheet.cells if len(column) > 1 and not set(column) - set("IXYZ")]
    if missing and "basis" in required and "basis" not in sheet.cells and len(words) > 1:
        raise RequestError(
            f"{sheet.name}, row 1: the columns {', '.join(words)} are Pauli words. Write one row a word: pauli, value, "
            "stderr, with the columns that say where it was measured."
        )
    if missing and others:
        listed = f"{', '.join(f'`{one}`' for one in others)} {'is' if len(others) == 1 else 'are'} unknown"
        raise RequestError(
            f"{sheet.name}, row 1: the column `{missing[0]}` is missing, and {listed}. Required are "
            f"{', '.join(required)}. {_meant(sheet, missing[0], others)}"
        )
    for column in sheet.cells:
        if column not in known:
            if told := _more_qubits(sheet, column, required, known):
                raise RequestError(f"{sheet.name}, row 1: the column `{column}` is unknown. {told}")
            lowered = {name.lower(): name for name in known}
            near = difflib.get_close_matches(column.lower(), lowered, n=1, cutoff=LIKE)
            meant = f"Rename it, if `{lowered[near[0]]}` is meant; else keep" if near else "Keep"
            raise RequestError(
                f"{sheet.name}, row 1: the column `{column}` is unknown. {meant} states apart that differ in it: "
                f"one file for each value of `{column}`. Where it numbers repetitions of one state, call it pass (of "
                "the same qubits: summed) or copy (of others: estimated one by one)."
            )
    if missing:
        each = " If every row is one shot, add the column with 1 in each." if missing[0] == "count" else ""
        raise RequestError(
            f"{sheet.name}, row 1: the column `{missing[0]}` is missing. Required are {', '.join(required)}.{each}"
        )


def _more_qubits(sheet: Sheet, column: str, required: Sequence[str], known: Sequence[str]) -> str:
    """The repair for the column of a numbered qubit where a protocol was told, or assumes, that there are fewer."""
    stem = column.rstrip("0123456789")
    here, told = (
        {int(name[len(stem) :]): name for name in names if name.startswith(stem) and name[len(stem) :].isdecimal()}
        for names in (sheet.cells, required)
    )
    counted = next((name for name in ("size", "sites") if name in known), None)
    if not (stem and here and told and counted):
        return ""
    return f"The qubits are {', '.join(told.values())}: say how many there are, such as --set {counted}={max(here)}."


def _meant(sheet: Sheet, missing: str, others: Sequence[str]) -> str:
    """Which repair fits columns that are there under other names."""
    bits = [column for column in others if set(sheet.cells[column]) <= {"0", "1"}]
    if missing not in ("basis", "count") and len(bits) > 1:
        return f"Name the bit columns that are the qubits, in their order, such as --read {','.join(bits[:2])}."
    if missing == "basis":
        return "Write what was measured in one column `basis`, one letter a qubit, such as XY."
    return f"Call it `{missing}` where it is there under another name."


def _shown(text: str) -> str:
    """A cell in quotation marks, of any length."""
    return repr(text if len(text) <= 40 else f"{text[:20]}...{text[-10:]}")


def _not_whole(text: str, value: int | None, most: int) -> str:
    """What a cell of bits or counts must be, what it is, and what gives right data."""
    shown = _shown(text)
    if most == 1:
        level = value is not None and value > 1
        repair = (
            "For a level beyond the two write, in every row, the outcome that a readout of two levels gives (mostly "
            "1): without these shots the rest would be a selection"
            if level
            else "Write 0 for the +1 eigenvalue (in Z the ground state) and 1 for the other"
        )
        return f"must be 0 or 1, but is {shown}. {repair}."
    rule = f"must be a whole number >= 0{' below 2**63' if value else ''}, but is {shown}"
    thousands = " If the sign separates thousands, write the number without it." if THOUSANDS.fullmatch(text) else ""
    if value is None and REAL.fullmatch(text):
        return (
            f"{rule}.{thousands} Give counts as they were measured, with calibration rows to correct them; corrected "
            "or quasi-counts go in as expectation values, `pauli,value,stderr`."
        )
    if thousands:
        return f"{rule}.{thousands}"
    return f"{rule}. Write how often the outcome was seen."
