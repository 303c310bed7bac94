"""Engines redrawn: their numbers, curves by other routes, a run of coherent-engine laid over."""

import numpy as np
import pandas as pd
import pytest

from analysis import analyse, write
from devices import execute, open_device
from protocols import compile
from protocols.coherent_engine import CoherentEngine
from reproduce import PAPERS, reproduce
from reproduce.drawing import Context

NOTHING = Context(cache=None)


def curves(name):
    figure = PAPERS["klatzow"].offers[name].make(NOTHING)
    return {curve.name: curve for row in figure.panels for panel in row for curve in panel.curves}


def formula(phi, theta, q, e2):
    e1, c, s = np.cos(phi) ** 2, np.cos(theta), np.sin(theta)
    z = (1 - e1) * (2 * q - 1) / (1 - e1 * c + e1 * e2 * s**2 / (1 - e2 * c))
    return z / 2 * ((1 - c) + e2 * s**2 / (1 - e2 * c))


def test_work_against_the_stroke_is_that_of_the_closed_form():
    found = curves("work")
    for case, phi, q in (("flown", 0.6, 0.75), ("weaker", np.pi / 6, 0.8)):
        for label, kept in (("coherent", 1.0), ("half", 0.5), ("dephased", 0.0)):
            one = found[f"{case}-{label}"]
            assert one.y == pytest.approx(formula(phi, one.x, q, kept * np.cos(phi)), abs=1e-12)


def test_cycles_start_alike_and_end_steady():
    found = curves("start-up")
    for case in ("flown", "weaker"):
        coherent, dephased = found[f"{case}-coherent"], found[f"{case}-dephased"]
        assert coherent.y[0] == pytest.approx(dephased.y[0], abs=1e-14)
        assert coherent.y[-1] == pytest.approx(found[f"{case}-coherent-steady"].y[0], rel=0.01)
        assert coherent.y[-1] > 5 * dephased.y[-1]


@pytest.mark.slow
def test_the_power_of_three_levels_is_constant_where_the_dephased_one_dies():
    found = curves("power")
    whole, two, dephased, bound = (
        found[name].y for name in ("continuous", "power-two-stroke", "power-two-stroke-dephased", "bound")
    )
    assert two[0] == pytest.approx(whole[0], rel=1e-5)
    slope = np.diff(np.log(dephased[:3])) / np.diff(np.log(found["bound"].x[:3]))
    assert slope == pytest.approx([1, 1], abs=0.03)
    assert (dephased < bound).all()
    assert two[0] > 20 * bound[0]
    assert found["efficiency-four-stroke"].y == pytest.approx(np.full(len(two), 0.5), abs=1e-9)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two strokes of the default fluid, with the dephased arm."""
    experiment = CoherentEngine(drive=np.array([0.4, 1.2]), stroke=1)
    program = compile(experiment, experiment.points({"control": "dephased"}), shots=40000)
    record = execute(program, open_device("exact"), runs=tmp_path_factory.mktemp("runs"), seed=6, about={"draws": 50})
    write(analyse(record))
    return record.path


@pytest.mark.slow
def test_the_page_has_every_number_and_the_points_of_a_run(run, tmp_path):
    """Points within 4.5 standard errors of the curves: false-alarm rate 3e-5."""
    page = reproduce("klatzow", tmp_path, overlay=run)
    numbers = [one for figure in page.figures for one in figure.comparisons]
    assert [one.quantity for one in numbers if not one.agrees] == []
    assert len(numbers) > 45
    assert page.measured == 6
    points = pd.read_csv(tmp_path / "figure-work-measured.csv")
    for label in ("coherent", "dephased"):
        curve = pd.read_csv(tmp_path / f"figure-work-flown-{label}.csv")
        mine = points[points["series"].str.endswith(f": {label}")]
        assert len(mine) == 2
        expected = np.interp(mine.iloc[:, 2], curve.iloc[:, 0], curve.iloc[:, 1])
        assert (np.abs(mine["value"] - expected) < 4.5 * mine["stderr"]).all()
    text = page.page.read_text()
    assert "this project&#39;s own" in text
    assert "not available" in text
