"""Pauli moments: linear in the counts, unbiased, with their exact covariance.

Every moment that several settings determine is their mean, weighted by effective shots. The covariance of a
linear function of the moments has three parts: multinomial noise of each stratum (independent between cells),
the noise of the readout calibration (shared by all cells), and a floor: no standard error is smaller than the
step that one count makes, so that an outcome never seen does not claim a zero error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis._frequencies import Counts, Frequencies, frequencies
from protocols import Array
from protocols._pauli import MINIMAL, X_STATE, words

X_WORDS = ("IZ", "ZI", "ZZ", "XX", "YY", "XY", "YX")
# rho_{00,11} = 0 makes these pairs of moments equal or opposite
CONSERVED = {"YY": ("XX", 1.0), "YX": ("XY", -1.0)}


def assumption(bases: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """What the settings determine: the family the state is taken from, and its Pauli words.

    Returns:
        "full" and all words; "x-state" (7 parameters, the other words are taken as zero); "minimal" (5, also
        rho_{00,11} = 0); or "none" and no words, where the settings determine no state.

    Examples:
        >>> assumption(["ZZ", "XX", "XY"])[0]
        'minimal'
    """
    qubits = len(bases[0])
    if all(any(determines(basis, word) for basis in bases) for word in words(qubits)):
        return "full", words(qubits)
    if set(X_STATE) <= set(bases):
        return "x-state", X_WORDS
    if set(MINIMAL) <= set(bases):
        return "minimal", X_WORDS
    return "none", ()


def measured_words(bases: Sequence[str]) -> tuple[str, ...]:
    """Pauli words that at least one setting determines."""
    return tuple(word for word in words(len(bases[0])) if any(determines(basis, word) for basis in bases))


def moments(frequencies: Frequencies) -> dict[str, Array]:
    """Expectation values from frequencies, (..., cells) each; NaN in cells that lack the settings.

    Under the minimal set, <YY> = <XX> and <YX> = -<XY> are added.
    """
    corrected = frequencies.corrected()
    known = measured_words(frequencies.bases)
    gain = _gain(frequencies, known)
    values = np.einsum("cwso,...cso->...cw", gain, corrected)
    found = {word: values[..., i] for i, word in enumerate(known)}
    if assumption(frequencies.bases)[0] == "minimal":
        found |= {word: sign * found[twin] for word, (twin, sign) in CONSERVED.items() if word not in found}
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearErrors:
    """First-order errors of the moments of every cell."""

    words: tuple[str, ...]
    shot: Array
    """(cells, words, words) covariance from multinomial noise."""
    shared: Array
    """(cells, words, sources) response to the unit-variance noise sources of the calibration."""
    gain: Array
    """(cells, words, settings, outcomes) derivative with respect to a read frequency."""
    per_count: Array
    """(cells, settings) change of a read frequency by one count, of the heaviest member."""

    def variance(self, here: Array, reference: Array, home: Array) -> Array:
        """Variance of a linear function of the moments of a cell and of its reference.

        Args:
            here: Coefficients of the cell's own moments, (cells, words).
            reference: Coefficients of its reference's moments, (cells, words).
            home: Index of the reference cell, (cells,); -1 for an exact reference.

        Returns:
            (cells,), each at least the square of the step of one count.
        """
        itself = home == np.arange(len(home))
        other = np.where((itself | (home < 0))[:, None], 0.0, reference)
        own = np.where(itself[:, None], here + reference, here)
        shared = np.einsum("cw,cwk->ck", own, self.shared) + np.einsum("cw,cwk->ck", other, self.shared[home])
        variance = self._shot(own, np.arange(len(home)), floor=here) + (shared**2).sum(axis=1)
        return variance + np.where(other.any(axis=1), self._shot(other, home, floor=other), 0.0)

    def _shot(self, coefficients: Array, cell: Array, floor: Array) -> Array:
        plain = np.einsum("cw,cwv,cv->c", coefficients, self.shot[cell], coefficients)
        response = np.einsum("cw,cwso->cso", floor, self.gain[cell])
        step = (np.ptp(response, axis=-1) * self.per_count[cell]).max(axis=-1)
        return np.maximum(plain, step**2)


def linear_errors(counts: Counts, over: Sequence[str]) -> LinearErrors:
    """Propagates counts and calibration to the moments `over`, to first order.

    The sample variance of a stratum divides by N - 1, which makes it unbiased.
    """
    measured = frequencies(counts)
    inverse = np.linalg.pinv(measured.confusion)
    twins = {word: CONSERVED[word] if word not in measured_words(counts.bases) else (word, 1.0) for word in over}
    signs = np.array([twins[word][1] for word in over])
    plain = signs[:, None, None] * _gain(measured, [twins[word][0] for word in over])
    gain = np.einsum("cwsi,ij->cwsj", plain, inverse)
    shots = counts.shots
    share = counts.observed / np.maximum(shots, 1)[..., None]
    scale = counts.weight[..., None] ** 2 / np.maximum(shots - 1, 1)
    first = np.einsum("cwso,cmso->cmsw", gain, share)
    shot = np.einsum("cms,cwso,cvso,cmso->cwv", scale, gain, gain, share, optimize=True)
    shot -= np.einsum("cms,cmsw,cmsv->cwv", scale, first, first, optimize=True)
    per_count = (counts.weight[..., None] / np.maximum(shots, 1)).max(axis=1)
    return LinearErrors(
        words=tuple(over),
        shot=shot,
        shared=_calibration_response(counts, gain, measured.corrected()),
        gain=gain,
        per_count=per_count,
    )


def _calibration_response(counts: Counts, gain: Array, corrected: Array) -> Array:
    """d(moment)/d(confusion) times the root of the calibration's covariance, flattened over its sources.

    With q the corrected frequencies, dE = -sum_s g_s . dM q_s. A column m of the confusion, measured with N
    shots, has covariance (diag m - m m^T)/N = L L^T with L = diag(sqrt m) (1 - sqrt m sqrt m^T) / sqrt N.
    """
    if not counts.calibrated:
        return np.zeros((*gain.shape[:2], 1))
    shots = counts.calibration.sum(axis=1)
    root = np.sqrt(counts.calibration / shots[:, None])
    projector = np.eye(root.shape[1]) - root[:, :, None] * root[:, None, :]
    factor = root[:, :, None] * projector / np.sqrt(shots)[:, None, None]
    response = -np.einsum("cwsi,csj,jik->cwjk", gain, corrected, factor, optimize=True)
    return response.reshape(*gain.shape[:2], -1)


def _gain(frequencies: Frequencies, over: Sequence[str]) -> Array:
    """d(moment)/d(true frequency), (cells, words, settings, outcomes)."""
    qubits = len(frequencies.bases[0])
    compatible = np.array([[determines(basis, word) for basis in frequencies.bases] for word in over])
    shots = frequencies.shots[:, None, :] * compatible
    total = shots.sum(axis=-1, keepdims=True)
    mixture = np.divide(shots, total, out=np.full_like(shots, np.nan), where=total > 0)
    bits = (np.arange(2**qubits)[:, None] >> np.arange(qubits)[::-1]) & 1
    signs = np.array([parity(bits, word) for word in over])
    return mixture[..., None] * signs[:, None, :]


def determines(basis: str, word: str) -> bool:
    return all(letter in ("I", measured) for letter, measured in zip(word, basis, strict=True))


def parity(bits: Array, word: str) -> Array:
    return np.prod([1 - 2 * bits[:, i] for i, letter in enumerate(word) if letter != "I"], axis=0)
