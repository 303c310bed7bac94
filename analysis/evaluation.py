"""Data -> estimates, fits and verdicts: the one path that a finished run and the plan of one both go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.consistency.scaling import Scale, scaled_drive, scaled_estimate, scaled_fit
from analysis.data.count_table import determined
from analysis.data.counts import Counts
from analysis.data.expectations import Expectations
from analysis.data.local_counts import LocalCounts
from analysis.data.reading import DataSet
from analysis.estimate_arrays import Estimates, gathered
from analysis.intervals.cells import Cells
from analysis.intervals.estimation import Estimate, estimates, fit_states
from analysis.intervals.methods import Methods, evaluated
from analysis.marginals import as_determined, bases_of, cells_of, counts_of
from analysis.sweeps.fits import DriveCheck, SweepFit, sweep_fits
from analysis.verdict.heat import verdicts
from analysis.verdict.question import VerdictInputs
from analysis.verdict.verdict import Verdict
from analysis.verdict.wording.numbers import bounds_of
from protocols import Array, Observable, Points, Sample
from protocols.pair import READING
from protocols.program import STATE, Experiment, Goal, Machine, machine_of
from protocols.units import Gaps


@dataclass(frozen=True, kw_only=True, eq=False)
class SweepSetup:
    """What was swept, and what a protocol says of it."""

    points: Points
    arms: tuple[str, ...]
    axis: str
    """The parameter that the sweep runs along."""
    sides: tuple[str, str] | None
    """Two subjects between which heat flows."""
    goal: Goal | None
    """What is to be shown where it is not the direction of heat."""
    oscillates: bool
    """Whether energies oscillate along the axis, as far as is known."""
    frequency: Array | None
    """Of that oscillation at every point; None where it is not known."""
    gaps: Gaps | None = None
    """Of the two qubits, where they are unequal."""
    machine: Machine | None = None
    """Where the rows of a machine between two baths are."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """What data say."""

    observables: tuple[Observable, ...]
    """Those that the data determine."""
    estimates: Estimates
    fits: tuple[SweepFit, ...]
    drives: tuple[DriveCheck, ...]
    scale: Scale | None
    """By how much error bars were widened; None: that was not asked for."""
    verdicts: tuple[Verdict, ...]
    """One for every combination of the swept parameters other than the axis."""


def setup_of(
    protocol: Experiment | type[Experiment] | None,
    points: Points,
    arms: Sequence[str],
    axis: str,
    qubits: Sequence[str],
    gaps: Gaps | None = None,
) -> SweepSetup:
    """What a protocol says of a sweep.

    Args:
        protocol: None: nothing is known but what was read.
        points: The sweep.
        arms: The main arm, and controls.
        axis: The parameter that it runs along.
        qubits: Names of the qubits of the system.
        gaps: Of two qubits of which nothing else is known, where they are unequal.
    """
    if protocol is None:
        two = len(qubits) == 2  # more have no two sides, and more than one frequency
        return SweepSetup(
            points=points,
            arms=tuple(arms),
            axis=axis,
            sides=(qubits[0], qubits[1]) if two else None,
            goal=None,
            oscillates=two,
            frequency=None,
            gaps=gaps,
        )
    frequency = protocol.frequency(points.parameters)
    return SweepSetup(
        points=points,
        arms=tuple(arms),
        axis=axis,
        sides=protocol.sides,
        goal=protocol.goal(points),
        oscillates=frequency is not None,
        frequency=frequency,
        machine=machine_of(protocol),
    )


def evaluate(
    data: DataSet,
    cells: Cells,
    setup: SweepSetup,
    candidates: Iterable[Observable],
    methods: Methods,
    *,
    keep_states: bool = True,
    scale_of: Callable[[Sequence[SweepFit]], Scale] | None = None,
) -> Evaluation:
    """Everything that data say of a sweep.

    Args:
        data: What was measured, or what is expected.
        cells: What is known of the cells without measuring them.
        setup: What was swept.
        candidates: Observables; those that the data do not determine are left out.
        methods: Estimators, intervals and the number of draws.
        keep_states: Whether states are fitted where no observable is a function of them.
        scale_of: The factor of all error bars, from the fits of the sweeps; None: they are left as they are.

    Raises:
        RequestError: If the methods do not fit the observables.
    """
    points, arms, axis = setup.points, setup.arms, setup.axis
    observables = available(candidates, data, cells)
    methods.check(observables)
    exact = list(zip(observables, ideal_values(observables, cells), strict=True))
    whole = [o for o in observables if not o.pair]
    needed = keep_states or any(methods.estimator_of(o) for o in whole)
    fitted = fit_states(whole, data, methods) if needed else {}
    made = {o.key: one for o, one in zip(whole, estimates(whole, data, cells, methods, data.seed, fitted), strict=True)}
    made |= _of_pairs(observables, data, cells, methods)
    found = [made[o.key] for o in observables]
    if cells.state is not None:
        found = [_defined(one, ideal) for one, (_, ideal) in zip(found, exact, strict=True)]
    fits, drives = (), ()
    if setup.oscillates:
        fits, drives = sweep_fits(data, observables, cells, points, arms, axis, setup.frequency)
    scale = None if scale_of is None else scale_of(fits)
    if scale is not None:
        found = [scaled_estimate(one, scale.factor) for one in found]
        fits = tuple(scaled_fit(one, scale.factor) for one in fits)
        drives = tuple(scaled_drive(one, scale.factor) for one in drives)
    inputs = verdict_inputs(observables, data, cells, setup)
    everything = gathered(exact, points, arms, axis, found, fitted.get(methods.estimator))
    return Evaluation(
        observables=observables,
        estimates=everything,
        fits=fits,
        drives=drives,
        scale=scale,
        verdicts=tuple(verdicts(everything, fits, drives, inputs)),
    )


def _defined(found: Estimate, ideal: Array) -> Estimate:
    """A ratio where theory has one: what is estimated of an efficiency without a fuel is noise over noise."""
    if found.observable.ratio is None:
        return found
    none = np.isnan(ideal)
    names = ("value", "stderr", "low", "high", "corrected")
    return replace(found, **{name: np.where(none, np.nan, getattr(found, name)) for name in names})


def _of_pairs(
    observables: Sequence[Observable], data: DataSet, cells: Cells, methods: Methods
) -> dict[tuple[str, str], Estimate]:
    """Estimates of what is a quantity of two qubits among more, by its key: from their own counts, as of any pair."""
    found: dict[tuple[str, str], Estimate] = {}
    for pair in dict.fromkeys(o.pair for o in observables if o.pair):
        assert not isinstance(data, Expectations)
        order = as_determined(data.bases, pair)
        own, counts = [o for o in observables if o.pair == pair], counts_of(data, order)
        of_pair = estimates(own, counts, cells_of(cells, order), methods, counts.seed)
        found |= {o.key: one for o, one in zip(own, of_pair, strict=True)}
    return found


def exact_estimates(
    observables: Sequence[Observable], cells: Cells, points: Points, arms: Sequence[str], axis: str
) -> Estimates:
    """The exact values of observables at every cell, with nothing measured.

    Args:
        observables: What is evaluated.
        cells: Exact states, and what they are compared with.
        points: The sweep.
        arms: Names of its arms.
        axis: The parameter that it runs along.
    """
    return gathered(list(zip(observables, ideal_values(observables, cells), strict=True)), points, arms, axis)


def available(observables: Iterable[Observable], data: DataSet, view: Cells) -> tuple[Observable, ...]:
    """The observables that data and cells determine, under the assumption that the data's settings declare.

    One that needs more than was read is there as what it is `otherwise`.

    Args:
        observables: Candidates.
        data: What was measured.
        view: The cells and their references.
    """
    family, over = data.family
    direct = {*data.known, *over}

    def determined(observable: Observable) -> bool:
        read = set(observable.reads)
        if observable.pair:
            return not isinstance(data, Expectations) and _of_pair(observable, data)
        if observable.resolved is not None and not _resolved(observable, data, view):
            return False
        if (observable.reference and not view.compared) or (observable.ideal and view.state is None):
            return False
        if STATE in read:
            return family != "none" and read - {STATE} <= {*over, *data.registers}
        # what the family supplies is an assumption, which `otherwise` is there for
        return read <= ({*data.known} if observable.otherwise else direct)

    def as_far_as_read(observable: Observable | None) -> Observable | None:
        return observable if observable is None or determined(observable) else as_far_as_read(observable.otherwise)

    return tuple(one for one in map(as_far_as_read, observables) if one is not None)


def _of_pair(observable: Observable, data: Counts | LocalCounts) -> bool:
    """Whether the settings determine what two of the qubits share."""
    order = as_determined(data.bases, observable.pair or (0, 1))
    return determined(bases_of(data.bases, order))[0] != "none"


def _resolved(observable: Observable, data: DataSet, view: Cells) -> bool:
    """Whether there are members to tell apart, and everything that they are compared with."""
    if not isinstance(data, Counts) or data.batch is not None or data.observed.shape[1] < 2:
        return False
    there = set(observable.arms or ()) <= {*view.arms}
    there = there and (not observable.resolved or observable.resolved in data.joint)
    return there and not (observable.reference and (view.home < 0).any())


def ideal_values(observables: Sequence[Observable], view: Cells) -> list[Array]:
    """Every observable of the exact states, (cells,) each.

    Args:
        observables: What is evaluated.
        view: Exact states of the cells, and what they are compared with.
    """
    exact, nothing = view.exact(), np.full(len(view.home), np.nan)
    bare = Sample(parameters=view.parameters, moments={})
    pairs = {pair: cells_of(view, pair).exact() for pair in dict.fromkeys(o.pair for o in observables if o.pair)}
    samples = [bare if o.theory else pairs[o.pair] if o.pair else exact for o in observables]
    # + 0.0: no negative zero
    return [nothing if s is None else _exact(o, s) + 0.0 for o, s in zip(observables, samples, strict=True)]


def _exact(observable: Observable, sample: Sample) -> Array:
    """The quantity of exact states: mapped, and within what is possible."""
    if observable.exactly is not None:
        return np.asarray(observable.exactly(sample))
    value = evaluated(observable, sample)
    mapped = value if observable.through is None else observable.through(value)
    mapped = mapped * observable.multiplier(sample.parameters)
    return np.clip(mapped, *observable.bounds)


def verdict_inputs(observables: Sequence[Observable], data: DataSet, cells: Cells, setup: SweepSetup) -> VerdictInputs:
    """What the verdict is about.

    Args:
        observables: Those of the table.
        data: What was measured.
        cells: What is known without measuring.
        setup: What was swept.
    """
    return VerdictInputs(
        sides=setup.sides,
        closed=not {*data.registers} - {READING},
        goal=setup.goal,
        machine=setup.machine,
        apart=_difference_at_reference(observables, cells, setup.sides),
        bounds=bounds_of(observables),
        gaps=setup.gaps,
    )


def _difference_at_reference(
    observables: Sequence[Observable], cells: Cells, sides: tuple[str, str] | None
) -> Array | None:
    """Exact energy difference of the sides at the reference, (cells,), where that is known."""
    exact = cells.exact()
    if sides is None or exact is None or exact.reference is None:
        return None
    named = {(o.name, o.subject): o for o in observables}
    difference = named.get(("energy_difference", "".join(sides)))
    return None if difference is None else np.asarray(difference.of(exact.reference))
