"""Counts of many qubits: every outcome that was observed, once; moments of one qubit and of neighbours, no other.

Of 2^N outcomes nearly all were never seen, so none is kept that was not. A word of one qubit or of two neighbours is a
mean of +-1 over the shots of a setting, and moments with their joint errors are sums over the rows that there are: the
same as from a table of all outcomes. Readout errors are those of each qubit by itself, P(read | true) of every site.
"""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from analysis.data.count_table import effective_shots, weight_as_measured
from analysis.data.moments import LinearErrors
from analysis.data.resolved import Columns
from devices import RunError
from devices.record import WORST_CONDITION
from protocols import Array, RequestError
from protocols.pauli import determines, measured_words

if typing.TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class SiteReadout:
    """Readout of every qubit by itself, from calibration."""

    wrong: Array
    """(qubits, 2) how often 0 was read as 1, and 1 as 0."""
    shots: Array
    """(qubits, 2) of both preparations."""

    @property
    def scale(self) -> Array:
        """(qubits,) b of E[read sign] = a + b <Z>."""
        return 1 - self.wrong.sum(axis=1)

    @property
    def offset(self) -> Array:
        """(qubits,) a."""
        return self.wrong[:, 1] - self.wrong[:, 0]

    @property
    def rates(self) -> Array:
        """(qubits, 2 prepared, 2 read)."""
        right = 1 - self.wrong
        return np.stack(
            [np.stack([right[:, 0], self.wrong[:, 0]], axis=1), np.stack([self.wrong[:, 1], right[:, 1]], axis=1)],
            axis=1,
        )

    @property
    def noise(self) -> Array:
        """(qubits, 2) standard errors of `wrong`."""
        return np.sqrt(self.wrong * (1 - self.wrong) / self.shots)


