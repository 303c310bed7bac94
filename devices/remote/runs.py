"""Runs on a device that answers later: submitted, looked at, collected and cancelled, by any process, any day.

What is to be done follows from the run directory alone. Only one process at a time works on a run.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from devices.errors import PlatformError, Refused, Unintelligible
from devices.model import FINAL, FailedRun, Job, JobStatus, PendingRun, Plan, RemoteDevice, RunError
from devices.prepare import Approve, Prepared, Progress
from devices.record import counts as _counts
from devices.record import disk as _disk
from devices.record.journal import known, read
from devices.record.plan_file import stored_plan
from devices.record.record import COUNTS, STOP, RunRecord, journal, read_start, remote, seal, status
from devices.remote.hold import held, resumable
from devices.remote.leftovers import left_open, lost, sweep, tidy

RESULT_WAIT = 600.0
"""How long `collect` waits unless told otherwise [s]."""


def submit(prepared: Prepared, progress: Progress) -> Path:
    """Submits every job of a prepared run and returns its directory.

    Raises:
        PlatformError: If a job is refused or cannot be settled; the run is on disk and `collect` goes on with it.
        Interrupted: After Ctrl-C, likewise.
    """
    assert isinstance(prepared.device, RemoteDevice)
    with held(prepared.run), resumable(prepared.run):
        refusal = _submit_all(prepared.plan, prepared.device, prepared.run, progress)
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
    start = _remote_start(run)
    with held(run), resumable(run):
        if (run / STOP).exists():
            RunRecord.open(run)
            tidy(run, partial(_reopened, start))
            return RunRecord.open(run)
        device = prepared.device if prepared else _reopened(start)
        assert isinstance(device, RemoteDevice)
        plan = prepared.plan if prepared else stored_plan(run, start)
        if resubmit:
            _give_up_failed(plan, device, run, approve)
        looks = _carried_on(plan, device, run, seconds, progress)
        raw, failure = _fetched(plan, device, run)
        if failure is not None:
            raise failure
        _check_complete(run, raw, looks)
        _write_counts(plan, device, run, raw)
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
    entries = [read(run).entry(job["index"]) for job in start["jobs"]]
    if all(entry.state in FINAL for entry in entries):
        return [known(entry) for entry in entries], [*left_open(run), *lost(run)]
    device, plan = _reopened(start), stored_plan(run, start)
    return [device.state(job, run) for job in plan.jobs], [*left_open(run), *lost(run)]


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
    with held(run), resumable(run):
        device, plan = _reopened(start), stored_plan(run, start)
        journal(run, event="cancelling")
        looks = [device.cancel(job, run) for job in plan.jobs]
        sweep(device, run)
        still = [look.identifier for look in looks if look.state not in ("", *FINAL)]
        if still:
            raise PendingRun(f"{', '.join(still)} could not be cancelled. Try again: hotward cancel {run}")
        # what had finished is paid for: keep it
        with contextlib.suppress(PlatformError):
            _watch(plan, device, run, 0, lambda what, done, of: None)
        raw, _ = _fetched(plan, device, run)
        if all(raw.values()):
            _write_counts(plan, device, run, raw)
            seal(run, "done")
        else:
            journal(run, event="cancelled")
            seal(run, "failed", "cancelled by the user")
    return looks


def _carried_on(
    plan: Plan, device: RemoteDevice, run: Path, seconds: float | None, progress: Progress
) -> Sequence[JobStatus]:
    """Submits what never was and waits; a job that is refused is tried again whenever others have finished.

    An account may have so many jobs waiting and no more; and what was refused must not keep us from what is done.
    """
    finished = -1
    while True:
        refusal = _submit_all(plan, device, run, progress)
        try:
            looks = _watch(plan, device, run, seconds, progress)
        except PlatformError as met:
            raise refusal or met from met
        before, finished = finished, sum(look.state in FINAL for look in looks)
        if refusal is None:
            return looks
        if finished <= max(before, 0) or not isinstance(refusal, Refused):
            raise refusal


def _submit_all(plan: Plan, device: RemoteDevice, run: Path, progress: Progress) -> PlatformError | None:
    """Submits every job that never was, in order, until one is refused or cannot be settled: that error."""
    total = sum(job.shots for job in plan.jobs)
    if read(run).cancelled:
        raise FailedRun(f"{run} was cancelled")
    pace = " (at most 5 a minute)" if len(plan.jobs) > 5 else ""
    refusal = None
    for number, job in enumerate(plan.jobs):
        if not read(run).entry(job.index).identifier:
            progress(f"submitting job {number + 1} of {len(plan.jobs)}{pace}", 0, total)
        try:
            device.submit(plan, job, run)
        except PlatformError as met:
            refusal = met
            break
    if all(read(run).entry(job.index).identifier for job in plan.jobs):
        # a closed batch takes no more jobs and still runs those that it has
        device.close(run)
    return refusal


def _watch(
    plan: Plan, device: RemoteDevice, run: Path, seconds: float | None, progress: Progress
) -> Sequence[JobStatus]:
    """Waits; results are fetched as soon as their jobs are done."""
    total = sum(job.shots for job in plan.jobs)

    def watch(looks: Sequence[JobStatus]) -> None:
        book = read(run)
        for job in plan.jobs:
            # what is collected is verified once more at the end, not in every round
            if not book.entry(job.index).collected:
                with contextlib.suppress(PlatformError):
                    device.collect(plan, job, run)
        book = read(run)
        done = sum(job.shots for job in plan.jobs if book.entry(job.index).collected)
        told = Counter(look.state.lower() for look in looks)
        progress("measuring: " + ", ".join(f"{count} {state}" for state, count in sorted(told.items())), done, total)

    return device.look(plan, run, seconds, watch)


def _fetched(plan: Plan, device: RemoteDevice, run: Path) -> tuple[dict[int, Path | None], PlatformError | None]:
    """The raw file of every job that has one, fetched where it was not, and the first failure to."""
    raw: dict[int, Path | None] = {}
    failure = None
    for job in plan.jobs:
        try:
            raw[job.index] = device.collect(plan, job, run)
        except PlatformError as met:
            raw[job.index], failure = None, failure or met
    return raw, failure


def _write_counts(plan: Plan, device: RemoteDevice, run: Path, raw: Mapping[int, Path | None]) -> None:
    """counts.csv of all raw results."""
    frames = [device.decode(plan, job, path) for job in plan.jobs if (path := raw[job.index])]
    _disk.write(run / COUNTS, _counts.table(plan.program, frames).to_csv(index=False, lineterminator="\n"))


def _check_complete(run: Path, raw: Mapping[int, Path | None], looks: Sequence[JobStatus]) -> None:
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


def _give_up_failed(plan: Plan, device: RemoteDevice, run: Path, approve: Approve) -> None:
    """Opens jobs for another attempt that did not finish, or whose result is not given, if their cost is approved."""
    failed = [job for job in plan.jobs if _without_result(plan, device, run, job)]
    if failed:
        approve(device.cost(replace(plan, jobs=tuple(failed))))
    for job in failed:
        entry = read(run).entry(job.index)
        if entry.open is not None:
            journal(run, event="again", job=job.index, tag=entry.open.tag, reason=f"{entry.state} {entry.reason}")


def _without_result(plan: Plan, device: RemoteDevice, run: Path, job: Job) -> bool:
    """Whether the platform has had its last word on a job, and it was no result."""
    look = device.state(job, run)
    if look.state != "DONE":
        return look.state in FINAL
    if read(run).entry(job.index).state == "DONE":
        try:
            device.collect(plan, job, run)
        except Unintelligible:
            return True
    return False


def _remote_start(run: Path) -> dict[str, Any]:
    start = read_start(run)
    if not remote(start):
        raise RunError(f"{run} is not on hardware: there is nothing to ask for. hotward show {run} says what it is.")
    return start


def _reopened(start: Mapping[str, Any]) -> RemoteDevice:
    from devices.opening import reopened

    return reopened(start["device"])
