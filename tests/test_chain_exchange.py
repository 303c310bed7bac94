"""chain-exchange: numbers of the model, matrices of the whole space, circuits on a line, counts of a noisy device."""

import functools
import typing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import examples, slow
from hypothesis import given
from hypothesis import strategies as st
from predictions import exact, read_off
from scipy.integrate import simpson
from scipy.linalg import expm

from analysis import analyse, predict
from devices import execute, open_device
from protocols import RequestError, chain, compile
from protocols.chain import strongest
from protocols.chain_exchange import ChainExchange
from protocols.heat_exchange import HeatExchange

if typing.TYPE_CHECKING:
    from conftest import Call

LOWER = np.array([[0, 1], [0, 0]])
X, Y, N = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([0, 1])


def excited(T):
    return 1 / (1 + np.exp(1 / np.asarray(T)))


# ---- an independent route: matrices of 2^N states written here ----


def on(sites, **matrices):
    return functools.reduce(np.kron, [matrices.get(f"q{i + 1}", np.eye(2)) for i in range(sites)])


def hop(i, sites):
    product = on(sites, **{f"q{i}": LOWER.T, f"q{i + 1}": LOWER})
    return product + product.conj().T


def shared_state(p, phases):
    """(1 - sum p)|0..0><0..0| + sum p |W><W|."""
    W = np.zeros(2 ** len(p), dtype=complex)
    for i, (q, phase) in enumerate(zip(p, phases, strict=True)):
        W[2 ** (len(p) - 1 - i)] = np.sqrt(q) * np.exp(1j * phase)
    rho = np.outer(W, W.conj())
    rho[0, 0] = 1 - sum(p)
    return rho


def bonded_state(p, strengths, phases):
    """exp(-c^+ K c)/Z with C = 1/(e^K + 1), c_i = Z .. Z s-_i."""
    sites = len(p)
    C = np.diag(p).astype(complex)
    for i, (s, phase) in enumerate(zip(strengths, phases, strict=True)):
        C[i, i + 1] = s * np.sqrt(p[i] * p[i + 1]) * np.exp(1j * phase)
        C[i + 1, i] = C[i, i + 1].conj()
    values, V = np.linalg.eigh(C)
    K = (V * np.log(1 / values - 1)) @ V.conj().T
    Z = np.diag([1, -1])
    c = [on(sites, **{f"q{k + 1}": Z for k in range(i)}, **{f"q{i + 1}": LOWER}) for i in range(sites)]
    rho = expm(-sum(K[i, j] * c[i].conj().T @ c[j] for i in range(sites) for j in range(sites)))
    return rho / np.trace(rho)


def moved(rho, J, time, steps=0):
    sites = int(np.log2(len(rho)))
    H = [J * hop(i, sites) for i in range(1, sites)]
    if steps:
        dt = time / steps
        odd, even = expm(-0.5j * dt * sum(H[::2])), expm(-1j * dt * sum(H[1::2], 0 * H[0]))
        U = np.linalg.matrix_power(odd @ even @ odd, steps)
    else:
        U = expm(-1j * time * sum(H))
    return U @ rho @ U.conj().T


def current(rho, J, i):
    sites = int(np.log2(len(rho)))
    XY, YX = (on(sites, **{f"q{i}": a, f"q{i + 1}": b}) for a, b in ((X, Y), (Y, X)))
    return -J / 2 * np.trace(rho @ (XY - YX)).real


def compared(experiment, arm, rho, J):
    """Energies and currents of one point against a matrix."""
    table = predict(experiment, {"control": "none,dephased"})
    sites = len(experiment.qubits)
    for i in range(1, sites + 1):
        energy = np.trace(rho @ on(sites, **{f"q{i}": N})).real
        assert read_off(table, "energy", f"q{i}", arm)[0] == pytest.approx(energy, abs=1e-10)
    for i in range(1, sites):
        assert read_off(table, "bond_current", f"q{i}q{i + 1}", arm)[0] == pytest.approx(current(rho, J, i), abs=1e-10)


def drawn(seed):
    generator = np.random.default_rng(seed)
    sites = int(generator.integers(2, 6))
    return generator, sites, generator.uniform(0.2, 1.5), generator.uniform(0, 20)


