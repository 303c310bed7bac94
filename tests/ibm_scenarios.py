"""A laboratory for scenarios: runs on the local platform, what was said on the way, and a deadline from outside."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import queue
import threading
import time
import typing
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import ibm_imports  # noqa: F401  # all that a run needs, imported in the main thread
import pytest
from conftest import SHORT_WAITS, Call, Said
from fake_ibm import FINAL, Job, LocalPlatform, Request
from ibm_truth import assert_complete, assert_sound

import devices
from devices import HardwareOptions, Prepared, RunError, RunRecord
from devices._disk import read_lines
from devices.ibm import _journal
from protocols import Program, RequestError, compile
from protocols.heat_exchange import HeatExchange

DEADLINE = 150.0
"""Of a scenario [s], from outside: several times what the slowest takes on a slow machine. What passes it hangs."""
Value = typing.TypeVar("Value")
Error = typing.TypeVar("Error", bound=Exception)


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

    def fails(self, kind: type[Error], doing: Callable[[], object], *words: str) -> Error:
        """The error that something ends with: this very kind, in a line or two that say how to go on."""
        with pytest.raises(kind) as met:
            doing()
        text = str(met.value)
        self.texts.append(text)
        assert type(met.value) is kind, f"{type(met.value).__name__}: {text}"
        assert len(text) < 900, text
        for word in words:
            assert word in text, text
        if isinstance(met.value, RunError) and self.run_exists:
            assert "hotward collect" in text, text
        return met.value

    def commanded(self, *words: object) -> Said:
        """A command; what it says is kept."""
        said = self.call(*words)
        self.texts += [said.out, said.err]
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
            time.sleep(0.01)

    def assert_ended(self) -> None:
        """What is true after every scenario."""
        assert_sound(self.platform, self.runs, *self.texts)
        for run in self.complete:
            assert_complete(self.platform, run)
        assert not any(job.private for job in self.jobs), "a private result can be read once only"
        for job in self.jobs:
            assert job.cost, "no limit of QPU time"
        assert sorted(path.name for path in Path(os.environ["HOME"]).iterdir()) == []


def small(jobs: int = 1) -> Program:
    """One setting at one time, in so many passes."""
    experiment = HeatExchange(correlation="none", time=7.0)
    points = experiment.points({"control": ""}, "nominal")
    return compile(experiment, points, shots=64, bases="ZZ", quantum=64 // 16, passes=jobs)


def nothing(what: str, done: int, of: int) -> None:
    """No progress is shown."""


def lines(run: Path, event: str) -> list[dict[str, typing.Any]]:
    """Lines of the journal about one kind of event."""
    return [line for line in read_lines(run / "jobs.jsonl") if line["event"] == event]


def surplus(run: Path) -> Counter[str]:
    """States of jobs that were one too many, as the journal has them."""
    return Counter(_journal.read(run).surplus.values())


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


def killed_while(*a): ...
