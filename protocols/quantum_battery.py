r"""quantum-battery: two chargers and two cells, all coupled, charge faster than two separate pairs.

Ferraro et al., PRL 120, 117702 (2018) (abstract): cells that share one charger gain charging power like sqrt N. This
qubit model and its numbers are this suite's own: chargers b1, b2 start excited, cells c1, c2 in their ground state, and
every charger exchanges excitations with every cell by g (s+ s- + h.c.). The stored energy E is exactly

    E(t) = 2 sin^2(sqrt2 g t),   of two separate pairs 2 sin^2(g t),

a full charge in 1/sqrt2 of the time. Power is P = E/t; the advantage of N = 2 cells is P_max/(N P_1), sqrt2, with P_1 =
0.724611 g the most power of one charger with one cell (tan x = 2x at x = g t). A circuit on the line b1 - c1 - c2 - b2
takes symmetric (Strang) steps of the two couplings A = {b1 c1, c2 b2} and B = {b1 c2, c1 b2}, which are neighbours
after a SWAP of the cells: A(a/2) SWAP A(a) SWAP A(a/2), a = g t/steps, 18 CZ for one step and 32 for two.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.operations import Operation, exchange, gate
from protocols.program.observable import Goal, Observable, linear, theory
from protocols.program.parameters import Preset, parameter
from protocols.program.points import Points
from protocols.program.sample import Sample
from protocols.types.arrays import Array

Real = float | Array | Sequence[float]
FULL = math.pi / (2 * math.sqrt(2))
"""g t at which all energy is in the cells."""
SINGLE = 0.7246113537767
"""P_1/g, the largest sin^2(x)/x: where tan x = 2 x, x = 1.165561."""
CHARGED = "energy that came into the cells since time 0, by the time"
ADVANTAGE = (
    "two chargers and two cells against two separate pairs, P/(2 P_1), P_1 the most power of one pair at any time"
)
CHARGERS, CELLS = ("ZIII", "IIIZ"), ("IZII", "IIZI")
ALL = (*CHARGERS, *CELLS)


@dataclass(frozen=True, kw_only=True, eq=False)
class QuantumBattery(Collisions):
    """Two excited chargers that charge two cells together; in arm parallel each charges its own.

    Examples:
        >>> one = QuantumBattery(time=[0.4, 0.7, 1.0])
        >>> rho = one.state(one.points({}, "nominal"))
        >>> stored = np.array([(i >> 1 & 1) + (i >> 2 & 1) for i in range(16)])
        >>> (np.diagonal(rho, axis1=1, axis2=2).real @ stored).round(6).tolist()
        [0.560593, 1.315588, 1.829558]
    """

    coupling: Real = parameter(1.0, unit="gap/hbar", low=0, strict=True, meaning="g of every charger with every cell")
    steps: Real = parameter(1, low=1, high=100, whole=True, meaning="number of Strang steps")
    time: Real = parameter((0.0, 0.2, 0.4, 0.6, 0.8, 1.0, FULL), unit="hbar/gap", low=0, meaning="time of charging")

    name: ClassVar[str] = "quantum-battery"
    axis: ClassVar[str] = "time"
    counted: ClassVar[str] = "steps"
    controls: ClassVar[tuple[str, ...]] = ("parallel",)
    system: ClassVar[str] = "battery"
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    without: ClassVar[tuple[str | tuple[str, str], ...]] = ("effective_beta", "effective_temperature")
    presets: ClassVar[Mapping[str, Preset]] = {
        "charge": Preset(values={}, source="chosen here: up to the full charge of the continuous model (the defaults)"),
        "two-steps": Preset(values={"steps": "2"}, source="chosen here: nearer to the continuous model, 32 CZ"),
        "power": Preset(values={"time": "0:1.2:13"}, source="chosen here: past the largest power, at g t = 0.807"),
        "full": Preset(values={"time": str(FULL)}, source="chosen here: pi/(2 sqrt2), the full charge"),
    }

    @property
    def qubits(self) -> tuple[str, ...]:
        """On a line."""
        return ("b1", "c1", "c2", "b2")

    def members(self, points: Points, arm: str) -> Array:
        """One pure state."""
        return np.ones((len(points), 1))

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """Both chargers excited."""
        return [gate("x", "b1"), gate("x", "b2")]

    def number(self, structure: Structure) -> int:
        """All steps are one collision, which meets no ancilla."""
        return 1

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """Strang steps, with half steps that meet made one; in arm parallel the couplings b1 c1, c2 b2 alone."""
        if arm == "parallel":
            return _own("alone")
        steps: list[Step] = [*_own("half")]
        for step in range(structure["steps"]):
            last = step + 1 == structure["steps"]
            steps += [_crossed(), *_own("whole"), _crossed(), *_own("half" if last else "whole")]
        return steps

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """Angles of the exchanges."""
        turned = points.parameters["coupling"] * points.parameters["time"]
        whole = turned / points.parameters["steps"]
        return {"alone": turned, "whole": whole, "half": whole / 2}

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """More energy than separate pairs have at the same time, while these still charge."""
        reached = "charged together: two chargers and two cells store more than two separate pairs at the same time"
        missed = "an advantage over pairs is not shown"
        turned = points.parameters["coupling"] * points.parameters["time"]
        where = tuple((turned <= math.pi / 2 + 1e-9).tolist())
        nowhere = "separate pairs were full at coupling*time = pi/2 and give energy back later; set shorter times"
        return Goal("stored_energy", "cells", "stored_energy_parallel", reached, missed, where=where, nowhere=nowhere)

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """The stored energy, its power, and what separate pairs do."""

        def power(s: Sample) -> Array:
            """What came into the cells since time 0, by the time; no number where nothing has begun."""
            time = s.parameters["time"]
            return (_energy(s, CELLS) - _energy(s.before, CELLS)) / np.where(time > 0, time, np.nan)

        return (
            linear("stored_energy", "cells", CELLS, lambda s: _energy(s, CELLS)),
            linear("energy", "chargers", CHARGERS, lambda s: _energy(s, CHARGERS)),
            linear("total_energy", "battery", ALL, lambda s: _energy(s, ALL), meaning="of all four, 2 without errors"),
            linear("power", "cells", CELLS, power, unit="gap^2/hbar", reference=True, meaning=CHARGED),
            linear(
                "power_advantage",
                "cells",
                CELLS,
                lambda s: power(s) / _of_pairs(s),
                unit="1",
                reference=True,
                meaning=ADVANTAGE,
            ),
            theory("stored_energy_continuous", "cells", lambda s: _charge(s, math.sqrt(2)), unit="gap"),
            theory("stored_energy_parallel", "cells", lambda s: _charge(s, 1.0), unit="gap"),
            theory("power_limit_of_pairs", "cells", _of_pairs, unit="gap^2/hbar"),
            theory("power_advantage_limit", "cells", lambda s: math.sqrt(2) + 0 * s.parameters["time"]),
        )


def _own(angle: str) -> list[Operation]:
    """Every charger with the cell beside it."""
    return [exchange("b1", "c1", angle), exchange("c2", "b2", angle)]


def _crossed() -> Operation:
    """Brings every cell to the other charger."""
    return gate("swap", "c1", "c2")


def _energy(sample: Sample, words: Sequence[str]) -> Array:
    return np.sum([1 - sample.moments[word] for word in words], axis=0) / 2


def _charge(sample: Sample, faster: float) -> Array:
    return 2 * np.sin(faster * sample.parameters["coupling"] * sample.parameters["time"]) ** 2


def _of_pairs(sample: Sample) -> Array:
    """N P_1: the most power of two separate pairs, each at its best time."""
    return 2 * SINGLE * sample.parameters["coupling"]
