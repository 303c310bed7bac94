"""Which measurements of a circuit are wanted: those into the classical register "c"."""

from __future__ import annotations

import typing
from typing import Any

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit


MEASUREMENTS = ("measure", "measure_2")
"""Names of operations that read a qubit: the one of every chip, and the faster one of some."""


def outcome_of(circuit: QuantumCircuit, instruction: Any) -> int | None:
    """Bit of register "c" that an instruction measures into; None if it does not.

    Args:
        circuit: Any template, as written or as executed.
        instruction: One of `circuit.data`.
    """
    if instruction.operation.name not in MEASUREMENTS:
        return None
    registers = circuit.find_bit(instruction.clbits[0]).registers
    return next((index for register, index in registers if register.name == "c"), None)
