"""Exact outcome probabilities of a program on a coupler, with coherent errors that its calibration does not have."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from qiskit.circuit.library import RXGate, RZGate, RZZGate, UnitaryGate, XXPlusYYGate
from qiskit_aer import AerSimulator
from qiskit_aer.library import SaveProbabilities
from qiskit_ibm_runtime.fake_provider import FakeFez

from devices import HardwareOptions, open_device
from devices.chip import sub_target
from devices.simulators.noise import noise_model, readout_errors
from protocols import Array, Program

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit

COHERENT: Mapping[str, Mapping[str, float]] = {
    "calibration alone": {},
    "ZZ 0.04 per CZ": {"zz": 0.04},
    "ZZ 0.04, Z 0.03 per CZ, X 0.01 per sx": {"zz": 0.04, "z": 0.03, "x": 0.01},
    "ZZ -0.06, exchange 0.02 per CZ": {"zz": -0.06, "exchange": 0.02},
}
"""Rotations [rad] after every CZ (ZZ, Z of both qubits, exchange of |01> and |10>) and every sx (X)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcomes:
    """What an ensemble gives on one coupler."""

    qubits: tuple[int, int]
    read: Array
    """(points, members, settings, 4) probabilities, readout errors included."""
    weight: Array
    """(points, members)."""
    gates: Array
    """(members,) two-qubit gates as executed."""
    confusion: Array
    """(read, true) of both qubits."""


def couplers_of_all_qualities(number: int, worst: float = 0.0045) -> list[tuple[tuple[int, int], float]]:
    """Couplers of fake_fez from the best to one of that CZ error, evenly by rank, each with its error.

    Args:
        number: How many.
        worst: Largest error of the CZ.
    """
    known = FakeFez().target["cz"]
    errors = {(min(pair), max(pair)): properties.error for pair, properties in known.items()}
    usable = sorted((error, pair) for pair, error in errors.items() if error <= worst)
    chosen = np.linspace(0, len(usable) - 1, number).round().astype(int)
    return [(usable[i][1], usable[i][0]) for i in chosen]


def every_placement(worst: float = 0.05) -> list[tuple[tuple[int, int], float]]:
    """All couplers of fake_fez up to that CZ error, with A on either qubit, by that error.

    Args:
        worst: Largest error of the CZ.
    """
    known = FakeFez().target["cz"]
    errors = {(min(pair), max(pair)): properties.error for pair, properties in known.items()}
    usable = sorted((error, pair) for pair, error in errors.items() if error < worst)
    return [(placed, error) for error, pair in usable for placed in (pair, pair[::-1])]


def calibrated(qubit: int) -> tuple[float, float, float]:
    """T1 and T2 [us] and the error of sx of a qubit of fake_fez."""
    target = FakeFez().target
    known = target.qubit_properties[qubit]
    return 1e6 * known.t1, 1e6 * known.t2, target["sx"][(qubit,)].error


def outcomes(program: Program, qubits: tuple[int, int], coherent: Mapping[str, float]) -> Outcomes:
    """Exact probabilities of every stratum of the main arm.

    Args:
        program: Of a pair.
        qubits: Physical qubits of fake_fez.
        coherent: One of `COHERENT`.
    """
    device = open_device("aer:fake_fez:gates", HardwareOptions(qubits=qubits))
    plan = device.prepare(program, 0)
    noise = noise_model(sub_target(FakeFez().target, list(plan.placements[0].physical.values())))
    simulator = AerSimulator(method="density_matrix", noise_model=noise)
    members = sorted({block.setting.member for block in program.blocks})
    shape = (len(program.points), len(members), len(program.bases))
    read, weight, gates = np.zeros((*shape, 4)), np.zeros(shape[:2]), np.zeros(len(members), dtype=int)
    errors = readout_errors(noise, list(plan.executed))
    for index, block in enumerate(program.blocks):
        names, values = plan.executed_angles(index)
        circuit = _with_errors(plan.executed[index], coherent)
        bound = [circuit.assign_parameters(dict(zip(names, row, strict=True))) for row in values]
        result = simulator.run(bound, shots=1, seed_simulator=0).result()
        p = np.array([np.asarray(result.data(i)["probabilities"]) for i in range(len(bound))])
        # little-endian to the first qubit first
        p = p.reshape(-1, 2, 2).transpose(0, 2, 1).reshape(-1, 4)
        member, setting = members.index(block.setting.member), program.bases.index(block.setting.basis)
        read[block.point, member, setting] = p @ np.kron(*errors[index]).T
        weight[block.point, member] = block.weight
        gates[member] = sum(len(one.qubits) == 2 for one in plan.executed[index].data if one.operation.name == "cz")
    return Outcomes(qubits=qubits, read=read, weight=weight, gates=gates, confusion=np.kron(*errors[0]))


def _with_errors(circuit: QuantumCircuit, coherent: Mapping[str, float]) -> QuantumCircuit:
    """The executed circuit with unitary errors after its gates, and its probabilities saved in place of a readout."""
    after = {
        "cz": [
            (gate(angle), wires)
            for name, gate, wires in (
                ("zz", RZZGate, (0, 1)),
                ("z", RZGate, (0,)),
                ("z", RZGate, (1,)),
                # exp(-i angle (XX + YY)/2), which turns |01> into |10> by the angle
                ("exchange", lambda angle: XXPlusYYGate(2 * angle), (0, 1)),
            )
            if (angle := coherent.get(name))
        ],
        "sx": [(RXGate(coherent["x"]), (0,))] if "x" in coherent else [],
    }
    made = circuit.copy_empty_like()
    read: dict[int, int] = {}
    for one in circuit.data:
        if one.operation.name == "measure":
            read[made.find_bit(one.clbits[0]).index] = circuit.find_bit(one.qubits[0]).index
            continue
        made.append(one)
        for gate, wires in after.get(one.operation.name, ()):
            made.append(UnitaryGate(gate.to_matrix()), [one.qubits[i] for i in wires])
    made.append(SaveProbabilities(2), [read[0], read[1]])
    return made
