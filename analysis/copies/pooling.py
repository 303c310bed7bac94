"""The mean of all copies, quantity by quantity, and whether their estimates are pooled or their counts summed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from analysis.copies.apart import Apart
from analysis.copies.copies import How, Pooled
from analysis.copies.linear import OneCopy, linear_of, mapped, pooled_linear, smoothed
from analysis.copies.summed import jackknife, without_each
from analysis.data import DataSet
from analysis.estimate_arrays import Estimated, Estimates, Name
from analysis.intervals import NORMAL_95, Cells, Methods
from analysis.statistics import PooledMean, random_effects, student_quantile
from protocols import Array, Observable

BIAS = 0.25
"""Bias of one copy, in standard errors of the mean over all of them, up to which their estimates are pooled: an
interval of 95 % then covers 94.3 % at least. Root mean square over the points and arms of a quantity."""
RATIOS = ("fieller",)
"""Intervals of ratios: where the denominator of one copy may be zero, a mean of ratios has no error to weigh with."""
POOLED = "random-effects"
"""How the interval of a mean is made, a key of `SOURCES`."""


def pooled_estimates(
    summed: Estimates, data: DataSet, apart: Apart, cells: Cells, methods: Methods
) -> tuple[Estimates, dict[Name, Pooled]]:
    """The mean over copies of everything that was measured.

    Args:
        summed: What was found of the sum of all counts.
        data: That sum.
        apart: Every copy by itself.
        cells: The cells and their references.
        methods: Estimators and intervals.

    Returns:
        The estimates that table, figures and verdict are made of, and what they rest on.
    """
    measured = [one for one in summed.quantities.values() if not one.observable.theory]
    observables = [one.observable for one in measured]
    each = [linear_of(observables, one, cells, methods) for one in apart.data]
    resolution = np.stack([one.reading.resolution for one in apart.data])
    pooled: dict[Name, Pooled] = {}
    for o in observables:
        if o.key in each[0]:
            pooled[o.key] = _linear(o, each, resolution, data, cells, summed)
    others = [o for o in observables if o.key not in pooled]
    means = {o.key: _mean_of_estimates(o.key, apart, resolution) for o in others}
    biased = [o for o in others if methods.interval_of(o) in RATIOS or bias_of_mean(o, apart, means[o.key]) > BIAS]
    left_out = without_each(biased, data, [*apart.data], cells, methods)
    for o in others:
        if o.key in left_out:
            pooled[o.key] = _of_sum(o, summed.quantities[o.key], means[o.key], left_out[o.key])
        else:
            pooled[o.key] = _of_estimates(o, means[o.key])
    quantities = {
        name: _estimated(one, pooled[name], apart) if name in pooled else one for name, one in summed.quantities.items()
    }
    return replace(summed, quantities=quantities, degrees=float(len(apart.data) - 1)), pooled


def _linear(
    o: Observable,
    each: list[Mapping[Name, OneCopy]],
    resolution: Array,
    data: DataSet,
    cells: Cells,
    summed: Estimates,
) -> Pooled:
    mean = pooled_linear(o.key, each, resolution)
    return of_linear(o, mean, data.reading.resolution, cells, summed.quantities[o.key].value.shape)


def of_linear(
    o: Observable,
    mean: PooledMean,
    resolution: Array,
    cells: Cells,
    shape: tuple[int, ...],
    systematic: Array | None = None,
) -> Pooled:
    """The mean of a quantity that is linear in the counts.

    Args:
        o: The quantity.
        mean: Before its map, (cells,).
        resolution: What one count is of the shots of all copies, (cells,).
        cells: The cells.
        shape: Arms and points.
        systematic: Error that copies share, before the map, (cells,); None: there is none.
    """
    found = mapped(o, mean, resolution, cells.parameters, 0.0 if systematic is None else systematic)
    ends = [mapped(o, replace(mean, value=end), resolution, cells.parameters).value for end in _left_out(mean)]
    tau = mean.tau if o.through is None else np.full_like(mean.tau, np.nan)
    return _shaped(
        o,
        "estimates",
        shape,
        {"value": found.value, "stderr": found.stderr, "low": found.low, "high": found.high}
        | {"tau": tau, "lowest": np.fmin(*ends), "highest": np.fmax(*ends)},
        mean,
    )


def _left_out(mean: PooledMean) -> tuple[Array, Array]:
    return mean.lowest, mean.highest


def _mean_of_estimates(name: Name, apart: Apart, resolution: Array) -> PooledMean:
    """The random-effects mean of what was estimated of each copy, (arms, points)."""
    rows = [one.estimates.quantities[name] for one in apart.found]
    value, stderr = np.stack([one.value for one in rows]), np.stack([one.stderr for one in rows])
    shots = resolution.reshape(len(rows), *value.shape[1:])
    return random_effects(value, smoothed(stderr**2, shots))


def bias_of_mean(o: Observable, apart: Apart, mean: PooledMean) -> float:
    """Bias of the estimates of single copies, in standard errors of their mean; root mean square over the cells.

    The bias is that of draws about each estimate, averaged over the copies. Where a copy lies at a bound of the
    quantity the mean of clipped values is biased by more than draws say: infinite.

    Args:
        o: A quantity that is not linear in the counts.
        apart: Every copy by itself.
        mean: Of their estimates.
    """
    rows = [one.estimates.quantities[o.key] for one in apart.found]
    value = np.stack([one.value for one in rows])
    bias = np.stack([one.value - one.bias_corrected for one in rows])
    known = np.isfinite(mean.stderr) & (mean.stderr > 0) & np.isfinite(bias).all(axis=0)
    if not known.any():
        return 0.0
    if ((value <= o.bounds[0]) | (value >= o.bounds[1]))[:, known].any():
        return np.inf
    share = bias.mean(axis=0)[known] / mean.stderr[known]
    return float(np.sqrt(np.mean(share**2)))


def _of_estimates(o: Observable, mean: PooledMean) -> Pooled:
    clipped = {what: np.clip(getattr(mean, what), *o.bounds) for what in ("value", "low", "high", "lowest", "highest")}
    exact = mean.stderr == 0
    clipped |= {what: np.where(exact, clipped["value"], clipped[what]) for what in ("low", "high")}
    return _shaped(o, "estimates", mean.value.shape, {**clipped, "stderr": mean.stderr, "tau": mean.tau}, mean)


def _of_sum(o: Observable, one: Estimated, mean: PooledMean, left_out: Array) -> Pooled:
    """The estimate of the sum; its error and interval as much wider as the copies scatter more than their shots do."""
    shape = one.value.shape
    left_out = left_out.reshape(len(left_out), *shape)
    scatter = np.nan_to_num(jackknife(left_out))
    with np.errstate(divide="ignore", invalid="ignore"):
        wider = np.where(one.stderr > 0, np.maximum(1.0, scatter / one.stderr), 1.0)
        wider = wider * student_quantile(mean.degrees) / NORMAL_95
        below, above = one.low - one.value, one.high - one.value
        low, high = (
            np.where(np.isfinite(reach) & (reach != 0), one.value + wider * reach, end)
            for reach, end in ((below, one.low), (above, one.high))
        )
    usual = one.low <= one.high
    ends = {"low": np.where(usual, low, one.low), "high": np.where(usual, high, one.high)}
    bounded = {name: np.clip(end, *o.bounds) for name, end in ends.items()}
    numbers = {"value": one.value, "stderr": np.where(one.stderr > 0, np.maximum(one.stderr, scatter), one.stderr)}
    # what the copies scatter more than their shots do, of one copy; the sum has no Q of its own
    tau = np.sqrt(np.maximum(scatter**2 - np.where(one.stderr > 0, one.stderr, scatter) ** 2, 0) * len(left_out))
    mean = replace(mean, Q=np.full(shape, np.nan), p=np.full(shape, np.nan))
    numbers |= {
        "tau": np.where(np.isnan(mean.tau), np.nan, tau),
        "lowest": np.clip(left_out.min(axis=0), *o.bounds),
        "highest": np.clip(left_out.max(axis=0), *o.bounds),
    }
    return _shaped(o, "summed counts", shape, {**numbers, **bounded}, mean)


def _shaped(o: Observable, how: How, shape: tuple[int, ...], numbers: Mapping[str, Array], mean: PooledMean) -> Pooled:
    every = {**numbers, "Q": mean.Q, "p": mean.p, "degrees": mean.degrees}
    return Pooled(observable=o, how=how, **{name: np.reshape(array, shape) for name, array in every.items()})


def _estimated(one: Estimated, mean: Pooled, apart: Apart) -> Estimated:
    """A row of the pooled estimates."""
    name = mean.observable.key
    corrected = mean.value
    if mean.how == "summed counts":
        corrected = one.bias_corrected
    else:
        rows = [copy.estimates.quantities[name] for copy in apart.found]
        drawn = np.mean([row.bias_corrected - row.value for row in rows], axis=0)
        corrected = mean.value + np.where(np.isfinite(drawn), drawn, 0.0)
    return replace(
        one,
        value=mean.value + 0.0,
        stderr=mean.stderr,
        low=mean.low + 0.0,
        high=mean.high + 0.0,
        bias_corrected=corrected + 0.0,
        interval=one.interval if mean.how == "summed counts" else POOLED,
    )
