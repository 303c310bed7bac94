"""thermophoresis: three levels written out, the stationary state, circuits, planted errors, runs on every device."""

import numpy as np
import pandas as pd
import pytest
from circuit_probabilities import outcome_probabilities_of
from conftest import examples, slow
from hypothesis import given
from hypothesis import strategies as st
from predictions import exact, read_off
from qiskit import transpile
from qiskit.transpiler import CouplingMap
from scipy.linalg import expm

from analysis import analyse, predict
from devices import execute, open_device
from devices.imports import import_file
from protocols import compile
from protocols.collisions import PREPARATIONS, controlled_pairs, exchange
from protocols.program import build
from protocols.thermophoresis import Thermophoresis

SITES = {"L": 0, "e": 1, "R": 2}
SUPPLIES = ("fresh", "reset")


def population(T, gap):
    return 1 / (1 + np.exp(gap / T))


def three_levels(T_L, T_R, bias, angle, start, rounds):
    """Populations of L, e, R and what both baths gained, round by round: |L>, |e>, |R> times a bath qubit, no code."""
    rho = np.diag({"halves": [0.5, 0, 0.5]}.get(start, np.eye(3)[SITES.get(start, 0)])).astype(complex)
    gained = {"left": 0.0, "right": 0.0}
    legs = (("left", SITES["L"], 1.0, T_L), ("right", SITES["R"], 1.0 - bias, T_R))
    for _ in range(rounds):
        for side, site, gap, T in legs:
            p = population(T, gap)
            up = np.zeros((3, 3))
            up[SITES["e"], site] = 1  # the site to e, taking an excitation from the ancilla
            generator = np.kron(up, [[0, 1], [0, 0]])
            U = expm(-1j * angle * (generator + generator.T))
            joint = (U @ np.kron(rho, np.diag([1 - p, p])) @ U.conj().T).reshape(3, 2, 3, 2)
            gained[side] += gap * (np.einsum("iaib->ab", joint)[1, 1].real - p)
            rho = np.einsum("iaja->ij", joint)
    return np.diagonal(rho).real, gained


FIELDS = {
    "T_L": st.floats(0.2, 5),
    "T_R": st.floats(0.2, 5),
    "bias": st.floats(-1, 1.6),
    "angle": st.floats(-3, 3),
    "start": st.sampled_from(["halves", "L", "e", "R"]),
    "rounds": st.integers(0, 6),
}


@given(st.fixed_dictionaries(FIELDS))
@examples(20)
def test_predictions_are_those_of_three_levels_and_their_baths(fields):
    table = predict(Thermophoresis(**fields), {})
    levels, gained = three_levels(**fields)

    def ideal(name, subject):
        return read_off(table, name, subject)[-1]

    for site, p in zip(SITES, levels, strict=True):
        assert ideal("population", site) == pytest.approx(p, abs=1e-10)
    assert ideal("displacement", "particle") == pytest.approx(levels[2] - levels[0], abs=1e-10)
    assert ideal("energy", "particle") == pytest.approx(levels[1] + fields["bias"] * levels[2], abs=1e-10)
    assert ideal("leakage", "particle") == pytest.approx(0, abs=1e-12)
    for side, heat in gained.items():
        assert ideal("heat", side) == pytest.approx(heat, abs=1e-10)
    assert ideal("energy_balance", "particle") == pytest.approx(0, abs=1e-10)


@given(st.floats(0.05, 5), st.floats(0.05, 5), st.floats(-2, 2), st.floats(0.4, 2.6))
@examples(20)
def test_the_limit_is_stationary_whatever_the_angle(T_L, T_R, bias, angle):
    weight = np.array([1 / T_L, 0, (1 - bias) / T_R])
    stationary = np.exp(weight - weight.max())
    stationary /= stationary.sum()
    after = np.stack([three_levels(T_L, T_R, bias, angle, site, 1)[0] for site in SITES])
    np.testing.assert_allclose(stationary @ after, stationary, atol=1e-12)
    limit = exact(Thermophoresis(T_L=T_L, T_R=T_R, bias=bias, angle=angle), "displacement_limit", "particle")[0]
    assert limit == pytest.approx(stationary[2] - stationary[0], abs=1e-12)


@pytest.mark.parametrize(
    ("bias", "rounds", "limit"),
    [
        (0.0, [0.2241514, 0.2632934, 0.2822318, 0.2913949], 0.2999841),
        (0.3, [0.1748941, 0.1601606, 0.1536879, 0.1508442], 0.1486161),
        (0.6, [0.1175, 0.0455, 0.0176, 0.0068], 0.0),
    ],
)
def test_the_printed_numbers(bias, rounds, limit):
    experiment = Thermophoresis(bias=bias)
    digits = 1e-6 if bias < 0.6 else 6e-5
    assert exact(experiment, "displacement", "particle")[1:] == pytest.approx(rounds, abs=digits)
    assert exact(experiment, "displacement_limit", "particle")[0] == pytest.approx(limit, abs=1e-6)
    stationary = [exact(Thermophoresis(rounds=60), "population", site)[-1] for site in SITES]
    assert stationary == pytest.approx([0.268562, 0.162891, 0.568546], abs=1e-6)


