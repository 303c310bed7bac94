"""What a referee asks of a run: energy balance, leakage, start as prepared, agreement, the second law, drift.

A p-value is called calibrated only where the statistic is linear in the counts and its covariance is known: shot
noise of each point, the reference that points share, and the readout calibration that all share. Elsewhere, and
where hardly any counts make up the variance, it is called indicative.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri

from analysis._check import ALARM as ALARM
from analysis._check import Check as Check
from analysis._check import p_value as p_value
from analysis._check import said
from analysis._consistency import consistency
from analysis._drift import drift
from analysis._estimates import coefficients
from analysis._evidence import Evidence, Linear, Rows, evidence
from analysis._question import pm
from protocols import Array
from protocols._pauli import moments as exact_moments

if typing.TYPE_CHECKING:
    import pandas as pd

    from analysis._analyse import Analysis

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
            _start(found, analysis),
            *_agreement(found, analysis),
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
        _temperatures(found, analysis),
        *_agreement(found, analysis),
        _second_law(analysis),
        *drift(analysis.record),
    )


def _tested(
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


def _balance(found: Evidence) -> Check:
    a, b = found.qubits
    total = {f"Q_{a} + Q_{b} =": {"ZI": -0.5, "IZ": -0.5}}
    return _tested(
        "energy balance",
        found.changes(total),
        zero=f"Q_{a} + Q_{b} is zero within errors",
        not_zero=f"Q_{a} + Q_{b} is not zero: energy enters or leaves the pair (relaxation, leakage, gate errors)",
        about="exchange",
        missing="no heat was measured: there is no reference, or nothing beside it",
        unit=" gap",
    )


def _of_sides(found: Evidence, analysis: Analysis) -> list[Check]:
    """What one side gains the other loses, where there are two."""
    if analysis.sides is None:
        return []
    a, b = analysis.sides
    total = _linear(found, analysis, "heat", f"Q_{a} + Q_{b} =", [a + b])
    return [
        _tested(
            "energy balance",
            found.changes(total.rows) if total.rows else None,
            zero=f"Q_{a} + Q_{b} is zero within errors",
            not_zero=f"Q_{a} + Q_{b} is not zero: energy enters or leaves (relaxation, leakage, gates, readout)",
            about="exchange",
            missing="no heat was measured: there is no reference, or nothing beside it",
            unit=" gap",
        )
    ]


def _of_form(found: Evidence, analysis: Analysis) -> list[Check]:
    """Moments of a pair that are zero in every ideal state: of other forms than X, of rho_00,11."""
    if len(found.qubits) != 2 or analysis.ideal_states is None:
        return []
    exact = exact_moments(analysis.ideal_states[0], (*NOT_X, "XX", "YY", "XY", "YX"))
    conserved = [exact["XX"] - exact["YY"], exact["XY"] + exact["YX"]]
    words = [word for word in NOT_X if np.abs(exact[word]).max() < ROUNDING and word in found.words]
    made = [_x_form(found, words)] if words else []
    coherent = {"XX", "YY"} <= {*found.words} or {"XY", "YX"} <= {*found.words}
    return [_conservation(found), *made] if coherent and np.abs(conserved).max() < ROUNDING else made


def _start(found: Evidence, analysis: Analysis) -> Check:
    name, at = "start as prepared", found.references
    energy = _linear(found, analysis, "energy", "E_{} - nominal =")
    if analysis.ideal_states is None or not len(at) or not energy.rows:
        return Check(name=name, passed=None, text="there is no measured reference with a nominal state to compare with")
    expected = _expected(found, energy, found.main(analysis.table))
    check = _tested(
        name,
        found.moments(energy.rows, at=at, constant=energy.offset, expected={k: v[at] for k, v in expected.items()}),
        zero="energies at the reference, of ancillas too, are those asked for",
        not_zero="energies at the reference are not those asked for: preparation, reset or readout",
        missing="energies were not measured",
        unit=" gap",
    )
    return Check(name=name, passed=check.passed, text=f"{check.text} {_thermometer(found, analysis)}".strip())


def _number(found: Evidence) -> Check:
    return _tested(
        "excitation number",
        found.changes({"change of p01 + p10 =": {"ZZ": -0.5}}),
        zero="p01 + p10 stays what it was at the reference, as an exchange of single excitations leaves it",
        not_zero="p01 + p10 changes: excitations are created or lost beside the exchange",
        about="exchange",
        missing="ZZ was not measured, there is no reference, or nothing beside it",
    )


def _leakage(found: Evidence) -> Check:
    """Population that no rotation before the readout moves: it reads 1 in X and in Y as it does in Z.

    Where an X state has <X> = <Y> = 0, a fraction l of a qubit outside its two levels, which reads 1 whatever the
    basis, leaves <X> = <Y> = -l. Every point has its own; the mean is tested, one for each qubit.
    """
    a, b = found.qubits
    read = {a: ("XI", "YI"), b: ("IX", "IY")}
    rows: Rows = {f"leaked of {qubit}, mean of all points =": dict.fromkeys(w, -0.5) for qubit, w in read.items()}
    linear = found.moments(rows)
    return _tested(
        "leakage",
        None if linear is None else linear.mean(),
        zero="no population stays outside the two levels of a qubit, reading 1 in every basis",
        not_zero="some population reads 1 in every basis: leakage, or readout that is not corrected",
        missing="X and Y of single qubits were not measured",
        about="exchange",
    )


def _conservation(found: Evidence) -> Check:
    parts = {"Re rho_00,11 =": {"XX": 0.25, "YY": -0.25}, "Im rho_00,11 =": {"XY": -0.25, "YX": -0.25}}
    read: Rows = {label: row for label, row in parts.items() if set(row) <= set(found.words)}
    return _tested(
        "number conservation",
        found.moments(read) if read else None,
        zero="rho_00,11 is zero within errors",
        not_zero="rho_00,11 is not zero: coherence between 00 and 11, which the exchange does not make",
        about="exchange",
        missing="rho_00,11 was not measured; the settings assume it is zero",
    )


def _x_form(found: Evidence, among: Sequence[str] = NOT_X) -> Check:
    words = [word for word in among if word in found.words]
    some = "" if len(words) == len(NOT_X) else f" that were measured ({', '.join(words)})"
    return _tested(
        "X form",
        found.moments({f"<{word}> =": {word: 1.0} for word in words}) if words else None,
        zero=f"the moments{some} that an X state has zero are zero within errors",
        not_zero=f"moments{some} that an X state has zero are not zero",
        missing="none of the moments that an X state has zero was measured; they are assumed zero",
    )


def _coherence(found: Evidence) -> Check:
    words = [word for word in LOCAL if word in found.words]
    return _tested(
        "locally thermal: coherence",
        found.moments({f"<{word}> =": {word: 1.0} for word in words}, at=found.references) if words else None,
        zero="at the reference neither qubit has coherence within errors",
        not_zero="at the reference a qubit has coherence, so it is not locally thermal",
        missing="X and Y of single qubits were not measured at a reference",
    )


def _temperatures(found: Evidence, analysis: Analysis) -> Check:
    name, at = "locally thermal: temperatures", found.references
    if analysis.ideal_states is None or not len(at):
        return Check(name=name, passed=None, text="there is no measured reference with a nominal state to compare with")
    nominal = exact_moments(analysis.ideal_states[0][at], ("ZI", "IZ"))
    a, b = found.qubits
    offset = {f"E_{a} - nominal =": (1 - nominal["ZI"]) / 2, f"E_{b} - nominal =": (1 - nominal["IZ"]) / 2}
    energies: Rows = {label: {word: -0.5} for label, word in zip(offset, ("ZI", "IZ"), strict=True)}
    linear = found.moments(energies, at=at, constant=0.5, expected=offset)
    check = _tested(
        name,
        linear,
        zero="populations at the reference are those of the nominal temperatures",
        not_zero="populations at the reference are not those of the nominal temperatures",
        missing="energies were not measured",
        unit=" gap",
    )
    return Check(name=name, passed=check.passed, text=f"{check.text} {_thermometer(found, analysis)}".strip())


def _thermometer(found: Evidence, analysis: Analysis) -> str:
    """Measured temperatures at the first reference, with 95 % intervals."""
    rows = found.main(analysis.table)
    rows = rows[(rows["observable"] == "effective_temperature") & (rows["point"] == found.references[0])]
    said = []
    for _, row in rows.iterrows():
        ends = f"{row['low']:.3g} .. {row['high']:.3g}" if np.isfinite([row["low"], row["high"]]).all() else "open"
        nominal = f", nominal {row['ideal']:.4g}" if np.isfinite(row["ideal"]) else ""
        said.append(f"T_{row['subject']} = {row['value']:.4g} ({ends}{nominal})")
    return f"Measured: {', '.join(said)} gap/k_B." if said else ""


def _agreement(found: Evidence, analysis: Analysis) -> list[Check]:
    """Energies against what is expected of them."""
    made = []
    noisy = ", as those of a noisy device will" if analysis.record.start["device"]["noisy"] else ""
    for name, what, frame in (
        ("ideal", "the ideal prediction", analysis.table),
        ("noise model", "the device's noise model", analysis.prediction),
    ):
        if frame is None or not (rows := found.main(frame))["ideal"].notna().any():
            continue
        known = rows[(rows["observable"] == "energy") & rows["ideal"].notna()]["subject"].unique()
        energy = _linear(found, analysis, "energy", f"E_{{}} - {name} =", known)
        expected = _expected(found, energy, rows)
        made.append(
            _tested(
                f"energies and the {name}",
                found.moments(energy.rows, constant=energy.offset, expected=expected) if energy.rows else None,
                zero=f"the energies agree with {what}",
                not_zero=f"the energies differ from {what}{noisy if name == 'ideal' else ''}",
                missing="energies were not measured",
                unit=" gap",
            )
        )
    return made


@dataclass(frozen=True)
class _Linear:
    """Observables of one name as rows of coefficients."""

    rows: Rows
    offset: Array
    """(points, labels)."""
    subjects: tuple[str, ...]


def _linear(
    found: Evidence, analysis: Analysis, name: str, label: str, subjects: Sequence[str] | None = None
) -> _Linear:
    """Coefficients of an observable of several subjects, read off its definition."""
    size, rows, offsets = len(found.home), {}, []
    chosen = [o for o in analysis.observables if o.name == name and (subjects is None or o.subject in subjects)]
    for observable in chosen:
        offset, here, _ = coefficients(observable, found.words, analysis.view)
        rows[label.format(observable.subject)] = {
            word: here[:size, found.words.index(word)] for word in observable.reads
        }
        offsets.append(offset[:size])
    offset = np.stack(offsets, axis=-1) if offsets else np.zeros((size, 0))
    return _Linear(rows, offset, tuple(o.subject for o in chosen))


def _expected(found: Evidence, energy: _Linear, rows: pd.DataFrame) -> dict[str, Array]:
    ideal = rows[rows["observable"] == "energy"].set_index(["subject", "point"])["ideal"]
    return {
        label: ideal[subject].reindex(found.points).to_numpy(float)
        for label, subject in zip(energy.rows, energy.subjects, strict=True)
    }


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