@given(st.integers(0, 2**32 - 1))
@examples(16, fast=2)
def test_a_shared_excitation_moves_as_the_whole_space_says(seed):
    generator, sites, J, time = drawn(seed)
    T = generator.uniform(0.3, 1 / np.log(1.2 * sites), sites)
    phases = generator.uniform(-4, 4, sites)
    fields = {f"{name}_{i + 1}": v for name, each in (("T", T), ("phase", phases)) for i, v in enumerate(each)}
    steps = int(generator.integers(0, 4))
    how = {"evolution": "strang", "steps": steps} if steps else {}
    experiment = ChainExchange(sites=sites, coupling=J, time=[time], **fields, **how)
    rho = shared_state(excited(T), phases)
    compared(experiment, "main", moved(rho, J, time, steps), J)
    compared(experiment, "dephased", moved(np.diag(np.diag(rho)), J, time, steps), J)
    product = functools.reduce(np.kron, [np.diag([1 - p, p]) for p in excited(T)])
    compared(experiment, "none", moved(product, J, time, steps), J)


@given(st.integers(0, 2**32 - 1))
@examples(16, fast=2)
def test_correlated_bonds_move_as_the_whole_space_says(seed):
    generator, sites, J, time = drawn(seed)
    sites = min(sites, 4)
    p, s = generator.uniform(0.05, 0.95, sites), generator.uniform(0.1, 1, sites - 1)
    s *= min(1.0, 0.999 * strongest(p[None], s[None])[0])
    phases = generator.uniform(-4, 4, sites - 1)
    each = (("excitation", p), ("strength", s), ("phase", phases))
    fields = {f"{name}_{i + 1}": v for name, values in each for i, v in enumerate(values)}
    experiment = ChainExchange(sites=sites, coupling=J, time=[time], correlation="bonds", **fields)
    rho = bonded_state(p, s, phases)
    np.testing.assert_allclose(np.diag(rho).real.reshape((2,) * sites).sum(axis=tuple(range(1, sites)))[1], p[0])
    compared(experiment, "main", moved(rho, J, time), J)
    compared(experiment, "dephased", moved(np.diag(np.diag(rho)), J, time), J)


def test_two_sites_are_heat_exchange():
    time = np.linspace(0, 30, 5)
    options = {"control": "none,dephased"}
    line = ChainExchange(sites=2, time=time, T_1=1.7, T_2=0.9, phase_1=0.3, phase_2=1.1)
    pair = HeatExchange(time=time, T_A=1.7, T_B=0.9, correlation_phase=0.8)
    for arm in ("main", "none", "dephased"):
        found, expected = (one.state(one.points(options), arm) for one in (line, pair))
        np.testing.assert_allclose(found, expected, atol=1e-12)
    # and by the defaults of both
    found, expected = (
        one.state(one.points(options)) for one in (ChainExchange(sites=2, time=time), HeatExchange(time=time))
    )
    np.testing.assert_allclose(found, expected, atol=1e-12)


# ---- numbers of the model, J = 0.1 ----

HOT = {"sites": 3, "T_1": 1.0, "T_2": 2.0, "T_3": 1.0}
THERMAL = {"correlation": "none", "coupling": 1.0, "sites": 4, "T_1": 2.0, "T_2": 1.0, "T_3": 0.7, "T_4": 0.5}
GRADIENT = {"sites": 4, "T_1": 2.0, "T_2": 1.2, "T_3": 0.8, "T_4": 0.5}


