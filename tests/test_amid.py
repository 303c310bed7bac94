"""Reads and resets on the way by `measure_2` and `reset_2`: where, with whose errors, and nowhere half."""

from __future__ import annotations

import io
import json
import typing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import Call
from fake_ibm import LocalPlatform
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, qpy
from qiskit.transpiler import InstructionProperties, Target
from qiskit_ibm_runtime import fake_provider

from devices import Plan, open_device
from devices.chip import without
from devices.chip.amid import as_used, plain, read_on_the_way, wires_read_faster, with_faster
from devices.chip.layout import Layout, lay_out, on_chip
from devices.ibm.preflight import check_plan
from devices.remote import job_seconds, jobs_by_pass
from devices.simulators.aer import Aer
from protocols import Program, RequestError, compile
from protocols.coherence_reversal import CoherenceReversal
from protocols.cooling_floor import CoolingFloor
from protocols.maxwell_demon import MaxwellDemon


def chip(name: str) -> typing.Any:
    return getattr(fake_provider, f"Fake{name}")()


def cascade() -> Program:
    """Two collisions with one bath wire, read and reset between them, prepared by measuring."""
    experiment = CoherenceReversal(collisions=2, angle=[0.0, 0.4])
    options = {"ancillas": "reset", "preparation": "measured"}
    return compile(experiment, experiment.points(options), shots=64, calibration_shots=8)


def wanted(circuit: QuantumCircuit, one: typing.Any) -> bool:
    """Whether a measurement is one into register c."""
    return one.name.startswith("measure") and "c" in [r.name for r, _ in circuit.find_bit(one.clbits[0]).registers]


def on_wire(layout: Layout, wire: str) -> list[str]:
    """Names of all operations on a wire, in all templates, that read into register c or reset."""
    place = list(layout.placement.physical).index(wire)
    return [
        one.name
        for circuit in layout.executed
        for one in circuit.data
        if circuit.find_bit(one.qubits[0]).index == place and (one.name.startswith("reset") or wanted(circuit, one))
    ]


BOSTON, KINGSTON, FEZ = chip("Boston").target, chip("Kingston").target, chip("Fez").target


@pytest.mark.parametrize(
    ("target", "read", "reset"),
    [(BOSTON, "measure_2", "reset_2"), (KINGSTON, "measure_2", "reset"), (FEZ, "measure", "reset")],
    ids=["boston", "kingston", "fez"],
)
def test_one_wire_is_read_in_one_way_in_every_template(target: Target, read: str, reset: str) -> None:
    """Its readout is corrected with calibration rows, so these are read like the bits on the way."""
    layout = lay_out(cascade(), target, "chip")
    assert set(on_wire(layout, "bath")) == {read, reset}
    for wire in ("S1", "S2"):
        assert set(on_wire(layout, wire)) == {"measure"}
    thrown_away = {
        one.name
        for circuit in layout.executed
        for one in circuit.data
        if one.name.startswith("measure") and not wanted(circuit, one)
    }
    assert thrown_away == {read}


def test_a_record_that_gates_depend_on_is_read_the_faster_way() -> None:
    experiment = MaxwellDemon()
    program = compile(experiment, experiment.points({"feedback": "measured"}), shots=64, calibration_shots=8)
    layout = lay_out(program, BOSTON, "chip")
    assert set(on_wire(layout, "M")) == {"measure_2"}
    assert set(on_wire(layout, "S")) == {"measure"}


@pytest.mark.slow
def test_a_wire_on_which_the_faster_read_is_broken_keeps_the_usual_one_everywhere() -> None:
    target = chip("Kingston").target
    place = lay_out(cascade(), target, "chip").placement.physical
    target.update_instruction_properties("measure_2", (place["bath"],), InstructionProperties(1.7e-6, 0.6))
    layout = lay_out(cascade(), target, "chip", qubits=list(place.values()))
    assert set(on_wire(layout, "bath")) == {"measure", "reset"}


@pytest.mark.slow
def test_a_place_is_scored_with_the_error_of_the_read_that_is_used() -> None:
    target = chip("Kingston").target
    physical = lay_out(cascade(), target, "chip").placement.physical
    for name, error in (("measure", 0.2), ("measure_2", 0.03)):
        old = target[name][physical["bath"],]
        new = InstructionProperties(old.duration, error)
        target.update_instruction_properties(name, (physical["bath"],), new)
    layout = lay_out(cascade(), target, "chip", qubits=list(physical.values()))
    qubits = typing.cast("dict[str, dict[str, object]]", layout.calibration["qubits"])
    assert qubits["bath"]["readout_error"] == 0.03
    assert qubits["bath"]["read_by"] == "measure_2"
    assert "read_by" not in qubits["S1"]
    factors = typing.cast("dict[str, typing.Any]", layout.calibration["score"])
    assert factors["readout"]["bath"]["factor"] == 1 - 0.03


