"""One run on the local platform with one fault in its way, killed at it or not, and taken up again until it is done.

A case is a kind of request, what goes wrong with it, and whether the process is killed (-9) as it does. Processes are
forked from a server that has imported everything, so that a case takes seconds; each has a deadline from outside.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import multiprocessing
import os
import signal
import sys
import time
import traceback
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fake_ibm import LocalPlatform
from ibm_truth import assert_complete, assert_sound

DEADLINE = 100.0
"""Of a process [s]: far beyond what any case needs, so that what passes it hangs."""
MOST_ROUNDS = 5
"""Processes that take a run up again: the fault is over after the first."""
WAITS = "answer=5 submission=8 settling=1 tick=0.05 longest_tick=0.3 back_off=0.3 minute=0.1 outage=20"
KINDS = (
    "iam", "search", "catalog", "backends", "configuration", "properties", "backend-status", "usage", "submit",
    "list-jobs", "job", "results", "metrics", "open-session", "session", "close-session", "cancel",
)  # fmt: skip
"""Every kind of request that hotward makes."""
FAULTS: Mapping[str, Mapping[str, typing.Any]] = {
    "500 once": {"action": "status", "code": 500},
    "500 six times": {"action": "status", "code": 500, "times": 6},
    "503 once": {"action": "status", "code": 503},
    "429": {"action": "status", "code": 429},
    "401": {"action": "status", "code": 401},
    "404": {"action": "status", "code": 404},
    "done, then 500": {"action": "status_after", "code": 500},
    "done, then 500 six times": {"action": "status_after", "code": 500, "times": 6},
    "dropped": {"action": "drop_before"},
    "done, then dropped": {"action": "drop_after"},
    "cut": {"action": "truncate"},
    "cut, length consistent": {"action": "truncate_clean"},
    "empty": {"action": "empty"},
    "HTML": {"action": "garbage"},
    "late": {"action": "delay", "seconds": 0.5},
    "never answered": {"action": "hang", "seconds": 40},
    "held": {"action": "hold"},
    "done, answer held": {"action": "hold_after"},
}
_REPEATED = {"iam", "submit", "list-jobs", "job", "usage", "backend-status", "session", "results", "metrics"}
"""Kinds that a run of two jobs asks for more than once."""


@dataclass(frozen=True)
class Case:
    """What goes wrong."""

    kind: str
    fault: str
    killed: bool
    skip: int = 0
    """Requests of this kind that pass first."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.fault}{', killed' if self.killed else ''}{f', after {self.skip}' * bool(self.skip)}"


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a case ended: in order, or `carry_out` raises."""

    rounds: int
    """Processes it took."""
    jobs: int
    """On the platform; 2 were needed."""
    cancelled: int


def drawn(seed: int, number: int) -> list[Case]:
    """Cases drawn at random, every kind hit."""
    generator = np.random.default_rng(seed)
    kinds = [*itertools.islice(itertools.cycle(KINDS), number)]
    generator.shuffle(kinds)
    names = list(FAULTS)
    return [
        Case(
            kind=kind,
            fault=names[generator.integers(len(names))],
            killed=bool(generator.integers(2)),
            skip=int(generator.integers(2)) if kind in _REPEATED else 0,
        )
        for kind in kinds
    ]


def product() -> Iterator[Case]:
    """Every kind with every fault, killed and not."""
    for kind, fault, killed in itertools.product(KINDS, FAULTS, (False, True)):
        yield Case(kind, fault, killed)


def carry_out(case: Case, where: Path) -> Ending:
    """Runs a case and asserts that it ends in order.

    Raises:
        AssertionError: If a process hangs, the fault never strikes, or the truth is not as it should be.
    """
    runs, log = where / "runs", where / "log.txt"
    where.mkdir(parents=True, exist_ok=True)
    with LocalPlatform(run_delay=0.2) as platform:
        environment = {**platform.environment(), "HOME": str(where), "HOTWARD_IBM_WAITS": WAITS}
        cancelling = case.kind == "cancel"
        if cancelling:
            platform.job_fault(outcome="stuck", times=-1)
        fault = platform.fault(kind=case.kind, skip=case.skip, **FAULTS[case.fault])
        process = start(_fly_and_stop if cancelling else _fly, runs, log, environment)
        struck = fault.arrived.wait(DEADLINE / 2)
        if case.killed:
            process.kill()
        if FAULTS[case.fault]["action"] != "hang":
            time.sleep(0.2)
            fault.release.set()
        end(process, case)
        assert struck, f"{case}: the run makes no such request"
        platform.clear_faults()
        rounds, code = 1, process.exitcode
        while (code != 0 or _open_still(runs)) and rounds <= MOST_ROUNDS:
            process = start(_stop if cancelling else _resume, runs, log, environment)
            end(process, case)
            rounds, code = rounds + 1, process.exitcode
        said = log.read_text()
        assert code == 0, f"{case}: not done after {rounds} processes\n{said[-3000:]}"
        assert_sound(platform, runs, said)
        if not cancelling:
            (run,) = [path for path in runs.iterdir() if (path / "start.json").exists()]
            assert_complete(platform, run)
        statuses = [job.status for job in platform.jobs.values()]
    return Ending(rounds=rounds, jobs=len(statuses), cancelled=statuses.count("Cancelled"))


def carry_out_here(case: Case, platform: LocalPlatform, runs: Path) -> Ending:
    """The same in this process, of which nothing is killed: every round opens the account anew.

    Args:
        case: Not killed.
        platform: The one that the environment points to.
        runs: Directory of runs.
    """
    from devices import RunError
    from protocols import RequestError

    cancelling = case.kind == "cancel"
    if cancelling:
        platform.job_fault(outcome="stuck", times=-1)
    fault = platform.fault(kind=case.kind, skip=case.skip, **FAULTS[case.fault])
    rounds, done, said = 0, False, ""
    while not done and rounds <= MOST_ROUNDS:
        again = _stop if cancelling else _resume
        try:
            (again if rounds else _fly_and_stop if cancelling else _fly)(runs)
            done = not _open_still(runs)
        except (RunError, RequestError) as error:
            said += f"{error}\n"
        assert fault.hits, f"{case}: the run makes no such request"
        platform.clear_faults()
        rounds += 1
    assert done, f"{case}: not done after {rounds} rounds\n{said}"
    assert_sound(platform, runs, said)
    if not cancelling:
        (run,) = [path for path in runs.iterdir() if (path / "start.json").exists()]
        assert_complete(platform, run)
    statuses = [job.status for job in platform.jobs.values()]
    return Ending(rounds=rounds, jobs=len(statuses), cancelled=statuses.count("Cancelled"))


def _open_still(runs: Path) -> bool:
    """Whether a run is done but has something left on the platform, as `hotward run` would say."""
    import devices

    return any(devices.left_open(run) for run in runs.iterdir() if (run / "start.json").exists())


def start(what: Callable[[Path], None], runs: Path, log: Path, environment: Mapping[str, str]) -> typing.Any:
    """A process that does something with a directory of runs."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ibm_imports", "ibm_cases"])
    # the server looks for what it is to import where Python starts, not where this process does
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).parent))
    process = context.Process(target=_child, args=(what, runs, log, dict(environment)), daemon=True)
    process.start()
    return process


