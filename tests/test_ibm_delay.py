"""The repetition delay: read from the backend, changed on demand, counted, and remarked on where it is long."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from conftest import Call
from fake_ibm import LocalPlatform
from qiskit_ibm_runtime.fake_provider import FakeBoston, FakeMiami

from devices import HardwareOptions, open_device
from devices.ibm.estimate import delay_of
from devices.remote import Delay, duration
from protocols import RequestError, compile
from protocols.heat_exchange import HeatExchange

CHIPS = {"ibm_boston": "FakeBoston", "ibm_miami": "FakeMiami"}
on_new_chips = pytest.mark.parametrize("platform", [CHIPS], indirect=True, ids=["new chips"])
SMALL = ("heat-exchange", "--set", "time=4", "--shots", "64", "--bases", "ZZ", "--control", "off", "--seed", "1")


def test_what_is_asked_for_is_checked_against_the_range_of_the_backend() -> None:
    boston, miami = FakeBoston().configuration(), FakeMiami().configuration()
    assert delay_of(boston, None, "ibm_boston") == Delay(seconds=250e-6, least=0.0)
    assert delay_of(boston, 2000.0, "ibm_boston").seconds == pytest.approx(2e-3)
    assert delay_of(miami, None, "ibm_miami").seconds == pytest.approx(4e-3)
    # an end of the range may come back from seconds a little inside of it
    assert delay_of(miami, 1000.0, "ibm_miami").seconds == pytest.approx(1e-3)
    with pytest.raises(RequestError, match=r"`rep_delay` must be from 1000 to 4000 us .*, but is 999\. .*4000"):
        delay_of(miami, 999.0, "ibm_miami")
    with pytest.raises(RequestError, match=r"from 0 to 2000 us on ibm_boston, but is 2001"):
        delay_of(boston, 2001.0, "ibm_boston")


def test_a_fixed_delay_cannot_be_changed() -> None:
    configuration = FakeBoston().configuration()
    configuration.dynamic_reprate_enabled = False
    assert delay_of(configuration, None, "ibm_boston").seconds == 250e-6
    with pytest.raises(RequestError, match="must be left out on ibm_boston"):
        delay_of(configuration, 100.0, "ibm_boston")


@pytest.mark.parametrize("wrong", [-1.0, math.inf, math.nan])
def test_what_is_no_delay_is_refused(wrong: float) -> None:
    with pytest.raises(RequestError, match="`rep_delay` must be microseconds"):
        HardwareOptions(rep_delay=wrong)


def test_the_options_come_back_from_the_record_and_a_default_leaves_no_trace() -> None:
    options = HardwareOptions(rep_delay=62.5)
    assert options.words()["rep_delay"] == "62.5 us"
    assert HardwareOptions.of(options.words()) == options
    assert "rep_delay" not in HardwareOptions().words()


@pytest.mark.slow
def test_a_long_delay_is_remarked_on_with_what_a_shorter_one_leaves_excited() -> None:
    experiment = HeatExchange(time=[0.0, 4.0])
    program = compile(experiment, shots=4096, bases="ZZ")
    device = open_device("aer:fake_miami")
    plan = device.prepare(program, 0)
    found = duration(plan, device)
    physical = plan.placements[0].physical
    life = max(FakeMiami().target.qubit_properties[qubit].t1 for qubit in physical.values())
    assert found.remarks[0].startswith("the device waits 4000 us between executions, ")
    assert "--rep-delay 1000" in found.remarks[0]
    assert f"remain {math.exp(-1e-3 / life):.2%} after 1000 us" in found.remarks[1]
    # executions dominate: a quarter of the delay, beside the overhead of a job
    executions = found.executions
    assert found.seconds == pytest.approx(3 + executions * 4e-3, rel=0.01)
    assert f"about {3 + executions * 1e-3:.0f} s" in found.remarks[0]
    other = open_device("aer:fake_boston")
    assert duration(other.prepare(program, 0), other).remarks == ()


@on_new_chips
@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["executor", "legacy"])
def test_a_delay_is_sent_recorded_counted_and_known_to_whoever_collects(
    platform: LocalPlatform, call: Call, tmp_path: Path, sampler: str
) -> None:
    runs = tmp_path / "runs"
    common = (*SMALL, "--device", "ibm:ibm_miami", "--passes", "1", "--yes", "--runs", runs, "--sampler", sampler)
    usual = call("submit", *common)
    assert usual.status == 0, usual.err
    assert "warning: the device waits 4000 us between executions" in usual.err
    assert "it lists no reset" in usual.err
    shorter = call("submit", *common, "--rep-delay", "1000")
    assert shorter.status == 0, shorter.err
    assert "warning" not in shorter.err
    sent = [json.dumps(job.params["options"]) for job in platform.jobs.values()]
    assert ['"rep_delay": 0.001' in text for text in sent] == [False, True]
    starts = [json.loads((said.run / "start.json").read_text()) for said in (usual, shorter)]
    assert "rep_delay" not in starts[0]["device"]["options"]
    assert starts[1]["device"]["options"]["rep_delay"] == "1000 us"
    executions = starts[0]["cost"]["executions"]
    saved = starts[0]["cost"]["seconds"] - starts[1]["cost"]["seconds"]
    assert saved == pytest.approx(executions * 3e-3)
    assert any("4000 us" in note for note in starts[0]["notes"])
    assert not any("us between" in note for note in starts[1]["notes"])
    assert call("collect", shorter.run).status == 0
    assert "rep delay 1000 us" in (shorter.run / "derived" / "report.html").read_text()


@on_new_chips
@pytest.mark.slow
def test_a_delay_out_of_range_writes_and_sends_nothing(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    said = call("submit", *SMALL, "--device", "ibm:ibm_miami", "--yes", "--runs", runs, "--rep-delay", "250")
    assert said.status == 2
    assert "`rep_delay` must be from 1000 to 4000 us on ibm_miami, but is 250" in said.err
    assert not platform.jobs
    assert not runs.exists() or not list(runs.iterdir())
    said = call("run", *SMALL, "--device", "aer:fake_miami", "--runs", runs, "--rep-delay", "1000")
    assert said.status == 2
    assert "`rep_delay` is for hardware" in said.err
