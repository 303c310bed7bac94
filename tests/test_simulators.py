"""Devices: the right outcomes in the right order, honest randomness, the chip's own noise, and good places on it."""

from __future__ import annotations

import contextlib
import json
import math
import sys
import typing
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import slow
from doctored_chips import doctored
from qiskit.quantum_info import SuperOp
from qiskit.transpiler import Target
from qiskit_aer.noise import NoiseModel
from qiskit_ibm_runtime import fake_provider
from qiskit_ibm_runtime.fake_provider import FakeManilaV2
from scipy.linalg import expm

from devices import Device, Plan, execute, names, open_device
from devices.simulators.aer import Aer
from protocols import Program, RequestError, compile
from protocols.heat_exchange import HeatExchange

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit

BACKENDS = sorted({cls.backend_name for cls in vars(fake_provider).values() if getattr(cls, "backend_name", None)})
VIRTUAL = {"rz", "barrier", "delay"}
# armonk has one qubit; every coupler of this calibration of kyoto is reported with an error of 1
UNUSABLE = {"fake_armonk", "fake_kyoto"}
# one a generation: cx of 5 and of 27 qubits, ecr of 127, cz of 156; the others run in the slow tier
QUICKLY_RUN = {"fake_manila", "fake_montreal", "fake_sherbrooke", "fake_fez"}


def heat_exchange(
    *,
    bases: str = "ZZ",
    shots: int = 32,
    calibration: int = 0,
    options: Mapping[str, str] | None = None,
    **fields: Any,
) -> Program:
    experiment = HeatExchange(**{"time": [0.0, 5.0], **fields})
    points = experiment.points(options)
    return compile(experiment, points, shots=shots, bases=bases, calibration_shots=calibration)


def counts_of(run: Path) -> pd.DataFrame:
    return pd.read_csv(run / "counts.csv", dtype={"prepared": str})


def gates(circuit: QuantumCircuit) -> list[tuple[str, tuple[int, ...]]]:
    """Name and qubits of every real operation."""
    found = [(i.operation.name, tuple(circuit.find_bit(q).index for q in i.qubits)) for i in circuit.data]
    return [gate for gate in found if gate[0] not in VIRTUAL]


def target_of(device: Device) -> Target:
    assert isinstance(device, Aer)
    assert device.backend is not None
    return typing.cast("Target", device.backend.target)


# ---- every backend of the fake provider ----


def test_every_backend_of_the_provider_is_listed_and_no_other() -> None:
    assert [name for name in names() if name.startswith("aer:")] == [f"aer:{name}" for name in BACKENDS]
    assert names()[:2] == ("exact", "aer")


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_is_laid_out_on_usable_gates_or_refused_with_its_reason(backend: str) -> None:
    program = heat_exchange(calibration=32)
    device = open_device(f"aer:{backend}")
    assert device.name == f"aer:{backend}"
    assert device.noisy
    if backend in UNUSABLE:
        with pytest.raises(RequestError, match=f"device.*{backend}.*0 usable couplers"):
            device.prepare(program, 1)
        return
    plan = device.prepare(program, 1)
    target = target_of(device)
    physical = list(plan.placements[0].physical.values())
    for circuit in plan.executed:
        for name, qubits in gates(circuit):
            error = target[name][tuple(physical[q] for q in qubits)].error
            assert error is not None, (name, qubits)
            assert 0 <= error < 0.5, (name, qubits)


@pytest.mark.parametrize(
    "backend",
    [name if name in QUICKLY_RUN else slow(name) for name in BACKENDS if name not in UNUSABLE],
)
def test_every_backend_gives_as_many_outcomes_as_shots(backend: str, tmp_path: Path) -> None:
    device = open_device(f"aer:{backend}")
    plan = device.prepare(heat_exchange(calibration=32), 1)
    (tmp_path / "raw").mkdir()
    for job in plan.jobs:
        device.submit(plan, job, tmp_path)
        rows = device.decode(plan, job, (tmp_path / "raw" / f"job-{job.index:03d}.json").read_bytes())
        assert rows["count"].sum() == job.shots
    assert sum(job.shots for job in plan.jobs) == 2 * 32 + 4 * 32


