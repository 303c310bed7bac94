"""Standard output and error: a lost one ends no run, and no text from outside moves a cursor."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import pytest
from conftest import Call, slow
from test_record import Scripted, only, small_program

from devices import RunRecord, execute, open_device, status
from hotward.cli import main
from hotward.streams import Lasting, one_line, visible

ROOT = Path(__file__).resolve().parent.parent
TITLE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"
SMALL = (
    *("run", "heat-exchange", "--set", "time=0:10:2", "--bases", "ZZ", "--shots", "64", "--draws", "5"),
    *("--device", "exact"),
)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run; copied by the tests, never changed."""
    return execute(small_program(), open_device("exact"), runs=tmp_path_factory.mktemp("streams"), seed=1).path


@pytest.fixture
def run(sealed: Path, tmp_path: Path) -> Path:
    """An own copy of it."""
    return Path(shutil.copytree(sealed, tmp_path / "runs" / sealed.name))


def status_of_main(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    """The exit status of the entry point, with the streams that the test has set."""
    monkeypatch.setattr(sys, "argv", ["hotward", *map(str, words)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


# ---- Ctrl-C where no command listens for it ----


def test_control_c_before_a_command_begins_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*given: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("hotward.cli._status_of", interrupted)
    assert status_of_main(monkeypatch, "list") == 130
    assert capsys.readouterr().err == "hotward: interrupted; hotward runs shows what is on disk.\n"


@pytest.mark.slow
@pytest.mark.parametrize(("words", "status"), [("list", 0), ("show nothing", 1)])
def test_control_c_as_the_interpreter_ends_changes_nothing(words: str, status: int) -> None:
    script = f"""
import atexit, os, signal, sys
atexit.register(os.kill, os.getpid(), signal.SIGINT)
sys.argv = ["hotward", *"{words}".split()]
from hotward.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == status
    assert "interrupt" not in done.stderr.lower()


# ---- lost streams ----


def lost_stream(how: str) -> TextIO | None:
    """A stream that nobody reads, in one of the ways that there are."""
    if how == "a broken pipe":
        reading, writing = os.pipe()
        os.close(reading)
        return os.fdopen(writing, "w")
    if how == "a full disk":
        return Path("/dev/full").open("w")
    if how == "a closed file":
        with Path(os.devnull).open("w") as file:
            return file
    return None


@pytest.fixture
def lose(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Loses a standard stream of this process until the test is over."""
    made: list[TextIO | None] = []
    with monkeypatch.context() as patched:

        def losing(name: str, how: str) -> None:
            made.append(lost_stream(how))
            patched.setattr(sys, name, made[-1])

        yield losing
    for stream in made:
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


@pytest.mark.parametrize(
    ("how", "streams"),
    [
        ("a broken pipe", ("stderr",)),
        slow("a full disk", ("stderr",)),
        slow("a closed file", ("stderr",)),
        slow("none", ("stderr",)),
        slow("a broken pipe", ("stdout",)),
        slow("none", ("stdout",)),
        slow("a full disk", ("stdout",)),
        slow("none", ("stdout", "stderr")),
    ],
)
def test_a_run_is_done_whatever_becomes_of_its_streams(
    how: str,
    streams: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lose: Callable[[str, str], None],
) -> None:
    for name in streams:
        lose(name, how)
    code = status_of_main(monkeypatch, *SMALL, "--runs", tmp_path / "runs")
    assert code == ("stdout" in streams and how == "a full disk")
    assert status(only(tmp_path / "runs"))[0] == "done"
    assert (only(tmp_path / "runs") / "derived" / "table.csv").is_file()


SHELL = {
    "2>/dev/full": 0,
    "2>&-": 0,
    ">&-": 0,
    ">&- 2>&-": 0,
    "<&- >&- 2>&-": 0,
    "2> >(head -c 1 > /dev/null)": 0,
    "| head -c 1 > /dev/null": 0,
    "> /dev/full": 1,
    "> /dev/full 2>&1": 1,
}


@pytest.mark.slow
@pytest.mark.parametrize("streams", SHELL)
def test_a_run_of_a_shell_is_done_whatever_becomes_of_its_streams(streams: str, tmp_path: Path) -> None:
    words = " ".join([sys.executable, "-m", "hotward", *SMALL, "--runs", str(tmp_path / "runs")])
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {words} {streams}"], cwd=ROOT, timeout=300)
    assert done.returncode == SHELL[streams]
    assert RunRecord.open(only(tmp_path / "runs")).stop["status"] == "done"


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    words = f"set -o pipefail; {sys.executable} -m hotward list | head -1"
    done = subprocess.run(["bash", "-c", words], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("#")


def test_a_reader_that_has_seen_enough_is_no_error_in_this_process(
    run: Path, monkeypatch: pytest.MonkeyPatch, lose: Callable[[str, str], None]
) -> None:
    lose("stdout", "a broken pipe")
    assert status_of_main(monkeypatch, "show", run) == 0


@pytest.mark.slow
def test_a_bar_on_a_terminal_that_is_gone_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, terminal = pty.openpty()
    with monkeypatch.context() as patched, os.fdopen(terminal, "w") as stream:
        patched.setenv("TERM", "xterm")

        def hang_up(job: object, run: object) -> None:
            with contextlib.suppress(OSError):
                os.close(ours)

        patched.setattr(sys, "stderr", stream)
        patched.setattr("devices.open_device", lambda name, hardware: Scripted(at_submit=hang_up))
        code = status_of_main(patched, *SMALL, "--runs", tmp_path / "runs")
    assert code == 0
    assert status(only(tmp_path / "runs"))[0] == "done"


def test_whoever_fails_to_tell_of_a_run_does_not_fail_it(tmp_path: Path) -> None:
    told = []

    def once(what: str, done: int, of: int) -> None:
        told.append(done)
        raise RuntimeError("the widget is gone")

    record = execute(small_program(), Scripted(), runs=tmp_path, seed=1, progress=once)
    assert record.stop["status"] == "done"
    assert len(told) == 1


# ---- control characters ----


@pytest.mark.parametrize("character", [chr(code) for code in [*range(32), *range(0x7F, 0xA0), 0x202E, 0x2066, 0x2028]])
def test_no_control_character_is_printed_as_it_is(character: str) -> None:
    kept = character in "\t\n"
    assert (character in visible(f"a{character}b")) == kept
    assert one_line(f"a{character}b").isprintable()


def test_what_physicists_write_is_printed_as_it_is() -> None:
    for text in ("Δ E = −0.1 ħω, ⟨ψ|ρ|ψ⟩, 5 µs", "Grüße, 温度, température", "👩‍🔬"):
        assert visible(text) == text
        assert one_line(text) == text


def test_a_run_with_control_characters_is_shown_without_them(run: Path, call: Call) -> None:
    verdict = {
        "headline": TITLE,
        "warnings": [f"{TITLE}\ndone: forged"],
        "verdicts": [{"headline": TITLE, "details": [TITLE]}],
    }
    (run / "derived").mkdir()
    (run / "derived" / "verdict.json").write_text(json.dumps(verdict), encoding="utf-8")
    for words in (
        ["show", run],
        ["runs", "--runs", run.parent],
        ["show", run, "--json"],
        ["runs", "--runs", run.parent, "--json"],
    ):
        said = call(*words)
        assert said.status == 0
        assert all(line.isprintable() for line in said.out.replace("\t", "").splitlines())
        assert "forged" not in [line[6:] for line in said.out.splitlines() if line.startswith("done: ")]
        assert "owned" in said.out
    assert json.loads(call("show", run, "--json").out)["headline"] == TITLE


def test_a_start_document_with_control_characters_is_shown_without_them(run: Path, call: Call) -> None:
    (run / "stop.json").unlink()
    start = json.loads((run / "start.json").read_text())
    start |= {"command": f"hotward run {TITLE}", "notes": [TITLE], "protocol": f"p\n{TITLE}"}
    start["device"]["name"] = TITLE
    (run / "start.json").write_text(json.dumps(start))
    for words in (["show", run], ["runs", "--runs", run.parent], ["analyse", run]):
        said = call(*words)
        assert all(line.isprintable() for line in (said.out + said.err).replace("\t", "").splitlines())


def test_a_long_echo_is_cut_in_its_middle(call: Call) -> None:
    said = call("run", "heat-exchange", "--device", "9" * 131072)
    assert said.status == 2
    assert len(said.err) < 2000
    assert "`device`" in said.err
    assert "hotward list" in said.err


# ---- encodings and widths ----


def test_a_path_outside_the_encoding_of_the_terminal_is_escaped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    place = tmp_path / "ünï ⟨ψ|"
    with monkeypatch.context() as patched, out.open("w", encoding="latin-1") as stream:
        patched.setattr(sys, "stdout", stream)
        assert status_of_main(patched, *SMALL, "--runs", place) == 0
        assert status_of_main(patched, "runs", "--runs", place, "--json") == 0
    lines = out.read_text(encoding="latin-1").splitlines()
    assert "\\u27e8" in lines[-2]
    assert json.loads(lines[-1])["runs"][0]["status"] == "done"


def test_json_is_json_in_every_encoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hotward.terminal import emit

    with (tmp_path / "out").open("w", encoding="ascii") as stream, monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", Lasting(stream))
        emit({"run": "é⟨\x7f\x9b"})
    assert json.loads((tmp_path / "out").read_text()) == {"run": "é⟨\x7f\x9b"}


@pytest.mark.parametrize("columns", ["1", "10", "23", "24", "80"])
def test_a_table_on_a_narrow_terminal_has_its_cells(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from hotward.terminal import table

    ours, terminal = pty.openpty()
    with monkeypatch.context() as patched, os.fdopen(terminal, "w") as stream:
        patched.setenv("COLUMNS", columns)
        patched.setattr(sys, "stdout", stream)
        table("runs", ("run", "status", "device", "says"), [("abc", "done", "aer", "it")])
    shown = ""
    with contextlib.suppress(OSError):  # the end of what a closed terminal had been given
        while some := os.read(ours, 65536):
            shown += some.decode()
    os.close(ours)
    for cell in ("a", "b", "c"):
        assert cell in shown
