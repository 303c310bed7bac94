"""Settings in which only some of the qubits were read: `ZI` is Z on A, whatever was done with B."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from devices.imports.sheet import Sheet
from protocols import Array, RequestError

_WORD = re.compile(r"[IXYZ_.-]+")
_UNREAD = re.compile(r"[_.-]")


def with_unread_bits(sheet: Sheet, qubits: Sequence[str]) -> Sheet:
    """The file with `I` for every qubit that a setting did not read, and 0 in its place.

    Rows that differ in such a bit only are one outcome; the import adds them up, which traces the bit out.

    Args:
        sheet: The file, with one column of bits a qubit; the column of a qubit that is never read may be missing.
        qubits: Names of these columns.

    Raises:
        RequestError: Where the readout was calibrated: what a bit was read as depends on what the others were.
    """
    size, texts = len(qubits), sheet.cells.get("basis", ())
    words = {text: _word(text, size) for text in set(texts)}
    partial = {text: word for text, word in words.items() if "I" in word[:size]}
    if not partial or "count" not in sheet.cells:
        return sheet
    rows = [row for row, text in enumerate(texts) if text in partial]
    if "cal" in words:
        raise sheet.wrong(
            rows[0],
            "basis",
            f"with calibration rows every setting must read all qubits, but {texts[rows[0]]!r} does not. Write the "
            "letter in which the other was read, if both bits are there; else import such settings as a file of their "
            "own, or as expectation values that are corrected, `pauli,value,stderr`.",
        )
    cells = {column: list(values) for column, values in sheet.cells.items()}
    cells["basis"] = [words[text] for text in texts]
    filled = False
    for place, qubit in enumerate(qubits):
        if qubit not in cells:
            if all(words[text][place : place + 1] == "I" for text in texts):
                continue  # that it is never read is said later
            raise RequestError(
                f"{sheet.name}, row 1: the column `{qubit}` is missing. Add it; it is empty where a setting does not "
                f"read {qubit}."
            )
        for row in rows:
            if partial[texts[row]][place] == "I":
                filled |= cells[qubit][row] != ""
                cells[qubit][row] = "0"
    listed = ", ".join(dict.fromkeys(partial[texts[row]] for row in rows))
    traced = "; bits that are there all the same are traced out" if filled else ""
    note = f"the settings {listed} read one qubit only where they have a letter I{traced}"
    return replace(sheet, cells=cells, notes=(*sheet.notes, note), traced=sheet.traced or filled)


def _word(text: str, size: int) -> str:
    """A setting with I for what is not read; as it is where it has letters of ancillas, or is no setting."""
    if len(text) != size or not _WORD.fullmatch(text):
        return text
    return _UNREAD.sub("I", text)


def places_unread(bases: Sequence[str], place: int) -> Array:
    """Which rows do not read a qubit.

    Args:
        bases: Setting of every row.
        place: Of the qubit among the letters.
    """
    import numpy as np

    return np.array([basis != "cal" and basis[place : place + 1] == "I" for basis in bases], dtype=bool)
