"""What is paid for is kept, what is not agreed to is not paid for."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest
from conftest import Call
from fake_ibm import LocalPlatform
from ibm_cases import until
from ibm_truth import assert_complete, assert_sound, events

from devices import RunRecord, collect, execute, open_device
from protocols import compile
from protocols.heat_exchange import HeatExchange

TINY = (
    "heat-exchange", "--set", "time=7", "--shots", 64, "--bases", "ZZ", "--control", "off", "--calibration-shots", 0,
    "--device", "ibm:ibm_manila", "--passes", 2,
)  # fmt: skip


@pytest.fixture
def submitted(platform: LocalPlatform, call: Call, tmp_path: Path) -> Path:
    """Two jobs, done or about to be, not collected."""
    said = call("submit", *TINY, "--yes", "--runs", tmp_path / "runs")
    assert said.status == 0, said.err
    return said.run


def answering(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def done(platform: LocalPlatform) -> None:
    until(lambda: all(job.final for job in platform.jobs.values()))


@pytest.mark.slow
def test_cancelling_a_run_whose_jobs_are_done_keeps_it_whole(
    platform: LocalPlatform, submitted: Path, call: Call
) -> None:
    done(platform)
    said = call("cancel", submitted)
    assert said.status == 0, said.err
    assert_complete(platform, submitted)
    assert RunRecord.open(submitted).stop["status"] == "done"
    assert call("analyse", submitted, "--draws", 20).status == 0
    again = call("cancel", submitted)
    assert again.status == 1
    assert "complete" in again.complaint[0]


def test_the_answer_is_yes_or_no(
    platform: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering("n\n", monkeypatch)
    said = call("submit", *TINY, "--runs", tmp_path / "runs")
    assert said.status == 2
    assert platform.jobs == {}
    answering("y\n", monkeypatch)
    said = call("submit", *TINY, "--runs", tmp_path / "runs")
    assert said.status == 0, said.err
    assert "submit? [y/N]" in said.err
    assert len(platform.jobs) == 2


@pytest.mark.slow
def test_the_recorded_command_asks_again(platform: LocalPlatform, submitted: Path) -> None:
    assert "--yes" not in RunRecord.open(collect(submitted).path).start["command"]


@pytest.mark.parametrize("limit", ["nan", "0", "-1", "inf"])
def test_a_limit_that_is_none_is_refused(platform: LocalPlatform, call: Call, tmp_path: Path, limit: str) -> None:
    said = call("run", *TINY, "--seconds-at-most", limit, "--runs", tmp_path / "runs")
    assert said.status == 2
    assert "seconds-at-most" in said.complaint[0]
    assert platform.requests == []


def test_a_job_that_is_refused_does_not_keep_us_from_the_others(
    platform: LocalPlatform, call: Call, tmp_path: Path
) -> None:
    platform.fault(kind="submit", action="status", code=400, skip=1, times=-1)
    said = call("run", *TINY, "--runs", tmp_path / "runs")
    assert said.status == 1
    (run,) = (tmp_path / "runs").iterdir()
    assert (run / "raw" / "job-000.json").exists()
    assert "400" in said.complaint[-1]
    assert f"hotward collect {run}" in said.complaint[-1]
    platform.clear_faults()
    collect(run)
    assert_sound(platform, run.parent, said.err)
    assert_complete(platform, run)


@pytest.mark.slow
def test_an_account_with_room_for_one_job_at_a_time(platform: LocalPlatform, tmp_path: Path, call: Call) -> None:
    """The second submission is refused until the first job has finished."""
    platform.settings.run_delay = 0.5
    platform.fault(kind="submit", action="status", code=400, skip=1, times=1, message="too many pending jobs")
    said = call("run", *TINY, "--draws", 20, "--runs", tmp_path / "runs")
    assert said.status == 0, said.err
    assert_complete(platform, said.run)
    assert len(platform.jobs) == 2


def test_a_submission_without_an_answer_is_called_unknown(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    platform.fault(kind="submit", action="drop_after")
    platform.fault(kind="list-jobs", action="status", code=500, skip=1, times=-1)
    said = call("submit", *TINY, "--yes", "--runs", tmp_path / "runs")
    assert said.status == 1
    assert "not known" in said.complaint[-1]
    (run,) = (tmp_path / "runs").iterdir()
    assert "1 sent without an answer" in call("show", run).out
    rows = json.loads(call("status", run, "--json").out)["jobs"]
    assert [row["state"] for row in rows] == ["unknown", "not submitted"]
    platform.clear_faults()
    collect(run)
    assert_complete(platform, run)
    assert len(platform.jobs) == 2


def test_jobs_are_paid_for_again_only_with_a_yes(
    platform: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cost of those that failed alone is shown; one that was stopped at its limit gets twice as much."""
    platform.job_fault(outcome="ran_too_long")
    said = call("run", *TINY, "--runs", tmp_path / "runs")
    assert said.status == 1
    (run,) = (tmp_path / "runs").iterdir()
    assert "--resubmit" in call("show", run).out
    answering("no\n", monkeypatch)
    refused = call("collect", run, "--resubmit")
    assert refused.status == 2
    assert "1 job:" in refused.err
    assert len(platform.jobs) == 2
    answering("y\n", monkeypatch)
    assert call("collect", run, "--resubmit", "--draws", 20).status == 0
    first, _, third = platform.jobs.values()
    assert first.cost is not None
    assert third.cost == 2 * first.cost
    assert_complete(platform, run)
    assert events(run).count("again") == 1


