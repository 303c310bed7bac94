r"""thermophoresis: a particle between a hot and a cold bath drifts to the cold side, and a bias can hold it.

A particle on a line is at L, in transit (e) or at R, with energies 0, 1 and `bias`. A bath at T_L drives L <-> e, one
at T_R drives e <-> R, by collisions with fresh ancillas of gaps 1 and 1 - bias. The graph is a tree: each leg balances
by itself, whatever the angle of the collisions,

    p_L : p_e : p_R = exp(1/T_L) : 1 : exp((1 - bias)/T_R),

so that p_R > p_L for T_R < T_L, until at bias = 1 - T_R/T_L, the Carnot factor, it stalls.

arXiv 2404.12346 (abstract only was read: a quantum particle drifts to the cold side, shown for a three-level Lambda).
Model and numbers are this suite's own. Two qubits hold the particle in Gray code, L = 00, e = 01, R = 11 as |q0 q1>: a
leg is a gate of three wires in five CZ on the line left - q1 - q0 - right. Nothing leads to 10: it shows errors alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from protocols.collisions import (
    Collisions,
    Operation,
    Step,
    Structure,
    Thermal,
    computational,
    controlled_exchange,
    controlled_pairs,
)
from protocols.laws import second_laws
from protocols.machines.particle import PARTICLE, SITES, WORDS, one_bath, population
from protocols.program import ALL_USUAL, Goal, Observable, Points, Preset, Sample, linear, parameter, theory
from protocols.quantities import excited_population
from protocols.types import Array

Real = float | Array | Sequence[float]
BALANCE = (("energy_balance", "particle"),)
GAINED = "energy that the bath gained since the start"


@dataclass(frozen=True, kw_only=True, eq=False)
class Thermophoresis(Collisions):
    """A particle of three sites between two baths.

    Examples:
        >>> one = Thermophoresis(rounds=[1, 2])
        >>> p = one.state(one.points({}, "nominal")).diagonal(axis1=1, axis2=2).real
        >>> (p[:, 3] - p[:, 0]).round(7).tolist()
        [0.2241514, 0.2632934]
    """

    T_L: Real = parameter(2.0, unit="gap/k_B", low=0, strict=True, meaning="temperature of the left bath")
    T_R: Real = parameter(0.8, unit="gap/k_B", low=0, strict=True, meaning="temperature of the right bath")
    bias: Real = parameter(0.0, unit="gap", low=-100, high=100, meaning="energy of R above that of L")
    angle: Real = parameter(np.pi / 2, unit="rad", meaning="angle of every exchange; a full swap by default")
    start: str = parameter("halves", meaning="half L and half R, or one site", choices=("halves", *SITES))
    rounds: Real = parameter((0, 1, 2, 3, 4), low=0, high=10_000, whole=True, meaning="number of rounds")

    name: ClassVar[str] = "thermophoresis"
    axis: ClassVar[str] = "rounds"
    counted: ClassVar[str] = "rounds"
    controls: ClassVar[tuple[str, ...]] = ("isothermal",)
    system: ClassVar[str] = "particle"
    heated: ClassVar[tuple[str, ...] | None] = ("particle", "left", "right")
    """Every gate conserves energy, and the ancillas are fresh: nothing does work on any of them."""
    without: ClassVar[tuple[str | tuple[str, str], ...]] = (ALL_USUAL,)
    """Energies and entropies of the two qubits of a code are nothing of the particle's."""
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "preparation": ("measured", "purified", "ensemble", "random"),
        "ancillas": ("reset", "fresh"),
    }
    presets: ClassVar[Mapping[str, Preset]] = {
        "drift": Preset(values={}, source="chosen here (the defaults)"),
        "biased": Preset(values={"bias": "0.3"}, source="chosen here: half of the bias that stalls the particle"),
        "stall": Preset(values={"bias": "0.6"}, source="chosen here: 1 - T_R/T_L, where both sites are as likely"),
        "wrong-way": Preset(values={"start": "L"}, source="chosen here: full swaps from L alone show the wrong sign"),
    }

    @property
    def qubits(self) -> tuple[str, ...]:
        """The particle in Gray code."""
        return ("q0", "q1")

    def members(self, points: Points, arm: str) -> Array:
        """L, e and R."""
        weight = {"halves": (0.5, 0, 0.5), "L": (1, 0, 0), "e": (0, 1, 0), "R": (0, 0, 1)}[self.start]
        return np.tile(np.array(weight, dtype=float), (len(points), 1))

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """X on the qubits that are 1."""
        return computational(list(SITES.values())[member], self.qubits)

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """L <-> e takes an excitation from the left ancilla; e -> R gives one to the right ancilla."""
        return [
            Thermal(register="left", excited="p_left"),
            Thermal(register="right", excited="p_right", gap="gap_right"),
            controlled_exchange("q0", "q1", "left", "phi", when=0),
            controlled_pairs("q1", "q0", "right", "phi", when=1),
        ]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """In arm "isothermal" both baths are at the mean temperature."""
        known = points.parameters
        T_L, T_R = known["T_L"], known["T_R"]
        if arm == "isothermal":
            T_L = T_R = (T_L + T_R) / 2
        gap = 1 - known["bias"]
        return {
            "p_left": excited_population(T_L),
            "p_right": excited_population(T_R, gap=gap),
            "gap_right": gap,
            "phi": known["angle"],
        }

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """More on the cold side than on the hot one; no goal where it began there, or sides change in the sweep."""
        T_L, T_R, start = points.parameters["T_L"], points.parameters["T_R"], points.options["start"]
        cold = "R" if (T_R < T_L).all() else "L" if (T_L < T_R).all() else ""
        if not cold or start == cold:
            return None
        reached = "the particle is on the cold side, more often there than on the hot one"
        missed = "drift to the cold side is not shown"
        return Goal("displacement", "particle", "no_displacement", reached, missed, below=cold == "L", balances=BALANCE)

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """Where the particle is, its energy, and what both baths gained (heat is into the bath)."""
        taken = ("left", "right", *WORDS)
        return (
            linear("displacement", "particle", WORDS, _displacement, unit="1"),
            *(
                linear("population", site, WORDS, lambda s, number=number: population(s, number), unit="1")
                for site, number in SITES.items()
            ),
            linear("leakage", "particle", WORDS, lambda s: population(s, 0b10), unit="1"),
            linear("energy", "particle", WORDS, _energy),
            linear("heat", "particle", WORDS, lambda s: _energy(s) - _energy(s.before), reference=True),
            *(
                linear("heat", side, (side,), lambda s, side=side: _into(s, side), reference=True, meaning=GAINED)
                for side in ("left", "right")
            ),
            linear("energy_balance", "particle", taken, _balance, reference=True),
            *(second_laws(PARTICLE) if one_bath(points.parameters) else ()),
            theory("displacement_limit", "particle", _limit),
            theory("no_displacement", "particle", lambda s: 0 * s.parameters["T_L"]),
        )


