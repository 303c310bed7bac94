"""The evolution of a chain as operations: the network, exact at every time, or Strang steps in layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from protocols.chain.network import network, network_steps, network_values
from protocols.chain.orbitals import evolution, hopping, strang_layers
from protocols.collisions import Operation, exchange, gate
from protocols.types import Array

NAME = "chain"


def moving_steps(wires: Sequence[str], how: str, index: int, steps: int) -> list[Operation]:
    """The network, or one Strang step; a barrier parts it from what was before, for gates of both may undo each other.

    Args:
        wires: Along the line.
        how: "exact" or "strang".
        index: Which step, from 1.
        steps: How many there are.
    """
    moved = network_steps(wires, NAME) if how == "exact" else strang_step(wires, index, steps)
    return [gate("barrier", *wires), *moved]


def moving_values(couplings: Array, time: Array, how: str, steps: int) -> Mapping[str, Array]:
    """Their angles by name, (points,) each [rad].

    Args:
        couplings: J_i, shape (points, N-1) [gap].
        time: t, shape (points,) [hbar/gap].
        how: "exact" or "strang".
        steps: How many there are.
    """
    if how == "exact":
        return network_values(network(evolution(hopping(couplings), time)), NAME)
    return strang_values(couplings, time, steps)


def strang_step(wires: Sequence[str], index: int, steps: int) -> list[Operation]:
    """Step number `index` (from 1) of so many; the layer that two steps share belongs to the earlier one.

    Args:
        wires: Along the line.
        index: Which step.
        steps: How many there are.
    """
    layers = strang_layers(len(wires), steps)
    here = layers[:3] if index == 1 else layers[2 * index - 1 : 2 * index + 1]
    return [
        exchange(wires[i], wires[i + 1], f"{'half' if half else 'full'}_{i}") for bonds, half in here for i in bonds
    ]


def strang_values(couplings: Array, time: Array, steps: int) -> Mapping[str, Array]:
    """Their angles by name, (points,) each [rad].

    Args:
        couplings: J_i, shape (points, N-1) [gap].
        time: t, shape (points,) [hbar/gap].
        steps: How many there are.
    """
    once = couplings * (time / steps)[:, None]
    full = {f"full_{i}": column for i, column in enumerate(once.T)}
    return full | {f"half_{i}": column / 2 for i, column in enumerate(once.T)}
