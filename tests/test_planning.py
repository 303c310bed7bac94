"""A plan against brute force over the exact states, and against simulated runs of what it proposes."""

import dataclasses
import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from conftest import Call, repetitions, slow
from fake_ibm import LocalPlatform

from analysis.planning import effects, expect, freedoms, propose
from devices import open_device
from devices.remote import duration
from devices.simulators import known_probabilities, whole_counts
from protocols import RequestError, compile
from protocols.heat_exchange import HeatExchange

ISSUE = {
    "T_A": 2,
    "T_B": 0.5,
    "coupling": 1,
    "correlation": "coherent",
    "alpha": 0.157,
    "correlation_phase": -np.pi / 2,
}
ISSUE_SET = [
    word
    for text in ["T_A=2", "T_B=0.5", "coupling=1", "correlation=coherent", "alpha=0.157", "correlation_phase=-pi/2"]
    for word in ("--set", text)
]


def effect_of(experiment):
    (found,) = effects(experiment, experiment.points({}, "nominal"))
    return found


def heat_into(experiment, subject, times):
    """From the exact states, without any closed form of the heat."""
    moved = dataclasses.replace(experiment, time=times)
    states = moved.state(moved.points({}, "nominal"))
    excited = [2, 3] if subject == "A" else [1, 3]
    energy = states[:, excited, excited].real.sum(axis=1)
    return energy - energy[0]


# ---- the effect ----


def test_the_numbers_of_the_issue():
    found = effect_of(HeatExchange(**ISSUE))
    assert found.subject == "A"
    assert found.available == pytest.approx(0.0741378, abs=5e-8)
    assert found.time == pytest.approx(2.700419, abs=5e-7)
    assert found.heat(np.array([2.35]))[0] / found.available == pytest.approx(0.354, abs=5e-4)
    assert found.forward_until == pytest.approx(2.2593, abs=6e-5)
    freed = {one.what: one for one in freedoms(HeatExchange(**ISSUE), found)}
    assert freed["phase"].change == {"correlation_phase": "pi/2"}
    assert freed["phase"].effect.available == pytest.approx(found.available)
    assert freed["phase"].effect.time == pytest.approx(0.441174, abs=5e-7)
    assert freed["family"].change["correlation"] == "entangled"
    assert freed["family"].effect.available == pytest.approx(0.119203, abs=5e-7)


OTHERS = [
    {},
    {"T_A": 0.7, "T_B": 1.9, "strength": 0.6, "correlation_phase": 2.1, "coupling_phase": 0.4},
    {"T_A": 1.2, "T_B": 0.9, "correlation": "coherent", "alpha": -0.11, "correlation_phase": 0.7, "dephasing": 0.3},
    {"T_A": 0.6, "T_B": 1.1, "correlation": "coherent", "alpha": 0.08, "coupling": 0.35},
    {"T_A": 3.0, "T_B": 2.9, "strength": 0.2, "correlation_phase": -1.0},
]


@pytest.mark.parametrize("fields", OTHERS)
def test_best_time_and_turning_are_those_of_a_search_over_the_exact_states(fields):
    experiment = HeatExchange(**fields)
    found = effect_of(experiment)
    hot = "A" if fields.get("T_A", 2) > fields.get("T_B", 1) else "B"
    assert (found.subject, found.directed) == (hot, True)
    times = np.linspace(0, found.period, 20001)[:-1]
    heat = heat_into(experiment, hot, times)
    assert found.available == pytest.approx(max(heat.max(), 0), abs=1e-7)
    assert found.heat(times) == pytest.approx(heat, abs=1e-12)
    if found.available:
        assert found.time == pytest.approx(times[heat.argmax()], abs=2 * times[1])
    forward = heat[1] < 0
    assert (found.forward_until is not None) == bool(forward and found.available)
    if found.forward_until is not None:
        first = times[1:][heat[1:] > 0][0]
        assert found.forward_until == pytest.approx(first, abs=2 * times[1])


@pytest.mark.parametrize("fields", OTHERS)
def test_no_phase_and_no_strength_gives_more_than_freeing_it_is_said_to(fields):
    experiment = HeatExchange(**fields)
    found = effect_of(experiment)
    freed = {one.what: one.effect.available for one in freedoms(experiment, found)}
    scan = [
        effect_of(dataclasses.replace(experiment, correlation_phase=phase)).available
        for phase in np.linspace(-np.pi, np.pi, 721)
    ]
    assert max(scan) <= freed["phase"] + 1e-12
    assert max(scan) == pytest.approx(freed["phase"], rel=1e-4)
    assert freed["everything"] >= max(*freed.values()) - 1e-12


