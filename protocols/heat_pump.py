r"""heat-pump: correlations carry heat from a cold to a hot bath, cycle after cycle.

Holdsworth and Kawai, PRA 106, 062604 (2022), section V. Two qubits, thermal with their baths, are replaced by fuel:
the same local states, correlated (their eq. (10)). Coupled for the time tau they exchange energy as in heat-exchange,

    Q_A = (D(tau) - D(0))/2,   D(t) = D0 cos 2 Omega t + 2 Im r0 sin 2 Omega t,   Q_B = -Q_A;

uncoupled, each relaxes by partial swaps with fresh ancillas of its own bath: after k of them by the angle phi its
energy is off equilibrium by cos^(2k) phi of what it was, and the bath has the rest. Then the next fuel takes their
place. With full relaxation (the default, one full swap) bath B gives Q_A and bath A takes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from protocols.collisions.ancillas import Dephase, Renew, Thermal, mixing_angle
from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.operations import Operation, exchange, gate, phased_exchange
from protocols.machines.pump import pump_observables
from protocols.machines.start import member_steps, member_values
from protocols.pair import correlated
from protocols.pair.correlated import PairState
from protocols.pair.preparation import EXCITED, MINUS, Eigensystem, eigensystem, purification_angles
from protocols.pauli.words import PAIR
from protocols.program.observable import Observable
from protocols.program.parameters import Preset, parameter
from protocols.program.points import Points
from protocols.quantities.thermal import excited_population
from protocols.types.arrays import Array

Real = float | Array | Sequence[float]
BARRIER = gate("barrier", "A", "B")
"""Fuel is made, then spent: a compiler would make one gate of both."""


@dataclass(frozen=True, kw_only=True, eq=False)
class HeatPump(Collisions):
    """Qubits A and B between the baths bath_A and bath_B, fuelled anew in every cycle.

    Examples:
        >>> pump = HeatPump(relaxation=0, cycles=1)  # read when uncoupled
        >>> pump.state(pump.points({}, "nominal"))[0, [2, 3], [2, 3]].sum().real.round(6)
        np.float64(0.646482)
    """

    T_A: Real = parameter(2.0, unit="gap/k_B", inverted=True, meaning="temperature of bath A, and of A in the fuel")
    T_B: Real = parameter(1.0, unit="gap/k_B", inverted=True, meaning="temperature of bath B, and of B in the fuel")
    coupling: Real = parameter(0.1, unit="gap/hbar", low=0, strict=True, meaning="exchange strength Omega")
    coupling_phase: Real = parameter(0.0, unit="rad", meaning="phi_V: 0 is XY, pi/2 Dzyaloshinskii-Moriya")
    strength: Real = parameter(1.0, low=0, high=1, meaning="fraction of the optimal correlation in the fuel")
    correlation_phase: Real = parameter(np.pi / 2, unit="rad", meaning="phase of rho_{01,10} in the fuel")
    stroke: Real | None = parameter(
        None,
        unit="hbar/gap",
        low=0,
        meaning="tau, how long A and B are coupled",
        automatic="first maximum of E_A - E_B",
    )
    relaxation: Real = parameter(
        1, low=0, high=1000, whole=True, meaning="collisions of each qubit per cycle; 0: A and B are read uncoupled"
    )
    angle: Real = parameter(np.pi / 2, unit="rad", meaning="phi of each of them; pi/2 is a full swap")
    cycles: Real = parameter((0, 1, 2, 3), low=0, high=100, whole=True, meaning="number of cycles; 0: the fuel")

    name: ClassVar[str] = "heat-pump"
    axis: ClassVar[str] = "cycles"
    counted: ClassVar[str] = "cycles"
    controls: ClassVar[tuple[str, ...]] = ("none",)
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "preparation": ("measured", "purified", "ensemble"),
        "ancillas": ("reset", "fresh"),
    }
    sides: ClassVar[tuple[str, str] | None] = ("A", "B")
    without: ClassVar[tuple[str | tuple[str, str], ...]] = ("clausius_sum", "clausius_slack")
    system: ClassVar[str] = "AB"
    presets: ClassVar[Mapping[str, Preset]] = {
        "holdsworth": Preset(values={}, source="Holdsworth and Kawai 2022, section V, ideal relaxation (the defaults)"),
        "partial": Preset(
            values={"relaxation": "1", "angle": "1", "cycles": "0:3:4"}, source="chosen here: relaxation stops short"
        ),
        "stroke": Preset(values={"relaxation": "0", "cycles": "0:1:2"}, source="chosen here: A and B read uncoupled"),
    }

    @property
    def qubits(self) -> tuple[str, ...]:
        """A and B."""
        return ("A", "B")

    @property
    def measurements(self) -> Mapping[str, tuple[str, ...]]:
        """What the fuel's mutual information takes; energies alone; more."""
        return {"x-state": PAIR["x-state"], "energies": ("ZZ",), **PAIR}

    def derived(self, fields: Mapping[str, Array]) -> Mapping[str, Array]:
        """The first maximum of D(t), for T_A < T_B too; where D never changes, a quarter of its period."""
        fuel = _optimal(fields)
        D0 = fuel.populations[:, 2] - fuel.populations[:, 1]
        rising = 2 * np.imag(fuel.coherence * np.exp(-1j * fields["coupling_phase"]))
        first = np.arctan2(rising, D0) % (2 * np.pi)
        return {"stroke": np.where(np.hypot(D0, rising) > 1e-12, first, np.pi / 2) / (2 * fields["coupling"])}

    def structures(self, points: Points) -> Mapping[str, Array]:
        """Cycles, collisions in each, and the rank of the fuel, which decides how it is mixed."""
        whole = {name: points.parameters[name].astype(int) for name in ("cycles", "relaxation")}
        light = self._fuel(points, "main").weights[:, [MINUS, EXCITED]]
        return {**whole, "rank": np.where(light.any(axis=1), 4, 2)}

    def number(self, structure: Structure) -> int:
        """Collisions of all cycles; without relaxation each cycle is one that meets no ancilla."""
        return structure["cycles"] * max(structure["relaxation"], 1)

    def members(self, points: Points, arm: str) -> Array:
        """The first fuel is an exact ensemble of its eigenstates."""
        return self._fuel(points, arm).weights

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """|00>, |11>, or cos(theta/2)|01> + sin(theta/2) e^{-i phi}|10> with theta or theta + pi."""
        return member_steps(member)

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """The first collision of a cycle follows refuelling and the stroke."""
        cycle, later = divmod(index - 1, max(structure["relaxation"], 1))
        both = [(q, f"bath_{q}_{cycle + 1}") for q in self.qubits] if structure["relaxation"] else []
        fresh = [Thermal(register=bath, excited=f"p_{q}", wire=f"bath_{q}") for q, bath in both]
        refuel = [*(Renew(wire=q) for q in self.qubits), *_mixed(arm, structure["rank"])] if cycle and not later else []
        stroke = [] if later else [BARRIER, phased_exchange("A", "B", "exchange", "axis"), BARRIER]
        return [*fresh, *refuel, *stroke, *(exchange(bath, q, "relax") for q, bath in both)]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """Populations of the ancillas; angles of the fuel, the stroke and the relaxation."""
        known, fuel = points.parameters, self._fuel(points, arm)
        p_A, p_B = excited_population(known["T_A"]), excited_population(known["T_B"])
        return {
            "p_A": p_A,
            "p_B": p_B,
            "excite_A": mixing_angle(p_A),
            "excite_B": mixing_angle(p_B),
            **purification_angles(fuel, rank_two=True),
            **purification_angles(fuel, rank_two=False),
            **member_values(fuel),
            "correlate": fuel.theta / 2,
            "correlate_axis": fuel.phi - np.pi / 2,
            "exchange": known["coupling"] * known["stroke"],
            "axis": known["coupling_phase"],
            "relax": known["angle"],
        }

    def _fuel(self, points: Points, arm: str) -> Eigensystem:
        """The state of A and B when a cycle starts; arm "none" leaves them uncorrelated."""
        return points.known((self, "fuel", arm), lambda: eigensystem(_prepared(points.parameters, arm)))

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """Heat, its balance and what it cost."""
        known = points.parameters
        cycles = int(max(known["cycles"].max(), 1)) if known["relaxation"].max() else 0
        return pump_observables(cycles, uncoupled=bool((known["relaxation"] == 0).any()))

    @staticmethod
    def inverse_temperatures(parameters: Mapping[str, Array]) -> Mapping[str, Array]:
        """Of both baths and of the fuel, whose local states are thermal with them."""
        beta = {q: 1 / parameters[f"T_{q}"] for q in "AB"}
        most = int(max(parameters["cycles"].max(), 1))
        return {**beta, **{f"bath_{q}_{n + 1}": beta[q] for q in "AB" for n in range(most)}}


def _prepared(known: Mapping[str, Array], arm: str) -> PairState:
    return correlated.product(known["T_A"], known["T_B"]) if arm == "none" else _optimal(known)


def _optimal(known: Mapping[str, Array]) -> PairState:
    return correlated.entangled(*(known[name] for name in ("T_A", "T_B", "strength", "correlation_phase")))


def _mixed(arm: str, rank: int) -> list[Step]:
    """The fuel from |00>: amplitudes sqrt(weight) of the eigenstates, dephased, then the turn into them."""
    if arm == "none":
        return [gate("ry", "A", by="excite_A"), gate("ry", "B", by="excite_B"), Dephase(wire="A"), Dephase(wire="B")]
    turn = phased_exchange("A", "B", "correlate", "correlate_axis")
    if rank == 2:
        return [gate("ry", "B", by="mixing"), Dephase(wire="B"), turn]
    amplitudes = [gate("ry", "A", by="schmidt"), gate("cx", "A", "B"), gate("ry", "A", by="left")]
    return [*amplitudes, gate("ry", "B", by="right"), Dephase(wire="A"), Dephase(wire="B"), turn]
