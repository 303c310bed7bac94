r"""Symmetry where a system meets ancillas: the total number of excitations of both, wherever all of them are read.

A member is a pure state of the system and a bit of every ancilla; its circuit ends with one total number, as exact
probabilities say. Shots in Z with another total are dropped after the readout is corrected, that of every ancilla
by its own wire. With the joint frequencies q of the outcomes of a member, corrected, and b what a moment reads of them,

    y = sum_i b_i q_i / sum_i q_i   over the outcomes i of its number,   dy/dq_i = (b_i - y) / sum_j q_j.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.consistency import carried_out
from analysis.data import Columns, Counts, LocalCounts, confusion_of, read, whole_shots
from analysis.mitigation.local_totals import local_total_moments
from analysis.mitigation.maps import LEAST_KEPT
from analysis.mitigation.members import Members, refused, z_setting
from analysis.mitigation.moments import MitigatedMoments
from analysis.mitigation.rows import Kept
from protocols import Array, Experiment, Points
from protocols.program import Counting

if typing.TYPE_CHECKING:
    from devices import RunRecord

SEEN = 1e-9
"""Probability from which on an outcome belongs to a member."""
MOST_BITS = 10
"""Read together: tables of joint outcomes grow as 2 to their number."""
CALIBRATIONS = 32
"""Draws of the readout calibration, whose scatter is its part of the errors."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Totals:
    """What is known of members with their ancillas."""

    number: Array
    """(cells, members) int excitations at the end; -1 where a cell does not have the member."""
    columns: tuple[Columns, ...]
    """(cells,) of ancillas that are read there."""


def totals_of(experiment: Experiment, points: Points, bases: Sequence[str], numbers: Sequence[int]) -> Totals:
    """The total number of every member in every cell.

    Args:
        experiment: The protocol with its fields.
        points: Its sweep, with its options.
        bases: Settings of the system.
        numbers: Members, in the order wanted.

    Raises:
        RequestError: Where a member does not have one number, or the ancillas are no exact ensemble.
    """
    qubits = len(experiment.qubits)
    if points.options.get("preparation", "ensemble") != "ensemble":
        raise refused("needs members of an exact ensemble: ancillas prepared with --preparation ensemble")
    if "Z" * qubits not in bases:
        raise refused("needs a setting that reads every qubit in Z, where a shot shows its number")
    size = len(points)
    number = np.full((len(points.arms) * size, len(numbers)), -1)
    columns: list[Columns] = [()] * len(number)
    for setting in experiment.settings(points, ("Z" * qubits,)):
        if setting.member not in numbers:
            continue
        rows = np.flatnonzero(experiment.applies(setting, points))
        cells = rows + points.arms.index(setting.arm) * size
        if isinstance(experiment, Counting) and experiment.long:
            if (known := experiment.excitations(setting)) is None:
                raise refused("needs members of one number of excitations each, but here they are drawn shot by shot")
            number[cells, numbers.index(setting.member)] = known
            continue
        if len(setting.outcomes) > MOST_BITS:
            raise refused(f"needs at most {MOST_BITS} bits read together, but {len(setting.outcomes)} are read here")
        own = points.at(rows)
        seen = experiment.exact(setting, own) > SEEN
        here = np.array([outcome.bit_count() for outcome in range(seen.shape[1])])
        least, most = np.where(seen, here, len(here)).min(axis=1), np.where(seen, here, -1).max(axis=1)
        if ((least != most) & (experiment.weights(setting, own) > 0)).any():
            raise refused(
                f"needs gates that keep the number of excitations, and all ancillas read, but in {experiment.name} "
                f"member {setting.member} ends with {least.min()} to {most.max()} of them"
            )
        number[cells, numbers.index(setting.member)] = least
        for cell in cells.tolist():
            columns[cell] = tuple(outcome.column for outcome in setting.outcomes[qubits:])
    return Totals(number=number, columns=tuple(columns))


def totals_of_run(record: RunRecord, data: Counts | LocalCounts) -> tuple[Totals, Members]:
    """The same of a run, and its members with the numbers that they have in its first cell.

    Args:
        record: The run.
        data: What was measured in it.

    Raises:
        RequestError: Where the number does not tell.
    """
    experiment = carried_out(record)
    if experiment is None:
        raise refused("needs the protocol with its fields, which are not known of this run")
    rows = record.counts()
    numbers = np.unique(rows.loc[rows["basis"] != "cal", "member"].to_numpy(dtype=int)).tolist()
    usual = {name: known[0] for name, known in experiment.offers.items() if known}
    points = replace(record.points, options={**usual, **record.points.options})
    found = totals_of(experiment, points, data.bases, numbers)
    members = Members(
        numbers=tuple(numbers), excitations=found.number.max(axis=0), gates=np.zeros_like(found.number), unmoved=None
    )
    return found, members


