"""Counts as arrays: strata of every arm and point, and what follows from them alone.

A *cell* is one (arm, point), arm-major. A *stratum* is one ensemble member in one setting of a cell: its counts
follow Tr(rho_m Pi).
"""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from analysis.data.ancillas import Ancillas
from devices.record import MOST_MISSING
from protocols import Array
from protocols.pauli import assumption, measured_words

if typing.TYPE_CHECKING:
    import pandas as pd


MOST_QUBITS = 2
"""Whose data are tested against all states there are."""
MOST_ESTIMATED = 3
"""Of which a state is estimated; of three in all settings only."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CountTable:
    """What was observed, stratum by stratum."""

    bases: tuple[str, ...]
    observed: Array
    """(cells, members, settings, outcomes) int."""
    weight: Array
    """(cells, members) exact probability of each member."""
    calibration: Array
    """(outcomes prepared, outcomes read) int, or expected counts where patterns that were not prepared follow from
    independent errors; all zero where no calibration was measured. With a leading axis of cells,
    every cell has its own: many runs side by side."""
    ancillas: Ancillas | None = None
    """What was read beside the system."""
    joint: Mapping[tuple[str, ...], Array] = field(default_factory=dict)
    """Columns of ancillas -> counts of their joint bits, (cells, members, settings, outcomes, patterns) int; only of
    those that were asked for."""
    batch: Array | None = None
    """(members,) which independent draw of a random preparation a member is in; None: members are exact."""
    numbers: tuple[int, ...] = ()
    """Of the members in their ensemble; empty: all of them, in their order."""
    averaged: Array | None = None
    """(cells, settings, outcomes) frequencies of several copies, each corrected for its own readout, of counts that are
    the sum over these; None: the counts are those of one."""

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

    @cached_property
    def shots(self) -> Array:
        """(cells, members, settings)."""
        return self.observed.sum(axis=-1)

    @cached_property
    def member_weight_as_measured(self) -> Array:
        """Weight of each member in each setting, (cells, members, settings)."""
        return weight_as_measured(self.weight, self.shots)

    @cached_property
    def effective(self) -> Array:
        """(cells, settings), see `effective_shots`."""
        return effective_shots(self.weight, self.shots)

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


def weight_as_measured(weight: Array, shots: Array) -> Array:
    """Weight of each member in each setting, (cells, members, settings).

    Members without shots there are left out and the others stand for them, as long as little weight is missing.

    Args:
        weight: Exact probability of each member, (cells, members).
        shots: (cells, members, settings).
    """
    share = np.where(shots > 0, weight[..., None], 0.0)
    missing = np.where(shots > 0, 0.0, weight[..., None]).sum(axis=1, keepdims=True)
    return share / np.where(missing <= MOST_MISSING, 1 - missing, 1.0)


def effective_shots(weight: Array, shots: Array) -> Array:
    """1 / sum_m w_m^2 / N_m, (cells, settings); 0 where more weight than `MOST_MISSING` was not measured.

    Args:
        weight: Exact probability of each member, (cells, members).
        shots: (cells, members, settings).
    """
    missing = np.where(shots > 0, 0.0, weight[..., None]).sum(axis=1)
    variance = (weight_as_measured(weight, shots) ** 2 / np.maximum(shots, 1)).sum(axis=1)
    usable = (missing <= MOST_MISSING) & (variance > 0)
    return np.where(usable, 1 / np.where(variance == 0, 1, variance), 0.0)


def determined(bases: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The family of states that settings determine, and its words; of more than three qubits none is estimated."""
    return assumption(bases) if len(bases[0]) <= MOST_ESTIMATED else ("none", ())


def matchable(values: Array | pd.Series) -> list[float | None]:
    """Values to match rows by; what is not known (the time of an import without one) equals itself."""
    return [None if value != value else value for value in values.tolist()]
