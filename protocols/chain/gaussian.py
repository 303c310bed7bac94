r"""Total correlation of the Gaussian state with the same C, that of the state where it is Gaussian; Wick's theorem.

Of a state that conserves the number, with a string of Z between the sites of a word,

    C_ii = (1 - <Z_i>)/2 ,   C_ij = (<X_i Z..Z X_j> - i <X_i Z..Z Y_j>)/2 ,

and of a Gaussian one every entropy follows from C (`orbitals`), at the price of (N-1)(N-2) + 3 settings instead of 3^N.
Gaussian states obey <Z_i Z_j> - <Z_i><Z_j> = -4 |C_ij|^2 (Wick); a mixture of them need not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from protocols.chain.orbitals import energies
from protocols.program import Observable, Sample, drawn
from protocols.quantities.entropies import binary_entropy
from protocols.types import Array


def orbital_settings(sites: int) -> tuple[str, ...]:
    """Settings that determine all of C: the three of neighbours, and two for every two sites further apart.

    Args:
        sites: N.

    Examples:
        >>> orbital_settings(3)
        ('ZZZ', 'XXX', 'XYX', 'XZX', 'XZY')
    """
    apart = [(i, j) for i in range(sites) for j in range(i + 2, sites)]
    return ("Z" * sites, "X" * sites, ("XY" * sites)[:sites], *(
        "Z" * i + "X" + "Z" * (j - i - 1) + last + "Z" * (sites - j - 1) for i, j in apart for last in "XY"
    ))  # fmt: skip


def gaussian_observables(sites: Sequence[str]) -> tuple[Observable, ...]:
    """Total correlation of scheme `gaussian`, and by how much every bond misses Wick's theorem.

    Args:
        sites: Names along the line, three and more.
    """
    bonds = range(len(sites) - 1)
    return (
        _total(sites, twins=True, otherwise=_total(sites, twins=False)),
        *(_wick(i, sites, twins=True, otherwise=_wick(i, sites, twins=False)) for i in bonds),
    )


def _total(sites: Sequence[str], *, twins: bool, **more: Any) -> Observable:
    N = len(sites)
    return drawn(
        "total_correlation",
        "".join(sites),
        tuple(word for i, j in _pairs(N) for word in _words(N, i, j, twins)) + tuple(_z(N, i) for i in range(N)),
        lambda s: signed_total_correlation(_orbital_matrix(s, N, twins)),
        unit="nat",
        scheme="gaussian",
        interval="signed-bootstrap",
        bounds=(0.0, N * np.log(2)),
        meaning="of the Gaussian state with the same C",
        **more,
    )


def signed_total_correlation(C: Array) -> Array:
    """Total correlation of C with an entropy that goes on beyond 0 and 1, h(-x) = -h(x) and h(1+x) = -h(1-x), (...,).

    Counting noise moves eigenvalues that are 0 to both sides alike; cut at 0 they would add up to an entropy that is
    not there, and signed they cancel.

    Args:
        C: Hermitian, shape (..., N, N).

    Examples:
        >>> signed_total_correlation(np.diag([0.9, 0.1, -0.1])).round(6).item()
        0.0
    """
    return _signed_entropy(energies(C)).sum(axis=-1) - _signed_entropy(np.linalg.eigvalsh(C)).sum(axis=-1)


def _signed_entropy(x: Array) -> Array:
    inside = np.clip(np.where(x < 0, -x, np.where(x > 1, 2 - x, x)), 0.0, 1.0)
    return np.where((x < 0) | (x > 1), -1.0, 1.0) * binary_entropy(inside)


def _wick(bond: int, sites: Sequence[str], *, twins: bool, **more: Any) -> Observable:
    """<Z_i Z_j> - <Z_i><Z_j> + 4 |C_ij|^2 of neighbours: 0 of Gaussian states."""
    N, first, second = len(sites), bond, bond + 1
    both = "I" * bond + "ZZ" + "I" * (N - bond - 2)

    def missed(s: Sample) -> Array:
        m = s.moments
        return m[both] - m[_z(N, first)] * m[_z(N, second)] + 4 * np.abs(_coherence(s, N, first, second, twins)) ** 2

    reads = (both, _z(N, first), _z(N, second), *_words(N, first, second, twins))
    meaning = "0 of Gaussian states: <ZZ> - <Z><Z> + 4 |C|^2"
    subject = sites[first] + sites[second]
    return drawn("wick_residual", subject, reads, missed, meaning=meaning, zero_if_gaussian=True, **more)


def _pairs(sites: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(sites) for j in range(i + 1, sites)]


def _z(sites: int, i: int) -> str:
    return "I" * i + "Z" + "I" * (sites - i - 1)


def _words(sites: int, i: int, j: int, twins: bool) -> tuple[str, ...]:
    """X Z..Z X and X Z..Z Y of two sites, of a bond that XYXY.. reads as YX that word; with twins all four.

    A conserved number makes twins equal, but for a sign: <YY> = <XX>, <YX> = -<XY>.
    """
    flipped = j == i + 1 and i % 2 == 1
    letters = ("XX", "YX") if flipped else ("XX", "XY")
    letters = ("XX", "XY", "YY", "YX") if twins else letters
    return tuple("I" * i + a + "Z" * (j - i - 1) + b + "I" * (sites - j - 1) for a, b in letters)


def _coherence(sample: Sample, sites: int, i: int, j: int, twins: bool) -> Array:
    """C_ij, of twins the mean."""
    words = _words(sites, i, j, twins)
    XX, XY, *other = (sample.moments[word] for word in words)
    if other:
        return (XX + other[0] - 1j * (XY - other[1])) / 4
    return (XX - 1j * (XY if words[1][i] == "X" else -XY)) / 2


def _orbital_matrix(sample: Sample, sites: int, twins: bool) -> Array:
    """C, (..., points, N, N)."""
    C = np.zeros((*np.shape(sample.moments[_z(sites, 0)]), sites, sites), dtype=complex)
    for i in range(sites):
        C[..., i, i] = (1 - sample.moments[_z(sites, i)]) / 2
    for i, j in _pairs(sites):
        C[..., i, j] = _coherence(sample, sites, i, j, twins)
        C[..., j, i] = C[..., i, j].conj()
    return C