@dataclass(frozen=True, kw_only=True, eq=False)
class LocalCounts:
    """What was observed of many qubits, row by row."""

    bases: tuple[str, ...]
    bits: Array
    """(rows, qubits) outcomes as read, 0 or 1; rows are sorted by stratum."""
    count: Array
    """(rows,) int."""
    stratum: Array
    """(rows, 3) cell, member and setting of each."""
    weight: Array
    """(cells, members) exact probability of each member."""
    readout: SiteReadout | None = None
    """None: as perfect, or not corrected."""
    numbers: tuple[int, ...] = ()
    """Of the members in their ensemble; empty: all of them, in their order."""

    @property
    def family(self) -> tuple[str, tuple[str, ...]]:
        """Of all qubits no state is estimated."""
        return "none", ()

    @property
    def registers(self) -> tuple[str, ...]:
        """None: ancillas are read with few qubits."""
        return ()

    @property
    def known(self) -> tuple[str, ...]:
        """Words of one qubit and of neighbours that the settings determine."""
        return self._known

    @cached_property
    def _known(self) -> tuple[str, ...]:
        return measured_words(self.bases)

    @property
    def calibrated(self) -> bool:
        """Whether readout calibration was measured."""
        return self.readout is not None

    @cached_property
    def shots(self) -> Array:
        """(cells, members, settings)."""
        total = np.zeros((*self.weight.shape, len(self.bases)), dtype=np.int64)
        np.add.at(total, tuple(self.stratum.T), self.count)
        return total

    @cached_property
    def member_weight_as_measured(self) -> Array:
        """Weight of each member in each setting, (cells, members, settings)."""
        return weight_as_measured(self.weight, self.shots)

    @cached_property
    def effective(self) -> Array:
        """(cells, settings), see `effective_shots`."""
        return effective_shots(self.weight, self.shots)

    @property
    def seed(self) -> int:
        """A digest of the counts."""
        digest = hashlib.sha256(repr(self.bases).encode())
        for array in (self.bits, self.count, self.stratum, self.weight):
            digest.update(np.ascontiguousarray(array).tobytes())
        return int.from_bytes(digest.digest()[:4], "little")

    @property
    def leading(self) -> tuple[int, ...]:
        """(cells,)."""
        return self.weight.shape[:1]

    @property
    def reading(self) -> LocalCounts:
        """Themselves."""
        return self

    @property
    def resolution(self) -> Array:
        """What one count is of the shots of a setting, (cells,)."""
        mean = self.effective.mean(axis=-1)
        return np.minimum(np.divide(1.0, mean, out=np.ones_like(mean), where=mean > 0), 1.0)

    @property
    def unseen(self) -> Array:
        """A word has two outcomes, (cells,)."""
        return np.minimum(2 * self.resolution, 1.0)

    @cached_property
    def setting_means(self) -> Array:
        """Words over the weighted members in every setting, (cells, settings, words); 0 where a setting reads none."""
        return np.einsum("cms,cmsw->csw", self.member_weight_as_measured, self._sums[0])

    @property
    def setting_covariance(self) -> Array:
        """Their covariance, settings being independent, (cells, settings, words, words)."""
        return self._sums[1]

    def calibration_of(self, pair: tuple[int, int]) -> Array:
        """Expected counts of both qubits' readout by itself, (4 prepared, 4 read); all zero without calibration.

        Args:
            pair: Places of the two.
        """
        if self.readout is None:
            return np.zeros((4, 4), dtype=np.int64)
        one, other = (self.readout.shots[i][:, None] * self.readout.rates[i] for i in pair)
        # each prepared in two ways together with the other: as many shots as half of the fewer
        shots = min(one.sum(axis=1).min(), other.sum(axis=1).min()) / 2
        return shots * np.kron(one / one.sum(axis=1, keepdims=True), other / other.sum(axis=1, keepdims=True))

    def pooled(self) -> LocalCounts | None:
        """All members of all cells that were read in every setting as one ensemble, weighted by their fewest shots."""
        fewest = self.shots.min(axis=-1)
        if not fewest.any():
            return None
        member = self.stratum[:, 0] * self.weight.shape[1] + self.stratum[:, 1]
        kept = fewest.ravel()[member] > 0
        stratum = np.stack([np.zeros_like(member), member, self.stratum[:, 2]], axis=1)
        weight = (fewest / fewest.sum()).reshape(1, -1)
        return replace(
            self, bits=self.bits[kept], count=self.count[kept], stratum=stratum[kept], weight=weight, numbers=()
        )

    @property
    def moments(self) -> Mapping[str, Array]:
        """Expectation values, (cells,) each, readout corrected; NaN in cells that lack them."""
        return self._moments

    @cached_property
    def _moments(self) -> dict[str, Array]:
        values = np.einsum("cws,csw->cw", self._mixture, self.setting_means)
        return {word: values[:, i] for i, word in enumerate(self.known)}

    def linear_errors(self, over: Sequence[str]) -> LinearErrors:
        """First-order errors of moments, made once for every tuple of words.

        Args:
            over: Pauli words.
        """
        words = tuple(over)
        if words not in self._errors:
            self._errors[words] = self._propagated(words)
        return self._errors[words]

    def resolved_frequencies(self, columns: Columns) -> typing.NoReturn:
        """There are none.

        Raises:
            RequestError: Always.
        """
        raise RequestError("Frequencies of members need the outcomes of all qubits, which are kept of six at most.")

    def draw(
        self, seed: int, chunk: range, states: Array | None = None, resolved: Sequence[Columns] = ()
    ) -> typing.NoReturn:
        """Everything that is known of so many qubits is linear in the counts and needs no draws.

        Raises:
            RequestError: Always.
        """
        raise RequestError(
            f"Argument `interval` must be multinomial with {len(self.bases[0])} qubits, whose quantities are linear in "
            "the counts, but draws were asked for. Leave --interval out."
        )

    @cached_property
    def _errors(self) -> dict[tuple[str, ...], LinearErrors]:
        return {}

    @cached_property
    def _reads(self) -> Array:
        """(words, settings) whether a setting determines a word."""
        return np.array([[determines(basis, word) for basis in self.bases] for word in self.known], dtype=bool)

    @cached_property
    def _mixture(self) -> Array:
        """(cells, words, settings): a moment that several settings determine is their mean, by effective shots."""
        shots = self.effective[:, None, :] * self._reads
        total = shots.sum(axis=-1, keepdims=True)
        return np.divide(shots, total, out=np.full_like(shots, np.nan), where=total > 0)

    @cached_property
    def _places(self) -> Array:
        """(words, 2) the qubits that a word reads; both the same of one qubit."""
        found = [[i for i, letter in enumerate(word) if letter != "I"] for word in self.known]
        return np.array([(one[0], one[-1]) for one in found])

    @cached_property
    def _strata(self) -> list[tuple[int, int, int, Array]]:
        """Cell, member and setting of every stratum that has shots, and its rows."""
        if not self.count.any():
            return []
        edges = np.flatnonzero(np.any(np.diff(self.stratum, axis=0) != 0, axis=1)) + 1
        parts = np.split(np.arange(len(self.count)), edges)
        return [(*self.stratum[rows[0]].tolist(), rows) for rows in parts if self.count[rows].any()]

    def strata_of(self, setting: int) -> list[tuple[int, int, Array]]:
        """Cell and member of every stratum of a setting, and its rows.

        Args:
            setting: Index.
        """
        return [(cell, member, rows) for cell, member, own, rows in self._strata if own == setting]

    @cached_property
    def _sums(self) -> tuple[Array, Array]:
        """Means of words, (cells, members, settings, words), and the covariance of their sum over weighted members.

        The latter is (cells, settings, words, words); the sample variance of a stratum divides by N - 1.
        """
        words, cells, settings = len(self.known), len(self.weight), len(self.bases)
        mean, within = np.zeros((*self.shots.shape, words)), np.zeros((cells, settings, words, words))
        scale = self.member_weight_as_measured**2 / np.maximum(self.shots - 1, 1)
        for cell, member, setting, rows in self._strata:
            read = np.flatnonzero(self._reads[:, setting])
            share = self.count[rows] / self.count[rows].sum()
            value = self._values(rows, read)
            mean[cell, member, setting, read] = own = share @ value
            covariance = (value * share[:, None]).T @ value - np.outer(own, own)
            within[cell, setting][np.ix_(read, read)] += scale[cell, member, setting] * covariance
        return mean, within

    def _values(self, rows: Array, words: Array) -> Array:
        """What some words are in some rows, +-1 where the readout is perfect, (rows, words)."""
        first, second = self._places[words].T
        offset, scale = (0.0, 1.0) if self.readout is None else (self.readout.offset, self.readout.scale)
        sign = (1.0 - 2.0 * self.bits[rows] - offset) / scale
        return sign[:, first] * np.where(first == second, 1.0, sign[:, second])

    def _propagated(self, over: tuple[str, ...]) -> LinearErrors:
        chosen = [self.known.index(word) for word in over]
        mixture, within = self._mixture[:, chosen], self._sums[1][..., chosen, :][..., chosen]
        return LinearErrors(
            words=over,
            shot=np.einsum("cws,cvs,cswv->cwv", mixture, mixture, within),
            shared=self._response(chosen),
            gain=np.zeros((*mixture.shape, 1)),
            per_count=(self.member_weight_as_measured / np.maximum(self.shots, 1)).max(axis=1),
            # one count moves a sum of words by 2 sum |coefficient| at most, and so far where they share no qubit
            reach=mixture * self._reach[chosen, None],
        )

    @cached_property
    def _reach(self) -> Array:
        """(words,) the difference that one outcome can make: 2, more where readout is corrected."""
        first, second = self._places.T
        if self.readout is None:
            return np.full(len(first), 2.0)
        most = (1 + np.abs(self.readout.offset)) / self.readout.scale
        return np.where(first == second, 2 / self.readout.scale[first], 2 * most[first] * most[second])

    def _response(self, chosen: Sequence[int]) -> Array:
        """d(moment)/d(readout error) times its standard error, (cells, words, 2 qubits).

        With v = (s - a)/b of every qubit, dv/d P(1|0) = (1 + v)/b and dv/d P(0|1) = (v - 1)/b.
        """
        if self.readout is None:
            return np.zeros((len(self.weight), len(chosen), 1))
        noise, scale, means = self.readout.noise, self.readout.scale, self.setting_means
        found = np.zeros((len(self.weight), len(chosen), len(scale), 2))
        for place, index in enumerate(chosen):
            word = self.known[index]
            for i in dict.fromkeys(self._places[index].tolist()):
                rest = word[:i] + "I" + word[i + 1 :]
                other = means[:, :, self.known.index(rest)] if set(rest) != {"I"} else 1.0
                for way, sign in enumerate((1, -1)):
                    moved = (self._mixture[:, index] * (means[:, :, index] + sign * other)).sum(axis=1)
                    found[:, place, i, way] = moved / scale[i] * noise[i, way]
        return found.reshape(len(self.weight), len(chosen), -1)


