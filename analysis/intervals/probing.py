"""How observables answer to the counts, read off by probing them, and the variances that follow.

Those that are linear in the moments have coefficients; those of the members' frequencies have slopes where they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from analysis.data import Counts, LinearErrors, Slope, resolved_variance
from analysis.intervals.cells import Cells
from analysis.intervals.methods import evaluated
from protocols import Array, Observable, Sample
from protocols.pauli import determines
from protocols.program import ResolvedFrequencies

AT_ONCE = 100_000
"""Cells times frequencies that are moved at once: memory stays bounded in long sweeps."""
STEP = 1e-6
"""Of a frequency, by which a quantity is moved to either side: rounding and curvature leave 1e-9 of its slope."""


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


def stratified_variance(observable: Observable, sample: Sample, data: Counts, view: Cells) -> Array:
    """Variance of an observable of the members' frequencies in one setting, to first order, (cells,).

    Args:
        observable: With `resolved=()`; it reads the members of its own cell, of its reference and of other arms.
        sample: The estimates.
        data: What was measured.
        view: The cells and their references.
    """
    setting = next(i for i, basis in enumerate(data.bases) if all(determines(basis, word) for word in observable.reads))
    slopes = []
    for place, cell in _places(observable, sample, view):
        seen = _at(sample, place).resolved[()]
        own = replace(seen, bases=(data.bases[setting],), frequency=seen.frequency[..., [setting], :, :])
        slopes.append(Slope(of=_slope(observable, sample, place, own), cell=cell))
    return resolved_variance(data, data.frequencies, setting, slopes)


def _places(observable: Observable, sample: Sample, view: Cells) -> list[tuple[tuple[str, ...], Array]]:
    """Where an observable reads frequencies: the path to a sample, and which cells' they are."""
    own = np.arange(len(view.home))
    found: list[tuple[tuple[str, ...], Array]] = [((), own)]
    if observable.reference:
        found.append((("reference",), view.home))
    for arm in (name for name in observable.arms or () if name in sample.arms):
        there = view.same_point(arm)
        found.append(((arm,), there))
        if observable.reference:
            found.append(((arm, "reference"), view.home[there]))
    return found


def _slope(observable: Observable, sample: Sample, place: tuple[str, ...], seen: ResolvedFrequencies) -> Array:
    """Derivative with respect to the frequencies of the one setting seen, (cells, members, outcomes).

    Many frequencies are moved at once, along a leading axis; 0 where none is known.
    """
    cells, members, _, outcomes, _ = seen.frequency.shape
    numbers, found = np.arange(members * outcomes), np.zeros((members * outcomes, cells))
    for several in np.array_split(numbers, -(-len(numbers) * cells // AT_ONCE) or 1):
        moved = np.zeros((len(several), 1, members, 1, outcomes, 1))
        moved[np.arange(len(several)), 0, several // outcomes, 0, several % outcomes, 0] = STEP
        ends = [
            evaluated(observable, _with(sample, place, replace(seen, frequency=seen.frequency + sign * moved)))
            for sign in (1, -1)
        ]
        with np.errstate(invalid="ignore"):
            found[several] = (ends[0] - ends[1]) / (2 * STEP)
    slope = np.moveaxis(found.reshape(members, outcomes, cells), 2, 0)
    known = np.isfinite(seen.frequency[:, :, 0, :, 0]) & np.isfinite(slope)
    return np.where(known, slope, 0.0)


def _at(sample: Sample, place: tuple[str, ...]) -> Sample:
    for name in place:
        sample = sample.before if name == "reference" else sample.arms[name]
    return sample


def _with(sample: Sample, place: tuple[str, ...], seen: ResolvedFrequencies) -> Sample:
    """The same with other frequencies at one place."""
    if not place:
        return replace(sample, resolved={**sample.resolved, (): seen}, memory={})
    first, rest = place[0], place[1:]
    if first == "reference":
        return replace(sample, reference=_with(sample.before, rest, seen), memory={})
    return replace(sample, arms={**sample.arms, first: _with(sample.arms[first], rest, seen)}, memory={})
