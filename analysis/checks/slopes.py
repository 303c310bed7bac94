r"""Rates against what they are the slope of: the current on a bond against the energies beside it.

With the frequencies w of the motion known, what is affine in the state is a constant and oscillations,

    T(t) = c + sum_w (a_w cos w t + b_w sin w t) ,   dT/dt = sum_w w (b_w cos w t - a_w sin w t) ,

so that one set of coefficients describes a quantity and its rate. They are fitted to both, with the covariance of all,
and to the quantity alone; the difference of the two chi-squares is that of the rates, for which the quantity leaves no
freedom. Times too few to know the coefficients leave fewer degrees of freedom, and none at one time. Constants and
amplitudes are free: noise that takes a part of every energy and of its current alike passes.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np

from analysis.checks.agreement import coefficients_of
from analysis.checks.main_arm import LinearMoments, Rows
from analysis.estimate_arrays import split
from analysis.statistics import ALARM, p_value, residuals
from analysis.verdict import Check, Context, Missing, NotTested, Question, Vanishing, Worst
from protocols import Array, Observable

if typing.TYPE_CHECKING:
    from analysis.checks.linear import Linear
    from analysis.result import Analysis

MOST, MOST_WORK = 2000, 4e9
"""Values that are compared, and their square times the coefficients: of more points as many are taken, evenly."""
ALIKE = 1e-6
"""Frequencies that differ by less, of the largest, are one."""


def slopes(found: LinearMoments, analysis: Analysis) -> list[Check]:
    """Whether every rate is the slope of its quantity; nothing where a run has no rates.

    Args:
        found: Moments of the main arm.
        analysis: The run with its observables.
    """
    rates = [o for o in analysis.observables if o.slope_of and o.frequencies]
    known = {o.key for o in analysis.observables}
    rates = [o for o in rates if (o.slope_of, o.subject) in known]
    if not rates:
        return []
    at, sweeps = _placed(found, analysis, rates)
    linear, unit = _values(found, analysis, rates, at)
    if linear is None or len(linear.value) != len(at):
        return [_untested()]
    design = _design(rates, analysis, at, sweeps)
    design[:, len(rates) :] /= unit
    return [_judged(linear, design, len(rates), unit)]


def _placed(found: LinearMoments, analysis: Analysis, rates: Sequence[Observable]) -> tuple[Array, Array]:
    """Points that were read, and which sweep along the axis each belongs to."""
    others = [name for name in analysis.estimates.swept if name != analysis.estimates.axis]
    parts = [points for _, points in split(analysis.record.points, others)]
    at, sweep = np.concatenate(parts), np.repeat(np.arange(len(parts)), [len(points) for points in parts])
    names = {name for rate in rates for name in (rate.name, rate.slope_of)}
    words = {word for o in analysis.observables if o.name in names for word in o.reads} & {*found.words}
    read = np.isfinite(found.measured[at][:, [found.words.index(word) for word in words]]).all(axis=1)
    at, sweep = at[read], sweep[read]
    modes = len(_unlike(_frequencies(rates[0], analysis)[at[0]])) if len(at) else 0
    most = min(MOST, int(np.sqrt(MOST_WORK / (len(rates) * len(parts) * (1 + 2 * modes)))))
    every = -(-2 * len(rates) * len(at) // most) or 1
    return at[::every], sweep[::every]


def _values(
    found: LinearMoments, analysis: Analysis, rates: Sequence[Observable], at: Array
) -> tuple[Linear | None, float]:
    """Quantities, then their rates, (points, 2 rates), with their errors; and the unit of the rates.

    In that unit a count moves both alike. In others those that stand for counts that were not seen would drown one.
    """
    subjects, name = [o.subject for o in rates], rates[0].name
    of = coefficients_of(found, analysis, rates[0].slope_of, "{}", subjects)
    own = coefficients_of(found, analysis, name, name.replace("_", " ") + " {} less the slope", subjects)
    unit = _largest(own.rows) / _largest(of.rows)
    scaled = {label: {word: one / unit for word, one in row.items()} for label, row in own.rows.items()}
    rows: Rows = {**of.rows, **scaled}
    return found.moments(rows, at=at, constant=np.concatenate([of.offset, own.offset / unit], axis=1)), unit


def _largest(rows: Rows) -> float:
    return max(float(np.abs(one).max()) for row in rows.values() for one in row.values())


def _design(rates: Sequence[Observable], analysis: Analysis, at: Array, sweeps: Array) -> Array:
    """(points, 2 rates, coefficients): every rate and sweep has its own."""
    time, blocks = analysis.record.points.parameters[analysis.estimates.axis], []
    for index, rate in enumerate(rates):
        each = _frequencies(rate, analysis)
        for sweep in np.unique(sweeps):
            mine = np.flatnonzero(sweeps == sweep)
            w, t = _unlike(each[at[mine[0]]]), time[at[mine], None]
            block = np.zeros((len(at), 2 * len(rates), 1 + 2 * len(w)))
            block[mine, index] = np.concatenate([np.ones_like(t), np.cos(w * t), np.sin(w * t)], axis=1)
            block[mine, len(rates) + index] = np.concatenate([0 * t, -w * np.sin(w * t), w * np.cos(w * t)], axis=1)
            blocks.append(block)
    return np.concatenate(blocks, axis=2)


def _frequencies(rate: Observable, analysis: Analysis) -> Array:
    """(points, frequencies)."""
    assert rate.frequencies is not None
    return rate.frequencies(analysis.record.points.parameters)


def _unlike(frequencies: Array) -> Array:
    """Each once, without 0."""
    rising = np.sort(np.abs(frequencies))
    return rising[np.diff(rising, prepend=0.0) > ALIKE * rising[-1]]


def _judged(linear: Linear, design: Array, rates: int, unit: float) -> Check:
    """The chi-square that rates add to that of their quantities."""
    points, labels = linear.value.shape
    U = linear.shared.reshape(points * labels, -1)
    covariance = U @ U.T
    for point in range(points):
        here = slice(point * labels, (point + 1) * labels)
        covariance[here, here] += linear.block[point]
    value, design = linear.value.ravel(), design.reshape(points * labels, -1)
    quantity = np.tile(np.arange(labels) < rates, points)
    together = residuals(value, covariance, design)
    alone = residuals(value[quantity], covariance[np.ix_(quantity, quantity)], design[quantity])
    dof = points * rates - (together.rank - alone.rank)
    if dof <= 0:
        return _untested()
    chi_square = max(0.0, together.chi_square - alone.chi_square)
    p = p_value(chi_square, dof)
    with np.errstate(divide="ignore", invalid="ignore"):
        sigma = np.where(~quantity & (together.stderr > 0), np.abs(together.left) / together.stderr, 0.0)
    worst = int(np.argmax(sigma))
    point, label = divmod(worst, labels)
    found = Vanishing(
        chi_square=chi_square,
        dof=dof,
        p=p,
        calibrated=linear.calibrated,
        worst=Worst(
            label=linear.labels[label],
            value=unit * float(together.left[worst]),
            stderr=unit * float(together.stderr[worst]),
            where=linear.places[point],
        ),
        context=Context(),
    )
    return Check(question=Question.SLOPES, passed=p >= ALARM, finding=found)


def _untested() -> Check:
    return Check(question=Question.SLOPES, passed=None, finding=NotTested(why=Missing.MOTION))
