"""The seal of a run: the digest of every file, made once at the end and compared whenever the run is opened.

Files are read once: what an analysis needs of them is kept as the bytes whose digest was taken.
"""

from __future__ import annotations

import hashlib
import json
import os
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devices.errors import DamagedRun
from devices.record import disk
from devices.record.files import (
    CALIBRATION,
    COUNTS,
    DERIVED,
    DRAWINGS,
    EXPECTATIONS,
    IDEAL,
    LATER_CALIBRATION,
    START,
    STOP,
    WITHIN,
)

MOST_DOCUMENT = 2**28
"""Bytes of start.json or stop.json."""
KEPT = frozenset({CALIBRATION, LATER_CALIBRATION, START, COUNTS, EXPECTATIONS, IDEAL, WITHIN, *DRAWINGS})
"""Names of the files whose content is kept in memory: the others are digested alone."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Sealed:
    """A run directory whose files are what they were when it was sealed."""

    stop: Mapping[str, Any]
    """Content of stop.json without the digest of itself."""
    contents: Mapping[str, bytes] = field(repr=False)
    """Name of each file of `KEPT` that the run has -> its bytes."""
    unsealed: tuple[str, ...] = ()
    """Files that are there and were not sealed, by name: nothing of them is used."""


def seal(
    run: Path, status: typing.Literal["done", "failed"], reason: str = "", *, known: Mapping[str, str] | None = None
) -> Sealed:
    """Writes stop.json: status, time and the sha256 of every other file but derived ones.

    Args:
        run: Run directory.
        status: How the run ended.
        reason: Why it failed.
        known: Digests of files that this process has read already, by name; they are not read again.
    """
    digests: dict[str, str] = {}
    contents: dict[str, bytes] = {}
    for path in _measured_files(run):
        name = str(path.relative_to(run))
        if known and name in known:
            digests[name] = known[name]
        else:
            digests[name] = _digested(path, name, contents)
    stop = {"status": status, "reason": reason, "stopped": datetime.now(UTC).isoformat(), "sha256": digests}
    disk.write_json(run / STOP, {**stop, "seal": _own_digest(stop)})
    return Sealed(stop=stop, contents=contents)


def verified(run: Path) -> Sealed:
    """What was sealed, after a comparison of every file with its digest.

    Raises:
        DamagedRun: If stop.json or a file differs from what was sealed; all such files are named.
    """
    stop = _verified_stop(run)
    contents: dict[str, bytes] = {}
    wrong = [
        name for name, digest in stop["sha256"].items() if _digested_if_readable(run / name, name, contents) != digest
    ]
    if wrong:
        raise DamagedRun(f"{run} is damaged: {', '.join(wrong)} changed since the run was sealed. Restore from a copy.")
    there = {str(path.relative_to(run)) for path in _measured_files(run)}
    return Sealed(stop=stop, contents=contents, unsealed=tuple(sorted(there - set(stop["sha256"]))))


def attended(run: Path) -> Sealed:
    """What was sealed, after a look at its documents alone: the content of the measured files is not compared.

    Raises:
        DamagedRun: If stop.json or start.json was changed, or a sealed file is missing; all such files are named.
    """
    stop = _verified_stop(run)
    contents: dict[str, bytes] = {}
    wrong = [
        name
        for name, digest in stop["sha256"].items()
        if (_digested_if_readable(run / name, name, contents) != digest if name == START else not _is_there(run / name))
    ]
    if wrong:
        raise DamagedRun(f"{run} is damaged: {', '.join(wrong)} changed since the run was sealed. Restore from a copy.")
    return Sealed(stop=stop, contents=contents)


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # ValueError: a name that no file can have
        return False


def _digested_if_readable(path: Path, name: str, contents: dict[str, bytes]) -> str:
    """The digest of a file; empty if it is missing, no file, or larger than any that was sealed."""
    try:
        return _digested(path, name, contents)
    except (OSError, ValueError):  # ValueError: a name that no file can have
        return ""


def _digested(path: Path, name: str, contents: dict[str, bytes]) -> str:
    """Digest of a file, whose bytes are kept if anything else is made of them."""
    if name not in KEPT:
        return disk.sha256(path)
    contents[name] = disk.read(path)
    return disk.digest(contents[name])


def _verified_stop(run: Path) -> dict[str, Any]:
    try:
        stored = disk.read(run / STOP, MOST_DOCUMENT)
        stop = disk.document(stored)
        sealed = stop.pop("seal")
        # the text too: a byte changed where JSON does not care is still a byte changed
        intact = sealed == _own_digest(stop) and stored == disk.as_json({**stop, "seal": sealed}).encode()
        intact = intact and isinstance(stop["sha256"], dict)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        intact = False
        stop = {}
    if not intact:
        raise DamagedRun(f"{run} is damaged: {STOP} was changed. Restore it from a copy.")
    return stop


def _own_digest(stop: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(stop, sort_keys=True).encode()).hexdigest()


def _measured_files(run: Path) -> list[Path]:
    """Every file that belongs to the measurement, in a fixed order; not what a killed process had begun to write."""
    found = []
    for folder, folders, names in os.walk(run):
        if Path(folder) == run:
            folders[:] = [name for name in folders if name != DERIVED]
        found += [Path(folder) / name for name in names if name != STOP and not disk.is_part(name)]
    return sorted(path for path in found if path.is_file())