@pytest.mark.slow
def test_what_is_recorded_is_what_was_run(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    """1021 is prime: rows of 31 shots make 992."""
    said = call(
        "run", "heat-exchange", "--set", "time=7", "--shots", 1021, "--bases", "ZZ", "--control", "off",
        "--device", "ibm:ibm_manila", "--passes", 2, "--draws", 20, "--runs", tmp_path / "runs",
    )  # fmt: skip
    assert said.status == 0, said.err
    start = RunRecord.open(said.run).start
    counts = pd.read_csv(said.run / "counts.csv")
    measured = counts[counts["basis"] != "cal"].groupby("time")["count"].sum()
    assert set(measured) == {start["shots"]} == {992}
    assert any("992 of 1021" in note for note in start["notes"])


@pytest.mark.parametrize("command", ["collect", "status", "cancel"])
def test_a_run_that_is_none(call: Call, tmp_path: Path, command: str) -> None:
    said = call(command, tmp_path / "nonsense")
    assert said.status == 1
    assert "does not exist" in said.complaint[0]


def test_a_run_on_a_simulator_has_no_jobs(call: Call, tmp_path: Path) -> None:
    run = execute(compile(HeatExchange(time=0.0), shots=64), open_device("exact"), runs=tmp_path).path
    for command in ("status", "cancel"):
        said = call(command, run)
        assert said.status == 1
        assert "not on hardware" in said.complaint[0]
    # it may have been killed anywhere: whoever collects it wants what there is
    assert call("collect", run, "--draws", 20).status == 0


def test_a_simulator_is_not_submitted_to(call: Call, tmp_path: Path) -> None:
    said = call("submit", "heat-exchange", "--device", "aer", "--runs", tmp_path)
    assert said.status == 2
    assert "hotward run" in said.complaint[0]


# -- what an adversarial reading found


@pytest.mark.slow
def test_a_job_that_the_platform_has_lost_does_not_keep_us_from_the_others(
    platform: LocalPlatform, submitted: Path, call: Call
) -> None:
    done(platform)
    lost, kept = platform.jobs
    platform.forget(lost)
    said = call("collect", submitted, "--wait", 20)
    assert said.status == 1
    assert "does not know this job" in said.complaint[-1]
    assert platform.jobs[kept].read == 1
    assert (submitted / "raw" / "job-001.json").exists()
    again = call("collect", submitted, "--resubmit", "--yes", "--draws", 20)
    assert again.status == 0, again.err
    assert_complete(platform, submitted)


def test_a_lost_job_can_be_given_up(platform: LocalPlatform, submitted: Path, call: Call) -> None:
    done(platform)
    platform.forget(next(iter(platform.jobs)))
    said = call("cancel", submitted)
    assert said.status == 0, said.err
    assert (submitted / "raw" / "job-001.json").exists()
    assert json.loads((submitted / "stop.json").read_text())["status"] == "failed"


@pytest.mark.slow
def test_a_result_that_is_no_longer_given(platform: LocalPlatform, submitted: Path, call: Call) -> None:
    done(platform)
    first, second = platform.jobs
    platform.store.change_job(first, result=None)
    said = call("collect", submitted)
    assert said.status == 1
    assert platform.jobs[second].read == 1
    again = call("collect", submitted, "--resubmit", "--yes", "--draws", 20)
    assert again.status == 0, again.err
    assert len(platform.jobs) == 3
    assert_complete(platform, submitted)


def test_collecting_needs_no_backend(platform: LocalPlatform, submitted: Path) -> None:
    """Retired, or its configuration out of reach, since the jobs were submitted."""
    done(platform)
    platform.fault(kind="(backends|configuration|properties|backend-status)", action="status", code=404, times=-1)
    collect(submitted)
    assert_complete(platform, submitted)


@pytest.mark.slow
def test_calibration_that_never_comes_has_a_deadline(
    platform: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTWARD_IBM_WAITS", "answer=2 tick=0.05")
    platform.fault(kind="properties", action="hang", times=-1)
    said = call("submit", *TINY, "--yes", "--runs", tmp_path / "runs")
    assert said.status == 1
    assert "did not answer" in said.complaint[-1]
    assert platform.jobs == {}


@pytest.mark.parametrize("damage", [pytest.param("deleted", marks=pytest.mark.slow), "first lines gone"])
def test_a_journal_that_has_lost_what_was_sent_takes_it_up_again(
    platform: LocalPlatform, submitted: Path, call: Call, damage: str
) -> None:
    journal = submitted / "jobs.jsonl"
    if damage == "deleted":
        journal.unlink()
    else:
        kept = [line for line in journal.read_text().splitlines(keepends=True) if '"job": 0' not in line]
        journal.write_text("".join(kept))
    said = call("collect", submitted, "--draws", 20)
    assert said.status == 0, said.err
    assert len(platform.jobs) == 2
    assert_complete(platform, submitted)


def test_an_id_counts_where_the_line_before_it_is_damaged(platform: LocalPlatform, submitted: Path) -> None:
    journal = submitted / "jobs.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if '"event": "submitting"' in line)
    lines[at] = "#" + lines[at][1:]
    journal.write_text("".join(lines))
    collect(submitted)
    assert len(platform.jobs) == 2
    assert_complete(platform, submitted)


@pytest.mark.parametrize("damage", [pytest.param("gone", marks=pytest.mark.slow), "cut", "of the other pass"])
def test_a_raw_file_that_is_not_the_one_collected_is_fetched_again(
    platform: LocalPlatform, submitted: Path, call: Call, damage: str
) -> None:
    done(platform)
    first, second = (submitted / "raw" / f"job-00{i}.json" for i in range(2))
    platform.fault(kind="results", action="status", code=404, skip=1, times=-1)
    assert call("collect", submitted, "--wait", 0).status == 1
    assert first.exists()
    if damage == "gone":
        first.unlink()
    else:
        other = platform.jobs[list(platform.jobs)[1]].result
        assert other is not None
        first.write_text(other if damage == "of the other pass" else first.read_text()[:100])
    platform.clear_faults()
    collect(submitted)
    assert first.read_bytes() != second.read_bytes()
    truth = [job.result for job in platform.jobs.values()]
    assert [first.read_text(), second.read_text()] == truth


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("plan.json", "gone"),
        ("plan.npz", "changed"),
        pytest.param("circuits/executed.qpy", "changed", marks=pytest.mark.slow),
        pytest.param("plan.json", "changed", marks=pytest.mark.slow),
        pytest.param("plan.npz", "gone", marks=pytest.mark.slow),
        pytest.param("circuits/executed.qpy", "gone", marks=pytest.mark.slow),
    ],
)
def test_a_plan_that_was_changed_decodes_nothing(
    platform: LocalPlatform, submitted: Path, call: Call, name: str, damage: str
) -> None:
    path = submitted / name
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b"\n")
    said = call("collect", submitted)
    assert said.status == 1
    assert f"{name} is missing or was changed" in said.complaint[-1]


