"""The counts of all copies summed, each corrected for its own readout: one estimate, whose error the copies show.

A function of the state that is not linear has a bias that goes with one over the shots: that of the mean of K copies
does not fall with K, while that of the sum does. What the sum estimates is the quantity of the mean state of the
copies. Its scatter, differences between copies included, is that of the delete-one jackknife (Efron and Stein, Ann.
Stat. 9, 586 (1981)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.data import Counts, DataSet, Frequencies, LocalCounts
from analysis.estimate_arrays import Name
from analysis.intervals import Cells, Methods, evaluated, resolved_columns, samples
from analysis.marginals import as_determined, cells_of, counts_of
from analysis.tomography import ESTIMATORS
from protocols import Array, Observable
from protocols.program import ResolvedFrequencies


def with_own_readout(data: DataSet, each: Sequence[DataSet]) -> DataSet:
    """The sum of the counts with every copy's own readout taken out of it.

    Args:
        data: The sum.
        each: The counts of every copy.
    """
    counts = [one for one in each if isinstance(one, Counts)]
    if not isinstance(data, Counts) or not data.calibrated:
        return data
    weights, corrected = _corrected(counts)
    total = weights.sum(axis=0)
    averaged = (weights * corrected).sum(axis=0) / np.where(total > 0, total, 1.0)
    return replace(data, averaged=averaged)


def _corrected(each: Sequence[Counts]) -> tuple[Array, Array]:
    """Weights (copies, cells, settings, 1) and corrected frequencies (copies, cells, settings, outcomes)."""
    weights = np.stack([one.frequencies.shots for one in each])[..., None]
    return weights, np.stack([np.nan_to_num(one.frequencies.corrected()) for one in each])


def without_each(
    observables: Sequence[Observable], data: DataSet, each: Sequence[DataSet], cells: Cells, methods: Methods
) -> dict[Name, Array]:
    """Every quantity of the sum with one copy left out, before bounds, (copies, cells).

    Args:
        observables: What is estimated.
        data: The sum.
        each: The counts of every copy.
        cells: The cells and their references.
        methods: Estimators.
    """
    found: dict[Name, Array] = {}
    for pair in dict.fromkeys(o.pair for o in observables):
        own = [o for o in observables if o.pair == pair]
        if pair is None:
            counts = [one for one in each if isinstance(one, Counts)]
            if isinstance(data, Counts) and own:
                found |= _left_out(own, data, counts, cells, methods)
            continue
        assert isinstance(data, Counts | LocalCounts)
        order = as_determined(data.bases, pair)
        counts = [counts_of(one, order) for one in each if isinstance(one, Counts | LocalCounts)]
        found |= _left_out(own, counts_of(data, order), counts, cells_of(cells, order), methods)
    return found


def _left_out(
    observables: Sequence[Observable], data: Counts, each: Sequence[Counts], cells: Cells, methods: Methods
) -> dict[Name, Array]:
    reading = _reading(data, each)
    names = {methods.estimator_of(o) for o in observables}
    states = {name: ESTIMATORS[name](reading) if name else None for name in names}
    resolved = {columns: _resolved(columns, each) for columns in resolved_columns(observables)}
    drawn = samples(reading, cells, states, resolved=resolved)
    return {o.key: _mapped(o, evaluated(o, drawn[methods.estimator_of(o)]), cells) for o in observables}


def _reading(data: Counts, each: Sequence[Counts]) -> Frequencies:
    """The frequencies of the sum without each copy, along a leading axis."""
    weights, corrected = _corrected(each)
    rest = weights.sum(axis=0) - weights
    left = ((weights * corrected).sum(axis=0) - weights * corrected) / np.where(rest > 0, rest, 1.0)
    whole, number = data.frequencies, len(each)
    energies = {name: _without([one.frequencies.energies[name] for one in each]) for name in whole.energies}
    return replace(
        whole,
        read=left @ whole.confusion.T,
        confusion=np.broadcast_to(whole.confusion, (number, *whole.confusion.shape)),
        shots=whole.shots * (1 - 1 / number),
        strata=np.stack([data.observed - one.observed for one in each]),
        energies=energies,
    )


def _resolved(columns: tuple[str, ...], each: Sequence[Counts]) -> ResolvedFrequencies:
    every = [one.resolved_frequencies(columns) for one in each]
    return replace(every[0], frequency=_without([one.frequency for one in every]))


def _without(each: Sequence[Array]) -> Array:
    """The mean with one left out, (copies, ...)."""
    every = np.stack(each)
    return (every.sum(axis=0) - every) / (len(every) - 1)


def _mapped(observable: Observable, value: Array, cells: Cells) -> Array:
    if observable.through is not None:
        value = observable.through(np.clip(value, *observable.domain))
    return value * observable.multiplier(cells.parameters)


def jackknife(left_out: Array) -> Array:
    """Standard error of a quantity from its values with one copy left out, (...).

    Args:
        left_out: (copies, ...).

    Examples:
        Of a mean it is that of the mean:

        >>> y = np.array([1.0, 2.0, 4.0])
        >>> round(float(jackknife((y.sum() - y) / 2)), 6), round(float(y.std(ddof=1) / np.sqrt(3)), 6)
        (0.881917, 0.881917)
    """
    number = len(left_out)
    return np.sqrt((number - 1) / number * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