def test_the_strength_is_freed_to_the_positivity_bound_and_not_beyond():
    experiment = HeatExchange(**ISSUE)
    freed = {one.what: one for one in freedoms(experiment, effect_of(experiment))}
    limit = float(freed["strength"].change["alpha"])
    dataclasses.replace(experiment, alpha=limit)
    with pytest.raises(RequestError, match="positivity"):
        dataclasses.replace(experiment, alpha=limit + 1e-8)


def test_equal_temperatures_have_no_direction_and_the_plan_is_for_the_qubit_that_gains_first():
    for phase, subject in ((np.pi / 2, "A"), (-np.pi / 2, "B")):
        found = effect_of(HeatExchange(T_A=1.5, T_B=1.5, correlation_phase=phase))
        assert (found.directed, found.subject, found.forward_until) == (False, subject, None)
        assert found.available == pytest.approx(0.339244, abs=5e-7)


def test_an_uncorrelated_pair_has_nothing_to_see():
    assert effect_of(HeatExchange(correlation="none")).available == 0
    assert effect_of(HeatExchange(dephasing=1.0)).available == 0


# ---- what is expected ----


def test_expected_probabilities_are_those_that_the_noisy_simulator_samples():
    """One test of 40 circuits with 3 degrees of freedom each: chi-square beyond 200 of 120 has p = 6e-6."""
    experiment = HeatExchange(**ISSUE, time=[1.1])
    device = open_device("aer:fake_fez")
    program = compile(
        experiment, experiment.points({"control": "none"}), shots=20000, bases="x-state", calibration_shots=4000
    )
    prepared = device.prepare(program, 3)
    known = known_probabilities(prepared, device)
    record_counts = _sampled(prepared, device)
    chi_square, degrees = 0.0, 0
    for key, observed in record_counts.items():
        p = known[key[0]][key[1]]
        expected = observed.sum() * p
        usable = expected > 5
        chi_square += float(((observed - expected)[usable] ** 2 / expected[usable]).sum())
        degrees += int(usable.sum()) - 1
    assert degrees > 60
    assert chi_square < degrees + 5 * np.sqrt(2 * degrees)


def _sampled(prepared, device):
    import tempfile

    from devices.record import load

    found = {}
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "raw").mkdir()
        for job in prepared.jobs:
            device.submit(prepared, job, Path(place))
            for slot, tally in zip(
                job.slots, load(device.collect(prepared, job, Path(place)).read_bytes()), strict=True
            ):
                counts = found.setdefault((slot.block, slot.block_row), np.zeros(4))
                for outcome, number in tally.items():
                    counts[int(outcome, 2)] += number
    return found


def test_whole_counts_keep_the_shots():
    p = np.array([0.301, 0.299, 0.25, 0.15])
    for shots in (1, 2, 7, 100, 4097):
        counts = whole_counts(p, shots)
        assert counts.sum() == shots
        assert np.abs(counts - shots * p).max() < 1


@pytest.mark.parametrize(("device", "shots"), [("exact", 512), ("exact:white=0.03", 300)])
def test_the_planned_significance_is_that_of_simulated_runs(device, shots):
    """Means of simulated experiments: within 4 standard errors and 3 % (false alarms 6e-5), far inside 20 %."""
    number = repetitions(200)
    experiment = HeatExchange(**ISSUE)
    opened = open_device(device)
    proposal = proposed(experiment, opened, shots)
    planned = dataclasses.replace(experiment, time=proposal.time)
    expected = expect(compile(planned, planned.points({}), shots=shots), opened)
    generator = np.random.default_rng(5)
    data = expected.data
    whole = np.rint(data.shots).astype(int)
    share = data.observed / np.maximum(data.shots, 1)[..., None]
    share[..., 0] += data.shots == 0
    z, heats = [], []
    for _ in range(number):
        drawn = dataclasses.replace(data, observed=generator.multinomial(whole, share))
        value, stderr = _heat(drawn)
        heats.append(value)
        z.append(value / stderr)
    assert np.mean(z) == pytest.approx(proposal.sigma, rel=0.03, abs=4 * np.std(z) / np.sqrt(number))
    assert np.std(heats, ddof=1) == pytest.approx(proposal.stderr, rel=4 / np.sqrt(2 * number) + 0.02)


