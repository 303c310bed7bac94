"""Sentences of two qubits of unequal gaps: which is hotter, and what both gained together."""

from __future__ import annotations

import math

from analysis.verdict import findings as f
from analysis.verdict.wording.numbers import pm, sigmas, significance

UPRIGHT = "if labels are inverted, import with --ground 1"


def by_temperature(found: f.DirectionByTemperature, unit: str, degrees: float = math.inf) -> str:
    """Which is hotter, by temperature.

    Args:
        found: In numbers.
        unit: Of energies.
        degrees: Of freedom of errors that are Student's t.
    """
    start, size, stderr = at_zero(found.axis), found.difference or 0.0, found.stderr
    both = _temperatures(found, unit)
    if found.hot is not None:
        excited = found.excited
        less = significance(-excited.value, excited.stderr, degrees) > f.DIRECTION_SIGMA
        although = f", although {found.first} is the less excited one" if less else ""
        far = f" ({sigmas(significance(size, stderr, degrees))} apart)" if stderr else ""
        return f"{found.hot} is hotter at {start}: {both}{far}{although}{_why_beta(found)}"
    return f"no direction to reverse: {_open(found, both, start, degrees)}"


def _open(found: f.DirectionByTemperature, both: str, start: str, degrees: float) -> str:
    """Why it is open which qubit is hotter."""
    size, stderr = found.difference or 0.0, found.stderr
    if found.why == "inverted":
        return both_inverted(start)
    if found.why == "unseen energy":
        unseen = found.unseen or 0.0
        way = "gained" if unseen > 0 else "lost"
        return (
            f"{both} at {start}: {pm(size, stderr)} excitations from equally hot, less than the {abs(unseen):.3g} that "
            f"both {way} together"
        )
    far = f"{sigmas(significance(size, stderr, degrees))} apart" if stderr else "not apart"
    return f"{both} at {start}, {far}"


def _temperatures(found: f.DirectionByTemperature, unit: str) -> str:
    """Both temperatures; both inverse ones where one may be infinite or negative."""
    named = list(zip((found.first, found.second), found.betas, strict=True))
    if all(beta.value > f.DIRECTION_SIGMA * beta.stderr for _, beta in named):
        each = [f"T_{qubit} = {pm(1 / beta.value, beta.stderr / beta.value**2)}" for qubit, beta in named]
        return f"{', '.join(each)} {unit}/k_B"
    each = [f"beta_{qubit} = {pm(beta.value, beta.stderr)}" for qubit, beta in named]
    return f"{', '.join(each)} 1/{unit}"


def _why_beta(found: f.DirectionByTemperature) -> str:
    """What is said of a hot qubit that is inverted beyond errors."""
    beta = found.betas[0]
    inverted = beta.value < -f.DIRECTION_SIGMA * beta.stderr
    return "; it is inverted, which is hotter than any temperature above 0" if inverted else ""


def both_inverted(start: str) -> str:
    """Why no direction is said of two qubits that are both inverted."""
    return f"both are more excited than not at {start}, which no temperature above 0 does; {UPRIGHT}"


def beside_work(claim: f.HeatBetweenGaps, kind: str, unit: str) -> str:
    """Whether work can explain heat that went from the cold side into the hot one; empty where none did.

    Args:
        claim: The verdict in numbers.
        kind: What it comes to, a `Kind`.
        unit: Of energies.
    """
    if kind not in ("pumped", "undecided", "reversed", "forward first, then reversed") or claim.control is not None:
        return ""
    a, b, apart, work = claim.hot, claim.cold, claim.excited, claim.work
    excited = f"p_{a} - p_{b} = {pm(apart.value, apart.stderr)} at {at_zero(claim.basis.axis)}"
    gained = f"Q_{a} + Q_{b} = {pm(work.value, work.stderr)} {unit}"
    if kind == "pumped":
        way = "work between unequal gaps takes excitations that way, as in a refrigerator"
        return f"; {a} was the less excited one, {excited}, and {way}: {gained}"
    if kind == "undecided" and apart.value > f.DIRECTION_SIGMA * apart.stderr:
        return f"; {excited} is less than the excitations that both gained or lost together"
    if kind == "undecided":
        return f"; work between unequal gaps can do that unless {a} was the more excited one as well, but {excited}"
    way = "no work takes excitations that way between uncorrelated thermal qubits"
    return f"; {a} was the more excited one as well, {excited}, and {way}"


def excitation_balance(found: f.ExcitationBalance, unit: str, degrees: float = math.inf) -> str:
    """What both gained together: excitations, and the energy that is work where these are kept.

    Args:
        found: In numbers.
        unit: Of energies.
        degrees: Of freedom of errors that are Student's t.
    """
    a, b = found.sides
    changed, done = (significance(abs(one.value), one.stderr, degrees) for one in (found.excitations, found.work))
    number = _largest(found.excitations, "", found, changed)
    work = _largest(found.work, f" {unit}", found, done)
    kept = changed <= f.DIRECTION_SIGMA
    text = (
        f"excitations: p_{a} + p_{b} changed by {number}"
        if changed >= 1
        else (f"excitations: p_{a} + p_{b} is kept within one standard error, {found.excitations.stderr:.1g}")
    )
    text += f"; energy: Q_{a} + Q_{b} = {work}"
    if done <= f.DIRECTION_SIGMA:
        return text
    if kept:
        way = "on" if found.work.value > 0 else "by"
        return f"{text}, which is work done {way} the pair if they exchanged excitations and nothing else"
    return f"{text}, which is not work alone: excitations are created or lost beside the exchange"


def _largest(one: f.ValueAt, unit: str, found: f.ExcitationBalance, sigma: float) -> str:
    size = f" ({sigmas(sigma)})" if one.stderr > 0 else ""
    return f"{pm(one.value, one.stderr)}{unit} at {found.axis} = {one.at:.6g}{size}"


def at_zero(axis: str) -> str:
    """Where on the axis the reference is.

    Examples:
        >>> at_zero("time"), at_zero("angle")
        ('time 0', 'angle = 0')
    """
    return "time 0" if axis == "time" else f"{axis} = 0"
