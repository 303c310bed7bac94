"""The pages of valente, freitas-paz and clos: numbers beside their reference, curves read back, runs laid over."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import analyse, write
from devices import execute, open_device
from protocols import compile
from protocols.chain_revival import ChainRevival
from protocols.cooling_floor import CoolingFloor
from reproduce import PAPERS, reproduce


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A paper's page by its name, made once."""
    known = {}

    def of(name):
        if name not in known:
            known[name] = reproduce(name, tmp_path_factory.mktemp(name))
        return known[name]

    return of


def curve(made, name):
    table = pd.read_csv(made.page.parent / f"figure-{name}.csv")
    return table.iloc[:, 0].to_numpy(), table.iloc[:, 1].to_numpy()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["valente", "freitas-paz", "clos"])
def test_every_number_agrees_and_the_page_says_what_was_not_read(made, name):
    page = made(name)
    off = [one.quantity for figure in page.figures for one in figure.comparisons if not one.agrees]
    assert off == []
    assert sum(len(figure.comparisons) for figure in page.figures) >= 10
    assert "chosen here" in page.page.read_text()
    assert [figure.name for figure in page.figures] == list(PAPERS[name].offers)


@pytest.mark.slow
def test_the_curves_of_valente_have_the_closed_forms(made):
    page = made("valente")
    x, P = curve(page, "box-density-quadrature")
    np.testing.assert_allclose(P, 1 / (1 + x / 2) / (2 * np.log(3)), rtol=1e-10)
    x, P = curve(page, "box-density-stratonovich")
    np.testing.assert_allclose(P, (1 + x / 2) ** -0.5 / (4 * (np.sqrt(1.5) - np.sqrt(0.5))), rtol=1e-4)
    x, TP = curve(page, "box-flat-paths")
    np.testing.assert_allclose(TP, 0.5 / np.log(3), rtol=0.08)
    x, P = curve(page, "models-model-1")
    np.testing.assert_allclose(P, np.exp(-x / 2) / (4 * np.sinh(0.5)), rtol=1e-10)
    x, T = curve(page, "patches-temperature-s-0p35")
    np.testing.assert_allclose(T, 1 - 0.5 * np.tanh(0.6 * x / 0.35**2), rtol=1e-10)
    g, mode = curve(page, "gradient-trap-mode")
    np.testing.assert_allclose(mode, -g / 8, rtol=1e-12)
    _, mean = curve(page, "relaxation-mean-grid")
    assert np.all(np.diff(mean) < 1e-9)
    assert mean[-1] == pytest.approx(-0.1795, abs=1e-3)


@pytest.mark.slow
def test_the_curves_of_freitas_and_paz_are_what_their_formulas_say(made):
    page = made("freitas-paz")
    kappa, n = curve(page, "floor-weak")
    np.testing.assert_allclose(n, kappa**2 / 16, rtol=1e-12)
    _, strong = curve(page, "floor-g-0p1")
    assert (strong > n).all()
    k, p = curve(page, "qubit-psi-0p1")
    cool, heat = np.sin(0.5) ** 2, np.sin(0.1) ** 2
    floor = heat / (cool + heat)
    np.testing.assert_allclose(p, floor + (0.4 - floor) * (1 - cool - heat) ** k, rtol=1e-10)
    N, n = curve(page, "bath-none")
    rate = 4 * 0.03**2  # A_- at kappa = 1
    np.testing.assert_allclose(n, 2e-4 * N / (2e-4 + rate), rtol=5e-3)


