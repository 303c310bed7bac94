"""RunRecord -> table, verdict, figure and report, from the run directory alone; qiskit is not imported."""

from __future__ import annotations

import contextlib
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from analysis.asked import left_out, wanted
from analysis.checks.every_check import checks, checks_of_counts
from analysis.checks.of_copies import ChecksOfCopy, with_worst_copies
from analysis.checks.warnings import warnings
from analysis.consistency import carried_out
from analysis.consistency.goodness import Goodness, goodness
from analysis.consistency.prepared import declared
from analysis.consistency.scaling import birge
from analysis.copies import (
    Copies,
    MitigatedMean,
    estimated,
    fitted_mean,
    mean_of_mitigated,
    over_copies,
    tidy_copies,
    told_apart,
    why_summed,
    with_mitigated,
    with_own_readout,
)
from analysis.data.reading import DataSet, read
from analysis.data.resolved import check_columns
from analysis.evaluation import Evaluation, SweepSetup, evaluate, setup_of
from analysis.folded import folded_counts, folded_heats, folded_rows, with_folded
from analysis.intervals.cells import Cells, stored_cells
from analysis.intervals.exact_members import with_exact_members
from analysis.intervals.methods import DRAWS, LINEAR, Methods
from analysis.mitigation import Mitigation, chosen_way, mitigated
from analysis.quantities.observables import catalogue
from analysis.result import Analysis
from analysis.stored_theory import curves, prediction, white_noise
from analysis.sweeps import SweepFit
from analysis.table import tidy, with_fits
from analysis.verdict import as_fitted, mitigated_heats
from analysis.verdict.verdict import headline
from devices import RunRecord
from protocols import Array, Experiment, Observable, RequestError
from protocols.program import folded_arms
from workers import Asked, opened

if typing.TYPE_CHECKING:
    import pandas as pd


MOST_CELLS = 20_000
"""Of a sweep for whose verdict the line with errors of gates removed is made unasked."""
MANY_CELLS = 400
"""Points in all arms whose states take longer than one waits for without a word."""
SUMMED = "counts of all copies are summed, as if all were one: {why}"
SCALED_COPIES = (
    "Argument `scale_errors` is for one copy: errors of a mean over copies hold whatever these differ by, but it was "
    "asked for. Leave it out."
)
DRAWS_BEFORE = 1000
"""The default of runs that were made before December 2026."""


def analyse(
    run: RunRecord | Path | str,
    *,
    draws: int | None = None,
    estimator: str | None = None,
    estimators: Mapping[str, str] | None = None,
    intervals: Mapping[str, str] | None = None,
    readout_correction: bool = True,
    scale_errors: bool = False,
    mitigation: str | None = None,
    quantities: Sequence[str] | None = None,
    told: Callable[[str], None] | None = None,
    workers: Asked = 1,
) -> Analysis:
    """Analyses a finished run.

    The result depends on the run and the arguments only, bit for bit, on one machine with one set of versions:
    the seed is the run's, chunks are of constant size and linear algebra runs on one thread.

    Args:
        run: The record, or the path of its directory.
        draws: Bootstrap draws; by default as many as the run was asked for, or 100.
        estimator: How states are estimated: "maximum-likelihood", "linear-inversion" or "per-member"; by default as the
            run recorded.
        estimators: Observable name -> estimator, where another is wanted.
        intervals: Observable name -> interval method, where another than the observable's own is wanted.
        readout_correction: False ignores the calibration that was measured.
        scale_errors: True multiplies all errors by the Birge ratio of the run, if that is above 1; see `Scale`.
        mitigation: How errors of gates are removed in rows beside the raw ones: "none", "symmetry", "survival" or
            "both"; by default as the run was asked for.
        quantities: Names of the quantities that are wanted, ("all",) for every one; by default as the run recorded, or
            all. What is linear in the counts is always there, and so is what the verdict is about.
        told: Told what the energies alone say, before the states of many points are estimated, which takes minutes.
        workers: Processes that share draws and searches of many points: a number, the address of a Dask scheduler, or
            an executor. The answers are the same bits for any.

    Raises:
        RunError: If the directory is not a complete, unchanged run.
        RequestError: For an unknown estimator, interval or quantity, or fewer than 2 draws.
    """
    record = run if isinstance(run, RunRecord) else RunRecord.open(run)
    methods = Methods(
        estimator=estimator or record.start.get("estimator", "maximum-likelihood"),
        estimators=estimators or {},
        intervals=intervals or {},
        draws=_recorded_draws(record) if draws is None else draws,
        quantities=tuple(record.start.get("quantities", ()) if quantities is None else quantities),
    )
    way = chosen_way(record.start.get("mitigation", "none") if mitigation is None else mitigation)
    folds = folded_arms(record.start["arms"])
    with opened(workers) as team, _one_thread():
        methods = replace(methods, workers=team)
        found = _analyse(record.without(folds), methods, readout_correction, scale_errors, told)
        try:
            found = _beside(found, way)
        except RequestError as refusal:
            if mitigation is not None:
                raise
            # what a run recorded before its counts were known must not keep them from being analysed
            found = _beside(replace(found, warnings=(*found.warnings, f"no mitigation: {refusal}")), "none")
        return _checked(found, record, folds) if folds else found


