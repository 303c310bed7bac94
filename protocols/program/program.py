"""The nouns of the suite: outcomes, settings, points, samples, observables, blocks and programs.

Structure goes into `Setting`, numbers into `Points`; nothing else makes a template. The member list
is fixed for a sweep; a member of weight 0 gets 0 repeats. numpy only: qiskit appears in annotations.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from protocols.program.resolved import ResolvedFrequencies
from protocols.types.arrays import Array as Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from protocols.program.parameters import Preset


Basis = Literal["X", "Y", "Z"]
Need = Literal["reset", "mid_circuit", "feedback"]
Interval = Literal[
    "multinomial", "likelihood-ratio", "bootstrap", "signed-bootstrap", "wider", "signed-wider", "fieller"
]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One 0/1 column of counts.csv: a named qubit read at a moment."""

    qubit: str
    """Name of the qubit: "A", "bath_A"."""
    moment: int | None = None
    """None: end of the circuit; k: just before this wire's k-th reset."""
    basis: Basis = "Z"
    gap: float = 1.0
    """Energy gap of the qubit [gap]; Landauer and thermophoresis ancillas differ."""
    register: str = ""
    """The stream of ancillas it belongs to ("bath"); empty for a qubit of the system."""
    label: str = ""
    """Of the column, where a wire belongs to another register in every template and its own name says too little."""

    @property
    def column(self) -> str:
        """Name of the column: "A" at the end, "bath_A.2" at moment 2."""
        return self.label or (self.qubit if self.moment is None else f"{self.qubit}.{self.moment}")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Everything that makes a separate circuit template: structure, never a real number."""

    arm: str = "main"
    """"main" or the name of a control: "none", "dephased"."""
    member: int = 0
    """One pure preparation of the ensemble."""
    structure: tuple[tuple[str, int], ...] = ()
    """(("merged", 1),) or (("cycles", 3), ("stop", 2))."""
    outcomes: tuple[Outcome, ...] = ()
    """Classical bit i is outcomes[i]."""

    @property
    def basis(self) -> str:
        """One letter per outcome: "XY" is X on the first, Y on the second."""
        return "".join(outcome.basis for outcome in self.outcomes)


@dataclass(frozen=True, kw_only=True, eq=False)
class Points:
    """The sweep as numbers, validated once, vectorised; never holds a qiskit Parameter."""

    parameters: Mapping[str, Array]
    """Every physical field broadcast to (points,), natural units."""
    options: Mapping[str, str]
    """Choices that are words: correlation="coherent", preparation="purified"."""
    reference: Array
    """(points,) index of the point that heat is counted from; -1: the exact (nominal) reference."""
    reference_only: Array
    """(points,) bool, true where the point is measured only to serve as a reference."""

    def at(self, index: Array) -> Points:
        """Some of the points, compared with their exact reference."""
        nowhere = np.full(len(index), -1)
        own = {name: values[index] for name, values in self.parameters.items()}
        return Points(
            parameters=own, options=self.options, reference=nowhere, reference_only=self.reference_only[index]
        )

    def __len__(self) -> int:
        return len(self.reference)

    @property
    def arms(self) -> tuple[str, ...]:
        """ "main" and the controls."""
        return ("main", *filter(None, self.options.get("control", "").split(",")))


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """What an observable is a function of: states and moments of a batch, and those of its reference.

    The same type holds the exact prediction, the estimate and its draws, so that `ideal`, `value` and
    the interval come from one definition.
    """

    parameters: Mapping[str, Array]
    """Every physical field, (points,)."""
    moments: Mapping[str, Array]
    """Expectation values of Pauli words of the system ("ZI", "XX") and, by name of a register, the mean energy of its
    ancillas; (..., points); linear in the counts."""
    states: Array | None = None
    """Density matrices, (..., points, d, d); None where the settings do not determine them."""
    ideal: Array | None = None
    """Exact states, (points, d, d)."""
    reference: Sample | None = None
    """The same for the point that each point is compared with."""
    resolved: Mapping[tuple[str, ...], ResolvedFrequencies] = field(default_factory=dict)
    """Frequencies member by member, by the columns whose joint bits were asked for; see `Observable.resolved`."""
    taken: tuple[Sample, Array] | None = None
    """Where the cells were taken from another sample as they are: it, and their index in it."""
    memory: dict[object, typing.Any] = field(default_factory=dict, repr=False)
    """What was computed from the states before."""

    def known(self, key: object, function: Callable[[Sample], Array]) -> Array:
        """function(sample), (..., points), computed once for all the observables that need it under one key."""
        if key not in self.memory:
            if self.taken is None:
                self.memory[key] = function(self)
            else:
                sample, index = self.taken
                self.memory[key] = sample.known(key, function)[..., index]
        return self.memory[key]

    @property
    def spectrum(self) -> tuple[Array, Array]:
        """Ascending eigenvalues and eigenvectors of the states, computed once."""
        if "spectrum" not in self.memory:
            self.memory["spectrum"] = np.linalg.eigh(self.rho)
        values, vectors = self.memory["spectrum"]
        return values, vectors

    @property
    def rho(self) -> Array:
        """The states, for observables that read them.

        Raises:
            ValueError: If the settings measured do not determine a state.
        """
        if self.states is None:
            raise ValueError("The measured settings do not determine a state; measure --bases full.")
        return self.states

    @property
    def before(self) -> Sample:
        """The reference, for observables that compare with it.

        Raises:
            ValueError: If there is none.
        """
        if self.reference is None:
            raise ValueError("There is no reference at time 0 to compare with; use --reference nominal.")
        return self.reference


@dataclass(frozen=True, kw_only=True)
class Observable:
    """A quantity of the table: what it reads, how it is computed and how its interval is made."""

    name: str
    subject: str
    """"A", "B", "AB": what it is a property of."""
    unit: str
    reads: tuple[str, ...]
    """Pauli words ("ZI", "XX") or registers ("bath") it needs. "*": the state. Empty: the parameters alone."""
    of: Callable[[Sample], Array]
    """Sample -> (..., points). Affine in the moments when the interval is "multinomial"."""
    interval: Interval = "bootstrap"
    reference: bool = False
    """Compares with the reference and so shares its covariance."""
    ideal: bool = False
    """Compares with the exact state, and so needs a protocol."""
    through: Callable[[Array], Array] | None = None
    """Monotone map of what `of` gives onto the quantity: the interval's ends go through it too."""
    bounds: tuple[float, float] = (-np.inf, np.inf)
    """Values that are possible at all; value and interval are clipped to them, last."""
    theory: bool = False
    """A limit or threshold that the parameters give: it has an ideal and nothing to measure."""
    gradient: Callable[[Array], Array] | None = None
    """States -> derivative with respect to the state, both (..., d, d); None: by differences."""
    ratio: tuple[Callable[[Sample], Array], Callable[[Sample], Array]] | None = None
    """Numerator and denominator of a ratio, for Fieller's interval."""
    majorant: Callable[[Array], tuple[Callable[[Array], Array], Callable[[Array], Array]]] | None = None
    """States -> a function that is never below the quantity and equals it there, and its derivative."""
    kinked: bool = False
    """Has kinks where it usually is: a minimum over measurements, a sum of moduli, a largest eigenvalue."""
    norm: bool = False
    """A norm or seminorm of the state's matrix, which obeys the triangle inequality."""
    correlation: bool = False
    """Zero for every product state of a pair."""
    resolved: tuple[str, ...] | None = None
    """Asks for frequencies member by member, jointly with the bits of these columns of ancillas; () for the system
    alone, None where moments and states are enough. The sample then has `resolved[columns]`; errors are drawn."""

    def __post_init__(self) -> None:
        if self.resolved is not None and self.interval == "multinomial":
            raise ValueError(f"Observable {self.name}: errors of resolved frequencies are drawn, never propagated.")


