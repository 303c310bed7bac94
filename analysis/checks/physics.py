"""What a referee asks of a run: energy balance, leakage, start as prepared, agreement, the second law, drift.

A p-value is called calibrated only where the statistic is linear in the counts and its covariance is known: shot
noise of each point, the reference that points share, and the readout calibration that all share. Elsewhere, and
where hardly any counts make up the variance, it is called indicative.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from analysis.checks.agreement import agreement, coefficients_of, start_as_prepared, temperatures
from analysis.checks.drift import drift
from analysis.checks.evidence import LinearMoments, Rows, evidence
from analysis.checks.model import consistency
from analysis.checks.vanishing import vanishing
from analysis.consistency.check import Check
from analysis.statistics.significance import ALARM
from analysis.verdict.wording.numbers import pm
from protocols.pauli.words import moments as exact_moments

if typing.TYPE_CHECKING:
    import pandas as pd

    from analysis.result import Analysis

NOT_X = ("XI", "YI", "IX", "IY", "XZ", "YZ", "ZX", "ZY")
"""Pauli words that are zero in every X state, of two qubits."""
LOCAL = NOT_X[:4]
ROUNDING = 1e-9
"""Exact moments below it are zero."""


def checks(analysis: Analysis) -> tuple[Check, ...]:
    """Every check that the run's protocol allows; those that the settings do not allow say so."""
    found = evidence(analysis)
    if not analysis.closed:
        return (
            *consistency(analysis),
            *_of_sides(found, analysis),
            *_of_form(found, analysis),
            start_as_prepared(found, analysis),
            *agreement(found, analysis),
            *drift(analysis.record),
        )
    return (
        *consistency(analysis),
        _balance(found),
        _number(found),
        _leakage(found),
        _conservation(found),
        _x_form(found),
        _coherence(found),
        temperatures(found, analysis),
        *agreement(found, analysis),
        _second_law(analysis),
        *drift(analysis.record),
    )


def _balance(found: LinearMoments) -> Check:
    a, b = found.qubits
    total = {f"Q_{a} + Q_{b} =": {"ZI": -0.5, "IZ": -0.5}}
    return vanishing(
        "energy balance",
        found.changes(total),
        zero=f"Q_{a} + Q_{b} is zero within errors",
        not_zero=f"Q_{a} + Q_{b} is not zero: energy enters or leaves the pair (relaxation, leakage, gate errors)",
        about="exchange",
        missing="no heat was measured: there is no reference, or nothing beside it",
        unit=" gap",
    )


def _of_sides(found: LinearMoments, analysis: Analysis) -> list[Check]:
    """What one side gains the other loses, where there are two."""
    if analysis.sides is None:
        return []
    a, b = analysis.sides
    total = coefficients_of(found, analysis, "heat", f"Q_{a} + Q_{b} =", [a + b])
    return [
        vanishing(
            "energy balance",
            found.changes(total.rows, total.before) if total.rows else None,
            zero=f"Q_{a} + Q_{b} is zero within errors",
            not_zero=f"Q_{a} + Q_{b} is not zero: energy enters or leaves (relaxation, leakage, gates, readout)",
            about="exchange",
            missing="no heat was measured: there is no reference, or nothing beside it",
            unit=" gap",
        )
    ]


def _of_form(found: LinearMoments, analysis: Analysis) -> list[Check]:
    """Moments of a pair that are zero in every ideal state: of other forms than X, of rho_00,11."""
    if len(found.qubits) != 2 or analysis.ideal_states is None:
        return []
    exact = exact_moments(analysis.ideal_states[0], (*NOT_X, "XX", "YY", "XY", "YX"))
    conserved = [exact["XX"] - exact["YY"], exact["XY"] + exact["YX"]]
    words = [word for word in NOT_X if np.abs(exact[word]).max() < ROUNDING and word in found.words]
    made = [_x_form(found, words)] if words else []
    coherent = {"XX", "YY"} <= {*found.words} or {"XY", "YX"} <= {*found.words}
    return [_conservation(found), *made] if coherent and np.abs(conserved).max() < ROUNDING else made


def _number(found: LinearMoments) -> Check:
    return vanishing(
        "excitation number",
        found.changes({"change of p01 + p10 =": {"ZZ": -0.5}}),
        zero="p01 + p10 stays what it was at the reference, as an exchange of single excitations leaves it",
        not_zero="p01 + p10 changes: excitations are created or lost beside the exchange",
        about="exchange",
        missing="ZZ was not measured, there is no reference, or nothing beside it",
    )


