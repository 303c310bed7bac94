"""What a protocol offers: parameters, circuits and exact theory. A structural type: nothing inherits from it."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from protocols.program.observable import Goal, Machine, Observable
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
    heated: typing.ClassVar[tuple[str, ...] | None]
    """Subjects whose energy changes by nothing but exchange with a bath or with each other, so that its change is
    heat: their usual row is `heat`, that of all others `energy_change`. None: the sides; see `heated_subjects`."""
    without: typing.ClassVar[tuple[str | tuple[str, str], ...]]
    """Usual rows that the table is to leave out: names, or name and subject; `ALL_USUAL`: every one."""
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

    @staticmethod
    def inverse_temperatures(parameters: Mapping[str, Array]) -> Mapping[str, Array]:
        """Nominal inverse temperature at the reference, by qubit of the system and by register, (points,) each [1/gap].

        Of those that are thermal there in every arm. Populations of a cold qubit vanish in floating point, and with
        them its temperature, which the parameters still know.
        """
        ...

    def extrema(self, points: Points) -> list[dict[str, object]]:
        """Closed-form extrema along the axis, one row each; empty where there is no closed form."""
        ...


ALL_USUAL = "*"
"""In `without`: every usual row. Of qubits that hold a code, whose own energies and entropies mean nothing."""

Declaring = Experiment | type[Experiment]
"""A protocol, with or without values of its fields."""


def heated_subjects(protocol: Declaring | None) -> tuple[str, ...]:
    """Subjects whose change of energy is heat: those that a protocol declares, or else its sides, apart and together.

    Where a gate or a drive does work on a subject, the change of its energy is not heat, and it belongs into no
    Clausius sum. A protocol with sides on which work is done says `heated = ()`.

    Args:
        protocol: None: nothing is declared, and no change of energy is known to be heat.

    Examples:
        >>> from protocols import load
        >>> heated_subjects(load("heat-exchange")), heated_subjects(load("cooling-floor"))
        (('A', 'B', 'AB'), ())
    """
    declared, sides = getattr(protocol, "heated", None), getattr(protocol, "sides", None)
    if declared is not None:
        return tuple(declared)
    return (*sides, "".join(sides)) if sides else ()


def rows_left_out(protocol: Declaring | None) -> tuple[str | tuple[str, str], ...]:
    """Usual rows that a protocol's table does without: names, or name and subject; `ALL_USUAL`: every one.

    Args:
        protocol: None, or one that says nothing: all usual rows are kept.
    """
    return tuple(getattr(protocol, "without", ()))


def pairs_of(protocol: Declaring | None) -> tuple[tuple[str, str], ...]:
    """Pairs of qubits, among more than two, whose correlations are rows of a protocol's table.

    Args:
        protocol: None, or one that says nothing: there are none.
    """
    return tuple(getattr(protocol, "pairs", ()))


def on_a_line(protocol: Declaring | None) -> bool:
    """Whether the qubits of the system are sites of a line, in their order.

    Args:
        protocol: None, or one that says nothing: they are not.
    """
    return bool(getattr(protocol, "line", False))


def nominal_betas(protocol: Declaring | None, parameters: Mapping[str, Array]) -> Mapping[str, Array]:
    """Inverse temperatures that a protocol knows of its reference, by qubit and register, (points,) each [1/gap].

    Args:
        protocol: None, or one that says nothing: none are known.
        parameters: Every physical field, (points,).

    Examples:
        >>> import numpy as np
        >>> from protocols import load
        >>> cold = {"T_A": np.array([2.0]), "T_B": np.array([0.001])}
        >>> {name: beta.round(9).tolist() for name, beta in nominal_betas(load("heat-exchange"), cold).items()}
        {'A': [0.5], 'B': [1000.0]}
    """
    said = getattr(protocol, "inverse_temperatures", None)
    return {} if said is None else said(parameters)


def gap_read(experiment: Experiment, gap: float | str, points: Points, arm: str) -> Array:
    """Gap of what a column reads, at every point of an arm, (points,) [gap].

    Args:
        experiment: The protocol with its fields.
        gap: Of the column, as `Outcome` has it: a number, or the name of one among the protocol's values.
        points: The sweep.
        arm: Which.
    """
    if not isinstance(gap, str):
        return np.full(len(points), gap)
    values = typing.cast("typing.Any", experiment).values(points, arm)
    return np.broadcast_to(np.asarray(values[gap], dtype=float), len(points))


def compared_exactly(protocol: Declaring | None) -> bool:
    """Whether what was gained is counted from the exact start, because no point of a sweep is one.

    Args:
        protocol: None, or one that says nothing: the point at 0 of its axis is the start.

    Examples:
        >>> from protocols import load
        >>> compared_exactly(load("heat-pump")), compared_exactly(load("heat-bridge"))
        (False, True)
    """
    origin = getattr(protocol, "origin", None)
    return origin is not None and origin != getattr(protocol, "axis", None)


def gap_parameters(protocol: Declaring | None) -> Mapping[str, str]:
    """Qubit of the system -> the parameter that is its gap, which may be swept; all others have the unit of energy, 1.

    Args:
        protocol: None, or one that says nothing (`gaps`): all gaps are equal.

    Examples:
        >>> from protocols import load
        >>> gap_parameters(load("two-stroke-engine")), gap_parameters(load("heat-exchange"))
        ({'c': 'gap_c'}, {})
    """
    return dict(getattr(protocol, "gaps", {}))


def machine_of(protocol: Declaring | None) -> Machine | None:
    """The machine between two baths that a protocol is, by the rows that it is judged by.

    Args:
        protocol: None, or one that says nothing (`machine`): it is none.
    """
    return getattr(protocol, "machine", None)


@dataclass(frozen=True, kw_only=True)
class Member:
    """One pure preparation of an ensemble whose evolution keeps the number of excitations."""

    excitations: int
    """In all qubits of the system together, at every point."""
    two_qubit_gates: int
    """Of its circuit in the gates of a chip that has no more than CZ or CX; for data that do not say what was
    executed."""
    carrier: int | None = None
    """The qubit on which its superposition is made before a CX spreads it: errors of that qubit in the preparation keep
    the number of excitations, those of the other do not. None: there is none."""


def members_of(protocol: Declaring | None) -> Mapping[int, Member]:
    """The members of a protocol that are eigenstates of the number of excitations, by their number in `Setting`.

    Args:
        protocol: None, or one that says nothing: no member is known.

    Examples:
        >>> from protocols import load
        >>> {number: member.excitations for number, member in members_of(load("heat-exchange")).items()}
        {0: 0, 1: 1, 2: 1, 3: 2}
    """
    return dict(getattr(protocol, "ensemble", {}))


@typing.runtime_checkable
class Drawing(typing.Protocol):
    """An experiment some of whose members may be drawn shot by shot, for a circuit for each would be too many."""

    @property
    def draws(self) -> bool:
        """Whether it has so many."""
        ...

    def drawn(self, setting: Setting, points: Points, shots: Array) -> tuple[Array, Array, Mapping[str, Array]] | None:
        """Point (rows,) and shots (rows,) of every row of a template, and its own angles; None: members are exact."""
        ...


@typing.runtime_checkable
class Counting(typing.Protocol):
    """An experiment that knows how many excitations its members have where outcomes are too many to be looked at."""

    @property
    def long(self) -> bool:
        """Whether they are."""
        ...

    def excitations(self, setting: Setting) -> int | None:
        """Of the member of a template, from start to end; None where members are drawn."""
        ...