@pytest.mark.parametrize(
    "name",
    [
        "",
        "nope",
        "Exact",
        "exact:",
        "exact:fake_fez",
        "aer:",
        "aer:nope",
        "aer:fez",
        "aer:FakeFez",
        "aer:fake_fez:gate",
        "aer:fake_fez:gates:gates",
        "aer::gates",
        "ibm:",
        "fake_fez",
    ],
)
def test_an_unknown_device_is_refused_and_named(name: str) -> None:
    with pytest.raises(RequestError, match="device") as caught:
        open_device(name)
    assert repr(name) in str(caught.value)
    assert "hotward list" in str(caught.value)


def test_a_device_refuses_what_it_cannot_do() -> None:
    class Feedback(HeatExchange):
        def needs(self, points: Any) -> Any:
            return frozenset({"feedback"})

    experiment = Feedback(time=[0.0, 5.0])
    program = compile(experiment, experiment.points(), shots=32, bases="ZZ")
    with pytest.raises(RequestError, match="feedback"):
        open_device("aer:fake_montreal").prepare(program, 1)


# ---- the right outcomes in the right order ----

ASYMMETRIC: dict[str, Any] = {
    "T_A": 3.0,
    "T_B": 0.5,
    "strength": 0.7,
    "coupling_phase": 0.83,
    "correlation_phase": -2.1,
    "dephasing": 0.13,
    "coupling": 0.17,
    "time": [0.0, 3.7],
}
EIGENVECTORS = {
    "X": [np.array([1, 1]) / math.sqrt(2), np.array([1, -1]) / math.sqrt(2)],
    "Y": [np.array([1, 1j]) / math.sqrt(2), np.array([1, -1j]) / math.sqrt(2)],
    "Z": [np.array([1, 0]), np.array([0, 1])],
}


def exact_state(time: float) -> np.ndarray:
    """The asymmetric state by matrix exponential, A left, from the definitions alone."""
    f = ASYMMETRIC
    p_A, p_B = (1 / (1 + math.exp(1 / f[T])) for T in ("T_A", "T_B"))
    rho = np.kron(np.diag([1 - p_A, p_A]), np.diag([1 - p_B, p_B])).astype(complex)
    rho += f["strength"] * p_A * p_B * np.diag([-1, 1, 1, -1])
    rho[1, 2] = (1 - f["dephasing"]) * f["strength"] * math.sqrt(p_A * p_B) * np.exp(1j * f["correlation_phase"])
    rho[2, 1] = rho[1, 2].conj()
    H = np.diag([0, 1, 1, 2]).astype(complex)
    H[1, 2] = f["coupling"] * np.exp(1j * f["coupling_phase"])
    H[2, 1] = H[1, 2].conj()
    U = expm(-1j * H * time)
    return U @ rho @ U.conj().T


def exact_probability(time: float, basis: str, a: int, b: int) -> float:
    v = np.kron(EIGENVECTORS[basis[0]][a], EIGENVECTORS[basis[1]][b])
    return float((v.conj() @ exact_state(time) @ v).real)


