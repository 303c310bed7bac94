r"""What a cascade of spins with coherence is asked: heat, coherence, apparent temperature, thresholds of its reversal.

A = sum_k s_k- is the jump operator of a bath that all spins share: <A'A> = n + C, <AA'> = N - n + C with n the
excitations of N spins and C = sum_{j != k} <s_k+ s_j->.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from protocols.laws import ThermalContact, second_laws
from protocols.pair import conserving_entropy_of
from protocols.pauli import X_WORDS
from protocols.program import Observable, Sample, drawn, linear, theory
from protocols.quantities import excited_population
from protocols.spins import coherent
from protocols.types import Array

Quantity = Callable[[Sample], Array]


def reversal_observables(size: int, star: bool) -> tuple[Observable, ...]:
    """Of so many spins and their bath.

    Args:
        size: Number of spins.
        star: Whether a pair meets the bath both at once.
    """
    together = "pair" if size == 2 else "spins"
    Z = [_word(size, "Z", i) for i in range(size)]
    XY = [_word(size, letter, i, j) for i in range(size) for j in range(i + 1, size) for letter in "XY"]
    both, of_both = (*Z, "bath"), f"{together}bath"

    def excitations(s: Sample) -> Array:
        return size / 2 - np.sum([s.moments[word] for word in Z], axis=0) / 2

    def gained(s: Sample) -> Array:
        return excitations(s) - excitations(s.before)

    def coherence(s: Sample) -> Array:
        """C = <s1+ s2- + h.c.> summed over pairs, (XX + YY)/2 each."""
        return np.sum([s.moments[word] for word in XY], axis=0) / 2

    def apparent_temperature(s: Sample) -> Array:
        """1/ln(<A A'>/<A' A>); no number where a rate is not positive."""
        down, C = excitations(s), coherence(s)
        with np.errstate(all="ignore"):
            return 1 / np.log((size - down + C) / (down + C))

    found = (
        linear("energy", "bath", ("bath",), lambda s: s.moments["bath"]),
        linear("heat", "bath", ("bath",), _into_bath, reference=True),
        linear("heat", of_both, both, lambda s: gained(s) + _into_bath(s), reference=True),
        linear("energy_difference", of_both, both, lambda s: excitations(s) / size - s.moments["bath"]),
        linear("coherence", together, XY, coherence, unit="1"),
        drawn("apparent_temperature", together, (*Z, *XY), apparent_temperature, unit="gap/k_B"),
    )
    return (*found, *(_of_pair(gained, star) if size == 2 else _of_more(gained, Z)))


def _of_pair(gained: Quantity, star: bool) -> Sequence[Observable]:
    def entropy_production(s: Sample) -> Array:
        """Entropy gained by the pair minus Q/T_B: never negative for thermal ancillas, whatever the coherence."""
        entropy = conserving_entropy_of(s) - conserving_entropy_of(s.before)
        return entropy - gained(s) / s.parameters["T_B"]

    return (
        drawn("entropy_production", "pair", X_WORDS, entropy_production, unit="nat", reference=True),
        theory("reversal_threshold", "pair", partial(_threshold_of_pair, star=star)),
        theory("largest_reversible_temperature", "bath", partial(_largest_of_pair, star=star), unit="gap/k_B"),
        *second_laws(PAIR_AND_BATH),
    )


def _eigenvalues(sample: Sample) -> Array:
    """Of the pair's state, of real coherence: |00>, two of one excitation, |11>, (..., points, 4)."""
    m = sample.moments
    ground, excited = (1 + m["ZI"] + m["IZ"] + m["ZZ"]) / 4, (1 - m["ZI"] - m["IZ"] + m["ZZ"]) / 4
    split = np.hypot((m["ZI"] - m["IZ"]) / 4, (m["XX"] + m["YY"]) / 4)
    middle = (1 - m["ZZ"]) / 4
    return np.stack([ground, middle - split, middle + split, excited], axis=-1)


def _where_real(known: Mapping[str, Array]) -> Array:
    """T_B where the coherence starts real, and so stays real: an excitation goes from spin to spin by (-i)^2."""
    return np.where(np.abs(np.sin(known["coherence_phase"])) < 1e-9, known["T_B"], np.nan)


PAIR_AND_BATH = ThermalContact(
    subject="pair",
    reads=("ZI", "IZ", "ZZ", "XX", "YY"),
    populations=_eigenvalues,
    energies=lambda known: np.array([0.0, 1.0, 1.0, 2.0]),
    temperature=_where_real,
)
"""Coherence between levels of one energy is no obstacle: the laws are those of the eigenvalues at each energy."""


def _of_more(gained: Quantity, Z: Sequence[str]) -> Sequence[Observable]:
    """Heat of all spins, thresholds of one cascade, and C*_N of weak contacts."""
    size = len(Z)

    def populations(s: Sample) -> tuple[Array, Array]:
        p, p_B = (excited_population(s.parameters[name]) for name in ("T_S", "T_B"))
        return p, p_B

    def once(s: Sample) -> Array:
        """1 where there is one collision, short of a quarter turn; no number elsewhere."""
        return np.where((s.parameters["collisions"] == 1) & (np.cos(s.parameters["angle"]) > 1e-9), 1.0, np.nan)

    def threshold(s: Sample) -> Array:
        phi, phase = s.parameters["angle"], s.parameters["coherence_phase"]
        return once(s) * coherent.threshold(*populations(s), phi, phase, size)

    def largest(s: Sample) -> Array:
        p, p_B = populations(s)
        cold = (p <= 0.5) & (p_B >= p)
        return once(s) * np.where(cold, coherent.largest_temperature(p, s.parameters["angle"], size), np.nan)

    return (
        linear("heat", "spins", Z, gained, reference=True),
        theory("reversal_threshold", "spins", threshold),
        theory("weak_reversal_threshold", "spins", lambda s: coherent.weak_threshold(*populations(s), size)),
        theory("largest_reversible_temperature", "bath", largest, unit="gap/k_B"),
    )


def _word(size: int, letter: str, *places: int) -> str:
    return "".join(letter if i in places else "I" for i in range(size))


def _into_bath(sample: Sample) -> Array:
    """Over all collisions: each ancilla starts as those at the reference do."""
    gained = sample.moments["bath"] - sample.before.moments["bath"]
    return sample.parameters["collisions"] * gained


def _threshold_of_pair(sample: Sample, star: bool) -> Array:
    """The C beyond which one collision turns: 2 (p_B - p)/(1 - 2 p_B), (1 + cos^2)/(2 cos) of it in cascade."""
    p, p_B = (excited_population(sample.parameters[name]) for name in ("T_S", "T_B"))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 2 * (p_B - p) / (1 - 2 * p_B) / _advantage(sample, star)
    return np.where(np.isfinite(found), found, np.nan)


def _largest_of_pair(sample: Sample, star: bool) -> Array:
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
