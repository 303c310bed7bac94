"""A two-qubit gate and a swap of its qubits, made in one.

Counted in CX,

    a swap alone                            3
    a swap right after a CX or CZ          +1   two CX do both
    a swap right after a partial swap      +1   three CX do both, and after a pair gate
"""

from __future__ import annotations

import math
from typing import Any

CX = {"cx": 1, "cz": 1, "xx_plus_yy": 2, "xx_minus_yy": 2}
"""CX of each gate that `gate_then_swap` knows, alone; one more does the swap too."""


def gate_then_swap(gate: Any, a: int, b: int) -> list[tuple[Any, list[int]]]:
    r"""A gate on the qubits at places a, b, followed by a swap of the two, up to a global phase.

    CX: SWAP CX(a, b) = CX(a, b) CX(b, a), the right factor first. CZ: the same with a Hadamard gate before and after,
    on the qubit that moves from b to a. Partial swap (upper sign) and pair gate (lower): with u = theta/4, and
    rotations by beta about z before and after,

        SWAP exp(-i u (XX +- YY)) ~ exp(i [(pi/4 - u) XX + (pi/4 -+ u) YY + pi/4 ZZ]),

    which takes three CX (Vatan and Williams, PRA 69 032315, figure 6); pi/4 at ZZ leaves nothing to do for the
    rotation about z between them.

    Args:
        gate: One of those in `CX`.
        a: Place of its first qubit.
        b: Place of its second qubit.

    Returns:
        Gates and their places, in the order in which they are made.
    """
    from qiskit.circuit.library import CXGate, HGate, RYGate, RZGate

    forth, back = (CXGate(), [a, b]), (CXGate(), [b, a])
    if gate.name == "cx":
        return [back, forth]
    if gate.name == "cz":
        return [(HGate(), [b]), back, forth, (HGate(), [a])]
    theta, beta = gate.params
    exchange = gate.name == "xx_plus_yy"
    # beta belongs to the first qubit of a partial swap, and to the second of a pair gate
    before, after = (a, b) if exchange else (b, a)
    sign = 1 if exchange else -1
    return [
        (RZGate(sign * beta), [before]),
        (RZGate(-math.pi / 2), [b]),
        back,
        (RYGate(-theta / 2), [b]),
        forth,
        (RYGate(sign * theta / 2), [b]),
        back,
        (RZGate(math.pi / 2), [a]),
        (RZGate(-sign * beta), [after]),
    ]
