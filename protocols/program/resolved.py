"""Frequencies that keep the members of the ensemble apart, and the joint outcomes of ancillas that are asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from protocols.types.arrays import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class ResolvedFrequencies:
    """How often each member of the ensemble gave each outcome of the system together with each pattern of ancillas.

    Corrected for readout, so values may be slightly negative; exact probabilities in a prediction.
    """

    bases: tuple[str, ...]
    frequency: Array
    """(..., points, members, settings, outcomes, patterns), normalised over the last two axes; NaN where a member was
    not measured. Outcomes and patterns are binary numbers, the first qubit or column first; without ancillas there is
    one pattern."""
    weight: Array
    """(..., points, members) probability of each member."""
    shots: Array | None = None
    """(points, members, settings); None: exact."""

    def of_setting(self, basis: str) -> Array:
        """The frequencies in one setting, (..., points, members, outcomes, patterns)."""
        return self.frequency[..., self.bases.index(basis), :, :]

    def averaged(self) -> Array:
        """Over the members that were measured, (..., points, settings, outcomes, patterns)."""
        known = np.isfinite(self.frequency).all(axis=(-2, -1))
        weight = np.where(known, self.weight[..., None], 0.0)
        mean = np.einsum("...ms,...msop->...sop", weight, np.nan_to_num(self.frequency))
        return mean / weight.sum(axis=-2)[..., None, None]

    def at(self, cells: Array) -> ResolvedFrequencies:
        """The same of other points: those with an index, (points,), each."""
        shots = None if self.shots is None else self.shots[cells]
        return replace(
            self, frequency=self.frequency[..., cells, :, :, :, :], weight=self.weight[..., cells, :], shots=shots
        )

    def with_unseen(self) -> ResolvedFrequencies:
        """The same with about one count more in every outcome of every stratum: what may have gone unseen."""
        if self.shots is None:
            return self
        size = self.frequency.shape[-2] * self.frequency.shape[-1]
        share = np.minimum(size / np.maximum(self.shots, 1), 1.0)[..., None, None]
        return replace(self, frequency=(1 - share) * self.frequency + share / size)