@pytest.mark.parametrize(
    ("fields", "energies", "currents"),
    [
        ({"time": [3.088043]}, [0.081884, 0.751655, 0.081884], [0.049618, -0.049618]),
        ({"time": [6.176086]}, [0.0, 0.915424, 0.0], [0.0, 0.0]),
        ({"time": [3.088043], "phase_2": np.pi / 2}, [0.427313, 0.060797, 0.427313], None),
        (
            {"time": [3.0], "T_1": 0.8, "T_2": 1.6, "T_3": 1.1},
            [0.065211, 0.691336, 0.101984],
            [0.042465, -0.053106],
        ),
        ({"time": [6.0], "T_1": 0.8, "T_2": 1.6, "T_3": 1.1}, [0.000147, 0.855695, 0.002688], None),
        ({"time": [3.0], "correlation": "bonds", "strength": 0.7}, [0.159802, 0.595819, 0.159802], None),
        ({"time": [6.0], "correlation": "bonds", "strength": 0.7}, [0.143043, 0.629337, 0.143043], None),
        (
            {"time": [3.0], "correlation": "bonds", "strength_1": 0.8, "strength_2": 0.3},
            [0.268941 - 0.130157, 0.377541 + 0.167561, 0.268941 - 0.037404],
            [0.031930, -0.002890],
        ),
        (
            {"time": [3.0], "correlation": "bonds", "strength": 0.6, **GRADIENT},
            excited([2.0, 1.2, 0.8, 0.5]) + np.array([0.110303, -0.024407, -0.036564, -0.049332]),
            [-0.031473, -0.025919, -0.013392],
        ),
        (
            {"time": [6.0], "correlation": "bonds", "strength": 0.6, **GRADIENT},
            excited([2.0, 1.2, 0.8, 0.5]) + np.array([0.181791, -0.028162, -0.072367, -0.081263]),
            None,
        ),
        (
            {"time": [0.8], **THERMAL},
            [0.3175738, 0.2785791, 0.2004598, 0.1623937],
            None,
        ),
        (
            {"time": [1.6], **THERMAL},
            [0.2105343, 0.2487007, 0.2398558, 0.2599156],
            None,
        ),
    ],
)  # fmt: skip
def test_numbers_of_the_model(fields, energies, currents):
    table = predict(ChainExchange(**{**HOT, **fields} if "sites" not in fields else fields), {})
    found = [read_off(table, "energy", f"q{i + 1}")[0] for i in range(len(energies))]
    np.testing.assert_allclose(found, energies, atol=1.1e-6)
    if currents:
        found = [read_off(table, "bond_current", f"q{i + 1}q{i + 2}")[0] for i in range(len(currents))]
        np.testing.assert_allclose(found, currents, atol=1.1e-6)


@pytest.mark.parametrize(
    ("fields", "total", "three"),
    [
        ({"time": [0.0, 3.088043, 6.176086]}, [1.537447, 0.837399, 0.0], [0.127592, None, None]),
        ({"time": [0.0, 3.0], "T_1": 0.8, "T_2": 1.6, "T_3": 1.1}, [1.368900, 0.780899], [None, None]),
        (
            {"time": [0.0, 3.0], "correlation": "bonds", "strength": 0.7},
            [0.572241, 0.298342],
            [-0.026404, -0.142402],
        ),
        (
            {"time": [0.0, 3.0, 6.0], "correlation": "bonds", "strength": 0.6, **GRADIENT},
            [0.453966, 0.300436, 0.140818],
            [],
        ),
    ],
)
def test_correlation_of_all_sites(fields, total, three):
    experiment = ChainExchange(**fields)
    table, subject = predict(experiment, {}), "".join(experiment.qubits)
    np.testing.assert_allclose(read_off(table, "total_correlation", subject), total, atol=1e-6)
    for found, expected in zip(read_off(table, "tripartite_information", subject), three, strict=bool(three)):
        assert expected is None or found == pytest.approx(expected, abs=1e-6)


def test_what_has_passed_a_bond_is_the_integral_of_its_current():
    time = np.linspace(0, 6, 61)
    fields = {**GRADIENT, "T_2": 2.4, "correlation": "bonds", "time": time}
    table = predict(ChainExchange(**fields), {})
    for i in (1, 2, 3):
        current = read_off(table, "bond_current", f"q{i}q{i + 1}")
        passed = read_off(table, "transferred_energy", f"q{i}q{i + 1}")
        assert passed[-1] == pytest.approx(simpson(current, x=time), abs=1e-7)
    left, right = (read_off(table, "transferred_energy", bond) for bond in ("q1q2", "q2q3"))
    np.testing.assert_allclose(read_off(table, "preferential_pumping", "q2"), left + right, atol=1e-12)
    assert read_off(table, "heat", "q2") == pytest.approx(left - right, abs=1e-12)


