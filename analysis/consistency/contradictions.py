r"""Whether settings that determine the same moment agree on it: an overconstrained moment, over the whole run.

With nine settings each moment of one qubit is read in three of them. What one qubit shows cannot depend on the basis
in which the other is read, so the differences vanish whatever the states are. They are summed over all members and
points, stratum by stratum with its own multinomial variance, so that counts near zero in one circuit do no harm, and
carry the noise of the readout calibration that all share. What all circuits of a setting do alike, however little in
each, shows here and not in the deviances of single members (`goodness.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.data import PSEUDO_COUNTS, Counts, LocalCounts, calibration_root
from analysis.statistics import FEWEST_EVENTS, chi_square_and_rank, p_value
from protocols import Array
from protocols.pauli import determines, measured_words, outcome_bits, parity


@dataclass(frozen=True, kw_only=True, eq=False)
class Contradictions:
    """Differences of one moment between settings, mean over all shots."""

    labels: tuple[str, ...]
    """"ZI in ZX minus in ZZ"."""
    value: Array
    covariance: Array
    """(differences, differences)."""
    chi_square: float
    dof: int
    calibrated: bool
    """Whether enough counts make up the variances for a chi-square law."""

    @property
    def p(self) -> float:
        """Chance of at least this chi-square."""
        return p_value(self.chi_square, self.dof)

    @property
    def worst(self) -> tuple[str, float, float]:
        """Label, value and standard error of the most significant difference."""
        errors = np.sqrt(np.diag(self.covariance))
        pulls = np.divide(np.abs(self.value), errors, out=np.zeros_like(errors), where=errors > 0)
        k = int(np.argmax(pulls))
        return self.labels[k], float(self.value[k]), float(errors[k])


def contradictions(counts: Counts | LocalCounts) -> Contradictions | None:
    """Compares settings pairwise; None where no two of them determine the same moment.

    Args:
        counts: What was measured; members that were not read in every setting are left out.
    """
    return _of_words(counts) if isinstance(counts, LocalCounts) else _of_outcomes(counts)


def _of_outcomes(counts: Counts) -> Contradictions | None:
    """Of few qubits, from the frequencies of all outcomes."""
    labels, gain = _differences(counts.bases)
    whole = (counts.shots > 0).all(axis=-1)
    if not labels or not whole.any():
        return None
    observed = counts.observed[whole].astype(float)
    shots = observed.sum(axis=-1)
    weight = shots.min(axis=-1)
    weight /= weight.sum()
    share = observed / shots[..., None]
    confusion = counts.frequencies.confusion
    read = np.einsum("kst,to->kso", gain, np.linalg.pinv(confusion))
    pooled = np.einsum("f,fso->so", weight, share)
    scale = weight[:, None] ** 2 / np.maximum(shots - 1, 1)
    mean = np.einsum("kso,fso->fsk", read, share)
    covariance = np.einsum("fs,kso,lso,fso->kl", scale, read, read, share, optimize=True)
    covariance -= np.einsum("fs,fsk,fsl->kl", scale, mean, mean, optimize=True)
    response = _response(counts, gain, confusion, pooled)
    covariance += response @ response.T
    value = np.einsum("kso,so->k", read, pooled)
    step = float((np.abs(read).max() * weight / shots.min(axis=-1)).max())
    return _compared(labels, value, covariance, step)


def _of_words(counts: LocalCounts) -> Contradictions | None:
    """Of many qubits, from the words of one and of neighbours; a readout error that both settings share cancels."""
    pooled = counts.pooled()
    pairs = _pairs(counts.bases)
    if not pairs or pooled is None:
        return None
    mean, within = pooled.setting_means[0], pooled.setting_covariance[0]
    word, first, other = np.array([(counts.known.index(name), *two) for name, *two in pairs]).T
    value = mean[other, word] - mean[first, word]
    covariance = np.zeros((len(pairs), len(pairs)))
    for a, plus in ((first, -1), (other, 1)):
        for b, minus in ((first, -1), (other, 1)):
            same = a[:, None] == b[None, :]
            covariance += np.where(same, plus * minus * within[a[:, None], word[:, None], word[None, :]], 0.0)
    labels = tuple(_label(name, counts.bases[b], counts.bases[a]) for name, a, b in pairs)
    fewest = pooled.shots[0].min(axis=-1)
    step = float((pooled.weight[0] / np.maximum(fewest, 1)).max())
    return _compared(labels, value, covariance, step)


def _compared(labels: tuple[str, ...], value: Array, covariance: Array, step: float) -> Contradictions:
    """Outcomes never seen have no variance: as in `_moments`, two counts of this step more."""
    covariance = covariance + PSEUDO_COUNTS * step**2 * np.eye(len(covariance))
    chi_square, dof = chi_square_and_rank(value, covariance)
    return Contradictions(
        labels=labels,
        value=value,
        covariance=covariance,
        chi_square=chi_square,
        dof=dof,
        calibrated=bool((np.diag(covariance) > FEWEST_EVENTS * step**2).all()),
    )


def _pairs(bases: Sequence[str]) -> list[tuple[str, int, int]]:
    """Every word of several settings, with the first of them and each of the others."""
    found = []
    for word in measured_words(bases):
        first, *others = [i for i, basis in enumerate(bases) if determines(basis, word)]
        found += [(word, first, other) for other in others]
    return found


def _label(word: str, other: str, first: str) -> str:
    return f"<{word}> in {other} minus in {first}"


def _differences(bases: Sequence[str]) -> tuple[tuple[str, ...], Array]:
    """Every moment of several settings, in each of them minus in the first; gain (differences, settings, outcomes)."""
    qubits = len(bases[0])
    bits = outcome_bits(qubits)
    labels, gains = [], []
    for word, first, other in _pairs(bases):
        gain = np.zeros((len(bases), 2**qubits))
        gain[other], gain[first] = parity(bits, word), -parity(bits, word)
        labels.append(_label(word, bases[other], bases[first]))
        gains.append(gain)
    return tuple(labels), np.array(gains)


def _response(counts: Counts, gain: Array, confusion: Array, pooled: Array) -> Array:
    """d(difference)/d(confusion) times the root of the calibration's covariance, (differences, sources)."""
    if not counts.calibrated:
        return np.zeros((len(gain), 1))
    factor = calibration_root(counts.calibration)
    inverse = np.linalg.pinv(confusion)
    true = pooled @ inverse.T
    return -np.einsum("ksi,ij,sm,mjl->kml", gain, inverse, true, factor, optimize=True).reshape(len(gain), -1)
