"""How long to wait for what [s]."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace

from protocols import RequestError

VARIABLE = "HOTWARD_IBM_WAITS"


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Waiting times [s]; `HOTWARD_IBM_WAITS="settling=120 answer=90"` changes some for a bad line."""

    answer: float = 90.0
    """For the answer to a question. The client repeats one by itself for about 15 s."""
    submission: float = 240.0
    """For the answer to a submission."""
    settling: float = 60.0
    """How long tags are asked for before a submission without an answer counts as not made. How fast the real
    platform lists a new job is not known; a later `collect` asks again for the tags of the whole run."""
    tick: float = 2.0
    """Between the first two looks at a job; doubling."""
    longest_tick: float = 60.0
    """Between looks at the most."""
    outage: float = 900.0
    """How long a wait goes on while the platform cannot be reached at all."""
    minute: float = 60.0
    """In which at most 5 jobs are submitted (IBM's REST documentation)."""
    back_off: float = 20.0
    """After "too many requests"; doubling."""


def patience() -> Patience:
    """The waiting times, with those that the environment sets.

    Raises:
        RequestError: If HOTWARD_IBM_WAITS is not name=seconds, ...
    """
    known = {field.name for field in fields(Patience)}
    given: dict[str, float] = {}
    for word in os.environ.get(VARIABLE, "").replace(",", " ").split():
        name, _, text = word.partition("=")
        try:
            given[name] = float(text)
        except ValueError:
            given[name] = -1.0
        if name not in known or not 0 < given[name] < float("inf"):
            raise RequestError(
                f"Argument {VARIABLE} must be name=seconds with names from {', '.join(sorted(known))}, but has "
                f'{word!r}. Try {VARIABLE}="settling=120".'
            )
    return replace(Patience(), **given)
