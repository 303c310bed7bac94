"""A clock whose waits take no time: who has slept by it finds it later, and what was to happen has happened."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from devices.remote import Clock


class VirtualClock(Clock):
    """Real time, and all that was slept by this clock on top of it.

    A test that takes no time at all has no deadlines either: an answer that really does not come still has to be
    waited for, so real time counts too.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slept = 0.0
        self.finish_work: Callable[[], None] = lambda: None
        """Called before time is skipped: lets the other side finish what it does not need time for, but processors."""

    def seconds(self) -> float:
        return time.monotonic() + self._slept

    def today(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._slept)

    def sleep(self, seconds: float) -> None:
        self.finish_work()
        with self._lock:
            self._slept += seconds
        # others that wait by this clock look at it every few milliseconds
        time.sleep(0.002)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Waits for an event so long by this clock; whether it came."""
        until = self.seconds() + seconds
        while not event.is_set() and self.seconds() < until:
            event.wait(0.002)
        return event.is_set()
