"""Data -> value, standard error and 95 % interval of every observable at every cell."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from analysis._data import Data, Reading
from analysis._frequencies import Frequencies, chunks, draw, frequencies
from analysis._interval import INTERVALS, NORMAL_95
from analysis._moments import LinearErrors, linear_errors, moments
from analysis._thermodynamics import STATE
from analysis._tomography import ESTIMATORS
from analysis._view import View
from protocols import Array, Observable, RequestError, Sample
from protocols._pauli import moments as exact_moments

LINEAR = "multinomial"
"""The interval of quantities linear in the counts: propagated, not drawn."""


@dataclass(frozen=True, kw_only=True)
class Methods:
    """How quantities are estimated; estimator and interval may differ by observable."""

    estimator: str = "maximum-likelihood"
    estimators: Mapping[str, str] = field(default_factory=dict)
    """Observable name -> estimator, where another than `estimator` is wanted."""
    intervals: Mapping[str, str] = field(default_factory=dict)
    """Observable name -> interval method, where another than the observable's own is wanted."""
    draws: int = 1000

    def __post_init__(self) -> None:
        if self.draws < 2:
            raise RequestError(f"Argument `draws` must be at least 2, but is {self.draws}. 1000 is the default.")
        for argument, known, names in (
            ("estimator", ESTIMATORS, [self.estimator]),
            ("estimators", ESTIMATORS, self.estimators.values()),
            ("intervals", INTERVALS, self.intervals.values()),
        ):
            for name in names:
                if name not in known:
                    raise RequestError(f"Argument `{argument}` must be one of {', '.join(known)}, but is {name!r}.")

    def estimator_of(self, observable: Observable) -> str | None:
        """Name of the estimator of the state; None for what is linear in the counts."""
        needs_state = STATE in observable.reads
        return self.estimators.get(observable.name, self.estimator) if needs_state else None

    def interval_of(self, observable: Observable) -> str:
        """Name of the interval method."""
        return self.intervals.get(observable.name, observable.interval)


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimate:
    """One observable at every cell."""

    observable: Observable
    value: Array
    stderr: Array
    low: Array
    high: Array


def estimates(observables: Sequence[Observable], data: Data, view: View, methods: Methods, seed: int) -> list[Estimate]:
    """Estimates every observable.

    Args:
        observables: What to estimate; the settings must determine them.
        data: What was measured.
        view: The cells and their references.
        methods: Estimators, intervals and the number of draws.
        seed: Of the draws.
    """
    needed = {methods.estimator_of(o) for o in observables}
    reading = frequencies(data)
    measured = _samples(reading, view, needed)
    mixed = {name: _mixed(sample, view, reading) for name, sample in measured.items()}
    values = [evaluated(o, measured[methods.estimator_of(o)]) for o in observables]
    drawn_ones = [o for o in observables if methods.interval_of(o) != LINEAR and not o.theory]
    centre = measured[methods.estimator].states if methods.estimator in measured else None
    spread = _drawn(drawn_ones, data, centre, view, methods, seed)
    propagated = [o for o in observables if methods.interval_of(o) == LINEAR]
    errors = linear_errors(data, sorted({word for o in propagated for word in o.reads})) if propagated else None
    found = []
    for observable, value in zip(observables, values, strict=True):
        if observable.theory:
            nothing = np.full(len(view.home), np.nan)
            found.append(Estimate(observable=observable, value=nothing, stderr=nothing, low=nothing, high=nothing))
            continue
        if methods.interval_of(observable) == LINEAR and errors:
            stderr = np.sqrt(_linear_variance(observable, errors, view))
            low, high = value - NORMAL_95 * stderr, value + NORMAL_95 * stderr
        else:
            drawn = spread[observable.name, observable.subject]
            with np.errstate(invalid="ignore"):  # draws without a number leave no error either
                unseen = np.abs(evaluated(observable, mixed[methods.estimator_of(observable)]) - value)
                # spread and bias: near the boundary draws lie to one side of the estimate they were drawn from; and
                # what no draw can show, because it was never seen
                stderr = np.sqrt(drawn.var(axis=0, ddof=1) + (drawn.mean(axis=0) - value) ** 2 + unseen**2)
                low, high = INTERVALS[methods.interval_of(observable)](value, drawn)
                low, high = np.minimum(low, value - unseen), np.maximum(high, value + unseen)
        if observable.through is not None:
            value, stderr, low, high = _mapped(observable.through, value, stderr, low, high)
        value, low, high = (np.clip(a, *observable.bounds) for a in (value, low, high))
        found.append(Estimate(observable=observable, value=value, stderr=stderr, low=low, high=high))
    return found


