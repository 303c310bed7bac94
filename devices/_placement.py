"""Which physical qubits: the best-scoring place where every two-qubit gate of the program has a coupler.

The score is the estimated probability that nothing goes wrong,

    prod over couplers (1 - e_2)^gates * prod over read qubits (1 - e_readout)
    * prod over qubits exp(-t (1/T1 + 1/T2)/2),

with t the two-qubit time of the longest template: a ranking, not a prediction. Templates that fit nowhere as they
are written are rewritten for a line of wires first (`_routing`).
"""

from __future__ import annotations

import itertools
import math
import typing
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from devices._job import Placement
from devices._routing import cost
from protocols import Program, RequestError

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target

# A gate or a readout reported at an error of 0.5 or more is switched off or broken, whatever else it says.
_UNUSABLE = 0.5
# Operations that a template may not contain, so that their calibration does not matter.
_UNUSED = {"delay", "id", "reset", "reset_2", "measure_2"}
# Embeddings examined at most: above any heavy-hex count, a bound for dense lattices.
_EMBEDDINGS = 200_000


def place(program: Program, target: Target, device: str, circuits: Sequence[QuantumCircuit] = ()) -> Placement:
    """The best place for the wires of a program on a device.

    Args:
        program: All templates; their wires are the one-qubit registers.
        target: The device, with its calibration.
        device: Its name, for the error.
        circuits: The templates as they will run, where they were rewritten.

    Raises:
        RequestError: If no set of connected, usable qubits can hold the program.
    """
    circuits = circuits or [block.circuit for block in program.blocks]
    quality = _quality(target)
    gates, wires = _interactions(circuits)
    read = qubits_read(program)
    broken = _broken(target, {name for circuit in circuits for name in circuit.count_ops()})
    allowed = [
        e
        for e in itertools.islice(_embeddings(target, gates, wires), _EMBEDDINGS)
        if broken.isdisjoint(e.values()) and all(quality.readout[e[name]] < _UNUSABLE for name in read)
    ]
    if not allowed:
        raise RequestError(
            f"Argument `device` must offer {len(wires)} usable qubits coupled as {_shape(gates)}, but "
            f"{device} has {target.num_qubits} qubits and {len(quality.couplers)} usable couplers. Choose another "
            "device."
        )
    best = max(allowed, key=lambda e: (quality.score(gates, read, e), [-q for q in e.values()]))
    return Placement(copy=0, physical=best, score=math.exp(quality.score(gates, read, best)))


def fits(circuits: Sequence[QuantumCircuit], target: Target) -> bool:
    """Whether the device has a coupler for every two-qubit gate of the templates as they are written."""
    return next(_embeddings(target, *_interactions(circuits)), None) is not None


def qubits_read(program: Program) -> tuple[str, ...]:
    """Every qubit that any setting reads, of the system and of its ancillas, in the order of the outcomes."""
    return tuple(dict.fromkeys(outcome.qubit for block in program.blocks for outcome in block.setting.outcomes))


def _embeddings(target: Target, gates: Mapping[tuple[str, str], int], wires: Sequence[str]) -> Iterator[dict[str, int]]:
    """Every way to lay the wires on the chip with a usable coupler under each pair that has gates."""
    import rustworkx

    chip, pattern = rustworkx.PyGraph(), rustworkx.PyGraph()
    chip.add_nodes_from(range(target.num_qubits or 0))
    chip.add_edges_from([(a, b, None) for a, b in _couplers(target)])
    pattern.add_nodes_from(wires)
    pattern.add_edges_from([(wires.index(a), wires.index(b), None) for a, b in gates])
    for mapping in rustworkx.vf2_mapping(chip, pattern, subgraph=True, induced=False):
        yield {wires[wire]: qubit for qubit, wire in mapping.items()}


def calibration_of(target: Target, placement: Placement) -> dict[str, object]:
    """Errors and lifetimes of the chosen qubits and couplers, for the run record."""
    couplers = _couplers(target)
    name = {qubit: wire for wire, qubit in placement.physical.items()}
    lifetimes = {wire: _lifetimes(target, qubit) for wire, qubit in placement.physical.items()}
    return {
        "qubits": {
            wire: {
                "physical": qubit,
                "readout_error": _readout(target, qubit),
                "T1_seconds": lifetimes[wire][0],
                "T2_seconds": lifetimes[wire][1],
            }
            for wire, qubit in placement.physical.items()
        },
        "couplers": {
            f"{name[a]}-{name[b]}": {"error": error, "duration_seconds": duration}
            for (a, b), (error, duration) in couplers.items()
            if a in name and b in name
        },
    }


