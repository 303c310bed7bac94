"""One process at a time works on a run, and whatever ends its work says how to go on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from devices.errors import DamagedRun, Interrupted, PendingRun, PlatformError, RunError, way_out
from devices.record import JOBS, STOP


@contextlib.contextmanager
def run_lock(run: Path) -> Iterator[None]:
    """Keeps other processes from working on the run: the lock is the kernel's, and ends with the process."""
    try:
        import fcntl
    except ImportError:  # a system without such locks; runs on simulators never come here
        yield
        return
    if (run / JOBS).exists() and not (run / JOBS).is_file():  # a pipe would be waited for
        raise DamagedRun(f"{run} is damaged: {JOBS} is no regular file. Restore it from a copy.")
    with (run / JOBS).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunError(f"{run} is being worked on by another process. Wait for it, or end it first.") from None
        yield


@contextlib.contextmanager
def resumable(run: Path) -> Iterator[None]:
    """Says, whatever ends the work, how to go on with it."""
    try:
        yield
    except KeyboardInterrupt:
        if (run / STOP).exists():
            said = f"interrupted; {run} is sealed, and nothing is left to do on the platform: hotward show {run}"
            raise Interrupted(said) from None
        raise Interrupted(
            f"interrupted; jobs that were submitted run on and are paid for. Go on: hotward collect {run}; or stop "
            f"them: hotward cancel {run}"
        ) from None
    except PlatformError as error:
        raise type(error)(f"{error}. Nothing is lost: hotward collect {run}") from error
    except OSError as error:
        raise PendingRun(
            f"{error.filename or run} cannot be written: {error.strerror or error}. Nothing is lost: {way_out(error)}, "
            f"then hotward collect {run}"
        ) from error
