"""Many copies of an experiment in one circuit on hardware: submitted once, taken apart, each result counted once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import typing
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import Call
from fake_ibm import LocalPlatform
from ibm_cases import WAITS, end, start, until
from ibm_truth import assert_complete, assert_sound, events
from qiskit.primitives import BitArray, SamplerPubResult
from qiskit.primitives.containers import DataBin
from qiskit.transpiler import Target
from scipy.stats import chi2

import devices
from devices import Device, HardwareOptions, Plan, RunRecord
from devices.chip.together import circuits, items
from devices.errors import Unintelligible
from devices.ibm import preflight, pubs
from devices.record import bit_columns
from devices.remote import division, jobs_by_pass
from protocols import Program, RequestError, compile, load


def program_of(
    protocol: str = "heat-exchange", *, passes: int = 2, shots: int = 64, alone: int = 0, **fields: object
) -> Program:
    experiment = load(protocol)(**fields)  # type: ignore[call-arg]
    points = experiment.points({}, "nominal")
    return compile(
        experiment, points, shots=shots, bases="ZZ,XY" if protocol == "heat-exchange" else None, shots_per_row=4,
        calibration_shots=32, passes=passes, alone=alone,
    )  # fmt: skip


def chip(backend: str = "ibm_manila", passes: int = 2, copies: int = 2, **options: object) -> Device:
    return devices.open_device(
        f"ibm:{backend}",
        HardwareOptions(passes=passes, copies=copies, floor=0.5, **options),  # type: ignore[arg-type]
    )


def flown(runs: Path, device: Device, program: Program) -> RunRecord:
    prepared = devices.prepare_run(program, device, runs=runs, seed=1)
    return devices.collect(prepared.run, seconds=60.0, prepared=prepared)


def test_copies_are_one_circuit_and_go_the_way_of_one(platform: LocalPlatform, tmp_path: Path) -> None:
    """Two pairs on the two ends of a line of five: two jobs in all, and every outcome of both in counts.csv."""
    program = program_of(time=[7.0], correlation="none")
    record = flown(tmp_path / "runs", chip(), program)
    assert_sound(platform, tmp_path / "runs")
    assert_complete(platform, record.path)
    assert len(platform.jobs) == 2
    assert record.copies == 2
    counts = record.counts()
    measured = counts[counts["basis"] != "cal"].groupby("copy")["count"].sum()
    assert measured.tolist() == [128, 128]
    # the platform has no noise: what is read is what that very copy prepared, inverted on one of them at the end
    calibration = counts[counts["basis"] == "cal"]
    assert (calibration["prepared"] == calibration["A"].astype(str) + calibration["B"].astype(str)).all()
    assert (calibration.groupby(["copy", "prepared", "pass"])["count"].sum() == 16).all()
    physical = [place["physical"] for place in record.start["device"]["placements"]]
    assert {frozenset(place.values()) for place in physical} == {frozenset({0, 1}), frozenset({3, 4})}
    assert sum(job["shots"] for job in record.start["jobs"]) == sum(job.shots for job in prepared_jobs(program))


def prepared_jobs(program: Program) -> tuple[devices.Job, ...]:
    """Those of one copy: executions do not grow with copies."""
    return jobs_by_pass(program, 1)


def probabilities_met(counts: pd.DataFrame, program: Program) -> float:
    """p-value of the counts of all copies, settings, points and members against the exact probabilities."""
    copies, terms, freedom = counts["copy"].unique().tolist(), 0.0, 0
    swept = program.experiment.axis
    for block in program.blocks:
        if block.prepared:
            continue
        setting = block.setting
        basis = {outcome.column: outcome.basis for outcome in setting.outcomes}
        letters = "".join(basis.get(column, "-") for column in bit_columns(program))
        for row, point in enumerate(block.point.tolist()):
            here = (counts["arm"] == setting.arm) & (counts["member"] == setting.member) & (counts["basis"] == letters)
            here &= counts[swept] == program.points.parameters[swept][point]
            for copy in copies:
                own = counts[here & (counts["copy"] == copy)]
                bits = own[[o.column for o in setting.outcomes]].to_numpy(dtype=int)
                found = np.zeros(2 ** len(setting.outcomes))
                np.add.at(found, bits @ (1 << np.arange(bits.shape[1])[::-1]), own["count"].to_numpy())
                expected = block.probabilities[row] * found.sum()
                possible = expected > 1e-9
                assert found[~possible].sum() == 0, "an outcome that cannot be"
                many = possible & (expected >= 5)
                terms += float((((found - expected) ** 2)[many] / expected[many]).sum())
                freedom += max(int(many.sum()) - 1, 0)
    assert freedom >= 2 * len(copies)
    return float(chi2.sf(terms, freedom))


@pytest.mark.parametrize(
    ("protocol", "options", "copies", "fields"),
    [
        ("heat-exchange", {}, 6, {"time": [0.0, 4.0]}),
        ("heat-exchange", {"sampler": "legacy"}, 3, {"time": [0.0, 4.0]}),
        ("heat-exchange", {"twirling": "all"}, 2, {"time": [4.0], "correlation": "none"}),
        ("cooling-floor", {}, 3, {}),
        ("heat-exchange", {"alone": 2}, 3, {"time": [4.0]}),
    ],
    ids=["executor", "legacy", "twirled", "read on the way", "alone"],
)
@pytest.mark.slow
def test_every_copy_has_the_probabilities_of_theory(
    platform: LocalPlatform,
    tmp_path: Path,
    protocol: str,
    options: Mapping[str, typing.Any],
    copies: int,
    fields: Mapping[str, object],
) -> None:
    """The platform is noiseless; a result in the place of another fails. p below 1e-4 in 1 of 10 000 runs."""
    program = program_of(protocol, shots=512, alone=options.get("alone", 0), **fields)
    record = flown(tmp_path / "runs", chip("ibm_fez", copies=copies, **options), program)
    assert record.copies == copies
    assert probabilities_met(record.counts(), program) > 1e-4
    if "alone" in options:
        # two copies in one pass, the third in the other, and its neighbours idle
        alone = record.alone()
        assert alone is not None
        assert alone.groupby("pass")["copy"].unique().map(len).sort_values().tolist() == [1, 2]
        assert probabilities_met(alone, program) > 1e-4
    if copies > 2:
        # and no copy repeats another
        heads = record.counts().groupby("copy")["count"].apply(lambda counts: tuple(counts[:40]))
        assert heads.nunique() == copies
    assert record.ideal()["device_state"].shape[0] == copies


# ---- processes that end, and others that go on ----


def _fly(runs: Path) -> None:
    prepared = devices.prepare_run(program_of(time=[0.0, 7.0], correlation="none"), chip(), runs=runs, seed=1)
    devices.collect(prepared.run, seconds=60, prepared=prepared)


def _resume(runs: Path) -> None:
    for run in runs.iterdir():
        devices.collect(run, seconds=60)


@pytest.mark.slow
def test_a_run_killed_twice_ends_with_the_bytes_of_one_that_was_not(tmp_path: Path) -> None:
    """Killed -9 while its second job waits, taken up, and killed again between two results."""
    with LocalPlatform() as platform:
        environment = {**platform.environment(), "HOME": str(tmp_path), "HOTWARD_IBM_WAITS": WAITS}
        whole = start(_fly, tmp_path / "whole", tmp_path / "log.txt", environment)
        end(whole, "uninterrupted")  # type: ignore[arg-type]
        assert whole.exitcode == 0, (tmp_path / "log.txt").read_text()
    with LocalPlatform() as platform:
        environment = {**platform.environment(), "HOME": str(tmp_path), "HOTWARD_IBM_WAITS": WAITS}
        platform.job_fault(outcome="slow", seconds=0.0)
        platform.job_fault(outcome="hold_queued")
        runs = tmp_path / "killed"
        process = start(_fly, runs, tmp_path / "log.txt", environment)
        until(lambda: len(platform.jobs) == 2 and any(job.read for job in platform.jobs.values()))
        process.kill()
        end(process, "killed")  # type: ignore[arg-type]
        (run,) = runs.iterdir()
        assert not (run / "stop.json").exists()
        platform.clear_faults()
        held = platform.fault(kind="results", action="hold_after")
        process = start(_resume, runs, tmp_path / "log.txt", environment)
        assert held.arrived.wait(60)
        process.kill()
        end(process, "killed again")  # type: ignore[arg-type]
        platform.clear_faults()
        held.release.set()
        process = start(_resume, runs, tmp_path / "log.txt", environment)
        end(process, "resumed")  # type: ignore[arg-type]
        assert process.exitcode == 0, (tmp_path / "log.txt").read_text()
        assert len(platform.jobs) == 2
        assert_sound(platform, runs, (tmp_path / "log.txt").read_text())
        assert_complete(platform, run)
        assert events(run).count("collected") == 2
    (first,) = (tmp_path / "whole").iterdir()
    # the raw texts have the time of the platform in them
    for name in ("counts.csv", "ideal.npz", "within_shots.npz"):
        assert (run / name).read_bytes() == (first / name).read_bytes(), name


@pytest.mark.slow
def test_counts_of_copies_import_byte_for_byte(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    record = flown(tmp_path / "own", chip(), program_of(time=[0.0, 7.0], shots=512))
    words = ["--protocol", "heat-exchange", "--bases", "ZZ,XY", "--draws", "5"]
    said = call("import", record.path / "counts.csv", *words, "--runs", tmp_path / "again")
    assert said.status == 0, said.err
    assert (said.run / "counts.csv").read_bytes() == (record.path / "counts.csv").read_bytes()
    assert RunRecord.open(said.run).copies == 2


def result_of(plan: Plan, job: devices.Job, **other: str) -> list[SamplerPubResult]:
    """A result of zeros with the registers of a job, some under other names."""
    found = []
    for item in items(plan, job):
        free = any(plan.executed_angles(block)[0] for block in item.blocks)
        shape = (len(item.rows), 4) if free else (4,)
        for _ in range(1 if free else len(item.rows)):
            bits = BitArray.from_bool_array(np.zeros((*shape, 2), dtype=bool), "little")
            names = [other.get(f"c{copy}", f"c{copy}") for copy in item.copies]
            found.append(SamplerPubResult(DataBin(**dict.fromkeys(names, bits), shape=shape[:-1])))
    return found


def test_a_result_in_which_a_register_of_a_copy_is_missing_is_not_counted(platform: LocalPlatform) -> None:
    plan = plan_on(chip(), program_of(time=[7.0], correlation="none"))
    (job, _) = plan.jobs
    whole = pubs.tallies(plan, job, result_of(plan, job))
    assert whole == [{"00": slot.shots} for slot in job.slots]
    for wrong, said in (
        (result_of(plan, job, c1="c7"), "without register c1"),
        (result_of(plan, job)[:-1], "items in place of"),
        (None, "NoneType"),
    ):
        with pytest.raises(Unintelligible, match=said):
            pubs.tallies(plan, job, wrong)


# ---- what is checked before anything is sent ----


def plan_on(device: Device, program: Program) -> Plan:
    return device.prepare(program, 1)


def test_instructions_are_checked_on_the_qubits_of_every_copy(platform: LocalPlatform) -> None:
    device = chip()
    plan = plan_on(device, program_of(time=[7.0], correlation="none"))
    apart = replace(plan.placements[1], physical={"A": 4, "B": 2})
    with pytest.raises(RequestError, match=r"has no cx on qubits (4, 2|2, 4)"):
        preflight.check_plan(
            replace(plan, placements=(plan.placements[0], apart)),
            device.target,
            {},
            "ibm_manila",  # type: ignore[attr-defined]
        )


def slowest(plan: Plan, job: devices.Job, target: Target) -> float:
    """Along the busiest qubit of any circuit of the whole chip [s]."""
    longest = 0.0
    for whole in circuits(plan, items(plan, job), 5):
        busy = np.zeros(5)
        for instruction in whole.data:
            if instruction.operation.name != "barrier":
                qubits = [whole.find_bit(qubit).index for qubit in instruction.qubits]
                busy[qubits] = busy[qubits].max() + (target[instruction.operation.name][tuple(qubits)].duration or 0)
        longest = max(longest, float(busy.max()))
    return longest


def test_an_execution_costs_once_whatever_runs_in_it(platform: LocalPlatform) -> None:
    """Two copies are two times the counts for the executions of one, 3 s a job and the longest template of both."""
    program = program_of(time=[0.0, 7.0])
    one, two = (chip(copies=copies) for copies in (1, 2))
    alone, both = plan_on(one, program), plan_on(two, program)
    found, due = two.cost(both), one.cost(alone)  # type: ignore[attr-defined]
    assert found.executions == due.executions == sum(job.shots for job in alone.jobs)
    assert (found.jobs, found.copies, due.copies) == (2, 2, 1)
    delay = two.backend.configuration().default_rep_delay  # type: ignore[attr-defined]
    longest = [slowest(both, job, two.target) for job in both.jobs]  # type: ignore[attr-defined]
    expected = sum(3 + job.shots * (delay + own) for job, own in zip(both.jobs, longest, strict=True))
    assert found.seconds == pytest.approx(expected, rel=1e-12)
    assert min(longest) > 1e-6
    assert "2 copies in each, the best on" in found.text
    assert found.as_dict()["copies"] == 2
    assert "copies" not in due.as_dict()
    assert due.as_dict()["seconds_left"] == due.seconds_left


def test_a_job_is_bounded_by_what_all_copies_do_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Executions count once, angles and bits once a copy; what runs in one circuit stays in one job."""
    program = program_of(time=[0.0, 2.0, 7.0], shots=256)
    one, four = jobs_by_pass(program, 1), jobs_by_pass(program, 1, range(4))
    assert [job.shots for job in one] == [job.shots for job in four]
    whole = max(4 * 2 * job.shots for job in four)
    monkeypatch.setattr(division, "MOST_BITS", whole // 3)
    divided = jobs_by_pass(program, 1, range(4))
    assert len(divided) > len(four)
    assert jobs_by_pass(program, 1) == one
    for job in divided:
        assert 4 * 2 * job.shots <= whole // 3
        rows = [(slot.block, slot.block_row, slot.pass_) for slot in job.slots]
        assert all(rows.count(row) == 4 for row in rows)
    assert sorted(map(str, (s for job in divided for s in job.slots))) == sorted(
        map(str, (s for job in four for s in job.slots))
    )
    monkeypatch.setattr(division, "MOST_BITS", 10**9)
    monkeypatch.setattr(division, "MOST_BYTES", 2000)
    for job in jobs_by_pass(program, 1, range(4)):
        angles = {slot.block: 8 * len(program.blocks[slot.block].names) for slot in job.slots}
        assert (
            sum(angles[s.block] * s.shots // 4 for s in job.slots) <= 2000 or len({s.block_row for s in job.slots}) == 1
        )


def test_two_qubit_gates_of_all_copies_count(platform: LocalPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    device = chip(passes=1)
    plan = plan_on(device, program_of(passes=1, time=[7.0]))
    gates = [circuit.num_nonlocal_gates() for circuit in plan.executed]
    total = sum(gates[slot.block] * slot.shots // 4 for slot in plan.jobs[0].slots)
    assert total == 2 * sum(gates[s.block] * s.shots // 4 for s in plan.jobs[0].slots if s.copy == 0) > 0
    for most, refused in ((total, False), (total - 1, True)):
        monkeypatch.setattr(preflight, "MOST_TWO_QUBIT_GATES", most)
        if refused:
            with pytest.raises(RequestError, match=r"two-qubit gates over all rows.*fewer copies"):
                preflight.check_plan(plan, device.target, {}, "ibm_manila")  # type: ignore[attr-defined]
        else:
            preflight.check_plan(plan, device.target, {}, "ibm_manila")  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_million_shots_of_96_bits_are_decoded_within_2_gib() -> None:
    """The benchmark prints how long it takes; only memory is asserted."""
    script = Path(__file__).parents[1] / "benchmarks" / "wide_results.py"
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    said = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, env=environment).stdout
    found = re.search(r"1000000 shots of 96 bits, .* at most (\d+) MiB", said)
    assert found is not None
    assert int(found[1]) < 2048
