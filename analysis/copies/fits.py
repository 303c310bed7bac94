"""The curve through the mean of all copies, with the errors that the copies show.

The fit is linear in the energies (to first order where frequency and damping are fitted), so that every copy has its
own parameters in the weights of the common fit, and the covariance of their mean is that of these parameters over the
copies. In no direction is it less than the noise of the points alone gives: Hartung and Knapp's factor, which is 1 at
least, along the principal axes of one covariance in the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.copies.apart import Apart
from analysis.evaluation import SweepSetup
from analysis.statistics import JointCovariance, random_effects
from analysis.sweeps import DriveCheck, Oscillation, Series, SweepFit, fit
from protocols import Array


def pooled_fits(summed: Sequence[SweepFit], apart: Apart, setup: SweepSetup) -> tuple[SweepFit, ...]:
    """The fits of the mean energies; one that a copy does not have is left out.

    Args:
        summed: Fits of the sum of all counts: which there are, and those of the exact values.
        apart: Every copy by itself.
        setup: What was swept.
    """
    found = []
    for one in summed:
        each = [_same(one, evaluation.fits) for evaluation in apart.found]
        known = [other for other in each if other is not None]
        if len(known) == len(each) and (pooled := _pooled(one, known, setup)) is not None:
            found.append(pooled)
    return tuple(found)


def _same(one: SweepFit, others: Sequence[SweepFit]) -> SweepFit | None:
    key = (one.where, one.arm, one.observable, one.subject)
    found = [other for other in others if (other.where, other.arm, other.observable, other.subject) == key]
    return found[0] if found else None


def _pooled(one: SweepFit, each: Sequence[SweepFit], setup: SweepSetup) -> SweepFit | None:
    series = [other.oscillation.series for other in each]
    time, number = series[0].time, len(series)
    if any(len(other.time) != len(time) for other in series):
        return None
    values = np.stack([other.value for other in series])
    own = np.sum([other.covariance.own for other in series], axis=0) / number**2
    shared = np.concatenate([other.covariance.shared for other in series], axis=1) / number
    covariance = JointCovariance(own=own, shared=shared)
    point = int(one.cells[0]) % len(setup.points)
    frequency = None if setup.frequency is None else float(setup.frequency[point])
    fitted = fit(Series(time=time, value=values.mean(axis=0), covariance=covariance), frequency)
    if fitted.chosen is None:
        return None
    free = None if fitted.free is None else with_scatter(fitted.free, values)
    return replace(one, oscillation=with_scatter(fitted.chosen, values), free=free)


def with_scatter(fitted: Oscillation, values: Array) -> Oscillation:
    """The fit of a mean with the covariance that its copies show, never less than that of their noise.

    Args:
        fitted: Through the mean of the copies.
        values: Of every copy, (copies, points).
    """
    own = (values - fitted.series.value) @ fitted.response.T
    number = len(values)
    between = own.T @ own / (number * (number - 1))
    used = np.flatnonzero(np.diag(fitted.covariance) > 0)
    block = np.ix_(used, used)
    root = np.linalg.cholesky(fitted.covariance[block])
    inverse = np.linalg.inv(root)
    sizes, axes = np.linalg.eigh(inverse @ between[block] @ inverse.T)
    widened = np.zeros_like(fitted.covariance)
    widened[block] = root @ (axes * np.maximum(sizes, 1.0)) @ axes.T @ root.T
    return replace(fitted, covariance=widened, weights=fitted.covariance)


def pooled_drives(summed: Sequence[DriveCheck], apart: Apart) -> tuple[DriveCheck, ...]:
    """Tomography against the motion of the energies, in the mean of the copies.

    Args:
        summed: The checks of the sum of all counts.
        apart: Every copy by itself; a check that one of them lacks is left out.
    """
    found = []
    for one in summed:
        key = (one.where, one.arm, one.subject)
        each = [
            other
            for evaluation in apart.found
            for other in evaluation.drives
            if (other.where, other.arm, other.subject) == key
        ]
        if len(each) == len(apart.found):
            found.append(replace(one, start=_mean([d.start for d in each]), ratio=_mean([d.ratio for d in each])))
    return tuple(found)


def _mean(each: Sequence[tuple[float, float]]) -> tuple[float, float]:
    value, stderr = np.array(each).T
    pooled = random_effects(value, np.full(len(value), np.mean(stderr**2)))
    return float(pooled.value), float(pooled.stderr)
