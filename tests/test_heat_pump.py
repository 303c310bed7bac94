"""heat-pump: cycles against matrix exponentials and circuits, its limits and balances, sampled runs."""

import numpy as np
import pytest
from conftest import examples, slow
from hypothesis import given
from hypothesis import strategies as st
from predictions import exact, read_off
from scipy.linalg import expm

from analysis import analyse, predict
from analysis.figures import cumulative_heat
from analysis.planning import check_target
from devices import execute, open_device
from protocols import RequestError, compile
from protocols.heat_pump import HeatPump

LOWER = np.array([[0, 1], [0, 0]])
N = np.diag([0.0, 1.0])


# ---- an independent route: matrices written here ----


def gibbs(T):
    return np.diag(np.array([1, np.exp(-1 / T)]) / (1 + np.exp(-1 / T)))


def entropy(rho):
    p = np.linalg.eigvalsh(rho)
    return -np.sum(p[p > 1e-15] * np.log(p[p > 1e-15]))


def reduced(rho):
    rho = rho.reshape(2, 2, 2, 2)
    return np.trace(rho, axis1=1, axis2=3), np.trace(rho, axis1=0, axis2=2)


def fuel_of(T_A, T_B, strength, correlation_phase):
    """Holdsworth and Kawai, eq. (10)."""
    rho = np.kron(gibbs(T_A), gibbs(T_B)).astype(complex)
    rarer = min(rho[0, 0].real, rho[3, 3].real)  # |11>; |00> where populations are inverted
    rho += strength * rarer * np.diag([-1, 1, 1, -1])
    rho[1, 2] = strength * np.sqrt(rarer) * np.exp(1j * correlation_phase)
    rho[2, 1] = rho[1, 2].conj()
    return rho


def one_cycle(f, tau, fuelled=True):
    """Heat from each bath, of each qubit in the stroke, states and <V> at uncoupling, through exponentials."""
    fuel = fuel_of(f["T_A"], f["T_B"], f["strength"], f["correlation_phase"])
    fuel = fuel if fuelled else np.kron(*reduced(fuel))
    up, down = LOWER.T, LOWER
    V = f["coupling"] * np.exp(1j * f["coupling_phase"]) * np.kron(down, up)  # |01><10|
    V = V + V.conj().T
    U = expm(-1j * tau * V)
    rho = U @ fuel @ U.conj().T
    work_on, work_off = np.trace(fuel @ V).real, np.trace(rho @ V).real
    stroke = [np.trace((reduced(rho)[i] - reduced(fuel)[i]) @ N).real for i in (0, 1)]
    leaving = [0.0, 0.0]
    hop = np.kron(up, down) + np.kron(down, up)
    swap = expm(-1j * f["angle"] * hop)
    for _ in range(f["relaxation"]):
        for i, T in enumerate((f["T_A"], f["T_B"])):
            joint = np.kron(rho, gibbs(T)).reshape((2,) * 6)
            order = (i, 2, 1 - i)  # qubit, ancilla, other qubit
            joint = joint.transpose(*order, *(3 + k for k in order)).reshape(8, 8)
            act = np.kron(swap, np.eye(2))
            joint = (act @ joint @ act.conj().T).reshape((2,) * 6)
            ancilla = np.einsum("iajibj->ab", joint)
            leaving[i] -= np.trace((ancilla - gibbs(T)) @ N).real
            kept = np.einsum("iajkal->ijkl", joint)
            rho = (kept if i == 0 else kept.transpose(1, 0, 3, 2)).reshape(4, 4)
    return {"fuel": fuel, "end": rho, "bath": leaving, "stroke": stroke, "V": (work_on, work_off)}


temperatures = st.one_of(st.floats(0.3, 5), st.sampled_from([np.inf, -3.0, -0.4]))
fields = st.fixed_dictionaries(
    {
        "T_A": temperatures,
        "T_B": temperatures,
        "coupling": st.floats(0.05, 2),
        "coupling_phase": st.floats(-4, 4),
        "strength": st.sampled_from([0.0, 0.4, 0.97, 1.0]),
        "correlation_phase": st.floats(-4, 4),
        "stroke": st.one_of(st.none(), st.floats(0, 9)),
        "relaxation": st.integers(1, 3),
        "angle": st.floats(-3, 3),
    }
)


