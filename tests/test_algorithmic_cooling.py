"""algorithmic-cooling: recursions and limits of every method, against circuits and samples."""

import numpy as np
import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from predictions import exact
from scipy.optimize import minimize_scalar

from analysis import analyse
from devices import execute, open_device
from protocols import compile
from protocols.algorithmic_cooling import AlgorithmicCooling


def polarisation(**fields):
    return exact(AlgorithmicCooling(**fields), "polarisation", "target")


# ---- numbers of the model at eps = 0.5 ----


def test_compression_with_two_fresh_qubits():
    found = polarisation(rounds=[0, 1, 2, 3, 4, 80])
    np.testing.assert_allclose(found, (0.5, 0.6875, 0.7578125, 0.784180, 0.794067, 0.8), atol=1e-6)


def test_sorting():
    np.testing.assert_allclose(polarisation(method="ppa", rounds=[1, 2, 3]), (0.6875, 0.6875, 0.7578125), atol=1e-6)
    for size, limit in ((2, 0.5), (3, 0.8), (4, 0.975610)):
        experiment = AlgorithmicCooling(method="ppa", size=size, rounds=300)
        assert exact(experiment, "polarisation", "target")[0] == pytest.approx(limit, abs=1e-6)
        assert exact(experiment, "polarisation_limit", "target")[0] == pytest.approx(limit, abs=1e-6)


def test_a_joint_reset_and_a_saturated_spin():
    found = polarisation(method="overhauser", rounds=[1, 2, 3, 4, 60])
    np.testing.assert_allclose(found, (0.65, 0.725, 0.7625, 0.78125, 0.8), atol=1e-6)


def test_teleported_energy():
    experiment = AlgorithmicCooling(method="teleport")
    assert exact(experiment, "injected_energy", "helper")[1] == pytest.approx(0.707107, abs=1e-6)
    assert exact(experiment, "teleported_energy", "target")[1] == pytest.approx(-0.114748, abs=1e-6)
    assert exact(experiment, "work", "register")[1] == pytest.approx(0.114748, abs=1e-6)
    assert experiment.points().parameters["turn"][0] == pytest.approx(0.160875, abs=1e-6)


# ---- at other parameters ----


@given(st.floats(0.01, 0.99), st.integers(0, 30))
@examples(40)
def test_closed_forms_of_every_round(eps, n):
    limit = 2 * eps / (1 + eps**2)
    hbac = limit + (eps - limit) * ((1 - eps**2) / 2) ** n
    overhauser = np.tanh(2 * np.arctanh(eps))
    joint = overhauser + (eps - overhauser) / 2**n
    assert polarisation(polarisation=eps, rounds=n)[0] == pytest.approx(hbac, abs=1e-12)
    assert polarisation(method="overhauser", polarisation=eps, rounds=n)[0] == pytest.approx(joint, abs=1e-12)


@given(st.floats(0.05, 4))
@examples(25)
def test_the_best_turn_is_the_numerical_optimum_and_any_turn_has_its_closed_form(k):
    def E_B(f):
        return -(k * np.sin(2 * f) - (1 + 2 * k**2) * (1 - np.cos(2 * f))) / np.sqrt(1 + k**2)

    found = exact(AlgorithmicCooling(method="teleport", interaction=k), "teleported_energy", "target")[1]
    best = minimize_scalar(E_B, bounds=(0, 1), method="bounded", options={"xatol": 1e-12})
    assert found == pytest.approx(best.fun, abs=1e-10)
    for f in (-0.4, 0.1, 0.9):
        some = AlgorithmicCooling(method="teleport", interaction=k, turn=f)
        assert exact(some, "teleported_energy", "target")[1] == pytest.approx(E_B(f), abs=1e-12)


@given(st.floats(0.02, 0.98), st.sampled_from([2, 3, 4]))
@examples(20)
def test_sorting_never_warms_the_target_and_stays_below_its_limit(eps, size):
    found = polarisation(method="ppa", size=size, polarisation=eps, rounds=[0, 1, 2, 3, 4, 5, 6, 7, 8])
    assert (np.diff(found) > -1e-12).all()
    assert found[-1] <= np.tanh(2.0 ** (size - 2) * np.arctanh(eps)) + 1e-12


@pytest.mark.parametrize("method", ["hbac", "ppa", "overhauser"])
def test_the_control_is_what_swaps_with_the_bath_give(method):
    found = exact(
        AlgorithmicCooling(method=method, polarisation=0.3, rounds=[0, 1, 3]), "polarisation", "target", "none"
    )
    np.testing.assert_allclose(found, 0.3, atol=1e-12)


def test_work_is_paid_and_heat_is_dumped():
    """First round of hbac: the target loses d = (eps_1 - eps)/2 excitations, each fresh qubit gains d."""
    experiment = AlgorithmicCooling(rounds=[0, 1, 2])
    cooled = (exact(experiment, "polarisation", "target") - 0.5) / 2
    np.testing.assert_allclose(exact(experiment, "work", "register"), -cooled, atol=1e-12)
    np.testing.assert_allclose(exact(experiment, "heat", "bath"), 2 * cooled, atol=1e-12)
    swaps = exact(AlgorithmicCooling(rounds=[0, 2]), "work", "register", "none")
    np.testing.assert_allclose(swaps, 0, atol=1e-12)
    # a joint reset at twice the gap conserves energy: the bath takes what target and spin give
    joint = AlgorithmicCooling(method="overhauser", rounds=[0, 1])
    given_up = (exact(joint, "polarisation", "target") - 0.5) / 2
    np.testing.assert_allclose(exact(joint, "heat", "bath"), 2 * given_up, atol=1e-12)


def test_entropy_falls_with_the_polarisation():
    experiment = AlgorithmicCooling(rounds=[0, 1, 2])
    p = (1 - exact(experiment, "polarisation", "target")) / 2
    np.testing.assert_allclose(
        exact(experiment, "entropy", "target"), -p * np.log(p) - (1 - p) * np.log(1 - p), atol=1e-12
    )


# ---- sampled ----


@pytest.mark.parametrize("method", ["hbac", "ppa", "overhauser", "teleport"])
def test_sampled_runs_agree_with_the_exact_values(tmp_path, method):
    """Every linear quantity of three runs within 5 standard errors; false alarm below 1e-4."""
    experiment = AlgorithmicCooling(method=method)
    program = compile(experiment, experiment.points({"control": "none"}), shots=6000)
    table = analyse(execute(program, open_device("exact"), runs=tmp_path, seed=8)).table
    linear = table[table["value"].notna() & ~table["observable"].isin(["entropy"]) & (table["stderr"] > 0)]
    linear = linear[linear["observable"].isin(["polarisation", "energy", "heat", "work", "teleported_energy"])]
    assert len(linear) > 8
    assert (np.abs(linear["value"] - linear["ideal"]) / linear["stderr"]).max() < 5
