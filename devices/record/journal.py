"""What happened to each job, read from the lines of jobs.jsonl; the lines are written before and after every step.

intended            the job as planned: digest and shots
submitting          an attempt is about to be sent; its own tag is in the line
submitted           the platform answered with an id, or the tag found one
refused, absent     the attempt made no job: said by the platform, or settled by its tag
settled             the tag was asked for, whatever the answer was: no twin, or all of them known
surplus             a twin of an attempt, or a job of this run that nobody knew: cancelled, with its state
final               the platform's last word: state, reason, QPU seconds
received            the raw result is on disk
rejected            and is not what was asked for; renamed
collected           verified
again               the job is to be submitted once more, after a failure that the user has seen
batch               opening, open, unknown, closed
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from devices.model import FINAL, JobStatus, State
from devices.record import disk as _disk
from devices.record.files import JOBS


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
    """All of a run."""

    entries: Mapping[int, Entry] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    """Every id ever seen, surplus ones too."""
    batches: Mapping[str, str] = field(default_factory=dict)
    """Batch id -> its last known state; "" stands for one whose id was never learnt."""
    surplus: Mapping[str, str] = field(default_factory=dict)
    """Id of a job too many -> its last known state."""
    cancelled: bool = False
    submissions: tuple[str, ...] = ()
    """When each attempt was sent (ISO time)."""

    def entry(self, job: int) -> Entry:
        """What is known of one job."""
        return self.entries.get(job, Entry())


def read(run: Path) -> Ledger:
    """The ledger of a run.

    Raises:
        OSError: If it is there and cannot be read: it must not be taken for an empty one.
    """
    if (run / JOBS).exists():
        (run / JOBS).read_bytes()
    return ledger(_disk.read_lines(run / JOBS))


def ledger(lines: Sequence[Mapping[str, Any]]) -> Ledger:
    """The same of its lines, in order.

    >>> sent = {"event": "submitting", "job": 0, "tag": "t"}
    >>> book = ledger([sent, {"event": "submitted", "job": 0, "tag": "t", "id": "d1"}])
    >>> book.entry(0).identifier, book.entry(0).open.settled
    ('d1', False)
    """
    entries: dict[int, Entry] = {}
    batches: dict[str, str] = {}
    surplus: dict[str, str] = {}
    known: set[str] = set()
    for line in lines:
        if "job" in line:
            index = int(line["job"])
            entries[index] = _after(entries.get(index, Entry()), line)
        if line["event"] == "surplus":
            surplus[str(line["id"])] = str(line.get("status", ""))
        if line["event"] == "batch":
            batches = _batches(batches, line)
        if line.get("id") and line["event"] != "batch":
            known.add(str(line["id"]))
    return Ledger(
        entries=entries,
        known=frozenset(known),
        batches=batches,
        surplus=surplus,
        cancelled=any(line["event"] == "cancelled" for line in lines),
        submissions=tuple(str(line["time"]) for line in lines if line["event"] == "submitting" and "time" in line),
    )


def _after(entry: Entry, line: Mapping[str, Any]) -> Entry:
    """A job after one more line."""
    event = line["event"]
    if event == "submitting":
        return replace(entry, attempts=(*entry.attempts, Attempt(tag=str(line["tag"]))))
    if event == "submitted":
        if line.get("tag") not in {attempt.tag for attempt in entry.attempts}:
            # the line before it is damaged: the job is there all the same
            entry = replace(entry, attempts=(*entry.attempts, Attempt(tag=str(line.get("tag")))))
        return _with(entry, line, identifier=str(line["id"]), over=False)
    if event in ("refused", "absent"):
        return _with(entry, line, over=True)
    if event == "settled":
        return _with(entry, line, settled=True)
    if event == "final":
        seconds = line.get("seconds")
        return replace(entry, state=str(line["status"]), reason=str(line.get("reason", "")), seconds=seconds)
    if event == "again":
        given_up = _with(entry, line, over=True)
        return replace(given_up, state="", reason="", seconds=None, collected="", digest="")
    if event == "collected":
        return replace(entry, collected=str(line["raw"]), digest=str(line.get("sha256", "")))
    return entry


def _with(entry: Entry, line: Mapping[str, Any], **changed: Any) -> Entry:
    """A job with the attempt that a line is about changed."""
    attempts = (replace(one, **changed) if one.tag == line.get("tag") else one for one in entry.attempts)
    return replace(entry, attempts=tuple(attempts))


def _batches(batches: Mapping[str, str], line: Mapping[str, Any]) -> dict[str, str]:
    """Batches after one more line: an opening without an answer stays as one without an id."""
    state = str(line["state"])
    identifier = str(line.get("id", ""))
    after = {**batches, identifier: state}
    if state in ("open", "refused"):
        after.pop("", None)
    return after


def known(entry: Entry) -> JobStatus:
    """What the journal says already."""
    waiting: State = "QUEUED" if entry.identifier else ""
    finished: dict[str, State] = {state: state for state in FINAL}
    state = finished.get(entry.state, waiting)
    return JobStatus(identifier=entry.identifier, state=state, reason=entry.reason, seconds=entry.seconds)
