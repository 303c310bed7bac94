"""`import hotward as hw`: the same requests, records and refusals as the command line."""

from __future__ import annotations

import inspect
import re
import shlex
import shutil
import subprocess
import sys
import typing
from pathlib import Path

import numpy as np
import pytest

import hotward as hw
from devices import ForeignRun
from hotward.experiment import build_experiment
from hotward.interface.words import values_of
from hotward.requests import PlanRequest, PredictionRequest, RunRequest
from hotward.typer_commands import request_words
from protocols import RequestError, load, names
from protocols.program import parameters


def quick(**more: typing.Any) -> hw.Result:
    return hw.run(hw.HeatExchange(time=[0.0, 3.0, 7.0]), device="exact", shots=400, seed=5, **more)


@pytest.mark.parametrize(
    ("verb", "kind"), [(hw.run, RunRequest), (hw.plan, PlanRequest), (hw.predict, PredictionRequest)]
)
def test_the_keywords_are_the_options_of_the_command_line_with_their_defaults(verb, kind):
    usual = {word.name: word.default for word in request_words(kind) if word.name not in ("protocol", "values")}
    given = {
        name: word.default
        for name, word in inspect.signature(verb).parameters.items()
        if name not in ("experiment", "progress", "fields")
    }
    assert {**given, "runs": str(given.get("runs"))} == {**usual, "runs": str(usual.get("runs"))}


def test_every_protocol_is_there_by_its_class_and_the_list_for_type_checkers_has_them_all():
    source = inspect.getsource(hw)
    for name in names():
        offered = load(name)
        assert getattr(hw, offered.__name__) is offered
        assert f"import {offered.__name__} as {offered.__name__}\n" in source
    checked = set(re.findall(r"^    from \S+ import (\w+) as \1$", source, re.MULTILINE))
    assert checked == set(hw.PLACES) <= set(dir(hw))
    assert set(hw.__all__) == checked - {"open"}


@pytest.mark.parametrize("name", names())
def test_an_experiment_is_read_back_bit_for_bit_from_its_words(name):
    offered = load(name)
    for preset in offered.presets:
        built = build_experiment(name, preset, [])
        again = build_experiment(name, None, values_of(built))
        for spec in parameters(built):
            assert np.array_equal(getattr(built, spec.name), getattr(again, spec.name))


def test_uneven_sweeps_are_lists_on_the_command_line_too():
    values = np.array([0.1, 1 / 3, np.pi])
    built = build_experiment("heat-exchange", None, values_of(hw.HeatExchange(time=values)))
    assert built.time.tobytes() == values.tobytes()
    assert build_experiment("heat-exchange", None, ["gap=1kHz", "time=0,1ms"]).time[1] == pytest.approx(2 * np.pi)
    with pytest.raises(RequestError, match="`time` must be a number such as"):
        build_experiment("heat-exchange", None, ["time=0,,5"])


def test_a_list_and_a_text_make_the_same_request(tmp_path):
    made = quick(runs=tmp_path, control=["none", "dephased"])
    again = hw.run(
        "heat-exchange", time="0,3,7", device="exact", shots=400, seed=5, control="none,dephased", runs=tmp_path
    )
    assert again.record.start["command"] == made.record.start["command"]
    assert (again.path / "counts.csv").read_bytes() == (made.path / "counts.csv").read_bytes()


@pytest.mark.slow
def test_the_recorded_command_repeats_the_run(tmp_path, monkeypatch, capsys):
    made = quick(runs=tmp_path, control=["none", "dephased"], bases="x-state")
    words = shlex.split(made.record.start["command"])
    monkeypatch.setattr(sys, "argv", words)
    from hotward.commands import app

    app(args=words[1:], prog_name="hotward", standalone_mode=False)
    again = Path(capsys.readouterr().out.splitlines()[-1])
    assert again != made.path
    assert (again / "counts.csv").read_bytes() == (made.path / "counts.csv").read_bytes()
    assert hw.open(again).record.start["command"] == made.record.start["command"]


def test_a_run_prints_nothing(tmp_path, capsys):
    quick(runs=tmp_path)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: hw.run("heat-exchange", shot=10), "`shot` is no option or parameter here. Did you mean `shots`?"),
        (lambda: hw.run("heat-exchange", T_a=10), "Did you mean `T_A`?"),
        (lambda: hw.run("heat-exchange", shots=10.5), "`shots` must be a whole number, but is 10.5"),
        (lambda: hw.run("heat-exchange", shots=True), "`shots` must be no truth value, but is True"),
        (lambda: hw.run(hw.HeatExchange(), T_A=3), "Write HeatExchange(..., T_A=3)"),
        (lambda: hw.run(hw.HeatExchange(), preset="micadei"), "`preset` goes with a protocol's name"),
        (lambda: hw.run(3), "`experiment` must be an experiment such as"),
        (lambda: hw.run("heat-exchange", T_A=[[1, 2]]), "a list of numbers, but has shape (1, 2)"),
        (lambda: hw.run("heat-exchange", device="ibm:ibm_fez"), "nothing was submitted"),
        (lambda: hw.predict("heat-exchang"), "`protocol` must be one of"),
        (lambda: hw.import_counts("no/such.csv", covariance=np.eye(15)), "`covariance` belongs to"),
    ],
)
def test_what_is_wrong_is_one_line_with_a_repair(asked, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError, match=re.escape(said)) as error:
        asked()
    assert "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_prediction_shows_its_values_and_extrema():
    exact = hw.predict(hw.HeatExchange(time=[0, 7]), control="dephased")
    assert set(exact.table["arm"]) == {"main", "dephased"}
    page = exact._repr_html_()
    assert exact.extrema
    assert all(
        f"{one['kind']} of {one['observable']} {one['subject']}: {one['value']:.6f}" in page for one in exact.extrema
    )
    assert f"{len(exact.table) - 12} more rows" in page


