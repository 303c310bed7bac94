r"""two-stroke-engine: two qubits of unequal gaps, each with a bath of its own, give work when they swap excitations.

Collision form of arXiv:2203.13773 (title and abstract only were read). On the line bath_c - c - h - bath_h the hot
qubit h has the gap 1, the cold one the gap g. One cycle is a *heat stroke*, partial swaps phi of c and of h with fresh
ancillas of their baths, p_h = 1/(1 + e^(1/T_h)), p_c = 1/(1 + e^(g/T_c)), and a *work stroke*, a partial swap theta of
c and h: each excitation that goes from h to c leaves 1 - g of its energy to whoever swaps.

With C_ij = Tr[rho s+_j s-_i] (C_hh, C_cc are the excited populations), a cycle is

    C -> cos^2 phi C + sin^2 phi diag(p_h, p_c),   C -> u C u^+,   u_hh = u_cc = cos theta, u_hc = u_ch = -i sin theta.

In the limit cycle Q_h : Q_c : W = 1 : -g : 1 - g. It is an engine for T_c/T_h < g < 1, a refrigerator for g < T_c/T_h,
and takes work in while heat flows down (accelerator) for g > 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from protocols.collisions.ancillas import Thermal
from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.operations import Operation, computational, exchange
from protocols.collisions.two_strokes import MACHINE, bath, two_stroke_observables
from protocols.pauli.words import PAIR
from protocols.program.observable import Machine, Observable
from protocols.program.parameters import Preset, parameter
from protocols.program.points import Points
from protocols.quantities.thermal import excited_population
from protocols.types.arrays import Array

Real = float | Array | Sequence[float]


@dataclass(frozen=True, kw_only=True, eq=False)
class TwoStrokeEngine(Collisions):
    """Qubits h and c, each between its own bath and the other qubit.

    Examples:
        >>> engine = TwoStrokeEngine(cycles=1)
        >>> C = engine.state(engine.points({}, "nominal"))[0]  # after a first cycle, of populations 0.2227, 0.1330
        >>> C[[2, 3], [2, 3]].sum().real.round(6), C[[1, 3], [1, 3]].sum().real.round(6)
        (np.float64(0.176522), np.float64(0.179142))
    """

    T_h: Real = parameter(0.8, unit="gap/k_B", low=0, strict=True, meaning="temperature of the hot bath")
    T_c: Real = parameter(0.4, unit="gap/k_B", low=0, strict=True, meaning="temperature of the cold bath")
    gap_c: Real = parameter(0.75, unit="gap", low=0, strict=True, meaning="gap of the cold qubit; the hot one's is 1")
    heat_angle: Real = parameter(0.8, unit="rad", meaning="phi of the swaps with ancillas in a heat stroke")
    work_angle: Real = parameter(0.8, unit="rad", meaning="theta of the swap of h and c in a work stroke")
    cycles: Real = parameter(8, low=1, high=1000, whole=True, meaning="number of cycles, the last of which is judged")
    stroke: Real = parameter(
        2, low=0, high=2, whole=True, meaning="strokes done of the last cycle: 0 none, 1 that of heat, 2 both"
    )

    name: ClassVar[str] = "two-stroke-engine"
    axis: ClassVar[str] = "stroke"
    counted: ClassVar[str] = "cycles"
    controls: ClassVar[tuple[str, ...]] = ("none",)
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "preparation": ("measured", "purified", "ensemble", "random"),
        "ancillas": ("reset", "fresh"),
    }
    heated: ClassVar[tuple[str, ...] | None] = ()
    gaps: ClassVar[Mapping[str, str]] = {"c": "gap_c"}
    machine: ClassVar[Machine] = MACHINE
    system: ClassVar[str] = "hc"
    presets: ClassVar[Mapping[str, Preset]] = {
        "engine": Preset(values={}, source="chosen in this suite (the defaults): T_c/T_h = 0.5 < gap_c < 1"),
        "refrigerator": Preset(
            values={"T_c": "0.7", "gap_c": "0.5"}, source="chosen in this suite: gap_c < T_c/T_h = 0.875"
        ),
        "accelerator": Preset(values={"gap_c": "1.5"}, source="chosen in this suite: gap_c > 1"),
        "cycles": Preset(values={"cycles": "1:4:4"}, source="chosen in this suite: work of each cycle, measured"),
    }

    @property
    def qubits(self) -> tuple[str, ...]:
        """The hot one and the cold one."""
        return ("h", "c")

    @property
    def measurements(self) -> Mapping[str, tuple[str, ...]]:
        """Energies; all of the state at the end."""
        return {"energies": ("ZZ",), "x-state": PAIR["x-state"], "full": PAIR["full"]}

    def structures(self, points: Points) -> Mapping[str, Array]:
        """Cycles, and how much of the last one is done."""
        return {name: points.parameters[name].astype(int) for name in ("cycles", "stroke")}

    def members(self, points: Points, arm: str) -> Array:
        """Both qubits start thermal with their baths."""
        p_h, p_c = (np.stack([1 - p, p], axis=-1) for p in _populations(points))
        return (p_h[:, :, None] * p_c[:, None, :]).reshape(len(points), 4)

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """X where excited."""
        return computational(member, self.qubits)

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """One cycle; of the last one as many strokes as there are to be."""
        strokes = structure["stroke"] if index == structure["cycles"] else 2
        gaps: Mapping[str, float | str] = {"h": 1.0, "c": "gap"}
        fresh = [Thermal(register=bath(q, index), excited=f"p_{q}", gap=gaps[q], wire=f"bath_{q}") for q in self.qubits]
        heat = [exchange(bath(q, index), q, "phi") for q in self.qubits]
        return [*fresh, *(heat if strokes > 0 else ()), *([exchange("c", "h", "theta")] if strokes > 1 else ())]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """Populations of the baths and both angles; arm "none" has work strokes that swap nothing."""
        p_h, p_c = _populations(points)
        theta = points.parameters["work_angle"]
        return {
            "p_h": p_h,
            "p_c": p_c,
            "gap": points.parameters["gap_c"],
            "phi": points.parameters["heat_angle"],
            "theta": 0 * theta if arm == "none" else theta,
        }

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """Heats, work and what follows from them."""
        return two_stroke_observables(int(points.parameters["cycles"].max()))


def _populations(points: Points) -> tuple[Array, Array]:
    known = points.parameters
    return excited_population(known["T_h"]), excited_population(known["T_c"] / known["gap_c"])
