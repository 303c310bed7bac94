"""What intervals are made of: bootstrap draws around the estimate, and what the likelihood says of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from threading import Lock
from typing import TypeVar

import numpy as np

from analysis.data import DRAWS_PER_CHUNK, Columns, Counts, Data, Frequencies, Reading, StateReading, chunks
from analysis.intervals.cells import Cells
from analysis.intervals.credible import posterior_quantiles
from analysis.intervals.likelihood_region import Found, Question, found
from analysis.intervals.methods import Methods, evaluated
from analysis.intervals.region import Region, region_of
from analysis.intervals.rules import BY_LIKELIHOOD, Ends, Spread, likelihood_ratio
from analysis.tomography import ESTIMATORS, matrices, some_draws
from protocols import Array, Observable, Sample
from protocols.pair import mutual_information_of
from protocols.pauli import moments as exact_moments
from protocols.program import STATE, ResolvedFrequencies
from protocols.quantities import gradient_by_differences, mutual_information_gradient
from workers import ALONE, Workers, in_order

LIKELIHOOD = "maximum-likelihood"
MANY = 500
"""Cells from which on threads pay (measured: 33 cells take the same time in one thread, with a quarter less work)."""
SENT = 20_000
"""States of draws in a block from which on it is given to a worker, who takes a second or two to be there."""
EVALUATED = 50_000
"""States of draws that are evaluated at once: bounds the memory of a step, whose arrays are of that many matrices."""
MOST_AT_ONCE = 250_000
"""States of draws in a block from which on blocks follow each other: side by side they would fill the memory."""
KEPT = 31 * 2**20
"""Bytes; just below the largest block that glibc would ever keep (32 MiB)."""
Given = TypeVar("Given")
Made = TypeVar("Made")


def spreads(
    observables: Sequence[Observable],
    data: Data,
    measured: Mapping[str | None, Sample],
    view: Cells,
    methods: Methods,
    seed: int,
    product: Array | None = None,
) -> list[Spread]:
    """The draws of every observable, and its extremes where they can be searched for.

    Args:
        observables: Those whose errors are not propagated.
        data: What was measured.
        measured: The estimates, one sample an estimator.
        view: The cells and their references.
        methods: Estimators and the number of draws.
        seed: Of the draws.
        product: How little of the correlations there may be (`product_share`), where there is a ratio to them.
    """
    if not observables:
        return []
    centre = measured[methods.estimator].states if methods.estimator in measured else None
    parts = [replace(o, of=part, norm=False, unbounded=None) for o in observables for part in o.ratio or ()]
    drawn = _drawn([*observables, *parts], data, centre, view, methods, seed)
    likelihood = _Likelihood(data, measured)
    profiled = [*(methods.interval_of(o) in BY_LIKELIHOOD for o in observables), *(False for _ in parts)]
    made = [
        _spread(o, values, measured[methods.estimator_of(o)], likelihood, view, seed, asked)
        for o, values, asked in zip([*observables, *parts], drawn, profiled, strict=True)
    ]
    of_ratios = iter(made[len(observables) :])
    correlation = next(
        (
            _down_to_share(m, product)
            for o, m in zip(observables, made, strict=False)
            if parts and product is not None and o.of is mutual_information_of and m.likelihood_ends is not None
        ),
        None,
    )
    return [
        replace(spread, ratio=(next(of_ratios), _at_reference(next(of_ratios), correlation, o, view)))
        if o.ratio
        else spread
        for o, spread in zip(observables, made, strict=False)
    ]


def _down_to_share(spread: Spread, share: Array) -> Ends:
    """Both ends of a correlation, the lower one no higher than that share of it."""
    low, high = likelihood_ratio(spread)
    return np.fmin(low, share * spread.value), high


def _at_reference(spread: Spread, correlation: Ends | None, observable: Observable, view: Cells) -> Spread:
    """A denominator with the likelihood's ends, where it is the mutual information at a measured reference."""
    if not observable.consumes or correlation is None or bool((view.home < 0).any()):
        return spread
    low, high = (end[view.home] for end in correlation)
    return replace(spread, likelihood_ends=lambda: (low, high))


