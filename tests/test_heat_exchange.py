"""heat-exchange: the closed form against the matrix exponential, core numbers, families, gate counts, merging."""

import numpy as np
import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from qiskit import transpile
from scipy.linalg import expm
from scipy.optimize import minimize_scalar

from protocols import RequestError, compile
from protocols.heat_exchange import HeatExchange
from protocols.program import build
from protocols.quantities import energy, entanglement, mutual_information, reduced

deterministic = examples(40)


def gibbs(T):
    weights = np.exp(-np.array([0.0, 1.0]) / T)
    return np.diag(weights / weights.sum())


def coupling(strength, phase):
    V = np.zeros((4, 4), dtype=complex)
    V[1, 2], V[2, 1] = strength * np.exp(1j * phase), strength * np.exp(-1j * phase)
    return V


def two_qubit_gates(circuit):
    done = transpile(circuit, basis_gates=["cz", "rz", "sx", "x"], optimization_level=1)
    return done.num_nonlocal_gates(), done.depth(lambda i: len(i.qubits) == 2 and i.operation.name != "barrier")


@given(
    st.floats(0.2, 5),
    st.floats(0.2, 5),
    st.floats(0.02, 2),
    st.floats(-4, 4),
    st.floats(0, 1),
    st.floats(-4, 4),
    st.floats(0, 1),
    st.floats(0, 40),
)
@deterministic
def test_the_closed_form_is_the_matrix_exponential(T_A, T_B, Omega, phi_V, strength, phase, dephasing, time):
    experiment = HeatExchange(
        T_A=T_A,
        T_B=T_B,
        coupling=Omega,
        coupling_phase=phi_V,
        strength=strength,
        correlation_phase=phase,
        dephasing=dephasing,
        time=time,
    )
    # the state of PRA 106, 062604, eq. (10), written down independently
    rho = np.kron(gibbs(T_A), gibbs(T_B)).astype(complex)
    doubly = rho[3, 3].real
    rho += strength * doubly * np.diag([-1, 1, 1, -1])
    rho[1, 2] = (1 - dephasing) * strength * np.sqrt(doubly) * np.exp(1j * phase)
    rho[2, 1] = rho[1, 2].conj()
    U = expm(-1j * time * (np.diag([0, 1, 1, 2]) + coupling(Omega, phi_V)))
    np.testing.assert_allclose(experiment.state(experiment.points())[0], U @ rho @ U.conj().T, atol=1e-12)


@given(st.floats(0.5, 5), st.floats(0.5, 5), st.floats(-4, 4), st.floats(-0.1, 0.1), st.floats(-4, 4), st.floats(0, 40))
@deterministic
def test_the_coherent_family_is_the_matrix_exponential_too(T_A, T_B, phi_V, alpha, phase, time):
    experiment = HeatExchange(
        T_A=T_A,
        T_B=T_B,
        coupling_phase=phi_V,
        correlation="coherent",
        alpha=alpha,
        correlation_phase=phase,
        time=time,
    )
    rho = np.kron(gibbs(T_A), gibbs(T_B)).astype(complex)
    rho[1, 2], rho[2, 1] = alpha * np.exp(1j * phase), alpha * np.exp(-1j * phase)
    U = expm(-1j * time * (np.diag([0, 1, 1, 2]) + coupling(0.1, phi_V)))
    np.testing.assert_allclose(experiment.state(experiment.points())[0], U @ rho @ U.conj().T, atol=1e-12)


@pytest.mark.parametrize(
    ("T_A", "T_B", "peak", "at", "concurrence", "information", "heat"),
    [
        # core numbers at Omega = 0.1, delta = -pi/2; two independent routes agree to 1e-12 there
        (2.0, 1.0, 0.646482, 7.010056, 0.637295, 0.595453, 0.268941),
        (1.5, 1.5, 0.678487, 7.853982, 0.678487, 0.653061, 0.339244),
        (1.0, 2.0, 0.646482, 8.697908, 0.637295, 0.595453, 0.377541),
    ],
)
def test_the_key_numbers_of_the_model(T_A, T_B, peak, at, concurrence, information, heat):
    experiment = HeatExchange(T_A=T_A, T_B=T_B, time=[0.0, at])
    points = experiment.points()
    rho = experiment.state(points)
    assert entanglement.concurrence(rho[0]) == pytest.approx(concurrence, abs=5e-7)
    assert mutual_information(rho[0]) == pytest.approx(information, abs=5e-7)
    rows = {(r["observable"], r["subject"], r["kind"]): r for r in experiment.extrema(points)}
    difference = rows["energy_difference", "AB", "maximum"]
    assert (difference["value"], difference["time"]) == pytest.approx((peak, at), abs=6e-7)
    assert rows["heat", "A", "maximum"]["value"] == pytest.approx(heat, abs=5e-7)


