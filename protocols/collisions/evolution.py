"""Exact evolution of a system through collisions with fresh ancillas: density matrices, the operations of the circuit.

States have shape (points, branches, d, d). A branch is a history of readings in Z, in time; without histories there is
one branch, and the cost does not grow with the number of collisions.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from protocols.collisions.ancillas import Coin, Dephase, Renew, Thermal, gap_of
from protocols.collisions.feedback import Feedback
from protocols.collisions.operations import Operation, act
from protocols.pauli import outcome_bits, pauli_matrix
from protocols.types import Array

Step = Operation | Thermal | Dephase | Renew | Feedback

_TO_GROUND = (np.array([[1, 0], [0, 0]]), np.array([[0, 1], [0, 0]]))
"""Kraus operators |0><0| and |0><1|."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Collided:
    """The system after one collision, and its ancillas when they are read."""

    rho: Array
    """(points, branches, d, d), not normalised where there are histories."""
    energies: Mapping[str, Array]
    """Register -> energy of this collision's ancilla, (points,) [gap]; of a bit that acted, its mean."""


def collide(
    rho: Array,
    system: Sequence[str],
    steps: Sequence[Step],
    values: Mapping[str, Array],
    tossed: Mapping[int, Array],
    *,
    histories: bool = False,
    idle: bool = False,
) -> Collided:
    """One collision: fresh ancillas join the system, everything acts, the ancillas are read in Z and leave.

    Args:
        rho: The system before, (points, branches, d, d).
        system: Its wires, first leftmost.
        steps: What happens, ancillas first.
        values: Angles and gaps by name, (points,).
        tossed: Index of a coin among the steps -> probability of its bit, (points,).
        histories: Whether every reading gets its own branch.
        idle: Whether the ancillas are prepared and read only: the collision that is compared with.
    """
    acted: dict[str, Array] = {}
    ancillas = [(i, step) for i, step in enumerate(steps) if isinstance(step, Thermal)]
    wires = [*system, *(step.register for _, step in ancillas)]
    for index, _ in ancillas:
        p = tossed.get(index, np.zeros(len(rho)))
        tau = np.stack([1 - p, p], axis=-1)[:, None, :, None] * np.eye(2)
        rho = _kron(rho, tau)
    for index, step in enumerate(steps):
        if isinstance(step, Operation) and not idle:
            rho = _applied(step, rho, wires, values)
        elif isinstance(step, Dephase) and not idle:
            q = tossed[index][:, None, None, None]
            flipped = act(pauli_matrix("Z"), rho, [wires.index(step.wire)], len(wires))
            rho = (1 - q) * rho + q * flipped
        elif isinstance(step, Renew) and not idle:
            rho = np.sum([act(kept, rho, [wires.index(step.wire)], len(wires)) for kept in _TO_GROUND], axis=0)
        elif isinstance(step, Feedback):
            both = step.branches(rho, wires, values, idle=idle)
            acted[step.register] = np.einsum("pbii->p", both[:, :, 1]).real
            rho = both.reshape(len(rho), -1, *rho.shape[-2:]) if histories else both.sum(axis=2)
    read = _read(rho, len(system), [step for _, step in ancillas], values, histories=histories)
    return replace(read, energies={**acted, **read.energies})


def branched(
    rho: Array,
    system: Sequence[str],
    steps: Sequence[Step],
    values: Mapping[str, Array],
    tossed: Mapping[int, Array],
    *,
    idle: bool = False,
) -> Array:
    """States after one collision, a branch for every reading of its ancillas, (points, branches, d, d).

    Where there are more histories than operators of the system, the collision is applied to a basis of these, once, and
    every history is a combination of them: eight cycles of two ancillas are 65536 histories.

    Args:
        rho: The system before, (points, branches, d, d).
        system: Its wires, first leftmost.
        steps: What happens, ancillas first.
        values: Angles by name, (points,).
        tossed: Index of a coin among the steps -> probability of its bit, (points,).
        idle: Whether the ancillas are prepared and read only.
    """
    points, branches, d = rho.shape[:3]
    if branches <= d**2:
        return collide(rho, system, steps, values, tossed, histories=True, idle=idle).rho
    basis = np.broadcast_to(np.eye(d**2, dtype=complex).reshape(d**2, d, d), (points, d**2, d, d))
    maps = collide(basis, system, steps, values, tossed, histories=True, idle=idle).rho
    found = rho.reshape(points, branches, d**2) @ maps.reshape(points, d**2, -1)
    return found.reshape(points, -1, d, d)


