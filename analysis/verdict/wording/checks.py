"""The sentences of the checks, made of their numbers, and how strongly each speaks in a few words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.statistics import ALARM
from analysis.verdict import findings as f
from analysis.verdict import tested as t
from analysis.verdict.tested import Missing, Question
from analysis.verdict.wording.crosstalk import NOT_TESTED as OF_COPIES
from analysis.verdict.wording.crosstalk import crosstalk_in_words, crosstalk_strength
from analysis.verdict.wording.numbers import pm, probability, worded
from analysis.verdict.wording.verdict import fit_in_words
from protocols.units import GAP


@dataclass(frozen=True)
class Claim:
    """What is said of values that ought to vanish, and of their unit."""

    zero: str
    not_zero: str
    unit: str = ""


VANISHING: Mapping[Question, Claim] = {
    Question.BALANCE: Claim(
        "Q_{a} + Q_{b} is zero within errors",
        "Q_{a} + Q_{b} is not zero: energy enters or leaves{leaves}",
        " gap",
    ),
    Question.FIRST_LAW: Claim(
        "Q_h + Q_c - W - dE is zero within errors",
        "Q_h + Q_c - W - dE is not zero: gates or relaxation create or lose excitations beside the swaps",
        " gap",
    ),
    Question.PARTS: Claim(
        "what all parts gained together is zero within errors",
        "what all parts gained together is not zero: energy enters or leaves{leaves}",
        " gap",
    ),
    Question.NUMBER: Claim(
        "p01 + p10 agrees with what it was at the reference, as an exchange of single excitations leaves it",
        "p01 + p10 changes: excitations are created or lost beside the exchange",
    ),
    Question.CONSERVATION: Claim(
        "rho_00,11 is zero within errors",
        "rho_00,11 is not zero: coherence between 00 and 11, which the exchange does not make",
    ),
    Question.X_FORM: Claim(
        "the moments{some} that an X state has zero are zero within errors",
        "moments{some} that an X state has zero are not zero",
    ),
    Question.COHERENCE: Claim(
        "at the reference no coherence of a qubit is seen beyond errors",
        "at the reference a qubit has coherence, so it is not locally thermal",
    ),
    Question.TEMPERATURES: Claim(
        "populations at the reference agree with those of the nominal temperatures",
        "populations at the reference differ from those of the nominal temperatures",
        " gap",
    ),
    Question.START: Claim(
        "energies at the reference, of ancillas too, agree with those asked for",
        "energies at the reference differ from those asked for: preparation, reset or readout",
        " gap",
    ),
    Question.IDEAL: Claim(
        "the energies agree with the ideal prediction",
        "the energies differ from the ideal prediction{noisy}{far}",
        " gap",
    ),
    Question.NOISE_MODEL: Claim(
        "the energies agree with the device's noise model",
        "the energies differ from the device's noise model",
        " gap",
    ),
    Question.SLOPES: Claim(
        "the currents are the slope of what the energies say has passed",
        "the currents are not the slope of what the energies say has passed: energy enters or leaves beside the bonds, "
        "coherence is lost faster than energy, or a sign of X or Y is not as taken",
        " gap^2/hbar",
    ),
    Question.GAUSSIAN: Claim(
        "<ZZ> - <Z><Z> + 4 |C|^2 of neighbours is zero within errors, as Wick's theorem has it of Gaussian states",
        "<ZZ> - <Z><Z> + 4 |C|^2 of neighbours is not zero, so that the state is not Gaussian{cause}: total "
        "correlation of scheme gaussian is that of the Gaussian state with the same C, not of this state",
    ),
}
NOT_TESTED: Mapping[Missing, str] = {
    Missing.STATE: "the settings determine no state, so that none can be contradicted",
    Missing.LARGE: "states of more than two qubits are not estimated, so that none can be contradicted",
    Missing.REPEATED_MOMENTS: "every moment was read in one setting only, or no member in all of them",
    Missing.HEAT: "no heat was measured: there is no reference, or nothing beside it",
    Missing.ZZ: "ZZ was not measured, there is no reference, or nothing beside it",
    Missing.LOCAL: "X and Y of single qubits were not measured",
    Missing.LOCAL_AT_REFERENCE: "X and Y of single qubits were not measured at a reference",
    Missing.COHERENCE: "rho_00,11 was not measured; the settings assume it is zero",
    Missing.X_FORM: "none of the moments that an X state has zero was measured; they are assumed zero",
    Missing.REFERENCE: "there is no measured reference with a nominal state to compare with",
    Missing.ENERGIES: "energies were not measured",
    Missing.ENTROPY: "needs a state, a reference and finite temperatures there",
    Missing.COMMON_CIRCUIT: "no circuit was run in two of them",
    Missing.MOTION: "too few times were measured to know how what has passed a bond moves",
}
NOISY = ", as those of a noisy device will"
DECLARED = ", as the one asked for is not either"
MIXED = ", as one that noise has mixed is not"
MODELLED = ", as the device's noise model says they will"


def check_in_words(question: Question, passed: bool | None, found: t.CheckFinding, unit: str = GAP) -> str:
    """One or two sentences with the numbers of a check.

    Args:
        question: What was asked.
        passed: Whether it is so; None: the run cannot tell.
        found: The numbers.
        unit: Of energies; not the gap where gaps are unequal.
    """
    match found:
        case t.NotTested():
            why = NOT_TESTED.get(found.why) or OF_COPIES[found.why]
            return f"{why} {_temperatures(found.temperatures)}".strip()
        case t.Vanishing():
            return _vanishing(VANISHING[question], bool(passed), found)
        case t.Leakage():
            return _leakage(bool(passed), found)
        case t.MembersTested():
            return _members(bool(passed), found)
        case t.SettingsCompared():
            return _settings(bool(passed), found)
        case t.Scatter():
            return _scatter(bool(passed), found)
        case t.Calibration():
            return _calibration(found)
        case t.MembersAsAsked():
            return _as_asked(bool(passed), found)
        case t.OneOscillation():
            return _one_oscillation(bool(passed), found)
        case t.SecondLaw():
            return _second_law(passed, found)
        case t.Drift():
            return _drift(question, bool(passed), found, unit)
        case _:
            return crosstalk_in_words(bool(passed), found, unit)


def strength_in_words(question: Question, found: t.CheckFinding, unit: str = GAP) -> str:
    """How strongly a check speaks, in a few words; empty where that is not known.

    Args:
        question: What was asked.
        found: The numbers.
        unit: Of energies; not the gap where gaps are unequal.
    """
    match found:
        case t.Vanishing():
            return f"p {probability(found.p)}, {_worst(found.worst, VANISHING[question].unit)}"
        case t.Leakage():
            return f"p {probability(found.p)}, {_leak(found.worst)}"
        case t.MembersTested():
            return f"p {probability(found.p)}, {found.ratio:.3g} times the deviance expected"
        case t.SettingsCompared():
            return f"p {probability(found.p)}, {_of_settings(found)}"
        case t.Scatter():
            return f"p {probability(found.p)}, {math.sqrt(found.chi_square / found.dof):.2f} times shot noise"
        case t.Calibration() if found.swapped:
            return f"those of {' and '.join(found.qubits)} seem exchanged"
        case t.Calibration():
            return f"p {probability(found.p_scale)}, the data show {pm(found.scale, found.stderr)} times its errors"
        case t.OneOscillation():
            fit = found.worst
            return f"p {probability(found.p)}, chi-square {fit.chi_square:.1f} for {fit.degrees} degrees of freedom"
        case t.Drift() if found.dof:
            return f"p {probability(found.p)}" + (f", {_shift(found.worst, unit)}" if found.worst else "")
        case f.AloneOrTogether() | f.Independence() | f.ReadBesideOthers() | f.Rotation():
            return crosstalk_strength(found, unit)
        case f.WaitingCopies() | f.OutlyingCopy():
            return crosstalk_strength(found, unit)
        case _:
            return ""


def _vanishing(claim: Claim, passed: bool, found: t.Vanishing) -> str:
    context, values = found.context, "1 value" if found.dof == 1 else f"{found.dof} values"
    pair = " the pair (relaxation, leakage, gate errors)"
    a, b = context.sides or ("", "")
    text = (claim.zero if passed else claim.not_zero).format(
        a=a,
        b=b,
        leaves=pair if context.closed else " (relaxation, leakage, gates, readout)",
        some=f" that were measured ({', '.join(context.words)})" if context.words else "",
        noisy=MODELLED if context.modelled else NOISY if context.noisy and not found.far else "",
        far=_far(found),
        cause=DECLARED if context.declared else MIXED if context.noisy else "",
    )
    text += f": chi-square {found.chi_square:.1f} for {values} (p {probability(found.p)}{_kind(found.calibrated)}). "
    return f"{text}Most significant: {_worst(found.worst, claim.unit)}. {_temperatures(context.temperatures)}".strip()


def _far(found: t.Vanishing) -> str:
    """How far values are from what was expected of them, beside how far that moves."""
    if not found.relative:
        return ""
    size = f", by up to {found.relative:.2g} of how far it moves itself"
    if found.still:
        size = f", by up to {found.relative:.2g} gap where it hardly moves itself"
    # circuits of this run are those declared: whatever the size, it is the device
    return f"{size}, which is more than the noise of a device does" if found.far and not found.context.own else size


def _leakage(passed: bool, found: t.Leakage) -> str:
    how = f"(p {probability(found.p)}{_kind(found.calibrated)})"
    if passed:
        limits = " and ".join(f"less than {one.limit:.2g} of {one.subject}" for one in found.of_mean)
        return f"no population is seen to read 1 in every basis, as leakage would {how}: {limits}, at 95 %."
    text = f"some population reads 1 in every basis: leakage, or readout that is not corrected {how}. "
    return f"{text}Most significant: {_leak(found.worst)}."


def _members(passed: bool, found: t.MembersTested) -> str:
    values, worst = found.worst.member is None, found.worst
    what = "the expectation values of every point" if values else "the counts of every member at every point"
    text = f"{what} agree with some state" if passed else f"{what} should agree with some state, and do not"
    text += f": {'chi-square' if values else 'deviance'} {found.statistic:.1f} for {found.expected:.1f} expected "
    text += f"(p {probability(found.p)}, from {found.draws} stratified draws of the whole model). "
    place = ("point" if values else f"member {worst.member}") + _at(worst.where)
    place += f", control {worst.control}" if worst.control else ""
    text += f"Worst of {found.parts}: {place}, {worst.statistic:.1f} for {worst.expected:.1f} expected, "
    text += f"most in {worst.setting}."
    if found.exchanged is not None:
        text += f" With the calibrations of the two qubits exchanged it is {found.exchanged:.1f}: they seem mixed up."
    elif not passed:
        text += " A wrong readout model, labels that are mixed up or a state that changes between settings do that."
    if found.left_out:
        text += f" {found.left_out} more, of fewest shots or not read in every setting, were left out."
    return text


def _settings(passed: bool, found: t.SettingsCompared) -> str:
    text = "moments that several settings read agree" if passed else "settings contradict each other"
    text += f" (p {probability(found.p)}{_kind(found.calibrated)}): "
    text += f"chi-square {found.chi_square:.1f} for {found.dof} differences over the whole run"
    if found.apart is not None:
        text += f"; of angles by which settings are apart along the motion of an exchange {found.apart.chi_square:.1f} "
        text += f"for {found.apart.dof}, point by point {found.apart.chi_square_each:.1f} for {found.apart.dof_each}"
    text += f". Most significant: {_of_settings(found)}."
    if passed:
        return text
    if _moves(found):
        return f"{text} Settings seem to read different states, as where a delay or a preparation differs between them."
    return f"{text} Mixed-up labels of a setting, readout of one qubit that depends on the other, or drift do that."


def _moves(found: t.SettingsCompared) -> bool:
    """Whether settings are apart along the motion of an exchange, rather than in the whole run alike."""
    return found.apart is not None and found.apart.least < found.p_summed


def _of_settings(found: t.SettingsCompared) -> str:
    if found.apart is None or not _moves(found):
        return _worst(found.worst)
    if found.apart.p_each < found.apart.p_run:
        return f"angles of Omega t that differ from point to point (p {probability(found.apart.p_each)})"
    angle = pm(found.apart.angle, found.apart.stderr)
    return f"the pair read in {found.apart.setting} is {angle} rad of Omega t from the mean of the settings"


def _scatter(passed: bool, found: t.Scatter) -> str:
    text = f"chi-square {found.chi_square:.1f} for {found.dof} values (p {probability(found.p)}): "
    text += f"{found.settings[0]:.1f} for {found.settings[1]} in which settings could contradict each other, "
    text += f"{found.zero[0]:.1f} for {found.zero[1]} that an exchange leaves zero"
    if not passed:
        times = math.sqrt(found.chi_square / found.dof)
        text = f"counts scatter by {times:.2f} times what shot noise lets them: {text}"
        return text + ". Shots that are not independent do that, or a state that is not the same in all of them."
    if found.p < ALARM:
        return f"counts do not scatter too much in general, the excess is in one part: {text}."
    return f"counts scatter as shot noise lets them: {text}."


def _calibration(found: t.Calibration) -> str:
    a, b = found.qubits
    shown = f"the errors that the data show are {pm(found.scale, found.stderr)} times the calibrated ones"
    text = []
    if found.swapped:
        text.append(
            f"the calibrations of {a} and {b} seem exchanged: chi-square of the declared states is "
            f"{found.as_labelled:.1f} for {found.dof} values, with them exchanged back {found.exchanged:.1f}"
        )
    if found.p_scale < ALARM:
        text.append(f"the calibrated readout errors are too small: {shown} (p {probability(found.p_scale)})")
    if text:
        return "; ".join(text) + "."
    return f"the data show no readout errors beyond the calibrated ones (p {probability(found.p_scale)})."


def _as_asked(passed: bool, found: t.MembersAsAsked) -> str:
    text = "members agree with the states asked for" if passed else "members differ from the states asked for"
    text += NOISY if found.noisy and not passed else ""
    text += f": sum of squares {found.statistic:.1f} for {found.expected:.1f} expected (p {probability(found.p)})."
    if not found.fidelity:
        return text
    each = ", ".join(f"{100 * value:.2f} % of member {member}" for member, value in found.fidelity.items())
    return f"{text} Fidelity of the fitted states, which shot noise lowers: {each}."


def _one_oscillation(passed: bool, found: t.OneOscillation) -> str:
    where = "".join(f", {name} = {value:.4g}" for name, value in found.where.items())
    text = "the energies of every sweep agree with one oscillation" if passed else "energies scatter about their fit"
    text += f" (p {probability(found.p)} after {found.fits} fits). "
    return f"{text}Worst: E_{found.worst.subject}{where}: {fit_in_words(found.worst)}."


def _second_law(passed: bool | None, found: t.SecondLaw) -> str:
    slack, entropy, axis = found.slack, found.entropy, found.axis
    lowest = f"{pm(slack.value, slack.stderr)} nat at {axis} = {slack.at:.5g}"
    if found.falls:
        fall = f"{pm(-entropy.value, entropy.stderr)} nat at {axis} = {entropy.at:.5g}"
        text = f"the entropy of the pair falls by {fall}, so slack >= 0 is not guaranteed"
        return f"{text}; its most negative value in sigma is {lowest} (indicative)."
    held = "holds within errors: the lowest in units of its error is " if passed else "is violated: "
    expected = "the entropy of the pair falls nowhere beyond its errors, so slack >= 0 is expected, and it"
    return f"{expected} {held}{lowest} (indicative)."


def _drift(question: Question, passed: bool, found: t.Drift, unit: str) -> str:
    if question is Question.PASSES:
        same = f"outcomes of all {found.groups} passes agree"
        other = f"outcomes differ between the {found.groups} passes: something drifted"
    else:
        same = "the calibrations before and after the measurement agree"
        other = "the calibrations before and after the measurement differ; their sum corrects all counts"
    if not found.dof:
        return f"{same}: every circuit gave one outcome only, each time."
    text = f"{same if passed else other}: chi-square {found.statistic:.1f}, {found.expected:.1f} expected "
    text += f"(p {probability(found.p_pooled)}); of means that all circuits share {found.chi_square:.1f}, "
    text += f"{found.dof} expected (p {probability(found.p_means)}{_kind(not found.indicative)})."
    text += f" Most significant: {_shift(found.worst, unit)}." if found.worst else ""
    if found.worst_energy is not None and found.worst_energy != found.worst:
        text += f" Of energies: {_shift(found.worst_energy, unit)}."
    if found.moved is not None:
        text += " Every point has its share of all passes, so that such differences move energies of different points "
        text += f"apart by at most {found.moved:.1g} {unit}, and heat with them."
    return text


# ---- their parts ----


def _worst(worst: t.Worst, unit: str = "") -> str:
    return f"{worst.label} = {pm(worst.value, worst.stderr)}{unit}{_at(worst.where)}"


def _leak(leak: t.Leak) -> str:
    return f"leaked of {leak.subject}{_at(leak.where) or ', mean of all points'} = {pm(leak.value, leak.stderr)}"


def _shift(shift: t.Shift, unit: str) -> str:
    unit = f" {unit} before readout correction" if shift.energy else ""
    return f"{shift.label}, {shift.later} minus {shift.earlier} = {pm(shift.value, shift.stderr)}{unit}"


def _temperatures(measured: Sequence[t.Temperature]) -> str:
    each = []
    for one in measured:
        name, nominal = f"T_{one.subject}", f"nominal {one.nominal:.4g}" if math.isfinite(one.nominal) else ""
        if math.isfinite(one.low) and math.isfinite(one.high) and one.low <= one.high:
            ends = f"{one.low:.3g} .. {one.high:.3g}"
            each.append(f"{name} = {one.value:.4g} ({', '.join(filter(None, (ends, nominal)))})")
        else:
            each.append(worded(name, one.value, math.nan, one.low, one.high) + (f" ({nominal})" if nominal else ""))
    return f"Measured: {', '.join(each)} gap/k_B." if each else ""


def _at(where: str) -> str:
    return f" at {where}" if where else ""


def _kind(calibrated: bool) -> str:
    return "" if calibrated else ", indicative"
