"""RunRecord -> table, verdict, figure and report, from the run directory alone; qiskit is not imported."""

from __future__ import annotations

import contextlib
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis import _catalogue
from analysis._frequencies import tabulate
from analysis._interval import INTERVALS
from analysis._moments import assumption
from analysis._table import Exact, available, estimates, ideal_values, tidy
from analysis._tomography import ESTIMATORS
from analysis._verdict import Verdict, headline, verdicts
from devices import RunRecord
from devices._counts import swept_parameters
from protocols import Array, Experiment, Observable, RequestError, load

if typing.TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class Analysis:
    """What a run says."""

    record: RunRecord
    table: pd.DataFrame
    """Tidy; see README."""
    verdicts: tuple[Verdict, ...]
    """One for every combination of the swept parameters other than the axis."""
    curves: pd.DataFrame
    """The exact prediction on a fine grid along the axis, with the columns of the table."""
    assumption: str
    """"full", "x-state", "minimal" or "none": what the settings leave to assume."""
    readout_corrected: bool
    estimator: str
    draws: int

    @property
    def verdict(self) -> Verdict:
        """The verdict of the first sweep: the only one unless other parameters than the axis are swept."""
        return self.verdicts[0]

    @property
    def headline(self) -> str:
        """One sentence over all sweeps."""
        return headline(self.verdicts)


def analyse(
    run: RunRecord | Path | str,
    *,
    draws: int | None = None,
    estimator: str = "linear-inversion",
    intervals: Mapping[str, str] | None = None,
    readout_correction: bool = True,
) -> Analysis:
    """Analyses a finished run.

    The result depends on the run and the arguments only, bit for bit, on one machine with one set of versions:
    the seed is the run's, chunks are of constant size and linear algebra runs on one thread.

    Args:
        run: The record, or the path of its directory.
        draws: Bootstrap draws; by default as many as the run was asked for.
        estimator: How states are estimated: "linear-inversion".
        intervals: Observable name -> interval method, where another than the observable's own is wanted.
        readout_correction: False ignores the calibration that was measured.

    Raises:
        RunError: If the directory is not a complete, unchanged run.
        RequestError: For an unknown estimator or interval, or fewer than 2 draws.
    """
    record = run if isinstance(run, RunRecord) else RunRecord.open(run)
    number = int(record.start.get("draws", 1000)) if draws is None else draws
    _check(number, estimator, intervals or {})
    with _one_thread():
        return _analyse(record, number, estimator, intervals or {}, readout_correction)


def predict(experiment: Experiment, options: Mapping[str, str]) -> pd.DataFrame:
    """The table of a protocol with only `ideal` filled: exact values, no device.

    Args:
        experiment: The protocol with its fields.
        options: Its options, such as {"control": "none"}.

    Raises:
        RequestError: If the options do not fit.
    """
    points = experiment.points(options, reference="nominal")
    exact = _exact_of(experiment, points)
    observables = (*_catalogue.pair(experiment.qubits), *experiment.observables())
    ideal = ideal_values(observables, exact, points, len(points.arms))
    return tidy(list(zip(observables, ideal, strict=True)), points, points.arms, experiment.axis)


def _analyse(record: RunRecord, number: int, estimator: str, intervals: Mapping[str, str], correct: bool) -> Analysis:
    start, points = record.start, record.points
    qubits, bases, arms = start["qubits"], start["bases"], start["arms"]
    rows = record.counts()
    if not correct:
        rows = rows[rows["basis"] != "cal"]
    counts = tabulate(rows, qubits=qubits, bases=bases, arms=arms, parameters=points.parameters)
    stored = record.ideal()
    exact = Exact(state=_cells(stored["state"]), reference=_cells(stored["reference_state"]))
    observables = available((*_catalogue.pair(qubits), *_own_observables(start["protocol"])), bases)
    found = estimates(
        observables,
        counts,
        exact,
        points,
        len(arms),
        estimator=estimator,
        intervals=intervals,
        number=number,
        seed=start["analysis_seed"],
    )
    ideal = ideal_values(observables, exact, points, len(arms))
    table = tidy(list(zip(observables, ideal, strict=True)), points, arms, start["axis"], found)
    others = [name for name in swept_parameters(points, start["axis"]) if name != start["axis"]]
    return Analysis(
        record=record,
        table=table,
        verdicts=tuple(verdicts(table, start["axis"], others, qubits)),
        curves=_curves(record, observables),
        assumption=assumption(bases)[0],
        readout_corrected=counts.calibrated,
        estimator=estimator,
        draws=number,
    )


def _curves(record: RunRecord, observables: tuple[Observable, ...]) -> pd.DataFrame:
    """The exact prediction stored with the run on its fine grid."""
    stored, arms, fine = record.ideal(), record.start["arms"], record.fine_points()
    exact = Exact(state=_cells(stored["fine_state"]), reference=_cells(stored["fine_reference_state"]))
    shown = [o for o in observables if o.name in ("energy", "heat", "energy_difference")]
    ideal = ideal_values(shown, exact, fine, len(arms))
    return tidy(list(zip(shown, ideal, strict=True)), fine, arms, record.start["axis"])


def _own_observables(protocol: str) -> tuple[Observable, ...]:
    """Observables of the protocol's own file; they do not depend on its fields."""
    return load(protocol).observables()


def _exact_of(experiment: Experiment, points: typing.Any) -> Exact:
    states = [experiment.state(points, arm) for arm in points.arms]
    before = [experiment.reference_state(points, arm) for arm in points.arms]
    if any(state is None for state in (*states, *before)):
        raise RequestError(f"{experiment.name} has no exact states to predict from.")
    return Exact(
        state=np.concatenate(typing.cast("list[Array]", states)),
        reference=np.concatenate(typing.cast("list[Array]", before)),
    )


def _cells(per_arm: Array) -> Array:
    return per_arm.reshape(-1, *per_arm.shape[2:])


def _check(draws: int, estimator: str, intervals: Mapping[str, str]) -> None:
    if draws < 2:
        raise RequestError(f"Argument `draws` must be at least 2, but is {draws}. 1000 is the default.")
    if estimator not in ESTIMATORS:
        raise RequestError(f"Argument `estimator` must be one of {', '.join(ESTIMATORS)}, but is {estimator!r}.")
    for name, method in intervals.items():
        if method not in INTERVALS:
            known = ", ".join(INTERVALS)
            raise RequestError(f"Argument `intervals` must name one of {known}, but is {method!r} for {name}.")


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Linear algebra on one thread, so that sums are always added in the same order."""
    try:
        from threadpoolctl import threadpool_limits
    except ModuleNotFoundError:  # an environment made for reading runs only; matrices here are small
        yield
        return
    with threadpool_limits(1):
        yield
