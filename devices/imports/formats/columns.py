"""More measured bits than qubits in a table: the columns that are read become the qubits, the rest is traced out."""

from __future__ import annotations

from dataclasses import replace

from devices.imports.formats.labels import COLUMNS
from devices.imports.formats.reading import Reading
from devices.imports.notations import OUTCOMES, as_zero_and_one
from devices.imports.sheet import Sheet
from protocols import RequestError


def read_columns(sheet: Sheet, reading: Reading) -> Sheet:
    """The table with the bit columns that are read under the names of the qubits, and their letters in `basis`.

    Rows that differ in the other columns only are added up by the import, which traces these out.

    Args:
        sheet: The table, with one 0/1 column a measured bit.
        reading: The names of the columns to read; none changes nothing.

    Raises:
        RequestError: For a column that is not there, and settings with another number of letters than bits.
    """
    if not reading.read:
        return sheet
    taken = {*COLUMNS, *reading.parameters, "count", "pauli", "value", "stderr"}
    bits = [
        column
        for column, cells in sheet.cells.items()
        if column not in taken and all(cell.lower() in OUTCOMES for cell in cells)
    ]
    missing = [column for column in reading.read if column not in bits]
    if missing:
        raise RequestError(
            f"Argument `read` must name columns of 0 and 1 of {sheet.name}, which are {', '.join(bits) or 'none'}, but "
            f"has {missing[0]!r}. Name them as in the header."
        )
    sheet = as_zero_and_one(sheet, bits)
    rest = [column for column in bits if column not in reading.read]
    places = [bits.index(column) for column in reading.read]
    cells = {column: list(texts) for column, texts in sheet.cells.items() if column not in bits}
    for column, size in (("basis", len(reading.qubits)), ("prepared", len(reading.qubits))):
        if column in cells:
            cells[column] = [_letters(text, places, len(bits), size) for text in cells[column]]
    cells |= {q: list(sheet.cells[column]) for q, column in zip(reading.qubits, reading.read, strict=True)}
    named = ", ".join(f"{q} is {column}" for q, column in zip(reading.qubits, reading.read, strict=True))
    note = f"of the measured bits {', '.join(bits)}: {named}" + (f"; {', '.join(rest)} traced out" if rest else "")
    return replace(sheet, cells=cells, notes=(*sheet.notes, note), traced=bool(rest))


def _letters(text: str, places: list[int], width: int, size: int) -> str:
    """The letters of the bits that are read; a text of as many letters as qubits names them already."""
    return "".join(text[place] for place in places) if len(text) == width and width != size else text