@pytest.mark.parametrize("device", ["exact", "aer"])
@pytest.mark.parametrize("preparation", ["ensemble", "purified"])
def test_measured_frequencies_are_the_exact_ones_in_every_basis_and_bit_order(
    device: str, preparation: str, tmp_path: Path
) -> None:
    shots = 8000
    program = heat_exchange(bases="full", shots=shots, options={"preparation": preparation}, **ASYMMETRIC)
    counts = counts_of(execute(program, open_device(device), runs=tmp_path, seed=11).path)
    counts["shots"] = counts.groupby(["time", "basis", "member"])["count"].transform("sum")
    counts["frequency"] = counts["weight"] * counts["count"] / counts["shots"]
    measured = counts.groupby(["time", "basis", "A", "B"])["frequency"].sum()
    pulls, swapped = [], []
    for time in ASYMMETRIC["time"]:
        for basis in sorted(set(counts["basis"])):
            for a in (0, 1):
                for b in (0, 1):
                    p = exact_probability(time, basis, a, b)
                    # the pooled variance bounds the stratified one; one count of the heaviest member at least
                    sigma = math.sqrt(p * (1 - p) / shots) + 1 / shots
                    found = float(measured.get((time, basis, a, b), 0.0))
                    pulls.append((found - p) / sigma)
                    swapped.append((exact_probability(time, basis[::-1], b, a) - p) / sigma)
    assert len(pulls) == 2 * 9 * 4
    assert max(map(abs, pulls)) < 5
    assert max(map(abs, swapped)) > 15, "the state would not notice a swap"
    rms = math.sqrt(sum(pull**2 for pull in pulls) / len(pulls))
    assert 0.4 < rms < 1.2, "as much noise as there should be"


def test_the_density_matrix_prediction_without_noise_is_the_exact_one() -> None:
    device = open_device("aer")
    assert isinstance(device, Aer)
    program = heat_exchange(bases="XY,ZX,XZ", **ASYMMETRIC)
    plan = device.prepare(program, 1)
    for index, block in enumerate(program.blocks):
        np.testing.assert_allclose(
            device.probabilities_before_readout(plan, [index])[0], block.probabilities, atol=1e-10
        )


def test_every_template_is_transpiled_once_and_bound_for_all_its_points(monkeypatch: pytest.MonkeyPatch) -> None:
    import devices.chip.executable

    made: list[int] = []
    transpile = devices.chip.executable.transpile

    def counted(circuits: list[QuantumCircuit], **options: Any) -> Any:
        made.append(len(circuits))
        return transpile(circuits, **options)

    monkeypatch.setattr(devices.chip.executable, "transpile", counted)
    program = heat_exchange(bases="ZZ,XX", time=np.linspace(0, 10, 40), T_A=[1.0, 2.0])
    plan = open_device("aer:fake_manila").prepare(program, 1)
    assert sum(made) == len(program.blocks) == len(plan.executed)
    for block, executed in zip(program.blocks, plan.executed, strict=True):
        assert {p.name for p in executed.parameters} == set(block.names)


# ---- randomness ----


def run_twice(device: str, tmp_path: Path, seeds: tuple[int, int]) -> tuple[bytes, bytes]:
    program = heat_exchange(bases="ZZ,XY", shots=200, calibration=50, options={"control": "none"})
    runs = [execute(program, open_device(device), runs=tmp_path, seed=seed).path for seed in seeds]
    first, second = ((run / "counts.csv").read_bytes() for run in runs)
    return first, second


@pytest.mark.parametrize("device", ["exact", "aer", "aer:fake_manila"])
def test_the_same_seed_gives_the_same_counts(device: str, tmp_path: Path) -> None:
    first, second = run_twice(device, tmp_path, (5, 5))
    assert first == second


@pytest.mark.parametrize("device", ["exact", "aer", "aer:fake_manila"])
def test_another_seed_gives_other_counts(device: str, tmp_path: Path) -> None:
    first, second = run_twice(device, tmp_path, (5, 6))
    assert first != second


def tallies(device: Device, program: Program, run: Path) -> dict[tuple[int, int], dict[str, int]]:
    """(block, row) -> outcome -> count, as received."""
    (run / "raw").mkdir()
    plan = device.prepare(program, 3)
    found: dict[tuple[int, int], dict[str, int]] = {}
    for job in plan.jobs:
        device.submit(plan, job, run)
        received = json.loads((run / "raw" / f"job-{job.index:03d}.json").read_text())
        for slot, tally in zip(job.slots, received, strict=True):
            assert sum(tally.values()) == slot.shots
            found[slot.block, slot.block_row] = tally
    return found


