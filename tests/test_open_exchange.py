"""open-exchange: both routes against matrices and theory's weak coupling, its numbers, circuits, counts elsewhere."""

import functools
import re

import numpy as np
import pandas as pd
import pytest
from circuit_probabilities import outcome_probabilities_of
from conftest import Call, examples
from fake_ibm import LocalPlatform
from hypothesis import example, given
from hypothesis import strategies as st
from machine_runs import assert_imported_alike, executed_entangling, measured, rows_of
from predictions import exact, read_off
from scipy.linalg import expm

from analysis import analyse, predict, write
from devices import execute, open_device
from protocols import RequestError, Sample, compile
from protocols.heat_exchange import HeatExchange
from protocols.machines.dilation import dilation, relaxation
from protocols.open_exchange import OpenExchange
from protocols.program import build
from theory import Bath, OpenPair, weak_coupling

LOWER, TWO = np.array([[0, 1], [0, 0]]), np.eye(2)
SET_P = {"rate_A": 0.0753782, "rate_B": 0.0399499}  # golden rule; numbers of the model are of these digits
SET_S = {"rate_A": 0.0314076, "rate_B": 0.0166458}
FOUR = [5.0, 10.0, 20.0, 40.0]


# ---- an independent route: matrices written here ----


def excited(T):
    return 1 / (1 + np.exp(1 / T))


def on(*matrices):
    return functools.reduce(np.kron, matrices)


def exchange_energy(f):
    moved = f["coupling"] * np.exp(1j * f["coupling_phase"]) * on(LOWER, LOWER.T)
    return moved + moved.conj().T


def start(f, arm="main"):
    """Gibbs x Gibbs + s chi, chi as eq. (10) of Holdsworth and Kawai has it."""
    p_A, p_B = excited(f["T_A"]), excited(f["T_B"])
    rho = on(np.diag([1 - p_A, p_A]), np.diag([1 - p_B, p_B])).astype(complex)
    if arm == "main":
        least = p_A * p_B
        chi = least * np.diag([-1.0, 1, 1, -1]).astype(complex)
        chi[1, 2] = (1 - f["dephasing"]) * np.sqrt(least) * np.exp(1j * f["correlation_phase"])
        chi[2, 1] = chi[1, 2].conj()
        rho = rho + f["strength"] * chi
    return rho


def dissipator(f, q, down):
    """What the bath of a qubit does to rows of rho."""
    four, p = np.eye(4), excited(f[f"T_{q}"])
    total = np.zeros((16, 16))
    for rate, jump in ((f[f"rate_{q}"] * (1 - p), down), (f[f"rate_{q}"] * p, down.T)):
        n = jump.T @ jump
        total = total + rate * (np.kron(jump, jump.conj()) - (np.kron(n, four) + np.kron(four, n.T)) / 2)
    return total


DOWN = {"A": on(LOWER, TWO), "B": on(TWO, LOWER)}


def generator(f):
    """Of 16 x 16 on rows of rho, with the heat from both baths below: what each adds to the energy of its qubit."""
    H, four = exchange_energy(f), np.eye(4)
    L = np.zeros((18, 18), dtype=complex)
    L[:16, :16] = -1j * (np.kron(H, four) - np.kron(four, H.T))
    for k, (q, down) in enumerate(DOWN.items()):
        one = dissipator(f, q, down)
        L[:16, :16] += one
        L[16 + k, :16] = (down.T @ down).ravel() @ one
    return L


def by_lindblad(f, arm="main"):
    return (expm(generator(f)[:16, :16] * f["time"]) @ start(f, arm).ravel()).reshape(4, 4)


