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

from protocols.chain.drawn import drawn_members, flip_values
from protocols.chain.fields import populations_of
from protocols.chain.orbitals import evolution, evolved, hopping, strang
from protocols.chain.preparation import is_drawn, start
from protocols.program import Points, Setting
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
    return evolved(C, moved(couplings, time, how, steps))


def moved(couplings: Array, time: Array, how: str, steps: int) -> Array:
    """u of one excitation, (points, N, N), as the circuit has it.

    Args:
        couplings: J_i, shape (points, N-1) [gap].
        time: t, shape (points,) [hbar/gap].
        how: "exact" or "strang".
        steps: How many there are.
    """
    if how != "exact":
        return strang(couplings, time, steps)
    alike = couplings[:1] if (couplings == couplings[0]).all() else couplings  # modes are the slow part
    return evolution(hopping(alike), time)


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


def together_of_populations(C: Array, u: Array) -> Array:
    """<n_i n_{i+1}> of what has the populations of a Gaussian state and no coherence, evolved, (points, N-1).

    Two excitations go from the sites k < l to i and i + 1 with |u_ik u_jl - u_il u_jk|^2.

    Args:
        C: Of the Gaussian state at time 0, shape (points, N, N).
        u: Of one excitation, shape (points, N, N).
    """
    n = np.real(np.diagonal(C, axis1=1, axis2=2))
    both = n[:, :, None] * n[:, None, :] - np.abs(C) ** 2
    first, second = u[:, :-1, :, None] * u[:, 1:, None, :], u[:, :-1, None, :] * u[:, 1:, :, None]
    return np.einsum("pikl,pkl->pi", np.abs(first - second) ** 2, both) / 2


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


class LongLine:
    """What a line of more than six sites has in the place of states; up to six it changes nothing.

    Mixed into a protocol before the collision layer. The protocol says `orbitals` and `amplitudes`.
    """

    sites: Any

    @property
    def long(self) -> bool:
        """Whether there are more sites than whole states are kept of."""
        return int(np.max(self.sites)) > MOST_WHOLE

    def orbitals(self, points: Points, arm: str) -> tuple[Array, Array | None]:
        """C, (points, N, N), and <n_i n_{i+1}>, (points, N-1); None where that is Wick's."""
        raise NotImplementedError

    def amplitudes(self, setting: Setting, points: Points) -> Array | None:
        """Of the one excitation of a member when it is read, (points, N); None of a member that has none."""
        raise NotImplementedError

    def excitations(self, setting: Setting) -> int | None:
        """Of a member of a long chain: none, or one."""
        return min(setting.member, 1)

    def moments(self, points: Points, arm: str = "main") -> Mapping[str, Array] | None:
        """Exact moments of sites and bonds of a long chain, (points,) each; None of a short one, which has states."""
        return neighbour_moments(*self.orbitals(points, arm)) if self.long else None

    def reference_moments(self, points: Points, arm: str = "main") -> Mapping[str, Array] | None:
        """The same at time 0."""
        return self.moments(replace(points, parameters={**points.parameters, "time": np.zeros(len(points))}), arm)

    def state(self, points: Points, arm: str = "main") -> Any:
        """None of a long chain: its matrices have 4^N numbers."""
        return None if self.long else super().state(points, arm)  # type: ignore[misc]

    def reference_state(self, points: Points, arm: str = "main") -> Any:
        """None of a long chain."""
        return None if self.long else super().reference_state(points, arm)  # type: ignore[misc]

    def registers(self, points: Points, arm: str = "main") -> Mapping[str, Array]:
        """A chain has no ancillas."""
        return {}

    def reference_registers(self, points: Points, arm: str = "main") -> Mapping[str, Array]:
        """None either."""
        return {}

    def exact(self, setting: Setting, points: Points) -> Array:
        """Of a long chain from the amplitudes of its one excitation."""
        if not self.long:
            return super().exact(setting, points)  # type: ignore[misc]
        letters, found = setting.basis[: int(self.sites)], self.amplitudes(setting, points)
        return outcomes_of_nothing(len(points), letters) if found is None else outcomes_of_one(found, letters)


