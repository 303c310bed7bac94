"""hotward reproduce brandao and bera: printed digits, curves beside matrices written here, and runs laid over."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from analysis import analyse, write
from devices import execute, open_device
from protocols import compile
from protocols.heat_exchange import HeatExchange
from protocols.ladder_cooling import LadderCooling
from reproduce import reproduce
from reproduce.bera import PAPER as BERA
from reproduce.brandao import PAPER as BRANDAO
from reproduce.drawing import Context


@pytest.fixture(scope="module")
def figures():
    return {
        paper.name: {name: offer.make(Context(cache=None)) for name, offer in paper.offers.items()}
        for paper in (BRANDAO, BERA)
    }


def curve(figure, name):
    panels = [panel for row in figure.panels for panel in row]
    return next(one for panel in panels for one in panel.curves if one.name == name)


@pytest.mark.parametrize(("paper", "numbers"), [("brandao", 29), ("bera", 17)])
def test_all_printed_digits_agree(figures, paper, numbers):
    compared = [one for figure in figures[paper].values() for one in figure.comparisons]
    assert len(compared) == numbers
    assert [one.quantity for one in compared if not one.agrees] == []


@pytest.mark.parametrize("paper", [BRANDAO, BERA])
def test_pages_say_what_was_read_and_what_is_chosen_here(figures, paper):
    text = " ".join(paper.remarks)
    assert "Only the abstract was read" in text
    assert "nothing is compared with a number of the paper" in text
    assert all(figure.inferred for figure in figures[paper.name].values())
    inferred = " ".join(figures["bera"]["heat"].inferred)
    assert "from memory" in inferred


# ---- brandao ----


def test_what_the_ladder_leaves_is_a_permutation_of_its_levels(figures):
    """|1, n> <-> |0, n + 1>, for every number of rungs that is drawn."""
    for name, (T, p) in {"excited": (1.0, 1.0), "hot": (0.8, 0.9)}.items():
        found = curve(figures["brandao"]["rungs"], f"rungs-{name}")
        for d, value in zip(found.x.astype(int), found.y, strict=True):
            ladder = np.exp(-np.arange(d) / T)
            joint = np.outer([1 - p, p], ladder / ladder.sum())
            joint[1, :-1], joint[0, 1:] = joint[0, 1:].copy(), joint[1, :-1].copy()
            assert value == pytest.approx(joint[1].sum(), abs=1e-12)


def test_the_outline_of_what_can_be_reached_is_where_a_linear_program_ends(figures):
    """Largest and least second population of a doubly stochastic image of (0.55, 0.40, 0.05) with a given first one."""
    p = np.array([0.55, 0.40, 0.05])
    swaps = np.array([np.array(p)[list(order)] for order in itertools.permutations(range(3))]).T
    for x in (0.05, 0.2, 0.4, 0.5, 0.55):
        for side, sign in (("upper", -1), ("lower", 1)):
            answer = linprog(sign * swaps[1], A_eq=[swaps[0], np.ones(6)], b_eq=[x, 1], bounds=(0, 1))
            found = curve(figures["brandao"]["reachable"], f"curves-{side}")
            heights = np.interp(x, found.x, found.y) if 0.05 < x < 0.55 else sign * np.min(sign * found.y[found.x == x])
            assert heights == pytest.approx(swaps[1] @ answer.x, abs=1e-9), (x, side)


def test_lines_of_one_order_hold_all_that_can_be_reached(figures):
    figure = figures["brandao"]["reachable"]
    for order in ("order-1-2", "order-1", "order-2"):
        for side, sign in (("upper", 1), ("lower", -1)):
            line, hexagon = (curve(figure, f"{name}-{side}") for name in (order, "curves"))
            inside = np.linspace(0.06, 0.54, 25)
            gap = sign * (np.interp(inside, line.x, line.y) - np.interp(inside, hexagon.x, hexagon.y))
            assert (gap >= -1e-3).all(), (order, side)  # a contour has a point each degree


def test_divergences_are_sums_written_out(figures):
    for name, p in (("before-full", (0.55, 0.40, 0.05)), ("after-empty", (0.7, 0.15, 0.15))):
        found = curve(figures["brandao"]["orders"], name)
        away = np.abs(found.x - 1) > 1e-3
        exact = [np.log(sum(q**a * 3 ** (a - 1) for q in p)) / (a - 1) for a in found.x[away]]
        np.testing.assert_allclose(found.y[away], exact, atol=1e-9)


@pytest.mark.slow
def test_a_run_of_the_ladder_lies_on_its_points_and_orders(tmp_path):
    experiment = LadderCooling()
    program = compile(experiment, experiment.points({"preparation": "measured", "control": "swap"}), shots=4000)
    record = execute(program, open_device("exact"), runs=tmp_path / "runs", seed=5)
    write(analyse(record, draws=40))
    made = reproduce("brandao", tmp_path, figures="rungs,free-energies", overlay=record.path, cache=None)
    assert made.measured == 2 + 8
    rungs = pd.read_csv(tmp_path / "figure-rungs-measured.csv").set_index("rungs")
    for d, exact in ((4, 0.0433707), (2, 0.2227001)):
        assert abs(rungs["value"][d] - exact) < 5 * rungs["stderr"][d]
    orders = pd.read_csv(tmp_path / "figure-free-energies-measured.csv")
    assert sorted(orders["alpha"]) == [0, 0, 0.5, 0.5, 1, 1, 2, 2]
    after = orders[orders["alpha"] == 2].sort_values("value").iloc[0]
    assert abs(after["value"] - 0.170399) < 5 * after["stderr"]


# ---- bera ----


def test_sum_and_parts_are_one_identity_at_every_angle(figures):
    figure = figures["bera"]["budget"]
    for case in ("coherent", "uncorrelated"):
        total, fuel, both = (
            curve(figure, f"{case}-{row}").y
            for row in ("clausius-sum-AB", "mutual-information-change-AB", "divergence-AB")
        )
        np.testing.assert_allclose(total, fuel + both, atol=1e-9)
        assert (both >= 0).all()
    assert curve(figure, "coherent-clausius-sum-AB").y.min() < -0.09
    assert curve(figure, "uncorrelated-clausius-sum-AB").y.min() >= -1e-12


def test_the_heat_of_the_partial_swap_is_its_closed_form(figures):
    """sin^2 phi (p_B - p_A) - sin 2 phi |rho_01,10|."""
    p, q = (1 / (1 + np.exp(1 / T)) for T in (0.7, 1.4))
    for case, share in (("coherent", 1), ("uncorrelated", 0)):
        found = curve(figures["bera"]["heat"], f"{case}-heat-A")
        r = share * np.sqrt(p * (1 - p) * q * (1 - q))
        np.testing.assert_allclose(found.y, np.sin(found.x) ** 2 * (q - p) - np.sin(2 * found.x) * r, atol=1e-9)


def test_the_memory_is_the_entropy_of_one_bit_below_zero(figures):
    found = curve(figures["bera"]["memory"], "entangled")
    s = np.clip(np.sin(found.x) ** 2, 1e-300, 1)
    c = np.clip(1 - s, 1e-300, 1)
    np.testing.assert_allclose(found.y, s * np.log(s) + c * np.log(c), atol=1e-9)
    assert np.abs(curve(figures["bera"]["memory"], "dephased").y).max() < 1e-9


@pytest.mark.slow
def test_a_run_of_the_exchange_lies_on_the_books(tmp_path):
    experiment = HeatExchange(
        T_A=0.7, T_B=1.4, correlation="coherent", alpha=0.185495, correlation_phase=-np.pi / 2, time=[0.0, 6.0, 12.0]
    )
    program = compile(experiment, experiment.points({}), shots=4000)
    record = execute(program, open_device("exact"), runs=tmp_path / "runs", seed=5)
    write(analyse(record, draws=40))
    made = reproduce("bera", tmp_path, figures="budget,entropies,heat", overlay=record.path, cache=None)
    assert made.measured == 3 * (3 + 2 + 2)
    points = pd.read_csv(tmp_path / "figure-budget-measured.csv")
    measured = points[(points["series"] == "clausius_sum AB: Clausius sum") & (points["angle [rad]"].round(9) == 0.6)]
    assert abs(measured["value"].iloc[0] + 0.0926730) < 5 * measured["stderr"].iloc[0]