def by_collisions(f, arm="main"):
    """A, B and the energy that left either bath, by steps of bath_A x A x B x bath_B."""
    dt = f["time"] / f["steps"]
    half = on(TWO, expm(-0.5j * dt * exchange_energy(f)), TWO)
    hop = on(LOWER.T, LOWER) + on(LOWER, LOWER.T)
    swap = on(*(expm(-1j * np.arccos(np.exp(-f[f"rate_{q}"] * dt / 2)) * hop) for q in "AB"))
    U, rho, left = half @ swap @ half, start(f, arm), np.zeros(2)
    p = [excited(f["T_A"]), excited(f["T_B"])]
    for _ in range(f["steps"]):
        joint = U @ on(np.diag([1 - p[0], p[0]]), rho, np.diag([1 - p[1], p[1]])) @ U.conj().T
        joint = joint.reshape((2, 4, 2) * 2)
        left += [p[0] - np.einsum("aibaib->a", joint)[1].real, p[1] - np.einsum("aibaib->b", joint)[1].real]
        rho = np.einsum("aibajb->ij", joint)
    return rho, left


def entropy(rho):
    values = np.linalg.eigvalsh(rho)
    return -sum(x * np.log(x) for x in values if x > 1e-15)


def local_entropy(rho):
    parts = rho.reshape(2, 2, 2, 2)
    return entropy(np.einsum("ajbj->ab", parts)) + entropy(np.einsum("jajb->ab", parts))


fields = st.fixed_dictionaries(
    {
        "T_A": st.floats(0.2, 5),
        "T_B": st.floats(0.2, 5),
        "coupling": st.floats(0.02, 1),
        "coupling_phase": st.floats(-4, 4),
        "strength": st.one_of(st.just(1.0), st.floats(0, 1)),
        "correlation_phase": st.floats(-4, 4),
        "dephasing": st.one_of(st.just(0.0), st.floats(0, 1)),
        "rate_A": st.one_of(st.just(0.0), st.floats(1e-4, 0.5)),
        "rate_B": st.one_of(st.just(0.0), st.floats(1e-4, 0.5)),
        "time": st.one_of(st.just(0.0), st.floats(1e-3, 60)),
    }
)


TYPICAL = {
    "T_A": 1.7, "T_B": 0.6, "coupling": 0.23, "coupling_phase": 0.8, "strength": 0.7, "correlation_phase": -0.4,
    "dephasing": 0.2, "rate_A": 0.09, "rate_B": 0.05, "time": 9.0,
}  # fmt: skip
"""Nothing is 0 in it: few drawn examples are likely to be."""


@example(f=TYPICAL)
@given(fields)
@examples(40, fast=4)
def test_the_network_is_the_lindblad_equation_for_every_start(f):
    experiment = OpenExchange(**f, route="exact")
    points = experiment.points({"control": "none"}, "nominal")
    for arm in ("main", "none"):
        np.testing.assert_allclose(experiment.state(points, arm)[0], by_lindblad(f, arm), atol=1e-10)


@example(f=TYPICAL, steps=3)
@given(fields, st.integers(1, 5))
@examples(30, fast=3)
def test_collisions_are_those_of_matrices(f, steps):
    f = {**f, "steps": steps}
    experiment = OpenExchange(**f)
    table = predict(experiment, {"control": "none"})
    points = experiment.points({"control": "none"}, "nominal")
    for arm in ("main", "none"):
        rho, left = by_collisions(f, arm)
        np.testing.assert_allclose(experiment.state(points, arm)[0], rho, atol=1e-10)
        for bath, heat in zip(("bath_A", "bath_B"), left, strict=True):
            assert read_off(table, "heat", bath, arm)[0] == pytest.approx(heat, abs=1e-10)
            assert read_off(table, "heat_taken", bath, arm)[0] == pytest.approx(-heat, abs=1e-10)
        assert read_off(table, "heat_balance", "AB", arm)[0] == pytest.approx(0, abs=1e-10)
        before, flowed = start(f, arm), left[0] / f["T_A"] + left[1] / f["T_B"]
        for name, of in (("entropy_production", entropy), ("apparent_entropy_production", local_entropy)):
            made = of(rho) - of(before) - flowed
            assert read_off(table, name, "AB", arm)[0] == pytest.approx(made, abs=1e-8)
        # the second law holds step by step, correlations or not
        assert entropy(rho) - entropy(before) - flowed > -1e-9
        consumed = local_entropy(before) - entropy(before) - local_entropy(rho) + entropy(rho)
        assert read_off(table, "information_consumed", "AB", arm)[0] == pytest.approx(consumed, abs=1e-8)


