"""How far the reading of a large file is."""

from __future__ import annotations

from collections.abc import Callable

Told = Callable[[str, int, int], None]
"""(what, done, of): called with percents of a file that have been read."""
LARGE = 2**24
"""Bytes of a file from which on it takes long enough to be told of."""


def silent(what: str, done: int, of: int) -> None:
    """Tells nobody."""
