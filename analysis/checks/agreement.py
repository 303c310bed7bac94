"""Energies against what is expected of them: at the reference those asked for, everywhere those of a prediction."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.checks.linear import Linear, vanishing
from analysis.checks.main_arm import LinearMoments, Rows
from analysis.intervals import coefficients
from analysis.table import tidy
from analysis.verdict import Check, Context, Missing, NotTested, Question, Temperature, Vanishing
from protocols import Array
from protocols.pauli import moments as exact_moments

if typing.TYPE_CHECKING:
    import pandas as pd

    from analysis.result import Analysis

SIGNIFICANT = 3.0
"""Standard errors beyond which a deviation counts as one of that size."""
LEAST_SWING = 0.05
"""Of an energy [gap]: what hardly moves has no size of its own."""


def start_as_prepared(found: LinearMoments, analysis: Analysis) -> Check:
    """Whether the energies at the reference, of ancillas too, are those of the nominal temperatures.

    Args:
        found: Moments of the main arm.
        analysis: The run with its ideal values.
    """
    energy = coefficients_of(found, analysis, "energy", "E_{} - nominal")
    if not energy.rows or not _has_nominal_reference(found, analysis):
        return Check(question=Question.START, passed=None, finding=NotTested(why=Missing.REFERENCE))
    expected = expected_of(found, energy, found.main(analysis.table))
    at = {label: values[found.references] for label, values in expected.items()}
    return _at_reference(Question.START, found, analysis, energy.rows, energy.offset, at)


def temperatures(found: LinearMoments, analysis: Analysis) -> Check:
    """Whether the populations at the reference are those of the nominal temperatures; says which were measured.

    Args:
        found: Moments of the main arm.
        analysis: The run with its ideal states.
    """
    if analysis.ideal_states is None or not _has_nominal_reference(found, analysis):
        return Check(question=Question.TEMPERATURES, passed=None, finding=NotTested(why=Missing.REFERENCE))
    nominal = exact_moments(analysis.ideal_states[0][found.references], ("ZI", "IZ"))
    expected = {f"E_{q} - nominal": (1 - nominal[w]) / 2 for q, w in zip(found.qubits, nominal, strict=True)}
    energies: Rows = {label: {word: -0.5} for label, word in zip(expected, nominal, strict=True)}
    return _at_reference(Question.TEMPERATURES, found, analysis, energies, 0.5, expected)


def _has_nominal_reference(found: LinearMoments, analysis: Analysis) -> bool:
    return analysis.ideal_states is not None and len(found.references) > 0


def _at_reference(
    question: Question,
    found: LinearMoments,
    analysis: Analysis,
    energies: Rows,
    constant: float | Array,
    expected: Mapping[str, Array],
) -> Check:
    """Energies at the reference minus those expected there, beside the temperatures that were measured."""
    linear = found.moments(energies, at=found.references, constant=constant, expected=expected)
    return vanishing(question, linear, Missing.ENERGIES, Context(temperatures=_thermometers(found, analysis)))


def _thermometers(found: LinearMoments, analysis: Analysis) -> tuple[Temperature, ...]:
    """Measured temperatures at the first reference, with 95 % intervals."""
    rows = found.main(analysis.table)
    rows = rows[(rows["observable"] == "effective_temperature") & (rows["point"] == found.references[0])]
    return tuple(
        Temperature(
            subject=row["subject"],
            value=float(row["value"]),
            low=float(row["low"]),
            high=float(row["high"]),
            nominal=float(row["ideal"]),
        )
        for _, row in rows.iterrows()
    )


def agreement(found: LinearMoments, analysis: Analysis) -> list[Check]:
    """Energies against what is expected of them, by theory and by the noise model of the device.

    Args:
        found: Moments of the main arm.
        analysis: The run with its ideal values and its prediction.
    """
    made = []
    for question, name, frame in (
        (Question.IDEAL, "ideal", analysis.table),
        (Question.NOISE_MODEL, "noise model", analysis.prediction and tidy(analysis.prediction)),
    ):
        if frame is None or not (rows := found.main(frame))["ideal"].notna().any():
            continue
        if question is Question.IDEAL and (analysis.record.start.get("imported") or {}).get("counted_start"):
            continue  # it starts from counted energies, whose errors it has
        known = rows[(rows["observable"] == "energy") & rows["ideal"].notna()]["subject"].unique()
        energy = coefficients_of(found, analysis, "energy", f"E_{{}} - {name}", known)
        expected = expected_of(found, energy, rows)
        linear = found.moments(energy.rows, constant=energy.offset, expected=expected) if energy.rows else None
        compared = vanishing(question, linear, Missing.ENERGIES, Context(noisy=analysis.noisy))
        if linear is not None and isinstance(compared.finding, Vanishing):
            relative = _relative_to_swing(linear, expected)
            compared = replace(compared, finding=replace(compared.finding, relative=relative))
        made.append(compared)
    return made


def _relative_to_swing(linear: Linear, expected: Mapping[str, Array]) -> float:
    """The largest significant deviation of an energy over the swing of what is expected of it."""
    moves = [float(np.nanmax(expected[label]) - np.nanmin(expected[label])) for label in linear.labels]
    size = np.abs(linear.value) / np.maximum(moves, LEAST_SWING)
    return float(np.where(np.abs(linear.sigma()) > SIGNIFICANT, size, 0.0).max(initial=0.0))


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
    """Coefficients of an observable of several subjects, read off its definition.

    Args:
        found: Moments of the main arm.
        analysis: The run with its observables.
        name: Of the observable.
        label: What each is called, with braces for the subject.
        subjects: Those wanted; all by default.
    """
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
    """Exact energies of all points, by label.

    Args:
        found: Moments of the main arm.
        energy: Energies of some subjects.
        rows: Of a table with column `ideal`.

    Returns:
        Label -> values [gap], shape (points,); NaN where there are none.
    """
    ideal = rows[rows["observable"] == "energy"].set_index(["subject", "point"])["ideal"]
    return {
        label: ideal[subject].reindex(found.points).to_numpy(float)
        for label, subject in zip(energy.rows, energy.subjects, strict=True)
    }
