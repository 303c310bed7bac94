r"""algorithmic-cooling: a qubit colder than swaps with its bath allow.

Heat-bath algorithmic cooling (experiment: Zaiser et al., arXiv 1812.06252), correlation-enhanced (Rodriguez-Briones et
al.; review arXiv 2505.04689): abstracts only, models of this suite. The bath has polarisation eps = tanh(1/2T):

    hbac        target and two fresh qubits, |1,00> <-> |0,11>: eps_n+1 = eps + eps_n (1 - eps^2)/2 -> 2 eps/(1 + eps^2)
    ppa         n qubits sorted by population, the last one fresh in every round: -> tanh(2^(n-2) artanh eps)
    overhauser  target and a saturated spin, |00> <-> |11> with a fresh qubit of gap 2: -> tanh(2 artanh eps)
    teleport    ground state of -Z - Z + 2 k XX: the helper measures X, the target turns by +-2f and gives up energy
Energies of teleport are in gap/2. The bath is synthetic: what a device's own reset leaves is colder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from protocols.collisions.ancillas import thermal
from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.operations import Operation, computational, gate
from protocols.machines import compression as cooling
from protocols.machines.sorting import sorts
from protocols.program.observable import Goal, Observable, drawn, linear, theory
from protocols.program.parameters import Preset, check_single, parameter
from protocols.program.points import Points
from protocols.program.sample import Sample
from protocols.quantities.entropies import binary_entropy
from protocols.types.arrays import Array
from protocols.types.errors import RequestError

Real = float | Array | Sequence[float]
HALF = "gap/2"
BATH, PPA, TELEPORT = (("method", words) for words in (cooling.METHODS[:3], ("ppa",), ("teleport",)))


@dataclass(frozen=True, kw_only=True, eq=False)
class AlgorithmicCooling(Collisions):
    """A target qubit cooled round by round.

    Examples:
        >>> one = AlgorithmicCooling(rounds=[0, 1, 2])
        >>> one.state(one.points({}, "nominal"))[:, [0, 1], [0, 1]].real.round(6).tolist()
        [[0.75, 0.25], [0.84375, 0.15625], [0.878906, 0.121094]]
    """

    method: str = parameter("hbac", meaning="how entropy is compressed", choices=cooling.METHODS)
    polarisation: Real | None = parameter(
        None, low=0, high=1, strict=True, meaning="p0 - p1 of the bath", automatic="0.5", belongs=BATH
    )
    size: int | None = parameter(
        None, low=2, high=4, whole=True, meaning="number of qubits", automatic="3", belongs=PPA
    )
    interaction: Real | None = parameter(
        None, low=0, high=1e6, strict=True, meaning="k of teleport", automatic="1", belongs=TELEPORT
    )
    turn: Real | None = parameter(
        None, unit="rad", meaning="f of teleport", automatic="tan 2f = k/(1 + 2k^2), the best", belongs=TELEPORT
    )
    rounds: Real | None = parameter(
        None, low=0, high=10_000, whole=True, meaning="number of rounds of cooling", automatic="0:2:3 (0, 1)"
    )

    name: ClassVar[str] = "algorithmic-cooling"
    axis: ClassVar[str] = "rounds"
    counted: ClassVar[str] = "rounds"
    controls: ClassVar[tuple[str, ...]] = ("none",)
    system: ClassVar[str] = "register"
    presets: ClassVar[Mapping[str, Preset]] = {
        "one-round": Preset(values={"rounds": "1"}, source="chosen here"),
        "ppa": Preset(values={"method": "ppa", "rounds": "0:3:4"}, source="chosen here"),
        "overhauser": Preset(values={"method": "overhauser"}, source="chosen here"),
        "teleport": Preset(values={"method": "teleport"}, source="chosen here"),
    }

    def check(self, points: Points) -> None:
        """Refuses what would change the qubits within a sweep, and a second teleportation."""
        check_single(self, "size", changes="qubits")
        if self.method == "teleport" and points.parameters["rounds"].max() > 1:
            raise RequestError("Argument `rounds` must be 0 or 1 for teleport: one measurement uses the state up.")

    def automatic(self) -> Mapping[str, Any]:
        """Defaults of the method."""
        if self.method == "teleport":
            return {"interaction": 1.0, "rounds": [0, 1]}
        return {"polarisation": 0.5, "rounds": [0, 1, 2], **({"size": 3} if self.method == "ppa" else {})}

    def derived(self, fields: Mapping[str, Array]) -> Mapping[str, Array]:
        """The turn that draws most energy."""
        return {"turn": cooling.best_turn(fields["interaction"])} if self.method == "teleport" else {}

    @property
    def qubits(self) -> tuple[str, ...]:
        """The target and what else stays from round to round."""
        return cooling.qubits_of(self.method, int(self.size or 3))

    @property
    def measurements(self) -> Mapping[str, tuple[str, ...]]:
        """Energies; for teleport also the interaction, from separate shots."""
        return {"energies": ("ZZ", "XX") if self.method == "teleport" else ("Z" * len(self.qubits),)}

    def members(self, points: Points, arm: str) -> Array:
        """Thermal qubits as computational states; teleport starts pure."""
        if self.method == "teleport":
            return np.ones((len(points), 1))
        return thermal((1 - points.parameters["polarisation"]) / 2, len(self.qubits))

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """Excited qubits by X; the ground state by one rotation and one CNOT."""
        if self.method == "teleport":
            return [gate("ry", "target", by="ground"), gate("cx", "target", "helper")]
        return computational(member, self.qubits)

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """One round of the method."""
        return cooling.compression(self.method, self.qubits, structure.get(f"sort_{index}", 0), arm)

    def structures(self, points: Points) -> Mapping[str, Array]:
        """The rounds; for ppa also the sort of each, which depends on the populations."""
        rounds = points.parameters["rounds"].astype(int)
        if self.method != "ppa":
            return {"rounds": rounds}
        schedule = sorts((1 - points.parameters["polarisation"]) / 2, len(self.qubits) + 1, rounds)
        return {"rounds": rounds} | {f"sort_{i + 1}": column for i, column in enumerate(schedule.T)}

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """Populations of the fresh qubits, p/(1-p) squared for twice the gap; angles."""
        known, ones = points.parameters, np.ones(len(points))
        if self.method == "teleport":
            return {**cooling.ground_state(known["interaction"]), "turn_y": -2 * known["turn"]}
        eps = known["polarisation"]
        double = (1 - 2 * eps / (1 + eps**2)) / 2
        return {"p": (1 - eps) / 2, "half": ones / 2, "p_double": double, "swap": ones * np.pi / 2}

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """Colder than the bath, or energy drawn from half of a ground state."""
        if points.options["method"] == "teleport":
            reached = "energy was teleported: the target gave up what no operation on it alone draws"
            return Goal("work", "register", "passive_work", reached, missed="teleportation of energy is not shown")
        reached = "colder than its bath: the target is beyond what swaps allow"
        return Goal("polarisation", "target", "swap_limit", reached, missed="cooling beyond the bath is not shown")

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """What became of the target, and what it cost."""
        method = points.options["method"]
        target, *others = cooling.energy_words(method, points.parameters)
        common = (
            linear("polarisation", "target", (target,), lambda s: s.moments[target], unit="1"),
            drawn("entropy", "target", (target,), lambda s: binary_entropy((1 - s.moments[target]) / 2), unit="nat"),
        )
        return (*common, *(_of_teleportation() if method == "teleport" else _of_rounds(method, [target, *others])))


def _of_rounds(method: str, words: Sequence[str]) -> tuple[Observable, ...]:
    """Heat dumped into the bath and work drawn (W > 0: extracted) since the start, and the limits.

    Saturating a spin costs work as well, which ancilla energies alone do not tell: overhauser has none in the table.
    """
    streams = [coin.register for coin in cooling.fresh(method)]
    bath = [name for name in streams if name != "spin"]

    def dumped(s: Sample) -> Array:
        return s.parameters["rounds"] * np.sum([s.moments[name] - s.before.moments[name] for name in bath], axis=0)

    def work(s: Sample) -> Array:
        return np.sum([s.moments[word] - s.before.moments[word] for word in words], axis=0) / 2 - dumped(s)

    paid = (linear("work", "register", (*words, *bath), work, reference=True),) if method != "overhauser" else ()
    return (
        *(linear("energy", name, (name,), lambda s, name=name: s.moments[name]) for name in streams),
        linear("heat", "bath", bath, dumped, reference=True),
        *paid,
        *cooling.target_laws(words[0]),
        theory("swap_limit", "target", lambda s: s.parameters["polarisation"]),
        theory("polarisation_limit", "target", lambda s: cooling.limit(method, s.parameters)),
    )


def _of_teleportation() -> tuple[Observable, ...]:
    """H = -Z_target - Z_helper + 2k XX: what the measurement brings in, and what the target then gives up."""

    def gained(s: Sample) -> Array:
        XX = s.moments["XX"] - s.before.moments["XX"]
        return 2 * s.parameters["interaction"] * XX - (s.moments["ZI"] - s.before.moments["ZI"])

    def injected(s: Sample) -> Array:
        return s.before.moments["IZ"] - s.moments["IZ"]

    return (
        linear("injected_energy", "helper", ("IZ",), injected, unit=HALF, reference=True),
        linear("teleported_energy", "target", ("ZI", "XX"), gained, unit=HALF, reference=True),
        linear("work", "register", ("ZI", "XX"), lambda s: -gained(s), unit=HALF, reference=True),
        theory("passive_work", "register", lambda s: 0 * s.parameters["rounds"], unit=HALF),
        theory("teleported_energy_limit", "target", lambda s: cooling.most_teleported(s.parameters), unit=HALF),
    )
