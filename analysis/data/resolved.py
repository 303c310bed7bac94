"""Counts with the members kept apart and the bits of chosen ancillas counted jointly: only where it is asked for.

The readout of the system is corrected as a whole, that of an ancilla with the confusion of its wire alone, which is
taken to be independent of all others. In a draw the patterns of the ancillas follow the drawn outcomes of the system,
so that whatever a quantity reads beside them keeps its covariance.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence

import numpy as np

from analysis.data.count_table import CountTable
from analysis.data.readout_confusion import whole_shots
from devices import RunError, RunRecord
from protocols import Array, Observable
from protocols.program import ResolvedFrequencies

if typing.TYPE_CHECKING:
    import pandas as pd

Columns: typing.TypeAlias = tuple[str, ...]
"""Columns of counts.csv whose bits are wanted jointly; none: the outcomes of the system alone."""
STREAM = 3
"""Of the draws of patterns: the other draws must not depend on what is asked for beside them."""


def check_columns(record: RunRecord, own: Sequence[Observable]) -> None:
    """Refuses counts that lack the column of an ancilla whose bits a quantity reads.

    Args:
        record: The run.
        own: Quantities of its protocol.

    Raises:
        RunError: With the quantity, the column and the repair.
    """
    there = [column["column"] for columns in record.registers.values() for column in columns]
    for observable in () if record.start.get("words") else own:  # expectation values have no bits
        for name in observable.resolved or ():
            if name not in there:
                known = ", ".join(there) or "none"
                raise RunError(
                    f"{' '.join(observable.key)} reads the bits of {name}, but counts.csv has no such column (of "
                    f"ancillas: {known}). Add the column, correct `resolved` of the quantity in the protocol's file, "
                    "or import without --protocol."
                )


def tabulate_joint(rows: pd.DataFrame, columns: Columns, stratum: Sequence[Array], shape: tuple[int, ...]) -> Array:
    """Counts of the joint bits of some columns beside each outcome, (cells, members, settings, outcomes, patterns).

    A cell that does not read one of the columns has none.

    Args:
        rows: Measured rows of counts.csv.
        columns: Which bits.
        stratum: Cell, member, setting and outcome of the system, (rows,) each.
        shape: How many there are of each.

    Raises:
        RunError: If there is no such column.
    """
    lacking = [name for name in columns if name not in rows.columns]
    if lacking:
        raise RunError(f"counts.csv has no column {lacking[0]}, whose bits a quantity needs.")
    bits = rows[list(columns)].to_numpy(dtype=float)
    read = np.isfinite(bits).all(axis=1)
    pattern = (np.nan_to_num(bits) @ (1 << np.arange(len(columns))[::-1])).astype(np.int64)
    found = np.zeros((*shape, 2 ** len(columns)), dtype=np.int64)
    where = tuple(index[read] for index in (*stratum, pattern))
    np.add.at(found, where, rows["count"].to_numpy(dtype=np.int64)[read])
    return found


def measured_resolved(counts: CountTable, confusion: Array, columns: Columns) -> ResolvedFrequencies:
    """What was measured, corrected for readout.

    Args:
        counts: What was observed.
        confusion: P(read | true) of the system, (outcomes, outcomes).
        columns: Ancillas whose bits are wanted jointly; none: the system alone.
    """
    shots = counts.shots
    read = observed_jointly(counts, columns) / np.where(shots > 0, shots, np.nan)[..., None, None]
    true = _corrected(
        counts, read, confusion, columns, None if counts.ancillas is None else counts.ancillas.calibration
    )
    return ResolvedFrequencies(
        bases=counts.bases, frequency=true, weight=counts.weight, shots=shots, numbers=counts.numbers
    )


def drawn_resolved(
    counts: CountTable,
    drawn: tuple[Array, Array],
    system: tuple[Array, Array],
    columns: Sequence[Columns],
    random: tuple[int, int],
) -> Mapping[Columns, ResolvedFrequencies]:
    """The same for bootstrap draws, with a leading axis.

    Args:
        counts: What was observed.
        drawn: Outcomes of the system in counts, (draws, cells, members, settings, outcomes), and the probabilities that
            they were drawn from. Draws are centred on estimated states; here they are moved back to what was measured.
        system: Confusion of the system, (draws, outcomes, outcomes) or without draws, and the weights of the members.
        columns: What is asked for.
        random: Seed of all draws, and the first draw of the chunk.
    """
    (outcomes, centre), (confusion, weight) = drawn, system
    shots, size = np.where(counts.shots > 0, counts.shots, np.nan)[..., None], len(outcomes)
    found: dict[Columns, ResolvedFrequencies] = {}
    generator = np.random.default_rng([*random, STREAM])
    calibration = None
    if counts.ancillas is not None and counts.ancillas.calibration.any():
        often = whole_shots(counts.ancillas.calibration)
        rates = counts.ancillas.calibration / counts.ancillas.calibration.sum(axis=-1, keepdims=True)
        calibration = generator.multinomial(often, rates, size=(size, *often.shape))
    for asked in columns:
        share = _given_outcome(counts, asked)
        patterns = generator.multinomial(outcomes, share) if asked else outcomes[..., None]
        back = counts.observed / shots - centre
        read = patterns / shots[..., None] + back[..., None] * share
        found[asked] = ResolvedFrequencies(
            bases=counts.bases,
            frequency=_corrected(counts, read, confusion, asked, calibration),
            weight=weight,
            shots=counts.shots,
            numbers=counts.numbers,
        )
    return found


def observed_jointly(counts: CountTable, columns: Columns) -> Array:
    """Counts with the patterns of some ancillas, (cells, members, settings, outcomes, patterns) int.

    Args:
        counts: What was observed.
        columns: Which ancillas; none: the system alone, with one pattern.

    Raises:
        RunError: If these were not counted jointly.
    """
    if not columns:
        return counts.observed[..., None]
    if columns not in counts.joint:
        raise RunError(f"The joint bits of {', '.join(columns)} were not counted when the run was read.")
    return counts.joint[columns]


def _given_outcome(counts: CountTable, columns: Columns) -> Array:
    """Distribution of the patterns beside each outcome; beside one never seen, that of its stratum."""
    observed = observed_jointly(counts, columns).astype(float)
    stratum = observed.sum(axis=-2, keepdims=True)
    chosen = np.where(observed.sum(axis=-1, keepdims=True) > 0, observed, stratum)
    total = chosen.sum(axis=-1, keepdims=True)
    return np.where(total > 0, chosen / np.where(total > 0, total, 1), 1 / observed.shape[-1])


def _corrected(counts: CountTable, read: Array, confusion: Array, columns: Columns, calibration: Array | None) -> Array:
    """Frequencies as read with the readout of system and ancillas inverted."""
    true = leading(np.linalg.pinv(confusion), read.ndim) @ read
    if counts.ancillas is None or calibration is None or not calibration.any():
        return true
    each = np.linalg.pinv(np.swapaxes(calibration / calibration.sum(axis=-1, keepdims=True), -1, -2))
    for index, name in enumerate(columns):
        if counts.ancillas.as_read[counts.ancillas.columns.index(name)]:
            continue
        single = each[..., counts.ancillas.wire[counts.ancillas.columns.index(name)], :, :]
        split = true.reshape(*true.shape[:-1], 2**index, 2, -1)
        true = np.einsum("...ij,...ajb->...aib", leading(single, split.ndim - 1), split).reshape(read.shape)
    return true


def leading(matrix: Array, axes: int) -> Array:
    """Matrices with their leading axes first among as many as are wanted, (..., 1, ..., i, j) of so many axes.

    Args:
        matrix: Shape (..., i, j).
        axes: How many axes the result has, at least as many as the matrices have now.

    Examples:
        >>> leading(np.zeros((50, 4, 2)), axes=5).shape
        (50, 1, 1, 4, 2)
    """
    ahead = matrix.shape[:-2]
    return matrix.reshape(*ahead, *([1] * (axes - len(ahead) - 2)), *matrix.shape[-2:])