def test_many_steps_become_the_network_with_an_error_of_second_order():
    network = OpenExchange(route="exact", time=[20.0])
    expected = network.state(network.points({}, "nominal"))[0]
    wrong = []
    for steps in (8, 16, 32):
        experiment = OpenExchange(time=[20.0], steps=steps)
        wrong.append(np.abs(experiment.state(experiment.points({}, "nominal"))[0] - expected).max())
    assert wrong[0] / wrong[1] == pytest.approx(4, rel=0.1)
    assert wrong[1] / wrong[2] == pytest.approx(4, rel=0.05)


def of_the_equation(experiment):
    """Rows `_continuous`: heat of bath A and of bath B, entropy production, the apparent one; (points,) each."""
    points = experiment.points({}, "nominal")
    sample = Sample(parameters=points.parameters, moments={})
    return [o.of(sample) for o in experiment.observables(points) if o.name.endswith("_continuous")]


golden = st.tuples(st.floats(1e-4, 0.05), st.floats(0.05, 5))


@example(f=TYPICAL, golden=(0.02, 0.7), family="entangled")
@given(fields, golden, st.sampled_from(["entangled", "coherent", "none"]))
@examples(12, fast=2)
def test_the_equation_is_the_weak_coupling_model_of_theory(f, golden, family):
    """States, and where no energy is in the coupling heat and entropy productions, with golden-rule rates."""
    names = ("T_A", "T_B", "coupling", "coupling_phase", "dephasing")
    own = {name: f[name] for name in names} | dict(zip(("bath_coupling", "cutoff"), golden, strict=True))
    own["time"] = np.array([0.0, 0.3, 1.0]) * f["time"] + [0, 1, 2]
    # a quarter turn apart: <V> = 2 Omega Re(e^{-i phi_V} rho_{01,10}) is and stays 0
    quarter = {"correlation_phase": f["coupling_phase"] + np.pi / 2}
    least = np.exp(-max(1 / f["T_A"], 1 / f["T_B"])) / 4  # below sqrt(lambda_2 lambda_3)
    own |= {"entangled": {"strength": f["strength"], **quarter}, "coherent": {"alpha": -0.9 * least, **quarter}}.get(
        family, {}
    )
    experiment = OpenExchange(**own, correlation=family, route="exact")
    points = experiment.points({}, "nominal")
    states = experiment.state(points)
    baths = {q: Bath(temperature=f[f"T_{q}"], coupling=golden[0], cutoff=golden[1]) for q in "AB"}
    for q, bath in baths.items():
        np.testing.assert_allclose(points.parameters[f"rate_{q}"], sum(weak_coupling.rates(bath)), rtol=1e-12)
    pair = OpenPair(
        bath_A=baths["A"], bath_B=baths["B"], coupling=f["coupling"], coupling_phase=f["coupling_phase"],
        tolerance=1e-12,
    )  # fmt: skip
    theirs = weak_coupling.evolve(pair, states[0], own["time"])
    np.testing.assert_allclose(states, theirs.states, atol=1e-9)
    for one in (experiment, OpenExchange(**own, correlation=family, steps=2)):
        *heat, production, apparent = of_the_equation(one)
        np.testing.assert_allclose(np.transpose(heat), theirs.heat_system, atol=1e-9)
        np.testing.assert_allclose(production, theirs.entropy_production("system"), atol=3e-8)  # eps ln eps
        np.testing.assert_allclose(apparent, theirs.local_entropy_production("system"), atol=1e-9)


