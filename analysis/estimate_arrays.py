"""What was found of every observable at every cell, as arrays: what table, verdict, figures and plan are made of."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.intervals.estimation import Estimate
from analysis.tomography.estimators import StateFit
from devices.record import swept_parameters
from protocols import Array, Observable, Points

Name = tuple[str, str]
"""Observable and subject: `Observable.key`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimated:
    """One observable of one subject, (arms, points) each; NaN where nothing was measured or is known."""

    observable: Observable
    ideal: Array
    """Of the exact states."""
    value: Array
    stderr: Array
    low: Array
    """Lower end of the 95 % interval."""
    high: Array
    bias_corrected: Array
    """The value without the bias that draws around it have."""
    interval: str
    """How the interval was made, a key of `SOURCES`; empty where there is none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    """One observable of one subject in one arm, at some points in their order, (points,) each."""

    observable: str
    subject: str
    unit: str
    point: Array
    """Index of each point."""
    x: Array
    """A swept parameter there."""
    value: Array
    stderr: Array
    low: Array
    high: Array
    ideal: Array

    def __len__(self) -> int:
        return len(self.point)

    def at(self, chosen: Array) -> Series:
        """Some of the points, by a mask or by indices."""
        arrays = {name: getattr(self, name)[chosen] for name in _ARRAYS}
        return Series(observable=self.observable, subject=self.subject, unit=self.unit, **arrays)


_ARRAYS = ("point", "x", "value", "stderr", "low", "high", "ideal")


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimates:
    """Everything that was found of a sweep, by observable and subject in the order of the table."""

    points: Points
    arms: tuple[str, ...]
    axis: str
    """The parameter that the sweep runs along."""
    quantities: Mapping[Name, Estimated]
    measured: bool
    """False: exact values alone."""
    states: Array | None = None
    """Estimated states, (arms, points, d, d); None where the settings determine none."""
    gap: float | None = None
    """Largest proven likelihood gap of these states [nat]; None for other estimators."""
    degrees: float = math.inf
    """Of freedom of the errors, which are those of Student's t: copies less one, where rows are means over copies."""

    @property
    def swept(self) -> tuple[str, ...]:
        """The axis, and every other parameter that takes more than one value."""
        return swept_parameters(self.points, self.axis)

    def x(self, name: str) -> Array:
        """A parameter at every point, (points,); "point" is the number of the point."""
        return np.arange(len(self.points)) if name == "point" else self.points.parameters[name]

    def only(self, names: Sequence[Name]) -> Estimates:
        """Some of the quantities, in the order that they are named in."""
        return replace(self, quantities={name: self.quantities[name] for name in names})

    def gain_of(self, subject: str) -> str:
        """Name of the row that says what a subject gained since the reference: "heat", or else "energy_change".

        Args:
            subject: A qubit, a register or a side.
        """
        return gain_among(self.quantities, subject)

    def series(self, observable: str, subject: str, arm: str, x: str, points: Array) -> Series:
        """One quantity in one arm along a parameter; of no length where there is none.

        Args:
            observable: Its name.
            subject: Its subject.
            arm: Its arm; a sweep that has only one has it under any name.
            x: The parameter, or "point".
            points: Indices of the points wanted.
        """
        found = self.quantities.get((observable, subject))
        which = 0 if len(self.arms) == 1 else self.arms.index(arm) if arm in self.arms else -1
        if found is None or which < 0:
            points = points[:0]
        arrays: dict[str, Array] = {"point": points, "x": self.x(x)[points] if len(points) else np.zeros(0)}
        for name in _ARRAYS[2:]:
            arrays[name] = np.zeros(0) if found is None or which < 0 else getattr(found, name)[which, points]
        return Series(observable=observable, subject=subject, unit=found.observable.unit if found else "", **arrays)


def gain_among(names: Container[Name], subject: str) -> str:
    """Which of two names the energy has that a subject gained: "heat", or "energy_change" where it may be work as well.

    Args:
        names: Observables and subjects that there are.
        subject: A qubit, a register or a side.

    Examples:
        >>> gain_among({("heat", "A"): 0, ("energy_change", "S"): 1}, "S")
        'energy_change'
    """
    return "heat" if ("heat", subject) in names else "energy_change"


def gathered(
    exact: Sequence[tuple[Observable, Array]],
    points: Points,
    arms: Sequence[str],
    axis: str,
    measured: Sequence[Estimate] = (),
    states: StateFit | None = None,
) -> Estimates:
    """Exact values and what was measured, brought together.

    Args:
        exact: Observables with their exact values, (cells,) each.
        points: The sweep.
        arms: Names of its arms; cells are (arms, points), arm by arm.
        axis: The parameter that the sweep runs along.
        measured: Estimates of the same observables in the same order; nothing where nothing was measured.
        states: The fitted states of the cells.
    """
    shape = (len(arms), len(points))
    empty = np.full(shape, np.nan)
    quantities: dict[Name, Estimated] = {}
    for i, (observable, ideal) in enumerate(exact):
        found = measured[i] if measured else None
        quantities[observable.key] = Estimated(
            observable=observable,
            ideal=np.broadcast_to(ideal, shape[0] * shape[1]).reshape(shape),
            # + 0.0: no negative zero
            value=found.value.reshape(shape) + 0.0 if found else empty,
            stderr=found.stderr.reshape(shape) if found else empty,
            low=found.low.reshape(shape) + 0.0 if found else empty,
            high=found.high.reshape(shape) + 0.0 if found else empty,
            bias_corrected=found.corrected.reshape(shape) + 0.0 if found else empty,
            interval=found.interval if found else "",
        )
    return Estimates(
        points=points,
        arms=tuple(arms),
        axis=axis,
        quantities=quantities,
        measured=bool(measured),
        states=None if states is None else states.states.reshape(*shape, *states.states.shape[-2:]),
        gap=None if states is None else states.largest_gap,
    )


def split(points: Points, names: Sequence[str]) -> list[tuple[dict[str, float], Array]]:
    """Values of some parameters, in rising order, with the indices of the points that have them.

    Points where one of them is not known are left out; without names all points are together.

    Args:
        points: A sweep.
        names: Parameters that tell the parts from each other.
    """
    if not names:
        return [({}, np.arange(len(points)))]
    values = np.stack([points.parameters[name] for name in names], axis=1)
    known = ~np.isnan(values).any(axis=1)
    keys = sorted({tuple(row) for row in values[known].tolist()})
    return [(dict(zip(names, key, strict=True)), np.flatnonzero((values == key).all(axis=1))) for key in keys]


@dataclass(frozen=True, kw_only=True, eq=False)
class Selection:
    """Some points of a sweep along one parameter: what a panel of a figure shows."""

    estimates: Estimates
    points: Array
    """Indices of the points."""
    x: str
    """The parameter, or "point"."""

    @property
    def places(self) -> int:
        """How many known values the parameter takes."""
        values = self.estimates.x(self.x)[self.points] if len(self.points) else np.zeros(0)
        return len(np.unique(values[~np.isnan(values)]))

    @property
    def predicted(self) -> bool:
        """Whether an exact value of anything is known."""
        return any(not np.isnan(one.ideal[:, self.points]).all() for one in self.estimates.quantities.values())

    def series(self, observable: str, subject: str, arm: str = "main") -> Series:
        """One quantity in one arm; of no length where there is none.

        Args:
            observable: Name of the quantity.
            subject: Its subject.
            arm: Of which arm.
        """
        return self.estimates.series(observable, subject, arm, self.x, self.points)
