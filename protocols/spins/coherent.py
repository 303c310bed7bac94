r"""Spins with coherence among the states that have one excitation, and what one cascade through them does to a bath.

N spins, each thermal with the excited population p, share in the sector of one excitation

    x sum_{j != k} e^{i a (k-j)} |1_k><1_j|,    -1/(N-1) <= x/[p (1-p)^{N-1}] <= 1,    C = sum_{j != k} <s_k+ s_j->,

which leaves every spin thermal. Its eigenvectors are N Fourier states W_m = sum_k e^{i (a + 2 pi m/N) k} |1_k>/sqrt N:
W_0 has the weight p (1-p)^{N-1} + (N-1) x, every other one p (1-p)^{N-1} - x; the other members are computational.

A fresh ancilla of population p_B that meets spin 1, 2, .. N for the angle phi each brings them the energy

    Q = (p_B - p)(1 - c^{2N}) - x K,   K = 2 s^2 sum_{k<m} c^{2(N-m) + m-k} (1 - 2 p_B c^{2(k-1)}) cos(a (m-k))

with c, s = cos phi, sin phi: in the Heisenberg picture s_B+ becomes c s_B+ + i s s_k+ Z_B in every contact, and Z_B of
an ancilla that has met k-1 spins in their ground state is 1 - 2 p_B c^{2(k-1)} (derived here; matrices agree).
For phi -> 0 heat turns at C*_N = N (p_B - p)/(1 - 2 p_B), as under a collective master equation.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from protocols.collisions import Operation, computational, exchange, gate, thermal
from protocols.types import Array


def spin_names(size: int) -> tuple[str, ...]:
    """Names of the wires.

    Examples:
        >>> spin_names(3)
        ('S1', 'S2', 'S3')
    """
    return tuple(f"S{i + 1}" for i in range(size))


def shared(p: Array, fraction: Array, size: int) -> Array:
    """The coherence x of every pair of one-excitation states, (points,).

    Args:
        p: Excited population of each spin.
        fraction: Of the largest x that is positive, or (negative) of the largest one of the other sign, -1 .. 1.
        size: Number of spins N.
    """
    return np.where(fraction > 0, fraction, fraction / (size - 1)) * p * (1 - p) ** (size - 1)


def weights(p: Array, x: Array, size: int) -> Array:
    """Of the members, (points, 2**size): computational states, and W_m in place of the one numbered 2**m.

    Args:
        p: Excited population of each spin, (points,).
        x: Coherence, see `shared`.
        size: Number of spins N.

    Examples:
        >>> weights(np.array([0.5]), np.array([0.125]), 3).tolist()
        [[0.125, 0.375, 0.0, 0.125, 0.0, 0.125, 0.125, 0.125]]
    """
    without = thermal(p, size)
    total = without.copy()
    total[:, 1] += (size - 1) * x
    for m in range(1, size):
        total[:, 2**m] -= x
    # what is left of a Fourier state at the bound of positivity is rounding
    return np.where(total < 1e-12 * without, 0.0, total)


def prepared_by(member: int, wires: Sequence[str]) -> Sequence[Operation]:
    """From |0..0> to a member: 2 N - 3 entangling gates for a Fourier state, none for the others.

    Args:
        member: Its number, see `weights`.
        wires: Of the spins.
    """
    if member.bit_count() != 1:
        return computational(member, wires)
    m, (first, second, *_) = member.bit_length() - 1, wires
    split = [exchange(a, b, f"split_{k}") for k, (a, b) in enumerate(itertools.pairwise(wires[1:]), 2)]
    turned = [gate("phase", wire, by=f"phase_{m}_{k}") for k, wire in enumerate(wires[1:], 2)]
    return [gate("ry", first, by="first"), gate("x", second), gate("cx", first, second), *split, *turned]


def angles(phase: Array, size: int) -> Mapping[str, Array]:
    """Of all preparations [rad]: spin 1 keeps 1/N of the excitation, spin k one part in N - k + 1 of what reaches it.

    Args:
        phase: a of neighbouring spins, (points,).
        size: Number of spins N.
    """
    found = {"first": np.full(len(phase), 2 * np.arcsin(1 / np.sqrt(size)))}
    found |= {f"split_{k}": np.full(len(phase), np.arccos(1 / np.sqrt(size - k + 1))) for k in range(2, size)}
    for m in range(size):
        # each partial swap on the way to spin k has brought a factor -i
        turn = phase + 2 * np.pi * m / size
        found |= {f"phase_{m}_{k}": (k - 1) * turn + (k - 2) * np.pi / 2 for k in range(2, size + 1)}
    return found


def correlation(phase: Array, size: int) -> Array:
    """C of x = 1, (points,): the sum of the real parts over ordered pairs.

    Examples:
        >>> correlation(np.array([0.0, 2 * np.pi / 3]), 3).round(6).tolist()
        [6.0, -3.0]
    """
    return np.sum([2 * np.cos(phase * (m - k)) for k, m in _pairs(size)], axis=0)


def heat(p: Array, p_B: Array, x: Array, phi: Array, phase: Array, size: int) -> Array:
    """Q of one cascade, (points,) [gap].

    Args:
        p: Excited population of each spin.
        p_B: Excited population of the bath qubit.
        x: Coherence, see `shared`.
        phi: Angle of each contact [rad].
        phase: a of neighbouring spins [rad].
        size: Number of spins N.

    Examples:
        >>> p, p_B = 1 / (1 + np.exp(1 / np.array([1.0, 1.25])))
        >>> round(float(heat(p, p_B, p * (1 - p) ** 2 / 2, np.array(0.3), np.array(0.0), 3)), 7)
        -0.0038658
    """
    constant, pull = _of_bath(phi, phase, size)
    return (p_B - p) * (1 - np.cos(phi) ** (2 * size)) - x * (constant - p_B * pull)


def threshold(p: Array, p_B: Array, phi: Array, phase: Array, size: int) -> Array:
    """The C beyond which one cascade turns, at a phase, (points,): N(N-1) (p_B - p)(1 - c^{2N})/K at phase 0.

    Args:
        p: Excited population of each spin.
        p_B: Of the ancilla.
        phi: Angle of each contact [rad].
        phase: a of neighbouring spins [rad].
        size: Number of spins N.
    """
    constant, pull = _of_bath(phi, phase, size)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = (p_B - p) * (1 - np.cos(phi) ** (2 * size)) / (constant - p_B * pull)
    return _finite(x * correlation(phase, size))


def weak_threshold(p: Array, p_B: Array, size: int) -> Array:
    """C*_N = N (p_B - p)/(1 - 2 p_B), where contacts are weak, (points,).

    Examples:
        >>> round(float(weak_threshold(np.array(0.268941), np.array(0.310026), 2)), 4)
        0.2163
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return _finite(size * (p_B - p) / (1 - 2 * p_B))


