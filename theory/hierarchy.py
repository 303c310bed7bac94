"""The reference solver: two qubits in two baths by hierarchical equations of motion."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from protocols import Array, RequestError
from theory.cache import Cache
from theory.computations import recalled
from theory.generator import generator
from theory.model import OpenPair
from theory.propagation import Observed, Progress, propagate
from theory.trajectory import Trajectory


def evolve(
    pair: OpenPair, rho: Array, times: Array, *, cache: Cache | None = None, progress: Progress | None = None
) -> Trajectory:
    r"""A pair that starts in a product with its baths, which are in equilibrium.

    Hierarchical equations of motion (Tanimura and Kubo), generator by QuTiP's HEOMSolver, exact in the coupling as far
    as depth and expansion are converged (see `converge`).

    Args:
        pair: Exchange, baths, and how the hierarchy is cut off.
        rho: State at the first time, (4, 4), |00>, |01>, |10>, |11>, A leftmost.
        times: Increasing, (times,) [hbar/gap].
        cache: Where results are kept.
        progress: Told how far it is.

    Raises:
        RequestError: For times that do not increase, or what is not a state.

    Examples:
        >>> from theory import Bath, OpenPair
        >>> decoupled = Bath(temperature=1.0, coupling=0.0, cutoff=1.0)
        >>> pair = OpenPair(bath_A=decoupled, bath_B=decoupled)
        >>> there = evolve(pair, np.diag([0, 0, 1.0, 0]), np.array([0.0, np.pi / 0.4]))
        >>> there.energies.round(6).tolist()
        [[1.0, 0.0], [0.5, 0.5]]
    """
    return Trajectory(**recalled(Evolution(pair=pair, rho=rho, times=times), cache, progress))


@dataclass(frozen=True, kw_only=True, eq=False)
class Evolution:
    """A trajectory before it is computed; what `evolve` is asked for.

    Raises:
        RequestError: For times that do not increase, or what is not a state.
    """

    pair: OpenPair
    rho: Array
    """State at the first time, (4, 4)."""
    times: Array
    """Increasing, (times,) [hbar/gap]."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rho", checked_state(self.rho))
        object.__setattr__(self, "times", checked_times(self.times))

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Everything that it depends on."""
        return {"solver": "hierarchy", "pair": self.pair, "rho": self.rho, "times": self.times}

    @property
    def work(self) -> float:
        """Roughly the number of operations."""
        return work_of(self.pair, float(self.times[-1] - self.times[0]))

    def compute(self, progress: Progress | None = None) -> Mapping[str, Array]:
        """The arrays of the trajectory."""
        equations = generator(self.pair)
        observed = propagate(equations, equations.start(self.rho), self.times, self.pair.tolerance, progress)
        return trajectory(self.pair, self.times, observed).arrays


def work_of(pair: OpenPair, duration: float) -> float:
    """Operations that a hierarchy takes, up to a factor: its operators, times their neighbours, times the duration.

    Args:
        pair: Its expansion has d levels and k exponents, those of both baths: (d + k)!/(d! k!) operators.
        duration: [hbar/gap].
    """
    depth, exponents = pair.expansion.depth, 2 * (pair.expansion.terms + 1)
    return math.comb(depth + exponents, depth) * exponents * duration


def trajectory(pair: OpenPair, times: Array, observed: Observed) -> Trajectory:
    """What was observed, with what belongs to the pair.

    Args:
        pair: Two qubits in their baths.
        times: Shape (times,) [hbar/gap].
        observed: States, heats and coupling energies at these times.
    """
    return Trajectory(
        times=times,
        states=observed.states,
        heat_system=observed.heat,
        coupling_energy=observed.coupling_energy,
        temperatures=pair.temperatures,
        hamiltonian=pair.hamiltonian,
        interaction=pair.interaction,
    )


def checked_times(times: Array) -> Array:
    """Times as an array, if they increase."""
    times = np.asarray(times, dtype=float)
    if times.ndim != 1 or len(times) < 2 or not np.isfinite(times).all() or not (np.diff(times) > 0).all():
        raise RequestError(
            "Argument `times` must be two or more increasing numbers. Give e.g. numpy.linspace(0, 200, 401)."
        )
    return times


def checked_state(rho: Array) -> Array:
    """A density matrix of two qubits, if it is one."""
    rho = np.asarray(rho, dtype=complex)
    if rho.shape != (4, 4):
        raise RequestError(f"Argument `rho` must have shape (4, 4), but has {rho.shape}. Give a state of A and B.")
    off = abs(np.trace(rho) - 1) + np.abs(rho - rho.conj().T).max()
    if not off < 1e-8 or np.linalg.eigvalsh(rho).min() < -1e-8:
        raise RequestError(
            "Argument `rho` must be a state: Hermitian, trace 1, no negative eigenvalue. It is not; normalise it."
        )
    return rho
