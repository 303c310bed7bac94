"""How good a place on the chip is.

The score is the estimated probability that nothing goes wrong in one shot,

    prod over couplers (1 - e_2)^gates * prod over read qubits (1 - e_readout)
    * prod over qubits exp(-t (1/T1 + 1/T2)/2),

with t the two-qubit time of the longest template: a ranking, not a prediction.
"""

from __future__ import annotations

import math
import typing
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from devices.chip.amid import read_on_the_way
from devices.chip.routing.rewriting import cost
from devices.chip.target import couplers, lifetimes, readout_error

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target

Physical = Mapping[str, int]
"""Wire -> physical qubit."""


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What templates ask of a place."""

    wires: tuple[str, ...]
    gates: Mapping[tuple[str, str], int]
    """Two-qubit gates on each pair of wires in the heaviest template."""
    read: tuple[str, ...]
    """Wires whose results are wanted."""
    on_the_way: frozenset[str] = frozenset()
    """Those of them that are read before their end, by a faster measurement where the device has one."""

    @property
    def shape(self) -> str:
        """The pairs that need a coupler, in words."""
        return ", ".join(f"{a}-{b}" for a, b in self.gates)


def demand(circuits: Iterable[QuantumCircuit], read: Sequence[str]) -> Demand:
    """What templates on named one-qubit registers ask of a place.

    Args:
        circuits: Templates, of which each pair of wires has the gates of the heaviest.
        read: Wires whose results are wanted.
    """
    heaviest: Counter[tuple[str, str]] = Counter()
    wires: dict[str, None] = {}
    early: set[str] = set()
    for circuit in circuits:
        name = {register[0]: register.name for register in circuit.qregs}
        wires |= dict.fromkeys(name.values())
        early |= {name[qubit] for qubit in read_on_the_way(circuit)}
        here: Counter[tuple[str, str]] = Counter()
        for instruction in circuit.data:
            if len(instruction.qubits) == 2 and instruction.operation.name != "barrier":
                pair = typing.cast("tuple[str, str]", tuple(sorted(name[q] for q in instruction.qubits)))
                here[pair] += cost(instruction.operation.name)
        heaviest |= here
    return Demand(wires=tuple(wires), gates=dict(heaviest), read=tuple(read), on_the_way=frozenset(early))


@dataclass(frozen=True, eq=False)
class Quality:
    """What the score needs of a device, looked up once for all places."""

    couplers: Mapping[tuple[int, int], tuple[float, float]]
    """Error and duration [s] of each usable coupler."""
    readout: tuple[float, ...]
    """Readout error of each qubit."""
    readout_on_the_way: tuple[float, ...]
    """The same of a wire that is read on the way: of the faster measurement, where the qubit has it."""
    rates: tuple[tuple[float, ...], ...]
    """1/T1 and 1/T2 of each qubit, as far as they are known."""

    def logarithm(self, demand: Demand, physical: Physical) -> float:
        """Logarithm of the score.

        Args:
            demand: What the templates ask for.
            physical: Where the wires are, with a usable coupler under each pair that has gates.
        """
        logarithm, busy = 0.0, 0.0
        for (a, b), count in demand.gates.items():
            error, duration = self.couplers[_coupler_of(physical, a, b)]
            logarithm += count * math.log1p(-error)
            busy += count * duration
        logarithm += sum(math.log1p(-self.readout_error(demand, name, physical)) for name in demand.read)
        return logarithm - busy * sum(rate for qubit in physical.values() for rate in self.rates[qubit]) / 2

    def readout_error(self, demand: Demand, wire: str, physical: Physical) -> float:
        """Readout error of a wire, by the measurement that reads it.

        Args:
            demand: What the templates ask for.
            wire: One of those that are read.
            physical: Where the wires are.
        """
        return (self.readout_on_the_way if wire in demand.on_the_way else self.readout)[physical[wire]]

    def factors(self, demand: Demand, physical: Physical) -> dict[str, object]:
        """The score taken apart: `gates` by coupler, `readout` by wire, `relaxation`; their product is the score.

        Args:
            demand: What the templates ask for.
            physical: Where the wires are, with a usable coupler under each pair that has gates.
        """
        gates: dict[str, dict[str, float]] = {}
        busy = 0.0
        for (a, b), count in demand.gates.items():
            error, duration = self.couplers[_coupler_of(physical, a, b)]
            gates[f"{a}-{b}"] = {"gates": count, "error": error, "factor": (1 - error) ** count}
            busy += count * duration
        errors = {name: self.readout_error(demand, name, physical) for name in demand.read}
        rate = sum(rate for qubit in physical.values() for rate in self.rates[qubit])
        return {
            "gates": gates,
            "readout": {name: {"error": error, "factor": 1 - error} for name, error in errors.items()},
            "relaxation": {"busy_seconds": busy, "factor": math.exp(-busy * rate / 2)},
        }


def quality(target: Target) -> Quality:
    """Reads a device's calibration."""
    qubits = range(target.num_qubits or 0)
    return Quality(
        couplers=couplers(target),
        readout=tuple(readout_error(target, qubit) for qubit in qubits),
        readout_on_the_way=tuple(readout_error(target, qubit, on_the_way=True) for qubit in qubits),
        rates=tuple(tuple(1 / t for t in lifetimes(target, qubit) if t) for qubit in qubits),
    )


def calibration_of(target: Target, physical: Physical, faster: Container[str] = ()) -> dict[str, object]:
    """Errors and lifetimes of the chosen qubits and couplers, for the run record.

    Args:
        target: The device, with its calibration.
        physical: Wire -> physical qubit.
        faster: Wires that `measure_2` reads.
    """
    name = {qubit: wire for wire, qubit in physical.items()}
    known = {wire: lifetimes(target, qubit) for wire, qubit in physical.items()}
    return {
        "qubits": {
            wire: {
                "physical": qubit,
                "readout_error": readout_error(target, qubit, on_the_way=wire in faster),
                **({"read_by": "measure_2"} if wire in faster else {}),
                "T1_seconds": known[wire][0],
                "T2_seconds": known[wire][1],
            }
            for wire, qubit in physical.items()
        },
        "couplers": {
            f"{name[a]}-{name[b]}": {"error": error, "duration_seconds": duration}
            for (a, b), (error, duration) in couplers(target).items()
            if a in name and b in name
        },
    }


def _coupler_of(physical: Physical, a: str, b: str) -> tuple[int, int]:
    return min(physical[a], physical[b]), max(physical[a], physical[b])
