"""RunRecord -> table, verdict, figure and report, from the run directory alone; qiskit is not imported."""

from __future__ import annotations

import contextlib
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from analysis.checks.every_check import checks
from analysis.checks.warnings import warnings
from analysis.consistency.goodness import goodness
from analysis.consistency.scaling import birge, scaled_drive, scaled_estimate, scaled_fit
from analysis.data.frequencies import frequencies
from analysis.data.reading import Data, read
from analysis.intervals.cells import Cells, stored_cells, view
from analysis.intervals.estimates import Methods, defined, estimates
from analysis.quantities import catalogue as _catalogue
from analysis.result import Analysis
from analysis.sweeps.fits import sweep_fits
from analysis.table import available, ideal_values, tidy, with_fits
from analysis.tomography.estimators import ESTIMATORS, fit
from analysis.verdict.heat import verdicts
from analysis.verdict.question import VerdictInputs
from analysis.verdict.wording.numbers import bounds_of
from devices import RunRecord
from devices.record.counts import swept_parameters
from devices.record.start import exact_at
from protocols import Array, Experiment, Observable, RequestError, load

if typing.TYPE_CHECKING:
    import pandas as pd


def analyse(
    run: RunRecord | Path | str,
    *,
    draws: int | None = None,
    estimator: str | None = None,
    estimators: Mapping[str, str] | None = None,
    intervals: Mapping[str, str] | None = None,
    readout_correction: bool = True,
    scale_errors: bool = False,
) -> Analysis:
    """Analyses a finished run.

    The result depends on the run and the arguments only, bit for bit, on one machine with one set of versions:
    the seed is the run's, chunks are of constant size and linear algebra runs on one thread.

    Args:
        run: The record, or the path of its directory.
        draws: Bootstrap draws; by default as many as the run was asked for.
        estimator: How states are estimated: "maximum-likelihood", "linear-inversion" or "per-member"; by default as the
            run recorded.
        estimators: Observable name -> estimator, where another is wanted.
        intervals: Observable name -> interval method, where another than the observable's own is wanted.
        readout_correction: False ignores the calibration that was measured.
        scale_errors: True multiplies all errors by the Birge ratio of the run, if that is above 1; see `Scale`.

    Raises:
        RunError: If the directory is not a complete, unchanged run.
        RequestError: For an unknown estimator or interval, or fewer than 2 draws.
    """
    record = run if isinstance(run, RunRecord) else RunRecord.open(run)
    methods = Methods(
        estimator=estimator or record.start.get("estimator", "maximum-likelihood"),
        estimators=estimators or {},
        intervals=intervals or {},
        draws=int(record.start.get("draws", 1000)) if draws is None else draws,
    )
    with _one_thread():
        return _analyse(record, methods, readout_correction, scale_errors)


def predict(experiment: Experiment, options: Mapping[str, str]) -> pd.DataFrame:
    """The table of a protocol with only `ideal` filled: exact values, no device.

    Args:
        experiment: The protocol with its fields.
        options: Its options, such as {"control": "none"}.

    Raises:
        RequestError: If the options do not fit, or the protocol has no exact states.
    """
    points = experiment.points(options, reference="nominal")
    exact = exact_at(experiment, points)
    if "state" not in exact:
        raise RequestError(f"Argument `protocol`: {experiment.name} has no exact states to predict from.")
    cells = stored_cells(points, len(points.arms), exact)
    observables = _catalogue.catalogue(experiment.qubits, experiment.system, experiment.observables(points))
    columns = zip(observables, ideal_values(observables, cells), strict=True)
    return tidy(list(columns), points, points.arms, experiment.axis)


