"""The spins of the page: their heat in one cascade, and the coherence at which it turns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocols.coherence_reversal import BEST, CoherenceReversal
from protocols.quantities import excited_population
from theory import ensembles

T_S, T_B = 1.0, 1.25
"""Of each spin and of the bath, chosen here [gap/k_B]."""
ANGLES: Mapping[int, float] = {2: BEST, 3: 0.924}
"""Number of spins -> angle of each contact [rad]: where the coherence of two counts most, and where three heat the bath
most (preset three-spins)."""


def most(size: int) -> float:
    """The largest coherence of every two states of one excitation: p (1-p)^(N-1), which is positive for all phases."""
    p = float(excited_population(T_S))
    return p * (1 - p) ** (size - 1)


def heat(size: int, fraction: np.ndarray | float, phase: np.ndarray | float) -> np.ndarray:
    """Q of one cascade [gap]: formulas of protocols/spins/coherent.py.

    Args:
        size: Number of spins.
        fraction: Of the largest coherence.
        phase: Of neighbouring spins [rad].
    """
    x = np.asarray(fraction) * most(size)
    return ensembles.cascade_heat(T_S, T_B, x, ANGLES[size], phase, size=size)


def turning(size: int, phases: np.ndarray) -> np.ndarray:
    """Fraction of the coherence at which the heat is zero; NaN where there is none between 0 and 1."""
    without, full = heat(size, 0.0, phases), heat(size, 1.0, phases)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Q is linear in the coherence
        found = without / (without - full)
    return np.where((found > 0) & (found <= 1), found, np.nan)


def experiment(size: int, fraction: float, turn: float) -> CoherenceReversal:
    """The protocol at a fraction of the largest coherence and a phase [rad]."""
    return CoherenceReversal(
        T_S=T_S,
        T_B=T_B,
        coherence=fraction,
        coherence_phase=turn,
        angle=ANGLES[size],
        size=None if size == 2 else size,
    )
