"""hotward reproduce from the command line: what it says, what it refuses, and that nothing else imports QuTiP."""

import json
import subprocess
import sys

import pytest


def test_figures_are_redrawn_and_the_last_line_is_the_page(call, tmp_path):
    said = call("reproduce", "holdsworth-kawai", "--figures", "1", "--out", tmp_path / "out", "--cache", tmp_path / "c")
    assert said.status == 0
    assert said.run == tmp_path / "out" / "index.html"
    assert said.run.exists()
    assert "figure 1: Beside the reference computation: 56 of 56 agree" in said.out
    assert not said.complaint


def test_json_has_every_number_and_a_directory_is_made_under_runs(call, tmp_path):
    said = call(
        "reproduce", "micadei", "--figures", "heat", "--runs", tmp_path / "r", "--cache", tmp_path / "c", "--json"
    )
    found = json.loads(said.out)
    assert found["figures"]["heat"]["numbers"][0]["agrees"]
    assert found["page"].startswith(str(tmp_path / "r" / "reproduce-micadei-"))
    assert "no runs in" in call("runs", "--runs", tmp_path / "r").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nobody",), "Argument `paper` must be all or one of "),
        (("holdsworth-kawai", "--figures", "1,3"), "`figures` must be a list from 1,2,4,5,6 for holdsworth-kawai"),
        (("micadei", "--figures", ""), "`figures` must be a list from energies,heat"),
        (("micadei", "--overlay", "nowhere"), "`overlay` must be a finished run"),
        (("micadei", "--out", "/proc/nowhere"), "`out` must be a directory that can be written"),
        (("holdsworth-kawai", "--cache", "/proc/nowhere"), "`cache` must be a directory that can be written"),
    ],
)
def test_a_wrong_request_is_refused_in_a_line_and_leaves_nothing(call, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    said = call("reproduce", *arguments)
    assert said.status == 2
    assert says in said.err
    assert len(said.complaint) <= 2
    assert not (tmp_path / "runs").exists()


def test_without_a_hierarchy_qutip_may_be_gone(call, tmp_path, monkeypatch):
    for name in {"qutip", *(name for name in sys.modules if name.startswith("qutip."))}:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.chdir(tmp_path)
    assert call("predict", "heat-exchange", "--set", "time=0").status == 0
    assert call("reproduce", "micadei", "--figures", "heat").status == 0


@pytest.mark.slow
def test_only_what_needs_a_hierarchy_imports_qutip(tmp_path):
    script = """
import sys
from hotward import cli
for line in (["predict", "heat-exchange", "--set", "time=0"], ["run", "heat-exchange", "--device", "exact",
             "--set", "time=0:5:2", "--draws", "20", "--shots", "100"], ["reproduce", "micadei", "--figures", "heat"]):
    sys.argv = ["hotward", *line]
    try:
        cli.main()
    except SystemExit as stopped:
        assert not stopped.code, line
    assert "qutip" not in sys.modules, line
"""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "MPLBACKEND": "Agg"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
