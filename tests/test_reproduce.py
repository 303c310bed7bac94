"""The papers' figures redrawn: digits read back from the CSVs, points of runs laid over them, what is refused."""

import csv
import re

import numpy as np
import pandas as pd
import pytest

from analysis import analyse, write
from devices import execute, open_device
from protocols import RequestError, compile, load
from protocols.heat_exchange import HeatExchange
from protocols.heat_pump import HeatPump
from protocols.program import build
from reproduce import PAPERS, reproduce
from reproduce.drawing import REFERENCE, Comparison, Context
from reproduce.holdsworth_kawai import numbers, sampled, transient
from reproduce.pairs import SETS
from theory import Cache


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A small run of Fig. 1, with its control."""
    experiment = HeatExchange(time=np.array([0.0, 3.926991, 7.853982]))
    program = compile(experiment, experiment.points({"control": "none"}), shots=2000)
    record = execute(program, open_device("exact"), runs=tmp_path_factory.mktemp("runs"), seed=2, about={"draws": 50})
    write(analyse(record))
    return record.path


@pytest.fixture(scope="module")
def closed(tmp_path_factory, run):
    return reproduce("holdsworth-kawai", tmp_path_factory.mktemp("closed"), figures="2,1", overlay=run)


@pytest.fixture(scope="module")
def micadei(tmp_path_factory):
    return reproduce("micadei", tmp_path_factory.mktemp("micadei"))


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return Cache(directory=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def dissipative(tmp_path_factory, cache):
    """Figs. 4 to 6 with set P alone, whose hierarchy is the smallest."""
    out = tmp_path_factory.mktemp("dissipative")
    return reproduce("holdsworth-kawai", out, figures="4,5,6", cache=cache, sets={"P": SETS["P"]})


def curve(reproduction, name):
    """Time and value of one CSV."""
    table = pd.read_csv(reproduction.page.parent / f"figure-{name}.csv")
    return table.iloc[:, 0].to_numpy(), table.iloc[:, 1].to_numpy(), table


def at(reproduction, name, time):
    x, y, _ = curve(reproduction, name)
    return y[np.argmin(np.abs(x - time))]


HOLDSWORTH = {
    "0": [(0.10860, 0.63730, 0.59545), (0.07679, 0.64191, 0.60223), (0, 0.64648, 0.60898)],
    "plus-pi-2": [(0.10860, 0.63730, 0.59545), (-0.37384, 0.52743, 0.44157), (-0.63730, 0.10860, 0.03204)],
    "minus-pi-2": [(0.10860, 0.63730, 0.59545), (0.52743, 0.37384, 0.25402), (0.63730, 0.10860, 0.03204)],
}
"""core.md section 3, at multiples of pi/(8 Omega)."""


@pytest.mark.parametrize("delta", HOLDSWORTH)
def test_the_curves_of_figures_1_and_2_carry_the_reference_digits(closed, delta):
    for stem in ("1-", "2-T_A-2-T_B-1-"):
        for k, row in enumerate(HOLDSWORTH[delta]):
            for name, value in zip(("energy-difference", "concurrence", "mutual-information"), row, strict=True):
                found = at(closed, f"{stem}{name}-delta-{delta}", k * np.pi / 0.8)
                assert found == pytest.approx(value, abs=6e-6)


@pytest.mark.parametrize(
    ("stem", "highest", "when"),
    [
        ("2-T_A-2-T_B-1", 0.646482, 7.010056),
        ("2-T_A-1p5-T_B-1p5", 0.678487, 7.853982),
        ("2-T_A-1-T_B-2", 0.646482, 8.697908),
    ],
)
def test_the_largest_energy_difference_is_where_it_should_be_at_every_temperature(closed, stem, highest, when):
    x, y, table = curve(closed, f"{stem}-energy-difference-delta-minus-pi-2")
    assert y.max() == pytest.approx(highest, abs=6e-7)
    assert x[y.argmax()] == pytest.approx(when, abs=6e-7)
    assert set(table["status"]) == {"exact"}
    _, other, _ = curve(closed, f"{stem}-energy-difference-delta-plus-pi-2")
    assert other.min() == pytest.approx(-highest, abs=1e-3)


MICADEI = {
    "energies-E-A-correlated": (1.14360, 1.65944, 1.86530, 1.65168, 1.01458),
    "energies-E-B-correlated": (1.00980, 0.49396, 0.28810, 0.50172, 1.13882),
    "heat-Q-A-correlated": (0, 0.51584, 0.72170, 0.50808, -0.12902),
    "mutual-information-I-correlated": (0.25271, 0.14656, 0.04834, 0.14953, 0.25290),
    "geometric-discord-D-G-correlated": (0.07220, 0.03301, 0.00000, 0.03406, 0.07227),
    "energies-E-A-uncorrelated": (1.20608, 1.16823, 1.07479, 0.97549, 0.92141),
    "heat-Q-A-uncorrelated": (0, -0.03786, -0.13129, -0.23060, -0.28467),
    "mutual-information-I-uncorrelated": (0, 0.00287, 0.00618, 0.00383, 0.00000),
}
"""core.md section 4."""


@pytest.mark.parametrize("name", MICADEI)
def test_the_curves_of_micadei_carry_the_reference_digits(micadei, name):
    for time, value in zip((0, 0.55238, 1.10476, 1.65714, 2.32), MICADEI[name], strict=True):
        assert at(micadei, name, time) == pytest.approx(value, abs=6e-6)


def test_micadei_obeys_the_clausius_inequality_and_says_that_its_inputs_are_not_verified(micadei):
    for arm in ("correlated", "uncorrelated"):
        assert curve(micadei, f"clausius-slack-{arm}")[1].min() > -1e-12
    assert curve(micadei, "clausius-clausius-correlated")[1].min() == pytest.approx(-0.02935, abs=1e-5)
    _, _, table = curve(micadei, "energies-E-A-correlated")
    assert table["inferred"].str.contains("not verified").all()
    page = micadei.page.read_text()
    assert page.count("not verified against the paper") >= 6
    assert "time [ms]" in table.columns[0]


def test_the_transient_of_set_p_has_the_reference_numbers(monkeypatch):
    """Its first 16, at one size of the hierarchy; the rest, and that the numbers are converged, in the slow tier."""
    monkeypatch.setattr("reproduce.holdsworth_kawai.transients.TIMES", np.linspace(0, 16, 161))
    own = transient(SETS["P"], Context(cache=None))
    assert sampled(own)["concurrence dies, first sample without it"] == pytest.approx(4.5)
    assert sampled(own)["Sigma_0 becomes positive, first sample"] == pytest.approx(14.7)
    assert own.energy_difference.max() == pytest.approx(0.481, rel=2e-3)


@pytest.mark.slow
def test_figures_with_baths_carry_the_reference_digits_of_set_p(dissipative):
    values = {}
    for figure in "456":
        rows = pd.read_csv(dissipative.page.parent / f"figure-{figure}-numbers.csv")
        values |= dict(zip(rows["quantity"] + " | " + rows["source"], rows["ours"], strict=True))
    wanted = {
        "efficiency, first cycle (system)": 0.18629,
        "efficiency, first cycle (bath)": 0.15009,
        "efficiency, periodic cycle": 0.18475,
        "Q_A, periodic cycle": -0.21823,
        "Q_B, periodic cycle": 0.22002,
        "concurrence dies, first sample without it": 4.5,
        "largest SED": 0.481,
        "Sigma_0 becomes positive, first sample": 14.7,
    }
    for name, value in wanted.items():
        assert values[f"set P: {name} | {REFERENCE}"] == pytest.approx(value, rel=2e-3)
    _, heat, table = curve(dissipative, "6-heat-Q-B-system-set-P")
    assert heat[-1] == pytest.approx(0.186293 * 2 * 0.595453 + 4 * 0.22002, rel=1e-3)
    assert set(table["status"]) == {"converged"}


@pytest.mark.slow
def test_every_figure_with_baths_names_its_cut_off_and_that_it_is_inferred(dissipative):
    page = re.sub(r"<svg.*?</svg>", "", dissipative.page.read_text(), flags=re.DOTALL)
    sections = page.split("<h2 ")[1:]
    assert len(sections) == 3
    for section in sections:
        caption = section.partition("</figcaption>")[0]
        assert "\u03b3 = 1.5, both inferred" in caption
        assert "does not state its spectral cut-off" in section
        assert "converged to 0.002" in section
    for path in dissipative.page.parent.glob("figure-[456]-*set-P.csv"):
        assert pd.read_csv(path)["inferred"].str.contains("cut-off gamma = 1.5, both inferred").all()


@pytest.mark.slow
def test_a_second_time_everything_comes_from_the_cache(dissipative, cache, tmp_path, monkeypatch):
    def never(*_):
        raise AssertionError

    monkeypatch.setattr("theory.hierarchy.propagate", never)
    monkeypatch.setattr("theory.pump.propagate", never)
    monkeypatch.setattr("reproduce.redrawing.made", lambda offer, paper, name, context: offer.make(context))
    again = reproduce("holdsworth-kawai", tmp_path, figures="4,5,6", cache=cache, sets={"P": SETS["P"]})
    assert again.page.read_text() == dissipative.page.read_text()


@pytest.mark.slow
def test_what_is_not_converged_is_said_on_the_page_and_in_the_csv(dissipative, cache, tmp_path, monkeypatch):
    from reproduce.holdsworth_kawai import transients as _transient

    real = _transient.converge
    monkeypatch.setattr(_transient, "converge", lambda numbers, pair: real(numbers, pair, tolerance=1e-9))
    # only the hierarchy is taken from the cache, not the figure that was made with another tolerance
    monkeypatch.setattr("reproduce.redrawing.made", lambda offer, paper, name, context: offer.make(context))
    made = reproduce("holdsworth-kawai", tmp_path, figures="4", cache=cache, sets={"P": SETS["P"]})
    assert "NOT CONVERGED to 1e-09" in made.page.read_text()
    assert set(pd.read_csv(tmp_path / "figure-4-concurrence-set-P.csv")["status"]) == {"not converged"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("S", (4.7, 9.7, 17.5, 13.5, 10.8, 0.115, 0.509, 6.3)),
        ("B", (5.3, 9.1, 18.9, 14.2, 12.9, 0.209, 0.550, 6.5)),
    ],
)
def test_transients_of_the_other_sets_have_the_reference_numbers(name, expected, cache):
    context = Context(cache=cache)
    own, normal = (transient(SETS[name], context, correlated=c) for c in (True, False))
    found, seen = numbers(own, normal), sampled(own)
    values = (
        *seen.values(),
        found["Sigma at t = 30, correlated over uncorrelated"],
        found["largest revived concurrence"],
        found["largest SED"],
        found["time of the largest SED"],
    )
    np.testing.assert_allclose(values, expected, rtol=5e-3)
    # the same events in continuous time lie within the sampling step
    assert 0 < seen["concurrence dies, first sample without it"] - found["concurrence dies"] < 0.1
    assert found["least Sigma"] > -1e-9


def test_measured_points_are_laid_over_with_their_errors(closed, run):
    measured = pd.read_csv(closed.page.parent / "figure-1-measured.csv")
    table = pd.read_csv(run / "derived" / "table.csv")
    rows = table[(table["observable"] == "concurrence") & (table["arm"] == "main")]
    mine = measured[measured["panel"] == "concurrence"]
    np.testing.assert_allclose(mine["time [hbar/gap]"], rows["time"])
    for column in ("value", "stderr", "low", "high"):
        np.testing.assert_allclose(mine[column], rows[column])
    assert set(measured["series"].str.partition(": ")[2]) == {"delta = -pi/2"}
    assert "9 measured points" in closed.page.read_text()
    assert closed.measured == 18


def test_the_control_arm_is_laid_over_the_uncorrelated_curve(run):
    from reproduce.drawing import Overlay

    measures = PAPERS["holdsworth-kawai"].offers["4"].measures
    fitting = {p.measure.label for p in Overlay.open(run).fitting(measures)}
    assert fitting == {"delta = -pi/2, no baths", "uncorrelated, no baths"}


def test_heat_is_laid_over_the_pump_as_energy_that_leaves_a_bath(tmp_path):
    from reproduce.drawing import Overlay

    experiment = HeatExchange(time=[0.0, 5.9, 20.0])
    program = compile(experiment, experiment.points(), shots=2000)
    record = execute(program, open_device("exact"), runs=tmp_path, seed=2, about={"draws": 20})
    write(analyse(record))
    hot, cold = Overlay.open(record.path).fitting(PAPERS["holdsworth-kawai"].offers["6"].measures)
    assert hot.measure.label.endswith("isolated stroke of 5.9")
    assert hot.rows["value"].item() < 0 < cold.rows["value"].item()
    assert hot.rows["low"].item() < hot.rows["value"].item() < hot.rows["high"].item()
    assert hot.rows["stderr"].item() > 0


def test_a_run_of_the_pump_is_laid_over_at_the_ends_of_its_cycles(tmp_path):
    from reproduce.drawing import Overlay

    experiment = HeatPump(cycles=[0, 1, 2])
    program = compile(experiment, experiment.points(), shots=400, bases="energies")
    record = execute(program, open_device("exact"), runs=tmp_path, seed=2, about={"draws": 20})
    write(analyse(record))
    hot, cold = Overlay.open(record.path).fitting(PAPERS["holdsworth-kawai"].offers["6"].measures)
    assert hot.x.tolist() == cold.x.tolist() == [0, 400, 800]
    assert (np.diff(hot.rows["value"]) < 0).all()
    assert (np.diff(cold.rows["value"]) > 0).all()
    assert not Overlay.open(record.path).fitting(PAPERS["holdsworth-kawai"].offers["1"].measures)


def test_a_run_of_micadei_is_laid_over_in_its_units(tmp_path):
    experiment = build(HeatExchange, {**HeatExchange.presets["micadei"].values, "time": "0ms:1.1ms:2"})
    program = compile(experiment, experiment.points({"control": "none"}), shots=2000)
    record = execute(program, open_device("exact"), runs=tmp_path, seed=2, about={"draws": 20})
    write(analyse(record))
    reproduce("micadei", tmp_path / "out", figures="heat,geometric-discord", overlay=record.path)
    measured = pd.read_csv(tmp_path / "out" / "figure-heat-measured.csv")
    last = measured[(measured["series"] == "heat A: A, correlated") & (measured["time [ms]"] > 1)].iloc[0]
    assert last["time [ms]"] == pytest.approx(1.1)
    assert last["value"] == pytest.approx(0.7217, abs=5 * last["stderr"])
    assert (tmp_path / "out" / "figure-geometric-discord-measured.csv").exists()


def test_a_rotated_frame_is_the_same_experiment(tmp_path):
    from reproduce.drawing import Overlay

    experiment = HeatExchange(time=[0.0, 5.0], coupling_phase=0.8, correlation_phase=np.pi / 2 + 0.8)
    program = compile(experiment, experiment.points(), shots=400)
    record = execute(program, open_device("exact"), runs=tmp_path, seed=2, about={"draws": 20})
    write(analyse(record))
    found = Overlay.open(record.path).fitting(PAPERS["holdsworth-kawai"].offers["1"].measures)
    assert {p.measure.label for p in found} == {"delta = -pi/2"}


def test_a_run_that_does_not_fit_is_refused_before_anything_is_computed(run, tmp_path, monkeypatch):
    monkeypatch.setattr("reproduce.redrawing.writable", lambda out: pytest.fail("went on"))
    with pytest.raises(RequestError, match="`overlay` must start in a state of the figures"):
        reproduce("micadei", tmp_path / "out", overlay=run)
    assert not (tmp_path / "out").exists()


def test_a_directory_that_is_no_run_of_the_exchange_is_refused(tmp_path):
    with pytest.raises(RequestError, match="`overlay` must be a finished run"):
        reproduce("micadei", tmp_path / "out", overlay=tmp_path)
    experiment = load("coherence-reversal")()
    program = compile(experiment, experiment.points(), shots=60)
    record = execute(program, open_device("exact"), runs=tmp_path / "runs", seed=1)
    with pytest.raises(
        RequestError, match=r"heat-exchange or heat-pump or open-exchange, but .* is one of coherence-reversal"
    ):
        reproduce("holdsworth-kawai", tmp_path / "out", overlay=record.path)


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "point,value,high\n0,1,1\n"])
def test_a_damaged_table_is_refused(content, tmp_path):
    experiment = HeatExchange(time=[0.0, 6.0])
    program = compile(experiment, experiment.points(), shots=60)
    record = execute(program, open_device("exact"), runs=tmp_path, seed=1)
    (record.path / "derived").mkdir()
    (record.path / "derived" / "table.csv").write_text(content)
    with pytest.raises(RequestError, match=r"is damaged: hotward analyse"):
        reproduce("holdsworth-kawai", tmp_path / "out", figures="1", overlay=record.path)


def test_a_run_without_a_time_near_the_stroke_has_no_point_over_the_pump(tmp_path):
    from reproduce.drawing import Overlay

    experiment = HeatExchange(time=[0.0, 20.0])
    program = compile(experiment, experiment.points(), shots=400)
    record = execute(program, open_device("exact"), runs=tmp_path, seed=2, about={"draws": 20})
    write(analyse(record))
    assert not Overlay.open(record.path).fitting(PAPERS["holdsworth-kawai"].offers["6"].measures)


def test_figures_without_baths_need_no_cache_and_leave_no_points_of_an_earlier_overlay(tmp_path, run):
    (tmp_path / "file").write_text("")
    nowhere = Cache(directory=tmp_path / "file" / "cache")
    reproduce("holdsworth-kawai", tmp_path / "out", figures="1", overlay=run, cache=nowhere)
    assert (tmp_path / "out" / "figure-1-measured.csv").exists()
    reproduce("holdsworth-kawai", tmp_path / "out", figures="1", cache=nowhere)
    assert not (tmp_path / "out" / "figure-1-measured.csv").exists()


def test_a_run_that_was_not_analysed_is_refused(tmp_path):
    experiment = HeatExchange(time=[0.0])
    program = compile(experiment, experiment.points(), shots=60)
    record = execute(program, open_device("exact"), runs=tmp_path, seed=1)
    with pytest.raises(RequestError, match=r"must be an analysed run.*hotward analyse"):
        reproduce("holdsworth-kawai", tmp_path / "out", figures="1", overlay=record.path)


@pytest.mark.parametrize(
    ("ours", "reference", "agreement", "agrees"),
    [
        (0.6464822, "0.646482", "all 6 digits", True),
        (0.6464826, "0.646482", "to one unit of the last of 6 digits", False),
        (0.6469, "0.646482", "3 of 6 digits, +0.065 %", False),
        (0.0, "0", "yes", True),
        (0.01, "0.0", "all 1 digits", True),
        (-0.21700, "-.21701", "to one unit of the last of 5 digits", False),
        (13.44, "13.5..14.7", "no", False),
        (13.46, "13.5..14.7", "yes", True),
        (float("nan"), "none", "yes", True),
        (1.0, "none", "no", False),
        (-3.9e-5, "-4e-5", "all 1 digits", True),
    ],
)
def test_agreement_is_counted_in_printed_digits(ours, reference, agreement, agrees):
    one = Comparison(quantity="x", ours=ours, reference=reference, source=REFERENCE)
    assert (one.agreement, one.agrees) == (agreement, agrees)


def test_pages_and_tables_are_whole(closed, micadei):
    for made in (closed, micadei):
        page = made.page.read_text()
        assert page.count("<svg") == len(made.figures)
        assert "http" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
        for figure in made.figures:
            stem = made.page.parent / f"figure-{figure.name}"
            assert stem.with_name(stem.name + ".png").stat().st_size > 10_000
            with stem.with_name(stem.name + "-numbers.csv").open() as file:
                rows = list(csv.DictReader(file))
            assert all(row["agreement"].startswith(("all", "yes")) for row in rows)


# ---- the project's own numbers ----


@pytest.mark.slow
def test_every_number_of_the_heat_statistics_agrees_and_is_said_to_be_no_papers(tmp_path):
    found = reproduce("fluctuation", tmp_path)
    numbers = [one for figure in found.figures for one in figure.comparisons]
    assert len(numbers) == 85
    assert all(one.agrees for one in numbers), [one.quantity for one in numbers if not one.agrees]
    assert {one.source for one in numbers} == {"this project's own numbers"}
    assert "No paper is redrawn here" in found.page.read_text()
    _, quantum, _ = curve(found, "averages-weaker-fluctuation-average-AB-quantum")
    assert np.abs(quantum - 1).max() < 1e-12
    time, ratio, _ = curve(found, "uncertainty-uncorrelated-uncertainty-ratio-AB")
    _, most, _ = curve(found, "uncertainty-uncorrelated-uncertainty-bound-AB-exchange")
    shown = np.isfinite(ratio)
    assert (ratio[shown] <= most[shown] * (1 + 1e-9)).all()
    assert len(time) == 161


@pytest.mark.slow
def test_a_quasiprobability_is_laid_over(tmp_path):
    experiment = HeatExchange(time=np.array([0.0, 3.926991]))
    program = compile(experiment, experiment.points({"control": "dephased"}), shots=400, bases="ZZ")
    record = execute(program, open_device("exact"), runs=tmp_path, seed=2, about={"draws": 10})
    write(analyse(record))
    assert reproduce("fluctuation", tmp_path / "out", figures="quasiprobability", overlay=record.path).measured == 8
