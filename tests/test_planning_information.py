"""Predicted statistics against the table of ../shared/physics/core.md section 8, and against repeated experiments."""

import numpy as np
import pytest
from conftest import repetitions
from fisher import cramer_rao, expected_counts, fisher_information, standard_deviation, stratified_precision

from analysis.data import Counts
from analysis.planning import Strata
from analysis.tomography import family_basis, maximum_likelihood
from protocols.heat_exchange import HeatExchange
from protocols.pauli import PAIR, outcome_probabilities
from protocols.quantities import mutual_information, signed_concurrence

N = 4096
PEV = 4.135668
"""h x 1 kHz, the gap of `micadei`."""
REPEATS = repetitions(800)
ASYMMETRIC = np.kron([[0.98, 0.05], [0.02, 0.95]], [[0.99, 0.03], [0.01, 0.97]])
FLIP = np.array([[0.97, 0.06], [0.03, 0.94]])


def energy(rho):
    return (rho[:, 2, 2] + rho[:, 3, 3]).real


def difference(rho):
    return (rho[:, 2, 2] - rho[:, 1, 1]).real


def holdsworth(noise):
    one = HeatExchange(time=[0, np.pi / 0.4, np.pi / 0.2])
    return (1 - noise) * one.state(one.points({}, "nominal")) + noise * np.eye(4) / 4


def micadei():
    one = HeatExchange(
        T_A=4.30 / PEV,
        T_B=3.66 / PEV,
        coupling=0.10755,
        coupling_phase=np.pi / 2,
        correlation="coherent",
        alpha=-0.19,
        time=[0, np.pi / 0.4302],
    )
    return one.state(one.points({}, "nominal"))


# rows: t = 0, quarter and half of the period; columns as in the table
TABLE = {
    0.02: {
        "energy": [(0.00758, 0.00427), (0.00750, 0.00433), (0.00697, 0.00392)],
        "difference": [(0.01242, 0.00628), (0.00787, 0.00449), (0.01242, 0.00628)],
        "information": [(0.0304, 0.0223, 0.0215), (0.0064, 0.0045, 0.0045), (0.0304, 0.0223, 0.0215)],
        "concurrence": [(0.0153, 0.0126, 0.0126), (0.0181, 0.0144, 0.0137), (0.0153, 0.0126, 0.0126)],
    },
    0.05: {
        "energy": [(0.00760, 0.00428)],
        "difference": [(0.01239, 0.0063)],
        "information": [(0.0246, 0.0179, 0.0174)],
        "concurrence": [(0.0154, 0.0127, 0.0127)],
    },
}
FUNCTIONS = {
    "energy": energy,
    "difference": difference,
    "information": mutual_information,
    "concurrence": signed_concurrence,
}
SETS = ("minimal", "x-state", "full")


@pytest.mark.parametrize("noise", TABLE)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_bound_is_that_of_the_physics_core_for_holdsworth(noise, name):
    rows = np.array(TABLE[noise][name])
    states = holdsworth(noise)[: len(rows)]
    for column, which in enumerate(SETS[-rows.shape[1] :]):
        found = standard_deviation(FUNCTIONS[name], states, cramer_rao(states, PAIR[which], N))
        assert found == pytest.approx(rows[:, column], abs=0.6 * 10.0 ** -(5 if rows[0, 0] < 0.013 else 4), rel=0.01)


def test_the_bound_is_that_of_the_physics_core_for_micadei():
    states = micadei()
    expected = {
        ("energy", "x-state"): (0.0289, 0.0322),
        ("energy", "full"): (0.0167, 0.0184),
        ("difference", "x-state"): (0.0401, 0.0317),
        ("difference", "full"): (0.0231, 0.0198),
        ("information", "minimal"): (0.0401, 0.0053),
        ("information", "x-state"): (0.0301, 0.0047),
        ("information", "full"): (0.0292, 0.0042),
    }
    for (name, which), values in expected.items():
        found = standard_deviation(FUNCTIONS[name], states, cramer_rao(states, PAIR[which], N))
        scale = PEV if name in ("energy", "difference") else 1.0
        assert found * scale == pytest.approx(values, abs=6e-5)


def test_on_the_boundary_there_is_no_bound_but_energies_have_their_errors():
    states = holdsworth(0.0)
    assert np.isnan(standard_deviation(mutual_information, states, cramer_rao(states, PAIR["full"], N))).all()
    expected = expected_counts(pooled(states, PAIR["x-state"]))
    variance = expected.linear_errors(("ZI",)).shot[:, 0, 0]
    p = energy(states)
    # the moment is 1 - 2p, and a sample variance divides by N - 1
    assert np.sqrt(variance) / 2 == pytest.approx(np.sqrt(p * (1 - p) / (N - 1)), rel=1e-9)


def pooled(states, bases, shots=N):
    probabilities = np.stack([outcome_probabilities(states, basis) for basis in bases], axis=-2)
    return Strata(
        bases=tuple(bases),
        weight=np.ones((len(states), 1)),
        probabilities=probabilities[:, None],
        shots=np.full((len(states), 1, len(bases)), float(shots)),
    )


