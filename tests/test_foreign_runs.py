"""The campaign without a platform: runs that are killed, planted with files, edited or made by an attacker.

Whatever is done to a run, it is either what was measured, or said not to be: nothing in between. What is read from
elsewhere is refused in a line or two, or is right; nothing hangs, and nothing writes on a terminal but hotward.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import signal
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from conftest import Call, Said
from foreign_campaign import Case, cases
from foreign_children import Nursery, reader_that_leaves
from foreign_truth import assert_well_said

from devices import RunRecord, status
from devices.record import seal

pytestmark = pytest.mark.slow
SMALL = shlex.split(
    "heat-exchange --set time=0:10:3 --shots 64 --bases ZZ --control off --reference nominal --draws 20 --seed 1"
)
FOUR_JOBS = ("run", *SMALL, "--passes", "4", "--calibration-shots", "0")


@pytest.fixture
def nursery(tmp_path: Path) -> Nursery:
    """Children of somebody without an account."""
    environment = {"HOME": str(tmp_path), "MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1"}
    return Nursery(tmp_path / "said", tmp_path / "runs", environment)


def only(runs: Path) -> Path | None:
    """The run of a directory, as soon as it has its first document."""
    found = [path for path in runs.iterdir() if (path / "start.json").exists()] if runs.exists() else []
    assert len(found) <= 1
    return found[0] if found else None


def well_said(said: Said, run: Path | None = None) -> Said:
    assert_well_said(said, run)
    return said


# -- simulator runs that are killed

REFERENCES: dict[str, tuple[int, bytes]] = {}
"""Moments and counts of a run that nobody kills, by device."""


def reference(nursery: Nursery, device: str) -> tuple[int, bytes]:
    if device not in REFERENCES:
        number = nursery.moments((*FOUR_JOBS, "--device", device, "--runs", nursery.runs))
        run = only(nursery.runs)
        assert run is not None
        REFERENCES[device] = (number, (run / "counts.csv").read_bytes())
        shutil.rmtree(nursery.runs)
    return REFERENCES[device]


@cases("killed simulator")
def test_a_simulator_run_that_is_killed_is_finished_or_explained(case: Case, nursery: Nursery, call: Call) -> None:
    random = case.random
    device = ("aer", "aer:fake_manila", "exact", "aer")[case.number % 4]
    number = (signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[case.number % 5]
    moments, counts = reference(nursery, device)
    # from the last raw result on there are fewer moments than before it; half of the cases are there
    first = moments // 2 if case.number % 2 else 0
    instant = 1 + first + int(random.integers(moments - first))
    words = (*FOUR_JOBS, "--device", device, "--runs", nursery.runs)
    said = nursery.start(words, instant=instant, signal=number).ended()
    assert said.status in ((130, 0) if number == signal.SIGINT else (-number, 0)), said
    run = only(nursery.runs)
    if run is None:
        assert not list(nursery.runs.rglob("job-*")), "something was measured before anything was said of it"
        return
    raw = sorted((run / "raw").glob("job-*.json"))
    for path in raw:
        json.loads(path.read_text())
    state, sentence = status(run)
    again = well_said(call(("collect", "analyse")[case.number % 2], run, "--draws", 20), run)
    if state == "done" or len(raw) == len(json.loads((run / "start.json").read_text())["jobs"]):
        assert again.status == 0, again.err
        assert (run / "counts.csv").read_bytes() == counts
        assert RunRecord.open(run).stop["status"] == "done"
        return
    assert state in ("unfinished", "failed")
    if device != "exact":
        assert f"hotward collect {run}" in sentence
        if case.number % 2:
            assert again.status == 1
            again = well_said(call("collect", run, "--draws", 20), run)
        assert again.status == 0, again.err
        assert (run / "counts.csv").read_bytes() == counts
        return
    assert again.status == 1
    repeated = re.search(r"hotward run [^\n]*", sentence)
    assert repeated, sentence
    words = repeated.group().removesuffix(".").split()[1:]
    other = nursery.runs.with_name("repeated")
    words[words.index("--runs") + 1] = str(other)
    assert well_said(call(*words)).status == 0
    repetition = only(other)
    assert repetition is not None
    assert (repetition / "counts.csv").read_bytes() == counts


# -- lost streams

STREAMS: tuple[Mapping[str, str], ...] = (
    {"err": "/dev/full"}, {"out": "/dev/full"}, {"err": "closed"}, {"out": "closed"},
    {"out": "closed", "err": "closed"},
    {"err": "pipe"}, {"out": "pipe"}, {"err": "pipe"}, {"out": "pipe"}, {"out": "/dev/full", "err": "/dev/full"},
)  # fmt: skip


@cases("streams")
def test_a_run_outlasts_its_streams(case: Case, nursery: Nursery, tmp_path: Path) -> None:
    streams = STREAMS[case.number]
    with reader_that_leaves(tmp_path / "pipe", int(case.random.integers(300))) as pipe:
        given = {name: pipe if where == "pipe" else where for name, where in streams.items()}
        words = (*FOUR_JOBS, "--device", ("aer", "exact")[case.number % 2], "--runs", nursery.runs)
        said = nursery.start(words, **given).ended()
    assert said.status == int(streams.get("out") == "/dev/full"), said
    run = only(nursery.runs)
    assert run is not None
    assert RunRecord.open(run).stop["status"] == "done"
    assert (run / "derived" / "table.csv").is_file()


# -- runs that are sealed


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole run on a simulator; copied, never changed."""
    from devices import execute, open_device
    from protocols import compile
    from protocols.heat_exchange import HeatExchange

    experiment = HeatExchange(time=[0.0, 5.0])
    points = experiment.points({"control": ""}, "nominal")
    program = compile(experiment, points, shots=64, bases="ZZ", shots_per_row=16, passes=2)
    return execute(program, open_device("aer"), runs=tmp_path_factory.mktemp("sealed"), seed=1).path


