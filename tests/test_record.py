"""The run on disk: written before the first shot, append-only, sealed last, and honest about damage."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Call, full_size

from analysis import analyse
from devices import (
    DamagedRun,
    FailedRun,
    ForeignRun,
    Job,
    Plan,
    RunError,
    RunRecord,
    UnfinishedRun,
    execute,
    finish_measured,
    open_device,
    status,
)
from devices.model import jobs_of
from devices.record import disk as _disk
from devices.record import seal, writing
from devices.simulators import Exact
from hotward import cli as _cli
from protocols import Program, RequestError, compile
from protocols.heat_exchange import HeatExchange

ROOT = Path(__file__).resolve().parent.parent
FILES = [
    "start.json",
    "ideal.npz",
    "circuits/virtual.txt",
    "circuits/executed.txt",
    "circuits/executed.qpy",
    "plan.json",
    "plan.npz",
    "jobs.jsonl",
    "raw/job-000.json",
    "raw/job-001.json",
    "counts.csv",
    "stop.json",
]


def small_program(
    control: str = "none", bases: str = "ZZ", shots: int = 64, calibration: int = 20, **fields: Any
) -> Program:
    experiment = HeatExchange(**{"time": [0.0, 5.0], **fields})
    points = experiment.points({"control": control})
    return compile(experiment, points, shots=shots, bases=bases, calibration_shots=calibration)


@dataclass(frozen=True, kw_only=True)
class Scripted(Exact):
    """The exact device in two jobs, with something happening at each submission."""

    name: str = "scripted"
    at_submit: Callable[[Job, Path], None] = lambda job, run: None

    def prepare(self, program: Program, seed: int) -> Plan:
        plan = super().prepare(program, seed)
        slots = plan.jobs[0].slots
        return replace(plan, jobs=jobs_of(program, seed, [slots[: len(slots) // 2], slots[len(slots) // 2 :]]))

    def submit(self, plan: Plan, job: Job, run: Path) -> str:
        self.at_submit(job, run)
        return super().submit(plan, job, run)


def only(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def files_of(run: Path) -> list[str]:
    return sorted(str(path.relative_to(run)) for path in run.rglob("*") if path.is_file())


def events(run: Path) -> list[tuple[str, int]]:
    return [(entry["event"], entry["job"]) for entry in journal_of(run)]


def journal_of(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "jobs.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with every kind of file; copied by the tests, never changed."""
    program = small_program(control="", calibration=0)
    return execute(program, open_device("aer"), runs=tmp_path_factory.mktemp("sealed"), seed=1).path


@pytest.fixture
def run(sealed: Path, tmp_path: Path) -> Path:
    """An own copy of the finished run."""
    return Path(shutil.copytree(sealed, tmp_path / sealed.name))


# ---- the order of writing ----