@given(fields, st.integers(1, 3))
@examples(40)
def test_every_quantity_of_a_cycle_is_that_of_the_matrix_exponentials(f, cycles):
    pump = HeatPump(**f, cycles=[0, cycles])
    tau = pump.points({}).parameters["stroke"][0]
    c = one_cycle(f, tau)
    ends, starts = reduced(c["end"]), reduced(c["fuel"])
    beta = 1 / f["T_A"], 1 / f["T_B"]
    gained = entropy(c["end"]) - entropy(c["fuel"])
    local = sum(entropy(a) - entropy(b) for a, b in zip(ends, starts, strict=True))
    clausius = beta[0] * c["bath"][0] + beta[1] * c["bath"][1]
    I_0 = entropy(starts[0]) + entropy(starts[1]) - entropy(c["fuel"])
    expected = {
        ("heat", "A"): c["stroke"][0],
        ("heat", "B"): c["stroke"][1],
        ("heat", "bath_A"): c["bath"][0],
        ("heat", "bath_B"): c["bath"][1],
        ("cumulative_heat", "A"): cycles * c["stroke"][0],
        ("cumulative_heat", "bath_A"): cycles * c["bath"][0],
        ("cumulative_heat", "bath_B"): cycles * c["bath"][1],
        ("interaction_energy", "AB"): c["V"][1],
        ("fuel_energy", "AB"): sum(np.trace((a - b) @ N).real for a, b in zip(starts, ends, strict=True)),
        ("work", "AB"): -sum(c["bath"]),
        ("mutual_information", "fuel"): I_0,
        ("entropy_production", "AB"): gained - clausius,
        ("apparent_entropy_production", "AB"): local - clausius,
    }
    table = predict(pump, {})
    for (name, subject), value in expected.items():
        assert read_off(table, name, subject)[1] == pytest.approx(value, abs=1e-10), (name, subject)
    if I_0 > 1e-4:  # a difference of entropies, known to rounding
        assert read_off(table, "efficiency", "AB")[1] == pytest.approx(beta[0] * c["bath"][1] / I_0, abs=1e-8)


@given(fields)
@examples(40)
def test_energy_is_conserved_and_entropy_produced(f):
    table = predict(HeatPump(**f, cycles=[0, 1, 2]), {})
    heat, fuel, work, produced, apparent, correlations = (
        read_off(table, name, "AB")
        for name in (
            "heat",
            "fuel_energy",
            "work",
            "entropy_production",
            "apparent_entropy_production",
            "mutual_information_change",
        )
    )
    np.testing.assert_allclose(heat, 0, atol=1e-12)
    np.testing.assert_allclose(fuel, work, atol=1e-12)
    assert (produced > -1e-10).all()
    np.testing.assert_allclose(apparent - produced, correlations, atol=1e-10)
    # the control moves heat from hot to cold
    control = exact(HeatPump(**{**f, "T_A": 2.0, "T_B": 1.0}, cycles=[0, 1]), "heat", "bath_A", arm="none")
    assert control[1] > -1e-12


# ---- numbers of core.md ----


@pytest.mark.parametrize(
    ("changed", "tau", "heat"),
    [
        ({}, 7.010056, 0.268941),
        ({"T_A": 1.5, "T_B": 1.5}, 7.853982, 0.339244),
        ({"T_A": 1.0, "T_B": 2.0}, 8.697908, 0.377541),
    ],
)
def test_the_isolated_stroke_with_full_relaxation(changed, tau, heat):
    pump = HeatPump(**changed)
    assert pump.points({}).parameters["stroke"][0] == pytest.approx(tau, abs=1e-6)
    for subject, sign in (("A", 1), ("B", -1), ("bath_A", -1), ("bath_B", 1)):
        assert exact(pump, "heat", subject)[1:] == pytest.approx([sign * heat] * 3, abs=1e-6)
        assert exact(pump, "cumulative_heat", subject) == pytest.approx(sign * heat * np.arange(4), abs=3e-6)
    assert exact(pump, "work", "AB") == pytest.approx(np.zeros(4), abs=1e-12)


