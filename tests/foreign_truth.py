"""What holds after every case of the campaign, whatever went wrong.

The run is done; of its jobs exactly the planned ones are kept, each Completed, paid for once and stored as the platform
has it; every other job of the run is one that was doubled on the way, and ended; the two jobs that a colleague has
queued in the same instance wait as before; the key was sent to nobody but the identity service of the account; no
secret is in a file or in what was said; and every command that failed said in a line or two how to go on.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import pandas as pd
from conftest import Said
from fake_ibm import FINAL, Job, LocalPlatform
from foreign_proxy import Portal, Proxy
from ibm_truth import assert_complete, assert_sound

from devices.ibm import decoded
from devices.record import read_journal

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LONGEST = 2000
"""Characters of an error."""


def colleagues_jobs(platform: LocalPlatform, number: int = 2) -> list[Job]:
    """Jobs of somebody else that wait in the same instance, older than all of ours."""
    fields = {"crn": platform.crn("lab-premium"), "backend": "ibm_manila", "program": "sampler", "params": {}}
    more = {"session_id": None, "cost": 600, "tags": ("colleague",), "status": "Queued"}
    return [platform.store.add_job(lambda: None, **fields, **more) for _ in range(number)]


def own_jobs(platform: LocalPlatform) -> list[Job]:
    """All but the colleague's, in the order they were made."""
    return sorted((job for job in platform.jobs.values() if "colleague" not in job.tags), key=lambda job: job.number)


def assert_colleague_waits(platform: LocalPlatform, jobs: list[Job]) -> None:
    """The jobs of a colleague are there, wait, and carry the tags that they had."""
    now = [platform.jobs.get(job.id) for job in jobs]
    assert [(job.status, job.tags) if job else "gone" for job in now] == [("Queued", ("colleague",))] * len(jobs)


def assert_well_said(said: Said, run: Path | None) -> None:
    """A command ends with a status that it has, and what it says can be read and followed."""
    assert said.status in (0, 1, 2, 130), said
    for text in (said.out, said.err):
        assert not _CONTROLS.search(text), repr(_CONTROLS.search(text))
        assert "Traceback" not in text, text
        assert "fault of hotward" not in text, text
        assert "unexpected" not in text, text
    if said.status:
        assert 1 <= len(said.complaint) <= 3, said.err
        assert len(said.complaint[-1]) < _LONGEST, said.err
        if run is not None:
            ways = (
                "hotward collect",
                "hotward run",
                "hotward cancel",
                "hotward show",
                "hotward analyse",
                "another process",
                "Restore it",
            )
            assert any(way in said.err for way in ways), said.err


def assert_held(
    platform: LocalPlatform,
    proxy: Proxy,
    portal: Portal,
    runs: Path,
    others: list[Job],
    texts: list[str],
    *,
    jobs: int = 2,
    doubled: int = 0,
    again: Collection[int] = (),
) -> None:
    """All that has to be true of a campaign case that ends with one run that is done.

    Args:
        platform: Its jobs are the truth.
        proxy: Which kept what was sent.
        portal: The host behind redirects, where no secret may come.
        runs: Directory with the run and no other.
        others: The jobs of a colleague.
        texts: All that was said.
        jobs: That were planned.
        doubled: Submissions that something other than hotward may have made twice.
        again: Jobs whose raw file was spoilt after it was stored.
    """
    assert_colleague_waits(platform, others)
    if doubled:
        _end_doubled_batches(platform, runs)
    assert_sound(platform, runs, *texts, others={job.id for job in others})
    (run,) = [path for path in runs.iterdir() if (path / "start.json").exists()]
    assert_complete(platform, run, again=again)
    assert_counted(platform, run)
    book = read_journal(run)
    kept = {book.entry(index).identifier for index in book.entries}
    assert len(kept) == jobs
    more = [job for job in own_jobs(platform) if job.id not in kept]
    assert len(more) <= doubled, f"paid for twice: {[(job.id, job.status) for job in more]}"
    assert all(job.status in FINAL for job in more), more
    assert {job.id for job in more} <= set(book.surplus), "a twin is not in the journal"
    assert_nothing_leaked(proxy, portal)


def _end_doubled_batches(platform: LocalPlatform, runs: Path) -> None:
    """A batch that nobody was told of holds no job, and ends by the limit that was set on it, which is now."""
    known = {identifier for run in runs.iterdir() for identifier in read_journal(run).batches}
    doubled = [session for session in platform.sessions.values() if session.id not in known]
    assert not {job.session_id for job in platform.jobs.values()} & {session.id for session in doubled}
    for session in doubled:
        assert 0 < session.max_ttl <= 28_800, "no limit"
        platform.store.close_session(session.id, cancel=True)


def assert_counted(platform: LocalPlatform, run: Path) -> None:
    """What counts.csv has of every outcome is what the platform measured, decoded by the client alone."""
    book = read_journal(run)
    truth: Counter[str] = Counter()
    for index in book.entries:
        text = platform.jobs[book.entry(index).identifier].result
        assert text is not None
        for part in decoded(text, "executor"):
            truth += Counter({word[::-1]: count for word, count in part.data.c.get_counts().items()})
    table = pd.read_csv(run / "counts.csv", dtype={"A": str, "B": str})
    counted = (table["A"] + table["B"]).to_frame("word").assign(count=table["count"]).groupby("word")["count"].sum()
    assert {word: count for word, count in counted.items() if count} == dict(truth)


def assert_nothing_leaked(proxy: Proxy, portal: Portal) -> None:
    """Neither key nor token came where it does not belong."""
    assert proxy.leaks() == []
    for secret in (proxy.platform.accounts.api_key.encode(), b"eyJ", b"Bearer"):
        assert secret not in portal.content, "a secret was sent to another host"


def journal_of(run: Path) -> list[dict[str, object]]:
    """The lines of a journal that can be read."""
    found = []
    for line in (run / "jobs.jsonl").read_bytes().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found
