"""Engines whose coherence does work: matrices written here, rate equations, closed forms, small steps of time."""

import functools

import numpy as np
import pytest
from conftest import slow
from scipy.linalg import expm

from analysis import predict
from protocols import RequestError
from protocols.coherent_engine import CoherentEngine
from theory.engines import QubitEngine, ThreeLevelEngine, continuous, dephased_bound, stroked

ENGINE = ThreeLevelEngine()

# ---- three levels: an independent Liouvillian, stacked by rows ----


def dissipator(to, of):
    c = np.zeros((3, 3))
    c[to, of] = 1
    M, one = c.T @ c, np.eye(3)
    return np.kron(c, c) - (np.kron(M, one) + np.kron(one, M)) / 2


def parts(e):
    def bath(level, gap, T):
        n = 1 / (np.exp(gap / T) - 1)
        return e.rate * ((n + 1) * dissipator(level, 2) + n * dissipator(2, level))

    V = np.zeros((3, 3))
    V[0, 1] = V[1, 0] = e.drive
    work = -1j * (np.kron(V, np.eye(3)) - np.kron(np.eye(3), V))
    return {"h": bath(0, e.gap_hot, e.T_h), "c": bath(1, e.gap_cold, e.T_c), "w": work}


def energy(e, rho):
    return float(np.real(rho[4] * (e.gap_hot - e.gap_cold) + rho[8] * e.gap_hot))


def fixed(cycle):
    values, vectors = np.linalg.eig(cycle)
    rho = vectors[:, np.argmin(abs(values - 1))]
    return rho / rho[[0, 4, 8]].sum()


def by_energies(e, form, tau, dephased=False):
    """State before a cycle, and work as energy before minus energy after the strokes of the drive."""
    L, D = parts(e), np.diag(np.eye(3).ravel()) if dephased else np.eye(9)
    strokes = {
        "two": [("w", tau / 2), ("hc", tau), ("D", 0), ("w", tau / 2)],
        "four": [("h", tau / 2), ("D", 0), ("w", tau / 2), ("c", tau), ("D", 0), ("w", tau / 2), ("h", tau / 2)],
    }[form]
    maps = [D if names == "D" else expm(sum(L[n] for n in names) * t) for names, t in strokes]
    first = rho = fixed(functools.reduce(lambda done, one: one @ done, maps))
    work = 0.0
    for (names, _), one in zip(strokes, maps, strict=True):
        after = one @ rho
        work += (energy(e, rho) - energy(e, after)) * (names == "w")
        rho = after
    return first.reshape(3, 3), work


def by_rates(e):
    """Populations alone: the drive is an exchange of 1 and 2 with the rate 4 epsilon^2/[Gamma (n_h + n_c)]."""
    n_h, n_c = (1 / np.expm1(gap / T) for gap, T in ((e.gap_hot, e.T_h), (e.gap_cold, e.T_c)))
    r = 4 * e.drive**2 / (e.rate * (n_h + n_c))
    h, c = e.rate * n_h, e.rate * n_c
    W = np.array([[0, r, h + e.rate], [r, 0, c + e.rate], [h, c, 0]])
    A = W - np.diag(W.sum(axis=0))
    A[0] = 1
    p = np.linalg.solve(A, [1, 0, 0])
    return r * (p[1] - p[0]) * (e.gap_hot - e.gap_cold)


def other(seed):
    gap_cold, more, T_h, T_c, rate, drive = np.random.default_rng(seed).uniform(
        [0.5, 0.5, 4, 0.3, 0.1, 0.1], [2, 2, 9, 1.5, 1, 1]
    )
    return ThreeLevelEngine(gap_hot=gap_cold + more, gap_cold=gap_cold, T_h=T_h, T_c=T_c, rate=rate, drive=drive)


@pytest.mark.parametrize("engine", [other(1), slow(ENGINE), slow(other(2))])
def test_three_forms_agree_with_rates_and_with_energies_before_and_after(engine):
    assert continuous(engine).power == pytest.approx(by_rates(engine), rel=1e-11)
    for form in ("two", "four"):
        for dephased in (False, True):
            ours = stroked(engine, form, 0.37, dephased=dephased)
            state, work = by_energies(engine, form, 0.37, dephased)
            assert ours.work == pytest.approx(work, rel=1e-9)
            assert np.abs(ours.state - state).max() < 1e-10


