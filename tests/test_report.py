"""The report: complete, self-contained, escaped; and its checks raise a concern when they should, not otherwise."""

import json
import math
import re
import shutil
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conftest import rendered_figures, repetitions
from made_estimates import MEASURED, changed

from analysis import Analysis, analyse, write
from analysis.checks import Linear, checks, moments_of_main_arm
from analysis.data import read
from analysis.report import cell, circuits, compact, device, platform_jobs, provenance_of, render, short_table
from analysis.statistics import ALARM, p_value
from devices import execute, open_device
from protocols import compile
from protocols.heat_exchange import HeatExchange


def analysed(
    tmp_path, *, control="", bases="full", shots=400, seed=5, reference="measured", about=None, **fields
) -> Analysis:
    experiment = HeatExchange(**{"time": np.linspace(0, 15, 4), **fields})
    points = experiment.points({"control": control} if control else {}, reference)
    program = compile(experiment, points, shots=shots, bases=bases)
    about = {"draws": 20, "gap": experiment.gap, **(about or {})}
    return analyse(execute(program, open_device("exact"), runs=tmp_path, seed=5, command="hotward run", about=about))


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Analysis:
    return analysed(tmp_path_factory.mktemp("runs"), control="none", strength=0.7, time=np.linspace(0, 30, 9))


@pytest.fixture(scope="module")
def page(result) -> str:
    with rendered_figures():
        return (write(result) / "report.html").read_text()


