r"""landauer-erasure: a bit is erased step by step, and the heat of every step is measured.

Landauer, IBM J. Res. Dev. 5, 183 (1961): erasing gives off at least T times the entropy that disappears. The target is
a maximally mixed qubit. In K steps it is swapped in full with fresh ancillas that are thermal at T, of growing gap w_k,

    p_k = 1/2 + (p_K - 1/2) k/K,   w_k = T ln((1 - p_k)/p_k),   p_K = final_excitation,

which is what a qubit does whose gap is widened between contacts with a bath. Ancilla k starts at p_k and ends with what
the target had, p_(k-1), so that the bath takes in, by this suite's own model,

    Q_K = sum_k w_k (p_(k-1) - p_k)  ->  T [ln 2 - h(p_K)]  for K -> inf,   h the binary entropy in nats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from protocols.collisions.ancillas import Thermal, thermal
from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.operations import Operation, computational, exchange, gate
from protocols.program.observable import Goal, Observable, drawn, linear, theory
from protocols.program.parameters import Preset, parameter
from protocols.program.points import Points
from protocols.program.sample import Sample
from protocols.quantities.entropies import binary_entropy
from protocols.types.arrays import Array

Real = float | Array | Sequence[float]


@dataclass(frozen=True, kw_only=True, eq=False)
class LandauerErasure(Collisions):
    """A mixed qubit, swapped with one ancilla after another.

    Examples:
        >>> one = LandauerErasure()
        >>> float(one.state(one.points({}))[0, 1, 1].real.round(6))
        0.04
    """

    T: Real = parameter(0.7, unit="gap/k_B", low=0, strict=True, meaning="temperature of the bath")
    final_excitation: Real = parameter(
        0.04, low=0, high=0.5, strict=True, meaning="excited population that is left in the target"
    )
    steps: Real = parameter(3, low=1, high=1000, whole=True, meaning="number of full swaps")

    name: ClassVar[str] = "landauer-erasure"
    axis: ClassVar[str] = "steps"
    counted: ClassVar[str] = "steps"
    origin: ClassVar[str | None] = ""
    controls: ClassVar[tuple[str, ...]] = ("none",)
    system: ClassVar[str] = "target"
    without: ClassVar[tuple[str | tuple[str, str], ...]] = (
        *("energy", "energy_change", "effective_beta", "effective_temperature", "ergotropy", "relative_entropy"),
        "entropy_change",
    )
    """The gap of the target is another one in each step; what its excitations are worth is in the bath's heat."""
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {**Collisions.offers, "ancillas": ("reset", "fresh")}
    presets: ClassVar[Mapping[str, Preset]] = {
        "three-steps": Preset(values={}, source="chosen here (the defaults)"),
        "staircase": Preset(values={"steps": "1:4:4"}, source="chosen here: slower erasure comes nearer to the bound"),
        "final": Preset(values={"final_excitation": "0.02:0.4:6"}, source="chosen here: heat against what is left"),
    }

    @property
    def qubits(self) -> tuple[str, ...]:
        """The bit that is erased."""
        return ("target",)

    def members(self, points: Points, arm: str) -> Array:
        """0 and 1, as often."""
        return thermal(np.full(len(points), 0.5), 1)

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """X for the excited one."""
        return computational(member, self.qubits)

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """One full swap between barriers: it is a relabelling, which a compiler could undo by renaming wires."""
        bath = f"bath_{index}"
        fresh, barrier = Thermal(register=bath, excited=f"p_{index}", wire="bath"), gate("barrier", "target", bath)
        return [fresh, *([] if arm == "none" else [barrier, exchange("target", bath, "swap"), barrier])]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """Populations of the ancillas, and the angle of a full swap."""
        known = points.parameters
        each = {f"p_{k}": _population(known, k) for k in range(1, _most(known) + 1)}
        return {**each, "swap": np.full(len(points), np.pi / 2)}

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """What finitely many steps cost beyond the bound."""
        reached = "erasing in so few steps gives off more heat than Landauer's bound"
        return Goal("heat", "bath", "landauer_bound", reached, "heat above Landauer's bound is not shown")

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """Heat of all steps, what is left in the target, and the bound."""
        most = _most(points.parameters)
        registers = tuple(f"bath_{k}" for k in range(1, most + 1))
        into = "energy that the ancillas took in, all steps together, each with its own gap"
        return (
            linear("population", "target", ("Z",), lambda s: (1 - s.moments["Z"]) / 2, unit="1"),
            drawn("entropy", "target", ("Z",), lambda s: binary_entropy((1 - s.moments["Z"]) / 2), unit="nat"),
            linear("heat", "bath", registers, partial(_heat, most=most), meaning=into),
            theory("landauer_bound", "bath", _bound, unit="gap"),
        )


def _most(known: Mapping[str, Array]) -> int:
    """The largest number of steps; one ancilla is there before anything acts."""
    return max(int(known["steps"].max()), 1)


def _population(known: Mapping[str, Array], k: int) -> Array:
    """p_k, which is that of the last step from there on; before anything acts that of an erasure at once."""
    steps = np.maximum(known["steps"], 1)
    return 0.5 + (known["final_excitation"] - 0.5) * np.minimum(k, steps) / steps


def _heat(sample: Sample, most: int) -> Array:
    """sum_k w_k (n_k - p_k): every register is read as a population, and its gap is known."""
    known, heat = sample.parameters, np.zeros(())
    for k in range(1, most + 1):
        p = _population(known, k)
        gained = known["T"] * np.log((1 - p) / p) * (sample.moments[f"bath_{k}"] - p)
        heat = heat + np.where(known["steps"] >= k, gained, 0.0)  # a point has no ancillas beyond its steps
    return heat


def _bound(sample: Sample) -> Array:
    """T [ln 2 - h(p_K)]."""
    known = sample.parameters
    return known["T"] * (np.log(2) - binary_entropy(known["final_excitation"]))
