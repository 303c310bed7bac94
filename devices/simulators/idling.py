"""Qubits that wait relax: how long each of them waits between its gates, by the durations of the calibration.

Every operation is done as late as possible, as IBM's transpiler schedules by default: a qubit stays in its ground
state, which does not relax, until it is needed, and all that is read last is read at one time. Between two operations
a qubit waits where one of them has to wait for another wire: for its gates, its readout, its reset. All of one wait is
one delay, which Aer's model of a calibration turns into relaxation,

    rho_11 -> e^(-t/T1) rho_11,    rho_01 -> e^(-t/T2) rho_01 .

It commutes with rz, which takes no time, and so the delay stands before the next gate that does. A result that
something depends on is waited for by all qubits. Not in it, for no calibration says it: what the control system takes
on top of a measurement, and crosstalk of neighbours while one waits. A qubit that is read has its relaxation in its
readout error.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target


def with_idling(circuit: QuantumCircuit, target: Target) -> QuantumCircuit:
    """The same circuit with a delay wherever a qubit in some other state than |0> waits.

    Args:
        circuit: As executed, in gates of the target; all others take no time.
        target: Of its qubits, with durations [s]; where it reports none nobody waits.

    Examples:
        >>> from qiskit import QuantumCircuit
        >>> from qiskit.circuit.library import CZGate, XGate
        >>> from qiskit.transpiler import InstructionProperties, Target
        >>> target = Target(num_qubits=3, dt=4e-9)
        >>> target.add_instruction(XGate(), {(q,): InstructionProperties(duration=24e-9) for q in range(3)})
        >>> target.add_instruction(CZGate(), {(q, q + 1): InstructionProperties(duration=84e-9) for q in range(2)})
        >>> circuit = QuantumCircuit(3)
        >>> _ = circuit.x([0, 1, 2]), circuit.cz(0, 1), circuit.x(1), circuit.cz(1, 2), circuit.cz(0, 1)
        >>> [one.operation.duration for one in with_idling(circuit, target) if one.name == "delay"]
        [27]
    """
    if not target.dt:
        return circuit
    waits = _waits(circuit, _Durations(target))
    written = _Writing(circuit.copy_empty_like())
    for instruction, after in zip(circuit.data, waits, strict=True):
        written.append(instruction, after)
    return written.circuit


@dataclass(frozen=True, eq=False)
class _Durations:
    """Of operations, in steps of the target."""

    target: Target

    def of(self, instruction: typing.Any, places: Sequence[int]) -> int:
        """Steps that an operation takes; control flow takes those of its longest branch.

        Args:
            instruction: Of a circuit.
            places: Qubits of the target that it acts on.
        """
        blocks = getattr(instruction.operation, "blocks", ())
        if blocks:
            return max(self._length(block, places) for block in blocks)
        known: Mapping[typing.Any, typing.Any] = self.target.get(instruction.operation.name, None) or {}
        seconds = getattr(known.get(tuple(places)), "duration", None) or 0.0
        return round(seconds / (self.target.dt or 1.0))

    def _length(self, block: QuantumCircuit, places: Sequence[int]) -> int:
        until = dict.fromkeys(block.qubits, 0)
        for one in block.data:
            inner = [places[block.find_bit(qubit).index] for qubit in one.qubits]
            end = max((until[qubit] for qubit in one.qubits), default=0) + self.of(one, inner)
            until |= dict.fromkeys(one.qubits, end)
        return max(until.values(), default=0)


def _waits(circuit: QuantumCircuit, durations: _Durations) -> list[dict[int, int]]:
    """After each instruction, the steps that qubits then wait, as late as possible: counted from the end backwards."""
    number = {qubit: i for i, qubit in enumerate(circuit.qubits)}
    # steps from the end of the circuit at which a qubit is next needed, or the result in a classical bit
    needed: dict[object, int] = dict.fromkeys([*circuit.qubits, *circuit.clbits], 0)
    waits: list[dict[int, int]] = []
    for instruction in reversed(circuit.data):
        own = [number[qubit] for qubit in instruction.qubits]
        acting = bool(getattr(instruction.operation, "blocks", ()))
        together = circuit.qubits if acting else instruction.qubits
        end = max(needed[bit] for bit in (*together, *instruction.clbits))
        steps = durations.of(instruction, own)
        waits.append({number[q]: end - needed[q] + (0 if number[q] in own else steps) for q in together})
        needed |= dict.fromkeys(together, end + steps)
        # reads whose results are thrown away share a bit, and none of them waits for another
        needed |= dict.fromkeys(instruction.clbits, end + steps if acting else 0)
    return waits[::-1]


@dataclass(eq=False)
class _Writing:
    """The circuit while delays are written into it."""

    circuit: QuantumCircuit
    steps: dict[int, int] = field(default_factory=dict)
    """Steps that qubits have waited since they last did something; qubits in |0> are not in it."""

    def append(self, instruction: typing.Any, after: Mapping[int, int]) -> None:
        """The next instruction, what its qubits have waited before it, and what they wait after it."""
        from qiskit.circuit import Delay

        name = instruction.operation.name
        places = [self.circuit.find_bit(qubit).index for qubit in instruction.qubits]
        if name in ("reset", "reset_2"):
            self.steps.pop(places[0], None)
        elif name != "barrier":
            for place in places:
                # rz and what was waited before it may change places
                waited = self.steps.setdefault(place, 0)
                if waited and name not in VIRTUAL:
                    self.circuit.append(Delay(waited, "dt"), [place])
                    self.steps[place] = 0
        self.circuit.append(instruction)
        for place, steps in after.items():
            if place in self.steps:
                self.steps[place] += steps


VIRTUAL = frozenset({"rz", "p", "z", "s", "sdg"})
"""Rotations about Z, which a chip does by shifting the phase of the next pulses: they take no time."""
