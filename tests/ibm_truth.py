"""What must be true of a run on hardware, whatever went wrong: the platform's truth against the journal's."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable
from pathlib import Path

import pandas as pd
from fake_ibm import API_KEY, FINAL, LocalPlatform

from devices import RunRecord
from devices.record import read_journal, read_lines


def assert_sound(platform: LocalPlatform, runs: Path, *texts: str, others: Collection[str] = ()) -> None:
    """Of all runs below a directory: nothing on the platform is unknown, left running or open, and no secret is told.

    Args:
        platform: Its jobs and sessions are the truth.
        runs: Directory of runs.
        texts: Output of the processes, which may not tell a secret either.
        others: Ids of jobs that are not ours.
    """
    books = [read_journal(run) for run in runs.iterdir()] if runs.exists() else []
    known = frozenset[str]().union(*(book.known for book in books))
    unknown = set(platform.jobs) - known - set(others)
    assert not unknown, f"jobs that no journal knows: {unknown}"
    wanted = {book.entry(index).identifier for book in books for index in book.entries}
    unwanted = [job for job in platform.jobs.values() if job.id not in {*wanted, *others}]
    adrift = {job.id: job.status for job in unwanted if job.status not in FINAL}
    assert not adrift, f"jobs that nobody wants and nobody cancelled: {adrift}"
    lost = any("" in book.batches for book in books)
    if lost:
        # a batch whose id never came holds no job and ends by the limit that was set on it
        journalled = {identifier for book in books for identifier in book.batches}
        stray = [session for session in platform.sessions.values() if session.id not in journalled]
        assert not any(job.session_id in {session.id for session in stray} for job in platform.jobs.values())
        platform.age_sessions(max((session.max_ttl for session in stray), default=0.0))
    assert not platform.open_sessions(), "sessions are open"
    assert_no_secret(platform, runs, *texts)


def assert_complete(platform: LocalPlatform, run: Path, *, again: Collection[int] | None = ()) -> None:
    """A sealed run whose every job has one result, stored once, and which cost one job each and no more.

    Args:
        platform: Its jobs are the truth.
        run: Run directory.
        again: Jobs whose raw file was spoilt after it was stored, so that it was stored once more; None where the
            journal itself was spoilt, which then tells more or less.
    """
    record = RunRecord.open(run)
    book = read_journal(run)
    for job in record.start["jobs"]:
        entry = book.entry(job["index"])
        raw = run / "raw" / f"job-{job['index']:03d}.json"
        truth = platform.jobs[entry.identifier]
        assert truth.status == "Completed"
        assert truth.result is not None
        assert raw.read_bytes() == truth.result.encode(), "what is stored is not what was measured"
    stored = [line for line in read_lines(run / "jobs.jsonl") if line["event"] == "collected"]
    jobs = [job["index"] for job in record.start["jobs"]]
    assert again is None or sorted(line["job"] for line in stored) == sorted([*jobs, *again])
    latest = {line.get("job"): line for line in stored}
    assert set(jobs) <= set(latest)
    for line in latest.values() if again is None else stored:
        assert hashlib.sha256((run / "raw" / line["raw"]).read_bytes()).hexdigest() == line["sha256"]
    counts = pd.read_csv(run / "counts.csv")
    # what copies do in one execution is counted once a copy
    assert counts["count"].sum() == record.copies * sum(job["shots"] for job in record.start["jobs"])


def assert_no_secret(platform: LocalPlatform, where: Path, *texts: str) -> None:
    """Neither key nor token in files or output, and no key sent where only tokens belong."""
    assert not any(request.leaks_key for request in platform.requests), "the API key was sent to the API"
    for name, text in [*_files(where), *((f"output {i}", text) for i, text in enumerate(texts))]:
        assert API_KEY not in text, f"the key is in {name}"
        assert not re.search(r"eyJ[\w-]{8,}\.[\w-]+\.", text), f"something like a token is in {name}"
        assert "Bearer" not in text, f"a header is in {name}"


def events(run: Path) -> list[str]:
    """What the journal tells, in order."""
    return [json.loads(line)["event"] for line in (run / "jobs.jsonl").read_text().splitlines()]


def _files(where: Path) -> Iterable[tuple[str, str]]:
    for path in sorted(where.rglob("*")) if where.exists() else ():
        if path.is_file():
            yield str(path), path.read_bytes().decode("latin-1")
