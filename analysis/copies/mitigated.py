"""The mean over copies with the errors of gates removed in each: what averaging alone leaves common to all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from analysis.copies.apart import Apart, methods_of_each
from analysis.copies.copies import Copies, Pooled
from analysis.copies.linear import smoothed
from analysis.copies.pooling import POOLED, of_linear
from analysis.data import Counts, DataSet
from analysis.estimate_arrays import Estimates, Name
from analysis.intervals import NORMAL_95, Cells, Methods
from analysis.mitigation import (
    SYSTEMATIC,
    Mitigated,
    MitigatedRow,
    Mitigation,
    fitted_gain,
    mitigated,
    mitigated_moments,
)
from analysis.statistics import PooledMean, random_effects
from analysis.sweeps import SweepFit
from devices import RunRecord
from protocols import Array, Observable, RequestError


def mitigated_each(
    apart: Apart, cells: Cells, way: Mitigation, methods: Methods | None
) -> tuple[tuple[int, ...], tuple[Mitigated, ...]]:
    """Every copy with the errors of its own gates removed.

    Args:
        apart: Every copy by itself.
        cells: The cells and their references.
        way: "symmetry", "survival" or "both".
        methods: Estimators and draws of functions of the state; None: they are left out.

    Returns:
        Which copies allow it (the survival of some may be nothing that depolarisation explains), and what they give.

    Raises:
        RequestError: Where fewer than two do, with the reason of the first.
    """
    refusals: list[RequestError] = []
    kept: list[int] = []
    found: list[Mitigated] = []
    for index, (record, data, own) in enumerate(zip(apart.records, apart.data, apart.found, strict=True)):
        try:
            found.append(mitigated(record, data, cells, own.estimates, way, methods))
            kept.append(index)
        except RequestError as refusal:
            refusals.append(refusal)
    if len(found) < 2:
        raise refusals[0]
    return tuple(kept), tuple(found)


@dataclass(frozen=True, kw_only=True, eq=False)
class MitigatedMean:
    """A run with the errors of gates removed; of several copies their mean."""

    mean: Mitigated
    """Of copies: survival and kept fractions are those of all counts together."""
    by_copy: Mapping[int, Mitigated] = field(default_factory=dict)
    """Index of a copy that allows it -> what it gives."""
    pooled: Mapping[Name, Pooled] = field(default_factory=dict)
    """What the mean rests on."""


def mean_of_mitigated(
    record: RunRecord,
    data: DataSet,
    copies: Copies,
    cells: Cells,
    raw: Estimates,
    way: Mitigation,
    methods: Methods | None,
) -> MitigatedMean:
    """The mean over copies with the errors of gates removed in each of them.

    Args:
        record: The run.
        data: The sum of all counts.
        copies: Every copy by itself.
        cells: The cells and their references.
        raw: The mean of the raw estimates.
        way: "symmetry", "survival" or "both".
        methods: Estimators and draws of functions of the state; None: they are left out.

    Raises:
        RequestError: Where fewer than two copies allow it.
    """
    apart, own = copies.apart, None
    if methods is not None:
        observables = [one.observable for one in raw.quantities.values()]
        own = methods_of_each(methods, observables, copies.number * len(cells.home))
    chosen, each = mitigated_each(apart, cells, way, own)
    sums = replace(data, averaged=None) if isinstance(data, Counts) else data
    whole = mitigated(record, sums, cells, raw, way)
    resolution = np.stack([apart.data[index].reading.resolution for index in chosen])
    rows: dict[Name, MitigatedRow] = {}
    pooled: dict[Name, Pooled] = {}
    for name in each[0].rows:
        of = [one.rows[name] for one in each if name in one.rows]
        if len(of) < len(each) or name not in raw.quantities:
            continue
        made = _linear(of, raw, name, cells, resolution, data) if of[0].unmapped else _of_states(of, resolution)
        pooled[name] = made
        rows[name] = _row(of[0], made)
    mean = replace(whole, rows=rows)
    return MitigatedMean(mean=mean, by_copy=dict(zip(chosen, each, strict=True)), pooled=pooled)


def with_mitigated(copies: Copies, found: MitigatedMean) -> Copies:
    """The copies with what is mitigated beside what is raw.

    Args:
        copies: Every copy by itself.
        found: Their mean, and each.
    """
    numbers = tuple(copies.numbers[index] for index in found.by_copy)
    mitigated = tuple(found.by_copy.values())
    return replace(copies, mitigated=mitigated, mitigated_numbers=numbers, pooled_mitigated=found.pooled)


def _linear(
    of: Sequence[MitigatedRow], raw: Estimates, name: Name, cells: Cells, resolution: Array, data: DataSet
) -> Pooled:
    plain = [row.unmapped for row in of if row.unmapped is not None]
    value, variance = np.stack([one.value for one in plain]), np.stack([one.variance for one in plain])
    mean = random_effects(value, smoothed(variance, resolution))
    shape = raw.quantities[name].value.shape
    systematic = SYSTEMATIC * np.abs(np.mean([one.correction for one in plain], axis=0))
    o = of[0].estimated.observable
    made = of_linear(o, mean, data.reading.resolution, cells, shape, systematic)
    alone = of_linear(o, replace(mean, stderr=systematic), data.reading.resolution, cells, shape)
    return replace(made, systematic=alone.stderr)


def _of_states(of: Sequence[MitigatedRow], resolution: Array) -> Pooled:
    """Functions of the state: the mean of what every copy gives, with the systematic error that they share."""
    o, shape = of[0].estimated.observable, of[0].estimated.value.shape
    value, stderr = (np.stack([getattr(row.estimated, what) for row in of]) for what in ("value", "stderr"))
    mean = random_effects(value, smoothed(stderr**2, resolution.reshape(len(of), *shape)))
    systematic = np.mean([row.systematic for row in of], axis=0)
    return _with_systematic(o, mean, systematic)


def _with_systematic(o: Observable, mean: PooledMean, systematic: Array) -> Pooled:
    reach = np.hypot(mean.high - mean.value, NORMAL_95 * systematic)
    return Pooled(
        observable=o,
        how="estimates",
        value=np.clip(mean.value, *o.bounds),
        stderr=mean.stderr,
        low=np.clip(mean.value - reach, *o.bounds),
        high=np.clip(mean.value + reach, *o.bounds),
        degrees=mean.degrees,
        tau=mean.tau,
        Q=mean.Q,
        p=mean.p,
        lowest=mean.lowest,
        highest=mean.highest,
        systematic=systematic,
    )


def _row(one: MitigatedRow, mean: Pooled) -> MitigatedRow:
    assert mean.systematic is not None
    estimated = replace(
        one.estimated,
        value=mean.value,
        stderr=mean.stderr,
        low=mean.low,
        high=mean.high,
        bias_corrected=mean.value,
        interval=POOLED,
    )
    return MitigatedRow(estimated=estimated, systematic=mean.systematic)


def fitted_mean(
    fitted: SweepFit,
    apart: Apart,
    each: Mapping[int, Mitigated],
    cells: Cells,
    energy: Observable,
    at: float,
) -> tuple[float, float]:
    """What one side gained until some place of the axis: the pooled fit through the mitigated energies of every copy.

    Args:
        fitted: Of the mean of the raw energies of that side.
        apart: Every copy by itself.
        each: Which copies were mitigated, with what they gave.
        cells: The cells and their references.
        energy: The energy of that side.
        at: Where on the axis.

    Returns:
        The mean over these copies and its standard error, in Student's t.
    """
    found = []
    for index, one in each.items():
        data = apart.data[index]
        assert isinstance(data, Counts)  # copies are told apart by their counts
        moments = mitigated_moments(data, one.members, "both", one.survival, energy.reads)
        found.append(fitted_gain(fitted, moments, cells, energy, at))
    value, stderr = np.array(found).T
    pooled = random_effects(value, np.full(len(value), np.mean(stderr**2)))
    return float(pooled.value), float(pooled.stderr)
