"""All run directories of a folder, a row each: what their documents say, without a measured table being read."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devices.record import COMPARISON, DERIVED, MOST_DOCUMENT, PLAN, REPRODUCTION, START, STUDY, Status, disk, status

_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError)
"""What a document raises that is missing, half written, or of another shape."""


@dataclass(frozen=True, kw_only=True)
class ListedRun:
    """One run directory as its documents tell; what they do not tell is empty."""

    path: Path
    status: Status
    says: str
    """One sentence about the status."""
    protocol: str = ""
    device: str = ""
    created: str = ""
    """When it began (ISO time)."""
    headline: str = ""
    """Of its verdict; empty before it is analysed."""


def listed_runs(runs: Path) -> Iterator[ListedRun]:
    """Every run of a folder, the last name first, each read as it is asked for.

    Of each run only start.json, stop.json, the journal of one that is not sealed, and verdict.json are read: the time
    and memory of a row do not grow with the shots. A run counts as `damaged` here if one of its documents was changed
    or a sealed file is missing; that the content of the others is what was sealed is seen when the run is opened.

    Args:
        runs: Directory that holds the runs.

    Yields:
        A row for each, whatever its state; a directory that vanishes meanwhile is left out.
    """
    for path in sorted(runs.iterdir(), reverse=True):
        if path.is_dir() and not _holds_no_run(path) and (row := _listed(path)):
            yield row


def _holds_no_run(path: Path) -> bool:
    """Whether a directory is what hotward compare, plan, study or reproduce leaves beside the runs."""
    return path.name.startswith((COMPARISON, PLAN, REPRODUCTION, STUDY)) and not (path / START).exists()


def _listed(path: Path) -> ListedRun | None:
    """The row of one run; None if it is not there any more."""
    state: Status
    try:
        state, says = status(path, whole=False)
    except (*_UNREADABLE, RecursionError):
        state, says = "damaged", f"{path} is damaged: its documents are not readable. Restore it from a copy."
    if not path.is_dir():
        return None
    return ListedRun(path=path, status=state, says=says, headline=_headline(path), **_about(path))


class _About(typing.TypedDict, total=False):
    protocol: str
    device: str
    created: str


def _about(path: Path) -> _About:
    """What start.json says, nothing where it is not readable."""
    try:
        start = _document(path / START)
        device = str(start["device"]["name"])
    except _UNREADABLE:
        return {}
    return {
        "protocol": str(start.get("protocol") or ""),
        "device": device,
        "created": str(start.get("created") or ""),
    }


def _headline(path: Path) -> str:
    """The headline of the verdict; empty where there is none that is whole."""
    try:
        return str(_document(path / DERIVED / "verdict.json")["headline"])
    except _UNREADABLE:
        return ""


def _document(path: Path) -> dict[str, Any]:
    return disk.document(disk.read(path, MOST_DOCUMENT))