def _leakage(found: LinearMoments) -> Check:
    """Population that no rotation before the readout moves: it reads 1 in X and in Y as it does in Z.

    Where an X state has <X> = <Y> = 0, a fraction l of a qubit outside its two levels, which reads 1 whatever the
    basis, leaves <X> = <Y> = -l. Every point has its own; the mean is tested, one for each qubit.
    """
    a, b = found.qubits
    read = {a: ("XI", "YI"), b: ("IX", "IY")}
    rows: Rows = {f"leaked of {qubit}, mean of all points =": dict.fromkeys(w, -0.5) for qubit, w in read.items()}
    linear = found.moments(rows)
    return vanishing(
        "leakage",
        None if linear is None else linear.mean(),
        zero="no population stays outside the two levels of a qubit, reading 1 in every basis",
        not_zero="some population reads 1 in every basis: leakage, or readout that is not corrected",
        missing="X and Y of single qubits were not measured",
        about="exchange",
    )


def _conservation(found: LinearMoments) -> Check:
    parts = {"Re rho_00,11 =": {"XX": 0.25, "YY": -0.25}, "Im rho_00,11 =": {"XY": -0.25, "YX": -0.25}}
    read: Rows = {label: row for label, row in parts.items() if set(row) <= set(found.words)}
    return vanishing(
        "number conservation",
        found.moments(read) if read else None,
        zero="rho_00,11 is zero within errors",
        not_zero="rho_00,11 is not zero: coherence between 00 and 11, which the exchange does not make",
        about="exchange",
        missing="rho_00,11 was not measured; the settings assume it is zero",
    )


def _x_form(found: LinearMoments, among: Sequence[str] = NOT_X) -> Check:
    words = [word for word in among if word in found.words]
    some = "" if len(words) == len(NOT_X) else f" that were measured ({', '.join(words)})"
    return vanishing(
        "X form",
        found.moments({f"<{word}> =": {word: 1.0} for word in words}) if words else None,
        zero=f"the moments{some} that an X state has zero are zero within errors",
        not_zero=f"moments{some} that an X state has zero are not zero",
        missing="none of the moments that an X state has zero was measured; they are assumed zero",
    )


def _coherence(found: LinearMoments) -> Check:
    words = [word for word in LOCAL if word in found.words]
    return vanishing(
        "locally thermal: coherence",
        found.moments({f"<{word}> =": {word: 1.0} for word in words}, at=found.references) if words else None,
        zero="at the reference neither qubit has coherence within errors",
        not_zero="at the reference a qubit has coherence, so it is not locally thermal",
        missing="X and Y of single qubits were not measured at a reference",
    )


def _second_law(analysis: Analysis) -> Check:
    """beta_A Q_A + beta_B Q_B - Delta I >= 0 where the entropy of the pair does not fall."""
    name, table = "Clausius slack", analysis.table
    rows = table[(table["point"] >= 0) & (table["arm"] == "main" if "arm" in table else True)]
    slack, entropy = (
        rows[(rows["observable"] == o) & (rows["subject"] == analysis.record.system)]
        for o in ("clausius_slack", "entropy_change")
    )
    slack, entropy = (r[np.isfinite(r["value"]) & (r["stderr"] > 0)] for r in (slack, entropy))
    if slack.empty or entropy.empty:
        return Check(name=name, passed=None, text="needs a state, a reference and finite temperatures there")
    least = float(ndtri(ALARM / len(slack)))
    axis = analysis.record.start["axis"]
    sinking, lowest = (_lowest(r) for r in (entropy, slack))
    falls = sinking["value"] < least * sinking["stderr"]
    broken = lowest["value"] < least * lowest["stderr"]
    said = f"{pm(lowest['value'], lowest['stderr'])} nat at {axis} = {lowest[axis]:.5g}"
    if falls:
        text = f"the entropy of the pair falls by {pm(-sinking['value'], sinking['stderr'])} nat at {axis} = "
        text += f"{sinking[axis]:.5g}, so slack >= 0 is not guaranteed; its most negative value in sigma is {said}"
        return Check(name=name, passed=None if broken else True, text=text + " (indicative).")
    expected = "the entropy of the pair falls nowhere beyond its errors, so slack >= 0 is expected, and it "
    held = "is violated: " if broken else "holds within errors: the lowest in units of its error is "
    return Check(name=name, passed=not broken, text=f"{expected}{held}{said} (indicative).")


def _lowest(rows: pd.DataFrame) -> typing.Any:
    return rows.iloc[int(np.argmin(rows["value"] / rows["stderr"]))]