def _spread(
    observable: Observable,
    drawn: _Draws,
    sample: Sample,
    likelihood: _Likelihood,
    view: Cells,
    seed: int,
    wanted: bool,
) -> Spread:
    profiled = likelihood.known and sample.states is likelihood.states and _of_state_alone(observable)
    value = evaluated(observable, sample)
    # a minimum over measurements has its kinks elsewhere: see `ceiling`
    bias = None
    if observable.majorant is None:
        bias = (drawn.values.mean(axis=0) - value) / np.maximum(drawn.values.std(axis=0), 1e-300)
    question = partial(_question, observable, view, bias)

    def answer() -> Found:  # once for all observables that are one function of the state
        return likelihood.ends(observable.of, question)

    def ceiling() -> Array:
        found = answer().ceiling
        assert found is not None  # of what has a majorant
        return found

    if profiled and wanted:
        likelihood.ask(observable.of, question)
    return Spread(
        value=value,
        draws=drawn.values,
        kinked=observable.kinked,
        distances=drawn.distances,
        poles=drawn.poles,
        likelihood_ends=(lambda: (answer().low, answer().high)) if profiled else None,
        ceiling=ceiling if profiled and observable.majorant else None,
        credible=partial(_credible, likelihood, observable, view, seed) if profiled else None,
        cramped=partial(_cramped, likelihood) if profiled and observable.kinked and bias is not None else None,
    )


def samples(
    measured: Reading,
    view: Cells,
    states: Mapping[str | None, Array | None],
    offset: Mapping[str, Array] | None = None,
    resolved: Mapping[Columns, ResolvedFrequencies] | None = None,
) -> dict[str | None, Sample]:
    """One sample an estimator.

    Args:
        measured: Measured or drawn.
        view: The cells and their references.
        states: Name of an estimator -> its states, (..., cells, d, d); None has moments only.
        offset: What is added to the moments of words, (cells,) each.
        resolved: Frequencies member by member, as far as observables ask for them.
    """
    values = {word: value + (offset or {}).get(word, 0.0) for word, value in measured.moments.items()}
    return {
        name: view.sample(values, estimated, resolved or {}, measured.resolution) for name, estimated in states.items()
    }


def resolved_columns(observables: Sequence[Observable]) -> list[Columns]:
    """What observables want member by member, each once; the system alone beside ancillas, where arms lack these."""
    asked = {o.resolved for o in observables if o.resolved is not None}
    return sorted(asked | {() for o in observables if o.resolved and o.arms is not None})


def each(
    function: Callable[[Given], Made], items: Sequence[Given], cells: int, workers: Workers = ALONE, pays: int = MANY
) -> list[Made]:
    """function(item) of all items in their order, side by side where that pays.

    numpy lets go of the interpreter in linear algebra and sampling; while arrays are small, threads only wait for it.

    Args:
        function: What items do not share.
        items: What it is applied to.
        cells: Size of its arrays, in cells.
        workers: Who does it, in place of threads.
        pays: Cells from which on workers pay.
    """
    _keep_memory()
    if not workers.alone and cells >= pays and len(items) > 1:
        return in_order(function, items, workers)
    if not MANY <= cells <= MOST_AT_ONCE:
        return [function(item) for item in items]
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
        return list(threads.map(function, items))


@cache
def _keep_memory() -> None:
    """Teaches the allocator, once a process, to keep what is freed.

    Every step of a fit frees arrays of a few MB. glibc gives blocks above 128 kB back to the system at once, which then
    has to clear the same pages for the next step: a third of the time of the draws. It raises that threshold to the
    size of the largest block that it has seen freed (mallopt(3), M_MMAP_THRESHOLD), so one block is shown to it. Other
    allocators take no notice.
    """
    np.empty(KEPT, dtype=np.uint8)


