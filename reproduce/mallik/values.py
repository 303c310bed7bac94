"""The pairs of the page: heat, its bound, and the quasiprobability, against time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from protocols import Array
from protocols.heat_exchange import HeatExchange
from protocols.pair import kirkwood_dirac, semiclassical_heat_bound
from protocols.quantities import energy
from reproduce.pairs import closed

PAIRS: Mapping[str, HeatExchange] = {
    "driving": HeatExchange(time=[0.0]),
    "between": HeatExchange(time=[0.0], correlation_phase=0.7),
}
"""At the phase that drives most heat, and at another one: presets mallik and mallik-phase."""


def quasiprobability_of(pair: HeatExchange, times: Array) -> Array:
    """q(i -> f) of the four moves of a pair, (4, times), complex."""
    rho = closed.initial(pair)
    # a phase of pi/2 leaves rounding of the cosine
    r0 = rho[1, 2].round(15) * np.exp(-1j * float(np.asarray(pair.coupling_phase)))
    return kirkwood_dirac(rho[1, 1].real, rho[2, 2].real, r0, _angle(pair, times))


def bound_of(pair: HeatExchange, times: Array) -> Array:
    """The most heat into A that non-negative values allow [gap], (times,)."""
    rho = closed.initial(pair)
    return semiclassical_heat_bound(rho[1, 1].real, rho[2, 2].real, _angle(pair, times))


def heat_of(pair: HeatExchange, times: Array) -> Array:
    """Energy that A gained [gap], (times,)."""
    return energy(closed.states(pair, times), 0) - energy(closed.initial(pair), 0)


def negativity_of(pair: HeatExchange, times: Array) -> Array:
    """sum |Re q| - 1 over all levels, (times,): 0 where no value is negative."""
    values = np.real(quasiprobability_of(pair, times))
    return np.abs(values).sum(axis=0) - values.sum(axis=0)


def read_first(pair: HeatExchange) -> HeatExchange:
    """The same pair once its energies were read: without coherence."""
    return replace(pair, dephasing=1.0)


def _angle(pair: HeatExchange, times: Array) -> Array:
    return float(np.asarray(pair.coupling)) * np.asarray(times)
