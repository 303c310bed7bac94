"""What observables are functions of: states and moments of many cells at once, beside those of their references."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from protocols.types import Array


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
    numbers: tuple[int, ...] = ()
    """Of the members in their ensemble, as `Setting.member` has them: those of weight 0 may be left out. Empty: all, in
    their order."""

    def of_setting(self, basis: str) -> Array:
        """The frequencies in one setting, (..., points, members, outcomes, patterns)."""
        return self.frequency[..., self.bases.index(basis), :, :]

    def weighted(self, basis: str, members: int) -> Array:
        """Weight times frequency in one setting, by number of the member, (..., points, members, outcomes, patterns).

        Args:
            basis: Of the setting.
            members: How many the whole ensemble has; those that were not measured have 0.
        """
        own = self.of_setting(basis)
        product = self.weight[..., None, None] * np.where(self.weight[..., None, None] > 0, own, 0.0)
        found = np.zeros((*product.shape[:-3], members, *product.shape[-2:]))
        found[..., list(self.numbers or range(product.shape[-3])), :, :] = product
        return found

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

    def with_unseen(self, counts: int = 0) -> ResolvedFrequencies:
        """The same with some counts more in every stratum, spread evenly: what may have gone unseen.

        Args:
            counts: How many; 0: one for every outcome.
        """
        if self.shots is None:
            return self
        size = self.frequency.shape[-2] * self.frequency.shape[-1]
        share = np.minimum((counts or size) / np.maximum(self.shots, 1), 1.0)[..., None, None]
        return replace(self, frequency=(1 - share) * self.frequency + share / size)


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """What an observable is a function of: states and moments of a batch, and those of its reference.

    The same type holds the exact prediction, the estimate and its draws, so that `ideal`, `value` and
    the interval come from one definition.
    """

    parameters: Mapping[str, Array]
    """Every physical field, (points,)."""
    moments: Mapping[str, Array]
    """Expectation values of Pauli words of the system ("ZI", "XX") and, by name of a register, the mean energy of its
    ancillas; (..., points); linear in the counts."""
    states: Array | None = None
    """Density matrices, (..., points, d, d); None where the settings do not determine them."""
    ideal: Array | None = None
    """Exact states, (points, d, d)."""
    reference: Sample | None = None
    """The same for the point that each point is compared with."""
    resolved: Mapping[tuple[str, ...], ResolvedFrequencies] = field(default_factory=dict)
    """Frequencies member by member, by the columns whose joint bits were asked for; see `Observable.resolved`."""
    arms: Mapping[str, Sample] = field(default_factory=dict)
    """Name of an arm -> what was resolved at the same point there, for observables that read several arms."""
    resolution: Array | float = 0.0
    """What one count is of the shots of a setting, (points,); 0: exact."""
    taken: tuple[Sample, Array] | None = None
    """Where the cells were taken from another sample as they are: it, and their index in it."""
    betas: Mapping[str, Array] = field(default_factory=dict)
    """Nominal beta of an exact reference by word of a qubit and by register, times its own gap, (points,).

    Those of the parameters, which floating point does not lose for cold qubits. Empty where the reference was measured;
    NaN at points where it was.
    """
    memory: dict[object, typing.Any] = field(default_factory=dict, repr=False)
    """What was computed from the states before."""

    def known(self, key: object, function: Callable[[Sample], Array]) -> Array:
        """function(sample), (..., points), computed once for all the observables that need it under one key."""
        if key not in self.memory:
            if self.taken is None:
                self.memory[key] = function(self)
            else:
                sample, index = self.taken
                self.memory[key] = sample.known(key, function)[..., index]
        return self.memory[key]

    @property
    def spectrum(self) -> tuple[Array, Array]:
        """Ascending eigenvalues and eigenvectors of the states, computed once."""
        if "spectrum" not in self.memory:
            self.memory["spectrum"] = np.linalg.eigh(self.rho)
        values, vectors = self.memory["spectrum"]
        return values, vectors

    @property
    def rho(self) -> Array:
        """The states, for observables that read them.

        Raises:
            ValueError: If the settings measured do not determine a state.
        """
        if self.states is None:
            raise ValueError("The measured settings do not determine a state; measure --bases full.")
        return self.states

    @property
    def before(self) -> Sample:
        """The reference, for observables that compare with it.

        Raises:
            ValueError: If there is none.
        """
        if self.reference is None:
            raise ValueError("There is no reference at time 0 to compare with; use --reference nominal.")
        return self.reference
