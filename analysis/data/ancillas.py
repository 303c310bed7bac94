"""Ancillas: their bits counted beside the outcomes of the system, and the mean energy of each register with errors.

The energy of a register is the mean over the ancillas that a point reads, gap times excited population. It is linear
in the bits, so what has to be kept of the shots of a stratum is how often each ancilla was excited beside each outcome
of the system, and each pair of them: exact joint covariances, without 2^columns outcomes. The readout of an ancilla is
corrected with the confusion of its wire alone, which is taken to be independent of all others.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from devices import RunError
from devices.record import WORST_CONDITION
from protocols import Array

if typing.TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class Ancillas:
    """The bits of all ancillas, stratum by stratum."""

    registers: tuple[str, ...]
    columns: tuple[str, ...]
    """Names of the columns of counts.csv."""
    gap: Array
    """(cells, registers, columns): gap over how many ancillas of the register the cell reads; 0 where it reads none."""
    unread: Array
    """(cells, registers) bool: registers that a cell does not read. A gap may be 0 where it does."""
    once: Array
    """(cells, members, settings, outcomes, columns) int: how often excited, beside each outcome of the system."""
    twice: Array
    """(cells, members, settings, columns, columns) int: how often both were."""
    wire: Array
    """(columns,) which wire a column is read from."""
    calibration: Array
    """(wires, prepared, read) int; all zero where no calibration was measured."""
    as_read: Array
    """(columns,) bool: bits that something acted on, errors of reading included. They are not corrected."""

    @property
    def energy(self) -> tuple[Array, Array]:
        """Corrected energy of one shot: what each excited ancilla adds (cells, registers, columns), and the offset."""
        low, width = self._readout()
        each = self.gap / width
        return each, -each @ low

    @property
    def full(self) -> dict[str, Array]:
        """Energy of each register with all its ancillas excited, (cells,)."""
        return dict(zip(self.registers, self.gap.sum(axis=-1).T, strict=True))

    def response(self, excited: Array) -> Array:
        """What one standard deviation of each rate of the calibration changes, (cells, registers, sources).

        Args:
            excited: Frequency of 1 as read, (cells, columns).
        """
        if not self.calibration.any():
            return np.zeros((*self.gap.shape[:2], 1))
        low, width = self._readout()
        rates = self.calibration[:, :, 1] / self.calibration.sum(axis=-1)
        noise = np.sqrt(rates * (1 - rates) / self.calibration.sum(axis=-1))
        noise = np.where(self.as_read[:, None], 0.0, noise[self.wire])
        true = (np.nan_to_num(excited) - low) / width
        # x = (f - P(1|0)) / (P(1|1) - P(1|0))
        slopes = np.stack([(true - 1) / width, -true / width], axis=-1) * noise
        sources = np.zeros((*self.gap.shape[:2], len(self.calibration), 2))
        for column, wire in enumerate(self.wire):
            sources[:, :, wire] += self.gap[:, :, column, None] * slopes[:, None, column]
        return sources.reshape(*self.gap.shape[:2], -1)

    def _readout(self) -> tuple[Array, Array]:
        """P(1|0) and P(1|1) - P(1|0) of every column."""
        if not self.calibration.any():
            return np.zeros(len(self.wire)), np.ones(len(self.wire))
        rates = self.calibration[:, :, 1] / self.calibration.sum(axis=-1)
        width = rates[:, 1] - rates[:, 0]
        if (width < 1 / WORST_CONDITION).any():
            raise RunError(
                "The readout calibration of an ancilla cannot be inverted: what is read hardly depends on what was "
                "prepared. Calibrate with more shots or other qubits; hotward analyse RUN --uncorrected ignores it."
            )
        return np.where(self.as_read, 0.0, rates[self.wire, 0]), np.where(self.as_read, 1.0, width[self.wire])


def tabulate_ancillas(
    rows: pd.DataFrame,
    calibration: pd.DataFrame,
    registers: Mapping[str, Sequence[Mapping[str, Any]]],
    stratum: tuple[Array, ...],
    shape: tuple[int, ...],
    qubits: Sequence[str],
    arms: Sequence[str],
) -> Ancillas | None:
    """The bits of the ancillas of a run; None where there are none.

    Args:
        rows: Measured rows of counts.csv.
        calibration: Its calibration rows.
        registers: As in start.json.
        stratum: Cell, member, setting and outcome of the system, (rows,) each.
        shape: How many there are of each.
        qubits: Of the system, whose bits come first in a prepared pattern; one of them may be read on the way, too.
        arms: In the order of the cells.
    """
    about = {column["column"]: (name, column) for name, columns in registers.items() for column in columns}
    names = [name for name in rows.columns if name in about]
    if not names:
        return None
    wires = list(dict.fromkeys(about[name][1]["qubit"] for name in names))
    bits, count = rows[names].to_numpy(dtype=float), rows["count"].to_numpy(dtype=np.int64)
    read = np.zeros((shape[0], len(names)), dtype=bool)
    np.logical_or.at(read, stratum[0], np.isfinite(bits))
    ones = np.nan_to_num(bits).astype(np.int64) * count[:, None]
    once = np.zeros((*shape, len(names)), dtype=np.int64)
    np.add.at(once, stratum, ones)
    twice = np.zeros((*shape[:3], len(names), len(names)), dtype=np.int64)
    for column in range(len(names)):
        np.add.at(twice[..., column, :], stratum[:3], ones * (bits[:, [column]] == 1))
    gap = np.zeros((shape[0], len(registers), len(names)))
    unread = np.ones(gap.shape[:2], dtype=bool)
    each = np.stack([_gap_of_cells(about[column][1]["gap"], arms, shape[0]) for column in names], axis=-1)
    for index, name in enumerate(registers):
        here = read & np.array([about[column][0] == name for column in names])
        unread[:, index] = ~here.any(axis=1)
        gap[:, index] = np.where(here, each, 0) / np.maximum(here.sum(axis=1, keepdims=True), 1)
    return Ancillas(
        registers=tuple(registers),
        columns=tuple(names),
        gap=gap,
        unread=unread,
        once=once,
        twice=twice,
        wire=np.array([wires.index(about[name][1]["qubit"]) for name in names]),
        calibration=_calibration(calibration, wires, qubits),
        as_read=np.array([bool(about[name][1].get("as_read")) for name in names]),
    )


def _gap_of_cells(gap: float | Mapping[str, Sequence[float]], arms: Sequence[str], cells: int) -> Array:
    """Gap of a column in every cell: one number, or one for each arm and point."""
    if isinstance(gap, Mapping):
        return np.concatenate([np.asarray(gap[arm], dtype=float) for arm in arms])
    return np.full(cells, float(gap))


def _calibration(rows: pd.DataFrame, wires: Sequence[str], qubits: Sequence[str]) -> Array:
    written = [*qubits, *(wire for wire in wires if wire not in qubits)]
    table = np.zeros((len(wires), 2, 2), dtype=np.int64)
    for index, wire in enumerate(wires if len(rows) else ()):
        prepared = np.array([int(pattern[written.index(wire)]) for pattern in rows["prepared"]])
        np.add.at(table[index], (prepared, rows[wire].to_numpy(dtype=np.int64)), rows["count"].to_numpy(dtype=np.int64))
    if table.any() and (table.sum(axis=-1) == 0).any():
        raise RunError("counts.csv has calibration rows, but not every ancilla was prepared in both of its states.")
    return table