def evaluated(observable: Observable, sample: Sample) -> Array:
    """An observable of a sample; NaN without a warning where measured moments are not those of any state."""
    with np.errstate(all="ignore"):
        return np.asarray(observable.of(sample))


def _mixed(sample: Sample, view: View, reading: Reading) -> Sample:
    """The same with a fraction of 1/d in every state, of half excitation in every ancilla."""
    fraction = reading.unseen
    full = reading.full if isinstance(reading, Frequencies) else {}
    moments = {
        word: (1 - fraction) * value + fraction * full.get(word, 0.0) / 2 for word, value in sample.moments.items()
    }
    if sample.states is None:
        return view.sample(moments, None)
    w, d = fraction[:, None, None], sample.states.shape[-1]
    return view.sample(moments, (1 - w) * sample.states + w * np.eye(d) / d)


def _mapped(through: Callable[[Array], Array], value: Array, stderr: Array, low: Array, high: Array) -> list[Array]:
    """Value, first-order error and interval through a map that is monotone but for a pole.

    Where the pole lies inside the interval there are no ends to give: they stay empty.
    """
    step = 1e-7
    below, above = through(value - step), through(value + step)
    with np.errstate(invalid="ignore"):
        slope = (above - below) / (2 * step)
        ends = through(low), through(high)
        broken = (ends[1] - ends[0]) * slope < 0
        stderr = np.abs(slope) * stderr
    lower, upper = (np.where(broken, np.nan, f(*ends)) for f in (np.minimum, np.maximum))
    return [through(value), np.where(np.isfinite(slope), stderr, np.nan), lower, upper]


def _shifted_away(measured: Reading, states: Array | None) -> dict[str, Array]:
    """What draws around the estimated states lack of the measured moments, which are not moved; (cells,) each."""
    if states is None:
        return {}
    found = moments(measured)
    # energies of ancillas are drawn around what was measured
    expected = exact_moments(states, tuple(word for word in found if not _is_register(measured, word)))
    return {word: np.where(np.isfinite(e), found[word] - e, 0.0) for word, e in expected.items()}


def _is_register(measured: Reading, name: str) -> bool:
    return isinstance(measured, Frequencies) and name in measured.energies


def _samples(
    measured: Reading, view: View, estimators: set[str | None], offset: Mapping[str, Array] | None = None
) -> dict[str | None, Sample]:
    """One sample an estimator; None has moments only."""
    values = {word: value + (offset or {}).get(word, 0.0) for word, value in moments(measured).items()}
    return {name: view.sample(values, ESTIMATORS[name](measured) if name else None) for name in estimators}


def _drawn(
    observables: Sequence[Observable], data: Data, states: Array | None, view: View, methods: Methods, seed: int
) -> dict[tuple[str, str], Array]:
    """Bootstrap draws of observables around the estimated states, (draws, cells) each, by name and subject."""
    if not observables:
        return {}
    needed = {methods.estimator_of(o) for o in observables}
    offset = _shifted_away(frequencies(data), states)

    def one(chunk: range) -> list[Array]:
        samples = _samples(draw(data, seed, chunk, states), view, needed, offset)
        return [evaluated(o, samples[methods.estimator_of(o)]) for o in observables]

    # numpy lets go of the interpreter in linear algebra and sampling; every chunk has its own stream, so the result
    # does not depend on how many threads there are
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        found = list(pool.map(one, chunks(methods.draws)))
    return {
        (o.name, o.subject): np.concatenate(parts)
        for o, parts in zip(observables, zip(*found, strict=True), strict=True)
    }


def coefficients(observable: Observable, words: Sequence[str], view: View) -> tuple[Array, Array, Array]:
    """An affine observable as offset + here . moments + before . moments of the reference, read off by probing it.

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


def _linear_variance(observable: Observable, errors: LinearErrors, view: View) -> Array:
    _, here, before = coefficients(observable, errors.words, view)
    return errors.variance(here, before, view.home)
