"""Submission and waiting on any platform: a few lines of Python stand for one, and the clock is ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from devices import Job, JobStatus
from devices.errors import (
    DamagedRun,
    NotFound,
    PlatformError,
    Refused,
    Silent,
    TooManyRequests,
    Unintelligible,
    Unreachable,
)
from devices.model import State
from devices.record import JOBS, Line, journal, ledger_of, read_journal
from devices.remote import Clock, Patience, call_with_deadline, collection, state_now, submission
from devices.remote.last_word import confirmed_look

JOB = Job(index=0, seed=1, slots=(), digest="abc")


class CountingClock(Clock):
    """Shows what was slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def seconds(self) -> float:
        return sum(self.slept)

    def today(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=sum(self.slept))

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Desk:
    """A platform that does as it is told: what each submission makes and answers."""

    def __init__(self, *answers: Callable[[Desk, list[str]], str]) -> None:
        self.clock = CountingClock()
        self.patience = Patience(clock=self.clock)
        self.jobs: dict[str, frozenset[str]] = {}
        self.states: dict[str, list[JobStatus | PlatformError]] = {}
        self.cancelled: list[str] = []
        self.sent = 0
        self.answers = [*answers]
        self.listing: PlatformError | None = None

    def made(self, tags: list[str]) -> str:
        identifier = f"d{len(self.jobs)}"
        self.jobs[identifier] = frozenset(tags)
        return identifier

    def submit(self, send: Callable[[Any], Any], mode: Any) -> str:
        self.sent += 1
        return str(send(mode))

    def tagged(self, tag: str) -> dict[str, frozenset[str]]:
        if self.listing:
            raise self.listing
        return {identifier: tags for identifier, tags in self.jobs.items() if tag in tags}

    def tags_of(self, identifier: str) -> frozenset[str]:
        return self.jobs[identifier]

    def look(self, identifier: str) -> JobStatus:
        if identifier in self.cancelled:
            return JobStatus(identifier=identifier, state="CANCELLED")
        seen = self.states[identifier].pop(0)
        if isinstance(seen, PlatformError):
            raise seen
        return seen

    def result(self, identifier: str) -> bytes:
        return b"text"

    def cancel(self, identifier: str) -> JobStatus:
        self.cancelled.append(identifier)
        return JobStatus(identifier=identifier, state="CANCELLED")


def accepts(desk: Desk, tags: list[str]) -> str:
    return desk.made(tags)


def refuses(desk: Desk, tags: list[str]) -> str:
    raise Refused("400")


def is_busy(desk: Desk, tags: list[str]) -> str:
    raise TooManyRequests("429")


def breaks(desk: Desk, tags: list[str]) -> str:
    raise Unreachable("500")


def breaks_after(desk: Desk, tags: list[str]) -> str:
    desk.made(tags)
    raise Unreachable("500")


def breaks_twice_after(desk: Desk, tags: list[str]) -> str:
    desk.made(tags)
    desk.made(tags)
    raise Unreachable("500")


def is_silent(desk: Desk, tags: list[str]) -> str:
    raise Silent("nothing")


def submitted(desk: Desk, run: Path) -> str:
    def send(mode: Any, tags: list[str]) -> str:
        return desk.answers.pop(0)(desk, tags)

    return submission.submit(desk, run, JOB, send, lambda: None, {})


def events(run: Path) -> list[str]:
    return [line.event for line in read_journal(run).lines]


@pytest.mark.parametrize(
    ("answers", "told", "cancelled"),
    [
        ([accepts], ["submitting", "submitted", "settled"], []),
        ([breaks_after], ["submitting", "answer", "submitted", "settled"], []),
        ([breaks, accepts], ["submitting", "answer", "absent", "submitting", "submitted", "settled"], []),
        ([is_busy, accepts], ["submitting", "answer", "refused", "submitting", "submitted", "settled"], []),
        ([breaks_twice_after], ["submitting", "answer", "submitted", "surplus", "surplus", "settled"], ["d1"]),
    ],
    ids=["accepted", "unknown and adopted", "unknown and absent", "busy", "twin"],
)
def test_a_job_is_submitted_once(
    tmp_path: Path, answers: list[Callable[[Desk, list[str]], str]], told: list[str], cancelled: list[str]
) -> None:
    desk = Desk(*answers)
    assert submitted(desk, tmp_path) == "d0"
    assert events(tmp_path) == told
    assert desk.cancelled == cancelled
    assert desk.sent == len(answers)
    assert read_journal(tmp_path).entry(0).identifier == "d0"
    # whoever comes later finds it and sends nothing
    assert submission.made_before(desk, tmp_path, JOB) == "d0"


