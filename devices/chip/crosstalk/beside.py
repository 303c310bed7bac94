"""What copies have to do with each other on the chip: which are neighbours, and which finish early."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence

from devices.chip.outcomes import MEASUREMENTS
from devices.chip.packing import Graph, near
from devices.model import Placement

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target


def neighbours(placements: Sequence[Placement], graph: Graph, spacing: int) -> list[list[int]]:
    """Pairs of copies with as few idle qubits between them as there may be at all.

    Args:
        placements: Of every copy.
        graph: Qubit -> the qubits that a coupler joins to it.
        spacing: Idle qubits between copies at least.

    Returns:
        Numbers of both, the smaller first, in order.

    Examples:
        >>> line = {0: frozenset({1}), 1: frozenset({0, 2}), 2: frozenset({1, 3}), 3: frozenset({2})}
        >>> places = [Placement(copy=c, physical={"A": q}, score=1.0) for c, q in enumerate((0, 2, 3))]
        >>> neighbours(places, line, 1)
        [[0, 1], [1, 2]]
    """
    reached = [near(place.physical.values(), graph, spacing + 1) for place in placements]
    taken = [frozenset(place.physical.values()) for place in placements]
    return [
        [first, second]
        for first in range(len(placements))
        for second in range(first + 1, len(placements))
        if not reached[first].isdisjoint(taken[second])
    ]


def alone_in_turns(copies: int, neighbours: Sequence[Sequence[int]], passes: int) -> list[list[int]]:
    """The copies that run in each pass in which all others idle: never two neighbours, and never all.

    Where there are as many passes as neighbours need kept apart, every copy has one turn, and turns are about equally
    many: the more passes, the fewer copies run at once. With fewer passes as many copies as can be have one.

    Args:
        copies: How many there are.
        neighbours: Pairs of them.
        passes: Such passes.

    Examples:
        >>> line = [[0, 1], [1, 2], [2, 3], [3, 4]]
        >>> alone_in_turns(5, line, 2), alone_in_turns(5, line, 1)
        ([[0, 2, 4], [1, 3]], [[0, 2, 4]])
    """
    beside: dict[int, set[int]] = {copy: set() for copy in range(copies)}
    for one, other in neighbours:
        beside[one].add(other)
        beside[other].add(one)
    even = _turns(beside, max(2, passes))
    if len(even) <= passes:
        return even
    return sorted(_turns(beside, 0) if neighbours else even, key=len, reverse=True)[:passes]


def _turns(beside: Mapping[int, set[int]], spread: int) -> list[list[int]]:
    """Copies in turns without neighbours: in the emptiest of so many, or in the first that is free of neighbours."""
    turns: list[list[int]] = [[] for _ in range(spread)]
    for copy, others in beside.items():
        free = [turn for turn in turns if others.isdisjoint(turn)]
        if not free:
            turns.append(own := [])
        else:
            own = min(free, key=len) if spread else free[0]
        own.append(copy)
    return [turn for turn in turns if turn]


def durations(executed: Sequence[QuantumCircuit], placements: Sequence[Placement], target: Target) -> list[float]:
    """How long the longest circuit takes on each copy until its first readout of register "c" [s].

    Args:
        executed: Circuits of a copy; wire i is the i-th qubit of its placement.
        placements: Of every copy.
        target: The device; an instruction without a duration takes none.
    """
    longest = max(executed, key=lambda circuit: sum(len(one.qubits) for one in circuit.data if one.name != "barrier"))
    return [_duration(longest, list(place.physical.values()), target) for place in placements]


def _duration(circuit: QuantumCircuit, physical: Sequence[int], target: Target) -> float:
    """The end of the last instruction that is no measurement at the end, each begun when its qubits are free."""
    free = dict.fromkeys(physical, 0.0)
    last = dict.fromkeys(physical, 0.0)
    for instruction in circuit.data:
        qubits = tuple(physical[circuit.find_bit(qubit).index] for qubit in instruction.qubits)
        begin = max((free[qubit] for qubit in qubits), default=0.0)
        end = begin + _seconds(instruction, qubits, target)
        for qubit in qubits:
            free[qubit] = end
            if instruction.name not in (*MEASUREMENTS, "barrier"):
                last[qubit] = end
    return max(last.values())


def _seconds(instruction: typing.Any, qubits: tuple[int, ...], target: Target) -> float:
    if instruction.name == "delay":
        unit = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "dt": target.dt or 0.0}
        return float(instruction.operation.params[0]) * unit.get(instruction.operation.unit, 0.0)
    if instruction.name not in target.operation_names:
        return 0.0
    known: Mapping[tuple[int, ...], typing.Any] = target[instruction.name] or {}
    properties = known.get(qubits)
    return float(getattr(properties, "duration", None) or 0.0)
