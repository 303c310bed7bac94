r"""coherence-reversal: a cold pair heats a hotter bath by its internal coherence, and the dark pair does the opposite.

Latune, Sinayskiy and Petruccione, PRR 1, 033097 (2019), and Huang et al., arXiv:2601.00198 (measured, collisions in
cascade): abstracts only were read; model and numbers are this suite's own. Two spins S1 and S2, thermal at T_S, share

    rho_S = tau x tau + (chi |01><10| + h.c.),  |chi| <= p(1-p),  C = <XX + YY>/2 = 2 Re chi,

and meet fresh ancillas thermal at T_B. In one cascade (the ancilla meets S1, then S2, angle phi each) the pair gains

    Q = sin^2 phi (1 + cos^2 phi)(p_B - p) - cos phi sin^2 phi (1 - 2 p_B) C,

and as a star (both at once, angle theta) Q = sin^2(sqrt2 theta) [(p_B - p) - (C/2)(1 - 2 p_B)]. Three or four spins
(`size`) share coherence among their states of one excitation: protocols/spins/.
"""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from protocols.collisions.ancillas import Thermal
from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.operations import Operation, exchange, gate
from protocols.pauli.words import PAIR
from protocols.program.observable import Observable
from protocols.program.parameters import Preset, check_single, parameter
from protocols.program.points import Points
from protocols.quantities.thermal import excited_population
from protocols.spins import coherent, reversal
from protocols.types.arrays import Array
from protocols.types.errors import RequestError

Real = float | Array | Sequence[float]
BEST = math.acos(1 / math.sqrt(3))
"""The cascade angle that makes the most of the coherence: d/dphi (cos phi sin^2 phi) = 0."""
HUANG = (
    "chosen here: of Huang et al., arXiv:2601.00198, the abstract was read, which has no number, angle or temperature"
)
MOST = "the angle at which the spins heat the bath most"


