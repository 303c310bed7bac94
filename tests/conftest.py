"""What several test files share: the entry point, called in this process."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from hotward import _cli


class Said(NamedTuple):
    """What one command left behind."""

    status: int
    out: str
    err: str

    @property
    def last(self) -> str:
        return self.out.splitlines()[-1]

    @property
    def run(self) -> Path:
        return Path(self.last)

    @property
    def complaint(self) -> list[str]:
        """Lines on standard error that are not progress."""
        return [line for line in self.err.splitlines() if not re.match(r"(opening|measuring)\b", line)]


Call = Callable[..., Said]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """The entry point in this process."""

    def called(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["hotward", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            _cli.main()
        captured = capsys.readouterr()
        assert isinstance(stopped.value.code, int)
        return Said(stopped.value.code, captured.out, captured.err)

    return called
