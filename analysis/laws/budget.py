"""The budget of a correlated pair: what its Clausius sum is made of, at every point of an arm."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.estimate_arrays import Selection, Series

if typing.TYPE_CHECKING:
    from analysis.result import Analysis

SUM, RESIDUAL, DIVERGENCE, FUEL = "clausius_sum", "clausius_residual", "divergence", "mutual_information_change"


@dataclass(frozen=True, kw_only=True, eq=False)
class Budget:
    """beta_A Q_A + beta_B Q_B = Delta I + D_A + D_B + what the pair gained in entropy, along a sweep [nat]."""

    total: Series
    parts: Mapping[str, Series]
    """By what each is called; they add up to the total, but for rounding."""
    residual: Series
    """What the first three lack: 0 in a closed exchange."""

    def __len__(self) -> int:
        return len(self.total)


def budget_of(analysis: Analysis, shown: Selection) -> Budget | None:
    """The budget of the main arm at the points of a panel that were compared with another one; None: there is none.

    Args:
        analysis: What a run says.
        shown: Points along one parameter.
    """
    both, qubits = analysis.record.system, analysis.record.start["qubits"]
    needed = ((RESIDUAL, both), *(("relative_entropy", qubit) for qubit in qubits))
    if not all(key in analysis.estimates.quantities for key in needed):
        return None
    total = shown.series(SUM, both)
    reference = analysis.estimates.points.reference[total.point]
    kept = np.isfinite(total.value) & (reference != total.point)
    if not kept.any():
        return None
    named = {
        "ΔI": shown.series(FUEL, both),
        **{f"D of {qubit}": shown.series("relative_entropy", qubit) for qubit in qubits},
        f"entropy gained by {both}": shown.series(RESIDUAL, both),
    }
    parts = {name: series.at(kept) for name, series in named.items()}
    return Budget(total=total.at(kept), parts=parts, residual=shown.series(RESIDUAL, both).at(kept))
