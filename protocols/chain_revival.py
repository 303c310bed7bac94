r"""chain-revival: one excitation leaves the end of a chain, is reflected at the other end, and comes back.

A spin that relaxes into finite surroundings revives (Clos et al., PRL 117, 170401 (2016): abstract only was read; this
chain and its numbers are the suite's own). H = sum_i J_i (s+_i s-_{i+1} + h.c.), the first site q1 is excited, and with
u = exp(-i h t) of one excitation

    P_1(t) = |u_11|^2,   half-infinite uniform chain: [J_1(2 J t)/(J t)]^2, which only decays (J_1: Bessel function).

Uniform, J_i = J: the revival is complete for N = 2, 3 and partial beyond. Engineered, J_i = (J/2) sqrt(i (N - i)), the
rotation of a spin (N - 1)/2: P_1 = cos^(2N-2)(J t/2), complete at t = 2 pi/J for every N.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np

from protocols import chain
from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.operations import Operation, gate
from protocols.program.observable import Goal, Observable, linear, theory
from protocols.program.parameters import Preset, check_single, parameter
from protocols.program.points import Points
from protocols.program.sample import Sample
from protocols.program.setting import Setting
from protocols.types.arrays import Array

Real = float | Array | Sequence[float]


@dataclass(frozen=True, kw_only=True, eq=False)
class ChainRevival(chain.LongLine, Collisions):
    """A chain of qubits, the first one excited.

    Examples:
        >>> one = ChainRevival(time=[1.3, 5.62])
        >>> one.state(one.points({}, "nominal"))[:, 8, 8].real.round(6).tolist()
        [0.13104, 0.893972]
    """

    sites: int = parameter(4, low=2, high=chain.MOST_SITES, whole=True, meaning="number of qubits")
    coupling: Real = parameter(1.0, unit="gap/hbar", low=0, strict=True, meaning="J between neighbours")
    profile: str = parameter(
        "uniform", meaning="all bonds J, or J sqrt(i (N-i))/2 on bond i", choices=("uniform", "engineered")
    )
    evolution: str = parameter(
        "exact", meaning="a network that is exact at every time, or Strang steps", choices=("exact", "strang")
    )
    steps: int | None = parameter(
        None, low=1, high=64, whole=True, meaning="Strang steps", automatic="8", belongs=("evolution", ("strang",))
    )
    time: Real | None = parameter(
        None,
        unit="hbar/gap",
        low=0,
        meaning="interaction time",
        automatic="0:8/coupling:33, uniform beyond six sites 0:1.5*sites/coupling:33",
    )

    name: ClassVar[str] = "chain-revival"
    axis: ClassVar[str] = "time"
    counted: ClassVar[str] = "sites"
    line: ClassVar[bool] = True
    controls: ClassVar[tuple[str, ...]] = ("none",)
    system: ClassVar[str] = "chain"
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    without: ClassVar[tuple[str | tuple[str, str], ...]] = ("effective_beta", "effective_temperature")
    """Of one excitation on its way: its sites are in no thermal state."""
    presets: ClassVar[Mapping[str, Preset]] = {
        "uniform": Preset(values={}, source="chosen here (the defaults): the revival of four sites is at t = 5.62"),
        "engineered": Preset(
            values={"sites": "5", "profile": "engineered", "time": "0:2*pi:33"},
            source="couplings of perfect state transfer, from memory; sites and times chosen here",
        ),
        "strang": Preset(values={"evolution": "strang"}, source="chosen here: 8 steps of the uniform chain"),
    }

    def check(self, points: Points) -> None:
        """Refuses what would change the circuit within a sweep."""
        check_single(self, "sites", "steps")

    def automatic(self) -> Mapping[str, Any]:
        """Times that hold the first revival, at the weakest coupling that is asked for."""
        steps = {"steps": 8} if self.evolution == "strang" else {}
        end = 1.5 * np.max(self.sites) if self.long and self.profile == "uniform" else 8
        return {"time": np.linspace(0, end, 33) / np.min(self.coupling), **steps}

    @property
    def qubits(self) -> tuple[str, ...]:
        """The sites along the line."""
        return tuple(f"q{i + 1}" for i in range(int(self.sites)))

    def members(self, points: Points, arm: str) -> Array:
        """Nothing excited, which is all of arm "none", or the first site."""
        return np.repeat([[1.0, 0.0] if arm == "none" else [0.0, 1.0]], len(points), axis=0)

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """X on the first site."""
        return [gate("x", "q1")] * member

    def structures(self, points: Points) -> Mapping[str, Array]:
        """The same for all points."""
        numbers = {"sites": int(self.sites), "steps": int(self.steps or 8) if self.evolution == "strang" else 1}
        return {name: np.full(len(points), number) for name, number in numbers.items()}

    def number(self, structure: Structure) -> int:
        """Strang steps; the network is one."""
        return structure["steps"]

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """The network, or one step; a barrier before it, for at some times its gates undo each other."""
        return chain.moving_steps(self.qubits, self.evolution, index, structure["steps"])

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """Angles of the network or of the hops."""
        couplings = bonds(points.parameters, self.profile)
        return chain.moving_values(couplings, points.parameters["time"], self.evolution, int(self.steps or 8))

    def orbitals(self, points: Points, arm: str) -> tuple[Array, Array]:
        """Of the excitation on its way: C = u e_1 e_1^+ u^+, and no two at once."""
        psi = self._moved(points)[:, :, 0] * (arm != "none")
        return psi[:, :, None] * psi[:, None, :].conj(), np.zeros((len(psi), psi.shape[1] - 1))

    def amplitudes(self, setting: Setting, points: Points) -> Array | None:
        """The first column of u."""
        return self._moved(points)[:, :, 0] if setting.member else None

    def _moved(self, points: Points) -> Array:
        couplings = bonds(points.parameters, self.profile)
        return chain.moved(couplings, points.parameters["time"], self.evolution, int(self.steps or 8))

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """More than an infinite chain leaves, once the excitation has left and does come back."""
        reached = "the excitation came back: more of it is on the first site than an infinite chain would leave there"
        missed = "a revival is not shown"
        where = tuple(_has_turned(points.parameters, points.options["profile"]).tolist())
        nowhere = "at none of the times has the excitation begun to come back; set longer times"
        return Goal("return_probability", "q1", "infinite_chain", reached, missed, where=where, nowhere=nowhere)

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """How much has returned, and what an infinite chain would leave; of Strang steps, what no steps would too."""
        first = "Z" + "I" * (int(points.parameters["sites"][0]) - 1)
        continuous = theory(
            "return_probability_continuous", "q1", partial(_continuous, profile=points.options["profile"])
        )
        return (
            linear("return_probability", "q1", (first,), lambda s: (1 - s.moments[first]) / 2, unit="1"),
            theory("infinite_chain", "q1", _infinite),
            *((continuous,) if points.options["evolution"] == "strang" else ()),
        )


def bonds(known: Mapping[str, Array], profile: str) -> Array:
    """J_i, (points, N-1) [gap].

    Args:
        known: Fields by name, (points,).
        profile: "uniform" or "engineered".
    """
    N = int(known["sites"][0])
    i = np.arange(1, N)
    return known["coupling"][:, None] * (np.ones(N - 1) if profile == "uniform" else np.sqrt(i * (N - i)) / 2)


def _infinite(sample: Sample) -> Array:
    """[J_1(2 J t)/(J t)]^2, the first site of a half-infinite uniform chain."""
    from scipy.special import j1

    x = sample.parameters["coupling"] * sample.parameters["time"]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(x > 0, j1(2 * x) / x, 1.0) ** 2


def _has_turned(known: Mapping[str, Array], profile: str) -> Array:
    """Whether |u_11|^2 has been smaller before: a slow first bond leaves more than an infinite chain from the start."""
    H, shares = chain.hopping(bonds(known, profile)), np.linspace(0, 1, 201)[:-1]
    before = np.stack([np.abs(chain.evolution(H, share * known["time"])[:, 0, 0]) ** 2 for share in shares])
    now = np.abs(chain.evolution(H, known["time"])[:, 0, 0]) ** 2
    return now > before.min(axis=0) + 1e-9


def _continuous(sample: Sample, *, profile: str) -> Array:
    """|u_11|^2 without steps."""
    u = chain.evolution(chain.hopping(bonds(sample.parameters, profile)), sample.parameters["time"])
    return np.abs(u[:, 0, 0]) ** 2
