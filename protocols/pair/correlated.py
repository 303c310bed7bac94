"""Two qubits in local Gibbs states, with and without correlations between them.

Every state here is number conserving: populations of |00>, |01>, |10>, |11> and one coherence
rho_{01,10}. |0> is the ground state, energies are in units of the gap, temperatures in gap/k_B.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from protocols.quantities import excited_population
from protocols.types import Array, RequestError


@dataclass(frozen=True, kw_only=True, eq=False)
class PairState:
    """States of A and B that conserve the number of excitations, one a point."""

    populations: Array
    """(points, 4) of |00>, |01>, |10>, |11>."""
    coherence: Array
    """(points,) rho_{01,10}, complex."""

    @property
    def matrix(self) -> Array:
        """Density matrices, (points, 4, 4)."""
        rho = np.zeros((len(self.coherence), 4, 4), dtype=complex)
        rho[:, range(4), range(4)] = self.populations
        rho[:, 1, 2], rho[:, 2, 1] = self.coherence, self.coherence.conj()
        return rho

    def dephased(self, fraction: Array | float = 1.0) -> PairState:
        """The same populations with the coherence reduced by a fraction 0..1."""
        return PairState(populations=self.populations, coherence=(1 - fraction) * self.coherence)


def product(T_A: Array, T_B: Array) -> PairState:
    """The uncorrelated pair: Gibbs(T_A) x Gibbs(T_B).

    Args:
        T_A: Temperature of A, shape (points,) [gap/k_B].
        T_B: Temperature of B, shape (points,).

    Examples:
        >>> product(np.array([2.0]), np.array([1.0])).populations.round(6).tolist()
        [[0.455054, 0.167405, 0.276004, 0.101536]]
    """
    p_A, p_B = excited_population(T_A), excited_population(T_B)
    q_A, q_B = excited_population(-np.asarray(T_A)), excited_population(-np.asarray(T_B))
    populations = np.stack([q_A * q_B, q_A * p_B, p_A * q_B, p_A * p_B], axis=-1)
    return PairState(populations=populations, coherence=np.zeros(len(populations), dtype=complex))


def entangled(T_A: Array, T_B: Array, strength: Array, phase: Array) -> PairState:
    """Local Gibbs states with the concurrence-optimal correlation of Holdsworth and Kawai.

    rho = Gibbs x Gibbs + s chi with chi = lambda_4 diag(-1, 1, 1, -1) and
    chi_{01,10} = sqrt(lambda_4) e^{i phase}; PRA 106, 062604, eq. (10). At strength s = 1 it has rank 2 and
    concurrence 2 sqrt(lambda_4); a smaller s is a convex mixture with the product state. lambda_4 is the population of
    |11>; where populations are inverted (beta_A + beta_B < 0) the state of which most can be taken is the other end,
    |00>, and lambda_4 its population: with lambda = min(p00, p11), (p01 + lambda)(p10 + lambda) = lambda.

    Args:
        T_A: Temperature of A, shape (points,) [gap/k_B].
        T_B: Temperature of B, shape (points,).
        strength: s in 0..1, shape (points,).
        phase: Of chi_{01,10}, shape (points,) [rad].

    Examples:
        >>> one = np.ones(1)
        >>> complex(entangled(2 * one, one, one, np.pi / 2 * one).coherence[0].round(6))
        0.318648j
    """
    uncorrelated = product(T_A, T_B).populations
    rarer = np.minimum(uncorrelated[:, 0], uncorrelated[:, 3])
    shift = (strength * rarer)[:, None] * np.array([-1.0, 1.0, 1.0, -1.0])
    coherence = strength * np.sqrt(rarer) * np.exp(1j * phase)
    return PairState(populations=uncorrelated + shift, coherence=coherence)


def coherent(T_A: Array, T_B: Array, alpha: Array, phase: Array) -> PairState:
    """Local Gibbs states with rho_{01,10} = alpha e^{i phase} (Micadei et al., Nat. Commun. 10, 2456).

    Positive only for |alpha| <= sqrt(lambda_2 lambda_3), where the state is always separable.

    Args:
        T_A: Temperature of A, shape (points,) [gap/k_B].
        T_B: Temperature of B, shape (points,).
        alpha: Real coefficient of |01><10|, shape (points,).
        phase: Of rho_{01,10}, shape (points,) [rad].

    Raises:
        RequestError: Beyond that bound; the bound and the value are named, nothing is clipped.
    """
    uncorrelated = product(T_A, T_B)
    bound = np.sqrt(uncorrelated.populations[:, 1] * uncorrelated.populations[:, 2])
    worst = int(np.argmax(np.abs(alpha) - bound))
    # 1e-12: a bound that the user computed in floating point is still the bound
    if abs(alpha[worst]) > bound[worst] + 1e-12:
        raise RequestError(
            f"Argument `alpha` must be within +-{bound[worst]:.6f}, the positivity bound at T_A={T_A[worst]:.6g}, "
            f"T_B={T_B[worst]:.6g}, but is {alpha[worst]:g}. Choose a smaller |alpha| or higher temperatures."
        )
    return PairState(populations=uncorrelated.populations, coherence=alpha * np.exp(1j * phase))


def of_family(correlation: str, known: Mapping[str, Array]) -> PairState:
    """The pair of a protocol whose fields are those of heat-exchange, before any dephasing.

    Args:
        correlation: "none", "entangled" or "coherent".
        known: Fields by name, shape (points,): T_A, T_B, strength or alpha, correlation_phase.

    Raises:
        RequestError: Beyond the bound of positivity.
    """
    T = known["T_A"], known["T_B"]
    if correlation == "none":
        return product(*T)
    if correlation == "entangled":
        return entangled(*T, known["strength"], known["correlation_phase"])
    return coherent(*T, known["alpha"], known["correlation_phase"])