@pytest.mark.parametrize(("answer", "error"), [(refuses, Refused), (is_silent, Silent)])
def test_what_is_refused_or_silent_is_not_sent_again(
    tmp_path: Path, answer: Callable[[Desk, list[str]], str], error: type[PlatformError]
) -> None:
    desk = Desk(answer, accepts)
    with pytest.raises(error):
        submitted(desk, tmp_path)
    assert desk.sent == 1
    assert not read_journal(tmp_path).entry(0).identifier


def test_nothing_is_sent_again_while_the_first_is_not_settled(tmp_path: Path) -> None:
    desk = Desk(breaks_after)
    desk.patience = Patience(clock=desk.clock, settling=100.0)
    listed = desk.tagged

    def down_after_the_first(tag: str) -> dict[str, frozenset[str]]:
        if desk.sent:
            raise Unreachable("503")
        return listed(tag)

    desk.tagged = down_after_the_first  # type: ignore[method-assign]
    with pytest.raises(Unreachable, match="not sent again blindly"):
        submitted(desk, tmp_path)
    assert desk.clock.seconds() == 100.0
    desk.tagged = listed  # type: ignore[method-assign]
    assert submission.made_before(desk, tmp_path, JOB) == "d0"
    assert desk.sent == 1


def test_a_journal_that_lost_a_job_sends_nothing(tmp_path: Path) -> None:
    desk = Desk(accepts)
    desk.made([submission.run_tag(tmp_path), "of an attempt that is not in the journal"])
    with pytest.raises(DamagedRun, match="d0"):
        submitted(desk, tmp_path)
    assert desk.sent == 0


@pytest.mark.parametrize(
    "damaged",
    [
        '{"job": 0, "tag": "t"}',
        '{"event": "submitting", "job": 0}',
        '{"event": "submitting", "tag": "t"}',
        '{"event": "submitted", "job": "0", "id": "d1"}',
    ],
)
def test_nothing_is_done_on_the_word_of_a_damaged_line(damaged: str, tmp_path: Path) -> None:
    (tmp_path / JOBS).write_text('{"event": "intended", "job": 0}\n' + damaged + "\n")
    with pytest.raises(DamagedRun, match="Restore it from a copy"):
        read_journal(tmp_path)
    # a line that a crash has torn is no damage
    (tmp_path / JOBS).write_text('{"event": "intended", "job": 0}\n' + damaged[:-3])
    assert [line.event for line in read_journal(tmp_path).lines] == ["intended"]


def test_five_submissions_a_minute_and_no_more(tmp_path: Path) -> None:
    desk = Desk()
    sent = []
    for index in range(12):
        job = Job(index=index, seed=1, slots=(), digest="")
        submission.submit(desk, tmp_path, job, lambda mode, tags: desk.made(tags), lambda: None, {})
        sent.append(desk.clock.seconds())
    assert sent == [0.0] * 5 + [60.0] * 5 + [120.0] * 2


def test_looks_become_rarer_and_an_outage_ends_the_wait(tmp_path: Path) -> None:
    desk = Desk(accepts)
    submitted(desk, tmp_path)
    running = JobStatus(identifier="d0", state="RUNNING")
    desk.states["d0"] = [Unreachable("502"), *[running] * 8, JobStatus(identifier="d0", state="DONE", seconds=2.5)]
    rounds: list[str] = []
    (last,) = collection.wait(desk, tmp_path, [JOB], None, lambda looks: rounds.append(looks[0].state))
    assert last.state == "DONE"
    assert rounds == ["QUEUED", *["RUNNING"] * 8, "DONE"]
    assert len(desk.clock.slept) == 9
    # from 2 s by half each time to 60 s, with a fifth of jitter
    for number, pause in enumerate(desk.clock.slept):
        assert 0.8 <= pause / min(2 * 1.5**number, 60) <= 1.2
    assert read_journal(tmp_path).platform_jobs[0].seconds == 2.5
    other = Desk()
    other.states["d0"] = [Unreachable("502")] * 1000
    journal.append(tmp_path, "again", job=0, tag=read_journal(tmp_path).entry(0).attempts[0].tag)
    journal.append(tmp_path, "submitted", job=0, tag="later", id="d0")
    with pytest.raises(Unreachable):
        collection.wait(other, tmp_path, [JOB], None, lambda looks: None)
    assert 900 <= other.clock.seconds() <= 900 + 72


