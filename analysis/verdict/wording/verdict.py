"""The sentences beside the claim of a verdict: one of each finding."""

from __future__ import annotations

import math
import typing

from analysis.verdict import findings as f
from analysis.verdict.wording.bonds import said_of_bond, said_of_preference
from analysis.verdict.wording.copies import said_of_copies
from analysis.verdict.wording.fluctuations import (
    said_of_disturbance,
    said_of_negativity,
    said_of_theorem,
    said_of_uncertainty,
)
from analysis.verdict.wording.machine import (
    entropy_of_baths,
    first_law,
    names_of_baths,
    work_of_control,
)
from analysis.verdict.wording.numbers import (
    LEAST_SAID,
    pm,
    quantity_in_words,
    side,
    sigmas,
    significance,
    trials_in_words,
)
from analysis.verdict.wording.unequal_gaps import (
    at_zero,
    both_inverted,
    by_temperature,
    excitation_balance,
)
from protocols.units import GAP

MOST_CYCLES = 6
"""Cycles that are told one by one."""
UPSIDE_DOWN = "warning: both qubits are more excited than not at time 0, which no temperature above 0 does"


def sentence(finding: f.Finding, unit: str = GAP, degrees: float = math.inf) -> str:
    """A finding in one sentence.

    Args:
        finding: In numbers.
        unit: Of energies; not the gap where gaps are unequal.
        degrees: Of freedom of errors that are Student's t.
    """
    match finding:
        case f.DirectionByTemperature():
            return by_temperature(finding, unit, degrees)
        case f.Direction():
            return _direction(finding, degrees)
        case f.Turning():
            return _turning(finding)
        case f.HeatOfControl():
            return _heat_of_control(finding, unit)
        case f.NoControl():
            why = "imperfections that heat cannot be told from heat flow"
            why = why if finding.of == "heat" else "imperfections of the device may look the same"
            return f"no control was run: {why}"
        case f.HeatByCycle():
            return _heat_by_cycle(finding, degrees)
        case f.FitQuality():
            return f"fit of E_{finding.subject} along the sweep: {fit_in_words(finding)}"
        case f.InvertedLabels():
            if finding.drive:
                return f"{UPSIDE_DOWN}; if the ground state was prepared as |1>, import with --ground X"
            return f"{UPSIDE_DOWN}: import inverted data with --ground 1 or --ground X"
        case f.CoherenceRatio():
            return _coherence_ratio(finding)
        case f.EnergyBalance():
            return _energy_balance(finding, degrees)
        case f.ExcitationBalance():
            return excitation_balance(finding, unit, degrees)
        case f.Information():
            return _information(finding)
        case f.Entanglement():
            return _entanglement(finding)
        case f.GoalAtReference():
            return f"at the reference: {quantity_in_words(finding.found, named=False)}"
        case f.GoalOfControl():
            return _goal_of_control(finding)
        case f.BondAtGoal():
            return said_of_bond(finding)
        case f.Preference():
            return said_of_preference(finding, degrees)
        case f.GoalBeside():
            return _goal_beside(finding)
        case f.GoalBalance():
            return _goal_balance(finding, degrees)
        case f.Negativity():
            return said_of_negativity(finding)
        case f.Disturbance():
            return said_of_disturbance(finding)
        case f.FluctuationTheorem():
            return said_of_theorem(finding)
        case f.Uncertainty():
            return said_of_uncertainty(finding)
        case f.NamesOfBaths():
            return names_of_baths(finding)
        case f.FirstLaw():
            return first_law(finding, degrees)
        case f.EntropyOfBaths():
            return entropy_of_baths(finding, degrees)
        case f.WorkOfControl():
            return work_of_control(finding, degrees)
        case f.OverCopies():
            return said_of_copies(finding)
        case _:
            typing.assert_never(finding)


