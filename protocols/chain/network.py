r"""Any unitary of one excitation on a line as partial swaps of neighbours (Reck et al., PRL 73, 58 (1994)).

An excitation of N sites has amplitudes psi_1..psi_N, and U(N) acts on them. A partial swap of the sites c, c + 1 by the
angle phi about the axis beta, exp[-i phi (e^{i beta} s-_c s+_{c+1} + h.c.)], is on (psi_c, psi_{c+1})

    g = [[cos phi, -i sin phi e^{-i beta}], [-i sin phi e^{i beta}, cos phi]] ,

and every u is D g_M ... g_1 with M = N(N-1)/2 of them and phases D = diag(e^{i delta}) at the end: rows from the last,
columns from the left, w_rc is turned to zero against w_r,c+1. Partial swaps along a line are free fermions (Jordan and
Wigner), so the same gates are the many-body evolution of any number of excitations.

The sign of beta is the trap: with the other one all starts without coherence still come out right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from protocols.collisions import Operation, gate, phased_exchange
from protocols.types import Array

ROUNDING = 1e-13
"""Amplitudes up to it are 0: where two of them meet, as at a revival, the angle would be any, and is 0."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """Partial swaps in time, at many points at once."""

    swaps: Array
    """(points, M) phi [rad], within 0..pi/2."""
    axes: Array
    """(points, M) beta [rad]."""
    phases: Array
    """(points, N) delta of the phases at the end [rad]."""


def places(sites: int) -> tuple[int, ...]:
    """Left site of every partial swap, in time.

    Args:
        sites: N.

    Examples:
        >>> places(4)
        (0, 1, 2, 0, 1, 0)
    """
    return tuple(c for row in range(sites - 1, 0, -1) for c in range(row))


def swap(angle: Array, axis: Array | float) -> Array:
    """g, the partial swap as a matrix of the amplitudes of its two sites, (..., 2, 2).

    Args:
        angle: phi, shape (...,) [rad].
        axis: beta, the same shape or one number [rad].
    """
    c, s = np.cos(angle) + 0j, -1j * np.sin(angle)
    turn = np.exp(1j * np.asarray(axis))
    return np.stack([np.stack([c, s * turn.conj()], axis=-1), np.stack([s * turn, c], axis=-1)], axis=-2)


def network(unitary: Array) -> Network:
    """The network of a unitary.

    Args:
        unitary: u, shape (points, N, N).

    Examples:
        >>> found = network(np.array([[[0, -1j], [-1j, 0]]]))
        >>> found.swaps.round(6).tolist(), np.abs(found.phases.round(6)).tolist()
        ([[1.570796]], [[0.0, 0.0]])
    """
    w = np.array(unitary, dtype=complex)
    points, sites = w.shape[:2]
    swaps, axes = np.zeros((2, points, sites * (sites - 1) // 2))
    index = 0
    for row in range(sites - 1, 0, -1):
        for c in range(row):
            a, b = w[:, row, c], w[:, row, c + 1]
            a = np.where(np.abs(a) > ROUNDING, a, 0.0)
            # (w g^+)_rc = a cos phi + i b sin phi e^{i beta} = 0
            swaps[:, index] = np.arctan2(np.abs(a), np.abs(b))
            axes[:, index] = np.angle(1j * a * b.conj())
            g = swap(swaps[:, index], axes[:, index])
            w[:, :, c : c + 2] = w[:, :, c : c + 2] @ g.conj().swapaxes(-1, -2)
            index += 1
    return Network(swaps=swaps, axes=axes, phases=np.angle(np.diagonal(w, axis1=1, axis2=2)))


def unitary(made: Network) -> Array:
    """What a network does to the amplitudes of one excitation, (points, N, N).

    Args:
        made: The network.
    """
    points, sites = made.phases.shape
    u = np.broadcast_to(np.eye(sites, dtype=complex), (points, sites, sites)).copy()
    for index, c in enumerate(places(sites)):
        u[:, c : c + 2] = swap(made.swaps[:, index], made.axes[:, index]) @ u[:, c : c + 2]
    return np.exp(1j * made.phases)[:, :, None] * u


def network_steps(wires: Sequence[str], name: str) -> list[Operation]:
    """The gates of a network, each there at every point, also where its angle is 0.

    Args:
        wires: Of the sites along the line.
        name: Under which `network_values` has its angles.
    """
    turns = (
        phased_exchange(wires[c], wires[c + 1], f"{name}_swap_{i}", f"{name}_axis_{i}")
        for i, c in enumerate(places(len(wires)))
    )
    return [*turns, *(gate("phase", wire, by=f"{name}_phase_{i}") for i, wire in enumerate(wires))]


def network_values(made: Network, name: str) -> Mapping[str, Array]:
    """Its angles by name, (points,) each [rad].

    Args:
        made: The network.
        name: As in `network_steps`.
    """
    columns = {"swap": made.swaps, "axis": made.axes, "phase": made.phases}
    return {f"{name}_{kind}_{i}": column for kind, each in columns.items() for i, column in enumerate(each.T)}
