"""The heat pump: a stroke of exchange, relaxation without it, the correlation prepared again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np

from protocols import Array, RequestError
from protocols.quantities import mutual_information
from theory.cache import Cache
from theory.computations import recalled
from theory.generator import generator
from theory.hierarchy import checked_state, work_of
from theory.model import OpenPair
from theory.propagation import Generator, Progress, propagate
from theory.trajectory import HeatDefinition

SAMPLES = 60
"""Times in a stroke, and in the relaxation after it."""
PERIODIC = 1e-7
"""Heats of two cycles that differ by less than this are those of the periodic cycle [gap]."""
MOST_CYCLES = 60


@dataclass(frozen=True, kw_only=True)
class Pump:
    """Exchange on for `stroke`, off until `period`, then the qubits are prepared again.

    Raises:
        RequestError: For a stroke that is not within the period.
    """

    pair: OpenPair
    stroke: float = 6.1
    """[hbar/gap]"""
    period: float = 400.0
    """[hbar/gap]"""
    baths: Literal["kept", "swapped"] = "kept"
    """What fresh qubits find: "kept" puts their state in place of the old one and leaves the auxiliary operators, and
    with them the coupling energy, as they are; "swapped" exchanges the qubits themselves, which leaves the bath's own
    state and no correlation with it."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.period) and 0 < self.stroke < self.period):
            raise RequestError(
                f"Argument `stroke` must be positive and shorter than the period {self.period}, but is {self.stroke}."
            )
        if self.baths not in ("kept", "swapped"):
            raise RequestError(f"Argument `baths` must be kept or swapped, but is {self.baths!r}. Take kept.")


@dataclass(frozen=True, kw_only=True, eq=False)
class Cycles:
    """Cycle by cycle; heat is energy that leaves a bath."""

    times: Array
    """Since the beginning of each cycle, (samples,) [hbar/gap]."""
    heat_system: Array
    """Since the beginning of each cycle, (cycles, samples, 2) [gap]."""
    coupling_energy: Array
    """<X_k B_k>, (cycles, samples, 2) [gap]."""
    energy: Array
    """<H_A + H_B> at the beginning and end, (cycles, 2) [gap]."""
    switching: Array
    """<V> when it is switched on and when it is switched off, (cycles, 2) [gap]."""
    fuel: Array
    """Mutual information of the fresh qubits, () [nat]."""
    temperatures: Array
    """Of the baths, (2,)."""

    def heat(self, definition: HeatDefinition = "system") -> Array:
        """Of every cycle, (cycles, 2)."""
        return self.within(definition)[:, -1]

    def within(self, definition: HeatDefinition = "system") -> Array:
        """Since the beginning of each cycle, (cycles, samples, 2)."""
        if definition == "system":
            return self.heat_system
        return self.heat_system + self.coupling_energy - self.coupling_energy[:, :1]

    def efficiency(self, definition: HeatDefinition = "system") -> Array:
        """Q_B/(T_A I_0) of every cycle, (cycles,) (eq. (16)); nan without correlation."""
        fuel = float(self.fuel)
        return self.heat(definition)[:, 1] / (self.temperatures[0] * fuel if fuel > 1e-12 else math.nan)

    @property
    def work(self) -> Array:
        """Of switching the exchange on and off, (cycles,)."""
        return self.switching[:, 0] - self.switching[:, 1]

    @property
    def arrays(self) -> Mapping[str, Array]:
        """Every field by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def run(
    pump: Pump, fuel: Array, cycles: int, *, cache: Cache | None = None, progress: Progress | None = None
) -> Cycles:
    """Some cycles from baths in equilibrium.

    Args:
        pump: The cycle.
        fuel: State that the qubits are prepared in, (4, 4).
        cycles: How many.
        cache: Where results are kept.
        progress: Told how far it is.
    """
    if isinstance(cycles, bool) or not isinstance(cycles, int) or cycles < 1:
        raise RequestError(f"Argument `cycles` must be a whole number >= 1, but is {cycles!r}.")
    return Cycles(**recalled(Pumping(pump=pump, fuel=checked_state(fuel), cycles=cycles), cache, progress))


def periodic(pump: Pump, fuel: Array, *, cache: Cache | None = None, progress: Progress | None = None) -> Cycles:
    """Cycles until two give the same heat; the last one is the periodic cycle.

    Args:
        pump: Pair, stroke and period.
        fuel: State of the qubits when a cycle starts, shape (4, 4).
        cache: Where results are kept.
        progress: Told how far it is.

    Raises:
        RequestError: If none is periodic within 60 cycles.
    """
    return Cycles(**recalled(Pumping(pump=pump, fuel=checked_state(fuel), cycles=None), cache, progress))


@dataclass(frozen=True, kw_only=True, eq=False)
class Pumping:
    """Cycles before they are computed; what `run` and `periodic` are asked for."""

    pump: Pump
    fuel: Array
    """State that the qubits are prepared in, (4, 4)."""
    cycles: int | None
    """How many; None: until two are alike."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Everything that they depend on."""
        return {"solver": "pump", "pump": self.pump, "fuel": self.fuel, "cycles": self.cycles}

    @property
    def work(self) -> float:
        """Roughly the number of operations."""
        return work_of(self.pump.pair, self.pump.period * (self.cycles or MOST_CYCLES))

    def compute(self, progress: Progress | None = None) -> Mapping[str, Array]:
        """The arrays of the cycles."""
        return _cycles(self.pump, self.fuel, self.cycles, progress).arrays


