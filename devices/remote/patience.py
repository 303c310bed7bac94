"""How long to wait for what [s], and the clock to wait by."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

from devices.errors import PlatformError, Refused
from devices.remote.clock import SYSTEM, Clock
from protocols import RequestError

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Waiting times [s] on a platform that is usually quick, and sometimes busy or out of reach."""

    answer: float = 90.0
    """For the answer to a question. IBM's client repeats one by itself for about 15 s."""
    submission: float = 240.0
    """For the answer to a submission."""
    settling: float = 60.0
    """How long tags are asked for before a submission without an answer counts as not made. How fast the real
    platform lists a new job is not known; a later `collect` asks again for the tags of the whole run."""
    tick: float = 2.0
    """Between the first two looks at a job; each later pause is longer by half."""
    longest_tick: float = 60.0
    """Between looks at the most."""
    outage: float = 900.0
    """How long a wait goes on while the platform cannot be reached at all."""
    minute: float = 60.0
    """In which at most 5 jobs are submitted (IBM's REST documentation)."""
    back_off: float = 20.0
    """After "too many requests"; doubling."""
    clock: Clock = field(default=SYSTEM, repr=False)
    """By which all of this is waited for."""

    def ask_repeatedly(self, question: Callable[[], Value]) -> Value:
        """Asks up to three times, with pauses; what is refused is not asked again.

        Args:
            question: A call that may fail for the moment, and may be repeated.

        Raises:
            PlatformError: What the last call met.
        """
        for pause in (self.tick, 2 * self.tick):
            try:
                return question()
            except Refused:
                raise
            except PlatformError:
                self.clock.sleep(pause)
        return question()


def patience_from_environment(variable: str, clock: Clock) -> Patience:
    """The waiting times, with those that an environment variable sets, such as "settling=120 answer=90".

    Args:
        variable: Its name, such as HOTWARD_IBM_WAITS.
        clock: To wait by.

    Raises:
        RequestError: If the variable is not name=seconds, ...
    """
    known = {each.name for each in fields(Patience)} - {"clock"}
    given: dict[str, float] = {}
    for word in os.environ.get(variable, "").replace(",", " ").split():
        name, _, text = word.partition("=")
        try:
            given[name] = float(text)
        except ValueError:
            given[name] = -1.0
        if name not in known or not 0 < given[name] < float("inf"):
            raise RequestError(
                f"Argument {variable} must be name=seconds with names from {', '.join(sorted(known))}, but has "
                f'{word!r}. Try {variable}="settling=120".'
            )
    return replace(Patience(clock=clock), **given)
