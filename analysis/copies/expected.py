r"""Copies of a program side by side on one chip: what their mean is expected to be, and how well a run will know it.

Copy c sits on qubits of its own, so that it is expected to show theta_c, with the variance v_c of its own shots and
its own readout calibration. A run quotes the random-effects mean over its K copies in the error of Hartung and Knapp
(`analysis.statistics.random_effects`). Copies of equal shots have equal weights; with v the mean of the v_c and S^2 the
variance between the copies that the run finds, the square of that error is max(S^2, v)/K. S^2 is (v + tau^2)/m times a
chi-square of m = K - 1 degrees of freedom, tau^2 the variance of the theta_c, so that on average it is

    (v + tau^2)/K [r P(chi2_m < m r) + P(chi2_(m+2) > m r)],    r = v/(v + tau^2),

the frontier's (v + tau^2)/K but for the bracket, which is 1 for copies that differ and 1.09 for 44 that are alike.
No number of shots gets below tau/sqrt(K).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.data import Counts
from analysis.estimate_arrays import Estimates, Name
from analysis.evaluation import Evaluation, SweepSetup, verdict_inputs
from analysis.intervals import LINEAR, Cells, coefficients, evaluated
from analysis.marginals import as_determined, cells_of, counts_of
from analysis.statistics import student_quantile
from analysis.sweeps import Oscillation, SweepFit
from analysis.verdict import findings as f
from analysis.verdict.heat import verdicts
from protocols import Array, Observable


@dataclass(frozen=True, kw_only=True, eq=False)
class CopiesMean:
    """The mean over copies that a run is expected to find, (...) each."""

    value: Array
    stderr: Array
    """That it is expected to quote, in Student's t of K - 1."""
    tau: Array
    """Between what the copies are expected to show."""


def expected_mean(value: Array, variance: Array) -> CopiesMean:
    """The mean of copies, and the error that a run of them will quote.

    Args:
        value: What each of two or more copies is expected to show, (copies, ...).
        variance: Of the noise of each, the same shape.

    Examples:
        Two copies that differ by far more than their noise are known to half of their distance:

        >>> found = expected_mean(np.array([0.0, 2.0]), np.array([1e-9, 1e-9]))
        >>> [round(float(x), 6) for x in (found.value, found.stderr, found.tau)]
        [1.0, 1.0, 1.414214]

        Of 44 that are alike the error is larger than that of their noise, 1, by the root of the bracket:

        >>> float(expected_mean(np.zeros(44), np.full(44, 44.0)).stderr.round(4))
        1.042
    """
    from scipy.special import chdtr, chdtrc

    number = len(value)
    noise, between = variance.mean(axis=0), value.var(axis=0, ddof=1)
    both, m = noise + between, number - 1
    share = np.divide(noise, both, out=np.ones_like(both), where=both > 0)
    wider = share * chdtr(m, m * share) + chdtrc(m + 2, m * share)
    return CopiesMean(value=value.mean(axis=0), stderr=np.sqrt(both / number * wider), tau=np.sqrt(between))


def copies_mean(observable: Observable, each: Sequence[Counts], view: Cells) -> CopiesMean:
    """The mean over copies of something linear in the counts, (cells,).

    Args:
        observable: Affine in the moments.
        each: Expected counts of every copy.
        view: The cells and their references, the same for all.
    """
    found = [expected_linear(observable, data, view) for data in each]
    value, variance = (np.stack(part) for part in zip(*found, strict=True))
    scale = observable.multiplier(view.parameters)
    return expected_mean(value * scale, variance * np.square(scale))


def expected_linear(observable: Observable, data: Counts, view: Cells) -> tuple[Array, Array]:
    """Value of something linear in the counts of one copy and its variance, (cells,) each.

    Args:
        observable: Affine in the moments.
        data: Expected counts.
        view: The cells and their references.
    """
    if observable.pair:
        order = as_determined(data.bases, observable.pair)
        data, view = counts_of(data, order), cells_of(view, order)
    # errors of ancillas alone have no calibration of the system to go with: one of its words stands beside them
    errors = data.linear_errors(sorted({*observable.reads, data.known[0]}))
    _, here, before = coefficients(observable, errors.words, view)
    value = evaluated(observable, view.sample(data.moments, None, {}, data.reading.resolution))
    return value, errors.variance(here, before, view.home)


def expected_over_copies(
    summed: Evaluation, data: Counts, each: Sequence[Counts], cells: Cells, setup: SweepSetup, noun: str
) -> Evaluation:
    """What the mean of all copies is expected to say.

    What is not linear in the counts stays that of their sum.

    Args:
        summed: What the sum of the expected counts says.
        data: That sum.
        each: Expected counts of every copy.
        cells: The cells and their references.
        setup: What was swept.
        noun: What the mean is of.
    """
    known = {o.key: o for o in summed.observables}
    estimates = _mean_estimates(summed.estimates, known, each, cells)
    fits = tuple(_of_mean(one, known[one.observable, one.subject], each, cells) for one in summed.fits)
    judged = verdicts(estimates, fits, summed.drives, verdict_inputs(summed.observables, data, cells, setup))
    over = f.OverCopies(number=len(each), noun=noun, spread=None)
    told = tuple(replace(one, over=over, findings=(over, *one.findings)) for one in judged)
    return replace(summed, estimates=estimates, fits=fits, verdicts=told)


def _mean_estimates(
    found: Estimates, known: Mapping[Name, Observable], each: Sequence[Counts], view: Cells
) -> Estimates:
    """Estimates of summed counts, of which those that are linear become the mean over the copies."""
    quantities = dict(found.quantities)
    wide = student_quantile(len(each) - 1)
    for key, o in known.items():
        if o.interval != LINEAR or o.through is not None or o.theory or o.resolved is not None:
            continue
        old, mean = quantities[key], copies_mean(o, each, view)
        value, stderr = (part.reshape(old.value.shape) for part in (mean.value, mean.stderr))
        quantities[key] = replace(
            old, value=value, stderr=stderr, low=value - wide * stderr, high=value + wide * stderr
        )
    return replace(found, quantities=quantities, degrees=len(each) - 1)


def _of_mean(one: SweepFit, energy: Observable, each: Sequence[Counts], view: Cells) -> SweepFit:
    """The fit of the summed counts with the spread between copies in its errors."""
    values = np.stack([expected_linear(energy, data, view)[0][one.cells] for data in each])
    free = None if one.free is None else _with_spread(one.free, values)
    return replace(one, oscillation=_with_spread(one.oscillation, values), free=free)


def _with_spread(fitted: Oscillation, values: Array) -> Oscillation:
    own = (values - values.mean(axis=0)) @ fitted.response.T
    number = len(values)
    between = own.T @ own / (number * (number - 1))
    return replace(fitted, covariance=fitted.covariance + between, weights=fitted.covariance)


def summed_counts(each: Sequence[Counts]) -> Counts:
    """The counts of all copies together, calibrations too.

    Args:
        each: Of every copy, in the same settings.
    """
    first = each[0]
    ancillas = first.ancillas
    if ancillas is not None:
        own = [one.ancillas for one in each if one.ancillas is not None]
        names = ("once", "twice", "calibration")
        ancillas = replace(ancillas, **{name: sum(getattr(one, name) for one in own) for name in names})
    return replace(
        first,
        observed=np.sum([one.observed for one in each], axis=0),
        calibration=np.sum([one.calibration for one in each], axis=0),
        ancillas=ancillas,
        joint={columns: np.sum([one.joint[columns] for one in each], axis=0) for columns in first.joint},
    )
