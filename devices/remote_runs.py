"""Runs on a device that answers later: submitted, looked at, collected and cancelled, by any process, any day.

What is to be done follows from the run directory alone. Only one process at a time works on a run.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from devices.errors import PendingRun, PlatformError, RunError
from devices.model import FINAL, JobStatus, RemoteDevice
from devices.opening import reopen_device
from devices.prepare import Approve, Prepared, Progress
from devices.record import journal
from devices.record.files import STOP
from devices.record.journal import read_journal, status_of
from devices.record.plan_file import stored_plan
from devices.record.progress import read_start, remote
from devices.record.record import RunRecord, status
from devices.record.sealing import seal
from devices.remote.hold import resumable, run_lock
from devices.remote.leftovers import left_open, lost_batches, sweep, tidy
from devices.remote.rounds import (
    carry_on,
    check_complete,
    fetch_all,
    give_up_failed,
    keep_what_came_later,
    submit_all,
    watch_jobs,
    write_counts,
)

RESULT_WAIT = 600.0
"""How long `collect` waits unless told otherwise [s]."""


def submit(prepared: Prepared, progress: Progress) -> Path:
    """Submits every job of a prepared run and returns its directory.

    Args:
        prepared: By `prepare_run`.
        progress: Told of jobs and shots.

    Raises:
        PlatformError: If a job is refused or cannot be settled; the run is on disk and `collect` goes on with it.
        Interrupted: After Ctrl-C, likewise.
    """
    assert isinstance(prepared.device, RemoteDevice)
    with resumable(prepared.run), run_lock(prepared.run):
        refusal = submit_all(prepared.plan, prepared.device, prepared.run, progress)
        if refusal is not None:
            raise refusal
    return prepared.run


def collect(
    run: Path,
    *,
    seconds: float | None = RESULT_WAIT,
    resubmit: bool = False,
    approve: Approve = lambda cost: None,
    progress: Progress = lambda what, done, of: None,
    prepared: Prepared | None = None,
) -> RunRecord:
    """Goes on with a run until it is sealed: submits what never was, waits, fetches, verifies, writes counts.csv.

    Args:
        run: Run directory.
        seconds: How long to wait for jobs that are not finished; 0 looks once, None waits for ever.
        resubmit: Whether to submit jobs again that failed or were cancelled.
        approve: Asked with the cost before jobs are submitted again; raises to decline.
        progress: Told of jobs and shots.
        prepared: What the process that prepared the run knows already.

    Raises:
        PendingRun: If jobs are not finished, or failed; everything that there is, is on disk.
        PlatformError: If the platform does not answer, or refuses a job.
        Interrupted: After Ctrl-C.
    """
    # of what was prepared here all is known: an interruption from now on says how the run goes on
    start = {} if prepared else _remote_start(run)
    with resumable(run), run_lock(run):
        if (run / STOP).exists():
            RunRecord.open(run)
            tidy(run, partial(_device_of, start))
            return RunRecord.open(run)
        device = prepared.device if prepared else _device_of(start)
        assert isinstance(device, RemoteDevice)
        plan = prepared.plan if prepared else stored_plan(run, start)
        if resubmit:
            give_up_failed(plan, device, run, approve)
        looks = carry_on(plan, device, run, seconds, progress)
        raw, failure = fetch_all(plan, device, run)
        if failure is not None:
            raise failure
        check_complete(run, raw, looks)
        write_counts(plan, device, run, raw)
        keep_what_came_later(device, run)
        with contextlib.suppress(PlatformError):  # what is left open is closed by a later `collect`
            sweep(device, run)
        seal(run, "done")
    return RunRecord.open(run)


def states(run: Path) -> tuple[list[JobStatus], list[str]]:
    """The state of each job of a run now, and what is left open on the platform.

    Raises:
        PlatformError: If the platform has to be asked and does not answer.
    """
    start = _remote_start(run)
    entries = [read_journal(run).entry(job["index"]) for job in start["jobs"]]
    if (run / STOP).exists() or all(entry.state == "DONE" for entry in entries):
        return [status_of(entry) for entry in entries], [*left_open(run), *lost_batches(run)]
    device, plan = _device_of(start), stored_plan(run, start)
    return [device.state(job, run) for job in plan.jobs], [*left_open(run), *lost_batches(run)]


def cancel(run: Path) -> list[JobStatus]:
    """Cancels every job that is not finished and closes what is open; a run that is complete already is kept as such.

    Raises:
        PlatformError: If the platform does not answer: jobs may run on, cancel again.
        RunError: If there is nothing to cancel.
    """
    start = _remote_start(run)
    if (run / STOP).exists():
        _, sentence = status(run)
        raise RunError(f"There is nothing to cancel: {sentence}")
    with resumable(run), run_lock(run):
        device, plan = _device_of(start), stored_plan(run, start)
        journal.append(run, "cancelling")
        looks = [device.cancel(job, run) for job in plan.jobs]
        sweep(device, run)
        still = [look.identifier for look in looks if look.state not in ("", *FINAL)]
        if still:
            raise PendingRun(f"{', '.join(still)} could not be cancelled. Try again: hotward cancel {run}")
        # what had finished is paid for: keep it
        with contextlib.suppress(PlatformError):
            watch_jobs(plan, device, run, 0, lambda what, done, of: None)
        raw, _ = fetch_all(plan, device, run)
        if all(raw.values()):
            write_counts(plan, device, run, raw)
            keep_what_came_later(device, run)
            seal(run, "done")
        else:
            journal.append(run, "cancelled")
            seal(run, "failed", "cancelled by the user")
    return looks


def on_hardware(run: Path) -> bool:
    """Whether the jobs of a run are on a platform.

    Raises:
        ForeignRun: If the directory is not one of hotward's.
        DamagedRun: If it cannot be read.
    """
    return remote(read_start(run))


def _remote_start(run: Path) -> dict[str, Any]:
    start = read_start(run)
    if not remote(start):
        raise RunError(f"{run} is not on hardware: there is nothing to ask for. hotward show {run} says what it is.")
    return start


def _device_of(start: Mapping[str, Any]) -> RemoteDevice:
    """The device of a run, opened by what its start.json says; without qiskit until it is asked for anything."""
    return reopen_device(start["device"])
