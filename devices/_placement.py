"""Which physical qubits: the best-scoring place where every two-qubit gate of the program has a coupler.

The score is the estimated probability that nothing goes wrong,

    prod over couplers (1 - e_2)^gates * prod over read qubits (1 - e_readout)
    * prod over qubits exp(-t (1/T1 + 1/T2)/2),

with t the two-qubit time of the longest template: a ranking, not a prediction.
"""

from __future__ import annotations

import itertools
import math
import typing
from collections import Counter
from collections.abc import Mapping, Sequence

from devices._job import Placement
from protocols import Program, RequestError

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target

# A gate or a readout reported at an error of 0.5 or more is switched off or broken, whatever else it says.
_UNUSABLE = 0.5
# Operations that no template here contains, so their calibration does not matter.
_UNUSED = {"delay", "id", "reset", "reset_2", "measure_2"}
# Embeddings examined at most: above any heavy-hex count, a bound for dense lattices.
_EMBEDDINGS = 200_000


def place(program: Program, target: Target, device: str) -> Placement:
    """The best place for the wires of a program on a device.

    Args:
        program: All templates; their wires are the one-qubit registers.
        target: The device, with its calibration.
        device: Its name, for the error.

    Raises:
        RequestError: If no set of connected, usable qubits can hold the program.
    """
    import rustworkx

    couplers = _couplers(target)
    gates, wires = _interactions([block.circuit for block in program.blocks])
    chip, pattern = rustworkx.PyGraph(), rustworkx.PyGraph()
    chip.add_nodes_from(range(target.num_qubits or 0))
    chip.add_edges_from([(a, b, None) for a, b in couplers])
    pattern.add_nodes_from(wires)
    pattern.add_edges_from([(wires.index(a), wires.index(b), None) for a, b in gates])
    found = itertools.islice(rustworkx.vf2_mapping(chip, pattern, subgraph=True, induced=False), _EMBEDDINGS)
    embeddings = [{wires[wire]: qubit for qubit, wire in mapping.items()} for mapping in found]
    read = program.experiment.qubits
    broken = _broken(target)
    allowed = [
        e
        for e in embeddings
        if broken.isdisjoint(e.values()) and all(_readout(target, e[name]) < _UNUSABLE for name in read)
    ]
    if not allowed:
        raise RequestError(
            f"Argument `device` must offer {len(wires)} usable qubits coupled as {_shape(gates)}, but "
            f"{device} has {target.num_qubits} qubits and {len(couplers)} usable couplers. Choose another device."
        )
    best = max(allowed, key=lambda e: (_score(target, couplers, gates, read, e), [-q for q in e.values()]))
    return Placement(copy=0, physical=best, score=math.exp(_score(target, couplers, gates, read, best)))


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


def _broken(target: Target) -> set[int]:
    """Qubits with a one-qubit gate that is not usable."""
    return {
        qubits[0]
        for name in target.operation_names
        if name not in _UNUSED | {"measure"}
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
                # a partial swap costs two entangling gates, a CNOT one
                pair = typing.cast("tuple[str, str]", tuple(sorted(name[q] for q in instruction.qubits)))
                here[pair] += 2 if instruction.operation.name == "xx_plus_yy" else 1
        heaviest |= here
    return dict(heaviest), list(wires)


def _score(
    target: Target,
    couplers: Mapping[tuple[int, int], tuple[float, float]],
    gates: Mapping[tuple[str, str], int],
    read: Sequence[str],
    physical: Mapping[str, int],
) -> float:
    logarithm, busy = 0.0, 0.0
    for (a, b), count in gates.items():
        pair = (min(physical[a], physical[b]), max(physical[a], physical[b]))
        error, duration = couplers[pair]
        logarithm += count * math.log1p(-error)
        busy += count * duration
    logarithm += sum(math.log1p(-_readout(target, physical[name])) for name in read)
    rates = [1 / t for qubit in physical.values() for t in _lifetimes(target, qubit) if t]
    return logarithm - busy * sum(rates) / 2


def _readout(target: Target, qubit: int) -> float:
    measure = target["measure"] if "measure" in target.operation_names else {}
    return getattr(measure.get((qubit,)), "error", None) or 0.0


def _lifetimes(target: Target, qubit: int) -> tuple[float | None, float | None]:
    properties = target.qubit_properties[qubit] if target.qubit_properties else None
    return getattr(properties, "t1", None), getattr(properties, "t2", None)


def _shape(gates: Mapping[tuple[str, str], int]) -> str:
    return ", ".join(f"{a}-{b}" for a, b in gates)