@given(st.floats(0.3, 4), st.floats(0.3, 4), st.floats(0.05, 1), st.floats(-3, 3), st.floats(-3, 3), st.floats(0.1, 1))
@deterministic
def test_extrema_are_those_a_numerical_search_finds(T_A, T_B, Omega, phi_V, phase, strength):
    experiment = HeatExchange(
        T_A=T_A, T_B=T_B, coupling=Omega, coupling_phase=phi_V, correlation_phase=phase, strength=strength
    )

    def heat(time):
        one = HeatExchange(
            T_A=T_A,
            T_B=T_B,
            coupling=Omega,
            coupling_phase=phi_V,
            correlation_phase=phase,
            strength=strength,
            time=time,
        )
        rho = one.state(one.points(reference="nominal"))[0]
        start = one.reference_state(one.points(reference="nominal"))[0]
        return float(energy(rho, 0) - energy(start, 0))

    rows = {(r["observable"], r["subject"], r["kind"]): r for r in experiment.extrema(experiment.points())}
    if not rows:  # nothing flows: equal temperatures and no imaginary coherence
        assert [heat(t) for t in np.linspace(0, np.pi / Omega, 5)] == pytest.approx([0] * 5, abs=1e-12)
        return
    period = np.pi / Omega
    grid = np.linspace(0, period, 41)
    start = grid[np.argmax([heat(t) for t in grid])]
    step = grid[1]  # next to time 0 the maximum may lie at the end of the period, where the grid is lower than at 0
    found = minimize_scalar(lambda t: -heat(t % period), bounds=(start - step, start + step), method="bounded")
    assert rows["heat", "A", "maximum"]["value"] == pytest.approx(-found.fun, abs=1e-7)
    assert heat(rows["heat", "A", "maximum"]["time"]) == pytest.approx(rows["heat", "A", "maximum"]["value"], abs=1e-12)
    assert heat(rows["heat", "A", "minimum"]["time"]) == pytest.approx(rows["heat", "A", "minimum"]["value"], abs=1e-12)


def test_micadei_reproduces_the_reference_table_and_stays_separable():
    preset = HeatExchange.presets["micadei"].values
    experiment = build(HeatExchange, {**preset, "time": "0ms:2.20952ms:3"})
    rho = experiment.state(experiment.points())
    gap = 4.135667696923859  # h x 1 kHz in peV, exact by the SI
    heat = gap * (energy(rho, 0) - energy(rho[0], 0))
    assert heat[1] == pytest.approx(0.72170, abs=1e-5)
    assert mutual_information(rho) == pytest.approx([0.25271, 0.04834, 0.25271], abs=2e-3)
    assert mutual_information(rho[0]) == pytest.approx(0.25271, abs=5e-6)
    whole = build(HeatExchange, preset)
    assert (entanglement.concurrence(whole.state(whole.points())) == 0).all()
    assert not HeatExchange.presets["micadei"].verified


@pytest.mark.parametrize("family", ["entangled", "coherent", "none"])
def test_local_states_are_thermal_in_every_family(family):
    given_alpha = {"alpha": 0.1} if family == "coherent" else {}
    experiment = HeatExchange(T_A=1.7, T_B=0.6, correlation=family, time=0.0, **given_alpha)
    rho = experiment.state(experiment.points())
    np.testing.assert_allclose(reduced(rho, 0)[0], gibbs(1.7), atol=1e-14)
    np.testing.assert_allclose(reduced(rho, 1)[0], gibbs(0.6), atol=1e-14)


def test_very_cold_and_very_hot_qubits_are_ordinary():
    cold = HeatExchange(T_A=1e-3, T_B=1e-3, time=1.0)
    hot = HeatExchange(T_A=1e12, T_B=1e9, time=1.0)
    for experiment in (cold, hot):
        program = compile(experiment, shots=100)
        assert all(np.isfinite(block.values).all() for block in program.blocks)
    assert cold.state(cold.points())[0, 0, 0].real == pytest.approx(1)


# ---- preparation ----


@pytest.mark.parametrize(
    ("fields", "members"),
    [
        ({}, 2),
        ({"strength": 0.9}, 4),
        ({"strength": 1.0, "dephasing": 0.5}, 3),
        ({"correlation": "coherent", "alpha": -0.1}, 4),
        ({"correlation": "none"}, 4),
    ],
)
def test_the_ensemble_has_as_many_members_as_the_state_has_rank(fields, members):
    experiment = HeatExchange(time=[0.0, 3.0], **fields)
    rank = np.linalg.matrix_rank(experiment.state(experiment.points())[0], tol=1e-10)
    found = {s.member for s in experiment.settings(experiment.points(), ["ZZ"])}
    assert len(found) == members == rank