def end(process: typing.Any, case: Case) -> None:
    process.join(DEADLINE)
    if process.is_alive():
        process.kill()
        process.join()
        raise AssertionError(f"{case}: hangs")


def until(true: Callable[[], object]) -> None:
    """Waits for something that comes, or fails."""
    deadline = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def _child(what: Callable[[Path], None], runs: Path, log: Path, environment: Mapping[str, str]) -> None:
    """The body of a process: everything it says goes to the log, DEBUG records of all libraries too."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    os.environ.update(environment)
    # ignored where the tests run in the background of a shell
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with log.open("a", buffering=1) as file, contextlib.redirect_stdout(file), contextlib.redirect_stderr(file):
        logging.basicConfig(level=logging.DEBUG, stream=file, force=True)
        logging.getLogger("qiskit.passmanager").setLevel(logging.WARNING)
        try:
            what(runs)
        except Exception as error:
            traceback.print_exception(error)
            file.flush()
            os._exit(3)
        file.flush()
    # what still waits in a thread for an answer that never comes must not keep the process
    os._exit(0)


def command_line(runs: Path) -> None:
    """`hotward run` as a user starts it."""
    from hotward import cli as _cli

    sys.argv = ["hotward", "run", "heat-exchange", "--set", "time=7", "--set", "correlation=none", "--shots", "64",
                "--bases", "ZZ", "--control", "off", "--reference", "nominal", "--calibration-shots", "0",
                "--device", "ibm:ibm_manila", "--passes", "2", "--draws", "20", "--runs", str(runs)]  # fmt: skip
    _cli.main()


def _fly(runs: Path) -> None:
    """A run of two jobs, to its end."""
    import devices

    prepared = _prepared(runs)
    devices.collect(prepared.run, seconds=60, prepared=prepared, progress=_say)


def _resume(runs: Path) -> None:
    """The same run; from the beginning where nothing of it was begun."""
    import devices

    begun = [path for path in runs.iterdir() if (path / "start.json").exists()] if runs.exists() else []
    if not begun:
        _fly(runs)
    for run in begun:
        devices.collect(run, seconds=60, progress=_say)


def _fly_and_stop(runs: Path) -> None:
    """A run whose jobs never finish, cancelled."""
    import devices

    devices.submit(_prepared(runs), _say)
    _stop(runs)


def _stop(runs: Path) -> None:
    import devices

    for run in runs.iterdir():
        if not (run / "stop.json").exists():
            devices.cancel(run)


def _prepared(runs: Path) -> typing.Any:
    import devices
    from protocols import compile
    from protocols.heat_exchange import HeatExchange

    experiment = HeatExchange(correlation="none", time=7.0)
    points = experiment.points({"control": ""}, "nominal")
    program = compile(experiment, points, shots=64, bases="ZZ", shots_per_row=4, passes=2)
    device = devices.open_device("ibm:ibm_manila", devices.HardwareOptions(passes=2))
    return devices.prepare_run(program, device, runs=runs, seed=1)


def _say(what: str, done: int, of: int) -> None:
    sys.stdout.write(f"{what}: {done} of {of}\n")
