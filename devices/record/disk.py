"""Writing so that a crash or a full disk leaves whole files or none.

A file is written under a temporary name, fsynced and renamed; its directory is fsynced after that.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import typing
from pathlib import Path
from typing import Any


def write(path: Path, content: bytes | str) -> None:
    """Writes a whole file or nothing.

    Args:
        path: The file, in a directory that is there; an older file is replaced.
        content: Its bytes, or text to be written in UTF-8.

    Raises:
        OSError: If the disk is full or not writable; nothing is left behind under either name.
    """
    # a name of its own, for two processes may write one file
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with temporary.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync(path.parent)


def write_json(path: Path, content: Any) -> None:
    """Writes one JSON document, whole or not at all.

    Args:
        path: The file, in a directory that is there; an older file is replaced.
        content: Anything that `json` can write.
    """
    write(path, as_json(content))


def as_json(content: Any) -> str:
    """The text of a JSON document as this project writes it."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def append_line(path: Path, entry: Any) -> None:
    """Appends one JSON line and fsyncs it; a crash can tear only the last line, which the next one does not join.

    Args:
        path: The file, in a directory that is there; it is made if it is missing.
        entry: Anything that `json` can write.
    """
    new = not path.exists()
    with path.open("a+b") as file:
        torn = file.tell() > 0 and _last_byte(file) != b"\n"
        file.write((b"\n" if torn else b"") + json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    if new:
        sync(path.parent)


def _last_byte(file: typing.BinaryIO) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The entries of a JSON-lines file that can be read, none where the file cannot be."""
    with contextlib.suppress(OSError):
        return entries_of(path.read_bytes())
    return []


def entries_of(content: bytes) -> list[dict[str, Any]]:
    r"""The entries of JSON lines that can be read; a torn last line is legal, others a digest will name.

    Examples:
        >>> entries_of(b'{"event": "intended"}\n{"event": "su')
        [{'event': 'intended'}]
    """
    entries = []
    for line in content.split(b"\n")[:-1]:
        with contextlib.suppress(ValueError):
            entries.append(json.loads(line))
    return [entry for entry in entries if isinstance(entry, dict)]


def sync(directory: Path) -> None:
    """Makes a rename or a new entry in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """Digest of a file."""
    return digest(path.read_bytes())


def digest(content: bytes) -> str:
    """SHA-256 of the content of a file.

    >>> digest(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(content).hexdigest()