def test_the_stronger_bond_pumps_more():
    table = predict(ChainExchange(correlation="bonds", strength_1=0.8, strength_2=0.3, time=[3.0, 6.0]), {})
    np.testing.assert_allclose(
        read_off(table, "preferential_pumping", "q2"), [0.130157 - 0.037404, 0.176899 - 0.007841], atol=1.1e-6
    )


def test_total_correlation_pays_for_the_reversal():
    """sum beta_i Q_i - change of the total correlation = sum D(rho_i' || tau_i) >= 0, and that of C is the same."""
    experiment = ChainExchange(**{**GRADIENT, "correlation": "bonds", "strength": 0.5, "time": [0.0, 4.0]})
    table = predict(experiment, {})
    total = read_off(table, "total_correlation", "q1q2q3q4")
    p = np.array([read_off(table, "energy", f"q{i}") for i in (1, 2, 3, 4)])
    beta = 1 / np.array([2.0, 1.2, 0.8, 0.5])
    D = sum(q * np.log(q / p0) + (1 - q) * np.log((1 - q) / (1 - p0)) for p0, q in p)
    assert beta @ (p[:, 1] - p[:, 0]) - (total[1] - total[0]) == pytest.approx(D, abs=1e-9)
    points = experiment.points({}, "nominal")
    C = chain.start(points.parameters, "bonds", 4)
    np.testing.assert_allclose(chain.total_correlation(C)[0], total[0], atol=1e-9)


def test_the_slope_of_every_energy_is_what_comes_less_what_goes():
    time = np.linspace(0, 3, 61)
    table = predict(ChainExchange(T_1=0.7, T_2=1.9, T_3=1.1, time=time), {})
    E = np.array([read_off(table, "energy", f"q{i}") for i in (1, 2, 3)])
    current = np.array([0 * time, *(read_off(table, "bond_current", f"q{i}q{i + 1}") for i in (1, 2)), 0 * time])
    # of the parabola through three times, whose error is h^2 times the third derivative over 6
    slope = np.gradient(E, time, axis=1)
    np.testing.assert_allclose((current[:-1] - current[1:])[:, 1:-1], slope[:, 1:-1], atol=5e-6)


# ---- circuits ----


@pytest.mark.parametrize(
    ("fields", "entangling"),
    [
        slow({"sites": 3}, [6, 10]),
        slow({"sites": 4}, [12, 18]),
        slow({"sites": 5}, [20, 28]),
        slow({"sites": 3, "correlation": "bonds", "strength": 0.6}, [6, 12, 12, 12, 12, 12, 12, 6]),
    ],
)
def test_entangling_gates_of_the_members_on_a_line(fields, entangling):
    from qiskit import transpile
    from qiskit.transpiler import CouplingMap

    program = compile(ChainExchange(**fields, time=[0.0, 3.0]), bases="energies", shots=2000)
    line = CouplingMap.from_line(fields["sites"])
    made = [
        transpile(
            block.circuit, coupling_map=line, basis_gates=["cz", "rz", "sx", "x"], optimization_level=3,
            initial_layout=range(fields["sites"]), seed_transpiler=1,
        ).count_ops()["cz"]
        for block in program.blocks
    ]  # fmt: skip
    assert made == entangling


def test_settings_by_their_number():
    for sites, expected in ((2, (9, 3)), (3, (9, 3, 27)), (4, (9, 3))):
        named = ChainExchange(sites=sites).measurements
        assert tuple(len(named[name]) for name in ("bonds", "conserving", "full") if name in named) == expected
        for i in range(sites - 1):  # every pair of letters on every bond
            assert len({basis[i : i + 2] for basis in named["bonds"]}) == 9


