"""Columns that say again what outcomes and counts say: bit strings, parities, shares of the shots, their number."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from devices.imports.sheet import SHARES, Sheet

OF_OUTCOMES = ("bitstring", "bitstrings", "bit_string", "bits", "outcome", "outcomes", "state", "result", "key")
ERRORS = re.compile(r"(?i)(std|sd|se|sem|sigma|err|error|uncertainty)([_ .]?(err|error|dev|mean))?")
"""What standard errors are called."""
ROUNDED = 1e-3
"""How far printed shares may be off."""
_SHOTS = ("shots", "n_shots", "nshots", "total", "total_shots", "n")


def without_consequences(sheet: Sheet, taken: Collection[str], qubits: Sequence[str]) -> Sheet:
    """The file without columns that follow from its outcomes and counts: no state differs in them.

    Args:
        sheet: The file.
        taken: Columns that mean something else.
        qubits: Columns of the outcomes.

    Raises:
        RequestError: For a column that is called like an outcome and says another one.
    """
    if "pauli" in sheet.cells and "stderr" in sheet.cells:
        return _without_shots(sheet, taken)
    if "count" not in sheet.cells or "basis" not in sheet.cells or not all(q in sheet.cells for q in qubits):
        return sheet
    others = [column for column in sheet.cells if column not in taken]
    if not others:
        return sheet
    measured = [row for row, basis in enumerate(sheet.cells["basis"]) if basis != "cal"]
    cells, notes = dict(sheet.cells), list(sheet.notes)
    totals = _Totals(sheet, taken, qubits, measured)
    for column in others:
        if column.lower().startswith(SHARES) and totals.shared_by(column):
            notes.append(f"`{column}` is the share of the shots, which follows from the counts, and is not read")
        elif column.lower() in _SHOTS and totals.equal(column):
            notes.append(f"`{column}` is the number of shots, which follows from the counts, and is not read")
        elif _says_outcome(sheet, column, qubits, measured):
            notes.append(f"`{column}` says again what {', '.join(qubits)} say, and is not read")
        elif column.lower() in OF_OUTCOMES and len({cells[column][row] for row in measured}) > 1:
            row = measured[0]
            rule = f"must be the outcome that {', '.join(qubits)} say, as there are columns of both, but is not"
            raise sheet.wrong(row, column, f"{rule} everywhere. Keep those that are right under these names alone.")
        else:
            continue
        del cells[column]
    return replace(sheet, cells=cells, notes=tuple(notes))


def _without_shots(sheet: Sheet, taken: Collection[str]) -> Sheet:
    """Expectation values with errors need no number of shots."""
    shots = [column for column in sheet.cells if column.lower() in _SHOTS and column not in taken]
    cells = {column: texts for column, texts in sheet.cells.items() if column not in shots}
    notes = [f"`{column}` is the number of shots and is not read: values have their errors" for column in shots]
    return replace(sheet, cells=cells, notes=(*sheet.notes, *notes))


def _says_outcome(sheet: Sheet, column: str, qubits: Sequence[str], rows: Sequence[int]) -> bool:
    """Whether a column is the outcome in another notation, or its parity, in every row and not the same throughout."""
    texts = [sheet.cells[column][row].strip("|⟩>'\"") for row in rows]
    if len(set(texts)) < 2:
        return False
    bits = ["".join(sheet.cells[qubit][row] for qubit in qubits) for row in rows]
    if any(set(one) - set("01") or len(one) != len(qubits) for one in bits):
        return False
    odd = [one.count("1") % 2 for one in bits]
    ways = (
        bits,
        [one[::-1] for one in bits],
        [one.lstrip("0") or "0" for one in bits],
        [one[::-1].lstrip("0") or "0" for one in bits],
        [str(int(one, 2)) for one in bits],
        [str(int(one[::-1], 2)) for one in bits],
        [str(one.count("1")) for one in bits],
        [str(one) for one in odd],
        [str(1 - 2 * one) for one in odd],
    )
    return any(texts == way for way in ways)


class _Totals:
    """Shots of the setting and point of every row."""

    def __init__(self, sheet: Sheet, taken: Collection[str], qubits: Sequence[str], rows: Sequence[int]) -> None:
        self.sheet, self.rows, self.counts = sheet, rows, sheet.whole("count", rows)
        same = [name for name in sheet.cells if name in taken and name not in (*qubits, "count")]
        keys = [tuple(sheet.cells[name][row] for name in same) for row in rows]
        sums: dict[tuple[str, ...], int] = {}
        for key, count in zip(keys, self.counts, strict=True):
            sums[key] = sums.get(key, 0) + count
        self.shots = [sums[key] for key in keys]

    def equal(self, column: str) -> bool:
        """Whether a column has them in every row."""
        said = [self.sheet.cells[column][row] for row in self.rows]
        return all(text.isdecimal() and int(text) == total for text, total in zip(said, self.shots, strict=True))

    def shared_by(self, column: str) -> bool:
        """Whether a column has count over shots in every row, as printed."""
        try:
            said = [float(self.sheet.cells[column][row]) for row in self.rows]
        except ValueError:
            return False
        shares = zip(said, self.counts, self.shots, strict=True)
        return all(abs(one - count / max(total, 1)) < ROUNDED for one, count, total in shares)