def _checked(found: Analysis, record: RunRecord, folds: Sequence[str]) -> Analysis:
    """The analysis with the rows of folded arms and what they extrapolate to."""
    start = record.start
    counts = folded_counts(record, (start["arms"][0], *folds), calibrated=found.readout_corrected)
    rows = folded_rows(found, [(arm, data) for arm, (_, data) in zip(folds, counts[1:], strict=True)])
    swept = found.estimates.swept
    after = swept[-1] if swept else "role"
    points = _points(found)
    table = with_folded(points, rows, after, start["arms"][0])
    table = _with_fits(table, found)
    return replace(found, table=table, folded=folded_heats(found, counts))


def _beside(found: Analysis, way: Mitigation) -> Analysis:
    """The analysis with errors of gates removed in rows of their own; all checks are those of the raw data."""
    scale = 1.0 if found.scale is None else found.scale.factor

    def removed(way: Mitigation, methods: Methods | None) -> MitigatedMean:
        if found.copies is not None:
            return mean_of_mitigated(found.record, found.data, found.copies, found.view, found.estimates, way, methods)
        plain = mitigated(found.record, found.data, found.view, found.estimates, way, methods, scale)
        return MitigatedMean(mean=plain)

    asked = None if way == "none" else removed(way, found.methods)
    beside = asked if way == "both" else None
    if way != "both" and len(found.view.home) <= MOST_CELLS:
        try:
            beside = removed("both", None)
        except RequestError:  # nobody asked for it
            beside = None
    both = None if beside is None else beside.mean
    heats = ()
    if both is not None and found.sides is not None:
        best = [(verdict.hot, verdict.at) for verdict in found.verdicts]
        heats = tuple(
            as_fitted(
                heat,
                found.verdicts,
                found.fits,
                found.data,
                found.view,
                both,
                found.estimates,
                scale,
                _gain_of_copies(found, beside),
            )
            for heat in mitigated_heats(found.estimates, both, best, found.sides)
        )
    found = replace(found, both=both, mitigated_heats=heats)
    if found.copies is not None and (shown := asked or beside):
        found = replace(found, copies=with_mitigated(found.copies, shown))
    if asked is None:
        return found
    found = replace(found, mitigated=asked.mean)
    return replace(found, table=_with_fits(_points(found), found))


def _gain_of_copies(
    found: Analysis, beside: MitigatedMean | None
) -> Callable[[SweepFit, Observable, float], tuple[float, float]] | None:
    """What a side gained by the fit of the mean, with the errors of gates removed in every copy."""
    copies = found.copies
    if copies is None or beside is None:
        return None
    return lambda fit, energy, at: fitted_mean(fit, copies.apart, beside.by_copy, found.view, energy, at)


def _points(found: Analysis) -> pd.DataFrame:
    """The rows of all points: of every copy too, where there are several."""
    if found.copies is None:
        return tidy(found.estimates, found.mitigated)
    return tidy_copies(found.estimates, found.copies, found.mitigated)


def _with_fits(points: pd.DataFrame, found: Analysis) -> pd.DataFrame:
    """A table of the points with the rows of the sweep as a whole below it, in the unit of the run's gaps."""
    axis, degrees = found.record.start["axis"], found.estimates.degrees
    return with_fits(points, found.fits, found.drives, axis, found.record.gaps, degrees)


def _recorded_draws(record: RunRecord) -> int:
    """Draws that the run was asked for; today's default where it was not.

    Runs made before that became 100 recorded the default of then, 1000, as if it had been asked for.
    """
    recorded = int(record.start.get("draws", DRAWS))
    return DRAWS if recorded == DRAWS_BEFORE and "--draws" not in record.start.get("command", "") else recorded


@dataclass(frozen=True, kw_only=True, eq=False)
class _Measured:
    """A run as read, and what is asked of it."""

    record: RunRecord
    stored: Mapping[str, Array]
    """Exact states that are stored with it."""
    protocol: Experiment | type[Experiment] | None
    experiment: Experiment | None
    """What was carried out, where observables of members need it."""
    own: tuple[Observable, ...]
    """Those that the protocol brings."""
    data: DataSet
    cells: Cells
    setup: SweepSetup
    everything: tuple[Observable, ...]
    """Every quantity that the run may have."""
    candidates: tuple[Observable, ...]
    """Those that are wanted."""


