"""Experiment -> table of exact values, without a device, in chunks: memory does not grow with the sweep."""

from __future__ import annotations

import pickle
import tempfile
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from analysis.evaluation import exact_estimates
from analysis.intervals.cells import stored_cells
from analysis.intervals.exact_members import with_exact_members
from analysis.quantities.observables import catalogue
from analysis.table import tidy
from devices.record import exact_at, swept_parameters
from protocols import Experiment, Observable, Points, RequestError
from protocols.program import check_quantities
from workers import Asked, in_turn, opened

if typing.TYPE_CHECKING:
    import pandas as pd


MOST_POINTS = 2048
"""Of one chunk; half of it is above the 100 states from which spectra have closed forms, so splitting changes none."""
MOST_ELEMENTS = 2**22
"""Of the states of one chunk in all arms: 64 MiB, of which a few copies are made."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Prediction:
    """What is asked for exact values: an experiment and its whole sweep."""

    experiment: Experiment
    points: Points
    observables: tuple[Observable, ...]
    """In the order of the table."""
    registers: frozenset[str]
    """Of which some points may run none, such as those of the last cycle."""
    swept: tuple[str, ...]
    """Columns of the table, which no chunk knows by itself."""

    @property
    def ranges(self) -> tuple[range, ...]:
        """The points of every chunk, about as many in each; they depend on the sweep alone."""
        size, arms = len(self.points), len(self.points.arms)
        if (self.points.reference >= 0).any():  # what is compared with other points is not taken apart
            return (range(size),)
        most = min(MOST_POINTS, max(1, MOST_ELEMENTS // (4 ** len(self.experiment.qubits) * arms)))
        chunks = -(-size // most)
        return tuple(range(size * k // chunks, size * (k + 1) // chunks) for k in range(chunks))

    @property
    def parts(self) -> int:
        """Of the table: one a chunk, and of several chunks one an arm of each."""
        chunks = len(self.ranges)
        return chunks * len(self.points.arms) if chunks > 1 else 1


def prediction_of(experiment: Experiment, options: Mapping[str, str]) -> Prediction:
    """Checks what is asked for; computes no state.

    Args:
        experiment: The protocol with its fields.
        options: Its options, such as {"control": "none"}.

    Raises:
        RequestError: If the options do not fit.
    """
    points = experiment.points(options, reference="nominal")
    registers = {name for arm in points.arms for name in experiment.registers(points, arm)}
    check_quantities(experiment, points, registers)
    own = experiment.observables(points)
    return Prediction(
        experiment=experiment,
        points=points,
        observables=tuple(catalogue(experiment.qubits, experiment.system, own, experiment)),
        registers=frozenset(registers),
        swept=swept_parameters(points, experiment.axis),
    )


def predict(experiment: Experiment, options: Mapping[str, str], *, workers: Asked = 1) -> pd.DataFrame:
    """The table of a protocol with only `ideal` filled: exact values, no device.

    Args:
        experiment: The protocol with its fields.
        options: Its options, such as {"control": "none"}.
        workers: Processes that share the chunks of a long sweep: a number, the address of a Dask scheduler, or an
            executor. The table is the same, bit for bit, for any.

    Raises:
        RequestError: If the options do not fit, or the protocol has no exact states.
    """
    import pandas as pd

    parts = list(predicted_parts(prediction_of(experiment, options), workers=workers))
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)


def predicted_parts(asked: Prediction, *, workers: Asked = 1) -> Iterator[pd.DataFrame]:
    """The same table in parts that follow each other, in memory that does not grow with their number.

    The table has one arm after another, but a chunk has its points in all arms: rows of controls wait on disk.

    Args:
        asked: The experiment and its sweep.
        workers: Who shares the chunks; see `predict`.

    Raises:
        RequestError: If the protocol has no exact states.
    """
    arms, ranges = asked.points.arms, asked.ranges
    with opened(workers) as team, tempfile.TemporaryFile() as waiting:
        chunks = in_turn(partial(_chunk, asked), ranges, team)
        if len(arms) == 1 or len(ranges) == 1:
            yield from chunks
            return
        for whole in chunks:
            of_arm = [whole[whole["arm"] == arm].reset_index(drop=True) for arm in arms]
            yield of_arm[0]
            pickle.dump(of_arm[1:], waiting)
        for control in range(len(arms) - 1):
            waiting.seek(0)
            for _ in ranges:
                yield pickle.load(waiting)[control]  # noqa: S301 - written a moment ago, and nobody else has its name


def _chunk(asked: Prediction, own: range) -> pd.DataFrame:
    """The rows of some points in all arms."""
    experiment, points = asked.experiment, _points_in(asked.points, own)
    exact = exact_at(experiment, points)
    if not any(name == "state" or name.startswith("moment_") for name in exact):
        raise RequestError(f"Argument `protocol`: {experiment.name} has no exact states to predict from.")
    nothing = np.full((len(points.arms), len(points)), np.nan)
    for name in asked.registers:
        for kind in ("register_", "reference_register_"):
            exact.setdefault(f"{kind}{name}", nothing)
    cells = stored_cells(points, len(points.arms), exact, "", experiment, experiment.qubits)
    bases: Sequence[str] = next(iter(experiment.measurements.values()))
    cells = with_exact_members(cells, experiment, points, bases, asked.observables)
    found = exact_estimates(asked.observables, cells, points, points.arms, experiment.axis)
    return tidy(found, swept=asked.swept, first=own.start)


def _points_in(points: Points, own: range) -> Points:
    """Some of the points, which are all compared with their exact reference; the sweep does not remember them."""
    if len(own) == len(points):
        return points
    kept = slice(own.start, own.stop)
    return replace(
        points,
        parameters={name: values[kept] for name, values in points.parameters.items()},
        reference=np.full(len(own), -1),
        reference_only=points.reference_only[kept],
    )
