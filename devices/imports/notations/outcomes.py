"""Outcomes of single qubits in other notations than 0 and 1: eigenvalues +1 and -1, truth values, levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from devices.imports.sheet import Sheet

_SIGNS = {"1": "0", "+1": "0", "1.0": "0", "+1.0": "0", "-1": "1", "-1.0": "1", "+": "0", "-": "1", "": ""}
_WORDS = {"true": "1", "false": "0", "": ""}
_LEVELS = {"g": "0", "e": "1", "": ""}
OUTCOMES = frozenset({*_SIGNS, *_WORDS, *_LEVELS, "0", "0.0"})
"""What cells of a column of outcomes may hold, in small letters."""


def as_zero_and_one(sheet: Sheet, columns: Sequence[str]) -> Sheet:
    """The file with bits in place of eigenvalues +1 and -1, of true and false, or of the levels g and e.

    Args:
        sheet: The file.
        columns: That hold outcomes, as far as the file has them; only where all of them are written so.
    """
    columns = [column for column in columns if column in sheet.cells]
    texts = {text.lower() for column in columns for text in sheet.cells[column]}
    for known, needed, note in (
        (_SIGNS, {"-1", "-1.0", "-"}, "outcomes are eigenvalues: +1 is the bit 0, -1 the bit 1"),
        (_WORDS, {"true", "false"}, "outcomes are truth values: true is the bit 1"),
        (_LEVELS, {"g", "e"}, "outcomes are levels: g is the bit 0, e the bit 1"),
    ):
        if texts <= set(known) and texts & needed:
            bits = {column: [known[text.lower()] for text in sheet.cells[column]] for column in columns}
            return replace(sheet, cells={**sheet.cells, **bits}, notes=(*sheet.notes, note))
    return sheet
