r"""open-exchange: the correlated pair of heat-exchange while each qubit is in touch with a bath of its own.

Transients of Holdsworth and Kawai, PRA 106, 062604 (2022), section IV, with baths that have no memory,

    d rho/dt = -i [H, rho] + sum_k Gamma_k {(1 - p_k) D[s-_k] + p_k D[s+_k]} rho,   p_k = 1/(1 + e^{1/T_k}).

Route `collisions`: n steps of dt = t/n, half of the exchange | a partial swap of each qubit with a fresh thermal
ancilla, cos^2 phi_k = e^{-Gamma_k dt} | the other half. The swap is the relaxation exactly, of populations and of
coherences; only parting it from the exchange is approximate, by order dt^2. The ancillas tell the heat of each bath.
Route `exact`: six partial swaps with two ancillas, exact at every time (`protocols.machines.dilation`), but no heat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from protocols import chain
from protocols.collisions.ancillas import Thermal
from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.operations import Operation, exchange, gate, phased_exchange
from protocols.machines.dilation import dilated
from protocols.machines.golden_rule import WITHOUT, rates_of
from protocols.machines.open_pair import open_goal, open_observables, register, registers
from protocols.machines.start import member_steps, member_values
from protocols.pair import correlated
from protocols.pair.preparation import Eigensystem, eigensystem
from protocols.pauli.words import PAIR
from protocols.program.observable import Goal, Observable
from protocols.program.parameters import Preset, parameter
from protocols.program.points import Points
from protocols.quantities.thermal import excited_population
from protocols.types.arrays import Array
from protocols.types.errors import RequestError

Real = float | Array | Sequence[float]
LINE = ("ancilla_1", "A", "B", "ancilla_2")  # of the exact route
_PHASE = "pi/2 for entangled, 0 for coherent"
_RATE_A, _RATE_B = (f"by the golden rule where a bath is given, else {rate}" for rate in WITHOUT.values())
_ENTANGLED, _COHERENT = ("correlation", ("entangled",)), ("correlation", ("coherent",))
_CORRELATED = ("correlation", ("entangled", "coherent"))


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenExchange(Collisions):
    """Qubits A and B, correlated, exchanging energy with each other and with their baths.

    Examples:
        >>> one = OpenExchange(time=[5.0], route="exact")
        >>> one.state(one.points({}, "nominal"))[0, [2, 3], [2, 3]].sum().real.round(6)
        np.float64(0.548952)
    """

    T_A: Real = parameter(2.0, unit="gap/k_B", inverted=True, meaning="temperature of bath A, and of A at time 0")
    T_B: Real = parameter(1.0, unit="gap/k_B", inverted=True, meaning="temperature of bath B, and of B at time 0")
    coupling: Real = parameter(0.1, unit="gap/hbar", low=0, strict=True, meaning="exchange strength Omega")
    coupling_phase: Real = parameter(0.0, unit="rad", meaning="phi_V: 0 is XY, pi/2 Dzyaloshinskii-Moriya")
    correlation: str = parameter(
        "entangled", meaning="family of the initial correlation", choices=("none", "entangled", "coherent")
    )
    strength: Real | None = parameter(
        None, low=0, high=1, meaning="fraction of the optimal correlation", automatic="1", belongs=_ENTANGLED
    )
    alpha: Real | None = parameter(None, meaning="rho_{01,10} but for its phase, signed, bounded", belongs=_COHERENT)
    correlation_phase: Real | None = parameter(
        None, unit="rad", meaning="phase of rho_{01,10}", automatic=_PHASE, belongs=_CORRELATED
    )
    dephasing: Real = parameter(0.0, low=0, high=1, meaning="fraction of rho_{01,10} removed at time 0")
    rate_A: Real | None = parameter(None, unit="gap/hbar", low=0, meaning="relaxation rate of A", automatic=_RATE_A)
    rate_B: Real | None = parameter(None, unit="gap/hbar", low=0, meaning="relaxation rate of B", automatic=_RATE_B)
    bath_coupling: Real | None = parameter(None, unit="gap", low=0, meaning="lambda of both baths, in place of rates")
    cutoff: Real | None = parameter(None, unit="gap/hbar", low=0, strict=True, meaning="gamma of both baths")
    route: str = parameter("collisions", meaning="repeated, or one network", choices=("collisions", "exact"))
    steps: Real | None = parameter(
        None, low=1, high=64, whole=True, meaning="n, dt = t/n", automatic="4", belongs=("route", ("collisions",))
    )
    time: Real | None = parameter(None, unit="hbar/gap", low=0, meaning="duration t", automatic="0:pi/coupling:33")
    gap: str | None = parameter(None, unit="quantity", meaning="scale, e.g. 1kHz or 4.1357peV; display only")

    name: ClassVar[str] = "open-exchange"
    axis: ClassVar[str] = "time"
    counted: ClassVar[str] = "steps"
    controls: ClassVar[tuple[str, ...]] = ("none",)
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "preparation": ("measured", "purified", "ensemble"),
        "ancillas": ("reset", "fresh"),
    }
    system: ClassVar[str] = "AB"
    presets: ClassVar[Mapping[str, Preset]] = {
        "set-P": Preset(
            values={"bath_coupling": "0.01", "cutoff": "1.5"},
            source="Holdsworth and Kawai 2022, section IV, at weak coupling: golden-rule rates of Drude baths with "
            "lambda = 0.01 and cut-off gamma = 1.5, chosen in this suite; the default of rate_B is 8e-7 lower",
        ),
        "set-S": Preset(
            values={"bath_coupling": "0.01", "cutoff": "0.2"},
            source="the same with gamma = 0.2, likely that of the paper's Figs. 4 and 5; baths of that cut-off have a "
            "memory, which no circuit of fresh ancillas follows",
            verified=False,
        ),
        "exact": Preset(
            values={"route": "exact", "time": "0:40:9"}, source="set-P in one network; times chosen in this suite"
        ),
    }

    def check(self, points: Points) -> None:
        """Refuses a correlation that is not there, or too strong."""
        if self.correlation == "coherent" and self.alpha is None:
            raise RequestError("Argument `alpha` must be given for correlation=coherent: add --set alpha=-0.1.")
        self._start(points, "main")

    def automatic(self) -> Mapping[str, Any]:
        """The optimal correlation, one period of the weakest exchange, four steps."""
        phase = {"entangled": np.pi / 2, "coherent": 0.0}.get(self.correlation)
        times = np.linspace(0, np.pi, 33) / np.min(self.coupling)
        optimal = 1.0 if self.correlation == "entangled" else None
        steps = {"steps": 4} if self.route == "collisions" else {}
        return {"strength": optimal, "correlation_phase": phase, "time": times, **steps}

    def derived(self, fields: Mapping[str, Array]) -> Mapping[str, Array]:
        """Rates of the baths, by the golden rule at every temperature where they are not given."""
        return rates_of(fields)

    def points(self, options: Mapping[str, str] | None = None, reference: str = "measured") -> Points:
        """The sweep as numbers; without a correlation there is nothing to control."""
        alone = {"control": ""} if self.correlation == "none" else {}
        return super().points({**(options or {}), **alone}, reference)

    @property
    def qubits(self) -> tuple[str, ...]:
        """A and B."""
        return ("A", "B")

    @property
    def measurements(self) -> Mapping[str, tuple[str, ...]]:
        """Tomography, unless less is asked for: of heat, energies alone."""
        return {**PAIR, "energies": ("ZZ",)}

    def members(self, points: Points, arm: str) -> Array:
        """An exact ensemble of eigenstates."""
        return self._start(points, arm).weights

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """|00>, |11>, or a superposition of |01> and |10>."""
        return member_steps(member)

    def structures(self, points: Points) -> Mapping[str, Array]:
        """Steps; the network is one."""
        return {"steps": points.parameters.get("steps", np.ones(len(points))).astype(int)}

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """One step, whose second half of the exchange is one gate with the first half of the next; or the network."""
        barrier = [gate("barrier", *self.qubits)] * (index == 1)
        if self.route == "exact":
            fresh = [Thermal(register=wire, excited=f"q_{wire}") for wire in (LINE[0], LINE[-1])]
            return [*fresh, *barrier, *chain.network_steps(LINE, "dilation")]
        fresh = [Thermal(register=register(q, index), excited=f"p_{q}", wire=f"bath_{q}") for q in self.qubits]
        first = [phased_exchange("A", "B", "half", "axis")] * (index == 1)
        last = phased_exchange("A", "B", "half" if index == structure["steps"] else "whole", "axis")
        return [*fresh, *barrier, *first, *(exchange(register(q, index), q, f"relax_{q}") for q in self.qubits), last]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """Populations of the ancillas; angles of preparation and steps, or of the network."""
        known, start = points.parameters, member_values(self._start(points, arm))
        if self.route == "exact":
            u, q = points.known((self, "dilated"), lambda: dilated(known))
            ends = {"q_ancilla_1": q[:, 0], "q_ancilla_2": q[:, 1]}
            return {**chain.network_values(chain.network(u), "dilation"), **ends, **start}
        dt = known["time"] / known["steps"]
        relax = {f"relax_{q}": np.arccos(np.exp(-known[f"rate_{q}"] * dt / 2)) for q in self.qubits}
        thermal = {f"p_{q}": excited_population(known[f"T_{q}"]) for q in self.qubits}
        whole = known["coupling"] * dt
        return {**start, **relax, **thermal, "whole": whole, "half": whole / 2, "axis": known["coupling_phase"]}

    def _start(self, points: Points, arm: str) -> Eigensystem:
        """A and B at time 0; arm "none" leaves them uncorrelated."""
        family, known = "none" if arm == "none" else self.correlation, points.parameters
        return points.known(
            (self, "start", arm), lambda: eigensystem(correlated.of_family(family, known).dephased(known["dephasing"]))
        )

    @staticmethod
    def inverse_temperatures(parameters: Mapping[str, Array]) -> Mapping[str, Array]:
        """Of the qubits at time 0, and of the ancillas of their baths."""
        steps = int(np.max(parameters.get("steps", 0)))
        return {name: 1 / parameters[f"T_{q}"] for q in "AB" for name in (q, *registers(q, steps))}

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """Net heat from the cold bath into the hot one while mutual information falls; without heat, energy of A, B."""
        return open_goal(points.parameters)

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """Heat of the baths and what entropy they produce, where their ancillas tell; what was consumed."""
        return open_observables(int(np.max(points.parameters.get("steps", 0))), points.options["correlation"])
