r"""Any number of spins that a bath cannot tell apart: populations on the ladders of total spin.

A state that is the same under every exchange of spins, and has no coherence between energies, is the set of weights
w_{J,k} of the ladders J = N/2, N/2 - 1, .. and of their rungs k = 0 .. 2J; ladder j = N/2 - J has its foot at j
excitations and occurs d_j = C(N, j) - C(N, j-1) times. A = sum s_k- leads down one rung with the strength
<k-1|A|k>^2 = k (2J - k + 1) and never from one ladder to another, so that **the weight of every ladder is conserved**:
spins that a bath couples to collectively do not thermalise, but come to rest with every ladder thermal by itself,

    E_inf = sum_j W_j [j + sum_k k e^{-k/T_B} / sum_k e^{-k/T_B}],  k = 0 .. N - 2j.

Of a pair these are triplet and singlet, the dark state, with W = p(1-p) - C/2. Thermal spins have
w_{j,k} = d_j p^{j+k} (1-p)^{N-j-k}; a shared coherence x adds (N-1) x to (0, 1) and takes it from (1, 0) (derived here:
matrices of the whole space agree).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protocols import Array
from protocols.quantities import excited_population


@dataclass(frozen=True, kw_only=True, eq=False)
class Ladders:
    """Weights of rungs, (ladders, N + 1), zero above the top of each ladder.

    Examples:
        >>> p = 1 / (1 + np.e)
        >>> rest = [Ladders.thermal(p, 2, f * p * (1 - p)).at_rest(1.25) for f in (0, 1, -1)]
        >>> [round(one.energy, 6) for one in rest]
        [0.61169, 0.51666, 0.706721]
    """

    weights: Array

    @classmethod
    def thermal(cls, p: float, size: int, x: float = 0.0) -> Ladders:
        """Thermal spins with the coherence x between every two states of one excitation.

        Args:
            p: Excited population of each spin.
            size: Number of spins N, 2 or more.
            x: -1/(N-1) .. 1 times p (1-p)^(N-1).
        """
        from scipy.special import xlog1py, xlogy

        j, n = np.meshgrid(np.arange(size // 2 + 1), np.arange(size + 1), indexing="ij")
        n = n + j
        inside = n <= size - j
        weights = np.where(inside, np.exp(_degeneracy(size)[:, None] + xlogy(n, p) + xlog1py(size - n, -p)), 0.0)
        weights[0, 1] += (size - 1) * x
        weights[1, 0] -= (size - 1) * x
        return cls(weights=weights)

    @property
    def size(self) -> int:
        """Number of spins N."""
        return self.weights.shape[1] - 1

    @property
    def strengths(self) -> Array:
        """<k-1|A|k>^2 of the step from rung k down, (ladders, N + 1)."""
        j, k = np.meshgrid(np.arange(len(self.weights)), np.arange(self.size + 1), indexing="ij")
        return np.clip(k * (self.size - 2 * j - k + 1), 0, None).astype(float)

    @property
    def ladders(self) -> Array:
        """Conserved weight of every ladder, (ladders,); the last one of a pair is the singlet."""
        return self.weights.sum(axis=1)

    @property
    def energy(self) -> float:
        """Excitations [gap]."""
        return float((self.weights * self._excitations).sum())

    @property
    def coherence(self) -> float:
        """C = <A'A> - n."""
        return float((self.weights * self.strengths).sum()) - self.energy

    @property
    def entropy(self) -> float:
        """Of the state [nat]: a ladder that occurs d times shares its weight among d equal ones."""
        from scipy.special import xlogy

        return float((self.weights * _degeneracy(self.size)[:, None] - xlogy(self.weights, self.weights)).sum())

    def current(self, T_B: float) -> float:
        """dE/dt per total rate of the bath: p_B <AA'> - (1-p_B) <A'A> = N (p_B - p) - C (1 - 2 p_B)."""
        return float(self._flow(T_B, self.strengths).sum())

    def star(self, T_B: float, angle: float) -> Ladders:
        """After one collision of all spins at once with a thermal qubit: probabilities sin^2(angle |A|) of a step."""
        flow = self._flow(T_B, np.sin(angle * np.sqrt(self.strengths)) ** 2)
        onwards = np.concatenate([flow[:, 1:], np.zeros_like(flow[:, :1])], axis=1)
        return Ladders(weights=self.weights + flow - onwards)

    def after(self, T_B: float, times: Array) -> list[Ladders]:
        """Under the collective master equation, at times in units of one over the total rate.

        Args:
            T_B: Temperature of the bath [gap/k_B].
            times: From 0, (times,).
        """
        from scipy.linalg import expm

        p_B, made = float(excited_population(T_B)), []
        for strengths, start in zip(self.strengths, self.weights, strict=True):
            up, down = p_B * strengths[1:], (1 - p_B) * strengths[1:]
            rates = np.diag(up, -1) + np.diag(down, 1) - np.diag([*up, 0.0]) - np.diag([0.0, *down])
            made.append([expm(rates * float(t)) @ start for t in times])
        return [Ladders(weights=np.array(one)) for one in zip(*made, strict=True)]

    def at_rest(self, T_B: float) -> Ladders:
        """Where collective contact ends: every ladder is thermal, with the weight that it had."""
        j, k = np.meshgrid(np.arange(len(self.weights)), np.arange(self.size + 1), indexing="ij")
        x = np.where(k <= self.size - 2 * j, np.exp(-k / T_B if T_B > 0 else (self.size - 2 * j - k) / T_B), 0.0)
        return Ladders(weights=self.ladders[:, None] * x / x.sum(axis=1, keepdims=True))

    @property
    def _excitations(self) -> Array:
        return np.add.outer(np.arange(len(self.weights)), np.arange(self.size + 1)).astype(float)

    def _flow(self, T_B: float, chances: Array) -> Array:
        """Net weight that goes from rung k-1 to k; none into the foot."""
        p_B = float(excited_population(T_B))
        below = np.concatenate([np.zeros_like(self.weights[:, :1]), self.weights[:, :-1]], axis=1)
        return chances * (p_B * below - (1 - p_B) * self.weights)


def _degeneracy(size: int) -> Array:
    """ln d_j, d_j = C(N, j) (N - 2j + 1)/(N - j + 1), (ladders,)."""
    from scipy.special import gammaln

    j = np.arange(size // 2 + 1)
    ways = gammaln(size + 1) - gammaln(j + 1) - gammaln(size - j + 1)
    return ways + np.log((size - 2 * j + 1) / (size - j + 1))