def largest_temperature(p: Array, phi: Array, size: int) -> Array:
    """Of a bath that one cascade can still heat, with all of the coherence there can be, in phase [gap/k_B].

    Args:
        p: Excited population of each spin, at most 1/2.
        phi: Angle of each contact [rad].
        size: Number of spins N.
    """
    constant, pull = _of_bath(phi, np.zeros_like(p), size)
    most, met = p * (1 - p) ** (size - 1), 1 - np.cos(phi) ** (2 * size)
    with np.errstate(all="ignore"):
        p_B = (p * met + most * constant) / (met + most * pull)
        return _finite(1 / np.log((1 - p_B) / p_B))


def _of_bath(phi: Array, phase: Array, size: int) -> tuple[Array, Array]:
    """K = constant - p_B pull."""
    c, s = np.cos(phi), np.sin(phi)
    each = [(k, 2 * s**2 * c ** (2 * (size - m) + m - k) * np.cos(phase * (m - k))) for k, m in _pairs(size)]
    return np.sum([w for _, w in each], axis=0), np.sum([2 * c ** (2 * (k - 1)) * w for k, w in each], axis=0)


def _pairs(size: int) -> Iterator[tuple[int, int]]:
    return ((k, m) for m in range(2, size + 1) for k in range(1, m))


def _finite(values: Array) -> Array:
    return np.where(np.isfinite(values), values, np.nan)
