"""Commands of the campaign in processes of their own: real signals at drawn instants, limits, and lost streams.

A child is forked from a server that has everything imported and does nothing else, so that it costs what the command
costs. An instant is a number: of the moments at which a command opens, makes or renames a file of its runs, or sends
something to a platform, the child counts and gives itself the signal at that one. Before and after every step that
leaves a trace there is such a moment, and the seed chooses among all of them.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import select
import signal
import sys
import time
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conftest import Said
from ibm_cases import DEADLINE
from ibm_scenarios import importable

_SENDING = frozenset({"http.client.send", "socket.connect"})
_STORING = frozenset({"open", "os.rename", "os.mkdir", "os.remove", "os.link"})


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command line, and what happens to its process."""

    words: tuple[str, ...]
    environment: Mapping[str, str]
    runs: str
    """Where the files are whose opening is a moment."""
    instant: int = 0
    """Number of the moment at which the signal comes; 0: never."""
    signal: int = signal.SIGKILL
    most: int | None = None
    """Bytes that a file may have (RLIMIT_FSIZE)."""
    memory: int | None = None
    """Bytes of address space (RLIMIT_AS)."""
    out: str = ""
    """Where standard output goes: a path; "closed"."""
    err: str = ""
    counted: str = ""
    """A file for the number of moments that there were."""


class Child:
    """One command that runs. What it says is kept in files beside its runs."""

    def __init__(self, command: Command, out: Path, err: Path) -> None:
        self.command, self._out, self._err = command, out, err
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["ibm_imports", "ibm_scenarios", "ibm_cases", "foreign_children"])
        with importable():
            self.process = context.Process(target=carry_out, args=(command,), daemon=True)
            self.process.start()

    def send(self, number: int) -> None:
        """A signal, unless the process has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(typing.cast("int", self.process.pid), number)

    @property
    def gone(self) -> bool:
        """Whether its process has ended; may be asked in any thread, unlike `ended`."""
        try:
            os.kill(typing.cast("int", self.process.pid), 0)
        except ProcessLookupError:
            return True
        return False

    def ended(self) -> Said:
        """How it ended and what it said; a negative status is the signal that killed it.

        Raises:
            AssertionError: If it hangs.
        """
        self.process.join(DEADLINE)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
            raise AssertionError(f"hangs: {self.command.words}\n{_text(self._err)}")
        return Said(self.process.exitcode, _text(self._out), _text(self._err))


@dataclass
class Nursery:
    """Starts children, each with files of its own for what it says."""

    where: Path
    runs: Path
    environment: Mapping[str, str]
    _number: int = field(default=0)

    def start(self, words: Sequence[object], **more: typing.Any) -> Child:
        """A command in a process of its own.

        Args:
            words: After `hotward`.
            more: Fields of `Command`.
        """
        self._number += 1
        self.where.mkdir(parents=True, exist_ok=True)
        out, err = (self.where / f"{self._number}.{name}" for name in ("out", "err"))
        given = {"out": str(out), "err": str(err), **more}
        command = Command(
            words=tuple(map(str, words)), environment=dict(self.environment), runs=str(self.runs), **given
        )
        return Child(command, out, err)

    def moments(self, words: Sequence[object]) -> int:
        """How many moments a command has from beginning to end."""
        counted = self.where / "moments.txt"
        said = self.start(words, counted=str(counted)).ended()
        assert said.status == 0, said.err
        return int(counted.read_text())


def carry_out(command: Command) -> None:
    """The body of the process."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    os.environ.update(command.environment)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _redirect(command)
    _draw_little()
    moments = _Moments(command)
    sys.addaudithook(moments)
    if command.memory is not None:
        resource.setrlimit(resource.RLIMIT_AS, (command.memory, command.memory))
    if command.most is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (command.most, command.most))
    sys.argv = ["hotward", *command.words]
    status = 1
    try:
        from hotward.cli import main

        main()
    except SystemExit as stopped:
        status = stopped.code if isinstance(stopped.code, int) else 1
    if command.counted:
        Path(command.counted).write_text(str(moments.number))
    # what still waits in a thread for an answer that never comes must not keep the process
    os._exit(status)


def _draw_little() -> None:
    """Figures have tests of their own, and are most of what a command costs."""
    from analysis.report import writing

    writing.rendered = lambda figure, kind: {"svg": b"<svg></svg>", "png": b"\x89PNG"}[kind]


class _Moments:
    """Counts, and gives this process a signal."""

    def __init__(self, command: Command) -> None:
        self.command, self.number = command, 0

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in _SENDING or (event in _STORING and str(arguments[0]).startswith(self.command.runs)):
            self.number += 1
            if self.number == self.command.instant:
                os.kill(os.getpid(), self.command.signal)


def _redirect(command: Command) -> None:
    """Standard streams as a shell would have made them."""
    for descriptor, name, where in ((1, "stdout", command.out), (2, "stderr", command.err)):
        if where == "closed":
            os.close(descriptor)
            setattr(sys, name, None)
            continue
        opened = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(opened, descriptor)
        os.close(opened)
        setattr(sys, name, open(descriptor, "w", buffering=1, closefd=False))  # noqa: SIM115


@contextlib.contextmanager
def reader_that_leaves(path: Path, after: int) -> typing.Iterator[str]:
    """A pipe whose reader goes away after so many bytes, as `head -c` does."""
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    import threading

    def read() -> None:
        left, until = after, time.monotonic() + DEADLINE
        while left > 0 and time.monotonic() < until and not stop.is_set():
            if select.select([descriptor], [], [], 0.05)[0]:
                got = os.read(descriptor, left)
                left -= len(got)
                if not got:
                    time.sleep(0.02)
        os.close(descriptor)

    stop = threading.Event()
    thread = threading.Thread(target=read, daemon=True)
    # a reader that takes nothing leaves once there is a writer, or its writer could not open the pipe
    if after > 0:
        thread.start()
    try:
        yield str(path)
    finally:
        stop.set()
        if after > 0:
            thread.join()
        else:
            os.close(descriptor)


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "backslashreplace") if path.is_file() else ""
