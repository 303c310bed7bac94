"""Several files of results, or a folder of them: one document of their contents, word by word."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from devices.imports.formats.labels import of_name
from devices.imports.formats.reading import Reading
from protocols import RequestError

MOST_FILES = 100_000
_NUMBER = re.compile(r"(\d+)")


def gathered(paths: Sequence[Path], reading: Reading) -> tuple[bytes, str, Reading, str]:
    """The files as one JSON document, of which every text is kept as it is.

    Where every name has a setting (`XX.json`, `XY_time=0.5.json`, `XX/results.json`, `cal_01.json`) it says what the
    file measured. Else the files are circuits in the order of their names (as given, if they were named one by one), as
    a layout or a list of settings needs them.

    Args:
        paths: The files, or one folder.
        reading: How they are to be read.

    Returns:
        The document, its name, how it is to be read, and what is to be noted.

    Raises:
        RequestError: For what cannot be read, is no JSON, or is there twice.
    """
    root = paths[0] if len(paths) == 1 else None
    files = _files(root) if root else list(paths)
    name = root.name if root else f"{len(files)} files"
    words = [_words(file, root) for file in files]
    texts = [_text(file) for file in files]
    labels = [of_name(one) for one in words]
    listed = f"{len(files)} files are read as one: {', '.join(words[:3])}{', ...' if len(words) > 3 else ''}"
    if reading.labels or not all("basis" in one for one in labels):
        body = ",\n".join(texts)
        return f"[{body}]".encode(), name, reading, f"{listed}, circuits in this order"
    keys = [" ".join(_key(column, text) for column, text in one.items()) for one in labels]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            other = files[keys.index(key)].name
            raise RequestError(
                f"{files[place].name} and {other} are both {key}. Name in both what differs, such as "
                f"{key.replace(' ', '_')}_{reading.axis}=0.5.json, or pass=1 for a repetition."
            )
    body = ",\n".join(f"{json.dumps(key)}: {text}" for key, text in zip(keys, texts, strict=True))
    return f"{{{body}}}".encode(), name, reading, f"{listed}; their names say what they measured"


def _files(folder: Path) -> list[Path]:
    if (folder / "start.json").exists():
        raise RequestError(
            f"Argument `file`: {folder} is a run of hotward's. Analyse it (hotward analyse RUN), or import its "
            "counts.csv."
        )
    found = [one for one in folder.rglob("*.json") if one.is_file() and not one.is_symlink()]
    if not found or len(found) > MOST_FILES:
        raise RequestError(
            f"Argument `file`: the folder {folder} must have 1 to {MOST_FILES} results as JSON (NAME.json), but has "
            f"{len(found)}. Put them there, or name one file."
        )
    return sorted(found, key=lambda one: [int(part) if part.isdigit() else part for part in _NUMBER.split(str(one))])


def _words(file: Path, root: Path | None) -> str:
    """The name of a file, with those of its folders below the one that was given."""
    parts = file.relative_to(root).parts if root else (file.name,)
    return " ".join([*parts[:-1], file.stem])


def _text(file: Path) -> str:
    try:
        text = file.read_bytes().decode("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError):
        raise RequestError(f"Argument `file`: {file} cannot be read as UTF-8 text. Save it again as JSON.") from None
    if text[:1] not in ("{", "["):
        raise RequestError(
            f"Argument `file`: of several files each must be JSON, but {file.name} is not. Put the rows of tables into "
            "one file, with a column for what differs between them."
        )
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"{file.name}: is not JSON ({str(error)[:80]}). Use json.dump.") from None
    return text


def _key(column: str, text: str) -> str:
    """A label as a key of a dictionary has it."""
    return text if column == "basis" else f"{column}={text}"
