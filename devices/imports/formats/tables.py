"""Tables whose outcomes are texts of bits: a column `bitstring`, or one column an outcome (`00`, `01`, `10`, `11`)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from devices.imports.formats.histograms import Histogram, outcome
from devices.imports.formats.labels import COLUMNS
from devices.imports.sheet import Sheet
from protocols import RequestError

BIT_STRINGS = ("bitstring", "bitstrings", "bit_string", "bits", "outcome", "outcomes", "state", "result", "key")
_COUNTS = ("count", "counts", "probability", "frequency")
_WIDE = re.compile(r"\|?[01]{2,}[⟩>]?|0x[0-9a-fA-F]+")


def table_circuits(sheet: Sheet, qubits: Sequence[str]) -> list[Histogram]:
    """One histogram for every combination of the other columns; none where outcomes are no texts of bits.

    Args:
        sheet: The table.
        qubits: Names of the qubits: where one is a column, outcomes are bits in columns. A column that has all their
            names in one (`AB`, or `BA`) says by that which character is whose.

    Raises:
        RequestError: For a cell that is no outcome or no number.
    """
    if any(qubit in sheet.cells for qubit in qubits):
        return []
    orders = {"".join(qubits): "first", "".join(qubits[::-1]): "last"}
    wide = [column for column in sheet.cells if _WIDE.fullmatch(column)]
    narrow = [column for column in sheet.cells if column in orders or column.lower() in BIT_STRINGS]
    counts = [column for column in sheet.cells if column.lower() in _COUNTS]
    if len(wide) > 1 and not counts:
        return _grouped(sheet, [(column, column) for column in wide], wide)
    if len(narrow) == 1 and len(counts) == 1:
        return _grouped(sheet, [(narrow[0], counts[0])], [*narrow, *counts], orders.get(narrow[0]))
    return []


def _grouped(
    sheet: Sheet, pairs: Sequence[tuple[str, str]], taken: Sequence[str], order: str | None = None
) -> list[Histogram]:
    """Rows with equal labels together; each pair has the column of an outcome, or its name, and that of its counts."""
    labels = [column for column in sheet.cells if column not in taken]
    found: dict[tuple[str, ...], dict[object, float]] = {}
    lines: dict[tuple[str, ...], int] = {}
    for row in range(len(sheet)):
        key = tuple(sheet.cells[column][row] for column in labels)
        group = found.setdefault(key, {})
        lines.setdefault(key, sheet.lines[row])
        for spelled, counted in pairs:
            text = spelled if spelled == counted else sheet.cells[spelled][row]
            if outcome(text) is None:
                raise sheet.wrong(row, spelled, f"must be an outcome such as 01, but is {text!r}. Keep it as text.")
            # several rows of one outcome add up, as in counts.csv; in a wide table, an empty cell was never seen
            empty = spelled == counted and sheet.cells[counted][row] == ""
            group[text] = group.get(text, 0) + (0 if empty else _number(sheet, row, counted))
    return [
        Histogram(
            name=f"{sheet.name}, row {lines[key]}",
            labels={_column(column): text for column, text in zip(labels, key, strict=True) if text},
            outcomes=group,
            order=order,
        )
        for key, group in found.items()
    ]


def _column(name: str) -> str:
    """A column of labels under the name by which labels are known."""
    return name.lower() if name.lower() in COLUMNS else name


def _number(sheet: Sheet, row: int, column: str) -> float:
    text = sheet.cells[column][row]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise sheet.wrong(row, column, f"must be a number of counts, but is {text!r}. Correct the row.")
    return int(text) if re.fullmatch(r"\d+", text) else value


def check_basis(sheet: Sheet) -> None:
    """Refuses a table without the column `basis`.

    Raises:
        RequestError: Always, where it is missing.
    """
    if not any(column.lower() == "basis" for column in sheet.cells):
        raise RequestError(
            f"{sheet.name}: a table of outcomes must say in the column `basis` what was measured, such as XY, but has "
            f"{', '.join(sheet.cells)}. Add it."
        )
