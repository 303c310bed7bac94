"""The same levels as a Lindblad equation in full, by QuTiP: every jump of every wall is an operator of its own."""

from __future__ import annotations

import typing

import numpy as np

from protocols import Array
from theory.walls.currents import Steady
from theory.walls.levels import Conductor

if typing.TYPE_CHECKING:
    from qutip import Qobj


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

    H = qutip.Qobj(np.diag(conductor.energies))
    walls = [_jumps(conductor, T) for T in (T_h, T_c)]
    rho = qutip.steadystate(H, [jump for wall in walls for jump in wall])
    hot, cold = (-sum(_energy(H, jump, rho) for jump in wall) for wall in walls)
    populations = np.real(rho.diag())
    return rho.full(), Steady(populations=populations, into_hot=np.asarray(hot), into_cold=np.asarray(cold))


def _jumps(conductor: Conductor, T: float) -> list[Qobj]:
    """sqrt(W_kl) |k><l| of one wall."""
    import qutip

    W = conductor.rates(T)
    n = len(conductor.energies)
    return [np.sqrt(W[to, of]) * qutip.projection(n, int(to), int(of)) for to, of in np.argwhere(W > 0)]


def _energy(H: Qobj, jump: Qobj, rho: Qobj) -> float:
    """Tr H D[rho] of one jump: what it adds to the levels per unit of time."""
    import qutip

    D = qutip.lindblad_dissipator(jump, jump)
    return float(np.real(qutip.expect(H, D(rho))))
