"""Rows that prepare a pattern and read it, in whatever setting they are written: they are the calibration."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from devices.imports.sheet import Sheet

_IN_Z = re.compile(r"Z*|(READOUT|MEAS(UREMENT)?)?[ _-]?CAL(IB(RATION)?)?", re.IGNORECASE)
"""Calibration circuits are read in Z; some leave the setting out, or name it."""
_PATTERN = re.compile("[01]+")


def as_calibration(sheet: Sheet, known: Collection[str]) -> Sheet:
    """The file with the basis `cal` wherever a pattern is prepared, read in Z, at no point of the sweep.

    Nothing else can be meant: rows of the experiment have no `prepared`. Where such a row has a time as well, it may be
    a state of the experiment, and stays as it is, to be refused.

    Args:
        sheet: The file, with hotward's names of columns.
        known: Parameters that may be columns.
    """
    if not {"basis", "prepared"} <= set(sheet.cells):
        return sheet
    bases = list(sheet.cells["basis"])
    swept = [list(texts) for column, texts in sheet.cells.items() if column in known]
    found = [
        row
        for row, (basis, prepared) in enumerate(zip(bases, sheet.cells["prepared"], strict=True))
        if basis != "cal" and _PATTERN.fullmatch(prepared) and _IN_Z.fullmatch(basis)
        if not any(texts[row] for texts in swept)
    ]
    if not found:
        return sheet
    written = ", ".join(sorted({bases[row] or "no basis" for row in found}))
    note = f"{len(found)} rows with `prepared` and {written} are taken as calibration, whose basis is `cal`"
    for row in found:
        bases[row] = "cal"
    return replace(sheet, cells={**sheet.cells, "basis": bases}, notes=(*sheet.notes, note))
