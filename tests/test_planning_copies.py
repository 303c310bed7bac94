"""A plan of several copies: against runs of theirs that are drawn and pooled here, and what it asks of a processor."""

import dataclasses
import json
import math
import shlex
from pathlib import Path

import numpy as np
import pytest
from conftest import Call
from fake_ibm import LocalPlatform

from analysis.copies import expected_linear, expected_mean
from analysis.planning import effects, expect
from analysis.planning.power import Rehearsal, duration_of, place_of, side_by_side, taken
from analysis.planning.program import at, for_hardware, with_shots
from analysis.statistics import random_effects, student_sigma
from devices import HardwareOptions, open_device
from protocols import compile
from protocols.heat_exchange import HeatExchange

BEST = 7.01005567


def expected_of(copies, *, device="aer:fake_fez", bases="ZZ", shots=4096, time=BEST):
    experiment = HeatExchange(time=[time])
    points = experiment.points({"control": "none"})
    opened = open_device(device, HardwareOptions(copies=copies))
    program = compile(experiment, points, shots=shots, bases=bases, calibration_shots=shots)
    return expect(program, opened), opened


def cell_of(expected):
    return int(np.flatnonzero(expected.program.points.parameters["time"] > 0)[0])


@pytest.mark.parametrize("copies", [3, 44])
@pytest.mark.parametrize("tau", [0.0, 0.5, 3.0])
def test_the_error_that_is_expected_is_the_one_that_runs_quote(copies, tau):
    """Mean square of 10 000 runs, whose own error is below 1 %."""
    generator = np.random.default_rng([copies, int(10 * tau)])
    shown = generator.normal(0, 1, copies)
    shown = 0.3 + tau * (shown - shown.mean()) / shown.std(ddof=1)
    noise = generator.uniform(0.7, 1.3, copies)
    noise /= noise.mean()
    drawn = shown[:, None] + np.sqrt(noise)[:, None] * generator.standard_normal((copies, 10_000))
    quoted = random_effects(drawn, np.ones_like(drawn))
    found = expected_mean(shown, noise)
    assert found.tau == pytest.approx(tau, abs=1e-12)
    assert found.value == pytest.approx(0.3)
    assert found.stderr == pytest.approx(np.sqrt(np.mean(quoted.stderr**2)), rel=0.03)
    # of unequal copies a fixed sum of noise is less than what is quoted
    assert found.stderr > np.std(quoted.value) * (1 if tau == 0 else math.hypot(1, tau) * 0.95)


def test_each_copy_is_what_it_is_alone_and_the_processor_runs_them_at_once():
    """By naming the qubits of every copy in a plan of its own; executions are those of one."""
    expected, device = expected_of(2, device="aer:fake_manila", shots=500)
    cell, alone = cell_of(expected), []
    for place in expected.plan.placements:
        named = open_device("aer:fake_manila", HardwareOptions(qubits=tuple(place.physical.values())))
        one = expect(expected.program, named)
        alone.append([float(part[cell]) for part in one.heat("A")])
    (first, error), (second, other) = alone
    value, stderr = (float(part[cell]) for part in expected.heat("A"))
    assert value == pytest.approx((first + second) / 2)
    both = expected_mean(np.array([first, second]), np.array([error, other]) ** 2)
    assert stderr == pytest.approx(float(both.stderr))
    hardware = for_hardware(expected.program)
    spent = taken(expected, device, hardware)
    # two times, two arms, four patterns of the readout
    assert spent.executions == 2 * 2 * 500 + 4 * 500
    longest = spent.seconds - 3.0 * spent.jobs - spent.executions * 250e-6
    assert 0 < longest / spent.executions < 20e-6
    # a run of a second is one job, whose overhead is the same however short it is
    assert duration_of(expected, device, 500, calibration_follows=True)[1] == 1


