r"""ladder-cooling: a thermal ladder cools a qubit below its own temperature, which no swap with a thermal qubit does.

Brandao et al., PNAS 112, 3275 (2015) (abstract): small systems obey a family of second laws. They do not forbid this.
The model is this suite's own. A ladder of d levels n of energy n, thermal at T, exchanges |1, n> <-> |0, n+1> with a
qubit, which conserves energy. With x = e^{-1/T} the excited population p becomes

    p' = p (1 - lambda) + (1 - p) x lambda,   lambda = 1 - x^{d-1} (1 - x)/(1 - x^d).

d = 2 is the swap with a thermal qubit, lambda = 1/(1 + x) and p' = x/(1 + x), the thermal value. A longer ladder takes
a hot qubit below it, at d -> infinity (lambda = 1, the beta-swap) to (1 - p) x; what is thermal stays thermal, and a
second ladder brings the qubit back across. Here d = 4: two ordinary thermal ancillas of gaps 1 and 2, n = low + 2 high,
and

    "decrement n if the qubit is 0; flip the qubit unless n = 3; increment n if the qubit is 0"

makes the exchange in three Margolus gates and two CX, 11 CZ, up to phases that no mixture of levels sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from protocols.collisions.ancillas import Thermal, thermal
from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.operations import Operation, computational, exchange, gate
from protocols.laws import qubit_contact, second_laws
from protocols.program.observable import Goal, Observable, linear, theory
from protocols.program.parameters import Preset, parameter
from protocols.program.points import Points
from protocols.program.sample import Sample
from protocols.quantities.thermal import excited_population
from protocols.types.arrays import Array

Real = float | Array | Sequence[float]


@dataclass(frozen=True, kw_only=True, eq=False)
class LadderCooling(Collisions):
    """A qubit that meets fresh thermal ladders of four levels; in arm swap their lower qubit alone.

    Examples:
        >>> one = LadderCooling(collisions=[0, 1])
        >>> one.state(one.points({}, "nominal"))[:, 1, 1].real.round(7).tolist()
        [0.9, 0.0433707]
    """

    T: Real = parameter(0.8, unit="gap/k_B", low=0, strict=True, meaning="temperature of the ladder")
    initial: Real = parameter(0.9, low=0, high=1, meaning="excited population of the qubit at the start")
    collisions: Real = parameter(1, low=0, high=10_000, whole=True, meaning="number of ladders met")

    name: ClassVar[str] = "ladder-cooling"
    controls: ClassVar[tuple[str, ...]] = ("swap",)
    heated: ClassVar[tuple[str, ...] | None] = ("system", "ladder", "systemladder")
    """Every gate keeps the energy of qubit and ladder together: what the qubit loses, the thermal ladder takes."""
    presets: ClassVar[Mapping[str, Preset]] = {
        "hot": Preset(values={}, source="chosen here: from 0.9 (the defaults)"),
        "inverted": Preset(values={"initial": "1"}, source="chosen here: from the excited state, 0.0168936"),
        "thermal": Preset(
            values={"initial": "0.2227001388253087", "collisions": "0:2:3"},
            source="chosen here: from the thermal state itself, 1/(1 + e^(1/0.8)), nothing happens: no law is broken",
        ),
        "temperatures": Preset(
            values={"T": "0.4:2:9"}, source="chosen here: colder than the swap at every temperature"
        ),
    }

    @property
    def qubits(self) -> tuple[str, ...]:
        """The qubit that is cooled."""
        return ("system",)

    def members(self, points: Points, arm: str) -> Array:
        """Ground and excited."""
        return thermal(points.parameters["initial"], 1)

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """X for the excited one."""
        return computational(member, self.qubits)

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """The exchange of one quantum with the ladder; in arm swap all of it with a thermal qubit."""
        ladder = [Thermal(register="low", excited="p_low"), Thermal(register="high", excited="p_high", gap=2.0)]
        if arm == "swap":
            return [*ladder, exchange("system", "low", "swapped")]
        # the system is inverted while it controls, and its flip is that inversion undone
        inverted, borrow = gate("x", "system"), gate("rccx", "system", "low", "high")
        step = gate("cx", "system", "low")
        unless_3 = gate("rccx", "low", "high", "system")
        return [*ladder, inverted, step, borrow, unless_3, inverted, borrow, step, inverted]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """Thermal populations of gaps 1 and 2, and a full swap."""
        T = points.parameters["T"]
        return {
            "p_low": excited_population(T),
            "p_high": excited_population(T, gap=2.0),
            "swapped": np.full(len(points), np.pi / 2),
        }

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """Colder than what it met, of a qubit that began hotter: one that began colder is so by itself."""
        reached = "colder than its bath: the qubit has less energy than at the temperature of the ladder"
        missed = "cooling below the temperature of the ladder is not shown"
        known = points.parameters
        where = tuple((known["initial"] > excited_population(known["T"]) * (1 + 1e-9)).tolist())
        nowhere = "the qubit starts no hotter than the ladder, so that it has nothing to be cooled from; raise initial"
        told = {"where": where, "nowhere": nowhere, "balances": (("heat", "systemladder"),)}
        return Goal("energy", "system", "thermal_energy", reached, missed, below=True, **told)

    @staticmethod
    def inverse_temperatures(parameters: Mapping[str, Array]) -> Mapping[str, Array]:
        """Of the ladder's qubits."""
        return {"low": 1 / parameters["T"], "high": 1 / parameters["T"]}

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """Energy of the ladder, the heat that it took, and where it ends."""

        def into_ladder(s: Sample) -> Array:
            """Over all collisions: each ladder starts as those at the reference do."""
            gained = sum(s.moments[name] - s.before.moments[name] for name in ("low", "high"))
            return s.parameters["collisions"] * gained

        def balance(s: Sample) -> Array:
            """Of both: 0 without errors."""
            return into_ladder(s) - (s.moments["Z"] - s.before.moments["Z"]) / 2

        into, total = "energy that all ladders met gained", "their sum with that of the qubit, 0 without errors"
        return (
            *(linear("energy", name, (name,), lambda s, name=name: s.moments[name]) for name in ("low", "high")),
            linear("heat", "ladder", ("low", "high"), into_ladder, reference=True, meaning=into),
            linear("heat", "systemladder", ("Z", "low", "high"), balance, reference=True, meaning=total),
            *second_laws(qubit_contact("system", "Z", lambda known: known["T"])),
            theory("thermal_energy", "system", lambda s: excited_population(s.parameters["T"]), unit="gap"),
            theory("longest_ladder_energy", "system", _longest_ladder, unit="gap"),
        )


def _longest_ladder(sample: Sample) -> Array:
    """(1 - p) x, the least that one collision with any ladder leaves of a qubit hotter than it; none elsewhere."""
    T, p = sample.parameters["T"], sample.parameters["initial"]
    once = (sample.parameters["collisions"] == 1) & (p >= excited_population(T))
    return np.where(once, (1 - p) * np.exp(-1 / T), np.nan)