@pytest.fixture
def run(sealed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sealed, tmp_path / "runs" / sealed.name))


def files_of(run: Path) -> list[str]:
    return sorted(
        str(path.relative_to(run)) for path in run.rglob("*") if path.is_file() and "derived" not in path.parts
    )


PLANTED: tuple[str, ...] = (
    "ideal.npz", "expectations.csv", "raw/job-009.json", "raw/sub/notes.txt", ".hidden", "counts.csv.bak",
    "counts.CSV", "plan.npz~", "circuits/executed.pickle", "start.json.orig", "backend/properties.json",
    "stop.json.bak",
)  # fmt: skip
"""A file of each kind that a run may have, and kinds that it has not."""


@cases("planted")
def test_a_planted_file_is_said_and_nothing_of_it_is_used(case: Case, run: Path, call: Call) -> None:
    name = PLANTED[case.number]
    content = case.random.bytes(int(case.random.integers(1, 3000)))
    if name == "expectations.csv":
        content = b"pauli,value,stderr\nZZ,0.5,0.1\n"
    if name == "ideal.npz":  # as that of a run without a prediction: zeros in place of nothing
        stored = np.load(run / name)
        buffer = io.BytesIO()
        np.savez(buffer, **{key: np.zeros_like(stored[key]) for key in stored.files})
        stored.close()
        content = buffer.getvalue()
        (run / name).unlink()
        (run / "stop.json").unlink()
        seal(run, "done")
    assert call("analyse", run, "--draws", 20).status == 0
    before = (run / "derived" / "table.csv").read_bytes()
    (run / name).parent.mkdir(exist_ok=True)
    (run / name).write_bytes(content)
    state, sentence = status(run)
    assert state == "done"
    assert name in sentence
    said = well_said(call("analyse", run, "--draws", 20), run)
    assert said.status == 0
    assert name in said.err
    assert (run / "derived" / "table.csv").read_bytes() == before
    assert name in well_said(call("show", run)).out


EDITS: Mapping[str, Callable[[bytes, int, int], bytes | None]] = {
    "one bit": lambda whole, at, bit: whole[:at] + bytes([whole[at] ^ (1 << bit)]) + whole[at + 1 :],
    "cut": lambda whole, at, bit: whole[:at],
    "a byte less": lambda whole, at, bit: whole[:at] + whole[at + 1 :],
    "a byte more": lambda whole, at, bit: whole[:at] + b"0" + whole[at:],
    "deleted": lambda whole, at, bit: None,
    "empty": lambda whole, at, bit: b"",
}


@cases("edit")
def test_an_edit_of_any_sealed_file_is_found(case: Case, run: Path, call: Call) -> None:
    random = case.random
    name = case.pick(files_of(run))
    whole = (run / name).read_bytes()
    change = EDITS[[*EDITS][random.integers(len(EDITS))]]
    changed = change(whole, int(random.integers(len(whole))), int(random.integers(8)))
    assert changed != whole
    if changed is None:
        (run / name).unlink()
    else:
        (run / name).write_bytes(changed)
    state, sentence = status(run)
    if name == "stop.json" and changed is None:
        # without its seal it is a run that was measured, and is finished from what was measured
        assert state == "unfinished"
        return
    assert state == "damaged", sentence
    assert name in sentence
    for command in ("analyse", "report"):
        said = well_said(call(command, run, "--draws", 20))
        assert said.status == 1
        assert name in said.err


# -- directories that an attacker made


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def circle(path: Path) -> None:
    path.symlink_to(path.name)


def folder(path: Path) -> None:
    path.mkdir()


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**43)


