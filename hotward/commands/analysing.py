"""`hotward analyse` and `hotward report`: a run analysed again, from its directory alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from hotward.commands.listing import find_run, finished
from hotward.conclusion import analysed, conclude, warn_of_missing_intervals
from hotward.options import Draws, Estimator, Json, Mitigation, Quantities, Run, Runs, WorkersOption
from protocols import RequestError


def analyse_run(
    run: Run,
    runs: Runs = Path("runs"),
    draws: Draws = None,
    estimator: Estimator = None,
    mitigation: Mitigation = None,
    quantities: Quantities = None,
    uncorrected: Annotated[bool, typer.Option("--uncorrected", help="Ignore the readout calibration.")] = False,
    scale_errors: Annotated[
        bool, typer.Option("--scale-errors", help="Widen all errors by sqrt(chi-square/dof) of the run, if above 1.")
    ] = False,
    interval: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=METHOD",
            help="Another interval for one quantity, e.g. mutual_information=credible; repeatable. Methods: "
            "likelihood-ratio, bootstrap, wider, percentile, basic, normal, credible.",
        ),
    ] = None,
    workers: WorkersOption = "1",
    json: Json = False,
) -> None:
    """Analyse a run again, from its directory alone."""
    from analysis import parsed_quantities

    chosen, path = _interval_methods(interval or []), finished(find_run(run, runs))
    result = analysed(
        path,
        json,
        draws=draws,
        estimator=estimator,
        intervals=chosen,
        readout_correction=not uncorrected,
        scale_errors=scale_errors,
        mitigation=mitigation,
        quantities=parsed_quantities(quantities),
        workers=workers,
    )
    warn_of_missing_intervals(result, chosen)
    conclude(result, json)


def report(
    run: Run, runs: Runs = Path("runs"), draws: Draws = None, estimator: Estimator = None, json: Json = False
) -> None:
    """Write the report of a run again; the last line is its path."""
    result = analysed(finished(find_run(run, runs)), json, draws=draws, estimator=estimator)
    conclude(result, json, last="report.html")


def _interval_methods(given: Sequence[str]) -> dict[str, str]:
    """Interval methods by quantity from name=method."""
    chosen = {}
    for text in given:
        name, separator, method = text.partition("=")
        if not separator or not name or not method:
            raise RequestError(
                f"Argument `interval` must be name=method, but is {text!r}. Try --interval mutual_information=credible."
            )
        chosen[name.strip()] = method.strip()
    return chosen
