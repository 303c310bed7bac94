"""Everything linear in the counts of every copy, before maps and bounds, which would bias a mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.data import Counts, Data, DataSet, LocalCounts
from analysis.estimate_arrays import Name
from analysis.intervals import LINEAR, NORMAL_95, Cells, Estimate, Methods, coefficients, evaluated, multiplied
from analysis.intervals import propagated as as_propagated
from analysis.marginals import as_determined, cells_of, counts_of
from analysis.statistics import PooledMean, random_effects, student_quantile
from protocols import Array, Observable


@dataclass(frozen=True, kw_only=True, eq=False)
class OneCopy:
    """A linear quantity of one copy, (cells,) each, in its unit before any map."""

    value: Array
    variance: Array


def linear_of(
    observables: Sequence[Observable], data: DataSet, cells: Cells, methods: Methods
) -> Mapping[Name, OneCopy]:
    """Values and variances of all linear quantities of one copy.

    Args:
        observables: Those of the table; what is not linear is left out.
        data: Counts of that copy.
        cells: The cells and their references.
        methods: Which intervals are propagated.
    """
    chosen = [o for o in observables if methods.interval_of(o) == LINEAR and not o.theory]
    found: dict[Name, OneCopy] = {}
    for pair in dict.fromkeys(o.pair for o in chosen):
        own, of, view = [o for o in chosen if o.pair == pair], data, cells
        if pair:
            assert isinstance(data, Counts | LocalCounts)
            order = as_determined(data.bases, pair)
            of, view = counts_of(data, order), cells_of(cells, order)
        found |= _of(own, of, view)
    return found


def _of(observables: Sequence[Observable], data: Data, view: Cells) -> dict[Name, OneCopy]:
    errors = data.linear_errors(sorted({word for o in observables for word in o.reads}))
    sample = view.sample(data.moments, None, {}, data.reading.resolution)
    found = {}
    for o in observables:
        _, here, before = coefficients(o, errors.words, view)
        value, variance = evaluated(o, sample), errors.variance(here, before, view.home)
        found[o.key] = OneCopy(value=value, variance=np.where(np.isfinite(value), variance, np.nan))
    return found


def smoothed(variance: Array, resolution: Array) -> Array:
    """Variances of all copies from their mean in proportion to one over their shots, (copies, cells).

    A proportion p and its estimated variance p(1-p)/N go up and down together, so that weights of one over the latter
    prefer copies that happen to lie towards 0 or 1: the mean would be off by (1 - 2p)/N however many copies there
    are, a third of its error for 44 copies of 400 shots. Copies of one experiment have nearly one variance a shot.

    Args:
        variance: Of each copy, (copies, cells); NaN where it has no value.
        resolution: What one count is of its shots, (copies, cells).
    """
    per_shot = variance / resolution
    there = np.isfinite(per_shot)
    mean = np.where(there, per_shot, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    return np.where(there, resolution * mean, np.nan)


def pooled_linear(name: Name, each: Sequence[Mapping[Name, OneCopy]], resolution: Array) -> PooledMean:
    """The mean over copies of one quantity, before its map.

    Args:
        name: Which.
        each: All linear quantities of every copy.
        resolution: What one count is of the shots, (copies, cells).
    """
    value, variance = (np.stack([getattr(one[name], what) for one in each]) for what in ("value", "variance"))
    return random_effects(value, smoothed(variance, resolution))


def mapped(
    observable: Observable,
    mean: PooledMean,
    resolution: Array,
    parameters: Mapping[str, Array],
    systematic: Array | float = 0.0,
) -> Estimate:
    """The mean as an estimate of the quantity: through its map, within what is possible, in Student's t.

    Args:
        observable: Which quantity.
        mean: Before its map.
        resolution: What one count is of the shots of all copies, (cells,).
        parameters: Every physical field, (cells,).
        systematic: Error that copies share, which widens the interval in quadrature, (cells,).
    """
    plain = multiplied(as_propagated(observable, mean.value, mean.stderr, resolution), parameters)
    wide = np.where(mean.stderr > 0, mean.stderr * student_quantile(mean.degrees) / NORMAL_95, mean.stderr)
    ends = multiplied(as_propagated(observable, mean.value, np.hypot(wide, systematic), resolution), parameters)
    return replace(plain, low=ends.low, high=ends.high)
