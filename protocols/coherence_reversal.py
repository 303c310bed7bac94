r"""coherence-reversal: a cold pair heats a hotter bath by its internal coherence, and the dark pair does the opposite.

Latune, Sinayskiy and Petruccione, PRR 1, 033097 (2019), and arXiv 2601.00198 (collisions in cascade): abstracts only
were read; the model and all numbers are this suite's own. Two qubits S1 and S2, each thermal at T_S, share

    rho_S = tau x tau + (chi |01><10| + h.c.),  |chi| <= p(1-p),  C = <XX + YY>/2 = 2 Re chi,

and meet fresh ancillas thermal at T_B. In one cascade (the ancilla meets S1, then S2, angle phi each) the pair gains

    Q = sin^2 phi (1 + cos^2 phi)(p_B - p) - cos phi sin^2 phi (1 - 2 p_B) C,

and as a star (both at once, angle theta) Q = sin^2(sqrt2 theta) [(p_B - p) - (C/2)(1 - 2 p_B)].
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from protocols.collisions.ancillas import Thermal
from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.operations import Operation, exchange, gate
from protocols.pair.information import conserving_entropy_of
from protocols.pauli.families import X_WORDS
from protocols.pauli.words import PAIR
from protocols.program.observable import Observable, drawn, linear, theory
from protocols.program.parameters import Preset, parameter
from protocols.program.points import Points
from protocols.program.sample import Sample
from protocols.quantities.thermal import excited_population
from protocols.types.arrays import Array

Real = float | Array | Sequence[float]
BEST = math.acos(1 / math.sqrt(3))
"""The cascade angle that makes the most of the coherence: d/dphi (cos phi sin^2 phi) = 0."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CoherenceReversal(Collisions):
    """A pair with coherence between |01> and |10>, colliding with a thermal bath.

    Examples:
        >>> one = CoherenceReversal(coherence=[0.0, 1.0, -1.0])
        >>> n = np.diagonal(one.state(one.points({}, "nominal")), axis1=1, axis2=2).real @ [0, 1, 1, 2]
        >>> (n - 2 * excited_population(1.0)).round(6).tolist()
        [0.036519, -0.020987, 0.094025]
    """

    T_S: Real = parameter(1.0, unit="gap/k_B", inverted=True, meaning="temperature of each qubit of the pair")
    T_B: Real = parameter(1.25, unit="gap/k_B", inverted=True, meaning="temperature of the bath")
    coherence: Real = parameter(1.0, low=-1, high=1, meaning="fraction of the positivity bound |chi| = p(1-p), signed")
    coherence_phase: Real = parameter(0.0, unit="rad", meaning="phase of chi")
    collisions: Real = parameter(1, low=0, high=10_000, whole=True, meaning="number of bath qubits met")
    contact: str = parameter("cascade", meaning="one spin after the other, or both", choices=("cascade", "star"))
    angle: Real = parameter(BEST, unit="rad", meaning="angle of each contact; the best cascade by default")

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
        "hot-dark": Preset(
            values={"T_S": "1.25", "T_B": "1", "coherence": "-1"}, source="chosen here: a colder bath heats a hot pair"
        ),
    }

    @property
    def qubits(self) -> tuple[str, ...]:
        """The pair."""
        return ("S1", "S2")

    @property
    def measurements(self) -> Mapping[str, tuple[str, ...]]:
        """Energies and the coherence, energies alone, or more of the pair (entropy production)."""
        return {"certificate": ("ZZ", "XX", "YY"), "energies": ("ZZ",), **PAIR}

    def members(self, points: Points, arm: str) -> Array:
        """|00>, (|01> + e^{-ia}|10>)/sqrt2, its orthogonal partner, |11>."""
        p, chi = excited_population(points.parameters["T_S"]), np.abs(self._chi(points, arm))
        return np.stack([(1 - p) ** 2, p * (1 - p) + chi, p * (1 - p) - chi, p**2], axis=-1)

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """At most one entangling gate."""
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
        """A cascade of two partial swaps; a star is three of them exactly (free fermions on the line S1, bath, S2)."""
        fresh = Thermal(register="bath", excited="p_B")
        if self.contact == "cascade":
            return [fresh, exchange("bath", "S1", "phi"), exchange("bath", "S2", "phi")]
        outer = exchange("bath", "S1", "outer")
        return [fresh, outer, exchange("bath", "S2", "inner"), outer]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """With c = cos(sqrt2 theta), s its sine: cos(inner) = (1 + c)/2, tan(outer) = (1 - c)/(sqrt2 s)."""
        theta, ones = points.parameters["angle"], np.ones(len(points))
        c, s = np.cos(np.sqrt(2) * theta), np.sin(np.sqrt(2) * theta)
        chi = self._chi(points, arm)
        return {
            "p_B": excited_population(points.parameters["T_B"]),
            "phi": theta,
            "inner": np.arccos((1 + c) / 2),
            "outer": np.arctan2((1 - c) / 2, s / np.sqrt(2)),
            "plus": ones * np.pi / 2,
            "minus": ones * 3 * np.pi / 2,
            "phase": -np.angle(chi),
        }

    def _chi(self, points: Points, arm: str) -> Array:
        value = points.parameters
        p = excited_population(value["T_S"])
        size = np.zeros(len(points)) if arm == "none" else value["coherence"]
        return size * p * (1 - p) * np.exp(1j * value["coherence_phase"])

    @staticmethod
    def inverse_temperatures(parameters: Mapping[str, Array]) -> Mapping[str, Array]:
        """Of each qubit of the pair, whose coherence is between |01> and |10>, and of the bath."""
        return {**dict.fromkeys(("S1", "S2"), 1 / parameters["T_S"]), "bath": 1 / parameters["T_B"]}

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """Heat of the bath, the coherence, what the pair looks like to the bath, and the arrow of time."""
        star, both = points.options["contact"] == "star", ("ZI", "IZ", "bath")
        return (
            linear("energy", "bath", ("bath",), lambda s: s.moments["bath"]),
            linear("heat", "bath", ("bath",), _into_bath, reference=True),
            linear("heat", "pairbath", both, lambda s: _into_pair(s) + _into_bath(s), reference=True),
            linear("energy_difference", "pairbath", both, lambda s: _excitations(s) / 2 - s.moments["bath"]),
            linear("coherence", "pair", ("XX", "YY"), _coherence, unit="1"),
            drawn("apparent_temperature", "pair", ("ZI", "IZ", "XX", "YY"), _apparent_temperature, unit="gap/k_B"),
            drawn("entropy_production", "pair", X_WORDS, _entropy_production, unit="nat", reference=True),
            theory("reversal_threshold", "pair", lambda s: _threshold(s, star)),
            theory("largest_reversible_temperature", "bath", lambda s: _largest(s, star), unit="gap/k_B"),
        )


