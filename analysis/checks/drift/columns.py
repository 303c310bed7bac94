"""Columns of counts.csv as checks read them: bits, what they are of, and rows that share something."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence

from protocols import Array

if typing.TYPE_CHECKING:
    import pandas as pd

    from devices import RunRecord


def gaps_of(record: RunRecord) -> Mapping[str, float]:
    """Gap of the qubit in each column of bits; 0 where it is another one at every point, and a bit is no energy."""
    ancillas = [one for columns in record.registers.values() for one in columns]
    gaps = {one["column"]: 0.0 if isinstance(one["gap"], Mapping) else float(one["gap"]) for one in ancillas}
    own = record.gaps.of if record.gaps else dict.fromkeys(record.start["qubits"], 1.0)
    return {**own, **gaps}


def wires_of(prepared: pd.DataFrame, record: RunRecord) -> list[str]:
    """Columns of the wires that calibration rows read, in the order of the patterns prepared."""
    wire = {one["column"]: one["qubit"] for columns in record.registers.values() for one in columns}
    return list(dict.fromkeys(wire.get(column, column) for column in bit_columns(prepared)))


def bit_columns(counts: pd.DataFrame) -> list[str]:
    """Columns of bits, in the order of the letters of a basis."""
    names = list(counts.columns)
    return names[names.index("prepared") + 1 : names.index("count")]


def swept_columns(counts: pd.DataFrame) -> list[str]:
    """Columns of the parameters."""
    return list(counts.columns[: counts.columns.get_loc("arm")])


def codes(counts: pd.DataFrame, columns: Sequence[str]) -> Array:
    """A number for every different row of some columns."""
    return counts.groupby(list(columns), dropna=False, sort=False).ngroup().to_numpy()
