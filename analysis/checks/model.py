"""Is the model behind the error bars true: members are states, settings agree, the sweep is the curve fitted to it."""

from __future__ import annotations

import typing

from analysis.checks.evidence import places
from analysis.consistency.check import Check, said
from analysis.consistency.contradictions import contradictions
from analysis.consistency.goodness import Goodness
from analysis.consistency.prepared import Asked, asked
from analysis.data.counts import MOST_QUBITS
from analysis.data.expectations import Expectations
from analysis.statistics.significance import ALARM
from analysis.verdict.quality import quality_of
from analysis.verdict.wording.numbers import pm
from analysis.verdict.wording.verdict import fit_in_words

if typing.TYPE_CHECKING:
    from analysis.result import Analysis

MEMBERS, SETTINGS, CURVE = "members are states", "settings agree", "sweep is one oscillation"
ASKED = "members as asked"


def consistency(analysis: Analysis) -> tuple[Check, ...]:
    """Checks that a wrong readout model, mixed-up labels, a wrong state or drift would fail, whatever the physics."""
    found = [_members(analysis, analysis.goodness)]
    if not isinstance(analysis.data, Expectations):
        found.append(_settings(analysis))
        found += _as_asked(analysis)
    return (*found, *_curve(analysis))


def _members(analysis: Analysis, fitted: Goodness | None) -> Check:
    if fitted is None:
        large = len(analysis.record.start["qubits"]) > MOST_QUBITS
        text = "states of more than two qubits are not estimated" if large else "the settings determine no state"
        return Check(name=MEMBERS, passed=None, text=f"{text}, so that none can be contradicted")
    values = isinstance(analysis.data, Expectations)
    what = "the expectation values of every point" if values else "the counts of every member at every point"
    passed, run = fitted.p >= ALARM, fitted.run
    text = f"{what} are those of some state" if passed else f"{what} should be those of some state, and are not"
    text += f": {'chi-square' if values else 'deviance'} {run.statistic:.1f} for {run.expected:.1f} expected "
    text += f"(p {said(fitted.p)}, from {len(fitted.drawn)} stratified draws of the whole model). "
    text += f"Worst of {len(fitted.cell)}: {_place(analysis, fitted)}."
    if not passed:
        text += " A wrong readout model, labels that are mixed up or a state that changes between settings do that."
    if fitted.left_out:
        text += f" {fitted.left_out} more, of fewest shots or not read in every setting, were left out."
    strength = f"p {said(fitted.p)}, {run.ratio:.3g} times the deviance expected"
    return Check(name=MEMBERS, passed=passed, text=text, about="bars", strength=strength)


def _place(analysis: Analysis, fitted: Goodness) -> str:
    """The part that fits worst, in words."""
    i, points, start = fitted.worst, analysis.record.points, analysis.record.start
    arm, point = divmod(int(fitted.cell[i]), len(points))
    setting = int(fitted.deviance[i].argmax())
    over = analysis.data.words if isinstance(analysis.data, Expectations) else analysis.data.bases
    what = "point" if isinstance(analysis.data, Expectations) else f"member {fitted.member[i]}"
    what += places(points.parameters, start["axis"])[point] + (f", control {start['arms'][arm]}" if arm else "")
    one = fitted.parts[i]
    return f"{what}, {one.statistic:.1f} for {one.expected:.1f} expected, most in {over[setting]}"


def _settings(analysis: Analysis) -> Check:
    assert not isinstance(analysis.data, Expectations)
    found = contradictions(analysis.data)
    if found is None:
        text = "every moment was read in one setting only, or no member in all of them"
        return Check(name=SETTINGS, passed=None, text=text)
    label, value, error = found.worst
    passed, kind = found.p >= ALARM, "" if found.calibrated else ", indicative"
    text = "moments that several settings read agree" if passed else "settings contradict each other"
    text += f": chi-square {found.chi_square:.1f} for {found.dof} differences over the whole run "
    text += f"(p {said(found.p)}{kind}). Most significant: {label} = {pm(value, error)}."
    if not passed:
        text += " Labels of a setting are mixed up, readout of one qubit depends on the other, or something drifted."
    strength = f"p {said(found.p)}, {label} = {pm(value, error)}"
    return Check(name=SETTINGS, passed=passed, text=text, about="bars", strength=strength)


def _as_asked(analysis: Analysis) -> list[Check]:
    """A deviation to know, not a fault of the data: nothing in the analysis assumes these states."""
    fitted = analysis.goodness
    assert not isinstance(analysis.data, Expectations)
    found = None if fitted is None else asked(analysis.record, analysis.data, fitted)
    if found is None:
        return []
    passed, noisy = found.tail.p >= ALARM, bool(analysis.record.start["device"]["noisy"])
    text = "every member is the state asked for" if passed else "members differ from the states asked for"
    text += ", as those of a noisy device will" if noisy and not passed else ""
    text += (
        f": sum of squares {found.tail.statistic:.1f} for {found.tail.expected:.1f} expected (p {said(found.tail.p)})."
    )
    return [Check(name=ASKED, passed=passed, text=text + _overlaps(found))]


def _overlaps(found: Asked) -> str:
    if not found.fidelity:
        return ""
    each = ", ".join(f"{100 * value:.2f} % of member {one}" for one, value in found.fidelity.items())
    return f" Fidelity of the fitted states, which shot noise lowers: {each}."


def _curve(analysis: Analysis) -> list[Check]:
    """The fits that the significance of the verdict rests on, of the main arm."""
    fits = [f for f in analysis.fits if f.arm == "main" and f.observable == "energy" and f.oscillation.degrees]
    if not fits:
        return []
    worst = min(fits, key=lambda f: f.oscillation.p_value)
    p = min(1.0, len(fits) * worst.oscillation.p_value)
    passed = p >= ALARM
    where = "".join(f", {name} = {value:.4g}" for name, value in worst.where.items())
    text = "the energies of every sweep are one oscillation" if passed else "energies scatter about their fit"
    text += (
        f" (p {said(p)} after {len(fits)} fits). Worst: E_{worst.subject}{where}: {fit_in_words(quality_of(worst))}."
    )
    o = worst.oscillation
    strength = f"p {said(p)}, chi-square {o.chi_square:.1f} for {o.degrees} degrees of freedom"
    return [Check(name=CURVE, passed=passed, text=text, about="bars", strength=strength)]
