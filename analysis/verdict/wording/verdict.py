"""The sentences of the verdict: one of the claim, one of each finding beside it."""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping

from analysis.verdict import findings as f
from analysis.verdict.wording.numbers import pm, side, sigmas, worded

MOST_CYCLES = 6
"""Cycles that are told one by one."""
UPSIDE_DOWN = "warning: both qubits are more excited than not at time 0, which no temperature above 0 does"


def headline_of(claim: f.Claim, kind: str) -> str:
    """The sentence of a verdict, without the values of the other swept parameters.

    Args:
        claim: The verdict in numbers.
        kind: What it comes to, a `Kind`.
    """
    match claim:
        case f.HeatFlowed():
            return _heat_flowed(claim, kind)
        case f.NoDirection():
            return sentence(claim.direction) + _moved_all_the_same(claim)
        case f.NothingToCompare():
            missing = f"{claim.quantity} was not measured beyond {at_zero(claim.axis)}"
            return f"nothing to compare: {missing if claim.quantity else f'only {at_zero(claim.axis)} was measured'}"
        case f.GoalJudged():
            return _goal_judged(claim)
        case f.MeasuredOnly():
            return "measured: " + ", ".join(name.replace("_", " ") for name in claim.observables)
        case _:
            typing.assert_never(claim)


def over_sweeps(number: int, counted: Mapping[str, int]) -> str:
    """One sentence over several sweeps.

    Args:
        number: How many there are.
        counted: What they came to -> how many of them.

    Examples:
        >>> over_sweeps(3, {"reversed": 1, "not reversed": 2})
        '3 sweeps: 1 reversed, 2 not reversed'
    """
    return f"{number} sweeps: " + ", ".join(f"{n} {text}" for text, n in counted.items())


def sentence(finding: f.Finding) -> str:
    """A finding in one sentence."""
    match finding:
        case f.Direction():
            return _direction(finding)
        case f.Turning():
            return _turning(finding)
        case f.HeatOfControl():
            return _heat_of_control(finding)
        case f.NoControl():
            why = "imperfections that heat cannot be told from heat flow"
            why = why if finding.of == "heat" else "imperfections of the device may look the same"
            return f"no control was run: {why}"
        case f.HeatByCycle():
            return _heat_by_cycle(finding)
        case f.FitQuality():
            return f"fit of E_{finding.subject} along the sweep: {fit_in_words(finding)}"
        case f.InvertedLabels():
            if finding.drive:
                return f"{UPSIDE_DOWN}; if the ground state was prepared as |1>, import with --ground X"
            return f"{UPSIDE_DOWN}: import inverted data with --ground 1 or --ground X"
        case f.CoherenceRatio():
            return _coherence_ratio(finding)
        case f.EnergyBalance():
            return _energy_balance(finding)
        case f.Information():
            return _information(finding)
        case f.Entanglement():
            return _entanglement(finding)
        case f.GoalAtReference():
            return f"at the reference: {_quantity(finding.found, named=False)}"
        case f.GoalOfControl():
            return _goal_of_control(finding)
        case _:
            typing.assert_never(finding)


def fit_in_words(fit: f.FitQuality) -> str:
    """How good a fit is."""
    kind = "frequency and damping fitted" if fit.fitted_freely else "frequency as the coupling says, no damping"
    if not fit.degrees:
        return f"{kind}: as many parameters as points, nothing is tested"
    good = "" if fit.p > 1e-3 else "; rejected: the errors quoted are too small"
    text = f"{kind}: chi-square {fit.chi_square:.1f} for {fit.degrees} degrees of freedom (p = {fit.p:.2g}){good}"
    if fit.frequency is None or fit.damping is None:
        return text
    rate, damping = fit.frequency, fit.damping
    faded = f"damping {damping[0]:.2g} +- {damping[1]:.2g}" if damping[0] else "no damping"
    return f"{text}; fitted freely: frequency {rate[0]:.4g} +- {rate[1]:.2g}, {faded}"