def _heat(counts):
    """Of A at point 0 against point 1, from weighted frequencies by hand; the error from the analysis."""
    z_of_a = np.array([1, 1, -1, -1])
    reads = [i for i, basis in enumerate(counts.bases) if basis[0] == "Z"]
    frequency = (counts.weight[:, :, None, None] * counts.observed / counts.shots[..., None]).sum(axis=1)
    excited = (1 - (frequency[:, reads] @ z_of_a).mean(axis=1)) / 2
    errors = counts.linear_errors(("ZI",))
    variance = errors.variance(np.full((2, 1), 0.5), np.full((2, 1), -0.5), np.array([1, 1]))
    return excited[0] - excited[1], np.sqrt(variance[0])


def test_shots_of_the_heat_alone_reach_five_sigma_in_it():
    experiment = HeatExchange(**ISSUE)
    device = open_device("exact:white=0.05")
    wanted = proposed(experiment, device, 1000).heat_shots[5.0]
    assert wanted is not None
    assert proposed(experiment, device, wanted + 2).sigma > 4.97
    assert proposed(experiment, device, int(0.8 * wanted)).sigma < 4.97


def proposed(experiment, device, shots):
    program = compile(experiment, experiment.points({}), shots=shots)
    return propose(program, device, effect_of(experiment), swept=(), target=None, calibration_follows=True)


def test_seconds_of_a_simulator_are_executions_times_the_usual_delay():
    experiment = HeatExchange(time=[3.0])
    device = open_device("exact")
    prepared = device.prepare(compile(experiment, experiment.points({}), shots=1000, bases="x-state"), 0)
    found = duration(prepared, device)
    assert found.executions == 2 * 5 * 1000
    assert found.seconds == pytest.approx(found.jobs * 3.0 + found.executions * 260e-6)


# ---- the command ----


def planned(call, *words, out):
    said = call("plan", "heat-exchange", *words, "--out", out, "--json")
    assert said.status == 0, said.err
    return json.loads(said.out)


@pytest.mark.usefixtures("real_figures")
@pytest.mark.slow
def test_the_command_plans_as_the_issue_asks_and_what_it_proposes_runs(call: Call, tmp_path: Path):
    """The run's significance has a standard deviation of about 1: 4.5 of it, false alarms 7e-6; and within 20 %."""
    said = call(
        "plan", "heat-exchange", *ISSUE_SET, "--set", "time=2.35", "--device", "exact", "--out", tmp_path / "p",
        "--seed", 3, "--runs", tmp_path / "runs",
    )  # fmt: skip
    assert said.status == 0, said.err
    for text in ("0.0741378", "2.70041892", "35.4 %", "2.25925", "0.441174", "0.119203"):
        assert text in said.out
    assert {path.name for path in (tmp_path / "p").iterdir()} == {
        "sweep.csv",
        "settings.csv",
        "plan.json",
        "plan.svg",
        "plan.png",
    }
    document = json.loads((tmp_path / "p" / "plan.json").read_text())
    assert said.last == document["commands"][0]
    words = shlex.split(said.last)
    assert words[0] == "hotward"
    done = call(*words[1:])
    assert done.status == 0, done.err
    verdict = json.loads((Path(done.last) / "derived" / "verdict.json").read_text())["verdicts"][0]
    (proposal,) = document["proposals"]
    assert verdict["at"] == pytest.approx(proposal["time"])
    assert verdict["trials"] == 1
    assert verdict["sigma"] == pytest.approx(proposal["sigma"], abs=4.5)
    assert verdict["sigma"] == pytest.approx(proposal["sigma"], rel=0.2)


@pytest.mark.slow
def test_a_noisy_device_is_planned_with_its_control_and_runs_agree(call: Call, tmp_path: Path):
    """Three runs by their own verdicts; a mean of three has a standard error of 0.6: within 20 % of 15, 5 sigma."""
    words = [*ISSUE_SET, "--device", "aer:fake_fez", "--shots", "1024", "--bases", "x-state", "--runs", tmp_path / "r"]
    document = planned(call, *words, out=tmp_path / "p")
    (proposal,) = document["proposals"]
    assert proposal["controls"]["none"]["heat"] < 0 < proposal["heat"] < proposal["available"]
    assert proposal["qpu"]["seconds"] > 0
    found = []
    for seed in range(3):
        done = call(*shlex.split(document["commands"][0])[1:], "--seed", seed, "--draws", 20)
        assert done.status == 0, done.err
        verdict = json.loads((Path(done.last) / "derived" / "verdict.json").read_text())["verdicts"][0]
        assert verdict["reversed"] is True
        found.append(verdict["sigma"])
    assert np.mean(found) == pytest.approx(proposal["sigma"], rel=0.2)