def test_the_efficiency_stays_below_carnot():
    assert exact(HeatPump(), "efficiency", "AB")[1:] == pytest.approx([0.225829] * 3, abs=1e-6)
    assert exact(HeatPump(), "carnot_efficiency", "AB")[1] == pytest.approx(1, abs=1e-12)
    # more exactly: heat out of B is eps (l2 + l4) = all of its excitation, and I_0 from the eigenvalues of the fuel
    p_A, p_B = (1 / (1 + np.exp(1 / T)) for T in (2.0, 1.0))
    h = [-x * np.log(x) - (1 - x) * np.log(1 - x) for x in (p_A, p_B, p_A + p_B)]
    found = exact(HeatPump(), "efficiency", "AB")[1]
    assert found == pytest.approx(p_B / 2 / (h[0] + h[1] - h[2]), abs=1e-9)
    T_A, T_B = 2.3, 0.9
    pump = HeatPump(T_A=T_A, T_B=T_B, strength=np.linspace(0.1, 1, 5), cycles=[0, 1])
    shown = exact(pump, "efficiency", "AB")[1::2]
    assert (shown < T_B / (T_A - T_B)).all()


@given(st.floats(0.3, 5), st.floats(0.3, 5), st.floats(-4, 4), st.floats(0.05, 1))
@examples(30)
def test_the_stroke_ends_at_the_first_maximum(T_A, T_B, phase, strength):
    pump = HeatPump(T_A=T_A, T_B=T_B, coupling=0.3, correlation_phase=phase, strength=strength, cycles=[1])
    tau = pump.points({}, "nominal").parameters["stroke"][0]
    fuel = fuel_of(T_A, T_B, strength, phase)
    D0, rise = (fuel[2, 2] - fuel[1, 1]).real, 2 * fuel[1, 2].imag
    t = np.linspace(0, np.pi / 0.3, 4001)[:-1]
    D = D0 * np.cos(0.6 * t) + rise * np.sin(0.6 * t)
    if np.hypot(D0, rise) > 1e-3:
        apart = abs(tau - t[np.argmax(D)]) % (np.pi / 0.3)
        assert min(apart, np.pi / 0.3 - apart) < 2 * t[1]


def test_relaxation_approaches_the_full_one_monotonically():
    full = exact(HeatPump(cycles=[0, 1]), "heat", "bath_B")[1]
    by_number = exact(HeatPump(relaxation=np.arange(1, 9), angle=0.6, cycles=[0, 1]), "heat", "bath_B")[1::2]
    by_angle = exact(HeatPump(angle=np.linspace(0.1, np.pi / 2, 8), cycles=[0, 1]), "heat", "bath_B")[1::2]
    for heat in (by_number, by_angle):
        assert (np.diff(heat) > 0).all()
        assert (heat <= full + 1e-12).all()
    np.testing.assert_allclose(by_number, full * (1 - np.cos(0.6) ** (2 * np.arange(1, 9))), atol=1e-12)
    assert by_angle[-1] == pytest.approx(full, abs=1e-12)


def test_uncoupled_qubits_can_be_read_themselves():
    pump = HeatPump(relaxation=0, cycles=[0, 1, 2], correlation_phase=0.4, strength=0.8)
    f = {"T_A": 2.0, "T_B": 1.0, "coupling": 0.1, "coupling_phase": 0.0, "strength": 0.8, "correlation_phase": 0.4}
    c = one_cycle({**f, "relaxation": 0, "angle": 0.0}, pump.points({}).parameters["stroke"][0])
    for cycles in (1, 2):
        np.testing.assert_allclose(pump.state(pump.points({}))[cycles], c["end"], atol=1e-12)
    assert exact(pump, "heat", "A")[1:] == pytest.approx([c["stroke"][0]] * 2, abs=1e-12)
    assert exact(pump, "interaction_energy", "AB")[1] == pytest.approx(c["V"][1], abs=1e-12)


# ---- sampled ----


def pulls(analysis, names):
    table = analysis.table[analysis.table["observable"].isin(names) & (analysis.table["cycles"] > 0)]
    return ((table["value"] - table["ideal"]) / table["stderr"]).dropna()


