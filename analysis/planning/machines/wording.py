"""The plan of a machine in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.planning.machines.naming import Naming
from analysis.planning.machines.tuning import Tuning


def naming_in_words(found: Naming) -> str:
    """How often a regime is named, and what it takes.

    Args:
        found: Of one sweep.

    Examples:
        >>> print(naming_in_words(Naming(where={}, regime="heater", power={3.0: 0.9, 5.0: 0.4}, shots={3.0: 900,
        ...     5.0: None})))
        heater is named in 90 % of runs at 3 sigma, in 40 % at 5 sigma; in 90 % with 900 shots for 3 sigma, never for 5
    """
    place = ", ".join(f"{name} = {value:.6g}" for name, value in found.where.items())
    place = f"{place}: " if place else ""
    if not found.regime:
        return f"{place}no regime: heats or work are zero, or no machine between these baths has their signs"
    (low, often), (high, seldom) = found.power.items()
    named = f"named in {100 * often:.0f} % of runs at {low:g} sigma, in {100 * seldom:.0f} % at {high:g} sigma"
    few, many = ("never" if n is None else f"with {n} shots" for n in found.shots.values())
    return f"{place}{found.regime} is {named}; in 90 % {few} for {low:g} sigma, {many} for {high:g}"


def tuning_in_words(found: Sequence[Tuning]) -> Iterator[str]:
    """Where one cycle gives most, one sentence a parameter.

    Args:
        found: Of one sweep.
    """
    for one in found:
        what = "work" if one.quantity == "work" else "heat drawn from the colder bath"
        names = " and ".join(one.best)
        if one.most <= one.given * (1 + 1e-4):
            yield f"{what} of a cycle: {one.given:.6g} gap, the most that {names} can give"
            continue
        best = ", ".join(f"{name} = {value:.4g}" for name, value in one.best.items())
        yield f"{what} of a cycle: {one.given:.6g} gap as asked, most {one.most:.6g} gap at {best}"
