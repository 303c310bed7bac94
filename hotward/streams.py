r"""Standard output and standard error that outlast their readers and show no control characters.

A run is worth more than the lines that tell of it. A reader that goes away (`| head`, a closed terminal, a full log
disk) ends nothing: what cannot be written is given up, and the command goes on. A stream that is closed from the start
(`>&-`, daemons) is as good as /dev/null.

Text comes from files and platforms too. Characters that move the cursor, set a title or reorder a line are shown as
`\x1b`, so that no file can write on a terminal what hotward did not say.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""C0 but for tab and line end, DEL, C1, and what reorders or breaks lines (Unicode's bidirectional marks)."""
_GONE = (errno.EPIPE, errno.EIO, errno.EBADF, errno.ECONNRESET, errno.ESHUTDOWN, errno.ENXIO)
"""Errors that say that nobody reads any more; others say that what was to be kept is lost."""


@contextlib.contextmanager
def lasting_streams() -> Iterator[Lasting]:
    """Puts lasting streams in the place of standard output and error; gives that of standard output."""
    _occupy_closed_descriptors()
    with contextlib.ExitStack() as stack:
        out, err = (Lasting(stream or stack.enter_context(_nowhere())) for stream in (sys.stdout, sys.stderr))
        with contextlib.redirect_stdout(typing.cast("Any", out)), contextlib.redirect_stderr(typing.cast("Any", err)):
            yield out


class Lasting:
    """A text stream that shows control characters and is never an obstacle."""

    def __init__(self, stream: TextIO, *, verbatim: bool = False) -> None:
        self.stream = stream
        self.keep = verbatim
        self.lost: OSError | None = None
        """Why something could not be written, where it was to be kept; None while nobody missed anything."""

    @property
    def verbatim(self) -> Lasting:
        """The same for text with control characters of our own: bars and tables of rich."""
        return Lasting(self.stream, verbatim=True)

    def write(self, text: str) -> int:
        """Writes a text, or gives up without a word."""
        shown = text if self.keep else visible(text)
        with self._giving_up():
            try:
                self.stream.write(shown)
            except UnicodeEncodeError:
                code = self.stream.encoding or "ascii"
                self.stream.write(shown.encode(code, "backslashreplace").decode(code))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Writes several texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Writes what is still buffered, or gives up."""
        with self._giving_up():
            self.stream.flush()

    def isatty(self) -> bool:
        """Whether it is a terminal; one that is closed is none."""
        try:
            return self.stream.isatty()
        except ValueError:
            return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    @contextlib.contextmanager
    def _giving_up(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:  # ValueError: the file object is closed
            if isinstance(error, OSError) and error.errno not in _GONE:
                self.lost = self.lost or error
            # what is still buffered goes nowhere: it would fail again, and at the end of the process
            with contextlib.suppress(OSError, ValueError), _nowhere() as nowhere:
                os.dup2(nowhere.fileno(), self.stream.fileno())


def verbatim(stream: TextIO) -> TextIO:
    """A stream for text with control characters of our own."""
    return typing.cast("TextIO", stream.verbatim if isinstance(stream, Lasting) else stream)


def visible(text: str) -> str:
    r"""A text whose control characters are shown as escapes; tabs and line ends stay.

    >>> print(visible("reason: \x1b]0;owned\x07"))
    reason: \x1b]0;owned\x07
    """
    return _CONTROLS.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    r"""The same for text that has to stay in its line or cell: tabs and line ends are shown as well.

    >>> print(one_line("harmless\ndone: everything is well"))
    harmless\ndone: everything is well
    """
    return visible(text.replace("\t", "\\t").replace("\n", "\\n"))


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _occupy_closed_descriptors() -> None:
    """A closed standard descriptor would be given to the next file that is opened, and then receive messages."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
