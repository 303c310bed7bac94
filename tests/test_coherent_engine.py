"""coherent-engine: closed forms against matrices and circuits, its numbers, its rows, runs with and without noise."""

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
from analysis.figures import caption, quantities
from protocols.coherent_engine import CoherentEngine
from protocols.pauli import pauli_matrix

X = pauli_matrix("X")
LOWER = np.array([[0, 1], [0, 0]])


# ---- an independent route: matrices of fluid x ancilla, the fixed point as an eigenvector ----


def cycle(rho, phi, theta, q, *, dephased, stroke=True):
    """The fluid and the ancilla's excited population after one cycle."""
    hop = np.kron(LOWER, LOWER.T)
    U = expm(-1j * phi * (hop + hop.T))
    joint = U @ np.kron(rho, np.diag([1 - q, q])) @ U.conj().T
    parts = joint.reshape(2, 2, 2, 2)
    fluid, ancilla = np.trace(parts, axis1=1, axis2=3), np.trace(parts, axis1=0, axis2=2)
    fluid = np.diag(np.diag(fluid)) if dephased else fluid
    R = expm(-0.5j * theta * X)
    return (R @ fluid @ R.conj().T if stroke else fluid), ancilla[1, 1].real


def steady(phi, theta, q, *, dephased):
    """The state that a whole cycle leaves as it was."""
    each = [np.eye(4)[k].reshape(2, 2) for k in range(4)]
    channel = np.stack([cycle(one, phi, theta, q, dephased=dephased)[0].ravel() for one in each], axis=1)
    values, vectors = np.linalg.eig(channel)
    rho = vectors[:, np.argmin(abs(values - 1))].reshape(2, 2)
    return rho / np.trace(rho)


def by_matrices(phi, theta, q, *, dephased):
    """Work and heat of a cycle in the steady state."""
    rho = steady(phi, theta, q, dephased=dephased)
    before, _ = cycle(rho, phi, theta, q, dephased=dephased, stroke=False)
    after, left = cycle(rho, phi, theta, q, dephased=dephased)
    np.testing.assert_allclose(after, rho, atol=1e-9)
    return (before - after)[1, 1].real, q - left


def read(experiment, names, arm="main"):
    """Ideal of rows at stroke = 1, from the table of predict."""
    table = predict(experiment, {"control": "dephased"})
    table = table[(table["stroke"] == 1) & (table["arm"] == arm)]
    return [table[(table["observable"] == n) & (table["subject"] == s)]["ideal"].to_numpy() for n, s in names]


ROWS = [("work", "fluid"), ("heat", "bath"), ("work_dephased", "fluid"), ("work_ratio", "fluid")]

fields = st.fixed_dictionaries(
    {
        "angle": st.one_of(st.floats(0.05, 3.0), st.sampled_from([np.pi / 2, -0.6])),
        "drive": st.one_of(st.floats(0.05, 6.0), st.sampled_from([np.pi, np.pi - 1e-3, 0.02])),
        "excitation": st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.2, 1.0])),
    }
)


@given(fields)
@examples(40, fast=6)
def test_work_and_heat_are_those_of_matrices(given_fields):
    phi, theta, q = (given_fields[name] for name in ("angle", "drive", "excitation"))
    experiment = CoherentEngine(**given_fields)
    W, Q = by_matrices(phi, theta, q, dephased=False)
    W_0, Q_0 = by_matrices(phi, theta, q, dephased=True)
    work, heat, bound, ratio = read(experiment, ROWS)
    assert (work[0], heat[0], bound[0]) == pytest.approx((W, Q, W_0), abs=1e-10)
    if abs(W_0) > 1e-4:
        assert ratio[0] == pytest.approx(W / W_0, rel=1e-6)
    work, heat = read(experiment, ROWS[:2], "dephased")
    assert (work[0], heat[0]) == pytest.approx((W_0, Q_0), abs=1e-10)
    assert pytest.approx(Q, abs=1e-9) == W  # there is no second bath


