"""Heat between two walls, redrawn: its numbers, its curves by other routes, a run of heat-bridge laid over."""

import numpy as np
import pandas as pd
import pytest

from analysis import analyse, write
from devices import execute, open_device
from protocols import compile
from protocols.heat_bridge import HeatBridge
from reproduce import PAPERS, reproduce
from reproduce.drawing import Context

NOTHING = Context(cache=None)


def curves(figure):
    return {curve.name: curve for row in figure.panels for panel in row for curve in panel.curves}


def made(name):
    return PAPERS["zou"].offers[name].make(NOTHING)


def test_currents_over_their_maxima_are_those_of_closed_forms():
    found = curves(made("relative"))
    r = np.sqrt(found["classical"].x)
    assert found["classical"].y == pytest.approx(4 * r * (1 - r), abs=1e-12)
    x = found["qubit"].x
    n_h, n_c = 1 / np.expm1(1.0), 1 / np.expm1(np.minimum(1 / x, 600))
    J = (n_h - n_c) / (2 * (1 + n_h + n_c))
    assert found["qubit"].y == pytest.approx(J / (np.exp(-1) / 2), abs=1e-12)
    narrow = found["box-contact-0.1-fermi"]
    assert 0.96 < narrow.y[0] < narrow.y.max() < 1 + 1e-9
    assert found["classical"].y[0] < 0.13


def test_levels_converge_and_collisions_have_the_closed_form():
    assert all(one.agrees for one in made("convergence").comparisons)
    deviation = curves(made("convergence"))["hot-0.3"]
    assert deviation.y[0] > 0.1
    assert deviation.y[deviation.x == 10][0] < 1e-8
    heat = curves(made("collisions"))["heat"]
    p_h, p_c = (1 / (1 + np.exp(1 / T)) for T in (1.6, heat.x))
    s = np.sin(0.8) ** 2
    assert heat.y == pytest.approx(s * (p_h - p_c) / (2 - s), abs=1e-12)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The default sweep, with its control."""
    experiment = HeatBridge(T_c=np.array([0.2, 0.5, 0.9]))
    program = compile(experiment, experiment.points({"control": "isothermal"}), shots=20000)
    record = execute(program, open_device("exact"), runs=tmp_path_factory.mktemp("runs"), seed=4, about={"draws": 50})
    write(analyse(record))
    return record.path


@pytest.mark.slow
def test_the_page_has_every_number_and_the_points_of_a_run(run, tmp_path):
    """Points within 4.5 standard errors of the curve: false-alarm rate 4e-5."""
    page = reproduce("zou", tmp_path, overlay=run)
    assert page.measured == 6
    numbers = [one for figure in page.figures for one in figure.comparisons]
    # the last of seven printed digits of one of them is rounded down
    assert [one.quantity for one in numbers if not one.agrees] == ["heat of a round, T_h = 1.6, angle 0.8, T_c = 0.15"]
    assert all(one.shared >= 6 for one in numbers if not one.agrees)
    assert len(numbers) > 30
    points = pd.read_csv(tmp_path / "figure-collisions-measured.csv")
    curve = pd.read_csv(tmp_path / "figure-collisions-heat.csv")
    heated = points[points["series"].str.contains("into the cold")]
    expected = np.interp(heated.iloc[:, 2], curve.iloc[:, 0], curve.iloc[:, 1])
    assert (np.abs(heated["value"] - expected) < 4.5 * heated["stderr"]).all()
    like = points[points["series"].str.contains("equally cold")]
    assert (np.abs(like["value"]) < 4.5 * like["stderr"] + 1e-9).all()
    text = page.page.read_text()
    assert "not automatic" in text
    assert "s are not known" in text
    table = pd.read_csv(tmp_path / "figure-currents-flights-thermal.csv")
    assert set(table["status"]) == {"sampled"}
