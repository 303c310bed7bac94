"""Submitting a job once.

A platform may have no idempotency key, and IBM's client repeats a POST that was answered by 5xx: one call can leave
six jobs, or an error and a job. So every attempt has a tag of its own, written down before it is sent, and whatever the
answer is, the tag is asked for afterwards:

    accepted    the id is known; others under the tag are twins: cancelled and recorded
    refused     and nothing under the tag: no job
    unknown     found under the tag: adopted. Nothing for `Patience.settling`: no job. Platform out of reach: stays
                unknown, nothing is sent again, and the next `collect` asks
"""

from __future__ import annotations

import contextlib
import re
import secrets
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from devices.errors import DamagedRun, NotFound, PlatformError, Refused, Silent, TooManyRequests, Unreachable
from devices.model import FINAL, Job
from devices.record import Attempt, Ledger, journal, read_journal
from devices.remote.last_word import state_now
from devices.remote.platform import Platform

MOST_ATTEMPTS = 3
"""Of one job in one process."""
PER_MINUTE = 5
"""Submissions a minute, IBM's limit per user (REST documentation, API 2025-05-01)."""

_ATTEMPT = re.compile(r"hotward-\d+-[0-9a-f]*-[0-9a-f]{24}")
"""The tag of an attempt: which job of the plan, the beginning of its digest, and a random word."""
NOT_OURS = "it does not carry the tag of this run, and is left alone"
"""Why a job is not cancelled."""

Send = Callable[[Any, list[str]], Any]
"""Calls the client's `run` with a mode and tags, and returns its job."""
Mode = Callable[[], Any]
"""Backend or batch to submit to, looked up anew for every attempt."""


def run_tag(run: Path) -> str:
    """The tag that all jobs of a run share."""
    return f"hotward-{run.name}"


def submit(platform: Platform, run: Path, job: Job, send: Send, mode: Mode, about: dict[str, Any]) -> str:
    """Submits a job that `made_before` did not find, and returns its id.

    Args:
        platform: The open account.
        run: Run directory: its journal decides what was done before.
        job: What to submit.
        send: Makes the submission.
        mode: Where to.
        about: More for the journal: backend, instance, limit.

    Raises:
        PlatformError: If it is refused, or cannot be settled now; the journal then says where it stands.
        DamagedRun: If the platform has jobs of this run that the journal does not know, and that do not say which.
    """
    found = _taken_up(platform, run, job)
    if found:
        return found
    pause = platform.patience.back_off
    for last in (False,) * (MOST_ATTEMPTS - 1) + (True,):
        refusal, found = _attempt(platform, run, job, send, mode, about)
        if found:
            return _older_of_two(platform, run, job, found)
        if refusal is not None and (last or not isinstance(refusal, TooManyRequests | Unreachable)):
            raise refusal
        platform.patience.clock.sleep(pause if isinstance(refusal, TooManyRequests) else 0)
        pause *= 2
        found = made_before(platform, run, job)
        if found:
            return found
    raise Unreachable(f"job {job.index} was sent {MOST_ATTEMPTS} times and never arrived; nothing of it is running")


def _attempt(
    platform: Platform, run: Path, job: Job, send: Send, mode: Mode, about: dict[str, Any]
) -> tuple[PlatformError | None, str]:
    """One attempt, settled: the error that it met, and the id of the job that it made."""
    where = mode()
    _pace(platform, run)
    tag = f"{_which(job)}{secrets.token_hex(12)}"
    about = {"job": job.index, "tag": tag, "digest": job.digest, "shots": job.shots, **about}
    journal.append(run, "submitting", at=platform.patience.clock.today(), **about)
    error: PlatformError | None = None
    try:
        identifier = platform.submit(lambda to: send(to, [run_tag(run), tag]), where)
        journal.append(run, "submitted", job=job.index, tag=tag, id=identifier)
    except PlatformError as met:
        error = met
        kind = "refused" if isinstance(met, Refused) else "unknown"
        journal.append(run, "answer", job=job.index, tag=tag, answer=kind, reason=str(met))
    attempt = read_journal(run).entry(job.index).open
    if attempt is None or attempt.tag != tag:
        raise Unreachable(f"{run / 'jobs.jsonl'} does not keep what is written to it; nothing more is submitted")
    found = _settle(platform, run, job, attempt, error)
    # the call may still be under way in its thread: whether it arrives late is for the next process to see
    if isinstance(error, Silent) and not found:
        raise error
    return error, found


def _stands_for(job: Job, identifier: str, tags: frozenset[str], book: Ledger) -> bool:
    """Whether a job on the platform was sent as this one of the plan, and is neither given up nor one too many."""
    attempts = [attempt for entry in book.entries.values() for attempt in entry.attempts]
    given_up = {attempt.identifier for attempt in attempts if attempt.over} | set(book.surplus)
    return identifier not in given_up and any(tag.startswith(_which(job)) for tag in tags)