def site_readout(rows: pd.DataFrame, qubits: Sequence[str]) -> SiteReadout:
    """Errors of every qubit by itself, over all patterns of the others.

    Args:
        rows: Of the calibration.
        qubits: Names of the columns that hold bits.

    Raises:
        RunError: Where a qubit was not prepared in both states, or its reading hardly depends on its state.
    """
    prepared = np.array([[int(bit) for bit in pattern[: len(qubits)]] for pattern in rows["prepared"]])
    read = rows[list(qubits)].to_numpy(dtype=np.int64)
    count = rows["count"].to_numpy(dtype=float)[:, None]
    shots = np.stack([(count * (prepared == bit)).sum(axis=0) for bit in (0, 1)], axis=1)
    wrong = np.stack([(count * (prepared == bit) * (read != bit)).sum(axis=0) for bit in (0, 1)], axis=1)
    if (shots == 0).any():
        raise RunError("counts.csv has calibration rows, but not of every qubit in both of its states.")
    found = SiteReadout(wrong=wrong / shots, shots=shots)
    if (found.scale < 1 / WORST_CONDITION).any():
        raise RunError(
            "The readout calibration cannot be inverted: read outcomes hardly depend on the prepared ones. Calibrate "
            "with more shots or other qubits; hotward analyse RUN --uncorrected ignores it."
        )
    return found
