"""A platform, or something before it, that says what is not so: lists, states, results that a reader must not believe.

Each is named for what was lost when a stranger tried it: a colleague's jobs, a measured job, bits.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Call
from fake_ibm import Job, LocalPlatform
from ibm_scenarios import Lab, lines, nothing, surplus

import devices
from devices import RunError
from devices.errors import Unintelligible
from devices.ibm import open_cloud
from devices.record import journal
from devices.remote import run_tag


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
