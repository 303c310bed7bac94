"""Mitigated values beside the raw ones: which rows there are, with statistical and systematic errors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.data import Counts, LocalCounts
from analysis.estimate_arrays import Estimated, Estimates, Name
from analysis.intervals import LINEAR, Cells, Estimate, coefficients, propagated
from analysis.intervals.methods import evaluated
from analysis.mitigation.maps import sector
from analysis.mitigation.members import Members, Mitigation, z_setting
from analysis.mitigation.moments import MitigatedMoments
from analysis.mitigation.survive import SYSTEMATIC, Survival
from protocols import Array, Observable

BALANCES = ("heat", "energy_change")
"""Of the system as a whole these are the energy balance, which symmetry makes 0: it is tested on raw data alone."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MitigatedRow:
    """One quantity with the errors of gates removed, (arms, points) each."""

    estimated: Estimated
    """Its `stderr` is statistical; its interval has the systematic error in quadrature."""
    systematic: Array
    """`SYSTEMATIC` of the correction that was applied."""
    unmapped: Unmapped | None = None
    """The same before the map of the quantity and its bounds; None of functions of the state."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Unmapped:
    """A mitigated quantity that is linear in the counts, (cells,) each."""

    value: Array
    variance: Array
    """Statistical."""
    correction: Array
    """Mitigated minus raw."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What post-selection leaves of a member."""

    arm: str
    """Empty: of all arms together, in which a member has one number."""
    member: int
    excitations: int
    share: float
    """Fraction of its shots that have this number, corrected for readout; NaN where there are none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Mitigated:
    """What one way to remove the errors of gates gives."""

    way: Mitigation
    rows: Mapping[Name, MitigatedRow]
    survival: Survival | None
    """None: the way does not need it."""
    kept: tuple[Kept, ...]
    """Of every member, in the order of arms and members."""
    members: Members


def linear_rows(
    data: Counts | LocalCounts,
    cells: Cells,
    found: Estimates,
    moments_of: Callable[[Sequence[str]], MitigatedMoments],
    scale: float = 1.0,
    registers: Collection[str] = (),
) -> dict[Name, MitigatedRow]:
    """Everything that is linear in words of Z alone: energies, populations, heat, temperatures.

    Args:
        data: What was measured.
        cells: The cells and their references.
        found: The raw estimates.
        moments_of: Makes the mitigated moments of words.
        scale: By which statistical errors are multiplied.
        registers: Of ancillas, whose energies are mitigated too.
    """
    every = [one.observable for one in found.quantities.values()]
    chosen = [o for o in every if _of_energies(o, data, registers)]
    words = sorted({word for o in chosen for word in o.reads})
    if not words:
        return {}
    moments = moments_of(words)
    sample = cells.sample(moments.values, None, {}, data.reading.resolution)
    rows: dict[Name, MitigatedRow] = {}
    for o in chosen:
        raw = found.quantities[o.name, o.subject]
        value, before = evaluated(o, sample), evaluated(o, cells.sample(data.moments, None, {}))
        stderr = scale * np.sqrt(np.maximum(_variance(o, moments, cells), 0.0))
        unmapped = Unmapped(value=value, variance=stderr**2, correction=value - before)
        row = row_of(raw, value, stderr, SYSTEMATIC * np.abs(value - before), data)
        rows[o.name, o.subject] = replace(row, unmapped=unmapped)
    return rows


def _of_energies(o: Observable, data: Counts | LocalCounts, registers: Collection[str]) -> bool:
    """Whether a quantity is linear in words of Z and I, and in registers, and no balance of everything that is read."""
    qubits = len(data.bases[0])
    everything = {*("I" * i + "Z" + "I" * (qubits - 1 - i) for i in range(qubits)), *data.registers}
    balance = o.name in BALANCES and len(everything) > 1 and everything <= {*o.reads}
    words = bool(o.reads) and all(
        word in registers if word in data.registers else set(word) <= {"Z", "I"} for word in o.reads
    )
    return o.interval == LINEAR and words and not o.theory and not balance


def _variance(o: Observable, moments: MitigatedMoments, cells: Cells) -> Array:
    _, here, before = coefficients(o, moments.words, cells)
    return moments.variance(here, before, cells.home)


def row_of(raw: Estimated, value: Array, stderr: Array, systematic: Array, data: Counts | LocalCounts) -> MitigatedRow:
    """A row of a quantity whose errors are known to first order, as the raw one is made.

    Args:
        raw: The raw row.
        value: Before the map of the quantity, (cells,).
        stderr: The same of its statistical error.
        systematic: The same of its systematic error.
        data: What was measured.
    """
    resolution = data.reading.resolution
    statistical = propagated(raw.observable, value, stderr, resolution)
    total = propagated(raw.observable, value, np.hypot(stderr, systematic), resolution)
    return finished(raw, statistical, total, propagated(raw.observable, value, systematic, resolution).stderr)


def finished(raw: Estimated, statistical: Estimate, total: Estimate, systematic: Array) -> MitigatedRow:
    """A row with the interval of the total error.

    Args:
        raw: The raw row, whose ideal and place it has.
        statistical: Value and statistical error.
        total: The interval.
        systematic: In the unit of the row, (cells,).
    """
    shape = raw.value.shape
    return MitigatedRow(
        estimated=Estimated(
            observable=raw.observable,
            ideal=raw.ideal,
            value=statistical.value.reshape(shape) + 0.0,
            stderr=statistical.stderr.reshape(shape),
            low=total.low.reshape(shape) + 0.0,
            high=total.high.reshape(shape) + 0.0,
            bias_corrected=statistical.corrected.reshape(shape) + 0.0,
            interval=total.interval,
        ),
        systematic=systematic.reshape(shape) + 0.0,
    )


def kept_fractions(data: Counts, members: Members, true: Array) -> tuple[Kept, ...]:
    """Fraction of the shots of each member with its own number of excitations, over the whole run.

    Args:
        data: What was measured.
        members: Their numbers of excitations.
        true: Frequencies in Z, corrected for readout, (cells, members, outcomes).
    """
    shots = data.shots[:, :, z_setting(data)]
    kept = np.stack(
        [true[:, m, sector(int(n), true.shape[-1])].sum(axis=-1) for m, n in enumerate(members.excitations)]
    )
    total = shots.sum(axis=0)
    share = np.divide((kept.T * shots).sum(axis=0), total, out=np.full(len(total), np.nan), where=total > 0)
    each = zip(members.numbers, members.excitations.tolist(), share.tolist(), strict=True)
    return tuple(Kept(arm="", member=m, excitations=n, share=one) for m, n, one in each)