def at_zero(axis: str) -> str:
    """Where on the axis the reference is.

    Examples:
        >>> at_zero("time"), at_zero("angle")
        ('time 0', 'angle = 0')
    """
    return "time 0" if axis == "time" else f"{axis} = 0"


# ---- claims ----


def _heat_flowed(claim: f.HeatFlowed, kind: str) -> str:
    axis, best, lowest = claim.basis.axis, claim.best, claim.lowest
    up, down = (_significance(sigma, claim.basis) for sigma in (claim.up_sigma, claim.down_sigma))
    hot, net, lost = f"hot {claim.hot}", pm(best.value, best.stderr), pm(-lowest.value, lowest.stderr)
    if kind == "forward first, then reversed":
        first = f"{hot} lost {lost} gap by {axis} = {lowest.at:.6g}"
        return f"{kind}: {first}; net heat +{net} gap at {axis} = {best.at:.6g} {up}"
    if kind == "reversed":
        return f"{kind}: {hot} gained {net} gap at {axis} = {best.at:.6g} {up}"
    if kind == "not reversed":
        return f"{kind}: {hot} lost {lost} gap at {axis} = {lowest.at:.6g} {down}"
    return f"{kind}: heat into {hot} is at most {net} gap {up}"


def _moved_all_the_same(claim: f.NoDirection) -> str:
    """Equal temperatures: the heat that correlations moved all the same."""
    if not claim.known:
        return ""
    if claim.most is None:
        return "; no flow was seen either"
    heat, axis = claim.most, claim.direction.axis
    return f"; all the same, {pm(heat.value, heat.stderr)} gap went into {claim.side} by {axis} = {heat.at:.6g}"


def _goal_judged(claim: f.GoalJudged) -> str:
    text = _quantity(claim.best, named=False)
    said = claim.said or "undecided: beyond the limit, but not told apart from the control"
    above = f"{sigmas(claim.sigma)} above it {_basis(claim.basis)}"
    return f"{said}: {claim.quantity} {'' if text[0] in '<>' else '= '}{text}, limit {claim.limit:.6g} ({above})"


# ---- findings ----


def _direction(found: f.Direction) -> str:
    start, difference, stderr = at_zero(found.axis), found.difference, found.stderr
    if difference is None:
        return f"no direction: nothing was measured at {start}, which heat would be counted from"
    named = f"E_{found.first} - E_{found.second}" + (" per qubit" if found.per_qubit else "")
    if found.hot is None:
        seen = f"{pm(difference, stderr)} gap at {start}, below {f.DIRECTION_SIGMA:g} sigma"
        return f"no direction to reverse: {named} = {seen if stderr else '0, nominally'}"
    if not stderr:
        return f"{found.hot} is hotter by the nominal temperatures: {named} = {difference:.6g} gap"
    size = f"{pm(difference, stderr)} gap ({sigmas(difference / stderr)})"
    return f"{found.hot} is hotter at {start}: {named} = {size}"


def _turning(found: f.Turning) -> str:
    if found.turned is None:
        return "the flow did not turn within the sweep"
    turned = f"the flow turned near {found.axis} = {found.turned:.6g}"
    if found.zero_again is None:
        return f"{turned}; the net heat does not return to zero within the sweep"
    again = "turned positive" if found.becomes_positive else "is zero again"
    return f"{turned}; the net heat {again} near {found.axis} = {found.zero_again:.6g}"


def _heat_of_control(found: f.HeatOfControl) -> str:
    here, low = found.here, found.lowest
    text = f"control {found.arm}: heat into {found.side} is {_heat(here, found.axis)}"
    if low is None:
        return text
    return f"{text}, and {pm(low.value, low.stderr)} at its lowest, {found.axis} = {low.at:.6g}"


