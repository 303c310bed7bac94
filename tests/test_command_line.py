"""The command line as a user meets it: exit status, streams, files left behind, numbers, and what it imports."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import math
import os
import shlex
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Call, Said, slow
from scipy.linalg import expm

from devices import execute, open_device
from hotward.cli import main
from protocols import compile, load
from protocols.heat_exchange import HeatExchange

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("list", "predict", "run", "analyse", "report", "show", "runs")
CHEAP = ("--shots", "64", "--draws", "20", "--device", "exact")
SMALL = ("--set", "time=0:10:3", *CHEAP)
TIDY = ["observable", "subject", "value", "stderr", "low", "high", "ideal", "unit"]
SCHEMED = ["scheme", *TIDY]
"""With the arm dephased there are the statistics of heat, of which some have several definitions."""


def python(*arguments: object, cwd: Path = ROOT, **options: Any) -> Said:
    """A fresh interpreter."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True, timeout=300, cwd=cwd, **options
    )
    return Said(done.returncode, done.stdout, done.stderr)


def refused(said: Said, *named: str, status: int = 2) -> None:
    """One or two lines on standard error that name the argument and the value; nothing on standard output."""
    assert said.status == status, said.err
    assert said.out == ""
    assert 1 <= len(said.complaint) <= 2, said.err
    assert "Traceback" not in said.err
    assert "fault of hotward" not in said.err
    for text in named:
        assert text in " ".join(said.complaint)


def leftovers(runs: Path) -> list[Path]:
    """Temporary files anywhere below."""
    return list(runs.rglob("*.part"))


# ---- what is imported ----


@pytest.mark.slow
def test_no_help_imports_qiskit_or_pandas_or_pyplot() -> None:
    code = f"""
        import sys
        from hotward.cli import main
        for words in [[], *([name] for name in {COMMANDS!r})]:
            sys.argv = ["hotward", *words, "--help"]
            try:
                main()
            except SystemExit as stopped:
                assert not stopped.code, words
        print(sorted(n for n in sys.modules if n.split(".")[0] in ("qiskit", "pandas") or n == "matplotlib.pyplot"))
    """
    said = python("-c", textwrap.dedent(code))
    assert said.status == 0, said.err
    assert said.last == "[]"
    for name in COMMANDS:
        assert f"hotward {name}" in said.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help(call: Call, command: str) -> None:
    said = call(command, "--help")
    assert said.status == 0
    assert f"hotward {command}" in said.out


WITHOUT_QISKIT = """
    import json, sys
    for name in ("qiskit", "qiskit_aer", "qiskit_ibm_runtime"):
        sys.modules[name] = None  # every import of it or below it raises ModuleNotFoundError
    from hotward.cli import main
    for words in json.loads(sys.argv[1]):
        sys.argv = ["hotward", *words]
        print("#", *words, flush=True)
        try:
            main()
        except SystemExit as stopped:
            assert stopped.code == 0, (words, stopped.code)
"""


def commands_without_qiskit(sealed: Path, more: Path) -> list[list[str]]:
    return [
        ["analyse", str(sealed)],
        ["report", str(sealed)],
        ["show", str(sealed)],
        ["runs", "--runs", str(sealed.parent)],
        ["list"],
        ["predict", "heat-exchange", "--set", "time=0:10:3"],
        ["run", "heat-exchange", *SMALL, "--bases", "ZZ", "--runs", str(more)],
    ]


