"""Counts as arrays: strata of every arm and point.

A *cell* is one (arm, point), arm-major. A *stratum* is one ensemble member in one setting of a cell: its counts
follow Tr(rho_m Pi).
"""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.data.ancillas import Ancillas, tabulate_ancillas
from devices import RunError
from devices.record.counts import MOST_MISSING
from protocols import Array
from protocols.pauli.families import assumption, measured_words

if typing.TYPE_CHECKING:
    import pandas as pd


MOST_QUBITS = 2
"""Of which a state is estimated."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts:
    """What was observed, stratum by stratum."""

    bases: tuple[str, ...]
    observed: Array
    """(cells, members, settings, outcomes) int."""
    weight: Array
    """(cells, members) exact probability of each member."""
    calibration: Array
    """(outcomes prepared, outcomes read) int; all zero where no calibration was measured. With a leading axis of cells,
    every cell has its own: many runs side by side."""
    ancillas: Ancillas | None = None
    """What was read beside the system."""
    batch: Array | None = None
    """(members,) which independent draw of a random preparation a member is in; None: members are exact."""

    @property
    def family(self) -> tuple[str, tuple[str, ...]]:
        """What the settings determine, and its words; see `determined`."""
        return determined(self.bases)

    @property
    def registers(self) -> tuple[str, ...]:
        """Registers of ancillas."""
        return self.ancillas.registers if self.ancillas else ()

    @property
    def known(self) -> tuple[str, ...]:
        """The words that the settings determine directly, and the registers."""
        return (*measured_words(self.bases), *self.registers)

    @property
    def shots(self) -> Array:
        """(cells, members, settings)."""
        return self.observed.sum(axis=-1)

    @property
    def share(self) -> Array:
        """Weight of each member in each setting, (cells, members, settings).

        Members without shots there are left out and the others stand for them, as long as little weight is missing.
        """
        weight = self.weight[..., None]
        share = np.where(self.shots > 0, weight, 0.0)
        missing = np.where(self.shots > 0, 0.0, weight).sum(axis=1, keepdims=True)
        return share / np.where(missing <= MOST_MISSING, 1 - missing, 1.0)

    @property
    def effective(self) -> Array:
        """1 / sum_m w_m^2 / N_m, (cells, settings); 0 where more weight than `MOST_MISSING` was not measured."""
        missing = np.where(self.shots > 0, 0.0, self.weight[..., None]).sum(axis=1)
        variance = (self.share**2 / np.maximum(self.shots, 1)).sum(axis=1)
        usable = (missing <= MOST_MISSING) & (variance > 0)
        return np.where(usable, 1 / np.where(variance == 0, 1, variance), 0.0)

    @property
    def seed(self) -> int:
        """Of the draws: a digest of the counts, so that equal data give equal intervals wherever they come from."""
        digest = hashlib.sha256(repr(self.bases).encode())
        arrays = [self.observed, self.weight, self.calibration]
        if self.ancillas:
            arrays += [self.ancillas.once, self.ancillas.twice, self.ancillas.calibration]
        for array in arrays:
            digest.update(np.ascontiguousarray(array).tobytes())
        return int.from_bytes(digest.digest()[:4], "little")

    @property
    def calibrated(self) -> bool:
        """Whether readout calibration was measured."""
        return bool(self.calibration.any())


def determined(bases: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The family of states that settings determine, and its words; states of more than two qubits are not estimated."""
    return assumption(bases) if len(bases[0]) <= MOST_QUBITS else ("none", ())


def tabulate(
    counts: pd.DataFrame,
    *,
    qubits: Sequence[str],
    bases: Sequence[str],
    arms: Sequence[str],
    parameters: Mapping[str, Array],
    registers: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    batches: int = 0,
) -> Counts:
    """Arrays from the rows of counts.csv: outcomes of the system, and the ancillas beside them.

    Args:
        counts: Rows as in runs/README.md.
        qubits: Names of the columns that hold bits of the system.
        bases: Settings of the system, in the order wanted.
        arms: Arms, in the order wanted.
        parameters: Swept parameters of the points; rows are matched by value.
        registers: Columns of each register of ancillas, as in start.json.
        batches: Independent draws of a random preparation; 0 where members are exact.

    Raises:
        RunError: For a row that belongs to no point, arm or setting.
    """
    size = 2 ** len(qubits)
    swept = [name for name in parameters if name in counts.columns]
    points = {key: i for i, key in enumerate(zip(*(matchable(parameters[name]) for name in swept), strict=True))}
    calibration = counts["basis"] == "cal"
    main = counts[~calibration]
    outcome = _outcome(main, qubits)
    try:
        point = np.array([points[key] for key in zip(*(matchable(main[n]) for n in swept), strict=True)], dtype=int)
        arm = np.array([list(arms).index(name) for name in main["arm"]], dtype=int)
        setting = np.array([list(bases).index(name[: len(qubits)]) for name in main["basis"]], dtype=int)
    except (KeyError, ValueError) as error:
        raise RunError(f"counts.csv has a row that belongs to no point, arm or basis of the run: {error}") from None
    members, member = np.unique(main["member"].to_numpy(), return_inverse=True)
    cell = arm * len(points) + point
    observed = np.zeros((len(arms) * len(points), len(members), len(bases), size), dtype=np.int64)
    np.add.at(observed, (cell, member, setting, outcome), main["count"].to_numpy(dtype=np.int64))
    weight = np.zeros(observed.shape[:2])
    weight[cell, member] = main["weight"].to_numpy(dtype=float)
    prepared, stratum = counts[calibration], (cell, member, setting, outcome)
    return Counts(
        bases=tuple(bases),
        observed=observed,
        weight=weight,
        calibration=_confusion(prepared, qubits),
        ancillas=tabulate_ancillas(main, prepared, registers or {}, stratum, observed.shape, len(qubits)),
        batch=members % batches if batches else None,
    )


def confusion_of(calibration: Array) -> Array:
    """P(read | true) from calibration counts (..., prepared, read), with the true outcome as the last axis."""
    rates = calibration / calibration.sum(axis=-1, keepdims=True)
    return np.swapaxes(rates, -1, -2)


def matchable(values: Array | pd.Series) -> list[float | None]:
    """Values to match rows by; what is not known (the time of an import without one) equals itself."""
    return [None if value != value else value for value in values.tolist()]


def _outcome(rows: pd.DataFrame, qubits: Sequence[str]) -> Array:
    bits = rows[list(qubits)].to_numpy(dtype=np.int64)
    return bits @ (1 << np.arange(len(qubits))[::-1])


def _confusion(rows: pd.DataFrame, qubits: Sequence[str]) -> Array:
    size = 2 ** len(qubits)
    table = np.zeros((size, size), dtype=np.int64)
    if len(rows):
        prepared = np.array([int(bits[: len(qubits)], 2) for bits in rows["prepared"]])
        np.add.at(table, (prepared, _outcome(rows, qubits)), rows["count"].to_numpy(dtype=np.int64))
        if (table.sum(axis=1) == 0).any():
            raise RunError("counts.csv has calibration rows, but not for every prepared pattern.")
    return table