def linear(
    name: str,
    subject: str,
    reads: Sequence[str],
    of: Callable[[Sample], Array],
    *,
    unit: str = "gap",
    **more: typing.Any,
) -> Observable:
    """An observable that is affine in the moments: errors are propagated, not drawn."""
    return Observable(name=name, subject=subject, unit=unit, reads=tuple(reads), of=of, interval="multinomial", **more)


def drawn(
    name: str, subject: str, reads: Sequence[str], of: Callable[[Sample], Array], *, unit: str = "1", **more: typing.Any
) -> Observable:
    """An observable that is any other function of the moments: errors are drawn."""
    return Observable(name=name, subject=subject, unit=unit, reads=tuple(reads), of=of, **more)


def theory(name: str, subject: str, of: Callable[[Sample], Array], *, unit: str = "1") -> Observable:
    """A limit or threshold, a function of the parameters alone."""
    return Observable(name=name, subject=subject, unit=unit, reads=(), of=of, theory=True)


@dataclass(frozen=True)
class Goal:
    """What a protocol without a hot and a cold side sets out to show: a quantity above a limit."""

    observable: str
    subject: str
    limit: str
    """The `theory` observable of the same subject that it has to exceed."""
    reached: str
    """In words, as the verdict starts: "colder than its bath"."""
    missed: str


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


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """One template and all of its rows."""

    setting: Setting
    build: Callable[[], QuantumCircuit]
    """Makes the unbound circuit on named wires; called only by devices that execute circuits."""
    names: tuple[str, ...]
    """Gate angles: the columns of `values`."""
    values: Array
    """(rows, names) [rad]."""
    point: Array
    """(rows,) index into Points; -1 for calibration."""
    weight: Array
    """(rows,) exact probability of the member."""
    repeats: Array
    """(rows,) int; shots of a row = repeats * Program.quantum."""
    probabilities: Array
    """(rows, 2**outcomes) exact noiseless outcome probabilities."""
    prepared: str = ""
    """Calibration pattern over the outcomes; empty for a measurement of the experiment."""

    @cached_property
    def circuit(self) -> QuantumCircuit:
        """The unbound circuit, one wire register per named qubit."""
        return self.build()


