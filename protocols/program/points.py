"""The numbers of a sweep: every parameter at every point, and the point that each one is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from protocols.types.arrays import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Points:
    """The sweep as numbers, validated once, vectorised; never holds a qiskit Parameter."""

    parameters: Mapping[str, Array]
    """Every physical field broadcast to (points,), natural units."""
    options: Mapping[str, str]
    """Choices that are words: correlation="coherent", preparation="purified"."""
    reference: Array
    """(points,) index of the point that heat is counted from; -1: the exact (nominal) reference."""
    reference_only: Array
    """(points,) bool, true where the point is measured only to serve as a reference."""

    def at(self, index: Array) -> Points:
        """Some of the points, compared with their exact reference."""
        nowhere = np.full(len(index), -1)
        own = {name: values[index] for name, values in self.parameters.items()}
        return Points(
            parameters=own, options=self.options, reference=nowhere, reference_only=self.reference_only[index]
        )

    def __len__(self) -> int:
        return len(self.reference)

    @property
    def arms(self) -> tuple[str, ...]:
        """ "main" and the controls."""
        return ("main", *filter(None, self.options.get("control", "").split(",")))
