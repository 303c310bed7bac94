"""Drift during a run: outcomes from pass to pass, and readout from the first to the last calibration.

Each check raises a concern with a chance of `ALARM` in a run without drift: the smaller of two p-values, times two,
one of all outcomes pooled and one of means that all circuits share (`_homogeneity`).
"""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.checks.drift.columns import bit_columns, codes, gaps_of, swept_columns, wires_of
from analysis.statistics import ALARM, FEWEST_EVENTS, Shifts, Strata, pooled, shifts
from analysis.verdict import Check, Drift, Missing, NotTested, Question, Shift

if typing.TYPE_CHECKING:
    import pandas as pd

    from devices import RunRecord


@dataclass(frozen=True, kw_only=True)
class Score:
    """A mean that is followed from group to group."""

    label: str
    gap: float = 0.0
    """Of an energy [gap]; 0: the score is a probability."""


def drift(record: RunRecord) -> tuple[Check, ...]:
    """Checks of a run of several passes, or on hardware; none where nothing could drift or no counts are known."""
    if record.expectations() is not None:
        return ()
    counts = record.counts()
    if "pass" not in counts:
        return ()
    calibration = counts["basis"] == "cal"
    measured, prepared = counts[~calibration], counts[calibration]
    many = measured["pass"].nunique() > 1
    # simulators do not drift; what was measured elsewhere may
    hardware = record.start["device"].get("method") == "hardware" or bool(record.start.get("imported"))
    found = [_between_passes(measured, record)] if many else []
    if (many or hardware) and prepared["pass"].nunique() > 1:
        found.append(_of_readout(prepared, record))
    return tuple(replace(check, unit=record.gaps.unit) for check in found) if record.gaps else tuple(found)


def _between_passes(measured: pd.DataFrame, record: RunRecord) -> Check:
    """Outcomes of every circuit and row, from pass to pass."""
    numbers = np.sort(measured["pass"].unique())
    strata, scores = _followed(measured, record)
    means, named = shifts(strata), [f"pass {number}" for number in numbers]
    check = _judged(Question.PASSES, strata, means, scores, named)
    if check.passed is not False or not isinstance(check.finding, Drift):
        return check
    energies = [k for k, score in enumerate(scores) if score.gap]
    moved = _energies_moved_apart(measured, strata, means, scores)
    found = replace(check.finding, worst_energy=_worst_shift(means, scores, named, energies), moved=moved)
    return replace(check, finding=found)


def _followed(measured: pd.DataFrame, record: RunRecord) -> tuple[Strata, list[Score]]:
    """Every circuit and row as a stratum, its passes as groups; the mean bit of each qubit in each basis as scores."""
    bits = bit_columns(measured)
    letters = np.array([list(basis) for basis in measured["basis"]])
    kinds = [(i, letter) for i in range(len(bits)) for letter in "ZXY" if (letters[:, i] == letter).any()]
    values, gaps = measured[bits].to_numpy(float), gaps_of(record)
    strata = Strata(
        stratum=codes(measured, [*swept_columns(measured), "arm", "copy", "member", "basis"]),
        group=np.searchsorted(np.sort(measured["pass"].unique()), measured["pass"]),
        outcome=codes(measured, bits),
        score=np.stack([np.where(letters[:, i] == letter, values[:, i], np.nan) for i, letter in kinds], axis=1),
        count=measured["count"].to_numpy(float),
    )
    energy, other = "E_{}", "mean bit of {} in {}"
    return strata, [
        Score(label=(energy if gap else other).format(bits[i], letter), gap=gap)
        for i, letter in kinds
        for gap in [gaps[bits[i]] if letter == "Z" else 0.0]
    ]


def _of_readout(prepared: pd.DataFrame, record: RunRecord) -> Check:
    """Readout of every prepared pattern, in the first and in the last calibration."""
    wires, numbers = wires_of(prepared, record), np.sort(prepared["pass"].unique())
    wanted = np.array([list(pattern) for pattern in prepared["prepared"]])
    read = prepared[wires].to_numpy(float)
    kinds = [(i, bit) for i in range(len(wires)) for bit in "01" if (wanted[:, i] == bit).any()]
    strata = Strata(
        stratum=codes(prepared, ["copy", "prepared"]),
        group=np.searchsorted(numbers, prepared["pass"]),
        outcome=codes(prepared, wires),
        score=np.stack([np.where(wanted[:, i] == bit, read[:, i] != int(bit), np.nan) for i, bit in kinds], axis=1),
        count=prepared["count"].to_numpy(float),
    )
    scores = [Score(label=f"P({1 - int(bit)} read | {bit} prepared) of {wires[i]}") for i, bit in kinds]
    ends = ["before", *(f"number {number}" for number in numbers[1:-1]), "after"]
    return _judged(Question.READOUT, strata, shifts(strata), scores, ends)


def _judged(question: Question, strata: Strata, means: Shifts, scores: Sequence[Score], names: Sequence[str]) -> Check:
    """Both tests as one check; the names are those of the groups."""
    if (strata.sizes > 0).sum(axis=1).max() < 2:
        return Check(question=question, passed=None, finding=NotTested(why=Missing.COMMON_CIRCUIT))
    everything = pooled(strata)
    rare = means.events[np.einsum("gpp->gp", means.covariance).any(axis=1)]
    found = Drift(
        groups=len(names),
        statistic=everything.statistic,
        expected=everything.expected,
        p_pooled=everything.p,
        chi_square=means.chi_square,
        dof=means.dof,
        p_means=means.p,
        indicative=bool(len(rare) and rare.min() < FEWEST_EVENTS * means.value.shape[1]),
        worst=_worst_shift(means, scores, names, range(len(scores))),
    )
    return Check(question=question, passed=not found.dof or found.p >= ALARM, finding=found)


def _worst_shift(means: Shifts, scores: Sequence[Score], names: Sequence[str], among: Sequence[int]) -> Shift | None:
    """The most significant difference of a score between two groups."""
    found = [(k, difference) for k in among if (difference := means.difference(k))]
    if not found:
        return None
    k, (later, earlier, value, error) = max(found, key=lambda one: abs(one[1][2]) / one[1][3])
    scale = scores[k].gap or 1.0
    return Shift(
        label=scores[k].label,
        later=names[later],
        earlier=names[earlier],
        value=value * scale,
        stderr=error * scale,
        energy=bool(scores[k].gap),
    )


def _energies_moved_apart(
    measured: pd.DataFrame, strata: Strata, means: Shifts, scores: Sequence[Score]
) -> float | None:
    """How far drift moved the energies of different points apart, by their different shares of the passes."""
    sizes = strata.sizes
    share = sizes / sizes.sum(axis=1, keepdims=True)
    point, weights = codes(measured, [*swept_columns(measured), "arm"]), measured["weight"].to_numpy(float)
    moved = []
    for k, score in enumerate(scores):
        has = ~np.isnan(strata.score[:, k])
        if not score.gap:
            continue
        own, first = np.unique(strata.stratum[has], return_index=True)  # one row for each stratum
        where, weight = point[has][first], weights[has][first]
        total = np.bincount(where, weight)
        mean = np.bincount(where, weight * (share[own] @ means.value[k]))[total > 0] / total[total > 0]
        moved.append(float(np.ptp(mean)) * score.gap)
    return max(moved) if moved else None
