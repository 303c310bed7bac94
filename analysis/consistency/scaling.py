r"""The scaled-error option: error bars times $S = \max(1, \sqrt{\chi^2/\mathrm{dof}})$ of the run, the Birge ratio.

Birge, Phys. Rev. 40, 207 (1932); Particle Data Group, Review of Particle Physics, section 5.2.2 of its introduction.
Where the data scatter more than their errors say, it assumes that all errors are too small by one factor. That is a
convention, not a model of what is wrong: it is off unless asked for, and labelled wherever a number depends on it.

There are two tests, each summed over the whole run: deviance of the members from states over what draws of the model
give (`goodness.py`), and chi-square of the energies from the fits of the sweeps over their degrees of freedom
(`sweeps/fits.py`). The ratio is that of both together, or that of one alone where this is significant and larger. The
larger of two ratios, whatever they are, would widen the errors of clean runs by 8 % in the median, where the fits have
few degrees of freedom. Checks are made with the errors as they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.consistency.goodness import Goodness
from analysis.intervals import Estimate
from analysis.statistics import p_value
from analysis.sweeps import DriveCheck, Oscillation, SweepFit
from protocols import Array

SIGNIFICANT = 0.01
"""p-value below which one of the tests alone decides by how much errors are widened."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Scale:
    """By how much error bars are widened, and why."""

    ratios: Mapping[str, tuple[float, float]]
    """What was tested -> chi-square or deviance, and what it should be."""
    fitted: Goodness | None
    """The test of the members."""

    @property
    def factor(self) -> float:
        """At least 1.

        Examples:
            >>> Scale(ratios={"a": (50.0, 12.5), "b": (3.0, 4.0)}, fitted=None).factor
            2.0
        """
        tested = [(found, due) for found, due in self.ratios.values() if due > 0]
        together = sum(found for found, _ in tested) / max(sum(due for _, due in tested), 1e-300)
        alone = [found / due for found, due in tested if p_value(found, due) < SIGNIFICANT]
        return math.sqrt(max(1.0, together, *alone))


def birge(fitted: Goodness | None, fits: Sequence[SweepFit]) -> Scale:
    """The Birge ratio of a run.

    Args:
        fitted: The test of the members, where there is one.
        fits: Of the energies of all sweeps and arms.
    """
    ratios: dict[str, tuple[float, float]] = {}
    if fitted is not None:
        ratios["deviance of members"] = (fitted.run.statistic, fitted.run.expected)
    tested = [f.oscillation for f in fits if f.observable == "energy" and f.oscillation.degrees]
    if tested:
        ratios["chi-square of sweep fits"] = (sum(o.chi_square for o in tested), float(sum(o.degrees for o in tested)))
    return Scale(ratios=ratios, fitted=fitted)


def scaled_estimate(estimate: Estimate, factor: float) -> Estimate:
    """Standard error and both half-widths times a factor; ends stay within what the quantity can be.

    Args:
        estimate: With its interval.
        factor: At least 1.
    """
    if estimate.observable.through is not None and estimate.observable.name == "effective_temperature":
        low, high = _reciprocal(estimate.value, estimate.low, estimate.high, factor)
    else:
        low = estimate.value - factor * (estimate.value - estimate.low)
        high = estimate.value + factor * (estimate.high - estimate.value)
        outside = estimate.low > estimate.high  # of a ratio whose denominator may be 0: then nothing is excluded
        low, high = np.where(outside, -np.inf, low), np.where(outside, np.inf, high)
    low, high = (np.clip(end, *estimate.observable.bounds) for end in (low, high))
    return replace(estimate, stderr=factor * estimate.stderr, low=low, high=high)


def _reciprocal(value: Array, low: Array, high: Array, factor: float) -> tuple[Array, Array]:
    """Ends of a temperature, whose inverse is what has symmetric errors.

    T runs from 1/(the upper end of its inverse) over infinity, where the inverse holds 0, to 1/(the lower one); an end
    of 0 belongs to an inverse without limit, and -inf .. inf to an inverse of which nothing is known.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        beta = 1 / value
        most, least = np.where(low == 0, np.inf, 1 / low), np.where(high == 0, -np.inf, 1 / high)
        most, least = beta + factor * (most - beta), beta + factor * (least - beta)
        nothing = (low == -np.inf) & (high == np.inf)
        return np.where(nothing, low, 1 / most + 0.0), np.where(nothing, high, 1 / least + 0.0)


def scaled_fit(fit: SweepFit, factor: float) -> SweepFit:
    """The same with a covariance of factor squared; chi-square and residuals stay those of the errors as they are.

    Args:
        fit: Of one energy along one sweep.
        factor: At least 1.
    """
    free = None if fit.free is None else _scaled(fit.free, factor)
    return replace(fit, oscillation=_scaled(fit.oscillation, factor), free=free)


def _scaled(oscillation: Oscillation, factor: float) -> Oscillation:
    series = replace(oscillation.series, covariance=oscillation.series.covariance.scaled(factor))
    return replace(oscillation, covariance=factor**2 * oscillation.covariance, series=series)


def scaled_drive(check: DriveCheck, factor: float) -> DriveCheck:
    """The same with standard errors times a factor.

    Args:
        check: Tomography against the motion of the energies.
        factor: At least 1.
    """
    (start, start_error), (ratio, error) = check.start, check.ratio
    return replace(check, start=(start, factor * start_error), ratio=(ratio, factor * error))
