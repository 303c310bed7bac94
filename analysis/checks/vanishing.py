"""A linear quantity that ought to vanish, as a check."""

from __future__ import annotations

from typing import Literal

from analysis.checks.evidence import Linear
from analysis.consistency.check import Check, said
from analysis.statistics.significance import ALARM, p_value
from analysis.verdict.wording.numbers import pm


def vanishing(
    name: str,
    linear: Linear | None,
    *,
    zero: str,
    not_zero: str,
    missing: str,
    unit: str = "",
    about: Literal["exchange", ""] = "",
) -> Check:
    """A linear quantity that ought to vanish: its chi-square, and where it is worst."""
    if linear is None or not linear.size:
        return Check(name=name, passed=None, text=missing)
    chi_square, dof = linear.chi_square()
    p = p_value(chi_square, dof)
    kind = "" if linear.calibrated else ", indicative"
    worst = linear.worst()
    passed = p >= ALARM
    values = "1 value" if dof == 1 else f"{dof} values"
    text = f"{zero if passed else not_zero}: chi-square {chi_square:.1f} for {values} (p {said(p)}{kind}). "
    most = f"{worst.label} {pm(worst.value, worst.stderr)}{unit}{worst.where}"
    text += f"Most significant: {most}."
    return Check(name=name, passed=passed, text=text, about=about, strength=f"p {said(p)}, {most}")
