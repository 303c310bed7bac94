"""Sentences of a machine between two baths: what it is, and both laws."""

from __future__ import annotations

import math

from analysis.verdict import findings as f
from analysis.verdict.wording.numbers import pm, sigmas, significance, worded

REFUSED = {
    "no machine": "no machine has these signs in a closed cycle",
    "equal baths": "neither bath is the colder one, and without a colder one only a heater has a name",
    "second law": "the entropy of the baths falls beyond its errors, which no cycle does between these temperatures",
    "control": "not told apart from the work of the control",
}
BATHS = {
    1: ("hot bath", "cold bath"),
    -1: ("hotter bath (called cold)", "colder bath (called hot)"),
    0: ("bath called hot", "bath called cold"),
}
"""How both are named, by which of them is the hotter one."""
SHORT = {"efficiency": "efficiency", "coefficient_of_performance": "coefficient of performance"}


def machine_judged(claim: f.MachineJudged, degrees: float = math.inf) -> str:
    """The headline: the regime with heats, work and efficiency, or why none is named.

    Args:
        claim: The verdict in numbers.
        degrees: Of freedom of errors that are Student's t.
    """
    where = f" in cycle {claim.cycle}" if claim.told else ""
    hot, cold = BATHS[claim.hotter]
    drawn = f"{_flow(claim.hot, hot, degrees)}, {_flow(claim.cold, cold, degrees)}"
    flows = f"{drawn}, {_work(claim.work, degrees)}"
    if not claim.why:
        return f"{claim.regime}{where}: {flows}{_ratio(claim)}; least certain of the signs at {_least(claim)}"
    if claim.why == "signs":
        return f"no regime at this significance{where}: {flows}; {_open_signs(claim, degrees)}"
    if claim.why == "not balanced":
        sides = " and ".join(pm(one.value, one.stderr) for one in claim.by_side)
        return (
            f"not balanced{where}: {flows}; by what left the hot side and by what reached the cold one the work is "
            f"{sides} gap, which is no swap of excitations alone"
        )
    if claim.why == "control":
        return f"undecided{where}: the signs are those of {_article(claim.regime)}, {flows}; {REFUSED['control']}"
    return f"no regime{where}: {flows}; {REFUSED[claim.why]}"


def _article(regime: str) -> str:
    return f"an {regime}" if regime[0] in "ae" else f"a {regime}"


def _flow(heat: f.ValueAt, bath: str, degrees: float) -> str:
    """Energy drawn from a bath, or given to it."""
    way = "drawn from" if heat.value >= 0 else "given to"
    return f"{_sized(heat, degrees)} {way} the {bath}"


def _work(work: f.ValueAt, degrees: float) -> str:
    return f"work {_sized(work, degrees)} {'extracted' if work.value >= 0 else 'put in'}"


def _sized(one: f.ValueAt, degrees: float) -> str:
    """The modulus with its error and its significance."""
    size = f" ({sigmas(significance(abs(one.value), one.stderr, degrees))})" if one.stderr > 0 else ""
    return f"{pm(abs(one.value), one.stderr)} gap{size}"


def _ratio(claim: f.MachineJudged) -> str:
    """Efficiency or coefficient of performance with its interval, beside Carnot's."""
    ratio = claim.ratio
    if ratio is None:
        return ""
    name = SHORT[ratio.observable]
    if math.isfinite(ratio.low) and math.isfinite(ratio.high) and ratio.low <= ratio.high:
        said = f"{name} {ratio.value:.3g} ({ratio.low:.3g} .. {ratio.high:.3g} at 95 %)"
    else:
        said = worded(name, ratio.value, ratio.stderr, ratio.low, ratio.high, "1", ratio.bounds)
    return f"; {said}" + ("" if claim.carnot is None else f", Carnot {claim.carnot:.4g}")


def _least(claim: f.MachineJudged) -> str:
    """The significance of the regime: work counts by either side alone."""
    factor = f" after a trial factor of {claim.sweeps} sweeps" if claim.sweeps > 1 else ""
    return sigmas(claim.sigma) + factor


