"""Rows of the heat's statistics: closed form, members' exact probabilities, counts of the devices, errors that cover.

Truth is a closed form, or what a device gives on average; false-alarm rates stand with the tests.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from heat_statistics import STATES, Simulated, covered
from test_heat_statistics import B4, Case

from analysis.data import Counts
from analysis.evaluation import available
from analysis.intervals import Cells, Methods, estimates, exact_resolved, stored_cells
from analysis.pipeline import analyse
from analysis.prediction import predict
from devices import execute, open_device
from devices.record import exact_at
from protocols import Observable, compile
from protocols.heat_exchange import HeatExchange
from protocols.program import Sample

SCHEMED = ("heat_probability", "fluctuation_average", "heat_variance", "uncertainty_bound")
NEW = (*SCHEMED, "quasiprobability", "exchange_ratio", "uncertainty_ratio")
HALF_WAY = 3.9269908


def rows_of(table: Any) -> Any:
    return table[table["observable"].isin(NEW)].fillna({"scheme": ""})


def values(table: Any, column: str = "ideal") -> dict[tuple[str, str, str], float]:
    rows = rows_of(table)
    keys = zip(rows["observable"], rows["subject"], rows["scheme"], strict=True)
    return dict(zip(keys, rows[column], strict=True))


def experiment_of(name: str, case: Case) -> HeatExchange:
    """The column of the table as a protocol would be asked for it."""
    fields: dict[str, Any] = {"T_A": case.T[0], "T_B": case.T[1], "time": case.angle / 0.1}
    if name == "uncorrelated":
        return HeatExchange(correlation="none", **fields)
    if name == "coherent":
        alpha = abs(case.pair.coherence[0])
        return HeatExchange(correlation="coherent", alpha=alpha, correlation_phase=np.pi / 2, **fields)
    return HeatExchange(strength=0.8 if name == "weaker" else 1.0, **fields)


@pytest.mark.parametrize("name", B4)
def test_predict_has_every_number_of_the_table(name):
    case, expected = B4[name]
    table = predict(experiment_of(name, case), {"control": "dephased"})
    assert set(rows_of(table).get("arm", ["main"])) == {"main"}
    found = values(table)
    assert len(found) == 23
    near = {"abs": 1e-6}
    probability = {(subject, scheme): v for (o, subject, scheme), v in found.items() if o == "heat_probability"}
    up, down = expected["two-point"]
    assert probability["+1", "two-point"] == pytest.approx(up, **near)
    assert probability["-1", "two-point"] == pytest.approx(down, **near)
    moved = [probability[s, "margenau-hill"] for s in ("+1", "-1")]
    assert moved[0] - moved[1] == pytest.approx(expected["heat"], **near)
    for subject, q in zip(("01->01", "01->10", "10->01", "10->10"), expected["q"], strict=True):
        assert found["quasiprobability", subject, ""] == pytest.approx(q, **near)
    assert found["exchange_ratio", "AB", ""] == pytest.approx(expected["ratio"], **near)
    for scheme in ("jarzynski-wojcik", "classical-correlation", "quantum"):
        assert found["fluctuation_average", "AB", scheme] == pytest.approx(expected[scheme], **near)
    assert found["heat_variance", "A", "margenau-hill"] == pytest.approx(expected["variance"], **near)
    assert found["heat_variance", "A", "bayesian"] == pytest.approx(expected["bayesian"], **near)
    assert found["uncertainty_ratio", "AB", ""] == pytest.approx(expected["uncertainty"], rel=1e-6)
    assert found["uncertainty_bound", "AB", "steady-state"] == pytest.approx(expected["steady"], rel=5e-4)


@pytest.mark.parametrize(
    ("name", "total"),
    [("half-way", 0.4907463), ("best", 0.4609825), ("weaker", 0.2151404), ("coherent", 0.1299642)],
)
def test_the_mean_of_what_the_quantum_theorem_averages_is_heat_over_temperature_and_information(name, total):
    """<sigma + I> = beta.Q + I_0 >= 0, from the rows that there were before."""
    experiment = experiment_of(name, B4[name][0])
    table = predict(replace(experiment, time=[0.0, experiment.time]), {"control": "dephased"})
    main = table[table["arm"] == "main"]
    produced = main[(main["observable"] == "clausius_sum") & (main["time"] > 0)]["ideal"].item()
    information = main[(main["observable"] == "mutual_information") & (main["time"] == 0)]["ideal"].item()
    assert produced + information == pytest.approx(total, abs=1e-6)


# ---- the members' exact probabilities, which circuits are made of, against the closed form ----


def exact_sample(experiment: HeatExchange, control: str) -> tuple[Sample, Cells, tuple[Observable, ...]]:
    """A sample whose frequencies are the exact probabilities of every member."""
    points = experiment.points({"control": control})
    cells = stored_cells(points, len(points.arms), exact_at(experiment, points), "", experiment, ("A", "B"))
    seen = exact_resolved(experiment, points, ("ZZ",), ())
    seen = replace(seen, frequency=np.where(np.isfinite(seen.frequency), seen.frequency, 0.0))
    own = tuple(o for o in experiment.observables(points) if o.resolved is not None)
    return cells.sample({}, None, {(): seen}, np.full(len(cells.home), 1e-12)), cells, own


FAMILIES = {
    "two members": {"strength": 1.0},
    "four members": {"strength": 0.6, "correlation_phase": 0.4, "coupling_phase": -1.1},
    "A the colder": {"T_A": 0.7, "T_B": 1.9, "correlation_phase": -1.0},
    "equal": {"T_A": 1.3, "T_B": 1.3, "strength": 0.5},
    "coherent": {"correlation": "coherent", "alpha": -0.15, "correlation_phase": 1.0, "dephasing": 0.3},
    "inverted": {"T_A": -1.0, "T_B": -2.0},
    "none": {"correlation": "none", "T_A": 1.8, "T_B": 0.9},
}


@pytest.mark.parametrize("family", FAMILIES)
def test_exact_frequencies_of_the_members_give_the_closed_forms(family):
    experiment = HeatExchange(time=[0.0, 1.7, HALF_WAY, 9.3], **FAMILIES[family])
    sample, cells, own = exact_sample(experiment, "none,dephased")
    assert len(own) == 23
    main, exact = slice(0, 4), cells.exact()
    assert exact is not None
    for observable in own:
        with np.errstate(all="ignore"):
            found = observable.of(sample)
            found = (found if observable.through is None else observable.through(found))[main]
            ideal = observable.exactly(exact)[main] if observable.exactly else None
        assert ideal is not None
        # where nothing is exchanged a ratio is one of roundings
        kept = slice(1 if observable.name == "exchange_ratio" else 0, None)
        np.testing.assert_allclose(found[kept], ideal[kept], rtol=1e-9, atol=1e-11, err_msg=str(observable.key))


# ---- counts ----


@cache
def counted(shots: int, control: str = "dephased", bases: str = "ZZ", **fields: Any):
    """The analysis of a run on `exact`."""
    import tempfile
    from pathlib import Path

    experiment = HeatExchange(time=fields.pop("time", HALF_WAY), **fields)
    points = experiment.points({"control": control})
    program = compile(experiment, points, shots=shots, bases=bases, calibration_shots=shots)
    with tempfile.TemporaryDirectory() as runs:
        return analyse(execute(program, open_device("exact"), runs=Path(runs), seed=5), draws=100)


def test_counts_of_exact_agree_with_the_ideal():
    """22 values with a standard error, all beyond 4.5 of none: a false alarm in 2e-4 of seeds."""
    table = counted(20_000).table
    main = table[(table["time"] > 0) & table["observable"].isin(NEW)]
    assert len(main) == 23
    assert (main["interval"] == "stratified").all()
    assert (main["stderr"] > 0).all()
    assert ((main["value"] - main["ideal"]).abs() / main["stderr"]).max() < 4.5
    assert set(main["arm"]) == {"main"}


def test_two_thousand_shots_an_arm_show_the_negative_value_at_five_sigma():
    """Q is 0.57 of a hundred and a percent of it is known: expected 14 standard errors."""
    table = rows_of(counted(2_000).table)
    row = table[(table["subject"] == "10->01") & (table["time"] > 0)]
    assert (row["value"] / row["stderr"]).item() < -5


def test_errors_are_those_of_the_stratified_bootstrap(monkeypatch):
    """400 draws know a standard deviation to 3.5 %, 4.5 of which are 16 %; draws do not add two counts."""
    monkeypatch.setattr("analysis.data.resolved_errors.PSEUDO_COUNTS", 0.0)
    analysis = counted(5_000, strength=0.8)
    own = [o for o in analysis.observables if o.resolved is not None]
    methods = Methods(draws=400, intervals={o.name: "normal" for o in own})
    drawn = estimates(own, analysis.data, analysis.view, methods, 3)
    plain = estimates(own, analysis.data, analysis.view, Methods(), 3)
    there = int(np.flatnonzero(analysis.record.points.parameters["time"] > 0)[0])
    for one, other in zip(plain, drawn, strict=True):
        assert one.interval == "stratified"
        assert other.interval == "normal"
        if one.observable.through is None:
            width = (other.high - other.low)[there] / (2 * 1.959964)
            assert one.stderr[there] == pytest.approx(width, rel=0.16), one.observable.key


def test_rows_need_members_of_levels_and_their_reference():
    analysis = counted(2_000)
    own = [o for o in analysis.observables if o.resolved is not None]
    assert len(own) == 23
    data, view = analysis.data, analysis.view
    assert isinstance(data, Counts)
    assert available(own, data, replace(view, arms=("main", "none"))) == ()
    mixture = replace(data, observed=data.observed.sum(axis=1, keepdims=True), weight=np.ones((len(data.weight), 1)))
    assert available(own, mixture, view) == ()
    nominal = available(own, data, replace(view, home=np.full(len(view.home), -1)))
    assert {o.key for o in nominal} == {
        ("fluctuation_average (classical-correlation)", "AB"),
        ("fluctuation_average (quantum)", "AB"),
    }
    for options in ({"control": "none"}, {"control": "dephased", "preparation": "purified"}):
        points = HeatExchange(time=1.0).points(options)
        assert not [o for o in HeatExchange.observables(points) if o.resolved is not None]


def test_rows_that_were_there_before_are_not_changed_by_them():
    """What is asked for beside them leaves other rows as they are, bit for bit."""
    import pandas as pd

    analysis = counted(2_000)
    usual = [o for o in analysis.observables if o.resolved is None]
    alone = estimates(usual, analysis.data, analysis.view, analysis.methods, analysis.data.seed)
    table = analysis.table[~analysis.table["observable"].isin(NEW) & (analysis.table["role"] != "fit")]
    for one in alone:
        rows = table[(table["observable"] == one.observable.name) & (table["subject"] == one.observable.subject)]
        pd.testing.assert_series_equal(
            rows["value"].reset_index(drop=True), pd.Series(one.value + 0.0), check_names=False, check_exact=True
        )


# ---- intervals that cover ----


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shots", "reading", "state"),
    [(1_000, "none", "rank two"), (20_000, "ancilla", "strength 0.8"), (200, "measured", "strength 0.8")],
)
def test_intervals_cover(shots, reading, state):
    """120 runs: an interval that covers in 95 % is found at 0.875 or below in 1e-3 of rows, 4 % of choices of seeds."""
    found = covered(Simulated(fields=STATES[state], reading=reading, shots=shots), 120, seed=11)
    assert len(found) == {"none": 23}.get(reading, 33)
    assert min(found.values()) > 0.875, found
    assert np.mean(list(found.values())) == pytest.approx(0.955, abs=0.03), found


@pytest.mark.parametrize("reading", ["ancilla", pytest.param("measured", marks=pytest.mark.slow)])
def test_errors_of_a_first_reading_are_the_scatter_of_runs(reading):
    """60 runs know a standard deviation to 9 %, 4.5 of which are 41 %; readout and its calibration are in it."""
    simulated = Simulated(fields=STATES["strength 0.8"], reading=reading, shots=500)
    own, there = [o for o in simulated.observables if o.scheme == reading], simulated.there
    found = [estimates(own, data, simulated.cells, Methods(), 1) for data in simulated.runs(60, seed=5)]
    for row, observable in enumerate(own):
        values, errors = (np.array([getattr(run[row], name)[there] for run in found]) for name in ("value", "stderr"))
        assert errors.mean() == pytest.approx(values.std(ddof=1), rel=0.41), observable.key
        off = values.mean() - simulated.truth[observable.key]
        assert abs(off) < 4.5 * values.std() / np.sqrt(60), observable.key
