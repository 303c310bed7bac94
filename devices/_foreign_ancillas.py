"""Ancilla columns of a file measured elsewhere: `bath_1`, `bath_2`; or `bath.1` before a reset, `bath` at the end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devices._sheet import Sheet

Bits = tuple[int | None, ...]
"""One a column, None where it is not read."""


@dataclass(frozen=True, kw_only=True)
class AncillaColumns:
    """The ancilla columns that a file has."""

    names: tuple[str, ...] = ()
    registers: tuple[str, ...] = ()
    """Of each column."""
    gaps: tuple[float, ...] = ()
    """Of each column."""

    @property
    def wires(self) -> tuple[str, ...]:
        """Wires that are read, each once."""
        return tuple(dict.fromkeys(_wire(name) for name in self.names))

    @property
    def document(self) -> dict[str, list[dict[str, object]]]:
        """As `registers` in start.json."""
        found: dict[str, list[dict[str, object]]] = {}
        for name, register, gap in zip(self.names, self.registers, self.gaps, strict=True):
            found.setdefault(register, []).append({"column": name, "qubit": _wire(name), "gap": gap})
        return found


def ancilla_columns(sheet: Sheet, registers: Mapping[str, float]) -> AncillaColumns:
    """The columns that belong to a register of the protocol (name -> gap), in the order of the file."""
    found = [
        (column, register, gap)
        for column in sheet.cells
        for register, gap in registers.items()
        if re.fullmatch(rf"{re.escape(register)}(_[1-9]\d*|\.[1-9]\d*)?", column)
    ]
    names, kinds, gaps = zip(*found, strict=True) if found else ((), (), ())
    return AncillaColumns(names=names, registers=kinds, gaps=gaps)


def read_ancillas(
    sheet: Sheet, rows: Sequence[int], ancillas: AncillaColumns, letters: Sequence[str], inverted: bool
) -> list[Bits]:
    """The bits of rows of a measurement, empty where their letter is -.

    Args:
        sheet: The file.
        rows: Which rows.
        ancillas: Its columns.
        letters: Of each row, one a column: Z or -.
        inverted: Whether 1 is the ground state.

    Raises:
        RequestError: For a bit that the basis does not have, or lacks.
    """
    columns: list[list[int | None]] = []
    for place, name in enumerate(ancillas.names):
        filled = [row for row, text in zip(rows, letters, strict=True) if text[place] == "Z"]
        bits = dict(zip(filled, sheet.whole(name, filled, most=1), strict=True))
        for row in rows:
            if row not in bits and sheet.cells[name][row] != "":
                rule = f"must be empty where the basis has -, but is {sheet.cells[name][row]!r}"
                raise sheet.wrong(row, name, f"{rule}. Empty it, or write Z.")
        columns.append([bits[row] ^ inverted if row in bits else None for row in rows])
    return list(zip(*columns, strict=True)) if columns else [()] * len(rows)


def _wire(column: str) -> str:
    return column.partition(".")[0]
