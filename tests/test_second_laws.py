"""Many second laws: Renyi free energies and thermo-majorisation, against matrices and linear programs."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.linalg import fractional_matrix_power
from scipy.optimize import linprog

from analysis import analyse
from analysis.prediction import predict
from analysis.report.laws import second_laws_document
from analysis.report.writing import write
from devices import execute, open_device
from protocols import Sample, compile
from protocols.algorithmic_cooling import AlgorithmicCooling
from protocols.coherence_reversal import CoherenceReversal
from protocols.ladder_cooling import LadderCooling
from protocols.laws import (
    ORDERS,
    gibbs_populations,
    majorisation_margin,
    qubit_contact,
    renyi_divergence,
    renyi_free_energy,
    second_laws,
    thermo_majorisation_curve,
)
from protocols.thermophoresis import Thermophoresis

FLAT = np.ones(3) / 3
RNG = np.random.default_rng(11)


def laws(experiment, options=None):
    """Exact free energies, their changes and the margin, by observable, order and point."""
    table = predict(experiment, options or {})
    table = table[table["arm"] == "main"] if "arm" in table else table
    names = ("free_energy", "free_energy_change", "thermo_majorisation")
    chosen = table[table["observable"].isin(names)]
    if chosen.empty:
        return {}
    return {
        (name, scheme.removeprefix("alpha ")): rows["ideal"].to_numpy()
        for (name, scheme), rows in chosen.groupby(["observable", "scheme"])
    }


def of_matrices(rho, sigma, alpha):
    """D_alpha of commuting matrices, by their powers."""
    if alpha == 0:
        values, vectors = np.linalg.eigh(rho)
        kept = vectors[:, values > 1e-12]
        return -np.log(np.trace(kept @ kept.conj().T @ sigma).real)
    if alpha == np.inf:
        return np.log(np.linalg.eigvalsh(np.linalg.inv(sigma) @ rho).max())
    power = fractional_matrix_power
    return np.log(np.trace(power(rho, alpha) @ power(sigma, 1 - alpha)).real) / (alpha - 1)


# ---- numbers that are printed ----


def test_orders_of_the_flat_levels_disagree():
    """family.md S08 and frontier.md E7: allowed by one order, forbidden by another, forbidden by the curves."""
    p, q = np.array([0.5, 0.5, 0.0]), np.array([0.7, 0.15, 0.15])
    found = [renyi_divergence(one, FLAT, alpha) for alpha in (1, 2, np.inf) for one in (p, q)]
    np.testing.assert_allclose(found, [0.405465, 0.279804, 0.405465, 0.473124, 0.405465, 0.741937], atol=5e-7)
    assert majorisation_margin(p, q, FLAT) < 0
    p, q = np.array([0.55, 0.40, 0.05]), np.array([0.70, 0.16, 0.14])
    found = [renyi_divergence(one, FLAT, alpha) for alpha in (0.5, 1, 2) for one in (p, q)]
    np.testing.assert_allclose(found, [0.161504, 0.145118, 0.253499, 0.280471, 0.332894, 0.473498], atol=5e-7)
    assert majorisation_margin(p, q, FLAT) < 0


def test_rows_of_the_ladder_have_the_printed_numbers():
    found = laws(LadderCooling(T=0.8, initial=0.9))
    printed = {
        "1/2": (0.639047, 0.080407),
        "1": (1.051846, 0.127630),
        "2": (1.294739, 0.170399),
        "inf": (1.396569, 0.207590),
    }
    for order, (before, after) in printed.items():
        np.testing.assert_allclose(found["free_energy", order] / 0.8, after, atol=5e-7)
        np.testing.assert_allclose(found["free_energy_change", order] / 0.8, after - before, atol=1e-6)
    assert found["free_energy", "0"] == 0
    assert found["thermo_majorisation", ""] > 0


# ---- second routes at other parameters ----


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.5, 0.999, 1.7, 2.0, 8.0, np.inf])
def test_divergences_are_those_of_matrix_powers(alpha):
    for _ in range(5):
        d = int(RNG.integers(2, 5))
        basis = np.linalg.qr(RNG.normal(size=(d, d)) + 1j * RNG.normal(size=(d, d)))[0]
        p, g = RNG.dirichlet(np.ones(d)), RNG.dirichlet(np.ones(d))
        rho, sigma = (basis * one @ basis.conj().T for one in (p, g))
        np.testing.assert_allclose(renyi_divergence(p, g, alpha), of_matrices(rho, sigma, alpha), atol=1e-10)


def test_orders_grow_and_meet_their_limits():
    p, g = RNG.dirichlet(np.ones(4), size=(2, 50))
    orders = (0, 1e-6, 0.4, 1 - 1e-6, 1, 1 + 1e-6, 2, 30, np.inf)
    found = np.array([renyi_divergence(p, g, alpha) for alpha in orders])
    assert (np.diff(found, axis=0) >= -1e-9).all()
    np.testing.assert_allclose(found[3], found[5], atol=1e-5)
    np.testing.assert_allclose(renyi_divergence(p, g, 1e4), found[-1], atol=2e-3)


def test_the_curves_decide_what_a_linear_program_can_reach():
    """q = M p with M stochastic and M g = g has a solution exactly where the margin is not below 0."""
    reached, rng = [], np.random.default_rng(3)
    for _ in range(30):
        d = int(rng.integers(2, 4))
        p, q, g = (rng.dirichlet(np.ones(d)) for _ in range(3))
        q = (q + g) / 2
        rows = [np.kron(np.eye(d), vector) for vector in (p, g)]
        rows.append(np.kron(np.ones(d), np.eye(d)))
        answer = linprog(np.zeros(d * d), A_eq=np.vstack(rows), b_eq=np.concatenate([q, g, np.ones(d)]), bounds=(0, 1))
        margin = float(majorisation_margin(p, q, g))
        if abs(margin) > 1e-7:
            assert (margin > 0) == (answer.status == 0), (p, q, g)
            reached.append(answer.status == 0)
    assert 3 <= sum(reached) <= len(reached) - 3


def test_no_free_energy_rises_under_a_thermal_contact():
    """Gibbs-preserving maps of three levels, mixed from thermalisations of pairs; and the curve stays above."""
    energies, T = np.array([0.0, 0.7, 1.9]), 1.3
    g, p = gibbs_populations(energies, T), RNG.dirichlet(np.ones(3), size=200)
    q = p
    for i, j in ((0, 1), (1, 2), (0, 2)):
        pair = np.zeros_like(q)
        both = q[:, i] + q[:, j]
        for k in (i, j):
            pair[:, k] = both * g[k] / (g[i] + g[j]) - q[:, k]
        q = q + RNG.uniform(0, 1, size=(200, 1)) * pair
    for alpha in (*ORDERS.values(), 0.2, 5.0):
        before, after = (renyi_free_energy(one, energies, T, alpha) for one in (p, q))
        assert (after <= before + 1e-12).all()
    assert (majorisation_margin(p, q, g) >= -1e-12).all()


def test_the_ladder_is_its_permutation():
    """|1, n> <-> |0, n + 1> as a matrix, at parameters that are printed nowhere."""
    T, initial = 1.37, 0.62
    joint = np.kron([1 - initial, initial], gibbs_populations(np.arange(4.0), T)).reshape(2, 4)
    joint[1, :3], joint[0, 1:] = joint[0, 1:].copy(), joint[1, :3].copy()
    after, g = joint.sum(axis=1), gibbs_populations(np.arange(2.0), T)
    found = laws(LadderCooling(T=T, initial=initial))
    for order, alpha in ORDERS.items():
        if 0 < alpha < np.inf and alpha != 1:
            exact = T * of_matrices(np.diag(after), np.diag(g), alpha)
            np.testing.assert_allclose(found["free_energy", order], exact, atol=1e-10)
    relative = T * (after * np.log(after / g)).sum()
    np.testing.assert_allclose(found["free_energy", "1"], relative, atol=1e-10)


@pytest.mark.parametrize("contact", ["cascade", "star"])
def test_free_energies_of_a_coherent_pair_are_those_of_its_matrix(contact):
    """Against the eigenvalues at each energy, with collisions that are no first one; all of them fall."""
    one = CoherenceReversal(T_S=0.8, T_B=1.7, coherence=-0.7, angle=0.8, collisions=2, contact=contact)
    found = laws(one)
    points = one.points({}, "nominal")
    g = gibbs_populations(np.array([0.0, 1, 1, 2]), 1.7)
    for rho, shown in ((one.state(points)[0], True), (one.reference_state(points)[0], False)):
        block = np.linalg.eigvalsh(rho[1:3, 1:3])
        p = np.array([rho[0, 0].real, *block, rho[3, 3].real])
        np.testing.assert_allclose(np.sort(p), np.linalg.eigvalsh(rho), atol=1e-12)
        for order in ("1/2", "2"):
            exact = 1.7 * of_matrices(np.diag(p), np.diag(g), ORDERS[order])
            shift = 0 if shown else found["free_energy_change", order]
            np.testing.assert_allclose(found["free_energy", order] - shift, exact, atol=1e-10)
    assert all(found["free_energy_change", order] <= 1e-12 for order in ORDERS)
    assert found["thermo_majorisation", ""] >= -1e-12


def test_a_particle_between_baths_of_one_temperature_is_in_one_contact():
    """Three levels of energies 0, 1 and the bias; between two temperatures there is no such row."""
    one = Thermophoresis(T_L=0.9, T_R=0.9, bias=0.35, start="e", rounds=2, angle=0.8)
    found, points = laws(one), one.points({}, "nominal")
    g = gibbs_populations(np.array([0.0, 1.0, 0.35]), 0.9)
    p = one.state(points)[0].diagonal().real[[0b00, 0b01, 0b11]]
    for order in ("1/2", "2", "inf"):
        exact = 0.9 * of_matrices(np.diag(p), np.diag(g), ORDERS[order])
        np.testing.assert_allclose(found["free_energy", order], exact, atol=1e-10)
    started = 0.9 * -np.log(g[1])  # all orders of one level alike
    np.testing.assert_allclose(found["free_energy_change", "2"], found["free_energy", "2"] - started, atol=1e-10)
    assert all(found["free_energy_change", order] < 0 for order in ORDERS)
    assert found["thermo_majorisation", ""] > 0
    assert laws(Thermophoresis(rounds=1)) == {}


def test_a_coherence_that_turns_is_not_judged_by_half_of_it():
    found = laws(CoherenceReversal(coherence_phase=0.4))
    assert all(np.isnan(values).all() for values in found.values())


def test_compressions_spend_work_so_the_free_energy_rises():
    found = laws(AlgorithmicCooling(polarisation=0.35, rounds=[0, 1]))
    assert (found["free_energy_change", "1"][1:] > 0).all()
    assert (found["thermo_majorisation", ""][1:] < 0).all()


# ---- traps ----


def test_order_0_jumps_where_a_level_was_never_seen_and_one_count_brings_it_back():
    contact = qubit_contact("system", "Z", lambda known: known["T"])
    g = gibbs_populations(np.arange(2.0), 0.8)
    never, once = (Sample(parameters={"T": np.array([0.8])}, moments={"Z": np.array([Z])}) for Z in (1.0, 1 - 2 / 500))
    assert contact.free_energy(never, 0)[0] == pytest.approx(-0.8 * np.log(g[0]))
    assert contact.free_energy(once, 0)[0] == 0
    # with the bath's populations known, order inf does not jump
    np.testing.assert_allclose(contact.free_energy(never, np.inf), contact.free_energy(once, np.inf), atol=0.01)


def test_cold_baths_do_not_leave_floating_point():
    cold = renyi_free_energy(np.array([0.1, 0.9]), np.array([0.0, 1.0]), 0.0005, 1)
    assert cold == pytest.approx(0.9, abs=1e-3)
    assert np.isnan(renyi_free_energy(np.array([0.1, 0.9]), np.array([0.0, 1.0]), -1.0, 1))
    found = laws(LadderCooling(T=0.0005, initial=0.9))
    assert found["thermo_majorisation", ""] == pytest.approx(0, abs=1e-12)  # all that is left is the ground state
    back = majorisation_margin(np.array([1.0, 0.0]), np.array([0.4, 0.6]), np.array([1.0, 0.0]))
    assert back == pytest.approx(-0.6)


def test_an_order_below_0_is_refused():
    with pytest.raises(ValueError, match=r"Argument `alpha` must be 0 or more, but is -1"):
        renyi_divergence(FLAT, FLAT, -1)


def test_curves_begin_and_end_where_they_should():
    g = gibbs_populations(np.array([0.0, 0.4, 1.1]), 0.9)
    x, y = thermo_majorisation_curve(np.array([0.2, 0.5, 0.3]), g)
    np.testing.assert_allclose([x[0], y[0], x[-1], y[-1]], [0, 0, 1, 1], atol=1e-12)
    slopes = np.diff(y) / np.diff(x)
    assert (np.diff(slopes) <= 1e-12).all()


def test_rows_say_which_way_the_margin_counts():
    rows = second_laws(qubit_contact("system", "Z", lambda known: known["T"]))
    assert [o.key[0] for o in rows if o.name == "free_energy"] == [f"free_energy (alpha {name})" for name in ORDERS]
    assert all(o.meaning for o in rows if o.name == "thermo_majorisation")


# ---- a measured run ----


@pytest.mark.slow
def test_intervals_cover_at_two_orders_and_three_numbers_of_shots(tmp_path):
    """400 runs each, points that differ by 1e-9: of 95 % within 92..98.5 % with a false alarm of 1 in 100 a row."""
    experiment = LadderCooling(initial=0.9 + 1e-9 * np.arange(400), collisions=1)
    for shots in (500, 2000, 8000):
        program = compile(experiment, experiment.points({"preparation": "measured"}), shots=shots)
        table = analyse(execute(program, open_device("exact"), runs=tmp_path, seed=shots), draws=100).table
        rows = table[(table["collisions"] == 1) & table["observable"].isin(["free_energy", "free_energy_change"])]
        for order in ("alpha 1", "alpha 2"):
            for _, found in rows[rows["scheme"] == order].groupby("observable"):
                inside = (found["low"] <= found["ideal"]) & (found["ideal"] <= found["high"])
                assert 0.92 <= inside.mean() <= 0.99, (shots, order)


def excited(folder):
    """From the excited state, whose ground level is never seen."""
    experiment = LadderCooling(T=0.9, initial=1.0)
    program = compile(experiment, experiment.points({"preparation": "measured"}), shots=300)
    return analyse(execute(program, open_device("exact"), runs=folder, seed=2), draws=20)


def test_a_run_says_what_each_order_did_and_what_one_count_more_would(tmp_path):
    """Order 0 is -T ln g_1 as counted, and 0 with one count more."""
    (law,) = second_laws_document(excited(tmp_path))
    orders = {one["name"]: one for one in law["orders"]}
    g = gibbs_populations(np.arange(2.0), 0.9)
    assert orders["0"]["before"] == pytest.approx(-0.9 * np.log(g[1]))
    assert law["order_0_with_one_count_more"] == [0, 0]
    assert [orders[name]["said"] for name in ("1/2", "1", "2", "inf")] == ["fell"] * 4
    np.testing.assert_allclose(orders["1"]["before"], 0.9 * -np.log(g[1]), atol=1e-12)
    assert law["populations_before"] == [0, 1]
    change = orders["0"]["change"]
    assert (change["low"], change["high"]) == (pytest.approx(0.9 * np.log(g[1])), 0)
    assert orders["0"]["after"]["high"] == 0
    assert law["thermo_majorisation"]["value"] > 0


@pytest.mark.slow
def test_the_report_has_a_section_and_a_figure_of_them(tmp_path):
    found = excited(tmp_path)
    write(found)
    derived = found.record.path / "derived"
    page = (derived / "report.html").read_text()
    assert "<h2>Many second laws</h2>" in page
    assert "with one count more in each of them it would be 0.0000 before and 0.0000 after" in page
    assert (derived / "second_laws.png").exists()
    assert json.loads((derived / "verdict.json").read_text())["second_laws"] == second_laws_document(found)
