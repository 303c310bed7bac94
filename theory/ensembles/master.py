r"""The collective master equation, by QuTiP in the whole space.

$\dot\rho = \Gamma\,(1-p_B)\,D[A]\rho + \Gamma\,p_B\,D[A^\dagger]\rho$ with $A = \sum_k s_k^-$ and Gamma the total rate,
the limit of stars with theta^2 = Gamma dt. Heat into the spins is

    dE/dt = Gamma [p_B <AA'> - (1-p_B) <A'A>] = Gamma [N (p_B - p) - C (1 - 2 p_B)],   2 Gamma [..] of a pair as
    (p_B - p) - (C/2)(1 - 2 p_B),

so that it turns at C* = N (p_B - p)/(1 - 2 p_B). `Ladders` has the same equation for any N.
"""

from __future__ import annotations

import numpy as np

from protocols import Array
from protocols.quantities import excited_population
from theory.ensembles.states import jump


def heat_current(rho: Array, T_B: float, rate: float = 1.0) -> float:
    """dE/dt, by the rates at which the bath is absorbed from and emitted to [gap x rate].

    Args:
        rho: State of the spins, (2**N, 2**N).
        T_B: Temperature of the bath [gap/k_B].
        rate: Gamma, of emission and absorption together.

    Examples:
        >>> from theory.ensembles import pair
        >>> p, p_B = 1 / (1 + np.exp([1, 0.8]))
        >>> threshold = 2 * (p_B - p) / (1 - 2 * p_B)
        >>> abs(heat_current(pair(p, threshold / 2), 1.25)) < 1e-15
        True
    """
    p_B, lowered = float(excited_population(T_B)), jump(len(rho).bit_length() - 1)
    emitted, absorbed = (np.trace(rho @ one).real for one in (lowered.T @ lowered, lowered @ lowered.T))
    return float(rate * (p_B * absorbed - (1 - p_B) * emitted))


def evolve(rho: Array, T_B: float, times: Array, rate: float = 1.0) -> Array:
    """States at times, (times, 2**N, 2**N).

    Args:
        rho: State of the spins at the first time, (2**N, 2**N).
        T_B: Temperature of the bath [gap/k_B].
        times: Increasing, (times,).
        rate: Gamma, of emission and absorption together.
    """
    import qutip

    options = {"atol": 1e-13, "rtol": 1e-11, "nsteps": 100_000, "progress_bar": ""}
    p_B, lowered = float(excited_population(T_B)), qutip.Qobj(jump(len(rho).bit_length() - 1))
    jumps = [np.sqrt(rate * (1 - p_B)) * lowered, np.sqrt(rate * p_B) * lowered.dag()]
    found = qutip.mesolve(0 * lowered, qutip.Qobj(rho), times, jumps, options=options)
    return np.array([one.full() for one in found.states])
