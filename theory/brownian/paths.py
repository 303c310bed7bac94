r"""Paths of Brownian particles, seeded: the Ito equation without inertia, and the equation with it.

    dx = [f/eta + T (1/eta)'] dt + sqrt(2 T/eta) dW        (Ito),   f = F - V'.

This is the equation of J = -(1/eta)[(V' - F) P + (T P)']. The same line read by Stratonovich has the drift T'/2
besides (eta = 1), and would give P ~ T^(-1/2) in a box instead of 1/T. Which of both is right is no convention: with
inertia, M dv = (f - eta v) dt + sqrt(2 eta T) dW, the noise does not act on x and both readings are one; M -> 0 leads
to Ito. Walls reflect.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protocols import Array, RequestError
from theory.brownian.model import Particle

SLOPE = 1e-5
"""Distance over which 1/eta is differentiated, of that between the walls."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Paths:
    """Walkers that know nothing of each other."""

    times: Array
    """(times,), from 0."""
    x: Array
    """(times, walkers)"""

    def settled(self, after: float) -> tuple[float, float]:
        """<x> over all walkers and all times later than this, and its standard error, from the walkers' own means."""
        own = self.x[self.times > after].mean(axis=0)
        return float(own.mean()), float(own.std(ddof=1) / np.sqrt(len(own)))

    def histogram(self, after: float, edges: Array) -> Array:
        """Density of the places later than this, (bins,)."""
        return np.histogram(self.x[self.times > after], bins=edges, density=True)[0]


def ito(
    particle: Particle, *, step: float, duration: float, walkers: int, seed: int, start: float = 0.0, every: int = 1
) -> Paths:
    """Paths without inertia, by Euler and Maruyama.

    Args:
        particle: Where they walk.
        step: dt; sqrt(2 T dt/eta) must be small beside the distance between the walls and that over which T changes.
            Averages err in proportion to dt (between walls at -1 and 1, T = 1 + x/2: the mean by dt/4).
        duration: Of the paths.
        walkers: How many.
        seed: Of the noise.
        start: Where all of them begin.
        every: How many steps apart places are kept.

    Raises:
        RequestError: For a step that is not positive and below the duration, no walker, or a start beyond the walls.
    """
    steps = _checked(particle, step, duration, walkers, start)
    noise, uniform = np.random.default_rng(seed), particle.friction is None
    x = np.full(walkers, float(start))
    kept = [x]
    for k in range(1, steps + 1):
        T, f, eta = particle.temperature(x), particle.force(x), particle.eta(x)
        drift = f if uniform else f / eta + T * _slope_of_mobility(particle, x)
        x = x + drift * step + np.sqrt(2 * T / eta * step) * noise.standard_normal(walkers)
        x = _reflected(x, particle)[0]
        if k % every == 0:
            kept.append(x)
    return Paths(times=step * every * np.arange(len(kept)), x=np.array(kept))


def with_inertia(
    particle: Particle,
    *,
    mass: float,
    step: float,
    duration: float,
    walkers: int,
    seed: int,
    start: float = 0.0,
    every: int = 1,
) -> Paths:
    """Paths with inertia: half a kick, half a drift, friction and noise exactly, half a drift, half a kick.

    Args:
        particle: Where they walk.
        mass: M. Between walls the velocity forgets itself over sqrt(M T)/eta; the smaller it is, the nearer is `ito`.
        step: dt, below M/eta.
        duration: Of the paths.
        walkers: How many.
        seed: Of the noise.
        start: Where all of them begin, at rest on average.
        every: How many steps apart places are kept.

    Raises:
        RequestError: As for `ito`, and for a mass that is not positive.
    """
    steps = _checked(particle, step, duration, walkers, start)
    if not mass > 0:
        raise RequestError(f"Argument `mass` must be positive, but is {mass}. Use `ito` for none.")
    noise = np.random.default_rng(seed)
    x = np.full(walkers, float(start))
    v = np.sqrt(particle.temperature(x) / mass) * noise.standard_normal(walkers)
    kept = [x]
    for k in range(1, steps + 1):
        v = v + particle.force(x) / mass * step / 2
        x, v = _reflected(x + v * step / 2, particle, v)
        forgotten = np.exp(-particle.eta(x) * step / mass)
        spread = np.sqrt(particle.temperature(x) / mass * (1 - forgotten**2))
        v = v * forgotten + spread * noise.standard_normal(walkers)
        x, v = _reflected(x + v * step / 2, particle, v)
        v = v + particle.force(x) / mass * step / 2
        if k % every == 0:
            kept.append(x)
    return Paths(times=step * every * np.arange(len(kept)), x=np.array(kept))


def _reflected(x: Array, particle: Particle, v: Array | float = 0.0) -> tuple[Array, Array]:
    """Places folded back between the walls, velocities turned as often as that took."""
    width = particle.right - particle.left
    crossed = np.floor((x - particle.left) / width)
    odd = crossed % 2 == 1
    within = x - particle.left - crossed * width
    return particle.left + np.where(odd, width - within, within), np.where(odd, -v, v)


def _slope_of_mobility(particle: Particle, x: Array) -> Array:
    """(1/eta)', by differences."""
    h = SLOPE * (particle.right - particle.left)
    return (1 / particle.eta(x + h) - 1 / particle.eta(x - h)) / (2 * h)


def _checked(particle: Particle, step: float, duration: float, walkers: int, start: float) -> int:
    """Number of steps."""
    if not 0 < step <= duration:
        raise RequestError(
            f"Argument `step` must be positive and at most the duration {duration}, but is {step}. Give e.g. 0.002."
        )
    if walkers < 2:
        raise RequestError(f"Argument `walkers` must be at least 2, but is {walkers}. Give e.g. 2000.")
    if not particle.left <= start <= particle.right:
        raise RequestError(
            f"Argument `start` must be between the walls {particle.left} and {particle.right}, but is {start}."
        )
    return round(duration / step)
