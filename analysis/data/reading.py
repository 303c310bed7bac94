"""What an analysis starts from: counts or expectation values, and how a run is read as either."""

from __future__ import annotations

import typing
from typing import TypeAlias

from analysis.data.counts import Counts, tabulate
from analysis.data.expectations import Expectations, tabulate_expectations
from analysis.data.frequencies import Frequencies

if typing.TYPE_CHECKING:
    from devices import RunRecord

Data: TypeAlias = Counts | Expectations
"""Measured; both have `family`, `known`, `seed` and go through `frequencies`, `draw` and `linear_errors`."""
Reading: TypeAlias = Frequencies | Expectations
"""Measured or drawn, with leading axes; goes through `moments` and the estimators."""


def read(record: RunRecord, *, readout_correction: bool) -> Data:
    """The data of a run."""
    start, parameters = record.start, record.points.parameters
    values = record.expectations()
    if values is not None:
        return tabulate_expectations(values, words=start["words"], arms=start["arms"], parameters=parameters)
    rows = record.counts()
    if not readout_correction:
        rows = rows[rows["basis"] != "cal"]
    return tabulate(
        rows,
        qubits=start["qubits"],
        bases=start["bases"],
        arms=start["arms"],
        parameters=parameters,
        registers=record.registers,
        batches=record.batches,
    )
