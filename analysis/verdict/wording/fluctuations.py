"""Sentences about the statistics of heat."""

from __future__ import annotations

from analysis.verdict.findings import Disturbance, FluctuationTheorem, Negativity, Place, Uncertainty
from analysis.verdict.wording.numbers import pm, sigmas

NAMED = {
    "jarzynski-wojcik": "of two readings, <e^-sigma>",
    "classical-correlation": "of two readings with the classical correlation, <e^-(sigma + I)>",
    "quantum": "with the quantum correlation, <e^-(sigma + I)>",
}
READ = {
    "ancilla": ("the ancilla's first reading", "errors of its gates do that"),
    "measured": ("the first measurement of A", "relaxation during a measurement and leakage do that"),
}
NOT_ONE = {
    "jarzynski-wojcik": "the populations are not thermal",
    "classical-correlation": "levels that are never prepared are missing",
    "quantum": "the pair has not full rank",
}


def said_of_negativity(found: Negativity) -> str:
    """Whether a quasiprobability is negative, and with it the semiclassical bound broken."""
    place = found.lowest
    if not place.seen:
        lowest = f"Re q({found.move}) = {_value(place)} is the lowest"
        return f"no negative quasiprobability of heat is shown, nor heat beyond the semiclassical bound: {lowest}"
    beyond = f"heat into {found.side} is {pm(-2 * place.value, 2 * place.stderr)} gap beyond the semiclassical bound"
    said = f"quasiprobability of heat is negative: Re q({found.move}) = {_value(place)}, {_sigma(place)}"
    return f"{said}; {beyond}, which no two readings in a row exceed"


def said_of_disturbance(found: Disturbance) -> str:
    """Whether a first reading does more to the energies than two readings have to."""
    place, (what, cause) = found.farthest, READ[found.reading]
    value = f"{pm(place.value, place.stderr)} gap at {place.axis} = {place.at:.6g}"
    off = f"energy of {found.qubit} after it is off that of a pair dephased without it by {value}"
    if not place.seen:
        return f"{what} is not shown to do more than take the coherence: at most {off}"
    return f"{what} does more than take the coherence: {off}, {_sigma(place)}; {cause}"


def said_of_theorem(found: FluctuationTheorem) -> str:
    """Whether an average is what theory says, and what takes it from there."""
    place, named = found.farthest, NAMED[found.scheme]
    if found.one:
        head = f"fluctuation theorem {named} = 1, {'does not hold' if place.seen else 'holds within errors'}"
        return f"{head}: {_value(place)}, {_sigma(place)}{_cause(found)}"
    head = f"fluctuation average {named}, need not be 1, for {NOT_ONE[found.scheme]}"
    agrees = "differs from" if place.seen else "agrees with"
    ideal = f"the {found.ideal:.6g} of an exchange without noise"
    return f"{head}: {_value(place)} {agrees} {ideal}, {_sigma(place)}{_cause(found)}"


def _cause(found: FluctuationTheorem) -> str:
    """What would do that, where it is more than errors."""
    place = found.farthest
    if not place.seen:
        return ""
    if place.value > found.ideal:
        lifts = "; relaxation (T1) lifts it, towards |00>, the level of most thermal weight"
        return lifts if found.relaxation_lifts else ""
    if not found.relaxation_lifts or (found.scheme == "jarzynski-wojcik" and not found.one):
        return ""
    if found.one:
        return "; neither relaxation nor depolarisation lowers it"
    return "; gates that depolarise lower it, for they fill levels that the pair did not have"


def said_of_uncertainty(found: Uncertainty) -> str:
    """Whether the heat is steadier than without correlation."""
    place, bound = found.ratio, pm(found.bound, found.bound_stderr)
    needed = f"the {bound} that an exchange without correlation needs"
    if not place.seen:
        return f"uncertainty Var(q)/Q^2 is nowhere shown to be below {needed}: {_value(place)}"
    return f"uncertainty Var(q)/Q^2 = {_value(place)} is below {needed}, {_sigma(place)}: the correlation pays for it"


def _value(place: Place) -> str:
    return f"{pm(place.value, place.stderr)} at {place.axis} = {place.at:.6g}"


def _sigma(place: Place) -> str:
    return f"{sigmas(place.sigma)} after a trial factor of {place.trials}"