@pytest.mark.parametrize("device", ["exact", "aer", "aer:fake_manila"])
def test_identical_templates_in_one_run_give_different_bits(device: str, tmp_path: Path) -> None:
    program = heat_exchange(bases="ZZ,XX,XY", shots=4096)
    doubled = replace(program, blocks=program.blocks * 2)
    found = tallies(open_device(device), doubled, tmp_path)
    half = len(program.blocks)
    assert len(found) == 2 * half * 2
    for (block, row), tally in found.items():
        if block < half:
            assert sum(tally.values()) == sum(found[block + half, row].values())
            assert tally != found[block + half, row] or len(tally) == 1, "only a certain outcome repeats itself"
    assert sum(len(tally) > 1 for tally in found.values()) > half


@pytest.mark.parametrize("device", ["exact", "aer", "aer:fake_manila"])
def test_identical_points_of_one_template_give_different_bits(device: str, tmp_path: Path) -> None:
    # at time 0 the coupling does not matter: the same angles twice
    program = heat_exchange(bases="ZZ,XX", shots=4096, time=0.0, coupling=[0.1, 0.2])
    assert all((block.values[0] == block.values[1]).all() for block in program.blocks)
    found = tallies(open_device(device), program, tmp_path)
    for index, block in enumerate(program.blocks):
        if block.setting.basis == "XX":
            assert found[index, 0] != found[index, 1]


def test_the_counts_of_identical_templates_are_independent(tmp_path: Path) -> None:
    program = heat_exchange(bases="ZZ,XX", shots=400, time=0.0, coupling=np.linspace(0.1, 0.2, 40).tolist())
    found = tallies(open_device("aer"), replace(program, blocks=program.blocks * 2), tmp_path)
    half = len(program.blocks)
    for index, block in enumerate(program.blocks):
        if block.setting.basis == "XX":
            shares = np.array(
                [[found[index + k, row].get("00", 0) / block.repeats[row] for row in range(40)] for k in (0, half)]
            )
            assert abs(np.corrcoef(shares)[0, 1]) < 4 / math.sqrt(40)
            assert shares.std(axis=1).min() > 0


@pytest.mark.parametrize("device", ["exact", "aer", "aer:fake_manila"])
def test_every_job_has_a_seed_of_its_own(device: str) -> None:
    plan = open_device(device).prepare(heat_exchange(shots=101, calibration=20, T_A=[1.0, 2.0, 3.0]), 1)
    assert len({job.seed for job in plan.jobs}) == len(plan.jobs)
    assert len({job.digest for job in plan.jobs}) == len(plan.jobs)


# ---- shots and calibration ----


@pytest.mark.parametrize("device", ["exact", "aer", "aer:fake_manila"])
@pytest.mark.parametrize("calibration", [2, 33])
def test_calibration_comes_first_and_last(device: str, calibration: int) -> None:
    program = heat_exchange(calibration=calibration, options={"control": "none,dephased"})
    plan = open_device(device).prepare(program, 1)
    slots = [slot for job in plan.jobs for slot in job.slots]
    kinds = ["cal" if program.blocks[slot.block].prepared else "run" for slot in slots]
    middle = len(slots) - 8
    assert kinds == ["cal"] * 4 + ["run"] * middle + ["cal"] * 4
    for ends, pass_ in ((slots[:4], 0), (slots[-4:], 1)):
        assert [program.blocks[slot.block].prepared for slot in ends] == ["00", "01", "10", "11"]
        assert {slot.pass_ for slot in ends} == {pass_}
    for first, last in zip(slots[:4], slots[-4:], strict=True):
        assert first.shots + last.shots == calibration
        assert abs(first.shots - last.shots) <= 1