@pytest.mark.parametrize("start", ["L", "e"])
def test_full_swaps_from_one_site_show_the_wrong_sign_first(start):
    first = exact(Thermophoresis(start=start, rounds=[1, 60]), "displacement", "particle")
    assert first == pytest.approx([-0.328997, 0.299984], abs=1e-6)


def test_a_bias_of_the_carnot_factor_stalls_and_a_larger_one_turns_the_particle():
    found = exact(Thermophoresis(bias=[0.599, 0.6, 0.601], rounds=200), "displacement", "particle")
    p = np.exp(0.5) / (2 * np.exp(0.5) + 1)  # of L and of R at the stall, where d<x>/d(bias) = -p/T_R
    np.testing.assert_allclose(found, np.array([1, 0, -1]) * 1e-3 * p / 0.8, atol=1e-6)


def test_the_isothermal_arm_forgets_its_start_and_shows_nothing():
    table = predict(Thermophoresis(rounds=[1, 2, 3, 4, 40]), {"control": "isothermal"})
    # the left leg comes first, so that what it lifted into e falls to the right: a transient of the order
    found = read_off(table, "displacement", "particle", "isothermal")
    assert found == pytest.approx([0.110320, 0.049722, 0.022410, 0.010100, 0], abs=1e-6)


def test_goals_are_towards_the_colder_bath_and_none_where_it_began_there():
    def goal(**fields):
        experiment = Thermophoresis(**fields)
        return experiment.goal(experiment.points())

    assert goal().below is False
    assert goal(start="L").below is False
    assert goal(T_L=0.5).below is True
    assert goal(T_L=0.5, start="L") is None
    assert goal(start="R") is None
    assert goal(T_L=0.8) is None
    assert goal(T_L=[0.5, 2.0]) is None


class Straight(Thermophoresis):
    """A planted error: the right leg exchanges instead of creating pairs."""

    def collision(self, index, arm, structure):
        *others, _ = super().collision(index, arm, structure)
        return [*others, exchange("q0", "right", "phi")]


class Swapped(Thermophoresis):
    """A planted error: the wrong bit of the control."""

    def collision(self, index, arm, structure):
        *others, _ = super().collision(index, arm, structure)
        return [*others, controlled_pairs("q1", "q0", "right", "phi", when=0)]


class Unbiased(Thermophoresis):
    """A planted error: the right ancilla has the gap 1 whatever the bias."""

    def values(self, points, arm):
        values = super().values(points, arm)
        return {**values, "gap_right": np.ones(len(points))}


@pytest.mark.parametrize("wrong", [Straight, Swapped, Unbiased])
def test_planted_errors_are_seen(wrong):
    fields = {"bias": 0.3, "angle": 1.0, "rounds": 2}
    tables = [predict(kind(**fields), {}) for kind in (Thermophoresis, wrong)]
    right, planted = ([read_off(one, "heat", side)[-1] for side in ("left", "right")] for one in tables)
    assert np.abs(np.subtract(planted, right)).max() > 0.01
    balance = read_off(tables[1], "energy_balance", "particle")[-1]
    assert abs(balance) > 0.01, "the balance of energies shows each of them"


@pytest.mark.parametrize("supply", SUPPLIES)
@pytest.mark.parametrize("preparation", PREPARATIONS)
def test_circuits_by_operators(preparation, supply):
    experiment = Thermophoresis(bias=[0.3, 1.4], angle=0.9, rounds=[1] if preparation == "purified" else [1, 2])
    options = {"preparation": preparation, "ancillas": supply, "control": "isothermal", "batches": "3", "flips": "5"}
    points = experiment.points(options)
    settings = experiment.settings(points, ("ZZ", "XY"))
    rng = np.random.default_rng([PREPARATIONS.index(preparation), SUPPLIES.index(supply)])
    small = [s for s in settings if experiment.template(s).num_qubits <= 6]
    for index in rng.choice(len(small), 4, replace=False):
        setting = small[index]
        own = points.at(np.flatnonzero(experiment.applies(setting, points)))
        angles, expected = experiment.angles(setting, own), experiment.exact(setting, own)
        row = int(rng.integers(len(own)))
        column = {name: float(values[row]) for name, values in angles.items()}
        found = outcome_probabilities_of(experiment.template(setting), column)
        np.testing.assert_allclose(found, expected[row], atol=1e-12)


