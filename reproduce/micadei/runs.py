"""The two runs of Micadei et al. as the presets have them, in peV and ms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from protocols import Array
from protocols.heat_exchange import HeatExchange
from protocols.program import build
from protocols.quantities import concurrence, geometric_discord, mutual_information, thermal
from protocols.units import Gap
from reproduce.pairs import closed

PRESETS = {"correlated": "micadei", "uncorrelated": "micadei-uncorrelated"}
GAP = Gap.parse("1kHz")
LAST = 2.32
"""Of the sampled times [ms]."""
MILLISECONDS: Array = np.linspace(0, LAST, 21 * 10 + 1)
"""The 22 times, equally spaced (an assumption), and nine between each two."""
TABLED = (0, 50, 100, 150, 210)
"""Indices of the tabled times."""
UNVERIFIED = (
    "Micadei's inputs (gap h x 1 kHz, J = 215.1 Hz, alpha = -0.19, temperatures 4.30/3.66 and 4.66/3.31 peV) are from "
    "memory and not verified against the paper's text; that its 22 times are equally spaced is an assumption.",
)


@cache
def experiment(name: str) -> HeatExchange:
    """The correlated or the uncorrelated run."""
    made = build(HeatExchange, dict(HeatExchange.presets[PRESETS[name]].values))
    assert isinstance(made, HeatExchange)
    return made


def per_millisecond() -> float:
    """hbar/gap in a millisecond."""
    return GAP.natural("1ms", "time")


def picoelectronvolt() -> float:
    """peV in a gap."""
    return GAP.display(1.0, "energy", "peV")


def values(name: str, milliseconds: Array = MILLISECONDS) -> Mapping[str, Array]:
    """Everything that is drawn of a run, energies and heats in peV, entropies in nat.

    Args:
        name: "correlated" or "uncorrelated".
        milliseconds: Shape (times,) [ms].

    Returns:
        Symbol -> values, shape (times,).
    """
    one = experiment(name)
    rho = closed.states(one, milliseconds * per_millisecond())
    scale, T = picoelectronvolt(), np.array([one.T_A, one.T_B], dtype=float)
    energy = np.stack([thermal.energy(rho, k) for k in (0, 1)])
    heat = energy - energy[:, :1]
    known = mutual_information(rho)
    spent = (heat / T[:, None]).sum(axis=0)
    return {
        "E_A": scale * energy[0],
        "E_B": scale * energy[1],
        "Q_A": scale * heat[0],
        "Q_B": scale * heat[1],
        "I": known,
        "D_G": geometric_discord(rho, 0),
        "clausius": spent,
        "Delta I": known - known[0],
        "slack": spent - (known - known[0]),
        "concurrence": concurrence(rho),
    }
