"""Comparing runs: one figure, one table, labels that tell the runs apart; refusals in one line."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import analyse
from analysis.report import compare, labels, write_comparison
from devices import DamagedRun, execute, open_device
from protocols import RequestError, compile
from protocols.heat_exchange import HeatExchange

PRESETS: dict[str, dict[str, Any]] = {
    "holdsworth": {},
    "holdsworth-normal": {"correlation_phase": 0.0},
    "holdsworth-forward": {"correlation_phase": -1.5707963267948966},
}


def made(runs: Path, *, preset: str | None = None, seed: int = 1, shots: int = 60, control: str = "", **fields) -> Path:
    experiment = HeatExchange(**{"time": [0.0, 5.0, 9.0], **fields})
    points = experiment.points({"control": control} if control else {})
    program = compile(experiment, points, shots=shots)
    about = {"draws": 10, "preset": preset, "gap": experiment.gap}
    return execute(program, open_device("exact"), runs=runs, seed=seed, about=about).path


@pytest.fixture(scope="module")
def phases(tmp_path_factory) -> list[Path]:
    """The three phases of Holdsworth and Kawai, Fig. 1."""
    runs = tmp_path_factory.mktemp("runs")
    return [made(runs, preset=name, **fields) for name, fields in PRESETS.items()]


# ---- the table ----


def test_the_table_is_that_of_every_run_under_its_name(phases):
    table = compare(phases[:2]).table
    assert table.columns[0] == "run"
    for path in phases[:2]:
        own = analyse(path).table
        rows = table[table["run"] == path.name].drop(columns="run").reset_index(drop=True)
        pd.testing.assert_frame_equal(rows[own.columns.tolist()], own)


@pytest.mark.slow
def test_a_parameter_that_one_run_sweeps_is_a_column_of_all(tmp_path):
    swept = made(tmp_path, strength=[0.5, 1.0], control="none")
    single = made(tmp_path, strength=0.7, gap="1kHz")
    table = compare([swept, single]).table
    assert set(table[table["run"] == single.name]["strength"]) == {0.7}
    assert set(table[table["run"] == single.name]["arm"]) == {"main"}
    assert set(table[table["run"] == swept.name]["arm"]) == {"main", "none"}
    head = table.columns[: list(table.columns).index("observable")].tolist()
    assert head[:3] == ["run", "point", "role"]
    assert {"strength", "time", "arm"} == set(head[3:])


def test_what_was_derived_before_does_not_matter(phases):
    before = compare(phases[:1]).table
    derived = phases[0] / "derived"
    derived.mkdir(exist_ok=True)
    (derived / "table.csv").write_text("nonsense")
    pd.testing.assert_frame_equal(compare(phases[:1]).table, before)
    assert (derived / "table.csv").read_text() == "nonsense"


# ---- the labels ----


@pytest.mark.slow
def test_presets_stand_for_their_parameters(phases):
    assert compare(phases).labels == tuple(PRESETS)


@pytest.mark.slow
def test_parameters_tell_runs_apart_where_presets_do_not(tmp_path):
    same = [made(tmp_path, preset="holdsworth", strength=s) for s in (0.2, 0.8)]
    assert compare(same).labels == ("strength = 0.2", "strength = 0.8")
    grown = [*same, made(tmp_path, strength=[0.4, 0.6], shots=80)]
    assert compare(grown).labels[2] == "strength = 0.4..0.6, shots = 80"


@pytest.mark.slow
def test_equal_runs_are_told_apart_by_their_seed_and_last_by_their_name(tmp_path):
    twins = [made(tmp_path, seed=seed) for seed in (3, 4)]
    assert compare(twins).labels == ("seed = 3", "seed = 4")
    found = [analyse(made(tmp_path, seed=7)) for _ in range(2)]
    assert len(set(labels(found))) == 2


# ---- the command ----


@pytest.mark.slow
def test_the_command_leaves_figure_and_table_and_says_each_headline(call, phases, tmp_path):
    status, out, err = call("compare", *phases, "--out", tmp_path / "here")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[-1] == str(tmp_path / "here")
    for path, label, line in zip(phases, PRESETS, lines, strict=False):
        assert line == f"{label}: {analyse(path).headline} ({path.name})"
    assert {p.name for p in (tmp_path / "here").iterdir()} == {"compare.png", "compare.svg", "table.csv"}
    table = pd.read_csv(tmp_path / "here" / "table.csv")
    assert set(table["run"]) == {path.name for path in phases}


@pytest.mark.slow
def test_by_default_it_goes_beside_the_runs_and_is_none(call, phases):
    runs = phases[0].parent
    status, out, _ = call("compare", *(path.name for path in phases), "--runs", runs, "--json")
    assert status == 0
    said = json.loads(out)
    assert Path(said["out"]).parent == runs
    assert Path(said["figure"]).read_bytes().startswith(b"\x89PNG")
    assert Path(said["table"]).exists()
    assert [row["label"] for row in said["runs"]] == list(PRESETS)
    assert [row["verdicts"][0]["headline"] for row in said["runs"]] == [row["headline"] for row in said["runs"]]
    listed = json.loads(call("runs", "--runs", runs, "--json")[1])["runs"]
    assert {row["run"] for row in listed} == {path.name for path in phases}
    assert call("show", said["out"])[0] == 1


def test_a_single_run_compares_with_its_ideal(call, phases, tmp_path):
    assert call("compare", phases[0], "--out", tmp_path)[0] == 0


# ---- refusals ----


def refused(said: tuple[int, str, str], status: int, *named: str) -> None:
    assert said[0] == status, said
    assert said[1] == ""
    assert len(said[2].splitlines()) == 1
    for text in named:
        assert text in said[2]


def test_no_run_is_refused(call):
    refused(call("compare"), 2, "run")
    with pytest.raises(RequestError, match="at least one run"):
        compare([])


def test_the_same_run_twice_is_refused(call, phases):
    refused(call("compare", phases[0], phases[0]), 2, "twice", phases[0].name)


def test_something_that_is_no_run_is_refused(call, phases, tmp_path):
    refused(call("compare", phases[0], tmp_path), 1, "not a run")
    refused(call("compare", phases[0], tmp_path / "absent"), 1, "does not exist")


def test_a_damaged_run_is_refused_by_name(call, phases, tmp_path):
    run = made(tmp_path)
    (run / "counts.csv").write_text("changed")
    with pytest.raises(DamagedRun, match="counts"):
        compare([phases[0], run])
    refused(call("compare", phases[0], run, "--out", tmp_path / "x"), 1, run.name, "damaged")
    assert not (tmp_path / "x").exists()


def test_runs_along_different_axes_are_refused(phases, monkeypatch):
    from dataclasses import replace

    import analysis.report.comparison as module

    def other(run: Path, **options: Any) -> Any:
        found = analyse(run, **options)
        if run == phases[1]:
            return replace(found, record=replace(found.record, start={**found.record.start, "axis": "cycle"}))
        return found

    monkeypatch.setattr(module, "analyse", other)
    with pytest.raises(RequestError, match=f"same axis, but it is time in .*, cycle in {phases[1].name}"):
        compare(phases[:2])


def test_a_place_that_cannot_be_written_is_refused(call, phases, tmp_path):
    (tmp_path / "file").write_text("")
    refused(call("compare", phases[0], "--out", tmp_path / "file"), 2, "out", "file")
    with pytest.raises(RequestError, match="must not be a run"):
        write_comparison(compare(phases[:1]), phases[0])
