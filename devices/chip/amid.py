"""Reads and resets amid a circuit in the chip's own faster operations, `measure_2` and `reset_2`, where it has them.

Newer processors read with a shorter pulse on the way (on Boston's stored calibration 1.62 us for 2.20) and reset faster
(1.66 us for 2.23); qubits that wait relax for less. The two ways to read have different errors, and readout is
corrected wire by wire with what calibration rows measured on that wire, whenever a bit was read. So one wire is read in
one way: where a wanted bit is read on the way, `measure_2` reads that wire everywhere, at the end and in the
calibration rows too. A wire that is read at the end alone keeps `measure`. What is measured and thrown away needs no
calibration and is measured the faster way.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Sequence

from devices.chip.outcomes import MEASUREMENTS, outcome_of

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Qubit
    from qiskit.transpiler import Target

FASTER = {"measure": "measure_2", "reset": "reset_2"}
"""The operation that every circuit is written with -> the faster one for the middle of a circuit."""
_PASSIVE = ("barrier", "delay")


def read_on_the_way(circuit: QuantumCircuit) -> set[Qubit]:
    """Qubits from which a wanted bit is read before something else acts on them, or depends on the bit.

    Args:
        circuit: Any template, as written or as executed.

    Examples:
        >>> from qiskit import QuantumCircuit
        >>> from qiskit import ClassicalRegister, QuantumRegister
        >>> circuit = QuantumCircuit(QuantumRegister(2), ClassicalRegister(3, "c"))
        >>> _ = circuit.measure(0, 0), circuit.reset(0), circuit.measure([0, 1], [1, 2])
        >>> [circuit.find_bit(qubit).index for qubit in read_on_the_way(circuit)]
        [0]
    """
    early = _early(circuit)
    return {one.qubits[0] for i, one in enumerate(circuit.data) if i in early and outcome_of(circuit, one) is not None}


def with_faster(circuits: Sequence[QuantumCircuit], targets: Sequence[Target]) -> tuple[QuantumCircuit, ...]:
    """Executed templates whose reads and resets on the way are the faster ones, wherever every place has them.

    Args:
        circuits: All templates of a program, wire i on qubit i.
        targets: Of the qubits of each place that they run on, numbered likewise; broken operations left out.

    Returns:
        The templates, each the same object where nothing of it changes.
    """
    wires = {circuit.find_bit(qubit).index for circuit in circuits for qubit in read_on_the_way(circuit)}
    return tuple(_with_faster(circuit, wires, targets) for circuit in circuits)


def _with_faster(circuit: QuantumCircuit, wires: set[int], targets: Sequence[Target]) -> QuantumCircuit:
    early = _early(circuit)
    written, changed = circuit.copy_empty_like(), False
    for index, one in enumerate(circuit.data):
        name, faster = one.operation.name, FASTER.get(one.operation.name, "")
        wire = circuit.find_bit(one.qubits[0]).index if faster else -1
        chosen = wire in wires if outcome_of(circuit, one) is not None else name == "reset" or index in early
        if faster and chosen and all(has_faster(target, faster, wire) for target in targets):
            written.append(targets[0].operation_from_name(faster), one.qubits, one.clbits)
            changed = True
        else:
            written.append(one)
    return written if changed else circuit


def has_faster(target: Target, name: str, qubit: int) -> bool:
    """Whether a target has an operation of `FASTER` on a qubit.

    Args:
        target: The device, or some of its qubits.
        name: "measure_2" or "reset_2".
        qubit: As numbered in the target.
    """
    return name in target.operation_names and target.instruction_supported(name, (qubit,))


def plain(circuit: QuantumCircuit) -> QuantumCircuit:
    """The same template with `measure` and `reset`, for simulators that know no others; itself where it has no others.

    Args:
        circuit: As executed.
    """
    if not set(FASTER.values()) & set(circuit.count_ops()):
        return circuit
    from qiskit.circuit import Measure, Reset

    usual = {"measure_2": Measure, "reset_2": Reset}
    written = circuit.copy_empty_like()
    for one in circuit.data:
        kind = usual.get(one.operation.name)
        written.append(kind() if kind else one.operation, one.qubits, one.clbits)
    return written


def wires_read_faster(circuits: Iterable[QuantumCircuit]) -> frozenset[int]:
    """Wires whose wanted bits are read by `measure_2`, in all templates alike.

    Args:
        circuits: All templates of a program, as executed.
    """
    return frozenset(
        circuit.find_bit(one.qubits[0]).index
        for circuit in circuits
        for one in circuit.data
        if one.operation.name == FASTER["measure"] and outcome_of(circuit, one) is not None
    )


def as_used(target: Target, wires: Iterable[int]) -> Target:
    """A target whose `measure` is `measure_2` on some of its qubits, and whose resets are as short as it can.

    What a simulator needs: it knows one measurement, and takes error and duration from the calibration of that.

    Args:
        target: The device, or some of its qubits.
        wires: Its qubits that `measure_2` reads.
    """
    from qiskit.transpiler import Target

    chosen = set(wires)
    if not chosen and FASTER["reset"] not in target.operation_names:
        return target
    used = Target(
        num_qubits=target.num_qubits,
        dt=target.dt,
        granularity=target.granularity,
        qubit_properties=target.qubit_properties,
    )
    for name in target.operation_names:
        operation = target.operation_from_name(name)
        if isinstance(operation, type):
            used.add_instruction(operation, name=name)
            continue
        known = dict(target[name])
        faster = FASTER.get(name, "")
        for place in known if faster else ():
            if place and (name == "reset" or place[0] in chosen) and has_faster(target, faster, place[0]):
                known[place] = target[faster][place]
        used.add_instruction(operation, known, name=name)
    return used


def _early(circuit: QuantumCircuit) -> set[int]:
    """Indices of measurements after which something acts on the qubit or depends on the bit."""
    acting = [(i, one) for i, one in enumerate(circuit.data) if one.operation.name not in _PASSIVE]
    last = {qubit: i for i, one in acting for qubit in one.qubits}
    tested = {bit: i for i, one in acting if one.operation.name not in MEASUREMENTS for bit in one.clbits}
    return {
        i
        for i, one in acting
        if one.operation.name in MEASUREMENTS and (last[one.qubits[0]] > i or tested.get(one.clbits[0], -1) > i)
    }
