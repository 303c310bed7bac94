"""Expectation values with standard errors, as spectroscopists have them: the other kind of data beside counts.

Errors are taken as Gaussian and independent, which is all that a value and an error say.
"""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.data.counts import matchable
from analysis.data.draws import DRAWS_PER_CHUNK, draw
from analysis.data.frequencies import frequencies
from analysis.data.moments import LinearErrors, linear_errors, moments
from protocols import Array
from protocols.pauli.families import CONSERVED, assumption_of_words, with_twins
from protocols.pauli.words import moments as state_moments

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

    calibrated: typing.ClassVar[bool] = False

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
    def seed(self) -> int:
        """Of the draws: a digest of the data."""
        digest = hashlib.sha256(repr(self.words).encode())
        for array in (self.value, self.stderr):
            digest.update(np.ascontiguousarray(array).tobytes())
        return int.from_bytes(digest.digest()[:4], "little")


def tabulate_expectations(
    rows: pd.DataFrame, *, words: Sequence[str], arms: Sequence[str], parameters: Mapping[str, Array]
) -> Expectations:
    """Arrays from the rows of expectations.csv, cells arm-major."""
    swept = [name for name in parameters if name in rows.columns]
    points = {key: i for i, key in enumerate(zip(*(matchable(parameters[name]) for name in swept), strict=True))}
    size = len(next(iter(parameters.values()))) if parameters else 1
    point = [points[key] for key in zip(*(matchable(rows[n]) for n in swept), strict=True)] if swept else 0
    cell = np.array([list(arms).index(arm) for arm in rows["arm"]]) * size + np.asarray(point)
    word = np.array([list(words).index(name) for name in rows["pauli"]])
    value, stderr = np.full((2, len(arms) * size, len(words)), np.nan)
    value[cell, word], stderr[cell, word] = rows["value"].to_numpy(), rows["stderr"].to_numpy()
    return Expectations(words=tuple(words), value=value, stderr=stderr)


@frequencies.register
def _(data: Expectations) -> Expectations:
    return data


@draw.register
def _(data: Expectations, seed: int, chunk: range, states: Array | None = None) -> Expectations:
    centre = data.value
    if states is not None:
        expected = np.stack(list(state_moments(states, data.words).values()), axis=-1)
        centre = np.where(np.isfinite(expected), expected, data.value)
    generator = np.random.default_rng([seed, chunk.start])
    noise = generator.normal(size=(DRAWS_PER_CHUNK, *data.value.shape))[: len(chunk)]
    return Expectations(words=data.words, value=centre + noise * data.stderr, stderr=data.stderr)


@moments.register
def _(data: Expectations) -> dict[str, Array]:
    values = {word: data.value[..., i] for i, word in enumerate(data.words)}
    return with_twins(values, data.family[0])


@linear_errors.register
def _(data: Expectations, over: Sequence[str]) -> LinearErrors:
    """Variances as given; a word that the family implies moves with its twin."""
    cells = len(data.value)
    source = np.zeros((len(over), len(data.words)))
    for i, word in enumerate(over):
        name, sign = (word, 1.0) if word in data.words else CONSERVED[word]
        source[i, data.words.index(name)] = sign
    return LinearErrors(
        words=tuple(over),
        shot=np.einsum("wk,ck,vk->cwv", source, data.stderr**2, source),
        shared=np.zeros((cells, len(over), 1)),
        gain=np.zeros((cells, len(over), 1, 1)),
        per_count=np.zeros((cells, 1)),
    )
