r"""One round of each cooling method: which fresh qubits come, and what compresses entropy into them.

Models and numbers of this suite (family.md gives them as derived; the papers' bodies were not read).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from protocols.collisions import Dephase, Step, Thermal, exchange, gate, swap_states
from protocols.laws import qubit_contact, second_laws
from protocols.machines.sorting import exchanges, unrank
from protocols.program import Observable
from protocols.types import Array

METHODS = ("hbac", "ppa", "overhauser", "teleport")


def qubits_of(method: str, size: int) -> tuple[str, ...]:
    """The qubits that stay from round to round, the target first.

    Args:
        method: One of `METHODS`.
        size: Number of qubits of ppa, the fresh one included.

    Examples:
        >>> qubits_of("ppa", 4)
        ('target', 'kept_1', 'kept_2')
    """
    if method == "teleport":
        return ("target", "helper")
    kept = size - 2 if method == "ppa" else 0
    return ("target", *(f"kept_{i + 1}" for i in range(kept)))


def energy_words(method: str, parameters: Mapping[str, Array]) -> list[str]:
    """The Pauli words of the energies of the qubits that stay, that of the target first.

    Args:
        method: One of `METHODS`.
        parameters: With the size of ppa, (points,).

    Examples:
        >>> energy_words("ppa", {"size": np.array([4.0])})
        ['ZII', 'IZI', 'IIZ']
    """
    qubits = qubits_of(method, int(parameters["size"][0]) if method == "ppa" else 0)
    return ["".join("Z" if i == j else "I" for j in range(len(qubits))) for i in range(len(qubits))]


def target_laws(word: str) -> tuple[Observable, ...]:
    """Free energies of the target in its bath, T = 1/(2 artanh eps): they rise, for a compression spends work.

    Args:
        word: The Pauli word of the target's energy.
    """
    return second_laws(qubit_contact("target", word, lambda known: 0.5 / np.arctanh(known["polarisation"])))


def fresh(method: str) -> tuple[Thermal, ...]:
    """The fresh qubits of every round: of the bath, and one saturated spin (half excited) for overhauser."""
    if method == "hbac":
        return Thermal(register="bath_a", excited="p"), Thermal(register="bath_b", excited="p")
    if method == "ppa":
        return (Thermal(register="bath", excited="p"),)
    if method == "overhauser":
        return Thermal(register="spin", excited="half"), Thermal(register="bath", excited="p_double", gap=2.0)
    return ()


def compression(method: str, qubits: Sequence[str], sort: int, arm: str) -> Sequence[Step]:
    """One round, for ppa with the sort of that rank.

    Arm "none" swaps the target with the bath, or leaves out what cools it.

    Args:
        method: One of `METHODS`.
        qubits: Those that stay, the target first.
        sort: Rank of the permutation, of ppa alone; see `unrank`.
        arm: "main" or "none".
    """
    coins = fresh(method)
    if method == "teleport":
        return _teleportation(turned=arm != "none")
    if arm == "none":
        return [*coins, exchange("target", coins[0].register, "swap")] if method != "overhauser" else coins
    if method == "hbac":
        return [*coins, swap_states(("target", "bath_a", "bath_b"), "100", "011")]
    if method == "overhauser":
        # |00> and |11> of target and spin meet a qubit of twice the gap: energy is conserved
        return [*coins, swap_states(("target", "spin", "bath"), "110", "001")]
    wires = (*qubits, "bath")
    return [*coins, *exchanges(wires, unrank(sort, 2 ** len(wires)))]


def _teleportation(*, turned: bool) -> Sequence[Step]:
    """The helper is dephased in X, which is measuring it; the target turns by +-2f as the result says, CZ RY CZ.

    The dephasing commutes with the CZ before it. Behind it, that CZ meets the CZ of the preparation and both cancel.
    """
    control, turn = gate("cz", "target", "helper"), gate("ry", "target", by="turn_y")
    if not turned:
        return [gate("h", "helper"), Dephase(wire="helper"), gate("h", "helper")]
    return [gate("h", "helper"), control, Dephase(wire="helper"), turn, control, gate("h", "helper")]


def ground_state(interaction: Array) -> Mapping[str, Array]:
    """cos a |00> - sin a |11> with tan 2a = k: the angle that prepares it, RY and CNOT."""
    return {"ground": -np.arctan(interaction)}


def best_turn(interaction: Array) -> Array:
    """f with tan 2f = k/(1 + 2 k^2), which draws most energy.

    Examples:
        >>> float(best_turn(np.array(1.0)).round(6))
        0.160875
    """
    return np.arctan2(interaction, 1 + 2 * interaction**2) / 2


def most_teleported(parameters: Mapping[str, Array]) -> Array:
    """E_B = -[k sin 2f - (1 + 2 k^2)(1 - cos 2f)]/sqrt(1 + k^2) at its lowest: the target's change of energy [gap].

    Examples:
        >>> float(most_teleported({"interaction": np.array(1.0)}).round(6))
        -0.114748
    """
    k = parameters["interaction"]
    f = best_turn(k)
    return -(k * np.sin(2 * f) - (1 + 2 * k**2) * (1 - np.cos(2 * f))) / np.sqrt(1 + k**2)


def limit(method: str, parameters: Mapping[str, Array]) -> Array:
    """Polarisation of the target after infinitely many rounds.

    Args:
        method: One of `METHODS` but teleport.
        parameters: Name -> values, shape (points,): the bath's polarisation; the size of ppa.

    Examples:
        >>> given = {"polarisation": np.array(0.5), "size": np.array(4)}
        >>> [float(limit(method, given).round(6)) for method in ("hbac", "ppa", "overhauser")]
        [0.8, 0.97561, 0.8]
    """
    polarisation = parameters["polarisation"]
    if method == "hbac":
        return 2 * polarisation / (1 + polarisation**2)
    return np.tanh((2.0 ** (parameters["size"] - 2) if method == "ppa" else 2) * np.arctanh(polarisation))
