"""What an analysis starts from: counts or expectation values, and how a run is read as either."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from analysis.data.counts import Counts, tabulate, tabulate_observed
from analysis.data.expectations import Expectations, tabulate_expectations
from analysis.data.frequencies import Frequencies
from analysis.data.local_counts import LocalCounts
from analysis.data.moments import LinearErrors
from analysis.data.resolved import Columns
from protocols import Array
from protocols.pauli import MANY
from protocols.program import ResolvedFrequencies

if typing.TYPE_CHECKING:
    from devices import RunRecord

StateReading: TypeAlias = Frequencies | Expectations
"""Measured or drawn, with leading axes; what states are estimated from."""
Reading: TypeAlias = StateReading | LocalCounts
"""Measured or drawn, with leading axes; what the estimators take."""


DataSet: TypeAlias = Counts | Expectations | LocalCounts
"""What a run holds."""


class Data(typing.Protocol):
    """A data set and its evidence, each part made once: `Counts` or `Expectations`."""

    @property
    def family(self) -> tuple[str, tuple[str, ...]]:
        """What the settings determine, and its words; see `determined`."""
        ...

    @property
    def registers(self) -> tuple[str, ...]:
        """Registers of ancillas."""
        ...

    @property
    def known(self) -> tuple[str, ...]:
        """The words that were measured directly, and the registers."""
        ...

    @property
    def calibrated(self) -> bool:
        """Whether readout calibration was measured."""
        ...

    @property
    def seed(self) -> int:
        """Of the draws: a digest of the data."""
        ...

    @property
    def reading(self) -> Reading:
        """What states are estimated from."""
        ...

    @property
    def moments(self) -> Mapping[str, Array]:
        """Expectation values of Pauli words and energies of registers, (cells,) each."""
        ...

    def linear_errors(self, over: Sequence[str]) -> LinearErrors:
        """First-order errors of moments."""
        ...

    def resolved_frequencies(self, columns: Columns) -> ResolvedFrequencies:
        """Frequencies member by member, jointly with the bits of some columns of ancillas."""
        ...

    def draw(
        self, seed: int, chunk: range, states: Array | None = None, resolved: Sequence[Columns] = ()
    ) -> StateReading:
        """One block of bootstrap draws, along a leading axis, centred on estimated states (cells, d, d)."""
        ...


def read(record: RunRecord, *, readout_correction: bool, joint: Sequence[Columns] = ()) -> DataSet:
    """The data of a run.

    Args:
        record: A complete run.
        readout_correction: False ignores the calibration that was measured.
        joint: Columns of ancillas whose bits are to be counted jointly, for observables that ask for them.
    """
    start, parameters = record.start, record.points.parameters
    values = record.expectations()
    if values is not None:
        return tabulate_expectations(values, words=start["words"], arms=start["arms"], parameters=parameters)
    rows = record.counts()
    if not readout_correction:
        rows = rows[rows["basis"] != "cal"]
    qubits, bases, arms = start["qubits"], start["bases"], start["arms"]
    if len(qubits) > MANY and not record.registers:
        return tabulate_observed(rows, qubits=qubits, bases=bases, arms=arms, parameters=parameters)
    return tabulate(
        rows,
        qubits=qubits,
        bases=bases,
        arms=arms,
        parameters=parameters,
        registers=record.registers,
        batches=record.batches,
        joint=joint,
    )
