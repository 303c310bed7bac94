"""A function and its task as bytes, which any process with this hotward can call: also what was made within another
function, which pickle alone does not send.
"""

from __future__ import annotations

import pickle
import typing
from collections.abc import Callable
from functools import lru_cache

import cloudpickle
from threadpoolctl import threadpool_limits


def packed(content: object) -> bytes:
    """Anything that is sent, as bytes.

    Args:
        content: A function, a task or a result.
    """
    return cloudpickle.dumps(content)


def unpacked(content: bytes) -> typing.Any:
    """What was packed.

    Args:
        content: From a process of this run.
    """
    return pickle.loads(content)  # noqa: S301 - from the process that asked, or that was asked


def called(function: bytes, task: bytes) -> bytes:
    """The result of one task, packed; linear algebra has one thread, for processes fill the cores already.

    Args:
        function: Packed; what many tasks share is unpacked once.
        task: Packed.
    """
    with threadpool_limits(1):
        return packed(_function(function)(unpacked(task)))


@lru_cache(maxsize=1)
def _function(content: bytes) -> Callable[[typing.Any], typing.Any]:
    return unpacked(content)
