"""Energies and populations of simulated runs: linear functions of their moments, with the errors that runs quote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.data import LinearErrors
from analysis.planning.expectation import Expectation
from analysis.planning.power.runs import Drawn
from analysis.verdict import Valued
from protocols import Array
from protocols.pauli import determines, moments

WORDS = ("ZI", "IZ", "ZZ")
ENERGY = (np.array([-0.5, 0, 0]), np.array([0, -0.5, 0]))
"""Coefficients of the energy of either qubit, (1 - <Z>)/2, but for a constant."""
ALONE = (np.array([0.25, -0.25, -0.25]), np.array([-0.25, 0.25, -0.25]))
"""Those of the populations of 01 and 10, excitations that sit on one qubit alone, which an exchange keeps."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Linear:
    """Moments of many runs."""

    moments: Array
    """(runs, cells, words)."""
    errors: LinearErrors
    """Of all cells, run after run."""
    home: Array
    """Index of the reference of each cell, (cells,); -1: exact."""
    before: Array
    """Exact moments of a nominal reference, (cells, words); NaN where there is none."""
    counted: bool
    """Whether the number of excitations was read."""

    def value(self, coefficients: Array, cell: int | Array) -> Valued:
        """A function of one cell, but for a constant, (runs,).

        Args:
            coefficients: Of the three words.
            cell: Which, in every run; or n of them, (runs, n).
        """
        own = self._own(coefficients)
        return Valued(value=self.moments[:, cell] @ own, stderr=self._stderr(own, cell, np.full_like(cell, -1)))

    def gained(self, coefficients: Array, cell: int | Array) -> Valued:
        """A function of one cell since its reference, (runs,).

        Args:
            coefficients: Of the three words.
            cell: Which, in every run; or n of them, (runs, n).
        """
        own, home = self._own(coefficients), self.home[cell]
        start = np.where((home >= 0)[..., None], self.moments[:, home], self.before[cell])
        return Valued(value=(self.moments[:, cell] - start) @ own, stderr=self._stderr(own, cell, home))

    def number(self, cell: int | Array) -> Valued | None:
        """Change of p01 + p10, whose noise the verdict takes for independent, (runs,); None where it was not read.

        Args:
            cell: Which, in every run; or n of them, (runs, n).
        """
        home = self.home[cell]
        if not self.counted or (home < 0).any():
            return None
        parts = [self.value(one, at).stderr for one in ALONE for at in (cell, home)]
        change = (self.moments[:, cell] - self.moments[:, home]) @ sum(ALONE)
        return Valued(value=change, stderr=np.sqrt(sum(part**2 for part in parts)))

    def _own(self, coefficients: Array) -> Array:
        return coefficients[: self.moments.shape[-1]]

    def _stderr(self, coefficients: Array, cell: int | Array, home: Array) -> Array:
        """Of one function of a cell of each run, and of its reference where it has one, (runs,) or (runs, n)."""
        runs, cells = self.moments.shape[:2]
        which = np.unique(np.append(cell, home[home >= 0]))
        asked, since = np.searchsorted(which, cell), np.full(len(which), -1)
        since[asked] = np.where(home >= 0, np.searchsorted(which, home), -1)
        run = np.arange(runs)[:, None]
        chosen = (cells * run + which).ravel()
        homes = np.where(since >= 0, len(which) * run + since, -1).ravel()
        some = LinearErrors(
            words=self.errors.words,
            shot=self.errors.shot[chosen],
            shared=self.errors.shared[chosen],
            gain=self.errors.gain[chosen],
            per_count=self.errors.per_count[chosen],
        )
        here = np.broadcast_to(coefficients, (len(chosen), len(coefficients)))
        return np.sqrt(some.variance(here, -here, homes).reshape(runs, -1)[:, asked])


def words_of(bases: Sequence[str]) -> tuple[str, ...]:
    """Pauli words that the verdict rests on: of both energies, and of the number of excitations where it is read.

    Examples:
        >>> words_of(["XX", "ZI", "IZ"]), words_of(["ZZ"])
        (('ZI', 'IZ'), ('ZI', 'IZ', 'ZZ'))
    """
    return WORDS if any(determines(basis, WORDS[-1]) for basis in bases) else WORDS[:2]


def linear(drawn: Drawn, expected: Expectation, chosen: Array) -> Linear:
    """The moments of simulated runs.

    Args:
        drawn: The runs.
        expected: What is expected of their program.
        chosen: Which of its cells were drawn, (n,); with each, its reference.
    """
    words = words_of(expected.data.bases)
    home, before = expected.view.home[chosen], np.full((len(chosen), len(words)), np.nan)
    if expected.view.before is not None:
        exact = moments(expected.view.before[chosen], words)
        before = np.stack([exact[word] for word in words], axis=1)
    order = {int(cell): index for index, cell in enumerate(chosen)}
    return Linear(
        moments=drawn.moments(words),
        errors=drawn.counts.linear_errors(words),
        home=np.array([order.get(int(one), -1) for one in home]),
        before=before,
        counted=len(words) == len(WORDS),
    )
