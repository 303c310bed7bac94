"""What an exchange between two sides leaves zero: energy balance, excitation number, leakage, coherence, X form."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np

from analysis.checks.agreement import coefficients_of
from analysis.checks.linear import Linear, vanishing
from analysis.checks.main_arm import LinearMoments, Rows
from analysis.statistics import ALARM, best_of
from analysis.verdict import Check, Context, Leak, Leakage, Missing, NotTested, Question
from protocols.pauli import moments as exact_moments

if typing.TYPE_CHECKING:
    from analysis.result import Analysis

NOT_X = ("XI", "YI", "IX", "IY", "XZ", "YZ", "ZX", "ZY")
"""Pauli words that are zero in every X state, of two qubits."""
LOCAL = NOT_X[:4]
ONE_SIDED = 1.645
"""Standard errors to an upper limit at 95 %."""
ROUNDING = 1e-9
"""Exact moments below it are zero."""


def exchange_of_pair(found: LinearMoments, analysis: Analysis) -> list[Check]:
    """Checks of two qubits that exchange heat with each other and with nothing else.

    Args:
        found: Moments of the main arm.
        analysis: The run.
    """
    return [
        *energy_balance(found, analysis),
        _excitation_number(found),
        _leakage(found),
        _conservation(found),
        _x_form(found),
        _local_coherence(found),
    ]


def energy_balance(found: LinearMoments, analysis: Analysis) -> list[Check]:
    """What one side gains the other loses, where there are two.

    Args:
        found: Moments of the main arm.
        analysis: The run, whose observables say what heat is.
    """
    if analysis.sides is None:
        return []
    a, b = analysis.sides
    total = coefficients_of(found, analysis, analysis.estimates.gain_of(a + b), f"Q_{a} + Q_{b}", [a + b])
    linear = found.changes(total.rows, total.before) if total.rows else None
    context = Context(sides=(a, b), closed=analysis.closed)
    return [vanishing(Question.BALANCE, linear, Missing.HEAT, context)]


def first_law_of_machine(found: LinearMoments, analysis: Analysis) -> list[Check]:
    """What came out of both baths is in the work and in the machine, where the run is one.

    Args:
        found: Moments of the main arm.
        analysis: The run with its observables.
    """
    if analysis.machine is None:
        return []
    label, subjects = "Q_h + Q_c - W - dE", [analysis.machine.work]
    residual = coefficients_of(found, analysis, "first_law_residual", label, subjects)
    linear = found.changes(residual.rows, residual.before) if residual.rows else None
    return [vanishing(Question.FIRST_LAW, linear, Missing.HEAT)]


def balances_of_goal(found: LinearMoments, analysis: Analysis) -> list[Check]:
    """Energy of all parts together, where a protocol with a goal says of which rows that is.

    Args:
        found: Moments of the main arm.
        analysis: The run with its observables.
    """
    made = []
    for name, subject in analysis.goal.balances if analysis.goal else ():
        total = coefficients_of(found, analysis, name, f"{name.replace('_', ' ')} {{}}", [subject])
        linear = found.changes(total.rows, total.before) if total.rows else None
        made.append(vanishing(Question.PARTS, linear, Missing.HEAT))
    return made


def form_of_pair(found: LinearMoments, analysis: Analysis) -> list[Check]:
    """Moments of a pair that are zero in every ideal state: of other forms than X, of rho_00,11.

    Args:
        found: Moments of the main arm.
        analysis: The run with its ideal states.
    """
    if len(found.qubits) != 2 or analysis.ideal_states is None:
        return []
    exact = exact_moments(analysis.ideal_states[0], (*NOT_X, "XX", "YY", "XY", "YX"))
    conserved = [exact["XX"] - exact["YY"], exact["XY"] + exact["YX"]]
    words = [word for word in NOT_X if np.abs(exact[word]).max() < ROUNDING and word in found.words]
    made = [_x_form(found, words)] if words else []
    coherent = {"XX", "YY"} <= {*found.words} or {"XY", "YX"} <= {*found.words}
    return [_conservation(found), *made] if coherent and np.abs(conserved).max() < ROUNDING else made


def _excitation_number(found: LinearMoments) -> Check:
    """p01 + p10 stays what it was at the reference, as an exchange of single excitations leaves it."""
    return vanishing(Question.NUMBER, found.changes({"change of p01 + p10": {"ZZ": -0.5}}), Missing.ZZ)


def _leakage(found: LinearMoments) -> Check:
    """Population that no rotation before the readout moves: it reads 1 in X and in Y as it does in Z.

    Where an X state has <X> = <Y> = 0, a fraction l of a qubit outside its two levels, which reads 1 whatever the
    basis, leaves <X> = <Y> = -l. A fraction is never negative, so that the test is one-sided: of the mean over all
    points, and of the point where most has leaked, of each qubit.
    """
    a, b = found.qubits
    linear = found.moments({a: {"XI": -0.5, "YI": -0.5}, b: {"IX": -0.5, "IY": -0.5}})
    if linear is None or not linear.size:
        return Check(question=Question.LEAKAGE, passed=None, finding=NotTested(why=Missing.LOCAL))
    mean = linear.mean()
    several = len(linear.value) > 1
    p = [best_of(one.sigma().max(), one.size) for one in ((mean, linear) if several else (mean,))]
    leaked = Leakage(
        p=min(1.0, len(p) * min(p)),
        calibrated=linear.calibrated,
        of_mean=tuple(_leak(mean, 0, column) for column in range(len(mean.labels))),
        most=_leak(linear, *divmod(int(np.argmax(linear.sigma())), len(linear.labels))) if several else None,
    )
    return Check(question=Question.LEAKAGE, passed=leaked.p >= ALARM, finding=leaked)


def _leak(linear: Linear, row: int, column: int) -> Leak:
    """A fraction, which is not negative, with its upper limit."""
    value, stderr = max(0.0, float(linear.value[row, column])), float(linear.stderr()[row, column])
    limit = min(1.0, value + ONE_SIDED * stderr)
    return Leak(subject=linear.labels[column], value=value, stderr=stderr, limit=limit, where=linear.places[row])


def _conservation(found: LinearMoments) -> Check:
    """Coherence between 00 and 11, which the exchange does not make."""
    parts = {"Re rho_00,11": {"XX": 0.25, "YY": -0.25}, "Im rho_00,11": {"XY": -0.25, "YX": -0.25}}
    read: Rows = {label: row for label, row in parts.items() if set(row) <= set(found.words)}
    return vanishing(Question.CONSERVATION, found.moments(read) if read else None, Missing.COHERENCE)


def _x_form(found: LinearMoments, among: Sequence[str] = NOT_X) -> Check:
    words = tuple(word for word in among if word in found.words)
    linear = found.moments({f"<{word}>": {word: 1.0} for word in words}) if words else None
    context = Context(words=() if len(words) == len(NOT_X) else words)
    return vanishing(Question.X_FORM, linear, Missing.X_FORM, context)


def _local_coherence(found: LinearMoments) -> Check:
    """A qubit with coherence at the reference is not locally thermal."""
    words = [word for word in LOCAL if word in found.words]
    rows: Rows = {f"<{word}>": {word: 1.0} for word in words}
    return vanishing(
        Question.COHERENCE, found.moments(rows, at=found.references) if words else None, Missing.LOCAL_AT_REFERENCE
    )
