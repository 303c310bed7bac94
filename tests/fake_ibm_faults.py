"""What may go wrong on the local IBM platform: with a request, or with a job."""

from __future__ import annotations

import re
import threading
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

Action = typing.Literal[
    "status",  # refused with an error, nothing processed
    "status_after",  # processed, answered with an error
    "drop_before",  # connection closed, nothing processed
    "drop_after",  # processed, connection closed
    "hold",  # waits for `release` before it is processed
    "hold_after",  # processed, the answer waits for `release`
    "truncate",  # the length is declared, half of it is sent
    "truncate_clean",  # half an answer with a consistent length
    "empty",
    "garbage",  # HTML of a proxy
    "edit",  # processed, and something on the way changes the body
    "delay",  # processed after `seconds`
    "hang",  # never answered
]
Outcome = typing.Literal["fail", "cancelled", "ran_too_long", "stuck", "slow", "status", "hold_queued", "hold_running"]


@dataclass(kw_only=True)
class _Counted:
    """Strikes `times` times (-1: always) after letting `skip` pass."""

    times: int = 1
    skip: int = 0
    hits: int = 0
    arrived: threading.Event = field(default_factory=threading.Event, repr=False)
    """Set when it has struck."""
    release: threading.Event = field(default_factory=threading.Event, repr=False)
    """Set by the test: lets everything go that is held."""

    def strikes(self) -> bool:
        """Counts one that matches, under the lock of the caller."""
        if self.times == 0:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= self.times > 0
        self.hits += 1
        return True


@dataclass(kw_only=True)
class Fault(_Counted):
    """A fault of HTTP. `kind`, `method` and `path` are regular expressions; the last is searched, the others match."""

    action: Action
    kind: str = ".*"
    method: str = ".*"
    path: str = ""
    seconds: float | None = None
    """Of a delay (default 1), of a hang (default 3600), at most of a hold (default 60)."""
    code: int = 500
    error_code: int | None = None
    message: str = "injected"
    headers: Mapping[str, str] = field(default_factory=dict)
    fraction: float = 0.5
    """How much of a truncated answer is sent."""
    edit: Callable[[bytes], bytes] = field(default=lambda body: body, repr=False)
    """What is made of the body."""
    content: str = ""
    """Content-Type of what was changed, instead of its own."""
    drop: bool = False
    """Whether what was held is dropped when it is let go, as if the connection broke with the client."""

    def __post_init__(self) -> None:
        _known(self.action, Action)

    def matches(self, kind: str, method: str, path: str) -> bool:
        return bool(re.fullmatch(self.kind, kind) and re.fullmatch(self.method, method) and re.search(self.path, path))


@dataclass(kw_only=True)
class JobFault(_Counted):
    """A fault of the next jobs."""

    outcome: Outcome
    seconds: float | None = None
    """How long it runs, instead of the platform's `run_delay`."""
    queue_s: float | None = None
    """How long it is queued, instead of the platform's `queue_delay`."""
    reason: str | None = None
    code: int = 1517
    status: str = ""
    """The last status of outcome "status": any word."""

    def __post_init__(self) -> None:
        _known(self.outcome, Outcome)


def _known(word: str, words: typing.Any) -> None:
    if word not in typing.get_args(words):
        raise ValueError(f"A fault must be one of {', '.join(typing.get_args(words))}, but is {word!r}.")


_AnyFault = typing.TypeVar("_AnyFault", Fault, JobFault)


class Faults:
    """All faults that are armed, in the order they were; the first that matches strikes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._http: list[Fault] = []
        self._jobs: list[JobFault] = []
        self.armed: list[Fault | JobFault] = []
        """Every fault that ever was."""

    def arm(self, fault: _AnyFault) -> _AnyFault:
        """From now on the fault may strike."""
        with self._lock:
            self.armed.append(fault)
            (self._http if isinstance(fault, Fault) else self._jobs).append(fault)
        return fault

    def of_request(self, kind: str, method: str, path: str) -> Fault | None:
        """The fault that strikes this request."""
        with self._lock:
            return _first(fault for fault in self._http if fault.matches(kind, method, path))

    def of_job(self) -> JobFault | None:
        """The fault that strikes the next job."""
        with self._lock:
            return _first(self._jobs)

    def clear(self) -> None:
        """Disarms all; what is held goes on."""
        with self._lock:
            for fault in [*self._http, *self._jobs]:
                fault.release.set()
            self._http.clear()
            self._jobs.clear()


def _first(faults: Iterable[_AnyFault]) -> _AnyFault | None:
    return next((fault for fault in faults if fault.strikes()), None)
