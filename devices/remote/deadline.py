"""A call that is given up from outside: libraries without a read timeout may otherwise block for ever."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from devices.errors import Silent

Value = TypeVar("Value")


def call_with_deadline(
    what: str, function: Callable[[], Value], *, within: float, translate: Callable[[BaseException], Exception]
) -> Value:
    """Calls a function in a thread of its own, and waits for its answer so long and no longer.

    Args:
        what: In words, for errors: "the state of job d5bd...".
        function: The call. It cannot be interrupted: at the deadline it is left alone in its thread.
        within: Deadline [s], of real time whatever the clock of waiting, for a call may really block.
        translate: Whatever the call raises -> what is raised here.

    Raises:
        Silent: At the deadline.
        Exception: What `translate` gives.
    """
    answer: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def call() -> None:
        try:
            answer.put((function(), None))
        except BaseException as error:
            answer.put((None, error))

    threading.Thread(target=call, daemon=True, name=f"hotward: {what}").start()
    try:
        value, error = answer.get(timeout=within)
    except queue.Empty:
        raise Silent(f"the platform did not answer within {within:g} s when asked for {what}") from None
    if error is not None:
        raise translate(error) from error
    return value