@example(f=TYPICAL)
@given(fields)
@examples(30, fast=4)
def test_heat_of_the_equation_is_what_each_bath_adds_to_its_qubit_whatever_the_phases(f):
    *found, production, _ = np.ravel(of_the_equation(OpenExchange(**f)))
    y = expm(generator(f) * f["time"]) @ np.append(start(f).ravel(), [0, 0])
    np.testing.assert_allclose(found, y[16:].real, atol=1e-9)
    made = entropy(y[:16].reshape(4, 4)) - entropy(start(f)) - found[0] / f["T_A"] - found[1] / f["T_B"]
    assert production == pytest.approx(made, abs=1e-7)
    assert production > -1e-7


def test_rates_by_the_golden_rule_at_the_temperature_of_every_point():
    experiment = OpenExchange(T_B=[0.5, 1.0], bath_coupling=0.01, cutoff=0.2, time=[3.0])
    known = experiment.points({}, "nominal").parameters
    np.testing.assert_allclose(known["rate_A"], 0.0314076, atol=5e-8)
    np.testing.assert_allclose(known["rate_B"], [4 * 0.002 / 1.04 / np.tanh(1.0), 0.0166458], atol=5e-8)
    # what is given goes before, and nothing given is what was named for users
    assert OpenExchange(time=[3.0]).points({}).parameters["rate_B"][0] == 0.0399491
    assert OpenExchange(time=[3.0], rate_B=0.2).points({}).parameters["rate_B"][0] == 0.2
    # a file of counts has the column rate_B beside the swept temperature: it may repeat the rule, not contradict it
    again = OpenExchange(bath_coupling=0.01, cutoff=0.2, rate_B=0.0166458, time=[3.0])
    np.testing.assert_allclose(again.points({}).parameters["rate_B"], 0.0166458, rtol=1e-12)


def test_a_gap_is_a_scale_and_no_point_of_the_sweep():
    experiment = build(OpenExchange, {"gap": "1kHz", "coupling": "100Hz", "time": "0ms:1.5ms:2", "cutoff": "1.5kHz",
                                      "bath_coupling": "10Hz"})  # fmt: skip
    points = experiment.points({}, "nominal")
    assert "gap" not in points.parameters
    assert "gap" not in points.options
    assert points.parameters["time"][1] == pytest.approx(2 * np.pi * 1.5)
    assert points.parameters["rate_B"][0] == pytest.approx(0.0399499, abs=5e-8)


def test_without_baths_it_is_heat_exchange():
    given_fields = {"time": [3.0, 11.0], "T_A": 1.7, "correlation": "coherent", "alpha": 0.12}
    pair = HeatExchange(**given_fields)
    for route in ({"route": "exact"}, {"steps": 3}):
        alone = OpenExchange(**given_fields, rate_A=0.0, rate_B=0.0, **route)
        for arm in ("main", "none"):
            found, expected = (one.state(one.points({"control": "none"}, "nominal"), arm) for one in (alone, pair))
            np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_network_of_the_other_sign_of_the_phase_is_seen():
    """Planted: products would not notice, the correlated start does."""
    experiment = OpenExchange(route="exact", time=[10.0], coupling_phase=0.4)
    points = experiment.points({}, "nominal")
    values = experiment.values(points, "main")
    turned = {name: -v if name.startswith("dilation_axis") else v for name, v in values.items()}
    wrong = OpenExchange(route="exact", time=[10.0], coupling_phase=0.4)
    object.__setattr__(wrong, "values", lambda points, arm: turned)
    difference = np.abs(wrong.state(points) - experiment.state(points)).max()
    assert difference > 0.01


# ---- numbers of the model ----


