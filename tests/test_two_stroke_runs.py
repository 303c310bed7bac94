"""Runs of two-stroke-engine from circuits to verdict: sampled heats and work, regimes, imports of the same bits."""

import json

import numpy as np
import pandas as pd
import pytest
from conftest import Call, slow

from analysis import analyse
from analysis.figures import machine as machine_figure
from analysis.planning import plan
from devices import execute, open_device
from devices.imports import import_counts
from protocols import compile
from protocols.two_stroke_engine import TwoStrokeEngine

CYCLE = ("heat", "work", "work_by_side", "moved_excitation", "first_law_residual", "entropy_production")
SMALL = ("--set", "cycles=2", "--shots", 30_000, "--seed", 4, "--draws", 20)


def analysed(runs, shots, seed, options=None, device="exact", **fields):
    engine = TwoStrokeEngine(**fields)
    program = compile(engine, engine.points(options or {}), shots=shots)
    return analyse(execute(program, open_device(device), runs=runs, seed=seed), draws=20)


def pulls(table, names=CYCLE):
    """(value - ideal)/stderr of what is measured in a cycle, by observable, subject and cycle."""
    kept = table[table["observable"].isin(names) & table["value"].notna() & (table["stderr"] > 0)]
    kept = kept[kept["role"] == "point"]
    return ((kept["value"] - kept["ideal"]) / kept["stderr"]).set_axis(
        pd.MultiIndex.from_frame(kept[["observable", "subject", "cycle"]])
    )


def test_a_run_its_verdict_and_the_import_of_its_bits(call: Call, tmp_path, monkeypatch):
    """The same table and verdict from counts.csv alone; columns by cycle, work of the last one only."""
    said = call("run", "two-stroke-engine", "--device", "exact", *SMALL, "--control", "none", "--runs", tmp_path)
    assert said.status == 0, said.err
    assert "engine in cycle 2" in said.out
    assert "first law: Q_h + Q_c - W - dE" in said.out
    verdict = json.loads((said.run / "derived" / "verdict.json").read_text())
    assert verdict["regime"] == verdict["verdicts"][0]["regime"] == "engine"
    table = pd.read_csv(said.run / "derived" / "table.csv")
    found = pulls(table[table["arm"] == "main"])
    assert found.abs().max() < 5
    assert {("heat", "hot", 1.0), ("heat", "hot", 2.0), ("heat", "cold", 1.0), ("work", "hc", 2.0)} <= {*found.index}
    assert ("work", "hc", 1.0) not in found.index
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.csv").write_bytes((said.run / "counts.csv").read_bytes())
    again = call("import", "lab.csv", "--protocol", "two-stroke-engine", "--set", "cycles=2", "--draws", 20)
    assert again.status == 0, again.err
    other = json.loads((again.run / "derived" / "verdict.json").read_text())
    assert other["regime"] == "engine"
    assert other["verdicts"][0]["headline"] == verdict["verdicts"][0]["headline"]
    columns = ["observable", "subject", "cycle", "arm", "value", "stderr"]
    linear = table["observable"].isin(CYCLE)
    there = pd.read_csv(again.run / "derived" / "table.csv")
    pd.testing.assert_frame_equal(table[linear][columns], there[linear][columns])


def test_a_file_of_fewer_cycles_than_were_declared_says_which_columns_it_lacks(call: Call, tmp_path, monkeypatch):
    engine = TwoStrokeEngine(cycles=1)
    record = execute(compile(engine, engine.points({}), shots=400), open_device("exact"), runs=tmp_path, seed=1)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.csv").write_bytes((record.path / "counts.csv").read_bytes())
    said = call("import", "lab.csv", "--protocol", "two-stroke-engine", "--set", "cycles=3", "--draws", 2)
    assert said.status == 0, said.err
    assert "there is no column of bath_h_2, bath_c_2, bath_h_3, ... (circuits of cycles = 3; give" in said.out
    said = call("import", "lab.csv", "--protocol", "two-stroke-engine", "--gaps", "h=1,c=0.6")
    assert said.status == 2
    assert "--set gap_c=0.6" in said.complaint[0]


def test_heat_is_that_of_the_qubit_it_is_named_after(tmp_path):
    """Counts by hand: bath h goes from 0.3 to 0.2, bath c of gap 0.5 from 0.1 to 0.15, h and c stay unexcited."""
    rows = [(0, 1, 0, 300), (0, 0, 1, 100), (0, 0, 0, 600), (2, 1, 0, 200), (2, 0, 1, 150), (2, 0, 0, 650)]
    named = [{"stroke": s, "h": 0, "c": 0, "bath_h.1": a, "bath_c.1": b, "count": 20 * n} for s, a, b, n in rows]
    counts = pd.DataFrame([{"basis": "ZZZZ", **row} for row in named])
    record = import_counts(counts, experiment=TwoStrokeEngine(cycles=1, gap_c=0.5), runs=tmp_path)
    found = analyse(record, draws=2)
    table = found.table[found.table["stroke"] == 2].set_index(["observable", "subject"])["value"]
    expected = {"hot": 0.1, "cold": -0.025}
    for subject, heat in expected.items():
        assert table["heat", subject] == pytest.approx(heat, abs=1e-12)
    assert table["moved_excitation", "h"] == pytest.approx(0.1, abs=1e-12)
    assert table["moved_excitation", "c"] == pytest.approx(0.05, abs=1e-12)
    assert table["work", "hc"] == pytest.approx(0.5 * 0.075, abs=1e-12)
    assert table["first_law_residual", "hc"] == pytest.approx(0.075 - 0.0375, abs=1e-12)
    assert found.verdict.kind.value == "not balanced"


