"""Maps of a chain in the report: what stands in which cell, beside what, and when there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from predictions import read_off

from analysis import Analysis, analyse, predict
from analysis.figures import FIGURES, caption
from devices import execute, open_device
from devices.imports import import_file
from protocols import Experiment, chain, compile
from protocols.chain_exchange import ChainExchange
from protocols.chain_revival import ChainRevival


def run(folder: Path, experiment: Experiment, bases: str | None = None) -> Analysis:
    more = {"bases": bases} if bases else {}
    program = compile(experiment, experiment.points({"control": ""}), shots=500, **more)
    return analyse(execute(program, open_device("exact"), runs=folder, seed=3), draws=2)


def cells(axes) -> np.ndarray:
    return np.asarray(axes.collections[0].get_array())


def test_the_map_of_a_revival_has_every_site_at_every_time(tmp_path: Path):
    time = np.array([0.0, 2.0, 3.0, 5.6])
    found = run(tmp_path, ChainRevival(time=time))
    figure = FIGURES["sites"](found)
    assert figure is not None
    measured, ideal = (one for one in figure.axes if one.get_title() in ("measured", "ideal"))
    table = found.table[found.table["observable"] == "energy"]
    for i, site in enumerate(("q1", "q2", "q3", "q4")):
        rows = table[(table["subject"] == site) & (table["point"] >= 0)].sort_values("time")
        np.testing.assert_array_equal(cells(measured)[i], rows["value"])
    # a column reaches half way to its neighbours, the first site is on top
    edges = measured.collections[0].get_coordinates()[0, :, 0]
    np.testing.assert_allclose(edges, [-1.0, 1.0, 2.5, 4.3, 6.9])
    assert [text.get_text() for text in measured.get_yticklabels()] == ["q1", "q2", "q3", "q4"]
    assert measured.yaxis_inverted()
    assert measured.get_xlim() == ideal.get_xlim()
    assert measured.collections[0].get_clim() == ideal.collections[0].get_clim()
    # the ideal at the ends of its fine grid from the unitary of one excitation
    for column, t in ((0, 0.0), (-1, 5.6)):
        u = chain.evolution(chain.hopping(np.ones(3)), t)
        np.testing.assert_allclose(cells(ideal)[:, column], np.abs(u[:, 0]) ** 2, atol=1e-9)
    assert "standard errors are 0.02 gap at most" in caption("sites", found)
    assert FIGURES["sites"](run(tmp_path / "two", ChainRevival(time=time[:2]))) is None


@pytest.mark.slow
def test_currents_of_a_short_chain_are_lines_and_of_a_long_one_a_map(tmp_path: Path):
    time = np.linspace(0, 12, 4)
    short = run(tmp_path / "short", ChainExchange(time=time), "orbital")
    figure = FIGURES["sites"](short)
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert "bond current [gap²/ħ]" in labels
    assert "total correlation\n(gaussian) [nat]" in labels
    assert "Bond current: energy that flows" in caption("sites", short)
    others = [axes.get_ylabel() for axes in FIGURES["quantities"](short).axes]
    assert others
    assert not [label for label in others if label.startswith(("bond current", "total correlation"))]
    # without X and Y there are maps alone
    alone = FIGURES["sites"](run(tmp_path / "alone", ChainExchange(time=time), "energies"))
    assert len(alone.axes) == 3
    # two times are no map, and the currents stand where they stood
    two = run(tmp_path / "two", ChainExchange(time=time[:2]), "conserving")
    assert FIGURES["sites"](two) is None
    assert any(axes.get_ylabel().startswith("bond current") for axes in FIGURES["quantities"](two).axes)
    experiment = ChainExchange(sites=7, time=time)
    long = FIGURES["sites"](run(tmp_path / "long", experiment, "conserving"))
    maps = [axes for axes in long.axes if axes.get_title() == "ideal"]
    assert len(maps) == 2
    exact = predict(experiment, {"control": ""})
    for i in range(6):
        current = read_off(exact, "bond_current", f"q{i + 1}q{i + 2}")
        np.testing.assert_allclose(cells(maps[1])[i][[0, -1]], current[[0, -1]], atol=1e-12)


@pytest.mark.slow
def test_sites_of_a_file_have_a_map_without_an_ideal(tmp_path: Path):
    """Columns q1 .. q3 of which nothing is known."""
    path = tmp_path / "sites.csv"
    lines = [f"{t},ZZZ,{k >> 2},{k >> 1 & 1},{k & 1},{10 + 3 * k + t}" for t in (0, 1, 3) for k in range(8)]
    path.write_text("\n".join(["time,basis,q1,q2,q3,count", *lines]) + "\n")
    found = analyse(import_file(path, runs=tmp_path / "runs"), draws=2)
    figure = FIGURES["sites"](found)
    assert [axes.get_title() for axes in figure.axes] == ["measured", ""]  # and its scale of colours
    table = found.table[(found.table["observable"] == "energy") & (found.table["subject"] == "q2")]
    np.testing.assert_array_equal(cells(figure.axes[0])[1], table.sort_values("time")["value"])
    assert "ideal" not in caption("sites", found)
