"""What the numbers of the verdict can be trusted with: the fit, tomography against dynamics, the balance of energy."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.sweeps import SweepFit
from analysis.verdict import findings as f
from analysis.verdict.question import SweepTable
from analysis.verdict.rows import value_at

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
    return [*_fit(sweep, hot or sides[0]), *_drive(sweep, _inverted(sweep, sides)), *_balance(sweep, sides)]


def _fit(sweep: SweepTable, side: str) -> list[f.FitQuality]:
    found = [fit for fit in sweep.fits if (fit.subject, fit.arm, fit.observable) == (side, "main", "energy")]
    return [quality_of(found[0])] if found else []


def _inverted(sweep: SweepTable, sides: Sequence[str]) -> bool:
    """Whether both sides start more excited than not: no thermal state does."""
    starts = [sweep.at_start("energy", side) for side in sides]
    return all(
        len(rows) > 0 and bool(rows["value"].iloc[0] - f.DIRECTION_SIGMA * rows["stderr"].iloc[0] > 0.5)
        for rows in starts
    )


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


def _balance(sweep: SweepTable, sides: Sequence[str]) -> list[f.EnergyBalance]:
    """Q_A + Q_B: zero where nothing else takes energy up; relaxation and leakage show here."""
    first, second = sides
    both = sweep.gained(first + second)
    both = both[both[sweep.axis] > 0] if sweep.axis in both else both.iloc[:0]
    if both.empty:
        return []
    worst = both.iloc[int((both["value"] / both["stderr"]).abs().to_numpy().argmax())]
    return [
        f.EnergyBalance(
            sides=(first, second),
            mean=float(both["value"].mean()),
            worst=value_at(worst, sweep.axis),
            points=len(both),
            axis=sweep.axis,
        )
    ]
