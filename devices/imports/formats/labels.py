"""What a circuit measured, from what people name circuits by: keys of dictionaries, names, metadata, a layout."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import Any

from devices.imports.formats.reading import Reading
from devices.imports.sheet import read_sheet
from protocols import RequestError

COLUMNS = ("basis", "prepared", "arm", "role", "member", "weight", "copy", "pass", "alone")
"""What a label may be beside a parameter."""
_SEPARATORS = re.compile(r"[,;|/\s()\[\]'\"]+")
_ASSIGNED = re.compile(r"([A-Za-z]\w*)=(\S+)")
_BASIS = re.compile(r"[IXYZ]*[XYZ][IXYZ]*[Z-]*|[ixyz]*[xyz][ixyz]*[z-]*")
_CALIBRATION = re.compile(r"(?i:cal|calibration)[-_:]?([01]*)")
_TIMED = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(s|ms|us|ns|ps)")
_EMBEDDED = re.compile(r"(?<![A-Za-z])(?:(?=I*[XYZ])[IXYZ]{2,}-*)(?![A-Za-z])")
_EMBEDDED_PATTERN = re.compile(r"(?i:cal|calibration)[-_:]?([01]{2,})")
_EMBEDDED_VALUE = re.compile(r"(?<![A-Za-z])([A-Za-z]\w*)=([-+]?[\d.]+(?:[eE][-+]?\d+)?)")

Labels = dict[str, str]


def of_key(key: object, above: Mapping[str, str], reading: Reading) -> Labels:
    """Labels of what a key of a dictionary leads to, with those of the keys above it.

    Args:
        key: A text such as "XX", "time=0.5 XX" or "0.5, XX"; a number; or a tuple of such.
        above: Labels of the keys above.
        reading: Which parameter a bare number is, and which arms there are.

    Raises:
        RequestError: For a key that says nothing of what was measured, or another thing than those above.

    Examples:
        >>> of_key((0.5, "XY"), {}, Reading())
        {'time': '0.5', 'basis': 'XY'}
        >>> of_key("01", {"basis": "cal"}, Reading())
        {'basis': 'cal', 'prepared': '01'}
    """
    parts = [part for one in (key if isinstance(key, tuple) else (key,)) for part in _parts(one)]
    parts = _joined(parts, len(reading.qubits))
    calibrating = above.get("basis") == "cal" or any(
        isinstance(part, str) and _CALIBRATION.fullmatch(part) for part in parts
    )
    found: Labels = dict(above)
    for part in parts:
        for column, text in _of_part(part, key, calibrating, reading).items():
            if found.setdefault(column, text) != text:
                raise RequestError(
                    f"The key {key!r} says {column} {text}, but {found[column]} was said before. Give each label once."
                )
    return found


def _parts(one: object) -> Sequence[object]:
    return [text for text in _SEPARATORS.split(one.strip()) if text] if isinstance(one, str) else [one]


def _joined(parts: list[object], size: int) -> list[object]:
    """Single letters, one a qubit, as one setting: ("X", "Y") is "XY"."""
    letters = [part for part in parts if isinstance(part, str) and re.fullmatch("[IXYZixyz]", part)]
    if size < 2 or len(letters) != size:
        return parts
    return [part for part in parts if part not in letters] + ["".join(letters)]


def _of_part(part: object, key: object, calibrating: bool, reading: Reading) -> Labels:
    if isinstance(part, Real) and not isinstance(part, bool):
        if calibrating:
            raise RequestError(f"The key {key!r} must name the pattern prepared in bits, such as 'cal 01'.")
        return {reading.axis: _number(part)}
    text = str(part)
    if assigned := _ASSIGNED.fullmatch(text):
        return {assigned[1]: assigned[2]}
    if calibration := _CALIBRATION.fullmatch(text):
        return {"basis": "cal"} | ({"prepared": calibration[1]} if calibration[1] else {})
    if calibrating and re.fullmatch(r"[01]+", text):
        return {"prepared": text}
    if _BASIS.fullmatch(text):
        return {"basis": text.upper()}
    if (timed := _TIMED.fullmatch(text)) and reading.axis == "time":
        return {f"time_{timed[2]}": timed[1]}
    if text in reading.arms:
        return {"arm": text}
    try:
        return {reading.axis: _number(float(text))}
    except ValueError:
        found = of_name(text)
    if not found:
        raise RequestError(
            f"The key {key!r} does not say what was measured. Name the setting (XX), a value of {reading.axis} (0.5), "
            "any column (T_A=2, arm=none), or calibration (cal 01), alone or together: 'XX time=0.5'."
        )
    return found


def of_name(name: str) -> Labels:
    """Labels inside the name of a circuit: its only setting, calibrated pattern, and values such as time=0.5.

    >>> of_name("circ-XX"), of_name("XY_time=0.5"), of_name("cal_01"), of_name("circuit-160")
    ({'basis': 'XX'}, {'basis': 'XY', 'time': '0.5'}, {'basis': 'cal', 'prepared': '01'}, {})
    """
    bases = set(_EMBEDDED.findall(name))
    found: Labels = {"basis": bases.pop()} if len(bases) == 1 else {}
    if pattern := _EMBEDDED_PATTERN.search(name):
        found = {"basis": "cal", "prepared": pattern[1]}
    for column, text in _EMBEDDED_VALUE.findall(re.sub(r"_(?=[A-Za-z]\w*=)", " ", name)):
        found[column] = text
    return found


def of_metadata(metadata: object) -> Labels:
    """Labels of a circuit's metadata: its texts and numbers; what is deeper is no label.

    >>> of_metadata({"basis": "XX", "time": 0.5, "qubits": [4, 7], "done": True})
    {'basis': 'XX', 'time': '0.5'}
    """
    if not isinstance(metadata, Mapping):
        return {}
    found: Labels = {}
    for column, value in metadata.items():
        letters = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
        if column == "basis" and (letters or isinstance(value, str)):
            text = "".join(value)
            found["basis"] = text if text == "cal" else text.upper()
        elif isinstance(value, str) or (isinstance(value, Real) and not isinstance(value, bool)):
            found[str(column)] = value if isinstance(value, str) else _number(value)
    return found


def _number(value: Any) -> str:
    """All digits of a number."""
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def read_layout(path: Path) -> list[dict[str, str]]:
    """Labels of every circuit, in their order, from a table with one row a circuit.

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
