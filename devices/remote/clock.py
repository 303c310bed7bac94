"""The clock to wait by: an object, so that a test can put one in its place whose waits take no time."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """The clock of this machine. What waits for a platform asks it for the time, and sleeps by it."""

    def seconds(self) -> float:
        """Seconds since some fixed moment; they only ever grow."""
        return time.monotonic()

    def today(self) -> datetime:
        """Date and time of day, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Waits.

        Args:
            seconds: How long [s].
        """
        time.sleep(seconds)


SYSTEM = Clock()
"""The clock by which devices wait unless they are given another."""