def _older_of_two(platform: Platform, run: Path, job: Job, found: str) -> str:
    """The id that is kept of a job that was just sent, where another copy of the run sent it in the same moment.

    Each looked before it sent and saw nothing. Whoever sent later sees the older one now, and keeps that.
    """
    with contextlib.suppress(PlatformError):  # the job is sent, and known: who cannot look now looks before the next
        return _taken_up(platform, run, job) or found
    return found


def _which(job: Job) -> str:
    """How the tags of attempts at a job of the plan begin: a job on the platform says by it which one it is."""
    return f"hotward-{job.index}-{job.digest[:12]}-"


def _taken_up(platform: Platform, run: Path, job: Job) -> str:
    """The id of a job that was sent in place of this one, by another copy of the run or before the journal was lost.

    Two copies that are collected at once may each have sent the same job. Both keep the older one, so that neither
    cancels what the other waits for. And whatever a damaged journal says, no job is sent of which the platform lists
    one that was not given up.

    Raises:
        DamagedRun: If a job of the run does not say which of its jobs it is: nothing is sent then.
    """
    book = read_journal(run)
    listed = platform.patience.ask_repeatedly(lambda: _carrying(platform, run_tag(run)))
    strange = _strange(run, book, listed)
    for identifier, tags in listed.items():
        if not read_journal(run).entry(job.index).identifier and _stands_for(job, identifier, tags, book):
            tag = next(tag for tag in sorted(tags) if tag.startswith(_which(job)))
            journal.append(run, "submitted", job=job.index, tag=tag, id=identifier, found=True)
    order = list(listed)
    for identifier, tag in strange.items():
        index = int(tag.split("-")[1])
        entry = read_journal(run).entry(index)
        own = entry.identifier
        if own in order and order.index(identifier) < order.index(own) and not entry.collected:
            journal.append(run, "submitted", job=index, tag=tag, id=identifier, found=True)
            drop(platform, run, own, run_tag(run))
    return read_journal(run).entry(job.index).identifier


