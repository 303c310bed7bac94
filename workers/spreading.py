"""Tasks given to workers, results as they come in; what a lost worker had is given to another."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field

from protocols import RequestError
from workers.content import called, packed, unpacked

Task = typing.TypeVar("Task")
Result = typing.TypeVar("Result")
Told = Callable[[int, int], None]
"""(done, total)"""
ATTEMPTS = 3
"""At a task, before it is named."""


class WorkerLost(RequestError):
    """A task that ended every process that it was given to."""


class Place(typing.Protocol):
    """One worker: it has one task at a time."""

    def submit(self, call: Callable[[bytes, bytes], bytes], function: bytes, task: bytes) -> Future[bytes]:
        """Begins a task: call(function, task)."""
        ...

    def lost(self, error: BaseException) -> bool:
        """Whether an error says that the process ended, and not that the task raised it; a new one is there then."""
        ...


@dataclass(kw_only=True, eq=False)
class Workers:
    """Who computes, from `opened`."""

    number: int
    """1: everything is done in this process, in order, by the same code."""
    start: Callable[[ExitStack], Sequence[Place]] | None = None
    """Starts the workers; None: this process alone."""
    stack: ExitStack = field(default_factory=ExitStack)
    places: Sequence[Place] = ()

    def __reduce__(self) -> tuple[Callable[[], Workers], tuple[()]]:
        """Whoever is given a task does it alone."""
        return _alone, ()

    @property
    def alone(self) -> bool:
        """Whether everything is done in this process."""
        return self.start is None

    def close(self) -> None:
        """Ends the workers; what is asked for later is done in this process."""
        self.start, self.places = None, ()
        self.stack.close()

    def started(self) -> Sequence[Place]:
        """The workers, which live to the end of `opened`."""
        if not self.places and self.start is not None:
            self.places = self.start(self.stack)
        return self.places


ALONE = Workers(number=1)
"""This process."""


def _alone() -> Workers:
    return ALONE


def spread(
    function: Callable[[Task], Result], tasks: Sequence[Task], workers: Workers, told: Told | None = None
) -> Iterator[tuple[int, Result]]:
    """Results of tasks as they come in, each with the index of its task.

    Args:
        function: Sent once a task to those who do not have it; what it holds is shared by all tasks.
        tasks: Small things; each is asked for when a worker is free.
        workers: From `opened`.
        told: Called after every task.

    Raises:
        WorkerLost: If a task ends whatever process it is given to.
    """
    total = len(tasks)
    if workers.start is None:
        for index in range(total):
            yield index, function(tasks[index])
            if told is not None:
                told(index + 1, total)
        return
    places = list(workers.started()) if total else []
    waiting = iter([(index, 1) for index in range(total)])
    again: list[tuple[int, int]] = []
    running: dict[Future[bytes], tuple[Place, int, int]] = {}
    done, content = 0, packed(function)
    try:
        while done < total:
            while places and (following := again.pop() if again else next(waiting, None)) is not None:
                place, (index, attempt) = places.pop(0), following
                running[place.submit(called, content, packed(tasks[index]))] = place, index, attempt
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                place, index, attempt = running.pop(future)
                places.append(place)
                error = future.exception()
                if error is None:
                    done += 1
                    yield index, unpacked(future.result())
                    if told is not None:
                        told(done, total)
                elif not place.lost(error):
                    raise error
                elif attempt == ATTEMPTS:
                    raise WorkerLost(
                        f"Argument `workers` must be processes that live, but {ATTEMPTS} of them ended in task "
                        f"{tasks[index]!r}, killed from outside or out of memory. Take fewer, or a machine with more."
                    ) from None
                else:
                    again.append((index, attempt + 1))
    finally:
        for future in running:
            future.cancel()


def in_order(
    function: Callable[[Task], Result], tasks: Sequence[Task], workers: Workers, told: Told | None = None
) -> list[Result]:
    """Results of tasks, in the order of the tasks.

    Args:
        function: As of `spread`.
        tasks: As of `spread`.
        workers: From `opened`.
        told: Called after every task.
    """
    found = dict(spread(function, tasks, workers, told))
    return [found[index] for index in range(len(tasks))]


def in_turn(
    function: Callable[[Task], Result], tasks: Sequence[Task], workers: Workers, told: Told | None = None
) -> Iterator[Result]:
    """Results of tasks, one after another in the order of the tasks; what comes in early waits.

    Args:
        function: As of `spread`.
        tasks: As of `spread`.
        workers: From `opened`.
        told: Called after every task.
    """
    early: dict[int, Result] = {}
    following = 0
    for index, result in spread(function, tasks, workers, told):
        early[index] = result
        while following in early:
            yield early.pop(following)
            following += 1