def test_everything_but_aer_works_when_qiskit_is_gone(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process, where modules may hold qiskit from before; the slow sibling starts without."""
    sealed = execute(small_program(), open_device("exact"), runs=tmp_path / "runs", seed=1, about={"draws": 20}).path
    tops = ("qiskit", "qiskit_aer", "qiskit_ibm_runtime")
    for name in {*tops, *(name for name in sys.modules if name.split(".")[0] in tops)}:
        monkeypatch.setitem(sys.modules, name, None)
    for words in commands_without_qiskit(sealed, tmp_path / "more"):
        assert call(*words).status == 0, words


@pytest.mark.slow
def test_everything_but_aer_works_without_qiskit(tmp_path: Path) -> None:
    sealed = execute(small_program(), open_device("exact"), runs=tmp_path / "runs", seed=1, about={"draws": 20}).path
    words = commands_without_qiskit(sealed, tmp_path / "more")
    said = python("-c", textwrap.dedent(WITHOUT_QISKIT), json.dumps(words))
    assert said.status == 0, said.err
    assert (sealed / "derived" / "table.csv").exists()
    assert (sealed / "derived" / "report.html").exists()
    assert len(list((tmp_path / "more").iterdir())) == 1


def small_program(bases: str = "ZZ", shots: int = 64, **fields: Any) -> Any:
    experiment = HeatExchange(**{"time": [0.0, 5.0], **fields})
    return compile(experiment, experiment.points({"control": "none"}), shots=shots, bases=bases)


# ---- requests that are refused ----

# one a rule; what else a rule refuses is tested where numbers are read (test_program_compile)
BAD_VALUES = [
    ("T_A=0", "T_A", "0"),
    ("time=-3", "time", "-3"),
    ("time=0:-1:3", "time", "-0.5"),
    ("correlation=classical", "correlation", "classical"),
    ("temperature=1", "temperature", "T_A"),
    ("alpha=-0.1", "alpha", "entangled"),
    ("correlation=coherent,alpha=-0.1,strength=0.5", "strength", "coherent"),
    ("correlation=none,strength=0.5", "strength", "none"),
    ("correlation=coherent", "alpha", "coherent"),
    ("correlation=coherent,alpha=0.3", "alpha", "0.3"),
    ("T_A=warm", "T_A", "warm"),
    ("T_A=nan", "T_A", "nan"),
    ("T_A=2/0", "T_A", "2/0"),
    ("T_A=1:2", "T_A", "1:2"),
    ("T_A=1:1:3", "T_A", "repeat"),
    ("T_A=", "set", "T_A="),
    ("T_A", "set", "T_A"),
    ("T_A=1,T_A=2", "set", "T_A"),
    ("T_A=2peV", "T_A", "gap"),
    ("gap=1kHz,dephasing=1peV", "dephasing", "1peV"),
    ("gap=1kHz,T_A=1ms", "T_A", "1ms"),
    ("gap=1kHz,time=1Hz", "time", "1Hz"),
    ("gap=5", "gap", "5"),
    ("gap=1kHz:2kHz:3", "gap", "1kHz:2kHz:3"),
    ("coupling=1e-320", "coupling"),
]


@pytest.mark.parametrize(("values", "named"), [(values, named) for values, *named in BAD_VALUES])
def test_a_wrong_value_is_refused_and_named(call: Call, tmp_path: Path, values: str, named: Sequence[str]) -> None:
    words = [word for value in values.split(",") for word in ("--set", value)]
    refused(call("predict", "heat-exchange", *words), *named)
    refused(call("run", "heat-exchange", "--device", "exact", *words, "--runs", tmp_path / "runs"), *named)
    assert list(tmp_path.iterdir()) == []


BAD_OPTIONS = [
    ("--shots 0", "shots", "0"),
    ("--shots -5", "shots", "-5"),
    ("--shots 1", "shots", "1"),
    ("--shots 2.5", "shots", "2.5"),
    ("--shots 100000000000000000000", "shots", "100000000000000000000"),
    ("--calibration-shots -1", "calibration_shots", "-1"),
    ("--calibration-shots 1", "calibration_shots", "1"),
    ("--draws 1", "draws", "1"),
    ("--seed -1", "seed", "-1"),
    ("--seed many", "seed", "many"),
    ("--device nope", "device", "nope"),
    ("--device ''", "device", "''"),
    ("--device aer:", "device", "aer:"),
    ("--device aer:fake_nope", "device", "fake_nope"),
    ("--device aer:fez", "device", "fez"),
    ("--device exact:fake_fez", "device", "exact:fake_fez"),
    ("--preset nope", "preset", "nope"),
    ("--control nope", "control", "nope"),
    ("--control none,none", "control", "none,none"),
    ("--control off,none", "control", "off,none"),
    ("--bases QQ", "bases", "QQ"),
    ("--bases ZZ,ZZ", "bases", "ZZ,ZZ"),
    ("--bases Z", "bases", "Z"),
    ("--bases ''", "bases", "''"),
    ("--preparation pure", "preparation", "pure"),
    ("--reference yesterday", "reference", "yesterday"),
    ("--preset micadei --set alpha=-0.20", "alpha", "-0.2", "0.192147"),
    ("--merge --set coupling_phase=0.3", "merge", "coupling_phase", "-1.2708"),
    ("--merge --set strength=0.5 --set correlation_phase=0.2:1.2:3", "merge"),
    ("--nope", "--nope"),
    ("--shots", "--shots"),
    ("extra", "extra"),
]


@pytest.mark.parametrize(("options", "named"), [(options, named) for options, *named in BAD_OPTIONS])
def test_a_wrong_option_is_refused_and_named(call: Call, tmp_path: Path, options: str, named: Sequence[str]) -> None:
    words = ["run", "heat-exchange", *SMALL, "--runs", tmp_path / "runs", *shlex.split(options)]
    refused(call(*words), *named)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("run nope", ("protocol", "nope", "heat-exchange")),
        ("predict nope", ("protocol", "nope", "heat-exchange")),
        ("predict", ("protocol",)),
        ("predict heat-exchange --control nope", ("control", "nope")),
        ("predict heat-exchange --preset nope", ("preset", "nope")),
        ("predict heat-exchange --shots 3", ("--shots",)),
        ("nope", ("nope",)),
        ("--nope", ("--nope",)),
        ("list --nope", ("--nope",)),
        ("runs --runs /dev/null/x", ("runs", "/dev/null/x")),
    ],
)
def test_a_wrong_command_is_refused_and_named(call: Call, words: str, named: Sequence[str]) -> None:
    refused(call(*shlex.split(words)), *named)


@pytest.mark.parametrize("command", ["analyse", "report", "show"])
def test_a_run_that_does_not_exist_is_an_error(call: Call, tmp_path: Path, command: str) -> None:
    said = call(command, tmp_path / "nothing")
    assert said.status in (1, 2)
    assert "nothing" in said.err + said.out
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("draws", ["0", "1", "-3"])
def test_analysing_with_too_few_draws_is_refused(call: Call, tmp_path: Path, draws: str) -> None:
    run = execute(small_program(), open_device("exact"), runs=tmp_path, seed=1).path
    refused(call("analyse", run, "--draws", draws), "draws", draws)
    assert not (run / "derived").exists()


@pytest.mark.parametrize("bases", ["XX", "ZX", "XZ,ZX", "YZ"])
def test_settings_that_determine_no_energy_are_refused_or_analysed_but_never_a_fault(
    call: Call, tmp_path: Path, bases: str
) -> None:
    said = call("run", "heat-exchange", *SMALL, "--bases", bases, "--runs", tmp_path / "runs")
    assert "fault of hotward" not in said.err
    assert said.status in (0, 2)
    assert (tmp_path / "runs").exists() == (said.status == 0)


@pytest.mark.parametrize("where", ["/dev/null/x", "taken", "taken/deeper"])
def test_a_place_that_is_no_directory_is_refused(call: Call, tmp_path: Path, where: str) -> None:
    (tmp_path / "taken").write_text("a file of somebody else")
    place = tmp_path / where
    refused(call("run", "heat-exchange", *SMALL, "--bases", "ZZ", "--runs", place), "runs", str(place))
    assert (tmp_path / "taken").read_text() == "a file of somebody else"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("out", ["missing/table.csv", "folder", "file/table.csv"])
def test_a_table_that_cannot_be_written_is_named_as_the_user_named_it(call: Call, tmp_path: Path, out: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("a file of somebody else")
    said = call("predict", "heat-exchange", "--set", "time=0:1:2", "--out", tmp_path / out)
    assert said.status in (1, 2)
    assert said.out == ""
    assert str(tmp_path / out) in said.err
    assert ".part" not in said.err
    assert "--runs" not in said.err, "predict has no --runs"
    assert leftovers(tmp_path) == []


UNPRIVILEGED = """
    import json, os, sys, tempfile
    from hotward.cli import main

    def hotward(runs):
        sys.argv = ["hotward", "run", "heat-exchange", *words, "--runs", runs]
        try:
            main()
        except SystemExit as stopped:
            return stopped.code

    places, words = json.loads(sys.argv[1])
    with tempfile.TemporaryDirectory() as own:
        assert hotward(own + "/runs") == 0  # everything is imported before the rights go
    os.setgid(65534)
    os.setuid(65534)
    for place in places:
        for stream in (sys.stdout, sys.stderr):
            print("----", file=stream, flush=True)
        print(hotward(place), flush=True)
"""


def test_a_folder_that_may_not_be_written_is_refused(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(place: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))

    monkeypatch.setattr(Path, "mkdir", forbidden)
    place = tmp_path / "readable"
    refused(call("run", "heat-exchange", *SMALL, "--bases", "ZZ", "--runs", place), "runs", str(place))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give up its rights")
def test_a_folder_without_write_permission_is_refused() -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        for folder, mode in (("readable", 0o755), ("hidden", 0o700)):
            (Path(name) / folder).mkdir(mode)
        places = [str(Path(name) / folder) for folder in ("readable", "readable/new", "hidden", "hidden/new")]
        said = python("-c", textwrap.dedent(UNPRIVILEGED), json.dumps([places, [*SMALL, "--bases", "ZZ"]]))
        assert said.status == 0, said.err
        out, err = (text.split("----\n")[1:] for text in (said.out, said.err))
        assert len(out) == len(err) == len(places)
        for place, status, complaint in zip(places, out, err, strict=True):
            refused(Said(int(status), "", complaint), "runs", place)
        assert list(Path(name).glob("*/*")) == []


@contextlib.contextmanager
def no_file_larger(limit: int) -> Iterator[None]:
    """No file of this process can grow beyond a size, like on a full disk."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def sizes(run: Path) -> dict[str, int]:
    return {str(path.relative_to(run)): path.stat().st_size for path in run.rglob("*") if path.is_file()}


@pytest.mark.skipif(os.name != "posix", reason="file size limits are POSIX")
@pytest.mark.parametrize("limit", [0, 2_000, 20_000])
def test_a_disk_too_full_to_begin_leaves_nothing(call: Call, tmp_path: Path, limit: int) -> None:
    with no_file_larger(limit):
        said = call("run", "heat-exchange", *SMALL, "--runs", tmp_path / "runs")
    refused(said, status=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="file size limits are POSIX")
def test_a_disk_that_fills_up_while_measuring_leaves_a_run_that_explains_itself(call: Call, tmp_path: Path) -> None:
    # so many points that the counts outgrow everything written before them
    program = small_program(bases="full", time=np.linspace(0, 10, 90))
    whole = sizes(execute(program, open_device("exact"), runs=tmp_path / "whole", seed=1).path)
    before = max(size for name, size in whole.items() if name != "counts.csv")
    assert before < whole["counts.csv"]
    words = ["heat-exchange", *CHEAP, "--set", "time=0:10:90", "--control", "none", "--runs", tmp_path / "runs"]
    with no_file_larger((before + whole["counts.csv"]) // 2):
        said = call("run", *words)
    (run,) = (tmp_path / "runs").iterdir()
    refused(said, str(run), "File too large", status=1)
    assert leftovers(run) == []
    assert (run / "raw" / "job-000.json").exists()
    assert not (run / "counts.csv").exists()
    shown = call("show", run)
    assert shown.status == 0
    assert "failed" in shown.out
    assert "File too large" in shown.out
    (row,) = json.loads(call("runs", "--runs", run.parent, "--json").out)["runs"]
    assert row["status"] == "failed"


@pytest.mark.skipif(os.name != "posix", reason="file size limits are POSIX")
@pytest.mark.slow
def test_a_disk_that_fills_up_in_the_analysis_leaves_a_run_that_is_safe(call: Call, tmp_path: Path) -> None:
    # so many points that table.csv outgrows everything written before it
    words = ["heat-exchange", *CHEAP, "--set", "time=0:10:90", "--bases", "minimal"]
    whole = sizes(Path(call("run", *words, "--runs", tmp_path / "whole").last))
    record = max(size for name, size in whole.items() if not name.startswith("derived"))
    derived = max(size for name, size in whole.items() if name.startswith("derived"))
    assert record < derived
    with no_file_larger((record + derived) // 2):
        said = call("run", *words, "--runs", tmp_path / "runs")
    (run,) = (tmp_path / "runs").iterdir()
    refused(said, str(run), f"hotward analyse {run}", status=1)
    assert leftovers(run) == []
    assert "done" in call("show", run).out
    assert call("analyse", run).status == 0, "there is room again"


def test_a_full_disk_behind_standard_output_is_an_error_in_two_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["hotward", "list"])
    with Path("/dev/full").open("w") as full, monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", full)
        with pytest.raises(SystemExit) as stopped:
            main()
    assert stopped.value.code == 1
    assert 1 <= len(capsys.readouterr().err.splitlines()) <= 2


@pytest.mark.slow
def test_a_full_disk_behind_standard_output_is_an_error_without_a_traceback() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "hotward", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            cwd=ROOT,
        )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) <= 2


