"""Coverage of means over copies, in simulated runs, and whole runs with copies; fixed seeds throughout."""

from __future__ import annotations

import importlib.util
import io
import math
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from conftest import most
from test_pooling import file_of, rows, taken_in

from analysis import analyse
from analysis.copies.summed import jackknife
from analysis.result import Analysis
from analysis.table import MEAN

pytestmark = pytest.mark.slow
RUNS = 400


def benchmark() -> ModuleType:
    path = Path(__file__).parents[1] / "benchmarks" / "copies.py"
    spec = importlib.util.spec_from_file_location("benchmark_copies", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("law", ["normal", "skewed"])
def test_the_interval_of_a_mean_over_40_copies_holds(law: str) -> None:
    """92 to 98.5 % of 400 runs; an interval of 95 % fails either end of that once in 500 (normal law of the count)."""
    study = benchmark()
    world = study.World(copies=40, shots=10_000, law=law)
    found = study.simulated(world, RUNS, np.random.default_rng([40, len(law)]))
    pooled = found.pooled
    assert pooled.stderr.mean() < 0.0010
    assert 0.92 <= found.covered(pooled.low, pooled.high) <= 0.985


def test_fixed_weights_do_not_hold() -> None:
    """Planted: with the spread of the couplers taken for none, 20 000 shots of 8 copies cover 90 % of means."""
    study = benchmark()
    found = study.simulated(study.World(copies=8, shots=20_000), 4 * RUNS, np.random.default_rng(820))
    assert found.covered(*found.fixed) < 0.92
    assert found.covered(found.pooled.low, found.pooled.high) > 0.95


@pytest.mark.parametrize(("copies", "shots"), [(8, 4000), (40, 10_000)])
def test_equal_copies_seem_unequal_as_often_as_they_should(copies: int, shots: int) -> None:
    """5 % of 2000 runs, between 3 and 7 %: false alarms of that are rarer than one in 1e4."""
    study = benchmark()
    found = study.simulated(study.World(copies=copies, shots=shots, spread=0.0), 2000, np.random.default_rng(copies))
    seen = int((found.pooled.p < 0.05).sum())
    assert 0.03 * 2000 <= seen <= min(0.07 * 2000, most(2000, 0.05, 1e-4))


def test_weights_of_each_copys_own_variance_are_biased() -> None:
    """Planted: at 200 shots they are off by a tenth of an error of the mean or so; those of all copies are not."""
    study = benchmark()
    found = study.simulated(study.World(copies=40, shots=200, spread=0.0), 2500, np.random.default_rng(44))
    off = [(one.value - found.truth) / one.stderr for one in (found.pooled, found.own_weights)]
    error = 4 / math.sqrt(2500)
    assert abs(float(off[0].mean() - off[1].mean())) > 0.04
    assert abs(float(off[0].mean())) < error + 0.02


# ---- whole runs ----

BASES = [a + b for a in "XYZ" for b in "XYZ"]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    return analyse(taken_in(file_of(tmp_path_factory.mktemp("full") / "four.csv", bases=BASES, shots=3000), "full"))


def test_the_table_has_rows_of_the_mean_and_of_every_copy(full: Analysis) -> None:
    table = full.table
    assert [*table.columns].index("copy") == [*table.columns].index("time") + 1
    assert {*table["copy"]} == {MEAN, "0", "1", "2", "3"}
    assert {*table.loc[table["copy"] != MEAN, "pooling"]} == {""}
    assert {*table.loc[table["role"] == "fit", "copy"]} == {MEAN}
    points = table[table["role"] != "fit"]
    each = points.groupby("copy")[["observable"]].count()
    assert each["observable"].nunique() == 1
    again = pd.read_csv(io.StringIO(table.to_csv(index=False)))
    assert {*again["copy"]} == {MEAN, "0", "1", "2", "3"}


def test_what_is_biased_comes_from_summed_counts_and_says_so(full: Analysis) -> None:
    how = {name: one.how for name, one in full.copies.pooled.items()}
    assert {how["heat", "A"], how["energy", "A"], how["effective_beta", "A"]} == {"estimates"}
    assert {how["mutual_information", "AB"], how["concurrence", "AB"]} == {"summed counts"}
    told = rows(full.table, "mutual_information", "AB", MEAN)
    assert {*told["pooling"]} == {"summed counts"}
    # the bias that four copies of 3000 shots have is not in the sum
    sums, exact = told["value"].to_numpy(), told["ideal"].to_numpy()
    mean = full.copies.of(("mutual_information", "AB"))[:, 0].mean(axis=0)
    lowest = int(np.nanargmin(exact))
    assert mean[lowest] - sums[lowest] > 0.5 * rows(full.table, "mutual_information", "AB", MEAN)["stderr"].iloc[lowest]


def test_the_error_of_summed_counts_has_what_copies_differ_by(full: Analysis) -> None:
    name = ("entropy", "A")
    found, own = full.copies.pooled[name], full.copies.of(name)[:, 0]
    if found.how == "summed counts":
        # near linear, the jackknife of the sum is the scatter of the copies
        scatter = own.std(axis=0, ddof=1) / math.sqrt(len(own))
        shots = full.copies.of(name, "stderr")[:, 0].mean(axis=0) / math.sqrt(len(own))
        assert found.stderr[0] == pytest.approx(np.maximum(scatter, shots), rel=0.35)
    assert jackknife(np.array([1.0, 1.0, 1.0])) == 0.0


def test_no_copy_may_be_dropped_without_a_trace(full: Analysis) -> None:
    """Leaving one out moves the mean to the ends that are told."""
    own = full.copies.of(("heat", "A"))[:, 0]
    found = full.copies.pooled["heat", "A"]
    left = np.array([np.delete(own, c, axis=0).mean(axis=0) for c in range(4)])
    assert found.lowest[0, 1:] == pytest.approx(left.min(axis=0)[1:], abs=1e-9)
    assert found.highest[0, 1:] == pytest.approx(left.max(axis=0)[1:], abs=1e-9)


def test_the_fit_of_the_mean_has_the_scatter_of_the_copies(full: Analysis) -> None:
    fit = next(one for one in full.fits if (one.observable, one.subject) == ("energy", "A"))
    own = np.stack([e.quantities["energy", "A"].value[0] for e in full.copies.each])
    assert fit.oscillation.series.value == pytest.approx(own.mean(axis=0), abs=1e-12)
    # every copy fitted in the weights of the common fit
    each = np.array([fit.oscillation.gained_by(one, np.array([7.0]))[0] for one in own])
    scatter = each.std(ddof=1) / 2
    _, stderr = fit.oscillation.gained(np.array([7.0]))
    assert each.mean() == pytest.approx(float(fit.oscillation.gained(np.array([7.0]))[0][0]), abs=1e-9)
    assert stderr[0] >= scatter - 1e-12
    assert (
        stderr[0] >= replace(fit.oscillation, covariance=fit.oscillation.weights).gained(np.array([7.0]))[1][0] - 1e-12
    )
