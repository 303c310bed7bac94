r"""heat-bridge: a qubit between two baths, whose heat current keeps growing as the cold bath is cooled.

arXiv 2509.14027 (abstract only was read; the models are the suite's own): a classical particle between two walls
carries less heat once the cold wall is cold enough, for then it is slow,

    J_classical ~ sqrt(T_h T_c) (sqrt T_h - sqrt T_c),   largest at T_c = T_h/4;

a quantum one does not. Here the bridge meets a fresh ancilla of each bath in turn, in partial swaps phi. With
s = sin^2 phi and excited populations p_h, p_c of the ancillas, its steady state before a round and a round's heat are

    p = [(1 - s) p_h + p_c]/(2 - s),   J = s (p_h - p_c)/(2 - s),

which rises to s p_h/(2 - s) for T_c -> 0. Started there, the first round carries all of J at both ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from protocols.collisions.ancillas import Thermal, thermal
from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.operations import Operation, computational, exchange
from protocols.machines.maxwell_walls import maxwell_wall_share
from protocols.program.observable import Goal, Observable, linear, theory
from protocols.program.parameters import Preset, parameter
from protocols.program.points import Points
from protocols.program.sample import Sample
from protocols.quantities.thermal import excited_population
from protocols.types.arrays import Array

Real = float | Array | Sequence[float]
BALANCE = (("heat", "hotbridgecold"),)


@dataclass(frozen=True, kw_only=True, eq=False)
class HeatBridge(Collisions):
    """A bridge qubit between ancillas of a hot and of a cold bath, in its steady state.

    Examples:
        >>> one = HeatBridge(T_c=0.3)
        >>> points = one.points({})
        >>> cold = one.registers(points)["cold"] - one.reference_registers(points)["cold"]
        >>> float(cold[0].round(7))
        0.1088509
    """

    T_h: Real = parameter(1.6, unit="gap/k_B", low=0, strict=True, meaning="temperature of the hot bath")
    T_c: Real = parameter(
        (0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.05, 1.2),
        unit="gap/k_B",
        low=0,
        strict=True,
        meaning="temperature of the cold bath",
    )
    angle: Real = parameter(0.8, unit="rad", meaning="phi of each partial swap")
    rounds: Real = parameter(1, low=0, high=1000, whole=True, meaning="number of rounds; heats are those of all")

    name: ClassVar[str] = "heat-bridge"
    axis: ClassVar[str] = "T_c"
    counted: ClassVar[str] = "rounds"
    origin: ClassVar[str | None] = "rounds"
    controls: ClassVar[tuple[str, ...]] = ("isothermal",)
    heated: ClassVar[tuple[str, ...] | None] = ("bridge",)
    system: ClassVar[str] = "bridge"
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {**Collisions.offers, "ancillas": ("reset", "fresh")}
    presets: ClassVar[Mapping[str, Preset]] = {
        "current": Preset(values={}, source="chosen here (the defaults)"),
        "coldest": Preset(values={"T_c": "0.15"}, source="chosen here: the lowest temperature of the sweep alone"),
        "angle": Preset(values={"T_c": "0.15", "angle": "0.2:1.4:7"}, source="chosen here: against the contact"),
        "rounds": Preset(values={"T_c": "0.3", "rounds": "1:3:3"}, source="chosen here: the current is steady"),
    }

    @property
    def qubits(self) -> tuple[str, ...]:
        """What carries the heat."""
        return ("bridge",)

    def members(self, points: Points, arm: str) -> Array:
        """Ground and excited, in the steady state of the arm."""
        p_h, p_c, s = *self._baths(points, arm), np.sin(points.parameters["angle"]) ** 2
        return thermal(((1 - s) * p_h + p_c) / (2 - s), 1)

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """X for the excited one."""
        return computational(member, self.qubits)

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """One round: the hot bath first, then the cold one."""
        fresh = [Thermal(register="hot", excited="p_h"), Thermal(register="cold", excited="p_c")]
        return [*fresh, exchange("hot", "bridge", "phi"), exchange("cold", "bridge", "phi")]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """Populations of the ancillas, and the angle."""
        p_h, p_c = self._baths(points, arm)
        return {"p_h": p_h, "p_c": p_c, "phi": points.parameters["angle"]}

    def _baths(self, points: Points, arm: str) -> tuple[Array, Array]:
        """Excited populations of both; in arm "isothermal" the hot bath is as cold as the other one."""
        p_c = excited_population(points.parameters["T_c"])
        return (p_c if arm == "isothermal" else excited_population(points.parameters["T_h"])), p_c

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """More than the classical curve has, which falls where the quantum one still rises; of baths called aright."""
        reached = "more heat reaches the cold bath than the classical curve has there"
        missed = "heat above the classical curve is not shown"
        where = tuple((points.parameters["T_c"] < points.parameters["T_h"]).tolist())
        nowhere = "T_c is not below T_h at any point, so that no cold bath is there to be reached; set T_c < T_h"
        return Goal(
            "heat", "cold", "classical_current", reached, missed, where=where, nowhere=nowhere, balances=BALANCE
        )

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """Heat of both baths and its balance, and what it is compared with."""
        into, baths = "energy that this bath took in, all rounds together", ("hot", "cold")
        missing = "sum of all three: 0, unless errors of the device add or take energy"
        return (
            *(linear("energy", bath, (bath,), lambda s, bath=bath: s.moments[bath]) for bath in baths),
            *(
                linear("heat", bath, (bath,), lambda s, bath=bath: _into(s, bath), reference=True, meaning=into)
                for bath in baths
            ),
            linear("heat", "hotbridgecold", ("Z", *baths), _balance, reference=True, meaning=missing),
            theory("classical_current", "cold", _classical, unit="gap"),
            theory("current_limit", "cold", lambda s: _current(s, np.zeros(())), unit="gap"),
        )


def _into(sample: Sample, bath: str) -> Array:
    """Energy gained by the ancillas of a bath, over all rounds."""
    return sample.parameters["rounds"] * (sample.moments[bath] - sample.before.moments[bath])


def _balance(sample: Sample) -> Array:
    """Energy gained by both baths and the bridge: every gate conserves it."""
    bridge = (sample.before.moments["Z"] - sample.moments["Z"]) / 2
    return _into(sample, "hot") + _into(sample, "cold") + bridge


def _current(sample: Sample, p_c: Array) -> Array:
    """Heat of all rounds into a cold bath of that population."""
    known, s = sample.parameters, np.sin(sample.parameters["angle"]) ** 2
    return known["rounds"] * s * (excited_population(known["T_h"]) - p_c) / (2 - s)


def _classical(sample: Sample) -> Array:
    """J_classical, scaled so that at its maximum, T_c = T_h/4, both currents are equal."""
    T_h, T_c = sample.parameters["T_h"], sample.parameters["T_c"]
    return maxwell_wall_share(T_h, T_c) * _current(sample, excited_population(T_h / 4))