def test_an_error_of_many_lines_is_told_in_two(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import devices
    from devices.simulators import Exact

    class Verbose(Exact):
        def submit(self, plan: object, job: object, run: object) -> str:
            raise RuntimeError("line one\nline two\nline three\nline four")

    monkeypatch.setattr(devices, "open_device", lambda name, hardware: Verbose())
    said = call("run", "heat-exchange", *SMALL, "--bases", "ZZ", "--runs", tmp_path)
    refused(said, "line one", status=1)
    (run,) = tmp_path.iterdir()
    assert "line one" in call("show", run).out


def test_an_interrupted_run_ends_in_one_line_and_is_listed_as_unfinished(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import devices
    from devices.simulators import Exact

    class Interrupted(Exact):
        def submit(self, plan: object, job: object, run: object) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr(devices, "open_device", lambda name, hardware: Interrupted())
    refused(call("run", "heat-exchange", *SMALL, "--runs", tmp_path), "interrupted", status=130)
    (row,) = json.loads(call("runs", "--runs", tmp_path, "--json").out)["runs"]
    assert row["status"] == "unfinished"
    assert "hotward run heat-exchange" in row["says"]


def test_debug_shows_the_traceback_and_keeps_the_exit_status(call: Call) -> None:
    said = call("predict", "nope", "--debug")
    assert "Traceback" in said.err
    assert "nope" in said.err
    assert said.status == 2


# ---- predict ----


def predicted(call: Call, *words: object) -> dict[str, Any]:
    said = call("predict", "heat-exchange", *words, "--json")
    assert said.status == 0, said.err
    return json.loads(said.out)


def ideal(answer: dict[str, Any], observable: str, subject: str) -> np.ndarray:
    rows = [r for r in answer["table"] if (r["observable"], r["subject"]) == (observable, subject)]
    return np.array([row["ideal"] for row in rows])


def extremum(answer: dict[str, Any], observable: str, subject: str, kind: str) -> dict[str, Any]:
    (row,) = [r for r in answer["extrema"] if (r["observable"], r["subject"], r["kind"]) == (observable, subject, kind)]
    return row


def test_the_default_prediction_has_the_published_numbers(call: Call) -> None:
    answer = predicted(call)
    assert ideal(answer, "energy", "A")[0] == pytest.approx(0.377541, abs=5e-7)
    assert ideal(answer, "energy", "B")[0] == pytest.approx(0.268941, abs=5e-7)
    assert ideal(answer, "energy_difference", "AB")[0] == pytest.approx(0.108599, abs=5e-7)
    assert ideal(answer, "concurrence", "AB")[0] == pytest.approx(0.637295, abs=5e-7)
    assert ideal(answer, "mutual_information", "AB")[0] == pytest.approx(0.595453, abs=5e-7)
    highest = extremum(answer, "energy_difference", "AB", "maximum")
    assert (highest["value"], highest["time"]) == pytest.approx((0.646482, 7.010056), abs=5e-7)
    assert extremum(answer, "heat", "A", "maximum")["value"] == pytest.approx(0.268941, abs=5e-7)
    times = sorted({row["time"] for row in answer["table"]})
    assert times == pytest.approx(np.linspace(0, 10 * np.pi, 33).tolist(), abs=1e-12)


def test_the_micadei_prediction_has_the_published_numbers(call: Call) -> None:
    answer = predicted(call, "--preset", "micadei")
    assert ideal(answer, "mutual_information", "AB")[0] == pytest.approx(0.25271, abs=5e-6)
    assert (ideal(answer, "concurrence", "AB") == 0).all()
    assert len(ideal(answer, "concurrence", "AB")) == 22
    highest = extremum(answer, "heat", "A", "maximum")
    assert highest["value"] == pytest.approx(0.174511, abs=5e-7)
    # with exact constants 6.907765; the printed number carries the rounding of its inputs
    assert highest["time"] == pytest.approx(6.907734, abs=5e-5)
    assert highest["physical_value"]["peV"] == pytest.approx(0.72172, abs=5e-6)
    assert highest["physical_time"]["ms"] == pytest.approx(1.0994, abs=5e-5)
    said = call("predict", "heat-exchange", "--preset", "micadei")
    assert "0.72172 peV" in said.out
    assert "1.0994 ms" in said.out
    assert "not verified against the paper's text" in said.out


@pytest.mark.parametrize(
    ("temperatures", "highest", "at", "heat"),
    [((1.5, 1.5), 0.678487, 7.853982, 0.339244), ((1, 2), 0.646482, 8.697908, 0.377541)],
)
def test_the_first_maximum_is_right_where_the_temperatures_are_equal_or_reversed(
    call: Call, temperatures: tuple[float, float], highest: float, at: float, heat: float
) -> None:
    answer = predicted(call, "--set", f"T_A={temperatures[0]}", "--set", f"T_B={temperatures[1]}")
    found = extremum(answer, "energy_difference", "AB", "maximum")
    assert (found["value"], found["time"]) == pytest.approx((highest, at), abs=5e-7)
    assert extremum(answer, "heat", "A", "maximum")["value"] == pytest.approx(heat, abs=5e-7)


# name -> value; the keys are the words of --set, so that text and number stand side by side
CASES: list[dict[str, tuple[str, Any]]] = [
    {"T_A": ("0.73", 0.73), "T_B": ("2.9", 2.9), "coupling": ("0.31", 0.31), "strength": ("0.83", 0.83)},
    {
        "T_A": ("3.1", 3.1),
        "T_B": ("0.41", 0.41),
        "coupling": ("0.07", 0.07),
        "coupling_phase": ("-3*pi/4", -3 * math.pi / 4),
        "correlation_phase": ("2*pi/7", 2 * math.pi / 7),
        "strength": ("0.55", 0.55),
        "dephasing": ("0.35", 0.35),
    },
    {
        "correlation": ("coherent", "coherent"),
        "alpha": ("0.11", 0.11),
        "correlation_phase": ("1.9", 1.9),
        "coupling_phase": ("pi/2", math.pi / 2),
        "T_A": ("1.3", 1.3),
        "T_B": ("2.2", 2.2),
    },
    {
        "correlation": ("coherent", "coherent"),
        "alpha": ("-1.5e-1", -0.15),
        "dephasing": (".2", 0.2),
        "coupling_phase": ("0.4", 0.4),
        "coupling": ("2", 2.0),
    },
    {"correlation": ("none", "none"), "T_A": ("5/4", 1.25), "T_B": ("pi/3", math.pi / 3)},
    {"strength": ("0", 0.0), "T_A": ("0.3", 0.3), "T_B": ("40", 40.0), "coupling_phase": ("-2", -2.0)},
]
DEFAULTS: dict[str, Any] = {
    "T_A": 2.0,
    "T_B": 1.0,
    "coupling": 0.1,
    "coupling_phase": 0.0,
    "correlation": "entangled",
    "strength": 1.0,
    "alpha": 0.0,
    "correlation_phase": None,
    "dephasing": 0.0,
}


def evolved(time: float, *, initial: bool = False, **given: Any) -> np.ndarray:
    """The state by matrix exponential of H = diag(0, 1, 1, 2) + V, from the definitions of contract and core."""
    f = {**DEFAULTS, **given}
    p_A, p_B = (1 / (1 + math.exp(1 / T)) for T in (f["T_A"], f["T_B"]))
    rho = np.kron(np.diag([1 - p_A, p_A]), np.diag([1 - p_B, p_B])).astype(complex)
    c = 0j
    if f["correlation"] == "entangled":
        phase = math.pi / 2 if f["correlation_phase"] is None else f["correlation_phase"]
        both = p_A * p_B
        rho += f["strength"] * both * np.diag([-1, 1, 1, -1])
        c = f["strength"] * math.sqrt(both) * np.exp(1j * phase)
    elif f["correlation"] == "coherent":
        c = f["alpha"] * np.exp(1j * (f["correlation_phase"] or 0.0))
    c *= 1 - f["dephasing"]
    rho[1, 2], rho[2, 1] = c, np.conj(c)
    if initial:
        return rho
    H = np.diag([0, 1, 1, 2]).astype(complex)
    H[1, 2] = f["coupling"] * np.exp(1j * f["coupling_phase"])
    H[2, 1] = np.conj(H[1, 2])
    U = expm(-1j * H * time)
    return U @ rho @ U.conj().T


def entropy(rho: np.ndarray) -> float:
    values = np.linalg.eigvalsh(rho)
    values = values[values > 1e-15]
    return float(-(values * np.log(values)).sum())


def flows(time: float, **given: Any) -> dict[tuple[str, str], float]:
    """Energy difference and heat."""
    p, p0 = (np.real(np.diagonal(evolved(time, initial=before, **given))) for before in (False, True))
    A, B = (p[2] + p[3], p0[2] + p0[3]), (p[1] + p[3], p0[1] + p0[3])
    return {("energy_difference", "AB"): A[0] - B[0], ("heat", "A"): A[0] - A[1], ("heat", "B"): B[0] - B[1]}


def quantities(time: float, **given: Any) -> dict[tuple[str, str], float]:
    """Rows of the table, each from its textbook definition."""
    rho = evolved(time, **given)
    split = rho.reshape(2, 2, 2, 2)
    A, B = np.einsum("abcb->ac", split), np.einsum("abac->bc", split)
    p = np.real(np.diagonal(rho))
    E_A, E_B = p[2] + p[3], p[1] + p[3]
    f = {**DEFAULTS, **given}
    transposed = split.transpose(0, 3, 2, 1).reshape(4, 4)
    concurrence = 2 * max(0.0, abs(rho[1, 2]) - math.sqrt(max(p[0] * p[3], 0)))
    V = np.zeros((4, 4), dtype=complex)
    V[1, 2] = f["coupling"] * np.exp(1j * f["coupling_phase"])
    V[2, 1] = np.conj(V[1, 2])
    return {
        ("energy", "A"): E_A,
        ("energy", "B"): E_B,
        **flows(time, **given),
        **{("population", f"{k:02b}"): p[k] for k in range(4)},
        ("entropy", "A"): entropy(A),
        ("entropy", "B"): entropy(B),
        ("entropy", "AB"): entropy(rho),
        ("mutual_information", "AB"): entropy(A) + entropy(B) - entropy(rho),
        ("concurrence", "AB"): concurrence,
        ("negativity", "AB"): float(-np.clip(np.linalg.eigvalsh(transposed), None, 0).sum()),
        ("coherence_l1", "AB"): 2 * abs(rho[1, 2]),
        ("coherence_relative_entropy", "AB"): entropy(np.diag(p)) - entropy(rho),
        ("purity", "AB"): float(np.trace(rho @ rho).real),
        ("interaction_energy", "AB"): float(np.trace(rho @ V).real),
    }


def matches(answer: dict[str, Any], given: dict[str, Any], swept: Sequence[str]) -> None:
    """Every row of a prediction against the matrix exponential."""
    expected: dict[tuple[float, ...], dict[tuple[str, str], float]] = {}
    seen = set()
    for row in answer["table"]:
        key = tuple(row[name] for name in swept)
        if key not in expected:
            expected[key] = quantities(row["time"], **{**given, **{n: row[n] for n in swept if n != "time"}})
        name = (row["observable"], row["subject"])
        if name in expected[key]:
            seen.add(name)
            assert row["ideal"] == pytest.approx(expected[key][name], abs=1e-9), (key, name)
    assert seen == set(next(iter(expected.values())))


@pytest.mark.parametrize("case", CASES)
def test_the_prediction_is_the_matrix_exponential(call: Call, case: dict[str, tuple[str, Any]]) -> None:
    words = [word for name, (text, _) in case.items() for word in ("--set", f"{name}={text}")]
    answer = predicted(call, *words, "--set", "time=0:17.3:4")
    given = {name: value for name, (_, value) in case.items()}
    matches(answer, given, ["time"])
    assert sorted({row["time"] for row in answer["table"]}) == pytest.approx([0, 17.3 / 3, 34.6 / 3, 17.3])


@pytest.mark.parametrize("case", CASES)
def test_extrema_are_the_highest_and_lowest_points_of_continuous_time(
    call: Call, case: dict[str, tuple[str, Any]]
) -> None:
    words = [word for name, (text, _) in case.items() for word in ("--set", f"{name}={text}")]
    answer = predicted(call, *words, "--set", "time=0:1:2")
    given = {name: value for name, (_, value) in case.items()}
    period = math.pi / given.get("coupling", 0.1)
    grid = [flows(t, **given) for t in np.linspace(0, period, 101)]
    assert {(r["observable"], r["subject"], r["kind"]) for r in answer["extrema"]} == {
        (name, subject, kind)
        for name, subject in (("energy_difference", "AB"), ("heat", "A"), ("heat", "B"))
        for kind in ("maximum", "minimum")
    }
    for row in answer["extrema"]:
        name = (row["observable"], row["subject"])
        assert 0 <= row["time"] <= period
        assert flows(row["time"], **given)[name] == pytest.approx(row["value"], abs=1e-9)
        beyond = [(q[name] - row["value"]) * (1 if row["kind"] == "maximum" else -1) for q in grid]
        assert max(beyond) < 1e-9


def test_an_extremum_that_the_sweep_does_not_reach_is_said_to_be_outside(call: Call) -> None:
    said = call("predict", "heat-exchange", "--set", "time=0:7:15")
    (lowest,) = [line for line in said.out.splitlines() if "minimum of heat A" in line]
    assert lowest.endswith("at time 22.718019; outside the sweep, whose times are 0 to 7")
    for words, outside in (
        (["--set", "time=0:8:5"], 3),  # the maxima of heat A and of the difference, and the minimum of heat B, are at 7
        (["--set", "time=8:24:5"], 3),
        (["--set", "time=5"], 0),  # no sweep
        ([], 0),
        (["--set", "coupling=0.1:0.2:2", "--set", "time=0:15:5"], 3),  # all extrema of 0.2 are within a period of 15.7
    ):
        lines = [line for line in call("predict", "heat-exchange", *words).out.splitlines() if "imum of" in line]
        assert sum("outside the sweep" in line for line in lines) == outside
        assert len(lines) in (6, 12)


def test_several_swept_names_make_a_grid_with_a_column_each(call: Call) -> None:
    words = ["T_A=0.5:2:3", "coupling=0.1:0.4:2", "time=0:5:2", "strength=0.6"]
    answer = predicted(call, *(w for word in words for w in ("--set", word)))
    keys = {(row["T_A"], row["coupling"], row["time"]) for row in answer["table"]}
    assert keys == {(T, c, t) for T in (0.5, 1.25, 2.0) for c in (0.1, 0.4) for t in (0.0, 5.0)}
    assert {row["point"] for row in answer["table"]} == set(range(12))
    assert "strength" not in answer["table"][0]
    matches(answer, {"strength": 0.6}, ["T_A", "coupling", "time"])


def test_the_automatic_time_follows_each_coupling(call: Call) -> None:
    answer = predicted(call, "--set", "coupling=0.1:0.2:2")
    for coupling in (0.1, 0.2):
        times = {row["time"] for row in answer["table"] if row["coupling"] == coupling}
        assert len(times) == 33
        assert max(times) == pytest.approx(math.pi / coupling, rel=1e-12)


def test_quantities_with_units_are_the_natural_ones(call: Call) -> None:
    h, e, k = 6.62607015e-34, 1.602176634e-19, 1.380649e-23
    gap = h * 1e3
    with_units = ["gap=1kHz", "T_A=4.30peV", "T_B=40nK", "coupling=107.55Hz", "time=0ms:2.32ms:4"]
    natural = [
        f"T_A={4.30e-12 * e / gap!r}",
        f"T_B={40e-9 * k / gap!r}",
        "coupling=0.10755",
        f"time=0:{2.32e-3 * 2 * math.pi * 1e3!r}:4",
    ]
    answers = [predicted(call, *(w for word in words for w in ("--set", word))) for words in (with_units, natural)]
    for name in ("time", "ideal"):
        first, second = ([row[name] for row in answer["table"]] for answer in answers)
        assert first == pytest.approx(second, abs=1e-9)
    assert "physical_value" not in answers[1]["extrema"][0]


def test_a_gap_may_be_an_energy_a_frequency_or_a_temperature(call: Call) -> None:
    gaps = ("1kHz", f"{6.62607015e-31 / 1.602176634e-19 * 1e12!r}peV", f"{6.62607015e-31 / 1.380649e-23 * 1e9!r}nK")
    found = [predicted(call, "--set", f"gap={gap}", "--set", "T_A=50nK", "--set", "time=0:1ms:2") for gap in gaps]
    for other in found[1:]:
        assert [r["ideal"] for r in other["table"]] == pytest.approx([r["ideal"] for r in found[0]["table"]], abs=1e-9)


def test_plain_output_is_one_csv_once_comments_are_skipped(call: Call, tmp_path: Path) -> None:
    words = ["predict", "heat-exchange", "--set", "time=0:10:3", "--control", "none,dephased"]
    said = call(*words)
    table = pd.read_csv(io.StringIO(said.out), comment="#")
    assert list(table.columns) == ["point", "role", "time", "arm", *SCHEMED]
    # without correlations there is no fuel to divide by, and without heat no uncertainty of it
    none = table["observable"].isin(["efficiency", "uncertainty_ratio", "uncertainty_bound"])
    assert table[~none]["ideal"].notna().all()
    assert table[["value", "stderr", "low", "high"]].isna().all(axis=None)
    assert set(table["arm"]) == {"main", "none", "dephased"}
    assert any(line.startswith("# maximum of heat A") for line in said.out.splitlines())
    out = call(*words, "--out", tmp_path / "table.csv")
    assert out.last == str(tmp_path / "table.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "table.csv"), table)
    rows = pd.DataFrame(json.loads(call(*words, "--json").out)["table"])
    assert list(rows.columns) == list(table.columns)
    np.testing.assert_allclose(rows["ideal"], table["ideal"], atol=1e-14)


@pytest.mark.slow
def test_the_estimator_can_be_chosen_and_is_kept_with_the_run(call: Call, tmp_path: Path) -> None:
    words = ["run", "heat-exchange", *SMALL, "--device", "exact:white=0.1", "--seed", "3", "--runs", tmp_path]
    tables = {}
    for name in ("maximum-likelihood", "linear-inversion", "per-member"):
        run = Path(call(*words, "--estimator", name).last)
        assert json.loads((run / "start.json").read_text())["estimator"] == name
        assert name in (run / "derived" / "report.html").read_text()
        tables[name] = table_of(run)
    energy = [t[t["observable"] == "energy"]["value"].to_list() for t in tables.values()]
    assert energy[0] == energy[1] == energy[2]
    entropy = [t[t["observable"] == "mutual_information"]["value"].to_list() for t in tables.values()]
    assert entropy[0] != entropy[1] != entropy[2]
    again = call("analyse", run, "--estimator", "maximum-likelihood", "--draws", "20")
    assert again.status == 0
    refused = call(*words, "--estimator", "guess")
    assert refused.status == 2
    assert "`estimator` must be one of maximum-likelihood, linear-inversion, per-member" in refused.err


def test_no_parameter_and_no_preset_is_missing_from_the_list(call: Call) -> None:
    said = call("list")
    answer = json.loads(call("list", "--json").out)
    (protocol,) = [p for p in answer["protocols"] if p["protocol"] == "heat-exchange"]
    fields = ["T_A", "T_B", "coupling", "coupling_phase", "correlation", "strength", "alpha"]
    fields += ["correlation_phase", "dephasing", "time", "gap"]
    assert [p["name"] for p in protocol["parameters"]] == fields
    assert set(protocol["presets"]) == {
        "holdsworth",
        "holdsworth-normal",
        "holdsworth-forward",
        "micadei",
        "micadei-uncorrelated",
        "mallik",
        "mallik-phase",
    }
    assert {"exact", "aer", "aer:fake_fez"} <= set(answer["devices"])
    lines = [line.split("\t")[0] for line in said.out.splitlines()]
    assert {*fields, *protocol["presets"], *answer["devices"]} <= set(lines)
    unverified = [line for line in said.out.splitlines() if "not verified against the paper's text" in line]
    assert [line.split("\t")[0] for line in unverified] == [
        "huang",
        "micadei",
        "micadei-uncorrelated",
        "mallik",
        "mallik-phase",
        "set-S",
    ]


@pytest.mark.parametrize("preset", sorted(load("heat-exchange").presets))
def test_every_preset_can_be_predicted(call: Call, preset: str) -> None:
    assert predicted(call, "--preset", preset)["preset"] == preset


# ---- run, and what can be done with a run ----


FINISHED = (
    *("heat-exchange", *CHEAP, "--set", "time=3", "--set", "T_A=1:2:2", "--control", "none,dephased"),
    *("--calibration-shots", "50"),
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Said, Path]:
    """One run with a sweep that lacks time 0; only read by the tests."""
    runs = tmp_path_factory.mktemp("one run") / "my runs"
    words = ["hotward", "run", *FINISHED, "--runs", str(runs)]
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patched, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patched.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as stopped:
            main()
    assert stopped.value.code == 0, err.getvalue()
    said = Said(0, out.getvalue(), err.getvalue())
    return said, Path(said.last)


@pytest.mark.slow
def test_a_fresh_interpreter_says_the_same(finished: tuple[Said, Path], tmp_path: Path) -> None:
    here, run = finished
    seed = str(json.loads((run / "start.json").read_text())["seed"])
    there = python("-m", "hotward", "run", *FINISHED, "--seed", seed, "--runs", tmp_path)
    assert there.status == 0, there.err
    for name in ("counts.csv", "derived/table.csv"):
        assert (Path(there.last) / name).read_bytes() == (run / name).read_bytes()
    assert [line for line in there.out.splitlines() if str(tmp_path) not in line] == [
        line for line in here.out.splitlines() if str(run.parent) not in line
    ]


def table_of(run: Path) -> pd.DataFrame:
    return pd.read_csv(run / "derived" / "table.csv")


def test_the_last_line_of_a_run_is_its_directory(finished: tuple[Said, Path]) -> None:
    said, run = finished
    assert run.is_dir()
    for name in ("table.csv", "energies.svg", "energies.png", "report.html"):
        assert (run / "derived" / name).stat().st_size > 0
    assert said.complaint == []
    assert leftovers(run) == []


def test_table_columns_are_those_of_the_contract(finished: tuple[Said, Path]) -> None:
    table = table_of(finished[1])
    assert list(table.columns) == ["point", "role", "T_A", "time", "arm", *SCHEMED, "bias_corrected", "interval"]


def test_the_table_has_every_observable_of_a_pair_with_its_unit(finished: tuple[Said, Path]) -> None:
    table = table_of(finished[1])
    units = {
        ("energy", "A"): "gap",
        ("energy", "B"): "gap",
        ("heat", "A"): "gap",
        ("heat", "B"): "gap",
        ("energy_difference", "AB"): "gap",
        **{("population", k): "1" for k in ("00", "01", "10", "11")},
        **{("entropy", k): "nat" for k in ("A", "B", "AB")},
        ("mutual_information", "AB"): "nat",
        ("concurrence", "AB"): "1",
        ("signed_concurrence", "AB"): "1",
        ("negativity", "AB"): "1",
        **{("coherence_l1", k): "1" for k in ("A", "B", "AB")},
        ("purity", "AB"): "1",
        ("fidelity", "AB"): "1",
        ("interaction_energy", "AB"): "gap",
    }
    cells = 2 * 2 * 3  # temperatures, times with the reference, arms
    for (name, subject), unit in units.items():
        rows = table[(table["observable"] == name) & (table["subject"] == subject)]
        assert len(rows) == cells, (name, subject)
        assert set(rows["unit"]) == {unit}
    assert not table.duplicated(["point", "arm", "observable", "subject", "scheme"]).any()


def test_reference_and_control_rows_appear_where_they_were_measured(finished: tuple[Said, Path]) -> None:
    table = table_of(finished[1])
    main = table[table["arm"] == "main"]
    assert set(main[main["time"] == 3]["role"]) == {"point"}
    assert set(main[main["time"] == 0]["role"]) == {"reference"}
    assert set(main["time"]) == {0, 3}
    assert set(main[main["time"] == 0]["T_A"]) == {1, 2}
    assert set(table[table["arm"] != "main"]["role"]) == {"control"}
    assert set(table["arm"]) == {"main", "none", "dephased"}
    heat = main[(main["observable"] == "heat") & (main["time"] == 0)]
    assert (heat["value"] == 0).all()


def energies_and_heats(table: pd.DataFrame) -> pd.DataFrame:
    rows = table[table["observable"].isin(["energy", "heat"])]
    assert len(rows)
    return rows


def test_no_energy_or_heat_has_an_interval_of_zero_width(finished: tuple[Said, Path]) -> None:
    rows = energies_and_heats(table_of(finished[1]))
    assert (rows["stderr"] > 0).all()
    assert (rows["high"] > rows["low"]).all()
    assert ((rows["low"] <= rows["value"]) & (rows["value"] <= rows["high"])).all()


@pytest.mark.parametrize("extra", [(), ("--calibration-shots", "64"), ("--reference", "nominal")])
def test_no_interval_has_zero_width_when_every_outcome_is_the_same(
    call: Call, tmp_path: Path, extra: Sequence[str]
) -> None:
    words = ["run", "heat-exchange", *SMALL, "--bases", "ZZ", "--set", "T_A=0.01", "--set", "T_B=0.02", *extra]
    said = call(*words, "--runs", tmp_path)
    assert said.status == 0, said.err
    counts = pd.read_csv(Path(said.last) / "counts.csv")
    assert (counts[counts["basis"] == "ZZ"][["A", "B"]] == 0).all(axis=None)
    rows = energies_and_heats(table_of(Path(said.last)))
    assert (rows["stderr"] > 0).all()
    assert (rows["high"] > rows["low"]).all()
    assert (rows["ideal"].between(rows["low"], rows["high"])).all()


def test_the_report_says_what_was_found_and_how_to_repeat_it(call: Call, finished: tuple[Said, Path]) -> None:
    from html import unescape

    _, run = finished
    page = unescape((run / "derived" / "report.html").read_text()).replace("±", "+-")
    start = json.loads((run / "start.json").read_text())
    assert start["command"] in page
    for verdict in json.loads(call("show", run, "--json").out)["verdicts"]:
        assert verdict["headline"] in page
    assert "<svg" in page
    assert "http://" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    ), "the page needs no other file"


def test_a_run_says_the_same_as_json(call: Call, tmp_path: Path) -> None:
    words = ["run", "heat-exchange", *SMALL, "--seed", "3", "--control", "none"]
    plain = call(*words, "--runs", tmp_path / "a")
    said = call(*words, "--runs", tmp_path / "b", "--json")
    assert (plain.status, said.status) == (0, 0)
    answer = json.loads(said.out)
    run = Path(answer["run"])
    assert run.parent == tmp_path / "b"
    for name in ("table", "figure", "report"):
        assert Path(answer[name]).is_relative_to(run)
        assert Path(answer[name]).exists()
    assert table_of(run).equals(table_of(Path(plain.last)))
    assert answer["verdicts"] == json.loads(call("show", plain.last, "--json").out)["verdicts"]
    for verdict in answer["verdicts"]:
        assert verdict["headline"] in plain.out
    assert answer["draws"] == 20


def test_show_runs_report_and_analyse_agree_about_a_run(call: Call, finished: tuple[Said, Path]) -> None:
    said, run = finished
    before = (run / "derived" / "table.csv").read_bytes()
    shown = json.loads(call("show", run, "--json").out)
    assert (shown["status"], shown["protocol"], shown["device"]) == ("done", "heat-exchange", "exact")
    listed = json.loads(call("runs", "--runs", run.parent, "--json").out)["runs"]
    assert [(row["run"], row["status"]) for row in listed] == [(run.name, "done")]
    plain = call("show", run)
    by_name = call("show", run.name, "--runs", run.parent)
    assert plain.status == by_name.status == 0
    assert plain.out == by_name.out
    assert len(shown["verdicts"]) == 2, "one for each temperature"
    assert listed[0]["says"] == shown["headline"]
    assert shown["headline"] in plain.out
    for verdict in shown["verdicts"]:
        assert verdict["headline"] in said.out
        assert verdict["headline"] in plain.out
    again = call("analyse", run)
    assert (again.status, again.last) == (0, str(run))
    report = call("report", run)
    assert (report.status, report.last) == (0, str(run / "derived" / "report.html"))
    assert (run / "derived" / "table.csv").read_bytes() == before


@pytest.mark.slow
def test_analysis_repeats_itself_with_the_draws_that_were_asked_for(call: Call, finished: tuple[Said, Path]) -> None:
    run = finished[1]
    before = (run / "derived" / "table.csv").read_bytes()
    other = json.loads(call("analyse", run, "--draws", "30", "--json").out)
    assert other["draws"] == 30
    assert (run / "derived" / "table.csv").read_bytes() != before
    assert json.loads(call("analyse", run, "--json").out)["draws"] == 20
    assert (run / "derived" / "table.csv").read_bytes() == before


def test_a_run_that_was_never_analysed_is_shown_with_the_next_step(call: Call, tmp_path: Path) -> None:
    run = execute(small_program(), open_device("exact"), runs=tmp_path, seed=1).path
    assert f"hotward analyse {run}" in call("show", run).out


@pytest.mark.parametrize("content", ["null", "{}", "[1]", "[{}]", '{"headline": 1, "verdicts": [{}]}', "{", ""])
def test_a_spoilt_derived_file_does_not_hide_the_run(call: Call, tmp_path: Path, content: str) -> None:
    run = execute(small_program(), open_device("exact"), runs=tmp_path, seed=1).path
    (run / "derived").mkdir()
    (run / "derived" / "verdict.json").write_text(content)
    assert call("show", run).status == 0
    assert call("runs", "--runs", tmp_path).status == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(("run",), ("--", "heat-exchange"), id="dashes"),
        pytest.param(("run", "heat-exchange"), (), id="plain", marks=pytest.mark.slow),
        pytest.param(("--debug", "run"), ("heat-exchange",), id="debug first", marks=pytest.mark.slow),
    ],
)
def test_the_recorded_command_repeats_the_run(
    call: Call, tmp_path: Path, before: Sequence[str], after: Sequence[str]
) -> None:
    options = [*SMALL, "--bases", "minimal", "--runs", str(tmp_path / "my runs"), "--set", "T_A = 3/2", "--json"]
    words = [*before, *options, *after]
    first = Path(json.loads(call(*words).out)["run"])
    command = shlex.split(json.loads((first / "start.json").read_text())["command"])
    assert command[0] == "hotward"
    again = call(*command[1:])
    assert again.status == 0, again.err
    second = Path(again.last)
    assert second != first
    for name in ("counts.csv", "derived/table.csv"):
        assert (second / name).read_bytes() == (first / name).read_bytes()


