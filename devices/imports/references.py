"""The points of a file measured elsewhere, and which one each other one is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from devices.imports.points import Foreign
from protocols import Experiment, Points, RequestError

Build = Callable[[Mapping[str, Any]], Experiment]
"""Makes the experiment of one point from the columns of the file; the other fields are the request's."""

LEFT_OUT = (
    "changes of energy and entropy (heat), relative entropies and Clausius quantities are left out (with a protocol, "
    "--reference nominal compares with its exact state)"
)


def points_of(
    found: Foreign, build: Build | None, axis: str, file: str, ways: Mapping[str, str]
) -> tuple[Experiment | None, Points]:
    """The experiment of the first row, and the points with all parameters of the protocol, without references.

    Args:
        found: Content of the file.
        build: Makes the experiment of a row; None: no protocol is known.
        axis: The parameter that the sweep runs along.
        file: Its name, for errors.
        ways: Options of the run that its columns show.

    Raises:
        RequestError: For a parameter that is no column and has several values, or a column that is no parameter.
    """
    size = len(found.reference_only)
    options = {"control": ",".join(found.arms[1:]), **ways}
    nowhere = np.full(size, -1)
    if build is None:
        unknown = {} if axis in found.parameters else {axis: np.full(size, np.nan)}
        parameters = {**found.parameters, **unknown}
        return None, Points(
            parameters=parameters, options=options, reference=nowhere, reference_only=found.reference_only
        )
    own = [name for name in found.parameters if name != axis]
    combinations: dict[tuple[float, ...], tuple[Experiment, Points]] = {}
    rows: list[dict[str, float]] = []
    for index in range(size):
        values = {name: float(column[index]) for name, column in found.parameters.items()}
        key = tuple(values[name] for name in own)
        if key not in combinations:
            combinations[key] = _single(build, values, options, file)
        rest = combinations[key][1].parameters
        rows.append({name: values.get(name, float(rest[name][0])) for name in rest})
    experiment, first = next(iter(combinations.values()))
    # how circuits were made is known only as far as the columns show it
    physics = {name: text for name, text in first.options.items() if name not in experiment.offers}
    parameters = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    points = Points(
        parameters=parameters, options={**physics, **options}, reference=nowhere, reference_only=found.reference_only
    )
    return experiment, points


def _single(
    build: Build, values: Mapping[str, float], options: Mapping[str, str], file: str
) -> tuple[Experiment, Points]:
    """The experiment of one point; every parameter that is no column must have one value."""
    experiment = build(values)
    point = experiment.points(options, reference="nominal")
    for name, column in point.parameters.items():
        if len(column) > 1 and len(np.unique(column)) > 1:
            raise RequestError(
                f"Argument `{name}` must have one value where it is no column, but {file} has no column `{name}` and "
                f"{experiment.name} takes {len(np.unique(column))} values: add the column, or e.g. --set {name}="
                f"{column[-1]:.6g}."
            )
    for name in values:
        if name not in point.parameters:
            raise RequestError(
                f"Argument `{name}` is a column of {file}, but no parameter of {experiment.name} with these choices. "
                "Give the choices that have it with --set, or import without --protocol."
            )
    return experiment, point


def referred(points: Points, axis: str, reference: str) -> tuple[Points, str]:
    """The points with their references, and one line where they are nominal or why there are none.

    Args:
        points: Of the file, without references.
        axis: The parameter that the sweep runs along; a reference is at 0 of it.
        reference: "measured" or "nominal".
    """
    if reference == "nominal":
        return points, "heat is counted from the nominal thermal state, not from a measured one"
    if np.isnan(points.parameters[axis]).all():
        return points, f"the file has no column {axis}: {LEFT_OUT}"
    others = [values.tolist() for name, values in points.parameters.items() if name != axis]
    keys = list(zip(*others, strict=True)) if others else [()] * len(points)
    home = {key: i for i, key in enumerate(keys) if points.parameters[axis][i] == 0}
    lost = [i for i, key in enumerate(keys) if key not in home]
    if not lost:
        return replace(points, reference=np.array([home[key] for key in keys])), ""
    without = f"there is no row at {axis} = 0"
    if len(lost) < len(points):
        varied = [name for name, v in points.parameters.items() if name != axis and len(np.unique(v)) > 1]
        without += " for " + ", ".join(f"{name} = {points.parameters[name][lost[0]]:.6g}" for name in varied)
    return points, f"{without}: {LEFT_OUT}"
