"""Figs. 4 and 5 of Holdsworth and Kawai beside circuits: the curve that they follow, runs laid over it, its limits."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import expm

from analysis import analyse, write
from devices import execute, open_device
from protocols import RequestError, compile
from protocols.open_exchange import OpenExchange
from reproduce import PAPERS, reproduce
from reproduce.drawing import Context, Overlay
from reproduce.holdsworth_kawai import apart, memoryless, transient
from reproduce.holdsworth_kawai.transients import TIMES
from reproduce.pairs import SETS
from theory import Cache

MEASURES = [one for name in "45" for one in PAPERS["holdsworth-kawai"].offers[name].measures]
LOWER, TWO = np.array([[0, 1], [0, 0]]), np.eye(2)


def flown(runs, *, bases="x-state", shots=400, **fields):
    experiment = OpenExchange(**{"time": [0.0, 10.0], "steps": 1, **fields})
    program = compile(experiment, experiment.points({"control": "none"}), shots=shots, bases=bases)
    record = execute(program, open_device("exact"), runs=runs, seed=2, about={"draws": 10})
    write(analyse(record))
    return record.path


def by_matrices(time, Gamma, T=(2.0, 1.0), Omega=0.1):
    """The Lindblad equation of the pair on rows of rho, written here; phases a quarter turn apart."""
    p = 1 / (1 + np.exp(1 / np.array(T)))
    rho = np.kron(np.diag([1 - p[0], p[0]]), np.diag([1 - p[1], p[1]])).astype(complex)
    least = p[0] * p[1]
    rho += least * np.diag([-1.0, 1, 1, -1])
    rho[1, 2], rho[2, 1] = 1j * np.sqrt(least), -1j * np.sqrt(least)
    H = np.zeros((4, 4))
    H[1, 2] = H[2, 1] = Omega
    L = -1j * (np.kron(H, np.eye(4)) - np.kron(np.eye(4), H.T))
    for k, places in enumerate(((LOWER, TWO), (TWO, LOWER))):
        down = np.kron(*places)
        for rate, jump in ((Gamma[k] * (1 - p[k]), down), (Gamma[k] * p[k], down.T)):
            n = jump.T @ jump
            L = L + rate * (np.kron(jump, jump) - (np.kron(n, np.eye(4)) + np.kron(np.eye(4), n)) / 2)
    return (expm(L * time) @ rho.ravel()).reshape(4, 4)


@pytest.mark.parametrize("name", SETS)
def test_the_curve_without_a_memory_is_the_equation_with_golden_rule_rates(name):
    chosen = SETS[name]
    coupling = 2 * 0.01 * chosen.ratio * chosen.cutoff / (1 + chosen.cutoff**2)
    Gamma = [2 * coupling / np.tanh(1 / (2 * T)) for T in (2.0, 1.0)]
    path = memoryless(chosen)
    for time in (0.0, 2.0, 20.0, 57.3):
        k = int(np.argmin(np.abs(TIMES - time)))
        np.testing.assert_allclose(path.states[k], by_matrices(TIMES[k], Gamma), atol=2e-8)


def test_where_two_paths_part_is_counted_from_them():
    one, other = memoryless(SETS["S"]), memoryless(SETS["P"])
    said = apart(SETS["S"], {"the energy of A": lambda t: t.energies[:, 0]}, other, one)
    off = np.abs(one.energies[:, 0] - other.energies[:, 0])
    first, last = TIMES[off > 0.01][[0, -1]]
    assert f"the energy of A apart at times from {first:.1f} to {last:.1f}, at most {off.max():.3f} off" in said
    assert f"at t = {TIMES[off.argmax()]:.1f}" in said
    assert "never apart, at most 0.000 off" in apart(SETS["S"], {"it": lambda t: t.concurrence}, one, one)


@pytest.mark.parametrize(
    ("fields", "baths"),
    [
        ({"bases": "energies"}, "P"),  # the default rates are those of set P to 8e-7
        pytest.param({"bath_coupling": 0.01, "cutoff": 1.5}, "P", marks=pytest.mark.slow),
        pytest.param(
            {"rate_A": 0.0314076, "rate_B": 0.0166458, "route": "exact", "steps": None}, "S", marks=pytest.mark.slow
        ),
    ],
)
def test_a_run_belongs_to_the_set_whose_rates_it_has(tmp_path, fields, baths):
    fitting = Overlay.open(flown(tmp_path, **fields)).fitting(MEASURES)
    assert {one.measure.baths for one in fitting} == {baths}
    labels = {one.measure.label for one in fitting}
    heat = {"Q_A", "Q_B"} if "route" not in fields else set()
    main = {"open-exchange", *heat, *({"Sigma", "Sigma_0"} if heat and "bases" not in fields else ())}
    assert labels == main | {f"{label}, uncorrelated" for label in main}
    drawn = next(one for one in fitting if (one.measure.observable, one.measure.arm) == ("energy_difference", "main"))
    assert drawn.x.tolist() == [0.0, 10.0]
    assert drawn.value[1] > 0.1


def test_a_run_of_other_rates_is_refused_with_what_differs(tmp_path):
    run = flown(tmp_path, rate_A=0.2, bases="energies")
    said = re.escape("rate_A is 0.2. Run open-exchange with --set rate_A=0.0753782")
    with pytest.raises(RequestError, match=said):
        reproduce("holdsworth-kawai", tmp_path / "out", figures="4,5", overlay=run)


@pytest.mark.slow
def test_a_run_brings_its_baths_to_the_front_and_the_page_says_where_it_cannot_follow(tmp_path):
    """Set P can be flown: energies within 0.009; set S cannot: 0.2057, 0.4604 against 0.1452, 0.4911 at t = 20."""
    cache, sets = Cache(directory=tmp_path).checked(), {name: SETS[name] for name in "SP"}
    run = flown(tmp_path / "runs", shots=4000, bath_coupling=0.01, cutoff=1.5, steps=2)
    made = reproduce("holdsworth-kawai", tmp_path / "out", figures="4,5", overlay=run, cache=cache, sets=sets)
    page = made.page.read_text()
    assert made.measured == 2 * 2 * (3 + 4)
    # what is kept of a figure is that of the baths in front
    again = reproduce("holdsworth-kawai", tmp_path / "without", figures="4", cache=cache, sets=sets)
    assert "In front set S" in re.sub(r"<.*?>", "", again.page.read_text())
    assert "In front set P" in re.sub(r"<.*?>", "", page)
    weak = pd.read_csv(tmp_path / "out" / "figure-4-energy-difference-weak-coupling-set-P.csv")
    assert weak.iloc[100, 0] == 10.0
    assert weak.iloc[100, 1] == pytest.approx(0.467884 - 0.140500, abs=2e-6)
    heat = pd.read_csv(tmp_path / "out" / "figure-5-heat-Q-B-weak-coupling-set-P.csv")
    assert heat.iloc[-1, 1] == pytest.approx(memoryless(SETS["P"]).heat_system[-1, 1], abs=1e-9)
    context = Context(cache=cache)
    for name, most in (("P", 0.009), ("S", 0.0635)):
        off = np.abs(memoryless(SETS[name]).energies - transient(SETS[name], context).energies).max()
        assert 0.97 * most < off < most
    at = int(np.argmin(np.abs(TIMES - 20)))
    np.testing.assert_allclose(transient(SETS["S"], context).energies[at], [0.2057, 0.4604], atol=6e-5)
    np.testing.assert_allclose(memoryless(SETS["S"]).energies[at], [0.145210, 0.491082], atol=1e-6)
    assert "the energy of A never apart, at most 0.009 off" in page
    assert re.search(
        r"set S, weak coupling beside the hierarchy: the energy of A apart at times from 3\.\d to 120", page
    )