def _open_signs(claim: f.MachineJudged, degrees: float) -> str:
    """Which signs are not carried."""
    hot, cold = BATHS[claim.hotter]
    left, reached = claim.by_side
    named = {
        f"of the heat of the {hot}": claim.hot,
        f"of the heat of the {cold}": claim.cold,
        "of the work by the hot side alone": left,
        "of the work by the cold side alone": reached,
    }
    least = f.DIRECTION_SIGMA
    open_ = [
        f"{name} ({sigmas(significance(abs(one.value), one.stderr, degrees))})" if one.stderr > 0 else name
        for name, one in named.items()
        if not significance(abs(one.value), one.stderr, degrees) > least
    ]
    if not open_:  # carried one by one, but of both signs, or not after the trial factor
        return _after_trials(claim)
    which = " and ".join(open_) if len(open_) < 3 else f"{', '.join(open_[:-1])} and {open_[-1]}"
    return f"the sign {which} is not beyond {least:g} sigma"


def _after_trials(claim: f.MachineJudged) -> str:
    first, second = claim.by_side
    if first.value * second.value < 0:
        return "both sides alone give work of opposite signs"
    return f"{sigmas(claim.sigma)} after a trial factor of {claim.sweeps} sweeps"


def names_of_baths(found: f.NamesOfBaths) -> str:
    """Which bath is the hotter one, where their names do not say it.

    Args:
        found: In numbers.
    """
    (T_h, T_c), (hot, cold) = found.parameters, found.temperatures
    if hot == cold:
        return f"neither bath is the colder one: {T_h} = {T_c} = {hot:.6g}; hot and cold are names only"
    told = f"the bath called hot is the colder one: {T_h} = {hot:.6g}, {T_c} = {cold:.6g}"
    return f"{told}; the regime goes by the temperatures, Q_h and Q_c and the sides below by the names"


def first_law(found: f.FirstLaw, degrees: float = math.inf) -> str:
    """Whether energy is accounted for.

    Args:
        found: In numbers.
        degrees: Of freedom of errors that are Student's t.
    """
    residual = found.residual
    sigma = significance(abs(residual.value), residual.stderr, degrees)
    size = f" ({sigmas(sigma)})" if residual.stderr > 0 else ""
    sides = " and ".join(pm(one.value, one.stderr) for one in found.by_side)
    text = f"first law: Q_h + Q_c - W - dE = {pm(residual.value, residual.stderr)} gap{size}"
    return f"{text}; work {sides} gap by what left the hot side and by what reached the cold one"


def entropy_of_baths(found: f.EntropyOfBaths, degrees: float = math.inf) -> str:
    """Whether the baths' entropy grew.

    Args:
        found: In numbers.
        degrees: Of freedom of errors that are Student's t.
    """
    produced, change = found.production, found.change
    falls = produced.value < 0 and significance(-produced.value, produced.stderr, degrees) > f.DIRECTION_SIGMA
    text = f"second law: -Q_h/T_h - Q_c/T_c = {pm(produced.value, produced.stderr)} nat"
    text += ", which falls beyond its errors" if falls else ""
    if change is None:
        return text
    still = not significance(abs(change.value), change.stderr, degrees) > f.DIRECTION_SIGMA
    inside = f"the machine's own energy changed by {pm(change.value, change.stderr)} gap over the cycle"
    return f"{text}; {inside}" + ("" if still else ", so that the cycle is not closed")


def work_of_control(found: f.WorkOfControl, degrees: float = math.inf) -> str:
    """Work of a control arm.

    Args:
        found: In numbers.
        degrees: Of freedom of errors that are Student's t.
    """
    text = f"control arm {found.arm}: {_work(found.work, degrees)}"
    if found.residual is None:
        return text
    return f"{text}; Q_h + Q_c - W - dE = {pm(found.residual.value, found.residual.stderr)} gap there"
