"""heat-bridge: the current against matrices of three qubits, its numbers, its exact start, runs with noise."""

import functools

import numpy as np
import pytest
from conftest import examples, slow
from hypothesis import given
from hypothesis import strategies as st
from machine_runs import (
    assert_imported_alike,
    assert_standard,
    executed_entangling,
    measured,
    pulls_over_seeds,
    rows_of,
)
from scipy.linalg import expm

from analysis import predict, write
from analysis.figures import caption
from protocols.heat_bridge import HeatBridge

LOWER = np.array([[0, 1], [0, 0]])
FOUR = [1.2, 0.6, 0.3, 0.15]


def excited(T):
    return np.exp(-1 / T) / (1 + np.exp(-1 / T))


# ---- an independent route: matrices of hot x bridge x cold ----


def hop(a, b):
    def on(wire, matrix):
        return functools.reduce(np.kron, [matrix if i == wire else np.eye(2) for i in range(3)])

    product = on(a, LOWER.T) @ on(b, LOWER)
    return product + product.T


def one_round(rho, p_h, p_c, phi):
    """The bridge and the energies that both ancillas gained."""
    U = expm(-1j * phi * hop(1, 2)) @ expm(-1j * phi * hop(0, 1))
    start = functools.reduce(np.kron, [np.diag([1 - p_h, p_h]), rho, np.diag([1 - p_c, p_c])])
    joint = (U @ start @ U.conj().T).reshape((2,) * 6)
    hot = np.einsum("abcdbc->ad", joint)[1, 1].real - p_h
    cold = np.einsum("abcabf->cf", joint)[1, 1].real - p_c
    return np.einsum("abcaec->be", joint), hot, cold


def steady(p_h, p_c, phi):
    """Its population is an affine map of itself, found from two states."""
    low, high = (one_round(np.diag([1 - p, p]), p_h, p_c, phi)[0][1, 1].real for p in (0.0, 1.0))
    return low / (1 - high + low)


def by_matrices(T_h, T_c, phi, rounds):
    p_h, p_c = excited(T_h), excited(T_c)
    p = steady(p_h, p_c, phi)
    rho, heat = np.diag([1 - p, p]).astype(complex), np.zeros(2)
    for _ in range(rounds):
        rho, *gained = one_round(rho, p_h, p_c, phi)
        heat += gained
    return (*heat, rho)


def read(experiment, observable, subject, arm="main"):
    table = predict(experiment, {"control": "isothermal"})
    rows = table[(table["observable"] == observable) & (table["subject"] == subject) & (table["arm"] == arm)]
    return rows["ideal"].to_numpy()


fields = st.fixed_dictionaries(
    {
        "T_h": st.floats(0.1, 8),
        "T_c": st.one_of(st.floats(0.05, 8), st.just(1e-3)),
        "angle": st.one_of(st.floats(-3, 3).filter(lambda x: abs(np.sin(x)) > 1e-3), st.just(np.pi / 2)),
        "rounds": st.integers(1, 3),
    }
)


@given(fields)
@examples(40, fast=6)
def test_heats_and_the_bridge_are_those_of_matrices(given_fields):
    f = given_fields
    experiment = HeatBridge(**f)
    hot, cold, rho = by_matrices(f["T_h"], f["T_c"], f["angle"], f["rounds"])
    assert read(experiment, "heat", "hot")[0] == pytest.approx(hot, abs=1e-10)
    assert read(experiment, "heat", "cold")[0] == pytest.approx(cold, abs=1e-10)
    np.testing.assert_allclose(experiment.state(experiment.points())[0], rho, atol=1e-10)
    # the first round carries all of it at both ends, and nothing stays in the bridge
    s = np.sin(f["angle"]) ** 2
    current = s * (excited(f["T_h"]) - excited(f["T_c"])) / (2 - s)
    assert cold == pytest.approx(f["rounds"] * current, abs=1e-10)
    assert hot == pytest.approx(-cold, abs=1e-10)
    for subject in ("bridge", "hotbridgecold"):
        assert read(experiment, "heat", subject)[0] == pytest.approx(0, abs=1e-12)
    # the control: both baths as cold as the cold one
    control = by_matrices(f["T_c"], f["T_c"], f["angle"], f["rounds"])
    assert read(experiment, "heat", "cold", "isothermal")[0] == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(experiment.state(experiment.points(), "isothermal")[0], control[2], atol=1e-10)