def test_twirled_reading_of_circuits_with_resets_is_refused(
    platform: LocalPlatform, call: Call, tmp_path: Path
) -> None:
    said = call(
        "submit", "algorithmic-cooling", "--set", "rounds=1", "--ancillas", "reset", "--preparation", "measured",
        "--shots", 320, "--device", "ibm:ibm_fez", "--twirling", "all", "--yes", "--runs", tmp_path / "runs",
    )  # fmt: skip
    assert said.status == 2
    assert "twirling" in said.complaint[-1]
    assert platform.jobs == platform.sessions == {}


def test_nobody_at_the_keyboard(
    platform: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert call("submit", *TINY, "--runs", tmp_path / "runs").status == 2
    assert platform.jobs == {}


@pytest.mark.slow
def test_an_address_that_is_not_the_platform(
    platform: LocalPlatform, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QISKIT_IBM_URL", "http://127.0.0.1:9/experimental/api/v1")
    monkeypatch.setenv("HOTWARD_IBM_WAITS", "answer=4 tick=0.05")
    said = call("backends")
    assert said.status == 1
    assert said.out == ""


@pytest.mark.slow
def test_a_submission_that_timed_out_there_is_unknown(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    platform.fault(kind="submit", action="status_after", code=408)
    said = call("run", *TINY, "--draws", 20, "--runs", tmp_path / "runs")
    assert said.status == 0, said.err
    assert len(platform.jobs) == 2
