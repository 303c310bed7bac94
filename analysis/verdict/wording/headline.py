"""The sentence of the claim of a verdict."""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping

from analysis.verdict import findings as f
from analysis.verdict.wording.machine import machine_judged
from analysis.verdict.wording.numbers import LEAST_SAID, pm, quantity_in_words, sigmas, significance, trials_in_words
from analysis.verdict.wording.unequal_gaps import at_zero, beside_work
from analysis.verdict.wording.verdict import sentence
from protocols.units import GAP


def headline_of(claim: f.Claim, kind: str, unit: str = GAP, degrees: float = math.inf) -> str:
    """The sentence of a verdict, without the values of the other swept parameters.

    Args:
        claim: The verdict in numbers.
        kind: What it comes to, a `Kind`.
        unit: Of energies; not the gap where gaps are unequal.
        degrees: Of freedom of errors that are Student's t.
    """
    match claim:
        case f.HeatBetweenGaps():
            return _heat_flowed(claim, kind, unit, degrees) + beside_work(claim, kind, unit)
        case f.HeatFlowed():
            return _heat_flowed(claim, kind, unit, degrees)
        case f.NoExchange():
            return _no_exchange(claim, kind, unit)
        case f.NoDirection():
            return sentence(claim.direction, unit, degrees) + _moved_all_the_same(claim, unit)
        case f.NothingToCompare():
            missing = claim.why or f"{claim.quantity} was not measured beyond {at_zero(claim.axis)}"
            return f"nothing to compare: {missing if claim.quantity else f'only {at_zero(claim.axis)} was measured'}"
        case f.GoalJudged():
            return _goal_judged(claim)
        case f.MachineJudged():
            return machine_judged(claim, degrees)
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


def _heat_flowed(claim: f.HeatFlowed, kind: str, unit: str, degrees: float) -> str:
    axis, here = claim.basis.axis, claim.here
    if kind == "no flow seen":
        heat = here.hot
        most = f"{pm(heat.value, heat.stderr)} {unit} at {axis} = {heat.at:.6g}"
        return f"{kind}: heat into hot {claim.hot} is nowhere beyond {f.DIRECTION_SIGMA:g} sigma; largest {most}"
    gained = kind != "not reversed"
    hot = _moved(here.hot, gained, f"hot {claim.hot}", unit, degrees, axis)
    both = f"{hot}, {_moved(here.cold, not gained, f'cold {claim.cold}', unit, degrees)}"
    text = f"{both}; {_searched(claim, gained)}" if _searched(claim, gained) else both
    if claim.control is not None:
        control = claim.control
        alike = f"in control arm {control.arm} {claim.hot} gained "
        alike += f"{pm(control.here.value, control.here.stderr)} {unit} there"
        return f"undecided: not told apart from the control: {text}; {alike}"
    if claim.before is None:
        return f"{kind}: {text}"
    first = claim.before.hot
    lost = f"{pm(-first.value, first.stderr)} {unit} by {axis} = {first.at:.6g}"
    return f"{kind}: hot {claim.hot} lost {lost}; then {text}"


def _moved(heat: f.ValueAt, gained: bool, side: str, unit: str, degrees: float, axis: str = "") -> str:
    """What a side gained or lost, with its value over its error."""
    value = heat.value if gained else -heat.value
    place = f" at {axis} = {heat.at:.6g}" if axis else ""
    size = f" ({sigmas(significance(value, heat.stderr, degrees))})" if heat.stderr > 0 else ""
    return f"{side} {'gained' if gained else 'lost'} {pm(value, heat.stderr)} {unit}{place}{size}"


