"""What a sweep compiles to: one block a template, with all of its rows, in passes.

Structure goes into `Setting`, numbers into `Points`; nothing else makes a template. The member list
is fixed for a sweep; a member of weight 0 gets 0 repeats. numpy only: qiskit appears in annotations.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from protocols.program.experiment import Experiment
from protocols.program.points import Points
from protocols.program.setting import Setting
from protocols.types import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """One template and all of its rows."""

    setting: Setting
    build: Callable[[], QuantumCircuit]
    """Makes the unbound circuit on named wires; called only by devices that execute circuits."""
    names: tuple[str, ...]
    """Gate angles: the columns of `values`."""
    values: Array
    """(rows, names) [rad]."""
    point: Array
    """(rows,) index into Points; -1 for calibration."""
    weight: Array
    """(rows,) exact probability of the member."""
    repeats: Array
    """(rows,) int; shots of a row = repeats * Program.shots_per_row."""
    expect: Callable[[], Array]
    """Makes `probabilities`; called only where they are asked for, which are 2**outcomes a row."""
    drawn: bool = False
    """Whether rows are members that were drawn: a point has many, and `expect` does not know them."""
    prepared: str = ""
    """Calibration pattern over the outcomes; empty for a measurement of the experiment."""

    @cached_property
    def circuit(self) -> QuantumCircuit:
        """The unbound circuit, one wire register per named qubit."""
        return self.build()

    @cached_property
    def probabilities(self) -> Array:
        """(rows, 2**outcomes) exact noiseless outcome probabilities."""
        return self.expect()


@dataclass(frozen=True, kw_only=True, eq=False)
class Program:
    """All blocks of a run. The last thing that knows qiskit."""

    experiment: Experiment
    points: Points
    bases: tuple[str, ...]
    shots: int
    """Shots of each setting and point, over the members of the ensemble."""
    calibration_shots: int
    """Shots of each prepared pattern; 0: no calibration."""
    blocks: tuple[Block, ...]
    shots_per_row: int
    """Shots of every executed row: the equal-shots rule holds by construction."""
    passes: int
    """1 on simulators; more interleave the points, with calibration in the first and the last."""
    alone: int = 0
    """Passes more, after these and each like one of them, in which some copies on a chip run while all others idle."""

    def rows_of_pass(self, pass_: int) -> Iterator[tuple[int, Array]]:
        """Blocks of one pass in executed order, each with how often its rows run in this pass.

        Repeats r of a row are spread over P passes as evenly as whole numbers allow: after p passes,

            floor((p r + k) / P),   k in 0 .. P - 1 fixed for the row,

        of them have run. k differs from row to row and from block to block: with k = 0 everywhere all rows of a
        single repeat would fall in the last pass, and drift would look like a property of light members.
        Calibration blocks have two rows: the first opens the first pass, the second closes the last one.

        Args:
            pass_: 0 .. passes - 1.

        Yields:
            Index of the block, and the repeats of each of its rows, shape (rows,), int.
        """
        if pass_ == 0:
            yield from self._calibration(np.array([1, 0]))
        for index, block in enumerate(self.blocks):
            if not block.prepared:
                start = _stagger(index, len(block.repeats), self.passes)
                done, due = (((p * block.repeats) + start) // self.passes for p in (pass_, pass_ + 1))
                yield index, due - done
        if pass_ == self.passes - 1:
            yield from self._calibration(np.array([0, 1]))

    def _calibration(self, which: Array) -> Iterator[tuple[int, Array]]:
        for index, block in enumerate(self.blocks):
            if block.prepared:
                yield index, block.repeats * which


# Fractional parts of the golden ratio and of the square root of 2, times 2^32.
_GOLDEN, _SILVER = 2_654_435_769, 1_779_033_704


def _stagger(block: int, rows: int, passes: int) -> Array:
    """Whole numbers 0 .. passes - 1, (rows,), as even over the rows of a block as over the blocks of a row.

    Multiples of an irrational number, modulo 1: even for every regular choice of rows too.
    """
    turn = np.arange(rows, dtype=np.uint64) * np.uint64(_GOLDEN) + np.uint64(block * _SILVER % 2**32)
    return ((turn % np.uint64(2**32)) * np.uint64(passes) >> np.uint64(32)).astype(np.int64)
