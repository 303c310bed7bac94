"""Closed evolution of two qubits, as `protocols.heat_exchange` has it, in the quantities that the papers plot."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from protocols import Array
from protocols.heat_exchange import HeatExchange
from protocols.quantities import energy

NATURAL = 0.0
DELTAS = {"0": 0.0, "+pi/2": math.pi / 2, "-pi/2": -math.pi / 2}
"""delta = phi_V - phi_chi; -pi/2 makes heat flow from cold to hot."""


def holdsworth(T_A: float = 2.0, T_B: float = 1.0, delta: float | None = -math.pi / 2) -> HeatExchange:
    """The pair of Holdsworth and Kawai with Omega = 0.1; delta None: without correlation.

    Args:
        T_A: Temperature of A [gap/k_B].
        T_B: Temperature of B.
        delta: Phase of the coupling minus that of the correlation [rad].
    """
    if delta is None:
        return HeatExchange(T_A=T_A, T_B=T_B, correlation="none", time=[0.0])
    return HeatExchange(T_A=T_A, T_B=T_B, correlation_phase=-delta, time=[0.0])


def states(experiment: HeatExchange, times: Array) -> Array:
    """Exact states, (times, 4, 4).

    Args:
        experiment: The pair with its coupling.
        times: Shape (times,) [hbar/gap].
    """
    timed = replace(experiment, time=np.asarray(times, dtype=float))
    return timed.state(timed.points({}, reference="nominal"))


def initial(experiment: HeatExchange) -> Array:
    """The state at time 0, (4, 4)."""
    return states(experiment, np.zeros(1))[0]


def energy_difference(rho: Array) -> Array:
    """E_A - E_B (the paper's SED)."""
    return energy(rho, 0) - energy(rho, 1)


def extremum(experiment: HeatExchange, observable: str, kind: str, subject: str) -> tuple[float, float]:
    """Time and value of an extremum in continuous time, within the first period.

    Args:
        experiment: The pair with its coupling.
        observable: "heat" or "energy_difference".
        kind: "maximum" or "minimum".
        subject: "A", "B" or "AB".
    """
    rows = experiment.extrema(experiment.points({}, reference="nominal"))
    for row in rows:
        if (row["observable"], row["kind"], row["subject"]) == (observable, kind, subject):
            return float(str(row["time"])), float(str(row["value"]))
    raise KeyError((observable, kind, subject))
