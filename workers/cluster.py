"""The workers of a Dask scheduler, over tcp."""

from __future__ import annotations

import contextlib
import importlib.metadata
import typing
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack

from protocols import RequestError
from workers.spreading import Place, Workers

ANSWER = 5.0
"""How long a scheduler may take to answer [s]."""


def cluster(address: str) -> Workers:
    """The workers that a scheduler has now.

    Args:
        address: tcp://HOST:PORT

    Raises:
        RequestError: If it does not answer, has no workers, or these have another hotward.
    """
    try:
        from distributed import Client
    except ImportError:
        raise RequestError(
            f"Argument `workers` must be a number where Dask is not installed, but is {address}. Install it with: "
            "pip install 'hotward[cluster]'"
        ) from None
    stack = ExitStack()
    try:
        with _silent():
            client = stack.enter_context(Client(address, timeout=ANSWER, set_as_default=False))
    except (OSError, TimeoutError, ValueError):
        stack.close()
        raise RequestError(
            f"Argument `workers` must be the address of a Dask scheduler that answers, but {address} does not within "
            f"{ANSWER:g} s. Start one with: dask scheduler, and take the address that it prints."
        ) from None
    try:
        names = _checked(client, address)
    except BaseException:
        stack.close()
        raise
    # two tasks a worker: where the scheduler puts one, another may wait already
    start = lambda _: [typing.cast("Place", _Remote(client)) for _ in range(2 * len(names))]  # noqa: E731
    return Workers(number=len(names), start=start, stack=stack)


def _checked(client: typing.Any, address: str) -> list[str]:
    versions: dict[str, str] = client.run(_version) if client.scheduler_info()["workers"] else {}
    if not versions:
        raise RequestError(
            f"Argument `workers` must be a scheduler with workers, but {address} has none. Start some with: "
            f"dask worker {address}"
        )
    own = _version()
    for name, version in sorted(versions.items()):
        if version != own:
            there = f"hotward {version}" if version else "no hotward"
            raise RequestError(
                f"Argument `workers` must be workers with hotward {own}, but {name} of {address} has {there}. Install "
                f"it there with: pip install hotward=={own}, and start the worker again."
            )
    scheduler = client.run_on_scheduler(_version)
    if scheduler != own:
        raise RequestError(
            f"Argument `workers` must be a scheduler with hotward {own}, but {address} has "
            f"{'hotward ' + scheduler if scheduler else 'no hotward'}. Start it in an environment with that version."
        )
    return sorted(versions)


def _version() -> str:
    try:
        return importlib.metadata.version("hotward")
    except importlib.metadata.PackageNotFoundError:
        return ""


class _Remote:
    """One of the tasks that a cluster has at a time; the scheduler says which worker has it."""

    def __init__(self, client: typing.Any) -> None:
        self._client = client

    def submit(self, call: Callable[[bytes, bytes], bytes], function: bytes, task: bytes) -> Future[bytes]:
        answered: Future[bytes] = Future()
        # as bytes: the scheduler, which reads what it hands on, does not need to know what is in them
        remote = self._client.submit(call, function, task, pure=False)

        def answer(known: typing.Any) -> None:
            if answered.cancelled():
                return
            error = known.exception() if known.status != "cancelled" else RuntimeError("cancelled")
            if error is not None:
                answered.set_exception(error)
            else:
                answered.set_result(known.result())

        remote.add_done_callback(answer)
        return answered

    def lost(self, error: BaseException) -> bool:
        return type(error).__name__ == "KilledWorker"


@contextlib.contextmanager
def _silent() -> typing.Iterator[None]:
    """Without what the client logs of a scheduler that does not answer."""
    import logging

    level = logging.getLogger("distributed").level
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logging.getLogger("distributed").setLevel(level)
