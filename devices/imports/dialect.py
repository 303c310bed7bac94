"""What spreadsheets and programs make of a table: encodings, separators, decimal commas, comments, headers."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from devices.imports.text import LARGE, CodedColumn, ColumnReader, Told, silent
from protocols import Array, RequestError

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", " ": "blanks"}
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_VALUE = re.compile(r"[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?|")
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_PLAIN = ("count", "basis", "prepared", "pauli")
"""Columns in which a comma is no decimal point: 1,024 counts may be thousands."""
_CHUNK = 2**22
"""Bytes that are decoded at a time."""
_BLOCK = 2**14
"""Rows that are read at a time."""
_MOST_COMMENTS = 1000
"""That are looked at for a header."""
_Block = tuple[list[int], list[list[str]]]
"""Lines of some rows, and their cells."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """The cells of a file as text, before their columns mean anything."""

    header: list[str]
    columns: list[CodedColumn]
    lines: Array
    """Of each row, in the file."""
    notes: list[str] = field(default_factory=list)


def read_table(content: bytes, name: str, told: Told = silent) -> Table:
    r"""The cells of a file: UTF-8 or UTF-16, separated by commas, semicolons, tabs or blanks, with comments.

    The file is gone through line by line; of its cells each different text is kept once.

    Args:
        content: Of the file; its first row that is neither empty nor a comment is the header.
        name: Of the file, for errors.
        told: Told how far the reading of a large file is.

    Raises:
        RequestError: If it is no such table, with the row.

    Examples:
        >>> found = read_table(b"# a chip\ntime;basis;count\n0,5;ZZ;7\n", "x.csv")
        >>> found.header, [list(column) for column in found.columns], found.lines.tolist()
        (['time', 'basis', 'count'], [['0.5'], ['ZZ'], ['7']], [3])
    """
    lines = _Lines(content, name, told)
    head = lines.first()
    if head.lstrip()[:1] in ("{", "["):
        raise RequestError(f"{name} is JSON, no table of rows. docs/your-own-counts.md says how each form is imported.")
    separator = _separator(head)
    lines.aligned = separator == " "
    table = _cells(lines, separator, name)
    if separator != ",":
        table.notes.append(f"cells are separated by {SEPARATORS[separator]}")
        _with_decimal_points(table)
    if lines.commented:
        more = f" and {lines.commented - 1} more" if lines.commented > 1 else ""
        table.notes.append(f"comments are not read: {lines.comments[0][:80]!r}{more}")
    return table


class _Lines:
    """The lines of a file, those of comments emptied, so that lines keep their numbers."""

    def __init__(self, content: bytes, name: str, told: Told) -> None:
        self.comments: list[str] = []
        """The first of them: one may be the header."""
        self.commented = 0
        self.aligned = False
        """Whether blanks that align columns are made single."""
        self._name, self._told, self._size = name, told, len(content)
        self._bytes = io.BytesIO(content)
        self._stream = io.TextIOWrapper(self._bytes, encoding=_encoding(content, name), newline="")
        self._seen: list[str] = []
        self._number = 0

    def first(self) -> str:
        """The first line with anything in it; it is given again when all are."""
        for line in self._plain():
            self._seen.append(line)
            if line.strip():
                return line
        return ""

    def __iter__(self) -> Iterator[str]:
        for line in itertools.chain(self._seen, self._plain()):
            yield " ".join(line.split()) + "\n" if self.aligned else line

    def tell(self) -> None:
        """Says how far it is, if the file is large."""
        if self._size >= LARGE:
            self._told(f"reading {self._name}", 100 * self._bytes.tell() // self._size, 100)

    def _plain(self) -> Iterator[str]:
        for line in self._stream:
            self._number += 1
            # spreadsheets say so what separates cells
            if self._number == 1 and re.fullmatch(r"sep=.", line.strip().strip('"')):
                yield "\n"
            elif "#" in line and line.lstrip().startswith("#"):
                self.commented += 1
                if len(self.comments) < _MOST_COMMENTS:
                    self.comments.append(line.strip().lstrip("# ").strip())
                yield "\n"
            else:
                yield line


def _encoding(content: bytes, name: str) -> str:
    """What a file is written in, all of it."""
    encoding = _MARKS.get(content[:2], "utf-8-sig")
    if encoding == "utf-8-sig" and b"\0" in content[:100]:
        encoding = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(content) + 1, _CHUNK):
        chunk = content[start : start + _CHUNK]
        try:
            decoder.decode(chunk, final=start + _CHUNK > len(content))
        except UnicodeDecodeError as error:
            at = start + len(chunk) - len(error.object) + error.start
            line = content.count(b"\n", 0, at) + 1
            raise RequestError(
                f"{name}, row {line}: must be UTF-8 text, but has the byte 0x{content[at]:02x}. "
                "Save it as CSV in UTF-8."
            ) from None
    return encoding


def _separator(head: str) -> str:
    """What separates cells, by the header."""
    counted = {one: head.count(one) for one in (",", ";", "\t")}
    best = max(counted, key=lambda one: counted[one])
    if counted[best]:
        return best
    return " " if len(head.split()) > 1 else ","


def _cells(text: _Lines, separator: str, name: str) -> Table:
    reader = csv.reader(text, delimiter=separator, strict=True)
    blocks = _blocks(reader, name)
    line, header, rest = _first_row(blocks)
    if not header:
        raise RequestError(f"{name} is empty. It must have a header and rows, as in runs/README.md.")
    first: _Block = ([], [])
    if _is_values(header):
        said = [[cell.strip() for cell in comment.split(separator)] for comment in text.comments]
        commented = [cells for cells in said if len(cells) == len(header) and not _is_values(cells)]
        if not commented:
            raise RequestError(
                f"{name}, row {line}: there is no header, the first row has values ({', '.join(header)}). Write the "
                f"names of its {len(header)} columns above it, such as {_likely(header)}."
            )
        first, header = ([line], [header]), commented[-1]
    header = header[:-1] if header[-1] == "" else header
    columns, lines = [ColumnReader() for _ in header], [np.zeros(0, dtype=np.int32)]
    for block in itertools.chain((first, rest), blocks):
        numbers, rows = _of_width(block, header, name)
        if rows:
            lines.append(np.array(numbers, dtype=np.int32))
            for column, cells in zip(columns, zip(*rows, strict=True), strict=True):
                column.add(cells)
        text.tell()
    table = _without_blank_rows([column.column() for column in columns], header, np.concatenate(lines))
    if not len(table.lines):
        raise RequestError(f"{name} has a header, but no rows. Add at least one row of counts.")
    return table


def _blocks(reader: typing.Any, name: str) -> Iterator[_Block]:
    """Rows with their lines, some at a time; what is wrong with a row is found before the next block is read."""
    lines: list[int] = []
    rows: list[list[str]] = []
    try:
        for cells in reader:
            rows.append(cells)
            lines.append(reader.line_num)
            if len(rows) == _BLOCK:
                yield lines, rows
                lines, rows = [], []
    except csv.Error as error:
        yield lines, rows
        raise RequestError(f"{name}, row {reader.line_num}: is not CSV ({error}). Correct the row.") from None
    yield lines, rows


def _first_row(blocks: Iterator[_Block]) -> tuple[int, list[str], _Block]:
    """The first row with anything in it, its line, and the rest of its block."""
    for lines, rows in blocks:
        for place, (line, cells) in enumerate(zip(lines, rows, strict=True)):
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                return line, stripped, (lines[place + 1 :], rows[place + 1 :])
    return 0, [], ([], [])


def _of_width(block: _Block, header: list[str], name: str) -> _Block:
    """The rows, all as wide as the header: without empty lines, and without empty cells at their ends."""
    (lines, rows), width = block, len(header)
    if all(len(cells) == width for cells in rows):
        return block
    kept: _Block = ([], [])
    for line, written in zip(lines, rows, strict=True):
        cells = [cell.strip() for cell in written]
        if not any(cells):
            continue
        while len(cells) > width and cells[-1] == "":
            cells.pop()
        if len(cells) != width:
            raise RequestError(
                f"{name}, row {line}: must have {width} cells like the header ({' '.join(header)[:60]}), but has "
                f"{len(cells)}. Correct the row; lines above the header begin with #."
            )
        kept[0].append(line)
        kept[1].append(cells)
    return kept


def _without_blank_rows(columns: list[CodedColumn], header: list[str], lines: Array) -> Table:
    if all("" in column.texts for column in columns):
        filled = np.any([column.codes != column.texts.index("") for column in columns], axis=0)
        columns, lines = [column.taken(filled) for column in columns], lines[filled]
    return Table(header=header, columns=columns, lines=lines)


def _is_values(cells: Sequence[str]) -> bool:
    """Whether a first row is one of values: numbers, and settings at most; wide tables have outcomes such as 01."""
    words = [cell for cell in cells if not _VALUE.fullmatch(cell.replace(",", "."))]
    return len(words) < len(cells) and all(re.fullmatch("[IXYZ]+", word) for word in words)


def _likely(cells: Sequence[str]) -> str:
    """Names of columns that would suit values like these."""
    place = next((i for i, cell in enumerate(cells) if re.fullmatch("[IXYZ]+", cell)), -1)
    rest = len(cells) - place - 1
    after = {3: ["A", "B", "count"], 2: ["value", "stderr"]}.get(rest, [f"column {i + 1}" for i in range(rest)])
    before = ["time"] if place == 1 else [f"column {i + 1}" for i in range(max(place, 0))]
    return ",".join([*before, *(["pauli" if rest == 2 else "basis"] if place >= 0 else []), *after])


def _with_decimal_points(table: Table) -> None:
    """Decimal commas as points, in columns of real numbers."""
    changed = False
    for place, (name, column) in enumerate(zip(table.header, table.columns, strict=True)):
        decimal = any("," in text and _DECIMAL_COMMA.fullmatch(text) for text in column.texts)
        if decimal and name.lower() not in _PLAIN:
            table.columns[place], changed = column.mapped(_with_point), True
    if changed:
        table.notes.append("decimal commas are read as points")


def _with_point(text: str) -> str:
    return text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text