def _heat_by_cycle(found: f.HeatByCycle) -> str:
    each = [pm(heat.value, heat.stderr) for heat in found.heats]
    more = ", ..." if len(each) > MOST_CYCLES else ""
    text = f"heat out of {found.bath} by cycle: {', '.join(each[:MOST_CYCLES])}{more} gap"
    if len(each) > 1:
        one_sign = f", all of one sign, the least at {sigmas(found.least_sigma)}"
        text += one_sign if found.one_sign else ", of both signs"
    for control in found.controls:
        ends = [pm(end.value, end.stderr) for end in (control.lowest, control.highest)]
        text += f"; control {control.arm}: {' to '.join(dict.fromkeys(ends))}"
    return text


def _coherence_ratio(found: f.CoherenceRatio) -> str:
    ratio = pm(found.ratio, found.stderr)
    text = f"tomography sees {ratio} times the coherence that the motion of the energies demands (dD/dt = 4 Omega Im r)"
    if found.judged == "wrong sign":
        labels = "inverted labels in every basis do that: import with --ground 1"
        cause = labels if found.inverted else "qubits A and B, the phase, or outcomes of X or Y are mixed up"
        return f"warning: {text}: the sign is wrong; {cause}"
    if found.judged == "differs":
        return f"warning: {text}: the phase, the coupling or the readout are not as assumed"
    return text


def _energy_balance(found: f.EnergyBalance) -> str:
    a, b = found.sides
    digits = max(0, 1 - math.floor(math.log10(found.least_stderr)))
    mean = round(found.mean, digits) + 0.0  # no negative zero
    worst = f"{pm(found.worst.value, found.worst.stderr)} at {found.axis} = {found.worst.at:.6g}"
    return f"energy balance: Q_{a} + Q_{b} is {mean:.{digits}f} gap on average, most significant {worst}"


def _information(found: f.Information) -> str:
    start = f"{_quantity(found.start, placed=False)} at {at_zero(found.start.axis)}"
    return f"{start}, its lowest" if found.lowest is None else f"{start}; lowest {_quantity(found.lowest, named=False)}"


def _entanglement(found: f.Entanglement) -> str:
    seen, limit = _significance(found.sigma, found.basis), found.limit
    if found.seen:
        return f"entangled: {_quantity(found.best)} {seen}"
    most = f"{limit.observable} {limit.subject} < {limit.high:.2g} at 95 % at every point"
    if side(limit.low, limit.high, limit.bounds) == "below":
        most = f"{_quantity(limit, placed=False)} at every point"
    return f"no entanglement seen: {most} {seen}"


def _goal_of_control(found: f.GoalOfControl) -> str:
    below = f"{pm(found.excess, found.stderr)} below the main arm ({sigmas(found.sigma)})"
    beside = below if found.sigma > 0 else "not below the main arm"
    passed = "above" if found.above_limit else "not above"
    return f"control {found.arm}: {_quantity(found.found, named=False)}, {passed} the limit and {beside}"


# ---- their parts ----


def _heat(heat: f.ValueAt, axis: str) -> str:
    return f"{pm(heat.value, heat.stderr)} gap at {axis} = {heat.at:.6g}"


def _significance(sigma: float, basis: f.Basis) -> str:
    return f"({sigmas(sigma)} {_basis(basis)})"


def _basis(basis: f.Basis) -> str:
    if basis.kind == "fit":
        return f"from a fit of {basis.number} times"
    if basis.number > 1:
        return f"after a trial factor of {basis.number}"
    return f"at the one {basis.axis if basis.axis == 'time' else 'point'} measured"


def _quantity(found: f.Quantity, *, named: bool = True, placed: bool = True) -> str:
    name = f"{found.observable.replace('_', ' ')} {found.subject}" if named else ""
    text = worded(name, found.value, found.stderr, found.low, found.high, found.unit, found.bounds)
    return f"{text} at {found.axis} = {found.at:.6g}" if placed else text
