"""Algorithmic cooling: populations against circuits, closed forms against matrices, limits and conservation."""

import numpy as np
import pandas as pd
import pytest

from analysis import analyse, write
from analysis.prediction import predict
from devices import execute, open_device
from protocols import compile
from protocols.algorithmic_cooling import AlgorithmicCooling
from reproduce import PAPERS
from reproduce.drawing import Overlay
from reproduce.rodriguez_briones import cost, model

EPS = 0.37
ROUNDS = np.arange(4)


def ideal(experiment, observable, arm=""):
    table = predict(experiment, {"control": arm} if arm else {})
    rows = table[(table["observable"] == observable) & (table["subject"] != "spin")]
    return (rows[rows["arm"] == (arm or "main")] if "arm" in rows else rows)["ideal"].to_numpy()


@pytest.mark.parametrize(
    ("options", "values"),
    [
        ({"method": "hbac"}, model.hbac(EPS, 3)),
        ({"method": "ppa", "size": 2}, model.sorted_and_reset(EPS, 2, 3).polarisation),
        ({"method": "ppa", "size": 3}, model.sorted_and_reset(EPS, 3, 3).polarisation),
        pytest.param(
            {"method": "ppa", "size": 4}, model.sorted_and_reset(EPS, 4, 3).polarisation, marks=pytest.mark.slow
        ),
        ({"method": "overhauser"}, model.joint(EPS, 3)),
    ],
)
def test_polarisations_are_those_of_the_circuits(options, values):
    experiment = AlgorithmicCooling(polarisation=EPS, rounds=ROUNDS, **options)
    np.testing.assert_allclose(ideal(experiment, "polarisation"), values, atol=1e-12)
    limit = model.limit(options["method"], np.array(EPS), options.get("size", 0))
    np.testing.assert_allclose(ideal(experiment, "polarisation_limit"), limit, atol=1e-12)


@pytest.mark.parametrize("name", ["hbac", "ppa-3"])
def test_heat_and_work_are_those_of_the_circuits(name):
    method, _, size = name.partition("-")
    experiment = AlgorithmicCooling(method=method, size=int(size) if size else None, rounds=ROUNDS)
    heat, work = cost.paid(name)
    np.testing.assert_allclose(ideal(experiment, "heat"), heat[:4], atol=1e-12)
    np.testing.assert_allclose(ideal(experiment, "work"), -work[:4], atol=1e-12)


@pytest.mark.parametrize("qubits", [2, 3, 4])
@pytest.mark.parametrize("eps", [0.2, 0.5, 0.9])
def test_sorting_cools_to_its_limit_and_never_beyond(qubits, eps):
    found = model.sorted_and_reset(eps, qubits, 600 if eps < 0.5 else 60)
    limit = np.tanh(2.0 ** (qubits - 2) * np.arctanh(eps))
    assert (np.diff(found.polarisation) > -1e-12).all()
    assert found.polarisation.max() < limit + 1e-12
    assert found.polarisation[-1] == pytest.approx(limit, abs=1e-3)
    assert (found.heat - found.work > -1e-12).all()  # what the qubits lost


def test_three_methods_have_one_limit_and_it_is_half_the_temperature():
    eps = np.linspace(0.05, 0.95, 7)
    same = [model.limit("hbac", eps), model.limit("overhauser", eps), model.limit("ppa", eps, 3)]
    np.testing.assert_allclose(same[1:], [same[0]] * 2, atol=1e-12)
    temperature = 1 / (2 * np.arctanh(eps))
    np.testing.assert_allclose(1 / (2 * np.arctanh(same[0])), temperature / 2, atol=1e-12)


@pytest.mark.parametrize("k", [0.3, 1.0, 2.7])
def test_teleported_energy_by_matrices_is_the_closed_form_and_lowest_at_the_best_turn(k):
    turns = np.linspace(-0.5, 0.5, 11)
    injected, gained = model.teleported(k, turns)
    assert injected == pytest.approx(1 / np.sqrt(1 + k**2), abs=1e-12)
    np.testing.assert_allclose(gained, model.teleported_closed(k, turns), atol=1e-12)
    best = model.best_turn(k)
    low, left, right = model.teleported(k, best + np.array([0, -1e-3, 1e-3]))[1]
    assert low < min(left, right)
    assert 0 > low > -injected


def test_teleported_energy_is_that_of_the_circuits():
    turns = np.array([0.05, 0.21])
    experiment = AlgorithmicCooling(method="teleport", interaction=0.8, rounds=1, turn=turns)
    injected, gained = model.teleported(0.8, turns)
    np.testing.assert_allclose(ideal(experiment, "teleported_energy"), gained, atol=1e-12)
    np.testing.assert_allclose(ideal(experiment, "injected_energy"), injected, atol=1e-12)


def test_all_numbers_agree_and_the_page_says_whose_they_are():
    known = PAPERS["rodriguez-briones"]
    compared = [one for offer in known.offers.values() for one in offer.make(None).comparisons]
    assert len(compared) == 19
    assert all(one.agrees for one in compared)
    assert "only abstracts were read" in known.remarks[0]


@pytest.mark.slow
def test_runs_lie_over_the_panel_of_their_method_and_swaps_beside_them(tmp_path):
    experiment = AlgorithmicCooling(rounds=[0, 1, 2])
    program = compile(experiment, experiment.points({"control": "none"}), shots=2000)
    record = execute(program, open_device("exact"), runs=tmp_path, seed=4, about={"draws": 20})
    write(analyse(record))
    every = [one for offer in PAPERS["rodriguez-briones"].offers.values() for one in offer.measures]
    found = {(one.measure.panel, one.measure.label): one for one in Overlay.open(record.path).fitting(every)}
    assert set(found) == {
        ("hbac", "target and two fresh qubits"),
        ("hbac", "swaps alone"),
        ("cost-hbac", "heat"),
        ("cost-hbac", "work paid"),
    }
    table = pd.read_csv(record.path / "derived" / "table.csv")
    work = table[(table["observable"] == "work") & (table["arm"] == "main")]
    np.testing.assert_allclose(found["cost-hbac", "work paid"].low, -work["high"])
    np.testing.assert_allclose(found["hbac", "swaps alone"].value, 0.5, atol=0.1)
