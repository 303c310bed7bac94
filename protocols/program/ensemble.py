"""What a protocol knows of the members of its ensemble without measuring them."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass

if typing.TYPE_CHECKING:
    from protocols.program.experiment import Declaring


@dataclass(frozen=True, kw_only=True)
class Member:
    """One pure preparation of an ensemble whose evolution keeps the number of excitations."""

    excitations: int
    """In all qubits of the system together, at every point."""
    two_qubit_gates: int
    """Of its circuit in the gates of a chip that has no more than CZ or CX; for data that do not say what was
    executed."""


def members_of(protocol: Declaring | None) -> Mapping[int, Member]:
    """The members of a protocol that are eigenstates of the number of excitations, by their number in `Setting`.

    Args:
        protocol: None, or one that says nothing: no member is known.

    Examples:
        >>> from protocols import load
        >>> {number: member.excitations for number, member in members_of(load("heat-exchange")).items()}
        {0: 0, 1: 1, 2: 1, 3: 2}
    """
    return dict(getattr(protocol, "ensemble", {}))