def test_without_a_seed_two_runs_differ(call: Call, tmp_path: Path) -> None:
    words = ["run", "heat-exchange", *SMALL, "--bases", "ZZ", "--runs", tmp_path, "--json"]
    runs = [Path(json.loads(call(*words).out)["run"]) for _ in range(2)]
    assert (runs[0] / "counts.csv").read_text() != (runs[1] / "counts.csv").read_text()


def test_runs_are_listed_newest_first_even_within_one_second(call: Call, tmp_path: Path) -> None:
    program = small_program()
    made = [execute(program, open_device("exact"), runs=tmp_path, seed=seed).path.name for seed in range(6)]
    listed = json.loads(call("runs", "--runs", tmp_path, "--json").out)["runs"]
    assert [row["run"] for row in listed] == made[::-1]
    plain = call("runs", "--runs", tmp_path).out.splitlines()
    assert [line.split("\t")[0] for line in plain if line.startswith("20")] == made[::-1]


def test_a_folder_without_runs_is_listed_as_empty(call: Call, tmp_path: Path) -> None:
    assert call("runs", "--runs", tmp_path).status == 0
    assert json.loads(call("runs", "--runs", tmp_path, "--json").out) == {"runs": []}


def test_one_broken_directory_does_not_hide_the_other_runs(call: Call, tmp_path: Path) -> None:
    good = execute(small_program(), open_device("exact"), runs=tmp_path, seed=1).path
    bad = execute(small_program(), open_device("exact"), runs=tmp_path, seed=2).path
    (bad / "stop.json").unlink()
    (bad / "jobs.jsonl").write_bytes(b"not json\n")
    (tmp_path / "notes").mkdir()
    said = call("runs", "--runs", tmp_path, "--json")
    assert said.status == 0, said.err
    states = {row["run"]: row["status"] for row in json.loads(said.out)["runs"]}
    assert states[good.name] == "done"
    assert states[bad.name] != "done"
    assert states["notes"] == "foreign"


