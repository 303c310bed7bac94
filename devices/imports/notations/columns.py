"""What the columns of a file mean: names in other capitals, quantities with a unit, an index, further conditions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from devices.imports.notations.calibration_rows import as_calibration
from devices.imports.notations.consequences import ERRORS, without_consequences
from devices.imports.notations.units import in_natural_units
from devices.imports.points import Declared
from devices.imports.sheet import LIKE, Sheet
from protocols import RequestError
from protocols.program import Parameter

FIXED = (
    "basis",
    "count",
    "prepared",
    "arm",
    "role",
    "member",
    "weight",
    "copy",
    "pass",
    "alone",
    "pauli",
    "value",
    "stderr",
)
_INDEX = re.compile(r"|unnamed: ?\d+|index|row", re.IGNORECASE)
_REAL = re.compile(r"[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def named(sheet: Sheet, known: Declared, gap: str | None) -> Sheet:
    """The file with the names of hotward's columns: without an index, in their capitals, in natural units.

    Args:
        sheet: The file.
        known: Parameters that may be columns.
        gap: As given, such as "5GHz"; None where no scale is known.

    Raises:
        RequestError: For a unit where no gap is known, and for a column without a name.
    """
    sheet = without_index(sheet, known)
    cells, notes = dict(sheet.cells), list(sheet.notes)
    if "" in cells:
        place = list(sheet.cells).index("") + 1
        raise RequestError(f"{sheet.name}, row 1: column {place} has no name. Name it after what it holds.")
    # before capitals: a temperature is T
    if "t" in cells and "time" in known and "t" not in known and "time" not in cells:
        cells = {("time" if column == "t" else column): texts for column, texts in cells.items()}
        notes.append("the column `t` is taken as time, in hbar/gap")
    cells = _in_capitals(sheet.name, cells, (*FIXED, "A", "B", *known))
    for column in [column for column in cells if column in known and not any(cells[column])]:
        del cells[column]
        notes.append(f"`{column}` is empty in every row: it is not known")
    found = in_natural_units(replace(sheet, cells=cells, notes=tuple(notes)), known, gap)
    cells, notes = dict(found.cells), list(found.notes)
    if "time" in sheet.cells and (gap is not None or "pauli" in cells):
        notes.append("the column `time` is in hbar/gap; a column `time_ms` would be converted with the gap")
    return as_calibration(replace(sheet, cells=_capital_settings(cells), notes=tuple(notes)), known)


def without_index(sheet: Sheet, known: Collection[str]) -> Sheet:
    """The file without columns that number its rows, which data frames write.

    Args:
        sheet: The file.
        known: Parameters that may be columns.
    """
    cells, notes = dict(sheet.cells), list(sheet.notes)
    for column in list(cells):
        if _INDEX.fullmatch(column) and column not in known and _numbers_rows(column, cells[column]):
            del cells[column]
            notes.append(f"the column `{column}` numbers the rows and is not read")
    return replace(sheet, cells=cells, notes=tuple(notes))


def _numbers_rows(column: str, texts: Sequence[str]) -> bool:
    """Whether the cells number rows, in whatever order; without a name of its own, with gaps too."""
    if not all(text.isdecimal() for text in texts) or len(set(texts)) < len(texts):
        return False
    numbers = [int(text) for text in texts]
    return column.lower() not in ("index", "row") or max(numbers) - min(numbers) == len(numbers) - 1


def _in_capitals(name: str, cells: dict[str, Sequence[str]], known: Sequence[str]) -> dict[str, Sequence[str]]:
    lowered = {one.lower(): one for one in known}
    found: dict[str, Sequence[str]] = {}
    for column, texts in cells.items():
        meant = column if column in known else lowered.get(column.lower(), column)
        if meant != column and meant in cells:
            raise RequestError(
                f"{name}, row 1: `{column}` and `{meant}` are both there. Name each after what it holds."
            )
        found[meant] = texts
    return found


def _capital_settings(cells: dict[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Letters of settings and words as capitals without signs between them; `cal` as it is."""
    for column in ("basis", "pauli"):
        if column in cells:
            plain = {text: re.sub(r"[\s,*⊗]", "", text) for text in set(cells[column])}
            known = {text: one.lower() if one.lower() == "cal" else one.upper() for text, one in plain.items()}
            cells[column] = [known[text] for text in cells[column]]
    return cells


def settled(
    sheet: Sheet, taken: Collection[str], known: Declared, fixed: bool, qubits: Sequence[str]
) -> tuple[Sheet, Declared]:
    """What columns that nobody knows mean: conditions that never change, or further parameters of the points.

    Without a protocol, an unknown column of numbers tells states apart, as any parameter does. With one it cannot: the
    exact state would not know of it.

    Args:
        sheet: The file.
        taken: Columns that are known.
        known: Parameters that may be columns.
        fixed: Whether there is a protocol.
        qubits: Columns of outcomes: what follows from these, or from counts, is no condition.

    Returns:
        The file without columns that never change, and the parameters with those that are new.
    """
    sheet = without_consequences(sheet, taken, qubits)
    cells, notes, found = dict(sheet.cells), list(sheet.notes), dict(known)
    whole = "pauli" in cells or {"basis", "count", *qubits} <= set(cells)  # else it may be one of these
    for column, texts in sheet.cells.items():
        if column in taken or _misspelt(column, taken) or not set(column) - set("IXYZ"):
            continue
        if "pauli" in sheet.cells and ERRORS.fullmatch(column):  # asked for under its own name
            continue
        calibrating = sheet.cells.get("basis", [""] * len(sheet))
        values = {text for text, basis in zip(texts, calibrating, strict=True) if basis != "cal"} or set(texts)
        if len(values) == 1:
            del cells[column]
            notes.append(f"`{column}` is {next(iter(values))!r} in every row: a condition, which is not read")
        elif not fixed and whole and _is_coordinate(sheet, column):
            found[column] = (Parameter(name=column, default=None, unit="", meaning=f"column {column} of the file"),)
            notes.append(f"`{column}` is no parameter that is known: each of its values is a point of its own")
    return replace(sheet, cells=cells, notes=tuple(notes)), found


def _misspelt(column: str, taken: Collection[str]) -> bool:
    """Whether a name is likely meant to be a known one: then it is asked for, not taken as another quantity."""
    lowered = [name.lower() for name in taken]
    return bool(difflib.get_close_matches(column.lower(), lowered, n=1, cutoff=LIKE))


def _is_coordinate(sheet: Sheet, column: str) -> bool:
    """Whether a column has numbers, each of them with all the settings: then it says where a point is."""
    basis = sheet.cells.get("basis", sheet.cells.get("pauli", ()))
    of_value: dict[str, set[str]] = {}
    for text, setting in zip(sheet.cells[column], basis, strict=False):
        if setting != "cal":
            of_value.setdefault(text, set()).add(setting)
    numbers = all(_REAL.fullmatch(text) for text in of_value)
    return numbers and len({frozenset(settings) for settings in of_value.values()}) == 1
