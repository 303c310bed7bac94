"""What a run may leave on a platform: jobs that are one too many, batches that are open."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from devices.errors import PlatformError
from devices.model import FINAL, RemoteDevice
from devices.record import journal, read_journal, readable_lines, seal
from protocols import RequestError


def sweep(device: RemoteDevice, run: Path) -> None:
    """Leaves nothing on the platform that the run does not need.

    Args:
        device: Where the jobs run, opened.
        run: Run directory.
    """
    device.sweep(run)
    if not left_open(run) and not read_journal(run).swept:
        journal.append(run, "swept")


def tidy(run: Path, device: Callable[[], RemoteDevice]) -> None:
    """Asks once more for what a sealed run may have left on the platform, and seals it again with what that found.

    Args:
        run: Run directory.
        device: Opens the device of the run.
    """
    lines = len(readable_lines(run))
    # the results are here; an account that is not, or a line that is down, must not stand before them
    with contextlib.suppress(PlatformError, RequestError):
        sweep(device(), run)
    if len(readable_lines(run)) > lines:
        seal(run, "done")


def left_open(run: Path) -> list[str]:
    """What the journal of a run knows to be on the platform and should not: empty is as it should be."""
    book = read_journal(run)
    surplus = [identifier for identifier, state in book.surplus.items() if state not in FINAL]
    batches = [identifier for identifier, state in book.batches.items() if identifier and state != "closed"]
    return [
        *(f"job {identifier} is one too many and not cancelled yet" for identifier in surplus),
        *(f"batch {identifier} is open" for identifier in batches),
    ]


def lost_batches(run: Path) -> list[str]:
    """A batch whose id was never learnt, while the run is not done."""
    book = read_journal(run)
    sentence = "a batch was asked for without an answer; if there is one, it holds no job and ends by its limit"
    return [sentence] if "" in book.batches and not book.swept else []
