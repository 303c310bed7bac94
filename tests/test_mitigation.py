"""Errors of gates removed from counts of members: against channels applied to density matrices, and by simulation."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from conftest import slow

from analysis.data import Counts
from analysis.mitigation import (
    Members,
    both,
    check_survival,
    measured_survival,
    mitigated_moments,
    sector,
    survival,
    symmetry,
)
from protocols import RequestError
from protocols.heat_exchange import HeatExchange
from protocols.pauli import outcome_probabilities

PAULI = [np.eye(2), np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])]
PAIRS = [np.kron(a, b) for a, b in itertools.product(PAULI, repeat=2)]
CONFUSION = np.kron([[0.99, 0.03], [0.01, 0.97]], [[0.985, 0.02], [0.015, 0.98]])
"""P(read | true)."""
WAYS = ("symmetry", "survival", "both")
EXPERIMENT = HeatExchange(time=[0.0, 7.010056])


def depolarised(rho: np.ndarray, f: float, times: int) -> np.ndarray:
    """Two-qubit Pauli errors, all equally likely, written as Kraus operators: f of the state is left each time."""
    error = (1 - f) / 16
    for _ in range(times):
        rho = (f + error) * rho + error * sum(P @ rho @ P.conj().T for P in PAIRS[1:])
    return rho


def damped(rho: np.ndarray, gamma: float) -> np.ndarray:
    """T1 of both qubits alike, as Kraus operators."""
    one = [np.diag([1, np.sqrt(1 - gamma)]), np.array([[0, np.sqrt(gamma)], [0, 0]])]
    return sum(K @ rho @ K.conj().T for K in (np.kron(a, b) for a, b in itertools.product(one, repeat=2)))


def member(excitations: int, angle: float = 0.7) -> np.ndarray:
    psi = np.zeros(4, dtype=complex)
    psi[{0: 0, 2: 3}.get(excitations, 1)] = 1
    if excitations == 1:
        psi[1], psi[2] = np.cos(angle), 1j * np.sin(angle)
    return np.outer(psi, psi.conj())


@pytest.mark.parametrize("excitations", [0, 1, 2])
def test_depolarisation_is_undone_exactly(excitations: int) -> None:
    pure, noisy = member(excitations), depolarised(member(excitations), 0.97, 3)
    for basis in ("ZZ", "XY", "YX"):
        exact, read = (outcome_probabilities(rho[None], basis)[0] for rho in (pure, noisy))
        np.testing.assert_allclose(survival(read, 0.97**3).value, exact, atol=1e-14)
    exact, read = (np.diag(rho).real for rho in (pure, noisy))
    np.testing.assert_allclose(both(read, sector(excitations, 4), 0.97**3).value, exact, atol=1e-14)
    assert excitations == 1 or symmetry(read, sector(excitations, 4)).value[0 if excitations == 0 else 3] == 1


def test_relaxation_of_both_qubits_is_seen_by_the_number() -> None:
    read = np.diag(damped(member(1), 0.2)).real
    assert read[0] == pytest.approx(0.2)
    np.testing.assert_allclose(symmetry(read, sector(1, 4)).value, np.diag(member(1)).real, atol=1e-14)


def test_symmetry_leaves_half_of_the_depolarisation() -> None:
    # of E_A - 1/2 of |psi>, to first order in what is lost
    exact, read = (np.diag(rho).real for rho in (member(1), depolarised(member(1), 1 - 1e-6, 1)))
    lost = exact[2] - read[2], exact[2] - symmetry(read, sector(1, 4)).value[2]
    raw = (exact[2] - 0.25) * 1e-6, (exact[2] - 0.5) * 0.5e-6
    np.testing.assert_allclose(lost, raw, rtol=1e-5)


@pytest.mark.parametrize("way", WAYS)
def test_derivatives_are_those_of_differences(way: str) -> None:
    q, F, kept, h = np.array([0.02, 0.30, 0.65, 0.03]), 0.95, sector(1, 4), 1e-6
    of = {
        "symmetry": lambda q, F: symmetry(q, kept),
        "survival": lambda q, F: survival(q, F),
        "both": lambda q, F: both(q, kept, F),
    }[way]
    for j, e in enumerate(np.eye(4)):
        slope = (of(q + h * e, F).value - of(q - h * e, F).value) / (2 * h)
        np.testing.assert_allclose(of(q, F).by_frequency[:, j], slope, atol=1e-8)
    np.testing.assert_allclose(of(q, F).by_factor, (of(q, F + h).value - of(q, F - h).value) / (2 * h), atol=1e-8)
    slope = (both(q, kept, F, 0.02 + h).value - both(q, kept, F, 0.02 - h).value) / (2 * h)
    np.testing.assert_allclose(both(q, kept, F, 0.02).by_tilt, slope, atol=1e-8)


def planted(f: float = 0.99, confusion: np.ndarray = CONFUSION) -> tuple[np.ndarray, np.ndarray]:
    """Read probabilities (cells, members, settings, outcomes) of ZZ and ZX under depolarisation, and weights."""
    points = EXPERIMENT.points({}, "nominal")
    system = EXPERIMENT._eigensystem(points, "main")
    U = [np.kron(PAULI[0], PAULI[0]).astype(complex) for _ in range(2)]
    angle = 0.1 * 7.010056
    U[1][1, 1] = U[1][2, 2] = np.cos(angle)
    U[1][1, 2] = U[1][2, 1] = -1j * np.sin(angle)
    p = np.zeros((2, 2, 2, 4))
    for m, k in ((0, 2), (1, 3)):
        psi = system.amplitudes(m)
        for cell in range(2):
            rho = depolarised(U[cell] @ np.outer(psi[cell], psi[cell].conj()) @ U[cell].conj().T, f, k)
            for s, basis in enumerate(("ZZ", "ZX")):
                p[cell, m, s] = confusion @ outcome_probabilities(rho[None], basis)[0]
    return p, system.weights[:, :2]


def flipped(rho: np.ndarray, A: float, B: float) -> np.ndarray:
    """Errors of one qubit each, any Pauli as likely as another, that flip A and B so often."""
    for often, wire in ((A, 0), (B, 1)):
        errors = [np.kron(*((P, PAULI[0]) if wire == 0 else (PAULI[0], P))) for P in PAULI[1:]]
        rho = (1 - 1.5 * often) * rho + often / 2 * sum(P @ rho @ P.conj().T for P in errors)
    return rho


def planted_on_one_qubit(A: float, B: float) -> tuple[np.ndarray, np.ndarray]:
    """As `planted`, but A and B are flipped so often with every gate: before the CX of |psi>, and twice at the end."""
    p, weight = planted(1.0)
    system = EXPERIMENT._eigensystem(EXPERIMENT.points({}, "nominal"), "main")
    CX = np.eye(4)[[0, 1, 3, 2]]
    swap = np.eye(4, dtype=complex)
    swap[1, 1] = swap[2, 2] = np.cos(0.7010056)
    swap[1, 2] = swap[2, 1] = -1j * np.sin(0.7010056)
    for cell, U in enumerate((np.eye(4), swap)):
        psi = system.amplitudes(1)[cell]
        ready = CX @ psi  # |psi> before its CX: B is in |1>, and A holds the superposition
        assert abs(ready[[0, 2]]).max() < 1e-12
        rho = U @ CX @ flipped(np.outer(ready, ready.conj()), A, B) @ CX @ U.conj().T
        for m, before in ((0, np.diag([1.0, 0, 0, 0])), (1, rho)):
            after = flipped(flipped(before, A, B), A, B)
            for s, basis in enumerate(("ZZ", "ZX")):
                p[cell, m, s] = CONFUSION @ outcome_probabilities(after[None], basis)[0]
    return p, weight


def counts_of(p: np.ndarray, weight: np.ndarray, shots: int, rng: np.random.Generator | None = None) -> Counts:
    """Drawn, or without a generator as expected."""
    each = np.rint(weight * shots).astype(int)[..., None] * np.ones(p.shape[2], dtype=int)
    drawn = np.rint(each[..., None] * p) if rng is None else rng.multinomial(each, p)
    calibration = np.rint(CONFUSION.T * shots) if rng is None else rng.multinomial(shots, CONFUSION.T)
    return Counts(
        bases=("ZZ", "ZX"),
        observed=drawn.astype(np.int64),
        weight=weight,
        calibration=calibration.astype(np.int64),
    )


MEMBERS = Members(
    numbers=(0, 1), excitations=np.array([0, 1]), gates=np.array([[2, 3], [2, 3]]), carriers=(None, 0), unmoved=0
)


def heat(data: Counts, way: str, references: tuple[int, ...] = (0,)) -> tuple[float, float]:
    """Heat into A and its statistical error."""
    inverse = np.linalg.inv(data.confusion)
    survived = None if way == "symmetry" else measured_survival(data, MEMBERS, inverse, references)
    moments = mitigated_moments(data, MEMBERS, way, survived, ("ZI", "IZ"))  # type: ignore[arg-type]
    Z = moments.values["ZI"]
    own, before = np.array([[0.0, 0], [-0.5, 0]]), np.array([[0.0, 0], [0.5, 0]])
    variance = moments.variance(own, before, np.array([0, 0]))
    assert moments.variance_of_sum(own + before[::-1]) == pytest.approx(variance[1], rel=1e-12)
    return (Z[0] - Z[1]) / 2, float(np.sqrt(variance[1]))


def test_the_heat_of_a_depolarised_run_is_that_of_theory() -> None:
    p, weight = planted()
    data = counts_of(p, weight, 10**12)
    found = {way: heat(data, way)[0] for way in WAYS}
    assert found["survival"] == pytest.approx(0.2689414, abs=1e-7)
    assert found["both"] == pytest.approx(0.2689414, abs=1e-7)
    # heat of |psi> alone, of which symmetry leaves g = F/(F + (1 - F)/2) with F = f^3
    psi, F = 0.2689414, 0.99**3
    assert found["symmetry"] == pytest.approx(psi * F / (F + (1 - F) / 2), abs=1e-7)


def test_the_survival_is_that_of_the_channel() -> None:
    p, weight = planted(0.985)
    found = measured_survival(counts_of(p, weight, 10**12), MEMBERS, np.linalg.inv(CONFUSION))
    assert found.value == pytest.approx(0.75 * 0.985**2 + 0.25, abs=1e-9)
    assert found.per_gate[0] == pytest.approx(0.985, abs=1e-9)
    np.testing.assert_allclose(found.factors(np.array([2, 3])), [0.985**2, 0.985**3], atol=1e-8)


@pytest.mark.parametrize("way", [slow("symmetry"), slow("survival"), "both"])
def test_the_statistical_error_is_the_scatter_of_runs(way: str) -> None:
    # of 200 runs a standard deviation is known to 5 %: a limit of 4 of these errs in 1 of 16 000
    (p, weight), rng = planted(), np.random.default_rng(7)
    found = np.array([heat(counts_of(p, weight, 2000, rng), way) for _ in range(200)])
    assert np.std(found[:, 0]) == pytest.approx(np.sqrt((found[:, 1] ** 2).mean()), rel=0.2)
    # and its mean is that of no noise, within 4.5 of its errors
    exact = heat(counts_of(p, weight, 10**12), way)[0]
    assert abs(found[:, 0].mean() - exact) < 4.5 * np.std(found[:, 0]) / np.sqrt(200)


def test_which_qubit_errs_does_not_matter_to_both() -> None:
    # the same errors on A, where |psi> is made, and on B: symmetry sees the second alone
    a, b = 0.002, 0.0004
    drawn = (counts_of(*planted_on_one_qubit(*rates), 10**12) for rates in ((a, b), (b, a)))
    # the number can be checked in ZZ alone
    one, other = (replace(data, bases=("ZZ",), observed=data.observed[:, :, :1]) for data in drawn)
    found = measured_survival(one, MEMBERS, np.linalg.inv(CONFUSION), (0,))
    assert found.unequal is not None
    # of two gates, to first order in what is flipped
    assert found.unequal.value == pytest.approx(2 * (a - b), rel=0.01)
    np.testing.assert_allclose(found.tilt_slopes(MEMBERS), [[0, 0.5], [0, 0.5]])
    even, uneven = (heat(one, "both", at)[0] - heat(other, "both", at)[0] for at in ((0,), ()))
    # the distance from the middle would shrink by 2 (a - b) more
    assert uneven == pytest.approx(-0.2689414 * 2 * (a - b), rel=0.02)
    assert abs(even) < 0.02 * abs(uneven)


def test_the_carrier_is_the_qubit_whose_errors_keep_the_number() -> None:
    from qiskit import QuantumCircuit
    from qiskit.quantum_info import Statevector

    from protocols.pair.preparation import EXCHANGED, MINUS, PLUS, prepare_member

    for number in (PLUS, MINUS):
        circuit = QuantumCircuit(2)
        prepare_member(circuit, number)
        circuit = circuit.assign_parameters([0.8, 0.3])
        spread = next(i for i, one in enumerate(circuit.data) if len(one.qubits) == 2)
        for wire, name in itertools.product((0, 1), "xyz"):
            made = circuit.copy_empty_like()
            for i, one in enumerate(circuit.data):
                if i == spread:
                    getattr(made, name)(wire)
                made.append(one)
            left = Statevector(made).probabilities()[[0, 3]].sum()
            keeps = wire == EXCHANGED[number].carrier or name == "z"
            assert left == pytest.approx(0 if keeps else 1, abs=1e-12)


@pytest.mark.parametrize("way", WAYS)
def test_the_variance_is_that_of_every_frequency_varied_by_itself(way: str) -> None:
    p, weight = planted(0.95)
    uneven, _ = planted_on_one_qubit(0.03, 0.01)
    data, h, large = counts_of((p + uneven) / 2, weight, 10**6), 1e-5, 10**12
    shares = data.observed / data.shots[..., None]

    def of(shares: np.ndarray, rates: np.ndarray) -> float:
        observed = np.rint(shares * data.shots[..., None] * (large // 10**6)).astype(np.int64)
        return heat(replace(data, observed=observed, calibration=np.rint(rates * large).astype(np.int64)), way)[0]

    variance, rates = 0.0, data.calibration / data.calibration.sum(axis=1, keepdims=True)
    for of_which, shots in ((shares, data.shots), (rates, data.calibration.sum(axis=1))):
        for stratum in np.ndindex(shots.shape):
            slope = np.zeros(4)
            for i, sign in itertools.product(range(4), (1, -1)):
                moved = of_which.copy()
                # away from one outcome to another keeps the sum
                moved[stratum][i] += sign * h
                moved[stratum][(i + 1) % 4] -= sign * h
                slope[i] += sign * (of(moved, rates) if of_which is shares else of(shares, moved)) / (2 * h)
            # slope[i] is that of i less that of i + 1: of any common part multinomial noise has none
            g = np.array([0.0, *-np.cumsum(slope[:3])])
            m = of_which[stratum]
            variance += float(g**2 @ m - (g @ m) ** 2) / shots[stratum]
    assert heat(data, way)[1] ** 2 == pytest.approx(variance, rel=2e-4)


def test_the_survival_of_a_few_shots_has_the_error_of_its_counts() -> None:
    (p, weight), rng = planted(), np.random.default_rng(8)
    made = [measured_survival(counts_of(p, weight, 2000, rng), MEMBERS, np.linalg.inv(CONFUSION)) for _ in range(400)]
    # with the true confusion inverted, the calibration does not scatter: 4 of 3.5 %, and the two counts added
    scatter = np.std([one.value for one in made])
    assert scatter == pytest.approx(np.sqrt(np.mean([one.variance for one in made])), rel=0.15)
    # the test for equal survival: at 5 %, 400 runs give at most 38 alarms but in 1 of 10 000
    assert sum(one.p < 0.05 for one in made) <= 38


def test_without_noise_nothing_is_changed_by_more_than_its_error() -> None:
    p, weight = planted(1.0)
    rng = np.random.default_rng(9)
    for _ in range(20):
        data = counts_of(p, weight, 4000, rng)
        raw = data.moments["ZI"]
        for way in WAYS:
            value, error = heat(data, way)
            # the correction is a part of the scatter only: 4 errors
            assert abs(value - (raw[0] - raw[1]) / 2) < 4 * error


def test_a_survival_that_depolarisation_does_not_explain_is_refused() -> None:
    inverse = np.linalg.inv(CONFUSION)
    p, weight = planted(0.85)
    with pytest.raises(RequestError, match=r"per two-qubit gate above 0\.9 and up to 1, but \|00> gives 0\.8500"):
        check_survival(measured_survival(counts_of(p, weight, 10**6), MEMBERS, inverse))
    p, weight = planted(1.0)
    data = counts_of(p, weight, 10**6)
    # a calibration of other, worse, readout makes a survival above 1
    worse = np.kron([[0.97, 0.05], [0.03, 0.95]], [[0.97, 0.05], [0.03, 0.95]])
    wrong = replace(data, calibration=np.rint(worse.T * 1e6).astype(np.int64))
    with pytest.raises(RequestError, match="or the readout calibration is not that of these counts"):
        check_survival(measured_survival(wrong, MEMBERS, np.linalg.inv(worse)))


def test_factors_that_differ_between_points_are_refused() -> None:
    worse, weight = planted(0.97)
    p, _ = planted(0.99)
    p[1] = worse[1]
    found = measured_survival(counts_of(p, weight, 10**5), MEMBERS, np.linalg.inv(CONFUSION))
    assert found.p < 1e-12
    with pytest.raises(RequestError, match="one factor for all points"):
        check_survival(found)
    # what differs by less than the systematic error covers is none of it
    slightly, _ = planted(0.9895)
    p, _ = planted(0.99)
    p[1] = slightly[1]
    found = measured_survival(counts_of(p, weight, 10**8), MEMBERS, np.linalg.inv(CONFUSION))
    assert found.p < 1e-12
    assert found.spread < 0.05
    check_survival(found)


def test_a_light_member_of_wrong_shots_stays_as_it_was_read() -> None:
    p, weight = planted()
    data = counts_of(p, weight, 10**6)
    observed = data.observed.copy()
    observed[1, 1, 0] = [1, 0, 0, 0]  # a single shot of |psi>, read as 00
    few = replace(data, observed=observed)
    survived = measured_survival(few, MEMBERS, np.linalg.inv(CONFUSION))
    for way in WAYS:
        moments = mitigated_moments(few, MEMBERS, way, survived if way != "symmetry" else None, ("ZI",))  # type: ignore[arg-type]
        variance = moments.variance(np.array([[1.0], [1.0]]), np.zeros((2, 1)), np.array([-1, -1]))
        assert np.isfinite(moments.values["ZI"]).all()
        # the other setting knows the word too, but not for symmetry, which then has a single count to go by
        assert way != "symmetry" or variance[1] > 100 * variance[0] > 0


def test_an_ensemble_without_a_member_that_stays_has_symmetry_alone() -> None:
    p, weight = planted()
    data = counts_of(p, weight, 10**6)
    nothing = replace(MEMBERS, unmoved=None)
    with pytest.raises(RequestError, match="symmetry needs none"):
        measured_survival(data, nothing, np.linalg.inv(CONFUSION))
