"""Where a case of the campaign on hardware is played: a platform, a proxy before it, a portal beside it, one user."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from conftest import SHORT_WAITS, Call, Said
from fake_ibm import Job, LocalPlatform
from foreign_proxy import Portal, Proxy, Strike, portal
from foreign_truth import assert_held, assert_nothing_leaked, assert_well_said, colleagues_jobs

import devices

MOST_COMMANDS = 8
"""Until a run is done: the fault is over after the first in which it struck, a storm after the third."""
SMALL = shlex.split(
    "heat-exchange --set time=7 --set correlation=none --bases ZZ --shots 64 --control off --reference nominal "
    "--calibration-shots 0 --passes 2 --draws 20 --seed 1 --device ibm:ibm_manila"
)
"""A run of two jobs."""
ASKED: dict[str, int] = {
    "iam": 2, "search": 1, "catalog": 2, "backends": 3, "configuration": 1, "properties": 1, "backend-status": 4,
    "usage": 3, "list-jobs": 5, "open-session": 1, "session": 5, "submit": 2, "close-session": 1, "job": 4,
    "metrics": 2, "results": 2,
}  # fmt: skip
"""How often such a run makes each kind of request, at the least."""


@dataclass
class Stage:
    """One user with one run, on a line that may be struck."""

    platform: LocalPlatform
    proxy: Proxy
    portal: Portal
    runs: Path
    monkeypatch: pytest.MonkeyPatch
    call: Call
    others: list[Job] = field(default_factory=list)
    """The jobs of a colleague."""
    strikes: list[Strike] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    """What every command left behind."""

    def patience(self, **seconds: float) -> None:
        """Waiting times that differ from the short ones."""
        words = " ".join(f"{name}={value}" for name, value in seconds.items())
        self.monkeypatch.setenv("HOTWARD_IBM_WAITS", f"{SHORT_WAITS} {words}")

    def arm(self, *strikes: Strike) -> None:
        """Faults of which at least one has to strike."""
        self.strikes += strikes
        self.proxy.arm(*strikes)

    def struck_at_random(self, act: Callable[..., None], kind: str, random: np.random.Generator, times: int = 1) -> str:
        """Arms an act for a request of a kind, one of those that a run makes; which one is drawn."""
        skip = int(random.integers(ASKED[kind]))
        self.arm(Strike(act=act, kind=kind, skip=skip, times=times))
        return f"{kind} {skip + 1}"

    @property
    def run(self) -> Path | None:
        """The run, as soon as there is one."""
        found = [path for path in self.runs.iterdir() if (path / "start.json").exists()] if self.runs.exists() else []
        assert len(found) <= 1, "one command makes one run"
        return found[0] if found else None

    def commanded(self, *words: object) -> Said:
        """A command in this process; what it says is looked at and kept."""
        said = self.call(*words)
        self.texts += [said.out, said.err]
        self.said.append(said)
        assert_well_said(said, self.run)
        return said

    def once(self) -> Said:
        """The next command of somebody who wants his run: begun if there is none, else collected."""
        if self.run is None:
            return self.commanded("run", *SMALL, "--yes", "--runs", self.runs)
        return self.commanded("collect", self.run)

    def to_the_end(self, *, storm: int = 1, doubled: int = 0, again: Collection[int] = ()) -> None:
        """Carries a run to its end, and looks at everything that has to hold.

        Args:
            storm: Commands for which the line stays bad.
            doubled: Submissions that arrive twice by the fault itself.
            again: Jobs whose raw file was spoilt after it was stored.
        """
        for number in range(MOST_COMMANDS):
            # on a slow machine a command may end before the request that was to be struck
            if number >= storm and any(strike.hits for strike in self.strikes):
                self.proxy.calm()
            if self.once().status == 0 and number + 1 >= min(storm, 1):
                break
        self.proxy.calm()
        self.finish(doubled=doubled, again=again)

    def finish(self, *, doubled: int = 0, again: Collection[int] = ()) -> None:
        """What is late comes, the run is asked for once more if anything is left, and everything has to hold."""
        self.proxy.quiet()
        assert self.run is not None
        assert self.said[-1].status == 0, [said.err for said in self.said]
        self.platform.runs.finish_work()
        if devices.left_open(self.run) or doubled:
            assert self.commanded("collect", self.run).status == 0
        struck = [strike for strike in self.strikes if strike.hits]
        assert struck or not self.strikes, "the fault never struck"
        known = (self.platform, self.proxy, self.portal, self.runs, self.others, self.texts)
        assert_held(*known, doubled=doubled, again=again)
        assert not (Path(os.environ["HOME"]) / ".qiskit").exists(), "an account was saved"


def staged(platform: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage on which the colleague has queued already; at the end, whatever happened, he still waits."""
    monkeypatch.setenv("HOTWARD_IBM_WAITS", SHORT_WAITS)
    # what an answer may have the client wait, in real time
    monkeypatch.setattr("devices.ibm.client._LONGEST_PAUSE", 0.3)
    with portal() as elsewhere, Proxy(platform, np.random.default_rng(1)) as proxy:
        for name, value in proxy.environment().items():
            monkeypatch.setenv(name, value)
        yield Stage(platform, proxy, elsewhere, tmp_path / "runs", monkeypatch, call, others=colleagues_jobs(platform))
        assert_nothing_leaked(proxy, elsewhere)
