r"""What a partial swap adds to the quantities of a pair: its coherence, its switching work, its quasiprobability.

V = Omega (e^{i phi_V} |01><10| + h.c.) acts for the time t; r = e^{-i phi_V} rho_{01,10}. All of these are functions
of Pauli moments that X-state settings determine, and none needs a fitted state.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from protocols.pair.quasiprobability import (
    kirkwood_dirac_nonclassicality,
    quasiprobability_negativity,
    semiclassical_heat_bound,
)
from protocols.program import Observable, Sample, drawn, linear
from protocols.types import Array

_POPULATIONS = ("ZI", "IZ", "ZZ")
_COHERENCE = ("XX", "YY", "XY", "YX")


def exchange_observables() -> tuple[Observable, ...]:
    """Observables of a protocol whose fields are `coupling`, `coupling_phase` and `time`, qubits A and B."""
    reads, compared = (*_POPULATIONS, *_COHERENCE), {"reference": True, "bounds": (0, np.inf)}

    def start(s: Sample) -> tuple[Array, Array, Array, Array]:
        """Arguments of the quasiprobability's functions."""
        return (*_populations(s.before), _coherence(s.before, s), _angle(s))

    def bound(s: Sample) -> Array:
        return semiclassical_heat_bound(*_populations(s.before), _angle(s))

    def negativity(s: Sample) -> Array:
        return quasiprobability_negativity(*start(s))

    def nonclassicality(s: Sample) -> Array:
        return kirkwood_dirac_nonclassicality(*start(s))

    return (
        linear("interaction_energy", "AB", _COHERENCE, lambda s: interaction_energy(s, s)),
        linear("exchange_coherence", "AB", _COHERENCE, lambda s: np.imag(_coherence(s, s)), unit="1"),
        drawn("semiclassical_heat_bound", "AB", _POPULATIONS, bound, unit="gap", reference=True),
        drawn("quasiprobability_negativity", "AB", reads, negativity, **compared),
        drawn("kirkwood_dirac_nonclassicality", "AB", reads, nonclassicality, zero_on="incoherent", **compared),
    )


def exchange_extrema(
    D0: float, imaginary: float, Omega: float, shared: Mapping[str, object]
) -> list[dict[str, object]]:
    """Rows of the extrema of D(t) = D0 cos(2 Omega t) + 2 Im r0 sin(2 Omega t) and of the heat, in the first period.

    Args:
        D0: Difference of the energies at time 0 [gap].
        imaginary: Im r0.
        Omega: Coupling [gap/hbar].
        shared: Columns that all rows have.
    """
    amplitude = math.hypot(D0, 2 * imaginary)
    if amplitude == 0:
        return []
    x0 = math.atan2(2 * imaginary, D0) % (2 * math.pi)
    high, low = x0 / (2 * Omega), (x0 + math.pi) % (2 * math.pi) / (2 * Omega)
    up, down = (amplitude - D0) / 2, (-amplitude - D0) / 2
    table = [
        ("energy_difference", "AB", "maximum", amplitude, high),
        ("energy_difference", "AB", "minimum", -amplitude, low),
        ("heat", "A", "maximum", up, high),
        ("heat", "A", "minimum", down, low),
        ("heat", "B", "maximum", -down, low),
        ("heat", "B", "minimum", -up, high),
    ]
    return [
        # + 0.0: no negative zero
        {**shared, "observable": name, "subject": subject, "kind": kind, "value": value + 0.0, "time": t, "unit": "gap"}
        for name, subject, kind, value, t in table
    ]


def _angle(sample: Sample) -> Array:
    """Omega t [rad]."""
    return sample.parameters["coupling"] * sample.parameters["time"]


def _populations(sample: Sample) -> tuple[Array, Array]:
    """p01 and p10."""
    m = sample.moments
    return (1 + m["ZI"] - m["IZ"] - m["ZZ"]) / 4, (1 - m["ZI"] + m["IZ"] - m["ZZ"]) / 4


def interaction_energy(sample: Sample, at: Sample) -> Array:
    """<V> = 2 Omega Re r of a sample, with the coupling of another one [gap].

    Args:
        sample: Whose state.
        at: Whose coupling and its phase.
    """
    return 2 * at.parameters["coupling"] * np.real(_coherence(sample, at))


def _coherence(sample: Sample, at: Sample) -> Array:
    """r = e^{-i phi_V} rho_{01,10} with rho_{01,10} = (<XX> + <YY>)/4 + i (<XY> - <YX>)/4."""
    m = sample.moments
    rho = (m["XX"] + m["YY"]) / 4 + 1j * (m["XY"] - m["YX"]) / 4
    return np.exp(-1j * at.parameters["coupling_phase"]) * rho
