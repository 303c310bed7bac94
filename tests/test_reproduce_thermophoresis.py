"""hotward reproduce thermophoresis: printed digits, curves beside circuits and matrices, runs laid over."""

import numpy as np
import pandas as pd
import pytest
from predictions import exact
from scipy.linalg import expm

from analysis import analyse, write
from devices import execute, open_device
from protocols import compile
from protocols.thermophoresis import Thermophoresis
from reproduce import reproduce
from reproduce.drawing import Context
from reproduce.thermophoresis import PAPER
from reproduce.thermophoresis.chains import HOPS

EQUAL = {"T_L": 1.0, "T_R": 1.0, "start": "L", "angle": np.pi / 4}


@pytest.fixture(scope="module")
def figures():
    return {name: offer.make(Context(cache=None)) for name, offer in PAPER.offers.items()}


def curve(figures, figure, name):
    panels = [panel for row in figures[figure].panels for panel in row]
    return next(one for panel in panels for one in panel.curves if one.name == name)


def at(found, x):
    assert np.abs(found.x - x).min() < 1e-9
    return float(found.y[np.argmin(np.abs(found.x - x))])


def test_all_printed_digits_agree(figures):
    compared = [one for figure in figures.values() for one in figure.comparisons]
    assert len(compared) == 45
    assert [one.quantity for one in compared if not one.agrees] == []


def test_it_says_that_the_model_could_not_be_read(figures):
    assert "could not be read" in PAPER.remarks[0]
    assert all("could not be read" in " ".join(one.notes) for one in figures.values())
    assert "N-site" in " ".join(figures["sites"].inferred)


@pytest.mark.parametrize(
    ("figure", "name", "subject", "settings", "axis"),
    [
        ("rounds", "bias-0.3", "displacement particle", {"bias": 0.3, "rounds": [1, 3]}, "rounds"),
        ("rounds", "site-e", "population e", {"rounds": [2, 5]}, "rounds"),
        ("dufour", "left", "heat left", {**EQUAL, "rounds": [1, 4]}, "rounds"),
        ("dufour", "right", "heat right", {**EQUAL, "rounds": [2, 6]}, "rounds"),
        ("bias", "rounds-4", "displacement particle", {"rounds": 4, "bias": [-0.1, 0.6]}, "bias"),
        ("temperature", "four-rounds", "displacement particle", {"rounds": 4, "T_R": [0.1, 2.0]}, "T_R"),
    ],
)  # fmt: skip
def test_curves_are_what_circuits_are_to_give(figures, figure, name, subject, settings, axis):
    wanted = exact(Thermophoresis(**settings), *subject.split())
    for x, value in zip(settings[axis], wanted, strict=False):  # rows of the reference stand behind the points
        assert at(curve(figures, figure, name), x) == pytest.approx(value, abs=1e-12)


def test_band_rates_are_a_rate_equation_run_to_its_end(figures):
    """Two sites: modes at 1 -+ J with half of each site in each of them."""
    J, T = HOPS[70], np.array([1.0, 0.5])
    E = np.array([1 - J, 1 + J])
    n = 1 / (np.exp(E[None, :] / T[:, None]) - 1)
    rates = np.zeros((4, 4))
    for i in range(2):
        for k in range(2):
            rates[2 + k, i] += 0.5 * n[i, k]
            rates[i, 2 + k] += 0.5 * (n[i, k] + 1)
    rates -= np.diag(rates.sum(axis=0))
    p = expm(rates * 400) @ [1, 0, 0, 0]
    mobile = p[2:].sum() / 2
    assert at(curve(figures, "hopping", "drift-band"), J) == pytest.approx(p[1] - p[0], abs=1e-10)
    heat = sum(0.5 * E[k] * (n[0, k] * p[0] - (n[0, k] + 1) * p[2 + k]) for k in range(2))
    assert at(curve(figures, "hopping", "heat-band"), J) == pytest.approx(heat, abs=1e-10)
    assert p[0] + mobile == pytest.approx(1 - p[1] - mobile, abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "laid"),
    [
        ({"rounds": [0, 1, 2]}, {"rounds": 15, "bias": 1}),
        ({**EQUAL, "rounds": [0, 1, 2]}, {"dufour": 6}),
        ({"rounds": 4, "T_R": [0.5, 1.0]}, {"temperature": 2}),
    ],
)
def test_a_run_lies_on_its_curves(tmp_path, settings, laid):
    experiment = Thermophoresis(**settings)
    options = {"control": "isothermal"} if "rounds" in laid else {}
    program = compile(experiment, experiment.points(options), shots=4000)
    record = execute(program, open_device("exact"), runs=tmp_path, seed=5, about={"draws": 50})
    write(analyse(record))
    made = reproduce("thermophoresis", tmp_path / "out", overlay=record.path)
    found = {p.name[7:-13]: pd.read_csv(p) for p in (tmp_path / "out").glob("*-measured.csv")}
    assert {name: len(points) for name, points in found.items()} == laid
    for figure in made.figures:
        if figure.name in found:
            for _, points in found[figure.name].groupby("panel"):
                panel = next(p for row in figure.panels for p in row if p.name == points["panel"].iloc[0])
                for x, y, error in zip(points.iloc[:, 2], points["value"], points["stderr"], strict=True):
                    assert min(abs(np.interp(x, c.x, c.y) - y) for c in panel.curves) < 4.5 * error + 1e-9