@pytest.mark.slow
def test_copies_take_a_thirtieth_of_the_executions_and_a_tenth_of_the_seconds():
    """For as many standard errors as the best copy has with 4096 shots of each setting at the best point."""
    expected, device = expected_of("all", bases="full")
    cell = cell_of(expected)
    found = side_by_side(expected, device, "A", cell, calibration_follows=True)
    assert found.number >= 43
    assert found.shots is not None
    short, passes = duration_of(expected, device, found.shots, calibration_follows=True)
    assert passes == 1
    assert 30 * short.executions <= found.alone_duration.executions
    assert 8 * short.seconds <= found.alone_duration.seconds
    value, stderr = expected.heat("A", found.shots / 4096)
    assert value[cell] / stderr[cell] >= found.alone[0] / found.alone[1]
    # the default sweep, of 33 times, with as many shots
    sweep = at(expected.program, {"time": None})
    assert len(sweep.points) == 33
    few = for_hardware(with_shots(sweep, found.shots, calibration_follows=True))
    assert 10 * taken(expected, device, few).seconds <= taken(expected, device, for_hardware(sweep)).seconds
    # what copies differ by is there however many shots they have
    _, least = expected.heat("A", 1e6)
    assert least[cell] == pytest.approx(found.least, rel=0.02)
    assert found.least == pytest.approx(found.tau / math.sqrt(found.number))


@pytest.mark.slow
def test_the_power_of_a_plan_is_that_of_runs_whose_copies_are_pooled():
    """300 runs of eight copies: power to 0.09 at three standard deviations."""
    shots, runs = 60, 300
    expected, _ = expected_of(8, shots=shots)
    (effect,) = effects(expected.program.experiment, expected.program.points)
    heat, cell = expected.heat_of("A"), cell_of(expected)
    generator = np.random.default_rng(23)
    mean, error = np.empty(runs), np.empty(runs)
    for run in range(runs):
        own = [expected_linear(heat, drawn_of(data, generator), expected.view) for data in expected.each]
        value, variance = (np.array([part[cell] for part in parts]) for parts in zip(*own, strict=True))
        pooled = random_effects(value, np.full(8, variance.mean()))
        mean[run], error[run] = pooled.value, pooled.stderr
    value, stderr = (float(part[cell]) for part in expected.heat("A"))
    assert mean.mean() == pytest.approx(value, abs=4 * mean.std() / math.sqrt(runs))
    # counts that are added for what was never seen make the errors of expected counts the larger ones, here by 7 %
    assert 0.9 * stderr < np.sqrt(np.mean(error**2)) < 1.03 * stderr
    rehearsal = Rehearsal(expected=expected, place=place_of(expected, effect, BEST), calibration_follows=True)
    power = rehearsal.power(shots, (4.0, 4.4))
    for sigma in (4.0, 4.4):
        seen = np.mean(student_sigma(mean / error, 7) > sigma)
        assert power.conditions[sigma]["heat"] == pytest.approx(seen, abs=0.09)
    assert 0.05 < power.conditions[4.4]["heat"] < 0.95


def drawn_of(data, generator):
    """Counts of one run of one copy."""
    whole = np.rint(data.shots).astype(int)
    share = data.observed / np.maximum(data.shots, 1)[..., None]
    share[..., 0] += data.shots == 0
    calibration = [generator.multinomial(round(sum(row)), row / sum(row)) for row in data.calibration]
    observed = generator.multinomial(whole, share / share.sum(axis=-1, keepdims=True))
    return dataclasses.replace(data, observed=observed, calibration=np.array(calibration))


# ---- the command ----