def test_what_a_small_plan_proposes_runs_and_finds_what_was_planned(call: Call, tmp_path: Path):
    """The run's significance has a standard deviation of about 1: 4.5 of it, false alarms 7e-6."""
    words = ["--device", "exact", "--shots", "400", "--bases", "ZZ", "--control", "none", "--runs", tmp_path / "runs"]
    document = planned(call, *ISSUE_SET, *words, out=tmp_path / "p")
    assert {path.name for path in (tmp_path / "p").iterdir()} >= {"sweep.csv", "settings.csv", "plan.json", "plan.svg"}
    done = call(*shlex.split(document["commands"][0])[1:], "--seed", 3, "--draws", 20)
    assert done.status == 0, done.err
    verdict = json.loads((Path(done.last) / "derived" / "verdict.json").read_text())["verdicts"][0]
    (proposal,) = document["proposals"]
    assert verdict["at"] == pytest.approx(proposal["time"])
    assert verdict["sigma"] == pytest.approx(proposal["sigma"], abs=4.5)


@pytest.mark.slow
def test_a_grid_has_a_proposal_and_a_command_each(call: Call, tmp_path: Path):
    words = ["--set", "T_A=1.5:2:2", "--set", "T_B=1", "--device", "exact", "--shots", "200", "--bases", "ZZ"]
    document = planned(call, *words, out=tmp_path)
    assert [p["where"] for p in document["proposals"]] == [{"T_A": 1.5}, {"T_A": 2.0}]
    for proposal, command in zip(document["proposals"], document["commands"], strict=True):
        alone = effect_of(HeatExchange(T_A=proposal["where"]["T_A"]))
        assert proposal["available"] == pytest.approx(alone.available)
        assert f"T_A={proposal['where']['T_A']!r}" in command
        assert command.count("T_A=") == 1


@pytest.mark.slow
def test_too_few_shots_are_warned_of_with_how_many_would_do(call: Call, tmp_path: Path):
    weak = ["--set", "strength=0.3", "--set", "correlation_phase=0.45", "--shots", "40", "--device", "exact"]
    document = planned(call, *weak, out=tmp_path)
    (text,) = (t for t in document["warnings"] if "at 3 sigma" in t)
    wanted = document["proposals"][0]["shots_for"]["3"]
    assert f"with {wanted} shots at least 90 % do" in text
    assert wanted > 40
    assert f"--shots {wanted}" in document["commands"][0]


