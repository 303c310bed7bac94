"""The numbers of a sweep: every parameter at every point, and the point that each one is compared with."""

from __future__ import annotations

import typing
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field

import numpy as np

from protocols.types import Array

Computed = typing.TypeVar("Computed")


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
    memory: dict[Hashable, typing.Any] = field(default_factory=dict, init=False, repr=False)
    """What was computed from the points before."""

    def known(self, key: Hashable, function: Callable[[], Computed]) -> Computed:
        """function(), computed once for all who need it under one key.

        Args:
            key: Names whose result it is and everything else that it depends on.
            function: Of the points; its result must not be changed by anyone.
        """
        if key not in self.memory:
            self.memory[key] = function()
        return self.memory[key]

    def at(self, index: Array) -> Points:
        """Some of the points, compared with their exact reference; the same object for the same index.

        Args:
            index: Of the points to keep, in order, shape (kept,), int.
        """
        return self.known(("at", index.dtype, index.tobytes()), lambda: self._kept(index))

    def _kept(self, index: Array) -> Points:
        return Points(
            parameters={name: values[index] for name, values in self.parameters.items()},
            options=self.options,
            reference=np.full(len(index), -1),
            reference_only=self.reference_only[index],
        )

    def __len__(self) -> int:
        return len(self.reference)

    @property
    def arms(self) -> tuple[str, ...]:
        """ "main" and the controls."""
        return ("main", *filter(None, self.options.get("control", "").split(",")))
