"""Calibration rows of a file measured elsewhere: every pattern prepared, and counts that tell the patterns apart."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from devices.imports.sheet import MOST_COUNTS, Sheet
from devices.record import WORST_CONDITION


@dataclass(frozen=True, kw_only=True)
class CalibrationRow:
    """One calibration row."""

    prepared: str
    bits: tuple[int, ...]
    count: int
    copy: int
    pass_: int


def read_calibration(
    sheet: Sheet, rows: Sequence[int], qubits: Sequence[str], ground: str, wires: Sequence[str]
) -> list[CalibrationRow]:
    """The calibration rows, every pattern of the qubits prepared among them, and every wire in both states.

    Args:
        sheet: The file.
        rows: Its rows in the basis cal; none is allowed.
        qubits: Columns of the qubits.
        ground: As --ground; "1" inverts all bits.
        wires: Wires of ancillas, which calibration reads too.

    Raises:
        RequestError: For a pattern that is missing or malformed, and where patterns cannot be told apart.
    """
    if not rows:
        return []
    inverted, size = ground == "1", len(qubits) + len(wires)
    _check_wires(sheet, rows, wires)
    prepared = _prepared(sheet, rows, size)
    for row, said in zip(rows, sheet.text("role", rows, "calibration"), strict=True):
        if said not in ("", "calibration"):
            raise sheet.wrong(row, "role", f"must be calibration in the basis cal, but is {said!r}. Correct it.")
    read = zip(*(sheet.whole(qubit, rows, most=1) for qubit in (*qubits, *wires)), strict=True)
    count = sheet.whole("count", rows)
    copy, pass_ = (_whole_or_empty(sheet, column, rows) for column in ("copy", "pass"))
    found = [
        CalibrationRow(
            prepared="".join(str(int(bit) ^ inverted) for bit in pattern),
            bits=tuple(bit ^ inverted for bit in bits),
            count=count[i],
            copy=copy[i],
            pass_=pass_[i],
        )
        for i, (pattern, bits) in enumerate(zip(prepared, read, strict=True))
    ]
    _check_complete(sheet, rows, found, qubits, wires, inverted)
    _check_told_apart(sheet, rows, found, len(qubits))
    return found


def _check_wires(sheet: Sheet, rows: Sequence[int], wires: Sequence[str]) -> None:
    for wire in wires:
        if wire not in sheet.cells:
            rule = f"the calibration must read the wire {wire}, but there is no such column"
            raise sheet.wrong(rows[0], "basis", f"{rule}. Add it, or drop the calibration rows.")


def _prepared(sheet: Sheet, rows: Sequence[int], size: int) -> list[str]:
    """The pattern prepared in each row, of `size` bits as the file labels them."""
    prepared = sheet.text("prepared", rows, "")
    for row, pattern in zip(rows, prepared, strict=True):
        if len(pattern) != size or set(pattern) - set("01"):
            column = "prepared" if "prepared" in sheet.cells else "basis"
            example = "01".ljust(size, "0")
            rule = f"calibration rows must say in `prepared` the {size} bits prepared, such as {example}"
            raise sheet.wrong(row, column, f"{rule}, but it is {pattern!r}. Keep that column as text.")
    return prepared


def _check_complete(
    sheet: Sheet,
    rows: Sequence[int],
    found: Sequence[CalibrationRow],
    qubits: Sequence[str],
    wires: Sequence[str],
    inverted: bool,
) -> None:
    """Refuses a calibration that lacks a pattern of the qubits or a state of a wire; errors have the file's labels."""
    totals = shots_of_patterns(found, len(qubits))
    for place, wire in enumerate(wires, len(qubits)):
        if {pattern.prepared[place] for pattern in found if pattern.count} != {"0", "1"}:
            rule = f"the calibration must prepare the wire {wire} as 0 and as 1, but it has one of them only"
            raise sheet.wrong(rows[0], "prepared", f"{rule}. Add rows, or drop the calibration rows.")
    for bits in itertools.product("01", repeat=len(qubits)):
        wanted = "".join(str(int(bit) ^ inverted) for bit in bits)
        if not 0 < totals.get(wanted, 0) <= MOST_COUNTS:
            pattern = "".join(bits)
            rule = f"the calibration must have counts for every pattern prepared, but has none for {pattern}"
            raise sheet.wrong(rows[0], "prepared", f"{rule}. Add them, or drop the calibration rows.")


def _check_told_apart(sheet: Sheet, rows: Sequence[int], found: Sequence[CalibrationRow], qubits: int) -> None:
    if _condition_number(found, qubits) > WORST_CONDITION:
        rule = "the calibration must tell the patterns apart, but what was read hardly depends on what was prepared"
        raise sheet.wrong(rows[0], "prepared", f"{rule}. Correct it, or drop the calibration rows.")


def _condition_number(patterns: Sequence[CalibrationRow], qubits: int) -> float:
    """Of the confusion matrix of the qubits: by how much inverting it multiplies noise."""
    size = 2**qubits
    counts = np.zeros((size, size))
    for pattern in patterns:
        read = "".join(str(bit) for bit in pattern.bits[:qubits])
        counts[int(pattern.prepared[:qubits], 2), int(read, 2)] += pattern.count
    return float(np.linalg.cond(counts / counts.sum(axis=1, keepdims=True)))


def _whole_or_empty(sheet: Sheet, column: str, rows: Sequence[int]) -> list[int]:
    """Whole numbers; 0 where a calibration row leaves the cell empty."""
    filled = [row for row in rows if column in sheet.cells and sheet.cells[column][row]]
    values = dict(zip(filled, sheet.whole(column, filled, 0), strict=True))
    return [values.get(row, 0) for row in rows]


def shots_of_patterns(patterns: Sequence[CalibrationRow], qubits: int) -> dict[str, int]:
    """Pattern of the qubits -> its shots, whatever was prepared on ancillas.

    Args:
        patterns: The calibration rows.
        qubits: How many there are.
    """
    totals: dict[str, int] = {}
    for pattern in patterns:
        key = pattern.prepared[:qubits]
        totals[key] = totals.get(key, 0) + pattern.count
    return totals
