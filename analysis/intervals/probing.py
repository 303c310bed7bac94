"""How observables answer to the counts, read off by probing them, and the variances that follow.

Those that are linear in the moments have coefficients; those of the members' frequencies have slopes where they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from analysis.data import Columns, Counts, LinearErrors, Slope, resolved_variance
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
        observable: It reads the members of its own cell, of its reference and of other arms, in these with the ancillas
            that it asks for.
        sample: The estimates.
        data: What was measured.
        view: The cells and their references.
    """
    setting = next(i for i, basis in enumerate(data.bases) if all(determines(basis, word) for word in observable.reads))
    slopes = []
    for place, cell in _places(observable, sample, view):
        columns = _columns(observable, place)
        seen = _at(sample, place).resolved[columns]
        own = replace(seen, bases=(data.bases[setting],), frequency=seen.frequency[..., [setting], :, :])
        slopes.append(Slope(of=_slope(observable, sample, place, own), cell=cell, columns=columns))
    return resolved_variance(data, data.frequencies, setting, slopes)


def _columns(observable: Observable, place: tuple[str, ...]) -> Columns:
    """The ancillas that are read beside the system at a place: in other arms those that are asked for."""
    return (observable.resolved or ()) if place and place[0] != "reference" else ()


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
    """Derivative with respect to the frequencies of the one setting seen, (cells, members, patterns, outcomes).

    Many frequencies are moved at once, along a leading axis; 0 where none is known.
    """
    cells, members, _, *bits = seen.frequency.shape
    columns, each = _columns(observable, place), bits[0] * bits[1]
    numbers, found = np.arange(members * each), np.zeros((members * each, cells))
    for several in np.array_split(numbers, -(-len(numbers) * cells // AT_ONCE) or 1):
        moved = np.zeros((len(several), 1, members, 1, each))
        moved[np.arange(len(several)), 0, several // each, 0, several % each] = STEP
        moved = moved.reshape(len(several), 1, members, 1, *bits)
        ends = [
            evaluated(observable, _with(sample, place, columns, replace(seen, frequency=seen.frequency + sign * moved)))
            for sign in (1, -1)
        ]
        with np.errstate(invalid="ignore"):
            found[several] = (ends[0] - ends[1]) / (2 * STEP)
    slope = np.moveaxis(found.reshape(members, *bits, cells), (3, 0, 2, 1), (0, 1, 2, 3))
    known = np.isfinite(np.swapaxes(seen.frequency[:, :, 0], -1, -2)) & np.isfinite(slope)
    return np.where(known, slope, 0.0)


def _at(sample: Sample, place: tuple[str, ...]) -> Sample:
    for name in place:
        sample = sample.before if name == "reference" else sample.arms[name]
    return sample


def _with(sample: Sample, place: tuple[str, ...], columns: Columns, seen: ResolvedFrequencies) -> Sample:
    """The same with other frequencies at one place."""
    if not place:
        return replace(sample, resolved={**sample.resolved, columns: seen}, memory={})
    first, rest = place[0], place[1:]
    if first == "reference":
        return replace(sample, reference=_with(sample.before, rest, columns, seen), memory={})
    return replace(sample, arms={**sample.arms, first: _with(sample.arms[first], rest, columns, seen)}, memory={})