def fit_in_words(fit: f.FitQuality) -> str:
    """How good a fit is."""
    kind = "frequency and damping fitted" if fit.fitted_freely else "frequency set by the coupling, no damping"
    if not fit.degrees:
        return f"{kind}: as many parameters as points, nothing is tested"
    good = "" if fit.p > 1e-3 else "; rejected: the curve or the errors are not right"
    text = f"{kind}: chi-square {fit.chi_square:.1f} for {fit.degrees} degrees of freedom (p = {fit.p:.2g}){good}"
    if fit.frequency is None or fit.damping is None:
        return text
    rate, damping = fit.frequency, fit.damping
    faded = f"damping {damping[0]:.2g} +- {damping[1]:.2g}" if damping[0] else "no damping"
    return f"{text}; fitted freely: frequency {rate[0]:.4g} +- {rate[1]:.2g}, {faded}"


# ---- findings ----


def _direction(found: f.Direction, degrees: float) -> str:
    start, difference, stderr = at_zero(found.axis), found.difference, found.stderr
    if difference is None:
        return f"no direction: nothing was measured at {start}, which heat would be counted from"
    named = f"E_{found.first} - E_{found.second}" + (" per qubit" if found.per_qubit else "")
    if found.hot is None:
        return f"no direction to reverse: {_open_direction(found, named, start)}"
    if not stderr:
        return f"{found.hot} is hotter by the nominal temperatures: {named} = {difference:.6g} gap"
    size = f"{pm(difference, stderr)} gap ({sigmas(significance(difference, stderr, degrees))})"
    return f"{found.hot} is hotter at {start}: {named} = {size}"


def _open_direction(found: f.Direction, named: str, start: str) -> str:
    """Why it is open which side is hotter."""
    difference, stderr = found.difference or 0.0, found.stderr
    size = f"{named} = {pm(difference, stderr)} gap at {start}" if stderr else f"{named} = {difference:.6g}, nominally"
    match found.why:
        case "contradicts":
            aim = f"{named} = {found.declared:.6g} gap by the temperatures that were declared"
            return f"{size}, but {aim}: qubits, labels or parameters may be mixed up"
        case "preparation":
            return f"{size}, where {found.declared or 0.0:.6g} was prepared: it misses that by more than it is itself"
        case "unseen energy":
            unseen = found.unseen or 0.0
            way = "gained" if unseen > 0 else "lost"
            return f"{size}, less than the {abs(unseen):.3g} gap that both {way} together"
        case "inverted":
            return both_inverted(start)
        case _:
            return f"{size}, below {f.DIRECTION_SIGMA:g} sigma" if stderr else size


def _turning(found: f.Turning) -> str:
    if found.turned is None:
        return "the flow did not turn within the sweep"
    turned = f"the flow turned near {found.axis} = {found.turned:.6g}"
    if found.zero_again is None:
        return f"{turned}; the net heat does not return to zero within the sweep"
    again = "turned positive" if found.becomes_positive else "is zero again"
    return f"{turned}; the net heat {again} near {found.axis} = {found.zero_again:.6g}"


def _heat_of_control(found: f.HeatOfControl, unit: str) -> str:
    here, low = found.here, found.lowest
    text = f"control arm {found.arm}: heat into {found.side} is {_heat(here, unit, found.axis)}"
    if low is None:
        return text
    return f"{text}, and {pm(low.value, low.stderr)} at its lowest, {found.axis} = {low.at:.6g}"


def _heat_by_cycle(found: f.HeatByCycle, degrees: float) -> str:
    each = [pm(heat.value, heat.stderr) for heat in found.heats]
    more = ", ..." if len(each) > MOST_CYCLES else ""
    text = f"heat out of {found.bath} by cycle: {', '.join(each[:MOST_CYCLES])}{more} gap"
    if len(each) > 1:
        one_sign = f", all of one sign, the least at {sigmas(significance(found.least_sigma, 1.0, degrees))}"
        text += one_sign if found.one_sign else ", of both signs"
    for control in found.controls:
        ends = [pm(end.value, end.stderr) for end in (control.lowest, control.highest)]
        text += f"; control arm {control.arm}: {' to '.join(dict.fromkeys(ends))}"
    return text


