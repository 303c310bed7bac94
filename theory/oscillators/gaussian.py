r"""The cooled oscillator as a Gaussian state: Lyapunov's equation, exact at any coupling.

dS/dt = A S + S A^T + D,     n = (S_xx + S_pp - 1)/2
"""

from __future__ import annotations

import numpy as np

from protocols import Array, RequestError
from theory.oscillators.model import CooledOscillator


def covariance(system: CooledOscillator) -> Array:
    """S in the long run, (4, 4), in the order x_a, p_a, x_b, p_b; the vacuum has 1/2.

    Args:
        system: Coupled, or with a bath of the target's own.

    Raises:
        RequestError: If it never becomes steady.
    """
    from scipy.linalg import solve_continuous_lyapunov

    slowest = np.linalg.eigvals(system.drift).real.max()
    if not slowest < 0:
        raise RequestError(
            f"Argument `coupling` must let the oscillators become steady, but at {system.coupling} something in them "
            "is not damped. Couple them, or give the target a bath."
        )
    return np.asarray(solve_continuous_lyapunov(system.drift, -system.diffusion))


def steady_occupation(system: CooledOscillator) -> float:
    """<a^+a> in the long run.

    Args:
        system: Coupled, or with a bath of the target's own.

    Examples:
        >>> round(steady_occupation(CooledOscillator(damping=1.0, coupling=0.1)), 6)
        0.067665
    """
    S = covariance(system)
    return float((S[0, 0] + S[1, 1] - 1) / 2)


def occupations(system: CooledOscillator, start: float, times: Array) -> Array:
    """<a^+a> of the target and <b^+b> of its partner along time, (times, 2).

    Args:
        system: Any.
        start: Occupation of the target at time 0, thermal; the partner starts in its ground state.
        times: Shape (times,).

    Raises:
        RequestError: For a negative occupation.

    Examples:
        >>> occupations(CooledOscillator(damping=1.0, coupling=0.0), 2.0, np.array([0.0, 5.0]))[:, 0].round(6).tolist()
        [2.0, 2.0]
    """
    if not start >= 0:
        raise RequestError(f"Argument `start` must be an occupation >= 0, but is {start}. Give e.g. 2.")
    from scipy.linalg import expm

    # dS/dt = L S + D as one linear equation of (S, 1)
    A, D = system.drift, system.diffusion
    L = np.zeros((17, 17))
    L[:16, :16] = np.kron(A, np.eye(4)) + np.kron(np.eye(4), A)
    L[:16, 16] = D.ravel()
    first = np.append(np.diag([start + 0.5, start + 0.5, 0.5, 0.5]).ravel(), 1.0)
    S = np.array([expm(L * t) @ first for t in np.asarray(times, dtype=float)])[:, :16].reshape(-1, 4, 4)
    spread = np.diagonal(S, axis1=1, axis2=2)
    return (spread.reshape(-1, 2, 2).sum(axis=2) - 1) / 2
