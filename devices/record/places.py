"""Directories beside the runs: what comparisons, plans and reproductions are written into."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from protocols import RequestError


def fresh_directory(runs: Path, kind: str) -> Path:
    """A name that no directory beside the runs has yet, with the time in it; nothing is made.

    Args:
        runs: Where runs are kept.
        kind: How the name starts: `COMPARISON`, `PLAN`, `REPRODUCTION` or `STUDY`.
    """
    return runs / f"{kind}{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"


@contextlib.contextmanager
def made_directory(out: Path) -> Iterator[None]:
    """Makes a directory if it does not exist, for files that are written inside of this context.

    Raises:
        RequestError: If it cannot be made, or one of the files cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise RequestError(
            f"Argument `out` must be a directory that can be written, but {out} cannot: {error.strerror}."
        ) from error
