r"""What gate errors did to the outcomes of one member, undone: pure functions of frequencies corrected for readout.

A member that is an eigenstate of the number of excitations keeps its number n through a partial swap. Errors of gates
are taken as depolarisation: of a member's state a fraction F is left, and the rest is the mixture of all d outcomes,

    q = F p + (1 - F)/d.

*Survival* inverts that in any setting. *Symmetry* keeps the outcomes with the member's own number alone, in the setting
that reads all qubits in Z: one flip, and so all of T1, changes the number and is dropped. Of the depolarisation it
leaves the part within the sector of D outcomes, where q/sum(q) = 1/D + g (p - 1/D) with g = F/(F + (1 - F) D/d):
*both* inverts that.

Errors of one qubit are no depolarisation of two. In the evolution symmetry drops those of either qubit alike; in the
preparation it does not. A superposition that is made on one qubit, its carrier, and spread to the other by a CX takes
any error of the carrier before that CX into another state of the same number, and an error of the other qubit out of
it. Depolarisation counts half of each. With u and v, how often carrier and other are flipped in the preparation, the
distance from the middle shrinks by 1 - 2u and not by 1 - (u + v): *both* takes out the rest, 1 - t with the tilt
t = u - v.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protocols import Array

LEAST_KEPT = 0.5
"""Of a member's shots with its number: one of a few shots, most of them wrong, has no estimate by symmetry."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Mapped:
    """Mitigated frequencies, and what they depend on to first order."""

    value: Array
    """(..., outcomes)."""
    by_frequency: Array
    """(..., outcomes, outcomes) derivative with respect to the frequencies before."""
    by_factor: Array
    """(..., outcomes) derivative with respect to the factor."""
    by_tilt: Array
    """(..., outcomes) the same with respect to the tilt."""


def sector(excitations: int, outcomes: int) -> Array:
    """Which outcomes have a number of excitations, (outcomes,) bool.

    Examples:
        >>> sector(1, 4).tolist()
        [False, True, True, False]
    """
    return np.array([number.bit_count() == excitations for number in range(outcomes)])


def symmetry(q: Array, kept: Array) -> Mapped:
    """The outcomes of a sector alone, q_i / sum of them: the rest is dropped.

    Args:
        q: Frequencies of a member, corrected for readout, (..., outcomes); all qubits read in Z.
        kept: Outcomes of its sector, (outcomes,) bool.

    Examples:
        >>> symmetry(np.array([0.02, 0.36, 0.60, 0.02]), sector(1, 4)).value.round(6).tolist()
        [0.0, 0.375, 0.625, 0.0]
        >>> symmetry(np.array([0.97, 0.01, 0.01, 0.01]), sector(0, 4)).value.tolist()
        [1.0, 0.0, 0.0, 0.0]
    """
    total = (q * kept).sum(axis=-1, keepdims=True)
    total = np.where(total > 0, total, np.nan)  # nothing is left of a member of very few shots
    value = np.where(kept, q / total, 0.0)
    by_frequency = (np.diag(kept.astype(float)) - value[..., :, None] * kept) / total[..., None]
    nothing = np.zeros_like(value)
    return Mapped(value=value, by_frequency=by_frequency, by_factor=nothing, by_tilt=nothing.copy())


def survival(q: Array, factor: Array | float) -> Mapped:
    """The inverted depolarisation, (q - (1 - F)/d)/F, in any setting.

    Args:
        q: Frequencies of a member, corrected for readout, (..., outcomes).
        factor: F, what is left of the member's state, (...,).

    Examples:
        >>> p = np.array([0.0, 0.25, 0.75, 0.0])
        >>> (survival(0.98 * p + 0.02 / 4, 0.98).value.round(12) + 0.0).tolist()
        [0.0, 0.25, 0.75, 0.0]
    """
    size, F = q.shape[-1], np.asarray(factor, dtype=float)[..., None]
    eye = np.broadcast_to(np.eye(size), (*q.shape, size))
    return Mapped(
        value=(q - (1 - F) / size) / F,
        by_frequency=eye / F[..., None],
        by_factor=-(q - 1 / size) / F**2,
        by_tilt=np.zeros_like(q),
    )


def both(q: Array, kept: Array, factor: Array | float, tilt: Array | float = 0.0) -> Mapped:
    """The sector alone, and in it the inverted depolarisation and tilt, 1/D + (q/sum(q) - 1/D)/[g (1 - t)].

    Args:
        q: Frequencies of a member, corrected for readout, (..., outcomes); all qubits read in Z.
        kept: Outcomes of its sector, (outcomes,) bool.
        factor: F, what is left of the member's state, (...,).
        tilt: t, by how much more often the carrier is flipped in the preparation than the other qubit, (...,).

    Examples:
        >>> p = np.array([0.0, 0.25, 0.75, 0.0])
        >>> both(0.98 * p + 0.02 / 4, sector(1, 4), 0.98).value.round(12).tolist()
        [0.0, 0.25, 0.75, 0.0]
        >>> both(np.array([0.0, 0.26, 0.74, 0.0]), sector(1, 4), 1.0, 0.04).value.round(12).tolist()
        [0.0, 0.25, 0.75, 0.0]
    """
    within = symmetry(q, kept)
    number = int(kept.sum())
    F, ratio = np.asarray(factor, dtype=float)[..., None], number / q.shape[-1]
    left = F + (1 - F) * ratio
    even, middle = 1 - np.asarray(tilt, dtype=float)[..., None], kept / number
    shrunk = F / left * even
    off = (within.value - middle) / shrunk
    return Mapped(
        value=middle + off,
        by_frequency=within.by_frequency / shrunk[..., None],
        by_factor=-off * ratio / (F * left),
        by_tilt=off / even,
    )
