"""The same levels as a Lindblad equation in full, by QuTiP: every jump of every wall is an operator of its own."""

from __future__ import annotations

import numpy as np

from protocols import Array
from theory.walls.currents import Steady
from theory.walls.levels import Conductor


def steady(conductor: Conductor, T_h: float, T_c: float) -> tuple[Array, Steady]:
    """Steady state by QuTiP, and the heat that its dissipators carry, Tr H D[rho].

    Args:
        conductor: Levels and their contact with the walls.
        T_h: Temperature of the hot wall.
        T_c: Temperature of the cold wall.

    Returns:
        The density matrix (levels, levels), and populations and currents.
    """
    import qutip

    walls = [_jumps(conductor, T) for T in (T_h, T_c)]
    H = qutip.Qobj(np.diag(conductor.energies))
    rho = qutip.steadystate(H, [qutip.Qobj(jump) for wall in walls for jump in wall]).full()
    hot, cold = (-sum(_energy(conductor.energies, jump, rho) for jump in wall) for wall in walls)
    populations = np.real(np.diag(rho))
    return rho, Steady(populations=populations, into_hot=np.asarray(hot), into_cold=np.asarray(cold))


def _jumps(conductor: Conductor, T: float) -> list[Array]:
    """sqrt(W_kl) |k><l| of one wall, (levels, levels) each."""
    W = conductor.rates(T)
    made = []
    for to, of in np.argwhere(W > 0):
        jump = np.zeros(W.shape)
        jump[to, of] = np.sqrt(W[to, of])
        made.append(jump)
    return made


def _energy(energies: Array, jump: Array, rho: Array) -> float:
    """Tr H D[rho] of one jump: what it adds to the levels per unit of time."""
    arrives = jump @ rho @ jump.T
    left = jump.T @ jump @ rho
    return float(energies @ np.real(np.diag(arrives) - np.diag(left)))
