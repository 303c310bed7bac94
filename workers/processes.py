"""Processes of this machine: started by spawn, one thread each, ended with the process that started them."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from multiprocessing import connection, get_context, parent_process

from workers.spreading import Place, Workers

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Processes fill the cores already."""


def processes(number: int) -> Workers:
    """Workers in processes of their own.

    Args:
        number: How many.
    """

    def start(stack: ExitStack) -> list[Place]:
        return [stack.enter_context(contextlib.closing(_Process())) for _ in range(number)]

    return Workers(number=number, start=start)


class _Process:
    """One process; another one takes its place when it is lost."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, call: Callable[[bytes, bytes], bytes], function: bytes, task: bytes) -> Future[bytes]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_live_with_the_parent)
        with _one_thread():  # the process is started by the first task
            return self._pool.submit(call, function, task)

    def lost(self, error: BaseException) -> bool:
        if isinstance(error, BrokenProcessPool):
            self.close()
            return True
        return False

    def close(self) -> None:
        if self._pool is not None:
            for process in list((self._pool._processes or {}).values()):
                process.terminate()
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    given = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in given.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _live_with_the_parent() -> None:
    """Ends this process once its parent has, however that ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the parent tells of it
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
