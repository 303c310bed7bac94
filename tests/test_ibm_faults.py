"""All 66 faults that the bare client was tried with, each as a run through hotward, and how it ends.

The client alone loses results, pays twice or hangs under most of them. Every scenario has a deadline from outside;
after each, the platform's truth is held against the journal's (`Lab.assert_ended`): no job that is not known, none
left running, no session open, no secret told, every result stored once, byte by byte.
"""

from __future__ import annotations

import json
import logging
import pickle
import threading
import time
import typing
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from conftest import Call
from fake_ibm import API_KEY, LocalPlatform
from ibm_scenarios import Aside, Lab, Scenario, forked, lines, nothing, surplus
from qiskit import ClassicalRegister, QuantumCircuit

import devices
from devices import PendingRun, RunRecord, UnfinishedRun
from devices.chip import layout as _layout
from devices.errors import (
    NotAuthorised,
    NotFound,
    PlatformError,
    Refused,
    Silent,
    TooManyRequests,
    Unintelligible,
    Unreachable,
)
from devices.ibm import PROGRAMS, credentials, open_cloud
from devices.ibm import client as _client
from devices.ibm import device as _device
from devices.ibm.sampler import decoded
from devices.record import journal
from devices.remote import Patience, run_tag
from protocols import RequestError

SCENARIOS: dict[str, Scenario] = {}