@pytest.mark.slow
def test_calibration_rows_are_predicted_with_the_errors_of_the_faster_read() -> None:
    """By hand: pattern 1 of every wire, X with its error left out of the tolerance, confusions side by side."""
    device = typing.cast("Aer", open_device("aer:fake_kingston"))
    plan = device.prepare(cascade(), 1)
    physical = plan.placements[0].physical
    expected = device.expected_probabilities(plan)
    assert expected is not None
    index = next(i for i, block in enumerate(plan.program.blocks) if set(block.prepared) == {"0"})
    errors = {wire: KINGSTON["measure"][qubit,].error for wire, qubit in physical.items()}
    assert abs(errors["bath"] - KINGSTON["measure_2"][physical["bath"],].error) > 1e-3
    errors["bath"] = KINGSTON["measure_2"][physical["bath"],].error
    truth = np.ones(1)
    for outcome in plan.program.blocks[index].setting.outcomes:
        truth = np.kron(truth, [1 - errors[outcome.qubit], errors[outcome.qubit]])
    np.testing.assert_allclose(expected[index][0], truth, atol=1e-12)


@pytest.mark.slow
def test_the_simulated_template_is_the_one_with_usual_operations() -> None:
    plan = open_device("aer:fake_boston").prepare(cascade(), 1)
    assert {"measure_2", "reset_2"} <= {name for circuit in plan.executed for name in circuit.count_ops()}
    for circuit in map(plain, plan.executed):
        assert {"measure_2", "reset_2"}.isdisjoint(circuit.count_ops())
    same = lay_out(cascade(), FEZ, "chip").executed
    assert all(plain(circuit) is circuit for circuit in same)


def test_a_target_as_used_has_error_and_duration_of_the_faster_operations() -> None:
    used = as_used(BOSTON, [3])
    assert used["measure"][3,].error == BOSTON["measure_2"][3,].error
    assert used["measure"][4,].error == BOSTON["measure"][4,].error
    assert used["measure"][3,].duration == BOSTON["measure_2"][3,].duration
    assert used["reset"][4,].duration == BOSTON["reset_2"][4,].duration < BOSTON["reset"][4,].duration
    assert as_used(FEZ, []) is FEZ


@pytest.mark.slow
def test_shorter_reads_and_resets_are_counted_in_qpu_seconds() -> None:
    program = cascade()
    usual = Target(num_qubits=BOSTON.num_qubits, dt=BOSTON.dt, qubit_properties=BOSTON.qubit_properties)
    for name in BOSTON.operation_names:
        operation = BOSTON.operation_from_name(name)
        if name not in ("measure_2", "reset_2"):
            usual.add_instruction(operation, None if isinstance(operation, type) else dict(BOSTON[name]), name=name)
    place = list(lay_out(program, BOSTON, "chip").placement.physical.values())
    seconds = []
    for target in (BOSTON, usual):
        layout = lay_out(program, target, "chip", qubits=place)
        plan = Plan(
            program=program,
            placements=(layout.placement,),
            jobs=jobs_by_pass(program, 1),
            executed=tuple(on_chip(circuit, layout.placement, 156) for circuit in layout.executed),
        )
        seconds.append(job_seconds(plan, plan.jobs[0], target, 0.0) - 3)
        shots = plan.jobs[0].shots
    # on the bath wire: thrown away after preparing, read, reset, thrown away; the last reads are as long as those of S
    saved = 3 * (2.2e-6 - 1.624e-6) + (2.232e-6 - 1.656e-6)
    assert (seconds[1] - seconds[0]) / shots == pytest.approx(saved, rel=1e-6)


def test_faster_operations_survive_the_disk_and_the_checks_before_submitting() -> None:
    program = cascade()
    layout = lay_out(program, BOSTON, "ibm_boston")
    wide = [on_chip(circuit, layout.placement, 156) for circuit in layout.executed]
    buffer = io.BytesIO()
    qpy.dump(wide, buffer)
    buffer.seek(0)
    assert qpy.load(buffer) == wide
    plan = Plan(program=program, placements=(layout.placement,), jobs=jobs_by_pass(program, 1), executed=tuple(wide))
    check_plan(plan, BOSTON, {}, "ibm_boston")
    with pytest.raises(RequestError, match="no measure_2 on qubits"):
        check_plan(plan, FEZ, {}, "ibm_fez")