@pytest.mark.parametrize("control", ["none", "none,dephased"])
def test_a_run_never_claims_a_control_that_it_does_not_have(call: Call, tmp_path: Path, control: str) -> None:
    words = ["run", "heat-exchange", *SMALL, "--bases", "ZZ", "--set", "correlation=none", "--control", control]
    said = call(*words, "--runs", tmp_path)
    assert said.status in (0, 2)
    if said.status == 0:
        assert "arm" in table_of(Path(said.last)).columns or any(
            line.startswith("note:") and "control" in line for line in said.out.splitlines()
        ), "a control that was asked for and dropped is told"


@pytest.mark.parametrize(
    "words",
    [
        slow("--set time=0:10:3 --preparation purified"),
        slow("--set time=10:0:3 --merge"),
        "--set time=0:10:3 --merge --preparation purified --set strength=0.5",
        "--set time=3 --reference nominal --set strength=0:1:2",
        "--bases x-state --preset micadei --set time=0ms:2ms:2",
        slow("--preset micadei-uncorrelated --set time=0ms:2ms:2 --control none"),
        "--set time=0:10:3 --shots 2 --bases ZZ",
        slow("--set time=0:10:3 --draws 2 --bases ZZ"),
        "--set time=0:10:3 --calibration-shots 2 --bases ZZ",
        "--set time=0:10:3 --seed 123456789012345678901234567890 --bases ZZ",
    ],
)
def test_every_kind_of_run_ends_well(call: Call, tmp_path: Path, words: str) -> None:
    said = call("run", "heat-exchange", *CHEAP, *shlex.split(words), "--runs", tmp_path)
    assert said.status == 0, said.err
    rows = energies_and_heats(table_of(Path(said.last)))
    assert (rows["stderr"] > 0).all()
    assert call("show", said.last).status == 0
