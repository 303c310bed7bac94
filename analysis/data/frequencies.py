"""Counts as arrays: strata of every arm and point, their weighted frequencies, and bootstrap draws of them.

A *cell* is one (arm, point), arm-major. A *stratum* is one ensemble member in one setting of a cell: its counts
follow Tr(rho_m Pi), so draws are made stratum by stratum and only then weighted, f = sum_m w_m n_m / N_m.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

import numpy as np

from analysis.data.ancilla_energies import AncillaEnergies, ancilla_energies
from analysis.data.counts import Counts, confusion_of, determined
from devices import RunError
from devices.record.counts import WORST_CONDITION
from protocols import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Frequencies:
    """Weighted frequencies as read, with the readout confusion they passed through; the estimators' input."""

    bases: tuple[str, ...]
    read: Array
    """(..., cells, settings, outcomes)."""
    confusion: Array
    """(outcomes read, outcomes true) P(read | true), with leading axes of draws; the identity without calibration.
    As many axes as `read`: every cell has its own."""
    shots: Array
    """(cells, settings) effective shots 1 / sum_m w_m^2 / N_m; 0 where a member was not measured."""
    strata: Array
    """(..., cells, members, settings, outcomes) int: the counts behind `read`."""
    weight: Array
    """(..., cells, members)."""
    energies: Mapping[str, Array] = field(default_factory=dict)
    """Register -> corrected mean energy of its ancillas, (..., cells)."""
    full: Mapping[str, Array] = field(default_factory=dict)
    """The same with all of them excited, (cells,)."""

    @property
    def family(self) -> tuple[str, tuple[str, ...]]:
        """What the settings determine, and its words; see `determined`."""
        return determined(self.bases)

    @property
    def leading(self) -> tuple[int, ...]:
        """(..., cells)."""
        return self.read.shape[:-2]

    @property
    def mixing(self) -> Array:
        """The confusion as a factor of `read`, (..., cells or 1, outcomes read, outcomes true)."""
        return self.confusion if self.confusion.ndim == self.read.ndim else self.confusion[..., None, :, :]

    @property
    def unseen(self) -> Array:
        """Fraction of 1/d that puts one count into every outcome of a setting, (cells,): what may have gone unseen."""
        mean = self.shots.mean(axis=-1)
        return np.minimum(np.divide(self.read.shape[-1], mean, out=np.ones_like(mean), where=mean > 0), 1.0)

    def corrected(self) -> Array:
        """Frequencies with the readout inverted (unbiased, may be slightly negative), like `read`."""
        # a drawn confusion may be singular where the measured one is not; pinv equals inv elsewhere
        return self.read @ np.swapaxes(np.linalg.pinv(self.mixing), -1, -2)


@singledispatch
def frequencies(counts: Counts) -> typing.Any:
    """The measured weighted frequencies, a `Frequencies`; expectation values are their own.

    Raises:
        RunError: If the measured readout confusion cannot be inverted.
    """
    confusion = confusion_of(counts.calibration) if counts.calibrated else np.eye(counts.observed.shape[-1])
    if np.max(np.linalg.cond(confusion)) > WORST_CONDITION:
        raise RunError(
            "The readout calibration cannot be inverted: read outcomes hardly depend on the prepared ones. Calibrate "
            "with more shots or other qubits; hotward analyse RUN --uncorrected ignores it."
        )
    return Frequencies(
        bases=counts.bases,
        read=_weighted(counts, counts.observed, counts.shots),
        confusion=confusion,
        shots=counts.effective,
        strata=counts.observed,
        weight=counts.weight,
        **_energies(counts),
    )


def _energies(counts: Counts, drawn: Callable[[AncillaEnergies], Array] | None = None) -> dict[str, Any]:
    """Energies of the registers, measured or drawn from what was measured."""
    if counts.ancillas is None:
        return {}
    measured = ancilla_energies(counts, counts.ancillas)
    values = drawn(measured) if drawn else measured.value
    named = {name: values[..., index] for index, name in enumerate(counts.registers)}
    return {"energies": named, "full": counts.ancillas.full}


def _weighted(counts: Counts, observed: Array, shots: Array) -> Array:
    per_shot = counts.share / np.maximum(shots, 1)
    return np.einsum("...cmso,cms->...cso", observed, per_shot)
