"""What a run may leave on a platform: jobs that are one too many, batches that are open."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from devices.errors import PlatformError
from devices.model import FINAL, RemoteDevice
from devices.record import disk as _disk
from devices.record.journal import read
from devices.record.record import JOBS, journal, seal
from protocols import RequestError


def sweep(device: RemoteDevice, run: Path) -> None:
    """Leaves nothing on the platform that the run does not need."""
    device.sweep(run)
    if not left_open(run) and not _swept(run):
        journal(run, event="swept")


def tidy(run: Path, device: Callable[[], RemoteDevice]) -> None:
    """Asks once more for what a sealed run may have left on the platform, and seals it again with what that found."""
    lines = len(_disk.read_lines(run / JOBS))
    # the results are here; an account that is not, or a line that is down, must not stand before them
    with contextlib.suppress(PlatformError, RequestError):
        sweep(device(), run)
    if len(_disk.read_lines(run / JOBS)) > lines:
        seal(run, "done")


def left_open(run: Path) -> list[str]:
    """What the journal of a run knows to be on the platform and should not: empty is as it should be."""
    book = read(run)
    surplus = [identifier for identifier, state in book.surplus.items() if state not in FINAL]
    batches = [identifier for identifier, state in book.batches.items() if identifier and state != "closed"]
    return [
        *(f"job {identifier} is one too many and not cancelled yet" for identifier in surplus),
        *(f"batch {identifier} is open" for identifier in batches),
    ]


def lost(run: Path) -> list[str]:
    """A batch whose id was never learnt, while the run is not done."""
    lost = "a batch was asked for without an answer; if there is one, it holds no job and ends by its limit"
    return [lost] if "" in read(run).batches and not _swept(run) else []


def _swept(run: Path) -> bool:
    return any(line.get("event") == "swept" for line in _disk.read_lines(run / JOBS))
