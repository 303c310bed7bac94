"""Feedback and erasure: closed forms against matrices and against the circuits of the protocols; runs laid over."""

import numpy as np
import pandas as pd
import pytest

from analysis import analyse, write
from analysis.prediction import predict
from devices import execute, open_device
from protocols import RequestError, compile
from protocols.landauer_erasure import LandauerErasure
from protocols.maxwell_demon import MaxwellDemon
from reproduce import PAPERS, reproduce, reproduce_all
from reproduce.demon import closed
from reproduce.drawing import Overlay
from theory import Cache

T, EPS = 0.63, np.array([0.0, 0.04, 0.37, 1.0])


def ideal(experiment, observable):
    table = predict(experiment, {})
    return table[table["observable"] == observable]["ideal"].to_numpy()


def test_the_spread_of_one_shot_is_that_of_histories():
    x, eps = np.exp(-1 / T), EPS[1]
    p = np.array([1, x]) / (1 + x)
    joint = np.array([[p[0] * (1 - eps), p[0] * eps], [p[1] * eps, p[1] * (1 - eps)]])
    value = np.outer(p, joint.sum(axis=0)) / joint * np.exp(np.array([[0, -1], [0, 1]]) / T)
    assert (joint * value).sum() == pytest.approx(1, abs=1e-12)
    wanted = np.sqrt((joint * value**2).sum() - 1)
    assert float(closed.spread(T, EPS)[1]) == pytest.approx(wanted, abs=1e-12)
    assert np.isfinite(closed.spread(T, EPS)).all()
    assert closed.spread(T, np.array(1e-6)) / closed.spread(T, np.array(4e-6)) == pytest.approx(2, rel=1e-2)


def by_matrices(T, eps):
    """W, I, slack, <e^{W/T - i}> and <e^{W/T}> of the diagonal state of S and M, CNOT by CNOT."""
    x = np.exp(-1 / T)
    S, M = np.diag([1, x]) / (1 + x), np.diag([1 - eps, eps])
    to_M = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    to_S = np.array([[1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0]])
    before = np.kron(S, M)
    recorded = to_M @ before @ to_M.T
    after = to_S @ recorded @ to_S.T
    P = np.diagonal(recorded).reshape(2, 2)
    apart = P.sum(axis=1, keepdims=True) * P.sum(axis=0, keepdims=True)
    seen = P > 0
    i = np.log(np.where(seen, P, 1) / np.where(seen, apart, 1))
    # S is flipped where the record is 1: s' = s xor m
    gained = np.array([[0 - (s ^ m) + s for m in (0, 1)] for s in (0, 1)])

    def h(p):
        return -sum(q * np.log(q) for q in (p, 1 - p) if q > 0)

    energy = [np.diagonal(rho).reshape(2, 2).sum(axis=1)[1] for rho in (before, after)]
    information = float((P * i).sum())
    return (
        energy[0] - energy[1],
        information,
        information + h(energy[1]) - h(energy[0]),
        float((np.where(seen, P, 0) * np.exp(gained / T - i)).sum()),
        float((P * np.exp(gained / T)).sum()),
    )


def test_closed_forms_of_feedback_are_those_of_matrices():
    forms = (closed.work, closed.information, closed.slack, closed.average, closed.efficacy)
    for k, eps in enumerate(EPS):
        found = [float(form(T, EPS)[k]) for form in forms]
        np.testing.assert_allclose(found, by_matrices(T, eps), atol=1e-12)


def test_closed_forms_of_feedback_are_those_of_the_circuits():
    experiment = MaxwellDemon(T=T, record_error=EPS)
    for name, form in {
        "work": closed.work,
        "information": closed.information,
        "second_law_slack": closed.slack,
        "fluctuation_average": closed.average,
        "efficacy": closed.efficacy,
    }.items():
        np.testing.assert_allclose(ideal(experiment, name), form(T, EPS), atol=1e-12)


def test_heat_of_erasure_is_that_of_the_circuits_and_its_bound_the_area_under_the_curve():
    experiment = LandauerErasure(T=1.3, final_excitation=0.07, steps=[1, 2, 5])
    wanted = [closed.heat(1.3, 0.07, number) for number in (1, 2, 5)]
    np.testing.assert_allclose(ideal(experiment, "heat"), wanted, atol=1e-12)
    p = np.linspace(0.07, 0.5, 20_001)
    area = np.trapezoid(closed.gap(1.3, p), p)
    assert closed.bound(1.3, 0.07) == pytest.approx(area, abs=1e-8)
    assert ideal(experiment, "landauer_bound")[0] == pytest.approx(closed.bound(1.3, 0.07), abs=1e-12)
    # the excess falls as 1/K
    excess = [closed.heat(1.3, 0.07, number) - closed.bound(1.3, 0.07) for number in (1000, 2000)]
    assert excess[0] / excess[1] == pytest.approx(2, rel=1e-2)


