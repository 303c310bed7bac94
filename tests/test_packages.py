"""Packages of other people with the names of ours are named before anything of them is imported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Call

from hotward import packages
from hotward.packages import MARK, PACKAGES, foreign_package

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Faces of our packages in a directory of their own, the only one that Python finds them in."""
    for name in PACKAGES:
        (tmp_path / "home" / name).mkdir(parents=True)
        shutil.copy(ROOT / name / "__init__.py", tmp_path / "home" / name)
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "home")])
    return tmp_path / "home"


def shadow_by_file(home: Path, name: str) -> str:
    place = home.parent / "here" / f"{name}.py"
    place.parent.mkdir()
    place.write_text("raise SystemExit('imported')")
    sys.path.insert(0, str(place.parent))
    return str(place)


def shadow_by_package(home: Path, name: str) -> str:
    place = home.parent / "here" / name / "__init__.py"
    place.parent.mkdir(parents=True)
    place.write_text(f"{MARK}\nraise SystemExit('imported')")
    sys.path.insert(0, str(place.parent.parent))
    return str(place)


def write_over(home: Path, name: str) -> str:
    (home / name / "__init__.py").write_text("raise SystemExit('imported')")
    return "another distribution wrote over it"


def take_away(home: Path, name: str) -> str:
    (home / name / "__init__.py").unlink()
    return "is missing"


def test_ours_are_ours(home: Path) -> None:
    assert foreign_package(home) == ""


def test_those_of_this_process_are_ours() -> None:
    assert foreign_package() == ""


@pytest.mark.parametrize("name", PACKAGES)
@pytest.mark.parametrize("way", [shadow_by_file, shadow_by_package, write_over, take_away])
def test_another_s_package_is_named_in_one_line_and_not_imported(
    name: str, way: Callable[[Path, str], str], home: Path
) -> None:
    expected = way(home, name)
    said = foreign_package(home)
    assert f"`{name}`" in said
    assert expected in said
    assert "\n" not in said
    assert name not in sys.modules


def test_no_command_goes_on_beside_another_s_package(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "MARK", "a line that no file has")
    said = call("list")
    assert (said.status, said.out) == (2, "")
    assert len(said.err.splitlines()) == 1
    assert "`protocols`" in said.err


@pytest.mark.slow
@pytest.mark.parametrize("name", PACKAGES)
@pytest.mark.parametrize("how", ["-m", "PYTHONPATH"])
def test_a_file_in_the_working_directory_stops_hotward_before_it_is_imported(
    name: str, how: str, tmp_path: Path
) -> None:
    (tmp_path / f"{name}.py").write_text("print('imported')")
    words = ["-m", "hotward"] if how == "-m" else ["-c", "from hotward.cli import main; main()"]
    path = str(ROOT) if how == "-m" else os.pathsep.join([str(tmp_path), str(ROOT)])
    done = subprocess.run(
        [sys.executable, *words, "list"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert str(tmp_path / f"{name}.py") in done.stderr
