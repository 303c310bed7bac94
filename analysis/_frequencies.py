"""Counts as arrays: strata of every arm and point, their weighted frequencies, and bootstrap draws of them.

A *cell* is one (arm, point), arm-major. A *stratum* is one ensemble member in one setting of a cell: its counts
follow Tr(rho_m Pi), so draws are made stratum by stratum and only then weighted, f = sum_m w_m n_m / N_m.
"""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

import numpy as np

from analysis._energies import AncillaEnergies, ancilla_energies, by_batch, drawn_energies
from analysis._registers import Ancillas, tabulate_ancillas
from devices import RunError
from devices._counts import MOST_MISSING, WORST_CONDITION
from protocols import Array
from protocols._assumption import assumption, measured_words
from protocols._pauli import outcome_probabilities

if typing.TYPE_CHECKING:
    import pandas as pd

# Draws are made in blocks of this size, each with its own seed, so that memory stays bounded and the result
# does not depend on how many are asked for.
DRAWS_PER_CHUNK = 50
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


def chunks(number: int) -> list[range]:
    """The draws in blocks, each with its own random stream, so that none depends on how many are asked for."""
    return [range(first, min(first + DRAWS_PER_CHUNK, number)) for first in range(0, number, DRAWS_PER_CHUNK)]


@singledispatch
def draw(counts: Counts, seed: int, chunk: range, states: Array | None = None) -> typing.Any:
    """One block of bootstrap draws of the frequencies and of the calibration, along a leading axis.

    Each stratum is drawn from its own multinomial; draws of all cells share one calibration draw, which is how
    the calibration's uncertainty is common to them.

    Args:
        counts: What was measured.
        seed: Of all draws.
        chunk: Which of `chunks`.
        states: Estimated states, (cells, d, d). The strata are then shifted together so that their weighted mean is
            what these states predict: noise outside state space is not drawn a second time. Without that, an
            estimate pressed against the boundary leaves its draws there, and their spread says nothing.
    """
    shots, size = counts.shots, len(chunk)
    generator = np.random.default_rng([seed, chunk.start])
    if counts.batch is not None:
        return _resampled(counts, counts.batch, generator, size, states)
    share = counts.observed / np.maximum(shots, 1)[..., None]
    if states is not None:
        share = _recentred(counts, share, states)
    share[..., 0] += shots == 0  # a stratum without shots draws nothing, but needs probabilities that sum to 1
    drawn = generator.multinomial(shots, share, size=(DRAWS_PER_CHUNK, *shots.shape))[:size]
    return Frequencies(
        bases=counts.bases,
        read=_weighted(counts, drawn, shots),
        confusion=_drawn_confusion(counts, generator, size),
        shots=counts.effective,
        strata=drawn,
        weight=counts.weight,
        **_energies(counts, lambda e: drawn_energies(counts, e, drawn, share, _normal(generator, e, size))),
    )


def _drawn_confusion(counts: Counts, generator: np.random.Generator, size: int) -> Array:
    if not counts.calibrated:
        return np.eye(counts.observed.shape[-1])
    shots = counts.calibration.sum(axis=-1)
    known = counts.calibration / shots[..., None]
    return confusion_of(generator.multinomial(shots, known, size=(DRAWS_PER_CHUNK, *shots.shape))[:size])


def _normal(generator: np.random.Generator, energies: AncillaEnergies, size: int) -> tuple[Array, Array]:
    """Standard normal numbers for every draw: (draws, cells, registers), and (draws, sources) of the calibration."""
    own = generator.normal(size=(DRAWS_PER_CHUNK, *energies.value.shape))[:size]
    return own, generator.normal(size=(DRAWS_PER_CHUNK, energies.response.shape[-1]))[:size]


def _resampled(
    counts: Counts, batch: Array, generator: np.random.Generator, size: int, states: Array | None
) -> Frequencies:
    """Draws of a random preparation: whole batches, one fewer than there are, which makes their variance unbiased.

    All settings and all members of the system keep the flips they shared.
    """
    number, shots = int(batch.max()) + 1, counts.shots
    even = np.full(number, 1 / number)
    times = generator.multinomial(max(number - 1, 1), even, size=(DRAWS_PER_CHUNK, len(shots)))[:size]
    times = times * (number / max(number - 1, 1))
    per_shot = counts.share / np.maximum(shots, 1)
    read = np.einsum("dcb,cbso->dcso", times, by_batch(batch, counts.observed * per_shot[..., None]))
    total = read.sum(axis=-1, keepdims=True)  # settings of few shots lack members in some batches
    read = read / np.where(total > 0, total, 1)
    confusion = _drawn_confusion(counts, generator, size)
    if states is not None:
        measured = frequencies(counts)
        read = np.maximum(read + np.nan_to_num(_shift(counts, measured, states)), 0)
        read /= np.maximum(read.sum(axis=-1, keepdims=True), 1e-300)

    def energies(measured: AncillaEnergies) -> Array:
        parts = by_batch(batch, np.einsum("cms,cmsr->cmr", counts.share, measured.mean))
        noise = _normal(generator, measured, size)[1]
        return np.einsum("dcb,cbr->dcr", times, parts) + np.einsum("crk,dk->dcr", measured.response, noise)

    return Frequencies(
        bases=counts.bases,
        read=read,
        confusion=confusion,
        shots=counts.effective,
        strata=np.broadcast_to(counts.observed, (size, *counts.observed.shape)),
        weight=counts.weight * times[:, :, batch],
        **_energies(counts, energies),
    )


def _recentred(counts: Counts, share: Array, states: Array) -> Array:
    """Stratum by stratum, the observed frequencies moved by what the estimate adds to their weighted mean."""
    measured = frequencies(counts)
    shift = _shift(counts, measured, states)
    usable = np.isfinite(shift).all(axis=(-2, -1), keepdims=True) & (measured.shots > 0).all(axis=1)[:, None, None]
    moved = np.maximum(share + np.where(usable, shift, 0.0)[:, None], 0) * (counts.shots > 0)[..., None]
    total = moved.sum(axis=-1, keepdims=True)
    return moved / np.where(total > 0, total, 1)


def _shift(counts: Counts, measured: Frequencies, states: Array) -> Array:
    """What the states add to the measured frequencies, (cells, settings, outcomes)."""
    expected = np.stack([outcome_probabilities(states, basis) for basis in counts.bases], axis=-2)
    return expected @ np.swapaxes(measured.mixing, -1, -2) - measured.read


def _weighted(counts: Counts, observed: Array, shots: Array) -> Array:
    per_shot = counts.share / np.maximum(shots, 1)
    return np.einsum("...cmso,cms->...cso", observed, per_shot)


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


def confusion_of(calibration: Array) -> Array:
    """P(read | true) from calibration counts (..., prepared, read), with the true outcome as the last axis."""
    rates = calibration / calibration.sum(axis=-1, keepdims=True)
    return np.swapaxes(rates, -1, -2)