def test_all_numbers_agree_but_the_one_that_the_page_calls_a_slip():
    figures = {name: offer.make(None) for name, offer in PAPERS["demon"].offers.items()}
    wrong = [one for figure in figures.values() for one in figure.comparisons if not one.agrees]
    assert [one.quantity for one in wrong] == ["T = 0.8, eps = 0.15: efficacy"]
    assert "slip" in " ".join(figures["average"].notes)
    # the area under each staircase is the heat of that many steps
    for number, curve in zip((1, 3, 8), figures["staircase"].panels[0][0].curves[1:], strict=True):
        assert np.trapezoid(curve.y, curve.x) == pytest.approx(closed.heat(0.7, 0.04, number), abs=1e-12)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    known = {}

    def made(experiment, shots=1000, **options):
        key = repr(experiment)
        if key not in known:
            program = compile(experiment, experiment.points(options), shots=shots)
            runs, about = tmp_path_factory.mktemp("runs"), {"draws": 20}
            record = execute(program, open_device("exact"), runs=runs, seed=4, about=about)
            write(analyse(record))
            known[key] = record.path
        return known[key]

    return made


@pytest.mark.slow
def test_a_run_lies_over_the_panel_of_its_temperature_and_no_other(run, tmp_path):
    path = run(MaxwellDemon(T=0.8, record_error=[0.1, 0.3]), control="none")
    found = reproduce("demon", tmp_path, figures="work", overlay=path)
    measured = pd.read_csv(tmp_path / "figure-work-measured.csv")
    assert set(measured["panel"]) == {"work-T-0p8", "left-T-0p8"}
    assert found.measured == 8
    for _, row in measured[measured["series"] == "information SM: T I"].iterrows():
        wanted = 0.8 * closed.information(0.8, np.array(row["record_error"]))
        assert row["low"] < wanted < row["high"]
    table = pd.read_csv(path / "derived" / "table.csv")
    main = table[(table["observable"] == "information") & (table["arm"] == "main")]
    mine = measured[measured["series"] == "information SM: T I"]
    np.testing.assert_allclose(mine["stderr"], 0.8 * main["stderr"])


def test_steps_are_drawn_at_one_over_their_number(run):
    overlay = Overlay.open(run(LandauerErasure(steps=[1, 4])))
    every = [one for offer in PAPERS["demon"].offers.values() for one in offer.measures]
    (points,) = overlay.fitting(every)
    assert points.x.tolist() == [1, 0.25]
    assert points.measure.panel == "heat-T-0p7-p-0p04"
    np.testing.assert_allclose(points.value, [closed.heat(0.7, 0.04, number) for number in (1, 4)], atol=0.02)


@pytest.mark.slow
def test_a_run_lies_over_every_paper_that_it_fits_and_no_paper_is_without_its_page(run, tmp_path, monkeypatch):
    papers = {name: PAPERS[name] for name in ("demon", "rodriguez-briones")}
    monkeypatch.setattr("reproduce.redrawing.PAPERS", papers)
    cache = Cache(directory=tmp_path / "cache")
    found = reproduce_all(tmp_path / "out", overlay=run(LandauerErasure(steps=[1, 4])), cache=cache)
    assert [one.measured for one in found.papers] == [2, 0]
    page = found.page.read_text()
    assert "2 measured points" in page
    assert "Measured points are those of run" in page
    assert "Measured points" not in found.papers[1].page.read_text()
    with pytest.raises(RequestError, match=r"T is 0\.5"):
        reproduce_all(tmp_path / "no", overlay=run(MaxwellDemon(T=0.5), shots=40), cache=cache)
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize(
    ("experiment", "figures", "says"),
    [
        pytest.param(
            MaxwellDemon(T=0.5),
            "work",
            r"in .* T is 0\.5\. Run maxwell-demon with --set T=0\.8, or choose other",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            LandauerErasure(T=0.7, final_excitation=0.1),
            None,
            r"final_excitation is 0\.1\. Run landauer-erasure with --set final_excitation=0\.04, or",
            marks=pytest.mark.slow,
        ),
        (LandauerErasure(steps=[1, 4]), "work", r"must be a run of maxwell-demon, but .* is one of landauer-erasure"),
        (LandauerErasure(steps=[1, 4]), "staircase", r"needs figures of what a circuit carries out"),
    ],
)
def test_a_run_with_other_parameters_is_told_which(run, tmp_path, experiment, figures, says):
    with pytest.raises(RequestError, match=says):
        reproduce("demon", tmp_path / "out", figures=figures, overlay=run(experiment, shots=40))
    assert not (tmp_path / "out").exists()
