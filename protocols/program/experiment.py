"""What a protocol offers: parameters, circuits and exact theory. A structural type: nothing inherits from it."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from typing import Literal

from protocols.program.observable import Goal, Observable
from protocols.program.points import Points
from protocols.program.setting import Setting
from protocols.types import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from protocols.program.parameters import Preset

Need = Literal["reset", "mid_circuit", "feedback"]


class Experiment(typing.Protocol):
    """What protocols/<name>.py offers: circuits and theory of one protocol, in one file."""

    name: typing.ClassVar[str]
    """As on the command line: "heat-exchange"."""
    axis: typing.ClassVar[str]
    """The parameter that a sweep runs along unless told otherwise, 0 at the reference: "time"."""
    sides: typing.ClassVar[tuple[str, str] | None]
    """Subjects between which heat flows: ("A", "B"). None: the protocol has a goal instead."""
    system: typing.ClassVar[str]
    """Subject of what belongs to all qubits of the system: "AB"."""
    controls: typing.ClassVar[tuple[str, ...]]
    """Arms that may be run beside the main one."""
    offers: typing.ClassVar[Mapping[str, tuple[str, ...]]]
    """Options that are words, with what they may be; the first is the default."""
    presets: typing.ClassVar[Mapping[str, Preset]]
    """Named values of the fields."""

    @property
    def qubits(self) -> tuple[str, ...]:
        """Named qubits of the system, in the order of the basis letters."""
        ...

    @property
    def measurements(self) -> Mapping[str, tuple[str, ...]]:
        """Named sets of bases of the system; the first one is measured unless told otherwise."""
        ...

    def points(self, options: Mapping[str, str] | None = None, reference: str = "measured") -> Points:
        """The sweep of this experiment's fields."""
        ...

    def needs(self, points: Points) -> frozenset[Need]:
        """What a device must be able to do beyond gates and a final measurement."""
        ...

    def settings(self, points: Points, bases: Sequence[str]) -> tuple[Setting, ...]:
        """Every template of the sweep."""
        ...

    def applies(self, setting: Setting, points: Points) -> Array:
        """Which points a template serves, (points,) bool: the others have another structure."""
        ...

    def template(self, setting: Setting) -> QuantumCircuit:
        """The circuit of one setting; its free parameters are gate angles."""
        ...

    def angles(self, setting: Setting, points: Points) -> Mapping[str, Array]:
        """Gate angle -> (points,), plain numpy."""
        ...

    def weights(self, setting: Setting, points: Points) -> Array:
        """Exact probability of the member in its ensemble, (points,); 0 allowed: no shots."""
        ...

    def exact(self, setting: Setting, points: Points) -> Array:
        """Exact outcome probabilities of this member and setting, (points, 2**outcomes)."""
        ...

    def state(self, points: Points, arm: str = "main") -> Array | None:
        """Exact states of the system, of the whole ensemble, (points, d, d)."""
        ...

    def registers(self, points: Points, arm: str = "main") -> Mapping[str, Array]:
        """Exact mean energy of the ancillas of each register when they are read, (points,) [gap]."""
        ...

    def reference_registers(self, points: Points, arm: str = "main") -> Mapping[str, Array]:
        """The same at the reference."""
        ...

    def reference_state(self, points: Points, arm: str = "main") -> Array | None:
        """Exact state that each point is compared with under `--reference nominal`, (points, d, d)."""
        ...

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """What is to be shown, where it is not the direction of heat."""
        ...

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """Quantities of this protocol alone, beyond those that the system's qubits have anyhow."""
        ...

    @staticmethod
    def frequency(parameters: Mapping[str, Array]) -> Array | None:
        """Angular frequency of the energies along the axis, (points,); None where they do not oscillate."""
        ...

    def extrema(self, points: Points) -> list[dict[str, object]]:
        """Closed-form extrema along the axis, one row each; empty where there is no closed form."""
        ...