class _Likelihood:
    """The likelihood around the estimate, made when first needed; there is none for batches of random preparations.

    What is asked of it is found together while arrays are small, and one by one where threads share the work.
    """

    def __init__(self, data: Data, measured: Mapping[str | None, Sample]) -> None:
        self._data, self._measured, self._lock, self._region = data, measured, Lock(), None
        self._asked: dict[object, Callable[[Region], Question]] = {}
        self._found: dict[object, tuple[Lock, list[Found]]] = {}
        sample = measured.get(LIKELIHOOD)
        self.states = sample.states if sample else None
        self.known = self.states is not None and not (isinstance(data, Counts) and data.batch is not None)

    def __reduce__(self) -> tuple[type[_Likelihood], tuple[Data, Mapping[str | None, Sample]]]:
        """Whoever is given it begins anew: of many cells nothing is found together."""
        return type(self), (self._data, self._measured)

    def region(self) -> Region:
        with self._lock:
            if self._region is None:
                assert self.states is not None
                self._region = region_of(self._data, self.states)
        return self._region

    def ask(self, key: object, question: Callable[[Region], Question]) -> None:
        """Says that an answer is going to be wanted."""
        self._asked.setdefault(key, question)

    def ends(self, key: object, question: Callable[[Region], Question]) -> Found:
        """The answer, found by the first thread that wants it."""
        region = self.region()
        with self._lock:
            lock, answer = self._found.setdefault(key, (Lock(), []))
            if not answer and len(region.best) < MANY:
                self._asked.setdefault(key, question)
                several = found(region, [one(region) for one in self._asked.values()])
                self._found |= {one: (Lock(), [ends]) for one, ends in zip(self._asked, several, strict=True)}
                self._asked = {}
                return self._found[key][1][0]
        with lock:
            if not answer:
                answer.extend(found(region, [question(region)]))
        return answer[0]


def _of_state_alone(observable: Observable) -> bool:
    return STATE in observable.reads and not observable.reference and not observable.ideal


def _on_states(observable: Observable, view: Cells) -> Callable[[Array], Array]:
    """The observable as a function of states, (..., cells, d, d)."""
    return lambda states: evaluated(observable, Sample(parameters=view.parameters, moments={}, states=states))


def _question(observable: Observable, view: Cells, bias: Array | None, region: Region) -> Question:
    of = _on_states(observable, view)
    majorant, usable = None, region.usable
    if observable.majorant is not None:
        any_state = np.eye(len(region.best[0]))[0]  # where there is no estimate: nothing is searched there
        estimates = np.where(usable[:, None], region.best, region.best[usable][0] if usable.any() else any_state)
        majorant = observable.majorant(matrices(estimates, region.likelihood.basis))
    return Question(
        of=of,
        gradient=observable.gradient or gradient_by_differences(of, region.likelihood.basis[1:]),
        bias=bias,
        kind="kinked" if observable.kinked else "smooth",
        # one with a derivative of its own is a function of the state alone; others may read parameters of their cell
        cellwise=observable.gradient is not None,
        # all correlations fade along mutual information's slope
        downhill=mutual_information_gradient if observable.majorant else None,
        majorant=majorant,
    )


def _cramped(likelihood: _Likelihood) -> Array:
    """Where several eigenvalues may be 0."""
    return likelihood.region().vanishing > 1


def _credible(likelihood: _Likelihood, observable: Observable, view: Cells, seed: int) -> Ends:
    return posterior_quantiles(likelihood.region(), _on_states(observable, view), seed)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Draws:
    """Bootstrap draws of one observable around the estimated states, (draws, cells) each."""

    values: Array
    distances: Array | None
    """Of a norm: its value for draw minus estimate."""
    poles: Array | None
    """Which way it has no limit; see `Observable.unbounded`."""


