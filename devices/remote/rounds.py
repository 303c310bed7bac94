"""The jobs of one run on a device that answers later: submitted, watched, fetched, and counted once all are there.

Every step may be repeated by any process; what is to be done follows from the run directory alone.
"""

from __future__ import annotations

import contextlib
import functools
import operator
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from devices.errors import FailedRun, PendingRun, PlatformError, Refused, Unintelligible
from devices.model import FINAL, Job, JobStatus, Plan, RemoteDevice
from devices.prepare import Approve, Progress
from devices.record import COUNTS, WITHIN, arrays, counts, disk, journal, read_journal


def carry_on(
    plan: Plan, device: RemoteDevice, run: Path, seconds: float | None, progress: Progress
) -> Sequence[JobStatus]:
    """Submits what never was and waits; a job that is refused is tried again whenever others have finished.

    An account may have so many jobs waiting and no more; and what was refused must not keep us from what is done.

    Args:
        plan: What the run is to do, as it was prepared.
        device: Where the jobs run, opened.
        run: Run directory.
        seconds: How long to wait for jobs that are not finished [s]; 0 looks once, None waits for ever.
        progress: Told of jobs and shots.
    """
    finished = -1
    while True:
        refusal = submit_all(plan, device, run, progress)
        try:
            looks = watch_jobs(plan, device, run, seconds, progress)
        except PlatformError as met:
            raise refusal or met from met
        before, finished = finished, sum(look.state in FINAL for look in looks)
        if refusal is None:
            return looks
        if finished <= max(before, 0) or not isinstance(refusal, Refused):
            raise refusal


def keep_what_came_later(device: RemoteDevice, run: Path) -> None:
    """Stores what the device says of itself now that the results are here: its calibration of that day.

    It costs nothing, is asked for once, and never stands before the results: without an answer there is none, and a
    disk that is full is met by what follows.

    Args:
        device: Where the jobs ran, opened.
        run: Run directory.
    """
    with contextlib.suppress(PlatformError, OSError):
        for name, content in device.later_files().items():
            if not (run / name).exists():
                disk.write(run / name, content)


def submit_all(plan: Plan, device: RemoteDevice, run: Path, progress: Progress) -> PlatformError | None:
    """Submits every job that never was, in order, until one is refused or cannot be settled: that error.

    Args:
        plan: What the run is to do, as it was prepared.
        device: Where the jobs run, opened.
        run: Run directory.
        progress: Told of jobs and shots.
    """
    total = sum(job.shots for job in plan.jobs)
    if read_journal(run).cancelled:
        raise FailedRun(f"{run} was cancelled")
    pace = " (at most 5 a minute)" if len(plan.jobs) > 5 else ""
    refusal = None
    for number, job in enumerate(plan.jobs):
        if not read_journal(run).entry(job.index).identifier:
            progress(f"submitting job {number + 1} of {len(plan.jobs)}{pace}", 0, total)
        try:
            device.submit(plan, job, run)
        except PlatformError as met:
            refusal = met
            break
    if all(read_journal(run).entry(job.index).identifier for job in plan.jobs):
        # a closed batch takes no more jobs and still runs those that it has
        device.close(run)
    return refusal


def watch_jobs(
    plan: Plan, device: RemoteDevice, run: Path, seconds: float | None, progress: Progress
) -> Sequence[JobStatus]:
    """Waits; results are fetched as soon as their jobs are done.

    Args:
        plan: What the run is to do, as it was prepared.
        device: Where the jobs run, opened.
        run: Run directory.
        seconds: How long to wait for jobs that are not finished [s]; 0 looks once, None waits for ever.
        progress: Told of jobs and shots.
    """
    total = sum(job.shots for job in plan.jobs)

    def watch(looks: Sequence[JobStatus]) -> None:
        book = read_journal(run)
        for job in plan.jobs:
            # what is collected is verified once more at the end, not in every round
            if not book.entry(job.index).collected:
                with contextlib.suppress(PlatformError):
                    device.collect(plan, job, run)
        book = read_journal(run)
        done = sum(job.shots for job in plan.jobs if book.entry(job.index).collected)
        told = Counter(look.state.lower() for look in looks)
        progress("measuring: " + ", ".join(f"{count} {state}" for state, count in sorted(told.items())), done, total)

    return device.look(plan, run, seconds, watch)


def fetch_all(plan: Plan, device: RemoteDevice, run: Path) -> tuple[dict[int, Path | None], PlatformError | None]:
    """The raw file of every job that has one, fetched where it was not, and the first failure to.

    Args:
        plan: What the run is to do, as it was prepared.
        device: Where the jobs run, opened.
        run: Run directory.
    """
    raw: dict[int, Path | None] = {}
    failure = None
    for job in plan.jobs:
        try:
            raw[job.index] = device.collect(plan, job, run)
        except PlatformError as met:
            raw[job.index], failure = None, failure or met
    return raw, failure


def write_counts(plan: Plan, device: RemoteDevice, run: Path, raw: Mapping[int, Path | None]) -> None:
    """counts.csv of all raw results, and the sums over shots that several copies shared.

    Args:
        plan: What the run is to do, as it was prepared.
        device: Where the jobs run, opened.
        run: Run directory.
        raw: Raw file of every job, None where there is none.
    """
    found = [device.decode_together(plan, job, path.read_bytes()) for job in plan.jobs if (path := raw[job.index])]
    frames, sums = [rows for rows, _ in found], [own for _, own in found if own is not None]
    disk.write(run / COUNTS, counts.table(plan.program, frames).to_csv(index=False, lineterminator="\n"))
    if sums:
        disk.write(run / WITHIN, arrays(functools.reduce(operator.add, sums).arrays()))


def check_complete(run: Path, raw: Mapping[int, Path | None], looks: Sequence[JobStatus]) -> None:
    """Says how a run goes on that has not the result of every job.

    Args:
        run: Run directory.
        raw: Raw file of every job, None where there is none.
        looks: The last look at each job.

    Raises:
        PendingRun: With the jobs that wait, or the reasons of those that failed.
    """
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


def give_up_failed(plan: Plan, device: RemoteDevice, run: Path, approve: Approve) -> None:
    """Opens jobs for another attempt that did not finish, or whose result is not given, if their cost is approved.

    Args:
        plan: What the run is to do, as it was prepared.
        device: Where the jobs run, opened.
        run: Run directory.
        approve: Asked with the cost of those jobs alone; raises to decline.
    """
    failed = [job for job in plan.jobs if _ended_without_result(plan, device, run, job)]
    if failed:
        approve(device.cost(replace(plan, jobs=tuple(failed))))
    for job in failed:
        entry = read_journal(run).entry(job.index)
        if entry.open is not None:
            journal.append(run, "again", job=job.index, tag=entry.open.tag, reason=f"{entry.state} {entry.reason}")


def _ended_without_result(plan: Plan, device: RemoteDevice, run: Path, job: Job) -> bool:
    """Whether the platform has had its last word on a job, and it was no result: asked for once more, for it costs."""
    look = device.state(job, run)
    if look.state != "DONE":
        return look.state in FINAL
    if read_journal(run).entry(job.index).state == "DONE":
        try:
            device.collect(plan, job, run)
        except Unintelligible:
            return True
    return False
