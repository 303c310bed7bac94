"""Experiment -> table of exact values, without a device."""

from __future__ import annotations

import typing
from collections.abc import Mapping

from analysis.evaluation import exact_estimates
from analysis.intervals.cells import stored_cells
from analysis.intervals.exact_members import with_exact_members
from analysis.quantities.observables import catalogue
from analysis.table import tidy
from devices.record import exact_at
from protocols import Experiment, RequestError
from protocols.program import check_quantities

if typing.TYPE_CHECKING:
    import pandas as pd


def predict(experiment: Experiment, options: Mapping[str, str]) -> pd.DataFrame:
    """The table of a protocol with only `ideal` filled: exact values, no device.

    Args:
        experiment: The protocol with its fields.
        options: Its options, such as {"control": "none"}.

    Raises:
        RequestError: If the options do not fit, or the protocol has no exact states.
    """
    points = experiment.points(options, reference="nominal")
    check_quantities(experiment, points, {name for arm in points.arms for name in experiment.registers(points, arm)})
    exact = exact_at(experiment, points)
    if not any(name == "state" or name.startswith("moment_") for name in exact):
        raise RequestError(f"Argument `protocol`: {experiment.name} has no exact states to predict from.")
    cells = stored_cells(points, len(points.arms), exact, "", experiment, experiment.qubits)
    observables = catalogue(experiment.qubits, experiment.system, experiment.observables(points), experiment)
    bases = next(iter(experiment.measurements.values()))
    cells = with_exact_members(cells, experiment, points, bases, observables)
    return tidy(exact_estimates(observables, cells, points, points.arms, experiment.axis))
