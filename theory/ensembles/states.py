r"""Spins that are thermal one by one and share coherence, and what a bath sees of them.

A bath that couples to all spins alike acts by A = sum_k s_k-. It knows them by two rates, <A'A> = n + C of emission and
<AA'> = N - n + C of absorption, with n the excitations and C = sum_{j != k} <s_k+ s_j-> the coherence between states
of the same energy. Their ratio is that of a thermal spin at the *apparent* temperature (Latune, Sinayskiy and
Petruccione, arXiv 1907.10615; the definition is from memory). hbar = k_B = gap = 1, |1> is excited, the first spin is
leftmost.
"""

from __future__ import annotations

import functools

import numpy as np

from protocols import Array

LOWER = np.array([[0.0, 1.0], [0.0, 0.0]])
"""|0><1|"""


def pair(p: float, chi: complex = 0.0, classical: float = 0.0) -> Array:
    r"""Two spins with thermal marginals, $\tau\otimes\tau + \chi|01\rangle\langle 10| + h.c. + k\,Z\otimes Z$.

    Args:
        p: Excited population of each.
        chi: Coherence between |01> and |10>; |chi| <= p(1-p) - classical.
        classical: What equal levels have more than chance, k = P(11) - p^2; a correlation that any record can hold.

    Returns:
        State, (4, 4).

    Raises:
        ValueError: If it is not a state.

    Examples:
        >>> rho = pair(0.25, chi=0.1875)
        >>> rho.diagonal().real.tolist(), round(float(coherence(rho)), 4)
        ([0.5625, 0.1875, 0.1875, 0.0625], 0.375)
    """
    rho = np.diag([(1 - p) ** 2, p * (1 - p), p * (1 - p), p**2]).astype(complex)
    rho += classical * np.diag([1, -1, -1, 1])
    rho[1, 2], rho[2, 1] = chi, np.conj(chi)
    return _state(rho, f"p = {p:g}, chi = {chi:g}, classical = {classical:g}")


def spins(p: float, x: float, size: int, phase: float = 0.0) -> Array:
    r"""N thermal spins with $x\,e^{ia(k-j)}$ between $|1_k\rangle$ and $|1_j\rangle$, as coherence-reversal has them.

    Args:
        p: Excited population of each.
        x: Coherence of every pair, -1/(N-1) .. 1 times p (1-p)^(N-1).
        size: Number of spins N, at most 8 for the sake of memory.
        phase: a of neighbours [rad].

    Returns:
        State, (2**N, 2**N).

    Raises:
        ValueError: If it is not a state.
    """
    rho = functools.reduce(np.kron, [np.diag([1 - p, p])] * size).astype(complex)
    places = [2 ** (size - 1 - k) for k in range(size)]
    for k, row in enumerate(places):
        for j, column in enumerate(places):
            if j != k:
                rho[row, column] += x * np.exp(1j * phase * (k - j))
    return _state(rho, f"p = {p:g}, x = {x:g}, size = {size}")


def jump(size: int) -> Array:
    """A = sum_k s_k-, (2**N, 2**N)."""
    return np.sum([_on(LOWER, k, size) for k in range(size)], axis=0)


def excitations(rho: Array) -> float:
    """n = <sum_k s_k+ s_k->, the energy of the spins [gap]."""
    return float(np.sum([i.bit_count() * rho[i, i].real for i in range(len(rho))]))


def coherence(rho: Array) -> float:
    """C = <A'A> - n, the sum over ordered pairs of <s_k+ s_j->; (XX + YY)/2 of a pair."""
    lowered = jump(_size(rho))
    return float(np.trace(rho @ lowered.T @ lowered).real) - excitations(rho)


def apparent_temperature(rho: Array) -> float:
    """1/ln(<AA'>/<A'A>) [gap/k_B]; +0 where nothing can be emitted, infinite where both rates are equal.

    Examples:
        >>> p = 1 / (1 + np.e)
        >>> round(apparent_temperature(pair(p, -p * (1 - p))), 12)  # half of the spins' own
        0.5
    """
    lowered = jump(_size(rho))
    down, up = (float(np.trace(rho @ one).real) for one in (lowered.T @ lowered, lowered @ lowered.T))
    with np.errstate(divide="ignore"):
        return float(1 / np.log(np.float64(up) / down))


def _on(operator: Array, k: int, size: int) -> Array:
    return np.kron(np.kron(np.eye(2**k), operator), np.eye(2 ** (size - 1 - k)))


def _size(rho: Array) -> int:
    return len(rho).bit_length() - 1


def _state(rho: Array, said: str) -> Array:
    least = float(np.linalg.eigvalsh(rho).min())
    if least < -1e-12:
        raise ValueError(f"spins with {said} are no state: their least eigenvalue is {least:.3g}; take less coherence.")
    return rho
