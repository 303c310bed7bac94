r"""Quantities at most quadratic in the moments that are 0 of a kind of states: Wick's theorem of Gaussian ones.

Of f(m) with gradient g and second derivatives H, and moments of covariance V,

    <f> - f = tr(H V)/2 ,   var f = g V g + tr(H V H V)/2 ,

exactly where the moments scatter normally: the first is taken off, and the second term is what is left of the error
where all moments of a product are 0.
"""

from __future__ import annotations

import typing
from dataclasses import replace

import numpy as np

from analysis.checks.linear import vanishing
from analysis.checks.main_arm import LinearMoments, Rows
from analysis.intervals import evaluated
from analysis.verdict import Check, Context, Missing, Question
from protocols import Array, Observable, Sample

if typing.TYPE_CHECKING:
    from analysis.result import Analysis

STEP = 0.1
"""Of a moment: differences of a quadratic function are exact at any."""
ZERO = 1e-6
"""Exact values below it are 0."""


def kinds_of_states(found: LinearMoments, analysis: Analysis) -> list[Check]:
    """Whether the main arm's states are of the kind that makes a quantity 0, at all points and of all subjects.

    Args:
        found: Moments of the main arm.
        analysis: The run with its observables.
    """
    tests = [o for o in analysis.observables if o.zero_if_gaussian and {*o.reads} <= {*found.words}]
    if not tests:
        return []
    rows: dict[str, dict[str, Array]] = {}
    offset, more = [], []
    for o in tests:
        words = list(o.reads)
        columns = [found.words.index(word) for word in words]
        covariance = found.errors.shot[found.points][:, columns][:, :, columns]
        shared = found.errors.shared[found.points][:, columns]
        covariance = covariance + shared @ np.swapaxes(shared, 1, 2)
        here = found.measured[:, columns]
        value, slope, second = _derivatives(o, words, here, analysis)
        bent = np.nan_to_num(second @ covariance)
        rows[f"{o.name.replace('_', ' ')} {o.subject}"] = dict(zip(words, slope.T, strict=True))
        offset.append(value - (slope * here).sum(axis=1) - np.einsum("pii->p", bent) / 2)
        more.append(np.einsum("pij,pji->p", bent, bent) / 2)
    of_rows: Rows = rows
    constant, second_order = np.stack(offset, axis=1), np.stack(more, axis=1)
    at = np.flatnonzero(np.isfinite(constant).all(axis=1))
    linear = found.moments(of_rows, at=at, constant=constant)
    if linear is not None and len(linear.value) == len(at):
        linear = replace(linear, block=linear.block + second_order[at][:, :, None] * np.eye(len(tests)))
    context = Context(noisy=analysis.noisy, declared=_declared(analysis, tests))
    return [vanishing(Question.GAUSSIAN, linear, Missing.ENERGIES, context)]


def _derivatives(o: Observable, words: list[str], here: Array, analysis: Analysis) -> tuple[Array, Array, Array]:
    """The value (points,), its gradient (points, words) and second derivatives (points, words, words)."""
    size, count = here.shape
    parameters = {name: values[:size] for name, values in analysis.view.parameters.items()}

    def at(moved: Array) -> Array:
        moments = dict(zip(words, moved.T, strict=True))
        return evaluated(o, Sample(parameters=parameters, moments=moments))

    value, steps = at(here), STEP * np.eye(count)
    ahead, behind = (np.stack([at(here + sign * step) for step in steps], axis=1) for sign in (1, -1))
    second = np.zeros((size, count, count))
    for i in range(count):
        second[:, i, i] = (ahead[:, i] + behind[:, i] - 2 * value) / STEP**2
        for j in range(i):
            both = at(here + steps[i] + steps[j])
            second[:, i, j] = second[:, j, i] = (both - ahead[:, i] - ahead[:, j] + value) / STEP**2
    return value, (ahead - behind) / (2 * STEP), second


def _declared(analysis: Analysis, tests: list[Observable]) -> bool:
    """Whether what was asked for is not of the kind either."""
    exact = [analysis.estimates.quantities[o.key].ideal[0] for o in tests]
    return bool(np.nanmax(np.abs(exact), initial=0.0) > ZERO)
