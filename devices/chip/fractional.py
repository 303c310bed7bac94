r"""Partial swaps as calibrated rotations of any angle: rzz(phi), 0 <= phi <= pi/2, one template for a whole sweep.

Chips with fractional gates rotate two qubits about ZZ by any angle between 0 and pi/2. With

    C(u) = exp[-i u (XX + YY)/2] = RXX(u) RYY(u),   u = theta/2 of a partial swap,
    C(u + pi) = C(u) ZZ,   C(-u) = (Z 1) C(u) (Z 1),

every u is n pi + s phi with 0 <= phi <= pi/2 and a sign s, and what remains are half turns about z, which no pulse
makes: a row of the sweep gets three numbers, phi and two angles that are 0 or pi. A pair gate is a partial swap
between two X on one qubit. A rotation about ZZ alone needs a half turn about x on one qubit where s = -1.

Two-qubit gates are as many as with CZ: a partial swap takes two either way, prepared members one more, so that the
default heat exchange has 2 and 3 with rzz and with cz, and no protocol has fewer or more. What is saved are one-qubit
pulses: 6 for 9, and 9 for 13, on Fez with both gates added (mean over the bases). Whether an rzz of a small angle has a
smaller error than a CZ the calibration does not say.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence
from typing import Any

import numpy as np

from protocols import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit

LARGEST = np.pi / 2
"""Of the angles that rzz is calibrated for; the least is 0."""
Folded: typing.TypeAlias = "tuple[QuantumCircuit, tuple[str, ...], Array]"


def fold(circuit: QuantumCircuit, names: Sequence[str], values: Array) -> Folded:
    """A template whose partial swaps, pair gates and rzz are rzz within 0 .. pi/2, at every row of its angles.

    Args:
        circuit: A template; its angles are affine in its parameters. Blocks of control flow are left as they are.
        names: Its parameters.
        values: (rows, names) [rad].

    Returns:
        The rewritten template, equal to the first at each row up to a global phase; the names of its parameters and
        their values. What is within the bounds already is returned as it is.

    Examples:
        >>> from qiskit import QuantumCircuit
        >>> from qiskit.circuit import Parameter
        >>> circuit = QuantumCircuit(2)
        >>> _ = circuit.rzz(2 * Parameter("t"), 0, 1)
        >>> folded, names, values = fold(circuit, ["t"], np.array([[0.3], [-0.3], [np.pi / 2 + 0.3]]))
        >>> names
        ('fold_0', 'fold_0_turn', 'fold_0_flip')
        >>> values.round(3).tolist()
        [[0.6, 0.0, 0.0], [0.6, 0.0, 3.142], [0.6, 3.142, 0.0]]
        >>> dict(folded.count_ops())
        {'rz': 2, 'rx': 2, 'rzz': 1}
    """
    folding = _Folding(circuit, tuple(names), np.asarray(values, dtype=float))
    for instruction in circuit.data:
        gate, qubits = instruction.operation, instruction.qubits
        if gate.name in ("xx_plus_yy", "xx_minus_yy"):
            folding.exchange(gate, *qubits)
        elif gate.name == "rzz" and not folding.within(gate.params[0]):
            folding.rotation(gate.params[0], *qubits)
        else:
            folding.folded.append(instruction)
    return folding.finished() if folding.touched else (circuit, tuple(names), values)


def reduced(angle: Array) -> tuple[Array, Array, Array]:
    """(phi, turn, flip) with angle = turn + phi, or turn - phi where flip is pi, modulo 2 pi.

    Args:
        angle: Any angles [rad].

    Returns:
        0 <= phi <= pi/2 exactly, and turn and flip, each 0 or pi [rad].
    """
    turns = np.round(np.asarray(angle, dtype=float) / np.pi)
    rest = angle - turns * np.pi
    return np.minimum(np.abs(rest), LARGEST), np.pi * (turns % 2), np.where(rest < 0, np.pi, 0.0)


class _Folding:
    """The rewritten template while it grows, and the values of its new angles."""

    def __init__(self, circuit: QuantumCircuit, names: tuple[str, ...], values: Array) -> None:
        self.folded = circuit.copy_empty_like()
        self.names, self.values = names, values
        self.known: dict[Any, tuple[Any, Any, Any]] = {}
        self.added: dict[str, Array] = {}
        self.touched = False

    def exchange(self, gate: Any, first: Any, second: Any) -> None:
        """A partial swap or pair gate: phi twice, all else about z or fixed.

        Args:
            gate: Partial swap or pair gate of the template.
            first: Its first qubit.
            second: Its second qubit.
        """
        theta, beta = gate.params
        pair = gate.name == "xx_minus_yy"
        # beta belongs to the first qubit of a partial swap, and to the second of a pair gate
        lead, other, axis = (second, first, -beta) if pair else (first, second, beta)
        phi, turn, flip = self.angles(theta / 2)
        out = self.folded
        if pair:
            out.x(other)
        out.rz(axis + turn + flip, lead)
        out.rz(turn, other)
        out.h([first, second])
        out.rzz(phi, first, second)
        out.h([first, second])
        out.rx(np.pi / 2, [first, second])
        out.rzz(phi, first, second)
        out.rx(-np.pi / 2, [first, second])
        out.rz(flip - axis, lead)
        if pair:
            out.x(other)

    def rotation(self, angle: Any, first: Any, second: Any) -> None:
        """A rotation about ZZ; fixed angles take only the gates that they need.

        Args:
            angle: Of the rotation [rad], a number or an affine expression.
            first: One qubit.
            second: The other.
        """
        phi, turn, flip = self.angles(angle)
        free = hasattr(phi, "parameters")
        out = self.folded
        if free or turn:
            out.rz(turn, [first, second])
        if free:
            out.rx(flip, first)
        elif flip:
            out.x(first)
        out.rzz(phi, first, second)
        if free:
            out.rx(-flip, first)
        elif flip:
            out.x(first)

    def angles(self, angle: Any) -> tuple[Any, Any, Any]:
        """phi, turn and flip: numbers of a fixed angle, else parameters that share their values among equal angles."""
        from qiskit.circuit import Parameter

        self.touched = True
        if not getattr(angle, "parameters", ()):
            phi, turn, flip = reduced(np.array(float(angle)))
            return float(phi), float(turn), float(flip)
        if angle not in self.known:
            start = sum(name.startswith("fold_") and name.count("_") == 1 for name in self.names)
            name = f"fold_{start + len(self.known)}"
            found = dict(zip((name, f"{name}_turn", f"{name}_flip"), reduced(self.evaluated(angle)), strict=True))
            self.added |= found
            phi, turn, flip = map(Parameter, found)
            self.known[angle] = phi, turn, flip
        return self.known[angle]

    def within(self, angle: Any) -> bool:
        """Whether a fixed angle, or a parameter at every row, is within the bounds.

        An expression never counts as such: who evaluates it later may round it out of them.
        """
        if not getattr(angle, "parameters", ()):
            return 0 <= float(angle) <= LARGEST
        name = getattr(angle, "name", None)
        if name is None:
            return False
        values = self.values[:, self.names.index(name)]
        return bool(((values >= 0) & (values <= LARGEST)).all())

    def evaluated(self, angle: Any) -> Array:
        """An affine function of the parameters at every row, (rows,)."""
        used = list(angle.parameters)
        at = self.values[:, [self.names.index(parameter.name) for parameter in used]]

        def probe(*where: float) -> float:
            return float(angle.bind(dict(zip(used, where, strict=True))))

        constant = probe(*np.zeros(len(used)))
        slopes = np.array([probe(*row) - constant for row in np.eye(len(used))])
        if abs(probe(*np.full(len(used), 0.5)) - constant - slopes.sum() / 2) > 1e-9:
            raise ValueError(f"An angle of a template must be affine in its parameters, but {angle} is not.")
        return constant + at @ slopes

    def finished(self) -> Folded:
        """The template with the angles that it has now."""
        values = {name: self.values[:, i] for i, name in enumerate(self.names)} | self.added
        kept = tuple(name for name in values if self.folded.has_parameter(name))
        return self.folded, kept, np.array([values[name] for name in kept]).T.reshape(len(self.values), -1)
