"""Which copies of a program run side by side: as many as are asked for, or fit, or those that the user names."""

from __future__ import annotations

import functools
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from devices.chip.packing import FLOOR, SPACING, Graph, Packing, near, pack
from devices.chip.placement import places
from devices.chip.target import coupled
from devices.model import Placement
from protocols import Program, RequestError

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target

Number = int | typing.Literal["all"]


@dataclass(frozen=True, kw_only=True)
class CopiesAsked:
    """How many copies, and how near and how good."""

    number: Number = 1
    spacing: int = SPACING
    """Idle qubits between copies at least."""
    floor: float = FLOOR
    """Least score of a copy, as a fraction of the best."""
    alone: int = 0
    """Passes more in which some copies run while all others idle."""

    def __post_init__(self) -> None:
        if self.spacing < 0:
            raise RequestError(
                f"Argument `spacing` must be a whole number of idle qubits between copies, at least 0, but is "
                f"{self.spacing}. Try 1: no coupler joins two copies."
            )
        if self.alone < 0 or (self.alone and self.number == 1):
            raise RequestError(
                f"Argument `alone` must be a whole number of passes in which some of several copies idle, at least 0, "
                f"but is {self.alone} with {'1 copy' if self.number == 1 else f'{self.number} copies'}. Try --copies "
                "all --alone 2, or leave it out."
            )
        if not 0 <= self.floor <= 1:
            raise RequestError(
                f"Argument `floor` must be a fraction of the best score, from 0 to 1, but is {self.floor:g}. Try "
                f"{FLOOR:g}."
            )


ONE = CopiesAsked()
"""No other copy than the one."""


def copies_of(
    program: Program,
    target: Target,
    device_name: str,
    circuits: Sequence[QuantumCircuit],
    executed: Sequence[QuantumCircuit],
    wires: Sequence[str],
    asked: CopiesAsked,
) -> Packing:
    """Chooses where the copies are.

    Args:
        program: What every copy runs.
        target: The device, with its calibration.
        device_name: For errors.
        circuits: The templates as written, or as routed.
        executed: The same in the gates of the device.
        wires: Name of the wire on each of their qubits.
        asked: How many, how near and how good.

    Raises:
        RequestError: If so many do not fit, with the number that does.
    """
    candidates, graph = places(program, target, circuits, executed, wires), coupled(target)
    most = asked.number if isinstance(asked.number, int) else None
    if most is None or most > 0:
        found = _packed(candidates, graph, asked.spacing, asked.floor, most)
        if most is None or len(found.placements) == most:
            return found
    fitting = _packed(candidates, graph, asked.spacing, asked.floor)
    room, idle = len(fitting.placements), "1 idle qubit" if asked.spacing == 1 else f"{asked.spacing} idle qubits"
    raise RequestError(
        f"Argument `copies` must be a whole number from 1 to {room}, or all, but is {asked.number}: with {idle} "
        f"between copies and scores of at least {asked.floor:g} of the best, {room} fit on {device_name}."
        f"{_more(candidates, graph, asked, room)}"
    )


def _packed(
    candidates: Sequence[Placement], graph: Graph, spacing: int, floor: float, most: int | None = None
) -> Packing:
    """What `pack` gives, once for equal arguments: a search that its time ends may end elsewhere the next time."""
    places = tuple((tuple(place.physical.items()), place.score) for place in candidates)
    return _packed_once(places, tuple(sorted(graph.items())), spacing, floor, most)


@functools.lru_cache(maxsize=16)
def _packed_once(
    places: tuple[tuple[tuple[tuple[str, int], ...], float], ...],
    graph: tuple[tuple[int, frozenset[int]], ...],
    spacing: int,
    floor: float,
    most: int | None,
) -> Packing:
    candidates = [Placement(copy=0, physical=dict(physical), score=score) for physical, score in places]
    return pack(candidates, dict(graph), spacing=spacing, floor=floor, most=most)


def _more(candidates: Sequence[Placement], graph: Graph, asked: CopiesAsked, room: int) -> str:
    """What would let more fit; empty where nothing is asked that is in the way."""
    if not isinstance(asked.number, int) or asked.number < 1:
        return ""
    other = [
        (words, len(_packed(candidates, graph, spacing, floor).placements))
        for words, spacing, floor in (("--floor 0", asked.spacing, 0.0), ("--spacing 0", 0, asked.floor))
    ]
    told = [f"{number} would with {words}" for words, number in other if number > room]
    return f" {', '.join(told)}." if told else ""


def named_copies(qubits: Sequence[int], wires: Sequence[str], number: Number) -> list[tuple[int, ...]]:
    """Physical qubits that the user named, copy by copy.

    Args:
        qubits: All of them, the first copy's first.
        wires: Names of the wires of a copy, in the order in which they are named.
        number: Copies that are asked for; 1 where nobody asked.

    Raises:
        RequestError: If they are no whole copies, not so many, or share a qubit.

    Examples:
        >>> named_copies((4, 5, 9, 10), ("A", "B"), "all")
        [(4, 5), (9, 10)]
    """
    size = len(wires)
    listed = ",".join(map(str, qubits))
    whole = len(qubits) // size if len(qubits) % size == 0 else 0
    if not whole or (isinstance(number, int) and number != whole):
        wanted = f"{number} copies" if isinstance(number, int) else "whole copies"
        raise RequestError(
            f"Argument `qubits` must name {size} qubits a copy, in the order {','.join(wires)}, for {wanted}, but is "
            f"{listed}, which are {len(qubits)}. Leave out --qubits, or --copies."
        )
    if twice := sorted({qubit for qubit in qubits if qubits.count(qubit) > 1}):
        raise RequestError(
            f"Argument `qubits` must be different qubits for all copies, but {', '.join(map(str, twice))} stands more "
            f"than once in {listed}. Leave out --qubits, or name others."
        )
    return [tuple(qubits[i : i + size]) for i in range(0, len(qubits), size)]


def named_packing(found: Sequence[Placement], target: Target, best: float) -> Packing:
    """What there is to say of copies that the user named.

    Args:
        found: Their places.
        target: The device.
        best: Score of the best place of the device.
    """
    graph, scores = coupled(target), [place.score for place in found]
    numbered = tuple(replace(place, copy=copy) for copy, place in enumerate(found))
    return Packing(
        placements=numbered,
        spacing=_nearest(numbered, graph),
        floor=min(scores) / best,
        allowed=len(found),
        gain=sum(scores) / best,
        bound=sum(scores) / best,
        greedy=len(found),
        greedy_gain=sum(scores) / best,
        exact=True,
    )


def _nearest(found: Sequence[Placement], graph: Mapping[int, frozenset[int]]) -> int:
    """Idle qubits between the two copies that are nearest to each other."""
    taken = [frozenset(place.physical.values()) for place in found]
    if len(taken) < 2:
        return 0
    for distance in range(1, len(graph) + 1):
        grown = [near(own, graph, distance) for own in taken]
        if any(not one.isdisjoint(other) for i, one in enumerate(grown) for j, other in enumerate(taken) if i != j):
            return distance - 1
    return len(graph)
