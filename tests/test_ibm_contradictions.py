"""A platform, or something before it, that says what is not so: lists, states, results that a reader must not believe.

Each is named for what was lost when a stranger tried it: a colleague's jobs, a measured job, bits.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import typing
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from conftest import Call, slow
from fake_ibm import Job, LocalPlatform
from foreign_replies import arrays
from ibm_quantum_schemas.common import CompressedTensorModel
from ibm_scenarios import Lab, lines, nothing, surplus
from ibm_truth import assert_complete
from qiskit_ibm_runtime import RuntimeDecoder, RuntimeEncoder

import devices
from devices import RunError
from devices.errors import Silent, Unintelligible, Unreachable
from devices.ibm import decoded, open_cloud
from devices.record import journal
from devices.remote import run_tag
from devices.remote.hold import resumable
from protocols import RequestError


@pytest.fixture
def lab(platform: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    return Lab(platform, tmp_path / "runs", monkeypatch, call)


def colleague(lab: Lab, *tags: str, number: int = 2) -> list[Job]:
    """Jobs of somebody else that wait in the same instance, older than all of ours."""
    fields = {"crn": lab.platform.crn("lab-premium"), "backend": "ibm_manila", "program": "sampler", "params": {}}
    return [
        lab.platform.store.add_job(lambda: None, **fields, session_id=None, cost=600, tags=tags, status="Queued")
        for _ in range(number)
    ]


def untouched(lab: Lab, jobs: list[Job]) -> bool:
    return [lab.platform.jobs[job.id].status for job in jobs] == ["Queued"] * len(jobs)


def listing(lab: Lab, change: Callable[[dict[str, typing.Any]], None] = lambda job: None) -> Callable[[bytes], bytes]:
    """The list of all jobs of the instance, whatever was asked for."""

    def edit(body: bytes) -> bytes:
        jobs = [job.view(params=False) for job in lab.jobs]
        for job in jobs:
            change(job)
        return json.dumps({**json.loads(body), "jobs": jobs, "count": len(jobs)}).encode()

    return edit


# -- a list of jobs that is not filtered


@pytest.mark.parametrize("when", ["settling", "at the last sweep", "of a run that is done", "always"])
def test_the_jobs_of_a_colleague_survive_a_list_that_is_not_filtered(lab: Lab, when: str) -> None:
    others = colleague(lab, "colleague")
    run = lab.prepared().run if when in ("settling", "always") else lab.submitted()
    if when == "of a run that is done":
        lab.collected(run)
    skip = {"settling": 1}.get(when, 0)
    fault = lab.platform.fault(
        kind="list-jobs", action="edit", edit=listing(lab), skip=skip, times=-1 if when == "always" else 1
    )
    lab.collected(run)
    assert fault.hits
    assert untouched(lab, others)
    assert surplus(run) == {}
    assert [job.status for job in lab.jobs[2:]] == ["Completed"]
    assert not {job.id for job in others} & {str(line.get("id")) for line in lines(run, "surplus")}


def test_nothing_is_cancelled_with_a_run_but_its_own_jobs(lab: Lab) -> None:
    others = [*colleague(lab, "colleague"), *colleague(lab, "hotward-of-another-run")]
    lab.platform.job_fault(outcome="stuck", times=-1)
    run = lab.submitted(jobs=2)
    lab.platform.fault(kind="list-jobs", action="edit", edit=listing(lab), times=-1)
    devices.cancel(run)
    assert untouched(lab, others)
    assert [job.status for job in lab.jobs[4:]] == ["Cancelled"] * 2


def without_tags(job: dict[str, typing.Any]) -> None:
    del job["tags"]


def with_empty_tags(job: dict[str, typing.Any]) -> None:
    job["tags"] = []


@pytest.mark.parametrize("change", [without_tags, with_empty_tags])
def test_a_list_without_tags_is_no_answer(lab: Lab, change: Callable[[dict[str, typing.Any]], None]) -> None:
    """Neither that the jobs are ours follows from it, nor that there is none of ours."""
    others = colleague(lab)
    prepared = lab.prepared()
    fault = lab.platform.fault(kind="list-jobs", action="edit", edit=listing(lab, change), times=-1)
    lab.fails(Unintelligible, lambda: devices.submit(prepared, nothing), "does not tell", "hotward collect")
    assert fault.hits
    assert lab.seen("submit") == 0
    fault.times = 2
    lab.collected(prepared.run)
    assert untouched(lab, others)
    assert [job.status for job in lab.jobs[2:]] == ["Completed"]


def test_a_submission_without_an_answer_is_not_taken_for_absent_on_a_list_without_tags(lab: Lab) -> None:
    """Its job would run, unknown, beside the one that is sent in its place."""
    prepared = lab.prepared()
    lab.platform.fault(kind="submit", action="drop_after")
    lab.platform.fault(kind="list-jobs", action="edit", edit=listing(lab, without_tags), skip=1, times=-1)
    with pytest.raises(devices.PlatformError, match="not sent again blindly"):
        devices.submit(prepared, nothing)
    lab.platform.clear_faults()
    lab.collected(prepared.run)
    assert lab.seen("submit") == len(lab.jobs) == 1


@pytest.mark.parametrize("told", ["colleague", None, {"0": "colleague"}])
def test_a_list_that_tells_the_tags_of_some_alone_is_no_answer(lab: Lab, told: object) -> None:
    """The one of which it tells none may be ours: it would be sent a second time."""
    colleague(lab, "colleague")
    prepared = lab.prepared()

    def change(job: dict[str, typing.Any]) -> None:
        if "colleague" not in job["tags"]:
            job["tags"] = told

    lab.platform.fault(kind="submit", action="drop_after")
    lab.platform.fault(kind="list-jobs", action="edit", edit=listing(lab, change), skip=1, times=-1)
    with pytest.raises(devices.PlatformError, match="not sent again blindly"):
        devices.submit(prepared, nothing)
    lab.platform.clear_faults()
    lab.collected(prepared.run)
    assert lab.seen("submit") == 1


def test_a_list_that_goes_on_behind_the_jobs_of_others_is_no_answer(lab: Lab) -> None:
    others = colleague(lab, "colleague", number=1100)
    prepared = lab.prepared()

    def page(body: bytes) -> bytes:
        asked = lab.requests("list-jobs")[-1].query
        offset = int(dict(word.split("=") for word in asked.split("&")).get("offset", 0))
        jobs = [job.view(params=False) for job in others[offset : offset + 200]]
        return json.dumps({"jobs": jobs, "count": len(others), "offset": offset}).encode()

    lab.platform.fault(kind="list-jobs", action="edit", edit=page, times=-1)
    lab.fails(Unintelligible, lambda: devices.submit(prepared, nothing), "not all were listed")
    assert lab.seen("submit") == 0
    assert lab.seen("list-jobs") == 3 * 5


@pytest.mark.parametrize("count", [10**9, 0, -1, None, "many"])
def test_a_wrong_count_does_not_make_a_list_endless(lab: Lab, count: object) -> None:
    run = lab.submitted()
    lab.finished()
    before = lab.seen("list-jobs")

    def edit(body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "count": count}).encode()

    lab.platform.fault(kind="list-jobs", action="edit", edit=edit, times=-1)
    assert [*open_cloud().tagged(run_tag(run))] == [lab.jobs[0].id]
    assert lab.seen("list-jobs") - before <= 2
    lab.collected(run)


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"jobs": null, "count": 0}', b'{"jobs": [1], "count": 1}', b"null"])
def test_what_is_no_list_of_jobs_is_no_answer(lab: Lab, body: bytes) -> None:
    lab.platform.fault(kind="list-jobs", action="edit", edit=lambda _: body)
    with pytest.raises(Unintelligible):
        open_cloud().tagged("hotward-none")


# -- an id that is somebody else's


def test_an_answered_id_of_another_job_is_neither_adopted_nor_cancelled(lab: Lab) -> None:
    (other,) = colleague(lab, "colleague", number=1)
    prepared = lab.prepared()

    def another(body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "id": other.id}).encode()

    lab.platform.fault(kind="submit", action="edit", edit=another)
    lab.collected(prepared.run)
    assert untouched(lab, [other])
    assert [job.status for job in lab.jobs] == ["Queued", "Completed"]
    assert surplus(prepared.run) == {}


def test_a_journal_that_names_the_job_of_a_colleague_does_not_cancel_it(lab: Lab) -> None:
    others = colleague(lab, "colleague")
    lab.platform.job_fault(outcome="stuck")
    run = lab.submitted()
    # as an earlier version wrote it when it was told to cancel, and could not
    journal.append(run, "surplus", id=others[0].id, tag=run_tag(run), status="")
    own = lab.jobs[-1].id
    text = (run / "jobs.jsonl").read_text().replace(own, others[1].id)
    (run / "jobs.jsonl").write_text(text)
    (look,) = devices.cancel(run)
    assert "does not carry the tag" in look.reason
    assert untouched(lab, others)
    # the one that the run really made is found by its tag
    assert lab.platform.jobs[own].status == "Cancelled"
    assert devices.left_open(run) == []


def test_tags_that_are_not_told_cancel_nothing(lab: Lab) -> None:
    lab.platform.job_fault(outcome="stuck")
    run = lab.submitted()

    def edit(body: bytes) -> bytes:
        told = json.loads(body)
        del told["tags"]
        return json.dumps(told).encode()

    fault = lab.platform.fault(kind="job", action="edit", edit=edit, times=-1)
    with pytest.raises(RunError, match="does not say which tags"):
        devices.cancel(run)
    assert lab.statuses == ["Queued"]
    fault.times = 0
    devices.cancel(run)
    assert lab.statuses == ["Cancelled"]


# -- values that are no bits


WRONG_VALUES: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "NaN": lambda bits: np.where(bits, np.nan, 0.0),
    "all NaN": lambda bits: np.full(bits.shape, np.nan),
    "2": lambda bits: (bits * 2).astype(np.uint8),
    "255": lambda bits: np.full(bits.shape, 255, dtype=np.uint8),
    "-1": lambda bits: -bits.astype(np.int8),
    "0.5": lambda bits: bits / 2,
    "1.0": lambda bits: bits.astype(np.float64),
    "1j": lambda bits: bits * 1j,
}


@pytest.mark.parametrize("values", WRONG_VALUES)
def test_what_is_no_bit_is_no_result(lab: Lab, values: str) -> None:
    run = lab.submitted()
    lab.platform.fault(kind="results", action="edit", edit=arrays(WRONG_VALUES[values]))
    lab.collected(run)
    (rejected,) = lines(run, "rejected")
    assert "values other than 0 and 1 in c" in rejected["reason"]
    assert [path.name for path in (run / "raw").glob("*.rejected-*")] == ["job-000.rejected-1"]


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.bool_])
def test_zeros_and_ones_are_bits_whatever_their_type(lab: Lab, kind: type) -> None:
    run = lab.submitted()
    lab.finished()
    result = lab.jobs[0].result
    assert result is not None
    changed = arrays(lambda bits: bits.astype(kind))(result.encode()).decode()
    truth, read = (decoded(text, "executor")[0].data.c.get_counts() for text in (result, changed))
    assert truth == read
    lab.collected(run)


@pytest.mark.parametrize("twirling", ["measure"])
def test_what_was_flipped_for_twirling_is_looked_at_too(lab: Lab, twirling: str) -> None:
    run = lab.submitted(twirling=twirling)

    def edit(body: bytes) -> bytes:
        told = json.loads(body)
        for item in told["data"]:
            flips = item["results"]["measurement_flips.c"]
            bits = CompressedTensorModel.model_validate(flips).to_numpy()
            item["results"]["measurement_flips.c"] = CompressedTensorModel.from_numpy(
                (3 * bits).astype(np.uint8)
            ).model_dump()
        return json.dumps(told).encode()

    lab.platform.fault(kind="results", action="edit", edit=edit)
    lab.collected(run)
    assert "measurement_flips.c" in lines(run, "rejected")[0]["reason"]


def test_packed_bits_beyond_those_of_a_register_are_no_result(lab: Lab) -> None:
    run = lab.submitted(sampler="legacy")

    def edit(body: bytes) -> bytes:
        result = json.loads(body, cls=RuntimeDecoder)
        for part in result:
            part.data.c.array[:] = 255
        return json.dumps(result, cls=RuntimeEncoder).encode()

    lab.platform.fault(kind="results", action="edit", edit=edit)
    lab.collected(run)
    assert "more than the" in lines(run, "rejected")[0]["reason"]


# -- a state that is not so


def ending(word: str) -> Callable[[bytes], bytes]:
    """Another state than that of the job."""

    def edit(body: bytes) -> bytes:
        told = json.loads(body)
        return json.dumps({**told, "status": word, "state": {**told["state"], "status": word}}).encode()

    return edit


@pytest.mark.parametrize("word", ["Failed", "Cancelled"])
def test_one_false_end_is_not_believed(lab: Lab, word: str) -> None:
    run = lab.submitted()
    lab.finished()
    # the client asks for the job, then for its state
    fault = lab.platform.fault(kind="job", action="edit", edit=ending(word), times=2)
    lab.collected(run)
    assert fault.hits == 2
    assert [line["status"] for line in lines(run, "final")] == ["DONE"]
    assert lab.seen("submit") == 1


@pytest.mark.parametrize("word", ["Failed", "Cancelled"])
@pytest.mark.parametrize("resubmit", [False, True])
def test_a_false_end_that_was_believed_is_asked_for_again(lab: Lab, word: str, resubmit: bool) -> None:
    """Said so often that it was written down: the next process, and whoever pays again, learns the truth."""
    run = lab.submitted(jobs=2)
    lab.finished()
    fault = lab.platform.fault(kind="job", action="edit", edit=ending(word), path=lab.jobs[0].id, times=-1)
    lab.fails(devices.PendingRun, lambda: devices.collect(run), "1 did not finish")
    assert lab.seen("submit") == 2
    fault.times = 0
    states, _ = devices.states(run)
    assert [look.state for look in states] == ["DONE", "DONE"]
    lab.collected(run, resubmit=resubmit)
    assert lab.seen("submit") == 2
    assert lab.statuses == ["Completed", "Completed"]


def test_a_job_that_is_said_to_be_done_and_runs_is_not_paid_for_again(lab: Lab) -> None:
    held = lab.platform.job_fault(outcome="hold_running")
    run = lab.submitted()
    assert held.arrived.wait(60)
    fault = lab.platform.fault(kind="job", action="edit", edit=ending("Completed"), times=-1)
    lab.fails(Unintelligible, lambda: devices.collect(run, seconds=0), "is empty")
    fault.times = 0
    lab.fails(devices.PendingRun, lambda: devices.collect(run, seconds=0, resubmit=True), "1 running")
    held.release.set()
    lab.finished()
    lab.collected(run)
    assert lab.seen("submit") == 1


def test_a_job_that_is_said_not_to_be_there_once_is_not_paid_for_again(lab: Lab) -> None:
    run = lab.submitted()
    lab.finished()
    lab.platform.fault(kind="job", action="status", code=404, times=2)
    lab.collected(run, resubmit=True)
    assert lab.seen("submit") == 1


def test_a_false_end_does_not_keep_a_job_from_being_cancelled(lab: Lab) -> None:
    lab.platform.job_fault(outcome="stuck")
    run = lab.submitted()
    fault = lab.platform.fault(kind="job", action="edit", edit=ending("Failed"), times=-1)
    lab.fails(devices.PendingRun, lambda: devices.collect(run, seconds=0), "did not finish")
    assert lab.statuses == ["Queued"]
    fault.times = 0
    devices.cancel(run)
    assert lab.statuses == ["Cancelled"]


# -- bytes, keys, configurations


CONTENTS = ("text/plain", "text/plain; charset=latin-1", "application/json", "application/octet-stream", "text/html")


@pytest.mark.parametrize("content", CONTENTS)
def test_a_result_is_stored_byte_for_byte_whatever_its_header_says(lab: Lab, content: str) -> None:
    sent = []

    def edit(body: bytes) -> bytes:
        sent.append(body.replace(b"{", '{"note": "Clausius \u2603 caf\u00e9",'.encode(), 1))
        return sent[-1]

    run = lab.submitted()
    lab.platform.fault(kind="results", action="edit", edit=edit, content=content)
    devices.collect(run)
    assert (run / "raw" / "job-000.json").read_bytes() == sent[0]
    assert lines(run, "rejected") == []


@pytest.mark.parametrize("content", CONTENTS[:2])
def test_bytes_that_are_no_text_are_kept_as_they_were(lab: Lab, content: str) -> None:
    rubbish = bytes(range(256))
    run = lab.submitted()
    lab.platform.fault(kind="results", action="edit", edit=lambda body: rubbish, content=content)
    lab.collected(run)
    assert (run / "raw" / "job-000.rejected-1").read_bytes() == rubbish


@pytest.mark.parametrize(
    ("when", "code"),
    [("opening", 307), ("opening", 308), ("renewing", 307), slow("opening", 301), slow("opening", 302)],
)
def test_the_key_does_not_follow_a_redirect(lab: Lab, code: int, when: str) -> None:
    run, cloud = None, None
    with LocalPlatform() as portal:
        if when == "renewing":
            run = lab.submitted()
            lab.patience(answer=2, outage=1)
            lab.platform.accounts.token_ttl = 12
            cloud = open_cloud()
            # the client counts a token as expired 10 s before it is
            lab.platform.clock.sleep(2.5)
        headers = {"Location": f"{portal.origin}/identity/token"}
        struck = lab.platform.fault(kind="iam", action="status", code=code, headers=headers, times=-1)
        ask = partial(cloud.tagged, "a-tag") if cloud else open_cloud
        lab.fails((Unreachable, Silent), ask)
        assert struck.hits
        assert portal.requests == []
        assert not any(request.leaks_key for request in lab.platform.requests)
    lab.platform.clear_faults()
    lab.platform.accounts.token_ttl = 3600
    if run:
        lab.patience()
        lab.collected(run)


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "status", "code": 404},
        {"action": "status", "code": 429},
        {"action": "garbage"},
        {"action": "truncate"},
        {"action": "truncate_clean"},
        {"action": "empty"},
    ],
    ids=lambda fault: str(fault.get("code", fault["action"])),
)
def test_the_configuration_of_a_backend_is_asked_for_again(lab: Lab, fault: Mapping[str, typing.Any]) -> None:
    struck = lab.platform.fault(kind="configuration", **fault)
    lab.flown()
    assert struck.hits == 1


def test_a_configuration_that_never_comes_is_not_called_a_wrong_name(lab: Lab) -> None:
    lab.platform.fault(kind="configuration", action="garbage", times=-1)
    lab.fails(Unreachable, lab.prepared, "configuration of ibm_manila")
    lab.platform.clear_faults()
    with pytest.raises(RequestError, match="must be ibm:NAME"):
        lab.prepared(backend="ibm_nowhere")


@pytest.mark.parametrize("times", [1, -1])
def test_a_backend_whose_configuration_does_not_come_is_listed_and_said(lab: Lab, times: int) -> None:
    lab.platform.fault(kind="configuration", action="status", code=404, path="ibm_manila", times=times)
    said = lab.commanded("backends", "--json")
    assert said.status == 0, said.err
    rows = {row["name"]: row for row in json.loads(said.out)["backends"]}
    assert set(rows) == {"ibm_fez", "ibm_manila", "ibm_fracfive"}
    assert rows["ibm_manila"]["qubits"] == (5 if times == 1 else None)
    assert rows["ibm_manila"]["state"].startswith("active" if times == 1 else "not known: asked for the configuration")
    assert lab.commanded("backends").status == 0


def test_a_request_for_a_token_that_failed_does_not_hold_up_the_next(lab: Lab) -> None:
    """The SDK takes it for one under way, and would wait for it longer than an answer is waited for."""
    lab.patience(answer=5)
    # the client counts a token as expired 10 s before it is
    lab.platform.accounts.token_ttl = 12
    cloud = open_cloud()
    lab.platform.clock.sleep(2.5)
    lab.platform.accounts.token_ttl = 3600
    struck = lab.platform.fault(kind="iam", action="garbage")
    lab.fails(Unreachable, lambda: cloud.tagged("a-tag"), "identity service")
    assert struck.hits == 1
    assert cloud.tagged("a-tag") == {}


@pytest.mark.parametrize("kind", ["usage", slow("configuration"), slow("backend-status"), slow("properties")])
@pytest.mark.parametrize("status", [429, slow(503)])
def test_no_answer_makes_the_client_sleep_for_years(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, kind: str, status: int
) -> None:
    monkeypatch.setattr("devices.ibm.client._LONGEST_PAUSE", 0.1)
    for after in ("1000000000", "Fri, 01 Jan 2099 00:00:00 GMT"):
        lab.platform.fault(kind=kind, action="status", code=status, headers={"Retry-After": after})
    lab.flown()


@pytest.mark.parametrize("body", [b"null", b"{}"])
def test_a_calibration_that_does_not_come_is_asked_for_again(lab: Lab, body: bytes) -> None:
    """Without it the prediction of the noise would be that of a chip without relaxation."""
    struck = lab.platform.fault(kind="properties", action="edit", edit=lambda _: body)
    run = lab.flown()
    assert struck.hits == 1
    assert json.loads((run / "backend" / "properties.json").read_text())["qubits"]


# -- batches


@pytest.mark.parametrize(
    ("kind", "skip"),
    [("session", 1), slow("session", 0), slow("session", 2), ("backends", 2), slow("backends", 3), slow("session", 5)],
)
def test_a_batch_that_is_not_found_once_is_not_gone(lab: Lab, kind: str, skip: int) -> None:
    """It would stay open to its limit of eight hours, and another would be opened beside it."""
    struck = lab.platform.fault(kind=kind, action="status", code=404, skip=skip)
    prepared = lab.prepared(jobs=2)
    with contextlib.suppress(devices.PlatformError):
        devices.collect(prepared.run, seconds=60, prepared=prepared)
    assert struck.hits == 1
    lab.collected(prepared.run)
    assert lab.platform.open_sessions() == []
    assert lab.seen("open-session") == 1


def test_a_batch_that_says_once_that_it_is_full_is_closed_at_the_end(lab: Lab) -> None:
    def full(body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "state": "closed", "accepting_jobs": False}).encode()

    prepared = lab.prepared(jobs=2)
    struck = lab.platform.fault(kind="session", action="edit", edit=full, skip=2)
    devices.collect(prepared.run, seconds=60, prepared=prepared)
    assert struck.hits == 1
    assert [line["state"] for line in lines(prepared.run, "batch")].count("full") == 1
    assert lab.platform.open_sessions() == []
    assert devices.left_open(prepared.run) == []


def test_a_batch_that_is_gone_is_closed(lab: Lab) -> None:
    prepared = lab.prepared(jobs=2)
    lab.platform.fault(kind="session|close-session", action="status", code=404, skip=5, times=-1)
    devices.collect(prepared.run, seconds=60, prepared=prepared)
    assert devices.left_open(prepared.run) == []


# -- a journal that lost a line, or a bit


@pytest.mark.parametrize("event", ["submitting", "submitted", "settled"])
@pytest.mark.parametrize("damage", ["no text", "another tag", "gone"])
def test_no_line_of_a_journal_that_is_damaged_pays_a_job_twice(lab: Lab, event: str, damage: str) -> None:
    run = lab.submitted(jobs=2)
    others = colleague(lab, "colleague")
    path = run / "jobs.jsonl"
    whole = path.read_bytes().splitlines(keepends=True)
    at = max(number for number, line in enumerate(whole) if f'"event": "{event}"'.encode() in line)
    (tag,) = re.findall(rb"hotward-1-[0-9a-f]{12}-([0-9a-f]{24})", whole[at])
    changed = {"no text": b"\xff" + tag[1:], "another tag": bytes([tag[0] ^ 1]) + tag[1:]}
    whole[at] = whole[at].replace(tag, changed[damage]) if damage in changed else b""
    path.write_bytes(b"".join(whole))
    lab.collected(run)
    assert lab.seen("submit") == 2
    assert_complete(lab.platform, run)
    assert untouched(lab, others)


@pytest.mark.parametrize("event", ["submitted", "settled"])
@pytest.mark.parametrize("settled", [True, slow(False)])
def test_an_id_that_was_damaged_is_found_by_its_tag(lab: Lab, event: str, settled: bool) -> None:
    """It was called a job that the platform does not know, to be submitted again at its cost."""
    run = lab.submitted(jobs=2)
    path = run / "jobs.jsonl"
    whole = [json.loads(line) for line in path.read_text().splitlines()]
    if not settled:
        whole = [line for line in whole if line["event"] != "settled" or line["job"] != 1]
    for line in whole:
        if line["event"] == event and line["job"] == 1:
            line["id"] = "e" + line["id"][1:]
    path.write_text("".join(json.dumps(line) + "\n" for line in whole))
    lab.collected(run)
    assert lab.seen("submit") == 2


# -- two copies of a run, and places that cannot be written


def copies(lab: Lab, jobs: int) -> tuple[devices.Prepared, devices.Prepared]:
    """A run that was copied, under its name, before anything was submitted."""
    first = lab.prepared(jobs=jobs)
    other = lab.runs.parent / "copies" / first.run.name
    shutil.copytree(first.run, other)
    return first, replace(first, run=other, device=lab.device(jobs))


@pytest.mark.parametrize("sent", ["both the first", "one the first, one the second"])
def test_two_copies_that_were_submitted_at_the_same_time_both_end(lab: Lab, sent: str) -> None:
    """Each knows one job and not that of the other: both refused for ever."""
    lab.platform.job_fault(outcome="hold_queued", times=2)
    first, second = copies(lab, 2)

    def submitted(prepared: devices.Prepared, index: int) -> None:
        prepared.device.submit(prepared.plan, prepared.plan.jobs[index], prepared.run)

    # neither sees the job of the other: as if both had looked before both sent
    lab.platform.fault(kind="list-jobs", action="edit", edit=lambda body: b'{"jobs": [], "count": 0}', times=1)
    submitted(first, 0)
    lab.platform.fault(kind="list-jobs", action="edit", edit=lambda body: b'{"jobs": [], "count": 0}', times=1)
    submitted(second, 0 if sent == "both the first" else 1)
    assert lab.seen("submit") == 2
    for prepared in (first, second):
        devices.submit(prepared, nothing)
    lab.platform.faults.clear()
    for prepared in (first, second):
        devices.collect(prepared.run, seconds=60)
        assert_complete(lab.platform, prepared.run)
    needed = 3 if sent == "both the first" else 2
    assert lab.seen("submit") == needed
    assert sorted(lab.statuses) == ["Cancelled"] * (needed - 2) + ["Completed"] * 2


def test_two_copies_that_send_their_last_job_in_the_same_moment_pay_once(lab: Lab) -> None:
    """Nothing is sent after it that would look again: the one that was later sees the other as soon as it has sent."""
    waiting = lab.platform.job_fault(outcome="hold_queued", times=2)
    first, second = copies(lab, 1)
    for prepared in (first, second):
        lab.platform.fault(kind="list-jobs", action="edit", edit=lambda body: b'{"jobs": [], "count": 0}', times=1)
        devices.submit(prepared, nothing)
    assert lab.statuses == ["Queued", "Cancelled"]
    waiting.release.set()
    for prepared in (first, second):
        devices.collect(prepared.run, seconds=60)
        assert_complete(lab.platform, prepared.run)
    assert lab.seen("submit") == 2


def test_a_place_that_cannot_be_written_is_told_what_is_missing(tmp_path: Path) -> None:
    missing = {
        errno.ENOSPC: "make room, then",
        errno.EROFS: "make the file system writable, then",
        errno.EACCES: "get the right to write there, then",
    }
    for number, words in missing.items():
        with pytest.raises(devices.PendingRun, match=words), resumable(tmp_path):
            raise OSError(number, os.strerror(number), str(tmp_path / "jobs.jsonl"))
