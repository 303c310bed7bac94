"""Copies as a reader meets them: the forest plot, the map of the chip, the section of the report, what is printed."""

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from conftest import Call
from matplotlib.collections import PathCollection
from matplotlib.container import ErrorbarContainer
from test_report import Loads

from analysis import Analysis, analyse
from analysis.figures import FIGURES, caption, judged
from analysis.figures.copies import chip, copies, places, positions, pulls
from analysis.report import labels, render
from devices import HardwareOptions, execute, open_device
from protocols import compile
from protocols.coherent_engine import CoherentEngine
from protocols.heat_exchange import HeatExchange

SEVEN = 1
"""Index of time 7, where all the heat is in A."""


def flown(runs, experiment, *, number=2, device="aer:fake_manila", control="none", **asked) -> Analysis:
    program = compile(experiment, experiment.points({"control": control}), **asked)
    opened = open_device(device, HardwareOptions(copies=number, floor=0.0) if number > 1 else None)
    return analyse(execute(program, opened, runs=runs, seed=2, about={"draws": 10}))


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Analysis:
    """Two pairs on a chip of five qubits."""
    runs = tmp_path_factory.mktemp("runs")
    return flown(runs, HeatExchange(time=[0.0, 7.0]), shots=400, bases="ZZ", calibration_shots=200)


@pytest.fixture(scope="module")
def page(result) -> str:
    made = render(result, {})
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", made)).split())


def test_every_copy_stands_with_its_interval_beside_the_mean_raw_and_mitigated(result):
    figure = copies(result)
    assert figure is not None
    (axes,) = figure.axes
    found = result.copies
    each = {what: found.of(("heat", "A"), what)[:, 0, SEVEN] for what in ("value", "low", "high")}
    means = [of["heat", "A"] for of in (found.pooled, found.pooled_mitigated)]
    drawn = [one for one in axes.containers if isinstance(one, ErrorbarContainer)]
    value = np.concatenate([one.lines[0].get_xdata() for one in drawn])
    ends = np.concatenate([[s[:, 0] for s in one.lines[2][0].get_segments()] for one in drawn])
    np.testing.assert_allclose(value, [*each["value"], *(one.value[0, SEVEN] for one in means)])
    lows, highs = ([*each[end], *(getattr(one, end)[0, SEVEN] for one in means)] for end in ("low", "high"))
    np.testing.assert_allclose(ends, np.transpose([lows, highs]))
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert labels == [*("–".join(map(str, qubits)) for qubits in places(result).values()), "mean", "mean, mitigated"]
    # the better place above
    scores = [place["score"] for place in result.record.start["device"]["placements"]]
    assert scores == sorted(scores, reverse=True)
    lines = [
        line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1 and len(line.get_xdata()) == 2
    ]
    exact = result.estimates.quantities["heat", "A"].ideal[0, SEVEN]
    model = result.prediction.quantities["heat", "A"].ideal[0, SEVEN]
    assert {exact, model, *(float(one.value[0, SEVEN]) for one in means)} <= set(lines)
    assert axes.get_title() == "time = 7"


def test_what_is_judged_is_what_the_verdict_is_about(result):
    (one,) = judged(result)
    assert (one.key, one.point, one.at) == (("heat", "A"), SEVEN, 7.0)
    # a verdict of the other side is about the other side, and of a fit at the measured point that is nearest
    moved = replace(result, verdicts=(replace(result.verdict, hot="B", at=2.0),))
    (other,) = judged(moved)
    assert (other.key, other.at) == (("heat", "B"), 7.0), "0 by definition is no point to judge"
    assert other.read_at == 2.0
    assert "at time = 2" in caption("copies", moved)
    assert "reads it off" not in caption("copies", replace(result, verdicts=(replace(result.verdict, at=7.0),)))


def test_the_chip_has_its_couplers_and_the_copies_in_their_colour(result):
    figure = chip(result)
    assert figure is not None
    axes = figure.axes[0]
    assert result.record.start["device"]["copies"]["couplers"] == [[0, 1], [1, 2], [2, 3], [3, 4]]
    discs = [one for one in axes.collections if isinstance(one, PathCollection)]
    # idle qubits, then one collection a copy
    at = [one.get_offsets().tolist() for one in discs]
    assert at[0] == [[float(q), 0.0] for q in range(5) if all(q not in own for own in places(result).values())]
    assert at[1:] == [[[float(q), 0.0] for q in own] for own in places(result).values()]
    assert {text.get_text() for text in axes.texts} == {str(q) for own in places(result).values() for q in own}
    name, off = pulls(result)
    found = result.copies
    mean = found.pooled["heat", "A"].value[0, SEVEN]
    value, stderr = (found.of(("heat", "A"), what)[:, 0, SEVEN] for what in ("value", "stderr"))
    assert name == "heat A"
    np.testing.assert_allclose(list(off.values()), (value - mean) / stderr)
    unknown = {**result.record.start, "device": {**result.record.start["device"], "copies": {"number": 2}}}
    assert chip(replace(result, record=replace(result.record, start=unknown))) is None


