"""A run on hardware whose process ends, and the one that goes on with it."""

from __future__ import annotations

import itertools
import json
import os
import signal
from pathlib import Path

import pytest
from conftest import Call
from fake_ibm import LocalPlatform
from ibm_cases import command_line, end, start, until
from ibm_scenarios import small
from ibm_truth import assert_complete, assert_sound, events

import devices
from devices.record import append_line, journal, read_lines
from devices.remote import run_lock


def waiting(platform: LocalPlatform, tmp_path: Path) -> tuple[object, Path, Path]:
    """`hotward run` in a process of its own, until it waits for its second job; the process, its run and its log."""
    log, runs = tmp_path / "log.txt", tmp_path / "runs"
    platform.job_fault(outcome="slow", seconds=0.0)
    platform.job_fault(outcome="hold_queued")
    process = start(command_line, runs, log, os.environ)
    until(lambda: len(platform.jobs) == 2 and any(job.read for job in platform.jobs.values()))
    (run,) = runs.iterdir()
    until(lambda: "swept" in events(run) or "collected" in events(run))
    return process, run, log


@pytest.mark.slow
def test_after_control_c_everything_can_be_collected(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    process, run, log = waiting(platform, tmp_path)
    os.kill(process.pid, signal.SIGINT)  # type: ignore[attr-defined]
    end(process, "interrupted")
    assert process.exitcode == 130  # type: ignore[attr-defined]
    assert f"hotward collect {run}" in log.read_text()
    assert "Traceback" not in log.read_text()
    assert call("show", run).out.startswith(f"{run} is pending on ibm:ibm_manila: 2 of 2 jobs were submitted")
    platform.clear_faults()
    said = call("collect", run, "--draws", 20)
    assert said.status == 0, said.err
    assert_sound(platform, run.parent, log.read_text(), said.out, said.err)
    assert_complete(platform, run)


@pytest.mark.slow
def test_only_one_process_works_on_a_run(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    process, run, _ = waiting(platform, tmp_path)
    for command in ("collect", "cancel"):
        said = call(command, run)
        assert said.status == 1
        assert "another process" in said.complaint[0]
    assert json.loads(call("status", run, "--json").out)["jobs"][1]["state"] == "QUEUED"
    process.kill()  # type: ignore[attr-defined]
    end(process, "killed")
    platform.clear_faults()
    said = call("collect", run, "--draws", 20)
    assert said.status == 0, said.err
    assert_complete(platform, run)


@pytest.fixture
def submitted(platform: LocalPlatform, call: Call, tmp_path: Path) -> Path:
    """A run of two jobs, submitted and not collected."""
    said = call(
        "submit", "heat-exchange", "--set", "time=7", "--shots", 64, "--bases", "ZZ", "--control", "off",
        "--calibration-shots", 0, "--device", "ibm:ibm_manila", "--passes", 2, "--yes", "--runs", tmp_path / "runs",
    )  # fmt: skip
    assert said.status == 0, said.err
    return said.run


def test_a_torn_last_line_is_not_joined_by_the_next(platform: LocalPlatform, submitted: Path) -> None:
    journal = submitted / "jobs.jsonl"
    with journal.open("ab") as file:
        file.write(b'{"event": "final", "job": 0, "st')
    devices.collect(submitted)
    assert_complete(platform, submitted)
    assert events_readable(journal) == events_of(journal) - 1


def events_of(journal: Path) -> int:
    return len(journal.read_bytes().splitlines())


def events_readable(journal: Path) -> int:
    return len(read_lines(journal))


def test_a_result_that_is_on_disk_is_not_fetched_again(platform: LocalPlatform, submitted: Path) -> None:
    """Killed after the raw text was stored, before the journal told of it."""
    until(lambda: all(job.final for job in platform.jobs.values()))
    first = next(iter(platform.jobs.values()))
    assert first.result is not None
    (submitted / "raw" / "job-000.json").write_text(first.result)
    devices.collect(submitted)
    assert_complete(platform, submitted)
    assert [job.read for job in platform.jobs.values()] == [0, 1]


@pytest.mark.slow
def test_half_a_result_on_disk_is_put_aside_and_fetched(platform: LocalPlatform, submitted: Path) -> None:
    until(lambda: all(job.final for job in platform.jobs.values()))
    first = next(iter(platform.jobs.values()))
    assert first.result is not None
    (submitted / "raw" / "job-000.json").write_text(first.result[: len(first.result) // 2])
    devices.collect(submitted)
    assert_complete(platform, submitted)
    assert (submitted / "raw" / "job-000.rejected-1").read_text() == first.result[: len(first.result) // 2]


NO_RESULTS = [
    "<html>",
    '{"data": []}',
    *(pytest.param(t, marks=pytest.mark.slow) for t in ("{}", "[1]", "null", '"t"')),
]


@pytest.mark.parametrize("text", NO_RESULTS)
def test_what_is_no_result_is_put_aside(platform: LocalPlatform, submitted: Path, text: str) -> None:
    until(lambda: all(job.final for job in platform.jobs.values()))
    (submitted / "raw" / "job-000.json").write_text(text)
    devices.collect(submitted)
    assert_complete(platform, submitted)
    assert (submitted / "raw" / "job-000.rejected-1").read_text() == text


def test_the_result_of_a_larger_job_is_put_aside(
    platform: LocalPlatform, submitted: Path, call: Call, tmp_path: Path
) -> None:
    """Valid in itself, with other shots a row."""
    other = call(
        "submit", "heat-exchange", "--set", "time=7", "--shots", 128, "--bases", "ZZ", "--control", "off",
        "--calibration-shots", 0, "--device", "ibm:ibm_manila", "--passes", 2, "--yes", "--runs", tmp_path / "other",
    )  # fmt: skip
    assert other.status == 0
    until(lambda: all(job.final for job in platform.jobs.values()))
    wrong = list(platform.jobs.values())[2].result
    assert wrong is not None
    (submitted / "raw" / "job-000.json").write_text(wrong)
    devices.collect(submitted)
    assert_complete(platform, submitted)
    told = [line for line in read_lines(submitted / "jobs.jsonl") if line["event"] == "rejected"]
    assert "shots" in told[0]["reason"]


def test_a_full_disk_loses_nothing(platform: LocalPlatform, submitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills as the first result comes: it stays on the platform, and the next collect has it."""
    from devices.record import disk as _disk

    write = _disk.write

    def full(path: Path, content: bytes | str) -> None:
        if path.parent.name == "raw":
            raise OSError(28, "No space left on device", str(path))
        write(path, content)

    monkeypatch.setattr(_disk, "write", full)
    with pytest.raises(devices.PendingRun, match="No space"):
        devices.collect(submitted)
    monkeypatch.undo()
    for name, value in platform.environment().items():
        monkeypatch.setenv(name, value)
    assert not (submitted / "stop.json").exists()
    devices.collect(submitted)
    assert_complete(platform, submitted)


def test_a_twin_that_came_late_is_cancelled_and_recorded(platform: LocalPlatform, submitted: Path) -> None:
    """A job of this run that no journal knows, as a request that was held for long would leave."""
    stuck = platform.job_fault(outcome="stuck")
    tags = next(iter(platform.jobs.values())).tags
    resubmit(platform, tags)
    devices.collect(submitted)
    assert stuck.hits == 1
    assert_sound(platform, submitted.parent)
    assert_complete(platform, submitted)
    assert "surplus" in events(submitted)


def resubmit(platform: LocalPlatform, tags: tuple[str, ...]) -> None:
    """The same payload again under the run's tag alone, by another client."""
    from qiskit import QuantumCircuit, transpile

    from devices.ibm import HardwareOptions, open_cloud, send

    backend = open_cloud().backend("ibm_manila")
    circuit = QuantumCircuit(1, 1, name="late")
    circuit.measure(0, 0)
    own = next(tag for tag in tags if tag.startswith("hotward-2"))
    send(backend, [transpile(circuit, backend=backend)], 8, HardwareOptions(), [own], 60)
    assert len(platform.jobs) == 3


@pytest.mark.slow
def test_another_instance_cannot_collect(
    platform: LocalPlatform, submitted: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QISKIT_IBM_INSTANCE", platform.crn("lab-open"))
    said = call("collect", submitted)
    assert said.status == 2
    assert platform.crn("lab-premium") in said.complaint[0]


def test_a_line_that_a_newer_version_wrote_does_no_harm(platform: LocalPlatform, submitted: Path) -> None:
    append_line(submitted / "jobs.jsonl", {"event": "weather", "job": 0, "says": "fair"})
    devices.collect(submitted)
    assert_complete(platform, submitted)


class Killed(BaseException):
    """The end of the process; nothing of hotward catches it."""


EVENTS = ("submitting", "submitted", "settled", "final", "received", "collected", "swept")
FAST_KILLS = [("submitting", True), ("submitted", False), ("settled", False), ("collected", False)]


@pytest.mark.parametrize(
    ("event", "written"),
    [
        pytest.param(*kill, marks=() if kill in FAST_KILLS else pytest.mark.slow)
        for kill in itertools.product(EVENTS, (False, True))
    ],
)
def test_killed_as_it_writes_a_line(
    platform: LocalPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: str, written: bool
) -> None:
    """The next process finds what this one did, by journal and tags, and does what is left: one job, one result."""
    prepared = small_run(tmp_path / "runs")
    append = journal.append

    def killed(run: Path, what: str, **more: object) -> None:
        if what != event or written:
            append(run, what, **more)
        if what == event:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(journal, "append", killed)
        with pytest.raises(Killed):
            devices.collect(prepared.run, prepared=prepared)
    devices.collect(prepared.run)
    assert_sound(platform, tmp_path / "runs")
    assert_complete(platform, prepared.run)
    assert len(platform.jobs) == 1


def small_run(runs: Path) -> devices.Prepared:
    """One job, prepared and not submitted."""
    device = devices.open_device("ibm:ibm_manila", devices.HardwareOptions(passes=1))
    return devices.prepare_run(small(), device, runs=runs, seed=1)


def test_control_c_says_how_to_go_on(
    platform: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it waits for its job; `test_after_control_c_everything_can_be_collected` does it to a process."""
    waiting = platform.job_fault(outcome="hold_queued")
    run = devices.submit(small_run(tmp_path / "runs"), lambda what, done, of: None)

    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(platform.clock, "sleep", interrupted)
        said = call("collect", run)
    assert said.status == 130
    assert f"hotward collect {run}" in said.err
    waiting.release.set()
    devices.collect(run)
    assert_sound(platform, run.parent, said.out, said.err)
    assert_complete(platform, run)


def test_what_another_works_on_is_left_alone(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    """The lock is one of an open file, so that this process can stand for another."""
    run = devices.submit(small_run(tmp_path / "runs"), lambda what, done, of: None)
    with run_lock(run):
        for command in ("collect", "cancel"):
            said = call(command, run)
            assert said.status == 1
            assert "another process" in said.complaint[0]
    devices.collect(run)
    assert_complete(platform, run)
