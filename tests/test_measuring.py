"""Runs on Aer in pieces: counts that do not depend on how they are cut, and runs that go on where they stopped."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Call

from devices import Interrupted, RunError, execute, open_device, resume, status
from devices.simulators import aer_pieces
from protocols import Program, compile
from protocols.heat_exchange import HeatExchange
from protocols.maxwell_demon import MaxwellDemon

NOT_TIMED = ("counts.csv", "raw/job-000.json", "raw/job-001.json", "raw/job-002.json")


class Killed(BaseException):
    """What no handler of the run catches, as an end of the process."""


def exchange(**given: Any) -> Program:
    experiment = HeatExchange(time=[0.0, 5.0])
    return compile(experiment, experiment.points({"control": "none"}), bases="ZZ,XX", calibration_shots=20, **given)


def demon() -> Program:
    """Gates on results: shot by shot."""
    experiment = MaxwellDemon(T=[0.5, 0.8, 1.1])
    return compile(experiment, experiment.points({"control": "none", "feedback": "measured"}), shots=40)


def in_pieces_of(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aer_pieces, "MOST_ROWS", rows)


def ended_after(pieces: int, program: Program, device: str, runs: Path) -> Path:
    """A run whose process ended once so many pieces were measured."""
    told = itertools.count(1)

    class Ending(type(open_device(device))):
        def task(self, *given: Any) -> Any:
            if next(told) > pieces:
                raise Killed
            return super().task(*given)

    ending = Ending(**vars(open_device(device)))
    with pytest.raises(Killed):
        execute(program, ending, runs=runs, seed=3, command="hotward run it --seed 3")
    (run,) = runs.iterdir()
    return run


def contents(run: Path) -> dict[str, bytes]:
    return {name: (run / name).read_bytes() for name in NOT_TIMED if (run / name).exists()}


@pytest.mark.parametrize(
    ("program", "device"),
    [
        (exchange, "aer"),
        pytest.param(exchange, "aer:fake_fez", marks=pytest.mark.slow),
        pytest.param(demon, "aer:fake_fez", marks=pytest.mark.slow),
    ],
)
def test_counts_do_not_depend_on_how_a_run_is_cut(
    program: Callable[[], Program], device: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Aer seeds circuit n of a call with 2113 n more: the rule that pieces rest on, in whatever version is here."""
    found = []
    for rows in (256, 3):
        in_pieces_of(rows, monkeypatch)
        found.append(contents(execute(program(), open_device(device), runs=tmp_path, seed=3).path))
    assert found[0] == found[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "device"), [(exchange, "aer"), (exchange, "aer:fake_fez"), (demon, "aer:fake_fez")]
)
def test_counts_do_not_depend_on_threads(
    program: Callable[[], Program], device: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for threads in (1, 0, 3):
        monkeypatch.setattr(aer_pieces, "THREADS", threads)
        found.append(contents(execute(program(), open_device(device), runs=tmp_path, seed=3).path))
    assert found[0] == found[1] == found[2]


@pytest.mark.slow
def test_shots_of_several_calls_are_cut_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows with more shots than one call holds: the pieces of a call have its seed, not that of the job."""
    monkeypatch.setattr("devices.simulators.aer_calls.MOST_SHOTS", 600)
    whole = contents(execute(exchange(shots=400), open_device("aer"), runs=tmp_path, seed=3).path)
    in_pieces_of(3, monkeypatch)
    assert contents(execute(exchange(shots=400), open_device("aer"), runs=tmp_path, seed=3).path) == whole


@pytest.mark.parametrize("pieces", [3, pytest.param(0, marks=pytest.mark.slow)])
def test_a_run_that_was_killed_goes_on_where_it_stopped(
    pieces: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_pieces_of(3, monkeypatch)
    whole = execute(exchange(), open_device("aer"), runs=tmp_path / "whole", seed=3).path
    run = ended_after(pieces, exchange(), "aer", tmp_path / "killed")
    assert f"Go on from what was measured with: hotward collect {run}" in status(run)[1]
    told: list[int] = []
    record = resume(run, progress=lambda what, done, of: told.append(done))
    assert contents(record.path) == contents(whole)
    assert sorted(path.name for path in (run / "raw").iterdir()) == sorted(p.name for p in (whole / "raw").iterdir())
    assert status(run)[0] == "done"
    assert len(told) == len(pieces_in(whole)) - pieces + (pieces > 0), "what is there is told of at once"
    assert resume(run).stop == record.stop, "nothing is left to do"


@pytest.mark.slow
def test_a_killed_run_is_collected(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    in_pieces_of(3, monkeypatch)
    whole = execute(exchange(), open_device("aer:fake_fez"), runs=tmp_path / "whole", seed=3).path
    run = ended_after(2, exchange(), "aer:fake_fez", tmp_path / "killed")
    said = call("collect", run, "--draws", "20")
    assert said.status == 0, said.err
    assert contents(run) == contents(whole)
    assert said.out.splitlines()[-1] == str(run)


def pieces_in(run: Path) -> list[Any]:
    """Of all jobs, as they would be cut now."""
    from devices.record.plan_file import stored_plan
    from devices.record.progress import read_start

    device, plan = open_device("aer"), stored_plan(run, read_start(run))
    return [piece for job in plan.jobs for piece in device.pieces(plan, job)]


@pytest.mark.parametrize(
    "damage", ['[{"00": 20}]', pytest.param("", marks=pytest.mark.slow), pytest.param("[[]]", marks=pytest.mark.slow)]
)
def test_a_piece_that_is_not_what_was_measured_is_measured_again(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_pieces_of(1, monkeypatch)
    whole = execute(exchange(), open_device("aer"), runs=tmp_path / "whole", seed=3).path
    run = ended_after(2, exchange(), "aer", tmp_path / "killed")
    pieces = [*(run / "raw" / "pieces").iterdir()]
    assert pieces
    for path in pieces:
        path.write_text(damage)
    assert contents(resume(run).path) == contents(whole)


def test_another_version_does_not_go_on(tmp_path: Path) -> None:
    run = ended_after(0, exchange(), "aer", tmp_path)
    start = json.loads((run / "start.json").read_text())
    start["versions"]["qiskit-aer"] = "0.1"
    (run / "start.json").write_text(json.dumps(start))
    with pytest.raises(RunError, match=r"begun with qiskit-aer 0\.1 and not .* hotward run it --seed 3"):
        resume(run)
    assert status(run)[0] == "unfinished"


@pytest.mark.slow
def test_control_c_says_how_to_go_on(tmp_path: Path) -> None:
    from devices.simulators.aer import Aer

    class Stopped(Aer):
        def task(self, *given: Any) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match=r"interrupted; what was measured is kept\. Go on: hotward collect "):
        execute(exchange(), Stopped(), runs=tmp_path, seed=3)
    (run,) = tmp_path.iterdir()
    assert status(run)[0] == "unfinished"
    assert status(resume(run).path)[0] == "done"


@pytest.mark.slow
def test_a_run_that_failed_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its directory was sealed with what it had; the pieces in it go into the raw result of their job."""
    from devices import FailedRun
    from devices.simulators.aer import Aer

    in_pieces_of(3, monkeypatch)
    whole = execute(exchange(), Aer(), runs=tmp_path / "whole", seed=3).path
    told = itertools.count(1)

    class Full(Aer):
        def task(self, *given: Any) -> Any:
            if next(told) > 2:
                raise MemoryError("no room")
            return super().task(*given)

    with pytest.raises(FailedRun, match="no room"):
        execute(exchange(), Full(), runs=tmp_path / "failed", seed=3)
    (run,) = (tmp_path / "failed").iterdir()
    assert status(run)[0] == "failed"
    assert contents(resume(run).path) == contents(whole)


def test_what_was_done_is_told_of_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_pieces_of(2, monkeypatch)
    told: list[tuple[str, int, int]] = []
    record = execute(exchange(), open_device("aer"), runs=tmp_path, seed=3, progress=lambda *given: told.append(given))
    total = sum(job["shots"] for job in record.start["jobs"])
    assert told[-1] == ("measuring", total, total)
    assert [done for _, done, _ in told] == sorted({done for _, done, _ in told})
    assert len(told) == len(pieces_in(record.path))
