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


def acting_columns(
    points: Points, wire: str, collisions: int, *, register: str = "record", shared: bool = False
) -> tuple[str, ...]:
    """Columns of the bits of an ancilla that feedback acts on, once in each collision, in time.

    In the measured form these are the bits that acted, in columns of their own. In the deferred form none is written:
    the ancilla at the end of its collision says the same where nothing after the feedback turns it.

    Args:
        points: The sweep, whose options say the form and how ancillas are supplied.
        wire: The name of the ancilla's register, or its `wire` where several registers share one.
        collisions: Of the template.
        register: Of the bit, as `Feedback` names it.
        shared: Whether several registers share the wire.

    Examples:
        >>> import numpy as np
        >>> def sweep(**options):
        ...     return Points(parameters={}, options=options, reference=np.array([]), reference_only=np.array([]))
        >>> acting_columns(sweep(feedback="deferred"), "record", 1)
        ('record_1',)
        >>> acting_columns(sweep(feedback="measured"), "record", 1)
        ('record.1',)
        >>> acting_columns(sweep(feedback="measured", ancillas="reset"), "record", 2)
        ('record_acted.1', 'record_acted.2')
    """
    if points.options.get("feedback") != "measured":
        return columns(points, wire, collisions, shared=shared)
    # before resets the wire itself is read in columns of its name, see `Template.acted`
    own = register == wire and points.options.get("ancillas") == "reset"
    return tuple(f"{register}{'_acted' if own else ''}.{k}" for k in range(1, max(collisions, 1) + 1))


def members_per_start(points: Points, coins: int) -> int:
    """How many members of the ensemble share one initial state of the system.

    Args:
        points: The sweep, whose options say how ancillas are prepared.
        coins: Thermal ancillas and dephasings of the whole circuit; without collisions those ancillas of one.
    """
    preparation = points.options.get("preparation", "ensemble")
    return 2**coins if preparation == "ensemble" else batches(points)
