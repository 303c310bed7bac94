"""Calibration rows of a file measured elsewhere: patterns prepared, each read mostly as itself and told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from devices.imports.sheet import Sheet
from devices.imports.text import MOST_COUNTS
from devices.readout import Misread, completed, misread, read_as_written
from devices.record import WORST_CONDITION
from protocols import Array
from protocols.pauli import MANY


@dataclass(frozen=True, kw_only=True)
class CalibrationRow:
    """One calibration row."""

    prepared: str
    bits: tuple[int, ...]
    count: int
    copy: int
    pass_: int


def read_calibration(
    sheet: Sheet, rows: Sequence[int], qubits: Sequence[str], ground: str, wires: Sequence[str], notes: list[str]
) -> list[CalibrationRow]:
    """The calibration rows, every qubit and every wire prepared in both states among them.

    Where patterns of the qubits are missing, readout errors are taken as independent, and a note says so.

    Args:
        sheet: The file.
        rows: Its rows in the basis cal; none is allowed.
        qubits: Columns of the qubits.
        ground: As --ground; "1" inverts all bits.
        wires: Wires of ancillas, which calibration reads too.
        notes: Of the import; what is assumed of the readout is added.

    Raises:
        RequestError: For a pattern that is malformed or read mostly as another, a state that was never prepared, and
            where patterns cannot be told apart.
    """
    if not rows:
        return []
    inverted, size = ground == "1", len(qubits) + len(wires)
    _check_wires(sheet, rows, wires)
    prepared = _prepared(sheet, rows, size)
    for row, said in zip(rows, sheet.text("role", rows, "calibration"), strict=True):
        if said not in ("", "calibration"):
            raise sheet.wrong(row, "role", f"must be calibration in the basis cal, but is {said!r}. Correct it.")
    read = list(zip(*(sheet.whole(qubit, rows, most=1) for qubit in (*qubits, *wires)), strict=True))
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
    _check_complete(sheet, rows, found, qubits, wires)
    seen = misread(read_as_written(prepared), np.array(read), np.array(count, dtype=float), len(qubits))
    if seen is None or seen.order is None:
        _check_told_apart(sheet, rows, found, len(qubits))
    _check_read_as_itself(sheet, rows, seen, (*qubits, *wires))
    if len(shots_of_patterns(found, len(qubits))) < 2 ** len(qubits):
        listed = ", ".join(sorted({pattern[: len(qubits)] for pattern in prepared}))
        notes.append(
            f"calibration prepared {listed} only: readout errors are taken as independent, those of one qubit the same "
            "whatever the others are"
        )
    return found


def _check_wires(sheet: Sheet, rows: Sequence[int], wires: Sequence[str]) -> None:
    for wire in wires:
        if wire not in sheet.cells:
            rule = f"the calibration must read the wire {wire}, but there is no such column"
            raise sheet.wrong(rows[0], "basis", f"{rule}. Add it.")


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


def _check_read_as_itself(sheet: Sheet, rows: Sequence[int], wrong: Misread | None, columns: Sequence[str]) -> None:
    """Refuses labels that are not those of what was read: corrected with them, the qubits would be exchanged."""
    if wrong is None:
        return
    names = ", ".join(columns)
    if wrong.order is None:
        repair = f"Each label must name the state that was prepared on {names}, in this order"
    elif wrong.order == tuple(range(len(columns))):
        repair = (
            "0 and 1 are exchanged between `prepared` and the bits: exchange them in every label; if it is the bits "
            "that have 1 for the ground state, give --ground 1 as well"
        )
    else:
        which = "the other order (Qiskit's labels are last qubit first)" if wrong.reversed else "another order"
        also = ", and 0 and 1 are exchanged" if wrong.inverted else ""
        order = ", ".join(f"character {place + 1} is {name}" for place, name in zip(wrong.order, columns, strict=True))
        repair = (
            f"`prepared` is in {which}: {order}{also}. Write every label in the order {names}; if the labels are right "
            "and the bits of all rows were split in the wrong order, exchange the names of their columns in the header"
        )
    rule = f"every pattern must be read mostly as itself, but {wrong.fact}"
    raise sheet.wrong(rows[0], "prepared", f"{rule}. {repair}.")


def _check_complete(
    sheet: Sheet, rows: Sequence[int], found: Sequence[CalibrationRow], qubits: Sequence[str], wires: Sequence[str]
) -> None:
    """Refuses a calibration that lacks a state of a qubit or a wire, and counts beyond what can be summed."""
    if max(shots_of_patterns(found, len(qubits)).values(), default=0) > MOST_COUNTS:
        raise sheet.wrong(rows[0], "count", "shots of one pattern must be below 2**63. Correct the counts.")
    for place, name in enumerate((*qubits, *wires)):
        if {pattern.prepared[place] for pattern in found if pattern.count} != {"0", "1"}:
            rule = f"the calibration must prepare {name} as 0 and as 1, but it has shots of one of them only"
            raise sheet.wrong(
                rows[0],
                "prepared",
                f"{rule}. Add the rows of the other (all qubits in 0 and all in 1 are enough, if readout errors are "
                "independent).",
            )


def _check_told_apart(sheet: Sheet, rows: Sequence[int], found: Sequence[CalibrationRow], qubits: int) -> None:
    # of many qubits each is corrected by itself
    tables = [completed(_table(found, qubits))] if qubits <= MANY else [_of_one(found, i) for i in range(qubits)]
    if any(np.linalg.cond(table / table.sum(axis=1, keepdims=True)) > WORST_CONDITION for table in tables):
        rule = "the calibration must tell the patterns apart, but what was read hardly depends on what was prepared"
        raise sheet.wrong(rows[0], "prepared", f"{rule}. Calibrate again, with more shots or another readout.")


def _table(patterns: Sequence[CalibrationRow], qubits: int) -> Array:
    """Counts (patterns prepared, outcomes read) of the qubits."""
    counts = np.zeros((2**qubits, 2**qubits))
    for pattern in patterns:
        read = "".join(str(bit) for bit in pattern.bits[:qubits])
        counts[int(pattern.prepared[:qubits], 2), int(read, 2)] += pattern.count
    return counts


def _of_one(patterns: Sequence[CalibrationRow], place: int) -> Array:
    """The same of one qubit, whatever the others were prepared in."""
    counts = np.zeros((2, 2))
    for pattern in patterns:
        counts[int(pattern.prepared[place]), int(pattern.bits[place])] += pattern.count
    return counts


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
        if pattern.count:
            key = pattern.prepared[:qubits]
            totals[key] = totals.get(key, 0) + pattern.count
    return totals
