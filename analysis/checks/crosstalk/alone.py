"""Do copies give the same energies alone as together: passes in which some run and all others idle, beside the others.

The mean energies of the same circuits differ by shot noise alone. Copies are read raw: the calibration that both would
be corrected with is the same.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.checks.drift import bit_columns, codes, gaps_of, swept_columns
from analysis.statistics import chi_square_and_rank, holm, p_value
from analysis.verdict import CROSSTALK_ALARM, AloneOrTogether, Check, Difference, Missing, NotTested, Question
from protocols import Array

if typing.TYPE_CHECKING:
    import pandas as pd

    from devices import RunRecord

COMPLETE = 0.999
"""Weight of the members that a point must have both alone and together."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Energies:
    """Energies of one copy, alone less together, cell by cell: a cell is a point of an arm in one basis."""

    of: tuple[str, ...]
    """Qubits."""
    cells: pd.DataFrame
    """Swept parameters, arm and basis of each cell."""
    value: Array
    """(cells, qubits) in the unit of energy; 0 where the basis does not read Z."""
    covariance: Array
    """(cells, qubits, qubits)."""
    both: Array
    """(cells, qubits) of all shots together: independent of the difference, if there is none."""


def alone_or_together(record: RunRecord) -> Check:
    """Whether energies, and heat where most flows, of copies depend on whether the others run.

    Args:
        record: Of a run of several copies.
    """
    alone, together = record.alone(), record.counts()
    if alone is None or alone.empty:
        return Check(question=Question.ALONE, passed=None, finding=NotTested(why=Missing.ALONE))
    found: dict[int, AloneOrTogether] = {}
    for copy in sorted(alone["copy"].unique().tolist()):
        own = together[(together["copy"] == copy) & (together["basis"] != "cal")]
        energies = _energies(alone[alone["copy"] == copy], own, record)
        if energies is not None and (one := _compared(copy, energies, record)) is not None:
            found[copy] = one
    if not found:
        return Check(question=Question.ALONE, passed=None, finding=NotTested(why=Missing.ALONE))
    p = holm(np.array([one.p for one in found.values()]))
    worst = list(found.values())[int(np.argmin(p))]
    finding = replace(
        worst,
        p=float(p.min()),
        copies=tuple(found),
        apart=tuple(copy for copy, own in zip(found, p, strict=True) if own < CROSSTALK_ALARM),
    )
    unit = {"unit": record.gaps.unit} if record.gaps else {}
    return Check(question=Question.ALONE, passed=finding.p >= CROSSTALK_ALARM, finding=finding, **unit)


def _energies(alone: pd.DataFrame, together: pd.DataFrame, record: RunRecord) -> _Energies | None:
    """Differences of the mean energies of one copy; None where no circuit was run both ways."""
    import pandas as pd

    rows = pd.concat([alone.assign(group=0), together.assign(group=1)], ignore_index=True)
    keys = [*swept_columns(together), "arm", "basis"]
    gaps, bits = gaps_of(record), bit_columns(together)
    energies = [i for i, name in enumerate(bits) if gaps.get(name, 0.0)]
    if not energies:
        return None
    cell, law = codes(rows, keys), codes(rows, [*keys, "member"])
    z = np.array([[basis[i] == "Z" for i in energies] for basis in rows["basis"]])
    read = rows[[bits[i] for i in energies]].to_numpy(float, na_value=0.0) * z
    number, mean, scatter = _moments(law, rows["group"].to_numpy(), read, rows["count"].to_numpy(float))
    first = np.unique(law, return_index=True)[1]
    weight, home = rows["weight"].to_numpy(float)[first], cell[first]
    usable = (number > 0).all(axis=1) & (number.sum(axis=1) > 1)
    cells = int(cell.max()) + 1
    complete = np.bincount(home, weight * usable, cells) >= COMPLETE * np.bincount(home, weight, cells)
    scale = np.array([gaps[bits[i]] for i in energies])
    value, both = np.zeros((cells, len(scale))), np.zeros((cells, len(scale)))
    covariance = np.zeros((cells, len(scale), len(scale)))
    inverse = np.divide(1, number, out=np.zeros_like(number), where=number > 0).sum(axis=1)
    total = np.maximum(number.sum(axis=1), 1)
    np.add.at(value, home, weight[:, None] * (mean[:, 0] - mean[:, 1]) * scale)
    np.add.at(both, home, weight[:, None] * (number[..., None] * mean).sum(axis=1) / total[:, None] * scale)
    own = scatter * (weight**2 * inverse)[:, None, None]
    np.add.at(covariance, home, own * np.outer(scale, scale))
    kept = np.flatnonzero(complete)
    if not len(kept):
        return None
    where = rows[keys].iloc[np.unique(cell, return_index=True)[1]].reset_index(drop=True)
    return _Energies(
        of=tuple(bits[i] for i in energies),
        cells=where.iloc[kept].reset_index(drop=True),
        value=value[kept],
        covariance=covariance[kept],
        both=both[kept],
    )


