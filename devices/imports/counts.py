"""Counts measured elsewhere: every rule that a file in the format of counts.csv must obey, with its own error."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence

from devices.imports.ancillas import AncillaColumns
from devices.imports.calibration import CalibrationRow, read_calibration, shots_of_patterns
from devices.imports.measured_rows import MeasuredRows
from devices.imports.points import Declared, Foreign, choose, locate
from devices.imports.sheet import Sheet, check_columns
from devices.record import ALONE, role
from protocols import Points, RequestError

if typing.TYPE_CHECKING:
    import pandas as pd

NO_ANCILLAS = AncillaColumns()


def read_counts(
    sheet: Sheet,
    *,
    qubits: Sequence[str],
    known: Declared,
    controls: Sequence[str] | None,
    asked: str | None,
    ground: str,
    ancillas: AncillaColumns = NO_ANCILLAS,
) -> Foreign:
    """Reads and checks counts.

    Args:
        sheet: The file.
        qubits: Names of the columns that hold bits.
        known: Parameters that may be columns.
        controls: Arms that the protocol has; None allows any.
        asked: What --bases was given; None takes what the file has.
        ground: "0", "1" (all labels inverted) or "X" (|1> was prepared as the ground state).
        ancillas: Further columns of bits, read in Z.

    Raises:
        RequestError: For anything wrong, with row and column.
    """
    _check_header(sheet, qubits, known, ancillas)
    measured, calibration = _divided(sheet, ground)
    _check_bases(sheet, measured, len(qubits), ancillas.letters)
    cells = locate(sheet, measured, known, controls)
    rows = MeasuredRows(sheet, measured, cells, qubits, ground, ancillas)
    present = tuple(dict.fromkeys(rows.basis))
    used = choose(sheet, asked, present, measured[0])
    notes = [] if set(used) == set(present) else [_unused(present, used)]
    factor = rows.weights(notes)
    low, high = rows.settings(used, factor, notes)
    notes += [note] if (note := rows.repeats()) else []
    patterns = read_calibration(sheet, calibration, qubits, ground, _further(ancillas, qubits), notes)
    return Foreign(
        parameters=cells.parameters,
        reference_only=cells.reference_only,
        arms=cells.arms,
        bases=used,
        words=(),
        rows=_frame(rows, used, factor, patterns, qubits, ancillas),
        notes=tuple(notes),
        members=len(set(rows.member)),
        shots=(low, high),
        calibration_shots=max(shots_of_patterns(patterns, len(qubits)).values(), default=0),
    )


def _further(ancillas: AncillaColumns, qubits: Sequence[str]) -> list[str]:
    """Wires that calibration reads beside the qubits, one of which may be read on the way."""
    return [wire for wire in ancillas.wires if wire not in qubits]


def _check_header(sheet: Sheet, qubits: Sequence[str], known: Declared, ancillas: AncillaColumns) -> None:
    optional = (*ancillas.names, "role", "member", "weight", "arm", "copy", "pass", "alone", "prepared")
    if "batch" in sheet.cells:
        raise RequestError(
            f"{sheet.name} has batches of a random preparation, whose scatter is the error; they cannot be imported. "
            "Analyse the run itself: hotward analyse RUN."
        )
    check_columns(sheet, ("basis", *qubits, "count"), (*known, "basis", *qubits, "count", *optional))


def _divided(sheet: Sheet, ground: str) -> tuple[list[int], list[int]]:
    """Rows of the measurement, of which there must be some, and rows of the calibration."""
    bases = sheet.cells["basis"]
    measured = [row for row, basis in enumerate(bases) if basis != "cal"]
    calibration = [row for row, basis in enumerate(bases) if basis == "cal"]
    if not measured:
        raise RequestError(f"{sheet.name} has calibration rows only. Add rows of a measurement.")
    if calibration and ground == "X":
        raise sheet.wrong(
            calibration[0],
            "basis",
            "with --ground X there must be no calibration rows: bits are inverted in Y and Z but not in X, which one "
            "confusion matrix cannot follow. Correct the readout first, or write all bits with 0 for the ground state.",
        )
    return measured, calibration


def _check_bases(sheet: Sheet, rows: Sequence[int], qubits: int, ancillas: Sequence[str]) -> None:
    allowed = " ".join(dict.fromkeys("".join(ancillas)))
    more = f" and then {len(ancillas)} letters {allowed} or -, one an ancilla column" if ancillas else ""
    for row in rows:
        basis = sheet.cells["basis"][row]
        fits = not set(basis[:qubits]) - set("IXYZ") and set(basis[:qubits]) != {"I"}
        fits &= len(basis) == qubits + len(ancillas)
        if not fits or any(one not in f"{known}-" for one, known in zip(basis[qubits:], ancillas, strict=True)):
            rule = f"must be {qubits} letters X Y Z, one a qubit (I where it was not read){more}, or cal"
            raise sheet.wrong(row, "basis", f"{rule}, but is {basis!r}. Write the setting as it was measured.")


def _unused(present: Sequence[str], used: Sequence[str]) -> str:
    dropped = [basis for basis in present if basis not in used]
    return f"of the settings in the file only {', '.join(used)} are used, as declared; not {', '.join(dropped)}"


def _frame(
    rows: MeasuredRows,
    used: Sequence[str],
    factor: Mapping[tuple[str, int], float],
    patterns: Sequence[CalibrationRow],
    qubits: Sequence[str],
    ancillas: AncillaColumns,
) -> pd.DataFrame:
    """The rows as in counts.csv, with `point` in place of the swept columns."""
    import pandas as pd

    points = Points(
        parameters={}, options={}, reference=rows.cells.reference_only * 0 - 1, reference_only=rows.cells.reference_only
    )
    kept: list[tuple[object, ...]] = []
    declared: set[tuple[tuple[str, int], int]] = set()
    lost: dict[tuple[tuple[str, int], int], tuple[object, ...]] = {}
    unread = "-" * len(ancillas.names)
    read = [(basis, (*bits, *more)) for basis, bits, more in zip(rows.basis, rows.bits, rows.ancillas, strict=True)]
    for cell, (basis, bits), letters, member, weight, ran, count in zip(
        rows.cell, read, rows.letters, rows.member, rows.weight, rows.ran, rows.count, strict=True
    ):
        arm, point = cell
        shared = (point, arm, *ran, role(points, arm, point), member, weight * factor[cell])
        if basis in used:
            kept.append((*shared, basis + letters, "", *bits, count))
            declared.add((cell, member))
        else:  # a member of unused settings only still counts for the weights
            lost.setdefault((cell, member), (*shared, used[0] + unread, "", *bits, 0))
    kept += [row for key, row in lost.items() if key not in declared]
    for p in patterns:
        bits = dict(zip(_further(ancillas, qubits), p.bits[len(qubits) :], strict=True))
        every = (*p.bits[: len(qubits)], *(bits.get(name) for name in ancillas.names))
        kept.append((-1, "main", p.copy, p.pass_, 0, "calibration", 0, 1.0, "cal", p.prepared, *every, p.count))
    head = ["point", "arm", "copy", "pass", ALONE, "role", "member", "weight", "basis", "prepared"]
    frame = pd.DataFrame(kept, columns=[*head, *qubits, *ancillas.names, "count"])
    frame = frame if any(alone for _, _, alone in rows.ran) else frame.drop(columns=ALONE)
    return frame.astype(dict.fromkeys(ancillas.names, "Int64"))
