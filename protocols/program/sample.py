"""What observables are functions of: states and moments of many cells at once, beside those of their references."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from protocols.types.arrays import Array


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
    taken: tuple[Sample, Array] | None = None
    """Where the cells were taken from another sample as they are: it, and their index in it."""
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