def _analyse(record: RunRecord, methods: Methods, correct: bool, scaling: bool) -> Analysis:
    start, points, stored = record.start, record.points, record.ideal()
    arms, axis = start["arms"], start["axis"]
    data = read(record, readout_correction=correct)
    cells = stored_cells(points, len(arms), stored)
    protocol = load(start["protocol"]) if start["protocol"] else None
    own = protocol.observables(points) if protocol else ()
    observables = available(_catalogue.catalogue(start["qubits"], record.system, own), data, cells)
    methods.check(observables)
    exact = list(zip(observables, ideal_values(observables, cells), strict=True))
    found = estimates(observables, data, cells, methods, data.seed)
    if cells.state is not None:
        found = [defined(one, ideal) for one, (_, ideal) in zip(found, exact, strict=True)]
    frequency = protocol.frequency(points.parameters) if protocol else None
    swings = protocol is None or frequency is not None
    fits, drives = sweep_fits(data, observables, cells, points, arms, axis, frequency) if swings else ((), ())
    fitted = goodness(data)
    scale = birge(fitted, fits) if scaling else None
    if scale is not None:
        found = [scaled_estimate(one, scale.factor) for one in found]
        fits = tuple(scaled_fit(one, scale.factor) for one in fits)
        drives = tuple(scaled_drive(one, scale.factor) for one in drives)
    table = tidy(exact, points, arms, axis, found)
    question = VerdictInputs(
        axis=axis,
        others=tuple(name for name in swept_parameters(points, axis) if name != axis),
        sides=protocol.sides if protocol else tuple(start["qubits"]),
        goal=protocol.goal(points) if protocol else None,
        apart=_apart(observables, cells, protocol),
        bounds=bounds_of(observables),
    )
    states, gap = _states(data, methods, len(arms))
    found_ = Analysis(
        record=record,
        data=data,
        table=with_fits(table, fits, drives, axis),
        verdicts=tuple(verdicts(table, fits, drives, question)),
        fits=fits,
        observables=observables,
        own=tuple(o for o in observables if o in own),
        view=cells,
        sides=question.sides,
        drives=drives,
        curves=_curves(record, stored, observables),
        prediction=_prediction(record, stored, observables),
        states=states,
        gap=gap,
        ideal_states=stored.get("state"),
        assumption=data.family[0],
        readout_corrected=data.calibrated,
        methods=methods,
        scale=scale,
        goodness=fitted,
    )
    found_ = replace(found_, checks=checks(found_))
    return replace(found_, warnings=warnings(found_))


def _apart(observables: Sequence[Observable], cells: Cells, protocol: Any) -> Array | None:
    """Exact energy difference of the sides at the reference, (cells,), where that is known."""
    exact = cells.exact()
    if protocol is None or protocol.sides is None or exact is None or exact.reference is None:
        return None
    named = {(o.name, o.subject): o for o in observables}
    difference = named.get(("energy_difference", "".join(protocol.sides)))
    return None if difference is None else np.asarray(difference.of(exact.reference))


def _states(data: Data, methods: Methods, arms: int) -> tuple[Array | None, float | None]:
    """Estimated states, (arms, points, d, d), and the largest gap where it is known; None where there are none."""
    if data.family[0] == "none":
        return None, None
    reading, gap = frequencies(data), None
    if methods.estimator == "maximum-likelihood":
        fitted = fit(reading)
        states, gap = fitted.states, float(np.nanmax(fitted.gap, initial=0.0))
    else:
        states = ESTIMATORS[methods.estimator](reading)
    return states.reshape(arms, -1, *states.shape[-2:]), gap


def _curves(record: RunRecord, stored: Mapping[str, Array], observables: Sequence[Observable]) -> pd.DataFrame | None:
    """The exact prediction stored with the run on its fine grid."""
    if "fine_state" not in stored:
        return None
    fine, arms = record.fine_points(stored), record.start["arms"]
    cells = stored_cells(fine, len(arms), stored, "fine_")
    exact = zip(observables, ideal_values(observables, cells), strict=True)
    return tidy(list(exact), fine, arms, record.start["axis"])


def _prediction(
    record: RunRecord, stored: Mapping[str, Array], observables: Sequence[Observable]
) -> pd.DataFrame | None:
    """What the stored noise model gives exactly at the points: every observable of the states it predicts."""
    if "device_state" not in stored:
        return None
    points, arms = record.points, record.start["arms"]
    states = stored["device_state"]
    # as measured: each point is compared with the device's own state at the reference
    measured = points.reference >= 0
    before = np.where(measured[:, None, None], states[:, points.reference], stored["reference_state"])
    cells = view(points, len(arms), states, before)
    # the noise model predicts states of the system, not its ancillas
    shown = [o for o in observables if not (o.ideal or o.theory or {*o.reads} & {*record.registers})]
    exact = zip(shown, ideal_values(shown, cells), strict=True)
    return tidy(list(exact), points, arms, record.start["axis"])


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
