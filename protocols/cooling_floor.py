r"""cooling-floor: a qubit cooled by ground-state ancillas cannot get below what pair creation puts back.

Freitas and Paz (arXiv 1607.04234, 1710.11554: abstracts only were read; this qubit model is the suite's own). Each
collision with a fresh ancilla in |0> is a partial swap phi and a pair gate psi, which commute:

    p' = p cos^2 phi + (1 - p) sin^2 psi,   p* = sin^2 psi/(sin^2 phi + sin^2 psi),
    p_n = p* + (p_0 - p*)(1 - sin^2 phi - sin^2 psi)^n.

With phi = psi the gate is exp(-i phi XX), and nothing is cooled: p* = 1/2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from protocols.collisions import Collisions, Operation, Step, Structure, Thermal, both, computational, thermal
from protocols.program import Goal, Observable, Points, Preset, Sample, linear, parameter, theory
from protocols.types import Array

Real = float | Array | Sequence[float]


@dataclass(frozen=True, kw_only=True, eq=False)
class CoolingFloor(Collisions):
    """A qubit, colliding with ancillas in their ground state.

    Examples:
        >>> one = CoolingFloor(collisions=5)
        >>> float(one.state(one.points({}, "nominal"))[0, 1, 1].real.round(6))
        0.132554
    """

    angle: Real = parameter(0.5, unit="rad", meaning="phi of the partial swap, which cools")
    pair_angle: Real = parameter(0.1, unit="rad", meaning="psi of the pair gate, which heats")
    initial: Real = parameter(0.4, low=0, high=1, meaning="excited population at the start")
    collisions: Real = parameter((0, 1, 2, 3, 4, 5), low=0, high=10_000, whole=True, meaning="number of ancillas met")

    name: ClassVar[str] = "cooling-floor"
    controls: ClassVar[tuple[str, ...]] = ("none",)
    system: ClassVar[str] = "target"
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {**Collisions.offers, "ancillas": ("reset", "fresh")}
    presets: ClassVar[Mapping[str, Preset]] = {
        "floor": Preset(values={}, source="chosen here (the defaults)"),
        "null": Preset(values={"pair_angle": "0.5"}, source="chosen here: phi = psi cannot cool"),
    }

    @property
    def qubits(self) -> tuple[str, ...]:
        """The qubit that is cooled."""
        return ("target",)

    def members(self, points: Points, arm: str) -> Array:
        """Ground and excited."""
        return thermal(points.parameters["initial"], 1)

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """X for the excited one."""
        return computational(member, self.qubits)

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """Both gates as one, two entangling gates in all."""
        return [Thermal(register="ancilla"), both("target", "ancilla", "phi", "psi")]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """The angles; arm "none" creates no pairs."""
        psi = points.parameters["pair_angle"]
        return {"phi": points.parameters["angle"], "psi": 0 * psi if arm == "none" else psi}

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """Warmer than cooling alone would leave it."""
        reached = "pairs heat: the target stays above what the partial swaps alone would leave"
        return Goal("population", "target", "population_without_pairs", reached, "heating by pairs is not shown")

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """The excited population, and what it goes to."""
        return (
            linear("population", "target", ("Z",), lambda s: (1 - s.moments["Z"]) / 2, unit="1"),
            linear("energy", "ancilla", ("ancilla",), lambda s: s.moments["ancilla"]),
            theory("population_limit", "target", _limit),
            theory("population_without_pairs", "target", _without_pairs),
        )


def _limit(sample: Sample) -> Array:
    """p* = sin^2 psi/(sin^2 phi + sin^2 psi); no number where nothing happens."""
    cool, heat = (np.sin(sample.parameters[name]) ** 2 for name in ("angle", "pair_angle"))
    with np.errstate(invalid="ignore"):
        return heat / (cool + heat)


def _without_pairs(sample: Sample) -> Array:
    """p_0 cos^2n phi."""
    known = sample.parameters
    return known["initial"] * np.cos(known["angle"]) ** (2 * known["collisions"])