def brackets(path: Path) -> None:
    path.write_text("[" * 200_000)


def digits(path: Path) -> None:
    path.write_text('{"schema": ' + "9" * 100_000 + "}")


def elsewhere(path: Path) -> None:
    path.write_text(json.dumps({"sha256": {"../../../../etc/passwd": "0", "/etc/passwd": "0", "\x1b[2J": "0"}}))


def evil_protocol(path: Path) -> None:
    path.write_text(json.dumps({"schema": 1, "protocol": "../../evil", "created": "\x1b]0;owned\x07", "device": None}))


def bomb(path: Path) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, state=np.zeros(2**24))
    path.write_bytes(buffer.getvalue())


def pickled(path: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, state=np.array([_Evil()], dtype=object), allow_pickle=True)
    path.write_bytes(buffer.getvalue())


class _Evil:
    """Whoever unpickles it makes a file."""

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, (str(EVIL),))


EVIL = Path(tempfile.gettempdir()) / f"hotward-evil-{os.getpid()}"


DIRECTORIES: tuple[tuple[Callable[[Path], None], tuple[str, ...]], ...] = (
    (pipe, ("start.json", "stop.json", "jobs.jsonl", "counts.csv", "raw/job-000.json")),
    (endless, ("start.json", "stop.json", "counts.csv", "ideal.npz")),
    (circle, ("start.json", "stop.json")),
    (folder, ("start.json", "stop.json", "counts.csv")),
    (sparse, ("start.json", "counts.csv", "raw/job-000.json")),
    (brackets, ("start.json", "stop.json")),
    (digits, ("start.json", "stop.json")),
    (elsewhere, ("stop.json",)),
    (evil_protocol, ("start.json",)),
    (bomb, ("ideal.npz",)),
    (pickled, ("ideal.npz",)),
)


@cases("directory")
def test_no_directory_hangs_or_kills_a_command(case: Case, run: Path, nursery: Nursery) -> None:
    """In a process of its own with a deadline and a limit of memory."""
    random = case.random
    made, names = DIRECTORIES[case.number % len(DIRECTORIES)]
    name = names[random.integers(len(names))]
    shutil.copytree(run, run.with_name("whole"))
    if random.integers(2) and name != "stop.json":
        (run / "stop.json").unlink()
    (run / name).unlink()
    made(run / name)
    if made in (bomb, pickled) and (run / "stop.json").exists():
        (run / "stop.json").unlink()
        seal(run, "done")
    for words in (("runs", "--runs", run.parent), ("show", run), ("analyse", run, "--draws", 20), ("status", run)):
        said = nursery.start(words, memory=8 * 2**30).ended()
        assert said.status in (0, 1, 2), said
        assert_well_said(said, None)
        if words[0] == "runs":
            assert said.status == 0
            assert "whole" in said.out
    assert not EVIL.exists(), "what was pickled ran"


# -- control characters

CONTROLS = ("\x1b]0;owned\x07", "\x1b[2J", "\x9b31m", "\u202e", "\x08\x08", "\x7f", "\r", "\x00", "\u2028")


def with_controls(random: np.random.Generator, text: str) -> str:
    """A text with two control sequences at drawn places."""
    for _ in range(2):
        at = int(random.integers(len(text) + 1))
        text = text[:at] + CONTROLS[random.integers(len(CONTROLS))] + text[at:]
    return text


def changed_document(path: Path, random: np.random.Generator) -> None:
    """Control characters in every text of a JSON document."""

    def change(value: object) -> object:
        if isinstance(value, str):
            return with_controls(random, value)
        if isinstance(value, dict):
            return {key: change(each) for key, each in value.items()}
        return [change(each) for each in value] if isinstance(value, list) else value

    path.write_text(json.dumps(change(json.loads(path.read_text()))))


@cases("control characters")
def test_no_file_writes_on_a_terminal(case: Case, run: Path, call: Call, tmp_path: Path) -> None:
    random = case.random
    commands: list[tuple[object, ...]] = [("runs", "--runs", run.parent), ("show", run), ("show", run, "--json")]
    if case.number < 2:
        assert call("analyse", run, "--draws", 20).status == 0
        changed_document(run / "derived" / "verdict.json", random)
    elif case.number < 4:
        changed_document(run / ("start.json", "stop.json")[case.number - 2], random)
        commands.append(("analyse", run))
    elif case.number == 4:
        told = with_controls(random, "notes").replace("\x00", "")
        (run / told).write_text("")
        commands.append(("analyse", run, "--draws", 20))
    else:
        head = [*HEAD]
        arm = "main"
        if case.number < 7:
            column = int(random.integers(len(head)))
            head[column] = with_controls(random, head[column])
        else:
            arm = with_controls(random, "main")
        file = tmp_path / "elsewhere.csv"
        file.write_text(table(head, arm=arm))
        commands = [("import", file, "--runs", tmp_path / "imported", "--draws", 20)]
    for words in commands:
        well_said(call(*words))


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\x01", "\u202e", "\x9b"])
def test_a_control_character_in_the_name_of_an_arm_makes_no_figure_complain(
    character: str,
    call: Call,
    tmp_path: Path,
    real_figures: None,
) -> None:
    """Warnings are errors here, as matplotlib's of a letter that it has not."""
    file = tmp_path / "elsewhere.csv"
    file.write_text(table(HEAD, arm=f"main{character}arm"))
    said = well_said(call("import", file, "--runs", tmp_path / "runs", "--draws", 20))
    assert said.status in (0, 2)
    if said.status == 0:
        assert said.complaint == []


