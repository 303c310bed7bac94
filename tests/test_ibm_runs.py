"""Runs on hardware, from the command line to the table, through the genuine client against the local platform."""

from __future__ import annotations

import json
import os
import typing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import Call, Said
from fake_ibm import LocalPlatform

from analysis import analyse, write
from devices import HardwareOptions, RunRecord, execute, open_device
from protocols import compile, load, names
from protocols.heat_exchange import HeatExchange

SMALL = ("--set", "time=0:31.4:5", "--shots", "512", "--seed", "3", "--draws", "100")


def values(run: Path, observable: str, subject: str) -> pd.DataFrame:
    table = pd.read_csv(run / "derived" / "table.csv")
    return table[(table["observable"] == observable) & (table["subject"] == subject)]


def flown(call: Call, where: Path, *more: object) -> Said:
    said = call("run", "heat-exchange", *SMALL, "--runs", where, *more)
    assert said.status == 0, said.err
    return said


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the same kind on a simulator with the noise of a chip, analysed."""
    experiment = HeatExchange(time=np.linspace(0.0, 31.4, 5))
    program = compile(experiment, experiment.points({"control": "none"}), shots=128, calibration_shots=64)
    record = execute(program, open_device("aer:fake_manila"), runs=tmp_path_factory.mktemp("runs"), seed=3)
    write(analyse(record, draws=20))
    return record.path


@pytest.mark.parametrize("backend", ["ibm_manila", "ibm_fez"])
@pytest.mark.slow
def test_a_run_on_hardware_is_a_run_like_any_other(
    platform: LocalPlatform, call: Call, tmp_path: Path, backend: str, simulated: Path
) -> None:
    said = flown(call, tmp_path / "runs", "--device", f"ibm:{backend}")
    assert said.complaint == []
    record = RunRecord.open(said.run)
    here = {str(path.relative_to(said.run)) for path in said.run.rglob("*") if path.is_file()}
    there = {str(path.relative_to(simulated)) for path in simulated.rglob("*") if path.is_file()}
    described = {f"backend/{name}.json" for name in ("configuration", "properties", "properties-collected")}
    extra = {"plan.json", "plan.npz", *described}
    raw = {name for name in here | there if name.startswith("raw/")}
    assert here - raw == (there - raw) | extra
    columns = [list(pd.read_csv(run / "derived" / "table.csv").columns) for run in (said.run, simulated)]
    assert columns[0] == columns[1]
    assert record.start["device"]["method"] == "hardware"
    assert record.counts()["pass"].max() == 3
    # the platform is noiseless: heat within 5 standard errors of the exact value at every point; 10 comparisons
    heat = values(said.run, "heat", "A")
    assert (abs(heat["value"] - heat["ideal"]) < 5 * heat["stderr"]).all()
    assert not platform.open_sessions()
    assert all(job.read == 1 for job in platform.jobs.values())
    assert len(platform.jobs) == 4


@pytest.mark.slow
def test_shots_are_those_that_were_asked_for(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    """Every setting and point has 512 shots over members and passes, calibration its own, half at each end."""
    run = flown(call, tmp_path / "runs", "--device", "ibm:ibm_manila").run
    counts = RunRecord.open(run).counts()
    measured = counts[counts["basis"] != "cal"]
    assert (measured.groupby(["arm", "time", "basis"])["count"].sum() == 512).all()
    calibration = counts[counts["basis"] == "cal"].groupby(["prepared", "pass"])["count"].sum()
    assert (calibration == 256).all()
    assert len(calibration) == 8
    # every pass has about a quarter of each point
    share = measured.groupby(["time", "pass"])["count"].sum() / measured.groupby("time")["count"].sum()
    assert share.between(0.15, 0.35).all()


@pytest.mark.parametrize(
    "options",
    [
        ("--sampler", "legacy"),
        ("--mode", "job"),
        ("--twirling", "all", "--shots", "128"),  # the platform carries out every randomisation as a circuit of its own
        ("--dynamical-decoupling", "XY4"),
        ("--passes", "1"),
        ("--qubits", "1,2"),
    ],
    ids=lambda options: "-".join(options).strip("-"),
)
@pytest.mark.slow
def test_options_of_hardware_change_how_and_not_what(
    platform: LocalPlatform, call: Call, tmp_path: Path, options: tuple[str, ...]
) -> None:
    run = flown(call, tmp_path / "runs", "--device", "ibm:ibm_manila", "--control", "off", *options).run
    heat = values(run, "heat", "A")
    assert (abs(heat["value"] - heat["ideal"]) < 5 * heat["stderr"]).all()
    start = RunRecord.open(run).start["device"]
    assert start["options"][options[0].removeprefix("--").replace("-", "_")] == options[1]
    assert {job.program for job in platform.jobs.values()} == {"sampler" if "legacy" in options else "executor"}
    assert len(platform.sessions) == (0 if options[1] in ("job", "1") and options[0] != "--qubits" else 1)
    if "--qubits" in options:
        assert start["placements"][0]["physical"] == {"A": 1, "B": 2}


@pytest.mark.slow
def test_fractional_gates_over_the_whole_period(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    """The default sweep needs angles up to 2 pi; the platform fails a job with rzz outside 0..pi/2."""
    said = call(
        "run", "heat-exchange", "--device", "ibm:ibm_fracfive", "--fractional", "--shots", 256, "--control", "off",
        "--bases", "minimal", "--draws", 50, "--runs", tmp_path / "runs", "--seed", 1,
    )  # fmt: skip
    assert said.status == 0, said.err
    heat = values(said.run, "heat", "A")
    assert len(heat) == 33
    pulls = (heat["value"] - heat["ideal"]) / heat["stderr"]
    assert abs(pulls).max() < 5
    gates = RunRecord.open(said.run).start["device"]["circuits"][0]["gates"]
    assert "rzz" in gates


def test_fractional_gates_that_a_backend_lacks_are_refused(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    said = call("run", "heat-exchange", *SMALL, "--device", "ibm:ibm_manila", "--fractional", "--runs", tmp_path / "r")
    assert said.status == 2
    assert "fractional" in said.complaint[0]
    assert platform.jobs == {}


PROTOCOL_ARGUMENTS = {
    "heat-exchange": ("--set", "time=0:15:3"),
    "coherence-reversal": ("--set", "collisions=2"),
    "algorithmic-cooling": ("--set", "rounds=0:1:2", "--ancillas", "reset", "--preparation", "measured"),
    "cooling-floor": (),
    "heat-pump": ("--set", "cycles=0:1:2", "--bases", "energies"),
    "two-stroke-engine": ("--set", "cycles=2"),
    "chain-exchange": ("--set", "time=0:6:2"),
    "chain-revival": ("--set", "time=0:5.62:3"),
    "open-exchange": ("--set", "time=0:10:2", "--set", "steps=1"),
    "thermophoresis": ("--set", "rounds=0:1:2"),
}


@pytest.mark.parametrize("protocol", names())
@pytest.mark.usefixtures("real_figures")
@pytest.mark.slow
def test_every_protocol_goes_the_same_way(platform: LocalPlatform, call: Call, tmp_path: Path, protocol: str) -> None:
    chosen = PROTOCOL_ARGUMENTS.get(protocol, ())
    said = call(
        "run", protocol, *chosen, "--device", "ibm:ibm_fez", "--shots", 320, "--passes", 2, "--draws", 20,
        "--seed", 5, "--runs", tmp_path / "runs",
    )  # fmt: skip
    assert said.status == 0, said.err
    record = RunRecord.open(said.run)
    assert record.start["protocol"] == load(protocol).name
    assert (said.run / "derived" / "report.html").exists()
    table = pd.read_csv(said.run / "derived" / "table.csv")
    linear = table[table["observable"].isin(["energy", "population", "heat"]) & table["value"].notna()]
    pulls = (linear["value"] - linear["ideal"]) / linear["stderr"]
    # no noise on the platform, so pulls are those of a normal variable; 5.5 sigma in a few hundred: below 1e-4
    assert len(pulls) > 0
    assert abs(pulls[np.isfinite(pulls)]).max() < 5.5


@pytest.mark.parametrize(
    ("backend", "options"),
    [
        ("ibm_manila", {}),
        ("ibm_manila", {"sampler": "legacy", "mode": "job", "dynamical_decoupling": "XY4", "qubits": (1, 2)}),
        pytest.param("ibm_manila", {"twirling": "all"}, marks=pytest.mark.slow),
        ("ibm_fracfive", {"fractional": True}),
    ],
    ids=["default", "legacy", "twirled", "fractional"],
)
def test_a_notebook_runs_on_hardware_as_on_a_simulator(
    platform: LocalPlatform, tmp_path: Path, backend: str, options: dict[str, typing.Any]
) -> None:
    """The platform is noiseless: its counts follow the exact probabilities, whatever the options."""
    experiment = HeatExchange(strength=0.9, time=np.linspace(0.0, 10.0, 3))
    device = open_device(f"ibm:{backend}", HardwareOptions(passes=2, **options))
    program = compile(experiment, bases="ZZ,XY", shots=4000, shots_per_row=25, passes=2)
    run = execute(program, device, runs=tmp_path / "runs", seed=7)
    assert run.stop["status"] == "done"
    assert run.start["cost"]["jobs"] == len(platform.jobs) == 2
    assert {job.program for job in platform.jobs.values()} == {"sampler" if "sampler" in options else "executor"}
    assert len(platform.sessions) == ("mode" not in options)
    if "qubits" in options:
        assert run.start["device"]["placements"][0]["physical"] == {"A": 1, "B": 2}
    counts, exact = run.counts(), run.ideal()
    for basis in ("ZZ", "XY"):
        mine = counts[counts["basis"] == basis]
        assert (mine.groupby("time")["count"].sum() == 4000).all()
        # by weight: members have their own shots, which are as their weights to within a row
        seen = mine.assign(outcome=2 * mine["A"] + mine["B"]).groupby(["time", "outcome"])["count"].sum()
        expected = exact[f"probabilities_main_{basis}"]
        found = seen.unstack(fill_value=0).reindex(columns=range(4), fill_value=0).to_numpy() / 4000
        # 24 numbers, 5 standard errors and the rounding of shots to rows of 25
        assert (abs(found - expected) < 5 * np.sqrt(expected * (1 - expected) / 4000) + 50 / 4000).all()


@pytest.mark.slow
def test_collecting_is_analysing_from_the_directory_alone(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    """Submitted by one process, collected by another: the same table as a run in one go with the same results."""
    submitted = call("submit", "heat-exchange", *SMALL, "--device", "ibm:ibm_manila", "--yes", "--runs", tmp_path / "a")
    assert submitted.status == 0, submitted.err
    assert not (submitted.run / "stop.json").exists()
    assert call("show", submitted.run).out.count("pending") == 1
    listed = json.loads(call("status", submitted.run, "--json").out)
    assert [row["id"] for row in listed["jobs"]] == list(platform.jobs)
    assert listed["open"] == []
    collected = call("collect", submitted.run, "--draws", "100")
    assert collected.status == 0, collected.err
    at_once = flown(call, tmp_path / "b", "--device", "ibm:ibm_manila")
    # the platform seeds job n of its life by n
    assert len(platform.jobs) == 8
    raw = [sorted((run / "raw").glob("job-???.json")) for run in (collected.run, at_once.run)]
    assert [path.name for path in raw[0]] == [path.name for path in raw[1]]
    again = call("collect", submitted.run, "--draws", "100")
    assert again.status == 0
    assert len(platform.jobs) == 8
    assert all(job.read == 1 for job in platform.jobs.values())


def test_the_estimate_is_shown_and_nothing_is_submitted_without_a_yes(
    platform: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path(os.devnull).open() as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        said = call("submit", "heat-exchange", *SMALL, "--device", "ibm:ibm_manila", "--runs", tmp_path / "runs")
    assert said.status == 2
    assert "QPU time" in said.err
    assert "nothing was submitted" in said.err
    assert platform.jobs == {}
    assert not (tmp_path / "runs").exists()


def test_backends_lists_what_the_account_can_use(platform: LocalPlatform, call: Call) -> None:
    rows = {row["name"]: row for row in json.loads(call("backends", "--json").out)["backends"]}
    assert set(rows) == {"ibm_manila", "ibm_fez", "ibm_fracfive"}
    assert rows["ibm_fez"]["qubits"] == 156
    assert rows["ibm_fracfive"]["fractional"]
    assert not rows["ibm_fez"]["fractional"]
    assert 0.9 < rows["ibm_fez"]["score"] < 1


def test_a_cancelled_run_keeps_what_it_measured(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    platform.job_fault(outcome="slow", seconds=0.0)
    platform.job_fault(outcome="stuck", times=-1)
    run = call("submit", "heat-exchange", *SMALL, "--device", "ibm:ibm_manila", "--yes", "--runs", tmp_path / "r").run
    pending = call("collect", run, "--wait", "2")
    assert pending.status == 1
    assert "queued" in pending.complaint[-1]
    said = call("cancel", run)
    assert said.status == 0, said.err
    assert [job.status for job in platform.jobs.values()] == ["Completed", *["Cancelled"] * 3]
    assert (run / "raw" / "job-000.json").exists()
    assert json.loads((run / "stop.json").read_text())["status"] == "failed"
    assert call("cancel", run).status == 1


@pytest.mark.slow
def test_jobs_that_failed_are_submitted_again_only_when_asked(
    platform: LocalPlatform, call: Call, tmp_path: Path
) -> None:
    platform.job_fault(outcome="fail", reason="Internal error in control electronics", code=9701)
    said = call("run", "heat-exchange", *SMALL, "--device", "ibm:ibm_manila", "--runs", tmp_path / "runs")
    assert said.status == 1
    assert "control electronics" in said.complaint[-1]
    assert "--resubmit" in said.complaint[-1]
    (run,) = (tmp_path / "runs").iterdir()
    assert call("collect", run).status == 1
    assert len(platform.jobs) == 4
    again = call("collect", run, "--resubmit", "--yes", "--draws", "100")
    assert again.status == 0, again.err
    assert len(platform.jobs) == 5
    # the client reads a failed job's result for its reason
    assert [job.read for job in platform.jobs.values() if job.status == "Completed"] == [1, 1, 1, 1]
