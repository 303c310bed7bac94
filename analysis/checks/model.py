"""Is the model behind the error bars true: members are states, settings agree, the sweep is the curve fitted to it."""

from __future__ import annotations

import typing
from dataclasses import asdict, replace

from analysis.checks.main_arm import places
from analysis.consistency import (
    Goodness,
    contradictions,
    deviation_from_requested_members,
    motion_between_settings,
    refitted,
    with_qubits_exchanged,
)
from analysis.data import MOST_QUBITS, Counts, DataSet, Expectations, LocalCounts
from analysis.statistics import ALARM
from analysis.verdict import (
    Apart,
    Check,
    CheckFinding,
    MembersAsAsked,
    MembersTested,
    Missing,
    NotTested,
    OneOscillation,
    Question,
    SettingsCompared,
    Worst,
    WorstPart,
    quality_of,
)

if typing.TYPE_CHECKING:
    from analysis.result import Analysis

FAR_LESS = 20.0
"""Deviance that another calibration has to save before it is named as the cause: odds of e^10."""


def model_checks(analysis: Analysis) -> tuple[Check, ...]:
    """Checks that a wrong readout model, mixed-up labels, a wrong state or drift would fail, whatever the physics."""
    found = [_members(analysis, analysis.goodness)]
    if not isinstance(analysis.data, Expectations):
        found += [_settings(analysis.data, analysis.goodness), *_as_asked(analysis, analysis.data)]
    return (*found, *_one_oscillation(analysis))


def _members(analysis: Analysis, fitted: Goodness | None) -> Check:
    """Whether the data of every member at every point are those of some state."""
    if fitted is None:
        large = len(analysis.record.start["qubits"]) > MOST_QUBITS
        return _not_tested(Question.MEMBERS, Missing.LARGE if large else Missing.STATE)
    found = MembersTested(
        statistic=fitted.run.statistic,
        expected=fitted.run.expected,
        ratio=fitted.run.ratio,
        p=fitted.p,
        draws=len(fitted.drawn),
        parts=len(fitted.cell),
        left_out=fitted.left_out,
        worst=_worst_part(analysis, fitted),
    )
    if found.p < ALARM:
        found = replace(found, exchanged=_with_calibrations_exchanged(analysis.data, fitted))
    return _judged(Question.MEMBERS, found.p, found)


def _with_calibrations_exchanged(data: DataSet, fitted: Goodness) -> float | None:
    """The deviance with the calibrations of two qubits exchanged, where that is far less."""
    if not isinstance(data, Counts) or not data.calibrated or len(data.bases[0]) != 2:
        return None
    found = refitted(with_qubits_exchanged(data), fitted)
    return found if fitted.run.statistic - found > FAR_LESS else None


def _worst_part(analysis: Analysis, fitted: Goodness) -> WorstPart:
    """The member at a point, or the point of expectation values, that fits worst."""
    i, points, start = fitted.worst, analysis.record.points, analysis.record.start
    arm, point = divmod(int(fitted.cell[i]), len(points))
    values = isinstance(analysis.data, Expectations)
    over = analysis.data.words if isinstance(analysis.data, Expectations) else analysis.data.bases
    return WorstPart(
        member=None if values else int(fitted.member[i]),
        where=places(points.parameters, start["axis"])[point],
        control=start["arms"][arm] if arm else "",
        statistic=fitted.parts[i].statistic,
        expected=fitted.parts[i].expected,
        setting=over[int(fitted.deviance[i].argmax())],
    )


def _settings(data: Counts | LocalCounts, fitted: Goodness | None) -> Check:
    """Whether moments that several settings read agree, summed over the run and along the motion of an exchange."""
    compared = contradictions(data)
    if compared is None:
        return _not_tested(Question.SETTINGS, Missing.REPEATED_MOMENTS)
    label, value, error = compared.worst
    moved = None if fitted is None or isinstance(data, LocalCounts) else motion_between_settings(data, fitted)
    apart = None if moved is None else Apart(**asdict(moved), p_run=moved.p_run, p_each=moved.p_each)
    found = SettingsCompared(
        chi_square=compared.chi_square,
        dof=compared.dof,
        p=compared.p if apart is None else min(1.0, 3 * min(compared.p, apart.least)),
        p_summed=compared.p,
        calibrated=compared.calibrated,
        worst=Worst(label=label, value=value, stderr=error),
        apart=apart,
    )
    return _judged(Question.SETTINGS, found.p, found)


def _as_asked(analysis: Analysis, data: Counts | LocalCounts) -> list[Check]:
    """A deviation to know, not a fault of the data: nothing in the analysis assumes these states."""
    compared = (
        None
        if analysis.goodness is None or isinstance(data, LocalCounts)
        else deviation_from_requested_members(analysis.record, data, analysis.goodness)
    )
    if compared is None:
        return []
    found = MembersAsAsked(
        statistic=compared.tail.statistic,
        expected=compared.tail.expected,
        p=compared.tail.p,
        noisy=analysis.noisy,
        fidelity=compared.fidelity,
    )
    return [_judged(Question.AS_ASKED, found.p, found)]


def _one_oscillation(analysis: Analysis) -> list[Check]:
    """The fits that the significance of the verdict rests on, of the main arm."""
    fits = [f for f in analysis.fits if f.arm == "main" and f.observable == "energy" and f.oscillation.degrees]
    if not fits:
        return []
    worst = min(fits, key=lambda f: f.oscillation.p_value)
    p = min(1.0, len(fits) * worst.oscillation.p_value)
    found = OneOscillation(p=p, fits=len(fits), where=worst.where, worst=quality_of(worst))
    return [_judged(Question.ONE_OSCILLATION, p, found)]


def _judged(question: Question, p: float, found: CheckFinding) -> Check:
    return Check(question=question, passed=p >= ALARM, finding=found)


def _not_tested(question: Question, why: Missing) -> Check:
    return Check(question=question, passed=None, finding=NotTested(why=why))