class Loads(HTMLParser):
    """Everything a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "link", "img", "use", "path"):
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "data", "action", "poster") and not (value or "").startswith("#"):
                self.found.append(f"{tag} {name}={value}")
        if tag in ("script", "link", "iframe", "img", "object", "embed"):
            self.found.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()


# ---- the page ----


def test_the_page_loads_nothing(page):
    parser = Loads()
    parser.feed(page)
    assert parser.found == []
    assert not re.search(r"@import|url\((?!#)", page)
    assert set(re.findall(r'https?://[^"\s<]+', page)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_every_element_is_closed_and_every_identifier_is_unique(page):
    parser = Loads()
    parser.feed(page)
    assert parser.open == []
    identifiers = re.findall(r'\bid="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))


def test_the_page_holds_what_a_referee_asks(page, result):
    text = unescape(re.sub(r"<[^>]+>", " ", page))
    for heading in ("Checks", "Figures", "Table", "To repeat it", "Circuits", "Device and qubits", "Settings"):
        assert heading in text
    assert result.headline.replace("+-", "±") in text
    assert page.count("<svg") == len(list((result.record.path / "derived").glob("*.svg")))
    for needed in ("hotward run", "nothing about the state is assumed", "run 5", "numpy", "measured state at time 0"):
        assert needed in text


def test_every_figure_is_kept_for_print_too(page, result):
    derived = result.record.path / "derived"
    for name in ("energies", "correlations", "trade_off", "residuals", "states", "fit"):
        assert (derived / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (derived / f"{name}.svg").read_text().startswith("<?xml")


def test_a_figure_that_an_analysis_does_not_have_is_not_left_from_an_earlier_one(tmp_path):
    result = analysed(tmp_path, bases="ZZ")
    (result.record.path / "derived").mkdir()
    stale = result.record.path / "derived" / "states.png"
    stale.write_bytes(b"old")
    write(result)
    assert not stale.exists()
    assert "Density matrices" not in (result.record.path / "derived" / "report.html").read_text()


def test_texts_of_the_run_cannot_break_the_page(result):
    nasty = "</pre><script>alert(1)</script> & \"'"
    start: dict[str, Any] = json.loads(json.dumps(dict(result.record.start)))
    start |= {"command": nasty, "notes": [nasty], "preset": nasty, "verified": False, "source": nasty, "run": nasty}
    start["device"] |= {"name": nasty}
    broken = replace(result, record=replace(result.record, start=start))
    made = render(broken, {})
    assert "<script" not in made
    assert made.count("&lt;script&gt;") >= 5
    assert "not verified" in made


def test_unverified_inputs_are_said_at_the_top(tmp_path):
    about = {"preset": "micadei", "verified": False, "source": "from memory"}
    result = analysed(tmp_path, bases="ZZ", time=[0.0, 5.0], about=about)
    above = render(result, {}).split("<h2>")[0]
    assert "not verified" in above
    assert "from memory" in above


def test_imported_data_without_a_protocol_have_a_page(result):
    start: dict[str, Any] = {**result.record.start, "protocol": None, "command": ""}
    bare = replace(
        result,
        record=replace(result.record, start=start),
        estimates=changed(result.estimates, lambda one: {"ideal": np.full_like(one.ideal, np.nan)}),
        curves=None,
        prediction=None,
        ideal_states=None,
    )
    assert "imported data" in render(bare, {})


# ---- the table ----


def test_the_short_table_shows_the_numbers_of_the_table(result):
    shown = short_table(result)
    head = [f"{name} [{unit}]" if unit else name for name, unit in shown["head"]]
    assert head[:3] == ["time", "energy A [gap]", "energy B [gap]"]
    main = result.table[result.table["role"] == "point"]
    assert len(shown["lines"]) == main["point"].nunique()
    for line, (_, rows) in zip(shown["lines"], main.groupby("point"), strict=True):
        row = rows[(rows["observable"] == "heat") & (rows["subject"] == "AB")].iloc[0]
        # at time 0 heat is 0 by definition, and has no error to quote
        wanted = "0" if row["time"] == 0 else compact(row["value"], row["stderr"])
        assert line[head.index("heat AB [gap]")] == wanted


def test_a_quantity_whose_interval_reaches_its_bound_gets_a_limit():
    row = {"value": 0.0, "stderr": 0.004, "low": 0.0, "high": 0.0123}
    unit, nowhere = (0.0, 1.0), (-np.inf, np.inf)
    assert cell(row, unit) == "< 0.013"
    assert cell({**row, "low": -0.0078}, nowhere) == "0.0000(40)"
    assert cell({**row, "value": 0.3, "low": 0.29, "high": 0.31}, unit) == "0.3000(40)"
    assert cell({**row, "value": 0.999, "low": 0.991, "high": 1.0}, unit) == "> 0.9910"
    assert cell({**row, "high": 1.0}, unit) == "not determined"
    assert cell({**row, "value": np.nan}, unit) == ""
    assert cell({**row, "value": np.inf}, nowhere) == "+inf"


def test_a_long_sweep_is_cut_and_says_so(result):
    points = result.estimates.points.at(np.ones(250, dtype=int))
    points = replace(points, parameters={**points.parameters, "time": np.arange(250) / 10})
    repeated = changed(
        result.estimates, lambda one: {name: getattr(one, name)[:, [1] * 250] for name in (*MEASURED, "ideal")}
    )
    long = replace(result, estimates=replace(repeated, points=points))
    shown = short_table(long)
    assert (len(shown["lines"]), shown["left_out"]) == (200, 50)
    assert "50 more points" in render(long, {})


def test_physical_units_are_columns_of_their_own(tmp_path):
    result = analysed(tmp_path, gap="1kHz", bases="ZZ", time=[0.0, 2 * np.pi])
    shown = short_table(result)
    assert ("time", "ms") in shown["head"]
    assert ("heat A", "peV") in shown["head"]
    assert shown["lines"][1][shown["head"].index(("time", "ms"))] == "1"


# ---- device and circuits ----


def test_a_run_from_before_scores_were_recorded_is_explained_by_its_calibration():
    calibration = {
        "qubits": {"A": {"readout_error": 0.1}, "B": {"readout_error": 0.2}},
        "couplers": {"A-B": {"error": 0.01, "duration_seconds": 1e-7}},
    }
    place = {"copy": 0, "physical": {"A": 4, "B": 5}, "score": 0.6}
    start = {"device": {"name": "d", "noisy": True, "placements": [place], "calibration": calibration}}
    (found,) = device(start)["places"]
    assert [factor for factor, _ in found["factors"]] == [pytest.approx(0.72), pytest.approx(0.6 / 0.72)]


@pytest.fixture(scope="module")
def placed(tmp_path_factory) -> Analysis:
    experiment = HeatExchange(time=[0.0, 8.0])
    program = compile(experiment, bases="ZZ", shots=256, shots_per_row=32, passes=2, calibration_shots=64)
    runs = tmp_path_factory.mktemp("placed")
    return analyse(execute(program, open_device("aer:fake_fez"), runs=runs, seed=2, about={"draws": 2}))


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_factors_of_a_place_multiply_to_its_score_the_worst_first(placed):
    (found,) = device(placed.record.start)["places"]
    (place,) = placed.record.start["device"]["placements"]
    factors = [factor for factor, _ in found["factors"]]
    assert math.prod(factors) == pytest.approx(place["score"], rel=1e-9)
    assert factors == sorted(factors)
    assert {text.split()[0] for _, text in found["factors"]} >= {"readout", "relaxation"}
    assert 0 < found["runner_up"]["score"] <= place["score"]


def test_the_page_says_why_these_qubits_and_what_was_next(placed):
    said = text_of(render(placed, {}))
    score = placed.record.start["device"]["calibration"]["score"]
    assert f"is {score['value']:.4f} = " in said
    for one in (*score["gates"].values(), *score["readout"].values(), score["relaxation"]):
        assert f"{one['factor']:.4f} (" in said
    assert f"Of all {score['examined']} places" in said
    other = score["runner_up"]
    assert f"the next is A = {other['physical']['A']}, B = {other['physical']['B']} with {other['score']:.4f}." in said
    assert "too many" not in said


def test_the_page_says_that_the_user_named_the_qubits(placed):
    start = json.loads(json.dumps(placed.record.start))
    start["device"]["calibration"]["score"]["named"] = True
    said = text_of(render(replace(placed, record=replace(placed.record, start=start)), {}))
    assert "of 156 qubits, as they were named." in said
    assert "this one aside, is A = " in said


def test_the_page_of_a_hardware_run_has_its_options_and_jobs(placed, tmp_path):
    start = json.loads(json.dumps(placed.record.start))
    options = {"qubits": "12,13", "dynamical_decoupling": "XY4", "twirling": "off", "fractional": "no"}
    start["device"] |= {"name": "ibm:ibm_fez", "method": "hardware", "options": options}
    run = tmp_path / "run"
    shutil.copytree(placed.record.path, run)
    lines = [
        {"event": "intended", "job": 0},
        {"event": "submitted", "job": 0, "id": "d0"},
        {"event": "final", "job": 0, "id": "d0", "status": "ERROR", "seconds": None},
        {"event": "submitted", "job": 0, "id": "d1"},
        {"event": "surplus", "id": "d2", "status": ""},
        {"event": "submitted", "job": 1, "id": "d3<b>"},
        {"event": "surplus", "id": "d2", "status": "CANCELLED", "seconds": 0.5},
        {"event": "final", "job": 0, "id": "d1", "status": "DONE", "seconds": 12.34},
        {"event": "batch", "state": "open", "id": "s1"},
    ]
    (run / "jobs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    record = replace(placed.record, path=run, start=start)
    assert [(j.job, j.identifier, j.state, j.seconds) for j in platform_jobs(record)] == [
        (0, "d0", "ERROR", None),
        (0, "d1", "DONE", 12.34),
        (None, "d2", "CANCELLED", 0.5),
        (1, "d3<b>", "", None),
    ]
    page = render(replace(placed, record=record), {})
    said = text_of(page)
    assert "d3<b>" not in page
    assert "dynamical decoupling XY4, twirling off, fractional no; 32 shots a row, rows spread over the passes" in said
    assert "0 d1 DONE 12.3" in said
    assert "too many d2 CANCELLED 0.5" in said
    assert "all 12.8" in said
    assert platform_jobs(placed.record) == ()
    assert "hardware" not in provenance_of(placed)


def test_circuits_are_sized_as_written_and_as_executed(tmp_path):
    pytest.importorskip("qiskit_aer")
    experiment = HeatExchange(time=[3.0])
    program = compile(experiment, experiment.points(), shots=50, bases="ZZ")
    run = execute(program, open_device("aer"), runs=tmp_path, seed=1, about={"draws": 10})
    result = analyse(run)
    found = circuits(result)
    sizes = {one["member"]: one for one in found["sizes"]}
    # ground state: the exchange alone; the correlated one: one CX and the exchange
    assert [sizes[m]["written"]["two_qubit_gates"] for m in (0, 1)] == [1, 2]
    assert all(sizes[m]["two_qubit_gates"] >= sizes[m]["written"]["two_qubit_gates"] for m in (0, 1))
    assert set(found["drawings"]) == {"as written", "as executed"}
    made = render(result, {})
    assert "as executed" in made
    assert sizes[0]["listed"] in made


# ---- the checks ----


def named(result: Analysis) -> dict[str, Any]:
    return {check.name: check for check in checks(result)}


def test_a_faultless_run_raises_no_concern(result):
    found = named(result)
    assert all(check.passed is not False for check in found.values()), [c for c in found.values() if not c.passed]
    assert sum(check.passed is True for check in found.values()) >= 8
    for check in found.values():
        assert check.text.endswith(".") or check.passed is None


def test_energy_bases_leave_untested_what_they_cannot_see(tmp_path):
    found = named(analysed(tmp_path, bases="ZZ", strength=0.5))
    for name in ("number conservation", "X form", "locally thermal: coherence", "Clausius slack"):
        assert found[name].flag == "not tested"
    assert found["energy balance"].passed


def test_three_bases_see_some_of_the_moments_of_an_x_state(tmp_path):
    found = named(analysed(tmp_path, bases="minimal", strength=0.5))
    assert "XI, IX, IY" in found["X form"].text
    assert found["number conservation"].flag == "not tested"


def test_a_nominal_reference_tests_no_local_state(tmp_path):
    found = named(analysed(tmp_path, reference="nominal", time=[2.0, 5.0]))
    assert found["locally thermal: temperatures"].flag == "not tested"
    assert found["energy balance"].passed is not None


def test_a_wrong_prediction_is_a_concern(result):
    energy = result.table["observable"] == "energy"
    wrong = result.table.assign(ideal=result.table["ideal"].where(~energy, result.table["ideal"] + 0.05))
    assert named(replace(result, table=wrong))["energies and the ideal"].flag == "concern"
    shifted = changed(result.estimates, lambda one: {"ideal": one.ideal + 0.05}, "energy")
    assert named(replace(result, prediction=shifted))["energies and the noise model"].flag == "concern"
    assert named(replace(result, prediction=result.estimates))["energies and the noise model"].flag == "pass"


def test_wrong_temperatures_are_a_concern(result):
    hotter = np.array(result.ideal_states)
    hotter[:] = np.diag([0.25, 0.25, 0.25, 0.25])
    assert named(replace(result, ideal_states=hotter))["locally thermal: temperatures"].flag == "concern"


def test_a_broken_second_law_is_a_concern_unless_the_pair_loses_entropy(result):
    slack = (result.table["observable"] == "clausius_slack") & (result.table["point"] == 3)
    broken = result.table.assign(value=result.table["value"].mask(slack, -9.0))
    assert named(replace(result, table=broken))["Clausius slack"].flag == "concern"
    falling = (broken["observable"] == "entropy_change") & (broken["subject"] == "AB") & (broken["point"] == 3)
    excused = broken.assign(value=broken["value"].mask(falling, -9.0))
    said = named(replace(result, table=excused))["Clausius slack"]
    assert said.flag != "concern"
    assert "not guaranteed" in said.text


@pytest.mark.parametrize("word", ["ZI", "ZX", "XX"])
def test_a_shift_of_one_moment_is_seen(result, word, monkeypatch):
    """A 10-sigma shift of one moment at one point, in the check that reads it."""
    honest = moments_of_main_arm(result)
    shifted = honest.measured.copy()
    column = honest.words.index(word)
    shifted[4, column] += 10 * np.sqrt(honest.errors.shot[4, column, column])
    monkeypatch.setattr("analysis.checks.every_check.moments_of_main_arm", lambda _: replace(honest, measured=shifted))
    seen = {"ZI": "energy balance", "ZX": "X form", "XX": "number conservation"}[word]
    assert named(result)[seen].flag == "concern"


# ---- the covariance they rest on ----


def dense(linear: Linear) -> tuple[np.ndarray, np.ndarray]:
    rows, labels = linear.value.shape
    covariance = np.zeros((rows, labels, rows, labels))
    covariance[np.arange(rows), :, np.arange(rows), :] = linear.block
    covariance += np.einsum("ras,qbs->raqb", linear.shared, linear.shared)
    size = rows * labels
    return linear.value.reshape(size), covariance.reshape(size, size)


def test_chi_square_is_that_of_the_dense_covariance():
    rng = np.random.default_rng(3)
    root = rng.normal(size=(6, 2, 2))
    linear = Linear(
        labels=("a", "b"),
        value=rng.normal(size=(6, 2)),
        block=root @ np.swapaxes(root, -1, -2) + np.eye(2),
        shared=rng.normal(size=(6, 2, 3)),
        places=("",) * 6,
        calibrated=True,
    )
    value, covariance = dense(linear)
    chi_square, degrees = linear.chi_square()
    assert degrees == 12
    assert chi_square == pytest.approx(value @ np.linalg.solve(covariance, value))
    worst = linear.worst()
    pulls = np.abs(value) / np.sqrt(np.diag(covariance))
    assert abs(worst.value) / worst.stderr == pytest.approx(pulls.max())


def test_p_values_are_uniform_for_faultless_runs(tmp_path):
    """Runs with calibration; mean and spread of p within 4 standard errors (false alarm about 1e-3 in all)."""
    found: dict[str, list[float]] = {"balance": [], "X form": [], "number": []}
    experiment = HeatExchange(strength=0.5, time=[0.0, 4.0, 9.0])
    program = compile(experiment, experiment.points(), shots=600, calibration_shots=600)
    number = repetitions(60)
    for seed in range(number):
        record = execute(program, open_device("exact"), runs=tmp_path, seed=seed)
        data = read(record, readout_correction=True)
        seen = moments_of_main_arm(SimpleNamespace(record=record, readout_corrected=True, data=data))  # pyright: ignore[reportArgumentType]
        words = ("XI", "YI", "IX", "IY", "XZ", "YZ", "ZX", "ZY")
        for name, linear in {
            "balance": seen.changes({"Q": {"ZI": -0.5, "IZ": -0.5}}),
            "X form": seen.moments({word: {word: 1.0} for word in words}),
            "number": seen.moments({"re": {"XX": 0.25, "YY": -0.25}, "im": {"XY": -0.25, "YX": -0.25}}),
        }.items():
            assert linear is not None
            assert linear.calibrated
            found[name].append(p_value(*linear.chi_square()))
    for name, p in found.items():
        assert np.mean(p) == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / number)), name
        assert np.std(p) == pytest.approx(np.sqrt(1 / 12), abs=0.12), name
        assert min(p) > ALARM / number


def test_few_counts_are_called_indicative(tmp_path):
    found = named(analysed(tmp_path, shots=40, strength=0.5, time=[0.0, 5.0]))
    assert "indicative" in found["energy balance"].text


def test_an_exchange_that_cannot_lose_an_excitation_is_no_singular_case(tmp_path):
    """At full strength every member has a fixed number of excitations, so E_A + E_B of a member has no variance."""
    found = named(analysed(tmp_path, bases="minimal", time=np.linspace(0, 10, 6), shots=64))
    assert found["energies and the ideal"].passed
    assert "indicative" in found["energies and the ideal"].text


def test_expectation_values_measured_elsewhere_have_a_report(tmp_path):
    from devices.imports import import_file

    values = {"ZI": 0.25, "IZ": 0.45, "ZZ": -0.3, "XX": 0.1, "YY": 0.12, "XY": -0.5, "YX": 0.52}
    rows = [f"{t},{word},{v},0.02" for t in (0, 5, 9) for word, v in values.items()]
    file = tmp_path / "values.csv"
    file.write_text("\n".join(["time,pauli,value,stderr", *rows]) + "\n")
    result = analyse(import_file(file, runs=tmp_path / "runs", about={"draws": 10}))
    made = (write(result) / "report.html").read_text()
    assert "imported data" in made
    assert "values.csv" in made
    found = named(result)
    # no protocol, no exchange: what was done to the qubits is not known
    assert {*found} <= {"members are states", "sweep is one oscillation"}


def test_counts_of_one_state_from_nowhere_have_a_report(tmp_path):
    from devices.imports import import_file

    outcomes = [(b, i, j) for b in ("ZZ", "XX", "YY", "XY", "YX") for i in (0, 1) for j in (0, 1)]
    file = tmp_path / "counts.csv"
    file.write_text(
        "\n".join(["basis,A,B,count", *(f"{b},{i},{j},{100 + 9 * i + 5 * j}" for b, i, j in outcomes)]) + "\n"
    )
    result = analyse(import_file(file, runs=tmp_path / "runs", about={"draws": 10}))
    made = (write(result) / "report.html").read_text()
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", made, flags=re.DOTALL)
    found = named(result)
    assert {*found} == {"members are states", "settings agree"}  # no protocol, no exchange
