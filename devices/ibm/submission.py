"""Submitting a job once.

The platform has no idempotency key, and the client repeats a POST that was answered by 5xx: one call can leave six
jobs, or an error and a job. So every attempt has a tag of its own, written down before it is sent, and whatever the
answer is, the tag is asked for afterwards:

    accepted    the id is known; others under the tag are twins: cancelled and recorded
    refused     and nothing under the tag: no job
    unknown     found under the tag: adopted. Nothing for `Patience.settling`: no job. Platform out of reach: stays
                unknown, nothing is sent again, and the next `collect` asks
"""

from __future__ import annotations

import secrets
import time
import typing
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devices.errors import PlatformError, Refused, Silent, TooManyRequests, Unreachable
from devices.ibm.cloud import Cloud
from devices.model import FINAL, DamagedRun, Job
from devices.record.journal import Attempt, read
from devices.record.record import journal

MOST_ATTEMPTS = 3
"""Of one job in one process."""
PER_MINUTE = 5
"""Submissions a minute, IBM's limit per user (REST documentation, API 2025-05-01)."""

Send = Callable[[Any, list[str]], Any]
"""Calls the client's `run` with a mode and tags, and returns its job."""
Mode = Callable[[], Any]
"""Backend or batch to submit to, looked up anew for every attempt."""


def run_tag(run: Path) -> str:
    """The tag that all jobs of a run share."""
    return f"hotward-{run.name}"


def submit(cloud: Cloud, run: Path, job: Job, send: Send, mode: Mode, about: dict[str, Any]) -> str:
    """Submits a job that `made_before` did not find, and returns its id.

    Args:
        cloud: The instance.
        run: Run directory: its journal decides what was done before.
        job: What to submit.
        send: Makes the submission.
        mode: Where to.
        about: More for the journal: backend, instance, limit.

    Raises:
        PlatformError: If it is refused, or cannot be settled now; the journal then says where it stands.
        DamagedRun: If the platform has jobs of this run that the journal does not know.
    """
    _check_journal(cloud, run)
    pause = cloud.patience.back_off
    for last in (False,) * (MOST_ATTEMPTS - 1) + (True,):
        refusal, found = _attempt(cloud, run, job, send, mode, about)
        if found:
            return found
        if refusal is not None and (last or not isinstance(refusal, TooManyRequests | Unreachable)):
            raise refusal
        time.sleep(pause if isinstance(refusal, TooManyRequests) else 0)
        pause *= 2
        found = made_before(cloud, run, job)
        if found:
            return found
    raise Unreachable(f"job {job.index} was sent {MOST_ATTEMPTS} times and never arrived; nothing of it is running")


def _attempt(
    cloud: Cloud, run: Path, job: Job, send: Send, mode: Mode, about: dict[str, Any]
) -> tuple[PlatformError | None, str]:
    """One attempt, settled: the error that it met, and the id of the job that it made."""
    where = mode()
    _pace(cloud, run)
    tag = f"hotward-{secrets.token_hex(12)}"
    journal(run, event="submitting", job=job.index, tag=tag, digest=job.digest, shots=job.shots, **about)
    error: PlatformError | None = None
    try:
        identifier = cloud.submit(lambda to: send(to, [run_tag(run), tag]), where)
        journal(run, event="submitted", job=job.index, tag=tag, id=identifier)
    except PlatformError as met:
        error = met
        kind = "refused" if isinstance(met, Refused) else "unknown"
        journal(run, event="answer", job=job.index, tag=tag, answer=kind, reason=str(met))
    attempt = read(run).entry(job.index).open
    if attempt is None or attempt.tag != tag:
        raise Unreachable(f"{run / 'jobs.jsonl'} does not keep what is written to it; nothing more is submitted")
    found = _settle(cloud, run, job, attempt, error)
    # the call may still be under way in its thread: whether it arrives late is for the next process to see
    if isinstance(error, Silent) and not found:
        raise error
    return error, found


def _check_journal(cloud: Cloud, run: Path) -> None:
    """Sends nothing where the journal has lost what was sent before."""
    book = read(run)
    sent = {attempt.tag for entry in book.entries.values() for attempt in entry.attempts}
    listed = cloud.patiently(lambda: cloud.tagged(run_tag(run)))
    strange = [identifier for identifier, tags in listed.items() if identifier not in book.known and not tags & sent]
    if strange:
        raise DamagedRun(
            f"{run / 'jobs.jsonl'} is damaged: it does not know {', '.join(strange)}, which the platform has for this "
            f"run. Nothing is sent again. Restore it from a copy, or give the run up: hotward cancel {run}"
        )