def _strange(run: Path, book: Ledger, listed: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Jobs of the run of which its journal knows neither id nor attempt, each with the tag of its attempt.

    Raises:
        DamagedRun: If one has none.
    """
    sent = {attempt.tag for entry in book.entries.values() for attempt in entry.attempts}
    strange = {
        identifier: next((word[0] for tag in sorted(tags) if (word := _ATTEMPT.fullmatch(tag))), "")
        for identifier, tags in listed.items()
        if identifier not in book.known and not tags & sent
    }
    unclear = [identifier for identifier, tag in strange.items() if not tag]
    if unclear:
        raise DamagedRun(
            f"{run / 'jobs.jsonl'} is damaged: it does not know {', '.join(unclear)}, which the platform has for this "
            f"run. Nothing is sent again. Restore it from a copy, or give the run up: hotward cancel {run}"
        )
    return strange


def made_before(platform: Platform, run: Path, job: Job) -> str:
    """The id that an earlier process was given, or that one of its attempts is found to have made.

    Args:
        platform: The open account.
        run: Run directory.
        job: One of its jobs.
    """
    entry = read_journal(run).entry(job.index)
    if entry.open is not None:
        settled = entry.open.settled and entry.open.identifier
        return entry.open.identifier if settled else _settle(platform, run, job, entry.open, None)
    for attempt in entry.attempts:
        # it seemed to have made no job: perhaps it was only late. One given up after a failure has an id
        listed = [] if attempt.identifier else list(_carrying(platform, attempt.tag))
        if listed:
            return _adopt(platform, run, job, attempt, listed, None)
    return ""


def _settle(platform: Platform, run: Path, job: Job, attempt: Attempt, error: PlatformError | None) -> str:
    """Asks for the tag of an attempt until it is known what the attempt made.

    Args:
        platform: The open account.
        run: Run directory.
        job: The job.
        attempt: As the journal has it.
        error: What the submission met, None if an earlier process made it.

    Returns:
        The id of the job, or "" if there is none.

    Raises:
        PlatformError: If the platform cannot be asked and no id is known: the attempt stays unknown.
    """
    deadline = platform.patience.clock.seconds() + platform.patience.settling
    pause, listed, met = min(1.0, platform.patience.tick), list[str](), None
    while True:
        late = platform.patience.clock.seconds() >= deadline
        try:
            listed, met = list(_carrying(platform, attempt.tag)), None
        except PlatformError as refused:
            met = refused
        # a job is listed, perhaps with twins; or none where none is to be expected
        expected = attempt.identifier in listed if attempt.identifier else bool(listed) or isinstance(error, Refused)
        if met is None and (expected or late):
            return _adopt(platform, run, job, attempt, listed, error)
        if late and attempt.identifier:
            return attempt.identifier
        if late:
            raise _unsettled(job, typing.cast("PlatformError", met)) from met
        platform.patience.clock.sleep(min(pause, max(0.0, deadline - platform.patience.clock.seconds())))
        pause = min(2 * pause, platform.patience.longest_tick)


def _adopt(
    platform: Platform, run: Path, job: Job, attempt: Attempt, listed: list[str], error: PlatformError | None
) -> str:
    """Keeps one job of an attempt, cancels its twins, and writes both down."""
    chosen = attempt.identifier or (listed[0] if listed else "")
    if listed and chosen not in listed and not _is_own_if_any(platform, run, chosen):
        # the id that was answered is of somebody else's job, or the journal has it wrong
        chosen = listed[0]
        journal.append(run, "submitted", job=job.index, tag=attempt.tag, id=chosen, found=True)
    if not chosen:
        event = "refused" if isinstance(error, Refused) else "absent"
        journal.append(run, event, job=job.index, tag=attempt.tag, reason=str(error or "nothing under its tag"))
        return ""
    if not attempt.identifier:
        journal.append(run, "submitted", job=job.index, tag=attempt.tag, id=chosen, found=True)
    for twin in listed:
        if twin != chosen:
            drop(platform, run, twin, attempt.tag)
    journal.append(run, "settled", job=job.index, tag=attempt.tag, id=chosen, listed=chosen in listed)
    return chosen


def drop(platform: Platform, run: Path, identifier: str, tag: str) -> None:
    """Cancels a job that is one too many; it is in the journal before, and with its state after.

    Args:
        platform: The open account.
        run: Run directory.
        identifier: Of the job on the platform.
        tag: Under which it was found.
    """
    journal.append(run, "surplus", id=identifier, tag=tag, status="")
    try:
        if not is_own(platform, run, identifier):
            journal.append(run, "foreign", id=identifier, tag=tag, reason=NOT_OURS)
            return
        platform.cancel(identifier)
        look = state_now(platform, identifier)
    except PlatformError as met:
        journal.append(run, "surplus", id=identifier, tag=tag, status="", reason=str(met))
        return
    journal.append(run, "surplus", id=identifier, tag=tag, status=look.state, seconds=look.seconds)


def sweep(platform: Platform, run: Path) -> None:
    """Cancels every job of this run that the journal does not want: twins that came late, attempts given up.

    Args:
        platform: The open account.
        run: Run directory.

    Raises:
        PlatformError: If the platform cannot be asked.
    """
    book = read_journal(run)
    for identifier in _carrying(platform, run_tag(run)):
        if identifier not in book.known:
            drop(platform, run, identifier, run_tag(run))
    for identifier, state in book.surplus.items():
        if state not in FINAL:
            drop(platform, run, identifier, run_tag(run))


def is_own(platform: Platform, run: Path, identifier: str) -> bool:
    """Whether a job itself carries the tag of the run, or that of one of its attempts: no other is ever cancelled.

    Lists cannot be trusted with that: a platform, or something before it, may leave the filter out of account.

    Args:
        platform: The open account.
        run: Run directory; a renamed one still knows the tags of its attempts.
        identifier: Of the job on the platform.

    Raises:
        PlatformError: If the platform does not say which tags the job carries.
    """
    attempts = {attempt.tag for entry in read_journal(run).entries.values() for attempt in entry.attempts}
    return bool(platform.tags_of(identifier) & {run_tag(run), *attempts})


def _is_own_if_any(platform: Platform, run: Path, identifier: str) -> bool:
    """The same; a job that is not there is not ours."""
    try:
        return is_own(platform, run, identifier)
    except NotFound:
        return False


def _carrying(platform: Platform, tag: str) -> dict[str, frozenset[str]]:
    """Jobs that are listed under a tag and carry it."""
    return {identifier: tags for identifier, tags in platform.tagged(tag).items() if tag in tags}


def _pace(platform: Platform, run: Path) -> None:
    """Waits until no more than `PER_MINUTE` submissions fall into a minute."""
    sent = [datetime.fromisoformat(text) for text in read_journal(run).submissions]
    ages = sorted((platform.patience.clock.today() - when).total_seconds() for when in sent)
    if len(ages) >= PER_MINUTE and 0 <= ages[PER_MINUTE - 1] < platform.patience.minute:
        platform.patience.clock.sleep(platform.patience.minute - ages[PER_MINUTE - 1])


def _unsettled(job: Job, met: PlatformError) -> PlatformError:
    return Unreachable(f"whether job {job.index} was accepted is not known, for {met}; it is not sent again blindly")
