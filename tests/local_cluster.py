"""A real Dask scheduler and its workers on this machine, over tcp; stopped whatever becomes of the test."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 60.0
"""How long a process may take to say where it is [s]."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A scheduler and the processes that were started beside it."""

    address: str
    """tcp://127.0.0.1:PORT"""
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add_workers(self, number: int, **environment: str) -> None:
        """Starts workers of one thread each, and waits until the scheduler knows of them.

        Args:
            number: How many.
            environment: Variables that they have beside those of this process.
        """
        before = self.known()
        for _ in range(number):
            command = ["worker", self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard"]
            self.processes.append(_dask(command, self.folder, environment))
        until = time.monotonic() + PATIENCE
        while self.known() < before + number:
            assert time.monotonic() < until, _logs(self.folder)
            time.sleep(0.1)

    def known(self) -> int:
        """How many workers the scheduler knows of."""
        return len(self.pids())

    def pids(self) -> list[int]:
        """Processes that compute, as the workers say."""
        from distributed import Client

        with Client(self.address, timeout=PATIENCE, set_as_default=False) as client:
            return list(client.run(os.getpid).values())


@contextlib.contextmanager
def local_cluster(folder: Path, workers: int, **environment: str) -> Iterator[Cluster]:
    """A scheduler with some workers.

    Args:
        folder: For the logs and files of the processes.
        workers: How many there are at first.
        environment: Variables that all of them have beside those of this process.
    """
    where = folder / "scheduler.json"
    command = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(where)]
    processes = [_dask(command, folder, environment)]
    try:
        cluster = Cluster(address=_address(where, processes[0], folder), folder=folder, processes=processes)
        if workers:
            cluster.add_workers(workers, **environment)
        yield cluster
    finally:
        for process in reversed(processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _dask(command: list[str], folder: Path, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """A process with its children in a session of their own, so that all of them can be ended by one number."""
    log = (folder / f"{command[0]}-{time.monotonic_ns()}.log").open("wb")
    with log:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _address(where: Path, process: subprocess.Popen[bytes], folder: Path) -> str:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError, ValueError):
            return str(json.loads(where.read_text())["address"])
        time.sleep(0.05)
    raise AssertionError(_logs(folder))


def _logs(folder: Path) -> str:
    return "\n".join(path.read_text(errors="replace")[-2000:] for path in sorted(folder.glob("*.log")))


def session(number: int) -> list[int]:
    """Living processes of a session, as the kernel lists them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, *numbers = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(numbers[2]) == number and state != "Z":
            found.append(int(path.parent.name))
    return found


def kill_once(begun: Callable[[], bool], command: Sequence[str], least: int = 1, **environment: str) -> None:
    """Kills a command once it has begun, and waits until none of its processes is left.

    Args:
        begun: Whether it has.
        command: What is started.
        least: Processes that it has by then, itself among them.
        environment: Variables that it has beside those of this process.
    """
    nothing = subprocess.DEVNULL
    own = {**os.environ, **environment}
    client = subprocess.Popen(list(command), env=own, start_new_session=True, stderr=nothing, stdout=nothing)
    try:
        wait_for(begun)
        assert len(session(client.pid)) >= least
        client.kill()
        client.wait()
        wait_for(lambda: not session(client.pid))
    finally:
        for one in session(client.pid):
            os.kill(one, signal.SIGKILL)
        client.wait()


def wait_for(done: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Waits until something is so."""
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)