@given(fields, st.integers(1, 4), st.sampled_from(["main", "dephased"]))
@examples(40, fast=6)
def test_the_start_is_the_steady_state_of_its_arm_however_many_cycles_run(given_fields, cycles, arm):
    phi, theta, q = (given_fields[name] for name in ("angle", "drive", "excitation"))
    experiment = CoherentEngine(**given_fields, cycles=cycles, stroke=1)
    found = experiment.state(experiment.points({"control": "dephased"}, "nominal"), arm)[0]
    np.testing.assert_allclose(found, steady(phi, theta, q, dephased=arm != "main"), atol=1e-9)


@pytest.mark.parametrize(
    ("theta", "expected"),
    [
        (0.25, (0.0441170, 0.0072878, 6.05351)),
        (0.4, (0.0657739, 0.0168867, 3.895017)),
        (1.2, (0.0912816, 0.0674794, 0.0912816 / 0.0674794)),
    ],
)
def test_its_numbers(theta, expected):
    work, heat, bound, ratio = read(CoherentEngine(drive=theta), ROWS)
    assert (work[0], bound[0]) == pytest.approx(expected[:2], abs=1e-7)
    assert ratio[0] == pytest.approx(expected[2], abs=1.5e-5)
    limit, efficiency = read(CoherentEngine(drive=theta), [("work_ratio_limit", "fluid"), ("efficiency", "fluid")])
    assert limit[0] == pytest.approx(10.450531, abs=1e-6)
    assert efficiency[0] == pytest.approx(1, abs=1e-12)
    assert heat[0] == pytest.approx(work[0], abs=1e-12)


def test_the_steady_states_and_their_members():
    experiment = CoherentEngine(stroke=1)
    points = experiment.points({"control": "dephased"}, "nominal")
    Y, Z_ = (np.trace(experiment.state(points)[0] @ pauli_matrix(word)).real for word in "YZ")
    assert pytest.approx((0.384692, -0.223249), abs=1e-6) == (Y, Z_)
    rho = experiment.state(points, "dephased")[0]
    found = [np.trace(rho @ pauli_matrix(word)).real for word in "YZ"]
    assert found == pytest.approx((0.115997, -0.454283), abs=1e-6)
    assert experiment.members(points, "main")[0] == pytest.approx((0.722389, 0.277611), abs=1e-6)
    assert experiment.values(points, "main")["start"][0] == pytest.approx(-2.096630, abs=1e-6)


@pytest.mark.parametrize(
    "fields", [{"angle": 0.0}, {"angle": np.pi}, {"drive": 0.0}, {"angle": 0.0, "drive": 0.0}, {"excitation": 0.5}]
)
def test_where_nothing_happens_there_is_no_work_and_no_ratio(fields):
    work, heat, bound, ratio = read(CoherentEngine(**fields), ROWS)
    assert (work[0], heat[0], bound[0]) == pytest.approx((0, 0, 0), abs=1e-12)
    assert np.isnan(ratio[0])


def test_small_angles_lose_no_digits():
    """The ratio goes to (1 + e2)/(1 - e2) though numerator and denominator vanish."""
    ratio, limit = read(CoherentEngine(drive=1e-4), [("work_ratio", "fluid"), ("work_ratio_limit", "fluid")])
    assert ratio[0] == pytest.approx(limit[0], rel=1e-5)


def test_half_a_turn_needs_no_coherence_and_an_ordinary_ancilla_costs_work():
    work, _, bound, ratio = read(CoherentEngine(drive=np.pi), ROWS)
    assert work[0] == pytest.approx(bound[0], abs=1e-12)
    assert ratio[0] == pytest.approx(1, abs=1e-9)
    assert read(CoherentEngine(excitation=0.25), ROWS)[0][0] == pytest.approx(-0.0441170, abs=1e-7)
    quarter = read(CoherentEngine(angle=np.pi / 2), ROWS)  # all polarisation and all coherence are replaced
    assert quarter[3][0] == pytest.approx(1, abs=1e-9)


# ---- measured ----


@pytest.mark.parametrize("preparation", ["ensemble", slow("purified"), slow("measured"), slow("random")])
def test_a_sampled_run_agrees_with_the_exact_values(tmp_path, preparation):
    """Work, heat and energies of two arms within 5 standard errors; false alarm below 1e-4."""
    options = {"control": "dephased", "preparation": preparation}
    experiment = CoherentEngine(drive=0.4, cycles=2)
    table = measured(tmp_path, experiment, options).table
    linear = table[table["observable"].isin(["work", "heat", "energy", "energy_change"]) & (table["stderr"] > 1e-3)]
    assert len(linear) == 16
    assert (np.abs(linear["value"] - linear["ideal"]) / linear["stderr"]).max() < 5


