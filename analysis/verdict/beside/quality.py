"""What the numbers of the verdict can be trusted with: the fit, tomography against dynamics, the balance of energy."""

from __future__ import annotations

import typing
from collections.abc import Sequence

from analysis.sweeps import SweepFit
from analysis.verdict import findings as f
from analysis.verdict.question import SweepTable
from analysis.verdict.rows import value_at

if typing.TYPE_CHECKING:
    import pandas as pd

WRONG_SIGN, DIFFERS, DIFFERS_BY = -3.0, 5.0, 0.1
"""A ratio of coherences is complained of below so many standard errors, or so many and by so much off 1."""


def quality_of(fit: SweepFit) -> f.FitQuality:
    """How good a fit is, in numbers."""
    oscillation, free = fit.oscillation, {} if fit.free is None else fit.free.numbers()
    return f.FitQuality(
        subject=fit.subject,
        fitted_freely=bool(oscillation.free),
        chi_square=oscillation.chi_square,
        degrees=oscillation.degrees,
        p=oscillation.p_value,
        frequency=free.get("frequency"),
        damping=free.get("damping"),
    )


def quality_findings(sweep: SweepTable, sides: Sequence[str], hot: str | None) -> list[f.Finding]:
    """The fit of one side, the ratio of coherences and the balance of energy.

    Args:
        sweep: What was measured.
        sides: Both.
        hot: The hotter one, whose fit is told; None: the first one's is.
    """
    return [*_fit(sweep, hot or sides[0]), *_drive(sweep, sweep.inverted(sides)), *_balance(sweep, sides)]


def _fit(sweep: SweepTable, side: str) -> list[f.FitQuality]:
    found = [fit for fit in sweep.fits if (fit.subject, fit.arm, fit.observable) == (side, "main", "energy")]
    return [quality_of(found[0])] if found else []


def _drive(sweep: SweepTable, inverted: bool) -> list[f.Finding]:
    """Tomography against the motion of the energies, and bits that are upside down."""
    found = [drive for drive in sweep.drives if drive.arm == "main"]
    if not found:
        return [f.InvertedLabels(drive=False)] if inverted else []
    ratio, error = found[0].ratio
    if ratio < WRONG_SIGN * error:
        return [f.CoherenceRatio(ratio=ratio, stderr=error, judged="wrong sign", inverted=inverted)]
    if inverted:
        return [
            f.InvertedLabels(drive=True),
            f.CoherenceRatio(ratio=ratio, stderr=error, judged="agrees", inverted=True),
        ]
    differs = abs(ratio - 1) > max(DIFFERS * error, DIFFERS_BY)
    return [f.CoherenceRatio(ratio=ratio, stderr=error, judged="differs" if differs else "agrees", inverted=False)]


def _balance(sweep: SweepTable, sides: Sequence[str]) -> list[f.Finding]:
    """Q_A + Q_B: zero where nothing else takes energy up; relaxation and leakage show here.

    Of unequal gaps an exchange keeps the excitations, and Q_A + Q_B is the work that it takes.
    """
    first, second = sides
    both = sweep.gained(first + second)
    both = both[both[sweep.axis] > 0] if sweep.axis in both else both.iloc[:0]
    if both.empty:
        return []
    worst = _most_significant(both)
    if sweep.gaps is not None:
        kept = sweep.rows("excitation_change", first + second)
        kept = _most_significant(kept[kept[sweep.axis] > 0])
        return [
            f.ExcitationBalance(
                sides=(first, second),
                excitations=value_at(kept, sweep.axis),
                work=value_at(worst, sweep.axis),
                points=len(both),
                axis=sweep.axis,
            )
        ]
    return [
        f.EnergyBalance(
            sides=(first, second),
            mean=float(both["value"].mean()),
            worst=value_at(worst, sweep.axis),
            points=len(both),
            axis=sweep.axis,
        )
    ]


def _most_significant(rows: pd.DataFrame) -> typing.Any:
    return rows.iloc[int((rows["value"] / rows["stderr"]).abs().to_numpy().argmax())]