def test_everything_known_is_on_disk_before_the_first_shot(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def look(job: Job, run: Path) -> None:
        seen.append(files_of(run))
        start = json.loads((run / "start.json").read_text())
        assert start["seed"] == 7
        assert [j["index"] for j in start["jobs"]] == [0, 1]
        with np.load(run / "ideal.npz") as ideal:
            assert ideal["state"].shape == (2, 2, 4, 4)
        assert events(run)[-1] == ("intended", job.index)
        assert status(run)[0] == "unfinished"

    record = execute(small_program(), Scripted(at_submit=look), runs=tmp_path, seed=7)
    first = ["ideal.npz", "jobs.jsonl", "plan.json", "plan.npz", "start.json"]
    assert seen == [first, sorted([*first, "raw/job-000.json"])]
    assert files_of(record.path) == sorted([*seen[1], "raw/job-001.json", "counts.csv", "stop.json"])
    assert events(record.path) == [(e, j) for j in (0, 1) for e in ("intended", "submitted", "collected")]


def test_circuits_are_on_disk_before_the_first_shot(tmp_path: Path) -> None:
    from qiskit import qpy

    from devices.simulators.aer import Aer

    seen: list[int] = []

    class Watched(Aer):
        def task(self, plan: Plan, job: Job, *rest: Any) -> Any:
            run = only(tmp_path)
            with (run / "circuits" / "executed.qpy").open("rb") as file:
                stored = qpy.load(file)
            assert len(stored) == len(plan.program.blocks)
            for name in ("virtual", "executed"):
                assert "main" in (run / "circuits" / f"{name}.txt").read_text()
            seen.append(job.index)
            return super().task(plan, job, *rest)

    record = execute(small_program(calibration=0), Watched(), runs=tmp_path, seed=7)
    assert seen == [job["index"] for job in record.start["jobs"]]


def test_a_file_is_durable_before_it_has_its_name_and_its_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, rename = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        done.append("directory" if Path(f"/proc/self/fd/{descriptor}").is_dir() else "file")
        fsync(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        done.append("rename")
        return rename(self, target)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("needs /proc to tell a file from a directory")
    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    _disk.write(tmp_path / "table.csv", "a,b\n")
    assert done == ["file", "rename", "directory"]
    done.clear()
    _disk.append_line(tmp_path / "jobs.jsonl", {"event": "intended"})
    _disk.append_line(tmp_path / "jobs.jsonl", {"event": "submitted"})
    assert done == ["file", "directory", "file"]


def test_raw_results_are_journalled_with_their_digest(tmp_path: Path) -> None:
    record = execute(small_program(), Scripted(), runs=tmp_path, seed=1)
    journal = journal_of(record.path)
    for entry in [e for e in journal if e["event"] == "collected"]:
        content = (record.path / "raw" / entry["raw"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    times = [datetime.fromisoformat(e["time"]) for e in journal]
    assert times == sorted(times)
    started = datetime.fromisoformat(record.start["created"])
    assert started <= times[0] <= times[-1] <= datetime.fromisoformat(record.stop["stopped"])


def test_the_seal_covers_every_other_file(sealed: Path) -> None:
    assert files_of(sealed) == sorted(FILES)
    stop = json.loads((sealed / "stop.json").read_text())
    assert sorted(stop["sha256"]) == sorted(name for name in FILES if name != "stop.json")
    for name, digest in stop["sha256"].items():
        assert hashlib.sha256((sealed / name).read_bytes()).hexdigest() == digest
    assert status(sealed)[0] == "done"


# ---- damage ----


def flip(path: Path, position: int, mask: int = 1) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= mask
    path.write_bytes(content)


@pytest.mark.parametrize("where", ["first", "middle", "last"])
@pytest.mark.parametrize("name", FILES)
def test_one_flipped_byte_is_detected_and_its_file_named(run: Path, name: str, where: str) -> None:
    size = (run / name).stat().st_size
    flip(run / name, {"first": 0, "middle": size // 2, "last": size - 1}[where])
    with pytest.raises(DamagedRun, match=name):
        RunRecord.open(run)
    state, sentence = status(run)
    assert state == "damaged"
    assert name in sentence


@pytest.mark.parametrize("name", ["start.json", "stop.json"])
def test_no_byte_of_a_document_can_be_flipped_unnoticed(run: Path, name: str) -> None:
    content = (run / name).read_bytes()
    missed = []
    for position in range(0, len(content), 5 if full_size() else 31):
        changed = bytearray(content)
        changed[position] ^= 1
        (run / name).write_bytes(changed)
        state, sentence = status(run)
        if state != "damaged" or name not in sentence:
            missed.append((position, state))
    assert missed == []


def test_a_flipped_schema_of_a_sealed_run_is_damage_not_a_newer_version(run: Path) -> None:
    content = (run / "start.json").read_bytes()
    flip(run / "start.json", content.index(b'"schema": ') + len(b'"schema": '), mask=2)
    state, sentence = status(run)
    assert state == "damaged"
    assert "start.json" in sentence


@pytest.mark.parametrize("name", [name for name in FILES if name != "stop.json"])
def test_a_missing_file_is_detected_and_named(run: Path, name: str) -> None:
    (run / name).unlink()
    state, sentence = status(run)
    assert name in sentence
    assert state == "damaged"
    assert "delete" not in sentence


@pytest.mark.parametrize("name", [name for name in FILES if name != "stop.json"])
def test_a_truncated_file_is_detected_and_named(run: Path, name: str) -> None:
    (run / name).write_bytes((run / name).read_bytes()[:-1])
    state, sentence = status(run)
    assert (state, name in sentence) == ("damaged", True)


def test_all_damaged_files_are_named_at_once(run: Path) -> None:
    for name in ("counts.csv", "ideal.npz"):
        flip(run / name, 10)
    (run / "raw" / "job-000.json").unlink()
    with pytest.raises(DamagedRun) as caught:
        RunRecord.open(run)
    for name in ("counts.csv", "ideal.npz", "raw/job-000.json"):
        assert name in str(caught.value)


def test_a_damaged_run_is_not_analysed(run: Path) -> None:
    from analysis import analyse

    flip(run / "counts.csv", 200)
    with pytest.raises(DamagedRun, match=r"counts\.csv"):
        analyse(run)
    assert not (run / "derived").exists()


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{}", b"\xff\xfe", b'{"seal": 1}', b'{"status": "done"}'])
def test_a_spoilt_stop_document_is_damage(run: Path, content: bytes) -> None:
    (run / "stop.json").write_bytes(content)
    state, sentence = status(run)
    assert (state, "stop.json" in sentence) == ("damaged", True)


# ---- measured, and ended before the seal ----

STAGES = {
    "before the last line": ["stop.json", "counts.csv"],
    "before the counts": ["stop.json", "counts.csv"],
    "before the seal": ["stop.json"],
}


def end_early(run: Path, stage: str) -> dict[str, bytes]:
    """Leaves a run as its process left it that was killed after its last raw result; what it would have had."""
    whole = {name: (run / name).read_bytes() for name in files_of(run)}
    for name in STAGES[stage]:
        (run / name).unlink()
    if stage == "before the last line":
        lines = (run / "jobs.jsonl").read_text().splitlines(keepends=True)
        (run / "jobs.jsonl").write_text("".join(lines[:-1]))
    return whole


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("command", ["collect", "analyse", "report"])
def test_a_run_that_was_measured_is_finished_and_not_measured_again(
    run: Path, stage: str, command: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = end_early(run, stage)
    assert f"finish it with: hotward collect {run}" in status(run)[1]
    monkeypatch.setattr("devices.simulators.aer.Aer.measure", lambda *given: pytest.fail("measured again"))
    said = call(command, run, "--draws", "20")
    assert said.status == 0, said.err
    assert said.complaint == [f"note: {run} was finished from its raw results; nothing was measured again"]
    assert status(run) == ("done", f"{run} is complete and unchanged")
    same = [name for name in whole if name not in ("stop.json", "jobs.jsonl")]
    assert {name: (run / name).read_bytes() for name in same} == {name: whole[name] for name in same}
    assert events(run)[-1] == ("collected", journal_of(run)[-1]["job"])


@pytest.mark.parametrize("device", ["exact", "exact:white=0.1"])
def test_a_run_without_circuits_is_finished_too(device: str, tmp_path: Path) -> None:
    run = execute(small_program(), open_device(device), runs=tmp_path, seed=1).path
    counts = (run / "counts.csv").read_bytes()
    end_early(run, "before the counts")
    record = finish_measured(run)
    assert record is not None
    assert (run / "counts.csv").read_bytes() == counts
    assert finish_measured(run) is None, "there is nothing left to do"


def test_a_run_that_failed_after_it_was_measured_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes | str) -> None:
        if path.name == "counts.csv":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        written(path, content)

    written = _disk.write
    with monkeypatch.context() as patched:
        patched.setattr(_disk, "write", full)
        with pytest.raises(FailedRun, match="No space left"):
            execute(small_program(), Scripted(), runs=tmp_path, seed=1)
    run = only(tmp_path)
    assert status(run)[0] == "failed"
    assert "finish it with" in status(run)[1]
    assert finish_measured(run) is not None
    assert status(run)[0] == "done"


@pytest.mark.parametrize(
    "change",
    [
        lambda tallies: tallies[:-1],
        lambda tallies: [*tallies[:-1], {"00": 1}],
        lambda tallies: [{f"{bits}0": number for bits, number in tally.items()} for tally in tallies],
        lambda tallies: [{bits: float(number) for bits, number in tally.items()} for tally in tallies],
        lambda tallies: "text",
    ],
)
@pytest.mark.parametrize("stage", ["before the last line", "before the counts"])
def test_a_raw_result_that_is_another_s_is_not_decoded(
    stage: str, change: Callable[[Any], Any], tmp_path: Path
) -> None:
    run = execute(small_program(), Scripted(), runs=tmp_path, seed=1).path
    end_early(run, stage)
    raw = run / "raw" / "job-001.json"
    raw.write_text(json.dumps(change(json.loads(raw.read_text()))))
    with pytest.raises(DamagedRun, match=r"job-001\.json"):
        finish_measured(run)
    assert not (run / "counts.csv").exists()


@pytest.mark.parametrize("gone", ["raw/job-001.json", "plan.json", "plan.npz"])
def test_a_run_that_lacks_something_is_not_finished(gone: str, tmp_path: Path) -> None:
    run = execute(small_program(), Scripted(), runs=tmp_path, seed=1).path
    end_early(run, "before the counts")
    (run / gone).unlink()
    if gone.startswith("raw"):
        assert finish_measured(run) is None
        assert "finish it" not in status(run)[1]
    else:
        with pytest.raises(DamagedRun, match=gone):
            finish_measured(run)


def test_a_run_is_not_finished_while_it_is_measured(tmp_path: Path) -> None:
    met: list[str] = []

    def meddle(job: Job, run: Path) -> None:
        if job.index == 1:
            shutil.copy(run / "raw" / "job-000.json", run / "raw" / "job-001.json")
            with pytest.raises(RunError) as caught:
                finish_measured(run)
            met.append(str(caught.value))

    record = execute(small_program(), Scripted(at_submit=meddle), runs=tmp_path, seed=1)
    assert met == [f"{record.path} is being measured by another process. Wait for it, or end it first."]
    assert record.stop["status"] == "done"


# ---- files that the seal does not name ----


def noisy_result(run: Path) -> tuple[str, str]:
    """What an analysis makes of a run: its headline and its table."""
    result = analyse(run, draws=20)
    return result.headline, result.table.to_csv()


def planted_ideal(run: Path) -> bytes:
    """Exact states that are another protocol's."""
    stored = np.load(run / "ideal.npz")
    return writing.arrays({name: np.zeros_like(stored[name]) for name in stored.files})


@pytest.mark.parametrize("name", ["expectations.csv", "raw/job-002.json", "raw/sub/notes.txt", ".hidden", "ideal.npz"])
def test_a_file_added_to_a_sealed_run_is_said_and_nothing_of_it_is_used(name: str, tmp_path: Path, call: Call) -> None:
    run = execute(small_program(control=""), open_device("exact"), runs=tmp_path, seed=1).path
    content = b"pauli,value,stderr\nZZ,0.5,0.1\n"
    if name == "ideal.npz":  # of a run that has none, like an import without a protocol
        content = planted_ideal(run)
        (run / name).unlink()
        (run / "stop.json").unlink()
        seal(run, "done")
    before = noisy_result(run)
    (run / name).parent.mkdir(exist_ok=True)
    (run / name).write_bytes(content)
    state, sentence = status(run)
    assert state == "done"
    assert f"ignored, since they were added after it was sealed: {name}" in sentence
    assert RunRecord.open(run).unsealed == (name,)
    assert noisy_result(run) == before
    assert name in call("show", run).out
    assert name in call("analyse", run, "--draws", "20").err


def test_what_a_killed_process_had_begun_to_write_is_never_data(run: Path) -> None:
    unseal(run)
    litter = [run / ".stop.json.4711-0a1b2c3d.part", run / "raw" / ".job-001.json.4711-0a1b2c3d.part"]
    for path in litter:
        path.write_bytes(b'{"status": "do')
    stop = seal(run, "done").stop
    assert sorted(stop["sha256"]) == sorted(name for name in FILES if name != "stop.json")
    assert status(run) == ("done", f"{run} is complete and unchanged")
    for path in litter:
        path.unlink()
    assert status(run) == ("done", f"{run} is complete and unchanged")


# ---- what is no file, and what is larger than memory ----


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def link_to_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**43)


def nested(path: Path) -> None:
    path.write_text("[" * 200_000)


@pytest.mark.parametrize("name", ["start.json", "stop.json", "jobs.jsonl", "counts.csv", "derived/verdict.json"])
@pytest.mark.parametrize("made", [make_pipe, link_to_device, sparse, nested], ids=lambda made: made.__name__)
@pytest.mark.parametrize("whole", [True, False], ids=["sealed", "unsealed"])
def test_nothing_in_a_directory_of_runs_hangs_or_kills_the_list_of_them(
    run: Path, name: str, made: Callable[[Path], None], whole: bool, call: Call
) -> None:
    if not whole and name != "stop.json":
        unseal(run)
    (run / name).parent.mkdir(exist_ok=True)
    (run / name).unlink(missing_ok=True)
    made(run / name)
    listed = call("runs", "--runs", run.parent)
    assert (listed.status, listed.err) == (0, "")
    assert run.name in listed.out
    assert call("show", run).status in (0, 1)
    state = status(run)[0]
    unharmed = {True: "done", False: "unfinished"}[whole]
    assert state == (unharmed if name == "derived/verdict.json" else state)
    assert state != "done" or name == "derived/verdict.json"


@pytest.mark.parametrize("name", ["start.json", "stop.json", "derived/verdict.json"])
@pytest.mark.parametrize("content", [b"[1, 2]", b"7", b"[" + b"[]," * 2**23 + b"0]"], ids=["list", "number", "lists"])
def test_documents_that_are_no_objects_or_take_much_memory_are_damage(
    run: Path, name: str, content: bytes, call: Call
) -> None:
    (run / name).parent.mkdir(exist_ok=True)
    (run / name).write_bytes(content)
    tracemalloc.start()
    listed = call("runs", "--runs", run.parent)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (listed.status, listed.err) == (0, "")
    assert most < 4 * len(content) + 2**24  # 8 million lists take half a gigabyte
    assert status(run)[0] == ("done" if name == "derived/verdict.json" else "damaged")


def bomb() -> bytes:
    """A small file that is compressed from a thousand times as much."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, state=np.zeros(2**20))
    return buffer.getvalue()


def pickled() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, state=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return buffer.getvalue()


def boastful() -> bytes:
    """An array that claims to have 2^50 numbers."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f8", "fortran_order": False, "shape": (2**50,)})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as entries:
        entries.writestr("state.npy", head.getvalue() + bytes(64))
    return buffer.getvalue()


@pytest.mark.parametrize("content", [bomb(), pickled(), boastful(), b"", b"PK\x03\x04", b"no zip"])
def test_exact_states_that_hotward_did_not_write_are_damage(run: Path, content: bytes, call: Call) -> None:
    (run / "ideal.npz").write_bytes(content)
    unseal(run)
    seal(run, "done")
    with pytest.raises(DamagedRun, match=r"ideal\.npz"):
        RunRecord.open(run).ideal()
    said = call("analyse", run)
    assert said.status == 1
    assert "ideal.npz" in said.err
    assert "fault of hotward" not in said.err


# ---- unfinished, failed, foreign ----


def unseal(run: Path) -> None:
    (run / "stop.json").unlink()


def test_a_run_without_its_seal_is_unfinished_and_says_how_to_repeat_it(tmp_path: Path) -> None:
    run = execute(small_program(), Scripted(), runs=tmp_path, seed=1, command="hotward run heat-exchange --seed 1").path
    unseal(run)
    (run / "raw" / "job-001.json").unlink()
    with pytest.raises(UnfinishedRun) as caught:
        RunRecord.open(run)
    for text in (str(run), "unfinished", "2 of 2 jobs", "hotward run heat-exchange --seed 1"):
        assert text in str(caught.value)


def test_a_torn_last_line_of_the_journal_is_legal(tmp_path: Path) -> None:
    run = execute(small_program(), Scripted(), runs=tmp_path, seed=1).path
    unseal(run)
    journal = run / "jobs.jsonl"
    whole = journal.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    for cut in range(last, len(whole)):
        journal.write_bytes(whole[:cut])
        state, sentence = status(run)
        assert (state, "1 of 2 jobs" in sentence) == ("unfinished", True)
    journal.write_bytes(whole)
    assert "2 of 2 jobs" in status(run)[1]


def test_raw_results_that_were_not_yet_journalled_are_not_called_nothing(tmp_path: Path) -> None:
    run = execute(small_program(), Scripted(), runs=tmp_path, seed=1).path
    for name in ("stop.json", "counts.csv", "raw/job-001.json"):
        (run / name).unlink()
    lines = (run / "jobs.jsonl").read_text().splitlines(keepends=True)
    (run / "jobs.jsonl").write_text("".join(lines[:1]))
    assert "nothing was measured" not in status(run)[1]


ORDER = [
    "ideal.npz",
    "circuits/virtual.txt",
    "circuits/executed.txt",
    "circuits/executed.qpy",
    "plan.json",
    "plan.npz",
    "start.json",
    "jobs.jsonl",
    "raw/job-000.json",
    "raw/job-001.json",
    "counts.csv",
    "stop.json",
]


@pytest.mark.parametrize("written", range(len(ORDER)))
@pytest.mark.parametrize("part", [False, True], ids=["between files", "within a file"])
def test_a_crash_at_any_file_leaves_a_directory_that_is_explained(run: Path, written: int, part: bool) -> None:
    for name in ORDER[written:]:
        if part and name == ORDER[written]:
            (run / name).rename((run / name).with_name(f".{Path(name).name}.part"))
        else:
            (run / name).unlink()
    state, sentence = status(run)
    assert str(run) in sentence
    assert state == ("unfinished" if "start.json" in ORDER[:written] else "foreign")
    with pytest.raises(RunError):
        RunRecord.open(run)


BLOCKED = """
    import sys, time
    from pathlib import Path
    sys.path.insert(0, sys.argv[1])
    from test_record import Scripted, small_program
    from devices import execute

    def block(job, run):
        if job.index == 1:
            print(run, flush=True)
            time.sleep(600)

    execute(small_program(), Scripted(at_submit=block), runs=sys.argv[2], seed=1, command="hotward run it --seed 1")
"""


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["hotward", *map(str, arguments)])
    capsys.readouterr()
    with pytest.raises(SystemExit) as stopped:
        _cli.main()
    captured = capsys.readouterr()
    assert captured.err == ""
    assert isinstance(stopped.value.code, int)
    return stopped.value.code, captured.out


@pytest.mark.slow
def test_killed_in_the_middle_a_run_is_unfinished_and_keeps_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [sys.executable, "-c", textwrap.dedent(BLOCKED), str(Path(__file__).parent), str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        run = Path(child.stdout.readline().strip())
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    assert run.parent == tmp_path
    state, sentence = status(run)
    assert state == "unfinished"
    assert "1 of 2 jobs" in sentence
    assert sum(map(sum, (t.values() for t in json.loads((run / "raw" / "job-000.json").read_text())))) > 0
    code, shown = call(monkeypatch, capsys, "show", run)
    assert code == 0
    for text in ("unfinished", "1 of 2 jobs", "hotward run it --seed 1", "heat-exchange"):
        assert text in shown
    code, listed = call(monkeypatch, capsys, "runs", "--runs", tmp_path)
    assert code == 0
    assert run.name in listed
    assert "unfinished" in listed


def fail_second(job: Job, run: Path) -> None:
    if job.index == 1:
        raise RuntimeError("the cryostat is warm")


def test_a_device_that_fails_leaves_a_sealed_explained_run_with_the_earlier_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(FailedRun, match="the cryostat is warm") as caught:
        execute(small_program(), Scripted(at_submit=fail_second), runs=tmp_path, seed=1)
    run = only(tmp_path)
    assert str(run) in str(caught.value)
    assert isinstance(caught.value.__cause__, RuntimeError)
    state, sentence = status(run)
    assert state == "failed"
    assert "the cryostat is warm" in sentence
    assert files_of(run) == [
        "ideal.npz",
        "jobs.jsonl",
        "plan.json",
        "plan.npz",
        "raw/job-000.json",
        "start.json",
        "stop.json",
    ]
    assert sum(map(sum, (t.values() for t in json.loads((run / "raw" / "job-000.json").read_text())))) > 0
    with pytest.raises(UnfinishedRun, match="the cryostat is warm"):
        RunRecord.open(run)
    code, shown = call(monkeypatch, capsys, "show", run)
    assert (code, "the cryostat is warm" in shown) == (0, True)
    flip(run / "raw" / "job-000.json", 3)
    assert status(run)[0] == "damaged"


def test_a_device_that_cannot_decode_keeps_all_raw_results(tmp_path: Path) -> None:
    class Mute(Scripted):
        def decode(self, plan: Plan, job: Job, raw: Path) -> pd.DataFrame:
            raise ValueError("what is this?")

    with pytest.raises(FailedRun, match="what is this"):
        execute(small_program(), Mute(), runs=tmp_path, seed=1)
    run = only(tmp_path)
    assert {"raw/job-000.json", "raw/job-001.json", "stop.json"} <= set(files_of(run))
    assert "counts.csv" not in files_of(run)
    assert status(run)[0] == "failed"


def test_a_job_that_stays_pending_is_a_failed_run_that_names_it(tmp_path: Path) -> None:
    class Slow(Scripted):
        def collect(self, plan: Plan, job: Job, run: Path) -> Any:
            return None

    with pytest.raises(FailedRun, match="job 0"):
        execute(small_program(), Slow(), runs=tmp_path, seed=1)
    assert status(only(tmp_path))[0] == "failed"


def test_a_program_that_the_device_refuses_leaves_nothing(tmp_path: Path) -> None:
    class Picky(Scripted):
        def prepare(self, program: Program, seed: int) -> Plan:
            raise RequestError("Argument `device` must be larger.")

    with pytest.raises(RequestError, match="larger"):
        execute(small_program(), Picky(), runs=tmp_path / "runs", seed=1)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_is_unfinished(tmp_path: Path) -> None:
    def interrupt(job: Job, run: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(small_program(), Scripted(at_submit=interrupt), runs=tmp_path, seed=1)
    assert status(only(tmp_path))[0] == "unfinished"


@pytest.mark.parametrize("seal_too", [False, True])
def test_a_disk_that_fills_up_in_the_middle_is_a_failed_or_an_unfinished_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seal_too: bool
) -> None:
    write = _disk.write

    def full(path: Path, content: bytes | str) -> None:
        if path.name == "counts.csv" or (seal_too and path.name == "stop.json"):
            raise OSError(28, "No space left on device", str(path))
        write(path, content)

    monkeypatch.setattr(_disk, "write", full)
    with pytest.raises(FailedRun, match="No space left on device"):
        execute(small_program(), Scripted(), runs=tmp_path, seed=1)
    run = only(tmp_path)
    state, sentence = status(run)
    assert state == ("unfinished" if seal_too else "failed")
    assert {"raw/job-000.json", "raw/job-001.json"} <= set(files_of(run))
    assert "2 of 2 jobs" in sentence if seal_too else "No space left" in sentence


def test_a_directory_of_somebody_else_is_foreign_and_never_to_be_deleted(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("ten years of work")
    state, sentence = status(tmp_path)
    assert state == "foreign"
    assert str(tmp_path) in sentence
    assert "delete" not in sentence
    with pytest.raises(ForeignRun):
        RunRecord.open(tmp_path)


def test_what_does_not_exist_and_what_is_a_file_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "does not exist" in status(tmp_path / "nothing")[1]
    assert "does not exist" not in status(tmp_path / "file")[1]


@pytest.mark.parametrize("schema", [2, 99])
def test_a_run_of_a_newer_version_is_foreign_and_asks_for_an_update(run: Path, schema: int) -> None:
    start = json.loads((run / "start.json").read_text())
    (run / "start.json").write_text(json.dumps({**start, "schema": schema}))
    unseal(run)
    state, sentence = status(run)
    assert state == "foreign"
    assert str(schema) in sentence
    assert "Update" in sentence


SPOILT: dict[str, Callable[[Path], object]] = {
    "journal of rubbish": lambda run: (run / "jobs.jsonl").write_bytes(b"rubbish\n{}\n"),
    "binary journal": lambda run: (run / "jobs.jsonl").write_bytes(b"\xff\xfe\n"),
    "journal of lists": lambda run: (run / "jobs.jsonl").write_bytes(b"[1]\n"),
    "journal is a directory": lambda run: ((run / "jobs.jsonl").unlink(), (run / "jobs.jsonl").mkdir()),
    "start without jobs": lambda run: (run / "start.json").write_text('{"schema": 1}'),
    "start is a list": lambda run: (run / "start.json").write_text("[1]"),
    "start is empty": lambda run: (run / "start.json").write_text(""),
    "start is binary": lambda run: (run / "start.json").write_bytes(b"\xff"),
    "start is a directory": lambda run: ((run / "start.json").unlink(), (run / "start.json").mkdir()),
    "start of something else": lambda run: (run / "start.json").write_text('{"name": "npm"}'),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_the_status_of_a_spoilt_directory_is_a_sentence_never_an_error(run: Path, spoilt: str) -> None:
    unseal(run)
    SPOILT[spoilt](run)
    state, sentence = status(run)
    assert state in ("damaged", "foreign", "unfinished")
    assert str(run) in sentence


# ---- derived files, names, contents ----


def test_derived_files_are_not_sealed_and_come_back_bit_for_bit(run: Path) -> None:
    from analysis import analyse, write

    derived = write(analyse(run, draws=20))
    table = (derived / "table.csv").read_bytes()
    assert status(run)[0] == "done"
    flip(derived / "table.csv", 100)
    (derived / "more").mkdir()
    (derived / "more" / "notes.txt").write_text("mine")
    assert status(run)[0] == "done"
    shutil.rmtree(derived)
    assert status(run)[0] == "done"
    assert (write(analyse(run, draws=20)) / "table.csv").read_bytes() == table
    assert not any("derived" in name for name in json.loads((run / "stop.json").read_text())["sha256"])


def test_a_copied_or_renamed_run_is_still_whole(sealed: Path, tmp_path: Path) -> None:
    from analysis import analyse

    copy = Path(shutil.copytree(sealed, tmp_path / "of another name"))
    assert analyse(copy, draws=5).table.equals(analyse(sealed, draws=5).table)


class Fixed(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: Any = None) -> Fixed:
        return cls(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_runs_of_the_same_second_have_directories_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "datetime", Fixed)
    made = {writing.begin(tmp_path, "heat-exchange-exact", {"n": n}, {}) for n in range(8)}
    assert len(made) == 8
    assert all(path.name.startswith("20260102-030405-heat-exchange-exact") for path in made)


def test_a_name_that_is_taken_is_never_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "datetime", Fixed)
    monkeypatch.setattr(writing.secrets, "token_hex", lambda size: "ab" * size)
    first = writing.begin(tmp_path, "heat-exchange-exact", {"n": 1}, {"ideal.npz": b"first"})
    try:
        second = writing.begin(tmp_path, "heat-exchange-exact", {"n": 2}, {"ideal.npz": b"second"})
    except RequestError:
        second = None
    assert second != first
    assert json.loads((first / "start.json").read_text())["n"] == 1
    assert (first / "ideal.npz").read_bytes() == b"first"


def test_two_devices_can_share_a_folder_of_runs(tmp_path: Path) -> None:
    names = [execute(small_program(), device, runs=tmp_path, seed=1).path.name for device in (Exact(), Scripted())]
    assert names[0].split("-", 2)[2].startswith("heat-exchange-exact")
    assert names[1].split("-", 2)[2].startswith("heat-exchange-scripted")


def test_counts_are_read_by_plain_pandas_with_the_columns_of_the_contract(tmp_path: Path) -> None:
    program = small_program(control="none,dephased", bases="ZZ,XY", shots=64, strength=0.7, T_A=[1.0, 2.0])
    run = execute(program, Scripted(), runs=tmp_path, seed=1).path
    counts = pd.read_csv(run / "counts.csv")
    assert list(counts.columns) == [
        *("T_A", "time"),
        *("arm", "copy", "pass", "role", "member", "weight", "basis", "prepared"),
        *("A", "B", "count"),
    ]
    for name in ("copy", "pass", "member", "A", "B", "count"):
        assert pd.api.types.is_integer_dtype(counts[name]), name
    assert set(counts["A"]) == set(counts["B"]) == {0, 1}
    assert (counts["count"] > 0).all()
    assert set(counts["arm"]) == {"main", "none", "dephased"}
    measured = counts[counts["basis"] != "cal"]
    assert set(measured["basis"]) == {"ZZ", "XY"}
    assert measured["prepared"].isna().all()
    cells = measured.groupby(["T_A", "time", "arm", "basis"])
    assert len(cells) == 2 * 2 * 3 * 2
    assert (cells["count"].sum() == 64).all()
    weights = measured.drop_duplicates(["T_A", "time", "arm", "member"]).groupby(["T_A", "time", "arm"])["weight"].sum()
    np.testing.assert_allclose(weights, 1, atol=1e-12)
    assert set(measured[measured["arm"] == "main"]["role"]) == {"point"}
    assert set(measured[measured["arm"] != "main"]["role"]) == {"control"}


def test_weights_are_the_exact_probabilities_never_the_realised_shares(tmp_path: Path) -> None:
    # core.md section 7: the optimal state at (2, 1) has two members of these weights
    run = execute(small_program(control="", shots=63), Scripted(), runs=tmp_path, seed=1).path
    counts = pd.read_csv(run / "counts.csv").query("basis != 'cal'")
    weights = counts.groupby("member")["weight"].unique()
    assert [len(w) for w in weights] == [1, 1]
    np.testing.assert_allclose([w[0] for w in weights], [0.353518, 0.646482], atol=5e-7)
    share = counts.groupby("member")["count"].sum() / counts["count"].sum()
    assert (share - [w[0] for w in weights]).abs().min() > 1e-4


def test_calibration_rows_say_what_was_prepared_and_when(tmp_path: Path) -> None:
    run = execute(small_program(calibration=21), Scripted(), runs=tmp_path, seed=1).path
    rows = pd.read_csv(run / "counts.csv", dtype={"prepared": str}).query("basis == 'cal'")
    assert set(rows["role"]) == {"calibration"}
    assert rows["time"].isna().all()
    assert rows["prepared"].tolist() == (rows["A"].astype(str) + rows["B"].astype(str)).tolist(), "exact reads well"
    shots = rows.groupby(["prepared", "pass"])["count"].sum().unstack()
    assert list(shots.index) == ["00", "01", "10", "11"]
    assert (shots.sum(axis=1) == 21).all()
    assert (shots[0] - shots[1]).abs().max() <= 1


def test_added_reference_points_are_marked(tmp_path: Path) -> None:
    run = execute(small_program(time=[2.0, 5.0]), Scripted(), runs=tmp_path, seed=1).path
    main = pd.read_csv(run / "counts.csv").query("arm == 'main' and basis != 'cal'")
    assert set(main[main["time"] == 0]["role"]) == {"reference"}
    assert set(main[main["time"] > 0]["role"]) == {"point"}


def test_the_counts_are_the_raw_results(tmp_path: Path) -> None:
    record = execute(small_program(), Scripted(), runs=tmp_path, seed=1)
    raw = [t for k in (0, 1) for t in json.loads((record.path / "raw" / f"job-{k:03d}.json").read_text())]
    counts = record.counts()
    told = [(f"{row.A}{row.B}", row.count) for row in counts.rename(columns={"count": "n"}).itertuples()]
    assert len(told) == sum(len(tally) for tally in raw)
    rows = zip(counts["A"], counts["B"], counts["count"], strict=True)
    received = [pair for tally in raw for pair in tally.items()]
    assert sorted((f"{a}{b}", n) for a, b, n in rows) == sorted(received), "in another order"


def test_the_record_reads_back_what_was_asked_for(tmp_path: Path) -> None:
    program = small_program(T_A=[1 / 3, 2.0], time=[0.1 + 0.2, 5.0])
    record = execute(program, Scripted(), runs=tmp_path, seed=1)
    for name, values in program.points.parameters.items():
        assert record.points.parameters[name].tolist() == values.tolist(), name
    assert record.points.reference.tolist() == program.points.reference.tolist()
    assert record.points.reference_only.tolist() == program.points.reference_only.tolist()
    assert dict(record.points.options) == dict(program.points.options)
    assert set(record.counts()["time"].dropna()) == set(program.points.parameters["time"])
    np.testing.assert_array_equal(
        record.ideal()["state"], [program.experiment.state(program.points, arm) for arm in ("main", "none")]
    )


def test_every_column_of_the_counts_is_explained(sealed: Path) -> None:
    start = json.loads((sealed / "start.json").read_text())
    assert list(start["columns"]) == list(pd.read_csv(sealed / "counts.csv").columns)
    assert all(start["columns"].values())
    assert "hbar/gap" in start["columns"]["time"]


def test_start_says_everything_that_is_known(sealed: Path) -> None:
    start = json.loads((sealed / "start.json").read_text())
    known = {"schema", "protocol", "points", "bases", "shots", "seed", "device", "columns", "versions"}
    assert known | {"git", "command", "jobs", "created"} <= set(start)
    assert {"python", "hotward", "numpy", "qiskit", "qiskit-aer"} <= set(start["versions"])
    datetime.fromisoformat(start["created"])


@pytest.mark.parametrize("name", [name for name in FILES if name != "stop.json"])
def test_a_run_does_not_say_where_on_whose_machine_it_was_made(sealed: Path, name: str) -> None:
    content = (sealed / name).read_bytes()
    places = {str(ROOT), str(Path.home()), sys.prefix, str(sealed.parent), os.uname().nodename}
    assert [place for place in places if len(place) > 3 and place.encode() in content] == []


def test_a_record_cannot_be_changed(sealed: Path) -> None:
    record = RunRecord.open(sealed)
    with pytest.raises((AttributeError, TypeError)):
        record.path = Path("elsewhere")  # type: ignore[misc]


def test_a_record_reads_its_files_once_and_hands_out_what_it_verified(tmp_path: Path) -> None:
    run = execute(small_program(), Scripted(), runs=tmp_path, seed=1).path
    made, opened = execute(small_program(), Scripted(), runs=tmp_path, seed=1), RunRecord.open(run)
    shutil.rmtree(run)
    shutil.rmtree(made.path)
    for record in (made, opened):
        counts = record.counts()
        counts["count"] = 0
        assert record.counts()["count"].sum() > 0
        with pytest.raises(ValueError, match="read-only"):
            record.ideal()["state"][0] = 0
