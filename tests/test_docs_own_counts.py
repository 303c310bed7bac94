"""The page "Your own counts" is true: its Python runs, and so do its commands on the files that the Python made."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from conftest import Call

PAGE = Path(__file__).parents[1] / "docs" / "your-own-counts.md"
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_every_recipe_of_the_page_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    """Fast siblings, one a form, are in test_imports_formats.py."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    commands = 0
    for language, text in BLOCKS:
        if language == "python":
            exec(compile(text, str(PAGE), "exec"), names)
            continue
        for line in text.splitlines():
            said = call(*shlex.split(line)[1:], "--draws", 2)
            assert said.status == 0, (line, said.err)
            commands += 1
    assert commands == 15
    table = names["table"]
    energy = table.query("observable == 'energy'").set_index("subject")["value"]  # type: ignore[attr-defined]
    # sin(1/2)^2 within five standard errors of 2000 shots: A is the last character
    assert energy["A"] == pytest.approx(0.2298, abs=0.05)
    assert energy["B"] == pytest.approx(0, abs=0.01)


def test_the_page_names_what_qiskit_does_and_every_form() -> None:
    text = PAGE.read_text()
    for word in (
        "little-endian",
        "get_counts",
        "--order last",
        "--order first",
        "BitArray",
        "RuntimeEncoder",
        "--read",
    ):
        assert word in text