LINEAR = ("energy", "heat", "cumulative_heat", "fuel_energy", "work", "interaction_energy")


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        ({"ancillas": "reset"}, {"strength": 0.8}),
        slow({"ancillas": "reset"}, {"T_A": -2.0, "T_B": np.inf, "cycles": [0, 1]}),
        slow({"ancillas": "fresh"}, {"strength": 0.8, "angle": 1.0, "relaxation": 2, "cycles": [0, 1, 2]}),
        slow({"preparation": "purified"}, {"strength": 0.6, "correlation_phase": 1.0}),
        slow({"preparation": "ensemble"}, {"cycles": [0, 1, 2], "T_A": 1.0, "T_B": 2.0}),
        ({}, {"relaxation": [0, 1], "cycles": [0, 1]}),
    ],
)
def test_sampled_runs_agree_with_the_exact_values(options, changed, tmp_path):
    """Up to 60 linear values within 5 standard errors and up to 12 others within 5; false alarm below 1e-4."""
    pump = HeatPump(**changed)
    program = compile(pump, pump.points({"control": "none", **options}), shots=8000, bases="x-state")
    record = execute(program, open_device("exact"), runs=tmp_path, seed=3)
    analysis = analyse(record, draws=200)
    figure = cumulative_heat(analysis)
    assert figure is not None
    assert [axes.get_ylabel() for axes in figure.axes[:1]] == ["heat from bath_A [gap]"]
    found = pulls(analysis, LINEAR)
    assert len(found) >= 20
    assert found.abs().max() < 5
    main = analysis.table["arm"] == "main"
    others = analysis.table["observable"].isin(["entropy_production", "apparent_entropy_production", "efficiency"])
    if changed.get("relaxation") != [0, 1]:
        assert "reversed" in analysis.headline or changed.get("T_A") == 1.0
    own = analysis.table[main & others & (analysis.table["cycles"] > 0)]
    assert (((own["value"] - own["ideal"]) / own["stderr"]).dropna().abs() < 5).all()


@pytest.mark.slow
def test_heat_is_pumped_in_every_cycle_on_a_noisy_chip(tmp_path):
    """20 000 shots of energies, model of ibm_fez: every cycle by more than 5 sigma, the control the normal way."""
    pump = HeatPump()
    program = compile(pump, pump.points({"control": "none"}), shots=20000, bases="energies")
    record = execute(program, open_device("aer:fake_fez"), runs=tmp_path, seed=1)
    table = analyse(record, draws=50).table
    heat = table[(table["observable"] == "heat") & (table["cycles"] > 0)].set_index(["arm", "subject", "cycles"])
    z = heat["value"] / heat["stderr"]
    for cycle in (1.0, 2.0, 3.0):
        assert z["main", "bath_B", cycle] > 5
        assert z["main", "bath_A", cycle] < -5
        assert z["none", "bath_B", cycle] < 0
        assert z["none", "bath_A", cycle] > 0


def test_the_verdict_tells_the_heat_of_every_cycle_and_no_efficiency_of_a_control(tmp_path):
    pump = HeatPump()
    program = compile(pump, pump.points({"control": "none"}), shots=2000, bases="x-state")
    analysis = analyse(execute(program, open_device("exact"), runs=tmp_path, seed=8), draws=50)
    said = [line for line in analysis.verdict.details if line.startswith("heat out of bath_B")]
    assert len(said) == 1
    assert "all of one sign" in said[0]
    assert "control arm none: -0.0" in said[0]
    efficiency = analysis.table[analysis.table["observable"] == "efficiency"]
    main = efficiency["arm"] == "main"
    assert efficiency[main]["value"].notna().all()
    assert efficiency[~main][["value", "stderr", "low", "high"]].isna().all(axis=None)


def test_what_cannot_be_run_is_refused_before_any_shot():
    pump = HeatPump(cycles=9)
    with pytest.raises(RequestError, match="at most 18 reads"):
        compile(pump, pump.points({}), shots=100, bases="energies")
    with pytest.raises(RequestError, match="target"):
        check_target(pump, "heat")
    pump = HeatPump(cycles=4)
    with pytest.raises(RequestError, match=r"preparation.*--preparation measured or purified, or fewer cycles"):
        compile(pump, pump.points({"preparation": "ensemble"}), shots=100, bases="energies")
    for changed, argument in (
        ({"cycles": -1}, "cycles"),
        ({"relaxation": 0.5}, "relaxation"),
        ({"strength": 1.1}, "strength"),
        ({"T_B": 0.0}, "T_B"),
    ):
        with pytest.raises(RequestError, match=argument):
            HeatPump(**changed)