def total_moments(
    record: RunRecord, data: Counts | LocalCounts, totals: Totals, words: Sequence[str]
) -> tuple[MitigatedMoments, Array]:
    """Moments in Z and energies of registers of the shots with the total of their member, with their errors.

    Beside them shots, and those with the number of their member, (2, cells, members).

    Args:
        record: The run.
        data: What was measured.
        totals: Of its members.
        words: Pauli words of Z and I, and registers.
    """
    if isinstance(data, LocalCounts):
        return local_total_moments(data, totals.number, words, CALIBRATIONS)
    cells, z = len(data.observed), z_setting(data)
    calibrations = _Calibrations(data)
    parts: dict[int, tuple[Array, ...]] = {}
    shots = np.zeros((2, *totals.number.shape))
    gaps = [data.ancillas.gap[cell].tobytes() if data.ancillas else b"" for cell in range(cells)]
    alike = list(zip(totals.columns, gaps, strict=True))
    for kind in dict.fromkeys(alike):
        columns, where = kind[0], np.flatnonzero([one == kind for one in alike])
        joint = read(record, readout_correction=data.calibrated, joint=[columns] if columns else ())
        assert isinstance(joint, Counts)
        observed = joint.joint[columns][where][:, :, z] if columns else data.observed[where][:, :, z, :, None]
        observed = observed.reshape(*observed.shape[:2], -1)
        of_outcomes = np.stack([_reads(data, columns, word, int(where[0]), observed.shape[-1]) for word in words])
        kept = np.array([outcome.bit_count() for outcome in range(observed.shape[-1])]) == totals.number[where, :, None]
        inverses = calibrations.inverses(columns)
        made = _cell_moments(observed, data.member_weight_as_measured[where, :, z], kept, of_outcomes, inverses)
        shots[:, where] = observed.sum(axis=2), np.where(kept, observed @ inverses[0].T, 0.0).sum(axis=2)
        parts |= {int(cell): tuple(one[i] for one in made) for i, cell in enumerate(where)}
    value, shot, shared, step = (np.stack([parts[cell][i] for cell in range(cells)]) for i in range(4))
    moments = MitigatedMoments(
        words=tuple(words),
        values={word: value[:, i] for i, word in enumerate(words)},
        shot=shot,
        by_known=np.zeros((cells, len(words), 0)),
        with_known=np.zeros((cells, len(words), 0)),
        of_known=np.zeros((0, 0)),
        shared=shared,
        step=step[:, :, None],
    )
    return moments, shots


def kept_by_arm(totals: Totals, shots: Array, arms: Sequence[str], numbers: Sequence[int]) -> tuple[Kept, ...]:
    """What is left of every member of every arm, over all points: one number may be another state in another arm.

    Args:
        totals: Of its members.
        shots: All, and those with the number of their member, (2, cells, members).
        arms: Their names.
        numbers: Of the members.
    """
    every, kept = shots.reshape(2, len(arms), -1, len(numbers)).sum(axis=2)
    known = totals.number.reshape(len(arms), -1, len(numbers)).max(axis=1)
    return tuple(
        Kept(arm=arm, member=member, excitations=int(known[i, j]), share=float(kept[i, j] / every[i, j]))
        for i, arm in enumerate(arms)
        for j, member in enumerate(numbers)
        if every[i, j] > 0
    )


def _reads(data: Counts, columns: Columns, word: str, cell: int, size: int) -> Array:
    """What a moment reads of every joint outcome, (outcomes,): a sign, or the energy of the ancillas."""
    qubits, total = len(data.bases[0]), size.bit_length() - 1
    bits = (np.arange(size)[:, None] >> np.arange(total)[::-1]) & 1
    if word not in data.registers:
        return np.prod([1 - 2 * bits[:, i] for i, letter in enumerate(word) if letter == "Z"], axis=0) * np.ones(size)
    assert data.ancillas is not None
    register = data.registers.index(word)
    if data.ancillas.unread[cell, register]:
        return np.full(size, np.nan)
    gap = dict(zip(data.ancillas.columns, data.ancillas.gap[cell, register], strict=True))
    return bits[:, qubits:] @ np.array([gap[name] for name in columns])


