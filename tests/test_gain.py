"""What gates of any angle would gain: by hand from the calibration, said per backend and in a plan, never taken."""

from __future__ import annotations

import json
import math
import typing
from pathlib import Path

import pytest
from conftest import Call
from fake_ibm import LocalPlatform
from qiskit.circuit import Parameter
from qiskit.circuit.library import RXGate, RZZGate
from qiskit.transpiler import InstructionProperties, Target
from qiskit_ibm_runtime.fake_provider import FakeBoston, FakeFractionalBackend, FakeManilaV2

from devices import open_device
from devices.chip.layout import lay_out
from devices.gain import fractional_gain, gain, gain_of_a_pair
from protocols import Program, compile
from protocols.heat_exchange import HeatExchange


def with_all_gates(backend: typing.Any) -> Target:
    """A stored chip with the gates of any angle that its calibration has and its configuration leaves out."""
    target: Target = backend.target
    stored = json.loads((Path(backend.dirname) / backend.props_filename).read_text())["gates"]
    for name, gate in (("rzz", RZZGate), ("rx", RXGate)):
        numbers = {
            tuple(one["qubits"]): {p["name"]: p["value"] for p in one["parameters"]}
            for one in stored
            if one["gate"] == name
        }
        known = {
            place: InstructionProperties(duration=one["gate_length"] * 1e-9, error=one["gate_error"])
            for place, one in numbers.items()
        }
        target.add_instruction(gate(Parameter("theta")), known)
    return target


def pair() -> Program:
    return compile(HeatExchange(time=[7.0]), shots=64, bases="ZZ")


@pytest.mark.slow
def test_the_numbers_are_those_of_the_calibration() -> None:
    """By hand: counts of executed gates, each with the error of its own kind, on one named pair of Boston."""
    target, program = with_all_gates(FakeBoston()), pair()
    found = gain(program, target, "chip", (14, 15))
    assert found is not None
    for carried, fractional in ((found.without, False), (found.fractional, True)):
        layout = lay_out(program, target, "chip", qubits=(14, 15), fractional=fractional)
        worst = 0.0
        for circuit in layout.executed:
            kept = 1.0
            for one in circuit.data:
                if one.name in ("cz", "rzz", "sx", "x", "rx"):
                    kept *= 1 - target[one.name][tuple((14, 15)[circuit.find_bit(q).index] for q in one.qubits)].error
            worst = max(worst, 1 - kept)
        assert carried.error == pytest.approx(worst, rel=1e-9)
        assert carried.qubits == (14, 15)
    assert found.pays
    assert found.text.startswith("--fractional would pay: ")
    assert f"{found.without.error:.2%}" in found.text


def test_where_rzz_is_worse_it_would_not_pay() -> None:
    target = FakeFractionalBackend().target
    for place, old in list(target["rzz"].items()):
        new = InstructionProperties(duration=old.duration, error=0.05)
        target.update_instruction_properties("rzz", place, new)
    found = gain(pair(), target, "chip")
    assert found is not None
    assert not found.pays
    assert found.text.startswith("--fractional would not pay: ")


@pytest.mark.slow
def test_a_place_for_rotations_is_chosen_by_their_errors() -> None:
    target = with_all_gates(FakeBoston())
    chosen = lay_out(pair(), target, "chip", fractional=True).placement.physical
    old = target["rzz"][chosen["A"], chosen["B"]]
    for place in ((chosen["A"], chosen["B"]), (chosen["B"], chosen["A"])):
        target.update_instruction_properties("rzz", place, InstructionProperties(duration=old.duration, error=0.3))
    moved = lay_out(pair(), target, "chip", fractional=True).placement.physical
    assert {*moved.values()} != {*chosen.values()}
    # with fixed gates the pair is as good as ever
    kept = lay_out(pair(), target, "chip").placement.physical
    assert {*kept.values()} == {14, 15}


def test_nothing_is_said_of_a_device_without_such_gates() -> None:
    assert gain_of_a_pair(FakeManilaV2().target, "fake_manila") is None
    assert fractional_gain(pair(), open_device("exact")) is None
    assert fractional_gain(pair(), open_device("aer")) is None


@pytest.mark.slow
def test_a_stored_chip_with_copied_errors_gains_by_single_qubit_gates_alone() -> None:
    """FakeFractionalBackend copies the errors of cx: two for two, three for three; what is saved are pulses."""
    target = FakeFractionalBackend().target
    found = gain_of_a_pair(target, "fake_fractional")
    assert found is not None
    assert 0 < found.without.error - found.fractional.error < 10 * 4e-4
    said = fractional_gain(pair(), open_device("aer:fake_fractional"))
    assert said is not None
    assert math.isclose(said.without.error, found.without.error)


@pytest.mark.slow
def test_a_plan_and_the_list_of_backends_say_it(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    words = ("plan", "heat-exchange", "--set", "time=7", "--shots", "512", "--bases", "ZZ", "--control", "off")
    planned = call(*words, "--device", "ibm:ibm_fracfive", "--runs", tmp_path)
    assert planned.status == 0, planned.err
    assert "--fractional would " in planned.out
    assert "--fractional\n" not in planned.out.replace(" --fractional would", "")
    (written,) = tmp_path.rglob("plan.json")
    assert json.loads(written.read_text())["fractional"]["without"]["error"] > 0
    rows = {row["name"]: row for row in json.loads(call("backends", "--json").out)["backends"]}
    assert rows["ibm_fracfive"]["error_fractional"] < rows["ibm_fracfive"]["error"]
    assert rows["ibm_manila"]["error_fractional"] is None
    assert rows["ibm_fez"]["repetition_delay"] == pytest.approx(250.0)
    listed = call("backends").out
    assert "pay: gate errors" in listed
    assert not platform.jobs
