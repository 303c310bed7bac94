"""A file in any form -> the rows that the import reads: by its content, or as --from says."""

from __future__ import annotations

import ast
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from devices.imports.formats.circuits import read_circuits
from devices.imports.formats.columns import read_columns
from devices.imports.formats.folders import gathered
from devices.imports.formats.reading import Reading
from devices.imports.formats.rows import circuit_sheet
from devices.imports.formats.states import order_of_state, state_sheet, states_in, states_of_table
from devices.imports.formats.tables import check_basis, table_circuits
from devices.imports.import_run import ImportOptions, file_content, import_sheet
from devices.imports.notations import without_index
from devices.imports.sheet import Sheet, read_sheet, sheet_of_columns
from devices.imports.text import LARGE, Told, rows_of_json, silent
from devices.record import RunRecord
from protocols import Array, RequestError

_TABLE = {"count", "value", "basis"}
"""Of these columns a table has at least one."""
_HEAD = 2**16
"""Bytes in which the first character stands."""
_LITERAL = 2**24
"""Bytes of a dictionary as Python prints it; JSON may be larger."""


def import_data(
    path: Path | Sequence[Path], reading: Reading, told: Told = silent, **options: Unpack[ImportOptions]
) -> RunRecord:
    """Imports a file in any form and returns the verified record of it; the file itself is kept unchanged.

    Args:
        path: The file; several, or a folder of them, are read as one, see `gathered`.
        reading: How it is to be read.
        told: Told how far the reading of a large file is.
        options: As of `import_sheet`.

    Raises:
        RequestError: For anything wrong with the file or the request; nothing is left on disk.
        FailedRun: If the disk fails.
    """
    paths = [path] if isinstance(path, Path) else list(path)
    if len(paths) > 1 or paths[0].is_dir():
        content, name, reading, note = gathered(paths, reading)
        sheet = read_file(content, name, reading, told)
        return import_sheet(replace(sheet, notes=(note, *sheet.notes)), content, **options)
    content = file_content(paths[0])
    return import_sheet(read_file(content, paths[0].name, reading, told), content, **options)


