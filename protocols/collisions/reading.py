"""What observables of joint outcomes have to know: the columns of a register, and how many members share a start.

`Observable.resolved` names columns of ancillas, whose names depend on their supply, and gives frequencies by member,
whose number depends on the preparation: member = start * members_per_start + string.
"""

from __future__ import annotations

from protocols.collisions.ancillas import batches
from protocols.program import Points


def columns(points: Points, wire: str, collisions: int, *, shared: bool = False) -> tuple[str, ...]:
    """Columns that the ancillas of a wire are read in, in time.

    Args:
        points: The sweep, whose options say how ancillas are supplied.
        wire: The name of the register, or the `wire` of `Thermal` where several registers share one.
        collisions: Of the template; of one that has none the ancillas of one are read.
        shared: Whether several registers share the wire.

    Examples:
        >>> import numpy as np
        >>> def sweep(supply):
        ...     options = {"ancillas": supply}
        ...     return Points(parameters={}, options=options, reference=np.array([]), reference_only=np.array([]))
        >>> columns(sweep("fresh"), "bath", 2), columns(sweep("reset"), "bath", 2)
        (('bath_1', 'bath_2'), ('bath.1', 'bath'))
    """
    number = max(collisions, 1)
    if points.options.get("ancillas") != "reset":
        return tuple(f"{wire}_{k}" for k in range(1, number + 1))
    before = tuple(f"{wire}.{k}" for k in range(1, number))
    return (*before, f"{wire}.{number}" if shared else wire)


def members_per_start(points: Points, coins: int) -> int:
    """How many members of the ensemble share one initial state of the system.

    Args:
        points: The sweep, whose options say how ancillas are prepared.
        coins: Thermal ancillas and dephasings of the whole circuit; without collisions those ancillas of one.
    """
    preparation = points.options.get("preparation", "ensemble")
    return 2**coins if preparation == "ensemble" else batches(points)