@pytest.mark.parametrize("device", ["exact", "aer"])
def test_every_setting_and_point_gets_its_shots_in_proportion_to_the_weights(device: str) -> None:
    shots = 777
    program = heat_exchange(bases="ZZ,XX", shots=shots, strength=[0.3, 0.9], options={"control": "none"})
    plan = open_device(device).prepare(program, 1)
    total: dict[tuple[str, str, int], int] = {}
    for job in plan.jobs:
        for slot in job.slots:
            block = program.blocks[slot.block]
            assert abs(slot.shots - shots * block.weight[slot.block_row]) < 2
            key = (block.setting.arm, block.setting.basis, int(block.point[slot.block_row]))
            total[key] = total.get(key, 0) + slot.shots
    assert len(total) == 2 * 2 * len(program.points)
    assert set(total.values()) == {shots}


def test_aer_is_called_once_for_each_shot_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import devices.simulators.aer_pieces

    called: list[int] = []

    class Counting(devices.simulators.aer_pieces.AerSimulator):
        def run(self, *arguments: Any, **options: Any) -> Any:
            called.append(options["shots"])
            return super().run(*arguments, **options)

    monkeypatch.setattr(devices.simulators.aer_pieces, "AerSimulator", Counting)
    program = heat_exchange(bases="ZZ,XX", shots=64, strength=[0.5, 0.9])
    execute(program, open_device("aer"), runs=tmp_path, seed=1)
    wanted = {int(n) for block in program.blocks for n in block.repeats}
    assert sorted(called) == sorted(wanted)