def stratified(noise, bases, confusion=None, calibration=0, uneven=False):
    """Two mixtures of two members each, of which the second is measured too much if uneven."""
    whole = holdsworth(noise)[:2]
    values, vectors = np.linalg.eigh(whole)
    members = np.einsum("cim,cjm->cmij", vectors, vectors.conj())
    probabilities = np.stack([outcome_probabilities(members, basis) for basis in bases], axis=-2)
    share = np.broadcast_to([0.1, 0.2, 0.3, 0.4], values.shape) if uneven else values
    shots = np.maximum(np.rint(share * N), 1)[:, :, None] * np.ones(len(bases))
    strata = Strata(
        bases=tuple(bases),
        weight=values,
        probabilities=probabilities,
        shots=shots,
        confusion=confusion,
        calibration_shots=calibration,
    )
    return whole, strata


def repeated(strata, seed):
    """Estimated states and energies of A in many experiments, (repeats, cells, ...)."""
    generator = np.random.default_rng(seed)
    states, energies = [], []
    for _ in range(REPEATS):
        observed = generator.multinomial(strata.shots.astype(int), strata.read)
        size = observed.shape[-1]
        calibration = np.zeros((size, size), dtype=int)
        if strata.confusion is not None:
            calibration = generator.multinomial(strata.calibration_shots, strata.confusion.T)
        counts = Counts(bases=strata.bases, observed=observed, weight=strata.weight, calibration=calibration)
        reading = counts.frequencies
        states.append(maximum_likelihood(reading))
        energies.append((1 - reading.moments["ZI"]) / 2)
    return np.array(states), np.array(energies)


def agree(sample, predicted, reach=4.0):
    """A sample standard deviation of n values has the relative error 1/sqrt(2n): 4 of them, 6e-5 a comparison."""
    assert np.std(sample, axis=0, ddof=1) == pytest.approx(predicted, rel=reach / np.sqrt(2 * REPEATS) + 0.02)


@pytest.mark.sized
@pytest.mark.parametrize("uneven", [False, True])
@pytest.mark.parametrize("readout", [False, True])
def test_the_sandwich_is_the_spread_of_repeated_stratified_experiments(uneven, readout):
    confusion, calibration = (ASYMMETRIC, 1000) if readout else (None, 0)
    states, strata = stratified(0.1, PAIR["x-state"], confusion, calibration, uneven)
    precision = stratified_precision(strata)
    estimated, energies = repeated(strata, seed=11)
    for function in (energy, mutual_information, signed_concurrence):
        sample = np.array([function(one) for one in estimated])
        agree(sample, standard_deviation(function, states, precision))
    errors = expected_counts(strata).linear_errors(("ZI",))
    agree(energies, np.sqrt(errors.shot[:, 0, 0] + (errors.shared[:, 0] ** 2).sum(axis=-1)) / 2)


def test_stratified_data_know_more_than_pooled_ones():
    states, strata = stratified(0.1, PAIR["full"])
    for function in (energy, difference):
        assert np.all(
            standard_deviation(function, states, stratified_precision(strata))
            < standard_deviation(function, states, cramer_rao(states, PAIR["full"], N))
        )


@pytest.mark.sized
def test_a_change_since_a_measured_reference_carries_its_error_and_the_common_calibration():
    states, strata = stratified(0.1, PAIR["x-state"], ASYMMETRIC, 1000)

    def lost(now, before):
        return mutual_information(before) - mutual_information(now)

    home = np.array([0, 0])
    predicted = standard_deviation(lost, states, stratified_precision(strata), home)
    estimated, _ = repeated(strata, seed=12)
    sample = np.array([lost(one, one[home]) for one in estimated])
    assert predicted[0] == pytest.approx(0, abs=1e-9)
    agree(sample[:, 1], predicted[1])
    apart = [standard_deviation(mutual_information, states, stratified_precision(strata))[i] for i in (0, 1)]
    assert predicted[1] != pytest.approx(np.hypot(*apart), rel=1e-3)


def test_pooled_data_have_the_inverse_information_with_readout_errors_too():
    states = holdsworth(0.1)[:1]
    confusion = np.kron(FLIP, FLIP)
    information = fisher_information(states, PAIR["full"], N, confusion)
    assert cramer_rao(states, PAIR["full"], N, confusion).covariance[0] == pytest.approx(np.linalg.inv(information)[0])
    # information is minus the mean curvature of the log-likelihood: by differences, along the first direction
    B = family_basis("full")[1]

    def mean_log_likelihood(shift):
        total = 0.0
        for basis in PAIR["full"]:
            p = outcome_probabilities(states, basis) @ confusion.T
            total += N * (p * np.log(outcome_probabilities(states + shift * B, basis) @ confusion.T)).sum()
        return total

    h = 1e-3
    curvature = (mean_log_likelihood(h) - 2 * mean_log_likelihood(0) + mean_log_likelihood(-h)) / h**2
    assert information[0, 0, 0] == pytest.approx(-curvature, rel=1e-4)