def _excitations(sample: Sample) -> Array:
    return 1 - (sample.moments["ZI"] + sample.moments["IZ"]) / 2


def _into_pair(sample: Sample) -> Array:
    return _excitations(sample) - _excitations(sample.before)


def _into_bath(sample: Sample) -> Array:
    """Over all collisions: each ancilla starts as those at the reference do."""
    gained = sample.moments["bath"] - sample.before.moments["bath"]
    return sample.parameters["collisions"] * gained


def _coherence(sample: Sample) -> Array:
    """C = <s1+ s2- + h.c.> = <XX + YY>/2."""
    return (sample.moments["XX"] + sample.moments["YY"]) / 2


def _apparent_temperature(sample: Sample) -> Array:
    """1/ln(<A A'>/<A' A>) with A = s1- + s2-; no number where a rate is not positive."""
    down, C = _excitations(sample), _coherence(sample)
    with np.errstate(all="ignore"):
        return 1 / np.log((2 - down + C) / (down + C))


def _entropy_production(sample: Sample) -> Array:
    """Entropy gained by the pair minus Q/T_B: never negative for thermal ancillas, whatever the coherence."""
    gained = conserving_entropy_of(sample) - conserving_entropy_of(sample.before)
    return gained - _into_pair(sample) / sample.parameters["T_B"]


def _threshold(sample: Sample, star: bool) -> Array:
    """The C beyond which one collision turns: 2 (p_B - p)/(1 - 2 p_B), (1 + cos^2)/(2 cos) of it in cascade."""
    p, p_B = (excited_population(sample.parameters[name]) for name in ("T_S", "T_B"))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 2 * (p_B - p) / (1 - 2 * p_B) / _advantage(sample, star)
    return np.where(np.isfinite(found), found, np.nan)


def _largest(sample: Sample, star: bool) -> Array:
    """The bath temperature at which the threshold is 2p(1-p), all the coherence there can be; of a cold pair.

    Beyond an inverted pair the bath is inverted, and there it is coherence of the other sign that turns the heat.
    """
    T_S = sample.parameters["T_S"]
    beta, of_bath = 1 / T_S, 1 / sample.parameters["T_B"]
    p, q, advantage = excited_population(T_S), excited_population(-T_S), _advantage(sample, star)
    with np.errstate(all="ignore"):
        # ln[(1 + most - p)/(p + most)] with most = p (1-p) advantage and ln p = -beta - ln(1 + e^-beta)
        gained = np.log1p(p * (1 - p) * advantage - p) - np.log1p((1 - p) * advantage)
        above_zero = beta + np.log1p(np.exp(-np.abs(beta))) + gained
        # and with -most: ln q + ln(1 - p advantage) - ln p - ln(1 - q advantage)
        ln_q = np.minimum(beta, 0.0) - np.log1p(np.exp(-np.abs(beta)))
        left = np.logaddexp(np.log1p(-advantage), np.log(advantage) + ln_q) - np.log1p(-q * advantage)
        found = np.where(beta >= 0, above_zero, beta + left)
        return np.where(of_bath <= beta, 1 / found, np.nan)


def _advantage(sample: Sample, star: bool) -> Array:
    """Of a cascade over a star, 2 cos/(1 + cos^2), in its only collision; beyond a quarter turn there is none."""
    c = np.cos(sample.parameters["angle"])
    single = np.where((sample.parameters["collisions"] == 1) & (star | (c > 1e-9)), 1.0, np.nan)
    return single if star else single * 2 * c / (1 + c**2)
