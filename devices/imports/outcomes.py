"""Outcomes in other notations as one column of 0 and 1 a qubit: bit strings, wide tables, +1 and -1, truth values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from devices.imports.sheet import Sheet
from protocols import RequestError

STRINGS = ("bitstring", "bits", "outcome", "outcomes", "state", "result", "key")
ORDERS = ("first", "last")
_SIGNS = {"1": "0", "+1": "0", "1.0": "0", "+1.0": "0", "-1": "1", "-1.0": "1", "": ""}
_WORDS = {"true": "1", "false": "0", "": ""}


def as_bits(sheet: Sheet, qubits: Sequence[str], further: Sequence[str], order: str | None) -> Sheet:
    """The file with one column of 0 and 1 a qubit.

    Args:
        sheet: The file.
        qubits: Names of the qubits.
        further: Names of ancilla columns that the file has.
        order: "first" if the first character of an outcome is the first qubit, "last" if the last one is (Qiskit).

    Raises:
        RequestError: For outcomes that are no bit strings, and where nobody says which character is whose.
    """
    if order is not None and order not in ORDERS:
        raise RequestError(f"Argument `order` must be first or last, but is {order!r}. Qiskit's strings are last.")
    size = len(qubits)
    if "basis" in sheet.cells and not any(qubit in sheet.cells for qubit in qubits):
        wide = [column for column in sheet.cells if re.fullmatch(rf"\|?[01]{{{size}}}[⟩>]?", column)]
        named = {"".join(qubits): "first", "".join(qubits[::-1]): "last"}
        strings = [column for column in sheet.cells if column in named or column.lower() in STRINGS]
        if wide and "count" not in sheet.cells:
            sheet = _narrow(sheet, wide)
            strings = ["outcome"]
        if len(strings) == 1:
            sheet = _split(sheet, strings[0], qubits, named.get(strings[0], order))
    return _as_zero_and_one(sheet, [name for name in (*qubits, *further) if name in sheet.cells])


def _narrow(sheet: Sheet, wide: Sequence[str]) -> Sheet:
    """A table with a column of counts for each outcome as one row an outcome."""
    rest = [column for column in sheet.cells if column not in wide]
    cells: dict[str, list[str]] = {column: [] for column in (*rest, "outcome", "count")}
    lines: list[int] = []
    for row, line in enumerate(sheet.lines):
        for outcome in wide:
            for column in rest:
                cells[column].append(sheet.cells[column][row])
            cells["outcome"].append(outcome.strip("|⟩>"))
            cells["count"].append(sheet.cells[outcome][row] or "0")
            lines.append(line)
    note = f"the columns {', '.join(wide)} are counts of outcomes"
    return replace(sheet, cells=cells, lines=lines, notes=(*sheet.notes, note))


def _split(sheet: Sheet, column: str, qubits: Sequence[str], order: str | None) -> Sheet:
    """A column of bit strings as one column a qubit."""
    if order is None:
        raise RequestError(
            f"{sheet.name}: nothing says which character of an outcome is {qubits[0]}. Give --order last if it is the "
            f"last (Qiskit's get_counts, with {qubits[0]} on qubit 0), --order first if it is the first."
        )
    split: list[str] = []
    for row, text in enumerate(sheet.cells[column]):
        bits = re.sub(r"[\s_]", "", text).strip("|⟩>'\"")
        if len(bits) != len(qubits) or set(bits) - set("01"):
            rule = f"must be {len(qubits)} bits, one a qubit, with leading zeros, but is {text!r}"
            raise sheet.wrong(row, column, f"{rule}. Save that column as text.")
        split.append(bits if order == "first" else bits[::-1])
    cells = {name: texts for name, texts in sheet.cells.items() if name != column}
    cells |= {qubit: [bits[place] for bits in split] for place, qubit in enumerate(qubits)}
    where = "first" if order == "first" else "last"
    note = f"the {where} character of `{column}` is {qubits[0]}"
    return replace(sheet, cells=cells, notes=(*sheet.notes, note))


def _as_zero_and_one(sheet: Sheet, columns: Sequence[str]) -> Sheet:
    """Eigenvalues +1 and -1, or true and false, as bits; only where all columns are written so."""
    texts = {text.lower() for column in columns for text in sheet.cells[column]}
    for known, needed, note in (
        (_SIGNS, {"-1", "-1.0"}, "outcomes are eigenvalues: +1 is the bit 0, -1 the bit 1"),
        (_WORDS, {"true", "false"}, "outcomes are truth values: true is the bit 1"),
    ):
        if texts <= set(known) and texts & needed:
            bits = {column: [known[text.lower()] for text in sheet.cells[column]] for column in columns}
            return replace(sheet, cells={**sheet.cells, **bits}, notes=(*sheet.notes, note))
    return sheet
