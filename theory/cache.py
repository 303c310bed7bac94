"""Results on disk, named by the digest of everything that they depend on."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import io
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from devices.record import disk
from protocols import Array, RequestError

DIGEST = 32
"""Bytes."""
VERSION = 1
"""Of the solvers here: raised when their numbers change."""


@dataclass(frozen=True, kw_only=True)
class Cache:
    """A directory of results; every file is named by its inputs, the version of QuTiP and that of the solvers."""

    directory: Path

    @classmethod
    def default(cls) -> Cache:
        """$XDG_CACHE_HOME/hotward, or ~/.cache/hotward."""
        home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        return cls(directory=Path(home).expanduser() / "hotward")

    def recall(self, inputs: Mapping[str, Any], compute: Callable[[], Mapping[str, Array]]) -> dict[str, Array]:
        """The arrays that belong to some inputs: read if they are there and whole, else computed and written.

        Args:
            inputs: Numbers, texts, arrays and dataclasses of them.
            compute: Makes the arrays.
        """
        known = self.known(inputs)
        if known is not None:
            return known
        made = dict(compute())
        self.keep(inputs, made)
        return made

    def known(self, inputs: Mapping[str, Any]) -> dict[str, Array] | None:
        """The arrays that belong to some inputs, if they are there and whole.

        Args:
            inputs: Numbers, texts, arrays and dataclasses of them.
        """
        return _read(self._path(inputs))

    def keep(self, inputs: Mapping[str, Any], made: Mapping[str, Array]) -> None:
        """Writes the arrays that belong to some inputs.

        Args:
            inputs: Numbers, texts, arrays and dataclasses of them.
            made: What was computed of them.
        """
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **{name: made[name] for name in made})  # pyright: ignore[reportArgumentType]
        content = buffer.getvalue()
        disk.write(self._path(inputs), hashlib.sha256(content).digest() + content)

    def _path(self, inputs: Mapping[str, Any]) -> Path:
        return self.directory / f"{digest(inputs)}.result"

    def checked(self) -> Cache:
        """The same, once its directory is there and can be written to.

        Raises:
            RequestError: If not.
        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            if not os.access(self.directory, os.W_OK):
                raise PermissionError(13, "not writable")
        except OSError as error:
            raise RequestError(
                f"Argument `cache` must be a directory that can be written, but {self.directory} cannot: "
                f"{error.strerror}. Give --cache DIR."
            ) from error
        return self


def digest(inputs: Mapping[str, Any]) -> str:
    """Hex digest of inputs and versions."""
    versions = {"qutip": importlib.metadata.version("qutip"), "solver": VERSION}
    text = json.dumps({"versions": versions, "inputs": _plain(inputs)}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Everything as JSON; numbers in full."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {"": type(value).__name__, **{f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, np.ndarray):
        content = np.ascontiguousarray(value)
        return [str(content.dtype), list(content.shape), hashlib.sha256(content.tobytes()).hexdigest()]
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        return value.item()
    return value


def _read(path: Path) -> dict[str, Array] | None:
    """A stored result, or None if it is absent or damaged: it begins with the digest of the rest."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    kept, rest = content[:DIGEST], content[DIGEST:]
    if hashlib.sha256(rest).digest() != kept:
        return None
    with np.load(io.BytesIO(rest), allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
