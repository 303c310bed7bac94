"""What the statements of a collision protocol have to agree on: wires, angles, probabilities, weights.

`prepare` and `collision` name wires and angles, `qubits` and `values` have them. A name that is in one and not in the
other is a mistake of the protocol's file, and is told as such before anything is computed.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from protocols.collisions.ancillas import Dephase, Renew, Thermal
from protocols.collisions.evolution import Step
from protocols.collisions.feedback import CONTROLLED, Feedback
from protocols.collisions.operations import KNOWN, Operation
from protocols.program import Points, asked, mistake, parameters
from protocols.types import Array


class Statements(typing.Protocol):
    """What a collision protocol says, each member as `Collisions` describes it."""

    controls: typing.ClassVar[tuple[str, ...]]

    @property
    def qubits(self) -> tuple[str, ...]:
        """Wires of the system."""
        ...

    @property
    def measurements(self) -> Mapping[str, tuple[str, ...]]:
        """Named sets of bases."""
        ...

    def structures(self, points: Points) -> Mapping[str, Array]:
        """What makes another template."""
        ...

    def number(self, structure: Mapping[str, int]) -> int:
        """Collisions of a template."""
        ...

    def members(self, points: Points, arm: str) -> Array:
        """Weights of the pure initial states."""
        ...

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """From |0...0> to one of them."""
        ...

    def collision(self, index: int, arm: str, structure: Mapping[str, int]) -> Sequence[Step]:
        """One collision."""
        ...

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """Probabilities and angles."""
        ...


_POINTS, _COLLISIONS, _STRUCTURES, _MEMBERS = 32, 256, 8, 64
"""The most that is looked at: of large sweeps the longest collisions, which have all that shorter ones have."""


def check_statements(protocol: Statements, points: Points) -> tuple[str, ...] | None:
    """That wires, angles, probabilities and weights of a protocol fit together.

    Args:
        protocol: With its fields.
        points: Its sweep.

    Returns:
        Names of all registers of ancillas; None where there are too many collisions to look at each.

    Raises:
        ProtocolError: For the first name or number that does not fit.
    """
    qubits = tuple(asked(protocol, "qubits", lambda: protocol.qubits))
    _check_measurements(protocol, qubits)
    structures = asked(protocol, "structures", lambda: protocol.structures(points))
    table = np.stack([np.broadcast_to(column, len(points)) for column in structures.values()], axis=1)
    each = [dict(zip(structures, row, strict=True)) for row in dict.fromkeys(map(tuple, table.tolist()))]
    number = [asked(protocol, "number", lambda one=one: protocol.number(one)) for one in each]
    longest = sorted(range(len(each)), key=lambda i: -number[i])[:_STRUCTURES]
    some = points.at(np.unique(np.linspace(0, len(points) - 1, min(len(points), _POINTS)).astype(int)))
    registers = dict[str, None]()
    for arm in ("main", *protocol.controls):
        known = _Known(protocol=protocol, arm=arm, qubits=qubits, values=_values(protocol, some, arm))
        for member in range(min(_members(protocol, some, arm).shape[1], _MEMBERS)):
            known.check("prepare", known.asked("prepare", protocol.prepare, member, arm))
        for i in longest:
            for index in range(1, min(max(number[i], 1), _COLLISIONS) + 1):
                steps = known.asked("collision", protocol.collision, index, arm, each[i])
                known.check("collision", steps)
                registers |= {step.register: None for step in steps if isinstance(step, Thermal | Feedback)}
    complete = len(each) <= _STRUCTURES and max(number) <= _COLLISIONS
    return tuple(registers) if complete else None


def _check_measurements(protocol: Statements, qubits: Sequence[str]) -> None:
    if not qubits or len(set(qubits)) < len(qubits):
        raise mistake(protocol, f"`qubits` must name each wire of the system once, but is {qubits}. Correct it.")
    for name, bases in asked(protocol, "measurements", lambda: protocol.measurements).items():
        for basis in bases:
            if len(basis) != len(qubits) or not set(basis) <= set("XYZ"):
                raise mistake(
                    protocol,
                    f"`measurements` has the basis {basis!r} in {name}, but a basis has one letter of X Y Z for each "
                    f"of {', '.join(qubits)}, such as {'Z' * len(qubits)}. Correct it.",
                )


def _values(protocol: Statements, points: Points, arm: str) -> Mapping[str, Array]:
    """Every number by its name, each one that can be computed with."""
    values = asked(protocol, "values", lambda: protocol.values(points, arm), f" for arm {arm}")
    if not isinstance(values, Mapping):
        raise mistake(protocol, f"`values` must give numbers by name, but gives {values!r}. Give a dict.")
    for name, numbers in values.items():
        if name in {spec.name for spec in parameters(protocol)}:
            raise mistake(
                protocol,
                f"`values` gives the name {name!r} in arm {arm}, which is a field: a circuit's angle and a parameter "
                f"must not share it. Rename it in `values` and in the steps, such as {name}_used.",
            )
        shape = np.shape(numbers)
        if shape not in ((), (1,), (len(points),)):
            raise mistake(
                protocol,
                f"`values` gives {name} the shape {shape} for {len(points)} points in arm {arm}, but it must be one "
                "number or one for each point. Compute it from points.parameters.",
            )
    return values


def _members(protocol: Statements, points: Points, arm: str) -> Array:
    """Weights of the initial states that are probabilities, (points, members)."""
    weights = np.asarray(asked(protocol, "members", lambda: protocol.members(points, arm), f" for arm {arm}"))
    if weights.ndim != 2 or len(weights) != len(points):
        raise mistake(
            protocol,
            f"`members` must give weights of shape (points, members), but gives {weights.shape} for {len(points)} "
            f"points in arm {arm}. A pure start is np.ones((len(points), 1)).",
        )
    total = weights.sum(axis=1)
    if not (np.isfinite(weights).all() and weights.min() >= -1e-9 and np.abs(total - 1).max() <= 1e-9):
        raise mistake(
            protocol,
            f"`members` must give weights of 0 or more that sum to 1, but in arm {arm} they are from "
            f"{weights.min():.6g} and sum to {total[np.argmax(np.abs(total - 1))]:.6g}. Correct them.",
        )
    return weights


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What steps of one arm may name."""

    protocol: Statements
    arm: str
    qubits: tuple[str, ...]
    values: Mapping[str, Array]

    def asked(self, method: str, answer: Callable[..., Sequence[Step]], *arguments: object) -> Sequence[Step]:
        """What a method answers for this arm."""
        return asked(self.protocol, method, lambda: answer(*arguments), f" for arm {self.arm}")

    def check(self, method: str, steps: Sequence[Step]) -> None:
        """Refuses steps that name what there is not."""
        wires = [*self.qubits]
        try:
            steps = list(steps)
        except TypeError:
            raise self._mistake(
                method, f"must give a list of steps, but gives {steps!r}. Put it into a list."
            ) from None
        for step in steps:
            if isinstance(step, Thermal) and method == "collision":
                wires.append(step.register)
                if step.excited:
                    self._check_probability(method, step)
                self._check_gap(method, step)
            elif isinstance(step, Operation):
                self._check_wires(method, step.kind, step.wires, wires)
                self._check_operation(method, step)
            elif isinstance(step, Feedback) and method == "collision":
                self._check_feedback(step, wires)
            elif isinstance(step, Dephase | Renew) and method == "collision":
                self._check_wires(method, type(step).__name__, (step.wire,), wires)
            else:
                kinds = "operations, Thermal, Dephase, Renew and Feedback" if method == "collision" else "operations"
                raise self._mistake(method, f"may give {kinds}, but gives {step!r}. Correct it.")

    def _check_wires(self, method: str, what: str, named: Sequence[str], wires: Sequence[str]) -> None:
        for name in named:
            if name not in wires:
                there = ", ".join(wires)
                raise self._mistake(
                    method,
                    f"puts {what} on the wire {name!r}, but so far the wires are {there}. Correct the name; ancillas "
                    "come first in a collision.",
                )
        if len(set(named)) < len(named):
            raise self._mistake(method, f"puts {what} on {', '.join(named)}. Name different wires.")

    def _check_feedback(self, step: Feedback, wires: Sequence[str]) -> None:
        self._check_wires("collision", "Feedback", (step.wire,), wires)
        for one in step.then:
            if one.kind not in CONTROLLED:
                known = ", ".join(CONTROLLED)
                raise self._mistake(
                    "collision", f"puts {one.kind!r} on a condition, but feedback may do {known}. Take one of them."
                )
            self._check_wires("collision", f"{one.kind} after a reading of {step.wire}", (step.wire, *one.wires), wires)
            self._check_operation("collision", one)

    def _check_probability(self, method: str, step: Thermal) -> None:
        numbers = np.asarray(self._named(method, step.excited, f"the excited population of {step.register}"))
        if not ((numbers >= -1e-12) & (numbers <= 1 + 1e-12)).all():
            worst = numbers.ravel()[np.argmax(np.abs(numbers - 0.5))]
            raise mistake(
                self.protocol,
                f"`values` gives {step.excited} = {worst:.6g} in arm {self.arm}, but the excited population of "
                f"{step.register} is within 0..1. Correct it, or the domain of the parameter behind it.",
            )

    def _check_gap(self, method: str, step: Thermal) -> None:
        gap = self._named(method, step.gap, f"the gap of {step.register}") if isinstance(step.gap, str) else step.gap
        if not np.isfinite(np.asarray(gap, dtype=float)).all():
            raise self._mistake(
                method, f"gives {step.register} a gap of {gap}. Give a finite number, or the name of one in `values`."
            )

    def _check_operation(self, method: str, step: Operation) -> None:
        if step.kind not in KNOWN:
            known = ", ".join(KNOWN)
            raise self._mistake(method, f"uses the gate {step.kind!r}; there are {known}. Take one of them.")
        angles = {name: self._named(method, name, f"an angle of {step.kind}") for name in step.angles}
        for name, numbers in angles.items():
            if not np.isfinite(np.asarray(numbers, dtype=float)).all():
                raise mistake(self.protocol, f"`values` gives {name} no finite number in arm {self.arm}. Correct it.")
        if step.kind == "barrier":
            return  # of any number of wires, and its matrix of many would not fit
        try:
            size = step.matrix({name: np.ravel(numbers)[:1] for name, numbers in angles.items()}).shape[-1]
        except TypeError:
            text = f"gives {step.kind} on {', '.join(step.wires)} {len(step.angles)} angles"
            raise self._mistake(method, f"{text}, which is not what it takes. Name each angle (`by=`).") from None
        if size != 2 ** len(step.wires):
            needed = size.bit_length() - 1
            raise self._mistake(method, f"puts {step.kind} on {', '.join(step.wires)}, but it acts on {needed} wires.")

    def _named(self, method: str, name: str, what: str) -> Array:
        if name not in self.values:
            there = ", ".join(self.values) or "nothing"
            raise mistake(
                self.protocol,
                f"`values` lacks {name!r} in arm {self.arm}, which `{method}` takes as {what}; it has {there}. Add it "
                "to `values`, or correct the name.",
            )
        return self.values[name]

    def _mistake(self, method: str, text: str) -> Exception:
        return mistake(self.protocol, f"`{method}` of arm {self.arm} {text}")
