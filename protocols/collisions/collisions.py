"""The collision layer: a system of named qubits, a stream of fresh ancillas, and what they do to each other.

A protocol is a frozen dataclass that inherits from `Collisions` and says four things: how the system starts
(`members`, `prepare`), what one collision is (`collision`), the numbers behind both (`values`), and its observables.
Templates, weights, exact probabilities and exact states all come from these, so circuit and theory cannot differ.

Ancillas live for one collision. With the option "ancillas" = "fresh" each has a wire of its own, `bath_1`, `bath_2`,
all read at the end; with "reset" one wire serves all, is read before each reset (`bath.1`) and at the end (`bath`).
"""

from __future__ import annotations

import typing
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np

from protocols.catalogue import check_class
from protocols.collisions.ancillas import (
    PREPARATIONS,
    Thermal,
    at_most,
    batches,
    check_members,
    enough_batches,
    flips,
    mixing_angle,
    probability,
)
from protocols.collisions.evolution import Step, branched, coins_of, collide, mixed, prepared
from protocols.collisions.feedback import Feedback, acting_of, in_one_form
from protocols.collisions.operations import Operation
from protocols.collisions.statements import check_statements
from protocols.collisions.template import Template
from protocols.pauli import outcome_probabilities
from protocols.program import (
    Goal,
    Need,
    Observable,
    Points,
    Preset,
    Setting,
    asked,
    check,
    check_quantities,
    compared_exactly,
    grid,
    outcomes_of,
    parameters,
    with_references,
)
from protocols.types import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from protocols.program import Experiment

Structure = Mapping[str, int]
ONE = "collisions"
"""What counts in the structure of a protocol without a parameter that counts."""