def _drawn(
    observables: Sequence[Observable], data: Data, states: Array | None, view: Cells, methods: Methods, seed: int
) -> list[_Draws]:
    """The draws of each observable."""
    needed = {methods.estimator_of(o) for o in observables}
    offset, asked = _shifted_away(data.reading, states), resolved_columns(observables)

    def of(observable: Observable, sample: Sample) -> _Draws:
        return _Draws(
            values=evaluated(observable, sample),
            distances=_distance(observable, sample, states, view) if observable.norm else None,
            poles=observable.unbounded(sample) if observable.unbounded else None,
        )

    def one(chunk: range) -> list[_Draws]:
        reading = data.draw(seed, chunk, states, asked)
        estimated = {name: _estimated(reading, name) if name else None for name in needed}
        slabs = _slabs(reading, view, estimated, offset, len(chunk))
        parts = [[of(o, drawn[methods.estimator_of(o)]) for o in observables] for drawn in slabs]
        return [_joined(part) for part in zip(*parts, strict=True)]

    # every chunk has its own stream, so the result does not depend on how many threads or workers there are
    parts = each(one, chunks(methods.draws), DRAWS_PER_CHUNK * len(view.home), methods.workers, SENT)
    return [_joined(part) for part in zip(*parts, strict=True)]


def _estimated(reading: StateReading, name: str) -> Array:
    """States of a block of draws, (draws, cells, d, d); of many cells a few draws at a time, to bound the memory."""
    draws, cells = reading.leading
    if draws * cells <= MOST_AT_ONCE:
        return ESTIMATORS[name](reading)
    step = max(1, EVALUATED // cells)
    cuts = [slice(first, first + step) for first in range(0, draws, step)]
    return np.concatenate([ESTIMATORS[name](some_draws(reading, cut)) for cut in cuts])


def _slabs(
    reading: StateReading,
    view: Cells,
    states: Mapping[str | None, Array | None],
    offset: Mapping[str, Array],
    size: int,
) -> Iterator[dict[str | None, Sample]]:
    """A block of draws a few at a time, one sample an estimator; what members gave is not cut, so neither are those."""
    moments = {word: value + offset.get(word, 0.0) for word, value in reading.moments.items()}
    resolved = reading.resolved if isinstance(reading, Frequencies) else {}
    step = size if resolved else max(1, EVALUATED // len(view.home))
    for cut in (slice(first, first + step) for first in range(0, size, step)):
        some = {word: value[cut] for word, value in moments.items()}
        yield {
            name: view.sample(some, None if all_states is None else all_states[cut], resolved, reading.resolution)
            for name, all_states in states.items()
        }


def _joined(parts: Sequence[_Draws]) -> _Draws:
    def joined(arrays: Sequence[Array | None]) -> Array | None:
        known = [array for array in arrays if array is not None]
        return np.concatenate(known) if known else None

    return _Draws(
        values=np.concatenate([part.values for part in parts]),
        distances=joined([part.distances for part in parts]),
        poles=joined([part.poles for part in parts]),
    )


def _distance(observable: Observable, drawn: Sample, states: Array | None, view: Cells) -> Array:
    """The norm of draw minus estimate."""
    return _on_states(observable, view)(drawn.rho - (0 if states is None else states))


def _shifted_away(measured: Reading, states: Array | None) -> dict[str, Array]:
    """What draws around the estimated states lack of the measured moments, which are not moved; (cells,) each."""
    if states is None:
        return {}
    found = measured.moments
    # energies of ancillas are drawn around what was measured
    expected = exact_moments(states, tuple(word for word in found if not _is_register(measured, word)))
    return {word: np.where(np.isfinite(e), found[word] - e, 0.0) for word, e in expected.items()}


def _is_register(measured: Reading, name: str) -> bool:
    return isinstance(measured, Frequencies) and name in measured.energies
