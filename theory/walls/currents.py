r"""The steady heat current through levels between two walls, and whether it falls again where one wall is very cold.

Populations obey $\dot p_k = \sum_l (W_{kl} p_l - W_{lk} p_k)$ with the rates of both walls added. They are steady
states of the Lindblad equation too, for no coherence of levels with different energies is made: `lindblad.steady` is
that equation in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from protocols import Array
from theory.arguments import positive
from theory.walls.levels import Conductor

SEARCHED = 200
"""Temperatures of the cold wall among which the largest current is looked for, before it is refined."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Steady:
    """A steady state; heat is counted into a wall."""

    populations: Array
    """(..., levels)."""
    into_hot: Array
    """Per unit of time, (...)."""
    into_cold: Array
    """Per unit of time, (...): minus the other one, for the levels keep nothing."""


@dataclass(frozen=True, kw_only=True)
class Most:
    """The largest current of a sweep of the cold wall from 0 to the temperature of the hot one."""

    T_c: float
    """Where it is; 0 if the current rises all the way down."""
    current: float
    limit: float
    """The current for T_c -> 0."""

    @property
    def overshoot(self) -> float:
        """current/limit - 1: above 0 the current falls again on the way to T_c = 0."""
        return self.current / self.limit - 1


def steady(conductor: Conductor, T_h: Array | float, T_c: Array | float) -> Steady:
    """Populations and currents.

    Args:
        conductor: Levels and their contact with the walls.
        T_h: Temperature of the hot wall, in the unit of the energies over k_B; 0 is the limit.
        T_c: Temperature of the cold wall, of a shape that broadcasts with T_h.

    Examples:
        >>> from theory.walls.levels import bridge
        >>> steady(bridge(), 1.0, np.array([0.64, 0.25, 0.0])).into_cold.round(6).tolist()
        [0.085746, 0.175968, 0.18394]
    """
    T_h, T_c = np.broadcast_arrays(np.asarray(T_h, dtype=float), np.asarray(T_c, dtype=float))
    hot, cold = conductor.rates(T_h), conductor.rates(T_c)
    p = stationary(hot + cold)
    lost = -conductor.gaps
    into_hot, into_cold = (np.einsum("kl,...kl,...l->...", lost, W, p) for W in (hot, cold))
    return Steady(populations=p, into_hot=into_hot, into_cold=into_cold)


def stationary(rates: Array) -> Array:
    """Populations that stay, by elimination of level after level without any subtraction.

    Grassmann, Taksar and Heyman, Oper. Res. 33, 1107 (1985): every population has full relative precision, also one
    of 1e-60, which a solver of linear equations would give as rounding noise.

    Args:
        rates: From l to k at [k, l], shape (..., levels, levels); the diagonal is not looked at.
    """
    W = np.array(rates, dtype=float)
    levels = W.shape[-1]
    for n in range(levels - 1, 0, -1):
        left = W[..., :n, n].sum(axis=-1)
        W[..., n, :n] /= left[..., None]
        W[..., :n, :n] += W[..., :n, n, None] * W[..., None, n, :n]
    p = np.ones(W.shape[:-1])
    for n in range(1, levels):
        p[..., n] = np.einsum("...l,...l->...", W[..., n, :n], p[..., :n])
    return p / p.sum(axis=-1, keepdims=True)


def relaxation(conductor: Conductor, T: float) -> float:
    r"""How fast the slowest deviation from Gibbs' state dies when both walls have one temperature.

    The smallest non-zero eigenvalue of $\mathrm{diag}(\sum_k W_{kl}) - W$. It stays finite for T to 0: a level is
    left downwards at a rate that no longer depends on T.

    Args:
        conductor: Levels and their contact with the walls.
        T: Temperature of both walls.

    Examples:
        >>> from theory.walls.levels import bridge
        >>> round(relaxation(bridge(), 0.5), 6)  # 2 (2n + 1)
        2.626071
    """
    W = 2 * conductor.rates(T)
    return float(np.sort(np.linalg.eigvals(np.diag(W.sum(axis=0)) - W).real)[1])


def most(conductor: Conductor, T_h: float) -> Most:
    """The largest current that the cold wall can have, and the limit for T_c -> 0.

    Args:
        conductor: Levels and their contact with the walls.
        T_h: Temperature of the hot wall.

    Examples:
        >>> from theory.walls.levels import box
        >>> most(box(10, 0.3), 6.0).T_c
        0.0
    """
    from scipy.optimize import minimize_scalar

    positive("T_h", T_h)
    T_c = np.linspace(0, T_h, SEARCHED + 1)
    J = steady(conductor, T_h, T_c).into_cold
    limit, at = float(J[0]), int(np.argmax(J))
    # below the first gap the current differs from its limit by less than rounding: that is no maximum
    if J[at] <= limit * (1 + 1e-12):
        return Most(T_c=0.0, current=limit, limit=limit)
    found: Any = minimize_scalar(
        lambda T: -float(steady(conductor, T_h, T).into_cold),
        bounds=(T_c[max(at - 1, 0)], T_c[min(at + 1, SEARCHED)]),
        method="bounded",
        options={"xatol": 1e-9 * T_h},
    )
    return Most(T_c=float(found.x), current=-float(found.fun), limit=limit)
