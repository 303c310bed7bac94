"""hotward reproduce ferraro: printed digits, curves beside whole spaces and circuits, a run laid over."""

import numpy as np
import pandas as pd
import pytest
from predictions import exact
from scipy.linalg import expm

from analysis import analyse, write
from devices import execute, open_device
from protocols import compile
from protocols.quantum_battery import QuantumBattery
from reproduce import reproduce
from reproduce.drawing import Context
from reproduce.ferraro import PAPER
from reproduce.ferraro.system import ADVANTAGE


@pytest.fixture(scope="module")
def figures():
    return {name: offer.make(Context(cache=None)) for name, offer in PAPER.offers.items()}


def curve(figures, figure, name):
    panels = [panel for row in figures[figure].panels for panel in row]
    return next(one for panel in panels for one in panel.curves if one.name == name)


def at(found, x):
    assert np.abs(found.x - x).min() < 1e-9
    return float(found.y[np.argmin(np.abs(found.x - x))])


def test_printed_digits_agree_but_one_last_digit(figures):
    compared = [one for figure in figures.values() for one in figure.comparisons]
    assert len(compared) == 40
    others = [one for one in compared if not one.agrees]
    # 1.82955774 by circuit and by matrices (below); printed with 8 where 7 is nearer
    assert [one.quantity for one in others] == ["E, one step, g t = 1.0"]
    assert "one unit of the last of 8 digits" in others[0].agreement


def test_one_step_by_matrices():
    """Half of b1 c1 and c2 b2, all of b1 c2 and c1 b2, the other half: exponentials in sixteen dimensions."""
    up = np.array([[0, 0], [1, 0]])
    b1, c1, c2, b2 = (np.kron(np.kron(np.eye(2**i), up), np.eye(2 ** (3 - i))) for i in range(4))
    own = b1 @ c1.T + c2 @ b2.T
    crossed = b1 @ c2.T + c1 @ b2.T
    half, whole = expm(-0.5j * (own + own.T)), expm(-1j * (crossed + crossed.T))
    psi = half @ whole @ half @ np.eye(16)[0b1001]
    assert np.abs(psi) ** 2 @ (c1 @ c1.T + c2 @ c2.T).diagonal() == pytest.approx(1.82955774, abs=5e-9)


def test_it_defines_the_advantage_on_the_page_and_beside_figures(figures):
    assert ADVANTAGE in PAPER.remarks
    assert all(ADVANTAGE in figures[name].notes for name in ("charging", "advantage", "qubits"))
    assert "P_max/(N P_1)" in ADVANTAGE


@pytest.mark.parametrize("steps", [1, 2])
def test_curves_of_circuits_are_what_a_run_is_to_measure(figures, steps):
    times = [0.4, 0.8]
    for name, quantity in ((f"steps-{steps}", "stored_energy"), (f"steps-{steps}-power", "power")):
        wanted = exact(QuantumBattery(time=times, steps=steps), quantity, "cells")
        found = [at(curve(figures, "qubits", name), x) for x in times]
        assert found == pytest.approx(wanted[:2].tolist(), abs=1e-12)


def test_three_cells_in_a_cavity_by_their_whole_space(figures):
    """Photons 0..3 in front of three cells; g t = 0.6."""
    up, a = np.array([[0, 0], [1, 0]]), np.diag(np.sqrt([1, 2, 3]), 1)
    raised = [np.kron(np.eye(4), np.kron(np.kron(np.eye(2**i), up), np.eye(2 ** (2 - i)))) for i in range(3)]
    exchange = np.kron(a, np.eye(8)) @ sum(raised)
    psi = expm(-0.6j * (exchange + exchange.T)) @ np.eye(32)[24]
    energy = np.abs(psi) ** 2 @ sum(one @ one.T for one in raised).diagonal()
    assert 3 * at(curve(figures, "charging", "energy-3-cells"), 0.6) == pytest.approx(energy, abs=1e-12)
    assert 1.8 * at(curve(figures, "charging", "power-3-cells"), 0.6) == pytest.approx(energy, abs=1e-12)


def test_the_advantage_grows_like_the_root_of_the_number(figures):
    sizes = curve(figures, "advantage", "cavity").x
    slopes = {
        name: np.polyfit(np.log(sizes[-15:]), np.log(curve(figures, "advantage", name).y[-15:]), 1)[0]
        for name in ("cavity", "shared")
    }
    assert slopes["cavity"] == pytest.approx(0.5, abs=0.01)
    assert slopes["shared"] == pytest.approx(0.5, abs=1e-8)
    assert curve(figures, "advantage", "many").y[1:].max() < 1


@pytest.mark.slow
def test_a_run_lies_on_its_curves(tmp_path):
    experiment = QuantumBattery(time=[0.0, 0.4, 1.0])
    program = compile(experiment, experiment.points({"control": "parallel"}), shots=4000)
    record = execute(program, open_device("exact"), runs=tmp_path, seed=7, about={"draws": 50})
    write(analyse(record))
    made = reproduce("ferraro", tmp_path / "out", overlay=record.path, figures="qubits")
    points = pd.read_csv(tmp_path / "out" / "figure-qubits-measured.csv")
    assert points["panel"].value_counts().to_dict() == {"energy": 6, "power": 4}
    panels = {panel.name: panel for panel in made.figures[0].panels[0]}
    for series, rows in points.groupby("series"):
        name = "parallel" if "separate" in series else "steps-1"
        panel = panels[rows["panel"].iloc[0]]
        line = next(c for c in panel.curves if c.name.removesuffix("-power") == name)
        off = np.abs(np.interp(rows.iloc[:, 2], line.x, line.y) - rows["value"])
        assert (off < 4.5 * rows["stderr"] + 1e-9).all()
    assert "P_max/(N P_1)" in made.page.read_text()
