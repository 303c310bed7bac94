"""A run directory is begun before the first shot, with everything that is known by then (format: runs/README.md)."""

from __future__ import annotations

import contextlib
import io
import secrets
import shutil
import typing
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from devices.record import disk
from devices.record.files import SCHEMA, START
from protocols import Array, RequestError


def begin(runs: Path, name: str, start: Mapping[str, Any], files: Mapping[str, bytes | str]) -> Path:
    """Makes a new run directory with all that is known before the first shot.

    Args:
        runs: Where runs are kept; made if it does not exist.
        name: What the directory's name says beside the date: protocol and device.
        start: Content of start.json; `run` and `created` are added.
        files: Relative name -> content of the other files.

    Returns:
        The directory.

    Raises:
        RequestError: If the place cannot be written; nothing is left there.
        OSError: If the disk fills up; nothing is left there.
    """
    now = datetime.now(UTC)
    run = runs / f"{now:%Y%m%d-%H%M%S}-{name}-{secrets.token_hex(4)}"
    fresh = False
    try:
        fresh = not runs.exists()
        runs.mkdir(parents=True, exist_ok=True)
        run.mkdir()
    except OSError as error:
        raise RequestError(
            f"Argument `runs` must be a directory that can be written, but {runs} cannot: {error.strerror}. "
            "Choose another with --runs DIR."
        ) from None
    try:
        disk.sync(runs)
        (run / "raw").mkdir()
        for relative, content in files.items():
            (run / relative).parent.mkdir(exist_ok=True)
            disk.write(run / relative, content)
        disk.write_json(run / START, {"schema": SCHEMA, "run": run.name, "created": now.isoformat(), **start})
    except BaseException:
        shutil.rmtree(run, ignore_errors=True)
        if fresh:
            with contextlib.suppress(OSError):
                runs.rmdir()
        raise
    return run


def arrays(content: Mapping[str, Array]) -> bytes:
    """Arrays as the bytes of an .npz file."""
    buffer = io.BytesIO()
    np.savez(buffer, **typing.cast("dict[str, Any]", dict(content)))
    return buffer.getvalue()