def test_places_that_do_not_all_have_them_are_all_given_the_usual_ones() -> None:
    circuit = QuantumCircuit(QuantumRegister(1, "q"), ClassicalRegister(2, "c"))
    circuit.measure(0, 0)
    circuit.reset(0)
    circuit.measure(0, 1)
    (both,) = with_faster([circuit], [BOSTON, BOSTON])
    assert [one.operation.name for one in both.data] == ["measure_2", "reset_2", "measure_2"]
    assert wires_read_faster([both]) == {0}
    assert len(read_on_the_way(both)) == 1
    (mixed,) = with_faster([circuit], [BOSTON, KINGSTON])
    assert [one.operation.name for one in mixed.data] == ["measure_2", "reset", "measure_2"]
    (none,) = with_faster([circuit], [BOSTON, FEZ])
    assert none is circuit


@pytest.mark.slow
def test_a_sampled_rehearsal_agrees_with_its_prediction(tmp_path: Path) -> None:
    """Frequencies of every row within 5 standard errors of the exact ones of the noise model; some 200 numbers."""
    from devices import execute

    device = typing.cast("Aer", open_device("aer:fake_boston"))
    program = cascade()
    record = execute(program, device, runs=tmp_path, seed=5)
    expected = device.expected_probabilities(device.prepare(program, 5))
    assert expected is not None
    counts = record.counts()
    rows = counts[counts["basis"] == "cal"]
    blocks = zip(program.blocks, expected, strict=True)
    patterns = {block.prepared: exact[0] for block, exact in blocks if block.prepared}
    columns = [outcome.qubit for outcome in next(b for b in program.blocks if b.prepared).setting.outcomes]
    for prepared, own in rows.groupby("prepared"):
        total = own["count"].sum()
        for bits, number in own.groupby(columns)["count"].sum().items():
            exact = patterns[str(prepared)][int("".join(str(int(bit)) for bit in bits), 2)]
            assert abs(number / total - exact) < 5 * np.sqrt(max(exact * (1 - exact), 1 / total) / total)


@pytest.mark.slow
@pytest.mark.parametrize("platform", [{"ibm_boston": "FakeBoston"}], indirect=True, ids=["boston"])
@pytest.mark.parametrize(
    "options", [("--sampler", "legacy"), ("--twirling", "gates")], ids=["legacy", "executor, twirled"]
)
def test_a_run_on_hardware_reads_the_faster_way_and_says_so(
    platform: LocalPlatform, call: Call, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """The platform is noiseless, and takes measure_2 for what it is: energies within 5 standard errors."""
    said = call(
        "run", "coherence-reversal", "--set", "collisions=2", "--set", "angle=0.4", "--ancillas", "reset",
        "--preparation", "ensemble", "--control", "off", "--shots", "512", "--seed", "3", "--draws", "50",
        "--device", "ibm:ibm_boston", "--passes", "1", "--runs", tmp_path / "runs", *options,
    )  # fmt: skip
    assert said.status == 0, said.err
    start = json.loads((said.run / "start.json").read_text())
    gates = {name for one in start["device"]["circuits"] for name in one["gates"]}
    assert {"measure_2", "reset_2"} <= gates
    assert start["device"]["calibration"]["qubits"]["bath"]["read_by"] == "measure_2"
    assert "by measure_2" in (said.run / "derived" / "report.html").read_text()
    table = pd.read_csv(said.run / "derived" / "table.csv")
    own = table[(table["observable"] == "energy") & table["stderr"].gt(0)]
    assert len(own) > 2
    assert (abs(own["value"] - own["ideal"]) < 5 * own["stderr"]).all()


@pytest.mark.slow
def test_qubits_that_wait_for_a_shorter_read_and_reset_relax_less() -> None:
    """cooling-floor on one place of Boston, with and without the faster operations: a fifth less is lost."""
    experiment = CoolingFloor()
    program = compile(experiment, experiment.points({}), shots=4096)
    lost, place = [], None
    for left_out in ((), ("measure_2", "reset_2")):
        backend = chip("Boston")
        backend._target = without(backend.target, left_out)
        device = Aer(backend=backend, qubits=place)
        plan = device.prepare(program, 1)
        place = tuple(plan.placements[0].physical.values())
        excited = device.predicted(plan)["state"][0, :, 1, 1].real
        lost.append(abs(excited - experiment.state(program.points)[:, 1, 1].real).max())
        assert ("measure_2" in {name for one in plan.executed for name in one.count_ops()}) != bool(left_out)
    assert lost[0] == pytest.approx(0.81 * lost[1], rel=0.02)