@pytest.mark.parametrize(
    ("rates", "energy_A", "energy_B", "information", "concurrence"),
    [
        (
            SET_P,
            [0.548952, 0.467884, 0.233672, 0.369790],
            [0.079301, 0.140500, 0.404889, 0.297135],
            [0.045393, 0.074308, 0.025185, 0.002271],
            [0, 0, 0, 0],
        ),
        (
            SET_S,
            [0.587791, 0.527954, 0.145210, 0.448447],
            [0.049683, 0.095993, 0.491082, 0.206394],
            [0.077323, 0.132644, 0.066131, 0.009136],
            [0.056905, 0.090581, 0, 0],
        ),
    ],
)
def test_numbers_of_the_network(rates, energy_A, energy_B, information, concurrence):
    table = predict(OpenExchange(route="exact", time=FOUR, **rates), {})
    for expected, name, subject in (
        (energy_A, "energy", "A"),
        (energy_B, "energy", "B"),
        (information, "mutual_information", "AB"),
        (concurrence, "concurrence", "AB"),
    ):
        np.testing.assert_allclose(read_off(table, name, subject), expected, atol=1e-6)


def test_numbers_of_the_dilation_and_of_four_steps():
    experiment = OpenExchange(route="exact", time=[10.0])
    values = experiment.values(experiment.points({}, "nominal"), "main")
    q = [values["q_ancilla_1"][0], values["q_ancilla_2"][0]]
    assert q == pytest.approx([0.2839, 0.3729], abs=5e-5)
    experiment = OpenExchange(time=[20.0], **SET_P)
    points = experiment.points({}, "nominal")
    values, read, before = (
        experiment.values(points, "main"), experiment.registers(points), experiment.reference_registers(points),
    )  # fmt: skip
    assert [values["relax_A"][0], values["relax_B"][0]] == pytest.approx([0.594827, 0.439532], abs=1e-6)
    for q, expected in (
        ("A", [-0.045883, -0.057992, -0.003703, 0.045351]),
        ("B", [0.026457, 0.036957, 0.009462, -0.019867]),
    ):
        found = [float(before[f"bath_{q}_{k}"][0] - read[f"bath_{q}_{k}"][0]) for k in range(1, 5)]
        assert found == pytest.approx(expected, abs=1e-6)
    table = predict(experiment, {})
    for name, subject, value in (
        ("heat", "bath_A", -0.062227),
        ("heat", "bath_B", 0.053008),
        ("energy", "A", 0.232538),
        ("energy", "B", 0.404725),
    ):
        assert read_off(table, name, subject)[0] == pytest.approx(value, abs=1e-6)


def test_the_ancillas_of_the_dilation_are_thermal_and_its_network_unitary():
    made = relaxation(
        np.array([[[0, 0.1], [0.1, 0]]] * 4) + 0j, np.full((4, 2), 0.07), np.array([[0.4, 0.2]] * 4),
        np.array([0.0, 1e-9, 1.0, 400.0]),
    )  # fmt: skip
    u, q = dilation(made)
    np.testing.assert_allclose(u @ u.conj().swapaxes(1, 2), np.eye(4)[None] * np.ones((4, 1, 1)), atol=1e-12)
    assert (q <= 0.4 + 1e-5).all()  # rounding at 1e-9, where ancillas are hardly met
    assert (q >= 0.2 - 1e-5).all()


# ---- what is judged, what is refused ----


def test_the_goal_names_the_colder_bath():
    for T_A, hot, cold in ((2.0, "A", "B"), (0.5, "B", "A"), (-3.0, "A", "B")):
        for route, subject in (({}, f"bath_{cold}"), ({"route": "exact"}, hot)):
            experiment = OpenExchange(T_A=T_A, time=[10.0], **route)
            goal = experiment.goal(experiment.points({}, "nominal"))
            assert goal is not None
            assert goal.subject == subject
    experiment = OpenExchange(T_A=[0.5, 2.0], time=[10.0])
    assert experiment.goal(experiment.points({}, "nominal")) is None
    # uncorrelated, heat leaves the hot bath
    assert exact(OpenExchange(time=[10.0]), "heat", "bath_B", "none")[0] < 0
    assert exact(OpenExchange(time=[10.0]), "heat", "bath_B")[0] > 0.05


