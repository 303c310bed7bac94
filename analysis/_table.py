"""Counts and exact states -> the tidy table of contract: one row per point, observable and subject."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis import _catalogue
from analysis._frequencies import Counts, draws, frequencies
from analysis._interval import INTERVALS, NORMAL_95
from analysis._moments import LinearErrors, assumption, linear_errors, measured_words, moments
from analysis._tomography import ESTIMATORS
from devices._counts import role, swept_parameters
from protocols import Array, Observable, Points, Sample
from protocols._pauli import moments as exact_moments
from protocols._pauli import words

if typing.TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class Exact:
    """Exact states of every cell (arm-major) and of the reference of every cell."""

    state: Array
    """(cells, d, d)."""
    reference: Array
    """(cells, d, d)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimate:
    """One observable at every cell."""

    observable: Observable
    value: Array
    stderr: Array
    low: Array
    high: Array


def ideal_values(observables: Iterable[Observable], exact: Exact, points: Points, arms: int) -> list[Array]:
    """Every observable of the exact states, (cells,) each."""
    parameters = _per_cell(points, arms)
    every = words(_qubits(exact.state))
    sample = Sample(
        parameters=parameters,
        moments=exact_moments(exact.state, every),
        states=exact.state,
        ideal=exact.state,
        reference=Sample(
            parameters=parameters,
            moments=exact_moments(exact.reference, every),
            states=exact.reference,
            ideal=exact.reference,
        ),
    )
    return [np.clip(o.of(sample), *o.bounds) for o in observables]


def available(observables: Iterable[Observable], bases: Sequence[str]) -> tuple[Observable, ...]:
    """The observables that these settings determine, under the assumption they declare."""
    family, over = assumption(bases)
    direct = {*measured_words(bases), *over}

    def determined(observable: Observable) -> bool:
        read = set(observable.reads)
        if _catalogue.STATE in read:
            return family != "none" and read - {_catalogue.STATE} <= set(over)
        return read <= direct

    return tuple(observable for observable in observables if determined(observable))


def estimates(
    observables: Sequence[Observable],
    counts: Counts,
    exact: Exact,
    points: Points,
    arms: int,
    *,
    estimator: str,
    intervals: Mapping[str, str],
    number: int,
    seed: int,
) -> list[Estimate]:
    """Value, standard error and 95 % interval of every observable at every cell.

    Args:
        observables: What to estimate; see `available`.
        counts: What was measured.
        exact: For the fidelity, and as the reference where `points.reference` is -1.
        points: The sweep.
        arms: Number of arms.
        estimator: Name in `ESTIMATORS`.
        intervals: Observable name -> interval method, where another than its own is wanted.
        number: Bootstrap draws.
        seed: Of the draws.
    """
    home = np.concatenate([np.where(points.reference < 0, -1, points.reference + a * len(points)) for a in range(arms)])
    view = _View(parameters=_per_cell(points, arms), exact=exact, home=home)
    needs_state = any(_catalogue.STATE in o.reads for o in observables)
    measured = frequencies(counts)
    fit = ESTIMATORS[estimator]
    here = view.sample(moments(measured), fit(measured) if needs_state else None)
    values = [np.asarray(o.of(here)) for o in observables]
    linear = [o.interval == "multinomial" for o in observables]
    spread: list[list[Array]] = [[] for _ in observables]
    if not all(linear):
        for drawn in draws(counts, seed, number):
            again = view.sample(moments(drawn), fit(drawn))
            for kept, observable, skip in zip(spread, observables, linear, strict=True):
                if not skip:
                    kept.append(observable.of(again))
    read = sorted({word for o, is_linear in zip(observables, linear, strict=True) if is_linear for word in o.reads})
    errors = linear_errors(counts, read)
    found = []
    for observable, value, kept, is_linear in zip(observables, values, spread, linear, strict=True):
        if is_linear:
            stderr = np.sqrt(_linear_variance(observable, errors, view))
            low, high = value - NORMAL_95 * stderr, value + NORMAL_95 * stderr
        else:
            all_draws = np.concatenate(kept)
            stderr = all_draws.std(axis=0, ddof=1)
            low, high = INTERVALS[intervals.get(observable.name, observable.interval)](value, all_draws)
        clipped = [np.clip(a, *observable.bounds) for a in (value, low, high)]
        found.append(Estimate(observable=observable, value=clipped[0], stderr=stderr, low=clipped[1], high=clipped[2]))
    return found


