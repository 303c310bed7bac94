"""Stored calibrations: found without qiskit, dated in the list, in the run and in what is said of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Call
from qiskit_ibm_runtime.fake_provider import FakeManilaV2

from devices import names, open_device, snapshots
from devices.snapshots import calibrated


def test_days_are_those_that_the_provider_has() -> None:
    days = snapshots()
    assert [f"aer:{name}" for name in days] == list(names()[2:])
    for backend in (FakeManilaV2(),):
        assert days[backend.name] == calibrated(backend) == backend.properties().last_update_date.date().isoformat()
    assert days["fake_boston"] == "2026-04-17"
    assert all(days.values())


@pytest.mark.slow
def test_a_rehearsal_knows_the_day_of_its_calibration() -> None:
    assert open_device("aer:fake_boston").describe()["calibrated"] == "2026-04-17"
    assert "calibrated" not in open_device("aer").describe()


@pytest.mark.slow
def test_the_list_has_the_days_and_imports_no_qiskit() -> None:
    code = (
        "import sys; sys.argv = ['hotward', 'list']\n"
        "from hotward.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('qiskit' in sys.modules or 'qiskit_ibm_runtime' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[-1] == "False"
    (boston,) = [line for line in said if line.startswith("aer:fake_boston\t")]
    assert "calibration of 2026-04-17" in boston


@pytest.mark.slow
def test_the_day_stands_in_the_run_the_report_and_the_conclusion(call: Call, tmp_path: Path) -> None:
    said = call(
        "run", "heat-exchange", "--set", "time=4", "--shots", "256", "--bases", "ZZ", "--control", "off", "--seed", "1",
        "--device", "aer:fake_manila", "--runs", tmp_path,
    )  # fmt: skip
    assert said.status == 0, said.err
    assert "stored calibration of 2024-05-27" in said.out
    assert json.loads((said.run / "start.json").read_text())["device"]["calibrated"] == "2024-05-27"
    assert "stored on 2024-05-27" in (said.run / "derived" / "report.html").read_text()