# ---- what is refused ----


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"sites": 21}, r"`sites` must be whole, 2\.\.20, but is 21"),
        ({"sites": [3, 4]}, r"`sites` must be one number"),
        ({"T_4": 1.0}, r"`T_4` must be one of T_1\.\.T_3, for there are 3 sites, but it is given as 1\.0\. Drop"),
        ({"correlation": "bonds", "phase_3": 0.1}, r"`phase_3` must be one of phase_1\.\.phase_2, for"),
        ({"correlation": "none", "phase_1": 0.1}, r"`phase_1` needs a correlation, but correlation is none"),
        ({"T_1": 1.0, "excitation_1": 0.2}, r"`excitation_1` stands in the place of T_1"),
        ({"T_1": 2.0, "T_3": 2.0}, r"sum to 1 at most, but those of the 3 sites sum to 1\.13262"),
        ({"strength": 0.5}, r"`strength` of a shared excitation must be 1, but is 0\.5"),
        ({"correlation": "bonds", "strength": 0.75}, r"at most 0\.707107 here.*Multiply them by 0\.942809"),
        ({"correlation": "bonds", "strength_1": 0.9, "strength_2": 0.6}, r"the bonds have 0\.9, 0\.6"),
        ({"correlation": "coherent"}, r"`correlation` must be one of shared, bonds, none"),
    ],
)  # fmt: skip
def test_what_is_refused(fields, complaint):
    with pytest.raises(RequestError, match=complaint):
        ChainExchange(**fields)


def test_the_goal_is_heat_into_the_hottest_site():
    one = ChainExchange(T_1=0.7, T_2=0.8, T_3=1.9)
    goal = one.goal(one.points())
    assert goal is not None
    assert goal.subject == "q3"
    assert exact(ChainExchange(T_1=0.7, T_2=0.8, T_3=1.9, time=[4.0]), "heat", "q3")[0] > 0.2
    alike = ChainExchange(T_1=1.0, T_2=1.0, T_3=1.0)
    assert alike.goal(alike.points()) is None
    both = ChainExchange(T_1=[0.5, 1.5], T_2=1.0, T_3=0.6)
    assert both.goal(both.points()) is None


# ---- counts ----


@pytest.mark.slow
@pytest.mark.parametrize("sites", [2, 3])
def test_the_counts_of_a_run_import_to_the_same_bytes(tmp_path: Path, call: "Call", sites: int):
    fields = ("--set", f"sites={sites}", "--set", "time=0:6:2")
    more = ("--bases", "conserving", "--draws", 5, "--seed", 5)
    ran = call(
        "run", "chain-exchange", "--device", "exact", "--shots", 400, "--control", "none,dephased",
        "--runs", tmp_path / "a", *fields, *more,
    )  # fmt: skip
    assert ran.status == 0, ran.err
    counts = ran.run / "counts.csv"
    said = call("import", counts, "--protocol", "chain-exchange", *fields, *more[2:], "--runs", tmp_path / "b")
    assert said.status == 0, said.err
    assert (said.run / "counts.csv").read_bytes() == counts.read_bytes()
    one, other = (pd.read_csv(run / "derived" / "table.csv") for run in (ran.run, said.run))
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.slow
@pytest.mark.parametrize(("bases", "least"), [("conserving", 50), ("bonds", 90)])
def test_on_a_noisy_chip_heat_runs_into_the_hottest_site(tmp_path: Path, bases: str, least: float):
    experiment = ChainExchange(time=[0.0, 6.176086])
    program = compile(
        experiment, experiment.points({"control": "none"}), bases=bases, shots=4096, calibration_shots=20_000
    )
    record = execute(program, open_device("aer:fake_fez"), runs=tmp_path, seed=3)
    analysis = analyse(record, mitigation="symmetry", draws=5)
    (verdict,) = analysis.verdicts
    assert verdict.kind == "goal reached"
    assert verdict.sigma > least
    table = analysis.table
    later = table[(table["time"] > 0) & table["value"].notna()]
    main = later[(later["arm"] == "main") & (later["observable"] == "energy")]
    kept = main[main["mitigation"] == "symmetry"]
    assert len(kept) == 3
    # ideal 0, 0.9154, 0 within 0.015 and two standard errors; raw values of the worst site are 0.02 away
    assert (abs(kept["value"] - kept["ideal"]) < 0.015 + 2 * kept["stderr"]).all()
    control = later[(later["arm"] == "none") & (later["observable"] == "heat") & (later["subject"] == "q2")]
    assert (control["value"] < -0.02).all()
