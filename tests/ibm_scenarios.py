"""A laboratory for scenarios: runs on the local platform, what was said on the way, and a deadline from outside."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.forkserver as forkserver
import os
import queue
import sys
import threading
import typing
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import ibm_imports  # noqa: F401  # all that a run needs, imported in the main thread
import pytest
from conftest import SHORT_WAITS, Call, Said
from fake_ibm import FINAL, Job, LocalPlatform, Request
from ibm_truth import assert_complete, assert_no_secret, assert_sound

import devices
from devices import HardwareOptions, Prepared, RunRecord
from devices.record import read_journal, read_lines
from protocols import Program, compile
from protocols.heat_exchange import HeatExchange

DEADLINE = 150.0
"""Of a scenario [s], from outside: several times what the slowest takes on a slow machine. What passes it hangs."""


@dataclass(frozen=True)
class Scenario:
    """A fault, how a run ends under it, and the proof."""

    fault: str
    ends: str
    play: Callable[[Lab], None]


@dataclass
class Lab:
    """One account on one platform. Every process is played by an account that is opened anew."""

    platform: LocalPlatform
    runs: Path
    monkeypatch: pytest.MonkeyPatch
    call: Call
    texts: list[str] = field(default_factory=list)
    """Everything that was said, where no secret may be."""
    complete: list[Path] = field(default_factory=list)
    """Runs that came to a good end."""

    def patience(self, **seconds: float) -> None:
        """Waiting times that differ from those of the other tests."""
        words = " ".join(f"{name}={value}" for name, value in seconds.items())
        self.monkeypatch.setenv("HOTWARD_IBM_WAITS", f"{SHORT_WAITS} {words}")

    # -- what a user does

    def device(self, jobs: int = 1, backend: str = "ibm_manila", **options: typing.Any) -> devices.Device:
        """A backend, by an account that is opened anew."""
        return devices.open_device(f"ibm:{backend}", HardwareOptions(passes=jobs, **options))

    def prepared(self, jobs: int = 1, **options: typing.Any) -> Prepared:
        """A run of so many small jobs, ready to be submitted."""
        return devices.prepare_run(small(jobs), self.device(jobs, **options), runs=self.runs, seed=1)

    def submitted(self, jobs: int = 1, **options: typing.Any) -> Path:
        """A run that was submitted by a process that is gone."""
        return devices.submit(self.prepared(jobs, **options), nothing)

    def collected(self, run: Path, *, seconds: float = 60.0, resubmit: bool = False) -> RunRecord:
        """The run, brought to its end by a process that knows nothing but its directory."""
        record = devices.collect(run, seconds=seconds, resubmit=resubmit)
        self.complete.append(run)
        return record

    def flown(self, jobs: int = 1, **options: typing.Any) -> Path:
        """A run from beginning to end in one process."""
        prepared = self.prepared(jobs, **options)
        devices.collect(prepared.run, seconds=60.0, prepared=prepared)
        self.complete.append(prepared.run)
        return prepared.run

    def fails(
        self, kinds: type[Exception] | tuple[type[Exception], ...], doing: Callable[[], object], *words: str
    ) -> None:
        """What something ends with: one of these very kinds, in a line or two that say how to go on."""
        with pytest.raises(kinds) as met:
            doing()
        text = str(met.value)
        self.texts.append(text)
        assert type(met.value) in (kinds if isinstance(kinds, tuple) else (kinds,)), f"{met.type.__name__}: {text}"
        assert len(text) < 900, text
        for word in (*words, *["hotward collect"] * (met.type is devices.PendingRun)):
            assert word in text, text

    def commanded(self, *words: object) -> Said:
        """A command; what it says is kept."""
        said = self.call(*words)
        self.texts += [said.out, said.err]
        return said

    @property
    def tiny(self) -> tuple[object, ...]:
        """The words of a small run for `hotward run` and `submit`."""
        words = (
            "heat-exchange --set time=7 --set correlation=none --bases ZZ --shots 64 --control off --reference nominal"
        )
        more = "--calibration-shots 0 --passes 1 --draws 50 --seed 1 --device ibm:ibm_manila"
        return (*words.split(), *more.split(), "--runs", self.runs)

    def refused(self, status: int, *words: str) -> Said:
        """A run that does not begin: a line or two, an exit status, nothing submitted and nothing left on disk."""
        before = len(self.platform.jobs), len(list(self.runs.iterdir())) if self.runs.exists() else 0
        said = self.commanded("run", *self.tiny)
        assert said.status == status, said.err
        assert len(said.complaint) == 1, said.err
        assert len(said.complaint[0]) < 600, said.err
        assert said.out == ""
        for word in words:
            assert word in said.err, said.err
        assert before == (len(self.platform.jobs), len(list(self.runs.iterdir())) if self.runs.exists() else 0)
        return said

    # -- what there is

    @property
    def run_exists(self) -> bool:
        return self.runs.exists() and any(self.runs.iterdir())

    @property
    def jobs(self) -> list[Job]:
        """Jobs of the platform in the order they were made."""
        return sorted(self.platform.jobs.values(), key=lambda job: job.number)

    @property
    def statuses(self) -> list[str]:
        return [job.status for job in self.jobs]

    def requests(self, kind: str) -> list[Request]:
        """Requests of a kind up to now."""
        return [request for request in self.platform.requests if request.kind == kind]

    def seen(self, kind: str) -> int:
        return len(self.requests(kind))

    def finished(self, *identifiers: str) -> None:
        """Waits until jobs are final; all of them by default. The deadline of the scenario is that of this, too."""
        while not all(self.platform.jobs[each].status in FINAL for each in identifiers or self.platform.jobs):
            self.platform.clock.sleep(0.01)

    def assert_ended(self) -> None:
        """What is true after every scenario."""
        assert_sound(self.platform, self.runs, *self.texts)
        for run in self.complete:
            assert_complete(self.platform, run)
        assert not any(job.private for job in self.jobs), "a private result can be read once only"
        for job in self.jobs:
            assert job.cost, "no limit of QPU time"
        home = Path(os.environ["HOME"])
        assert not (home / ".qiskit").exists(), "an account was saved"
        assert_no_secret(self.platform, home)


def small(jobs: int = 1) -> Program:
    """One setting at one time, in so many passes."""
    experiment = HeatExchange(correlation="none", time=7.0)
    points = experiment.points({"control": ""}, "nominal")
    return compile(experiment, points, shots=64, bases="ZZ", shots_per_row=64 // 16, passes=jobs)


def nothing(what: str, done: int, of: int) -> None:
    """No progress is shown."""


def lines(run: Path, event: str) -> list[dict[str, typing.Any]]:
    """Lines of the journal about one kind of event."""
    return [line for line in read_lines(run / "jobs.jsonl") if line["event"] == event]


def surplus(run: Path) -> Counter[str]:
    """States of jobs that were one too many, as the journal has them."""
    return Counter(read_journal(run).surplus.values())


class Aside:
    """Something that is done in a thread of its own, beside the test."""

    def __init__(self, doing: Callable[[], object]) -> None:
        self._answer: queue.SimpleQueue[tuple[typing.Any, BaseException | None]] = queue.SimpleQueue()

        def do() -> None:
            try:
                self._answer.put((doing(), None))
            except BaseException as error:
                self._answer.put((None, error))

        threading.Thread(target=do, daemon=True).start()

    def outcome(self, within: float = DEADLINE) -> typing.Any:
        """What came of it.

        Raises:
            AssertionError: If it hangs; its thread is left alone.
        """
        try:
            value, error = self._answer.get(timeout=within)
        except queue.Empty:
            raise AssertionError(f"hangs: not over after {within:g} s") from None
        if error is not None:
            raise error
        return value


def forked(runs: Path) -> typing.Any:
    """A run in a process of its own, which has everything imported and may be killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ibm_imports", "ibm_scenarios"])
    with importable():
        forkserver.ensure_running()
    process = context.Process(target=_fly, args=(runs, dict(os.environ)), daemon=True)
    process.start()
    return process


@contextlib.contextmanager
def importable() -> Iterator[None]:
    """The server of forks is told its path by the environment alone: what it cannot import it leaves out silently."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
        yield


def _fly(runs: Path, environment: Mapping[str, str]) -> None:
    os.environ.update(environment)
    device = devices.open_device("ibm:ibm_manila", HardwareOptions(passes=1))
    prepared = devices.prepare_run(small(), device, runs=runs, seed=1)
    devices.collect(prepared.run, seconds=60.0, prepared=prepared)