@pytest.mark.slow
def test_the_curves_of_clos_are_what_their_formulas_say(made):
    page = made("clos")
    t, P = curve(page, "steps-engineered-exact")
    np.testing.assert_allclose(P, np.cos(t / 2) ** 8, atol=1e-12)
    for N in (3, 6):
        t, P = curve(page, f"revival-N-{N}")
        k = np.arange(1, N + 1) * np.pi / (N + 1)
        amplitude = 2 / (N + 1) * np.exp(-2j * np.multiply.outer(t, np.cos(k))) @ np.sin(k) ** 2
        np.testing.assert_allclose(P, np.abs(amplitude) ** 2, atol=1e-12)
    t, P = curve(page, "revival-infinite")
    long = 2 / 201 * np.exp(-2j * np.multiply.outer(t, np.cos(np.arange(1, 201) * np.pi / 201)))
    np.testing.assert_allclose(P, np.abs(long @ np.sin(np.arange(1, 201) * np.pi / 201) ** 2) ** 2, atol=1e-12)
    lengths, height = curve(page, "heights-height")
    t = np.linspace(3, 50, 9401)
    for sites in (7, 12, 31):
        k = np.arange(1, sites + 1) * np.pi / (sites + 1)
        P = np.abs(2 / (sites + 1) * np.exp(-2j * np.multiply.outer(t, np.cos(k))) @ np.sin(k) ** 2) ** 2
        first = (t > 0.6 * sites) & (t < 1.4 * sites + 2)  # no second one is there yet
        assert height[lengths == sites][0] == pytest.approx(P[first].max(), abs=1e-4)
    energies = sum(curve(page, f"thermal-E-{i}")[1] for i in range(1, 5))
    np.testing.assert_allclose(energies, energies[0], rtol=1e-12)
    d, variance = curve(page, "fluctuations-spin")
    assert (variance < 1 / d).all()
    t, Z = curve(page, "relaxation-Z-1")
    assert Z[0] == pytest.approx(1, abs=1e-12)


@pytest.mark.slow
def test_runs_of_chain_revival_lie_on_the_curve_of_their_own_steps(tmp_path):
    """Exact and in four Strang steps, within 5 standard errors; false alarm below 1e-5."""
    for fields, figure, name in (
        ({}, "revival", "N-4"),
        ({"evolution": "strang", "steps": 4}, "steps", "uniform-steps-4"),
    ):
        experiment = ChainRevival(time=[1.5, 5.5], **fields)
        program = compile(experiment, experiment.points({}), shots=4000)
        record = execute(program, open_device("exact"), runs=tmp_path, seed=2, about={"draws": 20})
        write(analyse(record))
        out = tmp_path / name
        page = reproduce("clos", out, figures=figure, overlay=record.path)
        assert page.measured == 3  # with the reference at 0
        rows = pd.read_csv(out / f"figure-{figure}-measured.csv")
        x, y = curve(page, f"{figure}-{name}")
        off = rows["value"].to_numpy() - np.interp(rows["time [1/J]"], x, y)
        assert (np.abs(off) < 5 * rows["stderr"].to_numpy() + 1e-9).all()


@pytest.fixture(scope="module")
def collided(tmp_path_factory):
    """A run of cooling-floor with its control, and with pairs of another angle than is drawn."""

    def run(pair_angle):
        experiment = CoolingFloor(collisions=[0, 2, 4], pair_angle=pair_angle)
        program = compile(experiment, experiment.points({"control": "none"}), shots=4000)
        runs = tmp_path_factory.mktemp("runs")
        record = execute(program, open_device("exact"), runs=runs, seed=2, about={"draws": 20})
        write(analyse(record))
        return record.path

    return run


@pytest.mark.slow
def test_a_run_of_cooling_floor_lies_on_its_curve(collided, tmp_path):
    """Both arms within 5 standard errors of the curves they are laid over; false alarm below 1e-5."""
    page = reproduce("freitas-paz", tmp_path, figures="qubit", overlay=collided(0.1))
    rows = pd.read_csv(tmp_path / "figure-qubit-measured.csv")
    assert page.measured == len(rows) == 6
    for label, name in (("no pairs", "none"), ("psi = 0.1", "psi-0p1")):
        mine = rows[rows["series"].str.endswith(label)]
        x, y = curve(page, f"qubit-{name}")
        assert mine["collisions"].tolist() == [0, 2, 4]
        off = mine["value"].to_numpy() - y[np.searchsorted(x, mine["collisions"])]
        assert (np.abs(off) < 5 * mine["stderr"].to_numpy() + 1e-9).all()


@pytest.mark.slow
def test_a_run_with_another_pair_angle_shows_its_control_alone(collided, tmp_path):
    page = reproduce("freitas-paz", tmp_path, figures="qubit", overlay=collided(0.13))
    assert page.measured == 3
    assert pd.read_csv(tmp_path / "figure-qubit-measured.csv")["series"].str.endswith("no pairs").all()
