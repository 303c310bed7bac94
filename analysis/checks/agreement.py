"""Energies against what is expected of them: at the reference those asked for, everywhere those of a prediction."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.checks.evidence import LinearMoments, Rows
from analysis.checks.vanishing import vanishing
from analysis.consistency.check import Check
from analysis.intervals.estimates import coefficients
from analysis.table import tidy
from protocols import Array
from protocols.pauli.words import moments as exact_moments

if typing.TYPE_CHECKING:
    import pandas as pd

    from analysis.result import Analysis


def start_as_prepared(found: LinearMoments, analysis: Analysis) -> Check:
    """Whether the energies at the reference are those of the nominal temperatures."""
    name, at = "start as prepared", found.references
    energy = coefficients_of(found, analysis, "energy", "E_{} - nominal =")
    if analysis.ideal_states is None or not len(at) or not energy.rows:
        return Check(name=name, passed=None, text="there is no measured reference with a nominal state to compare with")
    expected = expected_of(found, energy, found.main(analysis.table))
    check = vanishing(
        name,
        found.moments(energy.rows, at=at, constant=energy.offset, expected={k: v[at] for k, v in expected.items()}),
        zero="energies at the reference, of ancillas too, are those asked for",
        not_zero="energies at the reference are not those asked for: preparation, reset or readout",
        missing="energies were not measured",
        unit=" gap",
    )
    return Check(name=name, passed=check.passed, text=f"{check.text} {_thermometer(found, analysis)}".strip())


def temperatures(found: LinearMoments, analysis: Analysis) -> Check:
    """Whether the populations at the reference are those of the nominal temperatures; says which were measured."""
    name, at = "locally thermal: temperatures", found.references
    if analysis.ideal_states is None or not len(at):
        return Check(name=name, passed=None, text="there is no measured reference with a nominal state to compare with")
    nominal = exact_moments(analysis.ideal_states[0][at], ("ZI", "IZ"))
    a, b = found.qubits
    offset = {f"E_{a} - nominal =": (1 - nominal["ZI"]) / 2, f"E_{b} - nominal =": (1 - nominal["IZ"]) / 2}
    energies: Rows = {label: {word: -0.5} for label, word in zip(offset, ("ZI", "IZ"), strict=True)}
    linear = found.moments(energies, at=at, constant=0.5, expected=offset)
    check = vanishing(
        name,
        linear,
        zero="populations at the reference are those of the nominal temperatures",
        not_zero="populations at the reference are not those of the nominal temperatures",
        missing="energies were not measured",
        unit=" gap",
    )
    return Check(name=name, passed=check.passed, text=f"{check.text} {_thermometer(found, analysis)}".strip())


def _thermometer(found: LinearMoments, analysis: Analysis) -> str:
    """Measured temperatures at the first reference, with 95 % intervals."""
    rows = found.main(analysis.table)
    rows = rows[(rows["observable"] == "effective_temperature") & (rows["point"] == found.references[0])]
    said = []
    for _, row in rows.iterrows():
        ends = f"{row['low']:.3g} .. {row['high']:.3g}" if np.isfinite([row["low"], row["high"]]).all() else "open"
        nominal = f", nominal {row['ideal']:.4g}" if np.isfinite(row["ideal"]) else ""
        said.append(f"T_{row['subject']} = {row['value']:.4g} ({ends}{nominal})")
    return f"Measured: {', '.join(said)} gap/k_B." if said else ""


def agreement(found: LinearMoments, analysis: Analysis) -> list[Check]:
    """Energies against what is expected of them."""
    made = []
    noisy = ", as those of a noisy device will" if analysis.record.start["device"]["noisy"] else ""
    for name, what, frame in (
        ("ideal", "the ideal prediction", analysis.table),
        ("noise model", "the device's noise model", analysis.prediction and tidy(analysis.prediction)),
    ):
        if frame is None or not (rows := found.main(frame))["ideal"].notna().any():
            continue
        known = rows[(rows["observable"] == "energy") & rows["ideal"].notna()]["subject"].unique()
        energy = coefficients_of(found, analysis, "energy", f"E_{{}} - {name} =", known)
        expected = expected_of(found, energy, rows)
        made.append(
            vanishing(
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
class LinearObservables:
    """Observables of one name as rows of coefficients."""

    rows: Rows
    before: Rows
    """At the reference."""
    offset: Array
    """(points, labels)."""
    subjects: tuple[str, ...]


def coefficients_of(
    found: LinearMoments, analysis: Analysis, name: str, label: str, subjects: Sequence[str] | None = None
) -> LinearObservables:
    """Coefficients of an observable of several subjects, read off its definition."""
    size, rows, earlier, offsets = len(found.home), {}, {}, []
    chosen = [o for o in analysis.observables if o.name == name and (subjects is None or o.subject in subjects)]
    for observable in chosen:
        offset, here, before = coefficients(observable, found.words, analysis.view)
        for table, kind in ((rows, here), (earlier, before)):
            table[label.format(observable.subject)] = {
                word: kind[:size, found.words.index(word)] for word in observable.reads
            }
        offsets.append(offset[:size])
    offset = np.stack(offsets, axis=-1) if offsets else np.zeros((size, 0))
    return LinearObservables(rows, earlier, offset, tuple(o.subject for o in chosen))


def expected_of(found: LinearMoments, energy: LinearObservables, rows: pd.DataFrame) -> dict[str, Array]:
    """Exact energies of the points in these rows, by subject."""
    ideal = rows[rows["observable"] == "energy"].set_index(["subject", "point"])["ideal"]
    return {
        label: ideal[subject].reindex(found.points).to_numpy(float)
        for label, subject in zip(energy.rows, energy.subjects, strict=True)
    }
