"""Collecting a job: look, fetch, store, verify, in this order, each step on disk before the next.

A look is one request. What goes wrong with one is the line, not the job: it is repeated with longer and longer
pauses, and whoever gives up can come back another day.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from devices.errors import NotAuthorised, NotFound, PlatformError, Unintelligible
from devices.model import FINAL, Job, JobStatus
from devices.record import counts, disk, journal, read_journal, status_of
from devices.remote.last_word import MOST_ODD, confirmed_look, gone
from devices.remote.platform import Platform

_MOST_FETCHES = 4
"""Of one result in one process, where what comes is not the result."""

Watch = Callable[[Sequence[JobStatus]], None]
"""Told of every round of looks."""
Verify = Callable[[str], object]
"""Reads a raw text as the result of a job; raises Unintelligible where it is not that."""


def wait(platform: Platform, run: Path, jobs: Sequence[Job], seconds: float | None, watch: Watch) -> list[JobStatus]:
    """Looks at jobs until all are final, or for so many seconds; what is final goes into the journal at once.

    What an earlier process was told is asked for again where it brought no result: it may have been wrong.

    Args:
        platform: The open account.
        run: Run directory.
        jobs: Jobs that have an id.
        seconds: How long to wait; 0 looks once, None waits for ever.
        watch: Told of every round.

    Returns:
        The last look at each job.

    Raises:
        PlatformError: If the platform is out of reach for `Patience.outage`, or refuses.
    """
    book = read_journal(run)
    looks = {job.index: status_of(book.entry(job.index)) for job in jobs}
    unsure = {index for index in looks if not book.entry(index).collected}
    odd = dict.fromkeys(looks, 0)
    clock = platform.patience.clock
    started, tick = clock.seconds(), platform.patience.tick
    reached = started
    while True:
        failures: dict[int, PlatformError] = {}
        for job in jobs:
            if looks[job.index].state in FINAL and job.index not in unsure:
                continue
            try:
                looks[job.index] = _look(platform, run, job)
                reached, odd[job.index] = clock.seconds(), 0
                unsure.discard(job.index)
            except NotAuthorised:
                raise
            except PlatformError as met:
                failures[job.index] = met
                odd[job.index] += isinstance(met, NotFound | Unintelligible)
                if isinstance(met, NotFound) and odd[job.index] >= MOST_ODD:
                    looks[job.index] = gone(looks[job.index].identifier)
                    unsure.discard(job.index)
        watch(list(looks.values()))
        ended = {index for index, look in looks.items() if look.state in FINAL} - unsure
        waiting = [index for index in looks if index not in ended and odd[index] < MOST_ODD]
        left = None if seconds is None else seconds - (clock.seconds() - started)
        cut_off = bool(failures) and clock.seconds() - reached >= platform.patience.outage
        if not waiting or (left is not None and left <= 0) or cut_off:
            for index, failure in failures.items():
                if index not in ended:
                    raise failure
            return list(looks.values())
        # jitter, so that many waiting processes do not ask in step
        pause = tick * random.uniform(0.8, 1.2)  # noqa: S311
        clock.sleep(pause if left is None else min(pause, left))
        tick = min(1.5 * tick, platform.patience.longest_tick)


def fetch(platform: Platform, run: Path, job: Job, verify: Verify) -> Path:
    """The verified raw result of a finished job; what was fetched before is not fetched again.

    Args:
        platform: The open account.
        run: Run directory.
        job: Which.
        verify: Whether a text is the result of that job.

    Raises:
        PlatformError: If the platform does not give it now.
    """
    path = counts.raw_path(run, job)
    entry = read_journal(run).entry(job.index)
    if entry.collected and path.exists() and disk.sha256(path) == entry.digest:
        return path
    if entry.collected and path.exists():
        _put_aside(run, job, path, entry.identifier, "not the file that was collected")
    if path.exists() and _verified(run, job, verify, path, entry.identifier) is None:
        return path
    clock, pause, wrong = platform.patience.clock, platform.patience.tick, None
    for _ in range(_MOST_FETCHES):
        if wrong is not None:
            clock.sleep(pause)
            pause = min(2 * pause, platform.patience.longest_tick)
        try:
            content = platform.result(entry.identifier)
        except NotAuthorised:
            raise
        except PlatformError as met:
            wrong = met
            continue
        disk.write(path, content)
        journal.append(run, "received", job=job.index, id=entry.identifier, raw=path.name, sha256=disk.sha256(path))
        wrong = _verified(run, job, verify, path, entry.identifier)
        if wrong is None:
            return path
    raise wrong or Unintelligible(f"the result of job {job.index} did not come")


def _verified(run: Path, job: Job, verify: Verify, path: Path, identifier: str) -> PlatformError | None:
    """Reads a raw file as the result of its job; one that is not is put aside under another name."""
    try:
        verify(path.read_text(encoding="utf-8"))
    except (PlatformError, UnicodeDecodeError) as met:
        _put_aside(run, job, path, identifier, str(met))
        return met if isinstance(met, PlatformError) else Unintelligible("a result that is no text")
    journal.append(run, "collected", job=job.index, id=identifier, raw=path.name, sha256=disk.sha256(path))
    return None


def _put_aside(run: Path, job: Job, path: Path, identifier: str, reason: str) -> None:
    """Keeps a raw file that is not the result of its job, under another name."""
    number = len(list(path.parent.glob(f"{path.stem}.rejected-*"))) + 1
    aside = path.with_name(f"{path.stem}.rejected-{number}")
    path.replace(aside)
    disk.sync(path.parent)
    journal.append(run, "rejected", job=job.index, id=identifier, raw=aside.name, reason=reason)


def _look(platform: Platform, run: Path, job: Job) -> JobStatus:
    """The state of a job now; its last word goes into the journal, and that it was taken back."""
    entry = read_journal(run).entry(job.index)
    look = confirmed_look(platform, entry.identifier, entry.state)
    if look.state != entry.state and (look.state in FINAL or entry.state in FINAL):
        journal.append(
            run,
            "final",
            job=job.index,
            id=entry.identifier,
            status=look.state,
            reason=look.reason,
            seconds=look.seconds,
            started=look.started,
            finished=look.finished,
        )
    return look
