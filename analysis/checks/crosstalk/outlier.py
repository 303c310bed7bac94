"""Is one copy unlike all others: each beside the pooled value of the rest, with the spread that the rest have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.statistics import holm
from analysis.verdict import CROSSTALK_ALARM, Check, Missing, NotTested, OutlyingCopy, Question
from protocols import Array

FEWEST = 4
"""Copies: of two others no spread is known well enough to call a third one unlike them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Others:
    """Every copy beside all others, each (copies,)."""

    mean: Array
    stderr: Array
    residual: Array
    """Student's t with copies - 2 degrees of freedom."""
    Q: Array
    """Of the others."""


def outlying_copy(
    label: str, values: Sequence[float] | Array, stderrs: Sequence[float] | Array, unit: str = ""
) -> Check:
    r"""The externally studentised residual of every copy, with Holm's correction over copies.

    With the pooled mean mu, its variance s^2 and the spread tau^2 between copies (DerSimonian and Laird, Control. Clin.
    Trials 7, 177 (1986)) of all copies but c, and q = max(1, sum w (y - mu)^2/(K - 2)) of them as Hartung and Knapp
    have it (Stat. Med. 20, 3875 (2001)),

        t_c = (y_c - mu)/sqrt(q (v_c + tau^2 + s^2))

    A copy that is left out cannot hide behind the spread that it makes itself (Viechtbauer and Cheung, Res. Synth.
    Methods 1, 112 (2010)). Couplers differ from each other anyway: that they do is no concern, one far out is.

    Args:
        label: What the values are.
        values: (copies,) of each copy.
        stderrs: (copies,) of shot noise and readout calibration; copies without a finite one are left out.
        unit: Of the values.
    """
    value, stderr = np.asarray(values, dtype=float), np.asarray(stderrs, dtype=float)
    known = np.flatnonzero(np.isfinite(value) & np.isfinite(stderr) & (stderr > 0))
    if len(known) < FEWEST:
        return Check(question=Question.OUTLIER, passed=None, finding=NotTested(why=Missing.FEW_COPIES))
    y, v = value[known], stderr[known] ** 2
    others, p = _others(y, v), _p_values(y, v)
    worst = int(np.argmin(p))
    w = 1 / v
    finding = OutlyingCopy(
        p=float(p[worst]),
        copy=int(known[worst]),
        copies=len(known),
        label=label,
        unit=unit,
        value=float(y[worst]),
        stderr=float(np.sqrt(v[worst])),
        others=float(others.mean[worst]),
        others_stderr=float(others.stderr[worst]),
        residual=float(others.residual[worst]),
        Q=float((w * (y - (w * y).sum() / w.sum()) ** 2).sum()),
        Q_without=float(others.Q[worst]),
        out=tuple(int(known[i]) for i in np.flatnonzero(p < CROSSTALK_ALARM)),
    )
    return Check(question=Question.OUTLIER, passed=finding.p >= CROSSTALK_ALARM, finding=finding)


def _p_values(y: Array, v: Array) -> Array:
    from scipy.special import stdtr

    return holm(2 * stdtr(len(y) - 2, -np.abs(_others(y, v).residual)))


def _others(y: Array, v: Array) -> _Others:
    """All copies but one, for every one of them."""
    number = len(y)
    kept = ~np.eye(number, dtype=bool)
    w = kept / v
    total = w.sum(axis=1)
    mean = (w @ y) / total
    Q = (w * (y - mean[:, None]) ** 2).sum(axis=1)
    tau2 = np.maximum(0.0, (Q - (number - 2)) / (total - (w**2).sum(axis=1) / total))
    w = kept / (v + tau2[:, None])
    total = w.sum(axis=1)
    mean = (w @ y) / total
    scale = np.maximum(1.0, (w * (y - mean[:, None]) ** 2).sum(axis=1) / (number - 2))
    spread = scale * (v + tau2 + 1 / total)
    return _Others(mean=mean, stderr=np.sqrt(scale / total), residual=(y - mean) / np.sqrt(spread), Q=Q)
