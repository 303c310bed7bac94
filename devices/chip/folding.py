"""Whole-circuit folding: C -> C C^+ C in the gates of the device, so that every error is there three times.

It is done last, to executed circuits, with barriers between the parts: nothing that optimises comes after it.
"""

from __future__ import annotations

import math
import typing
from collections.abc import Sequence

from protocols import Program, RequestError
from protocols.program import scale_of

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit

SELF_INVERSE = ("cz", "cx", "ecr", "x", "h", "id", "barrier")
TURNED_BACK = ("rz", "rx", "ry", "p")
"""Rotations of any angle, either sign."""
QUARTERS = {"sdg": math.pi / 2, "s": -math.pi / 2}
"""Inverted by a phase, which every device has."""


def with_folds(program: Program, executed: Sequence[QuantumCircuit]) -> tuple[QuantumCircuit, ...]:
    """Executed templates, those of folded arms as many times as long as their arm says.

    Args:
        program: Whose blocks they are of, in their order.
        executed: As transpiled.

    Raises:
        RequestError: If a gate has no inverse among those of the device.
    """
    scales = [1 if block.prepared else scale_of(block.setting.arm) for block in program.blocks]
    return tuple(fold_whole(one, scale) if scale > 1 else one for one, scale in zip(executed, scales, strict=True))


def fold_whole(circuit: QuantumCircuit, scale: int) -> QuantumCircuit:
    """C (C^+ C)^((scale - 1)/2), read at the end.

    Args:
        circuit: As executed, with measurements at its end alone.
        scale: An odd number.

    Raises:
        RequestError: For a reset or measurement amid the circuit, or a gate whose inverse the device does not have.
    """
    gates = [one for one in circuit.data if one.operation.name != "measure"]
    reads = [one for one in circuit.data if one.operation.name == "measure"]
    first = next((i for i, one in enumerate(circuit.data) if one.operation.name == "measure"), len(circuit.data))
    if any(one.operation.name not in ("measure", "barrier") for one in circuit.data[first:]):
        raise RequestError(
            "Argument `fold` needs circuits that are read at their end alone, but these are read amid. Take "
            "--preparation ensemble and --ancillas fresh."
        )
    made = circuit.copy_empty_like()
    for part in range(scale):
        if part:
            made.barrier()
        for one in reversed(gates) if part % 2 else gates:
            if part % 2:
                _append_inverse(made, one)
            else:
                made.append(one)
    made.barrier()
    for one in reads:
        made.append(one)
    return made


def _append_inverse(made: QuantumCircuit, one: typing.Any) -> None:
    """The inverse in gates of the device, up to a global phase; sx^+ is rz(pi) sx rz(pi)."""
    name = one.operation.name
    if name in SELF_INVERSE:
        made.append(one)
    elif name in TURNED_BACK:
        made.append(one.operation.base_class(-one.operation.params[0]), one.qubits)
    elif name in QUARTERS:
        made.p(QUARTERS[name], one.qubits[0])
    elif name == "sx":
        made.rz(math.pi, one.qubits[0])
        made.append(one)
        made.rz(math.pi, one.qubits[0])
    else:
        raise RequestError(
            f"Argument `fold` needs gates whose inverse the device has, but {name} has none. Leave out --fractional."
        )
