r"""heat-exchange: two correlated qubits in local thermal states exchange energy by a partial swap.

The founding experiment: heat flows from cold to hot while correlations are consumed (Micadei et al.,
Nat. Commun. 10, 2456 (2019)), in the model of Holdsworth and Kawai (PRA 106, 062604). H_i = |1><1| in units
of the gap, |0> ground, and

    V = Omega (e^{i phi_V} |01><10| + h.c.) = (Omega/2) [cos phi_V (XX + YY) + sin phi_V (XY - YX)].

[V, H_A + H_B] = 0, so the energy that one qubit gains is the heat the other one loses, exactly.
"""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from protocols.pair import correlated, first_reading
from protocols.pair.correlated import PairState
from protocols.pair.exchange import exchange_extrema, exchange_observables
from protocols.pair.heat_observables import first_reading_observables, heat_statistics_observables
from protocols.pair.partial_swap import exchange_angles, exchange_template, exchanged_amplitudes, exchanged_pair
from protocols.pair.preparation import EXCHANGED, GROUND, PLUS, Eigensystem, eigensystem
from protocols.pauli.words import PAIR, outcome_probabilities
from protocols.program.circuits import outcomes_of
from protocols.program.experiment import Member, Need
from protocols.program.observable import Goal, Observable
from protocols.program.parameters import Preset, check, parameter, parameters
from protocols.program.points import Points
from protocols.program.setting import Setting
from protocols.program.sweep import along, grid, sweeps, with_references
from protocols.types.arrays import Array
from protocols.types.errors import RequestError

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit


Real = float | Array | Sequence[float]

_MICADEI = {
    "gap": "1kHz",
    "coupling": "107.55Hz",
    "coupling_phase": "pi/2",
    "time": "0ms:2.32ms:22",
}
_MICADEI_SOURCE = (
    "Micadei et al. 2019 from memory: gap h x 1 kHz, J = 215.1 Hz (coupling = pi J), temperatures and alpha; "
    "22 times to 2.32 ms are quoted from a figure caption, their equal spacing is assumed"
)
_MALLIK_SOURCE = (
    "chosen here: of Mallik et al., arXiv:2410.22900, abstract and first paragraphs were read, which have no state, "
    "temperature, circuit or number; run it with --first-reading measured --control dephased"
)


