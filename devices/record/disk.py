"""Writing so that a crash or a full disk leaves whole files or none.

A file is written under a temporary name, fsynced and renamed; its directory is fsynced after that.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import re
import secrets
import stat
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

MOST_READ = 2**31
"""Bytes of a file that is read into memory, or as one document: no run comes near it, and a planted file may."""
_MOST_HELD = 2**29
"""Bytes of memory that the values of a document take; those of a sweep of a million points take half of it."""
_MOST_DIGESTED = 2**33
_PART = re.compile(r"\..+\.\d+-[0-9a-f]{8}\.part")
"""Temporary name of a file: its own name, the process and eight digits."""


def write(path: Path, content: bytes | str) -> None:
    """Writes a whole file or nothing.

    Args:
        path: The file, in a directory that is there; an older file is replaced.
        content: Its bytes, or text to be written in UTF-8.

    Raises:
        OSError: If the disk is full or not writable; nothing is left behind under either name.
    """
    with written_whole(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that is written piece by piece, and is there when the block ends without an error.

    Args:
        path: The file, in a directory that is there; an older file is replaced.

    Raises:
        OSError: If the disk is full or not writable; nothing is left behind under either name.
    """
    # a name of its own, for two processes may write one file
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with temporary.open("wb") as file:
            yield file
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
        return entries_of(read(path))
    return []


def entries_of(content: bytes) -> list[dict[str, Any]]:
    r"""The entries of JSON lines that can be read; a torn last line is legal, others a digest will name.

    Examples:
        >>> entries_of(b'{"event": "intended"}\n{"event": "su')
        [{'event': 'intended'}]
    """
    entries = []
    for line in content.split(b"\n")[:-1]:
        with contextlib.suppress(ValueError, RecursionError):
            entries.append(json.loads(line))
    return [entry for entry in entries if isinstance(entry, dict)]


def sync(directory: Path) -> None:
    """Makes a rename or a new entry in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_part(name: str) -> bool:
    """Whether a file is what a killed process had begun to write: never data.

    >>> is_part(".stop.json.4711-0a1b2c3d.part"), is_part("notes.part")
    (True, False)
    """
    return _PART.fullmatch(name) is not None


def read(path: Path, most: int = MOST_READ) -> bytes:
    """The bytes of a regular file; neither a pipe nor a device nor a file beyond all measure is waited for.

    Args:
        path: The file, or a link to it.
        most: Bytes that it may have.

    Raises:
        OSError: If it cannot be read, is something else, or is larger.
    """
    with _opened(path, most) as file:
        # no more than it has: memory is taken for what is asked for
        return file.read(min(os.fstat(file.fileno()).st_size, most))


def document(content: bytes) -> dict[str, Any]:
    """The JSON object that a file of a run holds.

    >>> document(b'{"schema": 1}')
    {'schema': 1}

    Args:
        content: Of the file.

    Raises:
        ValueError: For anything else, and for what would take more memory than any document of a run: few bytes can
            be many lists, or lists in lists without end.
    """
    # an empty list or dictionary takes 64 bytes, with its place in another 72, a number 32 with its place
    if 72 * (content.count(b"[") + content.count(b"{")) + 32 * content.count(b",") > _MOST_HELD:
        raise ValueError("more values than a document of a run has")
    try:
        found = json.loads(content)
    except RecursionError:
        raise ValueError("brackets inside brackets without end") from None
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


def sha256(path: Path) -> str:
    """Digest of a regular file, which is not held in memory.

    Raises:
        OSError: As of `read`.
    """
    with _opened(path, _MOST_DIGESTED) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _opened(path: Path, most: int) -> io.BufferedReader:
    # a pipe would block at being opened until somebody writes into it
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode) or about.st_size > most:
        os.close(descriptor)
        wrong = errno.EFBIG if stat.S_ISREG(about.st_mode) else errno.EINVAL
        raise OSError(wrong, "larger than any file of a run" if wrong == errno.EFBIG else "no regular file", str(path))
    return os.fdopen(descriptor, "rb")


def digest(content: bytes) -> str:
    """SHA-256 of the content of a file.

    >>> digest(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(content).hexdigest()
