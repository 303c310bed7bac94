"""The list of runs: whole, damaged, half-written and vanished ones, without reading what was measured."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from test_record import small_program

from devices import RunRecord, execute, listed_runs, open_device, status
from devices.record import disk


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return execute(small_program(), open_device("exact"), runs=tmp_path_factory.mktemp("runs"), seed=1).path


@pytest.fixture
def run(measured: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(measured, tmp_path / measured.name))


def halved(file: str) -> Callable[[Path], None]:
    """Cuts a file of a run in two."""
    return lambda run: os.truncate(run / file, (run / file).stat().st_size // 2)


DAMAGED: dict[str, Callable[[Path], object]] = {
    "no counts": lambda run: (run / "counts.csv").unlink(),
    "counts are a folder": lambda run: ((run / "counts.csv").unlink(), (run / "counts.csv").mkdir()),
    "half a seal": halved("stop.json"),
    "half a start": halved("start.json"),
    "empty start": lambda run: (run / "start.json").write_bytes(b""),
    "a list for a start": lambda run: (run / "start.json").write_bytes(b"[]"),
    "an unsealed start of other words": lambda run: (
        (run / "stop.json").unlink(),
        (run / "start.json").write_text('{"schema": 1, "jobs": [3], "device": {"name": "exact"}, "plan": 1}'),
    ),
}


def test_a_list_says_of_a_whole_run_what_its_record_says(run: Path) -> None:
    (row,) = listed_runs(run.parent)
    start = RunRecord.open(run).start
    assert (row.path, row.status, row.headline) == (run, "done", "")
    assert (row.protocol, row.device, row.created) == (start["protocol"], start["device"]["name"], start["created"])


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_run_is_a_row_beside_the_others(damage: str, run: Path) -> None:
    shutil.copytree(run, run.parent / "whole")
    DAMAGED[damage](run)
    rows = {row.path.name: row for row in listed_runs(run.parent)}
    assert rows["whole"].status == "done"
    assert rows[run.name].status == "damaged"
    assert str(run) in rows[run.name].says


def test_half_a_verdict_is_none(run: Path) -> None:
    (run / "derived").mkdir()
    (run / "derived" / "verdict.json").write_bytes(b'{"headline": "the heat fl')
    (row,) = listed_runs(run.parent)
    assert (row.status, row.headline) == ("done", "")


def test_no_measured_table_is_read_for_the_list(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a changed table says is not looked at here, and is where the run is opened."""
    (run / "counts.csv").write_bytes(b"changed")
    names, real = [], disk.read
    monkeypatch.setattr(disk, "read", lambda path, *most: names.append(path.name) or real(path, *most))
    (row,) = listed_runs(run.parent)
    assert row.status == "done"
    assert set(names) <= {"start.json", "stop.json", "verdict.json", "jobs.jsonl"}
    assert status(run)[0] == "damaged"


def test_a_run_that_vanishes_while_others_are_listed_is_left_out(run: Path) -> None:
    shutil.copytree(run, run.parent / "zz-first")
    rows = listed_runs(run.parent)
    assert next(rows).path.name == "zz-first"
    shutil.rmtree(run)
    assert list(rows) == []