def test_an_unknown_name_says_what_was_perhaps_meant():
    with pytest.raises(AttributeError, match="Did you mean HeatExchange"):
        _ = hw.HeatExchang  # type: ignore[attr-defined]


@pytest.mark.slow
def test_the_import_loads_nothing():
    program = "import sys, hotward; print(*{'numpy', 'typer', 'pandas', 'qiskit', 'protocols'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout == "\n"


@pytest.mark.slow
def test_a_result_shows_itself(tmp_path):
    result = quick(runs=tmp_path)
    page = result._repr_html_()
    assert page.count("data:image/png;base64,") == 1
    assert result.verdict.headline in repr(result)
    assert "<table>" in page
    assert result.states.shape == (1, 3, 4, 4)
    assert {"energies", "quantities", "states"} <= set(result.figures)
    assert result.plot("states")._repr_png_().startswith(b"\x89PNG")  # what a notebook asks for
    with pytest.raises(RequestError, match="Did you mean energies"):
        result.plot("energie")
    heat = result.plot("heat")
    bars = [one for axes in heat.axes for one in axes.containers if type(one).__name__ == "ErrorbarContainer"]
    assert bars
    assert result.report().is_file()
    assert (tmp_path / hw.open(result.path.name, runs=tmp_path).path.name) == result.path
    compared = hw.compare(result, hw.run("heat-exchange", device="exact", time=[0, 5], seed=1, runs=tmp_path))
    assert compared.table["run"].nunique() == 2
    assert "2 runs" in compared._repr_html_()
    assert hw.analyse(result, draws=20).analysis.methods.draws == 20


@pytest.mark.slow
def test_the_lines_of_the_notebook_example(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[1] / "docs" / "python.md").read_text()
    example = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert example is not None
    lines = example[1].strip().splitlines()
    assert len(lines) <= 8
    found: dict[str, typing.Any] = {}
    exec("\n".join(lines[:-1]), found)
    assert eval(lines[-1], found).axes
    assert list((tmp_path / "runs").iterdir())


@pytest.mark.slow
def test_foreign_text_is_escaped(tmp_path):
    hostile = "<img src=x onerror=alert(1)>"
    page = quick(runs=tmp_path / hostile)._repr_html_()
    assert hostile not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_an_unfinished_run_shows_its_state(tmp_path):
    path = quick(runs=tmp_path).path
    for file in path.iterdir():
        if file.is_file() and file.stem not in ("start", "plan"):
            file.unlink()
    shutil.rmtree(path / "raw")  # with it, the run would be finished
    found = hw.open(path)
    assert isinstance(found, hw.Unfinished)
    assert found.state == "unfinished"
    assert found.says in repr(found)
    assert str(path.name) in found._repr_html_()


def test_a_directory_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(ForeignRun, match="is not a run of hotward"):
        hw.open(tmp_path)


@pytest.mark.slow
def test_the_table_as_arrays(tmp_path):
    xarray = pytest.importorskip("xarray", reason="to_xarray() needs xarray")
    result = quick(runs=tmp_path)
    found = result.to_xarray()
    assert isinstance(found, xarray.Dataset)
    energy = found["value"].sel(observable="energy", subject="A", role="point").dropna("time").squeeze()
    rows = result.table.query("observable == 'energy' and subject == 'A' and role == 'point'")
    np.testing.assert_array_equal(energy, rows.sort_values("time")["value"])


def test_without_xarray_one_line_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(RequestError, match="pip install xarray"):
        hw.Result(tmp_path).to_xarray()


@pytest.mark.slow
def test_a_file_of_counts_is_imported_as_the_command_line_does(tmp_path):
    made = quick(runs=tmp_path)
    experiment = hw.HeatExchange(strength=1, time=[0.0, 3.0, 7.0])
    again = hw.import_counts(made.path / "counts.csv", experiment=experiment, ground="0", runs=tmp_path)
    words = shlex.split(again.record.start["command"])
    assert words[:2] == ["hotward", "import"]
    assert words[2:5] == [str(made.path / "counts.csv"), "--protocol", "heat-exchange"]
    energies = [one.table.query("observable == 'energy' and role == 'point'")["value"] for one in (made, again)]
    assert energies[0].tolist() == energies[1].tolist()


@pytest.mark.slow
def test_a_plan_shows_itself():
    plan = hw.plan("heat-exchange", device="exact", shots=256, time=[0, 3.5, 7])
    assert plan.commands[0].startswith("hotward run heat-exchange --set time=7.01")
    assert plan.commands[0] in plan._repr_html_()
    assert plan.document["commands"] == list(plan.commands)