def _coherence_ratio(found: f.CoherenceRatio) -> str:
    ratio = pm(found.ratio, found.stderr)
    law = "dD/dt = 4 Omega Im r with D = E_A - E_B, r = e^(-i phi_V) rho_01,10"
    text = f"tomography sees {ratio} times the coherence that the motion of the energies demands ({law})"
    if found.judged == "wrong sign":
        labels = "inverted labels in every basis do that: import with --ground 1"
        cause = labels if found.inverted else "qubits A and B, the phase, or outcomes of X or Y are mixed up"
        return f"warning: {text}: the sign is wrong; {cause}"
    if found.judged == "differs":
        return f"warning: {text}: the phase, the coupling, the unit of time or the readout are not as assumed"
    return text


def _energy_balance(found: f.EnergyBalance, degrees: float) -> str:
    (a, b), worst = found.sides, found.worst
    named = f"energy balance: Q_{a} + Q_{b}"
    sigma = significance(abs(worst.value), worst.stderr, degrees)
    if sigma < 1:
        return f"{named} is zero within one standard error, {worst.stderr:.1g} gap, at every point"
    most = f"{pm(worst.value, worst.stderr)} gap at {found.axis} = {worst.at:.6g} ({sigmas(sigma)})"
    return f"{named} = {most}" + (f", the most significant of {found.points} points" if found.points > 1 else "")


def _information(found: f.Information) -> str:
    start = f"{quantity_in_words(found.start, placed=False)} at {at_zero(found.start.axis)}"
    return (
        f"{start}, its lowest"
        if found.lowest is None
        else f"{start}; lowest {quantity_in_words(found.lowest, named=False)}"
    )


def _entanglement(found: f.Entanglement) -> str:
    limit, many = found.limit, found.basis.number > 1
    sigma = f"{sigmas(found.sigma)} {trials_in_words(found.basis)}"
    if found.seen:
        return f"entangled: {quantity_in_words(found.best)}; {sigma}"
    if side(limit.low, limit.high, limit.bounds) == "below":
        where = f"at each {limit.axis if limit.axis == 'time' else 'point'}" if many else "at the one measured"
        return f"no entanglement seen: {quantity_in_words(limit, placed=False)} {where}"
    if limit.high < limit.bounds[1]:
        size = f"; {sigma}" if found.sigma >= LEAST_SAID else ""
        return f"entanglement is not shown: {quantity_in_words(found.best)}{size}"
    return "entanglement is neither shown nor excluded"


def _goal_of_control(found: f.GoalOfControl) -> str:
    beyond, short = ("below", "above") if found.below else ("above", "below")
    behind = f"{pm(found.excess, found.stderr)} {short} the main arm ({sigmas(found.sigma)})"
    beside = behind if found.sigma > 0 else f"not {short} the main arm"
    passed = beyond if found.beyond_limit else f"not {beyond}"
    return f"control arm {found.arm}: {quantity_in_words(found.found, named=False)}, {passed} the limit and {beside}"


def _goal_beside(found: f.GoalBeside) -> str:
    quantity = found.found
    if quantity.low > 0:
        said = "above 0, as it has to be"
    elif quantity.high >= 0:
        said = "0 is within its interval, and below it could not be"
    else:
        said = "below 0, which cannot be of what the protocol describes: the device does something else as well"
    return f"{quantity_in_words(quantity)}: {said}"


def _goal_balance(found: f.GoalBalance, degrees: float) -> str:
    quantity = found.found
    sigma = significance(abs(quantity.value), quantity.stderr, degrees)
    text = f"energy of all parts together: {quantity_in_words(quantity)}, which only errors bring off 0"
    if sigma > f.DIRECTION_SIGMA:
        return f"{text}: {sigmas(sigma)} from it, energy enters or leaves beside what is described"
    return f"{text}: within {f.DIRECTION_SIGMA:g} sigma of it"


# ---- their parts ----


def _heat(heat: f.ValueAt, unit: str, axis: str) -> str:
    return f"{pm(heat.value, heat.stderr)} {unit} at {axis} = {heat.at:.6g}"
