"""Linear functions of the measured moments with their joint covariance over all points of the main arm."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from analysis.checks.linear import Linear
from analysis.data import Expectations, LinearErrors
from analysis.statistics import FEWEST_EVENTS
from protocols import Array

if typing.TYPE_CHECKING:
    import pandas as pd

    from analysis.result import Analysis

FEWEST_SHOTS = 100
"""Shots of a setting below which a normal law is a poor picture of its frequencies."""
PSEUDO = 4
TINY = 1e-18
"""Keeps values that were given without an error invertible."""


Rows: TypeAlias = Mapping[str, Mapping[str, float | Array]]
"""Label -> Pauli word or register -> its coefficient, one or one a point."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearMoments:
    """Moments of the main arm with their errors."""

    qubits: tuple[str, ...]
    arm: str
    words: tuple[str, ...]
    """Pauli words and registers that were read."""
    measured: Array
    """(points, words)."""
    errors: LinearErrors
    home: Array
    """Reference of each point, -1: exact."""
    expected_home: Array | None
    """Exact moments at the reference, (points, words); None without a protocol."""
    places: tuple[str, ...]
    """ "time = 7": where each point is."""
    enough: bool

    @property
    def points(self) -> Array:
        """Their indices."""
        return np.arange(len(self.home))

    @property
    def references(self) -> Array:
        """Points that others are compared with."""
        return np.unique(self.home[self.home >= 0])

    def main(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of the main arm."""
        return frame[frame["arm"] == self.arm] if "arm" in frame else frame

    def moments(
        self,
        rows: Rows,
        *,
        at: Array | None = None,
        constant: float | Array = 0.0,
        expected: Mapping[str, Array] | None = None,
    ) -> Linear | None:
        """Linear functions of the moments at some points, minus what is expected of them.

        Args:
            rows: Label -> word or register -> coefficient, one or one a point.
            at: Points; all by default.
            constant: Added to every function; (points, labels) where it differs.
            expected: Label -> expected values at these points; zero by default.
        """
        chosen = self._chosen(rows)
        if chosen is None:
            return None
        matrix, columns = chosen
        at = self.points if at is None else at
        value = _summed(matrix[at], self.measured[at][:, columns])
        value = value + (constant[at] if isinstance(constant, np.ndarray) else constant)
        if expected is not None:
            value = value - np.stack([expected[label] for label in rows], axis=-1)
        block, many = self._block(matrix, columns)
        kept = np.isfinite(value).all(axis=1)
        return Linear(
            labels=tuple(rows),
            value=value[kept],
            block=block[at][kept],
            shared=np.einsum("ckw,cws->cks", matrix[at], self.errors.shared[at][:, columns])[kept],
            places=tuple(self.places[i] for i in at[kept]),
            calibrated=self.enough and bool(many[at][kept].all()),
        )

    def changes(self, row: Rows, before: Rows | None = None) -> Linear | None:
        """One linear function at every point and one at its reference, whose noise points share.

        Args:
            row: Label -> word or register -> coefficient, one or one a point.
            before: The same at the reference of each point; by default the function is subtracted there.
        """
        chosen, exact = self._chosen(row, over=_words(row, before or {})), self.home < 0
        if chosen is None or (exact.any() and self.expected_home is None):
            return None
        matrix, columns = chosen
        earlier = self._chosen(before, over=_words(row, before)) if before else None
        opposite = -matrix if earlier is None else earlier[0]
        known = self.measured[self.home]
        if self.expected_home is not None:
            known = np.where(exact[:, None], self.expected_home, known)
        value = _summed(matrix, self.measured[:, columns]) + _summed(opposite, known[:, columns])
        block, many = self._block(matrix, columns)
        response = self.errors.shared[: len(self.home), columns]
        shared = np.einsum("ckw,cws->cks", matrix, response)
        shared += np.where(exact[:, None, None], 0.0, np.einsum("ckw,cws->cks", opposite, response[self.home]))
        common = self._of_references(opposite, columns)
        kept = (self.home != self.points) & np.isfinite(value).all(axis=1)
        return Linear(
            labels=tuple(row),
            value=value[kept],
            block=block[kept],
            shared=np.concatenate([shared, common], axis=-1)[kept],
            places=tuple(place for place, one in zip(self.places, kept, strict=True) if one),
            calibrated=self.enough and bool(many[kept].all()),
        )

    def _of_references(self, matrix: Array, columns: list[int]) -> Array:
        """Shot noise of the references as sources that their points share, (points, 1, references * sources)."""
        found = []
        for reference in self.references:
            mine = self.home == reference
            own, which = np.unique(matrix[mine], axis=0, return_inverse=True)
            block = self._block(own, columns, np.full(len(own), reference))[0][:, 0, 0]
            sources = np.zeros((len(self.home), 1, max(len(own), len(columns))))
            if len(own) == 1:
                sources[mine, 0, 0] = np.sqrt(block[0])
            else:
                values, vectors = np.linalg.eigh(self.errors.shot[reference][np.ix_(columns, columns)])
                root = vectors * np.sqrt(np.maximum(values, 0) + TINY)
                sources[mine, :, : len(columns)] = (own @ root)[which.ravel()]
            found.append(sources)
        return np.concatenate([np.zeros((len(self.home), 1, 0)), *found], axis=-1)

    def _chosen(self, rows: Rows, over: Sequence[str] = ()) -> tuple[Array, list[int]] | None:
        """Coefficients (points, rows, columns) and the columns they belong to; None if one was not read.

        Only these columns are touched: others may hold nothing at some points.
        """
        over = over or _words(rows)
        if any(word not in self.words for word in over):
            return None
        size = len(self.home)
        table = [[np.broadcast_to(row.get(word, 0.0), size) for word in over] for row in rows.values()]
        return np.moveaxis(np.array(table), 2, 0), [self.words.index(word) for word in over]

    def _block(self, matrix: Array, columns: list[int], at: Array | None = None) -> tuple[Array, Array]:
        """Covariance from shot noise, and where counts enough make it up; where few do, up to four are added.

        A count more or less would otherwise decide how significant they are (Agresti and Coull's plus four).
        """
        errors, at = self.errors, self.points if at is None else at
        block = np.einsum("ckw,cwv,clv->ckl", matrix, errors.shot[at][:, columns][:, :, columns], matrix)
        response = np.ptp(np.einsum("ckw,cwso->ckso", matrix, errors.gain[at][:, columns]), axis=-1)
        if errors.reach is not None:
            response = response + np.einsum("ckw,cws->cks", np.abs(matrix), errors.reach[at][:, columns])
        step = (response * errors.per_count[at][:, None, :]).max(axis=-1)
        # by eigenvectors: E_A + E_B of a pure exchange has no variance at all, though E_A and E_B have
        values, vectors = np.linalg.eigh(np.nan_to_num(block))
        scale = (step**2).max(axis=1, keepdims=True)
        lacking = np.clip(1 - values / np.maximum(FEWEST_EVENTS * scale, TINY), 0, 1)
        values = np.maximum(values, 0) + PSEUDO * lacking * scale + TINY
        return (vectors * values[:, None, :]) @ np.swapaxes(vectors, 1, 2), (lacking == 0).all(axis=1)


def _words(*rows: Rows) -> list[str]:
    """Words and registers that have coefficients, each once."""
    return list(dict.fromkeys(word for one in rows for row in one.values() for word in row))


def _summed(matrix: Array, moments: Array) -> Array:
    """Coefficients times moments, (points, rows); what a point does not have counts only where it is asked for."""
    return np.where(matrix == 0, 0.0, matrix * moments[:, None]).sum(axis=-1)


def moments_of_main_arm(analysis: Analysis) -> LinearMoments:
    """Reads the counts of a run again: moments of its main arm with their joint errors."""
    from protocols.pauli import moments as exact_moments

    start, points = analysis.record.start, analysis.record.points
    data = analysis.data
    words, size = data.known, len(points)
    found = data.moments
    stored = analysis.record.ideal()
    before = stored.get("reference_state")
    exact = None
    if before is not None:
        over = [word for word in words if word not in analysis.record.registers]
        energies = {name: stored[f"reference_register_{name}"][0] for name in analysis.record.registers}
        exact = {**exact_moments(before[0], over), **energies}
    shots = np.array([FEWEST_SHOTS]) if isinstance(data, Expectations) else data.shots.sum(axis=1)[:size]
    return LinearMoments(
        qubits=tuple(start["qubits"]),
        arm=start["arms"][0],
        words=words,
        measured=np.stack([found[word][:size] for word in words], axis=-1),
        errors=data.linear_errors(words),
        home=points.reference,
        expected_home=None if exact is None else np.stack([exact[word] for word in words], axis=-1),
        places=places(points.parameters, start["axis"]),
        enough=bool(shots[shots > 0].min(initial=FEWEST_SHOTS) >= FEWEST_SHOTS),
    )


def places(parameters: Mapping[str, Array], axis: str) -> tuple[str, ...]:
    """Where each point is, as far as that is known.

    Args:
        parameters: Name -> its values, shape (points,).
        axis: The one that is always told.

    Examples:
        >>> places({"time": np.array([0.0, 7.0]), "strength": np.array([1.0, 1.0])}, "time")
        ('time = 0', 'time = 7')
    """
    swept = [name for name, values in parameters.items() if name == axis or len(np.unique(values)) > 1]
    columns: Sequence[Array] = [parameters[name] for name in swept]
    texts = (
        [f"{name} = {value:.5g}" for name, value in zip(swept, values, strict=True) if np.isfinite(value)]
        for values in zip(*columns, strict=True)
    )
    return tuple(", ".join(one) for one in texts)