@pytest.mark.parametrize("rounds", [1, 3])
def test_ten_cz_a_round_on_the_line_of_both_ancillas_and_the_particle(rounds):
    experiment = Thermophoresis(rounds=rounds)
    points = experiment.points({}, "nominal")
    circuit = experiment.template(experiment.settings(points, ("ZZ",))[0])
    named = {register.name: register[0] for register in circuit.qregs}
    line = [named[name] for name in ("left", "q1", "q0", "right")]
    done = transpile(
        circuit,
        basis_gates=["rz", "sx", "x", "cz", "reset"],
        coupling_map=CouplingMap.from_line(4),
        initial_layout={qubit: place for place, qubit in enumerate(line)},
        optimization_level=1,
    )
    assert done.count_ops()["cz"] == 10 * rounds


@pytest.mark.parametrize("device", ["exact", slow("aer")])
def test_runs_agree_and_come_back_through_an_import(tmp_path, device):
    """Gaps of 1, 0.4, 0 and -0.5 in one sweep, every row within 5 standard errors; false alarms below 1e-4."""
    experiment = Thermophoresis(bias=[0.0, 0.6, 1.0, 1.5], angle=1.0, rounds=1)
    points = experiment.points({"control": "isothermal"})
    program = compile(experiment, points, shots=2000, calibration_shots=200 if device == "aer" else 0)
    record = execute(program, open_device(device), runs=tmp_path / "runs", seed=7)
    gaps = record.registers["right"][0]["gap"]
    assert gaps["main"] == gaps["isothermal"] == (1 - points.parameters["bias"]).tolist()
    analysis = analyse(record, draws=50)
    table = analysis.table
    rows = table[table["stderr"] > 0]
    assert {"heat", "displacement", "population", "energy_balance"} <= set(rows["observable"])
    assert (np.abs(rows["value"] - rows["ideal"]) / rows["stderr"]).max() < 5
    zero = table[(table["bias"] == 1.0) & (table["subject"] == "right")]
    assert (zero["value"] == 0).all(), "a gap of zero has no energy"
    again = import_file(
        record.path / "counts.csv",
        protocol=Thermophoresis,
        build=lambda columns: build(Thermophoresis, {"angle": "1.0"} | {n: repr(v) for n, v in columns.items()}),
        runs=tmp_path / "again",
    )
    assert again.start["registers"] == record.start["registers"]
    pd.testing.assert_frame_equal(analyse(again, draws=50).table, table, check_exact=True)


@pytest.mark.slow
def test_pulls_over_forty_seeds(tmp_path):
    """Variance of (value - ideal)/stderr over 40 seeds, of 0.75..1.3: heat of both baths, populations, displacement."""
    experiment = Thermophoresis(bias=0.3, angle=1.1, rounds=1)
    program = compile(experiment, shots=800)
    pulls = []
    for seed in range(40):
        table = analyse(execute(program, open_device("exact"), runs=tmp_path, seed=seed), draws=20).table
        rows = table[(table["rounds"] == 1) & table["observable"].isin(["heat", "population", "displacement"])]
        pulls.append(((rows["value"] - rows["ideal"]) / rows["stderr"]).to_numpy())
    variance = np.mean(np.square(pulls))  # correlated rows of independent seeds
    assert 0.75 < variance < 1.3


@pytest.mark.slow
def test_a_noisy_device_shows_the_drift_and_its_own_error(tmp_path):
    """20 000 shots of one round: towards the cold side by more than 5 standard errors, and above isothermal baths."""
    experiment = Thermophoresis(rounds=[0, 1])
    points = experiment.points({"control": "isothermal"})
    program = compile(experiment, points, shots=20_000, calibration_shots=20_000)
    analysis = analyse(execute(program, open_device("aer:fake_fez"), runs=tmp_path, seed=3), draws=50)
    assert analysis.verdict.reached is True
    table = analysis.table[analysis.table["rounds"] == 1]

    def row(observable, arm="main"):
        return table[(table["observable"] == observable) & (table["arm"] == arm)].iloc[0]

    moved = row("displacement")
    assert moved["value"] / moved["stderr"] > 5
    assert moved["value"] == pytest.approx(0.216, abs=0.02)
    assert row("leakage")["value"] == pytest.approx(0.0105, abs=0.006)


@pytest.mark.slow
@pytest.mark.parametrize("start", ["L", "e"])
def test_a_noisy_device_shows_the_wrong_sign_from_one_site(tmp_path, start):
    experiment = Thermophoresis(start=start, rounds=[0, 1])
    program = compile(experiment, shots=4000, calibration_shots=4000)
    analysis = analyse(execute(program, open_device("aer:fake_fez"), runs=tmp_path, seed=3), draws=20)
    rows = analysis.table[(analysis.table["observable"] == "displacement") & (analysis.table["rounds"] == 1)]
    assert (rows["value"] / rows["stderr"]).iloc[0] < -5
    assert analysis.verdict.reached is False