def _moments(law: Array, group: Array, read: Array, count: Array) -> tuple[Array, Array, Array]:
    """Shots (laws, groups) and mean bits (laws, groups, qubits), and the covariance of a shot over both groups."""
    laws, qubits = int(law.max()) + 1, read.shape[1]
    number, summed, second = np.zeros((laws, 2)), np.zeros((laws, 2, qubits)), np.zeros((laws, qubits, qubits))
    np.add.at(number, (law, group), count)
    np.add.at(summed, (law, group), count[:, None] * read)
    np.add.at(second, law, count[:, None, None] * read[:, :, None] * read[:, None, :])
    total = np.maximum(number.sum(axis=1), 2.0)
    all_mean = summed.sum(axis=1) / total[:, None]
    scatter = second / total[:, None, None] - all_mean[:, :, None] * all_mean[:, None, :]
    scatter *= (total / (total - 1))[:, None, None]
    return number, summed / np.maximum(number, 1)[..., None], scatter


def _compared(copy: int, energies: _Energies, record: RunRecord) -> AloneOrTogether | None:
    """Both tests of one copy: all its energies, and its heat; None where nothing was random."""
    each = [chi_square_and_rank(v, c) for v, c in zip(energies.value, energies.covariance, strict=True)]
    chi_square, dof = sum(one[0] for one in each), sum(one[1] for one in each)
    variance = np.einsum("kii->ki", energies.covariance)
    if not dof or not (variance > 0).any():
        return None
    z = np.divide(np.abs(energies.value), np.sqrt(variance), out=np.zeros_like(variance), where=variance > 0)
    at, qubit = np.unravel_index(int(np.argmax(z)), z.shape)
    energy = _difference(
        f"E_{energies.of[qubit]}{_where(energies.cells.iloc[at])}",
        float(energies.value[at, qubit]),
        float(np.sqrt(variance[at, qubit])),
        int((variance > 0).sum()),
    )
    heat = _heat(energies, record)
    tests = [p_value(chi_square, dof), *([heat.p] if heat else [])]
    return AloneOrTogether(
        p=min(1.0, len(tests) * min(tests)),
        copies=(copy,),
        apart=(),
        worst=copy,
        chi_square=float(chi_square),
        dof=int(dof),
        heat=heat,
        energy=energy,
    )


def _heat(energies: _Energies, record: RunRecord) -> Difference | None:
    """The most significant heat at the point of the main arm where most flows, alone less together."""
    own = [i for i, qubit in enumerate(energies.of) if qubit in record.start["qubits"]]
    value, variance, both = (_by_point(energies, record, own, part) for part in ("value", "variance", "both"))
    reference = record.points.reference
    before = np.where(reference >= 0, reference, 0)
    flows = np.abs(both - both[before])
    flows[(reference < 0) | (before == np.arange(len(before)))] = np.nan
    spread = variance + variance[before]
    if not np.isfinite(flows).any():
        return None
    at = int(np.nanargmax(np.nanmax(np.where(np.isfinite(flows), flows, -1.0), axis=1)))
    change = (value - value[before])[at]
    seen = np.flatnonzero(np.isfinite(change) & (spread[at] > 0))
    if not len(seen):
        return None
    most = int(seen[np.argmax(np.abs(change[seen]) / np.sqrt(spread[at][seen]))])
    axis = record.start["axis"]
    label = f"Q_{energies.of[own[most]]} at {axis} = {record.points.parameters[axis][at]:.5g}"
    return _difference(label, float(change[most]), float(np.sqrt(spread[at][most])), len(seen))


def _by_point(energies: _Energies, record: RunRecord, own: Sequence[int], part: str) -> Array:
    """(points, qubits) of the main arm: the mean of the bases that read Z, each weighted by its variance; else NaN."""
    cells = energies.cells
    swept = list(cells.columns[: cells.columns.get_loc("arm")])
    place = {
        values: i for i, values in enumerate(zip(*(record.points.parameters[n].tolist() for n in swept), strict=True))
    }
    variance = np.einsum("kii->ki", energies.covariance)[:, own]
    total, weights = (np.zeros((len(record.points.reference), len(own))) for _ in range(2))
    for k, row in enumerate(cells.itertuples(index=False)):
        if row.arm != record.start["arms"][0]:
            continue
        weight = np.divide(1, variance[k], out=np.zeros(len(own)), where=variance[k] > 0)
        at = place[tuple(row[: len(swept)])]
        weights[at] += weight
        if part != "variance":
            total[at] += weight * getattr(energies, part)[k, own]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weights > 0, (1.0 if part == "variance" else total) / weights, np.nan)


def _difference(label: str, value: float, stderr: float, trials: int) -> Difference:
    p = p_value((value / stderr) ** 2, 1)
    return Difference(
        label=label, value=value, stderr=stderr, p=float(-np.expm1(trials * np.log1p(-min(p, 1 - 1e-16))))
    )


def _where(cell: pd.Series) -> str:
    names = list(cell.index[: list(cell.index).index("arm")])
    arm = "" if cell["arm"] == "main" else f", arm {cell['arm']}"
    return f" at {', '.join(f'{name} = {cell[name]:.5g}' for name in names)}{arm}"
