r"""Three forms of one engine: baths and drive at the same time, in two strokes, or in four.

The strokes are symmetric products that have the same generator to first order (Uzdin, Levy and Kosloff, Phys. Rev. X 5,
031044 (2015)):

$$ e^{L_w\tau/2}\,e^{(L_h + L_c)\tau}\,e^{L_w\tau/2}, \qquad
   e^{L_h\tau/2}\,e^{L_w\tau/2}\,e^{L_c\tau}\,e^{L_w\tau/2}\,e^{L_h\tau/2}. $$

For a small action the work of a cycle is that of the continuous engine during $\tau$, to second order. An engine that
is dephased before each stroke of the drive does $\omega_w \sin^2\epsilon t$ at most in a stroke of t: its power goes to
0 with $\tau$.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from protocols import Array, RequestError
from theory.arguments import positive
from theory.engines.three_level import LEVELS, ThreeLevelEngine

Form = Literal["two", "four"]
SIZE = LEVELS**2
PARTS = ("hot", "cold", "work")
FORMS: dict[str, Sequence[tuple[tuple[str, ...], float]]] = {
    "two": ((("work",), 0.5), (("hot", "cold"), 1.0), (("work",), 0.5)),
    "four": ((("hot",), 0.5), (("work",), 0.5), (("cold",), 1.0), (("work",), 0.5), (("hot",), 0.5)),
}
"""What acts, and for which share of tau."""
DIAGONAL = np.eye(LEVELS, dtype=bool).ravel()


@dataclass(frozen=True, kw_only=True, eq=False)
class Output:
    """What an engine does in its steady state during `duration`."""

    state: Array
    """(3, 3), at the beginning of a cycle."""
    heat_hot: float
    """Into the engine."""
    heat_cold: float
    """Into the engine; negative where the cold bath is heated."""
    work: float
    """Out of the engine."""
    duration: float

    @property
    def power(self) -> float:
        """Work per unit of time."""
        return self.work / self.duration

    @property
    def efficiency(self) -> float:
        """Work over heat of the hot bath."""
        return self.work / self.heat_hot


def continuous(engine: ThreeLevelEngine) -> Output:
    """Baths and drive at once, during a unit of time.

    Args:
        engine: Three levels.

    Examples:
        >>> round(continuous(ThreeLevelEngine()).power, 7)
        0.0648286
    """
    parts = engine.liouvillians()
    rho = _kernel(np.sum(list(parts.values()), axis=0))
    hot, cold, work = (float(np.real(_energy(engine) @ parts[name] @ rho)) for name in PARTS)
    return Output(state=_matrix(rho), heat_hot=hot, heat_cold=cold, work=-work, duration=1.0)


def stroked(engine: ThreeLevelEngine, form: Form, duration: float, *, dephased: bool = False) -> Output:
    """One cycle of strokes, in the state that the cycle leaves as it was.

    Args:
        engine: Three levels.
        form: "two": both baths at once, then the drive; "four": hot bath, drive, cold bath, drive.
        duration: tau, for which each part of the engine acts in all; a cycle is counted as tau long.
        dephased: Whether all coherence is thrown away before each stroke of the drive.

    Raises:
        RequestError: For an unknown form, or a duration that is not positive.
    """
    from scipy.linalg import expm

    positive("duration", duration)
    if form not in FORMS:
        raise RequestError(f"Argument `form` must be two or four, but is {form!r}. Take two.")
    generators = _generators(engine)
    cycle = np.eye(SIZE + len(PARTS), dtype=complex)
    for names, share, after_bath in _strokes(form):
        if dephased and after_bath:
            cycle = _dephasing() @ cycle
        cycle = expm(np.sum([generators[name] for name in names], axis=0) * share * duration) @ cycle
    rho = _kernel(cycle[:SIZE, :SIZE] - np.eye(SIZE))
    hot, cold, work = np.real(cycle[SIZE:, :SIZE] @ rho).tolist()
    return Output(state=_matrix(rho), heat_hot=hot, heat_cold=cold, work=-work, duration=duration)


def dephased_bound(engine: ThreeLevelEngine, form: Form, duration: float) -> float:
    r"""Most work that any engine with these strokes of the drive does in a cycle if it is dephased before each.

    A diagonal state gives a stroke of t the work $\omega_w (p_2 - p_1) \sin^2\epsilon t$, whatever made the
    populations.

    Args:
        engine: Three levels.
        form: Which strokes.
        duration: tau.
    """
    # the halves at both ends of the cycle of two strokes are one stroke: nothing dephases between them
    strokes = [duration] if form == "two" else [duration / 2, duration / 2]
    return engine.gap_work * sum(float(np.sin(engine.drive * t) ** 2) for t in strokes)


def _strokes(form: Form) -> list[tuple[tuple[str, ...], float, bool]]:
    """Strokes of a cycle; last, whether a bath acted right before it and the drive acts in it."""
    strokes = FORMS[form]
    return [
        (names, share, names == ("work",) and strokes[k - 1][0] != ("work",))
        for k, (names, share) in enumerate(strokes)
    ]


def _generators(engine: ThreeLevelEngine) -> Mapping[str, Array]:
    """Of the state and, below it, of the energy that each part gave: d(energy)/dt = Tr H L_part rho."""
    parts, made = engine.liouvillians(), {}
    for k, name in enumerate(PARTS):
        made[name] = np.zeros((SIZE + len(PARTS),) * 2, dtype=complex)
        made[name][:SIZE, :SIZE] = parts[name]
        made[name][SIZE + k, :SIZE] = _energy(engine) @ parts[name]
    return made


def _dephasing() -> Array:
    kept = np.concatenate([DIAGONAL, np.ones(len(PARTS), dtype=bool)])
    return np.diag(kept.astype(complex))


def _energy(engine: ThreeLevelEngine) -> Array:
    """Tr H rho as a row on stacked matrices; H is diagonal."""
    return np.diag(engine.energies).ravel()


def _kernel(generator: Array) -> Array:
    """The normalised state that a generator or a cycle less 1 does not change."""
    matrix, right = generator.astype(complex), np.zeros(SIZE, dtype=complex)
    matrix[0], right[0] = DIAGONAL, 1
    return np.linalg.solve(matrix, right)


def _matrix(rho: Array) -> Array:
    return rho.reshape(LEVELS, LEVELS).T