def _cell_moments(
    observed: Array, weight: Array, kept: Array, reads: Array, inverses: Sequence[Array]
) -> tuple[Array, Array, Array, Array]:
    """Values (cells, words), their covariance, the response to the calibration, and what one count of each adds."""
    shots = observed.sum(axis=-1)
    share = observed / np.maximum(shots, 1)[..., None]
    drawn = [_values(share, weight, kept, reads, inverse) for inverse in inverses[1:]]
    shared = np.moveaxis(np.array(drawn) - np.mean(drawn, axis=0), 0, -1) / np.sqrt(len(drawn) - 1) if drawn else None
    value, left = _by_member(share, kept, reads, inverses[0])
    used = shots > 0
    # d(moment)/d(corrected frequency) of every member, and with respect to what was read
    usable = (left > LEAST_KEPT)[..., None, None]
    chosen = np.where(kept[:, :, None], reads - value[..., None], 0.0)
    slope = np.where(usable, chosen / np.where(usable, left[..., None, None], 1.0), reads)
    as_read = np.where(used[..., None, None], weight[..., None, None] * slope, 0.0) @ inverses[0]
    scale = 1 / np.maximum(shots - 1, 1)
    mean = np.einsum("cmwo,cmo->cmw", as_read, share)
    covariance = np.einsum("cm,cmwo,cmvo,cmo->cwv", scale, as_read, as_read, share, optimize=True)
    covariance -= np.einsum("cm,cmw,cmv->cwv", scale, mean, mean)
    moved = np.ptp(as_read, axis=-1) / np.maximum(shots, 1)[..., None]
    step = np.stack([np.zeros_like(moved.max(axis=1)), moved.max(axis=1)], axis=-1)
    total = np.einsum("cm,cmw->cw", np.where(used, weight, 0.0), np.where(used[..., None], value, 0.0))
    return total, covariance, np.zeros((*total.shape, 1)) if shared is None else shared, step


def _by_member(share: Array, kept: Array, reads: Array, inverse: Array) -> tuple[Array, Array]:
    """Moments of every member, (cells, members, words), and the fraction that is left of it.

    One of a few shots, most of them with another number, has no estimate by symmetry and stays as it was read.
    """
    true = share @ inverse.T
    left = np.where(kept, true, 0.0).sum(axis=-1)
    usable, plain = (left > LEAST_KEPT)[..., None], np.nan_to_num(reads)
    of_all = np.einsum("cmo,wo->cmw", true, plain)
    of_kept = np.einsum("cmo,wo->cmw", np.where(kept, true, 0.0), plain)
    value = np.where(usable, of_kept / np.where(usable, left[..., None], 1.0), of_all)
    value = np.where(np.isnan(reads).any(axis=-1), np.nan, value)
    return value, left


def _values(share: Array, weight: Array, kept: Array, reads: Array, inverse: Array) -> Array:
    value, _ = _by_member(share, kept, reads, inverse)
    seen = share.sum(axis=-1) > 0
    return np.einsum("cm,cmw->cw", np.where(seen, weight, 0.0), np.where(seen[..., None], value, 0.0))


class _Calibrations:
    """Inverse readout of system and ancillas: as measured first, then as it might have been."""

    def __init__(self, data: Counts) -> None:
        self._data, self._made = data, dict[Columns, list[Array]]()
        generator = np.random.default_rng([data.seed, 7])
        tables = [data.calibration]
        if data.ancillas is not None:
            tables += list(data.ancillas.calibration)
        self._tables = [tables]
        if data.calibrated:
            self._tables += [
                [generator.multinomial(whole_shots(one), one / one.sum(axis=-1, keepdims=True)) for one in tables]
                for _ in range(CALIBRATIONS)
            ]

    def inverses(self, columns: Columns) -> list[Array]:
        """(outcomes true, outcomes read) of the system and some ancillas."""
        data = self._data
        if not data.calibrated:
            return [np.eye(data.observed.shape[-1] * 2 ** len(columns))]
        wires: Mapping[str, int] = {}
        if data.ancillas is not None:
            wires = dict(zip(data.ancillas.columns, data.ancillas.wire.tolist(), strict=True))
        made = []
        for system, *of_wires in self._tables:
            inverse = np.linalg.pinv(confusion_of(system))
            for name in columns:
                inverse = np.kron(inverse, np.linalg.pinv(confusion_of(of_wires[wires[name]])))
            made.append(inverse)
        return made
