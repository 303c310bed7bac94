"""Expectation values with standard errors, as spectroscopists have them: the other kind of data beside counts.

Errors are taken as Gaussian and independent, which is all that a value and an error say.
"""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.data.count_table import matchable
from analysis.data.draws import DRAWS_PER_CHUNK
from analysis.data.moments import LinearErrors
from analysis.data.resolved import Columns
from protocols import Array, RequestError
from protocols.pauli import CONSERVED, assumption_of_words, with_twins
from protocols.pauli import moments as state_moments
from protocols.program import ResolvedFrequencies

if typing.TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class Expectations:
    """Expectation values of Pauli words, measured or drawn."""

    words: tuple[str, ...]
    value: Array
    """(..., cells, words); NaN where it was not measured."""
    stderr: Array
    """(cells, words)."""

    @property
    def calibrated(self) -> bool:
        """No readout calibration comes with them."""
        return False

    @property
    def family(self) -> tuple[str, tuple[str, ...]]:
        """What the words determine, as for settings."""
        return assumption_of_words(self.words)

    @property
    def registers(self) -> tuple[str, ...]:
        """None: files of expectation values have no ancillas."""
        return ()

    @property
    def known(self) -> tuple[str, ...]:
        """The words."""
        return self.words

    @property
    def leading(self) -> tuple[int, ...]:
        """(..., cells)."""
        return self.value.shape[:-1]

    @property
    def unseen(self) -> Array:
        """Nothing goes unseen: the errors are given, and none is zero."""
        return np.zeros(len(self.stderr))

    @property
    def resolution(self) -> Array:
        """What stands for one count of the shots, (cells,): the mean error of a probability (1 - <P>)/2."""
        known = np.isfinite(self.stderr)
        total = np.where(known, self.stderr, 0.0).sum(axis=-1)
        return np.minimum(total / np.maximum(known.sum(axis=-1), 1) / 2, 1.0)

    @property
    def reading(self) -> Expectations:
        """Themselves: what is estimated from needs nothing done to it."""
        return self

    @property
    def moments(self) -> Mapping[str, Array]:
        """Expectation values, (..., cells) each, with those that the family implies."""
        return self._moments

    @cached_property
    def _moments(self) -> dict[str, Array]:
        values = {word: self.value[..., i] for i, word in enumerate(self.words)}
        return with_twins(values, self.family[0])

    def linear_errors(self, over: Sequence[str]) -> LinearErrors:
        """Variances as given; a word that the family implies moves with its twin. Made once for a tuple of words.

        Args:
            over: Pauli words.
        """
        words = tuple(over)
        if words not in self._errors:
            self._errors[words] = self._variances(words)
        return self._errors[words]

    @cached_property
    def _errors(self) -> dict[tuple[str, ...], LinearErrors]:
        return {}

    def _variances(self, over: tuple[str, ...]) -> LinearErrors:
        cells = len(self.value)
        source = np.zeros((len(over), len(self.words)))
        for i, word in enumerate(over):
            name, sign = (word, 1.0) if word in self.words else CONSERVED[word]
            source[i, self.words.index(name)] = sign
        return LinearErrors(
            words=over,
            shot=np.einsum("wk,ck,vk->cwv", source, self.stderr**2, source),
            shared=np.zeros((cells, len(over), 1)),
            gain=np.zeros((cells, len(over), 1, 1)),
            per_count=np.zeros((cells, 1)),
        )

    @property
    def resolved(self) -> Mapping[Columns, ResolvedFrequencies]:
        """None: expectation values are those of the whole ensemble."""
        return {}

    def resolved_frequencies(self, columns: Columns) -> ResolvedFrequencies:
        """There are none.

        Raises:
            RequestError: Always.
        """
        raise RequestError("Frequencies of members need counts, but these are expectation values.")

    def draw(
        self, seed: int, chunk: range, states: Array | None = None, resolved: Sequence[Columns] = ()
    ) -> Expectations:
        """One block of draws with Gaussian errors, along a leading axis.

        Args:
            seed: Of all draws.
            chunk: Which of `chunks`.
            states: Estimated states that they are centred on, (cells, d, d).
            resolved: For counts only.
        """
        centre = self.value
        if states is not None:
            expected = np.stack(list(state_moments(states, self.words).values()), axis=-1)
            centre = np.where(np.isfinite(expected), expected, self.value)
        generator = np.random.default_rng([seed, chunk.start])
        noise = generator.normal(size=(DRAWS_PER_CHUNK, *self.value.shape))[: len(chunk)]
        return Expectations(words=self.words, value=centre + noise * self.stderr, stderr=self.stderr)

    @property
    def seed(self) -> int:
        """Of the draws: a digest of the data."""
        digest = hashlib.sha256(repr(self.words).encode())
        for array in (self.value, self.stderr):
            digest.update(np.ascontiguousarray(array).tobytes())
        return int.from_bytes(digest.digest()[:4], "little")


def tabulate_expectations(
    rows: pd.DataFrame, *, words: Sequence[str], arms: Sequence[str], parameters: Mapping[str, Array]
) -> Expectations:
    """Arrays from the rows of expectations.csv, cells arm-major.

    Args:
        rows: Columns `arm`, `pauli`, `value` and `stderr`, and those of the parameters that were swept.
        words: Pauli words, in the order of the arrays; every word of the rows is among them.
        arms: Names, in the order of the cells.
        parameters: Values of every parameter at the points, (points,) each; a row belongs to the point with its values.

    Returns:
        Values and standard errors, (cells, words); NaN where no row has them.
    """
    swept = [name for name in parameters if name in rows.columns]
    points = {key: i for i, key in enumerate(zip(*(matchable(parameters[name]) for name in swept), strict=True))}
    size = len(next(iter(parameters.values()))) if parameters else 1
    point = [points[key] for key in zip(*(matchable(rows[n]) for n in swept), strict=True)] if swept else 0
    cell = np.array([list(arms).index(arm) for arm in rows["arm"]]) * size + np.asarray(point)
    word = np.array([list(words).index(name) for name in rows["pauli"]])
    value, stderr = np.full((2, len(arms) * size, len(words)), np.nan)
    value[cell, word], stderr[cell, word] = rows["value"].to_numpy(), rows["stderr"].to_numpy()
    return Expectations(words=tuple(words), value=value, stderr=stderr)
