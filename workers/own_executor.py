"""An executor of one's own, used and not closed."""

from __future__ import annotations

import typing
from collections.abc import Callable
from concurrent.futures import Executor, Future

from workers.spreading import Place, Workers


def own_places(executor: Executor) -> Workers:
    """Workers of an executor.

    Args:
        executor: It stays open.
    """
    number = max(1, int(getattr(executor, "_max_workers", 1) or 1))
    return Workers(number=number, start=lambda stack: [typing.cast("Place", _Slot(executor)) for _ in range(number)])


class _Slot:
    """One of the tasks that an executor has at a time."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, call: Callable[[bytes, bytes], bytes], function: bytes, task: bytes) -> Future[bytes]:
        return self._executor.submit(call, function, task)

    def lost(self, error: BaseException) -> bool:
        return False
