"""The weak-coupling model beside the hierarchy: a Lindblad equation with local rates, fast enough for sweeps."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from protocols import Array
from theory.hierarchy import checked_state, checked_times, trajectory
from theory.model import Bath, OpenPair
from theory.propagation import Generator, propagate
from theory.trajectory import Trajectory

LOWER = np.array([[0.0, 1.0], [0.0, 0.0]])
"""|0><1|"""


def rates(bath: Bath) -> tuple[float, float]:
    r"""Golden-rule rates of emission and absorption.

    $\Gamma_\downarrow = 2 J(1) [n(1) + 1]$, $\Gamma_\uparrow = 2 J(1) n(1)$: the spectrum of the correlation function
    at plus and minus the gap; their ratio is $e^{1/T}$.

    Examples:
        >>> down, up = rates(Bath(temperature=1.0, coupling=0.01, cutoff=1.0))
        >>> round(down, 6), round(down / up, 6)
        (0.03164, 2.718282)
    """
    # n + 1 = 1/(1 - e^{-1/T}), written so that it does not overflow at low temperatures
    emitting = 2 * bath.spectral_density(1.0) / -np.expm1(-1 / bath.temperature)
    return float(emitting), float(emitting * np.exp(-1 / bath.temperature))


def evolve(pair: OpenPair, rho: Array, times: Array) -> Trajectory:
    r"""The pair of `hierarchy.evolve` by a Lindblad equation.

    $\dot\rho = -i[H_S, \rho] + \sum_k \Gamma_\downarrow^k D[\sigma_k]\rho + \Gamma_\uparrow^k D[\sigma_k^\dagger]\rho$:
    Born, Markov and rotating-wave approximation with each qubit's own gap, good for kappa and Omega well below gap,
    temperature and cut-off. Shifts of the levels are left out, and there is no coupling energy: both definitions of
    heat are one. A bath that couples by Z dephases with the spectrum at zero frequency, $4 T \lambda/\gamma$.

    Args:
        pair: Exchange and baths; its expansion has no effect here.
        rho: State at the first time, (4, 4).
        times: Increasing, (times,).

    Examples:
        >>> bath = Bath(temperature=1.0, coupling=0.01, cutoff=1.0)
        >>> pair = OpenPair(bath_A=bath, bath_B=bath)
        >>> relaxed = evolve(pair, np.diag([1.0, 0, 0, 0]), np.array([0.0, 2000.0]))
        >>> relaxed.energies[-1].round(6).tolist()
        [0.268941, 0.268941]
    """
    rho, times = checked_state(rho), checked_times(times)
    equations = _generator(pair)
    return trajectory(pair, times, propagate(equations, equations.start(rho), times, pair.tolerance))


@lru_cache(maxsize=64)
def _generator(pair: OpenPair) -> Generator:
    """The equation and both heat currents Tr(H_S D_k rho)."""
    H = pair.hamiltonian
    matrix = np.zeros((18, 18), dtype=complex)
    matrix[:16, :16] = -1j * (_left(H) - _right(H))
    for k, bath in enumerate(pair.baths):
        dissipator = np.zeros((16, 16), dtype=complex)
        for rate, jump in _jumps(bath):
            here = np.kron(jump, np.eye(2)) if k == 0 else np.kron(np.eye(2), jump)
            squared = here.conj().T @ here
            dissipator += rate * (_left(here) @ _right(here.conj().T) - 0.5 * _left(squared) - 0.5 * _right(squared))
        matrix[:16, :16] += dissipator
        matrix[16 + k, :16] = H.T.ravel(order="F") @ dissipator
    return Generator(matrix=matrix, coupling_energy=np.zeros((2, 18)))


def _jumps(bath: Bath) -> list[tuple[float, Array]]:
    """Rates and operators of one qubit."""
    if bath.operator == "Z":
        # the spectrum at zero frequency: coth(w/2T) J(w) -> 2 T J'(0)
        return [(4 * bath.temperature * bath.reorganisation / bath.cutoff, np.diag([1.0, -1.0]))]
    down, up = rates(bath)
    return [(down, LOWER), (up, LOWER.T)]


def _left(operator: Array) -> Array:
    """rho -> operator rho on stacked columns."""
    return np.kron(np.eye(4), operator)


def _right(operator: Array) -> Array:
    """rho -> rho operator on stacked columns."""
    return np.kron(operator.T, np.eye(4))
