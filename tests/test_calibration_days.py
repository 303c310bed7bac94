"""The calibration at submission and at collection: both kept and sealed, compared, and never in the way of a result."""

from __future__ import annotations

import copy
import json
import typing
from pathlib import Path

import pytest
from conftest import Call, Said
from fake_ibm import LocalPlatform
from qiskit_ibm_runtime.fake_provider import FakeManilaV2

from analysis.report.calibration_days import Change, changes
from devices import RunRecord
from devices.record import CALIBRATION, LATER_CALIBRATION

SMALL = (
    "heat-exchange", "--set", "time=4", "--shots", "64", "--bases", "ZZ", "--control", "off", "--seed", "1",
    "--device", "ibm:ibm_manila", "--passes", "1", "--yes", "--qubits", "1,2",
)  # fmt: skip
START = {
    "device": {
        "circuits": [{"gates": {"cx": 2, "sx": 4, "rz": 9, "measure": 2}}],
        "placements": [{"physical": {"A": 1, "B": 2}}],
        "calibration": {"qubits": {"A": {}, "B": {}}},
    }
}


def stored() -> dict[str, typing.Any]:
    fake = FakeManilaV2()
    return json.loads((Path(fake.dirname) / fake.props_filename).read_text())


def set_qubit(properties: dict[str, typing.Any], qubit: int, name: str, factor: float) -> None:
    for one in properties["qubits"][qubit]:
        if one["name"] == name:
            one["value"] *= factor


def set_gate(properties: dict[str, typing.Any], gate: str, qubits: list[int], factor: float) -> None:
    for one in properties["gates"]:
        if one["gate"] == gate and sorted(one["qubits"]) == qubits:
            for parameter in one["parameters"]:
                if parameter["name"] == "gate_error":
                    parameter["value"] *= factor


def test_only_what_the_run_used_and_what_changed_enough_is_told() -> None:
    before = stored()
    after = copy.deepcopy(before)
    assert changes(START, before, after) == []
    set_qubit(after, 1, "T1", 0.5)
    set_qubit(after, 2, "T1", 0.7)
    set_qubit(after, 3, "T1", 0.1)
    set_qubit(after, 2, "readout_error", 4.0)
    set_gate(after, "cx", [1, 2], 3.0)
    set_gate(after, "cx", [2, 3], 30.0)
    set_gate(after, "x", [1], 30.0)
    found = changes(START, before, after)
    assert [(one.kind, one.where) for one in found] == [
        ("readout error", "B (qubit 2)"),
        ("two-qubit error", "cx on A (qubit 1) - B (qubit 2)"),
        ("T1", "A (qubit 1)"),
    ]
    assert [one.after / one.before for one in found] == pytest.approx([4.0, 3.0, 0.5])


def test_a_change_reads_as_one() -> None:
    change = Change(kind="T1", where="A (qubit 1)", before=150.0, after=75.0)
    assert change.text == "T1 of A (qubit 1) 150 -> 75 us"


def test_a_wire_read_by_the_faster_measurement_is_compared_by_that_one() -> None:
    before = stored()
    read = {"gate": "measure_2", "qubits": [1], "parameters": [{"name": "gate_error", "value": 0.01}]}
    before["gates"].append(read)
    after = copy.deepcopy(before)
    set_qubit(after, 1, "readout_error", 9.0)
    set_gate(after, "measure_2", [1], 3.0)
    start = copy.deepcopy(START)
    start["device"]["calibration"]["qubits"]["A"] = {"read_by": "measure_2"}
    (found,) = changes(start, before, after)
    assert (found.kind, found.before, found.after) == ("readout error", 0.01, pytest.approx(0.03))


def submitted(call: Call, tmp_path: Path) -> Said:
    said = call("submit", *SMALL, "--runs", tmp_path / "runs")
    assert said.status == 0, said.err
    return said


@pytest.mark.slow
def test_both_days_are_kept_sealed_and_compared(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    run = submitted(call, tmp_path).run
    later = platform.chip("ibm_manila").properties
    later["last_update_date"] = "2024-05-28T09:00:00-03:00"
    set_qubit(later, 1, "T1", 0.25)
    said = call("collect", run)
    assert said.status == 0, said.err
    record = RunRecord.open(run)
    assert {CALIBRATION, LATER_CALIBRATION} <= set(record.stop["sha256"])
    both = [json.loads((run / name).read_text())["last_update_date"][:10] for name in (CALIBRATION, LATER_CALIBRATION)]
    assert both == ["2024-05-27", "2024-05-28"]
    report = (run / "derived" / "report.html").read_text()
    assert "at collection; changed beyond a factor of 1.5: T1 of A (qubit 1)" in report
    assert len(platform.jobs) == 1
    # what is edited afterwards is found
    (run / LATER_CALIBRATION).write_text("{}")
    assert call("analyse", run).status == 1


@pytest.mark.slow
@pytest.mark.parametrize("action", [{"action": "status", "code": 404}, {"action": "garbage"}, {"action": "hang"}])
def test_a_platform_that_does_not_tell_stands_before_no_result(
    platform: LocalPlatform,
    call: Call,
    tmp_path: Path,
    action: dict[str, typing.Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = submitted(call, tmp_path).run
    monkeypatch.setattr("devices.ibm.cloud._SOON", 0.5)
    extra = {"seconds": 3} if action["action"] == "hang" else {}
    fault = platform.fault(kind="properties", times=-1, **action, **extra)
    said = call("collect", run)
    assert said.status == 0, said.err
    assert fault.arrived.is_set()
    assert RunRecord.open(run).stop["status"] == "done"
    assert not (run / LATER_CALIBRATION).exists()
    assert "that at collection was not obtained" in (run / "derived" / "report.html").read_text()
