"""Observables that are linear in the counts: coefficients, read off by probing them, and variances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from analysis.data import LinearErrors
from analysis.intervals.cells import Cells
from protocols import Array, Observable, Sample


def coefficients(observable: Observable, words: Sequence[str], view: Cells) -> tuple[Array, Array, Array]:
    """An affine observable as offset + here . moments + before . moments of the reference, read off by probing it.

    Args:
        observable: Affine in the moments; its unit is that of the coefficients.
        words: Pauli words and registers, in the order of the coefficients: at least those that the observable reads.
        view: The cells, whose parameters the coefficients depend on.

    Returns:
        Offset (cells,), and the coefficients of the cell's own and of its reference's moments, (cells, words).
    """
    cells = len(view.home)
    zero = dict.fromkeys(observable.reads, np.zeros(cells))

    def probe(here: Mapping[str, Array], before: Mapping[str, Array]) -> Array:
        reference = Sample(parameters=view.parameters, moments=before)
        return observable.of(Sample(parameters=view.parameters, moments=here, reference=reference))

    offset = probe(zero, zero)
    here, before = np.zeros((2, cells, len(words)))
    for word in observable.reads:
        column = words.index(word)
        unit = {**zero, word: np.ones(cells)}
        here[:, column] = probe(unit, zero) - offset
        if observable.reference:
            before[:, column] = probe(zero, unit) - offset
    return offset, here, before


def linear_variance(observable: Observable, errors: LinearErrors, view: Cells) -> Array:
    """Variance of an affine observable, that of its reference included, (cells,).

    Args:
        observable: Affine in the moments.
        errors: Of the moments that it reads.
        view: The cells and their references.
    """
    _, here, before = coefficients(observable, errors.words, view)
    return errors.variance(here, before, view.home)
