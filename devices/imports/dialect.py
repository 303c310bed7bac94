"""What spreadsheets and programs make of a table: encodings, separators, decimal commas, comments, headers."""

from __future__ import annotations

import csv
import io
import re
import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from protocols import RequestError

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", " ": "blanks"}
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_VALUE = re.compile(r"[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?|")
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_PLAIN = ("count", "basis", "prepared", "pauli")
"""Columns in which a comma is no decimal point: 1,024 counts may be thousands."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """The cells of a file as text, before their columns mean anything."""

    header: list[str]
    columns: list[list[str]]
    lines: list[int]
    """Of each row, in the file."""
    notes: list[str] = field(default_factory=list)


def read_table(content: bytes, name: str) -> Table:
    r"""The cells of a file: UTF-8 or UTF-16, separated by commas, semicolons, tabs or blanks, with comments.

    Args:
        content: Of the file; its first row that is neither empty nor a comment is the header.
        name: Of the file, for errors.

    Raises:
        RequestError: If it is no such table, with the row.

    Examples:
        >>> found = read_table(b"# a chip\ntime;basis;count\n0,5;ZZ;7\n", "x.csv")
        >>> found.header, found.columns, found.lines
        (['time', 'basis', 'count'], [['0.5'], ['ZZ'], ['7']], [3])
    """
    text = _decoded(content, name)
    if text.lstrip()[:1] in ("{", "["):
        raise RequestError(f"{name} is JSON, no table of rows. docs/your-own-counts.md says how each form is imported.")
    text, comments = _without_comments(text)
    separator, text = _separator(text)
    table = _cells(text, separator, name, comments)
    if separator != ",":
        table.notes.append(f"cells are separated by {SEPARATORS[separator]}")
        _with_decimal_points(table)
    if comments:
        more = f" and {len(comments) - 1} more" if len(comments) > 1 else ""
        table.notes.append(f"comments are not read: {comments[0][:80]!r}{more}")
    return table


def _decoded(content: bytes, name: str) -> str:
    encoding = _MARKS.get(content[:2], "utf-8-sig")
    if encoding == "utf-8-sig" and b"\0" in content[:100]:
        encoding = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RequestError(
            f"{name}, row {line}: must be UTF-8 text, but has the byte 0x{content[error.start]:02x}. "
            "Save it as CSV in UTF-8."
        ) from None


def _without_comments(text: str) -> tuple[str, list[str]]:
    """The text with its comment lines emptied, so that lines keep their numbers, and the comments."""
    if "#" not in text and not text.startswith("sep="):
        return text, []
    lines, comments = text.splitlines(), []
    for index, line in enumerate(lines):
        if line.lstrip().startswith("#"):
            comments.append(line.strip().lstrip("# ").strip())
            lines[index] = ""
    if lines and re.fullmatch(r"sep=.", lines[0].strip('"')):  # spreadsheets say so what separates cells
        lines[0] = ""
    return "\n".join(lines) + "\n", comments


def _separator(text: str) -> tuple[str, str]:
    """What separates cells, by the header; blanks that align columns are made single."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    counted = {one: head.count(one) for one in (",", ";", "\t")}
    best = max(counted, key=lambda one: counted[one])
    if counted[best]:
        return best, text
    if len(head.split()) > 1:
        return " ", "\n".join(" ".join(line.split()) for line in text.splitlines()) + "\n"
    return ",", text


def _cells(text: str, separator: str, name: str, comments: Sequence[str]) -> Table:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows = _filled(reader, name)
    line, header = next(rows, (0, []))
    if not header:
        raise RequestError(f"{name} is empty. It must have a header and rows, as in runs/README.md.")
    first: list[tuple[int, list[str]]] = []
    if _is_values(header):
        said = [[cell.strip() for cell in comment.split(separator)] for comment in comments]
        commented = [cells for cells in said if len(cells) == len(header) and not _is_values(cells)]
        if not commented:
            raise RequestError(
                f"{name}, row {line}: there is no header, the first row has values ({', '.join(header)}). Write the "
                f"names of its {len(header)} columns above it, such as {_likely(header)}."
            )
        first, header = [(line, header)], commented[-1]
    header = header[:-1] if header[-1] == "" else header
    columns: list[list[str]] = [[] for _ in header]
    lines: list[int] = []
    for line, cells in (*first, *rows):
        while len(cells) > len(header) and cells[-1] == "":
            cells.pop()
        if len(cells) != len(header):
            raise RequestError(
                f"{name}, row {line}: must have {len(header)} cells like the header "
                f"({separator.join(header)[:60]}), but has {len(cells)}. Correct the row; lines above the header begin "
                "with #."
            )
        lines.append(line)
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell)
    if not lines:
        raise RequestError(f"{name} has a header, but no rows. Add at least one row of counts.")
    return Table(header=header, columns=columns, lines=lines)


def _filled(reader: typing.Any, name: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with anything in them, their cells without surrounding blanks, each with its line."""
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield reader.line_num, stripped
    except csv.Error as error:
        raise RequestError(f"{name}, row {reader.line_num}: is not CSV ({error}). Correct the row.") from None


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
    for name, column in zip(table.header, table.columns, strict=True):
        if name.lower() in _PLAIN:
            continue
        for index, cell in enumerate(column):
            if "," in cell and _DECIMAL_COMMA.fullmatch(cell):
                column[index], changed = cell.replace(",", "."), True
    if changed:
        table.notes.append("decimal commas are read as points")
