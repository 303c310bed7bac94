"""Figures: the numbers drawn are those of the table, and whatever the data lack is left out."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import full_size, slow
from made_estimates import MEASURED, changed
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis import Analysis, analyse
from analysis.figures import (
    FIGURES,
    TITLES,
    caption,
    correlations,
    energies,
    fit,
    inline,
    rendered,
    residuals,
    states,
    style,
    trade_off,
)
from analysis.report import draw_comparison
from analysis.table import tidy
from devices import execute, open_device
from protocols import compile
from protocols.heat_exchange import HeatExchange


def analysed(
    tmp_path, *, control="none", bases="full", shots=300, reference="measured", about=None, **fields
) -> Analysis:
    experiment = HeatExchange(**{"time": np.linspace(0, 15, 4), **fields})
    points = experiment.points({"control": control} if control else {}, reference)
    program = compile(experiment, points, shots=shots, bases=bases)
    about = {"draws": 20, "gap": experiment.gap, **(about or {})}
    return analyse(execute(program, open_device("exact"), runs=tmp_path, seed=11, about=about))


pytestmark = pytest.mark.sized  # all figures are rendered, not only drawn, at full size


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Analysis:
    """One sweep with its control and a reference inside the sweep."""
    return analysed(tmp_path_factory.mktemp("runs"), strength=0.8, time=np.linspace(0, 30, 9))


@pytest.fixture(scope="module")
def grid(tmp_path_factory) -> Analysis:
    """Six sweeps: more than a figure shows."""
    return analysed(tmp_path_factory.mktemp("runs"), control="", strength=[0.0, 0.2, 0.4, 0.6, 0.8, 1.0], shots=100)


def of(table: pd.DataFrame, observable: str, subject: str, arm: str = "main", **where: float) -> pd.DataFrame:
    chosen = table[(table["observable"] == observable) & (table["subject"] == subject) & (table["role"] != "fit")]
    chosen = chosen[chosen["arm"] == arm] if "arm" in chosen else chosen
    for name, value in where.items():
        chosen = chosen[chosen[name] == value]
    return chosen


def measured(axes: Axes) -> list[np.ndarray]:
    """The points drawn with error bars, (points, 2) each."""
    bars = [c for c in axes.containers if isinstance(c, ErrorbarContainer)]
    return [np.asarray(bar.lines[0].get_xydata()) for bar in bars]


def lines(axes: Axes) -> list[np.ndarray]:
    return [np.asarray(line.get_xydata()) for line in axes.lines]


def holds(drawn: list[np.ndarray], x: object, y: object) -> bool:
    wanted = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    return any(one.shape == wanted.shape and np.allclose(one, wanted, atol=1e-12) for one in drawn)


def texts(figure: Figure) -> Iterator[Text]:
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_text().strip() and text.get_visible():
            yield text


def made(figure: Figure | None) -> Figure:
    assert figure is not None
    return figure


# ---- the numbers ----


def test_energies_and_heat_are_drawn_as_in_the_table(result):
    figure = made(energies(result))
    for axes, name in zip(figure.axes, ("energy", "heat"), strict=False):
        for subject, arm in itertools.product("AB", ("main", "none")):
            rows = of(result.table, name, subject, arm)
            assert holds(measured(axes), rows["time"], rows["value"]), (name, subject, arm)
            curve = of(tidy(result.curves), name, subject, arm)
            assert holds(lines(axes), curve["time"], curve["ideal"])
        segments = [s for c in axes.collections if isinstance(c, LineCollection) for s in c.get_segments()]
        rows = of(result.table, name, "A")
        for time, low, high in zip(rows["time"], rows["low"], rows["high"], strict=True):
            assert any(np.allclose(s, [[time, low], [time, high]]) for s in segments), "the 95 % interval"


def test_correlations_are_drawn_as_in_the_table(result):
    figure = made(correlations(result))
    series = [("mutual_information", ["AB"]), ("discord", ["A", "B"]), ("concurrence", ["AB"])]
    for axes, (name, subjects) in zip(figure.axes, series, strict=True):
        for subject, arm in itertools.product(subjects, ("main", "none")):
            rows = of(result.table, name, subject, arm)
            limit = rows["low"] <= 0
            seen, below = rows[~limit], rows[limit]
            assert holds(measured(axes), seen["time"], seen["value"])
            assert holds(lines(axes), below["time"], below["high"]), "limits are drawn where they are, without a value"
        assert axes.get_ylim()[0] <= 0


def test_heat_and_clausius_sum_are_drawn_against_the_same_points_change_of_information(result):
    figure = made(trade_off(result))
    hot = result.verdict.hot or "A"
    for axes, (name, subject) in zip(figure.axes, [("heat", hot), ("clausius_sum", "AB")], strict=False):
        for arm in ("main", "none"):
            x, y = of(result.table, "mutual_information_change", "AB", arm), of(result.table, name, subject, arm)
            assert holds(measured(axes), x["value"], y["value"])


def test_the_line_without_slack_is_the_diagonal_and_bounds_what_is_ideal(result):
    axes = made(trade_off(result)).axes[1]
    (line,) = [line for line in axes.lines if line.get_linestyle() == "--" and line.get_color() == "black"]
    np.testing.assert_array_equal(np.asarray(line.get_xydata())[:, 0], np.asarray(line.get_xydata())[:, 1])
    for arm in ("main", "none"):
        x = of(result.table, "mutual_information_change", "AB", arm)["ideal"].to_numpy()
        y = of(result.table, "clausius_sum", "AB", arm)["ideal"].to_numpy()
        assert (y >= np.interp(x, *np.sort(line.get_xydata(), axis=0).T) - 1e-9).all(), "the second law"


def test_residuals_are_in_standard_errors_and_their_title_says_how_large(result):
    axes = made(residuals(result)).axes[0]
    squares = []
    for subject in "AB":
        rows = of(result.table, "energy", subject)
        pull = (rows["value"] - rows["ideal"]) / rows["stderr"]
        assert holds(lines(axes), rows["time"], pull)
        squares += (pull**2).tolist()
    assert f"{np.mean(squares):.3g} ({len(squares)} values)" in axes.get_title()
    # an ideal two standard errors above every value, whatever its error is
    above = changed(result.estimates, lambda one: {"ideal": one.value + 2 * one.stderr}, "energy")
    axes = made(residuals(replace(result, estimates=above))).axes[0]
    rows = of(result.table, "energy", "A")
    assert holds(lines(axes), rows["time"], np.full(len(rows), -2.0))
    assert f"4 ({len(squares)} values)" in axes.get_title()


def test_density_matrices_are_those_of_the_chosen_points(result):
    figure = made(states(result))
    images = [np.asarray(axes.collections[0].get_array()).reshape(4, 4) for axes in figure.axes]
    assert len(images) % 4 == 0
    wanted = (result.states[0, 0].real, result.ideal_states[0, 0].real, result.states[0, 0].imag)
    for image, matrix in zip(images, wanted, strict=False):
        np.testing.assert_allclose(image, matrix)
    np.testing.assert_allclose(images[-4], result.states[0, 8].real, err_msg="the end")
    assert any("largest heat" in axes.get_ylabel() for axes in figure.axes)


def test_the_fit_is_drawn_as_it_was_made(result):
    figure = made(fit(result))
    above, under = figure.axes[:2]
    hot = result.verdict.hot or "A"
    fits = {f.arm: f for f in result.fits if f.observable == "energy" and f.subject == hot}
    for one in fits.values():
        o = one.oscillation
        number = {name: value for name, (value, _) in o.numbers().items()}

        def curve(time, number=number):
            turn = number["frequency"] * time - number["phase"]
            return number["offset"] + number["amplitude"] * np.exp(-number["damping"] * time) * np.cos(turn)

        times = np.linspace(o.series.time.min(), o.series.time.max(), 201)
        assert holds(lines(above), times, curve(times) - curve(0.0))
        assert holds(measured(above), o.series.time, o.series.value - curve(0.0))
        stderr = np.sqrt(o.series.covariance.diagonal)
        assert holds(lines(under), o.series.time, (o.series.value - curve(o.series.time)) / stderr)


def test_the_noise_model_is_drawn_where_it_is_known(result):
    prediction = changed(result.estimates, lambda one: {"ideal": one.ideal + 0.01})
    known = replace(result, prediction=prediction)
    axes = made(energies(known)).axes[0]
    rows = of(tidy(prediction), "energy", "A")
    assert holds(lines(axes), rows["time"], rows["ideal"])
    assert len(made(residuals(known)).axes) == 2 * len(made(residuals(result)).axes)
    assert "noise model" in caption("energies", known)
    assert "noise model" not in caption("energies", result)


# ---- whatever the data are ----


def every(result: Analysis) -> dict[str, Figure]:
    """All figures there are; each must be renderable, in the fast tier the energies alone."""
    found = {name: draw(result) for name, draw in FIGURES.items()}
    kept = {name: figure for name, figure in found.items() if figure is not None}
    for name, figure in kept.items():
        if full_size() or name == "energies":
            assert rendered(figure, "png").startswith(b"\x89PNG")
        assert caption(name, result)
    return kept


def test_every_figure_has_a_title_and_a_caption(result):
    # only machines that run in cycles have heat that adds up over them; statistics of heat need the arm dephased,
    # mitigated rows have to be asked for, second laws take a bath, only a line of three sites and more has a map, and
    # only several copies have a mean
    found = every(result)
    others = {"cumulative_heat", "machine", "heat_statistics", "mitigated", "second_laws", "sites", "copies", "chip"}
    assert {*found} | others == set(FIGURES) == set(TITLES)
    for figure in found.values():
        assert rendered(figure, "png").startswith(b"\x89PNG")


def test_energies_alone_make_no_figure_of_a_state(tmp_path):
    result = analysed(tmp_path, bases="ZZ")
    assert correlations(result) is None
    assert trade_off(result) is None
    assert states(result) is None
    assert {"energies", "residuals"} <= set(every(result))


def test_three_bases_are_enough_for_all(tmp_path):
    assert {"energies", "correlations", "trade_off", "residuals", "states"} <= set(
        every(analysed(tmp_path, bases="minimal"))
    )


def test_a_sweep_along_another_parameter_has_it_on_the_axis(tmp_path):
    result = analysed(tmp_path, time=7.0, T_A=[1.5, 2.0, 2.5], control="none")
    axes = every(result)["energies"].axes[0]
    rows = of(result.table, "energy", "A", time=7.0)
    assert holds(measured(axes), rows["T_A"], rows["value"])
    control = of(result.table, "energy", "A", "none", time=7.0)
    assert holds(measured(axes), control["T_A"], control["value"]), "references are not drawn twice"
    assert "temperature" in axes.get_xlabel()
    assert fit(result) is None


def test_one_point_is_drawn_beside_its_reference(tmp_path):
    result = analysed(tmp_path, time=7.0)
    axes = every(result)["energies"].axes[0]
    rows = of(result.table, "energy", "A").sort_values("time")
    assert any(np.allclose(np.sort(one[:, 0]), rows["time"]) for one in measured(axes))


def test_a_point_that_is_its_own_reference_has_no_trade_off(tmp_path):
    result = analysed(tmp_path, time=0.0)
    assert trade_off(result) is None
    every(result)


@pytest.mark.slow
def test_two_controls_differ_in_ink_and_marker(tmp_path):
    result = analysed(tmp_path, control="none,dephased")
    axes = every(result)["energies"].axes[0]
    looks = {
        (bar.lines[0].get_color(), bar.lines[0].get_marker())
        for bar in axes.containers
        if isinstance(bar, ErrorbarContainer)
    }
    assert len(looks) == 6


def test_a_grid_shows_its_first_four_sweeps_and_says_so(grid):
    figure = every(grid)["energies"]
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == ["strength = 0", "strength = 0.2", "strength = 0.4", "strength = 0.6"]
    rows = of(grid.table, "heat", "A", strength=0.4)
    assert holds(measured(figure.axes[6]), rows["time"], rows["value"])
    said = [text.get_text() for text in texts(figure)]
    assert any("first 4 of 6" in text for text in said)
    assert "first 4 of 6" in caption("energies", grid)


def test_many_points_get_a_band(tmp_path):
    result = analysed(tmp_path, time=np.linspace(0, 30, 70), bases="ZZ", shots=50, control="")
    axes = every(result)["energies"].axes[0]
    bands = [c for c in axes.collections if isinstance(c, PolyCollection)]
    assert len(bands) >= 2
    rows = of(result.table, "energy", "A")
    assert holds(measured(axes), rows["time"], rows["value"])


def test_values_that_are_no_numbers_are_left_out(result):
    def energy(one):
        value, stderr, low, high = (a.copy() for a in (one.value, one.stderr, one.low, one.high))
        for array in (value, stderr, low, high):
            array[0, 1] = np.nan
        low[0, 2], stderr[0, 2], value[0, 3] = -np.inf, np.nan, np.inf
        return {"value": value, "stderr": stderr, "low": low, "high": high}

    def others(one):
        value, stderr, low, high = (a.copy() for a in (one.value, one.stderr, one.low, one.high))
        value[:, 2], stderr[:, 2], low[:, 3], high[:, 3] = np.inf, 0.0, -np.inf, np.inf
        return {"value": value, "stderr": stderr, "low": low, "high": high}

    estimates = changed(result.estimates, energy, "energy")
    estimates = changed(estimates, others, "mutual_information", "heat", "clausius_sum", "signed_concurrence")
    broken = replace(result, estimates=estimates)
    axes = every(broken)["energies"].axes[0]
    rows = of(result.table, "energy", "A")
    kept = rows.drop(rows.index[[1, 3]])
    assert holds(measured(axes), kept["time"], kept["value"])


def test_a_ratio_to_what_may_be_0_has_no_error_bar():
    """Its interval is what lies outside of two ends, and its standard error, that of a Cauchy variable, is anything."""
    _, axes = style.blank(1, 1, 2.0)
    bars = SimpleNamespace(
        value=np.array([2.0, 2.0]), stderr=np.array([0.5, 7000.0]), low=np.array([1.0, 0.6]), high=np.array([3.0, -4.4])
    )
    style.points(axes[0, 0], np.array([0.0, 1.0]), bars, style.SUBJECTS[0])
    (bar,) = [one for one in axes[0, 0].containers if isinstance(one, ErrorbarContainer)]
    (lines,) = bar.lines[2]
    assert [np.ptp(path[:, 1]) for path in lines.get_segments()] == pytest.approx([1.0, 0.0])
    assert axes[0, 0].get_ylim()[1] < 4


def test_imported_data_without_a_protocol_have_no_lines(result):
    estimates = changed(result.estimates, lambda one: {"ideal": np.full_like(one.ideal, np.nan)})
    imported = replace(result, estimates=estimates, curves=None, prediction=None, ideal_states=None)
    found = every(imported)
    assert "residuals" not in found
    assert not any(np.isfinite(line).all() for line in lines(found["energies"].axes[0]) if len(line) > 9)
    labels = [text.get_text() for text in texts(found["energies"])]
    assert not any("ideal" in label for label in labels)
    assert "ideal" not in caption("energies", imported)
    assert len(found["states"].axes) % 2 == 0


def test_rows_that_summarise_a_sweep_are_no_points(result):
    extra = result.table.iloc[:6].assign(role="fit", point=-1, time=np.nan, value=99.0)
    with_fit = replace(result, table=pd.concat([result.table, extra], ignore_index=True))
    for name, figure in every(with_fit).items():
        for axes in figure.axes:
            assert axes.get_ylim()[1] < 50, name


def test_data_from_nowhere_are_drawn_by_number(result):
    """An import may not say where on the axis it was measured."""
    start = {**result.record.start, "arms": ["main"]}
    found = result.estimates
    points = found.points.at(np.array([0]))
    parameters = {**points.parameters, "time": np.array([np.nan])}
    first = changed(found, lambda one: {name: getattr(one, name)[:1, :1] for name in (*MEASURED, "ideal")})
    first = changed(first, lambda one: {"ideal": np.full((1, 1), np.nan)})
    lost = replace(
        result,
        record=replace(result.record, start=start),
        estimates=replace(first, points=replace(points, parameters=parameters), arms=("main",)),
        curves=None,
        prediction=None,
        ideal_states=None,
        fits=(),
    )
    assert measured(every(lost)["energies"].axes[0])


# ---- for print ----


@pytest.mark.parametrize("which", ["result", slow("grid")])
def test_figures_fit_a_journal(request, which):
    for name, figure in every(request.getfixturevalue(which)).items():
        assert figure.get_figwidth() <= 7.0, name
        assert min(text.get_fontsize() for text in texts(figure)) >= 7.0, name


def test_physical_units_stand_beside_natural_ones(tmp_path):
    result = analysed(tmp_path, gap="1kHz", bases="ZZ", time=[0.0, 6.283185307179586])
    axes = made(energies(result)).axes[0]
    labels = {child.get_xlabel() or child.get_ylabel(): child for child in axes.child_axes}
    assert {"[ms]", "[peV]"} <= set(labels)
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    # one period hbar/gap times 2 pi is 1 ms at 1 kHz; the gap is 4.1357 peV
    low, high = axes.get_xlim()
    np.testing.assert_allclose(labels["[ms]"].get_xlim(), np.array([low, high]) / (2 * np.pi), rtol=1e-6)
    np.testing.assert_allclose(labels["[peV]"].get_ylim(), np.array(axes.get_ylim()) * 4.135667697, rtol=1e-6)


def test_without_a_gap_there_are_natural_units_only(result):
    assert not made(energies(result)).axes[0].child_axes


def test_the_same_analysis_gives_the_same_bytes(result):
    assert rendered(made(energies(result)), "svg") == rendered(made(energies(result)), "svg")
    assert rendered(made(energies(result)), "png") == rendered(made(energies(result)), "png")


def test_an_inline_svg_refers_to_itself_only(result):
    import re

    text = inline(rendered(made(energies(result)), "svg"), "here")
    own = set(re.findall(r'\bid="([^"]+)"', text))
    assert own
    assert all(name.startswith("here-") for name in own)
    assert set(re.findall(r'href="#([^"]+)"', text)) | set(re.findall(r"url\(#([^)]+)\)", text)) <= own
    assert "<metadata" not in text


# ---- several runs ----


def test_runs_side_by_side_are_drawn_as_in_their_tables(result, grid):
    figure = draw_comparison([result, grid], ["one", "six"])
    names = [("heat", "A"), ("energy_difference", "AB"), ("mutual_information", "AB"), ("concurrence", "AB")]
    for axes, (name, subject) in zip(figure.axes, names, strict=True):
        for rows in (of(result.table, name, subject), of(grid.table, name, subject, strength=0.2)):
            seen = rows[rows["low"] > 0] if name in ("mutual_information", "concurrence") else rows
            assert holds(measured(axes), seen["time"], seen["value"])
    looks = {(bar.lines[0].get_color(), bar.lines[0].get_marker()) for bar in figure.axes[0].containers}
    assert len(looks) == 5, "one run and the four sweeps shown of the other"
    assert {"one", "six; strength = 0.2"} <= {text.get_text() for text in texts(figure)}


def test_what_a_run_did_not_measure_is_said(tmp_path):
    figure = draw_comparison([analysed(tmp_path, bases="ZZ")], ["energies only"])
    assert [text.get_text() for text in figure.axes[2].texts] == ["not measured"]
