r"""Thermal ancillas and dephasing: mixtures that a circuit has to make from pure preparations.

Each is a *coin*: with probability p the bit is 1. A thermal ancilla is X^bit |0>, dephasing is Z^bit with p = 1/2.
Four ways to toss it (option "preparation"):

    ensemble   one template for every string of bits, weighted exactly: no error of its own, 2^coins circuits
    random     strings drawn for a number of batches; the scatter of the batches is the error
    measured   RY(2 asin sqrt p), then a measurement whose outcome is discarded: one circuit
    purified   one more qubit for every coin, entangled with it and never read: one circuit

RY alone is none of them: it passes every test of the ancilla's populations, and its coherence then interferes from
one collision to the next (tests/test_collisions.py).
"""

from __future__ import annotations

import itertools
import math
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from protocols.program import Points, angle
from protocols.types import Array, RequestError

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Qubit

PREPARATIONS = ("ensemble", "random", "measured", "purified")
FEWEST_BATCHES, MOST_BATCHES = 32, 512
FLIPS = 10
"""Batches in which the rarest bit is expected, at least: the error of a random preparation is their scatter."""
MOST_MEMBERS = 256
"""Of an exact ensemble: each is a circuit in every basis."""

MOST_READS, FEW_TEMPLATES = (18, 12), 16
"""Of a circuit where there are so few templates, and of more: 4 templates of 18 reads have a million outcomes."""


@dataclass(frozen=True, kw_only=True)
class Thermal:
    """A fresh ancilla of a register, excited with a probability; in its ground state if none is named."""

    register: str
    excited: str = ""
    """Name of the probability among the protocol's values."""
    gap: float | str = 1.0
    """In units of the gap, or the name of one among the protocol's values, where it depends on the point. It may be 0
    or negative: |1> is then no higher than |0>."""
    wire: str = ""
    """Wire that serves it, which several registers may share; named like the register unless told."""

    @property
    def served(self) -> str:
        """Name of that wire."""
        return self.wire or self.register

    @property
    def tossed(self) -> bool:
        """Whether it is a mixture at all."""
        return bool(self.excited)


@dataclass(frozen=True, kw_only=True)
class Dephase:
    """Full dephasing of a wire in the energy basis."""

    wire: str
    tossed: bool = True


@dataclass(frozen=True, kw_only=True)
class Renew:
    """A qubit of the system is thrown away and another one, in its ground state, takes its place."""

    wire: str


Coin = Thermal | Dephase


def strings(coins: int) -> list[tuple[int, ...]]:
    """Every outcome of so many coins, the first coin most significant."""
    return list(itertools.product((0, 1), repeat=coins))


def probability(coin: Coin, values: Mapping[str, Array], points: int) -> Array:
    """That the bit is 1, (points,).

    Args:
        coin: An ancilla or a dephasing.
        values: Name -> probabilities, shape (points,).
        points: How many.
    """
    if isinstance(coin, Dephase):
        return np.full(points, 0.5)
    return np.broadcast_to(values[coin.excited], (points,)) if coin.tossed else np.zeros(points)


def gap_of(ancilla: Thermal, values: Mapping[str, Array]) -> Array | float:
    """Gap of an ancilla, (points,) or one number.

    Args:
        ancilla: Which.
        values: Name -> numbers of the protocol, shape (points,).
    """
    return values[ancilla.gap] if isinstance(ancilla.gap, str) else ancilla.gap


def mixing_angle(excited: Array) -> Array:
    """RY angle that excites with this probability [rad].

    Examples:
        >>> float(mixing_angle(np.array(0.5)).round(6))
        1.570796
    """
    return 2 * np.arcsin(np.sqrt(excited))


def thermal(excited: Array, qubits: int) -> Array:
    """Weights of the computational states of qubits that are alike, first qubit most significant, (points, 2**qubits).

    Args:
        excited: Excited population of each qubit, shape (points,).
        qubits: How many.

    Examples:
        >>> thermal(np.array([0.25]), 2).tolist()
        [[0.5625, 0.1875, 0.1875, 0.0625]]
    """
    total = np.ones((len(excited), 1))
    for _ in range(qubits):
        total = (total[:, :, None] * np.stack([1 - excited, excited], axis=-1)[:, None, :]).reshape(len(excited), -1)
    return total


def batches(points: Points) -> int:
    """Into how many batches of equal size a random preparation divides the shots of a point."""
    return int(points.options.get("batches", "1"))


