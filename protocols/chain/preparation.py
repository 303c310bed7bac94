"""From fields to the start of a chain: C, the weights of its members, the gates that prepare each and their angles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from protocols.chain.coherent import bound, coherent_steps, coherent_values, coherent_weights
from protocols.chain.drawn import flip_steps, flip_values
from protocols.chain.fields import populations_of, strengths_of
from protocols.chain.network import network, network_steps, network_values
from protocols.chain.starts import (
    bonded,
    coupled,
    filled,
    neighbours,
    occupied,
    populations,
    shared,
    spread_steps,
    spread_values,
    strongest,
)
from protocols.collisions import Operation, computational, gate
from protocols.pauli import MANY
from protocols.types import Array

NAME = "start"


def most_correlated(known: Mapping[str, Array], correlation: str, sites: int) -> Mapping[str, Array]:
    """Phases with which heat runs into the hottest site from both sides, and the strongest bonds, (points,) each.

    I_{i -> i+1} at time 0 has the sign of Im C_{i,i+1}: towards a hottest site on the right C_{i,i+1} is i, away from
    one on the left it is -i, times its size.

    Args:
        known: Temperatures and populations by name, (points,).
        correlation: "shared", "bonds", "coherent" or "none".
        sites: N.
    """
    if correlation == "none":
        return {}
    p = populations_of(known, sites)
    hottest, left = np.argmax(p, axis=1)[:, None], np.arange(sites - 1)
    of_bonds = np.where(left < hottest, np.pi / 2, -np.pi / 2)
    if correlation == "bonds":
        return {"strength": strongest(p), **{f"phase_{i + 1}": of_bonds[:, i] for i in left}}
    if correlation == "coherent":
        return {"alpha": bound(p), **{f"phase_{i + 1}": of_bonds[:, i] for i in left}}
    # C_{i,i+1} = v_i v_{i+1}^*
    of_sites = np.concatenate([np.zeros((len(p), 1)), -np.cumsum(of_bonds, axis=1)], axis=1)
    return {f"phase_{i + 1}": of_sites[:, i] for i in range(sites)}


def start(known: Mapping[str, Array], correlation: str, sites: int) -> Array:
    """C at time 0, (points, N, N).

    Args:
        known: Fields by name, (points,).
        correlation: "shared", "bonds", "coherent" or "none".
        sites: N.
    """
    p = populations_of(known, sites)
    if correlation == "none":
        return p[:, :, None] * np.eye(sites) + 0j
    phases = np.stack([known[f"phase_{i}"] for i in range(1, sites + (correlation == "shared"))], axis=1)
    if correlation == "shared":
        return shared(p, phases)
    if correlation == "coherent":
        return coupled(p, known["alpha"][:, None] * np.exp(1j * phases))
    return bonded(p, strengths_of(known, sites), phases)


def start_weights(known: Mapping[str, Array], correlation: str, sites: int, arm: str) -> Array:
    """Weight of every member, (points, members).

    Sets of filled modes; of a shared excitation nothing, and it. Of arm "none" the computational states of a product,
    of arm "dephased" those of the main arm; of many sites that share an excitation nothing, and every site alone, and
    else one for all that are drawn.

    Args:
        known: Fields by name, (points,).
        correlation: "shared", "bonds", "coherent" or "none".
        sites: N.
        arm: Which.
    """
    p = populations_of(known, sites)
    if is_drawn(correlation, arm, sites):
        return np.ones((len(p), 1))
    if arm == "none" or correlation == "none":
        return occupied(p)
    C = start(known, correlation, sites)
    if correlation == "coherent":
        # its populations are those of the product
        return occupied(p) if arm == "dephased" else coherent_weights(p, np.abs(neighbours(C)))
    excited = np.clip(p.sum(axis=1), 0.0, 1.0)
    if arm == "dephased" and correlation == "shared" and sites > MANY:
        # nothing, or one site: of 2^N populations no other is there
        return np.concatenate([1 - excited[:, None], p], axis=1)
    if arm == "dephased":
        return populations(C)
    if correlation == "shared":
        return np.stack([1 - excited, excited], axis=1)
    return occupied(filled(C)[0])


def start_steps(wires: Sequence[str], correlation: str, member: int, arm: str) -> list[Operation]:
    """From |0..0> to a member.

    Args:
        wires: Along the line.
        correlation: "shared", "bonds", "coherent" or "none".
        member: Its number.
        arm: Which.
    """
    if is_drawn(correlation, arm, len(wires)):
        moved = network_steps(wires, NAME) if correlation == "bonds" and arm == "main" else []
        return [*flip_steps(wires), *moved]
    if correlation == "coherent" and arm == "main":
        return coherent_steps(wires, member, NAME)
    if arm == "dephased" and correlation == "shared" and len(wires) > MANY:
        return [gate("x", wires[member - 1])] if member else []
    trivial = member in (0, 2 ** len(wires) - 1)  # nothing, and everything: no network moves them
    if arm != "main" or correlation == "none" or trivial:
        return computational(member, wires)
    if correlation == "shared":
        return spread_steps(wires, NAME)
    return [*computational(member, wires), *network_steps(wires, NAME)]


def start_values(known: Mapping[str, Array], correlation: str, sites: int, arm: str = "main") -> Mapping[str, Array]:
    """Angles of an arm's preparation by name, (points,) each [rad]; of drawn members those of nothing excited.

    Args:
        known: Fields by name, (points,).
        correlation: "shared", "bonds", "coherent" or "none".
        sites: N.
        arm: Which.
    """
    if is_drawn(correlation, arm, sites):
        flips = flip_values(np.zeros((len(known["coupling"]), sites)))
        return {**flips, **(_modes(known, sites) if correlation == "bonds" and arm == "main" else {})}
    if correlation == "none" or arm != "main":
        return {}
    if correlation == "shared":
        phases = np.stack([known[f"phase_{i}"] for i in range(1, sites + 1)], axis=1)
        return spread_values(np.sqrt(populations_of(known, sites)) * np.exp(1j * phases), NAME)
    if correlation == "coherent":
        return coherent_values(populations_of(known, sites), neighbours(start(known, correlation, sites)), NAME)
    return _modes(known, sites)


def is_drawn(correlation: str, arm: str, sites: int) -> bool:
    """Whether members are drawn shot by shot, for there are 2^N of them and many sites.

    Args:
        correlation: "shared", "bonds", "coherent" or "none".
        arm: Which.
        sites: N.
    """
    return sites > MANY and (correlation != "shared" or arm == "none")


def _modes(known: Mapping[str, Array], sites: int) -> Mapping[str, Array]:
    return network_values(network(filled(start(known, "bonds", sites))[1]), NAME)
