"""What feedback costs beside its gates: while a qubit is read amid a circuit and the result acted on, the others wait.

Aer's noise of a stored calibration has no relaxation of qubits that wait for a measurement. Where gates depend on the
result nothing can be done meanwhile, so the wait is made a delay as long as the measurement is reported to take, during
which qubits relax. What a control system takes on top of it is in no calibration and is left out.
"""

from __future__ import annotations

import typing

from devices.chip import MEASUREMENTS

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target


def with_waits(circuit: QuantumCircuit, target: Target) -> QuantumCircuit:
    """A circuit in which all other qubits wait for every result that something depends on.

    Args:
        circuit: As executed; one without feedback is returned as it is.
        target: Of its qubits, with durations [s]; where none is reported nobody waits.
    """
    from qiskit.circuit import Delay

    if "if_else" not in circuit.count_ops() or not target.dt:
        return circuit
    waiting = circuit.copy_empty_like()
    read: dict[object, tuple[int | None, float]] = {}
    for instruction in circuit.data:
        if instruction.operation.name in MEASUREMENTS:
            place = circuit.find_bit(instruction.qubits[0]).index
            read[instruction.clbits[0]] = place, target[instruction.operation.name][place,].duration or 0.0
        if instruction.operation.name == "if_else":
            for bit in instruction.clbits:
                place, seconds = read.pop(bit, (None, 0.0))  # a bit that is tested twice is waited for once
                steps = round(seconds / target.dt)
                for qubit in range(circuit.num_qubits) if steps else ():
                    if qubit != place:
                        waiting.append(Delay(steps, "dt"), [qubit])
        waiting.append(instruction)
    return waiting
