"""The start of a correlated pair as operations: each eigenstate in at most one entangling gate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocols.collisions import Operation, gate
from protocols.pair.preparation import EXCITED, GROUND, MINUS, Eigensystem
from protocols.types import Array


def member_steps(member: int) -> list[Operation]:
    """|00>, |11>, or cos(theta/2)|01> + sin(theta/2) e^{-i phi}|10> with theta or theta + pi, on wires A, B.

    Args:
        member: GROUND, PLUS, MINUS or EXCITED.
    """
    if member in (GROUND, EXCITED):
        return [gate("x", wire) for wire in "AB"] if member else []
    turn = gate("ry", "A", by="minus" if member == MINUS else "plus")
    return [turn, gate("x", "B"), gate("cx", "A", "B"), gate("phase", "A", by="phase")]


def member_values(system: Eigensystem) -> Mapping[str, Array]:
    """Their angles by name, (points,) each [rad].

    Args:
        system: Whose eigenstates they are.
    """
    return {"plus": system.theta, "minus": system.theta + np.pi, "phase": -system.phi}