@pytest.mark.parametrize(
    ("given_fields", "said"),
    [
        ({"route": "exact", "steps": 3}, "`steps` belongs to route=collisions"),
        ({"steps": 0}, "`steps` must be whole, 1..64"),
        ({"rate_A": -0.1}, "`rate_A` must be >= 0"),
        ({"cutoff": 1.5}, "`cutoff` needs `bath_coupling`: the golden rule takes both. Add --set bath_coupling=0.01"),
        ({"bath_coupling": 0.01}, "`bath_coupling` needs `cutoff`"),
        ({"bath_coupling": 0.01, "cutoff": 0.0}, "`cutoff` must be > 0"),
        ({"bath_coupling": 0.01, "cutoff": 1.5, "rate_B": 0.05}, "`rate_B` is 0.05, but bath_coupling and cutoff are"),
        ({"bath_coupling": 0.01, "cutoff": 1.5, "T_B": -1.0}, "but T_B is -1: oscillators have no other"),
        ({"bath_coupling": 0.01, "cutoff": 1.5, "T_A": np.inf}, "but T_A is inf"),
        ({"route": "lindblad"}, "`route` must be one of collisions, exact"),
        ({"correlation": "coherent"}, "`alpha` must be given"),
        ({"correlation": "coherent", "alpha": 0.3}, "`alpha` must be within"),
        ({"correlation": "none", "correlation_phase": 0.2}, "`correlation_phase` belongs to correlation"),
        ({"alpha": 0.1}, "`alpha` belongs to correlation=coherent"),
    ],
)
def test_what_is_refused(given_fields, said):
    with pytest.raises(RequestError, match=re.escape(said)):
        OpenExchange(**given_fields)


# ---- circuits ----

