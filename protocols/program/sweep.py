"""From fields, some of them arrays, to the points of a sweep and the reference of each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocols.program.points import Points
from protocols.types import Array


def grid(fields: Mapping[str, float | Array]) -> dict[str, Array]:
    """Every combination of the values of several fields, the last field running fastest.

    Args:
        fields: Name -> number or one-dimensional array.

    Returns:
        Name -> values, all of shape (combinations,).

    Examples:
        >>> {name: list(map(float, values)) for name, values in grid({"a": [1, 2], "b": 3}).items()}
        {'a': [1.0, 2.0], 'b': [3.0, 3.0]}
    """
    axes = [np.atleast_1d(np.asarray(values, dtype=float)) for values in fields.values()]
    mesh = np.meshgrid(*axes, indexing="ij")
    return {name: values.ravel() for name, values in zip(fields, mesh, strict=True)}


def along(fields: Mapping[str, Array], axis: str, values: Array) -> dict[str, Array]:
    """Runs `axis` through its values at every combination of the other fields.

    Args:
        fields: The other fields, each of shape (combinations,).
        axis: Name of the parameter that runs fastest.
        values: Its values, shape (count,), or (combinations, count) where they depend on the other fields.

    Returns:
        Name -> values, all of shape (combinations * count,).
    """
    combinations = len(next(iter(fields.values())))
    values = np.broadcast_to(values, (combinations, np.shape(values)[-1]))
    rest = {name: np.repeat(field, values.shape[1]) for name, field in fields.items()}
    return {**rest, axis: values.ravel()}


def sweeps(parameters: Mapping[str, Array], axis: str) -> tuple[Array, Array]:
    """Groups points that differ in the axis only.

    Args:
        parameters: Name -> values, shape (points,).
        axis: The parameter that a sweep runs along.

    Returns:
        Index of the first point of each group, and the group of each point.

    Examples:
        >>> first, group = sweeps({"T": np.array([1.0, 2, 1]), "time": np.array([0.0, 0, 5])}, "time")
        >>> first.tolist(), group.tolist()
        ([0, 1], [0, 1, 0])
    """
    others = np.stack([np.zeros(len(parameters[axis])), *(v for n, v in parameters.items() if n != axis)], axis=1)
    _, first, group = np.unique(others, axis=0, return_index=True, return_inverse=True)
    return first, group.ravel()


def with_references(parameters: Mapping[str, Array], options: Mapping[str, str], axis: str, reference: str) -> Points:
    """The points of a sweep, each with the index of the point at axis = 0 that it is compared with.

    Args:
        parameters: Name -> values, shape (points,).
        options: Choices that are words.
        axis: The parameter that is 0 at the reference, all others being equal.
        reference: "measured" adds the points at axis = 0 that the sweep lacks; "nominal" compares with
            the exact state and adds none.

    Returns:
        Points, the added references last.
    """
    size = len(parameters[axis])
    if reference == "nominal":
        nowhere = np.full(size, -1)
        return Points(
            parameters=parameters, options=options, reference=nowhere, reference_only=np.zeros(size, dtype=bool)
        )
    first, group = sweeps(parameters, axis)
    home = np.full(len(first), -1)
    zero = np.flatnonzero(parameters[axis] == 0)
    home[group[zero]] = zero
    lacking = np.flatnonzero(home < 0)
    home[lacking] = size + np.arange(len(lacking))
    grown = {
        name: np.append(values, np.zeros(len(lacking)) if name == axis else values[first[lacking]])
        for name, values in parameters.items()
    }
    reference_only = np.arange(size + len(lacking)) >= size
    return Points(
        parameters=grown, options=options, reference=home[np.append(group, lacking)], reference_only=reference_only
    )


def refine(points: Points, axis: str, count: int = 201, *, whole: bool = False) -> Points:
    """The same sweeps on a fine grid of the axis between their measured ends, compared with the exact reference.

    Where only whole numbers are allowed, all of them between the ends.

    Args:
        points: As measured.
        axis: The parameter that runs.
        count: Values of the axis in each sweep.
        whole: Whether only whole numbers are allowed.
    """
    own = {name: values[~points.reference_only] for name, values in points.parameters.items()}
    first, group = sweeps(own, axis)
    ends = [own[axis][group == g] for g in range(len(first))]
    if whole:
        count = 1 + int(max(e.max() - e.min() for e in ends))
    values = np.stack([np.linspace(e.min(), e.max(), count) for e in ends])
    values = np.rint(values) if whole else values
    fields = {name: column[first] for name, column in own.items() if name != axis}
    return with_references(along(fields, axis, values), points.options, axis, "nominal")