@dataclass(frozen=True, kw_only=True, eq=False)
class Program:
    """All blocks of a run. The last thing that knows qiskit."""

    experiment: Experiment
    points: Points
    bases: tuple[str, ...]
    shots: int
    """Shots of each setting and point, over the members of the ensemble."""
    calibration_shots: int
    """Shots of each prepared pattern; 0: no calibration."""
    blocks: tuple[Block, ...]
    shots_per_row: int
    """Shots of every executed row: the equal-shots rule holds by construction."""
    passes: int
    """1 on simulators; more interleave the points, with calibration in the first and the last."""

    def rows(self, pass_: int) -> Iterator[tuple[int, Array]]:
        """Blocks of one pass in executed order, each with how often its rows run in this pass.

        Repeats r of a row are spread over P passes as evenly as whole numbers allow: after p passes,

            floor((p r + k) / P),   k in 0 .. P - 1 fixed for the row,

        of them have run. k differs from row to row and from block to block: with k = 0 everywhere all rows of a
        single repeat would fall in the last pass, and drift would look like a property of light members.
        Calibration blocks have two rows: the first opens the first pass, the second closes the last one.

        Args:
            pass_: 0 .. passes - 1.

        Yields:
            Index of the block, and the repeats of each of its rows, shape (rows,), int.
        """
        if pass_ == 0:
            yield from self._calibration(np.array([1, 0]))
        for index, block in enumerate(self.blocks):
            if not block.prepared:
                start = _stagger(index, len(block.repeats), self.passes)
                done, due = (((p * block.repeats) + start) // self.passes for p in (pass_, pass_ + 1))
                yield index, due - done
        if pass_ == self.passes - 1:
            yield from self._calibration(np.array([0, 1]))

    def _calibration(self, which: Array) -> Iterator[tuple[int, Array]]:
        for index, block in enumerate(self.blocks):
            if block.prepared:
                yield index, block.repeats * which


# Fractional parts of the golden ratio and of the square root of 2, times 2^32.
_GOLDEN, _SILVER = 2_654_435_769, 1_779_033_704


def _stagger(block: int, rows: int, passes: int) -> Array:
    """Whole numbers 0 .. passes - 1, (rows,), as even over the rows of a block as over the blocks of a row.

    Multiples of an irrational number, modulo 1: even for every regular choice of rows too.
    """
    turn = np.arange(rows, dtype=np.uint64) * np.uint64(_GOLDEN) + np.uint64(block * _SILVER % 2**32)
    return ((turn % np.uint64(2**32)) * np.uint64(passes) >> np.uint64(32)).astype(np.int64)