def test_chips_of_rows_and_squares_are_drawn_as_they_are_and_others_by_their_distances():
    square = [(r * 4 + c, r * 4 + c + 1) for r in range(3) for c in range(3)]
    square += [(r * 4 + c, r * 4 + c + 4) for r in range(2) for c in range(4)]
    assert positions(square) == {r * 4 + c: (float(c), float(r)) for r in range(3) for c in range(4)}
    # two rows of five with a bridge of one qubit between their third ones
    bridged = [*((q, q + 1) for q in range(4)), (2, 5), (5, 8), *((q, q + 1) for q in range(6, 10))]
    assert positions(bridged)[5] == (2.0, 1.0)
    assert positions(bridged)[10] == (4.0, 2.0)
    ring = [(q, (q + 1) % 8) for q in range(8)]
    where = np.array([positions(ring)[q] for q in range(8)])
    sides = np.linalg.norm(where - np.roll(where, 1, axis=0), axis=1)
    np.testing.assert_allclose(sides, sides[0], rtol=1e-6)
    assert len({tuple(row) for row in where.round(6)}) == 8


def test_the_section_has_the_mean_with_what_it_rests_on(result, page):
    found = result.copies.pooled["heat", "A"]
    assert "2 copies of the experiment ran at the same time on a chip of 5 qubits" in page
    assert "a mean of 2 couplers, not of as many devices" in page
    assert "What all of them share does not average" in page
    value, stderr, Q, p = (float(getattr(found, name)[0, SEVEN]) for name in ("value", "stderr", "Q", "p"))
    digits = max(0, 1 - int(np.floor(np.log10(stderr))))
    assert f"{value:.{digits}f}({round(stderr * 10**digits)})" in page
    assert f"{Q:.1f} (1) {p:.2g}" in page
    for place in result.record.start["device"]["placements"]:
        listed = ", ".join(f"{wire} = {qubit}" for wire, qubit in place["physical"].items())
        assert f"{listed} {place['score']:.4f}" in page
    assert "The first of 2 copies, which are all under Copies above" in page
    parser = Loads()
    parser.feed(render(result, {}))
    assert parser.open == parser.found == []


def test_figures_of_means_say_so_and_runs_of_one_copy_have_nothing_of_it(result, tmp_path):
    drawn = {name for name, draw in FIGURES.items() if draw(result) is not None}
    assert {"copies", "chip", "energies"} <= drawn
    for name in drawn - {"copies", "chip"}:
        assert "mean of 2 couplers" in caption(name, result), name
    alone = flown(tmp_path, HeatExchange(time=7.0), number=1, control="", device="exact", shots=100, bases="ZZ")
    assert copies(alone) is None
    assert chip(alone) is None
    assert "couplers" not in caption("energies", alone)
    assert "Copies" not in render(alone, {})


@pytest.mark.slow
def test_a_goal_is_judged_in_every_copy(tmp_path):
    """The work of the engine at its last stroke, of lines of three."""
    result = flown(tmp_path, CoherentEngine(), device="aer:fake_fez", number=3, control="dephased", shots=200)
    (one,) = judged(result)
    assert one.key == ("work", "fluid")
    assert one.at == 1.0
    # the denominator of a single copy may be zero: of such ratios there is no mean
    assert result.copies.pooled["work_ratio", "fluid"].how == "summed counts"
    figure = copies(result)
    assert figure is not None
    assert len(figure.axes[0].get_yticklabels()) == 3 + 1 + (("work", "fluid") in result.copies.pooled_mitigated)


@pytest.mark.slow
def test_what_is_printed_of_copies_fits_on_a_line(call: Call, tmp_path):
    words = ["--set", "time=0:7:2", "--bases", "ZZ", "--shots", 64, "--control", "off", "--draws", 5, "--seed", 1]
    runs = [
        call("run", "heat-exchange", *words, "--device", "aer:fake_fez", *more, "--runs", tmp_path)
        for more in ((), ("--copies", "5"))
    ]
    assert [said.status for said in runs] == [0, 0], [said.err for said in runs]
    one, many = (said.run for said in runs)
    assert re.match(r"heat-exchange on aer:fake_fez \(qubits A = \d+, B = \d+\), ", runs[0].out.splitlines()[0])
    first = runs[1].out.splitlines()[0]
    assert re.match(r"heat-exchange on aer:fake_fez \(5 copies, the first on qubits A = \d+, B = \d+\), 64", first)
    assert "mean of 5 couplers" in call("show", many).out
    assert "mean of 5 couplers" in call("runs", "--runs", tmp_path).out
    assert labels([analyse(run, draws=2) for run in (one, many)]) == ("copies = 1", "copies = 5")