@dataclass(frozen=True, kw_only=True, eq=False)
class HeatExchange:
    """Two qubits A and B, correlated, exchanging energy for a time.

    Any real field may be a number or a list; several lists make a grid. Fields that are None are filled in
    by the rule in their description. `points()` resolves everything.

    Raises:
        RequestError: For a value outside its domain, a parameter of the other family, or a correlation
            beyond positivity.

    Examples:
        >>> experiment = HeatExchange(time=[0.0, 7.010056])
        >>> energy = experiment.state(experiment.points())[:, [2, 3], [2, 3]].sum(axis=-1).real
        >>> energy.round(6).tolist()
        [0.377541, 0.646482]
    """

    T_A: Real = parameter(2.0, unit="gap/k_B", inverted=True, meaning="local temperature of A")
    T_B: Real = parameter(1.0, unit="gap/k_B", inverted=True, meaning="local temperature of B")
    coupling: Real = parameter(0.1, unit="gap/hbar", low=0, strict=True, meaning="exchange strength Omega")
    coupling_phase: Real = parameter(0.0, unit="rad", meaning="phi_V: 0 is XY, pi/2 Dzyaloshinskii-Moriya")
    correlation: str = parameter(
        "entangled",
        meaning="family of the initial correlation",
        choices=("none", "entangled", "coherent"),
    )
    strength: Real | None = parameter(
        None,
        low=0,
        high=1,
        meaning="fraction of the optimal correlation (entangled)",
        automatic="1",
        belongs=("correlation", ("entangled",)),
    )
    alpha: Real | None = parameter(
        None,
        meaning="coefficient of |01><10| (coherent), signed, within the positivity bound",
        belongs=("correlation", ("coherent",)),
    )
    correlation_phase: Real | None = parameter(
        None, unit="rad", meaning="phase of rho_{01,10}", automatic="pi/2 for entangled, 0 for coherent"
    )
    dephasing: Real = parameter(0.0, low=0, high=1, meaning="fraction of rho_{01,10} removed")
    time: Real | None = parameter(
        None, unit="hbar/gap", low=0, meaning="interaction time", automatic="0:pi/coupling:33"
    )
    gap: str | None = parameter(None, unit="quantity", meaning="scale, e.g. 1kHz or 4.1357peV; display only")

    name: ClassVar[str] = "heat-exchange"
    sides: ClassVar[tuple[str, str] | None] = ("A", "B")
    heated: ClassVar[tuple[str, ...] | None] = ("A", "B", "AB")
    without: ClassVar[tuple[str | tuple[str, str], ...]] = ()
    ensemble: ClassVar[Mapping[int, Member]] = EXCHANGED
    system: ClassVar[str] = "AB"
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "preparation": ("ensemble", "purified"),
        "merge": ("no", "yes"),
        "first-reading": ("none", *first_reading.READINGS),
    }
    axis: ClassVar[str] = "time"
    controls: ClassVar[tuple[str, ...]] = ("none", "dephased")
    presets: ClassVar[Mapping[str, Preset]] = {
        "holdsworth": Preset(values={}, source="Holdsworth and Kawai 2022, Fig. 1: delta = -pi/2 (the defaults)"),
        "holdsworth-normal": Preset(
            values={"correlation_phase": "0"}, source="Holdsworth and Kawai 2022: delta = 0, normal flow"
        ),
        "holdsworth-forward": Preset(
            values={"correlation_phase": "-pi/2"}, source="Holdsworth and Kawai 2022: delta = +pi/2, forward"
        ),
        "micadei": Preset(
            values={
                **_MICADEI,
                "T_A": "4.30peV",
                "T_B": "3.66peV",
                "correlation": "coherent",
                "alpha": "-0.19",
            },
            source=_MICADEI_SOURCE,
            verified=False,
        ),
        "micadei-uncorrelated": Preset(
            values={**_MICADEI, "T_A": "4.66peV", "T_B": "3.31peV", "correlation": "none"},
            source=_MICADEI_SOURCE,
            verified=False,
        ),
        "mallik": Preset(values={"time": "0:5*pi/2:5"}, source=_MALLIK_SOURCE, verified=False),
        "mallik-phase": Preset(
            values={"time": "0:5*pi/2:5", "correlation_phase": "0.7"}, source=_MALLIK_SOURCE, verified=False
        ),
    }

    def __post_init__(self) -> None:
        check(self)
        if self.correlation == "none" and self.correlation_phase is not None:
            raise RequestError("Argument `correlation_phase` needs a correlation, but correlation is none. Drop it.")
        if self.correlation == "coherent" and self.alpha is None:
            raise RequestError("Argument `alpha` must be given for correlation=coherent: add --set alpha=-0.1.")
        self._prepared(self._sweep, "main")

    @property
    def qubits(self) -> tuple[str, ...]:
        """A and B."""
        return ("A", "B")

    @property
    def measurements(self) -> Mapping[str, tuple[str, ...]]:
        """Tomography, unless less is asked for."""
        return PAIR

    # ---- the sweep ----

    def points(self, options: Mapping[str, str] | None = None, reference: str = "measured") -> Points:
        """The sweep as numbers, every automatic value filled in.

        Args:
            options: "preparation": "ensemble" (default) or "purified"; "merge": "yes" or "no"; "control":
                names of the control arms, comma-separated ("none", "dephased"); without a correlation
                there is nothing to control, and none is run; "first-reading": "none", "ancilla" or
                "measured", which add two arms in which the energy of A is read before the exchange.
            reference: "measured" adds the points at time 0 that the sweep lacks; "nominal" adds none.

        Raises:
            RequestError: If the prepared and the coupling axis differ and "merge" is asked for, or a first reading
                with it or with a purification.
        """
        chosen = {"preparation": "ensemble", "merge": "no", "control": "", **(options or {})}
        if self.correlation == "none":
            chosen["control"] = ""
        if (reading := chosen.pop("first-reading", "none")) != "none":
            first_reading.check_together(reading, chosen)
            chosen["control"] = ",".join(filter(None, (chosen["control"], *first_reading.READINGS[reading])))
        points = with_references(self._sweep, {"correlation": self.correlation, **chosen}, "time", reference)
        if chosen["merge"] == "yes":
            self._check_merge(points)
        return points

    @cached_property
    def _sweep(self) -> dict[str, Array]:
        """Every combination of the fields, automatic values filled in, time running fastest; (points,) each."""
        automatic = {
            "strength": 1.0 if self.correlation == "entangled" else None,
            "correlation_phase": {"entangled": np.pi / 2, "coherent": 0.0}.get(self.correlation),
        }
        given = {spec.name: getattr(self, spec.name) for spec in parameters(self) if not spec.choices}
        filled = {name: automatic.get(name) if value is None else value for name, value in given.items()}
        fields = grid({name: v for name, v in filled.items() if v is not None and name not in ("time", "gap")})
        if self.time is None:
            # one full period of the energies at each coupling
            with np.errstate(over="ignore", invalid="ignore"):
                times = np.linspace(0, 1, 33) * (np.pi / fields["coupling"])[:, None]
        else:
            times = np.atleast_1d(np.asarray(self.time, dtype=float))
        if not np.isfinite(times).all():
            least = fields["coupling"].min()
            raise RequestError(
                f"Argument `coupling` must be large enough for a period pi/coupling, but is {least:g}. Set time too."
            )
        return along(fields, "time", times)

    def needs(self, points: Points) -> frozenset[Need]:
        """Nothing beyond gates and a final measurement, unless A is measured first."""
        return frozenset({"mid_circuit"} if first_reading.MEASURED in points.arms else ())

    # ---- theory: the closed form ----

    def _initial(self, points: Points, arm: str) -> PairState:
        """The state before the exchange, after a first reading if there is one."""
        return points.known((self, "initial", arm), lambda: self._prepared(points.parameters, arm))

    def _eigensystem(self, points: Points, arm: str) -> Eigensystem:
        """Members of the ensemble; arms with a first reading prepare those of the main arm."""
        prepared = "main" if arm in first_reading.READING_ARMS else arm
        return points.known((self, "eigensystem", prepared), lambda: eigensystem(self._initial(points, prepared)))

    def _prepared(self, value: Mapping[str, Array], arm: str) -> PairState:
        return _prepared(self.correlation, value, arm)

    def state(self, points: Points, arm: str = "main") -> Array:
        """Exact states, (points, 4, 4): the closed form of the partial swap."""
        return exchanged_pair(self._initial(points, arm), *_exchange_angles(points)).matrix

    def reference_state(self, points: Points, arm: str = "main") -> Array:
        """Exact state at time 0, all other parameters equal, (points, 4, 4)."""
        return self._initial(points, arm).matrix

    def registers(self, points: Points, arm: str = "main") -> Mapping[str, Array]:
        """What a first reading says by itself; NaN in arms without one."""
        if not first_reading.readings_of(points.arms):
            return {}
        return {first_reading.READING: first_reading.first_energy(self._initial(points, "main"), arm)}

    reference_registers = registers

    def exact(self, setting: Setting, points: Points) -> Array:
        """Exact outcome probabilities of one member (or of the purified state) in one basis."""
        if points.options["preparation"] == "purified":
            return outcome_probabilities(self.state(points, setting.arm), setting.basis)
        psi = self._eigensystem(points, setting.arm).amplitudes(setting.member)
        if setting.arm in first_reading.READING_ARMS:
            letters = setting.basis[: len(self.qubits)]
            return first_reading.read_probabilities(psi, *_exchange_angles(points), setting.arm, letters)
        moved = exchanged_amplitudes(psi, *_exchange_angles(points))
        return outcome_probabilities(moved[:, :, None] * moved[:, None, :].conj(), setting.basis)

    def extrema(self, points: Points) -> list[dict[str, object]]:
        """Extrema of `energy_difference` and `heat` in the first period of continuous time.

        D(t) = R cos(x - x0) with R = sqrt(D0^2 + 4 (Im r0)^2): the maximum at x0, the minimum half a period
        away. Unlike the paper's tau = |theta|/(2 Omega) this holds for T_A < T_B as well.

        Returns:
            One row per combination of the other parameters, observable, subject and kind.
        """
        rows: list[dict[str, object]] = []
        first, _ = sweeps(points.parameters, "time")
        for arm in points.arms:
            initial = self._initial(points, arm)
            for index in np.sort(first):
                own = {name: float(values[index]) for name, values in points.parameters.items() if name != "time"}
                p01, p10 = initial.populations[index, 1:3]
                r0 = initial.coherence[index] * np.exp(-1j * own["coupling_phase"])
                rows += exchange_extrema(p10 - p01, r0.imag, own["coupling"], {"arm": arm, **own})
        return rows

    # ---- circuits ----

    def settings(self, points: Points, bases: Sequence[str]) -> tuple[Setting, ...]:
        """One template per arm, ensemble member and basis."""
        structure: tuple[tuple[str, int], ...] = (("merged", 1),) if points.options["merge"] == "yes" else ()
        found: list[Setting] = []
        for arm in points.arms:
            members = self._eigensystem(points, arm).present
            if points.options["preparation"] == "purified":
                ancillas = 1 if set(members) <= {GROUND, PLUS} else 2
                members, wired = (0,), (*structure, ("ancillas", ancillas))
            else:
                wired = structure
            reading = first_reading.first_outcomes(arm)
            if arm in first_reading.READING_ARMS:
                wired = (*wired, (arm, 1))
            found += [
                Setting(
                    arm=arm,
                    member=member,
                    structure=wired,
                    outcomes=(*outcomes_of(self.qubits, basis), *reading),
                )
                for member in members
                for basis in bases
            ]
        return tuple(found)

    def applies(self, setting: Setting, points: Points) -> Array:
        """All points share every template."""
        return np.ones(len(points), dtype=bool)

    def template(self, setting: Setting) -> QuantumCircuit:
        """Preparation, barrier, partial swap, readout; merged templates have one swap that does both."""
        return exchange_template(self.qubits, setting)

    def angles(self, setting: Setting, points: Points) -> Mapping[str, Array]:
        """Gate angles of one template at every point [rad]."""
        return exchange_angles(self._eigensystem(points, setting.arm), setting, *_exchange_angles(points))

    def weights(self, setting: Setting, points: Points) -> Array:
        """Eigenvalue of the member; 1 for a purified state."""
        if points.options["preparation"] == "purified":
            return np.ones(len(points))
        return self._eigensystem(points, setting.arm).weights[:, setting.member]

    @staticmethod
    def frequency(parameters: Mapping[str, Array]) -> Array:
        """2 Omega."""
        return 2 * parameters["coupling"]

    @staticmethod
    def inverse_temperatures(parameters: Mapping[str, Array]) -> Mapping[str, Array]:
        """Of A and B: correlations leave their local states thermal."""
        return {qubit: 1 / parameters[f"T_{qubit}"] for qubit in ("A", "B")}

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """None but the direction of heat."""
        return None

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """Coherence, switching work and quasiprobability of the partial swap, beside what every pair has.

        Where members are levels in some arm, the statistics of heat as well.
        """
        return (*exchange_observables(), *_heat_statistics(points))

    def _check_merge(self, points: Points) -> None:
        """Refuses to merge rotations about different axes, in any arm."""
        for arm in points.arms:
            initial = self._initial(points, arm)
            delta = points.parameters["coupling_phase"] - np.angle(initial.coherence)
            differ = (np.abs(initial.coherence) > 1e-12) & (np.abs(np.cos(delta)) > 1e-9)
            if differ.any():
                worst = float(delta[np.flatnonzero(differ)[0]])
                raise RequestError(
                    "Argument `merge` needs preparation and coupling about one axis, coupling_phase - "
                    f"correlation_phase = +-pi/2 (for alpha < 0 the phase of rho_01,10 counts), but it is "
                    f"{math.remainder(worst, 2 * math.pi):.6g} rad. Drop --merge."
                )