def test_preparations_cost_the_two_qubit_gates_they_should():
    for fields, preparation, arm_gates in (
        ({}, "ensemble", [0, 1]),
        ({"strength": 0.5}, "ensemble", [0, 1, 1, 0]),
        ({}, "purified", [3]),
        ({"strength": 0.5}, "purified", [5]),
    ):
        experiment = HeatExchange(**fields)
        points = experiment.points({"preparation": preparation})
        found = [two_qubit_gates(experiment.template(s))[0] for s in experiment.settings(points, ["ZZ"])]
        assert found == [gates + 2 for gates in arm_gates]


def test_purifying_takes_one_ancilla_at_rank_two_and_two_otherwise():
    for fields, wires in (({}, 3), ({"strength": 0.9}, 4)):
        experiment = HeatExchange(**fields)
        points = experiment.points({"preparation": "purified"})
        (setting,) = experiment.settings(points, ["ZZ"])
        assert experiment.template(setting).num_qubits == wires


def test_a_barrier_keeps_preparation_and_evolution_apart_unless_merged():
    experiment = HeatExchange()
    plain, merged = ({}, {"merge": "yes"})
    for preparation, gates in (("ensemble", [3, 2]), ("purified", [5, 3])):
        found = []
        for options in (plain, merged):
            points = experiment.points({**options, "preparation": preparation})
            setting = experiment.settings(points, ["ZZ"])[-1]
            found.append(two_qubit_gates(experiment.template(setting))[0])
        assert found == gates


@pytest.mark.parametrize("preparation", ["ensemble", "purified"])
@pytest.mark.parametrize("delta", [-np.pi / 2, np.pi / 2])
@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_merging_changes_no_state_and_has_equal_depth_at_all_points(preparation, delta, strength):
    from test_catalogue import circuit_state

    experiment = HeatExchange(
        T_A=1.7, T_B=0.8, strength=strength, coupling_phase=0.4, correlation_phase=0.4 - delta, time=[0, 2.0, 9.0]
    )
    points = experiment.points({"preparation": preparation, "merge": "yes", "control": "none,dephased"})
    for arm in points.arms:
        settings_of_arm = [s for s in experiment.settings(points, ["ZZ"]) if s.arm == arm]
        total = np.zeros((3, 4, 4), dtype=complex)
        for s in settings_of_arm:
            weight = experiment.weights(s, points)
            total += np.array([weight[i] * circuit_state(experiment, s, points, i) for i in range(3)])
        np.testing.assert_allclose(total, experiment.state(points, arm), atol=1e-12)


def test_merging_about_different_axes_is_refused_with_the_angle():
    experiment = HeatExchange(correlation_phase=0.3)
    with pytest.raises(RequestError, match=r"merge.*-0\.3 rad"):
        experiment.points({"merge": "yes"})


# ---- requests ----


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"T_A": 0.0}, r"T_A.*> 0.*0"),
        ({"T_B": [1.0, 0.0]}, r"T_B.*is 0"),
        ({"T_A": np.nan}, r"T_A.*nan"),
        ({"T_A": 0.0}, r"T_A.*or < 0 for an inverted population.*but is 0.*take e\.g\. 0\.001"),
        ({"T_A": "warm"}, r"T_A.*'warm'"),
        ({"strength": 1.1}, r"strength.*0\.\.1.*1\.1"),
        ({"strength": 0.5, "correlation": "none"}, r"strength.*entangled"),
        ({"alpha": 0.1}, r"alpha.*coherent"),
        ({"correlation": "coherent"}, r"alpha.*given"),
        ({"correlation": "coherent", "alpha": 0.1, "strength": 1.0}, r"strength"),
        ({"correlation": "none", "correlation_phase": 1.0}, r"correlation_phase"),
        ({"correlation": "classical"}, r"correlation.*classical"),
        ({"coupling": -0.1}, r"coupling.*-0\.1"),
        ({"time": [1.0, 1.0]}, r"time.*repeat"),
        ({"time": [[1.0]]}, r"time.*shape"),
        ({"dephasing": 2.0}, r"dephasing.*2"),
    ],
)
def test_a_bad_field_is_refused_by_name_rule_and_value(fields, message):
    with pytest.raises(RequestError, match=message):
        HeatExchange(**fields)