class LongChain(LongLine):
    """The same of chain-exchange, with what it refuses."""

    coupling: Any
    correlation: str
    evolution: str
    steps: Any

    @property
    def long_controls(self) -> tuple[str, ...]:
        """Control arms of a long chain, the one of few members first."""
        return {"shared": ("dephased", "none"), "coherent": ("none",)}.get(self.correlation, ("none", "dephased"))

    @property
    def draws(self) -> bool:
        """Whether members may be drawn."""
        return self.long

    def drawn(self, setting: Setting, points: Points, shots: Array) -> tuple[Array, Array, Mapping[str, Array]] | None:
        """Members of a long chain that are drawn shot by shot: point and shots of every row, and its angles.

        Args:
            setting: Its template.
            points: Those that it serves.
            shots: Of every point.
        """
        N, known = int(self.sites), points.parameters
        if not is_drawn(self.correlation, setting.arm, N):
            return None
        bonds = self.correlation == "bonds" and setting.arm != "none"
        what = ("modes" if setting.arm == "main" else "populations") if bonds else "sites"
        seed = [int(points.options.get("flips", "0")), points.arms.index(setting.arm), *map(ord, setting.basis[:3])]
        digits = np.stack([np.asarray(value, dtype=np.float64) for value in known.values()], axis=1).view(np.uint64)
        C = start(known, "bonds" if bonds else "none", N)
        where, repeats, bits = drawn_members(C, what, shots, [[*seed, *row] for row in digits.tolist()])
        return where, repeats, flip_values(bits)

    def excitations(self, setting: Setting) -> int | None:
        """None where members are drawn, which have different numbers."""
        drawn = is_drawn(self.correlation, setting.arm, int(self.sites))
        return None if drawn else super().excitations(setting)

    def orbitals(self, points: Points, arm: str) -> tuple[Array, Array | None]:
        """No arm but the main one has coherence, and none changes a population."""
        known, N = points.parameters, int(self.sites)

        u = moved(self._couplings(points), known["time"], self.evolution, int(self.steps or 4))
        whole, alone = start(known, self.correlation, N), start(known, "none", N)
        C, together = evolved(whole if arm == "main" else alone, u), None
        if self.correlation == "shared" and arm != "none":
            together = np.zeros((len(C), N - 1))
        elif self.correlation == "bonds" and arm == "dephased":
            together = together_of_populations(whole, u)
        elif self.correlation == "coherent" and arm == "main":
            together = together_to_first_order(evolved(alone, u), C)
        return C, together

    def amplitudes(self, setting: Setting, points: Points) -> Array | None:
        """u v, of an excitation that is shared, or in arm dephased on one site."""
        known, N = points.parameters, int(self.sites)
        if setting.member == 0:
            return None
        if setting.arm == "dephased":
            v = np.tile(np.eye(N)[setting.member - 1], (len(points), 1))
        else:
            phases = np.stack([known[f"phase_{i}"] for i in range(1, N + 1)], axis=1)
            v = spread(np.sqrt(populations_of(known, N)) * np.exp(1j * phases))
        u = moved(self._couplings(points), known["time"], self.evolution, int(self.steps or 4))
        return np.einsum("pij,pj->pi", u, v)

    def _couplings(self, points: Points) -> Array:
        return points.parameters["coupling"][:, None] * np.ones(int(self.sites) - 1)

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
        if self.correlation == "coherent":
            raise RequestError(
                f"Argument `correlation` must be shared, bonds or none with more than {most} sites, for coherent takes "
                f"a circuit for each of 2^{N} members, but sites is {N}. Set correlation=bonds, or sites={most}."
            )
        offered: Mapping[str, tuple[str, ...]] = self.measurements  # type: ignore[attr-defined]
        if other := [basis for basis in bases if not any(basis in each for each in offered.values())]:
            raise RequestError(
                f"Argument `bases` must be {', '.join(offered)} with more than {most} sites, of which no "
                f"state is estimated, but has {other[0]}. Take --bases {next(iter(offered))}, or set "
                f"sites={most}."
            )