@pytest.mark.parametrize(
    ("fields", "regime"),
    [
        slow({}, "engine"),
        slow({"T_c": 0.7, "gap_c": 0.5}, "refrigerator"),
        slow({"gap_c": 1.5}, "accelerator"),
        slow({"gap_c": 0.5}, "none"),
        slow({"gap_c": 1.0}, "none"),
    ],
)
def test_the_regime_of_a_sampled_run(fields, regime, tmp_path):
    """60 000 shots: above 5 sigma where there is one, as the plan says; 20 values within 5 of theirs."""
    found = analysed(tmp_path, 60_000, 6, {"control": "none"}, cycles=6, **fields)
    assert found.verdict.regime == regime
    assert pulls(found.table).abs().max() < 5
    if regime != "none":
        assert found.verdict.sigma > 5
    figure = machine_figure(found)
    assert figure is not None
    assert len(figure.axes) == 2


@pytest.mark.slow
def test_a_sweep_of_the_gap_passes_through_every_regime(tmp_path):
    found = analysed(tmp_path, 120_000, 2, cycles=5, gap_c=[0.3, 0.5, 0.8, 1.0, 1.3])
    regimes = [verdict.regime for verdict in found.verdicts]
    assert regimes == ["refrigerator", "none", "engine", "none", "accelerator"]
    assert pulls(found.table).abs().max() < 5
    assert "sweeps" in found.headline


@pytest.mark.slow
def test_pulls_of_heats_and_work_have_unit_variance(tmp_path):
    """40 seeds x 6 quantities of the last cycle: the variance of 40 normal numbers is within 0.45..1.8 at 1e-3 a tail,
    that of all of them together, whose effective number is about 100, within 0.75..1.3."""
    rows = [pulls(analysed(tmp_path / str(s), 4000, s, cycles=2).table) for s in range(40)]
    table = pd.DataFrame(rows).loc[:, [("heat", "hot", 2.0), ("heat", "cold", 2.0), ("work", "hc", 2.0)]]
    for column in table:
        assert 0.45 < table[column].var() < 1.8
        assert abs(table[column].mean()) < 4 / np.sqrt(40)
    assert 0.75 < np.mean(table.to_numpy() ** 2) < 1.3


@pytest.mark.slow
def test_an_engine_on_a_noisy_chip(tmp_path):
    """Model of ibm_fez, 60 000 shots, three cycles of 6 CZ with two resets: named beside its control.

    Gates create about as many excitations as go over; both sides have them in the control as well."""
    found = analysed(tmp_path, 60_000, 1, {"control": "none"}, device="aer:fake_fez", cycles=3)
    assert found.verdict.regime == "engine"
    assert found.verdict.value / found.verdict.stderr > 5
    still = found.table[(found.table["arm"] == "none") & (found.table["observable"] == "work")].dropna(subset="value")
    assert (still["value"].abs() < 3 * still["stderr"]).all()


@pytest.mark.slow
def test_the_plan_promises_what_simulated_runs_do(tmp_path):
    engine = TwoStrokeEngine(cycles=2)
    program = compile(engine, engine.points({"control": "none"}), shots=6000)
    (naming,) = plan(program, open_device("exact")).namings
    assert naming.regime == "engine"
    named = [analysed(tmp_path / str(s), 6000, s, {"control": "none"}, cycles=2).verdict.regime for s in range(40)]
    share = np.mean([one == "engine" for one in named])
    assert share == pytest.approx(naming.power[3.0], abs=4 * np.sqrt(0.25 / 40))
    assert {*named} <= {"engine", "none"}


@pytest.mark.slow
def test_the_plan_finds_the_best_operating_point():
    """Full swaps are the most: W = (1 - g)(p_h - p_c), largest at the root of its derivative."""
    from scipy.optimize import minimize_scalar

    from analysis.planning.machines import tunings

    engine = TwoStrokeEngine(cycles=4)
    found = tunings(engine, engine.machine, {}, "engine")

    def work(g):
        return (1 - g) * (1 / (1 + np.exp(1 / 0.8)) - 1 / (1 + np.exp(g / 0.4)))

    best = minimize_scalar(lambda g: -work(g), bounds=(0.5, 1), method="bounded").x
    together = found[-1]
    assert together.best["gap_c"] == pytest.approx(best, abs=2e-3)
    assert together.best["heat_angle"] == pytest.approx(np.pi / 2, abs=1e-3)
    assert together.best["work_angle"] == pytest.approx(np.pi / 2, abs=1e-3)
    assert together.most == pytest.approx(work(best), rel=1e-4)
    assert tunings(engine, engine.machine, {}, "accelerator") == ()


@pytest.mark.parametrize(
    ("fields", "regime", "told"),
    [
        ({"T_h": 0.3, "T_c": 0.9, "gap_c": 0.6}, "accelerator", "the bath called hot is the colder one"),
        ({"T_h": 0.4, "T_c": 0.8, "gap_c": 1.5}, "engine", "the bath called hot is the colder one"),
        ({"T_h": 0.6, "T_c": 0.6, "gap_c": 0.6}, "none", "neither bath is the colder one: T_h = T_c = 0.6"),
    ],
)
def test_baths_have_their_roles_by_temperature_and_not_by_name(fields, regime, told, tmp_path):
    found = analysed(tmp_path, 200_000, 2, cycles=2, **fields)
    assert found.verdict.regime == regime
    text = " ".join([found.verdict.headline, *found.verdict.details])
    assert told in text
    if regime != "none":
        assert "drawn from the hotter bath (called cold)" in text
    else:
        assert "without a colder one only a heater has a name" in text
    engine = TwoStrokeEngine(cycles=2, **fields)
    (naming,) = plan(compile(engine, engine.points({}), shots=20_000), open_device("exact")).namings
    assert naming.regime == ("" if regime == "none" else regime)
