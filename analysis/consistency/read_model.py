r"""What was read as a linear model: frequencies of every setting with the joint covariance of counts and calibration.

    f = M p + shot noise - dM p,     p = p(state),

with M the measured readout confusion and dM its error, common to all cells. The state of every cell is either given or
left free within a family; then the directions in which it could move are projected out, and what remains cannot be
explained by any state of that family: relaxation, other temperatures or white noise keep an exchange within the
"minimal" one. Both kinds of noise are Gaussian here, with two counts more in every variance (decision 0019).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from analysis.data import PSEUDO_COUNTS, Counts, calibration_root
from analysis.statistics import p_value
from analysis.tomography import outcome_design
from protocols import Array

EXCHANGED = (0, 2, 1, 3)
"""Outcomes, and patterns prepared, with the two qubits exchanged."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadModel:
    """Residuals of some cells with their precision, which is 0 in the directions left free."""

    left: Array
    """(cells, values)."""
    precision: Array
    """(cells, values, values)."""
    shared: Array
    """(cells, values, sources) response to the unit-variance noise sources of the calibration."""
    dof: int

    @cached_property
    def chi_square(self) -> float:
        """Of all cells, least over the error of the calibration."""
        return self.inner(self.left, self.left)

    @property
    def p(self) -> float:
        """Chance of at least this chi-square."""
        return p_value(self.chi_square, self.dof)

    def inner(self, a: Array, b: Array) -> float:
        """a^T C^-1 b with C the joint covariance (Woodbury).

        Args:
            a: Shape (cells, values).
            b: Shape (cells, values).
        """
        plain = float(np.einsum("ci,cij,cj->", a, self.precision, b, optimize=True))
        pulls = [np.einsum("ci,cik->k", one, self._weighted) for one in (a, b)]
        return plain - float(pulls[0] @ np.linalg.solve(self._sources, pulls[1]))

    @cached_property
    def _weighted(self) -> Array:
        return self.precision @ self.shared

    @cached_property
    def _sources(self) -> Array:
        return np.eye(self.shared.shape[-1]) + np.einsum("cik,cil->kl", self.shared, self._weighted)


def read_model(counts: Counts, cells: Array, *, family: str = "", expected: Array | None = None) -> ReadModel:
    """What was read in some cells, against states that are given or of a family.

    Args:
        counts: What was observed; its own calibration is taken for the readout.
        cells: Indices; every member was read in every setting there.
        family: "full" or "minimal", of which every state is left free; or
        expected: Probabilities of the true outcomes, shape (cells, settings, outcomes).
    """
    frequencies = counts.frequencies
    read, confusion = frequencies.read[cells], frequencies.confusion
    size = read.shape[1] * (read.shape[2] - 1)
    precision = _of_settings(_inverse_covariance(counts, cells))
    design = outcome_design(counts.bases, family or "full")
    free = 0
    if expected is None:
        expected = np.broadcast_to(design[:, :, 0] / np.sqrt(read.shape[-1]), read.shape)
        along = np.einsum("ro,sok->srk", confusion, design[:, :, 1:])[:, :-1].reshape(size, -1)
        normal = np.swapaxes(along, 0, 1) @ precision @ along
        pulled = precision @ along
        precision = precision - pulled @ np.linalg.pinv(normal, rcond=1e-12, hermitian=True) @ np.swapaxes(pulled, 1, 2)
        free = int(np.linalg.matrix_rank(along))
    shared = np.zeros((len(cells), size, 1))
    if counts.calibrated:
        root, true = calibration_root(counts.calibration), frequencies.corrected()[cells]
        shared = -np.einsum("csm,mok->csomk", true, root)[:, :, :-1].reshape(len(cells), size, -1)
    return ReadModel(
        left=_flat(read - expected @ confusion.T), precision=precision, shared=shared, dof=len(cells) * (size - free)
    )


@dataclass(frozen=True, kw_only=True)
class Along:
    """The size of one more effect, fitted to the residuals."""

    size: float
    stderr: float

    @property
    def sigma(self) -> float:
        """In standard errors; chi-square falls by its square."""
        return self.size / self.stderr


def larger_readout_errors(model: ReadModel, counts: Counts, cells: Array) -> Along:
    """By how much readout errors are larger than the calibrated ones, as a fraction of them.

    M - 1 is linear in the rates of error to first order, so that errors (1 + k)-fold add k (M - 1) p to what is read.

    Args:
        model: Of the same counts and cells.
        counts: With a calibration.
        cells: Indices.
    """
    frequencies = counts.frequencies
    errors = frequencies.confusion - np.eye(len(frequencies.confusion))
    return _along(model, frequencies.corrected()[cells] @ errors.T)


def white_noise(model: ReadModel, counts: Counts, cells: Array) -> Along:
    """By which fraction states are mixed with the maximally mixed one.

    Args:
        model: Of the same counts and cells, with states that are given.
        counts: What was observed.
        cells: Indices.
    """
    true = counts.frequencies.corrected()[cells]
    return _along(model, (1 / true.shape[-1] - true) @ counts.frequencies.confusion.T)


def with_qubits_exchanged(counts: Counts) -> Counts:
    """The same with the calibrations of two qubits exchanged.

    Args:
        counts: With a calibration of (00, 01, 10, 11).
    """
    return replace(counts, averaged=None, calibration=counts.calibration[np.ix_(EXCHANGED, EXCHANGED)])


def _along(model: ReadModel, direction: Array) -> Along:
    flat = _flat(direction)
    information = max(model.inner(flat, flat), 1e-300)
    return Along(size=model.inner(flat, model.left) / information, stderr=information**-0.5)


def _flat(values: Array) -> Array:
    """All outcomes of all settings but the last of each, which the others determine."""
    return values[:, :, :-1].reshape(len(values), -1)


def _inverse_covariance(counts: Counts, cells: Array) -> Array:
    """Of the frequencies of each setting, without the last outcome, (cells, settings, outcomes - 1, outcomes - 1)."""
    observed, shots = counts.observed[cells].astype(float), counts.shots[cells]
    share = observed / np.maximum(shots, 1)[..., None]
    scale = counts.member_weight_as_measured[cells] ** 2 / np.maximum(shots - 1, 1)
    covariance = -np.einsum("cms,cmso,cmsp->csop", scale, share, share, optimize=True)
    kept = np.arange(share.shape[-1])
    covariance[..., kept, kept] += np.einsum("cms,cmso->cso", scale, share)
    step = (counts.member_weight_as_measured[cells] / np.maximum(shots, 1)).max(axis=1)
    covariance += PSEUDO_COUNTS * step[..., None, None] ** 2 * np.eye(len(kept))
    return np.linalg.inv(covariance[..., :-1, :-1])


def _of_settings(blocks: Array) -> Array:
    """Settings are independent: (cells, settings, o, o) as (cells, settings * o, settings * o)."""
    cells, settings, each, _ = blocks.shape
    found = np.einsum("csop,st->csotp", blocks, np.eye(settings))
    return found.reshape(cells, settings * each, settings * each)
