r"""How the particle gets there: a Lindblad equation by QuTiP, and rounds of collisions as circuits have them.

Lindblad: each bath takes its leg down with rate (n + 1) and up with rate n, n = 1/(e^{gap/T} - 1), times a rate of its
own. A round: the left leg, then the right one, meets a fresh qubit that is excited with p(T) = 1/(1 + e^{gap/T}) and
exchanges an excitation with the chance s = sin^2 angle, so that populations move by the product of two 3 x 3 matrices.
Both end in the same place, for every rate and every angle: all of them keep the ratio e^{-gap/T} of each leg.
"""

from __future__ import annotations

import typing

import numpy as np

from protocols import Array
from protocols.quantities import excited_population
from theory.thermophoresis.particle import Particle

if typing.TYPE_CHECKING:
    import qutip

LEGS = ((0, 1), (2, 1))
"""Of the left and of the right bath: a site and e."""


def round_matrix(particle: Particle, angle: float) -> Array:
    """What a round of collisions does to (p_L, p_e, p_R), (3, 3), columns that add up to 1.

    Args:
        particle: Levels and baths.
        angle: Of both exchanges [rad].

    Examples:
        >>> half = round_matrix(Particle(T_L=1.0, T_R=0.5), np.pi / 4)
        >>> (half @ [1, 0, 0]).round(6).tolist()
        [0.865529, 0.07525, 0.059221]
    """
    chance, found = np.sin(angle) ** 2, np.eye(3)
    for leg, gap, T in zip(LEGS, particle.gaps, (particle.T_L, particle.T_R), strict=True):
        lower, upper = leg if particle.kind == "lambda" else leg[::-1]
        up = chance * float(excited_population(T, gap=gap))
        moved = np.eye(3)
        moved[np.ix_([lower, upper], [lower, upper])] = [[1 - up, chance - up], [up, 1 - chance + up]]
        found = moved @ found
    return found


def after_rounds(particle: Particle, angle: float, start: Array, rounds: int) -> Array:
    """Populations after 0, 1, .. rounds, (rounds + 1, 3).

    Args:
        particle: Levels and baths.
        angle: Of both exchanges [rad].
        start: Populations of L, e and R, (3,).
        rounds: How many.
    """
    matrix, found = round_matrix(particle, angle), [np.asarray(start, dtype=float)]
    for _ in range(rounds):
        found.append(matrix @ found[-1])
    return np.array(found)


def slowest(particle: Particle, angle: float) -> float:
    """What is left of the slowest deviation after one more round: the second eigenvalue in size.

    Examples:
        >>> round(slowest(Particle(T_L=2.0, T_R=0.8), np.pi / 2), 6)
        0.483838
    """
    return float(np.sort(np.abs(np.linalg.eigvals(round_matrix(particle, angle))))[-2])


def evolve(particle: Particle, start: Array, times: Array, rates: tuple[float, float] = (1.0, 1.0)) -> Array:
    """Populations under the Lindblad equation, (times, 3).

    Args:
        particle: Levels and baths.
        start: State at the first time, (3, 3), or populations, (3,).
        times: Increasing, in units of one over the rates.
        rates: Of the left and of the right bath.
    """
    import qutip

    rho = qutip.Qobj(np.diag(start) if np.ndim(start) == 1 else start)
    options = {"atol": 1e-13, "rtol": 1e-11, "nsteps": 100_000, "progress_bar": ""}
    found = qutip.mesolve(_hamiltonian(particle), rho, times, _jumps(particle, rates), options=options)
    return np.array([np.real(np.diagonal(one.full())) for one in found.states])


def at_rest(particle: Particle, rates: tuple[float, float] = (1.0, 1.0)) -> Array:
    """State of rest of the Lindblad equation, (3, 3).

    Args:
        particle: Levels and baths.
        rates: Of the left and of the right bath.
    """
    import qutip

    return qutip.steadystate(_hamiltonian(particle), _jumps(particle, rates)).full()


def _hamiltonian(particle: Particle) -> qutip.Qobj:
    import qutip

    if particle.kind == "lambda":
        return qutip.qdiags([0.0, particle.gap, particle.bias], 0)
    return qutip.qdiags([particle.gap, 0.0, particle.gap + particle.bias], 0)


def _jumps(particle: Particle, rates: tuple[float, float]) -> list[qutip.Qobj]:
    import qutip

    found = []
    for leg, gap, T, rate in zip(LEGS, particle.gaps, (particle.T_L, particle.T_R), rates, strict=True):
        lower, upper = leg if particle.kind == "lambda" else leg[::-1]
        down = qutip.projection(3, lower, upper)
        n = 1 / np.expm1(gap / T)
        found += [np.sqrt(rate * (n + 1)) * down, np.sqrt(rate * n) * down.dag()]
    return found
