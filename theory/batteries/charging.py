r"""What a battery stores and how fast: energy E(t), power P = E/t, its most, and the advantage over separate cells.

The cells are alike and are charged alike, so that they stay in their symmetric sector: N + 1 states instead of 2^N. A
battery says its Hamiltonian there, the state that it starts in, and how many cells are excited in each basis state.

**Advantage** means here P_max/(N P_1): N cells charged together, against N cells that have a charger each with one
excitation and the same coupling, every one at its best time, P_1 = 0.724611 g (sin^2(x)/x, most where tan x = 2 x).
Ferraro et al., PRL 120, 117702 (2018) [abstract] report a growth like sqrt N. Other definitions (the same photons for
every cell, the same energy in all) give other numbers.
"""

from __future__ import annotations

import abc
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from protocols import Array

SINGLE = 0.7246113537767
"""P_1/g."""
WINDOW = 100
"""Points of a search while the start loses what it has: 1/sqrt(variance of the energy)."""


@dataclass(frozen=True, kw_only=True)
class Most:
    """A maximum and when it is reached."""

    time: float
    value: float


@dataclass(frozen=True, kw_only=True)
class Battery(abc.ABC):
    """N cells and their charger."""

    cells: int
    """N."""
    coupling: float = 1.0
    """g of every cell [gap/hbar]."""

    @abc.abstractmethod
    def hamiltonian(self) -> Array:
        """In the symmetric sector, real and symmetric, (states, states)."""

    @abc.abstractmethod
    def excited(self) -> Array:
        """How many cells are excited in each basis state, (states,)."""

    @abc.abstractmethod
    def start(self) -> int:
        """Number of the basis state with all energy in the charger."""

    def populations(self, times: Array) -> Array:
        """Of the basis states at times, (times, states).

        Args:
            times: Of charging [hbar/gap], (times,).
        """
        values, vectors = self._spectrum
        phases = np.exp(-1j * np.multiply.outer(np.asarray(times, dtype=float), values))
        return np.abs((phases * vectors[self.start()]) @ vectors.T) ** 2

    def stored(self, times: Array) -> Array:
        """E(t) that came into the cells [gap], (times,)."""
        return self.populations(times) @ self.excited()

    def power(self, times: Array) -> Array:
        """P = E/t, 0 at the start, (times,)."""
        times = np.asarray(times, dtype=float)
        return np.divide(self.stored(times), times, out=np.zeros_like(times), where=times > 0)

    def most_power(self) -> Most:
        """The largest P of all times: searched until N/t, which P cannot exceed, is below what was found."""
        step, block = 1 / (WINDOW * self._fastest), 0
        best, at = 0.0, step
        while block == 0 or self.cells / (block * WINDOW * step) > best:
            times = step * np.arange(1 + block * WINDOW, 1 + (block + 1) * WINDOW)
            found = self.power(times)
            if found.max() > best:
                best, at = float(found.max()), float(times[found.argmax()])
            block += 1
        return _refined(self.power, at, step)

    def first_full(self) -> Most:
        """The first maximum of E."""
        step, block = 1 / (WINDOW * self._fastest), 0
        while True:
            found = self.stored(step * np.arange(block * WINDOW, (block + 1) * WINDOW + 2))
            turns = np.flatnonzero((found[1:-1] > found[:-2]) & (found[1:-1] >= found[2:]))
            if len(turns):
                return _refined(self.stored, step * (block * WINDOW + 1 + turns[0]), step)
            block += 1

    def advantage(self) -> float:
        """P_max/(N P_1)."""
        return self.most_power().value / (self.cells * SINGLE * self.coupling)

    @cached_property
    def _spectrum(self) -> tuple[Array, Array]:
        values, vectors = np.linalg.eigh(self.hamiltonian())
        return values, vectors

    @property
    def _fastest(self) -> float:
        """How fast the start is left, sqrt(<H^2> - <H>^2)."""
        leaving = np.delete(self.hamiltonian()[self.start()], self.start())
        if not leaving.any():
            raise ValueError(f"a battery has nothing to charge with: {self}; give it an excitation and a coupling.")
        return float(np.linalg.norm(leaving))


def _refined(of: Callable[[Array], Array], at: float, step: float) -> Most:
    """A maximum near a point of a grid, to rounding."""
    from scipy.optimize import minimize_scalar

    found: Any = minimize_scalar(
        lambda t: -of(np.array([t]))[0], bounds=(at - step, at + step), method="bounded", options={"xatol": 1e-12}
    )
    return Most(time=float(found.x), value=-float(found.fun))