def _measured(record: RunRecord, methods: Methods, correct: bool) -> _Measured:
    start, points, stored = record.start, record.points, record.ideal()
    protocol = declared(record)
    own = protocol.observables(points) if protocol else ()
    check_columns(record, own)
    data = read(record, readout_correction=correct, joint=sorted({o.resolved for o in own if o.resolved}))
    cells = stored_cells(points, len(start["arms"]), stored, "", protocol, start["qubits"])
    experiment = carried_out(record) if any(o.resolved is not None and o.exactly is None for o in own) else None
    cells = with_exact_members(cells, experiment, points, start["bases"], own, white_noise(record))
    setup = setup_of(protocol, points, start["arms"], start["axis"], start["qubits"], record.gaps)
    everything = catalogue(start["qubits"], record.system, own, protocol, record.gaps)
    return _Measured(
        record=record,
        stored=stored,
        protocol=protocol,
        experiment=experiment,
        own=tuple(own),
        data=data,
        cells=cells,
        setup=setup,
        everything=everything,
        candidates=wanted(everything, methods, setup.goal),
    )


def _analyse(
    record: RunRecord, methods: Methods, correct: bool, scaling: bool, told: Callable[[str], None] | None
) -> Analysis:
    run, why = _measured(record, methods, correct), why_summed(record)
    data, cells, setup = run.data, run.cells, run.setup
    # what is said before the copies are known apart would be said of one
    if told is not None and why is not None and len(cells.home) >= MANY_CELLS and data.family[0] != "none":
        told(headline(_of_energies(run, methods).verdicts))
    apart = told_apart(record, data) if why is None else None
    if apart is not None:
        if scaling:
            raise RequestError(SCALED_COPIES)
        data = with_own_readout(data, apart.data)
    fitted = goodness(data)
    scale_of = (lambda fits: birge(fitted, fits)) if scaling else None
    said, copies = evaluate(data, cells, setup, run.candidates, methods, scale_of=scale_of), None
    if apart is not None:
        apart = estimated(apart, cells, setup, said.observables, methods)
        said, copies = over_copies(record, said, data, apart, cells, setup, methods)
    found = _found(replace(run, data=data), said, methods, fitted, copies)
    found = replace(found, table=_with_fits(found.table, found))
    found = replace(found, checks=checks(found))
    if copies is not None:
        asked = with_worst_copies(found.checks, _checks_of_each(found, copies))
        found = replace(found, table=_with_fits(_points(found), found), checks=asked)
    summed = (SUMMED.format(why=why),) if why else ()
    return replace(found, warnings=(*warnings(found), *summed))


def _found(
    run: _Measured, said: Evaluation, methods: Methods, fitted: Goodness | None, copies: Copies | None
) -> Analysis:
    """The answers, before anything is asked of them."""
    own = {one.key for one in run.own}
    return Analysis(
        **_answers(said),
        record=run.record,
        data=run.data,
        own=tuple(o for o in said.observables if o.pair or o.key in own),
        view=run.cells,
        sides=run.setup.sides,
        machine=run.setup.machine,
        goal=run.setup.goal,
        curves=curves(run.record, run.stored, said.observables, run.protocol, run.experiment),
        prediction=prediction(run.record, run.stored, said.observables),
        ideal_states=run.stored.get("state"),
        assumption=run.data.family[0],
        readout_corrected=run.data.calibrated,
        methods=methods,
        goodness=fitted,
        copies=copies,
        left_out=left_out(run.everything, run.candidates),
    )


def _answers(said: Evaluation) -> dict[str, typing.Any]:
    """What an analysis has of an evaluation: every field of it, and the table of its estimates."""
    return {one.name: getattr(said, one.name) for one in fields(said)} | {"table": tidy(said.estimates)}


def _checks_of_each(found: Analysis, copies: Copies) -> list[ChecksOfCopy]:
    """What every copy answers by itself; whether its members are states, which takes many fits, is asked of the sum."""
    apart, checked = copies.apart, []
    for record, data, said in zip(apart.records, apart.data, apart.found, strict=True):
        predicted = prediction(record, record.ideal(), said.observables)
        one = {"record": record, "data": data, "prediction": predicted, "goodness": None, "copies": None}
        one = replace(found, **(_answers(said) | one))
        checked.append(ChecksOfCopy(number=record.copy or 0, checks=checks_of_counts(one)))
    return checked


def _of_energies(run: _Measured, methods: Methods) -> Evaluation:
    """What follows from energies and whatever else is linear in the counts."""
    simple = [o for o in run.candidates if methods.estimator_of(o) is None and methods.interval_of(o) == LINEAR]
    return evaluate(run.data, run.cells, run.setup, simple, methods, keep_states=False)


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