def test_the_numbers_of_three_levels():
    P = continuous(ENGINE)
    assert (P.power, P.efficiency, ENGINE.carnot) == pytest.approx((0.0648286, 0.5, 0.9), abs=5e-8)
    assert ENGINE.inversion == pytest.approx(np.exp(1.5 / 1 - 3 / 10))
    deviations = [stroked(ENGINE, form, 0.2).work / (0.2 * P.power) - 1 for form in ("two", "four")]
    assert deviations == pytest.approx([4.80e-4, -2.23e-3], abs=5e-6)
    powers = [stroked(ENGINE, "two", tau, dephased=True).power for tau in (0.4, 0.2, 0.1, 0.05)]
    assert powers == pytest.approx([0.019365, 0.010844, 0.005777, 0.002988], abs=5e-7)


def test_inversion_is_that_of_undriven_levels():
    engine = other(4)
    L = parts(engine)
    p = fixed(expm(200 / engine.rate * (L["h"] + L["c"])))
    assert np.real(p[4] / p[0]) == pytest.approx(engine.inversion, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("engine", [ENGINE, other(5)])
@pytest.mark.parametrize("form", ["two", "four"])
def test_strokes_are_the_continuous_engine_to_second_order(engine, form):
    P = continuous(engine).power
    off = [abs(stroked(engine, form, tau).power / P - 1) for tau in (0.08, 0.04, 0.02)]
    assert [off[0] / off[1], off[1] / off[2]] == pytest.approx([4, 4], rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("engine", [ENGINE, other(6), other(7)])
@pytest.mark.parametrize("form", ["two", "four"])
def test_energy_entropy_and_efficiency_of_every_form(engine, form):
    for dephased in (False, True):
        for tau in (0.05, 0.7, 3.0):
            out = stroked(engine, form, tau, dephased=dephased)
            assert out.heat_hot + out.heat_cold == pytest.approx(out.work, abs=1e-11)
            assert out.work == pytest.approx(engine.efficiency * out.heat_hot, abs=1e-11)
            assert -out.heat_hot / engine.T_h - out.heat_cold / engine.T_c >= -1e-11
            assert np.linalg.eigvalsh(out.state).min() > -1e-12


@pytest.mark.slow
@pytest.mark.parametrize("form", ["two", "four"])
def test_dephased_power_dies_with_the_cycle_and_stays_below_its_bound(form):
    taus = np.array([0.8, 0.4, 0.1, 0.05, 0.025])
    works = np.array([stroked(ENGINE, form, tau, dephased=True).work for tau in taus])
    bound = np.array([dephased_bound(ENGINE, form, tau) for tau in taus])
    assert (works < bound).all()
    assert works[-2] / works[-1] == pytest.approx(4, rel=0.05)
    coherent = np.array([stroked(ENGINE, form, tau).work for tau in taus])
    assert (coherent[2:] > bound[2:]).all()
    # a fully inverted fluid reaches the bound: no tighter one holds for whatever baths
    cold = ThreeLevelEngine(gap_hot=2.0, gap_cold=1.0, T_h=1e3, T_c=0.02, rate=50.0)
    assert stroked(cold, "two", 0.2, dephased=True).work > 0.95 * dephased_bound(cold, "two", 0.2)


def test_a_cold_hot_bath_makes_no_engine():
    assert continuous(ThreeLevelEngine(T_h=1.5)).power < 0
    assert ThreeLevelEngine(T_h=1.5).inversion < 1
    assert continuous(ThreeLevelEngine(T_c=1e-3)).power > 0
    assert ThreeLevelEngine(T_c=1e-3).inversion == np.inf
    at_carnot = ThreeLevelEngine(T_h=2.0)  # efficiency 1/2 is Carnot's
    assert continuous(at_carnot).power == pytest.approx(0, abs=1e-14)


# ---- the qubit engine ----


def closed_form(phi, theta, q, e2):
    """With z before the stroke, W = (1/2) z [(1-c) + e2 s^2/(1-e2 c)]."""
    e1, c, s = np.cos(phi) ** 2, np.cos(theta), np.sin(theta)
    z = (1 - e1) * (2 * q - 1) / (1 - e1 * c + e1 * e2 * s**2 / (1 - e2 * c))
    return z / 2 * ((1 - c) + e2 * s**2 / (1 - e2 * c))


def by_matrices(phi, theta, q, cycles, kept=1.0):
    """Fluid and ancilla, cycle by cycle from the mixed state."""
    hop = np.zeros((4, 4))
    hop[1, 2] = hop[2, 1] = 1
    U, X = expm(-1j * phi * hop), np.array([[0, 1], [1, 0]])
    R = expm(-1j * theta / 2 * X)
    rho, works = np.eye(2) / 2, []
    for _ in range(cycles):
        joint = (U @ np.kron(rho, np.diag([1 - q, q])) @ U.conj().T).reshape(2, 2, 2, 2)
        met = np.einsum("abcb->ac", joint)
        met = np.where(np.eye(2, dtype=bool), met, kept * met)
        rho = R @ met @ R.conj().T
        works.append((met[1, 1] - rho[1, 1]).real)
    return works


@pytest.mark.parametrize("seed", range(3))
def test_the_qubit_engine_agrees_with_matrices_and_with_the_closed_form(seed):
    phi, theta, q, kept = np.random.default_rng(seed).uniform([0.2, 0.1, 0.5, 0], [1.4, 3, 1, 1])
    engine = QubitEngine(angle=phi, drive=theta, excitation=q, kept=kept)
    assert engine.works(6) == pytest.approx(by_matrices(phi, theta, q, 6, kept), abs=1e-12)
    assert engine.work == pytest.approx(closed_form(phi, theta, q, kept * np.cos(phi)), rel=1e-10)
    assert engine.works(400)[-1] == pytest.approx(engine.work, abs=1e-10)


def test_the_numbers_of_the_qubit_engine():
    known = {0.1: (0.016820, 0.001477), 0.2: (0.042457, 0.005643), 0.5: (0.074063, 0.026861), 1.0: (0.082866, 0.057967),
             np.pi / 2: (0.084844, 0.075), np.pi: (0.085714, 0.085714)}  # fmt: skip
    for theta, works in known.items():
        found = [QubitEngine(angle=np.pi / 6, drive=theta, excitation=0.8, kept=kept).work for kept in (1.0, 0.0)]
        assert found == pytest.approx(works, abs=5.1e-7)
    small = [QubitEngine(angle=np.pi / 6, drive=1e-4, excitation=0.8, kept=kept).work for kept in (1.0, 0.0)]
    assert small[0] / small[1] == pytest.approx(13.928203, abs=1e-5)
    start_up = QubitEngine(angle=np.pi / 6, drive=0.2, excitation=0.8).works(4)
    assert list(start_up) == pytest.approx([0.001495, 0.005158, 0.009987, 0.015258], abs=5e-7)
    coherent, dephased = (QubitEngine(kept=kept) for kept in (1.0, 0.0))
    assert list(coherent.works(4)) == pytest.approx([0.002478, 0.008140, 0.015011, 0.021858], abs=5e-7)
    assert list(dephased.works(4)) == pytest.approx([0.002478, 0.004113, 0.005193, 0.005905], abs=5e-7)
    assert list(coherent.steady) == pytest.approx([0.384692, -0.223249], abs=5e-7)
    assert list(dephased.steady) == pytest.approx([0.115997, -0.454283], abs=5e-7)


def test_a_run_of_the_protocol_is_predicted_to_do_the_same_work():
    experiment = CoherentEngine(angle=0.9, drive=0.4, excitation=0.85, stroke=[0, 1])
    table = predict(experiment, {"control": "dephased"})
    work = table[(table["observable"] == "work") & (table["point"] == 1)].set_index("arm")["ideal"]
    for arm, kept in (("main", 1.0), ("dephased", 0.0)):
        ours = QubitEngine(angle=0.9, drive=0.4, excitation=0.85, kept=kept).work
        assert work[arm] == pytest.approx(ours, abs=1e-12)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: ThreeLevelEngine(gap_hot=1.0), "gap_hot"),
        (lambda: ThreeLevelEngine(rate=0.0), "rate"),
        (lambda: stroked(ENGINE, "three", 0.1), "form"),
        (lambda: stroked(ENGINE, "two", 0.0), "duration"),
        (lambda: QubitEngine(kept=1.2), "kept"),
        (lambda: QubitEngine(excitation=-0.1), "excitation"),
        (lambda: QubitEngine().works(0), "cycles"),
    ],
)
def test_what_cannot_be_computed_is_refused(make, named):
    with pytest.raises(RequestError, match=f"`{named}`"):
        make()
