"""A table of rows in JSON, read row by row: `[{"time": 0.5, "basis": "XY", "A": 0, "B": 1, "count": 38}, ...]`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from numbers import Real
from typing import Any

from devices.imports.text.coded import CodedColumn, ColumnReader
from devices.imports.text.progress import Told, silent

_BETWEEN = re.compile(r"\s*([,\]])\s*")
_START = re.compile(r"\s*\[\s*")
_BLOCK = 2**14
"""Rows that are read at a time."""


def rows_of_json(
    content: bytes, name: str, told: Told = silent, distinct: Callable[[list[tuple[str, Any]]], dict[str, Any]] = dict
) -> dict[str, CodedColumn] | None:
    """The columns of such a table; None for anything else, which whoever reads it as a whole has to name.

    Args:
        content: Of the file.
        name: Of the file, which is told of.
        told: Told how far the reading is.
        distinct: Makes a dictionary of its keys and values; raises for a key that is there twice.

    Examples:
        >>> content = b'[{"A": 0, "count": 7}, {"A": 1, "count": 9, "arm": "none"}]'
        >>> {name: list(cells) for name, cells in rows_of_json(content, "shots", silent, dict).items()}
        {'A': ['0', '1'], 'count': ['7', '9'], 'arm': ['', 'none']}
    """
    columns: dict[str, ColumnReader] = {}
    done = 0
    try:
        for block in _blocks(content, name, told, distinct):
            for column in dict.fromkeys(key for row in block for key in row):
                if column not in columns:
                    columns[column] = ColumnReader()
                    if done:
                        columns[column].add([""] * done)
            for column, reader in columns.items():
                reader.add(["" if row.get(column) is None else str(row[column]) for row in block])
            done += len(block)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, TypeError):
        return None
    return {column: reader.column() for column, reader in columns.items()} or None


def _blocks(
    content: bytes, name: str, told: Told, distinct: Callable[[list[tuple[str, Any]]], dict[str, Any]]
) -> Iterator[list[Mapping[str, Any]]]:
    text = content.decode("utf-8-sig")
    decode = json.JSONDecoder(object_pairs_hook=distinct).raw_decode
    start = _START.match(text)
    if start is None:
        raise TypeError
    at, block, go_on = start.end(), [], True
    while go_on:
        row, at = decode(text, at)
        if not isinstance(row, dict) or not isinstance(row.get("count", row.get("value")), Real | str):
            raise TypeError  # no row of a table
        block.append(row)
        between = _BETWEEN.match(text, at)
        if between is None:
            raise json.JSONDecodeError("no comma between rows", text[at : at + 1], 0)
        at, go_on = between.end(), between[1] == ","
        if len(block) == _BLOCK or not go_on:
            told(f"reading {name}", 100 * at // len(text), 100)
            yield block
            block = []
    if at < len(text):
        raise json.JSONDecodeError("more than one document", text[at : at + 1], 0)