def enough_batches(rarest: float) -> int:
    """How many batches show a string of bits of this probability.

    Raises:
        RequestError: If it takes too many.

    Examples:
        >>> enough_batches(0.3), enough_batches(0.05)
        (34, 200)
    """
    if rarest * MOST_BATCHES < FLIPS:
        raise RequestError(
            f"Argument `preparation` random must see every string of bits in {FLIPS} of {MOST_BATCHES} batches, "
            f"but the rarest has a probability of {rarest:.2g}. Use --preparation ensemble, measured or purified."
        )
    return max(FEWEST_BATCHES, math.ceil(FLIPS / rarest))


def flips(points: Points, coins: Sequence[Coin], values: Mapping[str, Array], arm: str) -> Array:
    """The bits of a random preparation, (batches, points, coins): drawn from the recorded seed, batch by batch.

    Args:
        points: The sweep, whose options hold seed and number of batches.
        coins: What is tossed, in time.
        values: Name -> probabilities, shape (points,).
        arm: Which has a stream of its own.
    """
    arms = list(points.arms).index(arm)
    number = batches(points)
    drawn = np.empty((number, len(points), len(coins)), dtype=int)
    p = np.stack([probability(coin, values, len(points)) for coin in coins], axis=-1) if coins else None
    for point in range(len(points)):
        # a stream a point, named by its own numbers, so that it is the same however the points are grouped
        key = [int(points.options["flips"]), arms, *(_bits(points, name, point) for name in points.parameters)]
        uniform = np.random.default_rng(key).random((number, len(coins)))
        drawn[:, point] = uniform < p[point] if p is not None else 0
    return drawn


def _bits(points: Points, name: str, point: int) -> int:
    return int(np.float64(points.parameters[name][point]).view(np.uint64))


def check_members(system: int, coins: int, offered: Sequence[str], counted: str) -> None:
    """Refuses an exact ensemble that has too many members.

    Args:
        system: Pure states of the system.
        coins: Coins of one circuit.
        offered: Preparations that the protocol has.
        counted: Name of the parameter that counts collisions, for the error.
    """
    others = " or ".join(name for name in ("measured", "purified", "random") if name in offered)
    if system * 2**coins > MOST_MEMBERS:
        raise RequestError(
            f"Argument `preparation` ensemble needs a circuit for each of {system} x 2^{coins} members, but at most "
            f"{MOST_MEMBERS} are allowed. Use {f'--preparation {others}, or ' if others else ''}fewer {counted}."
        )


def toss(
    circuit: QuantumCircuit,
    qubit: Qubit,
    coin: Coin,
    preparation: str,
    *,
    bit: int = 0,
    flip: str = "",
    partner: Qubit | None = None,
) -> None:
    """Appends one coin.

    Args:
        circuit: Where.
        qubit: The ancilla in its ground state, or the wire to dephase.
        coin: Which.
        preparation: One of `PREPARATIONS`.
        bit: Of this member, in an ensemble.
        flip: Name of the angle pi * bit, in a random preparation.
        partner: The fresh qubit that purifies it.
    """
    if preparation == "ensemble":
        if bit:
            (circuit.x if isinstance(coin, Thermal) else circuit.z)(qubit)
        return
    if preparation == "random":
        (circuit.rx if isinstance(coin, Thermal) else circuit.p)(angle(circuit, flip), qubit)
        return
    if isinstance(coin, Thermal):
        circuit.ry(angle(circuit, f"mixing_{coin.excited}"), qubit)
    if preparation == "measured":
        circuit.measure(qubit, _discarded(circuit))
    else:
        assert partner is not None
        circuit.cx(qubit, partner)


def _discarded(circuit: QuantumCircuit) -> typing.Any:
    """The classical bit for results that nobody reads."""
    from qiskit.circuit import ClassicalRegister

    for register in circuit.cregs:
        if register.name == "discarded":
            return register[0]
    register = ClassicalRegister(1, "discarded")
    circuit.add_register(register)
    return register[0]


def at_most(columns: int, counted: str, templates: int) -> None:
    """Refuses circuits that read too many qubits: the probability of every outcome of every template is kept.

    Args:
        columns: Reads of one circuit.
        counted: Name of the parameter that counts collisions, for the error.
        templates: Members of the ensemble, or of the batches, that have such a circuit each.
    """
    limit = MOST_READS[0] if templates <= FEW_TEMPLATES else MOST_READS[1]
    if columns > limit:
        why = "" if templates <= FEW_TEMPLATES else f" of {templates} members"
        raise RequestError(
            f"Argument `{counted}` must leave at most {limit} reads in one circuit{why}, but there are {columns}. "
            f"Run fewer {counted}; predict has no such limit. (2^{limit} = {2**limit} outcomes)"
        )