def _searched(claim: f.HeatFlowed, gained: bool) -> str:
    """What the whole sweep says, in words of its own: it is not a value over its error."""
    basis = claim.basis
    sweeps = f" after a trial factor of {basis.sweeps} sweeps" if basis.sweeps > 1 else ""
    if basis.kind == "fit":
        never = "heats" if gained else "cools"
        excluded = f"an oscillation that never {never} {claim.hot} is excluded at {sigmas(claim.hot_sigma)}"
        return f"{excluded}{sweeps} (fit of {basis.number} {_places(basis)})"
    trials = basis.number * basis.sweeps
    if trials == 1:
        return ""
    corrected = f"{sigmas(claim.sigma)} after a trial factor of {trials}"
    return f"the best of {basis.number} {_places(basis)}, {corrected}" if basis.number > 1 else corrected


def _places(basis: f.Basis) -> str:
    return "times" if basis.axis == "time" else "points"


def _no_exchange(claim: f.NoExchange, kind: str, unit: str) -> str:
    """Energies that no exchange changes so, and by how much."""
    hot, cold, axis = claim.here.hot, claim.here.cold, claim.basis.axis
    values = [f"{side} {pm(abs(one.value), one.stderr)}" for side, one in ((claim.first, hot), (claim.second, cold))]
    what = "qubits" if claim.qubits else "sides"
    if kind in ("both gained", "both lost"):
        verb = kind.removeprefix("both ")
        said = f"both {what} {verb} energy ({', '.join(values)} {unit} at {axis} = {hot.at:.6g})"
        return f"{said}: this is no exchange between the two"
    first = _change_of_energy(claim.first, hot)
    second = f"{claim.second} {pm(cold.value, cold.stderr)}"
    both = f"{first}, {second} {unit} at {axis} = {hot.at:.6g}"
    if kind == "not resolved":
        other = "loss" if hot.value > 0 else "gain"
        return f"not resolved: energy changed by {both}; a {other} of {claim.second} is not seen beyond its errors"
    broken = ""
    if claim.balance is not None:
        size = pm(claim.balance.value, claim.balance.stderr)
        broken = f"Q_{claim.first} + Q_{claim.second} = {size} gap"
        if unit != GAP:  # energies of unequal gaps need not balance
            broken = f"p_{claim.first} + p_{claim.second} changed by {size}"
    if claim.number is not None:
        number = f"p01 + p10 changed by {pm(claim.number.value, claim.number.stderr)}"
        broken = f"{broken}, {number}" if broken else number
    return f"not balanced: energy changed by {both}; {broken}: this is no exchange between the two alone"


def _change_of_energy(side: str, heat: f.ValueAt) -> str:
    return f"{side} {pm(heat.value, heat.stderr)}"


def _moved_all_the_same(claim: f.NoDirection, unit: str) -> str:
    """Equal temperatures: the heat that correlations moved all the same."""
    if not claim.known:
        return ""
    if claim.most is None:
        return "; no heat was seen to go from one to the other"
    heat, axis = claim.most, claim.direction.axis
    return f"; all the same, {pm(heat.value, heat.stderr)} {unit} went into {claim.side} by {axis} = {heat.at:.6g}"


def _goal_judged(claim: f.GoalJudged) -> str:
    text = quantity_in_words(claim.best, named=False)
    said = claim.said or "undecided: beyond the limit, but not told apart from the control"
    beyond = "below" if claim.below else "above"
    if claim.sigma >= LEAST_SAID:
        passed = f"{sigmas(claim.sigma)} {beyond} it {trials_in_words(claim.basis)}"
    else:
        passed = f"not {beyond} it"
    headline = f"{said}: {claim.quantity} {'' if text[0] in '<>' else '= '}{text}, limit {claim.limit:.6g} ({passed})"
    return headline + "".join(_beyond_as_well(one) for one in claim.controls)


def _beyond_as_well(found: f.GoalOfControl) -> str:
    """What a control that is beyond the limit leaves of a goal."""
    beyond = "below" if found.below else "above"
    more = f"{pm(found.excess, found.stderr)} further" if found.sigma > 0 else "no further"
    size = f" ({sigmas(found.sigma)})" if found.sigma >= LEAST_SAID else ""
    return f"; control arm {found.arm} is {beyond} the limit without it, and the main arm is {more}{size}"