@pytest.mark.parametrize("device", ["aer", slow("aer:fake_manila")])
def test_many_shots_are_several_calls_whose_counts_are_those_of_one_experiment(
    device: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import devices.simulators.aer_pieces

    called: list[tuple[int, int]] = []

    class Counting(devices.simulators.aer_pieces.AerSimulator):
        def run(self, *arguments: Any, **options: Any) -> Any:
            if "seed_simulator" in options:  # a prediction has none
                called.append((options["shots"], options["seed_simulator"]))
            return super().run(*arguments, **options)

    monkeypatch.setattr(devices.simulators.aer_pieces, "AerSimulator", Counting)
    program = heat_exchange(bases="ZZ", shots=20_000, time=[0.0, 5.0], correlation="none", calibration=0)
    plan = open_device(device).prepare(program, 1)
    whole = execute(program, open_device(device), runs=tmp_path / "whole", seed=1).counts()
    once = called.copy()
    assert once == [(job.slots[0].shots, job.seed) for job in plan.jobs]
    called.clear()
    monkeypatch.setattr("devices.simulators.aer_calls.MOST_SHOTS", 2000)
    parts = execute(program, open_device(device), runs=tmp_path / "parts", seed=1).counts()
    assert all(shots * len(plan.jobs[0].slots) <= 2000 for shots, _ in called[:2])
    assert len({seed for _, seed in called}) == len(called) > 10
    assert sum(shots for shots, _ in called) == sum(shots for shots, _ in once)
    assert parts["count"].sum() == whole["count"].sum()
    merged = whole.merge(parts, on=["time", "member", "basis", "A", "B"], suffixes=("", "_parts"))
    both = merged[["count", "count_parts"]].to_numpy(dtype=float)
    # the difference of two Poisson numbers: none of a few dozen is beyond five of its standard deviations
    assert (np.abs(both[:, 0] - both[:, 1]) <= 5 * np.sqrt(both.sum(axis=1)) + 5).all()


# ---- noise ----


def noise_of(device: Aer, plan: Plan) -> NoiseModel:
    return typing.cast("Any", device._simulator(plan).options).noise_model


@pytest.mark.parametrize("preparation", ["ensemble", "purified"])
def test_noise_of_the_used_qubits_equals_that_of_the_full_device(preparation: str) -> None:
    full = NoiseModel.from_backend(FakeManilaV2())
    device = Aer(backend=FakeManilaV2())
    plan = device.prepare(heat_exchange(options={"preparation": preparation}), 1)
    physical = list(plan.placements[0].physical.values())
    number = {q: i for i, q in enumerate(physical)}
    own = noise_of(device, plan)
    assert set(own.noise_instructions) == set(full.noise_instructions)
    compared = 0
    for name, errors in full._local_quantum_errors.items():
        for qubits, error in errors.items():
            if set(qubits) <= set(physical):
                mine = own._local_quantum_errors[name][tuple(number[q] for q in qubits)]
                np.testing.assert_allclose(SuperOp(mine).data, SuperOp(error).data, atol=1e-12)
                compared += 1
    assert compared == sum(map(len, own._local_quantum_errors.values()))
    readout = {(number[q],): full._local_readout_errors[(q,)] for q in physical}
    assert set(own._local_readout_errors) == set(readout)
    for qubit, error in readout.items():
        np.testing.assert_allclose(own._local_readout_errors[qubit].probabilities, error.probabilities, atol=1e-15)


def test_noise_makes_the_outcomes_worse_and_readout_error_shows_in_the_calibration(tmp_path: Path) -> None:
    program = heat_exchange(bases="ZZ", shots=4000, calibration=4000, T_A=0.05, T_B=0.06, correlation="none")
    counts = counts_of(execute(program, open_device("aer:fake_manila"), runs=tmp_path, seed=2).path)
    ground = counts[counts["basis"] == "ZZ"]
    excited = ground[(ground["A"] == 1) | (ground["B"] == 1)]["count"].sum() / ground["count"].sum()
    assert 0.01 < excited < 0.3, "both qubits are in the ground state but for noise"
    calibration = counts[counts["basis"] == "cal"]
    right = calibration["prepared"] == calibration["A"].astype(str) + calibration["B"].astype(str)
    share = calibration[right]["count"].sum() / calibration["count"].sum()
    assert 0.7 < share < 0.999


@pytest.mark.parametrize("seed", range(2, 5))
def test_a_calibration_too_short_to_be_inverted_is_no_fault(seed: int, tmp_path: Path) -> None:
    from analysis import analyse
    from devices import RunError

    device = doctored(readout=dict.fromkeys(range(5), 0.35))
    record = execute(heat_exchange(calibration=4, shots=64), device, runs=tmp_path, seed=seed)
    with contextlib.suppress(RunError):
        table = analyse(record, draws=20).table
        assert np.isfinite(table.query("observable == 'energy'")["value"]).all()


def test_nothing_is_said_of_a_control_that_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from hotward import cli as _cli

    words = "--device aer:fake_manila --set correlation=none --set time=0:5:2 --bases ZZ --shots 32 --draws 2"
    monkeypatch.setattr(sys, "argv", ["hotward", "run", "heat-exchange", *words.split(), "--runs", str(tmp_path)])
    with pytest.raises(SystemExit) as stopped:
        _cli.main()
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    (run,) = tmp_path.iterdir()
    assert set(counts_of(run)["arm"]) == {"main"}
    assert "the control none runs" not in said


def test_the_noisy_counts_follow_the_density_matrix_and_the_readout_of_the_calibration(tmp_path: Path) -> None:
    device = open_device("aer:fake_manila")
    assert isinstance(device, Aer)
    shots = 20000
    program = heat_exchange(bases="ZX,XZ", shots=shots, **ASYMMETRIC)
    plan = device.prepare(program, 3)
    readout = noise_of(device, plan)._local_readout_errors
    wires = list(plan.placements[0].physical)
    confusion = np.kron(*(readout[(wires.index(q),)].probabilities.T for q in ("A", "B")))
    found = tallies(device, program, tmp_path)
    for index, block in enumerate(program.blocks):
        expected = device.probabilities_before_readout(plan, [index])[0] @ confusion.T
        for row, repeats in enumerate(block.repeats):
            seen = np.array([found[index, row].get(f"{k:02b}", 0) for k in range(4)])
            sigma = np.sqrt(repeats * expected[row] * (1 - expected[row])) + 1
            assert (np.abs(seen - repeats * expected[row]) < 5 * sigma).all()
            assert np.abs(expected[row] - block.probabilities[row]).max() > 1e-3