OPTIONS = [
    {"preparation": preparation, "ancillas": supply}
    for preparation in ("measured", "purified", "ensemble")
    for supply in ("reset", "fresh")
]


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS)
def test_circuits_of_two_steps_have_the_exact_probabilities(options):
    experiment = OpenExchange(time=[7.0], steps=2, T_A=1.6, coupling_phase=0.4, strength=0.8)
    program = compile(experiment, experiment.points(options), shots=2000)
    few = 2 if options == {"preparation": "purified", "ancillas": "fresh"} else 6  # density matrices of 10 qubits
    for block in program.blocks[:: max(1, len(program.blocks) // few)]:
        column = {name: float(value) for name, value in zip(block.names, block.values[0], strict=True)}
        found = outcome_probabilities_of(block.circuit, column)
        np.testing.assert_allclose(found, block.probabilities[0], atol=1e-12)


@pytest.mark.slow
def test_entangling_gates():
    """6n + 2 and one to prepare; the network has 12 whatever the time."""
    # on the line bath_A - A - B - bath_B
    for _, structure, number in executed_entangling(OpenExchange(time=[7.0], steps=[1, 3]), {"control": "none"}):
        assert number in (6 * structure["steps"] + 2, 6 * structure["steps"] + 3)
    for *_, number in executed_entangling(OpenExchange(time=[7.0], route="exact"), {"control": "none"}):
        assert number in (12, 13)


@pytest.mark.slow
@pytest.mark.parametrize("options", [*OPTIONS, {"route": "exact"}])
def test_a_sampled_run_agrees_with_the_exact_values(tmp_path, options):
    """All linear rows of both arms within 5 standard errors; false alarm below 1e-4."""
    own = {"route": "exact"} if "route" in options else {"steps": 2}
    experiment = OpenExchange(time=[5.0, 15.0], **own)
    ways = {name: word for name, word in options.items() if name != "route"}
    table = measured(tmp_path, experiment, {"control": "none", **ways}, shots=4000).table
    linear = table[table["observable"].isin(["heat", "energy", "heat_taken"]) & (table["stderr"] > 1e-3)]
    assert len(linear) > (8 if "route" in options else 20)
    assert (np.abs(linear["value"] - linear["ideal"]) / linear["stderr"]).max() < 5


# ---- noise, hardware, imports ----


@pytest.mark.slow
def test_the_network_on_a_noisy_chip(tmp_path):
    """Section F's medians of couplers: raw within 0.022 of exact, with symmetry within 0.006, and their errors."""
    experiment = OpenExchange(time=[5.0, 40.0], route="exact")
    program = compile(
        experiment, experiment.points({"preparation": "ensemble"}), bases="energies", shots=40_000,
        calibration_shots=20_000,
    )  # fmt: skip
    record = execute(program, open_device("aer:fake_fez"), runs=tmp_path, seed=2)
    table = analyse(record, mitigation="symmetry", draws=5).table
    rows = table[(table["observable"] == "energy") & (table["time"] > 0)]
    raw, kept = rows[rows["mitigation"] != "symmetry"], rows[rows["mitigation"] == "symmetry"]
    assert len(raw) == len(kept) == 4
    assert (abs(raw["value"] - raw["ideal"]) < 0.025 + 3 * raw["stderr"]).all()
    assert (abs(kept["value"] - kept["ideal"]) < 0.0065 + 3 * kept["stderr"]).all()


@pytest.mark.slow
def test_two_steps_on_a_noisy_chip_show_heat_from_cold_to_hot(tmp_path):
    result = measured(
        tmp_path, OpenExchange(time=[10.0], steps=2), {"control": "none"}, device="aer:fake_fez", shots=4000,
        bases="x-state",
    )  # fmt: skip
    (verdict,) = result.verdicts
    assert verdict.kind == "goal reached"
    assert "heat left bath B" in result.headline
    later = rows_of(result, "heat", "bath_B")
    assert (later["value"] > 0).all()
    control = rows_of(result, "heat", "bath_B", "none")
    assert (control["value"] < 0.5 * later["value"].to_numpy()).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "own"),
    [
        (["time=0:10:2", "steps=2"], {"steps": 2}),
        (["time=0:10:2", "route=exact"], {"route": "exact"}),
        # the counts have a column rate_B beside T_B, which repeats the golden rule
        (
            ["time=0:10:2", "steps=1", "T_B=0.5:1:2", "bath_coupling=0.01", "cutoff=0.2"],
            {"steps": 1, "T_B": [0.5, 1.0], "bath_coupling": 0.01, "cutoff": 0.2},
        ),
    ],
)
def test_a_run_of_its_own_is_imported_byte_for_byte(tmp_path, call, values, own):
    result = measured(tmp_path / "own", OpenExchange(time=[0.0, 10.0], **own), {"control": "none"}, shots=900)
    write(result)
    assert_imported_alike(call, result.record.path, "open-exchange", values, tmp_path / "again")


@pytest.mark.slow
@pytest.mark.parametrize("own", [("steps=2",), ("route=exact",)])
def test_on_hardware(platform: LocalPlatform, call: Call, tmp_path, own):
    said = call(
        "run", "open-exchange", "--device", "ibm:ibm_fez", "--set", "time=0:10:2", "--set", own[0], "--bases",
        "energies", "--shots", 1200, "--passes", 2, "--seed", 5, "--runs", tmp_path / "runs",
    )  # fmt: skip
    assert said.status == 0, said.err
    assert platform.jobs
    table = pd.read_csv(said.run / "derived" / "table.csv")
    rows = table[table["observable"].isin(["energy", "heat"]) & (table["stderr"] > 1e-3)]
    assert len(rows) >= 2
    assert (abs(rows["value"] - rows["ideal"]) < 5 * rows["stderr"]).all()