def test_its_numbers():
    experiment = HeatBridge(T_c=FOUR)
    current = [0.0158338, 0.0657457, 0.1088509, 0.1203437]
    np.testing.assert_allclose(read(experiment, "heat", "cold"), current, atol=1e-7)
    np.testing.assert_allclose(read(experiment, "heat", "hot"), np.negative(current), atol=1e-7)
    start = experiment.reference_state(experiment.points())[:, 1, 1].real
    np.testing.assert_allclose(start, [0.317876, 0.220884, 0.137120, 0.114786], atol=1e-6)


def test_the_classical_curve_is_that_of_maxwell_walls_scaled_at_its_maximum():
    """J = sqrt(2/pi) sqrt(T_h T_c)(sqrt T_h - sqrt T_c); E4 prints 0.4037012 at 0.4 and 0.3027759 at 0.1."""
    T_c = np.array([0.1, 0.15, 0.4, 1.0])
    J = np.sqrt(2 / np.pi) * np.sqrt(1.6 * T_c) * (np.sqrt(1.6) - np.sqrt(T_c))
    assert J[[2, 0]] == pytest.approx([0.4037012, 0.3027759], abs=1e-7)
    experiment = HeatBridge(T_c=T_c)
    found, quantum = read(experiment, "classical_current", "cold"), read(experiment, "heat", "cold")
    np.testing.assert_allclose(found, quantum[2] * J / J[2], atol=1e-12)
    # below T_h/4 the classical curve falls while the quantum one rises to its limit
    assert (quantum[:2] > found[:2]).all()
    assert quantum[0] < read(experiment, "current_limit", "cold")[0] < quantum[0] + 1e-4


def test_heat_is_counted_from_the_exact_start_for_no_temperature_is_one(tmp_path, call):
    experiment = HeatBridge(T_c=FOUR)
    points = experiment.points({}, "measured")
    assert len(points) == 4
    assert (points.reference == -1).all()
    registers = experiment.reference_registers(points)
    assert registers["hot"] == pytest.approx(np.full(4, excited(1.6)), abs=1e-12)
    assert registers["cold"] == pytest.approx([excited(T) for T in FOUR], abs=1e-12)


@pytest.mark.parametrize("options", [{}, slow({"preparation": "measured"}), slow({"preparation": "purified"})])
def test_a_sampled_run_agrees_with_the_exact_values(tmp_path, options):
    """All heats and energies of 4 points in 2 arms within 5 standard errors; false alarm below 1e-4."""
    experiment = HeatBridge(T_c=[0.15, 0.9], rounds=2 if options else 1)
    table = measured(tmp_path, experiment, {"control": "isothermal", **options}).table
    linear = table[table["observable"].isin(["heat", "energy"]) & (table["stderr"] > 1e-3)]
    assert len(linear) > 20
    assert (np.abs(linear["value"] - linear["ideal"]) / linear["stderr"]).max() < 5


@pytest.mark.slow
def test_what_is_said_of_heat(tmp_path, call):
    into = "energy that this bath took in, all rounds together"
    listed = call("list").out
    assert f"heat\thot\t{into}" in listed
    assert f"heat\tcold\t{into}" in listed
    said = call("run", "heat-bridge", "--preset", "coldest", "--device", "exact", "--runs", tmp_path, "--draws", 5)
    assert "note: heat is counted from the nominal state, not from a measured one" in said.out
    result = measured(tmp_path / "other", HeatBridge(), {"control": "isothermal"}, draws=20)
    assert f"Heat hot and cold: {into}. " in caption("quantities", result)
    assert "since the nominal state at the start" in caption("energies", result)
    assert "more heat reaches the cold bath" in result.headline