def usable(properties: object) -> bool:
    """Whether a reported error leaves a gate usable; one that is not reported does."""
    error = getattr(properties, "error", None)
    return error is None or error < _UNUSABLE


def _broken(target: Target, used: set[str]) -> set[int]:
    """Qubits with a one-qubit operation that is not usable, of all that any template may become and of those used."""
    return {
        qubits[0]
        for name in target.operation_names
        if name not in (_UNUSED - used) | {"measure"}
        for qubits, properties in (target[name] or {}).items()
        if qubits is not None and len(qubits) == 1 and not usable(properties)
    }


def _couplers(target: Target) -> dict[tuple[int, int], tuple[float, float]]:
    """Usable couplers, a < b: the error and duration of the better gate or direction."""
    found: dict[tuple[int, int], tuple[float, float]] = {}
    for name in target.operation_names:
        for qubits, properties in (target[name] or {}).items():
            if qubits is None or len(qubits) != 2:
                continue
            error = getattr(properties, "error", None) or 0.0
            duration = getattr(properties, "duration", None) or 0.0
            pair = (min(qubits), max(qubits))
            if usable(properties) and (pair not in found or error < found[pair][0]):
                found[pair] = (error, duration)
    return found


def _interactions(circuits: Sequence[QuantumCircuit]) -> tuple[dict[tuple[str, str], int], list[str]]:
    """Two-qubit gates on each pair of wires in the heaviest template, and all wires."""
    heaviest: Counter[tuple[str, str]] = Counter()
    wires: dict[str, None] = {}
    for circuit in circuits:
        name = {register[0]: register.name for register in circuit.qregs}
        wires |= dict.fromkeys(name.values())
        here: Counter[tuple[str, str]] = Counter()
        for instruction in circuit.data:
            if len(instruction.qubits) == 2 and instruction.operation.name != "barrier":
                pair = typing.cast("tuple[str, str]", tuple(sorted(name[q] for q in instruction.qubits)))
                here[pair] += cost(instruction.operation.name)
        heaviest |= here
    return dict(heaviest), list(wires)


@dataclass(frozen=True, eq=False)
class _Quality:
    """What the score needs of a device, looked up once for all places."""

    couplers: Mapping[tuple[int, int], tuple[float, float]]
    readout: tuple[float, ...]
    """Readout error of each qubit."""
    rates: tuple[tuple[float, ...], ...]
    """1/T1 and 1/T2 of each qubit, as far as they are known."""

    def score(self, gates: Mapping[tuple[str, str], int], read: Sequence[str], physical: Mapping[str, int]) -> float:
        """Logarithm of the probability that nothing goes wrong."""
        logarithm, busy = 0.0, 0.0
        for (a, b), count in gates.items():
            pair = (min(physical[a], physical[b]), max(physical[a], physical[b]))
            error, duration = self.couplers[pair]
            logarithm += count * math.log1p(-error)
            busy += count * duration
        logarithm += sum(math.log1p(-self.readout[physical[name]]) for name in read)
        return logarithm - busy * sum(rate for qubit in physical.values() for rate in self.rates[qubit]) / 2


def _quality(target: Target) -> _Quality:
    qubits = range(target.num_qubits or 0)
    return _Quality(
        couplers=_couplers(target),
        readout=tuple(_readout(target, qubit) for qubit in qubits),
        rates=tuple(tuple(1 / t for t in _lifetimes(target, qubit) if t) for qubit in qubits),
    )


def _readout(target: Target, qubit: int) -> float:
    measure = target["measure"] if "measure" in target.operation_names else {}
    return getattr(measure.get((qubit,)), "error", None) or 0.0


def _lifetimes(target: Target, qubit: int) -> tuple[float | None, float | None]:
    properties = target.qubit_properties[qubit] if target.qubit_properties else None
    return getattr(properties, "t1", None), getattr(properties, "t2", None)


def _shape(gates: Mapping[tuple[str, str], int]) -> str:
    return ", ".join(f"{a}-{b}" for a, b in gates)