def _prepared(correlation: str, value: Mapping[str, Array], arm: str) -> PairState:
    """The pair as prepared; arm "none" drops the correlation, "dephased" only the coherence."""
    pair = correlated.of_family("none" if arm == "none" else correlation, value)
    if arm == "none" or correlation == "none":
        return pair
    return first_reading.after_reading(pair.dephased(1.0 if arm == "dephased" else value["dephasing"]), arm)


def _heat_statistics(points: Points) -> tuple[Observable, ...]:
    """Of an ensemble whose members are levels in arm dephased, or in the main arm without a correlation."""
    correlation = points.options.get("correlation", "")
    levels = "dephased" if "dephased" in points.arms else "" if correlation == "none" else None

    def prepared(value: Mapping[str, Array]) -> PairState:
        return _prepared(correlation, value, "main")

    read = first_reading_observables(prepared, first_reading.readings_of(points.arms), levels)
    if points.options.get("preparation", "ensemble") != "ensemble" or levels is None:
        return read
    return (*heat_statistics_observables(prepared, levels), *read)


def _exchange_angles(points: Points) -> tuple[Array, Array]:
    """x = 2 Omega t and phi_V, (points,) each [rad]."""
    return 2 * points.parameters["coupling"] * points.parameters["time"], points.parameters["coupling_phase"]