def test_the_coherent_family_is_refused_beyond_positivity_and_allowed_at_it():
    T_A, T_B = 1.3, 0.7
    p_A, p_B = gibbs(T_A)[1, 1], gibbs(T_B)[1, 1]
    bound = float(np.sqrt((1 - p_A) * p_B * p_A * (1 - p_B)))
    at_bound = HeatExchange(T_A=T_A, T_B=T_B, correlation="coherent", alpha=-bound, time=0.0)
    assert np.linalg.eigvalsh(at_bound.state(at_bound.points()))[0, 0] == pytest.approx(0, abs=1e-12)
    with pytest.raises(RequestError, match=rf"{bound:.6f}.*{-1.001 * bound:g}"):
        HeatExchange(T_A=T_A, T_B=T_B, correlation="coherent", alpha=-1.001 * bound)


def test_a_sweep_of_temperatures_is_refused_where_one_point_is_unphysical():
    HeatExchange(T_A=[1.0, 2.0], correlation="coherent", alpha=0.17, T_B=1.5)
    with pytest.raises(RequestError, match=r"T_A=0\.5"):
        HeatExchange(T_A=[2.0, 0.5], correlation="coherent", alpha=0.17, T_B=1.5)


@pytest.mark.parametrize("beta_A", [-1.5, -0.5, 0.0, 0.3, -1000.0])
@pytest.mark.parametrize("beta_B", [-0.2, 0.0, 1.0, 1000.0])
def test_temperatures_may_be_inverted_or_infinite(beta_A, beta_B):
    T_A, T_B = (np.inf if beta == 0 else 1 / beta for beta in (beta_A, beta_B))
    experiment = HeatExchange(T_A=T_A, T_B=T_B, time=[0.0, 3.0])
    rho = experiment.state(experiment.points())[0]
    p_A, p_B = (1 / (1 + np.exp(np.clip(beta, -700, 700))) for beta in (beta_A, beta_B))
    assert reduced(rho, 0)[1, 1].real == pytest.approx(p_A, abs=1e-12)
    assert reduced(rho, 1)[1, 1].real == pytest.approx(p_B, abs=1e-12)
    # rank 2, and no more correlation than that: the rarer of |00> and |11> is used up
    values = np.linalg.eigvalsh(rho)
    assert values[:2] == pytest.approx([0, 0], abs=1e-12)
    rarer = min(p_A * p_B, (1 - p_A) * (1 - p_B))
    assert entanglement.concurrence(rho) == pytest.approx(2 * np.sqrt(rarer), abs=1e-7)
    nominal = experiment.inverse_temperatures({"T_A": np.array([T_A]), "T_B": np.array([T_B])})
    assert [nominal["A"][0], nominal["B"][0]] == pytest.approx([beta_A, beta_B])


def test_the_inverted_qubit_is_the_hotter_one_whatever_its_number():
    from analysis import predict

    table = predict(HeatExchange(T_A=-2.0, T_B=np.inf, time=[0.0, 5.0]), {"control": ""})
    at_0 = table[table["time"] == 0].set_index(["observable", "subject"])["ideal"]
    assert at_0["effective_beta", "A"] == pytest.approx(-0.5)
    assert at_0["effective_beta", "B"] == pytest.approx(0, abs=1e-12)
    assert at_0["effective_temperature", "A"] == pytest.approx(-2)
    assert at_0["energy_difference", "AB"] == pytest.approx(1 / (1 + np.exp(-0.5)) - 0.5)


@pytest.mark.parametrize(("text", "value"), [("-2", -2.0), ("inf", np.inf), ("-inf", np.inf), ("-pi/4", -np.pi / 4)])
def test_inverted_temperatures_are_read_from_text(text, value):
    assert value == build(HeatExchange, {"T_A": text}).T_A


def test_infinity_is_neither_an_end_of_a_sweep_nor_any_other_parameter():
    with pytest.raises(RequestError, match="`T_A` must sweep between finite ends"):
        build(HeatExchange, {"T_A": "1:inf:3"})
    with pytest.raises(RequestError, match=r"`coupling` must be > 0 and finite, but is .inf"):
        build(HeatExchange, {"coupling": "inf"})


def test_a_bare_number_beside_a_gap_is_noted_with_what_it_was_taken_as(call):
    given = [f"--set={value}" for value in ("gap=1kHz", "T_A=90", "T_B=48nK", "time=0:4:3")]
    notes = [line for line in call("predict", "heat-exchange", *given).out.splitlines() if "has no unit" in line]
    meant = "give one beside gap=1kHz if it was meant in it"
    assert notes == [
        f"# note: T_A = 90 has no unit and is taken as 90 gap/k_B (4.319e-06 K); {meant}",
        f"# note: time = 0:4:3 has no unit and is taken as up to 4 hbar/gap (0.0006366 s); {meant}",
    ]
    assert "has no unit" not in call("predict", "heat-exchange", "--preset", "micadei", "--set", "time=0").out
    assert "has no unit" not in call("predict", "heat-exchange", "--set", "T_A=90", "--set", "time=0").out
