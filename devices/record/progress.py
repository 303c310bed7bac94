"""How far a run directory is that is not sealed: what was written, what its journal says, what to do next."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devices.errors import DamagedRun, ForeignRun
from devices.record import disk, journal
from devices.record.files import EXECUTED, IDEAL, IMPORTED, PIECES, SCHEMA, START, raw_name
from devices.record.sealing import MOST_DOCUMENT


def remote(start: Mapping[str, Any]) -> bool:
    """Whether the jobs of a run are on a platform, where other processes can collect them."""
    return start["device"].get("method") == "hardware"


def read_start(path: Path, content: bytes | None = None) -> dict[str, Any]:
    """start.json of a run directory, whatever the state of the run.

    Args:
        path: Run directory.
        content: What start.json holds, where it was read already.

    Raises:
        ForeignRun: If it is not one of hotward's, or written by a newer version.
        DamagedRun: If it cannot be read.
    """
    if content is None:
        content = _content_of_start(path)
    try:
        start = disk.document(content)
        schema = start["schema"]
        if schema == SCHEMA:
            len(start["jobs"])  # what `progress` counts
            remote(start)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DamagedRun(f"{path} is damaged: {START} is not readable. Restore it from a copy.") from None
    if schema != SCHEMA:
        raise ForeignRun(f"{path} has schema {schema}, but this version reads {SCHEMA}. Update hotward.")
    return start


def _content_of_start(path: Path) -> bytes:
    if not path.is_dir():
        what = "is a file" if path.exists() else "does not exist"
        raise ForeignRun(f"{path} is not a run directory: it {what}. hotward runs lists what there is.")
    if not os.path.lexists(path / START):
        raise ForeignRun(f"{path} is not a run of hotward: it has no {START}{_abandoned(path)}.")
    try:
        return disk.read(path / START, MOST_DOCUMENT)
    except OSError:
        raise DamagedRun(f"{path} is damaged: {START} is not readable. Restore it from a copy.") from None


def _abandoned(path: Path) -> str:
    """Whether a directory holds only what `begin` writes before start.json."""
    early = {"raw", "circuits", "backend", "plan.json", "plan.npz", IDEAL}
    ours = [entry.name in early or entry.name.endswith(".part") for entry in path.iterdir()]
    measured = (path / "raw").is_dir() and any((path / "raw").iterdir())
    if not ours or not all(ours) or measured:
        return ""
    return ", only what a run writes first: it was interrupted before any shot, nothing was measured, delete it"


def progress(path: Path, start: Mapping[str, Any]) -> str:
    """How many jobs of a run are done and where their raw results are.

    Args:
        path: Run directory.
        start: Its start.json.
    """
    if remote(start):
        return _remote_progress(path, len(start["jobs"]))
    collected = sum(line.event == "collected" for line in journal.readable_lines(path))
    raw = len(list((path / "raw").glob("job-*.json")))
    begun = f"parts of others are in {path / PIECES}" if any((path / PIECES).glob("job-*.json")) else ""
    whole = f"raw results of {raw} are in {path / 'raw'}" if raw else ""
    kept = ", ".join(filter(None, (whole, begun))) or "nothing was measured"
    if start.get("imported"):
        (original, *_) = [*sorted((path / "raw").glob(f"{IMPORTED}.*")), path / "raw"]
        return f"the imported file is {original}"
    return f"{collected} of {len(start['jobs'])} jobs were collected, {kept}"


def _remote_progress(path: Path, jobs: int) -> str:
    """How far the jobs of a hardware run are, from its journal alone."""
    entries = list(journal.read_journal(path).entries.values())
    submitted = sum(entry.identifier != "" for entry in entries)
    unknown = sum(entry.open is not None and not entry.identifier for entry in entries)
    failed = sum(entry.state in ("ERROR", "CANCELLED") for entry in entries)
    told = f"{submitted} of {jobs} jobs were submitted, {sum(entry.collected != '' for entry in entries)} collected"
    told += f", {unknown} sent without an answer" if unknown else ""
    return told + (f", {failed} did not finish (hotward collect {path} --resubmit sends them again)" if failed else "")


def measured(path: Path, start: Mapping[str, Any]) -> bool:
    """Whether a run on a simulator has every raw result and its plan: what is left to do needs no device.

    Args:
        path: Run directory.
        start: Its start.json.
    """
    planned = "plan" in start and not remote(start)
    return planned and all((path / raw_name(job["index"])).is_file() for job in start["jobs"])


def resumable(start: Mapping[str, Any]) -> bool:
    """Whether another process can measure what a run on a simulator lacks: it has the circuits.

    Args:
        start: Content of start.json.
    """
    return EXECUTED in start.get("plan", {}) and not remote(start)


def how_to_go_on(path: Path, start: Mapping[str, Any]) -> str:
    """The command that finishes the run, or makes it again, as a sentence."""
    if measured(path, start):
        return f"Everything was measured; finish it with: hotward collect {path}"
    if resumable(start):
        return f"Go on from what was measured with: hotward collect {path}"
    command = start.get("command")
    return f"Repeat it with: {command}" if command else "Run it again."
