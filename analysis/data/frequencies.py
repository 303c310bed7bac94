"""Weighted frequencies of all members together, f = sum_m w_m n_m / N_m, and the Pauli moments in them.

Every moment that several settings determine is their mean, weighted by effective shots.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from analysis.data.ancilla_energies import AncillaEnergies
from analysis.data.count_table import CountTable, determined
from analysis.data.readout_confusion import inverted, invertible_confusion
from protocols import Array
from protocols.pauli import determines, measured_words, outcome_bits, parity, with_twins
from protocols.program import ResolvedFrequencies


@dataclass(frozen=True, kw_only=True, eq=False)
class Frequencies:
    """Weighted frequencies as read, with the readout confusion they passed through; the estimators' input."""

    bases: tuple[str, ...]
    read: Array
    """(..., cells, settings, outcomes)."""
    confusion: Array
    """(outcomes read, outcomes true) P(read | true), with leading axes of draws; the identity without calibration.
    As many axes as `read`: every cell has its own."""
    shots: Array
    """(cells, settings) effective shots 1 / sum_m w_m^2 / N_m; 0 where a member was not measured."""
    strata: Array
    """(..., cells, members, settings, outcomes) int: the counts behind `read`."""
    weight: Array
    """(..., cells, members)."""
    energies: Mapping[str, Array] = field(default_factory=dict)
    """Register -> corrected mean energy of its ancillas, (..., cells)."""
    full: Mapping[str, Array] = field(default_factory=dict)
    """The same with all of them excited, (cells,)."""
    resolved: Mapping[tuple[str, ...], ResolvedFrequencies] = field(default_factory=dict)
    """Of draws: the frequencies member by member that were asked for."""

    @property
    def family(self) -> tuple[str, tuple[str, ...]]:
        """What the settings determine, and its words; see `determined`."""
        return determined(self.bases)

    @property
    def leading(self) -> tuple[int, ...]:
        """(..., cells)."""
        return self.read.shape[:-2]

    @property
    def mixing(self) -> Array:
        """The confusion as a factor of `read`, (..., cells or 1, outcomes read, outcomes true)."""
        return self.confusion if self.confusion.ndim == self.read.ndim else self.confusion[..., None, :, :]

    @property
    def unseen(self) -> Array:
        """Fraction of 1/d that puts one count into every outcome of a setting, (cells,): what may have gone unseen."""
        mean = self.shots.mean(axis=-1)
        return np.minimum(np.divide(self.read.shape[-1], mean, out=np.ones_like(mean), where=mean > 0), 1.0)

    @property
    def resolution(self) -> Array:
        """What one count is of the shots of a setting, (cells,)."""
        return self.unseen / self.read.shape[-1]

    def corrected(self) -> Array:
        """Frequencies with the readout inverted (unbiased, may be slightly negative), like `read`."""
        return self.read @ np.swapaxes(inverted(self.mixing), -1, -2)

    @cached_property
    def moments(self) -> Mapping[str, Array]:
        """Expectation values and energies of registers, (..., cells) each; NaN in cells that lack them.

        Linear in the counts and unbiased. Under the minimal set, <YY> = <XX> and <YX> = -<XY> are added.
        """
        corrected = self.corrected()
        known = measured_words(self.bases)
        values = np.einsum("cwso,...cso->...cw", self.gain(known), corrected)
        found = {word: values[..., i] for i, word in enumerate(known)}
        return {**with_twins(found, self.family[0]), **self.energies}

    def gain(self, over: Sequence[str]) -> Array:
        """d(moment)/d(true frequency), (cells, words, settings, outcomes).

        Args:
            over: Pauli words that the settings determine directly.
        """
        compatible, signs = _readings(self.bases, tuple(over))
        shots = self.shots[:, None, :] * compatible
        total = shots.sum(axis=-1, keepdims=True)
        mixture = np.divide(shots, total, out=np.full_like(shots, np.nan), where=total > 0)
        return mixture[..., None] * signs[:, None, :]


@lru_cache(maxsize=256)
def _readings(bases: tuple[str, ...], over: tuple[str, ...]) -> tuple[Array, Array]:
    """Which settings determine which words, (words, settings), and the words' outcomes +-1, (words, outcomes)."""
    compatible = np.array([[determines(basis, word) for basis in bases] for word in over], dtype=bool)
    bits = outcome_bits(len(bases[0]))
    signs = np.array([parity(bits, word) for word in over])
    return compatible.reshape(len(over), len(bases)), signs.reshape(len(over), len(bits))


def measured_frequencies(counts: CountTable, energies: AncillaEnergies | None) -> Frequencies:
    """The weighted frequencies as measured.

    Args:
        counts: What was observed.
        energies: Of the ancillas; None where there are none.

    Raises:
        RunError: If the measured readout confusion cannot be inverted.
    """
    confusion = invertible_confusion(counts.calibration) if counts.calibrated else np.eye(counts.observed.shape[-1])
    own = counts.averaged
    return Frequencies(
        bases=counts.bases,
        read=weighted_mean(counts, counts.observed) if own is None else own @ confusion.T,
        confusion=confusion,
        shots=counts.effective,
        strata=counts.observed,
        weight=counts.weight,
        **energies_by_register(counts, None if energies is None else energies.value),
    )


def energies_by_register(counts: CountTable, values: Array | None) -> dict[str, Any]:
    """The fields `energies` and `full` of frequencies from energies of registers, (..., cells, registers).

    Args:
        counts: Whose ancillas they are of.
        values: Measured or drawn; None where there are no ancillas.
    """
    if counts.ancillas is None or values is None:
        return {}
    named = {name: values[..., index] for index, name in enumerate(counts.registers)}
    return {"energies": named, "full": counts.ancillas.full}


def weighted_mean(counts: CountTable, observed: Array) -> Array:
    """f = sum_m w_m n_m / N_m, (..., cells, settings, outcomes).

    Args:
        counts: Which members and shots there are.
        observed: Measured or drawn, (..., cells, members, settings, outcomes).
    """
    per_shot = counts.member_weight_as_measured / np.maximum(counts.shots, 1)
    return np.einsum("...cmso,cms->...cso", observed, per_shot)
