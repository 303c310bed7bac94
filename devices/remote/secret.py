"""Keys and tokens: a type that does not print, and a scrub for every text that leaves this process.

Scrubbed are all secrets that were made here and everything that looks like a bearer token (a JWT), in log records of
any library and in the texts of our own errors.
"""

from __future__ import annotations

import logging
import re
from typing import Any

HIDDEN = "[secret]"
_TOKEN = re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*){0,2}")
_made_here: set[str] = set()


class Secret:
    """A text that shows only when it is asked for by `reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text
        if text:
            _made_here.add(text)
        _scrub_logs()

    def reveal(self) -> str:
        """The text; for the client alone."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __reduce__(self) -> Any:
        raise TypeError("A secret is not pickled or copied.")


def scrubbed(text: str) -> str:
    """A text without any secret made here, or anything like a token.

    >>> key = Secret("correct-horse")
    >>> scrubbed("GET failed for correct-horse, Bearer eyJhbGciOiJI.eyJpYXQiOjE3.c2ln")
    'GET failed for [secret], Bearer [secret]'
    """
    for secret in sorted(_made_here, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return _TOKEN.sub(HIDDEN, text)


def _scrub_logs() -> None:
    """Every log record of this process is made without secrets, whoever handles it."""
    made = logging.getLogRecordFactory()
    if getattr(made, "scrubs", False):
        return

    def factory(*arguments: Any, **more: Any) -> logging.LogRecord:
        record = made(*arguments, **more)
        clean = scrubbed(record.getMessage()) if record.args else scrubbed(str(record.msg))
        if clean != (record.getMessage() if record.args else str(record.msg)):
            record.msg, record.args = clean, None
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = scrubbed(logging.Formatter().formatException(record.exc_info))
        return record

    factory.scrubs = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(factory)
