"""The README's promises: its notebook example runs, its commands exist."""

import os
import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parent.parent / "README.md").read_text()


def test_the_notebook_example_runs_and_sees_the_reversal(tmp_path):
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
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


def test_every_file_that_the_documents_name_exists():
    root = Path(__file__).parent.parent
    for document in ("README.md", "CONTRIBUTING.md"):
        named = re.findall(
            r"`((?:protocols|devices|analysis|tests|runs)/[\w/]+\.(?:py|md))`", (root / document).read_text()
        )
        assert named
        for name in named:
            assert (root / name).exists(), f"{document} names {name}"


def test_every_command_of_the_readme_exists():
    from typer.main import get_command

    from hotward.cli import app

    commands = set(getattr(get_command(app), "commands", {}))
    named = set(re.findall(r"hotward ([a-z]+)\b", README)) - {"runs"}
    assert {"list", "predict", "run", "analyse", "report", "show"} <= named <= commands
