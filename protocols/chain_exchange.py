r"""chain-exchange: a line of qubits, each thermal by itself and correlated with the others, exchanges energy.

H = sum_i J (s+_i s-_{i+1} + h.c.) conserves the energy of all sites together, so what a site gains is heat from the
others. Without correlations the hottest one only loses; correlated, heat runs into it from its colder neighbours
(Naghdi, Quella and Hill, arXiv 2205.09300, and Ma et al., arXiv 2211.07410: abstracts only were read; states, circuits
and numbers are this suite's own). With C_ij = Tr[rho s+_j s-_i],

    C(t) = u C u^+,   u = exp(-i h t),   dE_i/dt = I_{i-1 -> i} - I_{i -> i+1},   I_{i -> i+1} = -2 J Im C_{i+1,i}.

Starts are those of `protocols.chain.starts` and `coherent`: shared by all sites, or on bonds. Two are heat-exchange.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from protocols import chain
from protocols.chain import LongChain, SiteFields
from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.operations import Operation
from protocols.pauli.words import full
from protocols.program.observable import Goal, Observable
from protocols.program.parameters import Preset, check_single, parameter
from protocols.program.points import Points
from protocols.types.arrays import Array

Real = float | Array | Sequence[float]


@dataclass(frozen=True, kw_only=True, eq=False)
class ChainExchange(SiteFields, LongChain, Collisions):
    """A chain of qubits, thermal one by one.

    Examples:
        >>> one = ChainExchange(time=[0.0, 6.176086])
        >>> one.state(one.points({}, "nominal"))[:, 2, 2].real.round(6).tolist()
        [0.377541, 0.915424]
    """

    sites: int = parameter(3, low=2, high=chain.MOST_SITES, whole=True, meaning="number of qubits")
    coupling: Real = parameter(0.1, unit="gap/hbar", low=0, strict=True, meaning="J between neighbours")
    correlation: str = parameter(
        "shared",
        meaning="one excitation on all sites, neighbours (Gaussian, or Micadei's form), or none",
        choices=("shared", "bonds", "coherent", "none"),
    )
    strength: Real | None = parameter(
        None,
        low=0,
        high=1,
        meaning="s of every bond; of a shared excitation only 1",
        automatic="the most that positivity allows",
        belongs=("correlation", ("shared", "bonds")),
    )
    alpha: Real | None = parameter(
        None,
        meaning="coherence of every bond",
        automatic="the most that positivity allows",
        belongs=("correlation", ("coherent",)),
    )
    evolution: str = parameter(
        "exact", meaning="a network that is exact at every time, or Strang steps", choices=("exact", "strang")
    )
    steps: int | None = parameter(
        None, low=1, high=64, whole=True, meaning="Strang steps", automatic="4", belongs=("evolution", ("strang",))
    )
    time: Real | None = parameter(
        None, unit="hbar/gap", low=0, meaning="interaction time", automatic="0:2.4/coupling:17"
    )

    name: ClassVar[str] = "chain-exchange"
    axis: ClassVar[str] = "time"
    counted: ClassVar[str] = "sites"
    line: ClassVar[bool] = True
    counted_start: ClassVar[tuple[str, ...]] = ("T", "excitation", "phase", "strength")
    controls: ClassVar[tuple[str, ...]] = ("none", "dephased")
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    system: ClassVar[str] = "q1q2q3"
    heated: ClassVar[tuple[str, ...] | None] = ("q1", "q2", "q3")
    pairs: ClassVar[tuple[tuple[str, str], ...]] = (("q1", "q2"), ("q2", "q3"))
    presets: ClassVar[Mapping[str, Preset]] = {
        "hot-middle": Preset(values={}, source="chosen here (the defaults): all excitations meet in q2 at t = 6.176"),
        "pumping": Preset(
            values={"correlation": "bonds", "strength_1": "0.8", "strength_2": "0.3"},
            source="chosen here: the stronger bond pumps more heat",
        ),
        "up-a-gradient": Preset(
            values={
                "sites": "4",
                "correlation": "bonds",
                "strength": "0.6",
                **{f"T_{i + 1}": T for i, T in enumerate(("2", "1.2", "0.8", "0.5"))},
            },
            source="chosen here: heat runs from the coldest end to the hottest",
        ),
    }

    def __post_init__(self) -> None:
        if np.ndim(self.sites) == 0 and self.sites in range(2, chain.MOST_SITES + 1):
            # a class of three sites cannot know the names of others
            names = self.qubits
            object.__setattr__(self, "system", "".join(names))
            object.__setattr__(self, "pairs", tuple(pairwise(names)))
            object.__setattr__(self, "controls", self.long_controls if self.long else self.controls)
            object.__setattr__(self, "heated", (*names, "".join(names)) if len(names) == 2 else names)
        super().__post_init__()

    def check(self, points: Points) -> None:
        """Refuses what would change the circuit within a sweep, sites that are not there, and what is no state."""
        check_single(self, "sites", "steps")
        chain.check_sites(self, int(self.sites))
        chain.check_positive(points.parameters, self.correlation, int(self.sites))

    def automatic(self) -> Mapping[str, Any]:
        """Temperatures of a chain that is hot in the middle, and times of one period of three sites."""
        steps = {"steps": 4} if self.evolution == "strang" else {}
        T = chain.temperatures(self, int(np.max(self.sites)))
        return {**T, "time": np.linspace(0, 2.4, 17) / np.min(typing.cast("float", self.coupling)), **steps}

    def derived(self, fields: Mapping[str, Array]) -> Mapping[str, Array]:
        """Phases that send heat to the hottest site, and as much correlation as there can be."""
        return chain.most_correlated(fields, self.correlation, int(np.max(self.sites)))

    def points(self, options: Mapping[str, str] | None = None, reference: str = "measured") -> Points:
        """The sweep as numbers; without a correlation there is nothing to control."""
        alone = {"control": ""} if self.correlation == "none" else {}
        return super().points({**(options or {}), **alone}, reference)

    @property
    def qubits(self) -> tuple[str, ...]:
        """The sites along the line."""
        return tuple(f"q{i + 1}" for i in range(int(self.sites)))

    @property
    def measurements(self) -> Mapping[str, tuple[str, ...]]:
        """All bases of every bond at once; what conserves the number; all of C; of three sites everything."""
        N = len(self.qubits)
        alternating = tuple((pair * N)[:N] for pair in full(2))
        named = {"bonds": alternating, "conserving": ("Z" * N, "X" * N, ("XY" * N)[:N]), "energies": ("Z" * N,)}
        if self.long:
            return {name: named[name] for name in ("energies", "conserving", "bonds")}
        orbital = {"orbital": chain.orbital_settings(N)} if N > 2 else {}
        return {**named, **orbital, **({"full": full(3)} if N == 3 else {})}

    def members(self, points: Points, arm: str) -> Array:
        """Sets of filled modes; of a shared excitation nothing, and it."""
        return chain.start_weights(points.parameters, self.correlation, len(self.qubits), arm)

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """X gates; then the excitation is spread over the sites, or the network of the modes."""
        return chain.start_steps(self.qubits, self.correlation, member, arm)

    def structures(self, points: Points) -> Mapping[str, Array]:
        """The same for all points."""
        numbers = {"sites": int(self.sites), "steps": int(self.steps or 4) if self.evolution == "strang" else 1}
        return {name: np.full(len(points), number) for name, number in numbers.items()}

    def number(self, structure: Structure) -> int:
        """Strang steps; the network is one."""
        return structure["steps"]

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """The network, or one step; a barrier parts it from what was before."""
        return chain.moving_steps(self.qubits, self.evolution, index, structure["steps"])

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """Angles of preparation and evolution."""
        known, N = points.parameters, len(self.qubits)
        couplings = known["coupling"][:, None] * np.ones(N - 1)
        moved = chain.moving_values(couplings, known["time"], self.evolution, int(self.steps or 4))
        return {**moved, **chain.start_values(known, self.correlation, N, arm)}

    @staticmethod
    def inverse_temperatures(parameters: Mapping[str, Array]) -> Mapping[str, Array]:
        """Of every site: correlations leave the local states thermal."""
        return chain.betas_of(parameters, int(parameters["sites"][0]))

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """Net heat into the hottest site, where the same one is hottest at all points."""
        hottest = chain.hottest_site(points.parameters)
        if hottest is None:
            return None
        name = f"q{hottest + 1}"
        reached = f"reversed: heat ran into the hottest site, {name}, from colder ones"
        missed = "heat into the hottest site is not shown"
        return Goal("heat", name, "no_heat", reached, missed, bonds=chain.bonds(points.parameters))

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """What flows over every bond, what has flown, what all share; energies and heat are usual rows."""
        return chain.chain_observables(points)
