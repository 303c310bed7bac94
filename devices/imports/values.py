"""Expectation values measured elsewhere: rows `pauli, value, stderr`, as spectroscopists have them."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Sequence

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
LEAST_STDERR = 1e-9
"""No expectation value was ever measured that well; below, weights 1/stderr^2 leave the range of numbers."""
HEAD = ("arm", "role", "pauli", "value", "stderr")


def read_values(
    sheet: Sheet,
    *,
    qubits: Sequence[str],
    known: Declared,
    controls: Sequence[str] | None,
    asked: str | None,
    ground: str,
) -> Foreign:
    r"""Reads and checks expectation values.

    Args:
        sheet: The file.
        qubits: Names of the qubits, one a letter of each word; none of them may be a column.
        known: Parameters that may be columns.
        controls: Arms that the protocol has; None allows any.
        asked: What --bases was given, the name of a family of states; None takes every word.
        ground: "0", "1" (all labels inverted) or "X" (|1> was prepared as the ground state): see `SIGNED`.

    Raises:
        RequestError: For anything wrong, with row and column.

    Examples:
        >>> from devices.imports.sheet import read_sheet
        >>> sheet = read_sheet(b"pauli,value,stderr\nZI,0.5,0.01\nIZ,-0.25,0.01\nZZ,0.125,0.01\n", "pair.csv")
        >>> found = read_values(sheet, qubits=("A", "B"), known={}, controls=None, asked=None, ground="1")
        >>> dict(zip(found.words, found.rows["value"].tolist(), strict=True))
        {'ZI': -0.5, 'IZ': 0.25, 'ZZ': 0.125}
    """
    for column in ("basis", "count", *qubits):
        if column in sheet.cells:
            raise RequestError(
                f"{sheet.name}, row 1: the columns must be those of counts or those of expectation values, but "
                f"`pauli` and `{column}` are both there. Import them as two files."
            )
    check_columns(sheet, ("pauli", "value", "stderr"), (*known, *HEAD))
    rows = range(len(sheet))
    _check_words(sheet, rows, len(qubits))
    cells = locate(sheet, rows, known, controls)
    value, stderr = sheet.real("value", rows), sheet.real("stderr", rows)
    for row in rows:
        if stderr[row] < LEAST_STDERR:
            rule = f"must be at least {LEAST_STDERR:g}, but is {stderr[row]:g}"
            raise sheet.wrong(row, "stderr", f"{rule}. Give the standard error.")
        if abs(value[row]) > 1 + BEYOND * stderr[row]:
            rule = f"must be within -1..1, up to {BEYOND:g} standard errors, but is {value[row]:g} +- {stderr[row]:g}"
            raise sheet.wrong(row, "value", f"{rule}. Correct the row.")
    used = _words(sheet, cells, asked, len(qubits))
    dropped = [word for word in dict.fromkeys(sheet.cells["pauli"]) if word not in used]
    notes = [f"as declared only {', '.join(used)} are used, not {', '.join(dropped)}"] if dropped else []
    return Foreign(
        parameters=cells.parameters,
        reference_only=cells.reference_only,
        arms=cells.arms,
        bases=(),
        words=used,
        rows=_frame(sheet, cells, used, value, stderr, SIGNED[ground]),
        notes=tuple(notes),
    )


def _check_words(sheet: Sheet, rows: Sequence[int], qubits: int) -> None:
    for row in rows:
        word = sheet.cells["pauli"][row]
        if len(word) != qubits or set(word) - set("IXYZ") or word == "I" * qubits:
            example = "ZI".ljust(qubits, "I")
            rule = f"must be {qubits} letters I X Y Z, not all I, such as {example}, but is {word!r}"
            raise sheet.wrong(row, "pauli", f"{rule}. Correct or drop the row.")


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
