r"""Chains too long for matrices of 2^N states: exact moments from the orbital matrix C, circuits of few members.

    <Z_i> = 1 - 2 C_ii,   <XX> = <YY> = 2 Re C_{i+1,i},   <XY> = -<YX> = 2 Im C_{i+1,i}   of the sites i, i + 1

and <Z_i Z_j> = 1 - 2 <n_i> - 2 <n_j> + 4 <n_i n_j>, where <n_i n_j> is C_ii C_jj - |C_ij|^2 of a Gaussian state (Wick),
0 of one excitation at most, and of Micadei's form, which is linear in its coherences, Wick's value to first order in
these. Neighbours have no Jordan-Wigner string between them. Any N: 100 sites at 100 times take a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from protocols.chain.fields import populations_of
from protocols.chain.orbitals import evolution, evolved, hopping, strang
from protocols.chain.preparation import start
from protocols.program import Points, Setting, scale_of
from protocols.types import Array, RequestError

MOST_WHOLE = 6
"""Sites up to which states of the whole chain are known, and every start and every control arm runs."""
_READ = {
    "X": np.array([[1, 1], [1, -1]], dtype=complex) / np.sqrt(2),
    "Y": np.array([[1, -1j], [1, 1j]]) / np.sqrt(2),
}


def evolved_start(C: Array, couplings: Array, time: Array, how: str, steps: int) -> Array:
    """C at the time, (points, N, N).

    Args:
        C: At time 0, shape (points, N, N).
        couplings: J_i, shape (points, N-1) [gap].
        time: t, shape (points,) [hbar/gap].
        how: "exact" or "strang".
        steps: How many there are.

    Examples:
        >>> C = np.diag([1.0, 0.0])[None]
        >>> evolved_start(C, np.ones((1, 1)), np.array([np.pi / 2]), "exact", 1)[0, 1, 1].real.round(6)
        np.float64(1.0)
    """
    alike = couplings[:1] if (couplings == couplings[0]).all() else couplings  # modes are the slow part
    u = evolution(hopping(alike), time) if how == "exact" else strang(couplings, time, steps)
    return evolved(C, u)


def neighbour_moments(C: Array, together: Array | None = None) -> dict[str, Array]:
    """Exact moments by Pauli word, of every site and all of every bond, (points,) each.

    Args:
        C: Orbital density matrices, shape (points, N, N).
        together: <n_i n_{i+1}>, how often both sites of a bond are excited, shape (points, N-1); None: as in a Gaussian
            state, C_ii C_jj - |C_ij|^2.
    """
    sites = C.shape[-1]
    found = {_word(sites, i, "Z"): 1 - 2 * np.real(C[:, i, i]) for i in range(sites)}
    found |= {_word(sites, i, letter): np.zeros(len(C)) for i in range(sites) for letter in "XY"}
    for i in range(sites - 1):
        c = C[:, i + 1, i]
        here, there = (np.real(C[:, k, k]) for k in (i, i + 1))
        both = here * there - np.abs(c) ** 2 if together is None else together[:, i]
        same, crossed, none = 2 * np.real(c), 2 * np.imag(c), np.zeros(len(C))
        pair = {"ZZ": 1 - 2 * here - 2 * there + 4 * both, "XX": same, "YY": same, "XY": crossed, "YX": -crossed}
        pair |= dict.fromkeys(("XZ", "ZX", "YZ", "ZY"), none)
        found |= {_word(sites, i, letters): value for letters, value in pair.items()}
    return found


def together_to_first_order(P: Array, C: Array) -> Array:
    """<n_i n_{i+1}> of Wick's theorem to first order in what coherences add, (points, N-1).

    Args:
        P: Of the product, evolved, shape (points, N, N).
        C: Of the state, evolved, the same shape.
    """
    i = np.arange(C.shape[-1] - 1)
    K, j = C - P, i + 1
    zeroth = P[:, i, i] * P[:, j, j] - P[:, i, j] * P[:, j, i]
    first = P[:, i, i] * K[:, j, j] + K[:, i, i] * P[:, j, j] - 2 * np.real(P[:, i, j] * K[:, j, i])
    return np.real(zeroth + first)


def outcomes_of_one(amplitudes: Array, basis: str) -> Array:
    """Probability of every outcome of a state of one excitation, (points, 2**N), the first site most significant.

    Args:
        amplitudes: Of the excitation on every site, shape (points, N), normalised.
        basis: One letter a site.

    Examples:
        >>> outcomes_of_one(np.array([[0.6, 0.8]]), "ZZ").round(6).tolist()
        [[0.0, 0.64, 0.36, 0.0]]
    """
    points, sites = amplitudes.shape
    psi = np.zeros((points, 2**sites), dtype=complex)
    psi[:, 2 ** np.arange(sites)[::-1]] = amplitudes
    return _read(psi, basis)


def outcomes_of_nothing(points: int, basis: str) -> Array:
    """The same of |0..0>.

    Args:
        points: How many.
        basis: One letter a site.
    """
    psi = np.zeros((points, 2 ** len(basis)), dtype=complex)
    psi[:, 0] = 1
    return _read(psi, basis)


def _read(psi: Array, basis: str) -> Array:
    for i, letter in enumerate(basis):
        if letter in _READ:
            table = psi.reshape(len(psi), 2**i, 2, -1)
            psi = np.einsum("ab,pxby->pxay", _READ[letter], table).reshape(len(psi), -1)
    return np.abs(psi) ** 2


def _word(sites: int, first: int, letters: str) -> str:
    return "I" * first + letters + "I" * (sites - first - len(letters))


def spread(v: Array) -> Array:
    """Amplitudes of one excitation, normalised, (points, N).

    Args:
        v: sqrt(p_i) e^{i phase_i}, shape (points, N).
    """
    return v / np.linalg.norm(v, axis=1, keepdims=True)


class LongChain:
    """What a chain of more than six sites has in the place of states; up to six it changes nothing.

    Mixed into chain-exchange before the collision layer.
    """

    sites: Any
    coupling: Any
    correlation: str
    evolution: str
    steps: Any

    @property
    def long(self) -> bool:
        """Whether there are more sites than whole states are kept of."""
        return int(self.sites) > MOST_WHOLE

    @property
    def long_controls(self) -> tuple[str, ...]:
        """Control arms of a long chain: dephased, an excitation that is on one site or another, has N + 1 members."""
        return ("dephased",) if self.correlation == "shared" else ()

    def moments(self, points: Points, arm: str = "main") -> Mapping[str, Array] | None:
        """Exact moments of sites and bonds of a long chain, (points,) each; None of a short one, which has states."""
        if not self.long:
            return None
        known, N = points.parameters, int(self.sites)

        def at_time(C: Array) -> Array:
            couplings = known["coupling"][:, None] * np.ones(N - 1)
            return evolved_start(C, couplings, known["time"], self.evolution, int(self.steps or 4))

        # no arm but the main one has coherence, and none changes a population
        alone = start(known, "none", N)
        C = at_time(start(known, self.correlation, N) if arm == "main" else alone)
        if self.correlation == "shared" and arm != "none":
            return neighbour_moments(C, np.zeros((len(C), N - 1)))
        coherent = self.correlation == "coherent" and arm == "main"
        return neighbour_moments(C, together_to_first_order(at_time(alone), C) if coherent else None)

    def reference_moments(self, points: Points, arm: str = "main") -> Mapping[str, Array] | None:
        """The same at time 0."""
        return self.moments(replace(points, parameters={**points.parameters, "time": np.zeros(len(points))}), arm)

    def state(self, points: Points, arm: str = "main") -> Array | None:
        """None of a long chain: its matrices have 4^N numbers."""
        return None if self.long else super().state(points, arm)  # type: ignore[misc]

    def reference_state(self, points: Points, arm: str = "main") -> Array | None:
        """None of a long chain."""
        return None if self.long else super().reference_state(points, arm)  # type: ignore[misc]

    def registers(self, points: Points, arm: str = "main") -> Mapping[str, Array]:
        """A chain has no ancillas."""
        return {}

    def reference_registers(self, points: Points, arm: str = "main") -> Mapping[str, Array]:
        """None either."""
        return {}

    def exact(self, setting: Setting, points: Points) -> Array:
        """Of a long chain from the amplitudes of its one excitation, which are u v."""
        if not self.long:
            return super().exact(setting, points)  # type: ignore[misc]
        N, known = int(self.sites), points.parameters
        letters = setting.basis[:N]
        if setting.member == 0:
            return outcomes_of_nothing(len(points), letters)
        if setting.arm == "dephased":
            v = np.tile(np.eye(N)[setting.member - 1], (len(points), 1))
        else:
            phases = np.stack([known[f"phase_{i}"] for i in range(1, N + 1)], axis=1)
            v = spread(np.sqrt(populations_of(known, N)) * np.exp(1j * phases))
        couplings = known["coupling"][:, None] * np.ones(N - 1)
        exactly = self.evolution == "exact"
        u = (
            evolution(hopping(couplings), known["time"])
            if exactly
            else strang(couplings, known["time"], self.steps or 4)
        )
        return outcomes_of_one(np.einsum("pij,pj->pi", u, v), letters)

    def settings(self, points: Points, bases: Sequence[str]) -> tuple[Setting, ...]:
        """As ever; of a long chain those of a shared excitation in Z or in the conserving settings.

        Raises:
            RequestError: For what takes a circuit for each of 2^N members, or settings that are too many.
        """
        if self.long:
            self._check_long(points, bases)
        return super().settings(points, bases)  # type: ignore[misc]

    def _check_long(self, points: Points, bases: Sequence[str]) -> None:
        N, most = int(self.sites), MOST_WHOLE
        if self.correlation != "shared":
            raise RequestError(
                f"Argument `correlation` must be shared with more than {most} sites, for {self.correlation} takes "
                f"a circuit for each of 2^{N} members, but sites is {N}. Set correlation=shared, or sites={most}."
            )
        if other := [arm for arm in points.arms if arm not in ("main", "dephased") and scale_of(arm) == 1]:
            raise RequestError(
                f"Argument `control` must be dephased or off with more than {most} sites, for arm {other[0]} takes "
                f"a circuit for each of 2^{N} members, but sites is {N}. Take --control dephased, or set sites={most}."
            )
        named = {basis for each in self.measurements.values() for basis in each}
        if other := [basis for basis in bases if basis not in named]:
            raise RequestError(
                f"Argument `bases` must be {', '.join(self.measurements)} with more than {most} sites, of which no "
                f"state is estimated, but has {other[0]}. Take --bases {next(iter(self.measurements))}, or set "
                f"sites={most}."
            )
