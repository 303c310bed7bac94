"""Statistics of heat in whole runs: a chip against its noise model, report, JSON, import, verdict, figure."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Call
from matplotlib.patches import Rectangle

from analysis import Analysis, analyse
from analysis.estimate_arrays import gathered
from analysis.evaluation import ideal_values
from analysis.figures import caption, heat_statistics
from analysis.intervals import Methods, estimates
from analysis.planning.expectation import counted
from analysis.verdict.beside import fluctuations
from analysis.verdict.question import VerdictInputs, sweep_tables
from analysis.verdict.wording.verdict import sentence
from devices import RunRecord, execute, open_device
from devices.simulators import known_probabilities
from protocols import compile
from protocols.heat_exchange import HeatExchange

HALF_WAY = 3.9269908
MOVES = ("01->01", "01->10", "10->01", "10->10")


def measured(runs: Path, device: str, *, shots: int = 4_000, seed: int = 3, **fields: Any) -> Analysis:
    experiment = HeatExchange(**{"time": HALF_WAY, **fields})
    program = compile(
        experiment, experiment.points({"control": "none,dephased"}), shots=shots, bases="ZZ", calibration_shots=shots
    )
    return analyse(execute(program, open_device(device), runs=runs, seed=seed), draws=10)


def by_noise_model(analysis: Analysis, device: str, **fields: Any) -> dict[tuple[str, str], np.ndarray]:
    """What the device gives on average, member by member and through its readout, as an analysis reads it."""
    experiment = HeatExchange(**{"time": HALF_WAY, **fields})
    start = analysis.record.start
    program = compile(
        experiment,
        experiment.points({"control": "none,dephased"}),
        shots=start["shots"],
        bases="ZZ",
        calibration_shots=start["calibration_shots"],
    )
    opened = open_device(device)
    plan = opened.prepare(program, start["seed"])
    data = counted(plan, known_probabilities(plan, opened))
    own = [o for o in analysis.observables if o.resolved is not None]
    return {one.observable.key: one.value for one in estimates(own, data, analysis.view, Methods(), 1)}


@pytest.mark.parametrize(
    ("device", "shots"),
    [("exact:white=0.05", 4_000), pytest.param("aer:fake_fez", 20_000, marks=pytest.mark.slow)],
)
def test_a_noisy_device_gives_what_its_noise_model_says(tmp_path, device, shots):
    """23 values beside what is expected of them, all within 4.5 standard errors: a false alarm in 2e-4 of seeds."""
    analysis = measured(tmp_path, device, shots=shots)
    expected = by_noise_model(analysis, device)
    there = int(np.flatnonzero(analysis.view.parameters["time"] > 0)[0])
    found = analysis.estimates.quantities
    for key, value in expected.items():
        z = (found[key].value.ravel()[there] - value[there]) / found[key].stderr.ravel()[there]
        assert abs(z) < 4.5, (key, z)
    negative = found["quasiprobability", "10->01"]
    assert negative.value.ravel()[there] < -5 * negative.stderr.ravel()[there]
    # noise fills levels that the pair did not have, and no level that it had loses more than the others
    assert expected["fluctuation_average (quantum)", "AB"][there] < 0.7210589


def details(analysis: Analysis) -> str:
    (verdict,) = analysis.verdicts
    return "\n".join(verdict.details)


def test_the_verdict_says_what_errors_carry_and_nothing_else(tmp_path):
    sure = details(measured(tmp_path, "exact", shots=4_000))
    assert "quasiprobability of heat is negative: Re q(10->01) = -0.0" in sure
    assert "gap beyond the semiclassical bound" in sure
    assert sure.count("agrees with the") == 3
    assert "the correlation pays for it" in sure
    few = details(measured(tmp_path, "exact", shots=60))
    assert "quasiprobability of heat is negative" not in few
    assert "no negative quasiprobability of heat is shown" in few
    plain = details(measured(tmp_path, "exact", correlation="none", T_A=1.8, T_B=0.9))
    assert plain.count("= 1, holds within errors") == 3
    assert "no negative quasiprobability of heat is shown" in plain
    assert "nowhere shown to be below" in plain


def test_relaxation_breaks_the_quantum_theorem_upwards(tmp_path):
    """Of full rank it is 1 for every unital channel; counts as if a tenth of the excitations of A had decayed."""
    analysis = measured(tmp_path, "exact", shots=20_000, strength=0.7)
    observed = analysis.data.observed.copy()
    lost = observed[..., 2:] // 10
    observed[..., 2:] -= lost
    observed[..., :2] += lost
    data = replace(analysis.data, observed=observed)
    own = [o for o in analysis.observables if o.resolved is not None]
    exact = list(zip(own, ideal_values(own, analysis.view), strict=True))
    found = gathered(
        exact,
        analysis.record.points,
        analysis.estimates.arms,
        "time",
        estimates(own, data, analysis.view, Methods(), 1),
    )
    inputs = VerdictInputs(sides=("A", "B"), closed=True, goal=None, apart=None, bounds={})
    (sweep,) = sweep_tables(found, (), (), inputs)
    said = [sentence(one) for one in fluctuations(sweep, ("A", "B"))]
    (quantum,) = [text for text in said if "with the quantum correlation" in text]
    assert "does not hold: 1.0" in quantum
    assert "relaxation (T1) lifts it" in quantum


def test_the_figure_has_the_numbers_of_the_table(tmp_path):
    analysis = measured(tmp_path, "exact", time=np.array([0.0, 2.0, HALF_WAY, 7.0]))
    figure = heat_statistics(analysis)
    assert figure is not None
    table = analysis.table
    lowest = table[(table["scheme"] == "margenau-hill") & (table["observable"] == "heat_probability")]
    time = lowest.loc[lowest["value"].idxmin(), "time"]
    chosen = table[(table["observable"] == "heat_probability") & (table["time"] == time)]
    bars = [one for one in figure.axes[0].patches if isinstance(one, Rectangle)]
    drawn = sorted(one.get_height() for one in bars)
    assert drawn == pytest.approx(sorted(chosen["value"]), abs=1e-12)
    assert len(drawn) == 9
    lines = [line.get_ydata() for line in figure.axes[2].lines]
    assert any(np.allclose(np.asarray(y, dtype=float), 1) for y in lines)


def read_first(runs: Path, control: str) -> Analysis:
    experiment = HeatExchange(time=np.array([0.0, HALF_WAY]), correlation_phase=0.7)
    points = experiment.points({"control": control, "first-reading": "ancilla"})
    program = compile(experiment, points, shots=500, bases="ZZ")
    return analyse(execute(program, open_device("exact"), runs=runs, seed=3), draws=10)


@pytest.mark.parametrize(
    ("control", "panels", "re"), [("dephased", 4, 1), pytest.param("", 2, 0, marks=pytest.mark.slow)]
)
def test_the_figure_of_a_first_reading_has_both_parts(tmp_path, control, panels, re):
    """Beside what two arms give, or alone."""
    analysis = read_first(tmp_path, control)
    figure = heat_statistics(analysis)
    assert figure is not None
    labels = [one.get_ylabel() for one in figure.axes]
    assert len(labels) == panels
    assert labels[re : re + 2] == ["Re q(i -> f)", "Im q(i -> f)"]
    table = analysis.table[analysis.table["observable"] == "quasiprobability_imaginary"]
    drawn = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in figure.axes[re + 1].lines])
    assert set(table["value"].round(9)) <= set(drawn.round(9))
    assert ("open: by a first reading" in caption("heat_statistics", analysis)) == bool(control)


def test_a_run_without_the_arm_has_neither_rows_nor_figure(tmp_path):
    experiment = HeatExchange(time=HALF_WAY)
    program = compile(experiment, experiment.points({"control": "none"}), shots=200, bases="ZZ")
    analysis = analyse(execute(program, open_device("exact"), runs=tmp_path, seed=1), draws=10)
    assert "scheme" not in analysis.table
    assert heat_statistics(analysis) is None


@pytest.mark.slow
def test_run_report_json_and_import_of_its_counts(call: Call, tmp_path):
    """The imported counts give the table of the run, byte for byte."""
    words = ["run", "heat-exchange", "--device", "exact", "--set", f"time={HALF_WAY}", "--bases", "ZZ"]
    words += ["--control", "none,dephased", "--shots", "2000", "--draws", "10", "--runs", tmp_path]
    said = call(*words, "--json")
    assert said.status == 0, said.err
    answer = json.loads(said.out)
    kinds = {one["kind"] for one in answer["verdicts"][0]["findings"]}
    assert {"quasiprobability", "fluctuation theorem", "uncertainty"} <= kinds
    run = Path(answer["run"])
    report = (run / "derived" / "report.html").read_text()
    assert "Heat as a distribution" in report
    assert "quasiprobability of heat is negative" in report
    assert (run / "derived" / "heat_statistics.png").stat().st_size > 0
    back = call("import", run / "counts.csv", "--protocol", "heat-exchange", "--draws", "10", "--runs", tmp_path / "in")
    assert back.status == 0, back.err
    imported = back.run / "derived" / "table.csv"
    mine, theirs = (pd.read_csv(path) for path in (run / "derived" / "table.csv", imported))
    assert set(mine["scheme"].dropna()) >= {"two-point", "margenau-hill", "bayesian", "quantum"}
    assert imported.read_bytes() == (run / "derived" / "table.csv").read_bytes(), (mine, theirs)
    assert RunRecord.open(back.run).start["arms"] == ["main", "none", "dephased"]
