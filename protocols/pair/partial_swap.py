r"""The partial swap of a pair: of its states in closed form, and as a circuit after its preparation.

U = exp(-i V t) with V = Omega (e^{i phi_V} |01><10| + h.c.) turns |01> and |10> by the angle Omega t; x = 2 Omega t.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence

import numpy as np

from protocols.pair.correlated import PairState
from protocols.pair.preparation import (
    EXCITED,
    GROUND,
    MINUS,
    PLUS,
    Eigensystem,
    prepare_member,
    purification_angles,
    purify,
)
from protocols.program import Setting, read, wires
from protocols.types import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit


def exchanged_pair(initial: PairState, x: Array, phi_V: Array) -> PairState:
    """States after the exchange, in closed form.

    With r = e^{-i phi_V} rho_{01,10} and D = E_A - E_B: D(t) = D0 cos x + 2 Im r0 sin x,
    Im r(t) = Im r0 cos x - (D0/2) sin x, Re r constant (PRA 106, 062604, eqs. (12), (13); the signs printed in its
    (B2c) and (B3) are wrong).

    Args:
        initial: States before it, one a point.
        x: 2 Omega t, shape (points,) [rad].
        phi_V: Phase of the coupling, shape (points,) [rad].

    Examples:
        >>> one = PairState(populations=np.array([[0.4, 0.3, 0.2, 0.1]]), coherence=np.array([0j]))
        >>> exchanged_pair(one, np.array([np.pi]), np.array([0.0])).populations.round(6).tolist()  # a full swap
        [[0.4, 0.2, 0.3, 0.1]]
    """
    p00, p01, p10, p11 = np.moveaxis(initial.populations, -1, 0)
    r0 = np.exp(-1j * phi_V) * initial.coherence
    D = (p10 - p01) * np.cos(x) + 2 * np.imag(r0) * np.sin(x)
    r = np.real(r0) + 1j * (np.imag(r0) * np.cos(x) - (p10 - p01) / 2 * np.sin(x))
    populations = np.stack([p00, (p01 + p10 - D) / 2, (p01 + p10 + D) / 2, p11], axis=-1)
    return PairState(populations=populations, coherence=np.exp(1j * phi_V) * r)


def exchanged_amplitudes(psi: Array, x: Array, phi_V: Array) -> Array:
    """Pure states after the exchange.

    Args:
        psi: Amplitudes before it, shape (points, 4).
        x: 2 Omega t, shape (points,) [rad].
        phi_V: Phase of the coupling, shape (points,) [rad].

    Returns:
        Amplitudes, shape (points, 4).

    Examples:
        >>> exchanged_amplitudes(np.array([[0, 1, 0, 0j]]), np.array([np.pi]), np.array([0.0])).round(6).tolist()
        [[0j, 0j, -1j, 0j]]
    """
    angle = x / 2
    moved = psi.copy()
    moved[:, 1] = np.cos(angle) * psi[:, 1] - 1j * np.sin(angle) * np.exp(1j * phi_V) * psi[:, 2]
    moved[:, 2] = np.cos(angle) * psi[:, 2] - 1j * np.sin(angle) * np.exp(-1j * phi_V) * psi[:, 1]
    return moved


def exchange_template(qubits: Sequence[str], setting: Setting) -> QuantumCircuit:
    """Preparation, barrier, partial swap, readout; merged templates have one swap that does both.

    Args:
        qubits: Names of the two wires.
        setting: Its member, or in its structure "ancillas", how many purify the pair; "merged": one swap does both.
            Under the name of its arm: A is read or turned first, see `first_reading`.

    Returns:
        A circuit with the free angles of `exchange_angles`.
    """
    from qiskit.circuit import Parameter
    from qiskit.circuit.library import XXPlusYYGate

    structure = dict(setting.structure)
    ancillas = {0: (), 1: ("C_B",), 2: ("C_A", "C_B")}[structure.get("ancillas", 0)]
    title = f"{setting.arm}-{setting.member}-{setting.basis}"
    first = tuple(o.qubit for o in setting.outcomes if o.register and o.moment is None)
    circuit = wires((*qubits, *ancillas, *first), len(setting.outcomes), title)
    A, B = circuit.qubits[:2]
    merged = "merged" in structure
    if ancillas:
        purify(circuit, rank_two=len(ancillas) == 1)
        if not merged:
            circuit.append(XXPlusYYGate(Parameter("prepare"), Parameter("phase")), [A, B])
    elif merged and setting.member in (PLUS, MINUS):
        circuit.x(B)
    else:
        prepare_member(circuit, setting.member)
    circuit.barrier(A, B)
    if structure.keys() & {"read", "read-phase", "measured", "turned"}:
        _read_first(circuit, setting, structure)
    circuit.append(XXPlusYYGate(Parameter("exchange"), Parameter("axis")), [A, B])
    read(circuit, setting.outcomes)
    return circuit


def _read_first(circuit: QuantumCircuit, setting: Setting, structure: Mapping[str, int]) -> None:
    """Appends what precedes the exchange in arms with a first reading."""
    A, B = circuit.qubits[:2]
    if "turned" in structure:
        circuit.s(A)
    elif "measured" in structure:
        circuit.measure(A, next(i for i, outcome in enumerate(setting.outcomes) if outcome.register))
    else:
        circuit.h(circuit.qubits[-1])
        circuit.cz(circuit.qubits[-1], A)
    circuit.barrier(A, B)


def exchange_angles(system: Eigensystem, setting: Setting, x: Array, phi_V: Array) -> dict[str, Array]:
    """Gate angles of one template at every point.

    Args:
        system: Eigensystem of the pair before the exchange.
        setting: As of `exchange_template`.
        x: 2 Omega t, shape (points,) [rad].
        phi_V: Phase of the coupling, shape (points,) [rad].

    Returns:
        Name of the angle -> values, shape (points,) [rad].
    """
    structure = dict(setting.structure)
    purified = "ancillas" in structure
    angles = {"exchange": x, "axis": phi_V}
    if purified:
        angles |= purification_angles(system, rank_two=structure["ancillas"] == 1)
    elif setting.member in (GROUND, EXCITED):
        return angles
    theta = system.theta + (np.pi if setting.member == MINUS and not purified else 0)
    swap_axis = system.phi - np.pi / 2
    if "merged" in structure:
        # the axis that prepares psi by a partial swap is the coupling's own or its opposite
        forward = np.cos(swap_axis - angles["axis"]) >= 0
        return {**angles, "exchange": angles["exchange"] + np.where(forward, theta, -theta)}
    return {**angles, "prepare": theta, "phase": swap_axis if purified else -system.phi}