def made_before(cloud: Cloud, run: Path, job: Job) -> str:
    """The id that an earlier process was given, or that one of its attempts is found to have made."""
    entry = read(run).entry(job.index)
    if entry.open is not None:
        return entry.open.identifier if entry.open.settled else _settle(cloud, run, job, entry.open, None)
    for attempt in entry.attempts:
        # it seemed to have made no job: perhaps it was only late. One given up after a failure has an id
        listed = [] if attempt.identifier else list(cloud.tagged(attempt.tag))
        if listed:
            return _adopt(cloud, run, job, attempt, listed, None)
    return ""


def _settle(cloud: Cloud, run: Path, job: Job, attempt: Attempt, error: PlatformError | None) -> str:
    """Asks for the tag of an attempt until it is known what the attempt made.

    Args:
        cloud: The instance.
        run: Run directory.
        job: The job.
        attempt: As the journal has it.
        error: What the submission met, None if an earlier process made it.

    Returns:
        The id of the job, or "" if there is none.

    Raises:
        PlatformError: If the platform cannot be asked and no id is known: the attempt stays unknown.
    """
    deadline = time.monotonic() + cloud.patience.settling
    pause, listed, met = min(1.0, cloud.patience.tick), list[str](), None
    while True:
        late = time.monotonic() >= deadline
        try:
            listed, met = list(cloud.tagged(attempt.tag)), None
        except PlatformError as refused:
            met = refused
        # a job is listed, perhaps with twins; or none where none is to be expected
        expected = attempt.identifier in listed if attempt.identifier else bool(listed) or isinstance(error, Refused)
        if met is None and (expected or late):
            return _adopt(cloud, run, job, attempt, listed, error)
        if late and attempt.identifier:
            return attempt.identifier
        if late:
            raise _unsettled(job, typing.cast("PlatformError", met)) from met
        time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        pause = min(2 * pause, cloud.patience.longest_tick)


def _adopt(cloud: Cloud, run: Path, job: Job, attempt: Attempt, listed: list[str], error: PlatformError | None) -> str:
    """Keeps one job of an attempt, cancels its twins, and writes both down."""
    chosen = attempt.identifier or (listed[0] if listed else "")
    if not chosen:
        event = "refused" if isinstance(error, Refused) else "absent"
        journal(run, event=event, job=job.index, tag=attempt.tag, reason=str(error or "nothing under its tag"))
        return ""
    if not attempt.identifier:
        journal(run, event="submitted", job=job.index, tag=attempt.tag, id=chosen, found=True)
    for twin in listed:
        if twin != chosen:
            drop(cloud, run, twin, attempt.tag)
    journal(run, event="settled", job=job.index, tag=attempt.tag, id=chosen, listed=chosen in listed)
    return chosen


def drop(cloud: Cloud, run: Path, identifier: str, tag: str) -> None:
    """Cancels a job that is one too many; it is in the journal before, and with its state after."""
    journal(run, event="surplus", id=identifier, tag=tag, status="")
    try:
        look = cloud.cancel(identifier)
    except PlatformError as met:
        journal(run, event="surplus", id=identifier, tag=tag, status="", reason=str(met))
        return
    journal(run, event="surplus", id=identifier, tag=tag, status=look.state, seconds=look.seconds)


def sweep(cloud: Cloud, run: Path) -> None:
    """Cancels every job of this run that the journal does not want: twins that came late, attempts given up.

    Raises:
        PlatformError: If the platform cannot be asked.
    """
    book = read(run)
    listed = cloud.tagged(run_tag(run))
    for identifier in listed:
        if identifier not in book.known:
            drop(cloud, run, identifier, run_tag(run))
    for identifier, state in book.surplus.items():
        if state not in FINAL:
            drop(cloud, run, identifier, run_tag(run))


def _pace(cloud: Cloud, run: Path) -> None:
    """Waits until no more than `PER_MINUTE` submissions fall into a minute."""
    sent = [datetime.fromisoformat(text) for text in read(run).submissions]
    ages = sorted((datetime.now(UTC) - when).total_seconds() for when in sent)
    if len(ages) >= PER_MINUTE and 0 <= ages[PER_MINUTE - 1] < cloud.patience.minute:
        time.sleep(cloud.patience.minute - ages[PER_MINUTE - 1])


def _unsettled(job: Job, met: PlatformError) -> PlatformError:
    return Unreachable(f"whether job {job.index} was accepted is not known, for {met}; it is not sent again blindly")