@pytest.fixture
def lab(platform: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    return Lab(platform, tmp_path / "runs", monkeypatch, call)


def scenario(fault: str, ends: str) -> Callable[[Callable[[Lab], None]], Callable[[Lab], None]]:
    """Enters a scenario under the name of its function."""

    def entered(play: Callable[[Lab], None]) -> Callable[[Lab], None]:
        SCENARIOS[play.__name__] = Scenario(fault, ends, play)
        return play

    return entered


# -- submission: 16


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A fault of POST /jobs, and what the submission of one job comes to."""

    fault: Mapping[str, typing.Any]
    raises: type[PlatformError] | None = None
    """What the process ends with; then the next one completes the run."""
    attempts: int = 1
    """Of the first process, each with a tag of its own."""


SUBMISSIONS: Mapping[str, tuple[str, str, Submission]] = {
    "submit_429": (
        "429 without Retry-After, for as long as the process lives",
        "backs off twice, gives up; nothing was submitted; a later collect submits and completes",
        Submission(fault={"code": 429, "times": -1}, raises=TooManyRequests, attempts=3),
    ),
    "submit_429_retry_after": (
        "429 with Retry-After, once",
        "backs off, sends again under a new tag: one job, complete",
        Submission(fault={"code": 429, "headers": {"Retry-After": "1"}}, attempts=2),
    ),
    "submit_500_once": (
        "500 before processing, once",
        "unknown, settled by its tag as absent, sent again under a new tag: one job, complete",
        Submission(fault={"code": 500}, attempts=2),
    ),
    "submit_500_always": (
        "500 before processing, for as long as the process lives",
        "unknown and absent three times, gives up; nothing was submitted; a later collect submits and completes",
        Submission(fault={"code": 500, "times": -1}, raises=Unreachable, attempts=3),
    ),
    "submit_503_once": (
        "503 once",
        "unknown, settled as absent, sent again under a new tag: one job, complete",
        Submission(fault={"code": 503}, attempts=2),
    ),
    "submit_drop_before": (
        "connection dropped before processing",
        "unknown, settled as absent, sent again under a new tag: one job, complete",
        Submission(fault={"action": "drop_before"}, attempts=2),
    ),
    "submit_drop_after": (
        "job created, connection dropped before the reply",
        "found by its tag and adopted: one job, complete",
        Submission(fault={"action": "drop_after"}),
    ),
    "submit_reply_truncated": (
        "job created, reply cut in half",
        "found by its tag and adopted: one job, complete",
        Submission(fault={"action": "truncate"}),
    ),
    "submit_reply_garbage": (
        "job created, 200 with HTML",
        "found by its tag and adopted: one job, complete",
        Submission(fault={"action": "garbage"}),
    ),
    "submit_401": (
        "401",
        "refused: nothing was submitted; a later collect submits and completes",
        Submission(fault={"code": 401}, raises=NotAuthorised),
    ),
    "submit_403": (
        "403",
        "refused: nothing was submitted; a later collect submits and completes",
        Submission(fault={"code": 403}, raises=NotAuthorised),
    ),
    "submit_404": (
        "404, which the client calls an unknown program",
        "refused: nothing was submitted; a later collect submits and completes",
        Submission(fault={"code": 404}, raises=NotFound),
    ),
    "submit_413": (
        "413",
        "refused: nothing was submitted; a later collect submits and completes",
        Submission(fault={"code": 413}, raises=Refused),
    ),
}


def play_submission(lab: Lab, case: Submission) -> Path:
    fault = lab.platform.fault(kind="submit", **{"action": "status", **case.fault})
    prepared = lab.prepared()
    run, before = prepared.run, len(lab.jobs)
    if case.raises:
        go_on = f"Nothing is lost: hotward collect {run}"
        lab.fails(case.raises, lambda: devices.submit(prepared, nothing), go_on)
        assert len(lab.jobs) == before
    else:
        devices.submit(prepared, nothing)
    assert fault.hits >= 1
    assert len(lines(run, "submitting")) == case.attempts
    assert len(lines(run, "refused") + lines(run, "absent")) == case.attempts - (case.raises is None)
    # twins are cancelled at once, not only when the run is collected
    assert surplus(run) == Counter({"CANCELLED": len(lab.jobs) - before - 1} if len(lab.jobs) > before + 1 else {})
    posts = lab.seen("submit")
    lab.platform.clear_faults()
    lab.collected(run)
    assert lab.seen("submit") == posts + (case.raises is not None)
    tags = [line["tag"] for line in lines(run, "submitting")]
    assert len(set(tags)) == len(tags) == case.attempts + (case.raises is not None)
    assert {job.tags for job in lab.jobs[before:]} <= {(run_tag(run), tag) for tag in tags}
    return run


def play_one_job(lab: Lab, case: Submission) -> None:
    """No request is repeated but by hotward, and one job comes of them."""
    run = play_submission(lab, case)
    assert lab.statuses == ["Completed"]
    assert lab.seen("submit") == len(lines(run, "submitting"))
    assert surplus(run) == {}


for _name, (_fault, _ends, _case) in SUBMISSIONS.items():
    SCENARIOS[_name] = Scenario(_fault, _ends, lambda lab, case=_case: play_one_job(lab, case))


def play_twins(lab: Lab, made: int, adopted: int, **fault: typing.Any) -> None:
    """With the client's repeats switched off: one job. With them, as if the switch were gone: twins, cancelled."""
    case = Submission(fault={"action": "status_after", "code": 500, **fault})
    play_one_job(lab, case)
    lab.monkeypatch.setattr(_client, "_harden", lambda client: None)
    for number in range(made):
        # a twin that has not run yet can be cancelled
        lab.platform.job_fault(outcome="slow" if number == adopted else "stuck")
    before = lab.seen("submit")
    run = play_submission(lab, case)
    assert lab.seen("submit") - before == made
    wanted = ["Cancelled"] * made
    wanted[adopted] = "Completed"
    assert lab.statuses == ["Completed", *wanted]
    assert surplus(run) == Counter(CANCELLED=made - 1)


@scenario(
    "job created, then 500, once: the bare client makes two jobs and knows the second",
    "not repeated: one job, found by its tag. If it were: the twin is found, cancelled, recorded as surplus. Complete",
)
def submit_500_after_once(lab: Lab) -> None:
    play_twins(lab, 2, adopted=1)


@scenario(
    "job created, then 500, always: the bare client makes six jobs and knows none",
    "not repeated: one job, found by its tag. If it were: one is adopted, five are cancelled and recorded. Complete",
)
def submit_500_after_always(lab: Lab) -> None:
    play_twins(lab, 6, adopted=0, times=-1)


@scenario(
    "the reply is late; the job comes after the deadline, after it was sent again, after the run is sealed",
    "one job, one job; then two each, for the first came when nobody could know: found by a later collect and recorded",
)
def submit_slow(lab: Lab) -> None:
    lab.platform.fault(kind="submit", action="delay", seconds=2)
    lab.flown()
    assert lab.statuses == ["Completed"]
    for comes in ("before it is sent again", "before it is collected", "after it is sealed"):
        twins = int(comes != "before it is sent again")
        before = len(lab.jobs)
        lab.patience(submission=0.5, settling=0.5)
        late = lab.platform.fault(kind="submit", action="hold")
        prepared = lab.prepared()
        lab.fails(Silent, lambda prepared=prepared: devices.submit(prepared, nothing))
        assert len(lab.jobs) == before
        lab.patience()
        if comes == "before it is collected":
            devices.submit(replace(prepared, device=lab.device()), nothing)
        if comes == "after it is sealed":
            lab.collected(prepared.run)
        assert len(lab.jobs) == before + twins
        late.release.set()
        while len(lab.jobs) == before + twins:
            time.sleep(0.01)
        lab.finished()
        lab.collected(prepared.run)
        assert len(lab.jobs) == before + 1 + twins
        # it has run, so it cannot be cancelled: what it cost is in the journal
        assert surplus(prepared.run) == Counter(["DONE"] * twins)
        assert all(line["seconds"] for line in lines(prepared.run, "surplus") if line["status"])


# -- waiting: 11


@dataclass(frozen=True, kw_only=True)
class Question:
    """A fault of a question about a job that is waited for: it is asked again, and the run completes."""

    fault: Mapping[str, typing.Any]
    sampler: str = "executor"
    read: int = 1
    """How often the platform gave the result."""
    rejected: int = 0
    """Files that were received, were not the result, and are kept under another name."""


WAITING: Mapping[str, tuple[str, str, Question]] = {
    "poll_500_once": ("status poll: 500 once", "the wait goes on; complete", Question(fault={"code": 500})),
    "poll_500_always": (
        "status poll: 500 for a while",
        "the wait goes on; complete",
        Question(fault={"code": 500, "times": 6}),
    ),
    "poll_429": ("status poll: 429", "the wait goes on; complete", Question(fault={"code": 429})),
    "poll_429_retry_after": (
        "status poll: 429 with Retry-After: 2",
        "the wait goes on; complete",
        Question(fault={"code": 429, "headers": {"Retry-After": "2"}}),
    ),
    "poll_drop_once": (
        "status poll: dropped once",
        "the wait goes on; complete",
        Question(fault={"action": "drop_before"}),
    ),
    "poll_drop_always": (
        "status poll: dropped for a while",
        "the wait goes on; complete",
        Question(fault={"action": "drop_before", "times": 6}),
    ),
    "poll_truncated": (
        "status poll: body cut (declared length)",
        "the wait goes on; complete",
        Question(fault={"action": "truncate"}),
    ),
    "poll_garbage": (
        "status poll: 200 with HTML",
        "the wait goes on; complete",
        Question(fault={"action": "garbage"}),
    ),
    "poll_404": ("status poll: 404 once", "the wait goes on; complete", Question(fault={"code": 404})),
    "poll_401": ("status poll: 401 once", "a new token, and on; complete", Question(fault={"code": 401})),
}
RESULTS: Mapping[str, tuple[str, str, Question]] = {
    "result_500_once": ("results: 500 once", "fetched again; complete", Question(fault={"code": 500})),
    "result_drop_once": (
        "results: dropped once",
        "fetched again; complete",
        Question(fault={"action": "drop_before"}),
    ),
    "result_truncated": (
        "results: body cut (declared length)",
        "fetched again; complete",
        Question(fault={"action": "truncate"}, read=2),
    ),
    "result_truncated_clean_sampler": (
        "results: body cut, length consistent; legacy sampler, where the client returns a str",
        "the file is put aside, fetched again; complete",
        Question(fault={"action": "truncate_clean"}, sampler="legacy", read=2, rejected=1),
    ),
    "result_truncated_clean_executor": (
        "results: body cut, length consistent; executor, where the client raises TypeError",
        "the file is put aside, fetched again; complete",
        Question(fault={"action": "truncate_clean"}, read=2, rejected=1),
    ),
    "result_empty": (
        "results: empty 200, where the client returns None",
        "fetched again; complete",
        Question(fault={"action": "empty"}, sampler="legacy", read=2),
    ),
    "result_garbage": (
        "results: HTML 200, where the client returns a str",
        "the file is put aside, fetched again; complete",
        Question(fault={"action": "garbage"}, sampler="legacy", read=2, rejected=1),
    ),
    "private_ok_twice": (
        "a result of a private job can be read once: hotward makes none",
        "somebody else reads the result first; complete",
        Question(fault={"action": "delay", "seconds": 0}, read=2),
    ),
    "private_truncated": (
        "the first read of a private job is cut and the data are gone: hotward makes none",
        "fetched again; complete",
        Question(fault={"action": "truncate"}, sampler="legacy", read=2),
    ),
    "private_drop": (
        "the first read of a private job is dropped and the data are gone: hotward makes none",
        "fetched again; complete",
        Question(fault={"action": "drop_after"}, read=2),
    ),
}


def play_question(lab: Lab, kind: str, case: Question, read_by_another: bool = False) -> None:
    run = lab.submitted(sampler=case.sampler)
    lab.finished()
    if read_by_another:
        lab.platform.store.read(lab.jobs[0])
    times = case.fault.get("times", 1)
    fault = lab.platform.fault(kind=kind, **{"action": "status", **case.fault})
    lab.collected(run)
    assert fault.hits == times
    assert lab.seen("submit") == 1
    assert [job.read for job in lab.jobs] == [case.read]
    assert lab.jobs[0].program == {"legacy": "sampler", "executor": "executor"}[case.sampler]
    assert len([*(run / "raw").glob("job-000.rejected-*")]) == case.rejected == len(lines(run, "rejected"))


for _name, (_fault, _ends, _question) in WAITING.items():
    SCENARIOS[_name] = Scenario(_fault, _ends, lambda lab, case=_question: play_question(lab, "job", case))
for _name, (_fault, _ends, _question) in RESULTS.items():
    SCENARIOS[_name] = Scenario(
        _fault,
        _ends,
        lambda lab, case=_question, twice=_name == "private_ok_twice": play_question(lab, "results", case, twice),
    )


@scenario(
    "status poll: never answered",
    "collect ends at its own deadline, or with Silent when the outage lasts too long; collected afterwards",
)
def poll_hang(lab: Lab) -> None:
    run = lab.submitted()
    lab.patience(answer=0.7, outage=0.5)
    lab.platform.fault(kind="job", action="hang", times=-1)
    lab.fails(Silent, lambda: devices.collect(run, seconds=1))
    lab.fails(Silent, lambda: devices.collect(run, seconds=3600))
    lab.platform.clear_faults()
    lab.patience()
    lab.collected(run)
    assert lab.seen("submit") == 1


@scenario(
    "any request is never answered; the client has a read timeout only as a private attribute, and then takes 27 s",
    "every question has a deadline from outside: Silent, and the run goes on afterwards, from where it was",
)
def hang_with_read_timeout(lab: Lab) -> None:
    def hurried(**seconds: float) -> devices.Prepared:
        """A run that was prepared in good time, and is impatient from then on."""
        prepared = lab.prepared()
        prepared.device.cloud.patience = replace(prepared.device.cloud.patience, **seconds)
        return prepared

    lab.patience(answer=0.5)
    lab.platform.fault(kind="backends", action="hang", times=-1)
    lab.fails(Silent, lab.prepared)
    assert not lab.run_exists
    lab.platform.clear_faults()
    lab.patience()
    late, unsettled = hurried(submission=0.5, settling=0.5), hurried(answer=0.5, settling=0.5)
    lab.platform.fault(kind="submit", action="hang", times=-1)
    lab.fails(Silent, lambda: devices.submit(late, nothing))
    lab.platform.clear_faults()
    # sent and not to be asked for: not sent again before that
    lab.platform.fault(kind="submit", action="drop_after")
    lab.platform.fault(kind="list-jobs", action="hang", skip=1, times=-1)
    for _ in range(2):
        lab.fails(Unreachable, lambda: devices.submit(unsettled, nothing), "not known", "not sent again")
    late.device.cloud.patience = unsettled.device.cloud.patience
    lab.fails(Silent, lambda: devices.submit(late, nothing))
    assert [len(lines(each.run, "submitting")) for each in (late, unsettled)] == [1, 1]
    lab.platform.clear_faults()
    lab.collected(late.run)
    lab.finished()
    lab.patience(answer=0.5)
    lab.platform.fault(kind="results", action="hang", times=-1)
    lab.fails(Silent, lambda: devices.collect(unsettled.run, seconds=3600))
    lab.platform.clear_faults()
    lab.patience()
    lab.collected(unsettled.run)
    assert lab.statuses == ["Completed", "Completed"]


# -- jobs: 7


def reported(lab: Lab, *words: str, **fault: typing.Any) -> None:
    """The first job does not finish: reported with its reason; submitted again only when asked for."""
    lab.platform.job_fault(**fault)
    run = lab.submitted(jobs=2)
    for _ in range(2):
        lab.fails(PendingRun, lambda: devices.collect(run, seconds=60), "1 of 2 jobs", "--resubmit", *words)
    assert len(lab.jobs) == 2
    (final,) = [line for line in lines(run, "final") if line["job"] == 0]
    assert final["id"] == lab.jobs[0].id
    lab.collected(run, resubmit=True)
    assert lab.statuses[1:] == ["Completed", "Completed"]
    assert lab.jobs[1].read == 1


@scenario("job FAILED with a reason", "reported with the reason; --resubmit completes, and only that job is new")
def job_failed(lab: Lab) -> None:
    reported(lab, "ERROR", "control electronics", outcome="fail", reason="Fault of control electronics", code=9701)


@scenario("job cancelled by the platform", "reported; --resubmit completes, and only that job is new")
def job_cancelled(lab: Lab) -> None:
    reported(lab, "CANCELLED", outcome="cancelled")


@scenario("job cancelled, reason_code 1305", "reported as too long; --resubmit completes, and only that job is new")
def job_ran_too_long(lab: Lab) -> None:
    reported(lab, "ERROR", "maximum execution time", outcome="ran_too_long")


@scenario(
    "max_execution_time exceeded",
    "every job has a limit, that of the journal; one that reaches it is reported; --resubmit completes",
)
def job_max_execution_time(lab: Lab) -> None:
    held = lab.platform.job_fault(outcome="hold_queued")
    run = lab.submitted()
    (sent,) = lines(run, "submitting")
    assert (
        lab.jobs[0].cost
        == sent["max_execution_time"]
        == json.loads((run / "start.json").read_text())["cost"]["seconds_at_most"]
        > 60
    )
    # as if the limit were below what the job takes
    lab.platform.store.change_job(lab.jobs[0].id, cost=0.5)
    held.release.set()
    lab.fails(PendingRun, lambda: devices.collect(run, seconds=60), "maximum execution time", "--resubmit")
    lab.collected(run, resubmit=True)
    assert lab.statuses == ["Cancelled", "Completed"]


@scenario("queued for ever", "collect ends at its deadline with a pending run, which can be cancelled")
def job_stuck_timeout(lab: Lab) -> None:
    lab.platform.job_fault(outcome="stuck")
    run = lab.submitted()
    for seconds in (0, 1):
        lab.fails(PendingRun, lambda seconds=seconds: devices.collect(run, seconds=seconds), "1 queued")
    assert lab.statuses == ["Queued"]
    devices.cancel(run)
    assert lab.statuses == ["Cancelled"]
    with pytest.raises(UnfinishedRun, match="cancelled by the user"):
        devices.collect(run)
    assert lab.seen("submit") == 1


@scenario("seconds in the queue", "waited for; complete")
def job_slow_queue(lab: Lab) -> None:
    lab.platform.job_fault(outcome="slow", queue_s=2)
    lab.flown()
    assert lab.statuses == ["Completed"]


@scenario(
    "the platform invents a status word",
    "reported with the word after a few looks, not waited for; the run can be cancelled",
)
def job_unknown_status(lab: Lab) -> None:
    word = "Cancelled - Ran too long"
    lab.platform.job_fault(outcome="status", status=word)
    run = lab.submitted()
    while lab.statuses != [word]:
        time.sleep(0.01)
    before = lab.seen("job")
    lab.fails(Unintelligible, lambda: devices.collect(run, seconds=None), word.upper())
    assert lab.seen("job") - before <= 20
    devices.cancel(run)
    assert lab.statuses == ["Cancelled"]


# -- sessions and batches: 5


@scenario(
    "a batch reaches its max_ttl between two submissions, or while the second is on its way",
    "the rest goes into a new batch; no job is lost, both batches are closed; complete",
)
def session_expired(lab: Lab) -> None:
    for on_its_way in (False, True):
        refusing = lab.platform.fault(kind="submit", skip=1, action="hold" if on_its_way else "status", code=403)
        prepared = lab.prepared(jobs=3)
        submitting = Aside(lambda prepared=prepared: devices.submit(prepared, nothing))
        assert refusing.arrived.wait(60)
        lab.finished()
        (batch,) = lab.platform.open_sessions()
        lab.platform.age_sessions(batch.max_ttl)
        assert lab.platform.open_sessions() == []
        refusing.release.set()
        lab.fails(Refused if on_its_way else NotAuthorised, submitting.outcome)
        assert len(lines(prepared.run, "submitted")) == 1
        lab.collected(prepared.run)
        assert len({line["id"] for line in lines(prepared.run, "batch") if line["state"] == "closed"}) == 2
    assert lab.statuses == ["Completed"] * 6
    assert lab.seen("submit") == 8
    assert Counter(job.session_id for job in lab.jobs) == Counter(
        dict(zip(lab.platform.sessions, [1, 2, 1, 2], strict=True))
    )


@scenario(
    "a batch is closed by the platform while jobs are queued",
    "the running job is kept, the cancelled ones are reported; --resubmit completes in a new batch",
)
def batch_closed_with_queued_jobs(lab: Lab) -> None:
    running = lab.platform.job_fault(outcome="hold_running")
    lab.platform.job_fault(outcome="stuck", times=2)
    run = lab.submitted(jobs=3)
    assert running.arrived.wait(60)
    (batch,) = lab.platform.sessions
    lab.platform.store.close_session(batch, cancel=True)
    running.release.set()
    lab.finished()
    lab.fails(PendingRun, lambda: devices.collect(run), "1 of 3 jobs", "2 did not finish", "--resubmit")
    lab.collected(run, resubmit=True)
    assert lab.statuses == ["Completed", "Cancelled", "Cancelled", "Completed", "Completed"]
    assert lab.jobs[0].read == 1
    assert [job.session_id for job in lab.jobs] == [batch] * 3 + [[*lab.platform.sessions][1]] * 2


@scenario(
    "the open plan has no sessions",
    "hotward asks for a batch, never a session: complete; where a batch is refused too, jobs go out without",
)
def session_open_plan(lab: Lab) -> None:
    lab.monkeypatch.setenv("QISKIT_IBM_INSTANCE", lab.platform.crn("lab-open"))
    lab.flown(jobs=2)
    assert [session.mode for session in lab.platform.sessions.values()] == ["batch"]
    lab.platform.fault(kind="open-session", action="status", code=400, error_code=1352, times=-1)
    lab.flown(jobs=2)
    assert [job.session_id is None for job in lab.jobs] == [False, False, True, True]
    assert {job.crn for job in lab.jobs} == {lab.platform.crn("lab-open")}


@scenario(
    "the batch cannot be closed after good results",
    "results and the sealed run in spite of it; said by status; a later collect closes it and changes nothing else",
)
def batch_exit_fails(lab: Lab) -> None:
    lab.platform.fault(kind="close-session", action="status", code=400, times=-1)
    run = lab.flown(jobs=2)
    assert len(lab.platform.open_sessions()) == 1
    assert "is open" in " ".join(devices.states(run)[1])
    lab.collected(run)
    assert len(lab.platform.open_sessions()) == 1
    lab.platform.clear_faults()
    counts = (run / "counts.csv").read_bytes()
    lab.collected(run)
    assert devices.states(run)[1] == []
    assert (run / "counts.csv").read_bytes() == counts
    assert [job.read for job in lab.jobs] == [1, 1]


@scenario(
    "POST /sessions processed, reply dropped: a batch without a known id",
    "recorded as lost and with a limit of its own; it holds no job, all go out without; complete",
)
def session_create_drop_after(lab: Lab) -> None:
    lab.platform.fault(kind="open-session", action="drop_after")
    run = lab.submitted(jobs=2)
    assert [job.session_id for job in lab.jobs] == [None, None]
    (lost,) = lab.platform.open_sessions()
    asked = [line["seconds"] for line in lines(run, "batch") if line["state"] == "opening"]
    assert asked == [lost.max_ttl]
    assert "without an answer" in " ".join(devices.states(run)[1])
    lab.collected(run)
    assert len(lab.platform.sessions) == 1


# -- cancelling: 1


@scenario(
    "cancel: done, then 500 (the client says it was not); of a finished job; refused",
    "what counts is the state afterwards; finished results are kept; what runs on is said, and cancelled later",
)
def cancel_cases(lab: Lab) -> None:
    lab.platform.job_fault(outcome="slow")
    lab.platform.job_fault(outcome="stuck")
    run = lab.submitted(jobs=2)
    lab.finished(lab.jobs[0].id)
    lab.platform.fault(kind="cancel", action="status", code=403, times=-1)
    with pytest.raises(PendingRun, match="could not be cancelled") as still:
        devices.cancel(run)
    assert "hotward cancel" in str(still.value)
    assert not (run / "stop.json").exists()
    lab.platform.clear_faults()
    lab.platform.fault(kind="cancel", action="status_after", code=500)
    assert [look.state for look in devices.cancel(run)] == ["DONE", "CANCELLED"]
    assert lab.statuses == ["Completed", "Cancelled"]
    assert (run / "raw" / "job-000.json").read_text() == lab.jobs[0].result
    assert json.loads((run / "stop.json").read_text())["status"] == "failed"
    with pytest.raises(devices.RunError, match="to cancel"):
        devices.cancel(run)


# -- the account: 8


@scenario("the access token expires while a job is waited for", "renewed; only tokens are sent; complete")
def token_expiry(lab: Lab) -> None:
    # the client counts a token as expired 10 s before it is
    lab.platform.accounts.token_ttl = 12
    lab.platform.job_fault(outcome="slow", seconds=5)
    before = lab.seen("iam")
    lab.flown()
    assert lab.seen("iam") - before > 3
    assert {request.auth for request in lab.platform.requests} == {"Bearer", ""}


@scenario(
    "IAM is down when the token must be renewed: the client would send the API key in its place",
    "nothing is sent at all; collect ends when the outage lasts too long, and completes when it is over",
)
def iam_down(lab: Lab) -> None:
    lab.platform.accounts.token_ttl = 12
    lab.patience(answer=0.8, outage=1)
    prepared = lab.prepared()
    devices.submit(prepared, nothing)
    lab.platform.clock.sleep(2.5)
    lab.platform.fault(kind="iam", action="status", code=503, times=-1)
    asked = len(lab.platform.requests)
    # the client's token manager waits for a minute between two tries
    lab.fails((Unreachable, Silent), lambda: devices.collect(prepared.run, seconds=3600, prepared=prepared))
    lab.fails((Unreachable, Silent), lambda: devices.collect(prepared.run, seconds=3600))
    assert {request.kind for request in lab.platform.requests[asked:]} == {"iam"}
    lab.platform.clear_faults()
    lab.platform.accounts.token_ttl = 3600
    lab.patience()
    lab.collected(prepared.run)
    assert lab.seen("submit") == 1


@scenario(
    "the same, while warnings are silenced and a question that was given up is still under way",
    "nothing is sent with the key: that does not rest on a filter of warnings that anybody may change",
)
def iam_down_guarded(lab: Lab) -> None:
    run = lab.submitted()
    lab.platform.accounts.token_ttl = 12
    clouds = [open_cloud(), open_cloud()]
    # the client counts a token as expired 10 s before it is
    lab.platform.clock.sleep(2.5)
    asked, others = len(lab.platform.requests), set(threading.enumerate())
    for cloud, action in zip(clouds, ("drop_before", "hang"), strict=True):
        cloud.patience = replace(cloud.patience, answer=0.8)
        struck = lab.platform.fault(kind="iam", action=action, times=-1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            lab.fails((Unreachable, Silent), lambda cloud=cloud: cloud.look(lab.jobs[0].id))
        assert struck.hits
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            lab.platform.clear_faults()
            for thread in set(threading.enumerate()) - others:
                if thread.name.startswith("hotward: "):
                    thread.join(60)
    assert {request.kind for request in lab.platform.requests[asked:]} == {"iam"}
    assert not any(request.leaks_key for request in lab.platform.requests)
    lab.platform.accounts.token_ttl = 3600
    lab.collected(run)


@scenario(
    "wrong key; an instance that the key does not open; Global Search or IAM down",
    "a line or two that name the argument and the repair, status 2; of an outage, status 1; nothing is begun",
)
def construction_errors(lab: Lab) -> None:
    lab.monkeypatch.setenv("QISKIT_IBM_TOKEN", "WRONG-SECRET-KEY")
    lab.refused(2, "QISKIT_IBM_TOKEN", "does not know the API key")
    lab.monkeypatch.setenv("QISKIT_IBM_TOKEN", API_KEY)
    lab.monkeypatch.setenv("QISKIT_IBM_INSTANCE", lab.platform.crn("lab-premium").replace("us-east", "eu-de"))
    lab.refused(2, "QISKIT_IBM_INSTANCE", "lab-premium", "lab-open")
    lab.monkeypatch.setenv("QISKIT_IBM_INSTANCE", lab.platform.crn("lab-premium"))
    for kind, code in (("search", 503), ("search", 418), ("iam", 503)):
        lab.platform.fault(kind=kind, action="status", code=code, times=-1)
        said = lab.refused(1)
        # the client says so whatever is wrong, but the key is good
        assert "valid API token" not in said.err
        lab.platform.clear_faults()
    assert not any("WRONG-SECRET-KEY" in text for text in lab.texts)


@scenario(
    "the usage endpoint is down",
    "nothing is submitted: what is left cannot be known; status 1 and one line; or, later on, asked again",
)
def usage_endpoint_down(lab: Lab) -> None:
    lab.patience(answer=1)
    lab.platform.fault(kind="usage", action="status", code=500, times=-1)
    lab.refused(1, "usage of the instance")
    lab.platform.clear_faults()
    lab.patience()
    # the client asks for it before every submission
    prepared = lab.prepared()
    lab.platform.fault(kind="usage", action="status", code=403)
    lab.fails(NotAuthorised, lambda: devices.submit(prepared, nothing))
    assert lab.seen("submit") == 0
    lab.collected(prepared.run)
    assert lab.seen("submit") == 1


@scenario(
    "two instances offer the same backend: which one is charged?",
    "the one that is named, by CRN or by name; where none is, none is chosen: status 2 and a list",
)
def instance_mixup(lab: Lab) -> None:
    charged = []
    for given in (lab.platform.crn("lab-premium"), "lab-open", "lab-premium", lab.platform.crn("lab-open")):
        lab.monkeypatch.setenv("QISKIT_IBM_INSTANCE", given)
        for sampler in ("executor", "legacy"):
            lab.flown(sampler=sampler)
            charged.append(lab.platform.instances[lab.jobs[-1].crn].name)
    assert charged == [name for name in ("lab-premium", "lab-open") * 2 for _ in range(2)]
    done = len(lab.jobs)
    for given in ("", "lab"):
        lab.monkeypatch.setenv("QISKIT_IBM_INSTANCE", given)
        said = lab.refused(2, "QISKIT_IBM_INSTANCE", "never chooses who pays")
        assert all(f"{instance.name} ({crn})" in said.err for crn, instance in lab.platform.instances.items())
    lab.monkeypatch.delenv("QISKIT_IBM_INSTANCE")
    lab.refused(2, "QISKIT_IBM_INSTANCE", "is not set")
    assert len(lab.jobs) == done


@scenario(
    "several instances: a batch taken up by its id",
    "in the instance of the run, or not at all: another instance in the environment is refused with its name",
)
def session_from_id_multi_instance(lab: Lab) -> None:
    premium, other = lab.platform.crn("lab-premium"), lab.platform.crn("lab-open")
    lab.platform.fault(kind="submit", skip=1, action="status", code=403)
    prepared = lab.prepared(jobs=2)
    lab.fails(NotAuthorised, lambda: devices.submit(prepared, nothing))
    lab.monkeypatch.setenv("QISKIT_IBM_INSTANCE", other)
    for doing in (devices.collect, devices.states, devices.cancel):
        with pytest.raises(RequestError, match="QISKIT_IBM_INSTANCE must be the instance") as met:
            doing(prepared.run)
        assert premium in str(met.value)
    lab.monkeypatch.setenv("QISKIT_IBM_INSTANCE", "lab-premium")
    lab.collected(prepared.run)
    (batch,) = lab.platform.sessions.values()
    assert batch.crn == premium
    assert [(job.session_id, job.crn) for job in lab.jobs] == [(batch.id, premium)] * 2
    assert {request.crn for request in lab.requests("submit") + lab.requests("session")} == {premium}


class Kept(logging.Handler):
    """Every record, as it would be written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
        self.records: list[logging.LogRecord] = []
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self.text += self.format(record) + "\n"


@scenario(
    "where does the API key show up?",
    "nowhere: not in DEBUG records of any library, reprs, pickles, output or files; no account is saved",
)
def token_leaks(lab: Lab) -> None:
    kept = Kept()
    named = [logging.getLogger(name) for name in (None, *logging.Logger.manager.loggerDict)]
    before = [(logger, logger.level) for logger in named]
    logging.getLogger().addHandler(kept)
    try:
        for logger, _ in before:
            logger.setLevel(logging.DEBUG)
        logging.getLogger("passmanager").setLevel(logging.WARNING)
        lab.platform.fault(kind="submit", action="drop_after")
        lab.platform.fault(kind="job", action="status", code=401)
        lab.platform.fault(kind="results", action="garbage")
        run = lab.flown()
        lab.platform.fault(kind="job", action="status", code=403, times=-1)
        said = lab.commanded("--debug", "submit", *lab.tiny, "--yes")
        assert said.status == 0
        assert lab.commanded("--debug", "collect", said.run, "--wait", 5).status == 1
        lab.platform.clear_faults()
        lab.collected(said.run)
        token = lab.requests("job")[-1]
        assert token.auth == "Bearer"
        # somebody else's careless records
        signed = json.loads(json.dumps(lab.platform.accounts.token()))["access_token"]
        logging.getLogger("somebody").debug("Authorization: Bearer %s", signed)
        logging.getLogger("somebody").warning(f"apikey={API_KEY}")
    finally:
        logging.getLogger().removeHandler(kept)
        for logger, level in before:
            logger.setLevel(level)
    assert {"urllib3.connectionpool", "somebody"} <= {record.name for record in kept.records}
    device = lab.device()
    shown = [kept.text, repr(device), repr(device.cloud), repr(credentials()), str(vars(device.cloud))]
    for text in (*shown, *lab.texts):
        assert API_KEY not in text
        assert "eyJ" not in text
    for thing in (credentials(), device.cloud):
        with pytest.raises(Exception, match=r"secret|pickle"):
            pickle.dumps(thing)
    assert lab.statuses == ["Completed"] * 2
    assert run.exists()


@scenario(
    "an ibm-credentials.env in the working directory redirects Global Search, bearer token and all",
    "it changes nothing: not a request goes there",
)
def credentials_file_hijack(lab: Lab) -> None:
    trap = lab.runs.parent / "trap"
    trap.mkdir()
    with LocalPlatform() as other:
        hosts = {"GLOBAL_SEARCH_URL": other.origin, "GLOBAL_CATALOG_URL": other.origin, "IAM_URL": other.origin}
        (trap / "ibm-credentials.env").write_text("".join(f"{name}={value}\n" for name, value in hosts.items()))
        lab.monkeypatch.chdir(trap)
        lab.monkeypatch.delenv("IBM_CREDENTIALS_FILE", raising=False)
        lab.flown()
        assert lab.commanded("backends", "--json").status == 0
        assert other.requests == []


# -- the rest: 7


@scenario(
    "killed (-9) while the submission is on its way: job made before, after, or never",
    "the next process finds it by its tag, or sends it again where it is not: one job each, complete",
)
def kill_during_submit(lab: Lab) -> None:
    for action, drop, attempts in (("hold_after", False, 1), ("hold", False, 1), ("hold", True, 2)):
        fault = lab.platform.fault(kind="submit", action=action, drop=drop)
        before = len(lab.jobs)
        process = forked(lab.runs / action / str(drop))
        assert fault.arrived.wait(60)
        process.kill()
        process.join()
        assert process.exitcode == -9
        fault.release.set()
        while lab.requests("submit")[-1].status is None:
            time.sleep(0.01)
        assert len(lab.jobs) == before + (not drop)
        (run,) = (lab.runs / action / str(drop)).iterdir()
        moved = run.rename(lab.runs / run.name)
        lab.collected(moved)
        assert len(lab.jobs) == before + 1
        assert len(lines(moved, "submitting")) == attempts
        for empty in (lab.runs / action / str(drop), lab.runs / action):
            empty.rmdir()


@scenario("how chatty is waiting?", "asks less and less often: a few requests where the client makes hundreds")
def polling_rate(lab: Lab) -> None:
    # the ratio of the default patience: 3 s here are a minute there, in which the client asks 140 times
    scale = 20
    usual = Patience()
    lab.patience(tick=usual.tick / scale, longest_tick=usual.longest_tick / scale)
    lab.platform.job_fault(outcome="slow", queue_s=3)
    lab.flown()
    # looks after 0, 2, 5, 9.5, 16, 26, 42, 65 s, a fifth more often with jitter; two requests each
    assert lab.seen("job") <= 2 * 11 + 2
    assert len(lab.platform.requests) <= 60


FRACTIONAL = {"backend": "ibm_fracfive", "fractional": True}


@scenario(
    "a circuit that is not ISA, an angle of rzz out of range, unequal shots: the client-side sampler takes all",
    "refused before anything is submitted, with what is wrong",
)
def client_side_checks(lab: Lab) -> None:
    on_chip = _layout.on_chip

    def spoilt(spoil: Callable[[QuantumCircuit], object]) -> Callable[..., QuantumCircuit]:
        def executed(*arguments: typing.Any) -> QuantumCircuit:
            circuit = on_chip(*arguments)
            spoil(circuit)
            return circuit

        return executed

    wrong = {
        "has no h on qubits 0": (lambda circuit: circuit.h(0), {}),
        "has no cx on qubits 0, 4": (lambda circuit: circuit.cx(0, 4), {}),
        "rzz angles from 0 to pi/2": (lambda circuit: circuit.rzz(2.5, 0, 1), FRACTIONAL),
        "-0.1": (lambda circuit: circuit.rzz(-0.1, 0, 1), FRACTIONAL),
        "a register called c": (lambda circuit: circuit.add_register(ClassicalRegister(1, "not a word")), {}),
    }
    for said, (spoil, options) in wrong.items():
        lab.monkeypatch.setattr(_layout, "on_chip", spoilt(spoil))
        lab.fails(RequestError, lambda options=options: lab.prepared(**options), said)
    lab.monkeypatch.setattr(_layout, "on_chip", on_chip)
    jobs = _device.jobs_by_pass

    def uneven(*arguments: typing.Any) -> tuple[devices.Job, ...]:
        first, *others = jobs(*arguments)
        slots = (replace(first.slots[0], shots=first.slots[0].shots + 1), *first.slots[1:])
        return (replace(first, slots=slots), *others)

    lab.monkeypatch.setattr(_device, "jobs_by_pass", uneven)
    lab.fails(RequestError, lab.prepared, "shots")
    lab.monkeypatch.setattr(_device, "jobs_by_pass", jobs)
    assert not lab.run_exists
    assert lab.seen("submit") == lab.seen("open-session") == 0
    lab.flown(**FRACTIONAL)


@scenario("5 submissions in a while and not more, 7 jobs", "paced: each is sent once, none refused; complete")
def rate_limit(lab: Lab) -> None:
    lab.platform.settings.rate_limit = (5, 2.0)
    lab.patience(minute=2.5)
    lab.flown(jobs=7)
    assert [request.status for request in lab.requests("submit")] == [200] * 7
    assert lab.statuses == ["Completed"] * 7


@scenario(
    "jobs are deleted while they are listed, where the client lists for ever; and there are many of them",
    "a bounded number of requests, and a job too many is found behind any number of known ones",
)
def pagination_livelock(lab: Lab) -> None:
    run = lab.submitted()
    lab.finished()
    own = lab.jobs[0]

    def another(status: str, number: int) -> None:
        fields = ("crn", "backend", "program", "params", "session_id", "cost")
        job = lab.platform.store.add_job(
            lambda: None, **{name: own[name] for name in fields}, tags=(run_tag(run),), status=status
        )
        if number:
            # as of an earlier attempt that is settled
            journal.append(run, "surplus", id=job.id, tag="earlier", status="CANCELLED")

    for number in range(80, 0, -1):
        another("Cancelled", number)
    another("Queued", 0)
    listing = lab.platform.fault(kind="list-jobs", action="delay", seconds=0.3, times=-1)
    forgetting = Aside(lambda: listing.arrived.wait(60) and [lab.platform.forget(job.id) for job in lab.jobs[1:10]])
    before = lab.seen("list-jobs")
    lab.collected(run)
    forgetting.outcome()
    assert lab.seen("list-jobs") - before <= 5
    assert lab.jobs[-1].status == "Cancelled"
    assert surplus(run) == Counter(CANCELLED=81)


@scenario("what is stored is what was received", "byte for byte, with both programs, and it decodes without a platform")
def raw_capture(lab: Lab) -> None:
    for sampler, program in PROGRAMS.items():
        run = lab.flown(sampler=sampler)
        asked = len(lab.platform.requests)
        raw = (run / "raw" / "job-000.json").read_bytes()
        assert raw.decode() == lab.jobs[-1].result
        assert lab.jobs[-1].program == program
        result = decoded(raw.decode(), program)
        assert type(result).__name__ == "PrimitiveResult"
        counts = RunRecord.open(run).counts()["count"].sum()
        assert counts == sum(part.data.c.num_shots * part.data.c.size for part in result) == 64
        assert len(lab.platform.requests) == asked


SLOW = {
    # the client's own repeats, or answers that really do not come, have to be waited for
    "submit_slow", "submit_500_after_always", "hang_with_read_timeout", "iam_down", "usage_endpoint_down",
    # processes; `test_killed_as_it_writes_a_line` is the same in this one
    "kill_during_submit",
    # each has a sibling with the same ending
    "submit_429_retry_after", "submit_503_once", "submit_drop_before", "submit_reply_truncated", "submit_403",
    "submit_404", "submit_413", "poll_429", "poll_429_retry_after", "poll_500_once", "poll_drop_once",
    "poll_drop_always", "poll_truncated", "poll_garbage", "poll_404", "result_500_once", "result_drop_once",
    "result_truncated", "result_empty", "private_ok_twice", "private_truncated", "private_drop", "job_cancelled",
    "job_ran_too_long", "job_slow_queue", "session_expired", "session_open_plan", "batch_closed_with_queued_jobs",
    "instance_mixup", "polling_rate", "credentials_file_hijack", "raw_capture", "iam_down_guarded",
}  # fmt: skip
"""Those that the default tier leaves out."""


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in SCENARIOS])
def test_every_fault_ends_as_it_should(name: str, lab: Lab) -> None:
    Aside(lambda: SCENARIOS[name].play(lab)).outcome()
    lab.assert_ended()


def test_there_are_66_scenarios() -> None:
    assert len(SCENARIOS) == 66
    assert set(SCENARIOS) >= SLOW
    assert all(scenario.fault and scenario.ends for scenario in SCENARIOS.values())