def tidy(
    columns: Sequence[tuple[Observable, Array]],
    points: Points,
    arms: Sequence[str],
    axis: str,
    measured: Sequence[Estimate] = (),
) -> pd.DataFrame:
    """The table: `ideal` from `columns`, the measured columns from `measured` in the same order, else empty."""
    import pandas as pd

    size = len(points)
    empty = np.full(size * len(arms), np.nan)
    shared: dict[str, typing.Any] = {"point": np.tile(np.arange(size), len(arms))}
    shared["role"] = [role(points, arm, point) for arm in arms for point in range(size)]
    swept = swept_parameters(points, axis)
    shared |= {name: np.tile(points.parameters[name], len(arms)) for name in swept}
    if len(arms) > 1:
        shared["arm"] = np.repeat(list(arms), size)
    frames = []
    for i, (observable, ideal) in enumerate(columns):
        found = measured[i] if measured else None
        frames.append(
            pd.DataFrame(
                {
                    **shared,
                    "observable": observable.name,
                    "subject": observable.subject,
                    "value": found.value if found else empty,
                    "stderr": found.stderr if found else empty,
                    "low": found.low if found else empty,
                    "high": found.high if found else empty,
                    "ideal": ideal,
                    "unit": observable.unit,
                }
            )
        )
    # cell by cell, the observables of one cell together
    return pd.concat(frames).sort_index(kind="stable").reset_index(drop=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class _View:
    """Turns moments and states of the cells into a `Sample` that knows its references."""

    parameters: Mapping[str, Array]
    exact: Exact
    home: Array

    def sample(self, values: Mapping[str, Array], states: Array | None) -> Sample:
        here = Sample(parameters=self.parameters, moments=values, states=states, ideal=self.exact.state)
        nominal = self.home < 0
        exact = exact_moments(self.exact.reference, tuple(values))
        before = {word: np.where(nominal, exact[word], v[..., self.home]) for word, v in values.items()}
        states_before = states
        if states is not None:
            states_before = np.where(nominal[:, None, None], self.exact.reference, states[..., self.home, :, :])
        reference = Sample(parameters=self.parameters, moments=before, states=states_before, ideal=self.exact.reference)
        return replace(here, reference=reference)


def _linear_variance(observable: Observable, errors: LinearErrors, view: _View) -> Array:
    """Variance of an affine observable: its coefficients are read off by probing it with unit moments."""
    cells = len(view.home)
    zero = dict.fromkeys(observable.reads, np.zeros(cells))

    def probe(here: Mapping[str, Array], before: Mapping[str, Array]) -> Array:
        reference = Sample(parameters=view.parameters, moments=before)
        return observable.of(Sample(parameters=view.parameters, moments=here, reference=reference))

    offset = probe(zero, zero)
    here, before = np.zeros((2, cells, len(errors.words)))
    for word in observable.reads:
        column = errors.words.index(word)
        unit = {**zero, word: np.ones(cells)}
        here[:, column] = probe(unit, zero) - offset
        if observable.reference:
            before[:, column] = probe(zero, unit) - offset
    return errors.variance(here, before, view.home)


def _per_cell(points: Points, arms: int) -> dict[str, Array]:
    return {name: np.tile(values, arms) for name, values in points.parameters.items()}


def _qubits(states: Array) -> int:
    return int(states.shape[-1]).bit_length() - 1