def seen(desk: Desk, run: Path, *states: State | PlatformError) -> str:
    """What a wait comes to that is told one state after another."""
    looks = [each if isinstance(each, PlatformError) else JobStatus(identifier="d0", state=each) for each in states]
    desk.states["d0"] = looks
    (last,) = collection.wait(desk, run, [JOB], None, lambda looks: None)
    assert desk.states["d0"] == []
    return last.state


@pytest.mark.parametrize(
    ("first", "second", "ends"),
    [
        (["ERROR", "DONE"], [], "DONE"),
        (["CANCELLED", "RUNNING", "ERROR", "ERROR"], [], "ERROR"),
        (["ERROR", "CANCELLED", "ERROR", "DONE"], [], "DONE"),
        (["ERROR", Unreachable("502"), "DONE"], [], "DONE"),
        # every process asks again where there is no result
        (["ERROR", "ERROR"], ["ERROR"], "ERROR"),
        (["ERROR", "ERROR"], ["DONE"], "DONE"),
        (["ERROR", "ERROR"], ["RUNNING", "DONE"], "DONE"),
        (["CANCELLED", "CANCELLED"], ["ERROR", "QUEUED", "DONE"], "DONE"),
        (["DONE"], ["RUNNING", "ERROR", "ERROR"], "ERROR"),
    ],
)
def test_a_bad_end_is_believed_when_it_is_said_twice_and_never_for_ever(
    tmp_path: Path, first: list[State | PlatformError], second: list[State | PlatformError], ends: str
) -> None:
    desk = Desk(accepts)
    submitted(desk, tmp_path)
    last = seen(desk, tmp_path, *first)
    if second:
        assert read_journal(tmp_path).entry(0).state == last
        last = seen(desk, tmp_path, *second)
    assert last == ends == read_journal(tmp_path).entry(0).state
    wrong = [line.status for line in read_journal(tmp_path).lines if line.event == "final" and line.status != ends]
    assert len(wrong) <= len(second)


def test_a_job_that_never_makes_up_its_mind_is_no_answer(tmp_path: Path) -> None:
    desk = Desk()
    desk.states["d0"] = [JobStatus(identifier="d0", state=state) for state in ("ERROR", "CANCELLED") * 3]
    with pytest.raises(Unintelligible, match="contradicts itself"):
        confirmed_look(desk, "d0")


@pytest.mark.parametrize(("answers", "state"), [(4, "DONE"), (5, "ERROR")])
def test_a_job_that_is_not_found_is_gone_when_that_was_said_five_times(answers: int, state: str) -> None:
    desk = Desk()
    desk.states["d0"] = [*[NotFound("404")] * answers, JobStatus(identifier="d0", state="DONE")]
    assert state_now(desk, "d0").state == state


def test_a_deadline_is_one_of_real_time() -> None:
    assert call_with_deadline("three", lambda: 3, within=30, translate=ValueError) == 3
    with pytest.raises(ValueError, match="no"):
        call_with_deadline("it", lambda: int("no"), within=30, translate=lambda error: ValueError(str(error)))


def test_lines_that_are_damaged_or_new_do_no_harm() -> None:
    lines = [
        Line.of({}),
        Line.of({"event": "weather", "job": "zero", "seconds": "long"}),
        Line.of({"event": "submitted", "job": 0, "tag": "t", "id": "d1"}),
        Line.of({"event": "swept"}),
    ]
    book = ledger_of(lines)
    assert book.entry(0).identifier == "d1"
    assert book.swept
    assert not book.cancelled
    assert [job.identifier for job in book.platform_jobs] == ["d1"]
