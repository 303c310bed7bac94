"""The second law: beta_A Q_A + beta_B Q_B - Delta I >= 0 where the entropy of the pair does not fall."""

from __future__ import annotations

import typing

import numpy as np

from analysis.statistics import ALARM
from analysis.verdict import Check, Missing, NotTested, Question, SecondLaw, value_at

if typing.TYPE_CHECKING:
    import pandas as pd

    from analysis.result import Analysis


def second_law(analysis: Analysis) -> Check:
    """The Clausius slack, where it is lowest in units of its error."""
    from scipy.special import ndtri

    table = analysis.table
    rows = table[(table["point"] >= 0) & (table["arm"] == "main" if "arm" in table else True)]
    slack, entropy = (
        rows[(rows["observable"] == name) & (rows["subject"] == analysis.record.system)]
        for name in ("clausius_slack", "entropy_change")
    )
    slack, entropy = (r[np.isfinite(r["value"]) & (r["stderr"] > 0)] for r in (slack, entropy))
    if slack.empty or entropy.empty:
        return Check(question=Question.SECOND_LAW, passed=None, finding=NotTested(why=Missing.ENTROPY))
    least = float(ndtri(ALARM / len(slack)))
    axis = analysis.record.start["axis"]
    sinking, lowest = (_lowest(r) for r in (entropy, slack))
    falls = bool(sinking["value"] < least * sinking["stderr"])
    broken = bool(lowest["value"] < least * lowest["stderr"])
    found = SecondLaw(slack=value_at(lowest, axis), entropy=value_at(sinking, axis), falls=falls, axis=axis)
    return Check(question=Question.SECOND_LAW, passed=None if falls and broken else not broken, finding=found)


def _lowest(rows: pd.DataFrame) -> typing.Any:
    return rows.iloc[int(np.argmin(rows["value"] / rows["stderr"]))]
