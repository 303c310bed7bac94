"""The last word on a job: that it failed, was cancelled or is not known is believed only when it is said again.

On it jobs are given up and paid for once more; a reply from an old cache, or one wrong bit of a platform under load, is
enough to say it once. That a job is done needs no second word: its result is one.
"""

from __future__ import annotations

from devices.errors import NotFound, Unintelligible
from devices.model import JobStatus
from devices.remote.platform import Platform

BAD = frozenset({"ERROR", "CANCELLED"})
"""Final states without a result."""
MOST_ODD = 5
"""Answers 404, or states never heard of, in a row: one is a fault of the line, five are an answer."""
_MOST_CHANGES = 5
"""Looks at a job that is each time in another final state."""


def confirmed_look(platform: Platform, identifier: str, known: str = "") -> JobStatus:
    """The state of a job; a bad final one after it was met twice in a row.

    Args:
        platform: The open account.
        identifier: Of the job.
        known: A final state that was met before, if any.

    Raises:
        PlatformError: If the platform does not answer, or changes its last word all the time.
    """
    before = known
    for _ in range(_MOST_CHANGES):
        look = platform.look(identifier)
        if look.state not in BAD or look.state == before:
            return look
        before = look.state
        platform.patience.clock.sleep(platform.patience.tick)
    raise Unintelligible(f"the platform contradicts itself about the end of job {identifier}")


def state_now(platform: Platform, identifier: str, known: str = "") -> JobStatus:
    """The same, asked for with patience; a job that is not found five times in a row is gone.

    Args:
        platform: The open account.
        identifier: Of the job.
        known: A final state that was met before, if any.

    Raises:
        PlatformError: If the platform does not answer.
    """
    for _ in range(MOST_ODD):
        try:
            return platform.patience.ask_repeatedly(lambda: confirmed_look(platform, identifier, known))
        except NotFound:
            platform.patience.clock.sleep(platform.patience.tick)
    return gone(identifier)


def gone(identifier: str) -> JobStatus:
    """A job that the platform does not know, or no longer: never written down as its last word."""
    return JobStatus(identifier=identifier, state="ERROR", reason="the platform does not know this job")