@dataclass(frozen=True, kw_only=True, eq=False)
class CoherenceReversal(Collisions):
    """Spins with coherence between |01> and |10>, colliding with a thermal bath.

    Examples:
        >>> one = CoherenceReversal(coherence=[0.0, 1.0, -1.0])
        >>> n = np.diagonal(one.state(one.points({}, "nominal")), axis1=1, axis2=2).real @ [0, 1, 1, 2]
        >>> (n - 2 * excited_population(1.0)).round(6).tolist()
        [0.036519, -0.020987, 0.094025]
    """

    T_S: Real = parameter(1.0, unit="gap/k_B", inverted=True, meaning="temperature of each spin")
    T_B: Real = parameter(1.25, unit="gap/k_B", inverted=True, meaning="temperature of the bath")
    coherence: Real = parameter(1.0, low=-1, high=1, meaning="fraction of what positivity allows, signed")
    coherence_phase: Real = parameter(0.0, unit="rad", meaning="phase of chi")
    collisions: Real = parameter(1, low=0, high=10_000, whole=True, meaning="number of bath qubits met")
    contact: str = parameter("cascade", meaning="one spin after the other, or both", choices=("cascade", "star"))
    angle: Real = parameter(BEST, unit="rad", meaning="angle of each contact; the best cascade by default")
    size: int | None = parameter(None, low=2, high=4, whole=True, meaning="number of spins", automatic="2")

    name: ClassVar[str] = "coherence-reversal"
    axis: ClassVar[str] = "angle"
    controls: ClassVar[tuple[str, ...]] = ("none",)
    sides: ClassVar[tuple[str, str] | None] = ("pair", "bath")
    heated: ClassVar[tuple[str, ...] | None] = ("S1", "S2", "pair", "bath", "pairbath")
    """All gates conserve energy and the ancillas are fresh: nothing does work on any of them."""
    without: ClassVar[tuple[str | tuple[str, str], ...]] = ("clausius_sum", "clausius_slack", "efficiency")
    """Those of two qubits that exchange heat with each other; the law of this exchange is `entropy_production`."""
    system: ClassVar[str] = "pair"
    presets: ClassVar[Mapping[str, Preset]] = {
        "bright": Preset(values={}, source="chosen here: the coherence of a cold pair heats the bath (the defaults)"),
        "dark": Preset(values={"coherence": "-1"}, source="chosen here: negative coherence draws more heat in"),
        "threshold": Preset(values={"coherence": "-1:1:9"}, source="chosen here: heat against coherence"),
        "phase": Preset(values={"coherence_phase": "0:2*pi:13"}, source="chosen here: heat against the phase"),
        "huang": Preset(values={"coherence": "0:1:3", "coherence_phase": "0:pi:5"}, source=HUANG, verified=False),
        "three-spins": Preset(values={"size": "3", "angle": "0.924"}, source=f"chosen here: {MOST}"),
        "four-spins": Preset(values={"size": "4", "angle": "0.846"}, source=f"chosen here: {MOST}"),
        "hot-dark": Preset(
            values={"T_S": "1.25", "T_B": "1", "coherence": "-1"}, source="chosen here: a colder bath heats a hot pair"
        ),
    }

    def __post_init__(self) -> None:
        if np.ndim(typing.cast("float", self.size)) == 0 and _size(self.size) > 2:
            # what belongs to all spins has another name, which a class of two cannot know
            together, names = "spins", coherent.spin_names(_size(self.size))
            for attribute, value in (
                ("system", together),
                ("sides", (together, "bath")),
                ("heated", (*names, together, "bath", f"{together}bath")),
            ):
                object.__setattr__(self, attribute, value)
        super().__post_init__()

    def check(self, points: Points) -> None:
        """Refuses what would change the qubits within a sweep, and a star of more than two."""
        check_single(self, "size", changes="qubits")
        if self.contact == "star" and _size(self.size) > 2:
            raise RequestError(
                "Argument `contact` star must have two spins, for which three partial swaps make it exactly, but size "
                f"is {_size(self.size)}. Take --set contact=cascade."
            )

    @property
    def qubits(self) -> tuple[str, ...]:
        """The spins."""
        return coherent.spin_names(_size(self.size))

    @property
    def measurements(self) -> Mapping[str, tuple[str, ...]]:
        """Energies and the coherence, energies alone, or more of a pair (entropy production)."""
        Z, X, Y = (letter * len(self.qubits) for letter in "ZXY")
        return {"certificate": (Z, X, Y), "energies": (Z,), **(PAIR if len(self.qubits) == 2 else {})}

    def members(self, points: Points, arm: str) -> Array:
        """|00>, (|01> + e^{-ia}|10>)/sqrt2, its orthogonal partner, |11>; of more spins as in `coherent.weights`."""
        p, size = excited_population(points.parameters["T_S"]), len(self.qubits)
        if size > 2:
            return coherent.weights(p, self._shared(points, arm), size)
        chi = np.abs(self._chi(points, arm))
        return np.stack([(1 - p) ** 2, p * (1 - p) + chi, p * (1 - p) - chi, p**2], axis=-1)

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """At most 2 size - 3 entangling gates."""
        if len(self.qubits) > 2:
            return coherent.prepared_by(member, self.qubits)
        if member in (0, 3):
            return [gate("x", wire) for wire in self.qubits] if member else []
        sign = "plus" if member == 1 else "minus"
        return [
            gate("ry", "S1", by=sign),
            gate("x", "S2"),
            gate("cx", "S1", "S2"),
            gate("phase", "S1", by="phase"),
        ]

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """A cascade of partial swaps; a star is three of them exactly (free fermions on the line S1, bath, S2)."""
        fresh = Thermal(register="bath", excited="p_B")
        if self.contact == "cascade":
            return [fresh, *(exchange("bath", spin, "phi") for spin in coherent.spin_names(len(self.qubits)))]
        outer = exchange("bath", "S1", "outer")
        return [fresh, outer, exchange("bath", "S2", "inner"), outer]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """With c = cos(sqrt2 theta), s its sine: cos(inner) = (1 + c)/2, tan(outer) = (1 - c)/(sqrt2 s)."""
        theta, ones, size = points.parameters["angle"], np.ones(len(points)), len(self.qubits)
        common = {"p_B": excited_population(points.parameters["T_B"]), "phi": theta}
        if size > 2:
            return {**common, **coherent.angles(points.parameters["coherence_phase"], size)}
        c, s = np.cos(np.sqrt(2) * theta), np.sin(np.sqrt(2) * theta)
        chi = self._chi(points, arm)
        return {
            **common,
            "inner": np.arccos((1 + c) / 2),
            "outer": np.arctan2((1 - c) / 2, s / np.sqrt(2)),
            "plus": ones * np.pi / 2,
            "minus": ones * 3 * np.pi / 2,
            "phase": -np.angle(chi),
        }

    def _fraction(self, points: Points, arm: str) -> Array:
        return np.zeros(len(points)) if arm == "none" else points.parameters["coherence"]

    def _chi(self, points: Points, arm: str) -> Array:
        p = excited_population(points.parameters["T_S"])
        return self._fraction(points, arm) * p * (1 - p) * np.exp(1j * points.parameters["coherence_phase"])

    def _shared(self, points: Points, arm: str) -> Array:
        p = excited_population(points.parameters["T_S"])
        return coherent.shared(p, self._fraction(points, arm), len(self.qubits))

    @staticmethod
    def inverse_temperatures(parameters: Mapping[str, Array]) -> Mapping[str, Array]:
        """Of each spin, whose coherence is with others, and of the bath."""
        names = coherent.spin_names(_size_of(parameters))
        return {**dict.fromkeys(names, 1 / parameters["T_S"]), "bath": 1 / parameters["T_B"]}

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """Heat of the bath, the coherence, what the spins look like to the bath, and the arrow of time."""
        size, star = _size_of(points.parameters), points.options["contact"] == "star"
        return reversal.reversal_observables(size, star)


def _size(given: object) -> int:
    return 2 if given is None else int(typing.cast("float", given))


def _size_of(parameters: Mapping[str, Array]) -> int:
    """Of the sweep's points, which have no size where it is not given."""
    return int(parameters["size"][0]) if "size" in parameters else 2
