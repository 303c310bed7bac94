"""The README's promises: its notebook example runs, its commands exist."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def examples(text: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


@pytest.mark.filterwarnings("ignore:FigureCanvasAgg")
def test_the_notebook_example_sees_the_reversal(tmp_path, monkeypatch, capsys):
    import matplotlib as mpl

    mpl.use("Agg")
    monkeypatch.chdir(tmp_path)
    exec(compile(examples(README)[0], "README.md", "exec"), {})
    assert capsys.readouterr().out.startswith("reversed: hot A gained 0.2")


@pytest.mark.slow
def test_the_notebook_example_runs_and_sees_the_reversal(tmp_path):
    """In an interpreter that has imported nothing."""
    example = examples(README)[0]
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    script = "import warnings; warnings.simplefilter('error'); warnings.filterwarnings('ignore', 'FigureCanvasAgg')\n"
    done = subprocess.run(
        [sys.executable, "-c", script + example],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("reversed: hot A gained 0.2")


def test_the_examples_of_get_counts_have_the_last_character_as_the_first_qubit(tmp_path, monkeypatch, capsys):
    """A alone is excited: of B not one."""
    from devices.imports import import_file

    monkeypatch.chdir(tmp_path)
    _, of_readme = examples(README)
    exec(compile(of_readme, "README.md", "exec"), {})
    assert [line.split()[1:] for line in capsys.readouterr().out.splitlines()[-2:]] == [["A", "1.0"], ["B", "0.0"]]
    (of_runs,) = examples((ROOT / "runs/README.md").read_text())
    exec(compile(of_runs, "runs/README.md", "exec"), {})
    rows = import_file(tmp_path / "counts.csv", runs=tmp_path / "own").counts()
    assert rows[["A", "B", "count"]].to_numpy().tolist() == [[1, 0, 1000]]


def test_every_file_that_the_documents_name_exists():
    root = Path(__file__).parent.parent
    documents = [root / "README.md", root / "CONTRIBUTING.md", root / "runs/README.md", *(root / "docs").rglob("*.md")]
    rooms = "protocols|devices|analysis|theory|reproduce|hotward|benchmarks|tests|runs|docs"
    named = {
        (document, name)
        for document in documents
        for name in re.findall(rf"`((?:{rooms})/[\w/.-]*)`", document.read_text())
    }
    assert {document.name for document, _ in named} >= {"README.md", "CONTRIBUTING.md"}
    assert not [f"{document.name} names {name}" for document, name in named if not (root / name).exists()]
    linked = {
        (document, target)
        for document in documents
        for target in re.findall(r"\]\(([\w./-]+)(?:#[\w-]+)?\)", document.read_text())
    }
    assert not [
        f"{document.name} links {target}" for document, target in linked if not (document.parent / target).exists()
    ]


def test_every_command_of_the_readme_exists():
    from typer.main import get_command

    from hotward.commands import app

    commands = set(getattr(get_command(app), "commands", {}))
    named = set(re.findall(r"hotward ([a-z]+)\b", README)) - {"runs", "as"}
    assert {"list", "predict", "run", "analyse", "report", "show"} <= named <= commands