def _read(
    rho: Array, system: int, ancillas: Sequence[Thermal], values: Mapping[str, Array], *, histories: bool
) -> Collided:
    """Reads the ancillas in Z: one branch a reading, or all together."""
    points, branches = rho.shape[:2]
    d, a = 2**system, 2 ** len(ancillas)
    parts = rho.reshape(points, branches, d, a, d, a)
    apart = np.einsum("pbiaja->pbaij", parts)
    weight = np.einsum("pbaii->pa", apart).real
    bits = outcome_bits(len(ancillas))
    energies = {step.register: gap_of(step, values) * (weight @ bits[:, i]) for i, step in enumerate(ancillas)}
    kept = apart.reshape(points, branches * a, d, d) if histories else apart.sum(axis=2)
    return Collided(rho=kept, energies=energies)


def _kron(rho: Array, tau: Array) -> Array:
    """rho x tau, branch by branch."""
    d, e = rho.shape[-1], tau.shape[-1]
    product = np.einsum("pbij,pbkl->pbikjl", rho, np.broadcast_to(tau, (*rho.shape[:2], e, e)))
    return product.reshape(*rho.shape[:2], d * e, d * e)


def mixed(
    weight: Array, system: Sequence[str], members: Sequence[Sequence[Operation]], values: Mapping[str, Array]
) -> Array:
    """The ensemble as density matrices, (points, 1, d, d).

    Members whose preparation has no angle are the same at all points, and are prepared once.

    Args:
        weight: Of every member, (points, members).
        system: Wires, first leftmost.
        members: What prepares each.
        values: Angles by name, (points,).
    """
    same = [m for m, steps in enumerate(members) if not any(step.angles for step in steps)]
    once = [prepared(1, system, members[m], values)[0] for m in same]
    start = np.tensordot(weight[:, same], np.stack(once), axes=1) if same else 0.0
    for m in sorted({*range(len(members))} - {*same}):
        start = start + weight[:, m, None, None, None] * prepared(len(weight), system, members[m], values)
    return typing.cast("Array", start)


def prepared(size: int, wires: Sequence[str], steps: Sequence[Operation], values: Mapping[str, Array]) -> Array:
    """|0...0> after some operations, (size, 1, d, d).

    Args:
        size: Number of points.
        wires: Names, first leftmost.
        steps: Operations in time.
        values: Angles by name, shape (points,) [rad].
    """
    d = 2 ** len(wires)
    rho = np.zeros((size, 1, d, d), dtype=complex)
    rho[:, :, 0, 0] = 1
    for step in steps:
        rho = _applied(step, rho, wires, values)
    return rho


def _applied(step: Operation, rho: Array, wires: Sequence[str], values: Mapping[str, Array]) -> Array:
    """One operation on every branch."""
    if step.kind == "barrier":
        return rho
    matrix = step.matrix(values)
    matrix = matrix[:, None] if matrix.ndim == 3 else matrix
    return act(matrix, rho, [wires.index(name) for name in step.wires], len(wires))


def coins_of(steps: Sequence[Step]) -> list[tuple[int, Coin]]:
    """The steps that toss a coin, with their index."""
    return [(i, s) for i, s in enumerate(steps) if isinstance(s, Thermal | Dephase) and s.tossed]
