"""Which physical qubits: those named, or the best-scoring place where every two-qubit gate has a coupler.

Templates that fit nowhere as they are written are rewritten for a line of wires first (`routing`).
"""

from __future__ import annotations

import itertools
import math
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from devices.chip.score import Demand, Physical, Quality, demand, quality
from devices.chip.target import UNUSABLE, broken, couplers, usable
from devices.model import Placement
from protocols import Program, RequestError

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target

# Embeddings examined at most: above any heavy-hex count, a bound for dense lattices.
_EMBEDDINGS = 200_000
Able = Callable[[Physical], bool]
"""Whether templates that were made executable for one place can run on another."""
# Two qubits, both read, and the gates of a correlated member: one to prepare, two for the partial swap.
_PAIR = Demand(wires=("A", "B"), gates={("A", "B"): 3}, read=("A", "B"))


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """A place, and what speaks for it."""

    placement: Placement
    factors: Mapping[str, object]
    """The score taken apart: see `Quality.factors`."""
    named: bool
    """Whether the user named the qubits."""
    examined: int
    """Sets of qubits that could have been chosen."""
    best: float
    """Score of the best place that there is."""
    runner_up: Placement | None
    """The best of the others; where the user named the qubits it may have the higher score."""

    def explained(self) -> dict[str, object]:
        """For the run record."""
        other = self.runner_up
        return {
            "value": self.placement.score,
            **self.factors,
            "named": self.named,
            "examined": self.examined,
            "runner_up": other and {"physical": dict(other.physical), "score": other.score},
        }


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two coupled qubits."""

    qubits: tuple[int, int]
    score: float
    """Estimated probability that one shot of a correlated heat exchange runs without an error."""
    gate_error: float
    readout_errors: tuple[float, float]


def place(
    program: Program,
    target: Target,
    device: str,
    circuits: Sequence[QuantumCircuit] = (),
    qubits: Sequence[int] | None = None,
) -> Choice:
    """The best place for the wires of a program on a device, or the named one.

    Args:
        program: All templates; their wires are the one-qubit registers.
        target: The device, with its calibration.
        device: Its name, for the error.
        circuits: The templates as they will run, where they were rewritten.
        qubits: Physical qubits that the user names: the first wire sits on the first, and so on.

    Raises:
        RequestError: If no set of connected, usable qubits can hold the program, or those named cannot.
    """
    circuits = circuits or [block.circuit for block in program.blocks]
    wanted, known = demand(circuits, qubits_read(program)), quality(target)
    dead = broken(target, {name for circuit in circuits for name in circuit.count_ops()})
    ranked = _places_by_score(target, wanted, known, dead)
    if qubits is not None:
        best = _named_place(tuple(qubits), wanted, known, dead, device, ranked)
    elif ranked:
        best = ranked[0]
    else:
        raise RequestError(
            f"Argument `device` must offer {len(wanted.wires)} usable qubits coupled as {wanted.shape}, but "
            f"{device} has {target.num_qubits} qubits and {len(known.couplers)} usable couplers. Choose another "
            "device."
        )
    others = (place for place in ranked if {*place.physical.values()} != {*best.physical.values()})
    return Choice(
        placement=best,
        factors=known.factors(wanted, best.physical),
        named=qubits is not None,
        examined=len(ranked),
        best=ranked[0].score if ranked else best.score,
        runner_up=next(others, None),
    )


def places(
    program: Program,
    target: Target,
    circuits: Sequence[QuantumCircuit],
    executed: Sequence[QuantumCircuit],
    wires: Sequence[str],
) -> list[Placement]:
    """Every place that can run templates as they were made executable for one of them, the best first.

    Args:
        program: All templates.
        target: The device, with its calibration.
        circuits: The templates as written, or as routed.
        executed: The same in the gates of the device.
        wires: Name of the wire on each of their qubits; the qubits of every place are in this order.
    """
    wanted, known = demand(circuits, qubits_read(program)), quality(target)
    dead = broken(target, {name for circuit in circuits for name in circuit.count_ops()})
    runs = runs_on(target, executed)
    found = _places_by_score(target, wanted, known, dead, lambda physical: runs([physical[wire] for wire in wires]))
    return [replace(place, physical={wire: place.physical[wire] for wire in wires}) for place in found]


def runs_on(target: Target, executed: Sequence[QuantumCircuit]) -> Callable[[Sequence[int]], bool]:
    """Whether templates that were made executable for one place have all of their instructions on another.

    Args:
        target: The device, with its calibration.
        executed: Templates in the gates of the device.

    Returns:
        A function of the physical qubits of a place, in the order of the templates' qubits.
    """
    needed = {
        (instruction.operation.name, tuple(circuit.find_bit(qubit).index for qubit in instruction.qubits))
        for circuit in executed
        for instruction in circuit.data
    }
    calibrated = {name: target[name] for name, _ in needed if name in target.operation_names and target[name]}
    bound = [(calibrated[name], where) for name, where in needed if name in calibrated and None not in calibrated[name]]

    def runs(qubits: Sequence[int]) -> bool:
        on_chip = ((of, tuple(qubits[wire] for wire in where)) for of, where in bound)
        return all(place in of and usable(of[place]) for of, place in on_chip)

    return runs


def best_pairs(target: Target, count: int = 1) -> tuple[Pair, ...]:
    """The best coupled pairs of a device, best first; fewer than asked for where it has fewer.

    The score is that of a correlated member of the default heat exchange: three two-qubit gates, both qubits read.

    Args:
        target: The device, with its calibration.
        count: How many.
    """
    known = quality(target)
    return tuple(
        Pair(
            qubits=(a, b),
            score=place.score,
            gate_error=known.couplers[min(a, b), max(a, b)][0],
            readout_errors=(known.readout[a], known.readout[b]),
        )
        for place in _places_by_score(target, _PAIR, known, broken(target, set()))[:count]
        for a, b in [place.physical.values()]
    )


def fits(circuits: Sequence[QuantumCircuit], target: Target) -> bool:
    """Whether the device has a coupler for every two-qubit gate of the templates as they are written.

    Args:
        circuits: Templates on named one-qubit registers.
        target: The device, with its calibration.
    """
    return next(_embeddings(target, demand(circuits, ())), None) is not None


def qubits_read(program: Program) -> tuple[str, ...]:
    """Every qubit that any setting reads, of the system and of its ancillas, in the order of the outcomes."""
    return tuple(dict.fromkeys(outcome.qubit for block in program.blocks for outcome in block.setting.outcomes))


def _embeddings(target: Target, wanted: Demand) -> Iterator[Physical]:
    """Every way to lay the wires on the chip with a usable coupler under each pair that has gates."""
    import rustworkx

    wires = wanted.wires
    chip, pattern = rustworkx.PyGraph(), rustworkx.PyGraph()
    chip.add_nodes_from(range(target.num_qubits or 0))
    chip.add_edges_from([(a, b, None) for a, b in couplers(target)])
    pattern.add_nodes_from(wires)
    pattern.add_edges_from([(wires.index(a), wires.index(b), None) for a, b in wanted.gates])
    for mapping in rustworkx.vf2_mapping(chip, pattern, subgraph=True, induced=False):
        yield {wires[wire]: qubit for qubit, wire in mapping.items()}


def _places_by_score(
    target: Target, wanted: Demand, known: Quality, dead: set[int], able: Able = lambda physical: True
) -> list[Placement]:
    """Every set of usable qubits that can hold the wires, each in its best order; the best first."""
    best: dict[frozenset[int], tuple[tuple[float, list[int]], Physical]] = {}
    for physical in itertools.islice(_embeddings(target, wanted), _EMBEDDINGS):
        if _broken_qubits(physical, wanted, known, dead) or not able(physical):
            continue
        rank = known.logarithm(wanted, physical), [-qubit for qubit in physical.values()]
        where = frozenset(physical.values())
        if where not in best or rank > best[where][0]:
            best[where] = rank, physical
    ordered = sorted(best.values(), key=lambda one: one[0], reverse=True)
    return [Placement(copy=0, physical=physical, score=math.exp(rank[0])) for rank, physical in ordered]


def _broken_qubits(physical: Physical, wanted: Demand, known: Quality, dead: set[int]) -> list[int]:
    """Qubits of a place with a gate or a wanted readout that is broken."""
    blind = [physical[name] for name in wanted.read if not known.readout_error(wanted, name, physical) < UNUSABLE]
    return sorted({*blind, *dead.intersection(physical.values())})


def _named_place(
    qubits: tuple[int, ...], wanted: Demand, known: Quality, dead: set[int], device: str, ranked: Sequence[Placement]
) -> Placement:
    """The named qubits as a place, the first wire on the first.

    Raises:
        RequestError: If they are not on the chip, repeated, too many or few, broken, or not coupled where gates are.
    """
    wires, size = wanted.wires, len(known.readout)
    listed = ",".join(map(str, qubits))
    near = sorted(ranked, key=lambda place: (-len({*place.physical.values()} & {*qubits}), -place.score))[:2]
    good = " or ".join(",".join(str(place.physical[wire]) for wire in wires) for place in near)
    repair = f"Try --qubits {good}." if good else "Choose another device."

    def refused(rule: str, but: str) -> RequestError:
        return RequestError(f"Argument `qubits` must {rule}, but {but}. {repair}")

    if any(not 0 <= qubit < size for qubit in qubits):
        raise refused(f"be among 0..{size - 1} of {device}", f"is {listed}")
    if len(set(qubits)) < len(qubits):
        raise refused("be different qubits", f"is {listed}")
    if len(qubits) != len(wires):
        raise refused(f"name one qubit for each wire, in the order {','.join(wires)}", f"is {listed}")
    physical = dict(zip(wires, qubits, strict=True))
    if bad := _broken_qubits(physical, wanted, known, dead):
        names = ", ".join(map(str, bad))
        raise refused(f"be usable, with errors of gates and readout below {UNUSABLE}", f"{names} of {device} is not")
    pairs = [(physical[a], physical[b]) for a, b in wanted.gates]
    if apart := [f"{a} and {b}" for a, b in pairs if (min(a, b), max(a, b)) not in known.couplers]:
        raise refused(
            f"be coupled as {wanted.shape}, with {','.join(wires)} in this order",
            f"{apart[0]} have no usable coupler on {device}",
        )
    return Placement(copy=0, physical=physical, score=math.exp(known.logarithm(wanted, physical)))
