"""What `workers=` may be, checked before any work."""

from __future__ import annotations

import contextlib
import re
import typing
from collections.abc import Iterator
from concurrent.futures import Executor

from protocols import RequestError
from workers.spreading import Workers

Asked: typing.TypeAlias = "int | str | Executor | Workers"
"""A number of processes, the address of a Dask scheduler, an executor of one's own, or workers that are open."""


@contextlib.contextmanager
def opened(asked: Asked) -> Iterator[Workers]:
    """Workers for the time of a block; they are started at the first work.

    Args:
        asked: Workers that are open already are passed on and not closed.

    Raises:
        RequestError: For anything else than a positive number, a scheduler that answers and has workers with this
            version of hotward, or an executor.
    """
    if isinstance(asked, Workers):
        yield asked
        return
    workers = _workers(asked)
    with contextlib.closing(workers):
        yield workers


def _workers(asked: object) -> Workers:
    if isinstance(asked, Executor):
        from workers.own_executor import own_places

        return own_places(asked)
    if isinstance(asked, str) and re.fullmatch(r"(tcp|tls)://[^:/\s]+:\d+", asked):
        from workers.cluster import cluster

        return cluster(asked)
    number = int(asked) if isinstance(asked, str) and re.fullmatch(r"[0-9]{1,6}", asked) else asked
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise RequestError(
            f"Argument `workers` must be a number of processes, 1 or more, or the address of a Dask scheduler, but is "
            f"{asked!r}. Give e.g. 2, or tcp://127.0.0.1:8786."
        )
    if number == 1:
        return Workers(number=1)
    from workers.processes import processes

    return processes(number)
