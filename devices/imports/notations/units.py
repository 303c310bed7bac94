"""Columns of quantities with a unit, in their names or in their cells, as numbers of gaps and of hbar/gap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from devices.imports.points import Declared
from devices.imports.sheet import Sheet
from protocols import RequestError
from protocols.units import Dimension, Gap, is_quantity

_UNIT = r"[pnuµμmkMG]?(?:eV|Hz|K|J|s)"
_WITH_UNIT = re.compile(rf"(?P<name>\w+?)(?:_|\s*[\[(]\s*)(?P<unit>{_UNIT})\s*[\])]?")
_NATURAL = re.compile(r"(?P<name>\w+?)\s*[\[(]\s*(?:hbar/gap|ħ/gap|gap|gap/k_?B|gap/hbar|natural(?: units)?|1)\s*[\])]")
_WITH_MORE = re.compile(r"(?P<name>\w+?)(?:_|\s*[\[(]\s*)\w.*")
_NUMBER = re.compile(r"[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def in_natural_units(sheet: Sheet, known: Declared, gap: str | None) -> Sheet:
    """The file with every column of a parameter under its name and in natural units.

    Args:
        sheet: The file.
        known: Parameters that may be columns.
        gap: As given, such as "5GHz"; None where no scale is known.

    Raises:
        RequestError: For a unit where no gap is known, or one that nobody knows.
    """
    for column in list(sheet.cells):
        if column in known:
            sheet = _cells_with_units(sheet, known, column, gap)
            continue
        if (match := _NATURAL.fullmatch(column)) and (name := _parameter(match["name"], known)):
            sheet = _renamed(sheet, column, name, sheet.cells[column], f"`{column}` is {name} in natural units")
        elif match := _WITH_UNIT.fullmatch(column):
            unit = match["unit"].replace("μ", "u").replace("µ", "u")
            # T is a temperature and t a time; in other capitals the unit says which of them is meant
            timed = match["name"].lower() == "t" and unit[-1] == "s" and "time" in known
            name = "time" if timed else _parameter(match["name"], known)
            if name and (unit[-1] == "s") == (_dimension(name, known) == "time"):
                sheet = _converted(sheet, known, column, name, unit, gap)
        elif (match := _WITH_MORE.fullmatch(column)) and match["name"].lower() == "time" and "time" in known:
            raise RequestError(
                f"{sheet.name}, row 1: `{column}` may be a time, in a unit that is not known. Write time_s, time_ms, "
                "time_us or time_ns with numbers in that unit, or `time` in hbar/gap; another quantity gets a name "
                "that does not begin with time."
            )
    return sheet


def _parameter(name: str, known: Declared) -> str:
    """The parameter with a dimension that has this name, or `t` for time; empty without one."""
    lowered = {one.lower(): one for one in known}
    meant = name if name in known else lowered.get(name.lower(), "time" if name.lower() == "t" else "")
    return meant if meant in known and any(one.dimension for one in known[meant]) else ""


def _dimension(name: str, known: Declared) -> Dimension:
    """Of a parameter that has one."""
    return next(one.dimension for one in known[name] if one.dimension)


def _scale(name: str, known: Declared) -> str:
    """What numbers without a unit are in: hbar/gap, gap/k_B or gap/hbar."""
    return next(one.unit for one in known[name] if one.dimension)


def _converted(sheet: Sheet, known: Declared, column: str, name: str, unit: str, gap: str | None) -> Sheet:
    scale = _known_gap(sheet, known, f"`{column}` has a unit", name, gap)
    values: dict[str, str] = {"": ""}
    for row, text in enumerate(sheet.cells[column]):
        if text not in values:
            if not _NUMBER.fullmatch(text):
                raise sheet.wrong(row, column, f"must be a finite number, but is {text!r}. Correct the row.")
            values[text] = repr(scale.natural(f"{text}{unit}", _dimension(name, known), column))
    texts = [values[text] for text in sheet.cells[column]]
    note = f"`{column}` is {name} in {unit}, divided by {_scale(name, known)} with gap = {gap}"
    return _renamed(sheet, column, name, texts, note)


def _cells_with_units(sheet: Sheet, known: Declared, column: str, gap: str | None) -> Sheet:
    """A column of which cells have units; 0 needs none."""
    texts = sheet.cells[column]
    if not any(is_quantity(text) for text in set(texts)) or not _parameter(column, known):
        return sheet
    scale = _known_gap(sheet, known, f"cells of `{column}` have a unit", column, gap)
    values: dict[str, str] = {}
    for row, text in enumerate(texts):
        if text not in values:
            plain = _NUMBER.fullmatch(text)
            if text and not is_quantity(text) and not (plain and float(text) == 0):
                raise sheet.wrong(
                    row, column, f"must have a unit like other cells, but is {text!r}. Write all with one."
                )
            bare = not text or plain
            values[text] = text if bare else repr(scale.natural(text, _dimension(column, known), column))
    note = f"cells of `{column}` have units: divided by {_scale(column, known)} with gap = {gap}"
    return replace(sheet, cells={**sheet.cells, column: [values[text] for text in texts]}, notes=(*sheet.notes, note))


def _known_gap(sheet: Sheet, known: Declared, what: str, name: str, gap: str | None) -> Gap:
    if gap is not None:
        return Gap.parse(gap)
    formula = "time = 2 pi f t" if name == "time" else f"{name} in {_scale(name, known)}"
    raise RequestError(
        f"{sheet.name}, row 1: {what}, but {name} is in {_scale(name, known)}, and no gap is known. Give it, such as "
        f"--protocol heat-exchange --set gap=5GHz, or write {formula} with the gap's frequency f."
    )


def _renamed(sheet: Sheet, column: str, name: str, texts: Sequence[str], note: str) -> Sheet:
    if name in sheet.cells:
        raise RequestError(
            f"{sheet.name}, row 1: `{column}` and `{name}` are the same quantity. Keep the one that was set, and "
            "call the other something that says so."
        )
    cells = {(name if key == column else key): (texts if key == column else own) for key, own in sheet.cells.items()}
    return replace(sheet, cells=cells, notes=(*sheet.notes, note))