def test_without_correlation_there_is_nothing_to_run_but_something_to_free(call: Call, tmp_path: Path):
    said = call("plan", "heat-exchange", "--set", "correlation=none", "--device", "exact", "--out", tmp_path)
    assert said.status == 0, said.err
    assert "no time heats the hot qubit A" in said.out
    assert "correlation=entangled strength=1" in said.out
    assert said.last.startswith("nothing to run")


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        slow("coherence-reversal", ["--device", "aer:fake_fez", "--shots", "500"]),
        ("algorithmic-cooling", ["--set", "rounds=0:2:3", "--shots", "500", "--device", "exact"]),
        ("cooling-floor", ["--shots", "500", "--device", "exact"]),
    ],
)
def test_other_protocols_have_a_sweep_its_significance_and_their_own_command(
    call: Call, tmp_path: Path, protocol, words
):
    said = call("plan", protocol, *words, "--out", tmp_path)
    assert said.status == 0, said.err
    assert "no time between the points is searched" in said.out
    # a goal, or heat into the hotter of two sides, is best at one of the points set
    assert "of the points set, most significant" in said.out
    found = json.loads((tmp_path / "plan.json").read_text())
    assert all(one["shots"] is None or one["shots"] >= 2 for one in found["operating_points"])
    assert "QPU time as asked" in said.out
    assert said.last.startswith(f"hotward run {protocol}")
    # rounded counts of ancillas would be off by many standard errors
    if "exact" in words:
        for row in found["sweep"]:
            assert row["value"] == pytest.approx(row["ideal"], abs=1e-4)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--set", "alpha=0.3", "--set", "correlation=coherent"], "positivity"),
        (["--target", "work"], "`target`"),
        (["--merge", "--set", "correlation_phase=0"], "`merge`"),
        (["--preparation", "random"], "`preparation`"),
        (["--shots", "0"], "`shots`"),
        (["--device", "aer:fake_nowhere"], "`device`"),
        (["--control", "cold"], "`control`"),
        (["--bases", "XX"], "`bases`"),
        (["--bases", "ZZ", "--target", "concurrence"], "`target`"),
        (["--reference", "guessed"], "`reference`"),
        (["--set", "T_A=1:2:100", "--set", "T_B=3"], "`set`"),
        slow(["--out", "/dev/null/plan", "--shots", "64", "--bases", "ZZ"], "`out`"),
        (["--passes", "9"], "`passes`"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_a_line(call: Call, tmp_path: Path, words, named):
    device = [] if "--device" in words else ["--device", "exact"]
    out = [] if "--out" in words else ["--out", tmp_path]
    said = call("plan", "heat-exchange", *words, *device, *out)
    assert said.status == 2, said.out
    assert said.out == ""
    complaint = [line for line in said.err.splitlines() if line.startswith("hotward")]
    assert len(complaint) == 1
    assert named in complaint[0]
    assert "fault of hotward" not in said.err


@pytest.mark.slow
def test_what_is_read_too_often_on_its_way_is_refused_with_a_repair_that_can_be_planned(call: Call, tmp_path: Path):
    """An exact ensemble of eight cycles would have 4 x 2^16 members."""
    words = ("plan", "two-stroke-engine", "--shots", "1000", "--out", tmp_path, "--device")
    said = call(*words, "aer:fake_fez")
    assert said.status == 2
    assert said.err.strip().endswith("Take --device exact, or fewer cycles.")
    assert call(*words, "aer:fake_fez", "--set", "cycles=1").status == 0


def test_a_target_is_refused_where_heat_does_not_flow_between_the_qubits(call: Call, tmp_path: Path):
    said = call("plan", "cooling-floor", "--target", "heat", "--device", "exact", "--out", tmp_path)
    assert said.status == 2
    assert "cooling-floor does not" in said.err


@pytest.mark.slow
def test_a_plan_beside_the_runs_is_no_run(call: Call, tmp_path: Path):
    words = ["--device", "exact", "--shots", "64", "--bases", "ZZ", "--runs", tmp_path]
    said = call("plan", "heat-exchange", *words)
    assert said.status == 0, said.err
    (place,) = tmp_path.iterdir()
    assert place.name.startswith("plan-")
    assert f"no runs in {tmp_path}" in call("runs", "--runs", tmp_path).out


@pytest.mark.slow
def test_a_processor_is_planned_without_sending_a_job(call: Call, platform: LocalPlatform, tmp_path: Path):
    words = ["--shots", 256, "--bases", "ZZ", "--device", "ibm:ibm_manila", "--passes", 2]
    document = planned(call, *words, out=tmp_path / "p")
    assert platform.jobs == {}
    (proposal,) = document["proposals"]
    said = call("submit", *shlex.split(document["commands"][0])[2:], "--yes", "--runs", tmp_path / "runs")
    assert said.status == 0, said.err
    cost = json.loads((said.run / "start.json").read_text())["cost"]
    assert proposal["qpu"]["seconds"] == pytest.approx(cost["seconds"])
    assert proposal["qpu"]["executions"] == cost["executions"]


def test_frozen_qubits_have_nothing_to_free(call: Call, tmp_path: Path):
    words = ["--set", "T_A=1e-3", "--set", "T_B=1e-2", "--device", "exact", "--bases", "ZZ", "--out", tmp_path]
    said = call("plan", "heat-exchange", *words)
    assert said.status == 0, said.err
    assert "no time heats either qubit" in said.out


@pytest.mark.parametrize(("shots", "left_out"), [(10, "full"), slow(10**9, "ZZ")])
def test_a_plan_compares_only_sets_that_its_total_can_be_divided_over(call: Call, tmp_path, shots, left_out):
    # 10 shots of ZZ alone are 1 in each of 9 settings, fewer than members; 10^9 in each of 3 are 3 10^9 in ZZ alone
    bases = "ZZ" if left_out == "full" else "minimal"
    said = call(
        *("plan", "heat-exchange", "--device", "exact", "--set", "time=7", "--bases", bases),
        *("--shots", shots, "--out", tmp_path / "plan"),
    )
    assert said.status == 0, said.complaint
    compared = {row["bases"] for row in json.loads((tmp_path / "plan" / "plan.json").read_text())["settings"]}
    assert bases in compared
    assert left_out not in compared
