"""jobs.jsonl: the one place that writes it and reads it. Its lines say what happened to each job, before and after.

`append` writes a line, `read_journal` gives all lines as typed entries and what follows from them: the ledger.

imported            a file that was measured elsewhere
intended            the job as planned: digest and shots
submitting          an attempt is about to be sent; its own tag is in the line
submitted           the platform answered with an id, or the tag found one
refused, absent     the attempt made no job: said by the platform, or settled by its tag
settled             the tag was asked for, whatever the answer was: no twin, or all of them known
surplus             a twin of an attempt, or a job of this run that nobody knew: cancelled, with its state
foreign             a job that was taken for surplus and does not carry a tag of this run: left alone
final               the platform's last word: state, reason, QPU seconds; with another state, it was taken back
measured            a piece of a job on a simulator is on disk
received            the raw result is on disk
rejected            and is not what was asked for; renamed
collected           verified
again               the job is to be submitted once more, after a failure that the user has seen
batch               opening, open, full (takes no more jobs), refused, lost, closed
cancelling          the user wants the run to end; cancelled: it has ended
swept               nothing that the run does not need is left on the platform
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from devices.errors import DamagedRun
from devices.model import FINAL, JobStatus, State
from devices.record import disk
from devices.record.files import JOBS


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the journal; what an event does not have is empty."""

    event: str
    job: int | None = None
    """Index of the job that it is about."""
    tag: str = ""
    """Of the attempt that it is about."""
    identifier: str = ""
    """Of the job or batch on the platform."""
    status: str = ""
    """Of a job, or of a batch."""
    reason: str = ""
    seconds: float | None = None
    """QPU seconds charged for a job; None where the platform did not say."""
    raw: str = ""
    """Name of the raw file."""
    sha256: str = ""
    """Of the raw file."""
    time: str = ""
    """When the line was written (ISO)."""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Line:
        """A line as it was stored; what is damaged, or written by other versions, is left out.

        >>> Line.of({"event": "submitted", "job": 0, "tag": "t", "id": "d1"}).identifier
        'd1'
        """
        job, seconds = stored.get("job"), stored.get("seconds")
        state = stored.get("state" if stored.get("event") == "batch" else "status")
        words = {name: str(stored.get(name) or "") for name in ("event", "tag", "reason", "raw", "sha256", "time")}
        return cls(
            **words,
            job=job if isinstance(job, int) else None,
            identifier=str(stored.get("id") or ""),
            status=str(state or ""),
            seconds=float(seconds) if isinstance(seconds, int | float) else None,
        )


@dataclass(frozen=True, kw_only=True)
class PlatformJob:
    """One job on the platform, as far as the journal tells."""

    job: int | None
    """Of the run; None for one too many, which was cancelled."""
    identifier: str
    state: str = ""
    seconds: float | None = None
    """Charged; None where the platform did not say."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One submission: sent once, never repeated under the same tag."""

    tag: str
    identifier: str = ""
    """Of the job that it made; empty if none is known."""
    settled: bool = False
    """Whether its tag was asked for after the answer."""
    over: bool = False
    """Whether it made no job, or one that was given up after a failure."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One job of the plan."""

    attempts: tuple[Attempt, ...] = ()
    state: str = ""
    """DONE, ERROR or CANCELLED once it is final."""
    reason: str = ""
    seconds: float | None = None
    collected: str = ""
    """Name of its verified raw file."""
    digest: str = ""
    """sha256 of that file."""

    @property
    def open(self) -> Attempt | None:
        """The attempt that counts: the last one that is not over."""
        return next((attempt for attempt in reversed(self.attempts) if not attempt.over), None)

    @property
    def given_up(self) -> int:
        """How many jobs were given up after a failure."""
        return sum(attempt.over and attempt.identifier != "" for attempt in self.attempts)

    @property
    def identifier(self) -> str:
        """Of the job on the platform; empty before one is known."""
        return self.open.identifier if self.open else ""


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What the lines of a run come to."""

    lines: tuple[Line, ...] = ()
    """All of them, in order."""
    entries: Mapping[int, Entry] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    """Every id ever seen, surplus ones too."""
    batches: Mapping[str, str] = field(default_factory=dict)
    """Batch id -> its last known state; "" stands for one whose id was never learnt."""
    surplus: Mapping[str, str] = field(default_factory=dict)
    """Id of a job too many -> its last known state."""

    @cached_property
    def cancelled(self) -> bool:
        """Whether the user has ended the run."""
        return any(line.event == "cancelled" for line in self.lines)

    @cached_property
    def swept(self) -> bool:
        """Whether the platform was seen to have nothing that the run does not need."""
        return any(line.event == "swept" for line in self.lines)

    @cached_property
    def submissions(self) -> tuple[str, ...]:
        """When each attempt was sent (ISO time)."""
        return tuple(line.time for line in self.lines if line.event == "submitting" and line.time)

    @cached_property
    def platform_jobs(self) -> tuple[PlatformJob, ...]:
        """Every job that the platform was seen to have, in the order they were submitted, with what it charged."""
        found: dict[str, PlatformJob] = {}
        for line in self.lines:
            if line.event == "foreign":
                found.pop(line.identifier, None)
            if line.event not in ("submitted", "final", "surplus") or not line.identifier:
                continue
            job = None if line.event == "surplus" else line.job
            before = found.get(line.identifier, PlatformJob(job=job, identifier=line.identifier))
            seconds = before.seconds if line.seconds is None else line.seconds
            found[line.identifier] = replace(before, job=job, state=line.status or before.state, seconds=seconds)
        return tuple(found.values())

    def entry(self, job: int) -> Entry:
        """What is known of one job."""
        return self.entries.get(job, Entry())


def append(run: Path, event: str, *, at: datetime | None = None, **more: Any) -> None:
    """Appends one line, durable when this returns.

    Args:
        run: Run directory.
        event: What happens, one of the words at the top of this file.
        at: When it happens; now by default.
        more: What else the line says: job, tag, id, status, ...
    """
    disk.append_line(run / JOBS, {"event": event, **more, "time": (at or datetime.now(UTC)).isoformat()})


def read_journal(run: Path) -> Ledger:
    """The ledger of a run; an empty one where nothing was written yet.

    Raises:
        OSError: If it is there and cannot be read: it must not be taken for an empty one.
        DamagedRun: If a line does not say what happened, or to which job: nothing may be sent or cancelled on its word.
    """
    content = disk.read(run / JOBS) if (run / JOBS).exists() else b""
    lines = [Line.of(entry) for entry in disk.entries_of(content)]
    if any(_is_damaged(line) for line in lines):
        raise DamagedRun(
            f"{run / JOBS} is damaged: a line does not say what happened to which job. Restore it from a copy; nothing "
            "is sent or cancelled until then."
        )
    return ledger_of(lines)


def _is_damaged(line: Line) -> bool:
    """An attempt without its tag could be taken for another's, a submission without its job be made again."""
    attempt, submitted = line.event == "submitting", line.event == "submitted"
    return not line.event or (attempt and not line.tag) or ((attempt or submitted) and line.job is None)


