"""What several test files share: the entry point, called in this process, and an account on a local platform."""

from __future__ import annotations

import re
import sys
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from hotward import cli as _cli

if typing.TYPE_CHECKING:
    from fake_ibm import LocalPlatform

SHORT_WAITS = "settling=1.5 tick=0.05 longest_tick=0.3 back_off=0.2 minute=0.1 outage=60 answer=40 submission=60"
"""Seconds (HOTWARD_IBM_WAITS): the platform is on this machine and lists a job as soon as it has it."""


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
        return [
            line
            for line in self.err.splitlines()
            if not re.match(r"(opening|measuring|submitting|estimate|computing)\b", line)
        ]


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


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LocalPlatform]:
    """A local IBM platform, and an environment in which an application finds its account there and no other."""
    from fake_ibm import LocalPlatform
    from virtual_clock import VirtualClock

    # both sides wait by one clock, whose waits take no time
    clock = VirtualClock()
    monkeypatch.setattr("devices.remote.clock.SYSTEM", clock)
    # and the client looks at it for the age of its token
    manager = "ibm_cloud_sdk_core.token_managers.token_manager.TokenManager._get_current_time"
    monkeypatch.setattr(manager, staticmethod(lambda: int(clock.today().timestamp())))
    with LocalPlatform(clock=clock) as local:
        clock.finish_work = local.runs.finish_work
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        for name in ("XDG_CONFIG_HOME", "QISKIT_IBM_CHANNEL", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("HOTWARD_IBM_WAITS", SHORT_WAITS)
        for name, value in local.environment().items():
            monkeypatch.setenv(name, value)
        yield local