# -- malicious files to import

HEAD = ("time", "arm", "basis", "A", "B", "count")


def table(head: tuple[str, ...] | list[str] = HEAD, *, arm: str = "main", rows: int | None = None) -> str:
    """Counts of two points in all settings of an X state."""
    lines = [",".join(f'"{name}"' if re.search(r'[",\r\n]', name) else name for name in head)]
    for time in (0.0, 5.0):
        for basis in ("ZZ", "XX", "YY", "XY", "YX"):
            lines += [f'{time},"{arm}",{basis},{word >> 1},{word & 1},{(40, 20, 25, 15)[word]}' for word in range(4)]
    return "\n".join(lines[:rows]) + "\n"


CELLS: Mapping[str, str] = {
    "2^63": str(2**63), "2^64": str(2**64), "10^5000": "1" + "0" * 5000, "1e30": "1e30", "NaN": "nan", "inf": "inf",
    "1e999": "1e999", "-1": "-1", "1.5": "1.5", "1_000": "1_000", "0x10": "0x10", "nothing": "", "a space": " ",
    "ESC": "\x1b[2J7", "a formula": "=1+1", "HTML": "<script>alert(1)</script>", "NUL": "\x007", "a word": "seven",
    "an unclosed quote": '"7', "200 kB": "9" * 200_000, "a line": '"7\n8"', "RTL": "\u202e7", "minus zero": "-0",
    "1e-400": "1e-400", "true": "True", "fullwidth": "\uff17", "a fraction": "1/2", "several": "7;8",
    "a soft hyphen": "7\u00ad", "backspace": "7\x08",
}  # fmt: skip
WHOLE: Mapping[str, Callable[[str], bytes]] = {
    "UTF-16 without its half": lambda text: text.encode("utf-16")[:-1],
    "a spreadsheet": lambda text: b"PK\x03\x04" + text.encode(),
    "100000 columns": lambda text: b",".join([b"x"] * 100_000) + b"\n" + text.encode(),
    "no line": lambda text: b"",
    "a header alone": lambda text: text.encode().split(b"\n")[0],
    "a header twice": lambda text: text.encode().split(b"\n")[0] + b"\n" + text.encode(),
    "a column twice": lambda text: text.replace("arm", "basis", 1).encode(),
    "a header with a line": lambda text: text.replace("count", '"co\nunt"', 1).encode(),
    "bytes": lambda text: bytes(range(256)) * 20,
    "stderr of 1e300": lambda text: b"pauli,value,stderr\nZZ,0.5,1e300\nXX,0.1,0.1\n",
    "stderr of 1e-300": lambda text: b"pauli,value,stderr\nZZ,0.5,1e-300\nXX,0.1,0.1\n",
    "another alphabet": lambda text: text.replace("basis", "b\u0430sis", 1).encode(),
}


@cases("csv")
def test_a_malicious_file_is_refused_in_a_line_or_read(case: Case, call: Call, tmp_path: Path) -> None:
    random = case.random
    names = [*CELLS, *WHOLE]
    name = names[case.number]
    text = table()
    if name in CELLS:
        lines = [line.split(",") for line in text.split("\n")]
        row, column = 1 + int(random.integers(40)), (0, 2, 3, 4, 5, 5)[random.integers(6)]
        lines[row][column] = CELLS[name]
        content = "\n".join(",".join(line) for line in lines).encode()
    else:
        content = WHOLE[name](text)
    file = tmp_path / "elsewhere.csv"
    file.write_bytes(content)
    runs = tmp_path / "runs"
    said = well_said(call("import", file, "--runs", runs, "--draws", 20))
    assert said.status in (0, 2), said.err
    if said.status == 2:
        assert not runs.exists() or not list(runs.iterdir()), "something was written of what was refused"
        assert len(said.err) < 2500
    else:
        (run,) = runs.iterdir()
        assert status(run)[0] == "done"
        assert call("analyse", run, "--draws", 20).status == 0