def _displacement(sample: Sample) -> Array:
    """<x> = p_R - p_L, in units of half the distance."""
    return population(sample, SITES["R"]) - population(sample, SITES["L"])


def _energy(sample: Sample) -> Array:
    """p_e + bias p_R."""
    return population(sample, SITES["e"]) + sample.parameters["bias"] * population(sample, SITES["R"])


def _into(sample: Sample, side: str) -> Array:
    """What a bath gained over all rounds: each ancilla starts as those at the reference do."""
    return sample.parameters["rounds"] * (sample.moments[side] - sample.before.moments[side])


def _balance(sample: Sample) -> Array:
    """Zero without errors: leakage into 10 and relaxation during a round are in it."""
    return _energy(sample) - _energy(sample.before) + _into(sample, "left") + _into(sample, "right")


def _limit(sample: Sample) -> Array:
    """(p_R - p_L) of the stationary state; weights relative to the largest, so that cold baths do not overflow."""
    known = sample.parameters
    left, right = 1 / known["T_L"], (1 - known["bias"]) / known["T_R"]
    most = np.maximum(np.maximum(left, right), 0)
    p_L, p_e, p_R = np.exp(left - most), np.exp(-most), np.exp(right - most)
    return (p_R - p_L) / (p_L + p_e + p_R)
