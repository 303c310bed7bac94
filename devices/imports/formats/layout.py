"""A layout: a table with one row a circuit, which says what each of them measured."""

from __future__ import annotations

from pathlib import Path

from devices.imports.sheet import read_sheet
from protocols import RequestError


def read_layout(path: Path) -> list[dict[str, str]]:
    """Labels of every circuit, in their order.

    Args:
        path: A CSV file with the columns of counts.csv but for bits and counts: basis, time, prepared, arm, ...

    Raises:
        RequestError: If it cannot be read, or has no column `basis`.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RequestError(
            f"Argument `layout` must be a CSV file that can be read, but {path} cannot: {error.strerror}. Check it."
        ) from None
    sheet = read_sheet(content, path.name)
    if "basis" not in sheet.cells:
        raise RequestError(
            f"{path.name}: a layout must have the column `basis` with the setting of every circuit, but has "
            f"{', '.join(sheet.cells)}. Add it."
        )
    columns = list(sheet.cells)
    return [dict(zip(columns, row, strict=True)) for row in zip(*sheet.cells.values(), strict=True)]
