"""Errors of Pauli moments and energies of registers: their exact joint covariance, linear in the counts as they are.

The covariance of a linear function of the moments has three parts: multinomial noise of each stratum (independent
between cells), the noise of the readout calibration (shared by all cells), and `PSEUDO_COUNTS` counts more, so that an
outcome never seen does not claim a zero error. A random preparation has the scatter of its batches instead of
multinomial noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.data.ancilla_energies import AncillaEnergies, batch_covariance, by_batch, joint_covariance
from analysis.data.count_table import CountTable
from analysis.data.frequencies import Frequencies
from analysis.data.readout_confusion import calibration_root, inverted
from analysis.statistics import JointCovariance
from protocols import Array
from protocols.pauli import CONSERVED, measured_words

PSEUDO_COUNTS = 2.0
"""Counts added to the variance, each as large as the step that one count makes: after Agresti and Coull, Am. Stat. 52,
119 (1998). From observed counts alone, none seen where 5 were due (p = 0.7 %) would have an error of one count."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearErrors:
    """First-order errors of the moments of every cell."""

    words: tuple[str, ...]
    """Pauli words and registers."""
    shot: Array
    """(cells, words, words) covariance from multinomial noise."""
    shared: Array
    """(cells, words, sources) response to the unit-variance noise sources of the calibration."""
    gain: Array
    """(cells, words, settings, outcomes) derivative with respect to a read frequency of the system; 0 for registers."""
    per_count: Array
    """(cells, settings) change of a read frequency by one count, of the heaviest member."""
    reach: Array | None = None
    """(cells, words, settings) how far one shot can move a register; 0 for words. None: there are no registers."""

    def variance(self, here: Array, reference: Array, home: Array) -> Array:
        """Variance of a linear function of the moments of a cell and of its reference.

        Args:
            here: Coefficients of the cell's own moments, (cells, words).
            reference: Coefficients of its reference's moments, (cells, words).
            home: Index of the reference cell, (cells,); -1 for an exact reference.

        Returns:
            (cells,), each above the square of the step of one count.
        """
        itself = home == np.arange(len(home))
        other = np.where((itself | (home < 0))[:, None], 0.0, reference)
        own = np.where(itself[:, None], here + reference, here)
        shared = np.einsum("cw,cwk->ck", own, self.shared) + np.einsum("cw,cwk->ck", other, self.shared[home])
        variance = self._shot(own, np.arange(len(home)), floor=here) + (shared**2).sum(axis=1)
        return variance + np.where(other.any(axis=1), self._shot(other, home, floor=other), 0.0)

    def covariance(self, coefficients: Array, chosen: Array) -> JointCovariance:
        """Covariance between cells of a linear function of each cell's own moments.

        Args:
            coefficients: (cells, words).
            chosen: Which cells, (n,).

        Returns:
            Of n values: own shot noise of each, the calibration's common to all.
        """
        shared = np.einsum("cw,cwk->ck", coefficients[chosen], self.shared[chosen])
        own = self._shot(coefficients[chosen], chosen, floor=coefficients[chosen])
        return JointCovariance(own=own, shared=shared)

    def _shot(self, coefficients: Array, cell: Array, floor: Array) -> Array:
        plain = np.einsum("cw,cwv,cv->c", coefficients, self.shot[cell], coefficients)
        response = np.ptp(np.einsum("cw,cwso->cso", floor, self.gain[cell]), axis=-1)
        if self.reach is not None:
            response = response + np.einsum("cw,cws->cs", np.abs(floor), self.reach[cell])
        step = (response * self.per_count[cell]).max(axis=-1)
        return plain + PSEUDO_COUNTS * step**2


def propagated_errors(
    counts: CountTable, measured: Frequencies, energies: AncillaEnergies | None, over: Sequence[str]
) -> LinearErrors:
    """Propagates counts and calibration to moments, to first order.

    The sample variance of a stratum divides by N - 1, which makes it unbiased.

    Args:
        counts: What was observed.
        measured: Its frequencies.
        energies: Of its ancillas; None where there are none.
        over: The moments: Pauli words and registers.
    """
    words = [name for name in over if name not in counts.registers]
    found = _word_errors(counts, measured, words)
    return found if len(words) == len(over) and counts.batch is None else _joint_errors(counts, energies, found, over)