def test_the_ratio_needs_the_dephased_arm_and_stands_once(tmp_path):
    alone, both = (measured(tmp_path, CoherentEngine(drive=0.4), {"control": arm}) for arm in ("", "dephased"))
    assert rows_of(alone, "work_ratio", "fluid").empty
    row = rows_of(both, "work_ratio", "fluid")
    assert len(row) == 1
    assert rows_of(both, "work_ratio", "fluid", "dephased").empty
    main, other = (rows_of(both, "work", "fluid", arm).iloc[0] for arm in ("main", "dephased"))
    assert row["value"].iloc[0] == pytest.approx(main["value"] / other["value"], rel=1e-9)
    assert row["low"].iloc[0] < row["ideal"].iloc[0] < row["high"].iloc[0]


@pytest.mark.slow
def test_list_and_caption_say_which_way_heat_counts(tmp_path, call):
    said = "energy that the ancillas gave, a cycle"
    assert f"heat\tbath\t{said}" in call("list").out
    result = measured(tmp_path, CoherentEngine(), {"control": "dephased"}, draws=20)
    assert f"Heat bath: {said}. " in caption("quantities", result)
    figure = quantities(result)
    limits = {axes.get_ylabel(): [line.get_linestyle() for line in axes.lines] for axes in figure.axes}
    assert "work ratio" in limits
    assert ":" in limits["work ratio"]  # the limit of the ratio is in the ratio's panel and in no other
    assert ":" not in limits["efficiency"]


@pytest.mark.slow
def test_a_cycle_costs_two_entangling_gates():
    for _, structure, number in executed_entangling(CoherentEngine(cycles=[1, 3]), {"control": "dephased"}):
        assert number == 2 * structure["cycles"]


@pytest.mark.slow
def test_a_run_of_its_own_is_imported_byte_for_byte(tmp_path, call):
    result = measured(tmp_path / "own", CoherentEngine(drive=0.4, cycles=2), {"control": "dephased"}, shots=400)
    write(result)
    assert_imported_alike(call, result.record.path, "coherent-engine", ["drive=0.4", "cycles=2"], tmp_path / "again")


@pytest.mark.slow
def test_on_a_noisy_device_work_is_above_the_bound(tmp_path):
    """At 40 000 shots more than 5 standard errors; the control stays at the bound."""
    result = measured(tmp_path, CoherentEngine(), {"control": "dephased"}, device="aer:fake_fez", shots=40_000)
    row = rows_of(result, "work", "fluid").iloc[0]
    bound = result.table[result.table["observable"] == "work_dephased"]["ideal"].max()
    assert bound == pytest.approx(0.0072878, abs=1e-7)
    assert (row["value"] - bound) / row["stderr"] > 5
    assert abs(rows_of(result, "work", "fluid", "dephased").iloc[0]["value"] - bound) < 0.01
    assert "coherence does work" in result.headline


@pytest.mark.slow
def test_pulls_of_work_heat_and_populations(tmp_path):
    experiment = CoherentEngine(drive=[0.25, 0.8], excitation=[0.3, 0.75])
    rows = [("work", "fluid"), ("heat", "bath"), ("energy", "fluid"), ("energy", "bath")]
    for pulls in pulls_over_seeds(tmp_path, experiment, {"control": "dephased"}, rows).values():
        assert_standard(pulls)


def test_ordinary_ancillas_make_no_engine_whose_work_could_be_more():
    """At cos(phi) < 0 coherence makes the loss smaller, W = -0.024 above the dephased -0.038: no work is done."""
    engine = CoherentEngine(excitation=[0.25, 0.5, 0.75], angle=2.2, drive=0.5, stroke=1)
    assert engine.goal(engine.points()).where == tuple(x > 0.5 for x in engine.points().parameters["excitation"])
    lossy = predict(CoherentEngine(excitation=0.25, angle=2.2, drive=0.5, stroke=1), {"control": "off"})
    work, dephased = (lossy[lossy["observable"] == name]["ideal"].iloc[-1] for name in ("work", "work_dephased"))
    assert 0 > work > dephased
