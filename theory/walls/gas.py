"""One classical particle between two walls, flight by flight: an event Monte Carlo beside the closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protocols import Array
from protocols.machines import maxwell_wall_current
from theory.arguments import counting, positive, within


@dataclass(frozen=True, kw_only=True)
class Gas:
    """A particle of mass 1 in a tube between two walls.

    Raises:
        RequestError: For a temperature or length that is not positive, or an accommodation outside (0, 1].
    """

    T_h: float = 1.0
    T_c: float = 0.25
    length: float = 1.0
    accommodation: float = 1.0
    """Share of the arrivals at which a wall thermalises; at the others it reflects the particle with its speed."""

    def __post_init__(self) -> None:
        for name in ("T_h", "T_c", "length"):
            positive(name, getattr(self, name))
        within("accommodation", self.accommodation, 0.0, 1.0, strict=True)

    @property
    def current(self) -> float:
        """Heat from the hot to the cold wall per unit of time, in closed form; largest at T_c = T_h/4."""
        closed = maxwell_wall_current(self.T_h, self.T_c, length=self.length, accommodation=self.accommodation)
        return float(closed)


@dataclass(frozen=True, kw_only=True, eq=False)
class Flights:
    """Independent particles, each with the same number of flights; all arrays (walkers,)."""

    into_hot: Array
    """Energy that the hot wall gained."""
    into_cold: Array
    """Energy that the cold wall gained."""
    gained: Array
    """Kinetic energy that the particle gained from first to last flight: minus the sum of both."""
    time: Array
    """What its flights took."""

    @property
    def current(self) -> float:
        """Heat per unit of time, both ends averaged."""
        return float(self._heat.mean() / self.time.mean())

    @property
    def stderr(self) -> float:
        """Standard error of the quotient of two means.

        The time of a slow flight has a density that falls with its third power, so that its variance does not exist;
        the quotient over its estimated error is normal for many walkers all the same (Gine, Goetze and Mason,
        Ann. Probab. 25, 1514 (1997)).
        """
        rest = self._heat - self.current * self.time
        return float(rest.std(ddof=1) / np.sqrt(len(rest)) / self.time.mean())

    @property
    def _heat(self) -> Array:
        return (self.into_cold - self.into_hot) / 2


def fly(gas: Gas, *, walkers: int = 4000, flights: int = 50, seed: int = 0) -> Flights:
    """Flights of independent particles, half of which start at either wall in the steady state of arrivals.

    Args:
        gas: Temperatures, length and walls.
        walkers: How many particles, an even number.
        flights: Of each particle, an even number: both walls see the same number of arrivals.
        seed: Of the random numbers.

    Raises:
        RequestError: For odd numbers of walkers or flights, or fewer than 2.
    """
    counting("walkers", walkers, 2, even=True)
    counting("flights", flights, 2, even=True)
    random = np.random.default_rng(seed)
    T = np.array([gas.T_h, gas.T_c])
    at = np.arange(walkers) % 2
    # who leaves a wall was last thermalised there with the chance 1/(2 - alpha), that of an even number of flights
    last = np.where(random.random(walkers) < 1 / (2 - gas.accommodation), at, 1 - at)
    speed = _emitted(random, T[last])
    first, into, time = speed**2 / 2, np.zeros((2, walkers)), np.zeros(walkers)
    for _ in range(flights):
        time += gas.length / speed
        at = 1 - at
        thermal = random.random(walkers) < gas.accommodation
        after = np.where(thermal, _emitted(random, T[at]), speed)
        into[at, np.arange(walkers)] += (speed**2 - after**2) / 2
        speed = after
    return Flights(into_hot=into[0], into_cold=into[1], gained=speed**2 / 2 - first, time=time)


def _emitted(random: np.random.Generator, T: Array) -> Array:
    """Speeds with the density (v/T) exp(-v^2/2T) of a gas that effuses."""
    return np.sqrt(2 * T * random.exponential(size=len(T)))