def _word_errors(counts: CountTable, measured: Frequencies, over: Sequence[str]) -> LinearErrors:
    """Of Pauli words of the system alone."""
    inverse = inverted(measured.mixing)
    twins = {word: CONSERVED[word] if word not in measured_words(counts.bases) else (word, 1.0) for word in over}
    signs = np.array([twins[word][1] for word in over])
    plain = signs[:, None, None] * measured.gain([twins[word][0] for word in over])
    gain = plain @ inverse[:, None]
    per_count = (counts.member_weight_as_measured / np.maximum(counts.shots, 1)).max(axis=1)
    return LinearErrors(
        words=tuple(over),
        shot=stratified_covariance(counts, gain),
        shared=calibration_response(counts, gain, measured.corrected()),
        gain=gain,
        per_count=per_count,
    )


def stratified_covariance(counts: CountTable, gain: Array) -> Array:
    """Covariance of functions linear in the read frequencies, from the multinomial noise of every stratum.

    Args:
        counts: What was observed; the variance of a stratum divides by N - 1.
        gain: d(function)/d(frequency), (cells, functions, settings, outcomes).
    """
    share = counts.observed / np.maximum(counts.shots, 1)[..., None]
    scale = counts.member_weight_as_measured**2 / np.maximum(counts.shots - 1, 1)
    first = np.einsum("cwso,cmso->cmsw", gain, share)
    covariance = np.einsum("cms,cwso,cvso,cmso->cwv", scale, gain, gain, share, optimize=True)
    return covariance - np.einsum("cms,cmsw,cmsv->cwv", scale, first, first, optimize=True)


def _joint_errors(
    counts: CountTable, energies: AncillaEnergies | None, of_words: LinearErrors, over: Sequence[str]
) -> LinearErrors:
    """The same with registers beside the words, and with the scatter of batches."""
    gain, shot, shared = of_words.gain, of_words.shot, of_words.shared
    means = np.einsum("cwso,cmso->cmsw", gain, counts.observed / np.maximum(counts.shots, 1)[..., None])
    reach = np.zeros(gain.shape[:3])
    if energies is not None:
        mixed, own = joint_covariance(counts, energies, gain)
        shot = np.block([[shot, mixed], [np.swapaxes(mixed, 1, 2), own]])
        system = np.concatenate([shared, np.zeros((*shared.shape[:2], energies.response.shape[-1]))], axis=-1)
        ancillas = np.concatenate([np.zeros((*energies.response.shape[:2], shared.shape[-1])), energies.response], -1)
        shared = np.concatenate([system, ancillas], axis=1)
        gain = np.concatenate([gain, np.zeros((len(gain), len(counts.registers), *gain.shape[2:]))], axis=1)
        means = np.concatenate([means, energies.mean], axis=-1)
        reach = np.concatenate([reach, energies.reach], axis=1)
    if counts.batch is not None:
        shot = batch_covariance(
            by_batch(counts.batch, np.einsum("cms,cmsw->cmw", counts.member_weight_as_measured, means))
        )
    order = [(*of_words.words, *counts.registers).index(name) for name in over]
    if counts.ancillas is not None:
        # registers that a cell does not read have no value there; what leaves them out has an error all the same
        unread = np.concatenate([np.zeros((len(gain), len(of_words.words)), dtype=bool), counts.ancillas.unread], 1)
        shot = np.where(unread[:, :, None] | unread[:, None, :], 0.0, shot)
        shared = np.where(unread[..., None], 0.0, shared)
        reach = np.where(unread[..., None], 0.0, reach)
    return LinearErrors(
        words=tuple(over),
        shot=shot[:, order][:, :, order],
        shared=shared[:, order],
        gain=gain[:, order],
        per_count=of_words.per_count,
        reach=reach[:, order],
    )


def calibration_response(counts: CountTable, gain: Array, corrected: Array) -> Array:
    """d(moment)/d(confusion) times the root of the calibration's covariance, flattened over its sources.

    With q the corrected frequencies, dE = -sum_s g_s . dM q_s. A column m of the confusion, measured with N
    shots, has covariance (diag m - m m^T)/N = L L^T with L = diag(sqrt m) (1 - sqrt m sqrt m^T) / sqrt N.

    Args:
        counts: What was observed, with the counts of the calibration.
        gain: The g_s, d(moment)/d(frequency as read), (cells, moments, settings, outcomes); of any other functions that
            are linear in the frequencies the response is found in the same way.
        corrected: The q_s, frequencies with the readout inverted, (cells, settings, outcomes).

    Returns:
        (cells, moments, sources) response to noise of unit variance; zero, with one source, without a calibration.
    """
    if not counts.calibrated:
        return np.zeros((*gain.shape[:2], 1))
    factor = calibration_root(counts.calibration)
    factor = np.broadcast_to(factor, (len(gain), *factor.shape[-3:]))
    response = -np.einsum("cwsi,csj,cjik->cwjk", gain, corrected, factor, optimize=True)
    return response.reshape(*gain.shape[:2], -1)