def readable_lines(run: Path) -> list[Line]:
    """The lines of a run that can be read, none where the file cannot be: for telling of a run, never for going on."""
    return [Line.of(line) for line in disk.read_lines(run / JOBS)]


def ledger_of(lines: Sequence[Line]) -> Ledger:
    """What lines come to, in the order they were written.

    >>> sent = Line(event="submitting", job=0, tag="t")
    >>> book = ledger_of([sent, Line(event="submitted", job=0, tag="t", identifier="d1")])
    >>> book.entry(0).identifier, book.entry(0).open.settled
    ('d1', False)
    """
    entries: dict[int, Entry] = {}
    batches: dict[str, str] = {}
    surplus: dict[str, str] = {}
    known: set[str] = set()
    for line in lines:
        if line.job is not None:
            entries[line.job] = _entry_after(entries.get(line.job, Entry()), line)
        if line.event == "surplus":
            surplus[line.identifier] = line.status
        if line.event == "foreign":
            surplus.pop(line.identifier, None)
        if line.event == "batch":
            batches = _batches_after(batches, line)
        if line.identifier and line.event != "batch":
            known.add(line.identifier)
    return Ledger(lines=tuple(lines), entries=entries, known=frozenset(known), batches=batches, surplus=surplus)


def _entry_after(entry: Entry, line: Line) -> Entry:
    """A job after one more line."""
    if line.event == "submitting":
        return replace(entry, attempts=(*entry.attempts, Attempt(tag=line.tag)))
    if line.event == "submitted":
        if line.tag not in {attempt.tag for attempt in entry.attempts}:
            # the line before it is damaged: the job is there all the same
            entry = replace(entry, attempts=(*entry.attempts, Attempt(tag=line.tag)))
        return _with_attempt(entry, line, identifier=line.identifier, over=False)
    if line.event in ("refused", "absent"):
        return _with_attempt(entry, line, over=True)
    if line.event == "settled":
        known = next((each.identifier for each in entry.attempts if each.tag == line.tag), "")
        # the line that told the id tells it no more, or another: then the platform is asked by the tag once more
        agreed = known == line.identifier
        return _with_attempt(entry, line, settled=agreed, identifier=known if agreed else "")
    if line.event == "final":
        return replace(entry, state=line.status, reason=line.reason, seconds=line.seconds)
    if line.event == "again":
        given_up = _with_attempt(entry, line, over=True)
        return replace(given_up, state="", reason="", seconds=None, collected="", digest="")
    if line.event == "collected":
        return replace(entry, collected=line.raw, digest=line.sha256)
    return entry


def _with_attempt(entry: Entry, line: Line, **changed: Any) -> Entry:
    """A job with the attempt that a line is about changed."""
    attempts = (replace(each, **changed) if each.tag == line.tag else each for each in entry.attempts)
    return replace(entry, attempts=tuple(attempts))


def _batches_after(batches: Mapping[str, str], line: Line) -> dict[str, str]:
    """Batches after one more line: an opening without an answer stays as one without an id."""
    after = {**batches, line.identifier: line.status}
    if line.status in ("open", "refused"):
        after.pop("", None)
    return after


def status_of(entry: Entry) -> JobStatus:
    """What the journal says of a job: its last word if it is final, or that it waits, or that it was never sent."""
    waiting: State = "QUEUED" if entry.identifier else ""
    finished: dict[str, State] = {state: state for state in FINAL}
    state = finished.get(entry.state, waiting)
    return JobStatus(identifier=entry.identifier, state=state, reason=entry.reason, seconds=entry.seconds)
