"""Linear equations of motion, integrated; only what is asked for is kept along the way."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from protocols import Array, RequestError

Progress = Callable[[str, int, int], None]
UNBOUNDED = 1e6
"""No element of a state, nor of an auxiliary operator in QuTiP's scaling, comes near this."""
LONGEST = 1e7
"""Largest product of rate and duration: about an hour."""
TICKS = 100
"""Steps of a progress bar."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Generator:
    """y' = matrix y. The state stands first, its columns stacked; the heats of both baths stand last."""

    matrix: Any
    """Sparse, (N, N)."""
    coupling_energy: Array
    """<X_k B_k> of both baths as functionals of y, (2, N)."""

    @property
    def size(self) -> int:
        """N."""
        return self.matrix.shape[0]

    def start(self, rho: Array) -> Array:
        """y of a state that shares nothing with its baths, and no heat yet, (N,)."""
        y = np.zeros(self.size, dtype=complex)
        y[: rho.size] = rho.ravel(order="F")
        return y


class Observed(typing.NamedTuple):
    """What is kept of y."""

    states: Array
    """(times, 4, 4)"""
    heat: Array
    """Energy that came from each bath to the qubits since the start, (times, 2)."""
    coupling_energy: Array
    """(times, 2)"""
    final: Array
    """y at the last time, (N,)."""


def propagate(
    generator: Generator, y: Array, times: Array, tolerance: float, progress: Progress | None = None
) -> Observed:
    """Integrates from the first time to the last (Dormand and Prince, order 8).

    Args:
        generator: The equations.
        y: At the first time, (N,).
        times: Increasing, (times,).
        tolerance: Relative; absolute 1e-3 of it, since y is of order one.
        progress: Told how far it is.

    Raises:
        RequestError: If the solution does not stay finite, as in a hierarchy that is too shallow.
    """
    from scipy.integrate import DOP853

    # parity halves the equations when the baths couple by X or Y: what cannot be reached stays zero
    live = reachable(generator.matrix, y)
    matrix, readout = generator.matrix[np.ix_(live, live)], _readout(generator)[:, live]
    _bearable(matrix, times)
    kept = np.empty((len(times), 20), dtype=complex)
    kept[0] = readout @ y[live]
    solver = DOP853(
        lambda _, v: matrix @ v, times[0], y[live].astype(complex), times[-1], rtol=tolerance, atol=1e-3 * tolerance
    )
    done, told = 1, -1
    while done < len(times):
        with np.errstate(over="ignore", invalid="ignore"):  # what diverges is refused below
            solver.step()
        if solver.status == "failed" or not np.abs(solver.y).max() < UNBOUNDED:
            raise RequestError(
                f"Argument `depth` must be large enough for a bounded solution, but the hierarchy diverges at time "
                f"{solver.t:.4g}. Raise depth, or weaken the coupling."
            )
        if times[done] <= solver.t:
            between = solver.dense_output()
            reached = int(np.searchsorted(times, solver.t, side="right"))
            kept[done:reached] = (readout @ between(times[done:reached])).T
            done = reached
        tick = int(TICKS * (solver.t - times[0]) / (times[-1] - times[0]))
        if progress is not None and tick > told:
            told = tick
            progress("computing", tick, TICKS)
    states = kept[:, :16].reshape(-1, 4, 4).transpose(0, 2, 1)
    # rounding leaves states Hermitian to 1e-16 only, and eigenvalue routines look at one half
    states = (states + states.conj().transpose(0, 2, 1)) / 2
    final = np.zeros(generator.size, dtype=complex)
    final[live] = solver.y
    return Observed(states, np.real(kept[:, 16:18]), np.real(kept[:, 18:]), final)


def _bearable(matrix: Any, times: Array) -> None:
    """Refuses what would take days: the number of steps is a fraction of rate times duration."""
    rate = float(abs(matrix).sum(axis=0).max())
    if not rate * (times[-1] - times[0]) <= LONGEST:
        raise RequestError(
            f"Argument `times` must be short beside the fastest rate of the equations, but {times[-1] - times[0]:.3g} "
            f"is too long for {rate:.3g}. Lower cut-off, depth or terms, or the time."
        )


def reachable(matrix: Any, y: Array) -> Array:
    """Indices of what can become other than zero, increasing.

    Args:
        matrix: Of dy/dt = matrix y, shape (n, n), dense or sparse.
        y: Where it starts, shape (n,).

    Examples:
        >>> reachable(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]]), np.array([1, 0, 0])).tolist()
        [0, 1]
    """
    pattern = matrix != 0
    live = y != 0
    while True:
        grown = live | ((pattern @ live.astype(int)) > 0)
        if (grown == live).all():
            return np.flatnonzero(live)
        live = grown


def _readout(generator: Generator) -> Array:
    """Functionals of y: the state, both heats, both coupling energies, (20, N)."""
    units = np.zeros((18, generator.size))
    units[range(16), range(16)] = 1
    units[[16, 17], [-2, -1]] = 1
    return np.concatenate([units, generator.coupling_energy])