def _cycles(pump: Pump, fuel: Array, cycles: int | None, progress: Progress | None) -> Cycles:
    exchange, rest = generator(pump.pair), generator(pump.pair.apart())
    H = pump.pair.apart().hamiltonian
    V = pump.pair.interaction
    y, made = exchange.start(fuel), []
    times = np.concatenate([np.linspace(0, pump.stroke, SAMPLES), _relaxing(pump)[1:]])
    while len(made) < (cycles or MOST_CYCLES):
        first = propagate(exchange, y, times[:SAMPLES], pump.pair.tolerance, progress)
        second = propagate(rest, first.final, times[SAMPLES - 1 :], pump.pair.tolerance, progress)
        ends = [np.trace(H @ rho).real for rho in (fuel, second.states[-1])]
        switched = [np.trace(V @ rho).real for rho in (fuel, first.states[-1])]
        heat, coupling = (np.concatenate([a, b[1:]]) for a, b in zip(first[1:3], second[1:3], strict=True))
        made.append((heat, coupling, np.array(ends), np.array(switched)))
        if cycles is None and len(made) > 1 and np.abs(made[-1][0][-1] - made[-2][0][-1]).max() < PERIODIC:
            break
        y = _refuelled(second.final, fuel, pump, exchange)
    else:
        if cycles is None:
            raise RequestError(
                f"Argument `period` must be long enough for a periodic cycle within {MOST_CYCLES}, but is "
                f"{pump.period}."
            )
    names = ("heat_system", "coupling_energy", "energy", "switching")
    columns = {name: np.array([one[i] for one in made]) for i, name in enumerate(names)}
    known = mutual_information(fuel)
    return Cycles(times=times, fuel=np.asarray(known), temperatures=pump.pair.temperatures, **columns)


def _relaxing(pump: Pump) -> Array:
    """Times of the relaxation, closer together where it begins."""
    return pump.stroke + (pump.period - pump.stroke) * np.linspace(0, 1, SAMPLES) ** 2


def _refuelled(y: Array, fuel: Array, pump: Pump, exchange: Generator) -> Array:
    """The state in which the next cycle begins, its heats from zero."""
    fresh = exchange.start(fuel)
    if pump.baths == "kept":
        fresh[16:-2] = y[16:-2]
    else:
        operators = y[:-2].reshape(-1, 16)
        traces = operators[:, [0, 5, 10, 15]].sum(axis=1)
        fresh[:-2] = np.outer(traces, fresh[:16]).ravel()
    return fresh
