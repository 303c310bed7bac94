"""What a device's target says: operations, couplers, readout, lifetimes; and the same with some qubits only."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Container, Sequence

from protocols.program import Need

if typing.TYPE_CHECKING:
    from qiskit.transpiler import Target

FRACTIONAL = frozenset({"rzz", "rx"})
"""Calibrated rotations by any angle (rzz: 0 .. pi/2) beside the fixed gates."""
# A gate or a readout reported at an error of 0.5 or more is switched off or broken, whatever else it says.
UNUSABLE = 0.5
# Operations that a template may not contain, so that their calibration does not matter.
_UNUSED = {"delay", "id", "reset", "reset_2", "measure_2"}


def able(need: Need, operations: Container[str]) -> bool:
    """Whether a target with these operations can do what goes beyond gates and a final measurement.

    `measure` alone says nothing of a measurement amid a circuit: every target has it. Evidence is an operation that
    only such circuits have.

    Args:
        need: "reset", "mid_circuit" or "feedback".
        operations: Names of the target's operations.
    """
    evidence = {
        "reset": ("reset",),
        "feedback": ("if_else",),
        "mid_circuit": ("measure_2", "reset", "reset_2", "if_else"),
    }
    return any(name in operations for name in evidence[need])


def usable(properties: object) -> bool:
    """Whether a reported error leaves a gate usable; one that is not reported does."""
    error = getattr(properties, "error", None)
    return error is None or error < UNUSABLE


def broken(target: Target, used: set[str]) -> set[int]:
    """Qubits with a one-qubit operation that is not usable, of all that any template may become and of those used.

    What is listed for other qubits only has been taken away from this one as not operational.

    Args:
        target: The device, with its calibration.
        used: Names of the operations that templates use.
    """
    found: set[int] = set()
    for name in target.operation_names:
        known: typing.Mapping[typing.Any, object] = target[name] or {}
        if name in (_UNUSED - used) | {"measure"} or not all(q is not None and len(q) == 1 for q in known):
            continue
        found |= {qubits[0] for qubits, properties in known.items() if not usable(properties)}
        if known and name not in FRACTIONAL:
            found |= {q for q in range(target.num_qubits or 0) if (q,) not in known}
    return found


def couplers(target: Target) -> dict[tuple[int, int], tuple[float, float]]:
    """Usable couplers, a < b: the error and duration of the better gate or direction.

    Where a target has rzz, partial swaps are made of it and not of the fixed gate beside it, so its numbers are taken.
    """
    found: dict[tuple[int, int], tuple[float, float]] = {}
    turned: dict[tuple[int, int], tuple[float, float]] = {}
    for name in target.operation_names:
        for qubits, properties in (target[name] or {}).items():
            if qubits is None or len(qubits) != 2:
                continue
            reported = getattr(properties, "error", None) or 0.0, getattr(properties, "duration", None) or 0.0
            pair = (min(qubits), max(qubits))
            if usable(properties):
                own = turned if name == "rzz" else found
                own[pair] = min(reported, own.get(pair, reported))
    return found | turned


def coupled(target: Target) -> dict[int, frozenset[int]]:
    """Qubit -> the qubits that a coupler joins to it, whether its gates are usable or not: it is there all the same.

    Args:
        target: The device.
    """
    found: dict[int, set[int]] = {qubit: set() for qubit in range(target.num_qubits or 0)}
    for name in target.operation_names:
        for qubits in target[name] or {}:
            if qubits is not None and len(qubits) == 2:
                found[qubits[0]].add(qubits[1])
                found[qubits[1]].add(qubits[0])
    return {qubit: frozenset(others) for qubit, others in found.items()}


def readout_error(target: Target, qubit: int, *, on_the_way: bool = False) -> float:
    """Reported error of a measurement; 0 where none is reported, 1 where others can be read and this one cannot.

    Args:
        target: The device, with its calibration.
        qubit: Physical qubit.
        on_the_way: Whether its wire is read on the way, by the faster measurement where the qubit has a usable one.
    """
    if on_the_way and "measure_2" in target.operation_names:
        faster = target["measure_2"].get((qubit,))
        if faster is not None and usable(faster):
            return getattr(faster, "error", None) or 0.0
    measure = target["measure"] if "measure" in target.operation_names else {}
    if measure and None not in measure and (qubit,) not in measure:
        return 1.0
    return getattr(measure.get((qubit,)), "error", None) or 0.0


def lifetimes(target: Target, qubit: int) -> tuple[float | None, float | None]:
    """T1 and T2 [s], None where they are not reported.

    Args:
        target: The device, with its calibration.
        qubit: Physical qubit.
    """
    properties = target.qubit_properties[qubit] if target.qubit_properties else None
    return getattr(properties, "t1", None), getattr(properties, "t2", None)


def without(target: Target, names: Container[str]) -> Target:
    """The same device without some of its operations.

    Args:
        target: The device.
        names: Operations to leave out; control flow is kept.
    """
    left = _without_operations(target, range(target.num_qubits or 0))
    for name in target.operation_names:
        operation = target.operation_from_name(name)
        if isinstance(operation, type):
            left.add_instruction(operation, name=name)
        elif name not in names:
            left.add_instruction(operation, dict(target[name]), name=name)
    return left


def sub_target(target: Target, qubits: Sequence[int], *, feedback: bool = False) -> Target:
    """The same device with the given qubits only, renumbered from 0, and only the gates that are usable there.

    Args:
        target: The device.
        qubits: Its qubits in their new order; one given twice becomes two with the same calibration.
        feedback: Whether to keep control flow.
    """
    number: dict[int, list[int]] = {}
    for i, qubit in enumerate(qubits):
        number.setdefault(qubit, []).append(i)
    sub = _without_operations(target, qubits)
    for name in target.operation_names:
        operation = target.operation_from_name(name)
        known = target[name]
        if isinstance(operation, type) and feedback:
            sub.add_instruction(operation, name=name)
        # control flow has no calibration
        if isinstance(operation, type) or not known or None in known:
            continue
        kept = {
            copies: properties
            for place, properties in known.items()
            if all(q in number for q in place) and usable(properties)
            for copies in itertools.product(*(number[q] for q in place))
        }
        if kept:
            sub.add_instruction(operation, kept)
    return sub


def _without_operations(target: Target, qubits: Sequence[int]) -> Target:
    from qiskit.transpiler import Target

    properties = target.qubit_properties
    return Target(
        num_qubits=len(qubits),
        dt=target.dt,
        granularity=target.granularity,
        qubit_properties=[properties[q] for q in qubits] if properties else None,
    )
