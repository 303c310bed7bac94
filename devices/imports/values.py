"""Expectation values measured elsewhere: rows `pauli, value, stderr`, as spectroscopists have them."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Sequence
from dataclasses import replace

from devices.imports.notations import ERRORS
from devices.imports.points import Cells, Declared, Foreign, locate
from devices.imports.sheet import Sheet, check_columns
from devices.record import role
from protocols import Points, RequestError
from protocols.pauli import FAMILIES, assumption_of_words, needed_words

if typing.TYPE_CHECKING:
    import pandas as pd

BEYOND = 5.0
"""How many standard errors a value may lie outside -1..1."""
SIGNED = {"0": "", "1": "XYZ", "X": "YZ"}
"""--ground -> letters that change the sign of a word."""
NORM_TOLERANCE = 1e-3
"""How far the identity may be from 1, by rounding."""
LEAST_STDERR = 1e-9
"""No expectation value was ever measured that well; below, weights 1/stderr^2 leave the range of numbers."""
MOST_STDERR = 10.0
"""And worse than that is not measured: all values are within -1..1."""
HEAD = ("arm", "role", "pauli", "value", "stderr")


def read_values(
    sheet: Sheet,
    *,
    qubits: Sequence[str],
    known: Declared,
    controls: Sequence[str] | None,
    asked: str | None,
    ground: str,
    common: float | None = None,
) -> Foreign:
    r"""Reads and checks expectation values.

    Args:
        sheet: The file.
        qubits: Names of the qubits, one a letter of each word; none of them may be a column.
        known: Parameters that may be columns.
        controls: Arms that the protocol has; None allows any.
        asked: What --bases was given, the name of a family of states; None takes every word.
        ground: "0", "1" (all labels inverted) or "X" (|1> was prepared as the ground state): see `SIGNED`.
        common: Standard error of all values, where the file has no column of its own.

    Raises:
        RequestError: For anything wrong, with row and column.

    Examples:
        >>> from devices.imports.sheet import read_sheet
        >>> sheet = read_sheet(b"pauli,value,stderr\nZI,0.5,0.01\nIZ,-0.25,0.01\nZZ,0.125,0.01\n", "pair.csv")
        >>> found = read_values(sheet, qubits=("A", "B"), known={}, controls=None, asked=None, ground="1")
        >>> dict(zip(found.words, found.rows["value"].tolist(), strict=True))
        {'ZI': -0.5, 'IZ': 0.25, 'ZZ': 0.125}
    """
    already = len(sheet.notes)
    for column in ("basis", "count", *qubits):
        if column in sheet.cells:
            raise RequestError(
                f"{sheet.name}, row 1: the columns must be those of counts or those of expectation values, but "
                f"`pauli` and `{column}` are both there. Import them as two files."
            )
    _check_errors(sheet)
    check_columns(sheet, ("pauli", "value"), (*known, *HEAD))
    sheet = _with_errors(_without_identity(sheet, len(qubits)), common)
    rows = range(len(sheet))
    _check_words(sheet, rows, len(qubits))
    cells = locate(sheet, rows, known, controls)
    value, stderr = sheet.real("value", rows), sheet.real("stderr", rows)
    for row in rows:
        if not LEAST_STDERR <= stderr[row] <= MOST_STDERR:
            rule = f"must be {LEAST_STDERR:g}..{MOST_STDERR:g}, but is {stderr[row]:g}"
            raise sheet.wrong(row, "stderr", f"{rule}. Give the standard error of the value, which is within -1..1.")
        if abs(value[row]) > 1 + BEYOND * stderr[row]:
            rule = f"must be within -1..1, up to {BEYOND:g} standard errors, but is {value[row]:g} +- {stderr[row]:g}"
            raise sheet.wrong(row, "value", f"{rule}. Correct the row.")
    used = _words(sheet, cells, asked, len(qubits))
    dropped = [word for word in dict.fromkeys(sheet.cells["pauli"]) if word not in used]
    declared = [f"as declared only {', '.join(used)} are used, not {', '.join(dropped)}"] if dropped else []
    notes = [*sheet.notes[already:], *declared]
    return Foreign(
        parameters=cells.parameters,
        reference_only=cells.reference_only,
        arms=cells.arms,
        bases=(),
        words=used,
        rows=_frame(sheet, cells, used, value, stderr, SIGNED[ground]),
        notes=tuple(notes),
    )


def _check_errors(sheet: Sheet) -> None:
    """Refuses standard errors under another name: one error for all in their place would be another measurement."""
    other = next((column for column in sheet.cells if ERRORS.fullmatch(column)), None)
    if "stderr" not in sheet.cells and other is not None:
        raise RequestError(
            f"{sheet.name}, row 1: the column `stderr` is missing. If `{other}` is the standard error of every value, "
            "call it stderr."
        )


def _without_identity(sheet: Sheet, qubits: int) -> Sheet:
    """The file without rows of the word II, which is 1 of every state and measures nothing."""
    identity = [row for row in range(len(sheet)) if sheet.cells["pauli"][row] == "I" * qubits]
    if not identity or "value" not in sheet.cells:
        return sheet
    for row, value in zip(identity, sheet.real("value", identity), strict=True):
        if abs(value - 1) > NORM_TOLERANCE:
            rule = f"must be 1 for {'I' * qubits}, the trace of the state, but is {value:g}"
            raise sheet.wrong(row, "value", f"{rule}. Divide all values and errors of the point by it.")
    without = set(identity)
    kept = [row for row in range(len(sheet)) if row not in without]
    if not kept:
        raise RequestError(f"{sheet.name} has the word {'I' * qubits} only. Add the words that were measured.")
    cells = {column: [texts[row] for row in kept] for column, texts in sheet.cells.items()}
    note = f"the word {'I' * qubits} is 1 of every state and is not read"
    return replace(sheet, cells=cells, lines=[sheet.lines[row] for row in kept], notes=(*sheet.notes, note))


def _with_errors(sheet: Sheet, common: float | None) -> Sheet:
    """The file with a standard error in every row."""
    if common is None and "stderr" not in sheet.cells:
        raise RequestError(
            f"{sheet.name}, row 1: the column `stderr` is missing. Add the standard error of every value, or give one "
            "for all: --stderr 0.01."
        )
    if common is None:
        return sheet
    if "stderr" in sheet.cells:
        raise RequestError(f"Argument `stderr` is {common:g}, but {sheet.name} has errors of its own. Leave it out.")
    note = f"the standard error of every value is taken as {common:g}, as given"
    return replace(
        sheet, cells={**sheet.cells, "stderr": [repr(float(common))] * len(sheet)}, notes=(*sheet.notes, note)
    )


def _check_words(sheet: Sheet, rows: Sequence[int], qubits: int) -> None:
    for row in rows:
        word = sheet.cells["pauli"][row]
        if len(word) != qubits or set(word) - set("IXYZ"):
            example = "ZI".ljust(qubits, "I")
            rule = f"must be {qubits} letters I X Y Z, such as {example}, but is {word!r}"
            raise sheet.wrong(row, "pauli", f"{rule}. Write the word as it was measured.")


def _words(sheet: Sheet, cells: Cells, asked: str | None, qubits: int) -> tuple[str, ...]:
    """Words to use, by first appearance; every point must have each of them once."""
    present = dict.fromkeys(sheet.cells["pauli"])
    wanted = tuple(present)
    if asked is not None:
        wanted = needed_words(asked, qubits)
        if not wanted:
            raise RequestError(
                f"Argument `bases` must be {', '.join(FAMILIES)} for expectation values, but is {asked!r}. "
                "Leave it out to use every word."
            )
        missing = [word for word in wanted if word not in present]
        if missing:
            own, _ = assumption_of_words(tuple(present))
            less = f"declare --bases {own}" if own != "none" else "leave --bases out"
            raise RequestError(
                f"Argument `bases` is {asked}, but {sheet.name} lacks the Pauli words {', '.join(missing)}. Add "
                f"them, or {less}."
            )
    for index in range(qubits):
        alone = "".join("Z" if i == index else "I" for i in range(qubits))
        if alone not in wanted:
            raise sheet.wrong(0, "pauli", f"the word {alone} must be there, where energies are read. Add its rows.")
    seen: dict[tuple[str, int, str], int] = {}
    for row, (arm, point, word) in enumerate(zip(cells.arm, cells.point, sheet.cells["pauli"], strict=True)):
        if (arm, point, word) in seen:
            above = sheet.lines[seen[arm, point, word]]
            rule = f"{word} must be given once for {cells.where(arm, point)}, but is in row {above} too"
            raise sheet.wrong(row, "pauli", f"{rule}. Keep one.")
        seen[arm, point, word] = row
    for (arm, point), word in itertools.product(cells.first, wanted):
        if (arm, point, word) not in seen:
            raise sheet.wrong(
                cells.first[arm, point],
                "pauli",
                f"every point must have all of the words {', '.join(wanted)}, but {cells.where(arm, point)} lacks "
                f"{word}. Add it, or declare less with --bases.",
            )
    return tuple(word for word in present if word in wanted)


def _frame(
    sheet: Sheet, cells: Cells, used: Sequence[str], value: Sequence[float], stderr: Sequence[float], signed: str
) -> pd.DataFrame:
    """The rows as in expectations.csv, with `point` in place of the swept columns."""
    import pandas as pd

    points = Points(
        parameters={}, options={}, reference=cells.reference_only * 0 - 1, reference_only=cells.reference_only
    )
    found = [
        (point, arm, role(points, arm, point), word, (-1) ** sum(map(signed.count, word)) * v + 0.0, e)
        for point, arm, word, v, e in zip(cells.point, cells.arm, sheet.cells["pauli"], value, stderr, strict=True)
        if word in used
    ]
    return pd.DataFrame(found, columns=["point", *HEAD])