@pytest.mark.slow
def test_a_round_costs_four_entangling_gates_on_a_line():
    for _, structure, number in executed_entangling(HeatBridge(T_c=0.3, rounds=[1, 2]), {"control": "isothermal"}):
        assert number == 4 * structure["rounds"]


@pytest.mark.slow
def test_a_run_of_its_own_is_imported_byte_for_byte(tmp_path, call):
    result = measured(tmp_path / "own", HeatBridge(T_c=[0.15, 0.5]), {"control": "isothermal"}, shots=400)
    write(result)
    assert_imported_alike(call, result.record.path, "heat-bridge", [], tmp_path / "again")


@pytest.mark.slow
def test_on_a_noisy_device_the_coldest_bath_gets_more_than_the_classical_curve_has(tmp_path):
    """At 20 000 shots more than 5 standard errors, and the balance that errors of gates leave is in the table."""
    result = measured(tmp_path, HeatBridge(), {"control": "isothermal"}, device="aer:fake_fez", shots=20_000)
    row = rows_of(result, "heat", "cold").sort_values("T_c").iloc[0]
    table = result.table[(result.table["observable"] == "classical_current") & (result.table["T_c"] == row["T_c"])]
    assert row["T_c"] == 0.15
    assert (row["value"] - table["ideal"].iloc[0]) / row["stderr"] > 5
    balance = rows_of(result, "heat", "hotbridgecold")
    assert len(balance) == 8
    assert (balance["value"] < 0.03).all()


@pytest.mark.slow
def test_pulls_of_heats_and_populations(tmp_path):
    experiment = HeatBridge(T_c=[0.3, 0.6, 1.2], angle=[0.8, 1.2])
    # every shot conserves excitations here, so that the balance has no scatter at all
    rows = [("heat", "hot"), ("heat", "cold"), ("energy", "bridge"), ("energy", "hot")]
    for pulls in pulls_over_seeds(tmp_path, experiment, {"control": "isothermal"}, rows).values():
        assert_standard(pulls)


def test_a_bath_that_is_not_the_colder_one_has_no_goal(tmp_path):
    """Above T_h the limit is negative: any bath that loses little would be beyond it."""
    assert HeatBridge(T_c=0.3).goal(HeatBridge(T_c=0.3).points()).where == (True,)
    mixed = HeatBridge(T_h=0.8, T_c=[0.4, 0.8, 1.2])
    assert mixed.goal(mixed.points()).where == (True, False, False)
    result = measured(tmp_path / "mixed", mixed, {}, device="exact", shots=20000)
    assert result.verdict.at == 0.4
    assert result.verdict.trials == 1
    # swaps alone keep the energy of all three: p is uniform, an alarm below ALARM = 0.001 is false once in 1000 runs
    balance = next(one for one in result.checks if one.name == "energy balance of all parts")
    assert balance.passed is True
    assert "heat hotbridgecold" in balance.text
    assert any(text.startswith("energy of all parts together: heat hotbridgecold") for text in result.verdict.details)
    result = measured(tmp_path / "none", HeatBridge(T_h=0.3, T_c=1.6), {}, device="exact", shots=20000)
    assert result.verdict.reached is None
    assert result.verdict.headline.startswith("nothing to compare: T_c is not below T_h at any point")


@pytest.mark.slow
def test_errors_of_a_device_are_named_in_the_balance_of_all_parts(tmp_path):
    """fake_fez creates 0.013 a round: 20 000 shots show it at about seven standard errors."""
    result = measured(tmp_path, HeatBridge(T_c=[0.3, 0.6]), {"control": "off"}, device="aer:fake_fez", shots=20000)
    balance = next(one for one in result.checks if one.name == "energy balance of all parts")
    assert balance.passed is False
    assert any("energy enters or leaves beside" in text for text in result.verdict.details)