@pytest.mark.slow
def test_what_a_plan_of_copies_proposes_can_be_pasted(call: Call, tmp_path: Path):
    words = ("heat-exchange", "--device", "aer:fake_fez", "--bases", "ZZ", "--shots", "2000", "--set", "time=7")
    said = call("plan", *words, "--copies", "5", "--spacing", "2", "--out", tmp_path, "--json")
    assert said.status == 0, said.err
    found = json.loads(said.out)
    (proposal,), (command,) = found["proposals"], found["commands"]
    assert found["copies"] == found["packing"]["number"] == len(found["packing"]["placements"]) == 5
    assert proposal["qpu"]["executions"] == pytest.approx(8 * proposal["run_shots"], rel=0.1)
    assert proposal["run_shots"] < 2000
    assert "--copies 5" in command
    assert "--spacing 2" in command
    done = call(*shlex.split(command)[1:], "--runs", tmp_path / "runs")
    assert done.status == 0, done.err
    assert "mean of 5 couplers" in done.out


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["coherent-engine", "coherence-reversal"])
def test_copies_with_ancillas_are_planned_by_the_mean_of_their_plans(call: Call, tmp_path: Path, protocol):
    def planned(*words):
        said = call("plan", protocol, "--device", "aer:fake_fez", "--shots", "400", "--out", tmp_path, *words)
        assert said.status == 0, said.err
        return json.loads((tmp_path / "plan.json").read_text())

    both = planned("--copies", "2")
    places = [one["physical"].values() for one in both["packing"]["placements"]]
    assert both["asked"]["headline"].startswith("mean of 2")
    alone = [planned("--qubits", ",".join(map(str, own)))["sweep"] for own in places]
    for row, one, other in zip(both["sweep"], *alone, strict=True):
        assert row["value"] == pytest.approx((one["value"] + other["value"]) / 2, abs=1e-5)


@pytest.mark.slow
def test_a_processor_is_planned_with_copies_and_what_is_proposed_costs_that(
    call: Call, platform: LocalPlatform, tmp_path: Path
):
    words = ("--shots", 256, "--bases", "ZZ", "--device", "ibm:ibm_manila", "--copies", "all")
    said = call("plan", "heat-exchange", *words, "--out", tmp_path / "p", "--json")
    assert said.status == 0, said.err
    assert platform.jobs == {}
    found = json.loads(said.out)
    (proposal,), (command,) = found["proposals"], found["commands"]
    assert found["copies"] == 2
    assert "--passes 1" in command
    done = call("submit", *shlex.split(command)[2:], "--yes", "--runs", tmp_path / "runs")
    assert done.status == 0, done.err
    cost = json.loads((done.run / "start.json").read_text())["cost"]
    assert proposal["qpu"]["executions"] == cost["executions"]
    assert proposal["qpu"]["seconds"] == pytest.approx(cost["seconds"], rel=0.02)
    assert proposal["qpu"]["jobs"] == cost["jobs"] == 1


@pytest.mark.parametrize(
    ("words", "named", "fits"),
    [
        (("--copies", "0"), "`copies`", "from 1 to 2, or all"),
        (("--copies", "3"), "`copies`", "from 1 to 2, or all"),
        (("--copies", "two"), "`copies`", "Try all"),
        (("--copies", "all", "--qubits", "0,1,1,2"), "`qubits`", "1 stands more than once"),
        (("--copies", "2", "--qubits", "0,1,3"), "`qubits`", "for 2 copies"),
        (("--copies", "2", "--floor", "1.5"), "`floor`", "Try 0.9"),
        (("--copies", "2", "--floor", "1"), "`copies`", "--floor 0"),
        (("--copies", "2", "--spacing", "4"), "`copies`", "--spacing 0"),
        (("--copies", "2", "--device", "aer"), "`copies`", "--device aer:fake_boston"),
        (("--copies", "all", "--device", "exact"), "`copies`", "--device aer:fake_boston"),
    ],
)
def test_copies_that_cannot_be_are_refused_with_what_would_fit(call: Call, tmp_path: Path, words, named, fits):
    device = () if "--device" in words else ("--device", "aer:fake_manila")
    said = call("plan", "heat-exchange", "--bases", "ZZ", "--shots", "64", *device, *words, "--out", tmp_path)
    assert said.status == 2, said.out
    (complaint,) = [line for line in said.err.splitlines() if line.startswith("hotward")]
    assert named in complaint
    assert fits in complaint
