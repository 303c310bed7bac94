"""Runs on a device that answers later: submitted, looked at, collected and cancelled, by any process, any day.

What is to be done follows from the run directory alone. Only one process at a time works on a run.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from devices import _counts, _disk
from devices._job import FINAL, FailedRun, Interrupted, Look, PendingRun, Plan, RemoteDevice, RunError
from devices._plan_file import stored_plan
from devices._prepare import Prepared, Progress
from devices._record import COUNTS, JOBS, STOP, RunRecord, journal, read_start, remote, seal
from devices.ibm._errors import PlatformError
from devices.ibm._journal import read

RESULT_WAIT = 600.0
"""How long `collect` waits unless told otherwise [s]."""


def submit(prepared: Prepared, progress: Progress) -> Path:
    """Submits every job of a prepared run and returns its directory.

    Raises:
        PlatformError: If a job is refused or cannot be settled; the run is on disk and `collect` goes on with it.
        Interrupted: After Ctrl-C, likewise.
    """
    device = _as_remote(prepared.device)
    with _held(prepared.run), _resumable(prepared.run):
        _submit_all(prepared.plan, device, prepared.run, progress)
    return prepared.run


def collect(
    run: Path,
    *,
    seconds: float | None = RESULT_WAIT,
    resubmit: bool = False,
    progress: Progress = lambda what, done, of: None,
    prepared: Prepared | None = None,
) -> RunRecord:
    """Goes on with a run until it is sealed: submits what never was, waits, fetches, verifies, writes counts.csv.

    Args:
        run: Run directory.
        seconds: How long to wait for jobs that are not finished; 0 looks once, None waits for ever.
        resubmit: Whether to submit jobs again that failed or were cancelled.
        progress: Told of jobs and shots.
        prepared: What the process that prepared the run knows already.

    Raises:
        PendingRun: If jobs are not finished, or failed; everything that there is, is on disk.
        PlatformError: If the platform does not answer.
        Interrupted: After Ctrl-C.
    """
    start = read_start(run)
    if not remote(start):
        raise RunError(f"{run} is not on hardware: there is nothing to collect. hotward show {run} says what it is.")
    with _held(run), _resumable(run):
        if (run / STOP).exists():
            record = RunRecord.open(run)
            return record if _tidied(run, start) else RunRecord.open(run)
        device = _as_remote(prepared.device) if prepared else _reopened(start)
        plan = prepared.plan if prepared else stored_plan(run, start)
        if resubmit:
            _give_up_failed(plan, run)
        _submit_all(plan, device, run, progress)
        looks = _watch(plan, device, run, seconds, progress)
        raw = {job.index: device.collect(plan, job, run) for job in plan.jobs}
        _check_complete(run, plan, looks, raw)
        frames = [device.decode(plan, job, path) for job in plan.jobs if (path := raw[job.index])]
        _disk.write(run / COUNTS, _counts.table(plan.program, frames).to_csv(index=False, lineterminator="\n"))
        with contextlib.suppress(PlatformError):  # what is left open is closed by a later `collect`: see _tidy_sealed
            _sweep(device, run)
        seal(run, "done")
    return RunRecord.open(run)


def states(run: Path) -> tuple[list[Look], list[str]]:
    """The state of each job of a run now, and what is left open on the platform.

    Raises:
        PlatformError: If the platform does not answer.
    """
    start = read_start(run)
    if not remote(start):
        raise RunError(f"{run} is not on hardware. hotward show {run} says what it is.")
    device, plan = _reopened(start), stored_plan(run, start)
    return [device.state(job, run) for job in plan.jobs], [*left_open(run), *_lost(run)]


def cancel(run: Path) -> list[Look]:
    """Cancels every job that is not finished, closes what is open, and seals the run as failed.

    Raises:
        PlatformError: If the platform does not answer: jobs may run on, cancel again.
        RunError: If there is nothing to cancel.
    """
    start = read_start(run)
    if not remote(start) or (run / STOP).exists():
        raise RunError(f"{run} has no jobs to cancel. hotward show {run} says what it is.")
    with _held(run):
        device, plan = _reopened(start), stored_plan(run, start)
        journal(run, event="cancelling")
        looks = [device.cancel(job, run) for job in plan.jobs]
        _sweep(device, run)
        still = [look.identifier for look in looks if look.state not in ("", *FINAL)]
        if still:
            raise PendingRun(f"{', '.join(still)} could not be cancelled. Try again: hotward cancel {run}")
        # what had finished is paid for: keep it
        _watch(plan, device, run, 0, lambda what, done, of: None)
        journal(run, event="cancelled")
        seal(run, "failed", "cancelled by the user")
    return looks


def _submit_all(plan: Plan, device: RemoteDevice, run: Path, progress: Progress) -> None:
    total = sum(job.shots for job in plan.jobs)
    if read(run).cancelled:
        raise FailedRun(f"{run} was cancelled")
    try:
        for number, job in enumerate(plan.jobs):
            if not read(run).entry(job.index).identifier:
                progress(f"submitting job {number + 1} of {len(plan.jobs)}", 0, total)
            device.submit(plan, job, run)
    finally:
        if all(read(run).entry(job.index).identifier for job in plan.jobs):
            # a closed batch takes no more jobs and still runs those that it has
            device.close(run)


def _watch(plan: Plan, device: RemoteDevice, run: Path, seconds: float | None, progress: Progress) -> Sequence[Look]:
    """Waits; results are fetched as soon as their jobs are done."""
    total = sum(job.shots for job in plan.jobs)

    def watch(looks: Sequence[Look]) -> None:
        for job in plan.jobs:
            with contextlib.suppress(PlatformError):
                device.collect(plan, job, run)
        book = read(run)
        done = sum(job.shots for job in plan.jobs if book.entry(job.index).collected)
        told = Counter(look.state.lower() for look in looks)
        progress("measuring: " + ", ".join(f"{count} {state}" for state, count in sorted(told.items())), done, total)

    return device.look(plan, run, seconds, watch)


def _check_complete(run: Path, plan: Plan, looks: Sequence[Look], raw: dict[int, Path | None]) -> None:
    missing = [index for index, path in raw.items() if path is None]
    if not missing:
        return
    failed = [look for look in looks if look.state in ("ERROR", "CANCELLED")]
    collected = f"{len(raw) - len(missing)} of {len(raw)} jobs are collected"
    if failed:
        reasons = "; ".join(f"{look.identifier} {look.state} {look.reason}".strip() for look in failed)
        raise PendingRun(
            f"{run}: {collected}, {len(failed)} did not finish ({reasons}). To submit those again, at their cost: "
            f"hotward collect {run} --resubmit; to give up: hotward cancel {run}"
        )
    waiting = Counter(look.state.lower() for look in looks if look.state not in FINAL)
    told = ", ".join(f"{count} {state}" for state, count in sorted(waiting.items()))
    raise PendingRun(f"{run}: {collected}, {told}. Any time, from any process: hotward collect {run}")


def _give_up_failed(plan: Plan, run: Path) -> None:
    """Opens jobs for another attempt that the platform did not finish."""
    book = read(run)
    for job in plan.jobs:
        entry = book.entry(job.index)
        if entry.state in ("ERROR", "CANCELLED") and entry.open is not None:
            journal(run, event="again", job=job.index, tag=entry.open.tag, reason=f"{entry.state} {entry.reason}")


def _sweep(device: RemoteDevice, run: Path) -> None:
    """Leaves nothing on the platform that the run does not need."""
    device.sweep(run)
    if not left_open(run):
        journal(run, event="swept")


def _tidied(run: Path, start: dict[str, Any]) -> bool:
    """Whether a sealed run left nothing open; else that is closed now, and the run sealed again with its journal."""
    if any(line.get("event") in ("swept", "cancelled") for line in _disk.read_lines(run / JOBS)):
        return True
    with contextlib.suppress(PlatformError):
        _sweep(_reopened(start), run)
    seal(run, "done")
    return False


def left_open(run: Path) -> list[str]:
    """What the journal of a run knows to be on the platform and should not: empty is as it should be."""
    book = read(run)
    surplus = [identifier for identifier, state in book.surplus.items() if state not in FINAL]
    batches = [identifier for identifier, state in book.batches.items() if identifier and state != "closed"]
    return [
        *(f"job {identifier} is one too many and not cancelled yet" for identifier in surplus),
        *(f"batch {identifier} is open" for identifier in batches),
    ]


def _lost(run: Path) -> list[str]:
    """A batch whose id was never learnt."""
    lost = "a batch was asked for without an answer; if there is one, it holds no job and ends by its limit"
    return [lost] if "" in read(run).batches else []


def _reopened(start: dict[str, Any]) -> RemoteDevice:
    from devices.ibm.device import reopened

    return reopened(start["device"])


def _as_remote(device: object) -> RemoteDevice:
    assert isinstance(device, RemoteDevice)
    return device


@contextlib.contextmanager
def _held(run: Path) -> Iterator[None]:
    """Keeps other processes from working on the run: the lock is the kernel's, and ends with the process."""
    with (run / JOBS).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunError(f"{run} is being worked on by another process. Wait for it, or end it first.") from None
        yield


@contextlib.contextmanager
def _resumable(run: Path) -> Iterator[None]:
    """Says, whatever ends the work, how to go on with it."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(
            f"interrupted; jobs that were submitted run on and are paid for. Go on: hotward collect {run}; or stop "
            f"them: hotward cancel {run}"
        ) from None
    except PlatformError as error:
        raise type(error)(f"{error}. Nothing is lost: hotward collect {run}") from error