def read_file(content: bytes, name: str, reading: Reading, told: Told = silent) -> Sheet:
    """The rows of a file.

    Args:
        content: Of the file.
        name: Of the file, for errors and the record.
        reading: How it is to be read; its form auto looks at the content.
        told: Told how far the reading of a large file is.

    Raises:
        RequestError: For what cannot be read, with a repair.
    """
    start = content[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if content[:6] == b"\x93NUMPY" or content[:4] == b"PK\x03\x04":
        return _of_arrays(content, name, reading)
    if content[:1] == b"\x80":
        raise RequestError(
            f"{name}: is a pickle, which can run any program and is not opened. Save the result as JSON: "
            "json.dump(result, file, cls=RuntimeEncoder) of qiskit_ibm_runtime."
        )
    if start in (b"{", b"["):
        if reading.form == "csv":
            raise RequestError(f"{name}: was to be read as csv, but is JSON. Leave --from out.")
        rows = None
        if start == b"[" and len(content) >= LARGE and reading.form == "auto":
            rows = rows_of_json(content, name, told, lambda pairs: _distinct(pairs, name))
        if rows is not None:
            lines = np.arange(1, len(next(iter(rows.values()))) + 1)
            return _of_table(sheet_of_columns(rows, lines, name), reading)
        return sheet_of(_document(content, name), name, reading)
    sheet = read_sheet(content, name, told)
    if reading.form == "states" or (reading.form == "auto" and {"i", "j", "re"} <= set(sheet.cells)):
        if not {"i", "j", "re"} <= set(sheet.cells):
            raise RequestError(f"{name}: a table of density matrices must have the columns i, j, re, im. Name them so.")
        return state_sheet(states_of_table(sheet.cells, name), name, reading, None)
    if reading.form not in ("auto", "csv", "qiskit"):
        raise RequestError(
            f"{name}: was to be read as {reading.form}, but is no JSON. Use --from csv, or leave it out."
        )
    return _of_table(sheet, reading)


def _of_table(sheet: Sheet, reading: Reading) -> Sheet:
    """The rows of a table, whose outcomes are bits in columns or texts of bits."""
    sheet = without_index(sheet, reading.parameters)
    circuits = table_circuits(sheet, reading.qubits)
    if not circuits:
        return read_columns(_in_order(sheet, reading), reading)
    check_basis(sheet)
    rows = circuit_sheet(circuits, sheet.name, reading)
    return replace(rows, notes=(*sheet.notes, *rows.notes))


def _in_order(sheet: Sheet, reading: Reading) -> Sheet:
    """The table with the order of letters in Pauli words that was asked for; bits in columns have none."""
    if reading.order is None:
        return sheet
    words = next((column for column in sheet.cells if column.lower() == "pauli"), None)
    if words is None:
        note = f"the bit order {reading.order} changes nothing: every qubit has a column of its own"
        return replace(sheet, notes=(*sheet.notes, note))
    last = reading.order == "last"
    note = f"order {reading.order}: the {'last' if last else 'leftmost'} letter of a word is {reading.qubits[0]}"
    turned = [text[::-1] for text in sheet.cells[words]] if last else sheet.cells[words]
    return replace(sheet, cells={**sheet.cells, words: turned}, notes=(*sheet.notes, note))


def import_file(path: Path, *, order: str | None = None, **options: Unpack[ImportOptions]) -> RunRecord:
    """Imports a file that says all by itself, but perhaps for the bit order; see `import_data`.

    Args:
        path: The file.
        order: Which character of an outcome is the first qubit, "first" or "last", where outcomes are texts of bits.
        options: As of `import_sheet`.

    Raises:
        RequestError: For anything wrong with the file or the request; nothing is left on disk.
        FailedRun: If the disk fails.
    """
    return import_data(path, Reading(order=order), **options)


def sheet_of(data: Any, name: str, reading: Reading, covariance: Array | None = None) -> Sheet:
    """The rows of data in memory: a table, density matrices, or circuits with their counts.

    Args:
        data: What JSON holds, or objects in memory.
        name: Of the data, for errors and the record.
        reading: How they are to be read.
        covariance: As of `state_sheet`.

    Raises:
        RequestError: For what cannot be read, with a repair.
    """
    if reading.form in ("auto", "csv") and (table := _table(data)):
        return _of_table(Sheet.of(table, name), reading)
    if reading.form == "states" or (reading.form == "auto" and order_of_state(data) is not None):
        found = states_in(data, {}, reading)
        if reading.labels:
            if len(reading.labels) != len(found):
                raise RequestError(
                    f"The layout must have {len(found)} rows, one a matrix, but has {len(reading.labels)}."
                )
            found = [(dict(row), matrix) for row, (_, matrix) in zip(reading.labels, found, strict=True)]
        return state_sheet(found, name, reading, covariance, order_of_state(data))
    return circuit_sheet(read_circuits(data, name, reading), name, reading)


def _table(data: Any) -> dict[str, list[Any]]:
    """Columns, where data are a table of rows as in counts.csv; none for anything else."""
    if isinstance(data, Mapping):
        many = all(isinstance(column, list | tuple | np.ndarray) for column in data.values())
        return {str(n): list(column) for n, column in data.items()} if many and _TABLE & set(data) else {}
    if not isinstance(data, Sequence) or isinstance(data, str | bytes) or not data:
        return {}
    if not all(isinstance(row, Mapping) and isinstance(row.get("count", row.get("value")), Real | str) for row in data):
        return {}
    columns = list(dict.fromkeys(column for row in data for column in row))
    return {str(column): ["" if row.get(column) is None else row[column] for row in data] for column in columns}


def _document(content: bytes, name: str) -> Any:
    """What JSON or a printed Python dictionary holds; a key that is there twice would lose what was measured."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RequestError(f"{name}: must be UTF-8 text. Save it again as JSON.") from None
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: _distinct(pairs, name))
    except json.JSONDecodeError as error:
        try:
            if len(text) > _LITERAL:
                raise ValueError
            tree = ast.parse(text.strip(), mode="eval")
            _check_literal(tree, name)
            return ast.literal_eval(tree)
        except RequestError:
            raise
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            raise RequestError(
                f"{name}, row {error.lineno}: is not JSON ({error.msg}), nor a printed dictionary. Use json.dump."
            ) from None
    except RecursionError:
        raise RequestError(f"{name}: has brackets inside brackets without end. Save the counts alone.") from None


def _distinct(pairs: list[tuple[str, Any]], name: str) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise RequestError(f"{name}: the key {twice!r} is there twice in one dictionary. Say in the key what differs.")
    return found


def _check_literal(tree: ast.AST, name: str) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            _distinct([(ast.dump(key) if key else "", None) for key in node.keys], name)


def _of_arrays(content: bytes, name: str, reading: Reading) -> Sheet:
    """Density matrices of a .npy file; or of .npz: `rho`, perhaps `covariance`, and the swept parameters by name."""
    if reading.form not in ("auto", "states"):
        raise RequestError(f"{name}: was to be read as {reading.form}, but holds arrays. Use --from states.")
    try:
        loaded = np.load(io.BytesIO(content), allow_pickle=False)
        arrays = dict(loaded) if isinstance(loaded, np.lib.npyio.NpzFile) else {"rho": loaded}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, KeyError):
        raise RequestError(
            f"{name}: is no file of NumPy arrays. Save a spreadsheet as CSV, and matrices with numpy.save."
        ) from None
    if "rho" not in arrays:
        raise RequestError(f"{name}: must have the density matrices as `rho`, but has {', '.join(arrays)}. Name them.")
    found = states_in(arrays["rho"], {}, reading)
    swept = {column: np.ravel(values) for column, values in arrays.items() if column not in ("rho", "covariance")}
    for column, values in swept.items():
        if len(values) != len(found):
            raise RequestError(
                f"{name}: `{column}` must have {len(found)} values, one a matrix, but has {len(values)}."
            )
    labelled = [
        ({column: repr(float(values[i])) for column, values in swept.items()}, matrix)
        for i, (_, matrix) in enumerate(found)
    ]
    return state_sheet(labelled, name, reading, arrays.get("covariance"))