class Collisions:
    """What every collision protocol shares."""

    name: ClassVar[str]
    axis: ClassVar[str] = "collisions"
    counted: ClassVar[str] = "collisions"
    """The parameter that says how many collisions there are, see `number`; empty: one at every point."""
    origin: ClassVar[str | None] = None
    """The parameter that is 0 before anything acts; None: the axis. Another one where the axis cannot be 0, as a
    temperature cannot: what is gained is then counted from the exact start and not from a point of the sweep. Empty:
    nothing is counted from any start."""
    controls: ClassVar[tuple[str, ...]] = ()
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {"preparation": PREPARATIONS, "ancillas": ("fresh", "reset")}
    """Of a system without ancillas: {}; of one whose ancillas are all in their ground state: "ancillas" alone."""
    presets: ClassVar[Mapping[str, Preset]] = {}
    sides: ClassVar[tuple[str, str] | None] = None
    heated: ClassVar[tuple[str, ...] | None] = None
    """Subjects whose change of energy is heat; None: the sides, if there are any."""
    without: ClassVar[tuple[str | tuple[str, str], ...]] = ()
    """Usual rows that the table leaves out."""
    system: ClassVar[str] = "system"
    """Subject of what belongs to all qubits of the system."""

    def __post_init__(self) -> None:
        check_class(type(self))
        check(self)
        points = asked(self, "points", lambda: self.points({}, reference="nominal"))
        self.check(points)
        check_quantities(self, points, check_statements(self, points))

    # ---- what a protocol says ----

    @property
    @abstractmethod
    def qubits(self) -> tuple[str, ...]:
        """Wires of the system."""
        raise NotImplementedError

    @property
    def measurements(self) -> Mapping[str, tuple[str, ...]]:
        """Energies alone, unless the protocol offers more."""
        return {"energies": ("Z" * len(self.qubits),)}

    def automatic(self) -> Mapping[str, typing.Any]:
        """Values of fields that are None."""
        return {}

    def derived(self, fields: Mapping[str, Array]) -> Mapping[str, Array]:
        """Values of fields that are None and depend on the other fields, (points,) each."""
        return {}

    def check(self, points: Points) -> None:
        """Refuses values that do not go together."""

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """What is to be shown, where it is not a direction of heat."""
        return None

    @abstractmethod
    def members(self, points: Points, arm: str) -> Array:
        """Weight of each pure initial state of the system, (points, members)."""
        raise NotImplementedError

    @abstractmethod
    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """From |0...0> to this member."""
        raise NotImplementedError

    @abstractmethod
    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """Collision number `index` (from 1): fresh ancillas first, then what acts."""
        raise NotImplementedError

    @abstractmethod
    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """Probabilities and gate angles by name, (points,) each."""
        raise NotImplementedError

    def structures(self, points: Points) -> Mapping[str, Array]:
        """What makes another template, whole numbers (points,) by name."""
        if not self.counted:
            return {ONE: np.ones(len(points), dtype=int)}
        return {self.counted: points.parameters[self.counted].astype(int)}

    def number(self, structure: Structure) -> int:
        """How many collisions a template has; 0: its ancillas are prepared and read only."""
        return structure[self.counted or ONE]

    @staticmethod
    @abstractmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """Quantities of the protocol."""
        raise NotImplementedError

    # ---- the sweep ----

    def points(self, options: Mapping[str, str] | None = None, reference: str = "measured") -> Points:
        """The sweep as numbers: every combination, the axis running fastest.

        Args:
            options: "preparation" of the ancillas, see `_ancillas`; "ancillas": "fresh" or "reset"; "control": arms,
                comma-separated; "batches" and "flips", number and seed, of a random preparation.
            reference: "measured" adds the points at 0 of the axis that the sweep lacks; "nominal" adds none, and none
                are added where the origin is not on the axis.
        """
        usual = {"preparation": PREPARATIONS[0], "ancillas": "fresh", "control": ""}
        chosen = {**usual, **{name: words[0] for name, words in self.offers.items()}, **(options or {})}
        words = {spec.name: str(getattr(self, spec.name)) for spec in parameters(self) if spec.choices}
        given = {spec.name: getattr(self, spec.name) for spec in parameters(self) if spec.numeric}
        filled = self.automatic()
        given = {name: filled.get(name) if value is None else value for name, value in given.items()}
        order = [name for name in given if name != self.axis and given[name] is not None]
        fields = grid({name: typing.cast("Array", given[name]) for name in (*order, self.axis)})
        axis = fields.pop(self.axis)
        derived = {name: values for name, values in self.derived(fields).items() if name not in fields}
        fields = {**fields, **derived, self.axis: axis}
        points = with_references(
            fields, {**words, **chosen}, self.axis, "nominal" if compared_exactly(self) else reference
        )
        if chosen.get("preparation") != "random":
            return points
        number = points.options.get("batches") or str(self._batches(points))
        return replace(points, options={"flips": "0", **points.options, "batches": number})

    def _batches(self, points: Points) -> int:
        """Enough for every string of bits to come up: one that never does would leave no error."""
        steps = self.collision(1, "main", {name: int(v[0]) for name, v in self.structures(points).items()})
        values = self._values(points, "main")
        each = [probability(coin, values, len(points)) for _, coin in coins_of(steps)]
        often = np.maximum(points.parameters[self.counted], 1) if self.counted else 1
        rarest = np.prod([np.minimum(p, 1 - p) ** often for p in each], axis=0) if each else np.array([0.5])
        return enough_batches(float(rarest.min()))

    def needs(self, points: Points) -> frozenset[Need]:
        """What the chosen preparation and supply of ancillas need."""
        needed: set[Need] = set()
        if points.options.get("ancillas") == "reset" and any(self.number(one) > 1 for one, _ in self._groups(points)):
            needed |= {"reset", "mid_circuit"}
        if points.options.get("preparation") == "measured":
            needed.add("mid_circuit")
        if _is_measured(points):
            needed.add("feedback")
        return frozenset(needed)

    # ---- theory: density matrices through the operations of the circuit ----

    def state(self, points: Points, arm: str = "main") -> Array:
        """Exact states of the system after the last collision, (points, d, d)."""
        return self._evolved(points, arm)[0]

    def registers(self, points: Points, arm: str = "main") -> Mapping[str, Array]:
        """Exact energy of the ancillas of each register when they are read, mean over the collisions [gap]."""
        return self._evolved(points, arm)[1]

    def reference_state(self, points: Points, arm: str = "main") -> Array:
        """Exact state at 0 of the axis, all other parameters equal."""
        return self.state(self._reference(points), arm)

    def reference_registers(self, points: Points, arm: str = "main") -> Mapping[str, Array]:
        """Exact energies of the ancillas there; NaN for registers that only later collisions have."""
        found = self.registers(self._reference(points), arm)
        return {name: found.get(name, np.full(len(points), np.nan)) for name in self._registers(points, arm)}

    def exact(self, setting: Setting, points: Points) -> Array:
        """Exact outcome probabilities of one member in one setting, (points, 2**outcomes)."""
        one, values = self._template(setting), self._values(points, setting.arm)
        chances = iter(self._chances(one, points).T)
        rho = prepared(len(points), self.qubits, self.prepare(one.system_member, setting.arm), values)
        for steps in one.collisions:
            tossed = {i: next(chances) for i, _ in coins_of(steps)}
            rho = branched(rho, self.qubits, steps, values, tossed, idle=one.idle)
        letters = setting.basis[: len(self.qubits)]
        # the reads of the system come first in a setting, then those of the ancillas in time
        return outcome_probabilities(rho, letters).swapaxes(1, 2).reshape(len(points), -1)

    @staticmethod
    def frequency(parameters: Mapping[str, Array]) -> None:
        """Energies do not oscillate along the axis."""
        return

    @staticmethod
    def inverse_temperatures(parameters: Mapping[str, Array]) -> Mapping[str, Array]:
        """By qubit and register, of what is thermal at the reference; none unless the protocol says so."""
        return {}

    def extrema(self, points: Points) -> list[dict[str, object]]:
        """None in closed form."""
        return []

    # ---- circuits ----

    def settings(self, points: Points, bases: Sequence[str]) -> tuple[Setting, ...]:
        """One template per arm, structure, member and basis."""
        found: list[Setting] = []
        options = points.options
        way = {
            "preparation": PREPARATIONS.index(options.get("preparation", "ensemble")),
            "reset": int(options.get("ancillas") == "reset"),
            "batches": batches(points),
            **({"measured": 1} if _is_measured(points) else {}),
        }
        for arm in points.arms:
            for structure, where in self._groups(points):
                bare = Setting(arm=arm, structure=tuple({**structure, **way}.items()))
                one, here = self._template(bare), points.at(where)
                system = self.members(here, arm).shape[1]
                if one.preparation == "ensemble":
                    check_members(system, len(one.coins), self.offers.get("preparation", ()), self.counted)
                if one.reads:
                    at_most(len(self.qubits) + len(one.reads), self.counted, templates=system * one.pure)
                for member in range(system * one.pure):
                    mine = replace(bare, member=member)
                    if (self.weights(mine, here) > 0).any():
                        found += [
                            replace(mine, outcomes=(*outcomes_of(self.qubits, basis), *one.reads)) for basis in bases
                        ]
        return tuple(found)

    def applies(self, setting: Setting, points: Points) -> Array:
        """Points of the template's structure."""
        structure = dict(setting.structure)
        same = [structure[name] == values for name, values in self.structures(points).items()]
        return np.all(same, axis=0)

    def template(self, setting: Setting) -> QuantumCircuit:
        """The system's preparation, the collisions one after the other, readout."""
        one = self._template(setting)
        title = f"{setting.arm}-{dict(setting.structure)[self.counted or ONE]}-{setting.member}-{setting.basis}"
        return one.circuit(self.prepare(one.system_member, setting.arm), title)

    def angles(self, setting: Setting, points: Points) -> Mapping[str, Array]:
        """Gate angles of one template at every point [rad]."""
        one, values = self._template(setting), self._values(points, setting.arm)
        acting = [*self.prepare(one.system_member, setting.arm)]
        if not one.idle:
            acting += [step for once in one.collisions for step in acting_of(once)]
        used = dict.fromkeys(name for step in acting for name in step.angles)
        found = {name: np.broadcast_to(values[name], (len(points),)) for name in used}
        if one.preparation in ("measured", "purified"):
            thermal = dict.fromkeys(coin.excited for coin in one.coins if isinstance(coin, Thermal))
            found |= {f"mixing_{name}": mixing_angle(np.broadcast_to(values[name], len(points))) for name in thermal}
        if one.preparation == "random":
            bits = self._chances(one, points)
            found |= {f"flip_{i}": np.pi * bits[:, i] for i in range(len(one.coins))}
        return found

    def weights(self, setting: Setting, points: Points) -> Array:
        """Exact probability of the member; of a batch, its share."""
        one = self._template(setting)
        weight = self.members(points, setting.arm)[:, one.system_member]
        if one.preparation == "ensemble":
            values = self._values(points, setting.arm)
            each = [probability(coin, values, len(points)) for coin in one.coins]
            return weight * np.prod([p if bit else 1 - p for p, bit in zip(each, one.bits, strict=True)], axis=0)
        return weight / one.pure

    # ---- parts ----

    def _values(self, points: Points, arm: str) -> Mapping[str, Array]:
        return points.known((self, "values", arm), lambda: self.values(points, arm))

    def _evolved(self, points: Points, arm: str) -> tuple[Array, Mapping[str, Array]]:
        """States after the last collision and the ancillas' energies, see `state` and `registers`."""
        return points.known((self, "evolved", arm), lambda: self._collided(points, arm))

    def _collided(self, points: Points, arm: str) -> tuple[Array, Mapping[str, Array]]:
        d = 2 ** len(self.qubits)
        states, energies = np.zeros((len(points), d, d), dtype=complex), dict[str, Array]()
        for structure, where in self._groups(points):
            here = points.at(where)
            values, weight = self._values(here, arm), self.members(here, arm)
            rho = mixed(weight, self.qubits, [self.prepare(m, arm) for m in range(weight.shape[1])], values)
            count = self.number(structure)
            read: dict[str, list[Array]] = {}
            for number in range(max(count, 1)):
                steps = in_one_form(self.collision(number + 1, arm, structure), measured=_is_measured(points))
                tossed = {i: probability(coin, values, len(here)) for i, coin in coins_of(steps)}
                done = collide(rho, self.qubits, steps, values, tossed, idle=not count)
                rho = done.rho
                for name, energy in done.energies.items():
                    read.setdefault(name, []).append(energy)
            states[where] = rho[:, 0]
            for name, each in read.items():
                energies.setdefault(name, np.full(len(points), np.nan))[where] = np.mean(each, axis=0)
        return states, energies

    def _registers(self, points: Points, arm: str) -> list[str]:
        """Of all points."""
        each = [(structure, max(self.number(structure), 1)) for structure, _ in self._groups(points)]
        steps = (step for one, count in each for k in range(count) for step in self.collision(k + 1, arm, one))
        named = in_one_form(steps, measured=_is_measured(points))
        return list(dict.fromkeys(step.register for step in named if isinstance(step, Thermal | Feedback)))

    def _reference(self, points: Points) -> Points:
        return replace(points, parameters={**points.parameters, self.origin or self.axis: np.zeros(len(points))})

    def _groups(self, points: Points) -> Iterator[tuple[dict[str, int], Array]]:
        """Structures that occur, each with the indices of its points."""
        named = self.structures(points)
        table = np.stack(list(named.values()), axis=1)
        for row in dict.fromkeys(map(tuple, table.tolist())):
            yield dict(zip(named, row, strict=True)), np.flatnonzero((table == row).all(axis=1))

    def _template(self, setting: Setting) -> Template:
        structure = dict(setting.structure)
        number, measured = self.number(structure), bool(structure.get("measured"))
        each = [
            in_one_form(self.collision(k + 1, setting.arm, structure), measured=measured) for k in range(max(number, 1))
        ]
        return Template(setting=setting, qubits=self.qubits, collisions=tuple(map(tuple, each)), idle=number == 0)

    def _chances(self, one: Template, points: Points) -> Array:
        """Probability of the bit of every coin in this member, (points, coins): 0 or 1 unless the circuit mixes."""
        values, arm = self._values(points, one.setting.arm), one.setting.arm
        if one.preparation == "random":
            return flips(points, one.coins, values, arm)[one.batch].astype(float)
        if one.preparation == "ensemble":
            return np.broadcast_to(np.array(one.bits, dtype=float), (len(points), len(one.coins)))
        return np.array([probability(coin, values, len(points)) for coin in one.coins]).T.reshape(len(points), -1)


def _is_measured(points: Points) -> bool:
    """Whether feedback acts on results of measurements."""
    return points.options.get("feedback") == "measured"


if typing.TYPE_CHECKING:
    _offers: Experiment = Collisions()
