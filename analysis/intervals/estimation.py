"""Data -> value, standard error and 95 % interval of every observable at every cell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.data import PSEUDO_COUNTS, Counts, Data, LinearErrors, LocalCounts
from analysis.intervals.cells import Cells
from analysis.intervals.draws import each, resolved_columns, samples, spreads
from analysis.intervals.methods import LINEAR, ONE_COUNT, STRATIFIED, evaluated
from analysis.intervals.methods import Methods as Methods
from analysis.intervals.probing import linear_variance, stratified_variance
from analysis.intervals.rules import (
    BY_DRAWS,
    COMPARED,
    FALLBACKS,
    INTERVALS,
    NORMAL_95,
    Ends,
    Spread,
    bootstrap,
    opened,
    transformed_ends,
)
from analysis.intervals.unseen import (
    reach_of_one_count,
    with_a_count_of_each_member,
    with_one_count_more,
    with_one_unseen_count,
)
from analysis.intervals.zero_sets import least_share, product_share
from analysis.tomography import StateFit, estimate_states
from protocols import Array, Observable, Sample
from protocols.pair import mutual_information_of

ROUNDING = 1e-13
"""Below it a difference is of arithmetic, not of counts: the least that a count makes is far above."""
MOSTLY = 0.5
"""From this share of what is seen on, a profile knows the lower end (inferred; decision 72)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimate:
    """One observable at every cell, (cells,) each."""

    observable: Observable
    value: Array
    stderr: Array
    low: Array
    high: Array
    corrected: Array
    """The value without the bias that draws around it have: to be shown beside the value, never instead."""
    interval: str
    """How the interval was made, a key of `SOURCES`; empty where there is none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Groundwork:
    """What all observables need: the estimates, and what their intervals are made of."""

    measured: Mapping[str | None, Sample]
    """One sample an estimator; None has moments only."""
    mixed: Mapping[str | None, Sample]
    """The same with what may have gone unseen."""
    nudged: Mapping[str | None, tuple[Sequence[Sample], Sequence[Sample]]]
    """The same with one count more of each outcome of the populations, at the cells, and at their references."""
    errors: LinearErrors | None
    """Of the moments; None: nothing is propagated."""
    spreads: Mapping[tuple[str, str], Spread]
    """By the key of what is drawn."""
    variances: Mapping[tuple[str, str], Array]
    """The same of what is stratified, (cells,)."""
    count: Array
    """(cells,) what one count is of the shots of a setting of two qubits."""
    resolution: Array
    """(cells,) the same of any number of qubits, and of expectation values what stands for it."""
    product_share: Array | None
    """(cells,) how little of the correlations there may be, 0 where a product state is not rejected at 5 %; None:
    nothing asks for that."""


def fit_states(observables: Sequence[Observable], data: Data, methods: Methods) -> dict[str, StateFit]:
    """States by every estimator that is asked for, each fitted once; none where the settings determine no state.

    Args:
        observables: What is estimated.
        data: What was measured.
        methods: Estimators.
    """
    reading = data.reading
    if data.family[0] == "none" or isinstance(reading, LocalCounts):
        return {}
    names = {methods.estimator, *(methods.estimator_of(o) for o in observables)} - {None}
    return {name: estimate_states(reading, name) for name in sorted(filter(None, names))}


def estimates(
    observables: Sequence[Observable],
    data: Data,
    view: Cells,
    methods: Methods,
    seed: int,
    fitted: Mapping[str, StateFit] | None = None,
) -> list[Estimate]:
    """Estimates every observable.

    Args:
        observables: What to estimate; the settings must determine them.
        data: What was measured.
        view: The cells and their references.
        methods: Estimators, intervals and the number of draws.
        seed: Of the draws.
        fitted: What `fit_states` gave; by default that is done here.
    """
    ground = groundwork(observables, data, view, methods, seed, fitted)
    shared = replace(ground, spreads={})

    def one(asked: tuple[Observable, Spread | None]) -> Estimate:
        observable, spread = asked
        own = shared if spread is None else replace(shared, spreads={observable.key: spread})
        return estimate(observable, own, view, methods)

    # searches of the likelihood do not depend on each other
    asked = [(o, ground.spreads.get(o.key)) for o in observables]
    drawn = each(one, [pair for pair in asked if pair[1] is not None], len(view.home), methods.workers)
    of_draws = iter(drawn)
    found = [one(pair) if pair[1] is None else replace(next(of_draws), observable=pair[0]) for pair in asked]
    return open_to_zero_where_allowed(found, data, view.home, ground.product_share)


def groundwork(
    observables: Sequence[Observable],
    data: Data,
    view: Cells,
    methods: Methods,
    seed: int,
    fitted: Mapping[str, StateFit] | None = None,
) -> Groundwork:
    """States, moments, errors and draws: what `estimate` needs of all observables together.

    Args:
        observables: What is to be estimated; the settings must determine them.
        data: What was measured.
        view: The cells and their references.
        methods: Estimators, intervals and the number of draws.
        seed: Of the draws.
        fitted: What `fit_states` gave; by default that is done here.
    """
    reading = data.reading
    fitted = fit_states(observables, data, methods) if fitted is None else fitted
    needed = {methods.estimator_of(o) for o in observables}
    states = {name: fitted[name].states if name else None for name in needed}
    resolved = {columns: data.resolved_frequencies(columns) for columns in resolved_columns(observables)}
    measured = samples(reading, view, states, resolved=resolved)
    linear = [o for o in observables if methods.interval_of(o) == LINEAR]
    counted = data if isinstance(data, Counts) else None
    stratified = [o for o in observables if methods.interval_of(o) == STRATIFIED]
    drawn = [o for o in observables if methods.interval_of(o) not in (LINEAR, STRATIFIED) and not o.theory]
    product = product_share(data) if any(o.consumes for o in drawn) else None
    around = measured if drawn else {}  # what is linear needs no counts more, of which there are 2^N
    made = spreads(drawn, data, measured, view, methods, seed, product)
    return Groundwork(
        measured=measured,
        mixed={name: with_one_unseen_count(sample, view, reading) for name, sample in around.items()},
        nudged={name: with_one_count_more(sample, view, reading) for name, sample in around.items()},
        variances={o.key: stratified_variance(o, measured[None], counted, view) for o in stratified if counted},
        errors=data.linear_errors(sorted({word for o in linear for word in o.reads})) if linear else None,
        spreads={o.key: spread for o, spread in zip(drawn, made, strict=True)},
        count=reading.unseen / 4,
        resolution=reading.resolution,
        product_share=product,
    )


def estimate(observable: Observable, ground: Groundwork, view: Cells, methods: Methods) -> Estimate:
    """One observable at every cell; see `open_to_zero_where_allowed` for what intervals of correlations lack.

    Args:
        observable: One of those that the groundwork was made for.
        ground: States, moments, errors and draws.
        view: The cells and their references.
        methods: Estimators and intervals; the estimators are those of the groundwork.
    """
    name = methods.estimator_of(observable)
    if observable.theory:
        return _unmeasured(observable, len(view.home))
    if ground.errors is not None and methods.interval_of(observable) == LINEAR:
        value = evaluated(observable, ground.measured[name])
        error = np.sqrt(linear_variance(observable, ground.errors, view))
        return multiplied(propagated(observable, value, error, ground.resolution), view.parameters)
    if observable.key in ground.variances:
        value, error = evaluated(observable, ground.measured[name]), np.sqrt(ground.variances[observable.key])
        return propagated(observable, value, error, ground.resolution, STRATIFIED)
    spread = ground.spreads[observable.key]
    of_members = observable.resolved is not None and observable.arms is None
    mixed = ground.mixed[name]
    if of_members:
        mixed = with_a_count_of_each_member(observable, ground.measured[name])
    with np.errstate(all="ignore"):  # draws without a number leave no error either
        counted_more = evaluated(observable, mixed)
        step = np.abs(counted_more - spread.value)
        if methods.interval_of(observable) == ONE_COUNT:
            ends = np.fmin(spread.value, counted_more), np.fmax(spread.value, counted_more)
            return _finished(observable, spread.value, step, ends, spread.value, ONE_COUNT)
        # where no draw differs (no ergotropy far from inversion), one count; but 0 by definition has no error
        itself = observable.reference & (view.home == np.arange(len(view.home)))
        still = (step <= ROUNDING) & (np.ptp(spread.draws, axis=0) <= ROUNDING) & ~itself
        # one count more here and one less there, as for every linear quantity
        kept = ground.nudged[name] if _by_draws(methods.interval_of(observable), spread) else ((), ())
        moved = np.hypot(*(_range(observable, samples, len(step)) for samples in kept))
        if kept[0] and of_members:
            moved = np.hypot(moved, reach_of_one_count(observable, ground.measured[name]))
        added = np.where(itself, 0.0, np.sqrt(PSEUDO_COUNTS) * np.nan_to_num(moved))
        found = _drawn(observable, spread, np.where(still, ground.count, step), added, methods.interval_of(observable))
    if observable.consumes and ground.product_share is not None and found.interval not in COMPARED[:4]:
        return _without_correlation(found, ground.measured[name], ground.product_share == 0, view.home)
    return found


def _range(observable: Observable, samples: Sequence[Sample], cells: int) -> Array:
    """Between the least and the greatest value over samples and their leading axes, (cells,)."""
    values = [np.atleast_2d(evaluated(observable, one)) for one in samples]
    return np.ptp(np.concatenate(values), axis=0) if values else np.zeros(cells)


def _without_correlation(found: Estimate, sample: Sample, product: Array, home: Array) -> Estimate:
    """An interval that lets mutual information be 0, here or at the reference, where the data do.

    A ratio to it then has no end on the side to which it grows.
    """
    before = np.where(home < 0, False, product[home]) & (home != np.arange(len(home)))
    low, high = found.low, found.high
    if found.observable.ratio is not None:
        usual = before & (low <= high)
        return replace(
            found, low=np.where(usual & ~(low > 0), -np.inf, low), high=np.where(usual & ~(high < 0), np.inf, high)
        )
    none_before = np.where(before, mutual_information_of(sample.before), 0.0)
    none_here = np.where(product & (home != np.arange(len(home))), mutual_information_of(sample), 0.0)
    more, less = (none_before, none_here) if found.observable.consumes > 0 else (none_here, none_before)
    return replace(
        found,
        low=np.where(less > 0, np.fmin(low, found.value - less), low),
        high=np.where(more > 0, np.fmax(high, found.value + more), high),
    )


def _unmeasured(observable: Observable, cells: int) -> Estimate:
    nothing = np.full(cells, np.nan)
    return _finished(observable, nothing, nothing, (nothing, nothing), nothing, "")


def propagated(
    observable: Observable, value: Array, stderr: Array, resolution: Array, interval: str = LINEAR
) -> Estimate:
    """The estimate of a quantity, or of a map of one, whose error is known to first order.

    Args:
        observable: The quantity.
        value: Before its map, (cells,).
        stderr: The same of its standard error.
        resolution: What one count is of the shots, (cells,).
        interval: How the error was propagated.
    """
    stderr = np.where(np.isnan(value), np.nan, stderr)
    ends = value - NORMAL_95 * stderr, value + NORMAL_95 * stderr
    return _finished(observable, value, stderr, ends, value, interval, resolution)


def multiplied(found: Estimate, parameters: Mapping[str, Array]) -> Estimate:
    """The estimate of what is mapped in units of a parameter: a temperature in those of a gap that is swept.

    Args:
        found: In units of that parameter.
        parameters: Every physical field, (cells,).
    """
    if found.observable.factor is None:
        return found
    times = found.observable.multiplier(parameters)
    named = ("value", "stderr", "low", "high", "corrected")
    return replace(found, **{name: getattr(found, name) * times for name in named})


def _drawn(observable: Observable, spread: Spread, step: Array, added: Array, name: str) -> Estimate:
    """Error and interval of what is drawn.

    Spread and bias make the error, for near the boundary draws lie to one side of the estimate they were drawn from;
    and what no draw can show, because it was never seen: `step`, and the two counts that every linear quantity has
    `added` to its variance. Members that gave one outcome each time would leave draws without any scatter.
    """
    value, ends = spread.value, INTERVALS[name](spread)
    stderr = np.sqrt(spread.draws.var(axis=0, ddof=1) + spread.bias_of_error**2 + step**2 + added**2)
    reach = ends if name in COMPARED else (np.minimum(ends[0], value - step), np.maximum(ends[1], value + step))
    if _by_draws(name, spread):  # the threshold of the likelihood has these counts already
        reach = _wider_by(reach, value, NORMAL_95 * added)
    if observable.zero_on == "passive" and name not in COMPARED:
        # noise takes a passive state to one side only, by a kink: from there the lower end is 0
        kinked, _ = bootstrap(replace(spread, kinked=True))
        reach = np.where(kinked <= 0, np.minimum(reach[0], 0.0), reach[0]), reach[1]
    least = observable.bounds[0]
    if observable.kinked and math.isfinite(least) and least < 0 and name not in COMPARED:
        # not shown to be above 0 it is an upper limit: the roots that it is made of tie there, and no lower one covers
        reach = np.where(reach[0] > 0, reach[0], least), reach[1]
    if name not in COMPARED or name == observable.interval:
        reach = opened(spread, reach)
    if spread.likelihood_ends is None:  # what the methods fall back to
        name = FALLBACKS.get(name, name)
    return _finished(observable, value, stderr, reach, value - spread.bias, name)


def _by_draws(name: str, spread: Spread) -> bool:
    """Whether an interval rests on draws."""
    return name in BY_DRAWS or (spread.likelihood_ends is None and name not in COMPARED)


def _wider_by(ends: Ends, value: Array, reach: Array) -> Ends:
    """Ends moved outwards, their distance from the value in quadrature with another one; complements stay."""
    (low, high), usual = ends, ends[0] <= ends[1]
    below, above = (np.hypot(distance, reach) - np.abs(distance) for distance in (value - low, high - value))
    return np.where(usual & np.isfinite(low), low - below, low), np.where(usual & np.isfinite(high), high + above, high)


def _finished(
    observable: Observable,
    value: Array,
    stderr: Array,
    ends: Ends,
    corrected: Array,
    interval: str,
    resolution: Array | float = 0.0,
) -> Estimate:
    """Mapped onto the quantity, then clipped to what is possible.

    What is mapped is clipped to its domain first, estimates half a count inside: a temperature of a qubit that was
    never seen excited is that of half an excitation, its inverse has no upper limit.
    """
    (low, high), (least, most) = ends, observable.bounds
    if observable.through is not None:
        if np.isfinite(least):  # all that is negative is mapped onto the bound
            high = np.where(high > 0, high, (high - low) / 2)
        first, last = observable.domain
        low, high = _clipped(low, high, first, last)
        inside = (first + resolution / 2, last - resolution / 2)
        value, corrected = np.clip(value, *inside), np.clip(corrected, *inside)
        value, stderr, low, high, corrected = transformed_ends(observable.through, value, stderr, low, high, corrected)
    low, high = _clipped(low, high, least, most)
    value, corrected = np.clip(value, least, most), np.clip(corrected, least, most)
    return Estimate(
        observable=observable, value=value, stderr=stderr, low=low, high=high, corrected=corrected, interval=interval
    )


def _clipped(low: Array, high: Array, least: float, most: float) -> Ends:
    """An interval within what is possible.

    One that lies outside altogether (a signed concurrence well below 0) becomes the limit that an interval of its
    width, centred on the bound, would set: nothing is measured without any error.
    """
    with np.errstate(invalid="ignore"):  # of a temperature both end and bound may be infinite
        half = (high - low) / 2
        return (
            np.where((low < most) | ~np.isfinite(low), np.clip(low, least, most), most - half),
            np.where((high > least) | ~np.isfinite(high), np.clip(high, least, most), least + half),
        )


def open_to_zero_where_allowed(
    found: Sequence[Estimate], data: Data, home: Array, product: Array | None = None
) -> list[Estimate]:
    """Intervals from 0 up wherever the states on which the quantity is zero are not rejected at 5 %.

    A signed quantity is below zero on some of them: its interval becomes an upper limit. Where those states are
    rejected, a profile still does not know how many numbers have noise: until what is seen is mostly there, its lower
    end is no higher than `least_share` of the estimate, for near zero such quantities go with the square of the
    distance. Methods that are only there for comparison (`COMPARED`) keep their intervals.

    Args:
        found: What `estimate` gave, of any observables.
        data: What was measured.
        home: The cell of each cell's reference; what is zero on states of the reference is tested there.
        product: What `product_share` gave, if it is known.
    """
    tested: dict[tuple[object, ...], Array] = {} if product is None else {("product",): product}

    def opened(one: Estimate) -> Estimate:
        observable = one.observable
        if observable.zero_on in ("", "passive") or one.interval in COMPARED:
            return one
        key = (observable.zero_on, *(observable.reads if observable.zero_on == "incoherent" else ()))
        if key not in tested:
            tested[key] = least_share(data, observable)
        share, zero = tested[key], min(observable.bounds[0], 0.0)
        if observable.reference:
            share = np.where(home >= 0, share[home], np.nan)
        with np.errstate(invalid="ignore"):
            end = np.where(share > 0, np.inf, np.where(one.low > zero, zero, np.inf))
            if one.interval == "likelihood-ratio":
                end = np.where((share > 0) & (share < MOSTLY), share * one.value, end)
            return replace(one, low=np.fmin(one.low, np.where(np.isnan(share), np.inf, end)))

    return [opened(one) for one in found]
